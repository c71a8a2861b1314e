"""Customer lifetime value in closed form, with every convention stated by the caller.

References:
    P. D. Berger & N. I. Nasr (1998). Customer lifetime value. Journal of Interactive Marketing 12(1), 17–30.
    S. Gupta et al. (2006). Modeling customer lifetime value. Journal of Service Research 9(2), 139–155.
    P. S. Fader & B. G. S. Hardie (2010). Customer-base valuation in a contractual setting. Marketing Science
    29(1), 85–93 (why one mean retention undervalues those who stay).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxassess.kpi import engines
from cxassess.kpi.analysis import AnalysisError, check_range, size_of
from cxassess.kpi.entry import admit, check_finite, check_flag, check_option, tally
from cxassess.kpi.estimate import Estimate

FirstPayment = Literal["now", "after_a_period"]
Booking = Literal["start", "middle", "end"]

Floats = NDArray[np.float64]

_OFFSET = {"start": 0.0, "middle": 0.5, "end": 1.0}


@dataclass(frozen=True, slots=True)
class Terms:
    """The conventions of a lifetime value; see `clv`."""

    discount: float
    first_payment: FirstPayment
    booking: Booking
    periods: int | None = None
    growth: float = 0.0

    def __post_init__(self) -> None:
        check_option("first_payment", self.first_payment, ("now", "after_a_period"))
        check_option("booking", self.booking, tuple(_OFFSET))
        check_range("discount", self.discount, -1, np.inf, open_low=True, open_high=True)
        check_range("growth", self.growth, -1, np.inf, open_high=True)
        if self.periods is not None:
            check_range("periods", self.periods, 1, np.inf)

    def value(self, retention: float | Floats) -> float:
        """The lifetime value of a margin of 1."""
        later, step = int(self.first_payment != "now"), (1 + self.growth) / (1 + self.discount)
        now = (1 + self.discount) ** -(_OFFSET[self.booking] + later)
        if self.periods is None and isinstance(retention, float):
            if retention * step >= 1:
                raise AnalysisError("clv_not_finite")
            return float(retention**later * now / (1 - retention * step))
        if isinstance(retention, float):
            renewals = np.full((self.periods or 0) - 1 + later, retention)
        else:
            check_range("periods", self.periods or 1, 1, retention.size + 1 - later)
            renewals = retention if self.periods is None else retention[: self.periods - 1 + later]
        staying = np.cumprod(np.append(1.0, renewals))[later:]
        return float(staying @ step ** np.arange(staying.size) * now)

    def slope(self, retention: float | Floats, position: int = 0) -> float:
        """By how much that value rises with the retention, or with one of several."""
        rates = np.atleast_1d(np.asarray(retention, dtype=np.float64))
        # A step that keeps a sum without end finite.
        step = 1e-6 * max(1 - float(rates[position]), 1e-3)
        ends = []
        for move in (step, -step):
            moved = rates + move * (np.arange(rates.size) == position)
            ends.append(self.value(float(moved[0]) if isinstance(retention, float) else moved))
        return (ends[0] - ends[1]) / (2 * step)


def clv(
    *,
    margin: float,
    retention: float | Sequence[float],
    discount: float,
    first_payment: FirstPayment,
    booking: Booking,
    periods: int | None = None,
    growth: float = 0.0,
    margin_error: float = 0.0,
    retention_error: float = 0.0,
    unit: str = "",
    confidence: float = 0.95,
) -> Estimate:
    """The discounted margin to expect of one customer over the whole relationship.

    Σ over payments k of margin · (1 + growth)^(k − k₀) · S(k) ÷ (1 + discount)^(k + b). S(k) is the chance of
    still being a customer after k renewals (retention^k). `first_payment="now"`: k₀ = 0, the payment that is
    due today counts and is certain; `"after_a_period"`: k₀ = 1, it is paid already or free. `booking`: b = 0,
    ½ or 1 for money booked at the start, in the middle or at the end of each period. Without end and without
    growth that is margin·(1 + d)/(1 + d − r) for (now, start) and margin·r/(1 + d − r) for (after_a_period,
    start).

    Args:
        margin: margin of one customer in the first period that counts, after the cost of serving.
        retention: chance of staying from one period to the next, 0 to 1; or one for each period.
        discount: rate per period, 0.01 for 1 %.
        first_payment: `now` or `after_a_period`.
        booking: `start`, `middle` or `end`.
        periods: how many payments count; without end if not given (with one retention per period: all).
        growth: by which part the margin grows per period.
        margin_error: standard error of the margin, for the interval.
        retention_error: standard error of the retention (of each, if there are several).
        unit: the currency.
        confidence: of the interval.

    Returns:
        The value. Its interval takes both errors to be independent (delta method, on the logarithm, so that
        it stays above 0); there is none without errors, or where the value is not above 0.

    Raises:
        KpiError: a rate outside its range, or a sum without end that is not finite.

    >>> clv(margin=100, retention=0.8, discount=0.1, first_payment="now", booking="start").estimate
    366.6...
    >>> clv(margin=100, retention=0.8, discount=0.1, first_payment="after_a_period", booking="start",
    ...     margin_error=4, retention_error=0.02, unit="EUR")
    clv: 266.7 EUR (219.2 to 324.4 at 95 % confidence, delta method; n = 0, missing 0)
    """
    rates = np.atleast_1d(np.asarray(retention, dtype=np.float64))
    for rate in rates:
        check_range("retention", rate, 0, 1)
    staying: float | Floats = float(rates[0]) if np.ndim(retention) == 0 else rates
    terms = Terms(discount, first_payment, booking, periods, growth)
    per_unit = terms.value(staying)
    slopes = margin * np.array([terms.slope(staying, position) for position in range(rates.size)])
    variance = (per_unit * margin_error) ** 2 + float(slopes @ slopes) * retention_error**2
    return _estimate(margin * per_unit, variance, 0, 0, unit, confidence)


def clv_of_customers(
    df: Any,
    *,
    margin: str = "margin",
    retained: str = "retained",
    discount: float,
    first_payment: FirstPayment,
    booking: Booking,
    periods: int | None = None,
    growth: float = 0.0,
    interval: Literal["delta", "bootstrap"] = "delta",
    resamples: int = 2000,
    seed: int = 0,
    unit: str = "",
    confidence: float = 0.95,
) -> Estimate:
    """The lifetime value that one period's customers point to: mean margin and share retained, then `clv`.

    Args:
        df: one row a customer of the period; any engine.
        margin: column with the customer's margin in the period.
        retained: column that says whether the customer was still there at its end.
        discount: see `clv`, as are `first_payment`, `booking`, `periods` and `growth`.
        first_payment: see `clv`.
        booking: see `clv`.
        periods: see `clv`.
        growth: see `clv`.
        interval: `delta` (sums are made on the engine), or `bootstrap` (percentile, by customer; distinct
            pairs of `margin` and `retained` are brought here). Both allow for margin and staying going together.
        resamples: of the bootstrap.
        seed: of the bootstrap.
        unit: the currency.
        confidence: of the interval.

    Returns:
        The value; customers of whom margin or staying is not known are left out and counted as missing.
        Null where nobody is left.

    Raises:
        KpiError: as for `clv`; a column is missing or of the wrong type; or the frame has no rows.
    """
    check_option("interval", interval, ("delta", "bootstrap"))
    terms = Terms(discount, first_payment, booking, periods, growth)
    frame = admit(df, numbers=[margin], flags=[retained])
    check_finite(frame, [margin])
    check_flag(tally(frame, columns=[retained]), retained)
    m, r = nw.col(margin), nw.col(retained)
    known = frame.filter(~m.is_null() & ~r.is_null())
    products = {"n": m * 0 + 1, "m": m, "r": r, "mm": m * m, "mr": m * r}
    row = engines.to_pandas(
        known.select(*(what.alias(name) for name, what in products.items())).select(nw.all().sum())
    ).iloc[0]
    rows = size_of(frame)
    n = 0 if pd.isna(row["n"]) else int(row["n"])
    if n == 0:
        return Estimate("clv", None, None, None, 0, rows, unit, "none", confidence, "no_answers")
    mean, rate = float(row["m"]) / n, float(row["r"]) / n
    value = mean * terms.value(rate)
    if interval == "bootstrap":
        counts = tally(known.select(margin, retained), columns=[margin, retained])
        weights = np.random.default_rng(seed).multinomial(n, counts.count / n, size=resamples)
        means, rates = weights @ counts.values[margin] / n, weights @ counts.values[retained] / n
        drawn = means * [terms.value(float(one)) for one in rates]
        low, high = (float(end) for end in np.quantile(drawn, [0.5 - confidence / 2, 0.5 + confidence / 2]))
        return Estimate("clv", value, low, high, n, rows - n, unit, "bootstrap", confidence)
    second = np.array([[row["mm"], row["mr"]], [row["mr"], row["r"]]]) / n
    covariance = (second - np.outer([mean, rate], [mean, rate])) / max(n - 1, 1)
    gradient = np.array([terms.value(rate), mean * terms.slope(rate)])
    variance = float(gradient @ covariance @ gradient)
    return _estimate(value, variance if n > 1 else 0.0, n, rows - n, unit, confidence)


def _estimate(value: float, variance: float, n: int, missing: int, unit: str, confidence: float) -> Estimate:
    if not (value > 0 and variance > 0):
        return Estimate("clv", value, None, None, n, missing, unit, "none", confidence)
    factor = float(np.exp(NormalDist().inv_cdf(0.5 + confidence / 2) * variance**0.5 / value))
    return Estimate("clv", value, value / factor, value * factor, n, missing, unit, "delta", confidence)
