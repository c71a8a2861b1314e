"""The two rules of thumb: their figures by hand, and their conditions tried out on both sides."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cxassess import kpi
from cxassess.language import language

AMOUNT, SHARE = st.floats(1, 1e8), st.floats(0, 0.99)
NOW: dict[str, Any] = {"margin": 100, "discount": 0.1, "cost": 0, "first_payment": "now", "booking": "start"}


@given(AMOUNT, AMOUNT, AMOUNT, AMOUNT, SHARE, SHARE, st.floats(0.5, 10))
def test_the_conditions_of_the_ratio_are_where_it_turns(
    acquisition: float,
    new: float,
    retention: float,
    kept: float,
    kept_anyway: float,
    won_anyway: float,
    rule: float,
) -> None:
    given_ = {
        "acquisition_spend": acquisition, "new_customers": new, "retention_spend": retention, "kept_customers": kept,
        "kept_anyway": kept_anyway, "won_anyway": won_anyway, "rule": rule,
    }  # fmt: skip
    found = kpi.acquisition_retention_ratio(**given_)
    win, keep = acquisition / (new * (1 - won_anyway)), retention / (kept * (1 - kept_anyway))
    assert found.ratio == pytest.approx(win / keep)
    assert found.holds == (found.ratio >= rule)
    at_limit = kpi.acquisition_retention_ratio(**given_ | {"retention_spend": found.spend_limit})
    assert at_limit.ratio == pytest.approx(rule)
    if found.saved_needed <= 100:
        anyway = 1 - found.saved_needed / 100
        assume(anyway < 0.999)
        just = kpi.acquisition_retention_ratio(**given_ | {"kept_anyway": anyway})
        assert just.ratio == pytest.approx(rule, rel=1e-6)
    if found.saved_for_parity <= 100:
        anyway = 1 - found.saved_for_parity / 100
        assume(anyway < 0.999)
        just = kpi.acquisition_retention_ratio(**given_ | {"kept_anyway": anyway})
        assert just.ratio == pytest.approx(1, rel=1e-6)


def test_one_company_is_fifty_to_one_and_one_to_two() -> None:
    given_ = {"acquisition_spend": 10_000_000, "new_customers": 1000, "retention_spend": 2_000_000,
              "kept_customers": 10_000}  # fmt: skip
    assert kpi.acquisition_retention_ratio(**given_, kept_anyway=0).ratio == 50
    assert kpi.acquisition_retention_ratio(**given_, kept_anyway=0.99).ratio == pytest.approx(0.5)


@pytest.mark.parametrize(
    "zero", [{"new_customers": 0}, {"kept_customers": 0}, {"retention_spend": 0}, {"kept_anyway": 1}]
)
def test_nobody_won_or_saved_has_no_ratio(zero: dict[str, float]) -> None:
    given_ = {
        "acquisition_spend": 9,
        "new_customers": 3,
        "retention_spend": 4,
        "kept_customers": 2,
        "kept_anyway": 0,
    }
    found = kpi.acquisition_retention_ratio(**given_ | zero)
    assert (found.ratio, found.holds, found.reason) == (None, None, "zero_denominator")
    assert "denominator is zero" in repr(found)


def test_negative_spend_is_refused() -> None:
    with pytest.raises(kpi.KpiError, match="retention_spend is -4"):
        kpi.acquisition_retention_ratio(
            acquisition_spend=9, new_customers=3, retention_spend=-4, kept_customers=2, kept_anyway=0
        )


@given(
    retention=st.floats(0, 0.94), discount=st.floats(0.02, 0.4), cost=st.floats(0, 30), growth=st.floats(-0.1, 0.05),
    acquisition=st.floats(0, 300), booking=st.sampled_from(["start", "end"]), step_as=st.sampled_from(["points", "part"]),
)  # fmt: skip
def test_the_conditions_of_the_gain_are_where_it_turns(
    retention: float,
    discount: float,
    cost: float,
    growth: float,
    acquisition: float,
    booking: str,
    step_as: str,
) -> None:
    assume((1 + growth) / (1 + discount) < 0.99)
    terms: dict[str, Any] = {
        "discount": discount,
        "growth": growth,
        "booking": booking,
        "first_payment": "now",
    }
    rest: dict[str, Any] = {
        "margin": 100,
        "cost": cost,
        "acquisition_cost": acquisition,
        "step_as": step_as,
        **terms,
    }
    found = kpi.retention_profit(retention=retention, **rest)
    improved = retention + 0.05 if step_as == "points" else 1 - 0.95 * (1 - retention)
    before = kpi.clv(margin=100, retention=retention, **terms).estimate - acquisition
    after = kpi.clv(margin=100 - cost, retention=improved, **terms).estimate - acquisition
    assert (found.value, found.improved_value) == pytest.approx((before, after), abs=1e-9)
    if before <= 0:
        assert (found.gain, found.reason) == (None, "no_value_now")
        return
    assert found.gain == pytest.approx(100 * (after - before) / before)
    inside = any(low <= retention <= high for low, high in found.holds_for)
    if abs(found.gain - 25) > 1e-3:
        assert found.holds == (found.gain >= 25)
        # Ranges narrower than a step of the search may be missed.
        near = any(min(abs(retention - low), abs(retention - high)) < 1e-3 for low, high in found.holds_for)
        assert inside == found.holds or near or before < 1
    if found.cost_limit is not None:
        just = kpi.retention_profit(retention=retention, **rest | {"cost": found.cost_limit})
        assert just.gain == pytest.approx(25, abs=1e-6)


def test_five_points_are_a_quarter_more_from_85_percent_on() -> None:
    for retention, gain in ((0.85, 25.0), (0.6, 100 * 0.05 / 0.45), (0.9, 100 / 3)):
        assert kpi.retention_profit(retention=retention, **NOW).gain == pytest.approx(gain)
    ((low, high),) = kpi.retention_profit(retention=0.6, **NOW).holds_for
    assert (low, high) == pytest.approx((0.85, 0.95), abs=1e-8)


def test_five_percent_is_not_five_points() -> None:
    points = kpi.retention_profit(retention=0.9, **NOW)
    part = kpi.retention_profit(retention=0.9, step_as="part", **NOW)
    assert (points.improved, part.improved) == pytest.approx((0.95, 0.905))
    assert part.gain < 3 < points.gain


def test_more_than_everybody_cannot_stay() -> None:
    with pytest.raises(kpi.KpiError, match="cannot rise"):
        kpi.retention_profit(retention=0.97, **NOW)
    assert kpi.retention_profit(retention=0.97, step_as="part", **NOW).improved == pytest.approx(0.9715)


def test_the_results_read_in_both_languages() -> None:
    found = kpi.retention_profit(retention=0.8, **NOW | {"cost": 3}, unit="JPY")
    assert "+25 % does not hold" in repr(found)
    with language("ja"):
        assert "成り立ちません" in repr(found)
        assert "<table>" in found._repr_html_()
