"""What charts and lessons say: figures with their units, names of groups and periods, definitions, sentences."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxassess.kpi.definition import spec
from cxassess.kpi.estimate import Estimate, figure
from cxassess.kpi.estimate import label as label_of
from cxassess.language import current_language, interface_texts, say

PERIODS = {
    "day": ("%Y-%m-%d", "D"),
    "week": ("%Y-%m-%d", "W-MON"),
    "month": ("%Y-%m", "MS"),
    "quarter": ("%Y-%m", "QS"),
    "year": ("%Y", "YS"),
}
"""Columns of periods, as the functions of `kpi` name them: how their first day is written, and pandas' name."""

Names = Mapping[Any, str]


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
    """A text of `charts_kpi.toml` in the current language."""
    return say(f"charts_kpi.{key}", **values)


def sentences(*parts: str) -> str:
    """Sentences one after the other, as the language sets them."""
    return say("charts.sentences").join(part for part in parts if part)


def tell(key: str, /, **values: Estimate | float | str) -> Words:
    """A sentence of `charts_kpi.toml` (`told_…`) with figures that were worked out.

    >>> tell("growth", first="24%", last="36%", points=12, percent=50)
    From 24% to 36%: that is 12 points more, or 50% more. Both are right.
    """
    known = {
        name: shown(one) if isinstance(one, Estimate) else one if isinstance(one, str) else number(one)
        for name, one in values.items()
    }
    sentence = text(f"told_{key}", **known)
    return Words(sentence, f"<p class='cx-told'>{escape(sentence)}</p>")


def definition(metric: str) -> Words:
    """A metric's name, its formula and what its words mean, in the current language.

    Raises:
        KpiError: the model has no such metric.

    >>> print(str(definition("nps"))[:67])
    Net Promoter Score (NPS): promoters% − detractors%
    Asked how likely
    """
    record = spec(metric)
    name, formula, meaning = str(record.name), str(record.formula), str(record.meaning)
    return Words(
        f"{name}: {formula}\n{meaning}",
        f"<p class='cx-formula'><strong>{escape(name)}</strong><br><code>{escape(formula)}</code></p>"
        f"<p>{escape(meaning)}</p>",
    )


def names(package: str | Path, table: str, *columns: str) -> dict[Any, str]:
    """What columns and their values are called in the current language.

    Args:
        package: a data package's description, a JSON file.
        table: the name of a table in it, such as `shop.tickets`.
        columns: columns of the table.

    Returns:
        The titles by column, and the labels by value.
    """
    tables = json.loads(Path(package).read_text("utf-8"))["resources"]
    fields = next(one["schema"]["fields"] for one in tables if one["name"] == table)
    title = "title" if current_language() == "en" else f"title_{current_language()}"
    found: dict[Any, str] = {}
    for field in (one for one in fields if one["name"] in columns):
        found[field["name"]] = field.get(title, field["name"])
        found |= {one["value"]: one.get(current_language(), one["en"]) for one in field.get("labels", ())}
    return found


def named(value: Any, known: Names, kind: str = "group") -> str:
    """What a group, or a column, is called: as `known` says, as `charts_kpi.toml` does, or as it is.

    >>> named("promoters", {}), named("sms", {"sms": "text message"}), named(None, {}), named(3, {})
    ('promoters (9–10)', 'text message', 'not known', '3')
    """
    if not isinstance(value, str) and pd.isna(value):
        return text("not_known")
    return known.get(value) or interface_texts("charts_kpi").get(f"{kind}_{value}", str(value))


def group_named(value: Any, column: str, known: Names) -> str:
    """A group's name; a day in a column of periods is named as the period that it begins.

    >>> group_named(pd.Timestamp("2024-04-01"), "quarter", {})
    '2024-04–06'
    """
    if not isinstance(value, pd.Timestamp):
        return named(value, known)
    first = f"{value:{PERIODS.get(column, PERIODS['day'])[0]}}"
    if column != "quarter":
        return first
    return text("span", low=first, high=f"{value + pd.DateOffset(months=2):%m}")


def labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with columns named in the current language; a name that has no label stays.

    >>> labelled(pd.DataFrame({"recency": [3], "shoe_size": [25]})).columns.tolist()
    ['Days since the last purchase', 'shoe_size']
    """
    known = interface_texts("charts_kpi")
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


def shown(one: Estimate) -> str:
    """An estimate's value with its unit, or why there is none.

    >>> shown(Estimate("nps", -4.2, -9, 1, 500, 0, "points", "adjusted_wald"))
    '−4.2 points'
    """
    if one.estimate is None:
        return label_of("reason", one.reason or "")
    value = in_unit(one.estimate, one.unit)
    return value if one.unit in ("%", "count") else with_unit(value, one.unit)


def in_unit(value: float, unit: str) -> str:
    """A figure as a chart shows it; of the units only the sign of per cent."""
    known = share(value) if unit == "%" else figure(value, unit) if unit == "points" else number(value)
    return known.replace("-", "−")


def with_unit(value: float | str, unit: str) -> str:
    """A number, or a figure as it is shown, with what its unit is called.

    >>> with_unit(15.04, "month")
    '15.0 months'
    """
    named_unit = interface_texts("charts_kpi").get(f"unit_{unit}") or label_of("unit", unit)
    figures = value if isinstance(value, str) else number(value)
    return text("with_unit", value=figures, unit=named_unit) if named_unit else figures


def between(low: float | None, high: float | None, unit: str) -> str:
    """An interval, or a dash where there is none.

    >>> between(-21.4, 1.4, "points"), between(None, None, "%")
    ('−21.4 to 1.4', '–')
    """
    if low is None or high is None:
        return "–"
    ends = ("∞" if end == float("inf") else in_unit(end, unit) for end in (low, high))
    return text("range", low=next(ends), high=next(ends))


def bounds(low: float | None, high: float | None, unit: str = "") -> str:
    """An interval as a table of figures above zero shows it; `between` in few letters.

    >>> bounds(25.5, 36.6, "%"), bounds(12, float("inf")), bounds(None, None)
    ('26%–37%', '12–∞', '–')
    """
    ends = [
        share(end) if unit == "%" else "∞" if end is not None and np.isinf(end) else number(end)
        for end in (low, high)
    ]
    return "–" if "–" in ends else text("span", low=ends[0], high=ends[1])


def with_bounds(one: Estimate) -> str:
    """An estimate's value and its interval, where it has one."""
    if one.low is None or one.high is None:
        return shown(one)
    return text("with_bounds", value=shown(one), bounds=between(one.low, one.high, one.unit))


def percents() -> tuple[list[float], list[str]]:
    """Ticks of an axis from 0 to 100%."""
    at = [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    return at, [f"{one:.0f}%" for one in at]
