"""Survival curves against lifelines, and subscriptions against counting day by day."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.exceptions import StatError

from cxassess import kpi
from cxassess.kpi.survival_curve import kaplan_meier
from cxassess.kpi.survival_groups import difference_at, log_rank
from tests.kpi.conftest import Native

LIVES = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=60)
DAY_ZERO = date(2024, 1, 1)


def fitted(lives: list[tuple[int, bool]], entry: Any = None) -> Any:
    from lifelines import KaplanMeierFitter

    times, observed = zip(*lives, strict=True)
    return KaplanMeierFitter().fit(times, observed, entry=entry)


@given(LIVES)
def test_the_curve_and_its_interval_are_those_of_lifelines(lives: list[tuple[int, bool]]) -> None:
    theirs, ours = fitted(lives), kaplan_meier(*zip(*lives, strict=True))
    assert ours.survival == pytest.approx(theirs.survival_function_.loc[ours.time].to_numpy()[:, 0])
    low, high = ours.bounds
    some_left = ours.survival > 1e-9  # lifelines has no interval where nobody is left
    assert np.column_stack([low, high])[some_left] == pytest.approx(
        theirs.confidence_interval_.loc[ours.time].to_numpy()[some_left]
    )


@given(LIVES, st.randoms(use_true_random=False))
def test_who_comes_in_later_counts_only_from_then(lives: list[tuple[int, bool]], random: Any) -> None:
    entry = [random.choice([0, random.uniform(0, time - 0.5)]) for time, _ in lives]
    times, observed = zip(*lives, strict=True)
    ours = kaplan_meier(times, observed, entry=entry)
    try:
        theirs = fitted(lives, entry).survival_function_
        assert ours.survival == pytest.approx(theirs.loc[ours.time].to_numpy()[:, 0], abs=1e-12)
    except StatError:
        pass  # lifelines refuses curves that come down to 0 early
    for time, at_risk in zip(ours.time, ours.at_risk, strict=True):
        assert at_risk == sum(
            (begin < time or begin == 0) and time <= end for begin, end in zip(entry, times, strict=True)
        )


@given(LIVES, st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]))
def test_a_percentile_is_where_the_curve_has_come_down(lives: list[tuple[int, bool]], share: float) -> None:
    curve = kaplan_meier(*zip(*lives, strict=True))
    found = curve.percentile(share)
    down = [time for time, left in zip(curve.time, curve.survival, strict=True) if left <= 1 - share + 1e-9]
    if not down:
        assert (found.estimate, found.reason) == (None, "not_reached")
        return
    assert found.estimate == min(down)
    assert found.low is not None and found.high is not None
    assert found.low <= found.estimate <= found.high


@given(LIVES)
def test_counted_lives_are_listed_lives(lives: list[tuple[int, bool]]) -> None:
    counted = pd.Series(lives).value_counts()
    times, observed = zip(*counted.index, strict=True)
    one, other = kaplan_meier(*zip(*lives, strict=True)), kaplan_meier(times, observed, weights=counted)
    pd.testing.assert_frame_equal(one.frame(), other.frame())
    assert one.n == other.n == len(lives)


@given(st.lists(st.integers(1, 20), min_size=2, max_size=40), st.integers(1, 25))
def test_without_censoring_the_area_is_the_mean_of_what_is_cut_off(times: list[int], horizon: int) -> None:
    found = kaplan_meier(times).mean_within(horizon)
    cut = np.minimum(times, horizon)
    assert found.estimate == pytest.approx(cut.mean())
    assert found.low is not None
    assert found.estimate - found.low == pytest.approx(
        1.959963984540054 * cut.std() / len(times) ** 0.5, abs=1e-9
    )
    whole = kaplan_meier(times).mean
    assert whole.estimate == pytest.approx(np.mean(times))


def test_the_mean_needs_everybody_to_be_through() -> None:
    assert kaplan_meier([1, 2], [1, 0]).mean.reason == "censored"


@given(LIVES, st.randoms(use_true_random=False))
def test_the_log_rank_test_is_that_of_lifelines(lives: list[tuple[int, bool]], random: Any) -> None:
    from lifelines.statistics import multivariate_logrank_test

    group = [random.choice("abc") for _ in lives]
    times, observed = zip(*lives, strict=True)
    ours = log_rank(times, observed, group)
    if len(set(group)) < 2 or not any(observed):
        assert np.isnan(ours.p)
        return
    theirs = multivariate_logrank_test(times, group, observed)
    if np.isfinite(theirs.p_value):
        assert (ours.statistic, ours.p) == pytest.approx((theirs.test_statistic, theirs.p_value), abs=1e-6)


def test_a_variance_that_rounding_makes_regular_is_still_singular() -> None:
    times, observed = [1] * 5 + [2] * 4, [0] * 4 + [1, 0, 0, 1, 1]
    assert log_rank(times, observed, list("aaaabaaaa")).statistic == pytest.approx((8 / 9) ** 2 / (8 / 81))


def test_the_interval_of_the_median_covers_it() -> None:
    random = np.random.default_rng(3)
    inside = 0
    for _ in range(300):
        life, seen = random.exponential(10, 80), random.uniform(2, 30, 80)
        found = kaplan_meier(np.minimum(life, seen), life <= seen).median
        inside += (
            found.low is not None and found.high is not None and found.low <= 10 * np.log(2) <= found.high
        )
    assert 0.92 <= inside / 300 <= 0.99


def test_the_conditional_curve_starts_from_those_left() -> None:
    curve = kaplan_meier([1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 1])
    later = curve.after(3)
    assert later.n == 3
    both, first, second = (found.estimate for found in (curve.at(5), curve.at(3), later.at(5)))
    assert both == pytest.approx(first * second / 100)


def test_the_difference_of_two_curves_without_censoring_is_that_of_two_shares() -> None:
    one, other = kaplan_meier([1, 4, 5, 6]), kaplan_meier([1, 2, 3, 9])
    found = difference_at(one, other, 3.5)
    assert found.estimate == pytest.approx(50)
    error = (0.75 * 0.25 / 4 + 0.25 * 0.75 / 4) ** 0.5
    assert found.high == pytest.approx(50 + 100 * 1.959964 * error)


def test_beyond_the_last_observation_nothing_is_claimed() -> None:
    assert kaplan_meier([1, 2, 3], [1, 1, 0]).at(4).reason == "not_observed"
    assert kaplan_meier([1, 2, 3]).at(4).estimate == 0
    assert kaplan_meier([]).median.reason == "no_answers"
    assert kaplan_meier([5, 6]).at(1).estimate == 100


# Subscriptions.

SPANS = st.lists(
    st.tuples(st.integers(0, 120), st.one_of(st.none(), st.integers(0, 200)), st.sampled_from("ab")),
    min_size=1,
    max_size=40,
)


def subscriptions(spans: list[tuple[int, int | None, str]]) -> pd.DataFrame:
    days = [DAY_ZERO + timedelta(start) for start, _, _ in spans]
    ends = [None if more is None else DAY_ZERO + timedelta(start + more) for start, more, _ in spans]
    return pd.DataFrame({
        "start": pd.to_datetime(days), "end": pd.to_datetime(pd.Series(ends, dtype="datetime64[ns]")),
        "plan": [plan for _, _, plan in spans],
    })  # fmt: skip


@settings(max_examples=50)
@given(SPANS, st.integers(0, 150), st.integers(1, 90))
def test_churn_is_counted_day_by_day(
    spans: list[tuple[int, int | None, str]], since: int, length: int
) -> None:
    until = since + length
    period = {"since": DAY_ZERO + timedelta(since), "until": DAY_ZERO + timedelta(until)}
    ended = [np.inf if more is None else start + more for start, more, _ in spans]
    begun = [start for start, _, _ in spans]
    pairs = list(zip(begun, ended, strict=True))
    at_start = [(b, e) for b, e in pairs if b < since <= e]
    lost = sum(e < until for _, e in at_start)
    left = sum(since <= e < until for _, e in pairs)
    frame = subscriptions(spans)
    found = kpi.churn_rate(frame, **period)
    assert found.n == len(at_start)
    if at_start:
        assert found.estimate == pytest.approx(100 * lost / len(at_start))
    else:
        assert found.reason == "zero_denominator"
    days = sum(b <= day < e for day in range(since, until) for b, e in pairs)
    found = kpi.churn_rate(frame, **period, per="exposure")
    if days:
        assert found.estimate == pytest.approx(100 * left / (days / length))
    else:
        assert found.reason == "zero_denominator"
    mean = (len(at_start) + sum(b < until <= e for b, e in pairs)) / 2
    found = kpi.churn_rate(frame, **period, per="average")
    if mean:
        assert found.estimate == pytest.approx(100 * left / mean)


@settings(max_examples=20)
@given(SPANS)
def test_months_of_churn_are_the_single_months(spans: list[tuple[int, int | None, str]]) -> None:
    frame = subscriptions(spans)
    table = kpi.churn_rate(frame, since="2024-01-15", until="2024-04-10", every="month", by="plan")
    edges = ["2024-01-15", "2024-02-01", "2024-03-01", "2024-04-01", "2024-04-10"]
    assert sorted(set(table["period"])) == list(pd.to_datetime(edges[:-1]))
    for since, until in pairwise(edges):
        for plan in set(frame["plan"]):
            one = kpi.churn_rate(frame[frame["plan"] == plan], since=since, until=until)
            row = table[(table["period"] == since) & (table["plan"] == plan)].iloc[0]
            assert row["n"] == one.n
            assert row["estimate"] == pytest.approx(
                one.estimate if one.estimate is not None else np.nan, nan_ok=True
            )


@given(SPANS, st.integers(1, 300))
def test_survival_of_subscriptions_is_the_curve_of_their_days(
    spans: list[tuple[int, int | None, str]], as_of: int
) -> None:
    lives = []
    for start, more, _ in spans:
        if start < as_of:
            end = np.inf if more is None else start + more
            lives.append((min(end, as_of) - start, end < as_of))
    found = kpi.survival(subscriptions(spans), as_of=DAY_ZERO + timedelta(as_of), unit="day")
    assert found.n == len(lives)
    if lives:
        pd.testing.assert_frame_equal(found.frame(), kaplan_meier(*zip(*lives, strict=True)).frame())


def test_records_that_begin_late_are_not_taken_for_loyalty() -> None:
    random = np.random.default_rng(11)
    starts = random.integers(0, 1000, 4000)
    lives = random.exponential(200, 4000).round()
    kept = starts + lives >= 700  # who left before day 700 was deleted
    days = pd.to_datetime("2020-01-01") + pd.to_timedelta(starts[kept], unit="D")
    frame = pd.DataFrame({"start": days, "end": days + pd.to_timedelta(lives[kept], unit="D")})
    frame.loc[frame["end"] >= "2022-09-27", "end"] = pd.NaT
    options = {"as_of": "2022-09-27", "unit": "day"}
    naive = kpi.survival(frame, **options).median.estimate
    right = kpi.survival(frame, observed_from="2021-12-01", **options).median.estimate
    assert naive is not None and right is not None
    assert naive > 200
    assert right == pytest.approx(200 * np.log(2), rel=0.15)


@pytest.fixture(scope="module")
def discounts() -> pd.DataFrame:
    """Who came at half price stays for three months and then leaves fast."""
    random = np.random.default_rng(7)
    n = 600
    discounted = random.random(n) < 0.5
    monthly = np.where(discounted, 0.25, 0.08)
    during = np.where(discounted, 0.01, 0.08)
    months = np.zeros(n)
    for person in range(n):
        while months[person] < 24:
            chance = during[person] if months[person] < 3 else monthly[person]
            if random.random() < chance:
                break
            months[person] += 1
    start = pd.Timestamp("2022-01-01") + pd.to_timedelta(random.integers(0, 200, n), unit="D")
    end = start + pd.to_timedelta((months + 0.9) * 30.44, unit="D")
    frame = pd.DataFrame({"start": start.floor("D"), "end": end.floor("D"), "discounted": discounted})
    return frame.assign(end=frame["end"].where(frame["end"] < "2023-10-01"))


def test_a_discount_that_only_puts_leaving_off_is_called_a_stop_gap(discounts: pd.DataFrame) -> None:
    found = kpi.discount_stop_gap(discounts, discount_lasts=3, horizon=10, as_of="2023-10-01")
    assert found.verdict == "stop_gap"
    assert found.during.low > 0 > found.afterwards.high
    assert "stop-gap" in repr(found)
    shuffled = discounts.assign(discounted=np.arange(len(discounts)) % 2)
    assert (
        kpi.discount_stop_gap(shuffled, discount_lasts=3, horizon=10, as_of="2023-10-01").verdict
        == "cannot_tell"
    )


def test_one_side_alone_cannot_be_compared(discounts: pd.DataFrame) -> None:
    with pytest.raises(kpi.KpiError, match="two groups"):
        kpi.discount_stop_gap(
            discounts.assign(discounted=True), discount_lasts=3, horizon=10, as_of="2023-10-01"
        )
    with pytest.raises(kpi.KpiError, match="look at the outcome later"):
        kpi.discount_stop_gap(discounts, discount_lasts=3, horizon=2, as_of="2023-10-01")


def test_ends_before_starts_are_refused_and_counted() -> None:
    frame = subscriptions([(5, 3, "a"), (5, 3, "a")])
    frame["end"] = frame["start"] - pd.Timedelta(days=1)
    with pytest.raises(kpi.KpiError, match=r"2 row.*“end” lies before “start”"):
        kpi.survival(frame, as_of="2024-03-01")


def test_nobody_has_left_yet() -> None:
    frame = subscriptions([(0, None, "a"), (9, None, "b")])
    for nothing in (pd.NaT, None, np.nan):
        frame["end"] = nothing
        assert kpi.survival(frame, as_of="2024-03-01").median.reason == "not_reached"
        assert kpi.churn_rate(frame, since="2024-02-01", until="2024-03-01").estimate == 0


def test_missing_starts_are_counted() -> None:
    frame = subscriptions([(0, 9, "a"), (9, None, "b")])
    frame.loc[1, "start"] = pd.NaT
    assert kpi.survival(frame, as_of="2024-03-01").missing == 1
    assert kpi.churn_rate(frame, since="2024-01-02", until="2024-03-01").missing == 1


def test_groups_have_their_curves_and_a_test(discounts: pd.DataFrame) -> None:
    found = kpi.survival(discounts, as_of="2023-10-01", by="discounted")
    table = found.summary()
    assert table["discounted"].tolist() == [False, True]
    assert table["n"].sum() == len(discounts)
    assert set(found.frame().columns) >= {"discounted", "time", "survival"}
    # The curves cross, which the log-rank test does not see well: it has an opinion all the same.
    assert 0 <= found.test.p <= 1


def test_every_engine_counts_the_same_subscriptions(discounts: pd.DataFrame, native: Native) -> None:
    few = discounts.iloc[:200].assign(discounted=lambda t: t["discounted"].astype(float))
    few.loc[[3, 9], "start"] = pd.NaT
    # Spark takes times without a zone for instants of its session, which is in New York.
    options = {"tz": "America/New_York"}
    wanted = kpi.survival(few, as_of="2023-10-01", by="discounted", **options)
    found = kpi.survival(native(few), as_of="2023-10-01", by="discounted", **options)
    pd.testing.assert_frame_equal(found.frame(), wanted.frame(), check_dtype=False)
    pd.testing.assert_frame_equal(found.summary(), wanted.summary(), check_dtype=False)
    options |= {"since": "2022-02-01", "until": "2023-01-01", "every": "month"}
    pd.testing.assert_frame_equal(kpi.churn_rate(native(few), **options), kpi.churn_rate(few, **options))
    options = {"discount_lasts": 3, "horizon": 10, "as_of": "2023-10-01", "tz": "America/New_York"}
    theirs, ours = (kpi.discount_stop_gap(frame, **options) for frame in (native(few), few))
    assert theirs.overall == ours.overall
    assert theirs.test == pytest.approx(ours.test)


def test_every_engine_reads_the_day_in_the_zone(native: Native) -> None:
    utc = pd.DataFrame({
        "start": pd.to_datetime(["2024-01-31 16:00", "2024-01-31 14:00"], utc=True),
        "end": pd.to_datetime([None, "2024-02-10 15:30"], utc=True),
    })  # fmt: skip
    period = {"since": "2024-02-01", "until": "2024-02-11"}
    # In Tokyo the first starts on 1 February and the second ends on 11 February.
    assert kpi.churn_rate(native(utc), tz="Asia/Tokyo", **period).n == 1
    assert kpi.churn_rate(native(utc), tz="Asia/Tokyo", **period).estimate == 0
    assert kpi.churn_rate(native(utc), tz="UTC", **period).estimate == 50
