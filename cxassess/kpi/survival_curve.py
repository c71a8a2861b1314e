"""How long customers stay: Kaplan–Meier curves in which those still here count for as long as they were seen.

References:
    E. L. Kaplan & P. Meier (1958). Nonparametric estimation from incomplete observations. JASA 53, 457–481.
    J. P. Klein & M. L. Moeschberger (2003). Survival Analysis, 2nd ed., ch. 4.
"""

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cxassess.kpi.analysis import AnalysisError, Shown, check_range, in_words, mean_of, text
from cxassess.kpi.entry import check_option
from cxassess.kpi.estimate import Estimate, metric_name

Floats: TypeAlias = NDArray[np.float64]
Interval: TypeAlias = Literal["log_log", "greenwood"]

_EXACT = 1e-9  # a product of fractions that should be 1/2 may be off by rounding


@dataclass(frozen=True, eq=False, repr=False)
class Survival(Shown):
    """A Kaplan–Meier curve.

    Attributes:
        metric: id of the metric it belongs to.
        unit: unit of time.
        time: the distinct times at which something happened, rising.
        at_risk: how many were under observation just before each time.
        events: for how many it happened then.
        censored: for how many observation ended then without it.
        n: how many there are in all.
        missing: how many were left out because their times are missing.
        interval: `log_log` (stays within 0 and 1) or `greenwood` (symmetric, cut at 0 and 1).
        confidence: of the intervals.
    """

    metric: str
    unit: str
    time: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    n: int
    missing: int = 0
    interval: Interval = "log_log"
    confidence: float = 0.95

    @property
    def survival(self) -> Floats:
        """The share for whom it has not happened by each time (S), between 0 and 1."""
        return np.asarray(np.cumprod(1 - self.events / self.at_risk), dtype=np.float64)

    @property
    def variance(self) -> Floats:
        """Greenwood's variance of `survival`: S² Σ dᵢ / (nᵢ (nᵢ − dᵢ)); 0 once nobody is left."""
        left = self.at_risk - self.events
        terms = self.events / (self.at_risk * np.where(left > 0, left, 1))
        return self.survival**2 * np.cumsum(terms)

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Pointwise bounds of the share; once nobody is left, 0 and the last upper bound."""
        share = self.survival
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = NormalDist().inv_cdf(0.5 + self.confidence / 2) * np.sqrt(self.variance) / share
            if self.interval == "greenwood":
                low, high = share - spread * share, share + spread * share
            else:
                power = np.exp(spread / np.abs(np.log(share)))
                low, high = share**power, share ** (1 / power)
        low, high = np.where(share == 1, 1.0, low), np.where(share == 1, 1.0, high)
        gone = share <= _EXACT
        last = float(high[~gone][-1]) if (~gone).any() else 1.0
        return np.where(gone, 0.0, np.clip(low, 0, 1)), np.where(gone, last, np.clip(high, 0, 1))

    def at(self, elapsed: float) -> Estimate:
        """The share, in %, for whom it has not happened by `elapsed`; null beyond the last observation.

        >>> curve = kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0], unit="month")
        >>> curve.at(3)
        survival: 60.0 % (12.6 to 88.2 at 95 % confidence, log-log; n = 5, missing 0)
        """
        beyond = not self.time.size or (elapsed > self.time[-1] and self.survival[-1] > _EXACT)
        if beyond or not elapsed >= 0:
            return self._estimate(None, None, None, "%", "not_observed")
        step = int(np.searchsorted(self.time, elapsed, side="right")) - 1
        if step < 0:
            return self._estimate(100.0, 100.0, 100.0, "%")
        low, high = self.bounds
        share, bottom, top = (100 * float(values[step]) for values in (self.survival, low, high))
        return self._estimate(share, bottom, top, "%")

    def percentile(self, share: float) -> Estimate:
        """The time by which it has happened for this share (0.5 for the median).

        The smallest time at which S ≤ 1 − share; its interval is where the curve's bounds cross that
        height (Brookmeyer & Crowley 1982). Null where the curve does not come down that far; a bound
        that is not reached leaves the interval open and is given as infinity.

        >>> kaplan_meier([2, 3, 3, 5, 8], [1, 1, 1, 1, 0], unit="month").percentile(0.5)
        survival: 3.00 months (2.00 to inf at 95 % confidence, log-log; n = 5, missing 0)
        """
        check_range("share", share, 0, 1, open_low=True, open_high=True)
        low, high = self.bounds
        found = [self._first_below(curve, 1 - share) for curve in (self.survival, low, high)]
        if found[0] is None:
            return self._estimate(None, None, None, self.unit, "not_reached")
        return self._estimate(found[0], found[1], np.inf if found[2] is None else found[2], self.unit)

    @property
    def median(self) -> Estimate:
        """The time by which it has happened for half; see `percentile`."""
        return self.percentile(0.5)

    @property
    def mean(self) -> Estimate:
        """The mean time until it happened (Student's interval); only where it has happened for all."""
        if self.censored.sum() or not self.n:
            return self._estimate(None, None, None, self.unit, "censored")
        mean = float(self.time @ self.events) / self.n
        deviation = (float((self.time - mean) ** 2 @ self.events) / max(self.n - 1, 1)) ** 0.5
        return mean_of(self.metric, mean, deviation, self.n, self.missing, self.unit, self.confidence)

    def mean_within(self, horizon: float) -> Estimate:
        """The mean time without it, counting at most up to `horizon`: the area under the curve.

        Null where the curve ends before the horizon. Variance: Klein & Moeschberger, eq. 4.5.2.
        """
        if self.at(horizon).estimate is None:
            return self._estimate(None, None, None, self.unit, "not_observed")
        inside = self.time < horizon
        ends = np.append(self.time[inside], horizon)
        areas = np.diff(ends, prepend=0.0) * np.append(1.0, self.survival[inside])
        rest = areas.sum() - np.cumsum(areas)[:-1]
        at_risk, events = self.at_risk[inside], self.events[inside]
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = rest**2 * events / (at_risk * (at_risk - events))
        spread = NormalDist().inv_cdf(0.5 + self.confidence / 2) * np.sqrt(np.nansum(terms[at_risk > events]))
        mean = float(areas.sum())
        return replace(self._estimate(mean, mean - spread, mean + spread, self.unit), method="greenwood")

    def after(self, elapsed: float) -> "Survival":
        """The curve of those for whom it had not happened by `elapsed`; times go on from the start."""
        later = self.time > elapsed
        left = int(self.at_risk[later][0]) if later.any() else 0
        parts = {name: getattr(self, name)[later] for name in ("time", "at_risk", "events", "censored")}
        return replace(self, n=left, missing=0, **parts)

    def frame(self) -> pd.DataFrame:
        """The curve as a table: `time`, `at_risk`, `events`, `censored`, and in % `survival`, `low`, `high`."""
        low, high = self.bounds
        counts = {name: getattr(self, name).astype(np.int64) for name in ("at_risk", "events", "censored")}
        shares = {"survival": 100 * self.survival, "low": 100 * low, "high": 100 * high}
        return pd.DataFrame({"time": self.time, **counts, **shares})

    def _first_below(self, curve: Floats, height: float) -> float | None:
        below = np.flatnonzero(curve <= height + _EXACT)
        return float(self.time[below[0]]) if below.size else None

    def _estimate(
        self, value: float | None, low: float | None, high: float | None, unit: str, reason: str | None = None
    ) -> Estimate:
        method = "none" if value is None else self.interval
        reason = reason if self.n else "no_answers"
        return Estimate(
            self.metric, value, low, high, self.n, self.missing, unit, method, self.confidence,
            reason if value is None else None,
        )  # fmt: skip

    def _heading(self) -> str:
        return metric_name(self.metric)

    def _lines(self) -> list[tuple[str, str]]:
        shares = [(text("percentile", share=f"{100 * share:g}"), share) for share in (0.5, 0.9)]
        return [
            (text("observed"), text("observed_of", events=f"{self.events.sum():,.0f}", n=f"{self.n:,}")),
            *((name, in_words(self.percentile(share))) for name, share in shares),
        ]


def kaplan_meier(
    durations: ArrayLike,
    observed: ArrayLike | None = None,
    *,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    unit: str = "",
    metric: str = "survival",
    missing: int = 0,
    interval: Interval = "log_log",
    confidence: float = 0.95,
) -> Survival:
    """Estimate how long it takes until something happens, when for some it has not happened yet.

    S(t) = Π over times tᵢ ≤ t of (1 − dᵢ/nᵢ), with dᵢ events among the nᵢ at risk. Who is censored at a
    time is still at risk at that time.

    Args:
        durations: time to the event, or to the end of observation; not negative, none missing.
        observed: whether the event happened (1) or observation ended before (0); all happened if not given.
        entry: time since the start at which observation began, for those who were not seen before
            (left truncation); they count as at risk only after it.
        weights: how many each record stands for.
        unit: unit of the durations.
        metric: id of the metric that the curve belongs to.
        missing: how many were left out beforehand.
        interval: `log_log` or `greenwood`.
        confidence: of the band, between 0 and 1.

    Returns:
        The curve; without observations an empty one, whose every estimate is null.

    Raises:
        KpiError: a duration is negative or missing, or an entry is not before the end.

    >>> kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0], unit="month").survival.round(2).tolist()
    [0.8, 0.6, 0.3, 0.3]
    """
    check_option("interval", interval, ("log_log", "greenwood"))
    check_range("confidence", confidence, 0, 1, open_low=True, open_high=True)
    t = np.asarray(durations, dtype=np.float64)
    happened = np.ones(t.size) if observed is None else np.asarray(observed, dtype=np.float64)
    w = np.ones(t.size) if weights is None else np.asarray(weights, dtype=np.float64)
    if not (t >= 0).all():
        raise AnalysisError("negative_duration", found=f"{t[~(t >= 0)][0]:g}")
    time, position = np.unique(t, return_inverse=True)
    events: Floats = np.bincount(position, weights=w * happened, minlength=time.size).astype(np.float64)
    left: Floats = np.bincount(position, weights=w, minlength=time.size).astype(np.float64)
    at_risk = left[::-1].cumsum()[::-1]
    if entry is not None:
        begun = np.asarray(entry, dtype=np.float64)
        if not ((begun < t) | (begun <= 0)).all():
            raise AnalysisError("entry_after_end", found=f"{begun[~((begun < t) | (begun <= 0))][0]:g}")
        order = np.argsort(begun, kind="stable")
        entered = np.concatenate([[0.0], np.cumsum(w[order])])
        # Seen from the start: at risk at time 0, too.
        sorted_entry = np.where(begun[order] <= 0, -1.0, begun[order])
        at_risk = at_risk - (w.sum() - entered[np.searchsorted(sorted_entry, time, side="left")])
    return Survival(
        metric, unit, time, at_risk, events, left - events, int(w.sum()), missing, interval, confidence
    )
