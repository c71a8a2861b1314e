"""Charts of who the customers are: what they bring, what they choose, why they stay, and how they leave."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from cxassess.charts.chart import Chart
from cxassess.charts.marks import Bar, Cell, Curve, Mark, bars, grid, intervals, plot
from cxassess.charts.words import bounds, name_of, number, sentences, share, shown, text
from cxassess.kpi.analysis import Findings
from cxassess.kpi.customers import Ctb, LoyaltyMatrix
from cxassess.kpi.estimate import Estimate, label
from cxassess.kpi.segmentation import Segments
from cxassess.kpi.survival_curve import Survival
from cxassess.kpi.transaction_report import Pareto

INKS = ("accent", "target", "good", "contact", "organisation", "judgement")
"""Colours of things side by side, in this order."""


def rfm(scores: pd.DataFrame) -> Chart:
    """Customers by recency and frequency, and the share of sales that each cell brings.

    Args:
        scores: what `Transactions.rfm` returns.
    """
    bins = int(scores[["r", "f", "m"]].to_numpy().max())
    steps, total = range(1, bins + 1), scores["money"].sum()
    groups = scores.groupby(["r", "f"])["money"].agg(["size", "sum"])
    highest = groups["sum"].max() or 1

    def cell(r: int, f: int) -> Cell | None:
        if (r, f) not in groups.index:
            return None
        size, money = groups.loc[(r, f)]
        return Cell(f"{number(size)}\n{share(100 * money / total)}", money / highest)

    rows = [(text("score_r"), text("score_f"), text("customers"), text("sales_share"))]
    rows += [
        (str(r), str(f), number(one["size"]), share(100 * one["sum"] / total))
        for (r, f), one in groups.iterrows()
    ]
    high = int(0.6 * bins) + 1
    often, lately = scores["f"] >= high, scores["r"] >= high
    gone = often & (scores["r"] <= bins - high + 1)
    parts = {"best": often & lately, "gone": gone}
    found = {name: f"{mask.sum():,}" for name, mask in parts.items()}
    sales = {
        f"{name}_sales": share(100 * scores.loc[mask, "money"].sum() / total) for name, mask in parts.items()
    }
    alt = text("rfm_alt", n=number(len(scores)), high=high, low=bins - high + 1,
               best_share=share(100 * parts["best"].mean()), **found, **sales)  # fmt: skip
    names = [
        f"{r}\n{_range(scores.loc[scores['r'] == r, 'recency'], text('days_short'))}" for r in reversed(steps)
    ]
    columns = [
        f"{f}\n{_range(scores.loc[scores['f'] == f, 'frequency'], text('times_short'))}" for f in steps
    ]
    return grid(name_of("rfm"), alt, rows, names, columns, [[cell(r, f) for f in steps] for r in reversed(steps)],
                note=text("rfm_note"), across=text("score_f"), down=text("score_r"))  # fmt: skip


def deciles(table: pd.DataFrame) -> Chart:
    """The share of sales that each tenth of the customers brings.

    Args:
        table: what `Transactions.deciles` returns.
    """
    rows = [
        (text("decile"), text("customers"), text("sales_share"), text("running_total"), text("per_customer"))
    ]
    rows += [
        (
            str(place),
            number(one.customers),
            share(one.share),
            share(one.cumulative_share),
            number(round(one.money_per_customer, 0)),
        )
        for place, one in zip(table.index, table.itertuples(), strict=True)
    ]
    longest = table["share"].max()
    items = [
        Bar(text("decile_of", place=place), share(one.share), [(one.share / longest, "accent")],
            text("decile_note", n=number(one.customers), money=number(round(one.money_per_customer, 0))))
        for place, one in zip(table.index, table.itertuples(), strict=True)
    ]  # fmt: skip
    needed = int((table["cumulative_share"] < 80).sum()) + 1
    alt = text("deciles_alt", first=share(table["share"].iloc[0]), last=share(table["share"].iloc[-1]),
               needed=needed, reached=share(table["cumulative_share"].iloc[needed - 1]))  # fmt: skip
    return bars(name_of("deciles"), alt, rows, items, note=text("deciles_note"))


def lorenz(curves: Mapping[str, Pareto]) -> Chart:
    """How much of the money the best customers bring, one curve for each selection of the log.

    Args:
        curves: what `Transactions.pareto` returned, by the name of the selection.
    """
    first = next(iter(curves.values()))
    rows = [("", text("top_share", top=share(100 * first.top)), text("needed_for_80"))]
    parts = []
    for name, one in curves.items():
        needed = float(np.interp(80, one.lorenz["money"], one.lorenz["customers"]))
        rows.append((name, share(one.share.estimate), share(needed)))
        parts.append(
            text(
                "lorenz_alt",
                name=name,
                top=share(100 * one.top),
                money=share(one.share.estimate),
                needed=share(needed),
            )
        )
    looks = ("line", "dashed", "line", "dashed")
    drawn = [
        Curve(name, one.lorenz["customers"], one.lorenz["money"], ink=ink, look=look)
        for (name, one), ink, look in zip(curves.items(), INKS, looks, strict=False)
    ]
    even = Curve(text("all_alike"), [0, 100], [0, 100], ink="line")
    return plot(name_of("pareto"), sentences(*parts), rows, [*drawn, even], x_label=text("best_customers"),
                y_label=text("sales_share"), limits=(0, 101), height=3.4, tick="{:.0f}%".format,
                x_ticks=([0, 20, 40, 60, 80, 100], [f"{x}%" for x in (0, 20, 40, 60, 80, 100)]),
                lines=[("x", 100 * first.top, text("top_line", top=share(100 * first.top)))])  # fmt: skip


def ctb(found: Ctb, kind: str) -> Chart:
    """What each group of customers chooses: the shares of one kind of label.

    Args:
        found: what `kpi.ctb` returned with one group column in `by`.
        kind: `category`, `taste` or `brand`.
    """
    table = found.labels[found.labels["kind"] == kind]
    group = table.columns[0]
    table = table.assign(
        label=table["label"].astype(object).where(table["label"].notna(), text("unlabelled"))
    )
    wide = table.pivot(index="label", columns=group, values="share").fillna(0)
    wide = wide.loc[wide.mean(axis=1).sort_values(ascending=False).index]
    wide = wide[table.groupby(group, sort=False)["purchases"].sum().sort_values(ascending=False).index]
    rows = [("", text(f"kind_{kind}"), text("purchases"), text("share"), text("interval"))]
    rows += [(str(one[group]), str(one["label"]), number(one["purchases"]), share(one["share"]), bounds(one["low"], one["high"], "%"))
             for _, one in table.iterrows()]  # fmt: skip
    spread = (wide.max(axis=1) - wide.min(axis=1)).idxmax()
    alt = sentences(
        *(text("ctb_alt", group=name, label=column.idxmax(), share=share(column.max())) for name, column in wide.items()),
        text("ctb_spread", label=spread, low=share(wide.loc[spread].min()), low_group=wide.loc[spread].idxmin(),
             high=share(wide.loc[spread].max()), high_group=wide.loc[spread].idxmax()),
    )  # fmt: skip
    cells = [[Cell(share(value), value / wide.to_numpy().max()) for value in row] for row in wide.to_numpy()]
    title = text("ctb_title", kind=text(f"kind_{kind}"))
    return grid(
        title,
        alt,
        rows,
        list(map(str, wide.index)),
        list(map(str, wide.columns)),
        cells,
        note=text("ctb_note"),
    )


def segments(found: Segments, value: str) -> Chart:
    """Segments with their rules: how many customers each has, and how much of a sum they bring.

    Args:
        found: what `kpi.segments` returned.
        value: the feature whose sum is shared out, such as the sales.
    """
    table = found.table
    brought = table["customers"] * table[value].fillna(0)
    brought = 100 * brought / brought.sum()
    longest = max(table["share"].max(), brought.max())
    items, rows = [], [(text("segment"), text("customers"), text("share"), text("sales_share"), text("rule"))]
    table = table.assign(segment=table["segment"].replace({"other": text("all_others")}))
    for one, sales in zip(table.itertuples(), brought, strict=True):
        rows.append((str(one.segment), number(one.customers), share(one.share), share(sales), one.rule))
        items.append(Bar(text("segment_of", name=one.segment, n=number(one.customers)), f"{share(one.share)} / {share(sales)}",
                         [(one.share / longest, "accent"), (sales / longest, "target")], one.rule))  # fmt: skip
    ratio = (brought / table["share"].replace(0, np.nan)).idxmax()
    alt = text("segments_alt", k=len(table), n=number(found.n), largest=table["segment"][table["share"].idxmax()],
               largest_share=share(table["share"].max()), richest=table["segment"][ratio],
               richest_share=share(table["share"][ratio]), richest_sales=share(brought[ratio]))  # fmt: skip
    key = [(text("share_of_customers"), "accent"), (text("sales_share"), "target")]
    return bars(name_of("segments"), alt, rows, items, key=key)


def loyalty(found: LoyaltyMatrix, value: str | None = None) -> Chart:
    """Attitude × behaviour: who stays because they want to, and who only stays.

    Args:
        found: what `kpi.loyalty_matrix` returned without groups.
        value: the column that was summed per cell, such as the sales.
    """
    table = found.table.set_index("loyalty")
    weight = "value_share" if value else "share"
    rows = [
        (
            text("loyalty"),
            text("customers"),
            text("share"),
            text("interval"),
            *([text("sales_share")] if value else []),
        )
    ]
    for name, one in table.iterrows():
        rows.append((_loyalty(name), number(one["customers"]), share(one["share"]), bounds(one["low"], one["high"], "%"),
                     *([share(one["value_share"])] if value else [])))  # fmt: skip

    def cell(name: str) -> Cell:
        one = table.loc[name]
        lines = [
            _loyalty(name),
            text("people_and_share", n=number(one["customers"]), share=share(one["share"])),
        ]
        lines += [text("share_of_sales", share=share(one["value_share"]))] if value else []
        return Cell("\n".join(lines), float(one[weight]) / 100)

    alt = sentences(
        *(
            text("loyalty_alt", name=_loyalty(name), share=share(one["share"]))
            for name, one in table.iterrows()
        ),
        text("loyalty_sales", share=share(table.loc["spurious", "value_share"])) if value else "",
        text("loyalty_unknown", n=number(found.missing_attitude)),
    )
    return grid(name_of("loyalty_matrix"), alt, rows, [text("attitude_high"), text("attitude_low")],
                [text("behaviour_low"), text("behaviour_high")], [[cell("latent"), cell("true")], [cell("none"), cell("spurious")]],
                note=text("loyalty_note_sales") if value else text("loyalty_note"))  # fmt: skip


def cohorts(rates: pd.DataFrame, customers: pd.DataFrame) -> Chart:
    """What share of each cohort bought again in each later period.

    Args:
        rates: what `Transactions.cohorts` returns.
        customers: the same with `value="customers"`: their first column tells how large the cohorts are.
    """
    later = rates.iloc[:, 1:].dropna(axis="columns", how="all")
    later = later.dropna(axis="index", how="all")
    names = [
        f"{start:%Y-%m}\n{text('people', n=number(customers.loc[start].iloc[0]))}" for start in later.index
    ]
    highest = float(np.nanmax(later.to_numpy()))
    cells = [
        [None if np.isnan(rate) else Cell(f"{rate:.0f}", rate / highest) for rate in row]
        for row in later.to_numpy()
    ]
    rows = [(text("cohort"), text("customers"), *(str(age) for age in later.columns))]
    rows += [
        (f"{start:%Y-%m}", number(customers.loc[start].iloc[0]), *(share(rate) for rate in row))
        for start, row in later.iterrows()
    ]
    first = later.iloc[:, 0].dropna()
    alt = text("cohorts_alt", n=len(later), first=f"{first.index[0]:%Y-%m}", first_rate=share(first.iloc[0]),
               last=f"{first.index[-1]:%Y-%m}", last_rate=share(first.iloc[-1]),
               low=share(first.min()), high=share(first.max()))  # fmt: skip
    return grid(name_of("cohorts"), alt, rows, names, [str(age) for age in later.columns], cells,
                note=text("cohorts_note"), across=text("age"), down=text("cohort"))  # fmt: skip


def over_time(metric: str, frame: pd.DataFrame, *, note: str = "") -> Chart:
    """A rate period by period, with its intervals.

    Args:
        metric: the metric's id.
        frame: what the metric's function returned for periods: their first days, n, estimate, low, high.
        note: how to read it.
    """
    known = frame[frame["estimate"].notna()].reset_index(drop=True)
    days = [f"{day:%Y-%m}" for day in known.iloc[:, 0]]
    rows = [(text("period"), text("n"), text("value"), text("interval"))]
    rows += [
        (day, number(one.n), share(one.estimate), bounds(one.low, one.high, "%"))
        for day, one in zip(days, known.itertuples(), strict=True)
    ]
    low, high = known["estimate"].idxmin(), known["estimate"].idxmax()
    last = known.iloc[-1]
    alt = text("over_time_alt", low=share(known["estimate"][low]), low_at=days[low], high=share(known["estimate"][high]),
               high_at=days[high], last=share(last["estimate"]), last_at=days[-1], bounds=bounds(last["low"], last["high"], "%"))  # fmt: skip
    every = max(1, -(-len(known) // 6))
    places = range(0, len(known), every)
    curve = Curve("", range(len(known)), known["estimate"], known["low"], known["high"], look="dots")
    return plot(name_of(metric), alt, rows, [curve], note=note, x_ticks=(list(places), [days[place] for place in places]),
                tick="{:g}%".format)  # fmt: skip


def survival(
    curves: Mapping[str, Survival], *, line: tuple[float, str] | None = None, at: Sequence[float] = (3, 6, 12)
) -> Chart:
    """How many are still there as time goes on, with the band of the interval.

    Args:
        curves: Kaplan–Meier curves by name; one may have an empty name.
        line: a time to mark, and what it is.
        at: times, in the curves' unit, at which the table tells the share still there.
    """
    unit = label("unit", next(iter(curves.values())).unit)
    rows = [
        (
            "",
            "n",
            *(text("after", time=f"{time:g}", unit=unit) for time in at),
            text("half_gone"),
            text("interval"),
        )
    ]
    parts, drawn = [], []
    for (name, one), ink, look in zip(curves.items(), INKS, ("step", "step", "step", "step"), strict=False):
        half = one.median
        rows.append(
            (
                name,
                number(one.n),
                *(shown(one.at(time)) for time in at),
                shown(half),
                bounds(half.low, half.high),
            )
        )
        parts.append(
            text(
                "survival_alt",
                name=name or text("all"),
                share=shown(one.at(at[-1])),
                time=f"{at[-1]:g}",
                unit=unit,
                half=shown(half),
            )
        )
        low, high = (np.append(1.0, side) * 100 for side in one.bounds)
        drawn.append(
            Curve(
                name,
                np.append(0, one.time),
                100 * np.append(1.0, one.survival),
                low,
                high,
                ink=ink,
                look=look,
            )
        )
    return plot(name_of("survival"), sentences(*parts), rows, drawn, x_label=unit, y_label=text("still_there"),
                limits=(0, 101), tick="{:.0f}%".format, lines=[("x", *line)] if line else [])  # fmt: skip


def funnel(found: Findings) -> Chart:
    """How many reach each stage; with one group column, how many of each group go on from stage to stage.

    Args:
        found: what `kpi.funnel` returned.
    """
    table = found.table
    rows = [(*("" for name in table.columns[: list(table.columns).index("stage")]), text("stage"), text("visitors"),
             text("from_before"), text("interval"), text("from_first"))]  # fmt: skip
    rows += [
        (*map(str, one[: list(table.columns).index("stage")]), str(one["stage"]), number(one["visitors"]), share(one["conversion"]),
         bounds(one["low"], one["high"], "%"), share(one["overall"]))
        for _, one in table.iterrows()
    ]  # fmt: skip
    if table.columns[0] == "stage":
        return _one_funnel(table, rows)
    group = table.columns[0]
    wide = (
        table.pivot(index="stage", columns=group, values="conversion")
        .reindex(table["stage"].unique())
        .iloc[1:]
    )
    sizes = table.groupby(group)["visitors"].first().sort_values(ascending=False)
    wide = wide[sizes.index]
    gap = (wide.max(axis=1) - wide.min(axis=1)).idxmax()
    alt = text("funnels_alt", stage=gap, high_group=wide.loc[gap].idxmax(), high=share(wide.loc[gap].max()),
               low_group=wide.loc[gap].idxmin(), low=share(wide.loc[gap].min()))  # fmt: skip
    cells = [
        [None if np.isnan(value) else Cell(share(value), value / 100) for value in row]
        for row in wide.to_numpy()
    ]
    return grid(text("funnels_title"), alt, rows, list(wide.index), [f"{name}\n({number(sizes[name])})" for name in wide], cells,
                note=text("funnels_note"))  # fmt: skip


def _one_funnel(table: pd.DataFrame, rows: list[tuple[str, ...]]) -> Chart:
    items = [
        Bar(str(one.stage), share(one.overall), [(one.overall / 100, "accent")],
            text("funnel_step", n=number(one.visitors), share=share(one.conversion)) if place else text("funnel_start", n=number(one.visitors)))
        for place, one in enumerate(table.itertuples())
    ]  # fmt: skip
    steepest = table["conversion"].idxmin()
    alt = text("funnel_alt", first=number(table["visitors"].iloc[0]), last=number(table["visitors"].iloc[-1]),
               overall=share(table["overall"].iloc[-1]), stage=table["stage"][steepest], share=share(table["conversion"][steepest]))  # fmt: skip
    return bars(name_of("funnel"), alt, rows, items, note=text("funnel_note"))


def estimates(
    title: str, found: Mapping[str, Estimate], *, note: str = "", line: tuple[float, str] | None = None
) -> Chart:
    """Estimates below one another, each with its interval.

    Args:
        title: what is compared.
        found: estimates by name, all of one unit.
        note: how to read it.
        line: a value to compare with, and what it is.
    """
    unit = next(iter(found.values())).unit
    rows = [("", text("value"), text("interval"), text("n"))]
    rows += [
        (name, shown(one), bounds(one.low, one.high, unit), number(one.n) if one.n else "–")
        for name, one in found.items()
    ]
    items = [Mark(name, shown(one), one.estimate, one.low, one.high) for name, one in found.items()]
    alt = sentences(*(text("estimate_alt", name=name, value=shown(one), bounds=bounds(one.low, one.high, unit))
                      if one.low is not None else text("is", name=name, value=shown(one)) for name, one in found.items()))  # fmt: skip
    tick = "{:g}%".format if unit == "%" else "{:,g}".format
    return intervals(title, alt, rows, items, note=note, line=line, tick=tick)


def _range(values: "pd.Series[float]", unit: str) -> str:
    """From the least to the most, such as “3–7 days”."""
    if values.empty:
        return "–"
    low, high = int(values.min()), int(values.max())
    return f"{low}{unit}" if low == high else text("range", low=low, high=f"{high}{unit}")


def _loyalty(cell: object) -> str:
    from cxassess.kpi.analysis import text as words

    return words(f"loyalty_{cell}")
