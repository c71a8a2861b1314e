"""What a metric returns: an `Estimate`, or with `by=` a pandas frame with one row a group.

Units: shares come in `%` (0 to 100), the net promoter score in `points` (−100 to 100), counts in `count`,
money in the currency the caller names, times in the unit the function names.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from math import isfinite, isnan
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cxassess.kpi import intervals
from cxassess.language import current_language, interface_texts

_RANGES = {"%": (0.0, 100.0), "points": (-100.0, 100.0)}


@dataclass(frozen=True, slots=True, repr=False)
class Estimate:
    """A metric's value with all that is needed to judge it.

    Attributes:
        metric: the metric's id.
        estimate: its value, or `None` with a `reason`.
        low: lower bound of the interval, `None` where there is none.
        high: upper bound of the interval.
        n: how many observations it rests on.
        missing: how many were left out because they are missing.
        unit: unit of the estimate and its bounds.
        method: how the interval was made; `none` where there is none.
        confidence: of the interval, between 0 and 1.
        reason: id of the reason why there is no estimate.

    >>> Estimate("csat", 80.0, 71.1, 86.7, 100, 4, "%", "wilson")
    csat: 80.0 % (71.1 to 86.7 at 95 % confidence, Wilson; n = 100, missing 4)
    """

    metric: str
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    missing: int
    unit: str
    method: str
    confidence: float = 0.95
    reason: str | None = None

    def __repr__(self) -> str:
        # An id is an English word, and the name of the function that was called.
        name = self.metric if current_language() == "en" else metric_name(self.metric)
        return _say("named", name=name, sentence=self._sentence())

    def _sentence(self) -> str:
        known = {"n": f"{self.n:,}", "missing": f"{self.missing:,}"}
        if self.estimate is None:
            return _say("no_estimate", reason=label("reason", self.reason or ""), **known)
        known["value"] = self._value()
        if self.low is None or self.high is None:
            return _say("estimate_alone", **known)
        bounds = self._bounds()
        how = {"confidence": f"{100 * self.confidence:g}", "method": label("method", self.method)}
        return _say("estimate", **known, **bounds, **how)

    def _value(self) -> str:
        shown = "" if self.estimate is None else figure(self.estimate, self.unit)
        return _say("measure", figure=shown or "—", unit=label("unit", self.unit) if shown else "").strip()

    def _bounds(self) -> dict[str, str]:
        return {"low": figure(self.low or 0.0, self.unit), "high": figure(self.high or 0.0, self.unit)}

    def _repr_html_(self) -> str:
        heading = escape(metric_name(self.metric))
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:right'>{escape(value)}</td></tr>"
            for name, value in self._rows()
        )
        return (
            f"<table class='cx-estimate'><caption style='text-align:left;font-weight:bold'>"
            f"{heading}</caption><tbody>{rows}</tbody></table>{self._bar()}"
        )

    def _rows(self) -> list[tuple[str, str]]:
        rows = [(_say("label_estimate"), self._value())]
        if self.reason is not None:
            rows.append((_say("label_reason"), label("reason", self.reason)))
        if self.low is not None and self.high is not None:
            confidence = _say("label_interval", confidence=f"{100 * self.confidence:g}")
            rows += [
                (confidence, _say("bounds", **self._bounds())),
                (_say("label_method"), label("method", self.method)),
            ]
        return [*rows, (_say("label_n"), f"{self.n:,}"), (_say("label_missing"), f"{self.missing:,}")]

    def _bar(self) -> str:
        """The interval on the unit's whole range, where the unit has one."""
        if self.estimate is None or self.low is None or self.high is None or self.unit not in _RANGES:
            return ""
        bottom, top = _RANGES[self.unit]
        scaled = ((x - bottom) / (top - bottom) for x in (self.low, self.high, self.estimate))
        left, right, dot = (200 * min(max(x, 0), 1) for x in scaled)
        marks = "".join(
            f"<text x='{200 * (mark - bottom) / (top - bottom):g}' y='28'>{mark:g}</text>"
            for mark in (bottom, (bottom + top) / 2, top)
        )
        return (
            f"<svg role='img' aria-label='{escape(self._sentence(), quote=True)}' width='232' height='32' "
            "viewBox='-16 0 232 32' fill='currentColor' stroke='none'>"
            "<rect x='0' y='8' width='200' height='1' opacity='.4'/>"
            f"<rect x='{left:.1f}' y='4' width='{max(right - left, 1):.1f}' height='9' opacity='.35'/>"
            f"<rect x='{dot - 1:.1f}' y='1' width='2' height='15'/>"
            f"<g font-size='10' text-anchor='middle' opacity='.7'>{marks}</g></svg>"
        )


Result: TypeAlias = Estimate | pd.DataFrame


def results(
    metric: str,
    groups: pd.DataFrame,
    *,
    estimate: ArrayLike,
    low: ArrayLike = np.nan,
    high: ArrayLike = np.nan,
    n: ArrayLike,
    missing: ArrayLike = 0,
    unit: str,
    method: str = "none",
    confidence: float = 0.95,
    reason: str | Sequence[str] = "no_answers",
) -> Result:
    """One estimate a group: an `Estimate`, or a frame where there are group columns.

    Args:
        metric: the metric's id.
        groups: one row a group; one row and no column for a single estimate (as `entry.Tally.groups`).
        estimate: one value a group; what is not finite becomes null.
        low: lower bounds.
        high: upper bounds.
        n: observations.
        missing: observations left out.
        unit: unit of estimate and bounds.
        method: id of the interval's method.
        confidence: of the interval.
        reason: id of the reason, or one a group, for the groups whose estimate is null.

    >>> results("csat", pd.DataFrame({"shop": ["A", "B"]}), estimate=[80, float("nan")], n=[5, 0], unit="%")
      shop  n  n_missing  estimate unit  low  high method      reason
    0    A  5          0      80.0    %  NaN   NaN   none        None
    1    B  0          0       NaN    %  NaN   NaN   none  no_answers
    """
    frame = results_frame(
        groups, estimate=estimate, low=low, high=high, n=n, missing=missing, unit=unit, method=method, reason=reason
    )  # fmt: skip
    return frame if len(groups.columns) else _single(metric, frame.iloc[0], confidence)


def results_frame(
    groups: pd.DataFrame,
    *,
    estimate: ArrayLike,
    low: ArrayLike = np.nan,
    high: ArrayLike = np.nan,
    n: ArrayLike,
    missing: ArrayLike = 0,
    unit: str,
    method: str = "none",
    reason: str | Sequence[str] = "no_answers",
) -> pd.DataFrame:
    """One estimate a group as a frame, beside the group columns; see `results`."""
    size = len(groups)
    value, bottom, top = (_column(numbers, size) for numbers in (estimate, low, high))
    bounded = np.isfinite(value) & np.isfinite(bottom) & np.isfinite(top)
    why = [reason] * size if isinstance(reason, str) else list(reason)
    return groups.assign(
        n=np.broadcast_to(np.asarray(n, dtype=np.int64), size),
        n_missing=np.broadcast_to(np.asarray(missing, dtype=np.int64), size),
        estimate=np.where(np.isfinite(value), value, np.nan),
        unit=unit,
        low=np.where(bounded, bottom, np.nan),
        high=np.where(bounded, top, np.nan),
        method=np.where(bounded, method, "none").astype(object),
        reason=pd.Series([None if isfinite(v) else w for v, w in zip(value, why, strict=True)], dtype=object),
    )


def _column(numbers: ArrayLike, size: int) -> Any:
    return np.broadcast_to(np.asarray(numbers, dtype=np.float64), size)


def _single(metric: str, row: "pd.Series[Any]", confidence: float) -> Estimate:
    numbers = (float(row[name]) for name in ("estimate", "low", "high"))
    value, low, high = (None if isnan(number) else number for number in numbers)
    counts = int(row["n"]), int(row["n_missing"])
    return Estimate(metric, value, low, high, *counts, row["unit"], row["method"], confidence, row["reason"])


def grouped(groups: pd.DataFrame, estimates: Sequence[Estimate]) -> pd.DataFrame:
    """Estimates that were worked out one by one as a frame, beside their groups.

    >>> one = Estimate("csat", 80.0, None, None, 5, 0, "%", "none")
    >>> grouped(pd.DataFrame({"shop": ["A"]}), [one])
      shop  n  n_missing  estimate unit  low  high method reason
    0    A  5          0      80.0    %  NaN   NaN   none   None
    """
    names = {"n": "n", "missing": "n_missing", "estimate": "estimate", "unit": "unit", "low": "low",
             "high": "high", "method": "method", "reason": "reason"}  # fmt: skip
    rows = [{names[key]: value for key, value in asdict(one).items() if key in names} for one in estimates]
    table = pd.DataFrame(rows, columns=list(names.values()), index=groups.index)
    return pd.concat([groups, table.astype({"estimate": float, "low": float, "high": float})], axis=1)


def proportion(
    metric: str, groups: pd.DataFrame, successes: ArrayLike, n: ArrayLike, missing: ArrayLike = 0, *,
    confidence: float = 0.95, reason: str = "no_answers",
) -> Result:  # fmt: skip
    """Shares in % with Wilson's interval, one a group; see `results`.

    >>> proportion("conversion_rate", pd.DataFrame(index=[0]), 81, 263)
    conversion_rate: 30.8 % (25.5 to 36.6 at 95 % confidence, Wilson; n = 263, missing 0)
    """
    low, high = intervals.wilson(successes, n, confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.asarray(successes, dtype=np.float64) / np.asarray(n, dtype=np.float64)
    return results(
        metric, groups, estimate=100 * share, low=100 * low, high=100 * high, n=n, missing=missing,
        unit="%", method="wilson", confidence=confidence, reason=reason,
    )  # fmt: skip


def figure(value: float, unit: str = "") -> str:
    """A number as it is shown: counts and large numbers whole, others to one or two decimals.

    >>> figure(1234.5), figure(12.34), figure(1.234), figure(3, "count")
    ('1,234', '12.3', '1.23', '3')
    """
    if unit == "count" and value == int(value):
        return f"{value:,.0f}"
    if unit in _RANGES:
        return f"{value:.1f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


_FILES = ("kpi", "kpi_transactions", "kpi_analyses")


def label(kind: str, name: str) -> str:
    """What a unit, method or reason is called in the current language; its own id where it has no name.

    The texts are the keys `unit_…`, `method_…` and `reason_…` of the files `model/interface/kpi*.toml`.

    >>> label("method", "wilson"), label("unit", "JPY")
    ('Wilson', 'JPY')
    """
    for file in _FILES:
        try:
            texts = interface_texts(file)
        except FileNotFoundError:
            continue
        if f"{kind}_{name}" in texts:
            return texts[f"{kind}_{name}"]
    return name


def metric_name(metric: str) -> str:
    """What a metric is called in the current language; its id where it has no name."""
    from cxassess.kpi.definition import find

    found = find(metric)
    return str(found.name) if found else label("label", metric)


def _say(key: str, **values: Any) -> str:
    return interface_texts("kpi")[key].format(**values)
