"""Survival curves beside one another: their differences, and whether they could be one curve."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cxassess.kpi.analysis import Shown, text
from cxassess.kpi.estimate import Estimate, figure, metric_name
from cxassess.kpi.survival_curve import Survival


class LogRank(NamedTuple):
    """A log-rank test: could the groups' curves be one and the same?"""

    statistic: float
    degrees: int
    p: float


NO_TEST = LogRank(float("nan"), 0, float("nan"))


def log_rank(
    durations: ArrayLike,
    observed: ArrayLike,
    group: Sequence[Any] | NDArray[Any],
    weights: ArrayLike | None = None,
) -> LogRank:
    """Compare the curves of two or more groups (Mantel 1966; Peto & Peto 1972).

    Args:
        durations: time to the event or to the end of observation.
        observed: whether the event happened.
        group: which group each belongs to.
        weights: how many each record stands for.

    Returns:
        χ² statistic, its degrees of freedom (groups − 1) and p; NaN with fewer than two groups or no event.

    >>> log_rank([1, 2, 3, 4, 5, 6], [1] * 6, list("aaabbb")).p < 0.05
    True
    """
    from scipy.special import chdtrc

    t, happened = np.asarray(durations, float), np.asarray(observed, float)
    w = np.ones(t.size) if weights is None else np.asarray(weights, float)
    names, which = np.unique(np.asarray(group), return_inverse=True)
    time, position = np.unique(t, return_inverse=True)
    shape = (names.size, time.size)
    events, left = np.zeros(shape), np.zeros(shape)
    np.add.at(events, (which, position), w * happened)
    np.add.at(left, (which, position), w)
    at_risk = left[:, ::-1].cumsum(axis=1)[:, ::-1]
    d, n = events.sum(axis=0), at_risk.sum(axis=0)
    share = at_risk / n
    scale = d * (n - d) / np.maximum(n - 1, 1)
    excess = (events - d * share).sum(axis=1)
    variance = np.diag((scale * share).sum(axis=1)) - (scale * share) @ share.T
    if names.size < 2 or not d.any():
        return LogRank(np.nan, max(names.size - 1, 0), np.nan)
    # Its rank is one less than the groups' number at most; what rounding leaves of the rest is no variance.
    statistic = float(excess @ np.linalg.pinv(variance, rcond=1e-9, hermitian=True) @ excess)
    return LogRank(statistic, names.size - 1, float(chdtrc(names.size - 1, statistic)))


@dataclass(frozen=True, eq=False, repr=False)
class GroupedSurvival(Shown):
    """A survival curve for each group, and a test of whether they could be one.

    Attributes:
        groups: one row a group, in the order of `curves`.
        curves: the curve of each group.
        test: the log-rank test over all groups; without one (NaN) where observation began late for some.
    """

    groups: pd.DataFrame
    curves: tuple[Survival, ...]
    test: LogRank

    def frame(self) -> pd.DataFrame:
        """All curves as one table: the group columns, then those of `Survival.frame`."""
        frames = [curve.frame() for curve in self.curves]
        repeated = self.groups.loc[np.repeat(self.groups.index, [len(frame) for frame in frames])]
        return pd.concat([repeated.reset_index(drop=True), pd.concat(frames, ignore_index=True)], axis=1)

    def _heading(self) -> str:
        return metric_name(self.curves[0].metric)

    def _lines(self) -> list[tuple[str, str]]:
        return [(text("log_rank"), describe_test(self.test))]

    def summary(self) -> pd.DataFrame:
        """One row a group: n, n_missing, events, median and p90 (each with _low and _high), unit."""
        rows = []
        for curve in self.curves:
            row: dict[str, Any] = {
                "n": curve.n,
                "n_missing": curve.missing,
                "events": int(curve.events.sum()),
            }
            for name, share in (("median", 0.5), ("p90", 0.9)):
                found = curve.percentile(share)
                row |= {name: found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}
            rows.append(row | {"unit": curve.unit})
        table = pd.DataFrame(rows)
        figures = [name for name in table if str(name).startswith(("median", "p90"))]
        return pd.concat([self.groups, table.astype(dict.fromkeys(figures, float))], axis=1)

    def _table(self) -> pd.DataFrame:
        return self.summary()


def difference_at(one: Survival, other: Survival, elapsed: float) -> Estimate:
    """By how many % points the share still there at `elapsed` is higher in one curve than in another.

    S₁(t) − S₂(t) ± z √(var₁ + var₂), Greenwood's variances. Null where a curve ends before.

    >>> from cxassess.kpi.survival_curve import kaplan_meier
    >>> one, other = kaplan_meier([2, 4, 6, 8]), kaplan_meier([1, 2, 3, 4])
    >>> difference_at(one, other, 3).estimate
    50.0
    """
    ends = [curve.at(elapsed) for curve in (one, other)]
    n, missing = one.n + other.n, one.missing + other.missing
    shares = [end.estimate for end in ends if end.estimate is not None]
    if len(shares) < 2:
        why = ends[0].reason or ends[1].reason
        return Estimate(one.metric, None, None, None, n, missing, "share_points", "none", one.confidence, why)
    variance = sum(
        float(np.append(0, curve.variance)[(curve.time <= elapsed).sum()]) for curve in (one, other)
    )
    half = 100 * NormalDist().inv_cdf(0.5 + one.confidence / 2) * variance**0.5
    gap = shares[0] - shares[1]
    return Estimate(
        one.metric, gap, gap - half, gap + half, n, missing, "share_points", "greenwood", one.confidence
    )


def describe_test(test: LogRank) -> str:
    """A log-rank test in words."""
    if np.isnan(test.p):
        return text("no_test")
    return text("test", statistic=figure(test.statistic), degrees=test.degrees, p=f"{test.p:.3g}")
