"""Charts of who comes back and who leaves: cohorts, survival curves, funnels."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxassess.charts.chart import Chart
from cxassess.charts.labels import bounds, number, sentences, share, shown, text
from cxassess.charts.marks import INKS, Bar, Cell, Curve, bars, grid, plot
from cxassess.kpi.analysis import Findings
from cxassess.kpi.estimate import label, metric_name
from cxassess.kpi.survival_curve import Survival


def cohorts(rates: pd.DataFrame, customers: pd.DataFrame) -> Chart:
    """What share of each cohort bought again in each later period.

    Args:
        rates: what `Transactions.cohorts` returns.
        customers: the same with `value="customers"`: its first column tells how large the cohorts are.
    """
    later: Any = rates.iloc[:, 1:].dropna(axis="columns", how="all").dropna(axis="index", how="all")
    sizes = {start: number(size) for start, size in customers.iloc[:, 0].items()}
    rows = [(text("cohort"), text("customers"), *map(str, later.columns))]
    rows += [(f"{start:%Y-%m}", sizes[start], *map(share, line)) for start, line in later.iterrows()]
    names = [f"{start:%Y-%m}\n{text('people', n=sizes[start])}" for start in later.index]
    highest = float(np.nanmax(later.to_numpy()))
    cells = [
        [None if np.isnan(rate) else Cell(f"{rate:.0f}", rate / highest) for rate in line]
        for line in later.to_numpy()
    ]
    first = later.iloc[:, 0].dropna()
    alt = text(
        "cohorts_alt", n=len(later), first=f"{first.index[0]:%Y-%m}", first_rate=share(first.iloc[0]),
        last=f"{first.index[-1]:%Y-%m}", last_rate=share(first.iloc[-1]), low=share(first.min()), high=share(first.max()),
    )  # fmt: skip
    return grid(
        metric_name("cohorts"), alt, rows, names, [str(age) for age in later], cells, note=text("cohorts_note"),
        across=text("age"), down=text("cohort"),
    )  # fmt: skip


def survival(
    curves: Mapping[str, Survival], *, line: tuple[float, str] | None = None, at: Sequence[float] = (3, 6, 12)
) -> Chart:
    """How many are still there as time goes on, with the band of the interval.

    Args:
        curves: Kaplan–Meier curves by name; a single one may have an empty name.
        line: a time to mark, and what it is.
        at: times, in the curves' unit, at which the table tells the share still there.
    """
    unit = label("unit", next(iter(curves.values())).unit)
    times = [text("after", time=f"{time:g}", unit=unit) for time in at]
    rows = [("", text("n"), *times, text("half_gone"), text("interval"))]
    parts, drawn = [], []
    for (name, one), ink in zip(curves.items(), INKS, strict=False):
        half, left = one.median, [shown(one.at(time)) for time in at]
        rows.append((name, number(one.n), *left, shown(half), bounds(half.low, half.high)))
        parts.append(
            text(
                "survival_alt",
                name=name or text("all_of_them"),
                share=left[-1],
                time=f"{at[-1]:g}",
                unit=unit,
                half=shown(half),
            )
        )
        y, low, high = (100 * np.append(1.0, side) for side in (one.survival, *one.bounds))
        drawn.append(Curve(name, np.append(0, one.time), y, low, high, ink=ink, look="step"))
    return plot(
        metric_name("survival"), sentences(*parts), rows, drawn, x_label=unit, y_label=text("still_there"), limits=(0, 101),
        tick="{:.0f}%".format, lines=[("x", *line)] if line else [],
    )  # fmt: skip


def funnel(found: Findings) -> Chart:
    """How many reach each stage; with one group column, how many of each group go on from stage to stage.

    Args:
        found: what `kpi.funnel` returned.
    """
    table: Any = found.table
    groups = list(table.columns[: list(table.columns).index("stage")])
    head = ("stage", "visitors", "from_before", "interval", "from_first")
    rows = [(*(text("group") for _ in groups), *map(text, head))]
    for one in table.to_dict("records"):
        rows.append((
            *(str(one[name]) for name in groups), one["stage"], number(one["visitors"]), share(one["conversion"]),
            bounds(one["low"], one["high"], "%"), share(one["overall"]),
        ))  # fmt: skip
    return _by_group(table, groups[0], rows) if groups else _whole(table, rows)


def _whole(table: Any, rows: list[tuple[str, ...]]) -> Chart:
    items: list[Bar] = []
    for _, n, before, _, overall in rows[1:]:
        note = text("funnel_step", n=n, share=before) if items else text("funnel_start", n=n)
        length = table["overall"].iloc[len(items)] / 100
        items.append(Bar(rows[len(items) + 1][0], overall, [(length, "accent")], note))
    steepest = int(np.nanargmin(table["conversion"])) + 1
    alt = text(
        "funnel_alt",
        first=rows[1][1],
        last=rows[-1][1],
        overall=rows[-1][4],
        stage=rows[steepest][0],
        share=rows[steepest][2],
    )
    return bars(metric_name("funnel"), alt, rows, items, note=text("funnel_note"))


def _by_group(table: Any, group: str, rows: list[tuple[str, ...]]) -> Chart:
    sizes = table.groupby(group)["visitors"].first().sort_values(ascending=False)
    wide = table.pivot(index="stage", columns=group, values="conversion")
    wide = wide.loc[table["stage"].unique()[1:], sizes.index]
    gap = wide.loc[(wide.max(axis=1) - wide.min(axis=1)).idxmax()]
    alt = text(
        "funnels_alt",
        stage=gap.name,
        high_group=gap.idxmax(),
        high=share(gap.max()),
        low_group=gap.idxmin(),
        low=share(gap.min()),
    )
    cells = [
        [None if np.isnan(value) else Cell(share(value), value / 100) for value in line]
        for line in wide.to_numpy()
    ]
    columns = [f"{name}\n{number(size)}" for name, size in sizes.items()]
    return grid(text("funnels_title"), alt, rows, list(wide.index), columns, cells, note=text("funnels_note"))
