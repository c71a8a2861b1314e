"""Transactions of a pandas frame, reduced with NumPy and SciPy.

What needs no days told apart is counted with `bincount`. What does is sorted by day, then by customer, each
time by turning a sparse matrix from rows to columns, which is a counting sort: no two rows are ever compared.
"""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from cxassess.kpi import columns
from cxassess.kpi.columns import Flags
from cxassess.kpi.errors import KpiError, listed
from cxassess.kpi.ledger import (
    Cells,
    Integers,
    LeftOut,
    Rules,
    Totals,
    Visits,
    check_rows,
    period_of,
)
from cxassess.kpi.periods import Unit

Codes = NDArray[np.int32]


class Rows(NamedTuple):
    """The transactions that count: each one's customer (a position in `ids`), day and money.

    `end` is the last day of the log, which refunds that are dropped belong to as well.
    """

    codes: Codes
    days: Codes
    money: Integers
    ids: "pd.Index[Any]"
    left_out: LeftOut
    end: int


class CustomerDays(NamedTuple):
    """One row a customer and day, sorted by both."""

    codes: Codes
    days: Codes
    money: Integers
    purchases: Integers


class Activity(NamedTuple):
    """Customers by calendar period.

    Attributes:
        codes, periods, money: each row, or each customer and period.
        customer, active: each customer and period in which the customer bought, sorted by both.
        cohorts: the period of each code's first purchase; a period never reached for who did not buy.
    """

    codes: Codes
    periods: Codes
    money: Integers
    customer: Codes
    active: Codes
    cohorts: Codes


class MemoryLedger:
    """The `Ledger` of a pandas frame."""

    def __init__(self, frame: pd.DataFrame, rules: Rules) -> None:
        for column in (rules.customer, rules.time, rules.amount):
            alike = list(frame.columns).count(column)
            if alike == 0:
                raise KpiError("column_missing", column=column, found=listed(frame.columns))
            if alike > 1:
                raise KpiError("column_duplicate", column=column)
        self.rules = rules
        self._customers = frame[rules.customer]
        columns.check_single(self._customers, rules.customer)
        self._times = columns.as_times(frame[rules.time], rules.time, rules.tz)
        self._amounts = columns.as_numbers(frame[rules.amount], rules.amount)
        self._activities: dict[Unit, Activity] = {}
        self._cells: dict[Unit, Cells] = {}

    @cached_property
    def _rows(self) -> Rows:
        rules = self.rules
        codes, ids = columns.factorise(self._customers)
        days, no_time = columns.local_days(self._times, rules.tz)
        money, no_amount = columns.minor_units(self._amounts, rules.amount, rules.minor_units)
        reasons: dict[str, Flags | None] = {"missing_customer": None, "missing_time": no_time}
        reasons["missing_amount"] = no_amount
        if len(codes):
            reasons["missing_customer"] = codes < 0 if codes.min() < 0 else None
            if rules.as_of is not None and days.max() > rules.as_of:
                reasons["after_as_of"] = days > rules.as_of
            if rules.on_negative != "net" and money.min() < 0:
                reasons["negative"] = money < 0
        kept, left_out = _sift(reasons)
        end = None
        if left_out.negative:
            complete, _ = _sift({reason: gone for reason, gone in reasons.items() if reason != "negative"})
            end = int((days if complete is None else days[complete]).max())
        if kept is not None:
            codes, days, money = codes[kept], days[kept], money[kept]
        range_of_days = int(days.max()) - int(days.min()) + 1 if len(days) else 0
        check_rows(
            rules, int(np.count_nonzero(money >= 0)), left_out, float(np.abs(money).sum()), range_of_days
        )
        return Rows(codes, days, money, ids, left_out, int(days.max()) if end is None else end)

    @property
    def left_out(self) -> LeftOut:
        return self._rows.left_out

    @cached_property
    def as_of(self) -> int:
        return self._rows.end if self.rules.as_of is None else self.rules.as_of

    @cached_property
    def _is_purchase(self) -> Flags | None:
        """Which rows are purchases; `None` where all are."""
        money = self._rows.money
        return money >= 0 if money.min() < 0 else None

    @property
    def _days_are_sorted(self) -> bool:
        return "_customer_days" in self.__dict__

    def totals(self) -> Totals:
        if "_visits" in self.__dict__:
            return self._visits.totals()
        codes, days, money, ids, *_ = self._rows
        total = np.bincount(codes, weights=money, minlength=len(ids))
        if self._is_purchase is not None:
            codes, days = codes[self._is_purchase], days[self._is_purchase]
        purchases = np.bincount(codes, minlength=len(ids))
        last = np.full(len(ids), np.iinfo(np.int32).min, dtype=np.int32)
        np.maximum.at(last, codes, days)
        bought = np.flatnonzero(purchases)
        order = bought[columns.order_of(ids[bought])]
        return Totals(ids[order], *(column[order].astype(np.int64) for column in (last, purchases, total)))

    @cached_property
    def _customer_days(self) -> CustomerDays:
        codes, days, money, ids, *_ = self._rows
        first, n = days.min(), len(codes)
        days = days - first
        if (days[1:] >= days[:-1]).all():
            ends = np.append(0, np.cumsum(np.bincount(days)))
        else:
            rows = np.arange(n + 1, dtype=np.int32 if n < 2**31 else np.int64)
            by_day = sparse.csr_matrix((money, days, rows), shape=(n, int(days.max()) + 1)).tocsc()
            codes, money, ends = codes.take(by_day.indices), by_day.data, by_day.indptr
        by_customer = sparse.csr_matrix((money, codes, ends), shape=(len(ends) - 1, len(ids))).tocsc()
        codes = np.repeat(np.arange(len(ids), dtype=np.int32), np.diff(by_customer.indptr))
        days, money = by_customer.indices, by_customer.data
        starts = np.flatnonzero(_changes(codes, days))
        if self._is_purchase is None:
            purchases = _lengths(starts, len(codes))
        else:
            purchases = np.add.reduceat((money >= 0).astype(np.int64), starts)
        if len(starts) < len(codes):
            codes, days, money = codes[starts], days[starts], np.add.reduceat(money, starts)
        return CustomerDays(codes, days + first, money, purchases)

    def _visit_days(self) -> CustomerDays:
        """Without the days on which there were only refunds."""
        table = self._customer_days
        if self._is_purchase is None:
            return table
        kept = table.purchases > 0
        return CustomerDays(table.codes[kept], table.days[kept], table.money[kept], table.purchases[kept])

    def visits(self) -> Visits:
        return self._visits

    @cached_property
    def _visits(self) -> Visits:
        table, (codes, days, money, purchases) = self._customer_days, self._visit_days()
        starts = np.flatnonzero(_changes(codes))
        if table.codes is codes:
            total = np.add.reduceat(money, starts)
        else:
            total = np.bincount(table.codes, weights=table.money)[codes[starts]].astype(np.int64)
        ends = np.append(starts[1:], len(codes))
        ids = self._rows.ids[codes[starts]]
        order = columns.order_of(ids)
        return Visits(ids[order], *(column[order].astype(np.int64, copy=False) for column in (
            days[starts], days[ends - 1], ends - starts, np.add.reduceat(purchases, starts), money[starts], total,
        )))  # fmt: skip

    def second_days(self) -> tuple[Integers, Integers]:
        codes, days, _, _ = self._visit_days()
        starts = np.flatnonzero(_changes(codes))
        again = _lengths(starts, len(codes)) > 1
        second = np.where(again, days[np.minimum(starts + 1, len(days) - 1)], -1)
        return days[starts].astype(np.int64), second.astype(np.int64)

    def days_since(self, day: int) -> Integers:
        codes, days, _, _ = self._visit_days()
        counts = np.bincount(codes[days >= day])
        return counts[counts > 0].astype(np.int64)

    def _activity(self, unit: Unit) -> Activity:
        if unit not in self._activities:
            rows: Rows | CustomerDays = self._customer_days if self._days_are_sorted else self._rows
            codes, days, money = rows[:3]
            first = int(days.min())
            calendar = period_of(np.arange(first, int(days.max()) + 1), unit).astype(np.int32)
            periods, bought = calendar[days - first], self._is_purchase
            if self._days_are_sorted:
                starts = np.flatnonzero(_changes(codes, periods))
                if bought is not None:
                    bought = np.add.reduceat(self._customer_days.purchases, starts) > 0
                codes, periods, money = codes[starts], periods[starts], np.add.reduceat(money, starts)
            active = codes, periods
            if bought is not None:
                active = codes[bought], periods[bought]
            if not self._days_are_sorted:
                active = _distinct(*active)
            self._activities[unit] = Activity(
                codes, periods, money, *active, _firsts(*active, len(self._rows.ids))
            )
        return self._activities[unit]

    def cells(self, unit: Unit, *, money: bool) -> Cells:
        if unit in self._cells:
            return self._cells[unit]
        activity = self._activity(unit)
        first = int(activity.periods.min())
        known = np.flatnonzero(np.bincount(activity.periods - first))  # a stray date takes no room
        place = np.zeros(int(known[-1]) + 2, dtype=np.intp)
        place[known] = np.arange(len(known))
        width = len(known)
        cohort_of = place[np.minimum(activity.cohorts, first + len(place) - 1) - first]
        period, active = place[activity.periods - first], place[activity.active - first]
        customers = np.bincount(cohort_of[activity.customer] * width + active, minlength=width * width)
        total: NDArray[Any] = np.zeros(width * width)
        if money:
            cohort, amounts = cohort_of[activity.codes], activity.money
            if self._is_purchase is not None:
                counted = activity.periods >= activity.cohorts[activity.codes]
                cohort, period, amounts = cohort[counted], period[counted], amounts[counted]
            total = np.bincount(cohort * width + period, amounts, width * width)
        found = np.flatnonzero((customers > 0) | (total != 0))
        cohort, period = known[found // width] + first, known[found % width] + first
        cells = Cells(
            *(np.asarray(one, np.int64) for one in (cohort, period, customers[found], total[found]))
        )
        if money:
            self._cells[unit] = cells
        return cells

    def retained(self, unit: Unit) -> tuple[Integers, Integers]:
        customer, active = self._activity(unit)[3:5]
        again = (customer[1:] == customer[:-1]) & (active[1:] == active[:-1] + 1)
        first = int(active.min())
        counts = np.bincount(active[:-1][again] - first)
        found = np.flatnonzero(counts)
        return (found + first).astype(np.int64), counts[found].astype(np.int64)

    def weighted(self, unit: Unit, weights: NDArray[np.float64], last: int) -> pd.DataFrame:
        codes, periods, money, _, _, cohorts = self._activity(unit)
        age = periods - cohorts[codes]
        counted = (age >= 0) & (age < len(weights)) & (periods <= last)
        worth = np.bincount(codes[counted], money[counted] * weights[age[counted]], len(cohorts))
        mine = cohorts <= last
        known, where = np.unique(cohorts[mine], return_inverse=True)
        sums = (np.bincount(where, of) for of in (None, worth[mine], worth[mine] ** 2))
        return pd.DataFrame(dict(zip(("customers", "worth", "squares"), sums, strict=True)), index=known)


def _sift(reasons: dict[str, Flags | None]) -> tuple[Flags | None, LeftOut]:
    """Which rows are kept (`None` for all), and how many are not, each for the first reason that holds."""
    kept: Flags | None = None
    counts: dict[str, int] = {}
    for reason, gone in reasons.items():
        if gone is None or not gone.any():
            continue
        before = len(gone) if kept is None else int(np.count_nonzero(kept))
        kept = ~gone if kept is None else kept & ~gone
        counts[reason] = before - int(np.count_nonzero(kept))
    return kept, LeftOut(**counts)


def _changes(*columns: NDArray[Any]) -> Flags:
    """Where a row differs from the one before it in any of the columns."""
    different = np.ones(len(columns[0]), dtype=bool)
    np.not_equal(columns[0][1:], columns[0][:-1], out=different[1:])
    for column in columns[1:]:
        different[1:] |= column[1:] != column[:-1]
    return different


def _lengths(starts: NDArray[np.intp], n: int) -> Integers:
    """How long runs are that begin at `starts`, the last one ending at `n`."""
    lengths = np.empty(len(starts), dtype=np.int64)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1] = n - starts[-1]
    return lengths


def _distinct(codes: Codes, periods: Codes) -> tuple[Codes, Codes]:
    """The distinct pairs, sorted: by marking them in a table, if that is not too large."""
    first, width = int(periods.min()), int(np.ptp(periods)) + 1
    cell = codes.astype(np.int64) * width + (periods - first)
    size = (int(codes.max()) + 1) * width
    if size < 16 * len(codes) + 1024:
        seen = np.zeros(size, dtype=bool)
        seen[cell] = True
        cell = np.flatnonzero(seen)
    else:
        cell = np.unique(cell)
    customer = cell // width
    return customer.astype(np.int32), (cell - customer * width + first).astype(np.int32)


def _firsts(codes: Codes, periods: Codes, size: int) -> Codes:
    """Each code's first period, from sorted pairs."""
    firsts = np.full(size, np.iinfo(np.int32).max, dtype=np.int32)
    starts = np.flatnonzero(_changes(codes))
    firsts[codes[starts]] = periods[starts]
    return firsts
