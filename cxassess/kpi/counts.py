"""How many different things there are, in a period; `activities` says what each thing is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

import narwhals as nw

from cxassess.kpi import entry, intervals
from cxassess.kpi.entry import By, Frame
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Result, results

Moment = str | datetime | None


class CountOptions(TypedDict, total=False):
    """What the functions of `activities` hand on to `count`."""

    time: str | None
    start: Moment
    end: Moment
    tz: str | None
    where: str | None
    by: By
    confidence: float


def count(
    df: Any,
    id: str | None = None,
    *,
    time: str | None = None,
    start: Moment = None,
    end: Moment = None,
    tz: str | None = None,
    where: str | None = None,
    by: By = None,
    confidence: float = 0.95,
    metric: str = "count",
) -> Result:
    """How many different things there are, in a period.

    Formula: number of different ids with `start` ≤ time < `end` and, where asked, a true flag. Unit: count.
    Edges: rows without an id, without a time (where a period is given) or without a flag (where one is asked for)
    are missing, not counted. Nothing in the period is a count of 0; a frame without rows is an error. An id
    that occurs in two groups counts in both.

    Args:
        df: one row a thing, or several rows a thing with the same id (any engine; see `entry.admit`).
        id: the id column; without it every row counts.
        time: the column of times or dates, needed for a period.
        start: the first moment that counts, local time; `None` for no bound.
        end: the first moment that no longer counts.
        tz: the zone of instants in `time` (see `periods`).
        where: a flag column: only rows where it is true count.
        by: group columns and periods.
        confidence: of the interval.
        metric: the metric's id in the result.

    Returns:
        An `Estimate`, or with `by` a pandas frame. The interval is Garwood's exact one for a Poisson
        count: it says which steady rates go with this number, not that the number itself is in doubt.

    Raises:
        KpiError: no such column, wrong type, no rows, or a bound without a time column.

    References:
        F. Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28, 437–442.

    >>> import pandas as pd
    >>> days = pd.to_datetime(["2024-01-31"] * 3 + ["2024-02-01"])
    >>> calls = pd.DataFrame({"id": [1, 1, 2, 3], "day": days})
    >>> count(calls, "id", time="day", start="2024-01-01", end="2024-02-01")
    count: 2 in all (0.24 to 7.22 at 95 % confidence, exact Poisson; n = 2, missing 0)
    """
    options: CountOptions = {"time": time, "start": start, "end": end, "tz": tz, "where": where, "by": by}
    keys = [id] if id else []
    rows = marked(df, keys, **options)
    if id:
        rows = rows.group_by(*entry.group_names(by), id, STATE).agg(nw.len().alias(ROWS))
    else:
        rows = rows.with_columns(nw.lit(1).alias(ROWS))
    return total(metric, rows, by, confidence)


STATE, ROWS = "__state", "__rows"
MISSING, OUTSIDE, COUNTED = -1.0, 0.0, 1.0


def marked(
    df: Any,
    ids: Sequence[str],
    *,
    others: Sequence[str] = (),
    flags: Sequence[str] = (),
    **options: Unpack[CountOptions],
) -> Frame:
    """Each row's groups, ids, others and flags, and in `STATE` whether it counts.

    A row misses something where an id, a flag, or with a period its time is missing; it lies outside where its
    time does, or where its flag `where` is not true.

    Raises:
        KpiError: as `count`.
    """
    time, where, by = options.get("time"), options.get("where"), options.get("by")
    start, end = options.get("start"), options.get("end")
    if time is None and not (start is None and end is None):
        raise KpiError("time_missing")
    flags, times = [*flags, *([where] if where else [])], {time: options.get("tz")} if time else {}
    frame = entry.admit(df, flags=flags, times=times, others=[*ids, *others], by=by)
    for flag in flags:
        entry.check_flag(entry.tally(frame, by, [flag]), flag)
    inside, needed = [nw.lit(True)], [*ids, *flags]
    if where:
        inside.append(nw.col(where) == 1)
    if time and start is not None:
        inside.append(nw.col(time) >= local_moment(start))
    if time and end is not None:
        inside.append(nw.col(time) < local_moment(end))
    if time and not (start is None and end is None):
        needed.append(time)
    missing = nw.any_horizontal(nw.lit(False), *(nw.col(c).is_null() for c in needed), ignore_nulls=True)
    counts = nw.when(nw.all_horizontal(*inside, ignore_nulls=True)).then(COUNTED).otherwise(OUTSIDE)
    state = nw.when(missing).then(MISSING).otherwise(counts).alias(STATE)
    return frame.with_columns(state).select(*entry.group_names(by), *ids, *others, *flags, STATE)


def total(metric: str, things: Frame, by: By, confidence: float) -> Result:
    """The number of things that count, from one row a thing with its `STATE` and its number of `ROWS`."""
    lost = nw.when(nw.col(STATE) == MISSING).then(nw.col(ROWS)).otherwise(0).cast(nw.Float64).alias(ROWS)
    counts = entry.tally(things.with_columns(lost), by, [STATE, ROWS])
    n = counts.total(counts.values[STATE] == COUNTED)
    low, high = intervals.poisson(n, confidence)
    return results(
        metric, counts.groups, estimate=n, low=low, high=high, n=n, missing=counts.total(counts.values[ROWS]),
        unit="count", method="poisson", confidence=confidence,
    )  # fmt: skip


def local_moment(moment: str | datetime) -> datetime:
    """A local date or time, without a zone.

    Raises:
        KpiError: it cannot be read, or carries a zone.

    >>> local_moment("2024-04-01")
    datetime.datetime(2024, 4, 1, 0, 0)
    """
    try:
        stamp = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    except ValueError as problem:
        raise KpiError("moment", found=moment) from problem
    if stamp.tzinfo is not None:
        raise KpiError("moment", found=moment)
    return stamp
