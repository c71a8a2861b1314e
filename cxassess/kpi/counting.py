"""Counting equal rows of a pandas frame by whole numbers, which is quicker than its group-by.

Each column becomes small codes, the codes of a row become one cell number, and cells are counted block by
block, so that the work stays in the processor's cache.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxassess.kpi import columns

_BLOCK = 1 << 18
_MOST_CELLS = 1 << 22
_ALIGNED = 3  # objects lie at multiples of at least 2³ bytes
_WIDEST = 1 << 12  # whole numbers as close together as this need no table of their values
_FARTHEST = 1 << 40  # and no farther out than this, so that they are exact as floats


def count_rows(table: pd.DataFrame, names: Sequence[str], size: str) -> pd.DataFrame:
    """The distinct rows of some columns, and in the column `size` how often each occurs.

    Missing values of a column count as one value.

    >>> answers = pd.DataFrame({"shop": ["B", "A", "B"], "score": [9.0, None, 9.0]})
    >>> count_rows(answers, ["shop", "score"], "rows")
      shop  score  rows
    0    B    9.0     2
    1    A    NaN     1
    """
    coded = [_codes(table[name]) for name in names]
    sizes = [len(distinct) + 1 for _, distinct in coded]
    cells = np.prod(sizes, dtype=np.float64)
    if cells > np.iinfo(np.int64).max // 2:
        grouped = table.groupby(list(names), dropna=False, observed=True, sort=False)
        return grouped.size().reset_index(name=size)
    strides = np.append(np.cumprod(sizes[:0:-1], dtype=np.int64)[::-1], 1)
    parts = [(code, stride) for (code, _), stride in zip(coded, strides, strict=True)]
    if cells > _MOST_CELLS:
        which, found = pd.factorize(_cell_numbers(parts, slice(None)))
        count = np.bincount(which)
    else:
        every = _count_cells(parts, int(cells), len(table))
        found = np.flatnonzero(every)
        count = every[found]
    places = np.unravel_index(found, sizes)
    values = {
        name: pd.Series(distinct).reindex(place - 1).array
        for name, (_, distinct), place in zip(names, coded, places, strict=True)
    }
    return pd.DataFrame({**values, size: count})


def _count_cells(parts: Sequence[tuple[Any, Any]], cells: int, rows: int) -> NDArray[np.int64]:
    count = np.zeros(cells, dtype=np.int64)
    block = max(_BLOCK, 4 * cells)
    for start in range(0, rows, block):
        numbers = _cell_numbers(parts, slice(start, start + block))
        count += np.bincount(numbers.astype(np.intp, copy=False), minlength=cells)  # 32 bits in a browser
    return count


def _cell_numbers(parts: Sequence[tuple[Any, Any]], rows: slice) -> NDArray[np.int64]:
    """The cell of each row in the grid of codes; code −1, missing, comes first on its axis."""
    cell = np.full(len(parts[0][0][rows]), sum(int(stride) for _, stride in parts), dtype=np.int64)
    for code, stride in parts:
        cell += code[rows] * stride
    return cell


def _codes(column: "pd.Series[Any]") -> tuple[Any, Any]:
    """Codes of a column's values, −1 for missing, and the values they stand for."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), dtype.categories
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf" and len(column):
        values = column.to_numpy()
        low, high = values.min().item(), values.max().item()
        if np.isnan(low):
            low, high = np.fmin.reduce(values).item(), np.fmax.reduce(values).item()
        if high - low < _WIDEST and low % 1 == 0 and abs(low) < _FARTHEST:
            codes = _offsets(values, low)
            if codes is not None:
                return codes, np.arange(int(low), int(high) + 1).astype(dtype)
    if isinstance(dtype, np.dtype) and dtype.kind == "O" and len(column):
        by_address = _address_codes(np.ascontiguousarray(column.to_numpy()))
        if by_address is not None:
            return by_address
    return columns.factorise(column)


def _address_codes(values: NDArray[np.object_]) -> tuple[Any, Any] | None:
    """Codes by where the objects lie in memory, if they are few and close together, as of a file's labels."""
    addresses = np.ndarray(len(values), dtype=np.intp, buffer=values)
    low, high = int(addresses.min()), int(addresses.max())
    if (high - low) >> _ALIGNED >= _MOST_CELLS:
        return None
    example = np.full(((high - low) >> _ALIGNED) + 1, -1, dtype=np.int32)
    for start in range(0, len(values), _BLOCK):
        block = (addresses[start : start + _BLOCK] - low) >> _ALIGNED
        example[block] = np.arange(start, start + len(block), dtype=np.int32)
    found = np.flatnonzero(example >= 0)
    if len(found) > _WIDEST:
        return None
    by_value, distinct = pd.factorize(values[example[found]])
    code_of = example.astype(np.int16)
    code_of[found] = by_value
    codes = np.empty(len(values), dtype=np.int16)
    for start in range(0, len(values), _BLOCK):
        codes[start : start + _BLOCK] = code_of[(addresses[start : start + _BLOCK] - low) >> _ALIGNED]
    return codes, distinct


def _offsets(values: NDArray[Any], low: Any) -> NDArray[np.int16] | None:
    """Whole numbers as steps above the lowest, −1 for `nan`; `None` if one is not whole."""
    codes = np.empty(len(values), dtype=np.int16)
    wide = np.float64 if values.dtype.kind == "f" else np.int64
    for start in range(0, len(values), _BLOCK):
        steps = values[start : start + _BLOCK].astype(wide) - low
        with np.errstate(invalid="ignore"):
            whole = steps.astype(np.int16)
        wrong = whole != steps
        if wrong.any():
            if not np.isnan(steps[wrong]).all():
                return None
            whole[wrong] = -1
        codes[start : start + _BLOCK] = whole
    return codes
