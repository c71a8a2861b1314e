"""What every metric does with a frame at the door.

`admit` looks at columns and types, and makes the same thing of a missing value on every engine: `NaN`
becomes null (some engines hold `NaN >= 9` to be true). What is wrong is a `KpiError` that names the column.
`tallies` then counts equal rows where the data lies.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.exceptions import DuplicateError

from cxassess.kpi import columns, engines
from cxassess.kpi.errors import KpiError, listed
from cxassess.kpi.periods import By, Period, group_list, group_names
from cxassess.kpi.tallies import Tally, check_flag, check_scale, reduce, split_groups, tally

Frame = nw.LazyFrame[Any]
_FARTHEST = 1e150
RESULT_COLUMNS = ("n", "n_missing", "estimate", "unit", "low", "high", "method", "reason")

__all__ = [
    "By", "Frame", "Tally", "admit", "among", "check_finite", "check_flag", "check_option", "check_scale", "first_value", "group_list",
    "group_names", "reduce", "split_groups", "tally",
]  # fmt: skip


def admit(
    df: Any,
    *,
    numbers: Sequence[str] = (),
    flags: Sequence[str] = (),
    times: Mapping[str, str | None] | None = None,
    others: Sequence[str] = (),
    by: By = None,
    as_floats: bool = True,
) -> Frame:
    """The columns that a metric needs, checked and made alike on every engine; nothing is computed yet.

    Args:
        df: a pandas, Polars (eager or lazy), DuckDB, PySpark or Dask frame, or another that Narwhals takes.
        numbers: columns that must hold numbers; they come as floats, `NaN` as null.
        flags: columns that must hold true and false, or 1 and 0; they come as the floats 1 and 0.
        times: columns that must hold times or dates, with the zone to read instants in (see `periods`);
            they come as local times without a zone.
        others: columns of any type, such as ids; a float's `NaN` comes as null.
        by: group columns and periods; they come under the names of `group_names(by)`.
        as_floats: otherwise whole numbers stay whole and flags as they are, which is quicker to count.

    Returns:
        A lazy Narwhals frame with exactly these columns, groups first.

    Raises:
        KpiError: this is no frame, or a column is missing, asked for twice, or of the wrong type.

    >>> admit(pd.DataFrame({"score": [9, None], "note": ["a", "b"]}), numbers=["score"]).columns
    ['score']
    """
    groups, clocks = group_list(by), dict(times or {})
    values = list(dict.fromkeys([*numbers, *flags, *clocks, *others]))
    _check_group_names(group_names(by), values)
    read = [group if isinstance(group, str) else group.column for group in groups]
    frame, schema = _open(df, list(dict.fromkeys([*read, *values])))
    moments = [*clocks, *(group.column for group in groups if isinstance(group, Period))]
    frame, schema = _with_empty_times(frame, schema, moments)
    chosen: list[nw.Expr] = []
    for group in groups:
        if isinstance(group, str):
            chosen.append(_known(frame, schema, group))
        else:
            frame = _with_period(frame, schema, group)
            chosen.append(nw.col(_hidden(group.name)).alias(group.name))
    for column in values:
        if column in numbers:
            chosen.append(_number(frame, schema, column, "not_numbers", as_floats=as_floats))
        elif column in flags:
            chosen.append(_number(frame, schema, column, "not_flags", as_floats=as_floats))
        elif column in clocks:
            frame = _with_local_time(frame, schema, column, clocks[column])
            chosen.append(nw.col(_hidden(column)).alias(column))
        else:
            chosen.append(_known(frame, schema, column))
    return frame.select(*chosen) if chosen else frame


def _open(df: Any, needed: Sequence[str]) -> tuple[Frame, nw.Schema]:
    try:
        frame: Frame = nw.from_native(df).lazy()
    except TypeError as problem:
        raise KpiError("not_a_frame", found=type(df).__name__) from problem
    except DuplicateError as problem:
        names = list(df.columns)
        raise KpiError("column_duplicate", column=next(n for n in names if names.count(n) > 1)) from problem
    schema = frame.collect_schema()
    # A frame of no columns would have no rows to count.
    needed = needed or list(schema)[:1]
    for column in needed:
        if column not in schema:
            raise KpiError("column_missing", column=column, found=listed(schema))
        if schema[column].is_nested():
            raise KpiError("not_single", column=column, found=schema[column])
    if frame.implementation.is_pandas():
        native: Any = frame.to_native()
        table = pd.DataFrame({name: columns.typed(native[name], name) for name in needed}, copy=False)
        table.index = pd.RangeIndex(len(table))
        frame = nw.from_native(table).lazy()
    else:
        frame = frame.select(*needed)
    return frame, frame.collect_schema()


def _check_group_names(names: Sequence[str], values: Sequence[str]) -> None:
    for position, name in enumerate(names):
        if name in RESULT_COLUMNS:
            raise KpiError("group_reserved", column=name)
        if name in values or name in names[:position]:
            raise KpiError("column_twice", column=name)


def _with_empty_times(frame: Frame, schema: nw.Schema, columns: Sequence[str]) -> tuple[Frame, nw.Schema]:
    """The frame with columns of times that hold nothing at all as times: what type these are is chance."""
    odd = [column for column in columns if not isinstance(schema[column], nw.Datetime | nw.Date)]
    empty = [column for column in odd if first_value(frame, column) is None]
    if empty:
        frame = frame.with_columns(nw.lit(None, dtype=nw.Datetime("us")).alias(column) for column in empty)
    return frame, frame.collect_schema()


def _hidden(name: str) -> str:
    return f"__{name}"


def _known(frame: Frame, schema: nw.Schema, column: str) -> nw.Expr:
    """The column with `NaN` as null; a plain pandas column makes no difference between them."""
    if not schema[column].is_float() or _is_plain_pandas(frame, column):
        return nw.col(column)
    return nw.when(~nw.col(column).is_nan()).then(nw.col(column)).alias(column)


def _is_plain_pandas(frame: Frame, column: str) -> bool:
    native: Any = frame.to_native()
    return frame.implementation.is_pandas() and isinstance(native[column].dtype, np.dtype)


def _number(frame: Frame, schema: nw.Schema, column: str, refusal: str, *, as_floats: bool) -> nw.Expr:
    dtype = schema[column]
    if dtype.is_numeric() or (dtype == nw.Boolean and refusal == "not_flags"):
        if as_floats or dtype.is_decimal():
            return nw.col(column).cast(nw.Float64) if not dtype.is_float() else _known(frame, schema, column)
        return _known(frame, schema, column)
    if first_value(frame, column) is None:
        return nw.lit(None, dtype=nw.Float64).alias(column)
    raise refuse(refusal, frame, column)


def first_value(frame: Frame, column: str) -> Any:
    """The first value of a column that is not missing, or `None`."""
    found = _first_values(frame, column, 1)
    return None if found.empty else found.iloc[0]


def _first_values(frame: Frame, column: str, most: int) -> "pd.Series[Any]":
    return engines.to_pandas(frame.select(column).drop_nulls().head(most))[column]


def refuse(key: str, frame: Frame, column: str) -> KpiError:
    """The error for a column of the wrong type, with a value that shows it: not “5” where the trouble is “n/a”.

    Args:
        key: `not_numbers`, `not_flags` or `not_times`.
        frame: the frame that holds the column.
        column: a column that is not empty.
    """
    return columns.refuse(key, _first_values(frame, column, 1000), column)


def among(frame: Frame, column: str, values: Sequence[Any]) -> nw.Expr:
    """Whether a column holds one of some values; those of another type, which engines refuse, occur nowhere."""
    kind = frame.collect_schema()[column]
    takes_text = kind in (nw.String, nw.Categorical, nw.Enum)
    takes_any = kind in (nw.Object, nw.Unknown)
    fitting = [value for value in values if takes_any or isinstance(value, str) == takes_text]
    return nw.col(column).is_in(fitting) if fitting else nw.lit(False)


def check_finite(frame: Frame, columns: Sequence[str]) -> None:
    """Refuse numbers that are infinite, or so large that their squares would be.

    Raises:
        KpiError: naming the column and the number.
    """
    if not columns:
        return
    far = engines.to_pandas(frame.select(nw.col(column).abs().max() for column in columns)).iloc[0]
    for column in columns:
        if far[column] is not None and far[column] > _FARTHEST:
            raise KpiError("too_far", column=column, found=f"{far[column]:g}")


def _with_period(frame: Frame, schema: nw.Schema, period: Period) -> Frame:
    zone = _zone_of(frame, schema, period.column, period.tz)
    if frame.implementation.is_pandas():
        return engines.add_pandas_period(frame, period.column, period.unit, zone, _hidden(period.name))
    frame = _with_local_time(frame, schema, period.column, period.tz)
    return engines.add_period(frame, _hidden(period.column), period.unit, _hidden(period.name))


def _with_local_time(frame: Frame, schema: nw.Schema, column: str, tz: str | None) -> Frame:
    """The frame with the column's local times in a hidden column, by the rule of `periods`."""
    zone = _zone_of(frame, schema, column, tz)
    if zone is not None:
        return engines.add_local_time(frame, column, zone, _hidden(column))
    local = nw.col(column).cast(nw.Datetime("us")) if schema[column] == nw.Date else nw.col(column)
    return frame.with_columns(local.alias(_hidden(column)))


def _zone_of(frame: Frame, schema: nw.Schema, column: str, tz: str | None) -> str | None:
    """The zone to read the column in; `None` where it holds local times."""
    if tz is not None:
        try:
            ZoneInfo(tz)
        except (KeyError, ValueError, OSError) as problem:
            raise KpiError("zone_unknown", found=tz) from problem
    dtype = schema[column]
    if not isinstance(dtype, nw.Datetime | nw.Date):
        raise refuse("not_times", frame, column)
    if isinstance(dtype, nw.Date) or dtype.time_zone is None:
        return None
    if tz is None:
        raise KpiError("zone_missing", column=column, found=dtype.time_zone)
    return tz


def check_option(option: str, found: Any, allowed: Sequence[Any]) -> None:
    """Refuse an option's value that is not one of those allowed.

    Raises:
        KpiError: naming the option, what was given and what can be.
    """
    if found not in allowed:
        raise KpiError("option", option=option, found=found, allowed=", ".join(map(str, allowed)))
