"""Calendar periods to group by: `by=["segment", month("ts")]`.

The time zone rule, the same on every engine:

- A time *without* a zone (and a plain date) is local time as it was written down. It is never shifted.
- A time *with* a zone is an instant. In which zone a day begins is then a decision, so `tz` is asked for
  and the instant is read in that zone. (Spark's ordinary timestamps are instants.)

A period is named by its first moment, in local time: the month of 2024-02-29 is 2024-02-01, its week
(Monday to Sunday, ISO 8601) is 2024-02-26, its quarter 2024-01-01.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Unit = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period of a time column.

    Attributes:
        unit: day, week, month, quarter or year.
        column: the column that holds the time.
        tz: the zone in which days begin; needed where the column's times carry a zone.
        name: what the group's column is called in the result.
    """

    unit: Unit
    column: str
    tz: str | None
    name: str


By = str | Period | Sequence[str | Period] | None


def group_list(by: By) -> list[str | Period]:
    """`by` as a list.

    >>> group_list("segment"), group_list(None)
    (['segment'], [])
    """
    if by is None:
        return []
    return [by] if isinstance(by, str | Period) else list(by)


def group_names(by: By) -> list[str]:
    """What the group columns are called in a result."""
    return [group if isinstance(group, str) else group.name for group in group_list(by)]


def _period(unit: Unit) -> Callable[..., Period]:
    def period(column: str, *, tz: str | None = None, name: str = unit) -> Period:
        return Period(unit, column, tz, name)

    period.__name__ = period.__qualname__ = unit
    period.__doc__ = f"""Group by the {unit} of a time column.

    Args:
        column: the column that holds the time.
        tz: the zone in which days begin, such as `"Asia/Tokyo"`; needed where the times carry a zone.
        name: what the group's column is called in the result.

    >>> {unit}("answered_at", tz="Asia/Tokyo").name
    '{unit}'
    """
    return period


day = _period("day")
week = _period("week")
month = _period("month")
quarter = _period("quarter")
year = _period("year")

_FREQUENCIES = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


def first_moment(times: "pd.Series[pd.Timestamp]", unit: Unit) -> "pd.Series[pd.Timestamp]":
    """The first moment of the period in which each local time lies.

    >>> first_moment(pd.Series(pd.to_datetime(["2024-02-29 23:59"])), "week")[0]
    Timestamp('2024-02-26 00:00:00')
    """
    days = times.astype("datetime64[ns]").dt.floor("D")
    return days if unit == "day" else days.dt.to_period(_FREQUENCIES[unit]).dt.start_time
