"""Who leaves a subscription, and when: churn per period, and survival.

Subscriptions are reckoned in whole days: the dates of start and end count, the time of day does not. A
missing end means that the subscription goes on. A missing start is left out and counted as missing.
"""

from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd

from cxassess.kpi.analysis import AnalysisError
from cxassess.kpi.entry import By, check_option, group_names
from cxassess.kpi.estimate import Result, proportion, results
from cxassess.kpi.intervals import poisson
from cxassess.kpi.moments import day_edges, moment, unit_seconds
from cxassess.kpi.spells import curve_or_curves, spells
from cxassess.kpi.survival_curve import Interval, Survival
from cxassess.kpi.survival_groups import GroupedSurvival

Per = Literal["start", "average", "exposure"]
Every = Literal["week", "month", "quarter", "year"]


def churn_rate(
    df: Any,
    *,
    start: str = "start",
    end: str = "end",
    since: Any,
    until: Any,
    every: Every | None = None,
    per: Per = "start",
    by: By = None,
    tz: str | None = None,
    confidence: float = 0.95,
) -> Result:
    """The share of customers who left, with the denominator stated.

    Period: since ≤ day < until. A customer is active at a day if the subscription started before it and
    has not ended before it.

    - `per="start"`: of those active at `since`, the share that left before `until`. Wilson's interval.
      Who joined within the period is in neither sum.
    - `per="average"`: all who left within the period ÷ the mean of those active at `since` and at `until`.
      Exact Poisson interval of the number who left.
    - `per="exposure"`: all who left ÷ the time that all customers were active, in periods. The rate that
      does not depend on growth; exact Poisson interval.

    Args:
        df: one row a subscription; any engine.
        start: column with the first day.
        end: column with the day of leaving; missing while the subscription goes on.
        since: first day of the period.
        until: the day after its last.
        every: cut the period into calendar weeks (from Monday), months, quarters or years: a frame with
            the column `period` (first day of each). The first and last are cut at `since` and `until`.
        per: the denominator.
        by: group columns.
        tz: zone to read times with a zone in.
        confidence: of the intervals.

    Returns:
        An `Estimate` in % per period; with `every` or `by` a frame. Null, with the reason
        `zero_denominator`, where nobody was active.

    Raises:
        KpiError: a column is missing or no date, `until` is not after `since`, or a subscription ends before
            it starts.

    References:
        F. F. Reichheld & W. E. Sasser (1990). Zero defections. Harvard Business Review 68(5), 105–111.

    >>> plan = pd.DataFrame({"start": pd.to_datetime(["2024-01-10", "2024-01-20", "2024-02-05"]),
    ...                      "end": pd.to_datetime(["2024-02-20", None, "2024-02-25"])})
    >>> churn_rate(plan, since="2024-02-01", until="2024-03-01").estimate
    50.0
    """
    check_option("per", per, ("start", "average", "exposure"))
    counts = spells(df, start, end, clock="day", by=by, tz=tz)
    edges = day_edges(since, until, every, tz)
    first, last = counts.start, counts.stop
    rows = []
    for a, b in pairwise(edges):
        at_start, at_end = (first < a) & (last >= a), (first < b) & (last >= b)
        left = (last >= a) & (last < b)
        days = np.clip(np.minimum(last, b) - np.maximum(first, a), 0, None)
        masks = (at_start, at_start & left, at_end, left, (first < b) & (last >= a))
        rows.append([*(counts.total(mask) for mask in masks), counts.total(days) / (b - a)])
    begun, lost, still, left_all, seen, exposure = np.concatenate(np.array(rows), axis=1)
    groups = pd.concat([counts.groups] * len(rows), ignore_index=True)
    if every is not None:
        if "period" in group_names(by):
            raise AnalysisError("group_name", found="period")
        days_of = pd.to_datetime(np.repeat(edges[:-1], len(counts.groups)), unit="D")
        groups.insert(0, "period", days_of.astype("datetime64[ns]"))
    missing = np.tile(counts.missing, len(rows))
    if per == "start":
        return proportion(
            "churn_rate", groups, lost, begun, missing, confidence=confidence, reason="zero_denominator"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 100 / ((begun + still) / 2 if per == "average" else exposure)
        low, high = poisson(left_all, confidence)
        return results(
            "churn_rate", groups, estimate=left_all * scale, low=low * scale, high=high * scale, n=seen,
            missing=missing, unit="%", method="poisson", confidence=confidence, reason="zero_denominator",
        )  # fmt: skip


def survival(
    df: Any,
    *,
    start: str = "start",
    end: str = "end",
    as_of: Any,
    unit: str = "month",
    by: By = None,
    observed_from: Any = None,
    tz: str | None = None,
    interval: Interval = "log_log",
    confidence: float = 0.95,
) -> Survival | GroupedSurvival:
    """How long subscriptions last (Kaplan–Meier), those that go on counting for as long as they were seen.

    Args:
        df: one row a subscription; any engine.
        start: column with the first day.
        end: column with the day of leaving; missing while the subscription goes on.
        as_of: the day before which the data are complete. Ends on it or later have not happened yet;
            subscriptions that start on it or later are left out.
        unit: unit of the durations: day, week, month (a twelfth of 365.2425 days) or year.
        by: group columns; the result then is a `GroupedSurvival`.
        observed_from: the day from which leavers are in the data, if earlier ones were deleted: customers
            count as at risk only from it, and who left before is left out.
        tz: zone to read times with a zone in.
        interval: `log_log` or `greenwood`.
        confidence: between 0 and 1.

    Raises:
        KpiError: a column is missing or no date, or a subscription ends before it starts.

    >>> plan = pd.DataFrame({"start": pd.to_datetime(["2024-01-01"] * 3),
    ...                      "end": pd.to_datetime(["2024-02-01", "2024-03-01", None])})
    >>> curve = survival(plan, as_of="2024-04-01", unit="day")
    >>> curve.time.tolist(), curve.median.estimate
    ([31.0, 60.0, 91.0], 60.0)
    """
    found = spells(df, start, end, clock="day", as_of=as_of, by=by, tz=tz)
    length = unit_seconds(unit) / 86400
    entry = None
    if observed_from is not None:
        seen_from = moment(observed_from, tz) // 86400
        found = found.where((found.stop > seen_from) | (found.start >= seen_from))
        entry = np.maximum(seen_from - found.start, 0) / length
    durations = (found.stop - found.start) / length
    return curve_or_curves(
        found,
        durations,
        by,
        entry=entry,
        unit=unit,
        metric="survival",
        interval=interval,
        confidence=confidence,
    )
