"""Charts of who the customers are: what they bring, what they choose, and why they stay."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cxassess.charts.chart import Chart
from cxassess.charts.labels import bounds, number, percents, sentences, share, text
from cxassess.charts.marks import INKS, Bar, Cell, Curve, Look, bars, grid, plot
from cxassess.kpi.analysis import text as analysis_text
from cxassess.kpi.customers import Ctb, LoyaltyMatrix
from cxassess.kpi.estimate import metric_name
from cxassess.kpi.segmentation import Segments
from cxassess.kpi.transaction_report import Pareto
from cxassess.language import interface_texts


def rfm(scores: pd.DataFrame) -> Chart:
    """Customers by recency and frequency, and the share of sales that each cell brings.

    Args:
        scores: what `Transactions.rfm` returns.
    """
    table: Any = scores
    bins, total = int(table[["r", "f", "m"]].to_numpy().max()), table["money"].sum()
    found = table.groupby(["r", "f"])["money"].agg(["size", "sum"])
    part = 100 * found["sum"] / total
    cells = {
        place: Cell(f"{number(size)}\n{share(brought)}", brought / part.max())
        for place, size, brought in zip(found.index, found["size"], part, strict=True)
    }
    rows = [(text("score_r"), text("score_f"), text("customers"), text("sales_share"))]
    rows += [(str(r), str(f), number(found.loc[(r, f), "size"]), share(part[(r, f)])) for r, f in found.index]
    high, low = int(0.6 * bins) + 1, bins - int(0.6 * bins)
    best = (table["f"] >= high) & (table["r"] >= high)
    gone = (table["f"] >= high) & (table["r"] <= low)
    sales = {
        name: share(100 * table.loc[who, "money"].sum() / total)
        for name, who in (("best", best), ("gone", gone))
    }
    alt = text(
        "rfm_alt", n=number(len(table)), high=high, low=low, best=number(best.sum()), best_share=share(100 * best.mean()),
        best_sales=sales["best"], gone=number(gone.sum()), gone_sales=sales["gone"],
    )  # fmt: skip
    up, across = range(bins, 0, -1), range(1, bins + 1)
    names = [f"{r}\n{_range(table.loc[table['r'] == r, 'recency'], text('days_short'))}" for r in up]
    columns = [f"{f}\n{_range(table.loc[table['f'] == f, 'frequency'], text('times_short'))}" for f in across]
    return grid(
        metric_name("rfm"), alt, rows, names, columns, [[cells.get((r, f)) for f in across] for r in up],
        note=text("rfm_note"), across=text("score_f"), down=text("score_r"),
    )  # fmt: skip


def deciles(table: pd.DataFrame) -> Chart:
    """The share of sales that each tenth of the customers brings.

    Args:
        table: what `Transactions.deciles` returns.
    """
    head = ("decile", "customers", "sales_share", "running_total", "per_customer")
    rows, items = [tuple(map(text, head))], []
    tenths: Any = table.reset_index()
    for one in tenths.itertuples():
        n, each = number(one.customers), number(round(one.money_per_customer))
        rows.append((str(one.decile), n, share(one.share), share(one.cumulative_share), each))
        items.append(
            Bar(text("decile_of", place=one.decile), share(one.share), [(one.share / table["share"].max(), "accent")],
                text("decile_note", n=n, money=each))
        )  # fmt: skip
    shares, totals = table["share"].to_numpy(), table["cumulative_share"].to_numpy()
    needed = int((totals < 80).sum()) + 1
    alt = text(
        "deciles_alt",
        first=share(shares[0]),
        last=share(shares[-1]),
        needed=needed,
        reached=share(totals[needed - 1]),
    )
    return bars(metric_name("deciles"), alt, rows, items, note=text("deciles_note"))


def lorenz(curves: Mapping[str, Pareto]) -> Chart:
    """How much of the money the best customers bring, one curve for each selection of the log.

    Args:
        curves: what `Transactions.pareto` returned, by the name of the selection.
    """
    top = share(100 * next(iter(curves.values())).top)
    rows = [("", text("top_share", top=top), text("needed_for_80"))]
    parts, drawn = [], []
    for (name, one), ink, look in zip(curves.items(), INKS, looks(), strict=False):
        customers, money = (one.lorenz[column].to_numpy() for column in ("customers", "money"))
        needed = share(float(np.interp(80, money, customers)))
        rows.append((name, share(one.share.estimate), needed))
        parts.append(text("lorenz_alt", name=name, top=top, money=share(one.share.estimate), needed=needed))
        drawn.append(Curve(name, customers, money, ink=ink, look=look))
    drawn.append(Curve(text("all_alike"), [0, 100], [0, 100], ink="line"))
    line = next(iter(curves.values())).top * 100
    return plot(
        metric_name("pareto"), sentences(*parts), rows, drawn, x_label=text("best_customers"),
        y_label=text("sales_share"), limits=(0, 101), height=3.4, tick="{:.0f}%".format, x_ticks=percents(),
        lines=[("x", line, text("top_line", top=top))],
    )  # fmt: skip


def ctb(found: Ctb, kind: str) -> Chart:
    """What each group of customers chooses: the shares of one kind of label.

    Args:
        found: what `kpi.ctb` returned with one group column in `by`.
        kind: `category`, `taste` or `brand`.
    """
    table: Any = found.labels[found.labels["kind"] == kind]
    group = table.columns[0]
    table = table.assign(
        label=table["label"].astype(object).where(table["label"].notna(), text("unlabelled"))
    )
    rows = [(text("group"), text(f"kind_{kind}"), text("purchases"), text("share"), text("interval"))]
    rows += [
        (str(one[1]), one.label, number(one.purchases), share(one.share), bounds(one.low, one.high, "%"))
        for one in table.itertuples()
    ]
    wide = table.pivot(index="label", columns=group, values="share").fillna(0)
    sizes = table.groupby(group)["purchases"].sum().sort_values(ascending=False)
    wide = wide.loc[wide.mean(axis=1).sort_values(ascending=False).index, sizes.index]
    spread = wide.loc[(wide.max(axis=1) - wide.min(axis=1)).idxmax()]
    alt = sentences(
        *(text("ctb_alt", group=name, label=part.idxmax(), share=share(part.max())) for name, part in wide.items()),
        text("ctb_spread", label=spread.name, low=share(spread.min()), low_group=spread.idxmin(),
             high=share(spread.max()), high_group=spread.idxmax()),
    )  # fmt: skip
    cells = [[Cell(share(value), value / wide.to_numpy().max()) for value in row] for row in wide.to_numpy()]
    title, names = text("ctb_title", kind=text(f"kind_{kind}")), [str(name) for name in wide.index]
    return grid(title, alt, rows, names, [str(name) for name in wide], cells, note=text("ctb_note"))


def segments(found: Segments, value: str) -> Chart:
    """Segments with their rules: how many customers each has, and how much of a sum they bring.

    Args:
        found: what `kpi.segments` returned.
        value: the feature whose sum is shared out, such as the sales.
    """
    table: Any = found.table
    sums = (table["customers"] * table[value].fillna(0)).to_numpy()
    brought = 100 * sums / sums.sum()
    longest = max(table["share"].max(), brought.max())
    rows = [
        (text("segment"), text("customers"), text("share_of_customers"), text("sales_share"), text("rule"))
    ]
    items = []
    for one, sales in zip(table.itertuples(), brought, strict=True):
        name, rule = _segment(one.segment), _rule(found.rules.get(one.segment, {}))
        rows.append((name, number(one.customers), share(one.share), share(sales), rule))
        parts = [(one.share / longest, "accent"), (sales / longest, "target")]
        heading = text("segment_of", name=name, n=number(one.customers))
        items.append(Bar(heading, f"{share(one.share)} / {share(sales)}", parts, rule))
    largest, richest = table["share"].argmax(), int(np.nanargmax(brought / table["share"].replace(0, np.nan)))
    alt = text(
        "segments_alt", k=len(table), n=number(found.n), largest=rows[1 + largest][0], largest_share=rows[1 + largest][2],
        richest=rows[1 + richest][0], richest_share=rows[1 + richest][2], richest_sales=rows[1 + richest][3],
    )  # fmt: skip
    key = [(text("share_of_customers"), "accent"), (text("sales_share"), "target")]
    return bars(metric_name("segments"), alt, rows, items, key=key)


def loyalty(found: LoyaltyMatrix, value: str | None = None) -> Chart:
    """Attitude × behaviour: who stays because they want to, and who only stays.

    Args:
        found: what `kpi.loyalty_matrix` returned without groups.
        value: the column that was summed per cell, such as the sales.
    """
    head = ("loyalty", "customers", "share", "interval", *(["sales_share"] if value else []))
    rows, cells, parts = [tuple(map(text, head))], {}, []
    table: Any = found.table
    for one in table.itertuples():
        name, n = analysis_text(f"loyalty_{one.loyalty}"), number(one.customers)
        sales = [share(one.value_share)] if value else []
        rows.append((name, n, share(one.share), bounds(one.low, one.high, "%"), *sales))
        lines = [
            name,
            text("people_and_share", n=n, share=share(one.share)),
            *(text("share_of_sales", share=part) for part in sales),
        ]
        cells[one.loyalty] = Cell("\n".join(lines), (one.value_share if value else one.share) / 100)
        parts.append(text("loyalty_alt", name=name, share=share(one.share)))
        if value and one.loyalty == "spurious":
            parts.append(text("loyalty_sales", share=share(one.value_share)))
    alt = sentences(*parts, text("loyalty_unknown", n=number(found.missing_attitude)))
    return grid(
        metric_name("loyalty_matrix"), alt, rows, [text("attitude_high"), text("attitude_low")],
        [text("behaviour_low"), text("behaviour_high")], [[cells["latent"], cells["true"]], [cells["none"], cells["spurious"]]],
        note=text("loyalty_note_sales" if value else "loyalty_note"),
    )  # fmt: skip


def looks() -> tuple[Look, ...]:
    """How curves side by side are drawn, so that they differ without their colours, too."""
    return ("line", "dashed", "line", "dashed")


def _segment(name: str) -> str:
    """A segment's name: numbered ones are those of k-means, and some rules have names of their own."""
    known = interface_texts("charts_kpi")
    return text("segment_numbered", number=name) if name.isdigit() else known.get(f"segment_{name}", name)


def _rule(rule: Mapping[str, tuple[float | None, float | None]]) -> str:
    """A rule with its columns named as the charts' tables name them."""
    known, parts = interface_texts("charts_kpi"), []
    for column, (low, high) in rule.items():
        name = known.get(f"column_{column}", column)
        ends = ["" if end is None else f"{end:,.6g}" for end in (low, high)]
        key = "rule_between" if all(ends) else "rule_from" if ends[0] else "rule_below"
        parts.append(text(key, name=name, low=ends[0], high=ends[1]))
    return text("list_join").join(parts)


def _range(values: Any, unit: str) -> str:
    """From the least to the most, such as “3–7 days”."""
    if not len(values):
        return "–"
    low, high = int(values.min()), int(values.max())
    return f"{low}{unit}" if low == high else text("span", low=low, high=f"{high}{unit}")
