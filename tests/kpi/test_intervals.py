"""Intervals against published tables, against other programs, and against what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxassess.kpi import intervals

WHOLE = st.integers(0, 500)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_intervals_of_newcombe_1998(successes: int, n: int, low: float, high: float) -> None:
    assert np.round(intervals.wilson(successes, n), 4).tolist() == [low, high]


@given(WHOLE, WHOLE, st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_agrees_with_scipy(yes: int, no: int, confidence: float) -> None:
    if yes + no == 0:
        assert np.isnan(intervals.wilson(yes, yes + no, confidence)).all()
        return
    theirs = stats.binomtest(yes, yes + no).proportion_ci(confidence, method="wilson")
    assert intervals.wilson(yes, yes + no, confidence) == pytest.approx(tuple(theirs), abs=1e-12)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # The 95 % limits of the tables in E. S. Pearson and H. O. Hartley, Biometrika Tables for Statisticians, vol. 1.
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (50, 37.111, 65.919)],
)
def test_poisson_gives_the_tabulated_limits(count: int, low: float, high: float) -> None:
    assert intervals.poisson(count) == pytest.approx((low, high), abs=6e-4)


@given(WHOLE, st.sampled_from([0.8, 0.95]))
def test_poisson_bounds_are_where_the_tails_have_half_of_what_is_left(count: int, confidence: float) -> None:
    low, high = intervals.poisson(count, confidence)
    tail = (1 - confidence) / 2
    assert stats.poisson.cdf(count, high) == pytest.approx(tail)
    if count:
        assert stats.poisson.sf(count - 1, low) == pytest.approx(tail)
    else:
        assert low == 0


@given(st.lists(st.integers(1, 5), min_size=2, max_size=40).filter(lambda answers: len(set(answers)) > 1))
def test_t_interval_agrees_with_scipy(answers: list[int]) -> None:
    ours = intervals.t_mean(np.mean(answers), np.std(answers, ddof=1), len(answers))
    assert ours == pytest.approx(tuple(stats.ttest_1samp(answers, 0).confidence_interval(0.95)))


def test_there_is_no_t_interval_where_the_spread_is_not_seen() -> None:
    assert np.isnan(intervals.t_mean([3, 3], [np.nan, 0], [1, 5])).all()


# Shares of promoters and detractors: a good company, a divided one, a middling one, one nearly all promoters.
MARKETS = [(0.60, 0.15), (0.45, 0.45), (0.25, 0.30), (0.90, 0.02)]


@pytest.mark.parametrize("n", [20, 50, 200])
@pytest.mark.parametrize(("promoters", "detractors"), MARKETS)
def test_nps_interval_covers_the_truth_as_often_as_it_says(
    promoters: float, detractors: float, n: int
) -> None:
    random = np.random.default_rng(2016)
    drawn = random.multinomial(n, [promoters, detractors, 1 - promoters - detractors], size=20_000)
    low, high = intervals.net_share(drawn[:, 0], drawn[:, 1], n)
    covered = ((low <= promoters - detractors) & (promoters - detractors <= high)).mean()
    assert 0.93 < covered < 0.985


def test_nps_interval_keeps_its_promise_where_plain_wald_does_not() -> None:
    p, d, n = 0.95, 0.01, 30
    drawn = np.random.default_rng(1).multinomial(n, [p, d, 1 - p - d], size=20_000)
    low, high = intervals.net_share(drawn[:, 0], drawn[:, 1], n)
    shares = drawn / n
    net = shares[:, 0] - shares[:, 1]
    half = 1.96 * np.sqrt((shares[:, 0] + shares[:, 1] - net**2) / n)
    plain = (np.abs(net - (p - d)) <= half).mean()
    assert ((low <= p - d) & (p - d <= high)).mean() > 0.93 > plain


@given(WHOLE, WHOLE, WHOLE)
def test_nps_interval_turns_round_with_the_answers_and_stays_on_the_scale(p: int, d: int, rest: int) -> None:
    low, high = intervals.net_share(p, d, p + d + rest)
    if p + d + rest == 0:
        assert np.isnan([low, high]).all()
        return
    assert intervals.net_share(d, p, p + d + rest) == pytest.approx((-high, -low))
    assert -1 <= low < high <= 1


@given(
    st.floats(-50, 50), st.floats(1, 50), st.floats(0.01, 9), st.floats(0.001, 0.05), st.floats(-0.9, 0.9),
    st.sampled_from([np.inf, 7.0]),
)  # fmt: skip
def test_fieller_bounds_solve_the_equation_and_hold_the_ratio(
    a: float, b: float, va: float, vb: float, correlation: float, degrees: float
) -> None:
    cov = correlation * np.sqrt(va * vb)
    low, high = intervals.fieller(a, b, va, vb, cov, degrees=degrees)
    t = stats.t.ppf(0.975, degrees)
    assert low <= a / b <= high
    for ratio in (low, high):
        squared_gap, variance = (a - ratio * b) ** 2, va - 2 * ratio * cov + ratio**2 * vb
        assert squared_gap == pytest.approx(t**2 * variance, rel=1e-6, abs=1e-9)


def test_fieller_has_no_bounds_where_the_denominator_may_be_zero() -> None:
    assert np.isnan(intervals.fieller(3.0, 0.1, 0.1, 0.1)).all()


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=8, max_size=25), st.integers(0, 3)
)
def test_bca_agrees_with_scipy(pairs: list[tuple[int, int]], seed: int) -> None:
    x, y = np.array(pairs, dtype=float).T
    if len(set(pairs)) < 4 or np.ptp(x / y) == 0:
        return
    theirs = stats.bootstrap(
        (x, y),
        lambda x, y, axis: x.sum(axis) / y.sum(axis),
        paired=True,
        n_resamples=4000,
        method="BCa",
        rng=seed,
    )
    ours = intervals.bca_ratio(x, y, resamples=4000, seed=seed)
    tolerance = 0.35 * theirs.standard_error  # both are random
    assert ours == pytest.approx(tuple(theirs.confidence_interval), abs=tolerance)


def test_bca_of_alike_clusters_is_that_of_the_clusters_one_by_one() -> None:
    together = intervals.bca_ratio([0, 1, 2], [1, 1, 2], copies=[40, 55, 30], resamples=20_000)
    apart = intervals.bca_ratio([0] * 40 + [1] * 55 + [2] * 30, [1] * 95 + [2] * 30, resamples=20_000)
    assert together == pytest.approx(apart, abs=0.005)


def test_bca_covers_the_truth_where_customers_answer_alike() -> None:
    """Each customer gives four answers that are the same: taking them as 4 × as many would promise too much."""
    random = np.random.default_rng(3)
    covered = []
    for _ in range(300):
        yes = random.random(60) < 0.7
        low, high = intervals.bca_ratio(4 * yes, np.full(60, 4), resamples=600)
        covered.append(low <= 0.7 <= high)
    assert np.mean(covered) > 0.9
    low, high = intervals.wilson(4 * 42, 240)
    clustered = intervals.bca_ratio([4] * 42 + [0] * 18, [4] * 60)
    assert clustered[1] - clustered[0] > 1.7 * (high - low)


def test_bca_has_no_bounds_for_one_cluster_or_an_empty_denominator() -> None:
    assert np.isnan(intervals.bca_ratio([1], [1])).all()
    assert np.isnan(intervals.bca_ratio([0, 0], [0, 0])).all()


def test_bca_has_no_bounds_where_all_clusters_are_alike() -> None:
    assert np.isnan(intervals.bca_ratio([2, 2, 2], [2, 2, 2])).all()
