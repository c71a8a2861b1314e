"""Times as seconds, so that durations are reckoned alike on every engine.

Narwhals has no durations on every engine, but it has a time's parts everywhere. All times of a frame come
from `entry.admit` as local times without a zone; a duration is the difference of two readings of that
clock, in whole seconds. Read instants in the zone `"UTC"` where daylight saving must not count.
"""

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxassess.kpi.analysis import AnalysisError
from cxassess.kpi.entry import Frame, check_option

FREQUENCIES = {"day": "D", "week": "W-MON", "month": "MS", "quarter": "QS", "year": "YS"}

SECONDS = {
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
    "week": 7 * 86400.0,
    "month": 365.2425 / 12 * 86400,
    "year": 365.2425 * 86400,
}


def with_days(frame: Frame, *columns: str) -> Frame:
    """The frame with its local times as days since 1970: the date counts, the time of day does not."""
    return frame.with_columns(_days(column).cast(nw.Float64).alias(column) for column in columns)


def with_seconds(frame: Frame, *columns: str) -> Frame:
    """The frame with its local times as whole seconds since 1970.

    >>> from cxassess.kpi.entry import admit
    >>> calls = pd.DataFrame({"at": pd.to_datetime(["1970-01-02 00:00:05", None])})
    >>> with_seconds(admit(calls, times={"at": None}), "at").collect().to_native()["at"].tolist()
    [86405.0, nan]
    """
    return frame.with_columns(_seconds(column).cast(nw.Float64).alias(column) for column in columns)


def _days(column: str) -> nw.Expr:
    years = nw.col(column).dt.year() - 1
    before = years * 365 + years // 4 - years // 100 + years // 400
    return before + nw.col(column).dt.ordinal_day() - 719163


def _seconds(column: str) -> nw.Expr:
    time = nw.col(column).dt
    return ((_days(column) * 24 + time.hour()) * 60 + time.minute()) * 60 + time.second()


def moment(value: Any, tz: str | None = None) -> float:
    """A moment that the caller names, as seconds since 1970 on the clock of the frame's local times.

    Args:
        value: a date, a time or ISO 8601 text; one with a zone is read in `tz`.
        tz: the zone of the frame's local times.

    Raises:
        KpiError: this is no moment, or it has a zone and `tz` is not given.

    >>> moment("1970-01-02")
    86400.0
    """
    try:
        time = pd.Timestamp(value)
    except (TypeError, ValueError) as problem:
        raise AnalysisError("not_a_moment", found=value) from problem
    if pd.isna(time):
        raise AnalysisError("not_a_moment", found=value)
    if time.tzinfo is not None:
        if tz is None:
            raise AnalysisError("moment_zone", found=value)
        time = time.tz_convert(tz).tz_localize(None)
    return float((time - pd.Timestamp(0)) // pd.Timedelta(seconds=1))


def day_edges(since: Any, until: Any, every: str | None = None, tz: str | None = None) -> NDArray[np.float64]:
    """The days, since 1970, on which the periods from `since` begin, and the day after the last.

    Args:
        since: the first day.
        until: the day after the last.
        every: a calendar period, of which the first and the last may be cut short; one period if not given.
        tz: the zone of the frame's local times.

    Raises:
        KpiError: `until` is not after `since`.

    >>> day_edges("2024-01-30", "2024-03-02", "month").tolist()
    [19752.0, 19754.0, 19783.0, 19784.0]
    """
    first, last = (moment(end, tz) // 86400 for end in (since, until))
    if not first < last:
        raise AnalysisError("until_before_since", since=since, until=until)
    if every is None:
        return np.array([first, last])
    check_option("every", every, tuple(FREQUENCIES))
    days = pd.date_range(pd.Timestamp(first, unit="D"), pd.Timestamp(last, unit="D"), freq=FREQUENCIES[every])
    return np.unique([first, *(days - pd.Timestamp(0)).days, last]).astype(np.float64)


def unit_seconds(unit: str) -> float:
    """How many seconds a unit of time has; a month is a twelfth of the mean Gregorian year."""
    check_option("unit", unit, tuple(SECONDS))
    return SECONDS[unit]
