"""What every metric on transactions rests on: the rules by which rows count, and the small tables they reduce to.

There are two ledgers, one for a pandas frame (`ledger_memory`) and one for a frame that lies on an engine
(`ledger_engine`). Both give the tables below, to the same integer. Days are counted from 1970-01-01 in local
time, periods from the one that holds this day, money in integer minor units.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, Protocol, get_args
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxassess.kpi.errors import KpiError
from cxassess.kpi.periods import Unit

Integers = NDArray[np.int64]
OnNegative = Literal["net", "drop", "error"]

_EPOCH = date(1970, 1, 1)


class TransactionError(KpiError):
    """Transactions cannot be used; the sentence says which, what was found and what to do."""

    file = "kpi_transactions"


@dataclass(frozen=True, slots=True)
class Rules:
    """Which columns to read, and how.

    Attributes:
        customer: column of customer ids.
        time: column of dates or times.
        amount: column of amounts of money.
        as_of: the last day that counts; the data's last day if `None`.
        tz: the zone in which days begin.
        minor_units: decimals of the currency.
        on_negative: what becomes of negative amounts.
    """

    customer: str
    time: str
    amount: str
    as_of: int | None
    tz: str | None
    minor_units: int
    on_negative: OnNegative

    def check(self) -> None:
        """Raise `KpiError` where an option is none of those allowed."""
        if self.on_negative not in get_args(OnNegative):
            allowed = ", ".join(get_args(OnNegative))
            raise KpiError("option", option="on_negative", found=self.on_negative, allowed=allowed)
        if self.minor_units not in range(7):
            raise KpiError("option", option="minor_units", found=self.minor_units, allowed="0–6")
        if self.tz is not None:
            try:
                ZoneInfo(self.tz)
            except (KeyError, ValueError, OSError) as problem:
                raise KpiError("zone_unknown", found=self.tz) from problem


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many transactions are not counted, by the first reason that holds.

    Attributes:
        missing_customer: nobody knows whose they are.
        missing_time: nobody knows of when.
        missing_amount: nobody knows of how much.
        after_as_of: later than the last day that counts.
        negative: refunds, where they are dropped.
    """

    missing_customer: int = 0
    missing_time: int = 0
    missing_amount: int = 0
    after_as_of: int = 0
    negative: int = 0


class Totals(NamedTuple):
    """One row a customer who bought at least once, sorted by id: last day, purchases, net money."""

    ids: "pd.Index[Any]"
    last: Integers
    purchases: Integers
    money: Integers


class Visits(NamedTuple):
    """One row a customer who bought at least once, sorted by id.

    Attributes:
        ids: the customers.
        first: day of the first purchase.
        last: day of the last purchase.
        days: on how many days there was a purchase.
        purchases: how many there were.
        first_money: net money of the first day.
        money: net money of all days.
    """

    ids: "pd.Index[Any]"
    first: Integers
    last: Integers
    days: Integers
    purchases: Integers
    first_money: Integers
    money: Integers

    def totals(self) -> Totals:
        """The same without what needs days to be told apart."""
        return Totals(self.ids, self.last, self.purchases, self.money)


class Cells(NamedTuple):
    """Customers who bought, and net money, by the period of their first purchase and the period it was in."""

    cohort: Integers
    period: Integers
    customers: Integers
    money: Integers


class Ledger(Protocol):
    """What the metrics ask of transactions."""

    rules: Rules

    @property
    def left_out(self) -> LeftOut:
        """How many rows do not count."""

    @property
    def as_of(self) -> int:
        """The last day that counts."""

    def totals(self) -> Totals:
        """Each customer's sums."""

    def visits(self) -> Visits:
        """Each customer's sums and purchase days."""

    def second_days(self) -> tuple[Integers, Integers]:
        """Each customer's first and second purchase day, in no particular order; −1 where there is no second."""

    def days_since(self, day: int) -> Integers:
        """On how many days from `day` on each customer bought who then did, in no particular order."""

    def cells(self, unit: Unit, *, money: bool) -> Cells:
        """Cohorts by period, in no particular order; their money is 0 where it is not asked for."""

    def retained(self, unit: Unit) -> tuple[Integers, Integers]:
        """Periods, and how many customers bought both in each and in the next."""

    def weighted(self, unit: Unit, weights: NDArray[np.float64], last: int) -> pd.DataFrame:
        """Each cohort's customers, Σ a and Σ a², where a is a customer's money weighted by its age in periods.

        Periods after `last` and ages beyond the weights do not count.
        """


def day_of(day: str | date | None, tz: str | None, option: str = "as_of") -> int | None:
    """A calendar day as a number: an ISO date, a date, or the local day of a moment.

    >>> day_of("1970-01-31", None), day_of(pd.Timestamp("1970-01-01 20:00", tz="UTC"), "Asia/Tokyo")
    (30, 1)
    """
    if day is None:
        return None
    try:
        moment = datetime.fromisoformat(day) if isinstance(day, str) else day
        if isinstance(moment, datetime):
            if moment.tzinfo is not None and tz is not None:
                moment = moment.astimezone(ZoneInfo(tz))
            moment = moment.date()
        return (moment - _EPOCH).days
    except (TypeError, ValueError) as problem:
        raise KpiError("option", option=option, found=day, allowed="2025-01-31") from problem


def period_of(day: Any, unit: Unit) -> Any:
    """The period in which days lie, counted from the one that holds 1970-01-01; weeks begin on Monday.

    >>> period_of(np.array([0, 30, 31, 365]), "month")
    array([ 0,  0,  1, 12])
    """
    days = np.asarray(day, dtype=np.int64)
    if unit == "day":
        return days
    if unit == "week":
        return (days + 3) // 7
    months = days.astype("M8[D]").astype("M8[M]").astype(np.int64)
    return months // {"month": 1, "quarter": 3, "year": 12}[unit]


def start_of(period: Any, unit: Unit) -> Any:
    """The first day of periods, the inverse of `period_of`.

    >>> start_of(np.array([0, 1, 12]), "month")
    array([  0,  31, 365])
    """
    periods = np.asarray(period, dtype=np.int64)
    if unit == "day":
        return periods
    if unit == "week":
        return periods * 7 - 3
    months = periods * {"month": 1, "quarter": 3, "year": 12}[unit]
    return months.astype("M8[M]").astype("M8[D]").astype(np.int64)


def last_complete(as_of: int, unit: Unit) -> int:
    """The last period whose every day has been seen by the end of the day `as_of`."""
    return int(period_of(as_of + 1, unit)) - 1


def check_rows(rules: Rules, purchases: int, left_out: LeftOut, magnitude: float, days: int) -> None:
    """Refuse what cannot be counted: refunds where they are an error, nothing at all, sums beyond exact numbers.

    Args:
        rules: by which rows count.
        purchases: how many of the rows that count are no refunds.
        left_out: how many do not.
        magnitude: the sum of their amounts in minor units, without their signs.
        days: from the first day to the last.
    """
    if rules.on_negative == "error" and left_out.negative:
        raise TransactionError("negative", column=rules.amount, rows=f"{left_out.negative:,}")
    if purchases == 0:
        raise TransactionError(
            "none_left", **{name: f"{count:,}" for name, count in asdict(left_out).items()}
        )
    if not (magnitude < 2**52 and days * (2 * magnitude + 2) < 2**63):
        raise TransactionError(
            "too_large", column=rules.amount, found=f"{magnitude / 10**rules.minor_units:.3g}"
        )
