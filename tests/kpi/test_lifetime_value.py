"""The closed form against payments added up one by one; the interval against simulated companies."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxassess import kpi
from tests.kpi.conftest import Native

CONVENTIONS = st.fixed_dictionaries({
    "first_payment": st.sampled_from(["now", "after_a_period"]),
    "booking": st.sampled_from(["start", "middle", "end"]),
    "discount": st.floats(0, 0.5),
    "growth": st.floats(-0.2, 0.2),
})  # fmt: skip
PLAIN: dict[str, Any] = {"first_payment": "now", "booking": "start", "discount": 0.1}


def added_up(rates: list[float], payments: int, terms: dict[str, Any]) -> float:
    """One payment after another."""
    later = 0 if terms["first_payment"] == "now" else 1
    offset = {"start": 0, "middle": 0.5, "end": 1}[terms["booking"]]
    total = 0.0
    for k in range(later, later + payments):
        staying = math.prod(rates[:k])
        total += staying * (1 + terms["growth"]) ** (k - later) * (1 + terms["discount"]) ** -(k + offset)
    return total


@given(CONVENTIONS, st.floats(0, 1), st.integers(1, 60), st.floats(0, 1e6))
def test_a_finite_horizon_is_so_many_payments(
    terms: dict[str, Any], rate: float, payments: int, margin: float
) -> None:
    found = kpi.clv(margin=margin, retention=rate, periods=payments, **terms)
    assert found.estimate == pytest.approx(
        margin * added_up([rate] * 61, payments, terms), rel=1e-9, abs=1e-9
    )


@given(CONVENTIONS, st.floats(0, 0.99))
def test_without_end_is_the_limit(terms: dict[str, Any], rate: float) -> None:
    step = rate * (1 + terms["growth"]) / (1 + terms["discount"])
    if step >= 0.99:
        if step >= 1:
            with pytest.raises(kpi.KpiError, match="no finite sum"):
                kpi.clv(margin=1, retention=rate, **terms)
        return
    found = kpi.clv(margin=1, retention=rate, **terms).estimate
    assert found == pytest.approx(added_up([rate] * 2201, 2200, terms), rel=1e-7)


@given(CONVENTIONS, st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_each_period_may_have_its_own_retention(terms: dict[str, Any], rates: list[float]) -> None:
    payments = len(rates) + (1 if terms["first_payment"] == "now" else 0)
    found = kpi.clv(margin=2, retention=rates, **terms)
    assert found.estimate == pytest.approx(2 * added_up(rates, payments, terms), rel=1e-9, abs=1e-12)
    with pytest.raises(kpi.KpiError, match="periods"):
        kpi.clv(margin=2, retention=rates, periods=payments + 1, **terms)


def test_the_textbook_forms() -> None:
    now = kpi.clv(margin=100, retention=0.8, **PLAIN)
    after = kpi.clv(margin=100, retention=0.8, **PLAIN | {"first_payment": "after_a_period"})
    assert now.estimate == pytest.approx(100 * 1.1 / 0.3)  # m (1 + d) / (1 + d − r)
    assert after.estimate == pytest.approx(100 * 0.8 / 0.3)  # m r / (1 + d − r)
    assert now.estimate - after.estimate == pytest.approx(100)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"retention": 1.2}, "retention"), ({"retention": -0.1}, "retention"), ({"discount": -1}, "discount"),
        ({"retention": float("nan")}, "retention"), ({"periods": 0}, "periods"), ({"booking": "noon"}, "booking"),
        ({"first_payment": "later"}, "first_payment"), ({"retention": 1.0, "discount": 0.0}, "finite"),
    ],
)  # fmt: skip
def test_what_has_no_value_is_refused(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(kpi.KpiError, match=named):
        kpi.clv(**{"margin": 1, "retention": 0.5, **PLAIN, **changed})


def test_the_interval_follows_the_errors_that_are_given() -> None:
    found = kpi.clv(margin=100, retention=0.8, margin_error=5, retention_error=0.03, **PLAIN)
    # ∂/∂m = V/m, ∂/∂r = m (1 + d) / (1 + d − r)²
    slope = 100 * 1.1 / 0.3**2
    error = math.hypot(found.estimate / 100 * 5, slope * 0.03) / found.estimate
    assert math.log(found.high / found.estimate) == pytest.approx(1.959964 * error, rel=1e-5)
    assert found.low * found.high == pytest.approx(found.estimate**2)
    assert kpi.clv(margin=100, retention=0.8, **PLAIN).low is None


def company(customers: int, seed: int) -> pd.DataFrame:
    """Those who earn more stay rather more often."""
    random = np.random.default_rng(seed)
    margin = random.gamma(2, 50, customers)
    return pd.DataFrame({"margin": margin, "retained": random.random(customers) < 0.6 + margin / 1000})


@pytest.mark.parametrize("interval", ["delta", "bootstrap"])
def test_the_interval_covers_the_value_it_estimates(interval: str) -> None:
    options: dict[str, Any] = {**PLAIN, "interval": interval, "resamples": 400}
    truth = kpi.clv(margin=100, retention=0.7, **PLAIN).estimate
    inside = 0
    for seed in range(100):
        found = kpi.clv_of_customers(company(200, seed), **options)
        inside += found.low <= truth <= found.high
    assert 0.88 <= inside / 100 <= 1


def test_both_intervals_see_that_margin_and_staying_go_together() -> None:
    people = company(5000, 1)
    mixed = people.assign(retained=people["retained"].sample(frac=1, random_state=1).to_numpy())
    for interval in ("delta", "bootstrap"):
        linked, apart = (kpi.clv_of_customers(frame, **PLAIN, interval=interval) for frame in (people, mixed))
        assert linked.estimate == pytest.approx(apart.estimate)
        assert linked.high - linked.low > apart.high - apart.low
    delta = kpi.clv_of_customers(people, **PLAIN)
    drawn = kpi.clv_of_customers(people, **PLAIN, interval="bootstrap")
    assert (drawn.low, drawn.high) == pytest.approx((delta.low, delta.high), rel=0.02)
    assert drawn == kpi.clv_of_customers(people, **PLAIN, interval="bootstrap")


def test_every_engine_values_the_same_customers(native: Native) -> None:
    people = company(200, 2).astype({"retained": float})
    people.loc[[4, 7], "margin"] = np.nan
    people.loc[[9], "retained"] = np.nan
    wanted, found = (kpi.clv_of_customers(frame, **PLAIN) for frame in (people, native(people)))
    assert (found.n, found.missing) == (wanted.n, wanted.missing) == (197, 3)
    assert (found.estimate, found.low, found.high) == pytest.approx(
        (wanted.estimate, wanted.low, wanted.high)
    )
    known = people.dropna()
    assert wanted.estimate == pytest.approx(
        kpi.clv(margin=known["margin"].mean(), retention=known["retained"].mean(), **PLAIN).estimate
    )


def test_nobody_known_has_no_value() -> None:
    nobody = pd.DataFrame({"margin": [np.nan, 3.0], "retained": [1.0, np.nan]})
    found = kpi.clv_of_customers(nobody, **PLAIN)
    assert (found.estimate, found.missing, found.reason) == (None, 2, "no_answers")
