"""How fast customers are helped: times to the first response and to the solution, and hand-overs.

A ticket that is still open has waited for at least as long as it was seen to wait. Leaving it out makes a
desk look the faster the more it leaves lying; so open tickets are kept as right-censored, and median and
90th percentile are read off the Kaplan–Meier curve.
"""

from dataclasses import dataclass
from typing import Any, cast

import narwhals as nw
import numpy as np
import pandas as pd

from cxassess.kpi import engines
from cxassess.kpi.analysis import AnalysisError, Shown, in_words, mean_of, size_of, text
from cxassess.kpi.business_hours import BusinessHours
from cxassess.kpi.entry import By, admit, check_option
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Estimate, proportion
from cxassess.kpi.intervals import wilson
from cxassess.kpi.moments import SECONDS, unit_seconds
from cxassess.kpi.spells import curve_or_curves, spells
from cxassess.kpi.survival_curve import Survival
from cxassess.kpi.survival_groups import GroupedSurvival


def first_response_time(
    df: Any,
    *,
    opened: str = "opened",
    responded: str = "responded",
    as_of: Any,
    calendar: BusinessHours | None = None,
    unit: str = "hour",
    by: By = None,
    tz: str | None = None,
    confidence: float = 0.95,
) -> Survival | GroupedSurvival:
    """The time from a customer's question to the first answer by a person.

    `.median` and `.percentile(0.9)` are the figures to report: half, and nine in ten, were answered within
    them. An acknowledgement sent by a machine is no response: leave it out of `responded`.

    Args:
        df: one row a ticket; any engine.
        opened: column with the time when the question came in; tickets without it are counted as missing.
        responded: column with the time of the first response; missing while there is none.
        as_of: the moment up to which the data are complete; who waits then is right-censored.
        calendar: count business hours only; without one, every hour counts.
        unit: second, minute or hour; without a calendar also day and longer.
        by: group columns, such as the channel; the result then is a `GroupedSurvival`.
        tz: zone to read times with a zone in. With a calendar it is the calendar's. Without one, `"UTC"`
            measures elapsed time whatever daylight saving does.
        confidence: of the intervals.

    Returns:
        The curve of tickets still waiting. Its percentiles are null, with the reason `not_reached`, where too
        many are still waiting.

    Raises:
        KpiError: a column is missing or no time, or a response comes before its question.

    References:
        E. L. Kaplan & P. Meier (1958). Nonparametric estimation from incomplete observations. JASA 53,
        457–481.

    >>> desk = pd.DataFrame({
    ...     "opened": pd.to_datetime(["2024-04-05 17:00", "2024-04-08 09:00", "2024-04-08 10:00"]),
    ...     "answered": pd.to_datetime(["2024-04-08 09:30", "2024-04-08 11:00", None])})
    >>> hours = BusinessHours("Mo-Fr 09:00-18:00", "Asia/Tokyo")
    >>> found = first_response_time(desk, responded="answered", as_of="2024-04-09",
    ...                             calendar=hours)
    >>> found.time.tolist(), found.median.estimate
    ([1.5, 2.0, 8.0], 2.0)
    """
    return _time_to(
        "first_response_time", df, opened, responded, as_of, calendar=calendar, unit=unit, by=by, tz=tz,
        confidence=confidence,
    )  # fmt: skip


def resolution_time(
    df: Any,
    *,
    opened: str = "opened",
    resolved: str = "resolved",
    as_of: Any,
    calendar: BusinessHours | None = None,
    unit: str = "hour",
    by: By = None,
    tz: str | None = None,
    confidence: float = 0.95,
) -> Survival | GroupedSurvival:
    """The time from a customer's question to its solution; reopened tickets count until they stay closed.

    Args:
        df: one row a ticket; any engine.
        opened: column with the time when the question came in.
        resolved: column with the time of the last closing; missing while the ticket is open.
        as_of: the moment up to which the data are complete; open tickets are right-censored then.
        calendar: count business hours only; without one, every hour counts.
        unit: second, minute or hour; without a calendar also day and longer.
        by: group columns.
        tz: as in `first_response_time`.
        confidence: of the intervals.

    Returns:
        The curve of tickets still open; `.median` and `.percentile(0.9)` are the figures to report.

    Raises:
        KpiError: as for `first_response_time`.

    >>> desk = pd.DataFrame({"opened": pd.to_datetime(["2024-04-01 09:00"] * 4),
    ...                      "closed": pd.to_datetime(["2024-04-01 12:00", "2024-04-02 09:00", None, None])})
    >>> resolution_time(desk, resolved="closed", as_of="2024-04-03").median.estimate
    24.0
    """
    return _time_to(
        "resolution_time", df, opened, resolved, as_of, calendar=calendar, unit=unit, by=by, tz=tz,
        confidence=confidence,
    )  # fmt: skip


def _time_to(
    metric: str, df: Any, start: str, end: str, as_of: Any, *, calendar: BusinessHours | None,
    unit: str, by: By, tz: str | None, confidence: float,
) -> Survival | GroupedSurvival:  # fmt: skip
    if calendar is None:
        check_option("unit", unit, tuple(SECONDS))
    else:
        check_option("unit", unit, ("second", "minute", "hour"))
        tz = calendar.tz
    found = spells(df, start, end, clock="second", as_of=as_of, by=by, tz=tz)
    if calendar is None:
        seconds = found.stop - found.start
    else:
        seconds = 3600 * calendar.hours_between(found.start.astype("M8[s]"), found.stop.astype("M8[s]"))
    return curve_or_curves(
        found, seconds / unit_seconds(unit), by, unit=unit, metric=metric, confidence=confidence
    )


@dataclass(frozen=True, eq=False, repr=False)
class HandOvers(Shown):
    """How often tickets change hands.

    Attributes:
        mean: hand-overs per ticket; Student's interval.
        none: share of tickets that stayed with whom they came to, %; Wilson's interval.
        table: columns handovers, tickets, share, low, high (%, Wilson).
    """

    mean: Estimate
    none: Estimate
    table: pd.DataFrame

    def _heading(self) -> str:
        return text("hand_overs")

    def _lines(self) -> list[tuple[str, str]]:
        return [
            (text("hand_overs_mean"), in_words(self.mean)),
            (text("hand_overs_none"), in_words(self.none)),
        ]

    def _table(self) -> pd.DataFrame:
        return self.table


def hand_overs(
    df: Any,
    *,
    ticket: str = "ticket",
    owner: str = "owner",
    time: str = "time",
    tz: str | None = None,
    confidence: float = 0.95,
) -> HandOvers:
    """How often customers are passed from one team to another.

    A hand-over is an event whose owner differs from that of the ticket's event before. Events at the same
    moment count in the order of the owners' names. Events without ticket, owner or time are left out and
    counted as missing.

    Args:
        df: one row an event of a ticket; pandas, Polars, DuckDB or PySpark.
        ticket: column of ticket ids.
        owner: column of teams or people in charge.
        time: column of times.
        tz: zone to read times with a zone in.
        confidence: of the intervals.

    Raises:
        KpiError: a column is missing, no event is complete, or the engine cannot order events within tickets
            (Dask).

    >>> days = pd.to_datetime(["2024-04-01", "2024-04-02", "2024-04-03", "2024-04-01"])
    >>> events = pd.DataFrame({"ticket": [1, 1, 1, 2], "owner": ["desk", "desk", "lab", "desk"], "time": days})
    >>> found = hand_overs(events)
    >>> found.mean.estimate, found.none.estimate
    (0.5, 50.0)
    """
    frame = admit(df, times={time: tz}, others=[ticket, owner])
    if frame.implementation.is_dask():
        raise AnalysisError("engine_order", found="dask")
    complete = frame.drop_nulls().with_columns(nw.col(owner).cast(nw.String))
    before = nw.col(owner).shift(1).over(ticket, order_by=[time, owner])
    moved = nw.when(~before.is_null() & (nw.col(owner) != before)).then(nw.lit(1)).otherwise(nw.lit(0))
    per_ticket = complete.with_columns(moved.alias("__moved")).group_by(ticket).agg(
        nw.col("__moved").sum(), nw.len().alias("__events")
    )  # fmt: skip
    counts = per_ticket.group_by("__moved").agg(nw.len().alias("tickets"), nw.col("__events").sum())
    table = engines.to_pandas(counts).sort_values("__moved", ignore_index=True)
    if table.empty:
        raise KpiError("frame_empty")
    rows = size_of(frame)
    missing = rows - int(table["__events"].sum())
    moves, tickets = table["__moved"].to_numpy(float), table["tickets"].to_numpy(float)
    n = tickets.sum()
    mean = float(moves @ tickets / n)
    deviation = float(np.sqrt((moves - mean) ** 2 @ tickets / max(n - 1, 1)))
    low, high = wilson(tickets, n, confidence)
    none = proportion(
        "hand_overs",
        pd.DataFrame(index=range(1)),
        tickets[moves == 0].sum(),
        n,
        missing,
        confidence=confidence,
    )
    shares = {"share": 100 * tickets / n, "low": 100 * low, "high": 100 * high}
    return HandOvers(
        mean_of("hand_overs", mean, deviation, int(n), missing, "", confidence),
        cast(Estimate, none),
        pd.DataFrame({"hand_overs": moves.astype(int), "tickets": tickets.astype(int), **shares}),
    )
