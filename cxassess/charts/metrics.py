"""Metrics as pictures: estimates with their intervals over time and by group, answers on a scale, waiting times."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cxassess.charts.chart import Chart
from cxassess.charts.labels import (
    PERIODS,
    Names,
    between,
    group_named,
    named,
    number,
    sentences,
    share,
    shown,
    text,
    with_bounds,
)
from cxassess.charts.marks import INKS, Cell, Curve, Mark, grid, intervals, plot
from cxassess.kpi.estimate import Estimate, Result, metric_name
from cxassess.kpi.estimate import label as label_of
from cxassess.kpi.intervals import poisson
from cxassess.kpi.periods import Period, first_moment
from cxassess.kpi.survival_curve import Survival
from cxassess.kpi.survival_groups import GroupedSurvival

Key = tuple[str, ...]
Rows = Sequence[tuple[Key, Estimate]]
"""The names of each row's groups, and its estimate."""


def estimates(
    found: Result | Mapping[Any, Result], metric: str = "", *, names: Names | None = None, title: str = ""
) -> Chart:
    """Estimates with their intervals: over time where the first group is a period, else one below the other.

    Args:
        found: what a function of `kpi` returned with `by=` (one group column, or two: the second one makes the
            series), such frames by the name of their series, or estimates of one unit by name or pair of names.
        metric: the metric's id; estimates by name know theirs.
        names: what columns and groups are called; those that it does not name are looked up as `column_…` and
            `group_…` in `charts_kpi.toml`.
        title: what to put instead of the metric's name; a text `title_…` of that file by its name.
    """
    known = names or {}
    frame, columns, keys, values = _rows_of(found, metric)
    metric = metric or values[0].metric
    rows = [
        (tuple(group_named(one, column, known) for one, column in zip(key, columns, strict=True)), value)
        for key, value in zip(keys, values, strict=True)
    ]
    heading = named(title, {}, "title") if title else metric_name(metric)
    if columns[0]:
        heading = text("by", metric=heading, group=_inside(named(columns[0], known, "column")))
    heads = (named(one, known, "column") if one else "" for one in columns)
    table = [(*heads, text("value"), text("interval"), text("n"), text("missing"))]
    table += [
        (*key, shown(one), between(one.low, one.high, one.unit), number(one.n), number(one.missing))
        for key, one in rows
    ]
    note = text("note_interval") if any(one.low is not None for one in values) else ""
    if frame is not None and columns[0] in PERIODS:
        days = pd.DatetimeIndex(frame[columns[0]])
        return _over_time(heading, table, note, rows, days, PERIODS[columns[0]][0])
    return _by_group(heading, table, note, rows)


def answers(
    table: pd.DataFrame, score: str, by: str | Period, classes: Mapping[str, tuple[float, float]], *,
    metric: str, names: Names | None = None,
) -> Chart:  # fmt: skip
    """How the answers are spread over the scale, one row a group.

    Args:
        table: one row an answer; those without one are left out.
        score: the column of answers.
        by: a column, or a period such as `quarter("answered")` of a column without a time zone.
        classes: lowest and highest answer of each class, from the scale's low end; named like groups.
        metric: the metric's id.
        names: what groups and classes are called.
    """
    known, told = names or {}, table.dropna(subset=[score])
    column = by.name if isinstance(by, Period) else by
    group = first_moment(told[by.column], by.unit) if isinstance(by, Period) else told[by]
    labels = [named(one, known) for one in classes]
    counts = pd.DataFrame(
        {label: told[score].between(*ends).groupby(group).sum()
         for label, ends in zip(labels, classes.values(), strict=True)}
    )  # fmt: skip
    sizes, rows = counts.sum(axis=1), [group_named(one, column, known) for one in counts.index]
    parts = 100 * counts.div(sizes, axis=0).to_numpy()
    data = [(named(column, known, "column"), *labels, text("n"))]
    data += [(row, *map(share, line), number(n)) for row, line, n in zip(rows, parts, sizes, strict=True)]
    alt = sentences(*(
        text("answers_alt", answer=labels[place], most=rows[int(side.argmax())], high=share(side.max()),
             least=rows[int(side.argmin())], low=share(side.min()))
        for place, side in ((0, parts[:, 0]), (-1, parts[:, -1]))
    ))  # fmt: skip
    cells = [[Cell(share(value), value / parts.max()) for value in line] for line in parts]
    title = text("spread", metric=metric_name(metric))
    return grid(title, alt, data, rows, labels, cells, note=text("note_spread"))


def waiting(
    found: Survival | GroupedSurvival, *, names: Names | None = None, until: float | None = None
) -> Chart:
    """How many are still waiting as time goes by; half and one in ten are marked.

    Args:
        found: what `kpi.first_response_time` or `kpi.resolution_time` returned, with or without groups.
        names: what the groups are called.
        until: the time at which the picture ends; without it, a little after nine in ten of each group are done.
    """
    curves = {"": found} if isinstance(found, Survival) else {
        text("pair").join(named(one, names or {}) for one in key): curve
        for key, curve in zip(found.groups.astype(object).to_numpy().tolist(), found.curves, strict=True)
    }  # fmt: skip
    rows = [("", text("n"), text("open"), text("half"), text("interval"), text("nine"), text("interval"))]
    parts, drawn, last = [], [], until or 0.0
    for (name, one), ink in zip(curves.items(), INKS * len(curves), strict=False):
        half, nine = one.percentile(0.5), one.percentile(0.9)
        rows.append((name or text("all"), number(one.n), number(one.censored.sum()),
                     shown(half), between(half.low, half.high, one.unit),
                     shown(nine), between(nine.low, nine.high, one.unit)))  # fmt: skip
        parts.append(text("waiting_alt", name=name or text("all"), half=shown(half), nine=shown(nine)))
        low, high = (100 * np.append(1.0, side) for side in one.bounds)
        drawn.append(
            Curve(name, np.append(0, one.time), 100 * np.append(1.0, one.survival), low, high, ink, "step")
        )
        last = until or max(last, 1.3 * (nine.estimate or float(one.time[-1])))
    first = next(iter(curves.values()))
    return plot(metric_name(first.metric), sentences(*parts), rows, [_until(curve, last) for curve in drawn],
                note=text("note_waiting"), x_label=label_of("unit", first.unit), limits=(0, 101), tick="{:g}%".format,
                lines=[("y", 50, ""), ("y", 10, "")])  # fmt: skip


def _rows_of(
    found: Result | Mapping[Any, Result], metric: str
) -> tuple[pd.DataFrame | None, list[str], list[tuple[Hashable, ...]], list[Estimate]]:
    """The frame, its group columns, and each row's groups and estimate; columns of estimates by name are nameless."""
    if isinstance(found, Estimate):
        return None, [""], [("all",)], [found]
    if isinstance(found, Mapping):
        single = [one for one in found.values() if isinstance(one, Estimate)]
        keys = [key if isinstance(key, tuple) else (key,) for key in found]
        if single:
            return None, [""] * len(keys[0]), keys, single
        found = pd.concat(
            [_with_series(one, key) for key, one in found.items() if isinstance(one, pd.DataFrame)]
        )
    columns = [str(name) for name in found.columns[: list(found.columns).index("n")]]
    found = _with_empty_periods(found) if columns[0] in PERIODS and len(columns) == 1 else found
    rows = found.to_dict("records")
    keys = [tuple(one[name] for name in columns) for one in rows]
    return found, columns, keys, [_estimate(one, metric) for one in rows]


def _with_empty_periods(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts with a zero for every period in which nothing was logged; other estimates as they are."""
    if set(counts["unit"]) != {"count"}:
        return counts
    column = str(counts.columns[0])
    days = pd.DatetimeIndex(counts[column])
    gaps = pd.date_range(days.min(), days.max(), freq=PERIODS[column][1]).difference(days)
    low, high = poisson(np.zeros(len(gaps)))
    zeros = pd.DataFrame({column: gaps, "n": 0, "estimate": 0.0, "unit": "count", "low": low, "high": high})
    return pd.concat([counts, zeros]).fillna({"n_missing": 0}).sort_values(column) if len(gaps) else counts


def _with_series(frame: pd.DataFrame, name: Any) -> pd.DataFrame:
    wide = frame.copy()
    wide.insert(list(frame.columns).index("n"), "", name)
    return wide


def _estimate(row: Mapping[Any, Any], metric: str) -> Estimate:
    value, low, high = (
        None if pd.isna(row.get(name)) else float(row[name]) for name in ("estimate", "low", "high")
    )
    counts = int(row["n"]), int(row.get("n_missing", 0))
    reason = str(row.get("reason")) if value is None else None
    return Estimate(metric, value, low, high, *counts, str(row["unit"]), "none", reason=reason)


def _by_group(title: str, table: Sequence[Key], note: str, rows: Rows) -> Chart:
    series = list(dict.fromkeys(key[1:] for key, _ in rows))
    items = []
    for key, one in rows:
        size = text("n_of", n=number(one.n)) if one.n and one.unit != "count" else ""
        ink = INKS[series.index(key[1:]) % len(INKS)]
        items.append(Mark(text("pair").join(key) + size, shown(one), one.estimate, one.low, one.high, ink))
    told = [(text("pair").join(key), one) for key, one in rows]
    known = sorted((one.estimate, name, with_bounds(one)) for name, one in told if one.estimate is not None)
    if len(known) > 4:
        alt = text(
            "extremes_alt", high_name=known[-1][1], high=known[-1][2], low_name=known[0][1], low=known[0][2]
        )
    else:
        alt = sentences(*(text("is", name=name, value=with_bounds(one)) for name, one in told))
    return intervals(title, alt, table, items, note=note, tick=_tick(rows[0][1].unit))


def _over_time(
    title: str, table: Sequence[Key], note: str, rows: Rows, days: pd.DatetimeIndex, form: str
) -> Chart:
    unit, series = rows[0][1].unit, list(dict.fromkeys(key[1:] for key, _ in rows))
    periods = days.dropna().unique().sort_values()
    step = min(np.diff(periods), default=pd.Timedelta(days=1))
    parts, curves, ends = [], [], []
    for place, name in enumerate(series):
        own = [(day, key[0], one) for day, (key, one) in zip(days, rows, strict=True)
               if key[1:] == name and one.estimate is not None and not pd.isna(day)]  # fmt: skip
        if not own:
            continue
        value, low, high = (np.array([getattr(one, side) for *_, one in own], dtype=float)
                            for side in ("estimate", "low", "high"))  # fmt: skip
        ends += [*value, *low[np.isfinite(low)], *high[np.isfinite(high)]]
        # Beside one another, so that neither hides the other.
        x = [(day - periods[0]) / step + 0.12 * (place - (len(series) - 1) / 2) for day, _, _ in own]
        label = text("pair").join(name)
        curves.append(Curve(label, x, value, low, high, INKS[place % len(INKS)], "dots"))
        least, most = own[int(value.argmin())], own[int(value.argmax())]
        parts.append(text("over_time_alt", name=text("named", name=label) if label else "", first=with_bounds(own[0][2]),
                          first_at=own[0][1], last=with_bounds(own[-1][2]), last_at=own[-1][1], low=shown(least[2]),
                          low_at=least[1], high=shown(most[2]), high_at=most[1]))  # fmt: skip
    bottom, top = min(ends, default=0.0), max(ends, default=1.0)
    air = 0.08 * (top - bottom or 1)
    floor = 0.0 if 0 <= bottom < 0.6 * top and unit != "score" else bottom - air
    marked = periods[:: -(-len(periods) // 5)]
    ticks = [(day - periods[0]) / step for day in marked], [f"{day:{form}}" for day in marked]
    side = "" if unit in ("%", "count") else label_of("unit", unit)
    return plot(title, sentences(*parts), table, curves, note=note, limits=(floor, top + air), tick=_tick(unit),
                x_ticks=ticks, y_label=side)  # fmt: skip


def _until(curve: Curve, last: float) -> Curve:
    """The part of a step curve up to a time."""
    x = np.asarray(curve.x)
    inside = int(np.searchsorted(x, last, side="right"))
    y, low, high = (
        np.append(np.asarray(side)[:inside], np.asarray(side)[inside - 1])
        for side in (curve.y, curve.low, curve.high)
    )
    return replace(curve, x=np.append(x[:inside], last), y=y, low=low, high=high)


def _tick(unit: str) -> Callable[[float], str]:
    def tick(value: float) -> str:
        if unit == "count" and value % 1:
            return ""
        return f"{value:,g}{'%' if unit == '%' else ''}".replace("-", "−")

    return tick


def _inside(name: str) -> str:
    """A name as it stands inside a sentence: “Channel” is “channel”, “NPS” stays."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
