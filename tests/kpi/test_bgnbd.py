"""BG/NBD and gamma-gamma: the published fits of the CDNOW data, simulated customers, and extreme ones."""

from importlib.metadata import distribution

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxassess import kpi
from cxassess.kpi.bgnbd import BgNbd, GammaGamma, fit_bgnbd, fit_gamma_gamma
from tests.kpi.conftest import Native

PUBLISHED = BgNbd(0.243, 4.414, 0.793, 2.426)


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    """The summary of 2,357 CDNOW customers over 39 weeks that the lifetimes package carries."""
    path = distribution("lifetimes").locate_file(
        "lifetimes/datasets/cdnow_customers_summary_with_transactions.csv"
    )
    columns = {"ID": "customer", "x": "frequency", "t_x": "recency", "T": "age", "zbar": "value"}
    return pd.read_csv(str(path)).rename(columns=columns)


def test_the_published_fit_of_the_repeat_purchases(cdnow: pd.DataFrame) -> None:
    found = fit_bgnbd(cdnow["frequency"], cdnow["recency"], cdnow["age"])
    assert found.customers == 2357
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    # As lifetimes gives them.
    assert found.errors == pytest.approx((0.012557, 0.378221, 0.185719, 0.705345), rel=1e-3)


def test_the_published_fit_of_the_values(cdnow: pd.DataFrame) -> None:
    found = fit_gamma_gamma(cdnow["frequency"], cdnow["value"])
    assert found.customers == 946
    assert (found.p, found.q, found.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)
    assert found.errors == pytest.approx((1.189687, 0.290166, 4.159994), rel=1e-3)


def test_the_published_forecast_of_one_customer() -> None:
    # Fader, Hardie & Lee (2005), Implementing the BG/NBD model in Excel: x = 2, t_x = 30.43, T = 38.86, t = 39.
    assert PUBLISHED.expected_purchases([2], [30.43], [38.86], 39)[0] == pytest.approx(1.226, abs=5e-4)


def test_counted_customers_fit_like_listed_ones(cdnow: pd.DataFrame) -> None:
    counted = cdnow.groupby(["frequency", "recency", "age"]).size().reset_index(name="n")
    whole = fit_bgnbd(cdnow["frequency"], cdnow["recency"], cdnow["age"])
    short = fit_bgnbd(counted["frequency"], counted["recency"], counted["age"], counted["n"])
    assert (short.r, short.alpha, short.a, short.b) == pytest.approx(
        (whole.r, whole.alpha, whole.a, whole.b), rel=1e-4
    )


@settings(max_examples=10)
@given(scale=st.floats(1e-3, 1e4))
def test_the_unit_of_time_changes_only_alpha(scale: float) -> None:
    x = np.array([0, 1, 3, 0, 7, 2, 0, 1, 4, 5])
    t_x = np.array([0, 5, 20, 0, 33, 11, 0, 30, 35, 9.0])
    age = np.array([38, 37, 36, 35, 38, 39, 30, 31, 36, 38.0])
    one, other = fit_bgnbd(x, t_x, age), fit_bgnbd(x, t_x * scale, age * scale)
    assert (other.r, other.alpha, other.a, other.b) == pytest.approx(
        (one.r, one.alpha * scale, one.a, one.b), rel=1e-3
    )
    assert other.log_likelihood == pytest.approx(
        one.log_likelihood - x.sum() * np.log(scale), rel=1e-6, abs=1e-6
    )


def simulate(model: BgNbd, weeks: float, ahead: float, customers: int, seed: int) -> pd.DataFrame:
    """Customers who buy as the model says, and what they buy in the time ahead."""
    random = np.random.default_rng(seed)
    rate = random.gamma(model.r, 1 / model.alpha, customers)
    leave = random.beta(model.a, model.b, customers)
    rows = []
    for speed, quit_ in zip(rate, leave, strict=True):
        now, times, future = 0.0, [], 0
        while True:
            now += random.exponential(1 / speed) if speed > 1e-12 else np.inf
            if now > weeks + ahead:
                break
            if now <= weeks:
                times.append(now)
            else:
                future += 1
            if random.random() < quit_:
                break
        rows.append((len(times), times[-1] if times else 0.0, weeks, future))
    return pd.DataFrame(rows, columns=["frequency", "recency", "age", "future"])


def test_forecasts_agree_with_simulated_customers() -> None:
    model = BgNbd(0.8, 6.0, 0.7, 2.5)
    people = simulate(model, 40, 30, 20_000, seed=5)
    each = model.expected_purchases(people["frequency"], people["recency"], people["age"], 30)
    for low, high in ((0, 0), (1, 2), (3, 6), (7, 100)):
        group = people["frequency"].between(low, high).to_numpy()
        seen = people.loc[group, "future"]
        assert each[group].mean() == pytest.approx(seen.mean(), abs=4 * seen.std() / len(seen) ** 0.5)
    assert model.expected_of_new(40) == pytest.approx(people["frequency"].mean(), rel=0.05)


def test_a_fit_finds_what_made_the_data() -> None:
    model = BgNbd(0.8, 6.0, 0.7, 2.5)
    people = simulate(model, 40, 0, 8_000, seed=6)
    found = fit_bgnbd(people["frequency"], people["recency"], people["age"])
    for name, error in zip(("r", "alpha", "a", "b"), found.errors, strict=True):
        assert abs(getattr(found, name) - getattr(model, name)) < 4 * error


@given(
    x=st.integers(0, 3000), part=st.floats(0, 1), age=st.floats(1e-3, 1e4), horizon=st.floats(1e-3, 1e4),
    a=st.sampled_from([0.05, 0.793, 1.0, 1.000001, 3.0]), b=st.sampled_from([0.05, 0.2, 2.426, 50.0]),
)  # fmt: skip
def test_forecasts_stay_finite_and_grow_with_the_horizon(
    x: int, part: float, age: float, horizon: float, a: float, b: float
) -> None:
    model = BgNbd(0.243, 4.414, a, b)
    t_x = part * age if x else 0.0
    alive = model.p_alive(x, t_x, age)
    near, far = (model.expected_purchases([x], [t_x], [age], time)[0] for time in (horizon, 2 * horizon))
    assert 0 <= alive <= 1
    assert np.isfinite([near, far]).all()
    assert -1e-9 <= near <= far + 1e-9 * max(1, abs(far))


def test_forecasts_pass_smoothly_where_the_formula_divides_by_zero() -> None:
    around = [
        BgNbd(0.3, 4, a, 0.5).expected_purchases([0, 3], [0, 8], [10, 10], 5) for a in (0.999, 1, 1.001)
    ]
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-5)
    around = [
        BgNbd(0.3, 4, a, 0.5).expected_purchases([0, 3], [0, 8], [10, 10], 5) for a in (0.499, 0.5, 0.501)
    ]
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-4)


def test_the_more_seen_the_less_the_mean_is_drawn_in() -> None:
    model = GammaGamma(6.25, 3.74, 15.44)
    means = model.expected_value([0, 1, 5, 1000], [np.nan, 80, 80, 80])
    assert means[0] == pytest.approx(6.25 * 15.44 / 2.74)
    assert (np.diff(means) > 0).all()
    assert means[3] == pytest.approx(80, rel=0.01)


@pytest.mark.parametrize(
    ("x", "t_x", "age", "key"),
    [
        ([1, 2], [5, 40], [10, 30], "purchases_impossible"),
        ([0, 2, 1], [5, 4, 1], [10, 30, 10], "purchases_impossible"),
        ([1, np.nan], [5, 4], [10, 30], "purchases_impossible"),
        ([0, 1, 0], [0, 4, 0], [10, 30, 10], "nobody_again"),
    ],
)
def test_impossible_customers_are_refused(
    x: list[float], t_x: list[float], age: list[float], key: str
) -> None:
    with pytest.raises(kpi.KpiError) as caught:
        fit_bgnbd(x, t_x, age)
    assert caught.value.key == key
    assert str(caught.value)


def test_free_purchases_have_no_value_model() -> None:
    with pytest.raises(kpi.KpiError, match="above 0"):
        fit_gamma_gamma([1, 2, 0], [10, 0, 0])


def test_the_forecast_table(cdnow: pd.DataFrame) -> None:
    found = kpi.expected_purchases(cdnow, 39, age="age", value="value", margin=0.5)
    table = found.customers
    assert table["customer"].tolist() == cdnow["customer"].tolist()
    assert table["expected_purchases"].sum() == pytest.approx(found.total.estimate)
    assert found.total.low < found.total.estimate < found.total.high
    assert found.total.n == 2357
    # Without a discount the parts of the horizon add up.
    value = 0.5 * (table["expected_purchases"] * table["expected_value"]).sum()
    assert table["clv"].sum() == pytest.approx(value)
    later = kpi.expected_purchases(cdnow, 39, age="age", value="value", margin=0.5, discount=0.01)
    assert later.customers["clv"].sum() < value
    assert "r 0.243" in repr(found)


def test_a_summary_of_transactions_can_be_forecast(cdnow: pd.DataFrame) -> None:
    summary = cdnow.rename(columns={"age": "T", "value": "monetary"}).set_index("customer")
    found = kpi.expected_purchases(summary, 39, value="monetary").customers
    assert found["customer"].tolist() == cdnow["customer"].tolist()


def test_customers_with_gaps_get_no_forecast(cdnow: pd.DataFrame) -> None:
    holes = cdnow.copy()
    holes.loc[[0, 5], "recency"] = np.nan
    found = kpi.expected_purchases(holes, 39, age="age")
    assert found.customers["expected_purchases"].isna().sum() == found.total.missing == 2
    assert found.customers["expected_purchases"].isna()[[0, 5]].all()


def test_the_total_of_the_holdout_lies_near_the_forecast() -> None:
    model = BgNbd(0.8, 6.0, 0.7, 2.5)
    inside = 0
    for seed in range(20):
        people = simulate(model, 40, 20, 1_500, seed=100 + seed)
        found = kpi.expected_purchases(people.assign(customer=people.index), 20, age="age")
        truth = model.expected_purchases(people["frequency"], people["recency"], people["age"], 20).sum()
        assert found.total.low is not None
        inside += found.total.low <= truth <= found.total.high
    assert inside >= 16  # of 20 at 95 %; fewer by chance once in 2,000 times


def test_every_engine_forecasts_the_same(cdnow: pd.DataFrame, native: Native) -> None:
    few = cdnow.iloc[:400].assign(frequency=lambda t: t["frequency"].astype(float))
    wanted = kpi.expected_purchases(few, 39, age="age", value="value").customers.set_index("customer")
    found = kpi.expected_purchases(native(few), 39, age="age", value="value").customers.set_index("customer")
    pd.testing.assert_frame_equal(found.sort_index(), wanted.sort_index(), rtol=1e-4, check_index_type=False)


def _orders(monetary: float) -> pd.DataFrame:
    columns = {"customer": list("abcdef"), "frequency": [0, 3, 1, 0, 6, 2], "recency": [0, 20, 4, 0, 30, 9]}
    return pd.DataFrame(
        {**columns, "T": [30, 31, 28, 22, 32, 30], "monetary": [np.nan, 9.0, 12.0, np.nan, 7.0, monetary]}
    )


@pytest.mark.parametrize("refunded", [0.0, -3.0])
def test_customers_whose_repeat_purchases_were_refunded_have_purchases_but_no_value(refunded: float) -> None:
    found = kpi.expected_purchases(_orders(refunded), 10, value="monetary")
    assert found.unvalued == 1
    last = found.customers.iloc[-1]
    assert (
        np.isfinite(last["expected_purchases"]) and np.isnan(last["expected_value"]) and np.isnan(last["clv"])
    )
    assert found.customers[["expected_value", "clv"]].iloc[:-1].notna().all(axis=None)
    valued = _orders(1.0)
    bought = valued[valued["frequency"] > 0].iloc[:-1]
    alone = fit_gamma_gamma(bought["frequency"], bought["monetary"])
    assert found.spending is not None
    assert (found.spending.customers, found.spending.log_likelihood) == (3, alone.log_likelihood)
    assert "not valued: 1" in repr(found)


def test_customers_who_are_all_alike_are_refused_in_a_sentence() -> None:
    alike = pd.DataFrame(
        {"customer": range(40), "frequency": 2, "recency": 25, "T": [25 + n % 8 for n in range(40)]}
    )
    with pytest.raises(kpi.KpiError, match="too much alike"):
        kpi.expected_purchases(alike, 84)
