"""Complaints, social listening, representativeness and targets against SciPy and counting by hand."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cxassess import kpi
from tests.kpi.conftest import Native

CAUSES = st.lists(st.sampled_from(["late", "broken", "bill", "tone", None]), min_size=1, max_size=60)


@given(CAUSES, st.integers(1, 100))
def test_causes_are_ranked_with_their_running_total(causes: list[str | None], vital: int) -> None:
    found = kpi.complaint_causes(pd.DataFrame({"cause": pd.Series(causes, dtype=object)}), vital=vital)
    known = Counter(cause for cause in causes if cause is not None)
    wanted = sorted(known.items(), key=lambda item: (-item[1], item[0]))
    if None in causes:
        wanted.append((None, causes.count(None)))
    table = found.table
    assert [
        (None if pd.isna(c) else c, n) for c, n in zip(table["cause"], table["complaints"], strict=True)
    ] == wanted
    assert table["cumulative_share"].iloc[-1] == pytest.approx(100)
    assert table["share"].tolist() == pytest.approx([100 * n / len(causes) for _, n in wanted])
    few = table[table["vital"]]
    named = 100 * sum(known.values()) / len(causes)
    if named >= vital:
        assert few["share"].sum() >= vital - 1e-9
        assert few["share"].sum() - few["share"].iloc[-1] < vital


def test_frequent_is_not_grave() -> None:
    post = pd.DataFrame({"cause": ["late"] * 40 + ["heat"] * 2, "cost": [1] * 40 + [500] * 2})
    table = kpi.complaint_causes(post, weight="cost").table.set_index("cause")
    assert table.loc["late", "share"] > 95
    assert table.loc["heat", "weight_share"] > 95
    with pytest.raises(kpi.KpiError, match="negative"):
        kpi.complaint_causes(post.assign(cost=-1), weight="cost")


def test_a_complaint_filed_twice_counts_once() -> None:
    post = pd.DataFrame({"cause": ["late", "late", "late", None], "id": ["a", "a", "b", None]})
    found = kpi.complaint_causes(post, complaint="id")
    assert (found.table["complaints"].tolist(), found.n, found.missing) == ([2], 2, 1)


def test_no_complaints_is_an_error_that_says_so() -> None:
    with pytest.raises(kpi.KpiError, match="no rows"):
        kpi.complaint_causes(pd.DataFrame({"cause": []}))


@given(
    st.dictionaries(st.sampled_from("abcde"), st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1),
    st.integers(1, 50), st.integers(1, 50),
)  # fmt: skip
def test_rising_causes_are_an_exact_test_each(
    counts: dict[str, tuple[int, int]], days: int, later: int
) -> None:
    counts = {cause: both for cause, both in counts.items() if sum(both)}
    if not counts:
        return
    start = pd.Timestamp("2024-03-01")
    split, until = start + pd.Timedelta(days=days), start + pd.Timedelta(days=days + later)
    rows = [(cause, start) for cause, (a, _) in counts.items() for _ in range(a)]
    rows += [(cause, split) for cause, (_, b) in counts.items() for _ in range(b)]
    frame = pd.DataFrame(rows, columns=["cause", "time"])
    table = kpi.rising_causes(frame, since=start, split=split, until=until).table.set_index("cause")
    p = {
        cause: stats.binomtest(b, a + b, later / (days + later), alternative="greater").pvalue
        for cause, (a, b) in counts.items()
    }
    ranked, highest = sorted(p, key=lambda cause: p[cause]), 0.0
    for position, cause in enumerate(ranked):
        highest = max(highest, min((len(p) - position) * p[cause], 1.0))
        assert table.loc[cause, "p"] == pytest.approx(highest, abs=1e-12)
        assert bool(table.loc[cause, "rising"]) == (table.loc[cause, "p"] <= 0.05)
        a, b = counts[cause]
        share = stats.binomtest(b, a + b).proportion_ci(method="exact")
        if share.high < 1:
            assert table.loc[cause, "high"] == pytest.approx(share.high / (1 - share.high) * days / later)
        assert table.loc[cause, "low"] == pytest.approx(share.low / (1 - share.low) * days / later, abs=1e-9)


@pytest.fixture(scope="module")
def posts() -> pd.DataFrame:
    """Two months of posts; a burst on 10 February; nothing collected from 20 to 22 January."""
    random = np.random.default_rng(8)
    days = pd.date_range("2024-01-01", "2024-02-29")
    per_day = random.poisson(6, len(days))
    per_day[40] = 40
    per_day[19:22] = 0
    time = days.repeat(per_day) + pd.to_timedelta(random.integers(0, 86_399, per_day.sum()), unit="s")
    tone = random.choice(["positive", "neutral", "negative", None], time.size, p=[0.4, 0.3, 0.2, 0.1])
    wait = pd.to_timedelta(random.exponential(5, time.size) * 3600, unit="s").floor("s")
    return pd.DataFrame({
        "time": time, "tone": tone, "replied": (time + wait).where(random.random(time.size) < 0.7),
        "author": random.choice([f"p{i}" for i in range(90)], time.size),
    })  # fmt: skip


OPTIONS: dict[str, Any] = {"since": "2024-01-01", "until": "2024-03-01"}


def test_mentions_are_counted_and_bursts_stand_out(posts: pd.DataFrame) -> None:
    gap = [("2024-01-20", "2024-01-23")]
    found = kpi.social_listening(posts, replied="replied", author="author", not_listening=gap, **OPTIONS)
    table = found.table.set_index("period")
    by_day = posts.groupby(posts["time"].dt.floor("D")).size().reindex(table.index).fillna(0)
    heard = table["mentions"].notna()
    assert (table.loc[heard, "mentions"] == by_day[heard]).all()
    assert table.index[~heard].tolist() == list(pd.date_range("2024-01-20", "2024-01-22"))
    assert table.index[table["spike"]].tolist() == [pd.Timestamp("2024-02-10")]
    assert (found.n, found.authors) == (len(posts), posts["author"].nunique())
    day = pd.Timestamp("2024-02-20")
    that_day = posts[posts["time"].dt.floor("D") == day]
    classified = that_day["tone"].notna().sum()
    assert table.loc[day, "classified"] == classified
    assert table.loc[day, "favourable"] == pytest.approx(
        100 * (that_day["tone"] == "positive").sum() / classified
    )
    before = by_day[heard & (by_day.index < day) & (by_day.index != "2024-02-10")].iloc[-28:]
    assert table.loc[day, "expected"] == pytest.approx(before.mean())
    p = stats.binomtest(
        int(by_day[day]), int(by_day[day] + before.sum()), 1 / (1 + len(before)), alternative="greater"
    )
    assert table.loc[day, "p"] == pytest.approx(p.pvalue)
    assert found.response.n == len(posts)
    assert 2 < found.response.median.estimate < 12


def test_a_day_without_posts_is_zero_if_we_listened(posts: pd.DataFrame) -> None:
    table = kpi.social_listening(posts, **OPTIONS).table.set_index("period")
    assert table.loc["2024-01-20", "mentions"] == 0
    assert np.isnan(table.loc["2024-01-20", "favourable"])


def test_quiet_streams_raise_few_false_alarms() -> None:
    random = np.random.default_rng(12)
    days = pd.date_range("2020-01-01", periods=1000)
    frame = pd.DataFrame({"time": days.repeat(random.poisson(3, 1000)), "tone": "neutral"})
    table = kpi.social_listening(
        frame, since=days[0], until=days[-1] + pd.Timedelta(days=1), false_alarm=0.01
    ).table
    assert table["spike"].sum() <= 20  # 10 to expect; the rule is conservative


def test_weeks_and_months_are_calendar_ones(posts: pd.DataFrame) -> None:
    table = kpi.social_listening(posts, every="month", **OPTIONS).table
    assert table["period"].tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")]
    assert table["mentions"].sum() == len(posts)
    assert table["p"].isna().all()


def test_every_engine_hears_the_same(posts: pd.DataFrame, native: Native) -> None:
    few = posts.iloc[::3].reset_index(drop=True)
    few.loc[4, "time"] = pd.NaT
    few.loc[4, "replied"] = pd.NaT
    options = {**OPTIONS, "replied": "replied", "author": "author", "tz": "America/New_York"}
    wanted, found = (kpi.social_listening(frame, **options) for frame in (few, native(few)))
    pd.testing.assert_frame_equal(found.table, wanted.table)
    assert (found.n, found.missing, found.authors) == (wanted.n, wanted.missing, wanted.authors)
    assert found.response.median == wanted.response.median
    causes = few.rename(columns={"tone": "cause"})
    for frame in (causes, native(causes)):
        split = {
            "since": "2024-01-01",
            "split": "2024-02-01",
            "until": "2024-03-01",
            "tz": "America/New_York",
        }
        rising = kpi.rising_causes(frame, **split)
        assert rising.table["cause"].tolist() == kpi.rising_causes(causes, **split).table["cause"].tolist()
        assert rising.missing == kpi.rising_causes(causes, **split).missing > 0
        pd.testing.assert_frame_equal(kpi.complaint_causes(frame).table, kpi.complaint_causes(causes).table)


# Respondents.

BASE = st.lists(
    st.tuples(st.sampled_from(["young", "old", None]), st.sampled_from(["east", "west"]), st.booleans()),
    min_size=2, max_size=80,
).filter(lambda rows: any(row[2] for row in rows))  # fmt: skip


@settings(max_examples=40)
@given(BASE)
def test_who_is_heard_is_tested_as_scipy_does(rows: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["age", "region", "answered"])
    found = kpi.representativeness(frame, ["age", "region"])
    for position, variable in enumerate(["age", "region"]):
        groups = sorted({row[position] for row in rows}, key=str)
        seen = np.array(
            [[sum(r[position] == g and r[2] == a for r in rows) for g in groups] for a in (True, False)]
        )
        part = found.table[found.table["variable"] == variable]
        wanted = dict(zip(groups, seen.T.tolist(), strict=True))
        for row in part.itertuples():
            yes, no = wanted[None if pd.isna(row.group) else row.group]
            assert (row.respondents, row.customers) == (yes, yes + no)
            assert row.ratio == pytest.approx(yes / seen[0].sum() / ((yes + no) / seen.sum()))
            assert row.response_rate == pytest.approx(100 * yes / (yes + no))
        test = found.tests.set_index("variable").loc[variable]
        if len(groups) > 1 and seen[1].sum():
            chi2 = stats.chi2_contingency(seen, correction=False)
            g = stats.chi2_contingency(seen, correction=False, lambda_="log-likelihood")
            assert (test["chi2"], test["p_chi2"], test["g"], test["p_g"]) == pytest.approx(
                (chi2.statistic, chi2.pvalue, g.statistic, g.pvalue)
            )
        else:
            assert np.isnan(test["chi2"])
        rates = np.repeat(seen[0] / seen.sum(axis=0), seen.sum(axis=0))
        assert test["r_indicator"] == pytest.approx(1 - 2 * rates.std())


@given(BASE)
def test_weights_bring_the_margins_back(rows: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["age", "region", "answered"])
    found = kpi.representativeness(frame, ["age", "region"])
    if found.weights is None:
        return
    weights = found.weights
    total = weights["respondents"] * weights["weight"]
    assert total.sum() == pytest.approx(weights["respondents"].sum())
    for variable in ("age", "region"):
        heard = set(weights[variable].fillna("?"))
        base = frame[variable].fillna("?")
        base = base[base.isin(heard)].value_counts(normalize=True)
        ours = total.groupby(weights[variable].fillna("?")).sum() / total.sum()
        assert ours.sort_index().to_numpy() == pytest.approx(base.sort_index().to_numpy())
    assert found.design_effect >= 1 - 1e-9


def test_weighting_mends_what_the_groups_explain() -> None:
    random = np.random.default_rng(5)
    young = random.random(20_000) < 0.6
    score = np.where(young, 6.0, 9.0) + random.normal(0, 1, young.size)
    answered = random.random(young.size) < np.where(young, 0.05, 0.4)
    frame = pd.DataFrame({"age": np.where(young, "young", "old"), "answered": answered, "score": score})
    found = kpi.representativeness(frame, ["age"], score="score")
    truth = score.mean()
    assert found.raw.low > truth
    assert found.weighted.low < truth < found.weighted.high
    assert found.table.set_index("group")["heard"].to_dict() == {"old": "over", "young": "under"}


def test_the_weighted_interval_covers_the_mean_of_all() -> None:
    inside = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        young = random.random(3000) < 0.6
        score = np.where(young, 6.0, 9.0) + random.normal(0, 2, young.size)
        answered = random.random(young.size) < np.where(young, 0.05, 0.2)
        frame = pd.DataFrame({"age": young.astype(str), "answered": answered, "score": score})
        found = kpi.representativeness(frame, ["age"], score="score").weighted
        inside += found.low <= 7.2 <= found.high
    assert inside / 200 >= 0.9


def test_groups_without_a_voice_are_named() -> None:
    frame = pd.DataFrame(
        {
            "age": ["young"] * 30 + ["old"] * 30 + ["very old"] * 30,
            "answered": [1] * 30 + [0, 1] * 15 + [0] * 30,
        }
    )
    found = kpi.representativeness(frame, ["age"])
    assert found.unheard == [("age", "very old")]
    assert "very old" in repr(found)
    assert found.weights["age"].tolist() == ["old", "young"]


def test_variables_that_cannot_be_met_at_once_have_no_weights() -> None:
    # Among respondents all the young live in the east: the margins of the base cannot both be met.
    rows = [("young", "east", 1), ("old", "west", 1)] + [("young", "west", 0)] * 6 + [("old", "west", 0)] * 2
    found = kpi.representativeness(
        pd.DataFrame(rows, columns=["age", "region", "answered"]), ["age", "region"]
    )
    assert found.weights is None
    assert found.design_effect is None


def test_nobody_answered() -> None:
    with pytest.raises(kpi.KpiError, match="Nobody answered"):
        kpi.representativeness(pd.DataFrame({"age": ["a", "b"], "answered": [0, 0]}), ["age"])


def test_every_engine_weights_the_same(native: Native) -> None:
    random = np.random.default_rng(9)
    frame = pd.DataFrame({
        "age": random.choice(["a", "b", None], 200), "region": random.choice(["x", "y"], 200),
        "answered": (random.random(200) < 0.3).astype(float), "score": random.integers(0, 11, 200).astype(float),
    })  # fmt: skip
    frame.loc[::17, "answered"] = np.nan
    frame.loc[::5, "score"] = np.nan
    wanted, found = (
        kpi.representativeness(data, ["age", "region"], score="score") for data in (frame, native(frame))
    )
    pd.testing.assert_frame_equal(found.table, wanted.table)
    pd.testing.assert_frame_equal(found.tests, wanted.tests)
    pd.testing.assert_frame_equal(found.weights, wanted.weights)
    assert found.missing == wanted.missing == 12
    assert (found.weighted.estimate, found.weighted.low) == pytest.approx(
        (wanted.weighted.estimate, wanted.weighted.low)
    )


# Targets.

RATINGS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5)), min_size=2, max_size=60)


@given(RATINGS, st.floats(1, 5))
def test_targets_go_to_whom_the_whole_interval_is_below(ratings: list[tuple[str, int]], aim: float) -> None:
    frame = pd.DataFrame(ratings, columns=["operator", "rating"])
    table = kpi.voice_targets(frame, by="operator", aim=aim).table.set_index("operator")
    groups = frame.groupby("operator")["rating"]
    for name, given_ in groups:
        row = table.loc[name]
        assert (row["n"], row["rating"]) == (len(given_), pytest.approx(given_.mean()))
        confidence = 1 - 0.05 / len(table)
        if len(given_) > 1 and given_.std() > 0:
            low, high = stats.t.interval(confidence, len(given_) - 1, given_.mean(), stats.sem(given_))
            assert (row["low"], row["high"]) == pytest.approx((low, high))
            verdict = "below" if high < aim else "above" if low > aim else "cannot_tell"
            assert row["verdict"] == verdict
            assert np.isnan(row["target"]) == (verdict != "below")
        others = frame.loc[frame["operator"] != name, "rating"]
        if len(others):
            moved = 0.1 * (given_.mean() - others.mean())
            assert row["shift"] == pytest.approx(moved)
    whole = frame["rating"].mean()
    assert (((table["adjusted"] - whole).abs()) <= (table["rating"] - whole).abs() + 1e-9).all()


def test_codes_off_the_scale_are_refused() -> None:
    frame = pd.DataFrame({"operator": ["a", "b"], "rating": [4, 99], "answered": [1, 1]})
    with pytest.raises(kpi.KpiError, match="99"):
        kpi.voice_targets(frame, by="operator")
    with pytest.raises(kpi.KpiError, match="99"):
        kpi.representativeness(frame, ["operator"], score="rating", scale=(1, 5))


def test_small_groups_are_drawn_in_most() -> None:
    random = np.random.default_rng(6)
    frame = pd.DataFrame({"operator": ["few"] * 4 + ["many"] * 400 + ["rest"] * 400})
    frame["rating"] = np.r_[np.full(4, 2.0), random.normal(2.5, 1, 400), random.normal(4, 1, 400)]
    table = kpi.voice_targets(frame, by="operator", scale=(-9, 9)).table.set_index("operator")
    drawn = (table["adjusted"] - table["rating"]).abs()
    assert drawn["few"] > 5 * drawn["many"]


def test_the_ratings_needed_would_show_the_rise() -> None:
    random = np.random.default_rng(7)
    frame = pd.DataFrame({"operator": ["a"] * 500 + ["b"] * 500})
    frame["rating"] = np.r_[random.normal(3, 1, 500), random.normal(4, 1, 500)]
    row = kpi.voice_targets(frame, by="operator", aim=3.6, scale=(-9, 9)).table.iloc[0]
    n, gap = int(row["ratings_needed"]), row["target"] - row["adjusted"]
    scatter = frame.groupby("operator")["rating"].var().mean() ** 0.5
    seen = [
        stats.ttest_ind(random.normal(gap, scatter, n), random.normal(0, scatter, n)).pvalue < 0.05
        for _ in range(3000)
    ]
    assert 0.76 <= np.mean(seen) <= 0.83  # 0.8 is meant


def test_every_engine_sets_the_same_targets(native: Native) -> None:
    random = np.random.default_rng(10)
    frame = pd.DataFrame({
        "operator": random.choice(["a", "b", None], 90), "rating": random.integers(1, 6, 90).astype(float),
    })  # fmt: skip
    frame.loc[::7, "rating"] = np.nan
    wanted, found = (kpi.voice_targets(data, by="operator", aim=4) for data in (frame, native(frame)))
    pd.testing.assert_frame_equal(found.table, wanted.table)
    assert found.missing == wanted.missing == 13
