"""The words around the charts of customers and money: figures, formulas, labelled tables, sentences."""

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from cxassess.kpi.definition import spec
from cxassess.kpi.estimate import Estimate, figure, label
from cxassess.language import interface_texts, say


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """A text that a notebook shows as HTML and a prompt as it is."""

    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def text(key: str, /, **values: Any) -> str:
    """A text of `charts_customers.toml` in the current language."""
    return say(f"charts_customers.{key}", **values)


def sentences(*parts: str) -> str:
    """Sentences one after the other, as the language sets them."""
    return say("charts.sentences").join(part for part in parts if part)


def tell(key: str, /, **values: Any) -> Words:
    """A sentence with figures that were worked out; figures that are numbers are shown as charts show them.

    >>> tell("told_moved", share="29%")
    29% of the customers get another frequency score when lines of a receipt are taken for purchases.
    """
    shown = {name: value if isinstance(value, str) else number(value) for name, value in values.items()}
    sentence = text(key, **shown)
    return Words(sentence, f"<p class='cx-told'>{escape(sentence)}</p>")


def formula(metric: str) -> Words:
    """A metric's name and formula, from its definition.

    Raises:
        KpiError: the model has no such metric.

    >>> formula("churn_rate")
    Churn rate: customers at the start who left in the period / customers at the start × 100
    """
    record = spec(metric)
    return Words(
        f"{record.name}: {record.formula}",
        f"<p class='cx-formula'><strong>{escape(str(record.name))}</strong><br>"
        f"<code>{escape(record.formula)}</code></p>",
    )


def labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with columns named in the current language; a name that has no label stays.

    >>> labelled(pd.DataFrame({"recency": [3], "shoe_size": [25]})).columns.tolist()
    ['Days since the last purchase', 'shoe_size']
    """
    known = interface_texts("charts_customers")
    frame = frame.reset_index() if frame.index.name else frame
    return frame.rename(columns=lambda name: known.get(f"column_{name}", name))


def share(value: float | None) -> str:
    """A percentage, with a decimal where it is small.

    >>> share(68.97), share(7.33), share(None)
    ('69%', '7.3%', '–')
    """
    if value is None or np.isnan(value):
        return "–"
    return f"{value:.1f}%" if 0 < abs(value) < 9.95 else f"{value:.0f}%"


def number(value: float | None) -> str:
    """A count as it is, other numbers with as many decimals as are of use.

    >>> number(1932), number(15.04), number(188092.8)
    ('1,932', '15.0', '188,093')
    """
    if value is None or np.isnan(value):
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else figure(float(value))


def shown(estimate: Estimate) -> str:
    """The value of an estimate, or why there is none.

    >>> shown(Estimate("resolution_time", 15.04, None, None, 9, 0, "hour", "none"))
    '15.0 hours'
    """
    if estimate.estimate is None:
        return label("reason", estimate.reason or "")
    if estimate.unit == "%":
        return share(estimate.estimate)
    return with_unit(estimate.estimate, estimate.unit)


def with_unit(value: float, unit: str) -> str:
    """A number with what its unit is called.

    >>> with_unit(15.04, "month")
    '15.0 months'
    """
    named = interface_texts("charts_customers").get(f"unit_{unit}") or label("unit", unit)
    return text("with_unit", value=number(value), unit=named) if named else number(value)


def bounds(low: float | None, high: float | None, unit: str = "") -> str:
    """An interval, or a dash where there is none.

    >>> bounds(25.5, 36.6, "%"), bounds(12, float("inf")), bounds(None, None)
    ('26%–37%', '12–∞', '–')
    """
    ends = [
        share(end) if unit == "%" else "∞" if end is not None and np.isinf(end) else number(end)
        for end in (low, high)
    ]
    return "–" if "–" in ends else text("range", low=ends[0], high=ends[1])


def percents() -> tuple[list[float], list[str]]:
    """Ticks of an axis from 0 to 100%."""
    at = [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    return at, [f"{one:.0f}%" for one in at]
