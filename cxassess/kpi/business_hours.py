"""A calendar of business hours, and the working time between two moments."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxassess.kpi.analysis import AnalysisError
from cxassess.kpi.errors import KpiError

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = rf"(?:{'|'.join(_DAYS)})"
_SPAN = r"\d\d:\d\d-\d\d:\d\d"
_RULE = re.compile(rf"({_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*) +({_SPAN}(?:,{_SPAN})*)")
_MINUTE = np.timedelta64(1, "m")

Week = tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True)
class BusinessHours:
    """When the desk is open.

    Args:
        hours: in the manner of OpenStreetMap's opening_hours: `"Mo-Fr 09:00-12:00,13:00-18:00; Sa
            10:00-15:00"`. `24:00` is midnight at the day's end; a span that ends before it starts runs into
            the next day. Days that are not named are closed. Overlapping spans count once.
        tz: the desk's time zone, such as `"Asia/Tokyo"`. Time stamps without a zone are taken to be in it.
        holidays: days on which the desk does not open.

    Raises:
        KpiError: `hours` cannot be read, or there is no such time zone.

        >>> desk = BusinessHours("Mo-Fr 09:00-18:00", "Asia/Tokyo", holidays=[date(2024, 5, 3)])
        >>> desk.hours_between(["2024-05-02 17:30"], ["2024-05-07 09:15"])  # a Thursday; a Tuesday
        array([9.75])
    """

    hours: str
    tz: str
    holidays: Iterable[date] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "holidays", frozenset(self.holidays))
        try:
            ZoneInfo(self.tz)
        except (KeyError, ValueError, OSError) as problem:
            raise KpiError("zone_unknown", found=self.tz) from problem
        _week(self.hours)

    @classmethod
    def from_table(cls, table: pd.DataFrame, tz: str, holidays: Iterable[Any] = ()) -> "BusinessHours":
        """The calendar in a table of opening hours.

        Args:
            table: columns `weekday` (1 for Monday to 7 for Sunday), `opens` and `closes` (such as 09:00;
                missing where the desk is closed); several rows a weekday are several spans.
            tz: the desk's time zone.
            holidays: days on which the desk does not open, as dates or ISO 8601 texts.

            >>> week = pd.DataFrame({"weekday": [1, 6, 7], "opens": ["09:00:00", "10:00", None],
            ...                      "closes": ["18:00:00", "15:00", None]})
            >>> BusinessHours.from_table(week, "Asia/Tokyo").hours
            'Mo 09:00-18:00; Sa 10:00-15:00'
        """
        rows = table.dropna(subset=["opens", "closes"])
        rules = [
            f"{_DAYS[int(day) - 1]} {str(opens)[:5]}-{str(closes)[:5]}"
            for day, opens, closes in zip(rows["weekday"], rows["opens"], rows["closes"], strict=True)
        ]
        return cls("; ".join(rules), tz, [pd.Timestamp(day).date() for day in holidays])

    def hours_between(self, start: Any, end: Any) -> NDArray[np.float64]:
        """Business hours from each start to its end; negative where the end comes first, NaN where one is missing.

        Moments come as time stamps or ISO 8601 texts. Time stamps with a zone are converted, those
        without one are in `tz`: one that daylight saving doubles is the first of the two, one that it
        skips moves forward.
        """
        starts, ends = self.moments(start), self.moments(end)
        known = np.concatenate([starts, ends])
        known = known[~np.isnat(known)]
        result = np.full(len(starts), np.nan)
        if known.size == 0:
            return result
        opens, lengths = self._open_spans(known.min(), known.max())
        before = np.concatenate([[0], np.cumsum(lengths)])

        def open_until(moments: NDArray[np.int64]) -> NDArray[np.int64]:
            span = np.searchsorted(opens, moments, side="right") - 1
            return np.asarray(before[span] + np.clip(moments - opens[span], 0, lengths[span]))

        both = ~(np.isnat(starts) | np.isnat(ends))
        us = open_until(ends[both].astype(np.int64)) - open_until(starts[both].astype(np.int64))
        result[both] = us / 3.6e9
        return result

    def moments(self, values: Any) -> NDArray[np.datetime64]:
        """Time stamps as UTC moments in microseconds, without a zone as in `tz`."""
        times = pd.DatetimeIndex(pd.to_datetime(values, format="ISO8601"))
        if times.tz is None:
            times = times.tz_localize(
                self.tz, ambiguous=np.ones(len(times), bool), nonexistent="shift_forward"
            )
        return times.tz_convert("UTC").tz_localize(None).to_numpy("datetime64[us]")

    def _open_spans(
        self, first: np.datetime64, last: np.datetime64
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Starts (µs since 1970, UTC) and lengths (µs) of the open spans that cover first to last."""
        days = np.arange(first.astype("M8[D]") - 3, last.astype("M8[D]") + 3)
        open_days = days[~np.isin(days, np.array(sorted(self.holidays), dtype="M8[D]"))]
        weekday = (open_days.astype(np.int64) + 3) % 7
        spans = [
            (open_days[weekday == day] + opening * _MINUTE, open_days[weekday == day] + closing * _MINUTE)
            for day, spans_of_day in enumerate(_week(self.hours))
            for opening, closing in spans_of_day
        ]
        # An hour that daylight saving doubles is open both times.
        starts = self._utc(np.concatenate([opening for opening, _ in spans]), first_of_doubled=True)
        ends = self._utc(np.concatenate([closing for _, closing in spans]), first_of_doubled=False)
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], np.maximum.accumulate(ends[order])
        starts[1:] = np.maximum(starts[1:], ends[:-1])
        # A span of no length ahead of all others: what comes before the first has an answer, too.
        return np.insert(starts, 0, np.iinfo(np.int64).min // 2), np.insert(
            np.maximum(ends - starts, 0), 0, 0
        )

    def _utc(self, local: NDArray[np.datetime64], first_of_doubled: bool) -> NDArray[np.int64]:
        times = pd.DatetimeIndex(local.astype("M8[us]")).tz_localize(
            self.tz, ambiguous=np.full(len(local), first_of_doubled), nonexistent="shift_forward"
        )
        return np.asarray(
            times.tz_convert("UTC").tz_localize(None).to_numpy("datetime64[us]").astype(np.int64)
        )


def _week(hours: str) -> Week:
    """The spans of each weekday from Monday, in minutes from midnight."""
    if hours.strip() == "24/7":
        hours = "Mo-Su 00:00-24:00"
    week: list[list[tuple[int, int]]] = [[] for _ in _DAYS]
    for rule in filter(None, (part.strip() for part in hours.split(";"))):
        match = _RULE.fullmatch(rule)
        if not match:
            raise AnalysisError("hours_unreadable", found=rule)
        spans = [_span(text) for text in match[2].split(",")]
        for days in match[1].split(","):
            first, _, last = days.partition("-")
            start, stop = _DAYS.index(first), _DAYS.index(last or first)
            for day in range(start, stop + 1 if start <= stop else stop + 8):
                week[day % 7] += spans
    if not any(week):
        raise AnalysisError("hours_unreadable", found=hours)
    return tuple(tuple(spans) for spans in week)


def _span(text: str) -> tuple[int, int]:
    opening, closing = (int(clock[:2]) * 60 + int(clock[3:]) for clock in text.split("-"))
    if max(opening, closing) > 24 * 60 or any(int(clock[3:]) > 59 for clock in text.split("-")):
        raise AnalysisError("hours_unreadable", found=text)
    return opening, closing if closing > opening else closing + 24 * 60
