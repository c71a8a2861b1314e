"""Transactions that lie on an engine (Polars, DuckDB, PySpark, Dask), reduced there by way of Narwhals.

Only tables of one row a customer, or a cohort and period, come into memory. A first query counts what is left
out and finds the range of days and money; the others can then be plain.
"""

from functools import cached_property
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxassess.kpi import columns, engines, entry
from cxassess.kpi.entry import Frame
from cxassess.kpi.ledger import Cells, Integers, LeftOut, Rules, Totals, TransactionError, Visits, check_rows
from cxassess.kpi.periods import Unit

_NEVER, _LONGEST = -(10**9), 2**63 - 1  # a day, and packed days and money, of what was not bought


class Facts(NamedTuple):
    """What the first query finds: counts of rows, and of those that count the sum of money without signs (at
    least), the first and the last day; and the last day of the log, which refunds that are dropped belong to as well.
    """

    left_out: LeftOut
    rows: int
    refunds: int
    magnitude: float
    first: int
    last: int
    end: int


class EngineLedger:
    """The `Ledger` of a frame that lies on an engine."""

    def __init__(self, df: Any, rules: Rules) -> None:
        frame = entry.admit(df, times={rules.time: rules.tz}, others=[rules.customer, rules.amount])
        kind = frame.collect_schema()[rules.amount]
        if not kind.is_numeric():
            if entry.first_value(frame, rules.amount) is not None:
                raise entry.refuse("not_numbers", frame, rules.amount)
            frame = frame.with_columns(nw.lit(None, dtype=nw.Float64).alias(rules.amount))
        if rules.tz is None and nw.from_native(df).lazy().collect_schema()[rules.time] != nw.Date:
            raise TransactionError("zone_needed", column=rules.time)
        self.rules = rules
        self._cells: dict[Unit, Cells] = {}
        amount, scale = nw.col("amount"), 10**rules.minor_units
        self._rounded = (amount.cast(nw.Float64) * scale + 0.5).floor()
        self._money = amount.cast(nw.Int64) * scale if kind.is_integer() else self._rounded.cast(nw.Int64)
        self._frame = _with_day(
            frame.select(
                customer=nw.col(rules.customer), time=nw.col(rules.time), amount=nw.col(rules.amount)
            )
        )

    @cached_property
    def _facts(self) -> Facts:
        facts = self._facts_of_clean_rows() or self._facts_of_sifted_rows()
        purchases, days = facts.rows - facts.refunds, facts.last - facts.first + 1
        check_rows(self.rules, purchases, facts.left_out, facts.magnitude, days)
        return facts

    def _facts_of_clean_rows(self) -> Facts | None:
        """The facts from extremes alone, which is quick; `None` where a rule has something to leave out."""
        amount, time, scale = nw.col("amount"), nw.col("time"), 10**self.rules.minor_units
        missing = [nw.col(name).null_count().alias(f"no_{name}") for name in ("customer", "time", "amount")]
        table = self._frame.select(
            *missing, rows=nw.len(), lowest=amount.min(), magnitude=amount.cast(nw.Float64).abs().sum(),
            earliest=time.min(), latest=time.max(),
        )  # fmt: skip
        table = _with_day(_with_day(table, "earliest", "first"), "latest", "last").drop("earliest", "latest")
        found = engines.to_pandas(table).iloc[0]
        if found["rows"] == 0 or any(found[f"no_{name}"] for name in ("customer", "time", "amount")):
            return None
        late = self.rules.as_of is not None and found["last"] > self.rules.as_of
        if late or float(found["lowest"]) * scale < -0.5:
            return None
        rows, magnitude = int(found["rows"]), float(found["magnitude"]) * scale
        first, last = int(found["first"]), int(found["last"])
        return Facts(LeftOut(), rows, 0, magnitude + rows, first, last, last)

    def _facts_of_sifted_rows(self) -> Facts:
        rules, day, money = self.rules, nw.col("day"), self._rounded
        tests = {"missing_customer": nw.col("customer").is_null(), "missing_time": day.is_null()}
        tests["missing_amount"] = money.is_null()
        if rules.as_of is not None:
            tests["after_as_of"] = day > rules.as_of
        if rules.on_negative != "net":
            tests["negative"] = money < 0
        counted = nw.lit(True)
        sums: dict[str, nw.Expr] = {}
        for name, fails in tests.items():
            if name == "negative":
                sums["end"] = nw.when(counted).then(day).max()
            sums[name] = (counted & fails).cast(nw.Int64).sum()
            counted = counted & ~fails
        sums["rows"] = counted.cast(nw.Int64).sum()
        sums["refunds"] = (counted & (money < 0)).cast(nw.Int64).sum()
        sums["magnitude"] = nw.when(counted).then(money.abs().cast(nw.Float64)).sum()
        sums["first"], sums["last"] = nw.when(counted).then(day).min(), nw.when(counted).then(day).max()
        found = engines.to_pandas(self._frame.select(**sums)).iloc[0].fillna(0)
        left_out = LeftOut(**{name: int(found[name]) for name in tests})
        rows, refunds, first, last = (int(found[name]) for name in ("rows", "refunds", "first", "last"))
        end = int(found["end"]) if "end" in found else last
        return Facts(left_out, rows, refunds, float(found["magnitude"]), first, last, end)

    @property
    def left_out(self) -> LeftOut:
        return self._facts.left_out

    @cached_property
    def as_of(self) -> int:
        return self._facts.end if self.rules.as_of is None else self.rules.as_of

    @cached_property
    def _rows(self) -> Frame:
        """The rows that count, filtered only where there is something to leave out."""
        out, frame = self.left_out, self._frame
        if out.missing_customer or out.missing_time or out.missing_amount:
            frame = frame.drop_nulls(["customer", "day", "amount"])
        if out.after_as_of:
            frame = frame.filter(nw.col("day") <= self.as_of)
        frame = frame.with_columns(money=self._money)
        if out.negative:
            frame = frame.filter(nw.col("money") >= 0)
        if self._facts.refunds:
            bought = nw.col("money") >= 0
            frame = frame.with_columns(
                bought=bought.cast(nw.Int64),
                bought_on=nw.when(bought).then(nw.col("day")).otherwise(nw.lit(_NEVER)),
            )
        return frame

    def _purchases(self) -> nw.Expr:
        """How many of a group's rows are purchases."""
        return nw.col("bought").sum() if self._facts.refunds else nw.len()

    def totals(self) -> Totals:
        if "_visits" in self.__dict__:
            return self._visits.totals()
        day = nw.col("bought_on" if self._facts.refunds else "day")
        ids, table = _by_customer(
            self._rows.group_by("customer").agg(
                last=day.max(), purchases=self._purchases(), money=nw.col("money").sum()
            )
        )
        return Totals(ids, *(table[name] for name in Totals._fields[1:]))

    def _days(self) -> Frame:
        """One row a customer and day on which there was something."""
        days = self._rows.group_by("customer", "day").agg(
            money=nw.col("money").sum(), purchases=self._purchases()
        )
        return days.with_columns(nw.col("money", "purchases").cast(nw.Int64))

    def visits(self) -> Visits:
        return self._visits

    @cached_property
    def _visits(self) -> Visits:
        first = self._facts.first
        reach = int(self._facts.magnitude) + 1
        # The money of the first day without a join: the least of numbers that hold a day above and money below.
        both = (nw.col("day").cast(nw.Int64) - first) * (2 * reach) + nw.col("money") + reach
        last, visits = nw.col("day").max(), nw.len()
        days = self._days()
        if self._facts.refunds:  # not nulls, which on Dask would turn long integers into floats
            bought = nw.col("purchases") > 0
            both = nw.when(bought).then(both).otherwise(nw.lit(_LONGEST))
            bought_on = nw.when(bought).then(nw.col("day")).otherwise(nw.lit(_NEVER))
            days = days.with_columns(bought_on=bought_on, bought=bought.cast(nw.Int64))
            last, visits = nw.col("bought_on").max(), nw.col("bought").sum()
        ids, table = _by_customer(
            days.with_columns(both=both)
            .group_by("customer")
            .agg(
                both=nw.col("both").min(), last=last, days=visits,
                purchases=nw.col("purchases").sum(), money=nw.col("money").sum(),
            )
        )  # fmt: skip
        table["first"], table["first_money"] = np.divmod(table["both"], 2 * reach)
        table["first"] += first
        table["first_money"] -= reach
        return Visits(ids, *(table[name] for name in Visits._fields[1:]))

    def second_days(self) -> tuple[Integers, Integers]:
        days = self._bought(self._days()).select("customer", "day")
        first = days.group_by("customer").agg(first=nw.col("day").min())
        later = nw.when(nw.col("day") > nw.col("first")).then(nw.col("day"))
        table = engines.to_pandas(
            days.join(first, on="customer")
            .with_columns(later=later)
            .group_by("customer")
            .agg(first=nw.col("first").min(), second=nw.col("later").min())
        )
        return _integers(table["first"]), _integers(table["second"].fillna(-1))

    def days_since(self, day: int) -> Integers:
        days = self._bought(self._days()).filter(nw.col("day") >= day)
        return _integers(engines.to_pandas(days.group_by("customer").agg(days=nw.len()))["days"])

    def _activity(self, unit: Unit, *, money: bool) -> Frame:
        """One row a customer and period, with the period of the customer's first purchase."""
        sums = {"money": nw.col("money").sum()} if money else {}
        if self._facts.refunds:
            sums["purchases"] = nw.col("bought").sum()
        table = self._rows.with_columns(period=_period(unit)).group_by("customer", "period").agg(**sums)
        table = table.with_columns(nw.col(*sums).cast(nw.Int64)) if sums else table
        if table.implementation.is_polars():  # where a window is faster than a join; elsewhere it is slower
            bought_in = nw.when(nw.col("purchases") > 0).then(nw.col("period"))
            first = (bought_in if self._facts.refunds else nw.col("period")).min().over("customer")
            table = table.with_columns(cohort=first)
        else:
            cohorts = self._bought(table).group_by("customer").agg(cohort=nw.col("period").min())
            table = table.join(cohorts, on="customer")
        return table.filter(nw.col("period") >= nw.col("cohort")) if self._facts.refunds else table

    def _bought(self, table: Frame) -> Frame:
        """Without the rows that hold only refunds."""
        return table.filter(nw.col("purchases") > 0) if self._facts.refunds else table

    def cells(self, unit: Unit, *, money: bool) -> Cells:
        if unit in self._cells:
            return self._cells[unit]
        cells = self._activity(unit, money=money)
        if self._facts.refunds:
            cells = cells.with_columns(bought=(nw.col("purchases") > 0).cast(nw.Int64))
        sums = {"customers": self._purchases()} | ({"money": nw.col("money").sum()} if money else {})
        table = engines.to_pandas(cells.group_by("cohort", "period").agg(**sums))
        table = table.reindex(columns=Cells._fields, fill_value=0)
        found = Cells(*(_integers(table[name]) for name in Cells._fields))
        if money:
            self._cells[unit] = found
        return found

    def retained(self, unit: Unit) -> tuple[Integers, Integers]:
        active = self._bought(self._activity(unit, money=False)).select("customer", "period")
        before = active.select("customer", period=nw.col("period") + 1)
        table = engines.to_pandas(
            active.join(before, on=["customer", "period"]).group_by("period").agg(customers=nw.len())
        )
        return _integers(table["period"]) - 1, _integers(table["customers"])

    def weighted(self, unit: Unit, weights: NDArray[np.float64], last: int) -> pd.DataFrame:
        age = nw.col("period") - nw.col("cohort")
        weight = nw.lit(0.0)
        for k, value in enumerate(weights.tolist()):
            weight = nw.when(age == k).then(nw.lit(value)).otherwise(weight)
        worth = (
            self._activity(unit, money=True)
            .filter(nw.col("period") <= last)
            .with_columns(worth=nw.col("money") * weight)
            .group_by("customer", "cohort")
            .agg(worth=nw.col("worth").sum())
            .with_columns(squares=nw.col("worth") * nw.col("worth"))
        )
        table = engines.to_pandas(
            worth.group_by("cohort").agg(
                customers=nw.len(), worth=nw.col("worth").sum(), squares=nw.col("squares").sum()
            )
        )
        return table.set_index("cohort").sort_index()


def _with_day(frame: Frame, time: str = "time", name: str = "day") -> Frame:
    """The frame with a column of local times as days since 1970-01-01 in `name`."""
    native: Any = frame.to_native()
    if frame.implementation.is_duckdb():
        native = native.select(f"*, cast(cast({time} as date) - date '1970-01-01' as integer) as {name}")
    elif frame.implementation.is_spark_like():
        native = native.selectExpr("*", f"datediff({time}, date'1970-01-01') as {name}")
    elif frame.implementation.is_polars():
        return frame.with_columns(nw.col(time).dt.date().cast(nw.Int32).alias(name))
    else:
        return frame.with_columns((nw.col(time).dt.timestamp("us") // 86_400_000_000).alias(name))
    with_day: Frame = nw.from_native(native).lazy()
    return with_day


def _period(unit: Unit) -> nw.Expr:
    """The number of the period by `ledger.period_of`, of the columns `day` and `time`."""
    year, month = nw.col("time").dt.year().cast(nw.Int32) - 1970, nw.col("time").dt.month().cast(nw.Int32) - 1
    if unit == "week":
        return (nw.col("day") + 700_003) // 7 - 100_000
    return {"month": year * 12 + month, "quarter": year * 4 + month // 3, "year": year}[unit]


def _by_customer(frame: Frame) -> tuple["pd.Index[Any]", dict[str, Integers]]:
    """The ids of the customers who bought, sorted, and the other columns in their order."""
    table: dict[Any, NDArray[Any]]
    if frame.implementation.is_polars():  # these two hand text to NumPy faster than to pandas
        found = frame.collect()
        table = {name: found[name].to_numpy() for name in found.columns}
    elif frame.implementation.is_duckdb():
        table = frame.to_native().fetchnumpy()
    else:
        table = {name: column.to_numpy() for name, column in engines.to_pandas(frame).items()}
    bought = np.flatnonzero(table["purchases"] > 0)
    names = table.pop("customer")[bought]
    if names.dtype.kind == "M":  # pandas has no dates without a time
        names = names.astype("datetime64[ns]")
    ids = pd.Index(names, dtype=names.dtype, tupleize_cols=False)
    order = columns.order_of(ids)
    return ids[order], {name: column[bought[order]].astype(np.int64) for name, column in table.items()}


def _integers(column: "pd.Series[Any]") -> Integers:
    return column.to_numpy(dtype=np.int64)
