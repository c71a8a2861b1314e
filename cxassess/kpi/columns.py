"""Columns of a pandas frame as integers: ids as codes, times as local days, money as minor units."""

import sys
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import (
    infer_dtype,
    is_bool_dtype,
    is_datetime64_any_dtype,
    is_float_dtype,
    is_numeric_dtype,
)

from cxassess.kpi.errors import KpiError
from cxassess.kpi.ledger import TransactionError

Flags = NDArray[np.bool_]

_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_FIRST_YEAR, _LAST_YEAR = 1678, 2261
_NOT_A_TIME = np.iinfo(np.int64).min
_OBJECT_BITS = 4 if sys.maxsize > 2**32 else 3  # objects are at least that many bits of address apart


def factorise(column: "pd.Series[Any]") -> tuple[NDArray[np.int32], "pd.Index[Any]"]:
    """Each value's code, and the values that the codes stand for; −1 where the value is missing.

    >>> factorise(pd.Series([7, 9, 7]))
    (array([0, 1, 0], dtype=int32), Index([7, 9], dtype='int64'))
    """
    codes: NDArray[Any]
    values: Any
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu" and len(column):
        codes, values = _factorise_integers(column.to_numpy())
    elif column.dtype == object and len(column):
        codes, values = _factorise_objects(np.ascontiguousarray(column.to_numpy()))
    elif is_float_dtype(column.dtype):  # an Arrow column may hold NaN beside null
        codes, values = pd.factorize(column.to_numpy(dtype=np.float64, na_value=np.nan))
    else:
        codes, values = pd.factorize(column)
    kind = object if column.dtype == object else None
    return codes.astype(np.int32, copy=False), pd.Index(values, dtype=kind, tupleize_cols=False)


def _factorise_integers(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """By a table of all values from the least to the greatest, if that is not too long; else by hashing."""
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
    """By address first where equal ids are mostly one and the same object, as readers of files make them."""
    addresses = np.ndarray(len(values), dtype=np.intp, buffer=values) >> _OBJECT_BITS
    step = len(values) // 50_000 + 1
    if len(pd.unique(addresses[::step])) > 1.2 * len(pd.unique(values[::step])):
        return pd.factorize(values)
    by_address, found = _factorise_integers(addresses)
    example = np.empty(len(found), dtype=np.int32)
    example[by_address] = np.arange(len(values), dtype=np.int32)
    by_value, uniques = pd.factorize(values[example])
    return by_value.astype(np.int32)[by_address], uniques


def order_of(ids: "pd.Index[Any]") -> NDArray[np.intp]:
    """The order that sorts ids; objects are sorted as the texts they make, whatever they are.

    >>> order_of(pd.Index(["b", "a", "c"]))
    array([1, 0, 2])
    """
    if ids.is_monotonic_increasing:
        return np.arange(len(ids))
    if ids.dtype != object:
        return np.argsort(ids, kind="stable")
    values = ids.to_numpy()
    try:
        texts = values.astype(np.str_)
    except ValueError:  # tuples
        texts = np.array([*map(str, values)])
    return _order_of_texts(texts)


def _order_of_texts(texts: NDArray[np.str_]) -> NDArray[np.intp]:
    """Short Latin texts are sorted as the numbers that their letters make, once what all begin with is cut off."""
    letters = texts.view(np.uint32).reshape(len(texts), -1)
    varying = np.flatnonzero((letters != letters[0]).any(axis=0))
    length = letters.shape[1] - int(varying[0]) if len(varying) else 0
    if not 0 < length <= 16 or letters.max() > 255:
        return np.argsort(texts, kind="stable")
    padded = np.zeros((len(texts), 16 if length > 8 else 8), dtype=np.uint8)
    padded[:, :length] = letters[:, -length:]
    return np.lexsort(padded.view(">u8").astype(np.uint64).T[::-1])


def typed(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    """The column as what it holds, however pandas keeps it: as objects, as categories, sparse.

    Raises:
        KpiError: it holds lists and the like, or times that cannot be told apart.

    >>> typed(pd.Series([True, None], dtype=object), "open").dtype, typed(pd.Series([3, None, "x"]), "n").dtype
    (BooleanDtype, dtype('O'))
    """
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        told_apart = kind.categories.dtype
        plain = is_numeric_dtype(told_apart) or is_datetime64_any_dtype(told_apart)
        return column.astype(told_apart) if plain else column
    if isinstance(kind, pd.SparseDtype):
        accessor: Any = column.sparse
        column = accessor.to_dense()
    if isinstance(kind, pd.ArrowDtype) and is_datetime64_any_dtype(kind):
        # pandas forgets the zone of Arrow's times where it should shift them.
        arrow: Any = column.array
        times: pd.Series[Any] = arrow.__arrow_array__().to_pandas(date_as_object=False)
        return times.set_axis(column.index)
    if kind == np.float16:
        return column.astype(np.float32)
    if kind.kind == "c":
        raise KpiError("not_single", column=name, found=first_known(column))
    if kind.kind != "O" or infer_dtype(column.iloc[:100], skipna=True) == "string":
        return column
    held = infer_dtype(column, skipna=True)
    if held == "boolean":
        return column.astype("boolean")
    if held in {"integer", "floating", "mixed-integer-float", "decimal", "empty"}:
        return pd.Series(column.to_numpy(dtype=np.float64, na_value=np.nan), column.index)
    if held in {"date", "datetime"}:
        return _times_of(column, name)
    if held == "mixed":
        check_single(column, name)
    return column


def check_single(column: "pd.Series[Any]", name: str) -> None:
    """Refuse lists and the like, which cannot be told apart; a look at the first hundred spares texts the search.

    Raises:
        KpiError: naming the column and the value.
    """
    if column.dtype == object and infer_dtype(column.iloc[:100], skipna=True) == "mixed":
        for value in column:
            if not isinstance(value, Hashable):
                raise KpiError("not_single", column=name, found=value)


def _times_of(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    """Dates and times that pandas keeps as objects; instants of several zones as instants."""
    try:
        return pd.to_datetime(column)
    except (ValueError, TypeError):
        known = list(column.dropna())
    far = [value for value in known if not _FIRST_YEAR <= value.year <= _LAST_YEAR]
    if far:
        raise KpiError("time_far", column=name, found=far[0])
    if any(getattr(value, "tzinfo", None) is None for value in known):
        raise KpiError("times_mixed", column=name)
    return pd.to_datetime(column, utc=True)


def check_years(first: Any, last: Any, name: str) -> None:
    """Refuse times outside the years that pandas can reckon with to the nanosecond.

    Raises:
        KpiError: naming the column and the time.
    """
    for moment in (first, last):
        if not pd.isna(moment) and not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise KpiError("time_far", column=name, found=moment)


def refuse(key: str, values: "pd.Series[Any]", name: str) -> KpiError:
    """The error for a column of the wrong type, with the first value that shows it.

    >>> print(refuse("not_numbers", pd.Series(["5", "n/a"]), "score"))  # doctest: +ELLIPSIS
    The column “score” must hold numbers, but the text “n/a” was found: ...
    """
    known = [*values.dropna()]
    odd = [value for value in known if not _is_number(value)] or known
    text = "_text" if odd and isinstance(odd[0], str) and key != "not_flags" else ""
    return KpiError(key + text, column=name, found=odd[0] if odd else None)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, bool | np.bool_)


def as_times(column: "pd.Series[Any]", name: str, tz: str | None) -> "pd.Series[Any]":
    """The column as NumPy times.

    Raises:
        KpiError: it holds something else, or it holds times of day and there is no zone to read them in.
    """
    dates = _is_loose(column) and infer_dtype(column, skipna=True) == "date"
    column = typed(column, name)
    if not is_datetime64_any_dtype(column.dtype):
        if not column.isna().all():
            raise refuse("not_times", column, name)
        column = pd.to_datetime(pd.Series(pd.NaT, column.index))
    if tz is None and not dates and not column.isna().all():
        raise TransactionError("zone_needed", column=name)
    return column


def _is_loose(column: "pd.Series[Any]") -> bool:
    return column.dtype == object or isinstance(column.dtype, pd.ArrowDtype)


def first_known(column: "pd.Series[Any]") -> Any:
    """The first value that is not missing, or `None`."""
    known = column.dropna()
    return None if known.empty else known.iloc[0]


def local_days(times: "pd.Series[Any]", tz: str | None) -> tuple[NDArray[np.int32], Flags | None]:
    """Each time's local day since 1970-01-01, and which are missing; times without a zone are local.

    >>> local_days(pd.Series(pd.to_datetime(["1970-01-01 20:00Z"])), "Asia/Tokyo")
    (array([1], dtype=int32), None)
    """
    array: Any = times.array
    stamps: NDArray[np.int64] = array.asi8
    missing = stamps == _NOT_A_TIME if len(stamps) and stamps.min() == _NOT_A_TIME else None
    if times.dt.tz is not None and tz is not None:
        known = stamps if missing is None else stamps[~missing]
        if len(known):
            starts, offsets = _offsets(int(known.min()), int(known.max()), array.unit, tz)
            stamps = stamps + offsets[np.searchsorted(starts, stamps, side="right") if len(starts) else 0]
    return (stamps // _PER_DAY[array.unit]).astype(np.int32), missing


def _offsets(first: int, last: int, unit: Any, tz: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The moments between two at which a zone's offset changes, and its offsets before, between and after.

    Looked for hour by hour, then halved down to one tick of the clock.
    """

    def offset(stamps: NDArray[np.int64]) -> NDArray[np.int64]:
        local = pd.DatetimeIndex(stamps.astype(f"M8[{unit}]"), tz="UTC").tz_convert(tz).tz_localize(None)
        return local.as_unit(unit).asi8 - stamps

    hours = np.append(np.arange(first, last, _PER_DAY[unit] // 24), last)
    found = offset(hours)
    changes = np.flatnonzero(found[1:] != found[:-1])
    before, after = hours[changes], hours[changes + 1]
    while (after - before > 1).any():
        middle = (before + after) // 2
        same = offset(middle) == found[changes]
        before, after = np.where(same, middle, before), np.where(same, after, middle)
    return after, found[np.append(changes, len(found) - 1)]


def as_numbers(column: "pd.Series[Any]", name: str) -> NDArray[Any]:
    """The column as NumPy integers, or as floats with `nan` for missing; an error where it holds no numbers."""
    column = typed(column, name)
    if is_bool_dtype(column.dtype) or not is_numeric_dtype(column.dtype) or column.dtype.kind not in "iuf":
        if not column.isna().all():
            raise refuse("not_numbers", column, name)
        return np.full(len(column), np.nan)
    if column.dtype.kind in "iu" and not column.hasnans:
        return column.to_numpy(dtype=np.int64)
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def minor_units(amounts: NDArray[Any], name: str, decimals: int) -> tuple[NDArray[np.int64], Flags | None]:
    """Amounts in integer minor units, halves rounded up, and which are missing.

    >>> minor_units(np.array([19.99, -0.005, np.nan]), "amount", 2)
    (array([1999,    0,    0]), array([False, False,  True]))
    """
    scale = 10**decimals
    if amounts.dtype.kind == "i":
        if len(amounts) and max(-int(amounts.min()), int(amounts.max())) * scale >= 2**62:
            raise TransactionError(
                "too_large", column=name, found=f"{np.abs(amounts, dtype=float).max():.3g}"
            )
        return (amounts * scale if decimals else amounts), None
    if np.isinf(amounts).any() or (np.abs(amounts) * scale >= 2.0**62).any():
        raise TransactionError("too_large", column=name, found=f"{np.nanmax(np.abs(amounts)):.3g}")
    whole = np.floor(amounts * scale + 0.5)
    missing = np.isnan(whole)
    if not missing.any():
        return whole.astype(np.int64), None
    whole[missing] = 0
    return whole.astype(np.int64), missing
