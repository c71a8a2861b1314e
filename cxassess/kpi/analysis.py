"""What the analyses share: their error, their texts, and how a result with several parts is shown."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from html import escape
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxassess.kpi import engines
from cxassess.kpi.engines import Frame
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Estimate, figure, label, metric_name
from cxassess.kpi.intervals import t_mean
from cxassess.language import interface_texts


class AnalysisError(KpiError):
    """Data or an option of an analysis cannot be used.

    >>> print(AnalysisError("not_a_moment", found="soon"))
    “soon” is no date or time: give one such as 2024-04-01 or 2024-04-01 09:30.
    """

    file = "kpi_analyses"


def text(key: str, **values: Any) -> str:
    """A text of the analyses in the current language."""
    return interface_texts("kpi_analyses")[key].format(**values)


def check_range(
    option: str, value: float, low: float, high: float, *, open_low: bool = False, open_high: bool = False
) -> None:
    """Refuse a number outside its range, `NaN` too."""
    above = value > low if open_low else value >= low
    below = value < high if open_high else value <= high
    if not (above and below):
        known = f"{'(' if open_low else '['}{low:g}, {high:g}{')' if open_high else ']'}"
        raise AnalysisError("range", option=option, found=value, known=known)


def size_of(frame: Frame) -> int:
    """How many rows a frame has, counted on its engine."""
    return int(engines.to_pandas(frame.select(nw.len().alias("rows")))["rows"].iloc[0])


def mean_of(
    metric: str, mean: float, deviation: float, n: int, missing: int, unit: str, confidence: float
) -> Estimate:
    """A mean with Student's interval; null where nobody answered."""
    if not n:
        return Estimate(metric, None, None, None, 0, missing, unit, "none", confidence, "no_answers")
    low, high = (float(end) for end in t_mean(mean, deviation, n, confidence))
    if np.isnan(low):
        return Estimate(metric, mean, None, None, n, missing, unit, "none", confidence)
    return Estimate(metric, mean, low, high, n, missing, unit, "t", confidence)


def in_words(found: Estimate) -> str:
    """An estimate with its interval, or the reason why there is none."""
    if found.estimate is None:
        return label("reason", found.reason or "")
    unit = label("unit", found.unit)
    value = f"{figure(found.estimate, found.unit)} {unit}".strip()
    if found.low is None or found.high is None:
        return value
    low, high = ("∞" if np.isinf(x) else figure(x, found.unit) for x in (found.low, found.high))
    return text("between", value=value, low=low, high=high)


class Shown(ABC):
    """A result that shows itself: a heading, lines of a label and a value, and perhaps a table."""

    __slots__ = ()

    @abstractmethod
    def _heading(self) -> str:
        """What it is, in a few words."""

    @abstractmethod
    def _lines(self) -> list[tuple[str, str]]:
        """What is said above the table: labels and values."""

    def _table(self) -> pd.DataFrame | None:
        """The rows, where it has any."""
        return None

    def __repr__(self) -> str:
        parts = [self._heading(), *(f"  {name}: {value}" for name, value in self._lines())]
        table = self._table()
        if table is not None:
            parts.append(_display(table).to_string(index=False, na_rep="—"))
            parts += _more_rows(table)
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in self._lines()
        )
        table, below = self._table(), ""
        if table is not None:
            below = _display(table).to_html(index=False, border=0, na_rep="—") + "".join(_more_rows(table))
        return (
            "<section class='cx-analysis'><table><caption style='text-align:left;font-weight:bold'>"
            f"{escape(self._heading())}</caption><tbody>{rows}</tbody></table>{below}</section>"
        )


_SHOWN_ROWS = 40


def _more_rows(table: pd.DataFrame) -> list[str]:
    return [text("more_rows", rows=f"{len(table):,}")] if len(table) > _SHOWN_ROWS else []


def _display(table: pd.DataFrame) -> pd.DataFrame:
    """The table as it is shown: its first rows, two decimals, a dash for what is missing, our words."""
    words = interface_texts("kpi_analyses")

    def shown(column: "pd.Series[Any]") -> "pd.Series[Any]":
        if column.dtype != object:
            return column
        known = column.where(column.notna(), "—")
        ours = column.name in {"verdict", "kind"}
        return known.map(lambda value: words.get(f"word_{value}", value)) if ours else known

    first = table.head(_SHOWN_ROWS).round(2)
    headings = [words.get(f"column_{name}", str(name)) for name in first]
    return pd.DataFrame({name: shown(first[name]) for name in first}).set_axis(headings, axis=1)


@dataclass(frozen=True, eq=False, repr=False)
class Findings(Shown):
    """A table, and how much of the data it rests on.

    Attributes:
        metric: the metric's id.
        table: the findings; the function that made them says what the columns are.
        n: how many records they rest on.
        missing: how many were left out because something in them is missing.
    """

    metric: str
    table: pd.DataFrame
    n: int
    missing: int

    def _heading(self) -> str:
        own = interface_texts("kpi_analyses").get(f"heading_{self.metric}")
        return own or metric_name(self.metric)

    def _lines(self) -> list[tuple[str, str]]:
        return [(text("n"), f"{self.n:,}"), (text("missing"), f"{self.missing:,}")]

    def _table(self) -> pd.DataFrame:
        return self.table


def holm(p: Any) -> Any:
    """p-values adjusted for being many, by Holm's step-down rule; `NaN` stays and does not count.

    References:
        S. Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
        Statistics 6, 65–70.

    >>> holm([0.01, 0.04, 0.03]).round(2)
    array([0.03, 0.06, 0.06])
    """
    values = np.asarray(p, dtype=float)
    adjusted = np.full(values.shape, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    steps = values[order] * (order.size - np.arange(order.size))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted
