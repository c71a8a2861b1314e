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

from cxassess.kpi import engines
from cxassess.kpi.errors import KpiError
from cxassess.kpi.periods import By, Period, group_list, group_names
from cxassess.kpi.tallies import Tally, check_flag, check_scale, reduce, split_groups, tally

Frame = nw.LazyFrame[Any]
RESULT_COLUMNS = ("n", "n_missing", "estimate", "unit", "low", "high", "method", "reason")

__all__ = [
    "By", "Frame", "Tally", "admit", "check_flag", "check_option", "check_scale", "first_value", "group_list",
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
    columns: list[nw.Expr] = []
    for group in groups:
        if isinstance(group, str):
            columns.append(_known(frame, schema, group))
        else:
            frame = _with_period(frame, schema, group)
            columns.append(nw.col(_hidden(group.name)).alias(group.name))
    for column in values:
        if column in numbers:
            columns.append(_number(frame, schema, column, "not_numbers", as_floats=as_floats))
        elif column in flags:
            columns.append(_number(frame, schema, column, "not_flags", as_floats=as_floats))
        elif column in clocks:
            frame = _with_local_time(frame, schema, column, clocks[column])
            columns.append(nw.col(_hidden(column)).alias(column))
        else:
            columns.append(_known(frame, schema, column))
    return frame.select(*columns) if columns else frame


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
            raise KpiError("column_missing", column=column, found=", ".join(map(str, schema)) or "—")
    if frame.implementation.is_pandas():
        native: Any = frame.to_native()
        columns = {name: _typed(native[name]) for name in needed}
        frame = nw.from_native(pd.DataFrame(columns, index=native.index, copy=False)).lazy()
    else:
        frame = frame.select(*needed)
    return frame, frame.collect_schema()


def _typed(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """An object column as what it holds: pandas keeps flags and numbers with a `None` as objects.

    Arrow's times become NumPy's, because pandas forgets their zone where it should shift them.
    """
    if isinstance(column.dtype, pd.ArrowDtype) and pd.api.types.is_datetime64_any_dtype(column.dtype):
        arrow: Any = column.array
        times: pd.Series[Any] = arrow.__arrow_array__().to_pandas(date_as_object=False)
        return times.set_axis(column.index)
    if column.dtype != object or pd.api.types.infer_dtype(column.iloc[:100], skipna=True) == "string":
        return column
    held = pd.api.types.infer_dtype(column, skipna=True)
    if held == "boolean":
        return column.astype("boolean")
    if held in {"integer", "floating", "mixed-integer-float", "decimal", "empty"}:
        return column.astype("float64")
    if held in {"date", "datetime"}:
        return pd.to_datetime(column)
    return column


def _check_group_names(names: Sequence[str], values: Sequence[str]) -> None:
    for position, name in enumerate(names):
        if name in RESULT_COLUMNS:
            raise KpiError("group_reserved", column=name)
        if name in values or name in names[:position]:
            raise KpiError("column_twice", column=name)


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
    found = first_value(frame, column)
    if found is None:
        return nw.lit(None, dtype=nw.Float64).alias(column)
    raise KpiError(refusal, column=column, found=found)


def first_value(frame: Frame, column: str) -> Any:
    """The first value of a column that is not missing, or `None`."""
    found = engines.to_pandas(frame.select(column).drop_nulls().head(1))[column]
    return None if found.empty else found.iloc[0]


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
        raise KpiError("not_times", column=column, found=first_value(frame, column))
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
