"""What each customer without a contract may be expected to buy from now on."""

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from cxassess.kpi import engines
from cxassess.kpi.analysis import AnalysisError, Shown, check_range, in_words, text
from cxassess.kpi.bgnbd import BgNbd, Floats, GammaGamma, fit_bgnbd, fit_gamma_gamma
from cxassess.kpi.entry import admit, check_finite
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Estimate, figure, metric_name


@dataclass(frozen=True, eq=False, repr=False)
class Forecast(Shown):
    """Expected purchases of each customer, and the models behind them.

    Attributes:
        purchases: the BG/NBD model.
        spending: the gamma-gamma model, `None` where no values were given.
        customers: one row a customer: customer, p_alive (0 to 1), expected_purchases, and with values
            expected_value (per purchase) and clv (discounted over the horizon).
        total: purchases to expect of all together, with the interval of that expectation (delta method from
            the parameters' covariance; what is bought in fact scatters more).
        correlation: between number and mean value of repeat purchases. Gamma-gamma takes it to be 0.
        unvalued: customers whose repeat purchases came to nothing or less, as when all were refunded. They do
            not shape the gamma-gamma model, and have neither expected_value nor clv.
    """

    purchases: BgNbd
    spending: GammaGamma | None
    customers: pd.DataFrame
    total: Estimate
    correlation: float | None
    unvalued: int = 0

    def _heading(self) -> str:
        return metric_name("expected_purchases")

    def _lines(self) -> list[tuple[str, str]]:
        lines = [(text("forecast_total"), in_words(self.total)), ("BG/NBD", _parameters(self.purchases))]
        if self.spending is not None and self.correlation is not None:
            lines += [
                (text("forecast_clv"), figure(float(self.customers["clv"].sum()))),
                (text("forecast_spending"), _parameters(self.spending)),
                (text("forecast_correlation"), f"{self.correlation:+.2f}"),
            ]
        if self.unvalued:
            lines.append((text("forecast_unvalued"), f"{self.unvalued:,}"))
        return lines


def expected_purchases(
    df: Any,
    horizon: float,
    *,
    customer: str = "customer",
    frequency: str = "frequency",
    recency: str = "recency",
    age: str = "T",
    value: str | None = None,
    margin: float = 1.0,
    discount: float = 0.0,
    bookings: int = 12,
) -> Forecast:
    """How often each customer will buy in the next `horizon`, and what that is worth.

    Fits the BG/NBD model, and with `value` the gamma-gamma model, to these customers by maximum likelihood
    (see `bgnbd`). clv = margin · expected value · Σ over j = 1 … bookings of the purchases expected in the
    j-th part of the horizon ÷ (1 + discount)^(time at its end).

    Args:
        df: one row a customer, such as `Transactions.summary()`; any engine, only the named columns are
            brought here.
        horizon: how far to look ahead, in the unit of `recency` and `age`.
        customer: column (or pandas index) of ids.
        frequency: column with the number of repeat purchases (days with a purchase, less one).
        recency: column with the time from first to last purchase; 0 without a repeat.
        age: column with the time from first purchase to the end of observation.
        value: column with the mean value of the repeat purchases; ignored where there was none.
        margin: the part of a purchase's value that is earned, 0 to 1.
        discount: rate per unit of time.
        bookings: in how many parts the horizon is discounted.

    Returns:
        A `Forecast`. Customers with a missing figure get no forecast (NaN) and are counted as missing. Customers
        who bought again for a mean value not above 0 get no value and are counted in `unvalued`.

    Raises:
        KpiError: a column is missing or no number, a record is impossible, fewer than two customers bought again
            (with `value`, for more than 0), or all buy too much alike for the model.

    >>> orders = pd.DataFrame({"customer": list("abcdef"), "frequency": [0, 3, 1, 0, 6, 2],
    ...                        "recency": [0, 20, 4, 0, 30, 9], "T": [30, 31, 28, 22, 32, 30]})
    >>> found = expected_purchases(orders, 10)
    >>> found.customers.columns.tolist()
    ['customer', 'p_alive', 'expected_purchases']
    """
    check_range("horizon", horizon, 0, np.inf, open_low=True, open_high=True)
    check_range("discount", discount, 0, np.inf, open_high=True)
    check_range("margin", margin, 0, 1)
    check_range("bookings", bookings, 1, np.inf)
    if isinstance(df, pd.DataFrame) and customer not in df and df.index.name == customer:
        df = df.reset_index()
    numbers = [frequency, recency, age, *([value] if value else [])]
    frame = admit(df, numbers=numbers, others=[customer])
    check_finite(frame, numbers)
    table = engines.to_pandas(frame)
    if table.empty:
        raise KpiError("frame_empty")
    known = table[[frequency, recency, age]].notna().all(axis=1).to_numpy()
    if value is not None:
        known &= (table[value].notna() | (table[frequency] == 0)).to_numpy()
    # Equal customers are worked out once.
    alike = table.loc[known].groupby([frequency, recency, age], sort=True)
    place = alike.ngroup().to_numpy()
    x, t_x, age_ = (
        alike.size().index.get_level_values(name).to_numpy(float) for name in (frequency, recency, age)
    )
    model = fit_bgnbd(x, t_x, age_, alike.size().to_numpy())
    result = pd.DataFrame({"customer": table[customer]})

    def column(each: Floats) -> Floats:
        return np.where(known, np.append(each, np.nan)[_positions(known, place, each.size)], np.nan)

    expected = model.expected_purchases(x, t_x, age_, horizon)
    if not np.isfinite(expected).all():
        raise AnalysisError("all_alike")
    result["p_alive"] = column(model.p_alive(x, t_x, age_))
    result["expected_purchases"] = column(expected)
    total = _total(
        model, x, t_x, age_, np.asarray(alike.size(), dtype=np.float64), horizon, int((~known).sum())
    )
    if value is None:
        return Forecast(model, None, result, total, None)
    count, mean = table[frequency].to_numpy(), table[value].to_numpy()
    again = known & (count > 0) & (mean > 0)
    valued = again | (known & (count == 0))
    spending = fit_gamma_gamma(count[again], mean[again])
    result["expected_value"] = np.where(
        valued, spending.expected_value(np.where(valued, count, 0), mean), np.nan
    )
    times = horizon * np.arange(bookings + 1) / bookings
    by_then = np.stack([model.expected_purchases(x, t_x, age_, float(time)) for time in times])
    discounted = (np.diff(by_then, axis=0) / (1 + discount) ** times[1:, None]).sum(axis=0)
    result["clv"] = margin * result["expected_value"] * column(discounted)
    varied = np.ptp(count[again]) > 0 and np.ptp(mean[again]) > 0
    correlation = float(np.corrcoef(count[again], mean[again])[0, 1]) if varied else np.nan
    return Forecast(model, spending, result, total, correlation, int((known & ~valued).sum()))


def _positions(known: Any, place: Any, last: int) -> Any:
    """For each customer its place among the distinct ones; `last` where it is not known."""
    positions = np.full(known.size, last)
    positions[known] = place
    return positions


def _total(
    model: BgNbd, x: Floats, t_x: Floats, age: Floats, weight: Floats, horizon: float, missing: int
) -> Estimate:
    """The purchases expected of all, with the delta method's interval on the logarithm."""

    def total(fitted: BgNbd) -> float:
        return float(weight @ fitted.expected_purchases(x, t_x, age, horizon))

    names, value = ("r", "alpha", "a", "b"), total(model)
    gradient = []
    for name in names:
        step = 1e-4 * getattr(model, name)
        ends = [total(replace(model, **{name: getattr(model, name) + move})) for move in (step, -step)]
        gradient.append((ends[0] - ends[1]) / (2 * step))
    variance = float(np.array(gradient) @ np.array(model.covariance) @ np.array(gradient))
    counts = int(weight.sum()), missing
    if not (variance > 0 and value > 0):
        return Estimate("expected_purchases", value, None, None, *counts, "count", "none")
    factor = float(np.exp(NormalDist().inv_cdf(0.975) * variance**0.5 / value))
    return Estimate("expected_purchases", value, value / factor, value * factor, *counts, "count", "delta")


def _parameters(model: BgNbd | GammaGamma) -> str:
    names = ("r", "alpha", "a", "b") if isinstance(model, BgNbd) else ("p", "q", "v")
    pairs = zip(names, model.errors, strict=True)
    return ", ".join(f"{name} {getattr(model, name):.3g} ± {error:.2g}" for name, error in pairs)
