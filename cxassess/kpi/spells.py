"""From when to when something lasted: subscriptions, tickets, anything with a start and perhaps an end."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxassess.kpi.analysis import AnalysisError
from cxassess.kpi.entry import By, admit, group_names, tally
from cxassess.kpi.moments import moment, with_days, with_seconds
from cxassess.kpi.survival_curve import Interval, Survival, kaplan_meier
from cxassess.kpi.survival_groups import NO_TEST, GroupedSurvival, log_rank

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """Equal spells, counted.

    Attributes:
        groups: one row a group; one row and no column where there are no groups.
        group: for each spell the position of its group.
        start: when it began, in days or seconds since 1970.
        stop: when it ended, or when observation did; infinite where neither has happened.
        ended: whether it ended within observation.
        count: how many such spells there are.
        missing: how many have no start, per group.
    """

    groups: pd.DataFrame
    group: NDArray[np.intp]
    start: Floats
    stop: Floats
    ended: NDArray[np.bool_]
    count: Floats
    missing: Floats

    def where(self, kept: NDArray[np.bool_]) -> "Spells":
        """Only the spells that are kept."""
        rows = {name: getattr(self, name)[kept] for name in ("group", "start", "stop", "ended", "count")}
        return replace(self, **rows)

    def total(self, weight: Any = 1.0) -> Floats:
        """The sum of `weight` (one a row) over the spells of each group."""
        weights = self.count * np.asarray(weight, dtype=np.float64)
        return np.bincount(self.group, weights=weights, minlength=len(self.groups)).astype(np.float64)


def spells(
    df: Any, start: str, end: str, *, clock: Literal["day", "second"], as_of: Any = None, by: By = None,
    tz: str | None = None,
) -> Spells:  # fmt: skip
    """Count the spells of a frame on its own engine.

    Args:
        df: one row a spell; any engine.
        start: column with the start; a spell without one is left out and counted as missing.
        end: column with the end; missing while it goes on.
        clock: `day`: the dates count, the time of day does not; `second`.
        as_of: the moment up to which the data are complete, itself excluded: what ends then or later has not
            ended yet, what starts then or later is left out.
        by: group columns.
        tz: zone to read times with a zone in.

    Raises:
        KpiError: a column is missing or no time, or a spell ends before it starts.
    """
    read = with_days if clock == "day" else with_seconds
    counts = tally(read(admit(df, times={start: tz, end: tz}, by=by), start, end), by, [start, end])
    began, ended = counts.values[start], counts.values[end]
    wrong = ended < began
    if wrong.any():
        raise AnalysisError("ends_before_start", start=start, end=end, rows=int(counts.count[wrong].sum()))
    limit = np.inf if as_of is None else moment(as_of, tz) // (86400 if clock == "day" else 1)
    kept = began < limit
    stop = np.minimum(np.nan_to_num(ended, nan=np.inf), limit)
    return Spells(
        counts.groups, counts.group[kept], began[kept], stop[kept], (ended < limit)[kept],
        counts.count[kept].astype(np.float64), counts.total(np.isnan(began)),
    )  # fmt: skip


def curves(
    found: Spells, durations: Floats, *, entry: Floats | None = None, unit: str, metric: str,
    interval: Interval = "log_log", confidence: float = 0.95,
) -> list[Survival]:  # fmt: skip
    """The survival curve of each group."""
    each = []
    for group in range(len(found.groups)):
        rows = found.group == group
        curve = kaplan_meier(
            durations[rows], found.ended[rows], entry=None if entry is None else entry[rows],
            weights=found.count[rows], unit=unit, metric=metric, missing=int(found.missing[group]),
            interval=interval, confidence=confidence,
        )  # fmt: skip
        each.append(curve)
    return each


def curve_or_curves(found: Spells, durations: Floats, by: By, **options: Any) -> Survival | GroupedSurvival:
    """The survival curve of the spells, or with `by` one for each group; options as of `curves`."""
    each = curves(found, durations, **options)
    if not group_names(by):
        return each[0]
    if options.get("entry") is not None:
        return GroupedSurvival(found.groups, tuple(each), NO_TEST)
    return GroupedSurvival(
        found.groups, tuple(each), log_rank(durations, found.ended, found.group, found.count)
    )
