"""What Narwhals leaves to each engine: instants read in a zone, starts of periods, small tables to pandas."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxassess.kpi import columns, counting
from cxassess.kpi.errors import KpiError
from cxassess.kpi.periods import Unit, first_moment

Frame = nw.LazyFrame[Any]

_BLOCK = 1 << 20  # rows that are worked on together, so that few are copied at a time
_POLARS_EVERY = {"day": "1d", "week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}


def add_local_time(frame: Frame, column: str, tz: str, name: str) -> Frame:
    """The frame with the instants of `column` as local times of the zone `tz`, without a zone, in `name`."""
    engine = frame.implementation
    if engine.is_duckdb():
        return _sql(frame, f"timezone('{tz}', {_duckdb(column)})", name)
    if engine.is_spark_like():
        shifted = f"unix_micros(from_utc_timestamp({_spark(column)}, '{tz}')) / 1000000"
        interval = f"make_dt_interval(0, 0, 0, cast({shifted} as decimal(18, 6)))"
        return _sql(frame, f"timestamp_ntz'1970-01-01 00:00:00' + {interval}", name)
    native: Any = frame.to_native()
    if engine.is_pandas():
        return _lazy(native.assign(**{name: _local(native[column], tz)}))
    if engine.is_dask():
        local = native[column].map_partitions(_local, tz, meta=(name, "datetime64[ns]"))
        return _lazy(native.assign(**{name: local}))
    return frame.with_columns(nw.col(column).dt.convert_time_zone(tz).dt.replace_time_zone(None).alias(name))


def _local(times: "pd.Series[Any]", tz: str) -> "pd.Series[Any]":
    instants = times.astype("datetime64[ns, UTC]")
    return instants.dt.tz_convert(tz).dt.tz_localize(None)


def add_period(frame: Frame, column: str, unit: Unit, name: str) -> Frame:
    """The frame with the first moment of the period in which the local times of `column` lie, in `name`."""
    engine = frame.implementation
    native: Any = frame.to_native()
    if engine.is_duckdb():
        return _sql(frame, f"date_trunc('{unit}', {_duckdb(column)})", name)
    if engine.is_spark_like():
        date = f"cast({_spark(column)} as date)"
        return _sql(frame, date if unit == "day" else f"trunc({date}, '{unit}')", name)
    if engine.is_polars():
        import polars as pl

        return _lazy(native.with_columns(pl.col(column).dt.truncate(_POLARS_EVERY[unit]).alias(name)))
    if engine.is_dask():
        starts = native[column].map_partitions(first_moment, unit, meta=(name, "datetime64[ns]"))
        return _lazy(native.assign(**{name: starts}))
    if engine.is_pandas():
        return add_pandas_period(frame, column, unit, None, name)
    if unit == "week":
        raise KpiError("engine_week", found=engine.name.lower())
    return frame.with_columns(nw.col(column).dt.truncate(_POLARS_EVERY[unit]).alias(name))


def add_pandas_period(frame: Frame, column: str, unit: Unit, tz: str | None, name: str) -> Frame:
    """`add_period` of a pandas frame, straight from instants; a categorical, which makes grouping cheap.

    Only the few days that occur are looked up in the calendar.
    """
    native: Any = frame.to_native()
    times = native[column]
    earliest, latest = times.min(), times.max()
    columns.check_years(earliest, latest, column)
    ends = pd.Series([earliest, latest]).dropna()
    first, last = (int(day) for day in columns.local_days(ends, tz)[0]) if len(ends) else (0, 0)
    calendar = pd.Series(pd.to_datetime(np.arange(first, last + 1), unit="D"))
    which, starts = pd.factorize(first_moment(calendar, unit))
    codes = np.empty(len(times), dtype=np.min_scalar_type(-len(starts) - 1))
    for start in range(0, len(times), _BLOCK):
        rows = slice(start, start + _BLOCK)
        days, missing = columns.local_days(times.iloc[rows], tz)
        if missing is not None:
            days[missing] = first
        codes[rows] = which[days - first]
        if missing is not None:
            codes[rows][missing] = -1
    periods = pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(pd.DatetimeIndex(starts)))
    shallow = native.copy(deep=False)
    shallow[name] = periods
    return _lazy(shallow)


def count_rows(frame: Frame, names: Sequence[str], size: str) -> pd.DataFrame:
    """The distinct rows of some columns and how often each occurs, counted on the frame's engine."""
    if not names:
        return to_pandas(frame.select(nw.len().alias(size)))
    if frame.implementation.is_pandas():
        native: Any = frame.to_native()
        return _plain_table(counting.count_rows(native, names, size))
    return to_pandas(frame.group_by(*names).agg(nw.len().alias(size)))


def to_pandas(frame: Frame) -> pd.DataFrame:
    """A small table as a pandas frame with plain columns, the same whichever engine it comes from.

    Whole numbers are `int64` where none is missing, other numbers `float64`, flags `bool` where none is missing,
    times `datetime64[ns]` without a zone, everything else Python objects with `None` for missing.
    """
    engine = frame.implementation
    table: pd.DataFrame
    if engine.is_duckdb():
        table = frame.to_native().df()
    elif engine.is_spark_like():
        table = frame.collect(backend="pyarrow").to_native().to_pandas()
    else:
        table = frame.collect().to_pandas()
    return _plain_table(table)


def _plain_table(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({name: _plain(table[name], name) for name in table.columns})


def _plain(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        column = column.astype(kind.categories.dtype)
    column = column.reset_index(drop=True).infer_objects()
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind) and not column.hasnans:
        return column.astype(bool)
    if pd.api.types.is_integer_dtype(kind) and not column.hasnans:
        return column.astype("int64")
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
        return column.astype("float64")
    if pd.api.types.is_datetime64_any_dtype(kind) or _holds_dates(column):
        times: pd.Series[Any] = columns.typed(column, name)
        if times.dtype != "datetime64[ns]":
            columns.check_years(times.min(), times.max(), name)
        local: pd.Series[Any] = times.dt.tz_localize(None).astype("datetime64[ns]")
        return local
    return column.astype(object).where(column.notna(), None)


def _holds_dates(column: "pd.Series[Any]") -> bool:
    return pd.api.types.infer_dtype(column, skipna=True) in {"date", "datetime"}


def _lazy(native: Any) -> Frame:
    frame: Frame = nw.from_native(native).lazy()
    return frame


def _sql(frame: Frame, expression: str, name: str) -> Frame:
    """The frame with one more column (or with that column replaced), in the engine's own SQL."""
    native: Any = frame.to_native()
    kept = [column for column in frame.collect_schema() if column != name]
    if frame.implementation.is_duckdb():
        return _lazy(native.select(", ".join([*map(_duckdb, kept), f"{expression} as {_duckdb(name)}"])))
    return _lazy(native.selectExpr(*map(_spark, kept), f"{expression} as {_spark(name)}"))


def _duckdb(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _spark(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"
