"""Targets from the voice of customers: who is rated low, by how much, and when an improvement would show.

No metric of its own: it turns the ratings behind `csat` or `support_satisfaction` into targets for who was rated.
"""

from statistics import NormalDist
from typing import Any

import numpy as np

from cxassess.kpi.analysis import Findings, check_range
from cxassess.kpi.entry import By, admit, check_scale, group_names, tally
from cxassess.kpi.errors import KpiError
from cxassess.kpi.intervals import t_mean


def voice_targets(
    df: Any,
    *,
    by: By,
    rating: str = "rating",
    scale: tuple[float, float] = (1, 5),
    aim: float | None = None,
    power: float = 0.8,
    confidence: float = 0.95,
) -> Findings:
    """Turn ratings into targets: training for the operator who is rated low, more use of the channel that is liked.

    Each group's interval is Student's, at confidence 1 − (1 − confidence) ÷ groups, so that all hold together
    (Bonferroni). Small groups scatter most, so their mean is drawn towards that of all: adjusted = w · mean +
    (1 − w) · mean of all, w = τ² ÷ (τ² + s² ÷ n), with s² the variance within groups and τ² that between them
    (method of moments). Ratings needed to see a rise of g between two equal samples: 2 (z₁ + z₂)² s² ÷ g².

    Args:
        df: one row a rating; any engine.
        by: who or what was rated, such as the operator or the channel.
        rating: column with the rating.
        scale: the lowest and the highest rating that could be given.
        aim: the rating to reach; the mean of all ratings if not given.
        power: the chance to see the rise, if it comes.
        confidence: of the intervals together.

    Returns:
        Findings with the group columns and `n`, `share` (% of all ratings), `rating`, `low`, `high`,
        `adjusted`, `verdict` (`below` or `above` the aim where the whole interval is; else `cannot_tell`),
        `target` (the aim where below; missing elsewhere), `ratings_needed` (to see the rise from `adjusted`
        to `target`), `shift` (by how much the mean of all would rise if 10 % of the ratings moved here from
        the others, at today's ratings). The lowest first.

    Raises:
        KpiError: no group column; a column is missing or no number; a rating off the scale; or there are no
            ratings.

    References:
        C. N. Morris (1983). Parametric empirical Bayes inference. JASA 78, 47–55.

    >>> import pandas as pd
    >>> calls = pd.DataFrame({"operator": ["ann"] * 40 + ["bo"] * 40, "rating": [4, 5] * 20 + [2, 3] * 20})
    >>> shown = ["operator", "rating", "verdict", "target", "ratings_needed"]
    >>> voice_targets(calls, by="operator", aim=4).table[shown]
      operator  rating verdict  target  ratings_needed
    0       bo     2.5   below     4.0             2.0
    1      ann     4.5   above     NaN             NaN
    """
    names = group_names(by)
    if not names:
        raise KpiError("columns_none", option="by")
    check_range("power", power, 0, 1, open_low=True, open_high=True)
    counts = tally(admit(df, numbers=[rating], by=by), by, [rating])
    check_scale(counts, rating, scale)
    given = counts.values[rating]
    rated = counts.total(~np.isnan(given)) > 0
    if not rated.any():
        raise KpiError("frame_empty")
    groups, missing = counts.groups[rated], int(counts.total(np.isnan(given)).sum())
    known = np.nan_to_num(given)
    n, total, squares = (counts.total(~np.isnan(given) * weight)[rated] for weight in (1.0, known, known**2))
    mean, whole = total / n, total.sum() / n.sum()
    inside = np.maximum(squares - n * mean**2, 0)
    low, high = t_mean(mean, np.sqrt(inside / np.maximum(n - 1, 1)), n, 1 - (1 - confidence) / n.size)
    adjusted, variance = _towards_all(mean, n, inside, whole)
    goal = whole if aim is None else aim
    below, above = high < goal, low > goal
    z = NormalDist().inv_cdf(0.5 + confidence / 2) + NormalDist().inv_cdf(power)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.ceil(2 * z**2 * variance / (goal - adjusted) ** 2)
        others = np.where(n < n.sum(), (total.sum() - total) / (n.sum() - n), np.nan)
    result = groups.assign(
        n=n.astype(int), share=100 * n / n.sum(), rating=mean, low=low, high=high, adjusted=adjusted,
        verdict=np.select([below, above], ["below", "above"], "cannot_tell"),
        target=np.where(below, goal, np.nan), ratings_needed=np.where(below, np.maximum(needed, 2), np.nan),
        shift=0.1 * (mean - others),
    )  # fmt: skip
    result = result.sort_values(["adjusted", *names], ignore_index=True)
    return Findings("voice_targets", result, int(n.sum()), missing)


def _towards_all(mean: Any, n: Any, inside: Any, whole: float) -> tuple[Any, float]:
    """Means drawn towards that of all by how little they rest on, and the variance within groups."""
    degrees = n.sum() - n.size
    variance = float(inside.sum() / degrees) if degrees > 0 else 0.0
    spread = float(n @ (mean - whole) ** 2) - (n.size - 1) * variance
    scale = n.sum() - float(n @ n) / n.sum()
    between = max(spread / scale, 0.0) if scale > 0 else 0.0
    weight = np.divide(between, between + variance / n, out=np.ones_like(n), where=between + variance / n > 0)
    return weight * mean + (1 - weight) * whole, variance
