"""Counting equal rows on a frame's own engine, so that only the counts come here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxassess.kpi import engines
from cxassess.kpi.engines import Frame
from cxassess.kpi.errors import KpiError
from cxassess.kpi.periods import By, group_names

_COUNT = "__count"


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each combination of values occurs in each group.

    Attributes:
        groups: one row a group, sorted; one row and no column where there are no groups.
        group: for each row of the tally the position of its group.
        values: the distinct combinations by column, floats, `nan` for missing.
        count: how many rows of the frame have them.
    """

    groups: pd.DataFrame
    group: NDArray[np.intp]
    values: dict[str, NDArray[np.float64]]
    count: NDArray[np.int64]

    def total(self, weight: Any = 1.0) -> NDArray[np.float64]:
        """The sum of `weight` (one a row of the tally) over the rows of each group."""
        weights = self.count * np.asarray(weight, dtype=np.float64)
        return np.bincount(self.group, weights=weights, minlength=len(self.groups)).astype(np.float64)


def tally(frame: Frame, by: By = None, columns: Sequence[str] = ()) -> Tally:
    """Count equal rows per group on the frame's own engine, and bring the counts here.

    Args:
        frame: from `admit`, with the groups of `by`.
        by: as in `admit`.
        columns: number columns to tell apart.

    Raises:
        KpiError: the frame has no rows.

    >>> from cxassess.kpi.entry import admit
    >>> answers = admit(pd.DataFrame({"score": [9, 9, None]}), numbers=["score"])
    >>> counts = tally(answers, columns=["score"])
    >>> counts.values["score"], counts.count
    (array([ 9., nan]), array([2, 1]))
    """
    names = group_names(by)
    table = engines.count_rows(frame, [*names, *columns], _COUNT)
    if not table[_COUNT].sum():
        raise KpiError("frame_empty")
    table = _in_order(table, columns)
    count = table[_COUNT].to_numpy(dtype=np.int64)
    groups, group = split_groups(table, names)
    values = {column: table[column].to_numpy(dtype=np.float64) for column in columns}
    return Tally(groups, group, values, count)


def _in_order(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Engines return rows in any order; sums and draws must not depend on it."""
    return table.sort_values(list(columns), ignore_index=True) if columns else table


def split_groups(table: pd.DataFrame, names: Sequence[str]) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """The distinct groups of a small table, sorted (missing last), and which of them each row belongs to.

    >>> groups, group = split_groups(pd.DataFrame({"g": ["b", "a", "b"]}), ["g"])
    >>> groups["g"].tolist(), group.tolist()
    (['a', 'b'], [1, 0, 1])
    """
    if not names:
        return pd.DataFrame(index=range(1)), np.zeros(len(table), dtype=np.intp)
    grouping = table.groupby(list(names), dropna=False, sort=True, observed=True)
    group = grouping.ngroup().to_numpy().astype(np.intp)
    first = np.zeros(grouping.ngroups, dtype=np.intp)
    first[group[::-1]] = np.arange(len(table))[::-1]
    groups = table[list(names)].iloc[first].reset_index(drop=True)
    empty = groups.columns[groups.isna().all()]
    # What type a column without a value has is each engine's own choice.
    return groups.astype(dict.fromkeys(empty, object)).assign(**dict.fromkeys(empty)), group


def check_scale(counts: Tally, column: str, scale: tuple[float, float], *, whole: bool = False) -> None:
    """Refuse values off the scale, which are mostly codes such as 99 for “don't know”.

    Args:
        counts: a tally that tells `column` apart.
        column: the column's name.
        scale: lowest and highest value.
        whole: refuse values between whole numbers as well.

    Raises:
        KpiError: naming the column, the value and how many rows hold it.
    """
    low, high = scale
    values = counts.values[column]
    off = (values < low) | (values > high)
    if whole:
        off |= np.floor(values) < values
    if off.any():
        found = values[off][0]
        key = "off_scale_whole" if whole else "off_scale"
        rows = int(counts.count[values == found].sum())
        raise KpiError(key, column=column, found=f"{found:g}", rows=rows, low=f"{low:g}", high=f"{high:g}")


def check_flag(counts: Tally, column: str) -> None:
    """Refuse anything but 1 and 0 in a flag column; see `check_scale`."""
    values = counts.values[column]
    off = ~np.isnan(values) & (values != 0) & (values != 1)
    if off.any():
        raise KpiError("not_flags", column=column, found=f"{values[off][0]:g}")


def reduce(frame: Frame, names: Sequence[str], aggregates: Sequence[nw.Expr]) -> Frame:
    """The aggregates of each group, or of the whole frame where `names` is empty."""
    return frame.group_by(*names).agg(*aggregates) if names else frame.select(*aggregates)
