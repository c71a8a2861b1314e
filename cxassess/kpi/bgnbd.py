"""How often customers will buy again, and for how much: BG/NBD and gamma-gamma, by maximum likelihood.

While a customer is active, purchases follow a Poisson process whose rate varies over customers as
gamma(r, α). After each purchase the customer leaves for good with a probability that varies as beta(a, b).
The mean value of a customer's purchases varies as gamma-gamma(p, q, v), whatever their number.

References:
    Fader, Hardie & Lee (2005). "Counting your customers" the easy way. Marketing Science 24(2), 275-284.
    Fader, Hardie & Lee (2005). RFM and CLV: using iso-value curves. J. Marketing Research 42(4), 415-430.
    Fader & Hardie (2013). The gamma-gamma model of monetary value. brucehardie.com/notes/025.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln, hyp2f1

from cxassess.kpi.analysis import AnalysisError

Floats: TypeAlias = NDArray[np.float64]
Matrix: TypeAlias = tuple[tuple[float, ...], ...]
LogLikelihood: TypeAlias = Callable[[Floats], tuple[float, Floats]]

_WIDEST = 12.0  # a parameter beyond e^±12 is not determined by the data


@dataclass(frozen=True)
class BgNbd:
    """A fitted BG/NBD model of repeat purchases.

    Attributes:
        r, alpha, a, b: the model's parameters; `alpha` is in the unit of time of the data.
        covariance: of their estimates, in this order; NaN where the data do not determine a parameter.
        log_likelihood: at the maximum.
        customers: how many customers the model was fitted to.
    """

    r: float
    alpha: float
    a: float
    b: float
    covariance: Matrix = ()
    log_likelihood: float = np.nan
    customers: int = 0

    @property
    def errors(self) -> tuple[float, ...]:
        """Standard errors of the parameters."""
        return tuple(np.sqrt(np.diag(np.array(self.covariance))).tolist())

    def p_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """The probability that a customer is still active; 1 for who has not bought again.

        A customer can leave only after a repeat purchase, so the model cannot tell that one who never
        came back has left.

            >>> model = BgNbd(.243, 4.414, .793, 2.426)
            >>> model.p_alive([2, 2, 0], [30.43, 5, 0], 38.86).round(2)
            array([0.73, 0.12, 1.  ])
        """
        x, t_x, age_ = (np.asarray(values, float) for values in (frequency, recency, age))
        return np.asarray(expit(-self._log_odds_gone(x, t_x, age_)))

    def expected_purchases(
        self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, horizon: float
    ) -> Floats:
        """Purchases to expect of each customer in the next `horizon`.

        E[Y(t) | x, t_x, T] by Fader, Hardie & Lee (2005), eq. 10, with Euler's transformation of the
        hypergeometric function, which keeps it finite for customers with many purchases.

            >>> model = BgNbd(.243, 4.414, .793, 2.426)
            >>> model.expected_purchases([2], [30.43], [38.86], 39).round(3)
            array([1.226])
        """
        x, t_x, age_ = (np.asarray(values, float) for values in (frequency, recency, age))
        active: Floats = expit(-self._log_odds_gone(x, t_x, age_))
        return active * _purchases_while_active(self.r, self.alpha + age_, self.a, self.b, x, horizon)

    def expected_of_new(self, horizon: ArrayLike) -> Floats:
        """Repeat purchases to expect of a new customer within each `horizon` (eq. 9 of the paper)."""
        return _purchases_while_active(
            self.r, np.asarray(self.alpha), self.a, self.b, np.asarray(0.0), np.asarray(horizon, float)
        )

    def _log_odds_gone(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        odds = (
            np.log(self.a)
            - np.log(self.b + np.maximum(x, 1) - 1)
            + (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + t_x))
        )
        return np.where(x > 0, odds, -np.inf)


@dataclass(frozen=True)
class GammaGamma:
    """A fitted gamma-gamma model of the mean value of a customer's purchases.

    Attributes:
        p, q, v: the model's parameters; `v` is in the unit of money of the data.
        covariance: of their estimates, in this order; NaN where the data do not determine a parameter.
        log_likelihood: at the maximum.
        customers: how many customers the model was fitted to.
    """

    p: float
    q: float
    v: float
    covariance: Matrix = ()
    log_likelihood: float = np.nan
    customers: int = 0

    @property
    def errors(self) -> tuple[float, ...]:
        """Standard errors of the parameters."""
        return tuple(np.sqrt(np.diag(np.array(self.covariance))).tolist())

    def expected_value(self, frequency: ArrayLike, value: ArrayLike) -> Floats:
        """The mean value to expect of each customer's purchases, drawn towards the mean of all.

        (q − 1) / (px + q − 1) · pv / (q − 1) + px / (px + q − 1) · z̄; one who has not bought again is
        expected to be like all. NaN where q ≤ 1 and nothing was observed: the mean does not exist.

            >>> GammaGamma(6.25, 3.74, 15.44).expected_value([0, 2], [0, 22.35]).round(2)
            array([35.22, 24.66])
        """
        x, mean = np.asarray(frequency, float), np.where(np.asarray(frequency) > 0, value, 0.0)
        weight = self.p * x + self.q - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(weight > 0, self.p * (self.v + x * mean) / weight, np.nan)


def fit_bgnbd(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, weight: ArrayLike | None = None
) -> BgNbd:
    """Fit a BG/NBD model.

    Args:
        frequency: repeat purchases of each customer (x): purchases after the first.
        recency: time from the first purchase to the last (t_x), 0 where there was no repeat.
        age: time from the first purchase to the end of observation (T), in the same unit.
        weight: how many customers a record stands for; 1 if not given.

    Raises:
        KpiError: fewer than two customers bought again, or a record is impossible.
    """
    x, t_x, age_ = (np.asarray(values, float) for values in (frequency, recency, age))
    n = np.ones_like(x) if weight is None else np.asarray(weight, float)
    possible = (x >= 0) & (t_x >= 0) & (t_x <= age_) & ((x > 0) | (t_x == 0)) & np.isfinite(x + age_)
    if not possible.all():
        first = int(np.flatnonzero(~possible)[0])
        found = ", ".join(f"{values[first]:g}" for values in (x, t_x, age_))
        raise AnalysisError("purchases_impossible", row=first, found=found)
    if n[x > 0].sum() < 2:
        raise AnalysisError("nobody_again")
    scale = float(age_.max())
    t_x, age_ = t_x / scale, age_ / scale
    again = x > 0

    def log_likelihood(parameters: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = parameters
        alive = -(r + x) * np.log(alpha + age_)
        gone = np.where(
            again, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x), -np.inf
        )
        either = np.logaddexp(alive, gone)
        value = (
            gammaln(r + x) - gammaln(r) + r * np.log(alpha)
            + gammaln(a + b) - gammaln(b) + gammaln(b + x) - gammaln(a + b + x) + either
        )  # fmt: skip
        w = np.exp(gone - either)
        log_alpha = (1 - w) * np.log(alpha + age_) + w * np.log(alpha + t_x)
        rest = digamma(a + b) - digamma(a + b + x)
        gradient = np.stack([
            digamma(r + x) - digamma(r) + np.log(alpha) - log_alpha,
            r / alpha - (r + x) * ((1 - w) / (alpha + age_) + w / (alpha + t_x)),
            rest + w / a,
            rest + digamma(b + x) - digamma(b) - w / np.where(again, b + x - 1, 1),
        ])  # fmt: skip
        return float(n @ value), gradient @ n

    # Time was in units of `scale`: each repeat purchase has a density in time.
    shift = -float(n @ x) * np.log(scale)
    (r, alpha, a, b), covariance, best = _maximise(
        log_likelihood, np.ones(4), n.sum(), np.array([1, scale, 1, 1])
    )
    return BgNbd(r, alpha, a, b, covariance, best + shift, int(n.sum()))


def fit_gamma_gamma(frequency: ArrayLike, value: ArrayLike, weight: ArrayLike | None = None) -> GammaGamma:
    """Fit a gamma-gamma model to the customers who bought again.

    Args:
        frequency: repeat purchases of each customer; records with 0 are left out.
        value: mean value of the customer's repeat purchases, above 0.
        weight: how many customers a record stands for; 1 if not given.

    Raises:
        KpiError: fewer than two customers bought again, or a mean value is not above 0.
    """
    x, z = np.asarray(frequency, float), np.asarray(value, float)
    n = np.ones_like(x) if weight is None else np.asarray(weight, float)
    x, z, n = x[x > 0], z[x > 0], n[x > 0]
    if n.sum() < 2:
        raise AnalysisError("nobody_again")
    if not (z > 0).all():
        raise AnalysisError("value_not_positive", found=f"{z[~(z > 0)][0]:g}")
    scale = float(np.average(z, weights=n))
    z = z / scale

    def log_likelihood(parameters: Floats) -> tuple[float, Floats]:
        p, q, v = parameters
        log_sum = np.log(x * z + v)
        value = (
            gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
            + (p * x - 1) * np.log(z) + p * x * np.log(x) - (p * x + q) * log_sum
        )  # fmt: skip
        gradient = np.stack([
            x * (digamma(p * x + q) - digamma(p * x) + np.log(z) + np.log(x) - log_sum),
            digamma(p * x + q) - digamma(q) + np.log(v) - log_sum,
            q / v - (p * x + q) / (x * z + v),
        ])  # fmt: skip
        return float(n @ value), gradient @ n

    shift = -float(n.sum()) * np.log(scale)
    start = np.array([1.0, 2.0, 1.0])
    (p, q, v), covariance, best = _maximise(log_likelihood, start, n.sum(), np.array([1, 1, scale]))
    return GammaGamma(p, q, v, covariance, best + shift, int(n.sum()))


def _maximise(
    log_likelihood: LogLikelihood, start: Floats, n: float, scale: Floats
) -> tuple[list[float], Matrix, float]:
    """Positive parameters at the maximum, times `scale`, their covariance, and the maximum."""

    def loss(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        value, gradient = log_likelihood(parameters)
        return -value / n, -gradient * parameters / n

    bounds = [(-_WIDEST, _WIDEST)] * start.size
    options = {"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-9}
    logs = minimize(loss, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    step = 1e-4
    hessian = np.stack(
        [(loss(logs + move)[1] - loss(logs - move)[1]) / (2 * step) for move in step * np.eye(start.size)]
    )
    parameters = np.exp(logs) * scale
    free = np.flatnonzero(np.abs(logs) < _WIDEST - 1e-3)
    covariance = np.full((start.size, start.size), np.nan)
    inner = (hessian + hessian.T)[np.ix_(free, free)] / 2 * n
    if free.size and np.linalg.eigvalsh(inner)[0] > 0:
        outer = np.outer(parameters[free], parameters[free])
        covariance[np.ix_(free, free)] = outer * np.linalg.inv(inner)
    return parameters.tolist(), tuple(map(tuple, covariance.tolist())), -loss(logs)[0] * n


def _purchases_while_active(
    r: float, since: Floats, a: float, b: float, x: Floats, horizon: float | Floats
) -> Floats:
    """(a+b+x−1)/(a−1) · [1 − u^(a−1) ₂F₁(a−1, a+b−1−r; a+b+x−1; 1−u)], u = (α+T)/(α+T+t)."""
    if min(abs(a - 1), abs(a + b - 1)) < 1e-5:  # removable singularities
        step = 1e-3
        both = [_purchases_while_active(r, since, a + s, b, x, horizon) for s in (-step, step)]
        return (both[0] + both[1]) / 2
    left = since / (since + horizon)
    series = hyp2f1(a - 1, a + b - 1 - r, a + b + x - 1, 1 - left)
    return np.asarray((a + b + x - 1) / (a - 1) * (1 - left ** (a - 1) * series), float)
