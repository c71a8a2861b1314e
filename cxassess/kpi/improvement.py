"""How far satisfaction rose or fell after something was changed."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd

from cxassess.kpi import answers, engines, entry, intervals
from cxassess.kpi.answers import Floats, Scale
from cxassess.kpi.entry import By, Frame, Tally
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Result, results


def satisfaction_improvement_rate(
    before: Any,
    after: Any,
    score: str = "score",
    *,
    customer: str | None = None,
    scale: Scale = (1, 5),
    method: Literal["top_box", "mean"] = "top_box",
    top: int = 2,
    by: By = None,
    confidence: float = 0.95,
) -> Result:
    """Satisfaction improvement rate: the change of customer satisfaction in per cent of what it was.

    Formula: 100 × (satisfaction after − satisfaction before) ÷ satisfaction before, satisfaction as in `csat`.
    Unit: % of the earlier value, not percentage points: from 60 % to 66 % satisfied is +10 %.
    Denominator: satisfaction before. With `method="mean"` the figure depends on where the scale starts (1 to
    5 or 0 to 4), so compare only figures of one scale.
    Edges: nobody answered before or after, or nobody was satisfied before: null with a reason.

    A rise after a change is not a rise by the change: season, other changes, and who answered play in.

    Args:
        before: one row an answer before the change.
        after: one row an answer after the change, on the same engine where `customer` is given.
        score: the column of answers, in both.
        customer: customer ids, in both, at most one answer each: the answers of those who answered both times
            are then taken as pairs, which mostly makes the interval narrower. Answers without an id pair with nobody.
        scale: lowest and highest answer that could be given.
        method: `top_box` or `mean`, as in `csat`.
        top: how many steps at the top of the scale count as satisfied.
        by: groups that exist before and after, such as the segment.
        confidence: of the interval.

    Returns:
        An `Estimate` with Fieller's interval of the ratio of two partly paired means, t with one degree of
        freedom less than the smaller sample, or with `by` a pandas frame. `n` counts the answers of both.

    Raises:
        KpiError: as `csat`; a customer answers twice before or twice after; the engines differ.

    References:
        E. C. Fieller (1954), Journal of the Royal Statistical Society B 16, 175–185. B. Derrick et al. (2017), Test
        statistics for the comparison of means for two samples that include both paired and independent
        observations, Journal of Modern Applied Statistical Methods 16, 137–157.

    >>> old = pd.DataFrame({"id": range(8), "score": [5, 4, 3, 3, 2, 4, 1, 3]})
    >>> new = pd.DataFrame({"id": range(8), "score": [5, 5, 4, 4, 2, 4, 2, 3]})
    >>> satisfaction_improvement_rate(old, new, customer="id", method="mean")
    satisfaction_improvement_rate: 16.0 % (1.5 to 37.9 at 95 % confidence, Fieller; n = 16, missing 0)
    """
    entry.check_option("method", method, ("top_box", "mean"))
    worth = answers.points_of(method, scale, top)
    identity = [customer] if customer else []
    frames = [entry.admit(df, numbers=[score], others=identity, by=by) for df in (before, after)]
    tallies = [entry.tally(frame, by, [score]) for frame in frames]
    for counts in tallies:
        entry.check_scale(counts, score, scale)
    sides = [
        _moments(counts, worth(counts.values[score]), side)
        for counts, side in zip(tallies, ("before", "after"), strict=True)
    ]
    if customer:
        sides.append(_pairs(frames, by, score, customer, worth))
    names = entry.group_names(by)
    keys = names or [_ALL]
    table = reduce(lambda left, right: left.merge(right, on=keys, how="outer"), sides)
    groups, place = entry.split_groups(table, keys)
    table = table.iloc[np.argsort(place)].reset_index(drop=True).fillna(dict.fromkeys(_SUMS, 0.0))
    return _change(groups[names], table, confidence)


_ALL = "__all"
_SUMS = ("n_before", "n_after", "missing_before", "missing_after", "pairs", "covariance")


def _moments(counts: Tally, worth: Floats, side: str) -> pd.DataFrame:
    """Answers, blanks, mean and its variance in each group."""
    known = ~np.isnan(worth)
    n = counts.total(known)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = counts.total(np.where(known, worth, 0)) / n
        squares = counts.total(np.where(known, worth - mean[counts.group], 0) ** 2)
        moments = {"n": n, "missing": counts.total(~known), "mean": mean, "variance": squares / (n - 1) / n}
    groups = counts.groups if len(counts.groups.columns) else counts.groups.assign(**{_ALL: 0})
    return groups.assign(**{f"{name}_{side}": values for name, values in moments.items()})


def _pairs(
    frames: Sequence[Frame], by: By, score: str, customer: str, worth: Callable[[Floats], Floats]
) -> pd.DataFrame:
    """How many answered both times in each group, and the covariance of their answers."""
    if frames[0].implementation != frames[1].implementation:
        raise KpiError(
            "engines_differ", found=" / ".join(frame.implementation.name.lower() for frame in frames)
        )
    names = entry.group_names(by)
    earlier, later = (frame.drop_nulls([customer, score]) for frame in frames)
    for answered in (earlier, later):
        copies = answered.group_by(customer).agg(nw.len().alias("__copies"))
        twice = engines.to_pandas(copies.filter(nw.col("__copies") > 1).head(1))
        if len(twice):
            raise KpiError("customer_twice", column=customer, found=twice[customer].iloc[0])
    was = {name: f"__was_{name}" for name in [*names, score]}
    both = later.join(earlier.rename(was), on=customer, how="inner")
    for name in names:
        now, then = nw.col(name), nw.col(was[name])
        same = (
            nw.when(now.is_null() | then.is_null())
            .then(now.is_null() & then.is_null())
            .otherwise(now == then)
        )
        both = both.filter(same)
    table = engines.to_pandas(both.group_by(*names, score, was[score]).agg(nw.len().alias("__copies")))
    groups, group = entry.split_groups(table, names)
    weight = table["__copies"].to_numpy(dtype=np.float64)
    x, y = (worth(table[column].to_numpy(dtype=np.float64)) for column in (was[score], score))

    def total(values: Floats) -> Floats:
        return np.bincount(group, weights=weight * values, minlength=len(groups)).astype(np.float64)

    pairs = total(np.ones(len(table)))
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (x - (total(x) / pairs)[group]) * (y - (total(y) / pairs)[group])
        covariance = total(apart) / np.maximum(pairs - 1, 1)
    groups = groups if names else groups.assign(**{_ALL: 0})
    return groups.assign(pairs=pairs, covariance=covariance)


def _change(groups: pd.DataFrame, table: pd.DataFrame, confidence: float) -> Result:
    """The change of the mean in % of the mean before, with Fieller's interval."""
    column = {name: table[name].to_numpy(dtype=np.float64) for name in table.columns if name not in groups}
    before, after, n_before, n_after = (
        column[name] for name in ("mean_before", "mean_after", "n_before", "n_after")
    )
    shared = column.get("pairs", 0) * column.get("covariance", 0) / np.maximum(n_before * n_after, 1)
    bounds = intervals.fieller(
        after, before, column["variance_after"], column["variance_before"], shared, confidence,
        np.minimum(n_before, n_after) - 1,
    )  # fmt: skip
    low, high = (100 * (bound - 1) for bound in bounds)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.where(before > 0, 100 * (after / before - 1), np.nan)
    nobody = (n_before == 0) | (n_after == 0)
    return results(
        "satisfaction_improvement_rate", groups, estimate=estimate, low=low, high=high, n=n_before + n_after,
        missing=column["missing_before"] + column["missing_after"], unit="%", method="fieller",
        confidence=confidence, reason=["no_answers" if none else "zero_denominator" for none in nobody],
    )  # fmt: skip
