"""Customers by the period of their first purchase: who came back when, and what they were worth."""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from cxassess.kpi import intervals
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Estimate
from cxassess.kpi.ledger import Cells, Integers, Ledger, last_complete, period_of, start_of
from cxassess.kpi.periods import Unit

Value = Literal["rate", "customers", "money"]

_PER_YEAR = {"week": 365.25 / 7, "month": 12.0, "quarter": 4.0, "year": 1.0}


def check_unit(unit: str) -> None:
    """Refuse a period that is none, or a day."""
    if unit not in _PER_YEAR:
        raise KpiError("option", option="period", found=unit, allowed=", ".join(_PER_YEAR))


def cohort_table(ledger: Ledger, unit: Unit, value: Value, partial: bool, scale: int) -> pd.DataFrame:
    """Cohorts × age (see `Transactions.cohorts`)."""
    check_unit(unit)
    if value not in get_args(Value):
        raise KpiError("option", option="value", found=value, allowed=", ".join(get_args(Value)))
    last = int(period_of(ledger.as_of, unit)) if partial else last_complete(ledger.as_of, unit)
    cells = _until(ledger.cells(unit, money=value == "money"), last)
    cohorts, row = np.unique(cells.cohort, return_inverse=True)
    ages = int(last - cohorts.min()) + 1 if len(cohorts) else 0
    table = np.zeros((len(cohorts), ages))
    table[row, cells.period - cells.cohort] = cells.money if value == "money" else cells.customers
    if value == "rate":
        table *= 100 / table[:, :1]
    elif value == "money":
        table /= scale
    table[cohorts[:, None] + np.arange(ages) > last] = np.nan
    frame = pd.DataFrame(
        table, index=_starts(cohorts, unit, "cohort"), columns=pd.RangeIndex(ages, name="age")
    )
    return frame.astype("Int64") if value == "customers" else frame


def retention_table(ledger: Ledger, unit: Unit, confidence: float) -> pd.DataFrame:
    """Period by period, how many customers bought in the next one too (see `Transactions.retention`)."""
    check_unit(unit)
    last = last_complete(ledger.as_of, unit)
    cells = _until(ledger.cells(unit, money=False), last)
    first = int(cells.period.min()) if len(cells.period) else last
    periods = np.arange(first, last)
    places = (cells.period - first).astype(np.intp)  # 32 bits in a browser
    active = np.bincount(places, cells.customers, len(periods) + 1)[: len(periods)].astype(np.int64)
    again = np.zeros(len(periods), dtype=np.int64)
    found, counts = ledger.retained(unit)
    again[found[found < last] - first] = counts[found < last]
    low, high = intervals.wilson(again, active, confidence)
    with np.errstate(invalid="ignore"):
        rate = 100 * again / active
    return pd.DataFrame(
        {"customers": active, "retained": again, "rate": rate, "low": 100 * low, "high": 100 * high},
        index=_starts(periods, unit, "period"),
    )


def lifetime_value(
    ledger: Ledger, unit: Unit, *, horizon: int, margin: float, discount: float, scale: int, confidence: float,
    currency: str,
) -> Estimate:  # fmt: skip
    """What a new customer brings in the first `horizon` periods (see `Transactions.clv`)."""
    check_unit(unit)
    last = last_complete(ledger.as_of, unit)
    cells = ledger.cells(unit, money=True)
    late = int(cells.customers[(cells.period == cells.cohort) & (cells.cohort > last)].sum())
    cells = _until(cells, last)
    age = cells.period - cells.cohort
    sizes = np.zeros(max(horizon, int((last - cells.cohort).max(initial=0)) + 1), dtype=np.int64)
    np.add.at(sizes, last - cells.cohort[age == 0], cells.customers[age == 0])
    seen = sizes[::-1].cumsum()[::-1][:horizon]  # customers whose age k lies in a complete period
    n = int(sizes.sum())
    if not n or not seen.all():
        return Estimate("clv", None, None, None, n, late, currency, "none", confidence, "horizon_unseen")
    worth = margin / scale * (1 + discount) ** (-np.arange(horizon) / _PER_YEAR[unit])
    weights = worth / seen
    money = np.zeros(len(sizes))
    np.add.at(money, age, cells.money)
    money = money[:horizon]
    value = float(weights @ money)
    # Each customer's influence is its own weighted money less what was to be expected of its age.
    expected = np.cumsum(weights * money / seen)
    by_cohort = ledger.weighted(unit, weights, last)
    of_age = expected[np.minimum(last - by_cohort.index.to_numpy(), horizon - 1)]
    spread = by_cohort["squares"] - 2 * of_age * by_cohort["worth"] + of_age**2 * by_cohort["customers"]
    deviation = np.sqrt(max(float(spread.sum()), 0) * n * n / max(n - 1, 1))
    low, high = (
        None if np.isnan(bound) else float(bound)
        for bound in intervals.t_mean(value, deviation, n, confidence)
    )
    return Estimate("clv", value, low, high, n, late, currency, "none" if low is None else "t", confidence)


def _until(cells: Cells, last: int) -> Cells:
    kept = cells.period <= last
    return Cells(*(column[kept] for column in cells))


def _starts(periods: Integers, unit: Unit, name: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(start_of(periods, unit).astype("M8[D]").astype("M8[ns]"), name=name)
