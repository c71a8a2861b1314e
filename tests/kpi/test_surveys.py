"""What people say when asked: every score against its formula written out over plain lists."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxassess import kpi, set_language
from cxassess.kpi import intervals
from cxassess.kpi.estimate import Estimate

ANSWERS = st.lists(st.one_of(st.none(), st.integers(0, 10)), min_size=1, max_size=60)


def scores(answers: list[Any], **columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"score": pd.Series(answers, dtype="float64"), **columns})


@given(ANSWERS)
def test_nps_is_promoters_less_detractors(answers: list[int | None]) -> None:
    given_ = [answer for answer in answers if answer is not None]
    found = kpi.nps(scores(answers))
    assert (found.n, found.missing, found.unit) == (len(given_), len(answers) - len(given_), "points")
    if not given_:
        assert (found.estimate, found.low, found.reason, found.method) == (None, None, "no_answers", "none")
        return
    promoters, detractors = sum(a >= 9 for a in given_), sum(a <= 6 for a in given_)
    assert found.estimate == pytest.approx(100 * (promoters - detractors) / len(given_))
    assert (found.low, found.high) == pytest.approx(
        tuple(100 * bound for bound in intervals.net_share(promoters, detractors, len(given_)))
    )


@given(ANSWERS, st.integers(1, 10))
def test_csat_is_the_share_in_the_top_boxes_or_the_mean(answers: list[int | None], top: int) -> None:
    given_ = [answer for answer in answers if answer is not None]
    share = kpi.csat(scores(answers), scale=(0, 10), top=top)
    mean = kpi.csat(scores(answers), scale=(0, 10), method="mean")
    assert share.n == mean.n == len(given_)
    if given_:
        satisfied = sum(answer > 10 - top for answer in given_)
        assert share.estimate == pytest.approx(100 * satisfied / len(given_))
        assert (share.low, share.high) == pytest.approx(
            tuple(100 * x for x in intervals.wilson(satisfied, share.n))
        )
        assert mean.estimate == pytest.approx(np.mean(given_))
    if len(set(given_)) > 1:
        bounds = intervals.t_mean(np.mean(given_), np.std(given_, ddof=1), len(given_))
        assert (mean.low, mean.high) == pytest.approx(bounds)
    else:
        assert mean.low is mean.high is None


@given(st.lists(st.integers(1, 7), min_size=1, max_size=40))
def test_ces_turns_round_with_the_scale(answers: list[int]) -> None:
    turned = [8 - answer for answer in answers]
    for method in ("easy_share", "net"):
        high = kpi.ces(scores(answers), method=method, easy="high", scale=(1, 7))
        low = kpi.ces(scores(turned), method=method, easy="low", scale=(1, 7))
        assert high == low
    easy, hard = sum(a > 4 for a in answers), sum(a < 4 for a in answers)
    assert kpi.ces(scores(answers), method="net", easy="high", scale=(1, 7)).estimate == pytest.approx(
        100 * (easy - hard) / len(answers)
    )
    assert kpi.ces(scores(answers), method="mean", easy="high", scale=(1, 7)).estimate == pytest.approx(
        np.mean(answers)
    )


def test_ces_asks_for_method_direction_and_scale() -> None:
    with pytest.raises(TypeError):
        kpi.ces(scores([5]))  # type: ignore[call-arg]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "B", None]), st.one_of(st.none(), st.integers(0, 10))), min_size=1
    )
)
def test_groups_are_worked_out_as_if_alone(rows: list[tuple[str | None, int | None]]) -> None:
    frame = scores([score for _, score in rows], shop=[shop for shop, _ in rows])
    table = kpi.nps(frame, by="shop")
    assert list(table.columns) == [
        "shop",
        "n",
        "n_missing",
        "estimate",
        "unit",
        "low",
        "high",
        "method",
        "reason",
    ]
    assert table["shop"].tolist() == sorted({s for s, _ in rows if s}) + (
        [None] if None in dict(rows) else []
    )
    for row in table.to_dict("records"):
        alone = kpi.nps(scores([score for shop, score in rows if shop == row["shop"]]))
        assert (row["n"], row["n_missing"]) == (alone.n, alone.missing)
        for name in ("estimate", "low", "high"):
            value = getattr(alone, name)
            assert math.isnan(row[name]) if value is None else row[name] == value


@pytest.mark.parametrize(
    ("period", "starts"),
    [
        (kpi.day("at"), ["2023-12-31", "2024-01-01", "2024-02-29", "2024-03-04"]),
        (kpi.week("at"), ["2023-12-25", "2024-01-01", "2024-02-26", "2024-03-04"]),
        (kpi.month("at"), ["2023-12-01", "2024-01-01", "2024-02-01", "2024-03-01"]),
        (kpi.quarter("at"), ["2023-10-01", "2024-01-01"]),
        (kpi.year("at"), ["2023-01-01", "2024-01-01"]),
    ],
)
def test_periods_begin_where_the_calendar_says(period: Any, starts: list[str]) -> None:
    times = pd.to_datetime(
        ["2023-12-31T23:59:59", "2024-01-01", "2024-02-29T12", "2024-03-04"], format="ISO8601"
    )
    table = kpi.nps(scores([9, 9, 9, 9], at=times), by=period)
    assert table[period.name].tolist() == [pd.Timestamp(start) for start in starts]


def test_instants_are_read_in_the_zone_that_was_asked_for() -> None:
    instants = pd.to_datetime(["2024-01-31 14:59:59", "2024-01-31 15:00:00"], utc=True)
    months = {
        tz: kpi.nps(scores([9, 9], at=instants), by=kpi.month("at", tz=tz))["month"].dt.month.tolist()
        for tz in ("Asia/Tokyo", "UTC", "America/New_York")
    }
    assert months == {"Asia/Tokyo": [1, 2], "UTC": [1], "America/New_York": [1]}


def test_local_times_are_not_shifted() -> None:
    frame = scores([9], at=pd.to_datetime(["2024-01-31 23:30"]))
    assert kpi.nps(frame, by=kpi.month("at", tz="Asia/Tokyo"))["month"].dt.month.tolist() == [1]


def test_with_customers_the_estimate_stays_and_the_interval_knows_who_answered_twice() -> None:
    random = np.random.default_rng(7)
    customer = np.repeat(np.arange(80), 5)
    answers = random.choice([3, 8, 9, 10], 80)[customer]
    frame = scores(answers.tolist(), customer=customer.tolist())
    plain, clustered = kpi.nps(frame), kpi.nps(frame, customer="customer")
    assert clustered.estimate == plain.estimate
    assert (clustered.method, plain.method) == ("bca", "adjusted_wald")
    assert clustered.high - clustered.low > 1.8 * (plain.high - plain.low)


def test_answers_without_an_id_are_customers_of_their_own() -> None:
    answers = [1, 5] * 30
    known = kpi.csat(scores(answers, customer=list(range(60))), customer="customer")
    unknown = kpi.csat(scores(answers, customer=[None] * 60), customer="customer")
    assert unknown == known


def test_support_and_staff_satisfaction_are_csat_by_another_name() -> None:
    frame = scores([5, 4, 3, None])
    for function, name in [
        (kpi.support_satisfaction, "support_satisfaction"),
        (kpi.employee_satisfaction,) * 2,
    ]:
        found = function(frame)
        assert found.estimate == kpi.csat(frame).estimate
        assert found.metric == (name if isinstance(name, str) else "employee_satisfaction")


def test_brand_awareness_leaves_blanks_out() -> None:
    found = kpi.brand_awareness(pd.DataFrame({"aware": [True, False, None, True]}))
    assert (found.estimate, found.n, found.missing) == (pytest.approx(200 / 3), 3, 1)


@settings(max_examples=40)
@given(st.lists(st.tuples(*[st.one_of(st.none(), st.integers(1, 5))] * 4), min_size=1, max_size=30))
def test_engagement_is_the_mean_of_each_persons_mean(people: list[tuple[int | None, ...]]) -> None:
    items = ["a", "b", "c", "d"]
    frame = pd.DataFrame(people, columns=items, dtype="float64")
    given_ = [[answer for answer in person if answer is not None] for person in people]
    means = [np.mean(answers) for answers in given_ if len(answers) >= 2]
    found = kpi.employee_engagement_score(frame, items)
    assert (found.n, found.missing) == (len(means), len(people) - len(means))
    if means:
        assert found.estimate == pytest.approx(np.mean(means))
    if all(len(answers) == 4 for answers in given_):
        assert found.estimate == pytest.approx(frame.mean().mean())


def test_improvement_is_in_per_cent_of_what_satisfaction_was() -> None:
    before, after = scores([5] * 60 + [1] * 40), scores([5] * 66 + [1] * 34)
    found = kpi.satisfaction_improvement_rate(before, after)
    assert found.estimate == pytest.approx(10)
    assert found.low < 0 < found.high
    assert found.n == 200


def test_answers_of_the_same_customers_are_taken_as_pairs() -> None:
    random = np.random.default_rng(5)
    earlier = random.integers(1, 5, 100)
    later = np.minimum(earlier + (random.random(100) < 0.4), 5)
    before = scores(earlier.tolist(), id=list(range(100)))
    after = scores(later.tolist(), id=list(range(100))).sample(frac=1, random_state=1)
    apart = kpi.satisfaction_improvement_rate(before, after, method="mean")
    paired = kpi.satisfaction_improvement_rate(before, after, method="mean", customer="id")
    strangers = kpi.satisfaction_improvement_rate(
        before, after.assign(id=after["id"] + 1000), method="mean", customer="id"
    )
    assert paired.estimate == apart.estimate == pytest.approx(100 * (later.mean() / earlier.mean() - 1))
    assert paired.high - paired.low < 0.5 * (apart.high - apart.low)
    assert (strangers.low, strangers.high) == (apart.low, apart.high)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_the_paired_interval_is_that_of_the_differences(seed: int) -> None:
    """Everybody answers both times: Fieller's equation at ratio r is the t test of after − r · before."""
    from scipy import stats

    random = np.random.default_rng(seed)
    earlier, later = random.integers(2, 6, 30), random.integers(2, 6, 30)
    before, after = (scores(answers.tolist(), id=list(range(30))) for answers in (earlier, later))
    found = kpi.satisfaction_improvement_rate(before, after, method="mean", customer="id")
    for bound in (found.low, found.high):
        assert stats.ttest_1samp(later - (1 + bound / 100) * earlier, 0).pvalue == pytest.approx(
            0.05, abs=1e-6
        )


def test_improvement_by_group_and_where_a_group_is_missing_on_one_side() -> None:
    before = scores([5, 1, 5, 1, 1], shop=["A", "A", "B", "B", "C"], id=[1, 2, 3, 4, 5])
    after = scores([5, 5, 5, 1, 5], shop=["A", "A", "B", "B", "D"], id=[1, 2, 3, 4, 6])
    for customer in (None, "id"):
        table = kpi.satisfaction_improvement_rate(before, after, by="shop", customer=customer).set_index(
            "shop"
        )
        assert table["estimate"].fillna(-1).to_dict() == {"A": 100, "B": 0, "C": -1, "D": -1}
        assert table.loc[["C", "D"], "reason"].tolist() == ["no_answers"] * 2


def test_nobody_satisfied_before_gives_no_rate() -> None:
    found = kpi.satisfaction_improvement_rate(scores([1, 1]), scores([5, 1]))
    assert (found.estimate, found.reason) == (None, "zero_denominator")


def test_an_estimate_reads_in_the_current_language() -> None:
    found = kpi.csat(scores([5, 4, 4, 3, 1, None]))
    assert repr(found) == "csat: 60.0 % (23.1 to 88.2 at 95 % confidence, Wilson; n = 5, missing 1)"
    set_language("ja")
    assert repr(found) == "顧客満足度（CSAT）：60.0%（95%信頼区間23.1〜88.2、ウィルソン法、n = 5、欠損1）"
    assert repr(kpi.csat(scores([None]))) == "顧客満足度（CSAT）：値なし：回答がありません（n = 0、欠損1）"


def test_an_estimate_shows_what_it_was_given_as_text() -> None:
    shown = Estimate("<b>x</b>", 12.0, 10.0, 15.0, 3, 0, "<script>", "<i>how</i>")._repr_html_()
    assert "<b>" not in shown and "<script>" not in shown and "<i>" not in shown
    assert "&lt;script&gt;" in shown
