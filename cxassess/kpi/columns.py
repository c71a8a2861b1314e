"""Columns of a pandas frame as integers: ids as codes, times as local days, money as minor units."""

import sys
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxassess.kpi.errors import KpiError

Flags = NDArray[np.bool_]

_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_NOT_A_TIME = np.iinfo(np.int64).min
_OBJECT_ALIGNMENT = 4 if sys.maxsize > 2**32 else 3  # in bits: no two objects share their address above these


def factorise(column: "pd.Series[Any]") -> tuple[NDArray[np.int32], "pd.Index[Any]"]:
    """Each value's code, and the values that the codes stand for; −1 where the value is missing.

    >>> factorise(pd.Series([7, 9, 7]))
    (array([0, 1, 0], dtype=int32), Index([7, 9], dtype='int64'))
    """
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu" and len(column):
        codes, values = _factorise_integers(column.to_numpy())
    elif column.dtype == object and len(column):
        codes, values = _factorise_objects(np.ascontiguousarray(column.to_numpy()))
    else:
        codes, values = pd.factorize(column)
    return codes.astype(np.int32, copy=False), pd.Index(values)


def _factorise_integers(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """By a table of all values between the least and the greatest, if that is not too long; else by hashing."""
    low, high = int(values.min()), int(values.max())
    if high - low > 4 * len(values) + 1024:
        return pd.factorize(values)
    offsets = values - values.dtype.type(low)
    seen = np.zeros(high - low + 1, dtype=bool)
    seen[offsets] = True
    found = np.flatnonzero(seen)
    code_of = np.empty(len(seen), dtype=np.int32)
    code_of[found] = np.arange(len(found), dtype=np.int32)
    return code_of[offsets], found.astype(values.dtype) + values.dtype.type(low)


def _factorise_objects(values: NDArray[np.object_]) -> tuple[NDArray[Any], Any]:
    """By the objects' addresses first, where equal ids are mostly one object, as readers of files make them."""
    addresses = np.ndarray(len(values), dtype=np.intp, buffer=values) >> _OBJECT_ALIGNMENT
    step = len(values) // 50_000 + 1
    if len(pd.unique(addresses[::step])) > 1.2 * len(pd.unique(values[::step])):
        return pd.factorize(values)
    by_address, found = _factorise_integers(addresses)
    example = np.empty(len(found), dtype=np.intp)
    example[by_address] = np.arange(len(values))
    by_value, uniques = pd.factorize(values[example])
    return by_value.astype(np.int32)[by_address], uniques


def as_times(column: "pd.Series[Any]", name: str, tz: str | None) -> "pd.Series[Any]":
    """The column as NumPy times, or an error that says what it holds; times of day need a zone."""
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) in {"date", "datetime", "empty"}:
        column = pd.to_datetime(column)
    if isinstance(column.dtype, pd.ArrowDtype) and pd.api.types.is_datetime64_any_dtype(column.dtype):
        column = pd.Series(column.array.to_numpy(), name=name)
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise KpiError("not_times", column=name, found=_first(column))
    return column


def local_days(times: "pd.Series[Any]", tz: str | None) -> tuple[NDArray[np.int32], Flags | None]:
    """Each time's local day since 1970-01-01, and which are missing.

    >>> local_days(pd.Series(pd.to_datetime(["1970-01-01 20:00Z"])), "Asia/Tokyo")
    (array([1], dtype=int32), None)
    """
    stamps: NDArray[np.int64] = times.array.asi8
    per_day = _PER_DAY[times.dt.unit]
    missing = stamps == _NOT_A_TIME if len(stamps) and stamps.min() == _NOT_A_TIME else None
    if times.dt.tz is not None and tz is not None and len(stamps):
        known = stamps if missing is None else stamps[~missing]
        if len(known):
            starts, offsets = _offsets(int(known.min()), int(known.max()), times.dt.unit, tz)
            which = np.searchsorted(starts, stamps, side="right") if len(starts) else 0
            stamps = stamps + offsets[which]
    return (stamps // per_day).astype(np.int32), missing


def _offsets(first: int, last: int, unit: str, tz: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The moments between two at which a zone's offset changes, and its offsets before, between and after.

    Looked for hour by hour, then halved down to one tick of the clock.
    """

    def offset(stamps: NDArray[np.int64]) -> NDArray[np.int64]:
        moments = pd.DatetimeIndex(stamps.astype(f"M8[{unit}]")).tz_localize("UTC").tz_convert(tz)
        return moments.tz_localize(None).as_unit(unit).asi8 - stamps

    hour = _PER_DAY[unit] // 24
    hours = np.append(np.arange(first, last, hour), last)
    found = offset(hours)
    changes = np.flatnonzero(found[1:] != found[:-1])
    before, after = hours[changes], hours[changes + 1]
    while (after - before > 1).any():
        middle = (before + after) // 2
        same = offset(middle) == found[changes]
        before, after = np.where(same, middle, before), np.where(same, after, middle)
    return after, found[np.append(changes, len(found) - 1)]
