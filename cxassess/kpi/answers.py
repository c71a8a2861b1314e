"""How answers on a scale become a score: counted on their engine, weighed here."""

from collections.abc import Callable
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from cxassess.kpi import entry, intervals
from cxassess.kpi.entry import By, Frame, Tally
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Result, results

Floats = NDArray[np.float64]
Scale = tuple[float, float]


def satisfaction(
    metric: str,
    df: Any,
    score: str,
    scale: Scale,
    method: str,
    top: int,
    by: By,
    customer: str | None,
    confidence: float,
) -> Result:
    """The share of satisfied answers, or the mean answer; see `surveys.csat`."""
    entry.check_option("method", method, ("top_box", "mean"))
    points = points_of(method, scale, top)
    kind = "mean" if method == "mean" else "share"
    return survey(metric, df, score, scale, kind, points, by, customer, confidence)


def points_of(method: str, scale: Scale, top: int) -> Callable[[Floats], Floats]:
    """What each answer is worth: itself for the mean, else 100 in the `top` highest steps and 0 below.

    Raises:
        KpiError: all steps of the scale would count as satisfied, or none.

    >>> points_of("top_box", (1, 5), 2)(np.array([3.0, 4.0, 5.0])).tolist()
    [0.0, 100.0, 100.0]
    """
    threshold = scale[1] - top + 1
    if method == "mean":
        return lambda value: value
    if not scale[0] < threshold <= scale[1]:
        raise KpiError("top_all", found=top, low=f"{scale[0]:g}", high=f"{scale[1]:g}")
    return lambda value: np.where(np.isnan(value), np.nan, 100.0 * (value >= threshold))


def survey(
    metric: str,
    df: Any,
    score: str,
    scale: Scale,
    kind: str,
    points: Callable[[Floats], Floats],
    by: By,
    customer: str | None,
    confidence: float,
    *,
    whole: bool = False,
) -> Result:
    """The mean of what the answers are worth: a share of 0 and 100, a net score of −100, 0 and 100, or a mean."""
    frame = entry.admit(df, numbers=[score], others=[customer] if customer else [], by=by, as_floats=False)
    counts = entry.tally(frame, by, [score])
    entry.check_scale(counts, score, scale, whole=whole)
    value = counts.values[score]
    worth = np.where(np.isnan(value), np.nan, points(value))
    unit = {"share": "%", "net": "points", "mean": "score"}[kind]
    if customer:
        bounds = _bounds_by_customer(frame, by, customer, score, counts, worth, confidence)
        return mean_of(metric, counts, worth, unit, confidence, bounds, "bca")
    n = counts.total(~np.isnan(value))
    if kind == "share":
        low, high = intervals.wilson(counts.total(worth == 100), n, confidence)
        return mean_of(metric, counts, worth, unit, confidence, (100 * low, 100 * high), "wilson")
    if kind == "net":
        low, high = intervals.net_share(counts.total(worth > 0), counts.total(worth < 0), n, confidence)
        return mean_of(metric, counts, worth, unit, confidence, (100 * low, 100 * high), "adjusted_wald")
    return mean_of(metric, counts, worth, unit, confidence)


def mean_of(
    metric: str,
    counts: Tally,
    worth: Floats,
    unit: str,
    confidence: float,
    bounds: intervals.Bounds | None = None,
    method: str = "t",
) -> Result:
    """The mean of `worth` in each group; without bounds, with Student's."""
    known = ~np.isnan(worth)
    n = counts.total(known)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = counts.total(np.where(known, worth, 0)) / n
        apart = np.where(known, worth - mean[counts.group], 0)
        deviation = np.sqrt(counts.total(apart**2) / (n - 1))
    low, high = bounds if bounds is not None else intervals.t_mean(mean, deviation, n, confidence)
    return results(
        metric, counts.groups, estimate=mean, low=low, high=high, n=n, missing=counts.total(~known),
        unit=unit, method=method, confidence=confidence,
    )  # fmt: skip


def _bounds_by_customer(
    frame: Frame, by: By, customer: str, score: str, counts: Tally, worth: Floats, confidence: float
) -> intervals.Bounds:
    """BCa bounds per group, whole customers drawn; each customer is reduced to a sum and a count first."""
    value = counts.values[score]
    distinct, first = np.unique(value[~np.isnan(value)], return_index=True)
    points = worth[~np.isnan(value)][first]
    if not distinct.size:
        return np.full(len(counts.groups), np.nan), np.full(len(counts.groups), np.nan)
    worth_of_row = [nw.when(nw.col(score) == v).then(float(p)) for v, p in zip(distinct, points, strict=True)]
    names = entry.group_names(by)
    alone = nw.when(nw.col(customer).is_null()).then(nw.col(score)).alias("alone")
    each = frame.with_columns(nw.coalesce(*worth_of_row).alias("worth"), alone)
    per_customer = each.group_by(*names, customer, "alone").agg(
        nw.col("worth").sum().alias("sum"), nw.col("worth").count().alias("answers")
    )
    clusters = entry.tally(per_customer, by, ["alone", "sum", "answers"])
    total, answers, copies = clusters.values["sum"], clusters.values["answers"], clusters.count
    lone = ~np.isnan(clusters.values["alone"])
    copies = np.where(lone, answers * copies, copies).astype(np.int64)
    total, answers = np.where(lone, total / np.maximum(answers, 1), total), np.where(lone, 1, answers)
    bounds = np.full((len(counts.groups), 2), np.nan)
    for group in range(len(counts.groups)):
        here = (clusters.group == group) & (answers > 0)
        if here.any():
            bounds[group] = intervals.bca_ratio(total[here], answers[here], confidence, copies=copies[here])
    return bounds[:, 0], bounds[:, 1]
