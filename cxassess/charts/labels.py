"""What charts and lessons of metrics say: definitions, sentences with figures, names of groups and periods."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from cxassess.charts.words import Words, number, share
from cxassess.charts.words import formula as formula_of
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


def definition(metric: str) -> Words:
    """A metric's formula and what its words mean, in the current language.

    Raises:
        KpiError: the model has no such metric.

    >>> print(str(definition("nps"))[:67])
    Net Promoter Score (NPS): promoters% − detractors%
    Asked how likely
    """
    formula, meaning = formula_of(metric), str(spec(metric).meaning)
    return Words(f"{formula}\n{meaning}", f"{formula.html}<p>{escape(meaning)}</p>")


def tell(key: str, /, **values: Estimate | float | str) -> Words:
    """A sentence of `charts_metrics.toml` (`told_…`) with figures that were worked out.

    >>> tell("growth", first="24%", last="36%", points=12, percent=50)
    From 24% to 36%: that is 12 points more, or 50% more. Both are right.
    """
    known = {
        name: shown(one) if isinstance(one, Estimate) else one if isinstance(one, str) else number(one)
        for name, one in values.items()
    }
    sentence = text(f"told_{key}", **known)
    return Words(sentence, f"<p class='cx-told'>{escape(sentence)}</p>")


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


def text(key: str, /, **values: Any) -> str:
    """A text of `charts_metrics.toml` in the current language."""
    return say(f"charts_metrics.{key}", **values)


def named(value: Any, known: Names, kind: str = "group") -> str:
    """What a group, or a column, is called: as `known` says, as `charts_metrics.toml` does, or as it is.

    >>> named("promoters", {}), named("sms", {"sms": "text message"}), named(None, {}), named(3, {})
    ('promoters (9–10)', 'text message', 'not known', '3')
    """
    if not isinstance(value, str) and pd.isna(value):
        return text("not_known")
    return known.get(value) or interface_texts("charts_metrics").get(f"{kind}_{value}", str(value))


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
    return text("range_of_months", low=first, high=f"{value + pd.DateOffset(months=2):%m}")


def shown(one: Estimate) -> str:
    """An estimate's value with its unit, or why there is none.

    >>> shown(Estimate("nps", -4.2, -9, 1, 500, 0, "points", "adjusted_wald"))
    '−4.2 points'
    """
    if one.estimate is None:
        return label_of("reason", one.reason or "")
    value = in_unit(one.estimate, one.unit)
    if one.unit in ("%", "count"):
        return value
    unit = interface_texts("charts_metrics").get(f"unit_{one.unit}") or label_of("unit", one.unit)
    return text("with_unit", value=value, unit=unit).strip()


def in_unit(value: float, unit: str) -> str:
    """A figure as a chart shows it; of the units only the sign of per cent."""
    known = share(value) if unit == "%" else figure(value, unit) if unit == "points" else number(value)
    return known.replace("-", "−")


def between(low: float | None, high: float | None, unit: str) -> str:
    """An interval, or a dash where there is none.

    >>> between(-21.4, 1.4, "points"), between(None, None, "%")
    ('−21.4 to 1.4', '–')
    """
    if low is None or high is None:
        return "–"
    ends = ("∞" if end == float("inf") else in_unit(end, unit) for end in (low, high))
    return text("range", low=next(ends), high=next(ends))


def with_bounds(one: Estimate) -> str:
    """An estimate's value and its interval, where it has one."""
    if one.low is None or one.high is None:
        return shown(one)
    return text("with_bounds", value=shown(one), bounds=between(one.low, one.high, one.unit))
