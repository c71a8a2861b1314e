"""Transactions of a pandas frame, reduced with NumPy and SciPy.

Ids become codes, times become local days, amounts become integers. What needs no days apart is counted with
`bincount`. What does is sorted by day, then by customer; both are counting sorts (NumPy's radix sort of 16-bit
days, SciPy's turn of a sparse day × customer matrix), so that no rows are ever compared.
"""

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from cxassess.kpi.errors import KpiError
from cxassess.kpi.ledger import (
    Cells, Integers, LeftOut, Rules, Totals, Visits,
    check_exact, check_left, check_negative, period_of,
)  # fmt: skip
from cxassess.kpi.periods import Unit

Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


class MemoryLedger:
    """A `Ledger` of a pandas frame; the frame is read once, when something is first asked of it."""

    def __init__(self, frame: pd.DataFrame, rules: Rules) -> None:
        for column in (rules.customer, rules.time, rules.amount):
            if column not in frame.columns:
                raise KpiError("column_missing", column=column, found=", ".join(map(str, frame.columns)) or "—")
        self.rules = rules
        self._customers = frame[rules.customer]
        self._times = _as_times(frame[rules.time], rules)
        self._amounts = _as_numbers(frame[rules.amount], rules)

    @cached_property
    def _rows(self) -> tuple[Codes, "pd.Index[Any]", Codes, Integers, LeftOut]:
        """Code, day and money of each row that counts, the ids the codes stand for, and what was left out."""
        rules = self.rules
        codes, ids = factorise(self._customers)
        days, no_time = local_days(self._times, rules.tz)
        money, no_amount = minor_units(self._amounts, rules)
        left: dict[str, int] = {}
        kept: Flags | None = None

        def leave_out(reason: str, gone: Flags | None) -> None:
            nonlocal kept
            if gone is None or not gone.any():
                return
            if kept is None:
                kept = np.ones(len(codes), dtype=bool)
            left[reason] = int(np.count_nonzero(kept & gone))
            kept &= ~gone

        leave_out("missing_customer", codes < 0 if len(codes) and codes.min() < 0 else None)
        leave_out("missing_time", no_time)
        leave_out("missing_amount", no_amount)
        if rules.as_of is not None and len(days) and days.max() > rules.as_of:
            leave_out("after_as_of", days > rules.as_of)
        if len(money) and money.min() < 0:
            negative = money < 0 if kept is None else kept & (money < 0)
            check_negative(
                rules, int(np.count_nonzero(negative)), money[negative].min(initial=0) / 10**rules.minor_units
            )
            if rules.on_negative == "drop":
                leave_out("negative", negative)
        if kept is not None:
            codes, days, money = codes[kept], days[kept], money[kept]
            codes, ids = _renumbered(codes, ids)
        left_out = LeftOut(**left)
        check_left(rules, len(codes), left_out)
        check_exact(rules, float(np.abs(money).sum()), int(days.max()) - int(days.min()) + 1)
        return codes, ids, days, money, left_out

    @property
    def rows(self) -> int:
        return len(self._rows[0])

    @property
    def left_out(self) -> LeftOut:
        return self._rows[4]

    @cached_property
    def as_of(self) -> int:
        return int(self._rows[2].max()) if self.rules.as_of is None else self.rules.as_of

    @cached_property
    def _is_purchase(self) -> Flags | None:
        money = self._rows[3]
        return money >= 0 if money.min() < 0 else None

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        """The codes in the order of their ids."""
        ids = self._rows[1]
        if ids.is_monotonic_increasing:
            return np.arange(len(ids))
        return np.argsort(ids.to_numpy(dtype="U") if ids.dtype == object else ids, kind="stable")

    def totals(self) -> Totals:
        if "visits" in self.__dict__:
            return self._visits.totals()
        codes, ids, days, money, _ = self._rows
        bought = codes if self._is_purchase is None else codes[self._is_purchase]
        when = days if self._is_purchase is None else days[self._is_purchase]
        purchases = np.bincount(bought, minlength=len(ids))
        last = np.full(len(ids), np.iinfo(np.int32).min, dtype=np.int32)
        np.maximum.at(last, bought, when)
        total = np.bincount(codes, weights=money, minlength=len(ids)).astype(np.int64)
        order = self._order[purchases[self._order] > 0]
        return Totals(ids[order], last[order].astype(np.int64), purchases[order], total[order])
