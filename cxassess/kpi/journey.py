"""The way to a purchase: how many go on from stage to stage, in order, and how long they take."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxassess.kpi import engines
from cxassess.kpi.analysis import AnalysisError, Findings, check_range, size_of
from cxassess.kpi.entry import By, Frame, admit, group_names, reduce, split_groups
from cxassess.kpi.errors import KpiError
from cxassess.kpi.intervals import wilson
from cxassess.kpi.moments import unit_seconds, with_seconds


def funnel(
    df: Any,
    stages: Sequence[str],
    *,
    visitor: str = "visitor",
    stage: str = "stage",
    time: str = "time",
    within: float | None = None,
    unit: str = "hour",
    by: By = None,
    tz: str | None = None,
    confidence: float = 0.95,
) -> Findings:
    """How many visitors reach each stage in the stated order, and how long they take to the next.

    A visitor reaches the first stage at its first event there, and each further stage at the first event
    there that is not before reaching the stage before. Events out of order count for nothing. A visitor
    counts once.

    Args:
        df: one row an event; any engine.
        stages: the stages in their order, as the column says them.
        visitor: column of ids: visitors, sessions or customers.
        stage: column with the stage.
        time: column with the time.
        within: the time, in `unit` from reaching the first stage, in which a stage must be reached to count.
        unit: unit of time.
        by: group columns; they must not change within a visitor, who else counts in each group.
        tz: zone to read times with a zone in.
        confidence: of the intervals.

    Returns:
        Findings with the group columns and stage, visitors, conversion, low, high (% of the stage before, Wilson),
        overall, overall_low, overall_high (% of the first stage), median_to_next (time, in `unit`, half of
        those who went on took at most). Events without visitor, stage or time are left out and counted.

    Raises:
        KpiError: a column is missing or no time, a stage is named twice, an event has another stage than
            those named, or no event is complete.

    >>> minutes = pd.to_timedelta([0, 30, 150, 0, 60, 1440], unit="m")
    >>> stages = ["see", "cart", "buy", "cart", "see", "see"]
    >>> clicks = pd.DataFrame({"visitor": [1, 1, 1, 2, 2, 3], "stage": stages,
    ...                        "time": pd.Timestamp("2024-04-01 09:00") + minutes})
    >>> funnel(clicks, ["see", "cart", "buy"]).table[["stage", "visitors", "overall", "median_to_next"]]
      stage  visitors     overall  median_to_next
    0   see         3  100.000000             0.5
    1  cart         1   33.333333             2.0
    2   buy         1   33.333333             NaN
    """
    steps, names = list(stages), group_names(by)
    if not steps:
        raise KpiError("columns_none", option="stages")
    if len(set(steps)) < len(steps):
        raise AnalysisError("stage_twice", found=next(one for one in steps if steps.count(one) > 1))
    limit = np.inf
    if within is not None:
        check_range("within", within, 0, np.inf, open_high=True)
        limit = within * unit_seconds(unit)
    frame = with_seconds(admit(df, times={time: tz}, others=[visitor, stage], by=by), time)
    complete = frame.filter(~nw.col(visitor).is_null() & ~nw.col(stage).is_null() & ~nw.col(time).is_null())
    seen = engines.to_pandas(complete.group_by(stage).agg(nw.len().alias("n")))
    if seen.empty:
        raise KpiError("frame_empty")
    strange = seen.loc[~seen[stage].isin(steps), stage]
    if len(strange):
        raise AnalysisError(
            "stage_unknown", column=stage, found=strange.iloc[0], known=", ".join(map(str, steps))
        )
    rows = size_of(frame)
    reached = _reached(complete, [*names, visitor], stage, time, steps, limit)
    counts = engines.to_pandas(
        reduce(reached, names, [nw.col(f"__{number}").count() for number in range(len(steps))])
    )
    groups, place = split_groups(counts, names)
    counts = counts.iloc[np.argsort(place)].reset_index(drop=True)
    medians = [_medians(reached, names, groups, number) for number in range(len(steps) - 1)]
    parts = []
    for number, step in enumerate(steps):
        visitors = counts[f"__{number}"].to_numpy(np.float64)
        before = counts[f"__{max(number - 1, 0)}"].to_numpy(np.float64)
        first = counts["__0"].to_numpy(np.float64)
        low, high = wilson(visitors, before, confidence)
        overall_low, overall_high = wilson(visitors, first, confidence)
        with np.errstate(invalid="ignore"):
            shares = {
                "conversion": visitors / before, "low": low, "high": high, "overall": visitors / first,
                "overall_low": overall_low, "overall_high": overall_high,
            }  # fmt: skip
        took = medians[number] / unit_seconds(unit) if number < len(medians) else np.nan
        part = groups.assign(stage=step, visitors=visitors.astype(int), median_to_next=took)
        part = part.assign(**{name: 100 * share for name, share in shares.items()})
        if number == 0:
            part[["conversion", "low", "high"]] = np.nan
        parts.append(part.assign(__group=np.arange(len(groups)), __step=number))
    table = pd.concat(parts).sort_values(["__group", "__step"], ignore_index=True)
    columns = ["stage", "visitors", *shares, "median_to_next"]
    return Findings("funnel", table[[*names, *columns]], int(seen["n"].sum()), rows - int(seen["n"].sum()))


def _reached(
    events: Frame, keys: Sequence[str], stage: str, time: str, steps: Sequence[str], limit: float
) -> Frame:
    """One row a visitor: when each stage was reached in order, missing where it was not."""
    at = nw.col(time)
    for number, step in enumerate(steps):
        counts = nw.col(stage) == step
        if number:
            previous = nw.col(f"__{number - 1}")
            counts &= ~previous.is_null() & (at >= previous)
            if np.isfinite(limit):
                counts &= at <= nw.col("__0") + limit
        events = events.with_columns(nw.when(counts).then(at).alias("__at"))
        events = events.with_columns(nw.col("__at").min().over(*keys).alias(f"__{number}"))
    return events.group_by(*keys).agg(*(nw.col(f"__{number}").min() for number in range(len(steps))))


def _medians(reached: Frame, names: Sequence[str], groups: pd.DataFrame, number: int) -> Any:
    """The median time from a stage to the next in each group, from counts of equal times."""
    took = (nw.col(f"__{number + 1}") - nw.col(f"__{number}")).alias("__took")
    times = reached.with_columns(took).filter(~nw.col("__took").is_null())
    counts = engines.to_pandas(times.group_by(*names, "__took").agg(nw.len().alias("__n")))
    if counts.empty:
        return np.full(len(groups), np.nan)
    both = pd.concat([groups, counts], ignore_index=True)
    place = split_groups(both, names)[1][len(groups) :] if names else np.zeros(len(counts), dtype=int)
    result = np.full(len(groups), np.nan)
    for group in range(len(groups)):
        here = counts[place == group].sort_values("__took")
        total = here["__n"].cumsum().to_numpy()
        if total.size:
            result[group] = here["__took"].to_numpy()[np.searchsorted(total, total[-1] / 2)]
    return result
