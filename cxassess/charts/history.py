"""One customer's history: what each function holds of it, and below them what the customer went through."""

from typing import Any

import pandas as pd

from cxassess.charts.chart import Chart, colour, finished, style
from cxassess.charts.labels import Names, named
from cxassess.charts.marks import INNER, SIDE, canvas
from cxassess.charts.wrapping import wrap
from cxassess.kpi.errors import KpiError
from cxassess.language import say

SIGNS = {"bought": ("accent", "o", -0.42), "told": ("warn", "^", 0.0), "did": ("good", "s", 0.42)}
"""Colour, sign and place on the customer's line of each kind: she bought, she told us, we did something."""
ROW = 0.4
LEFT = 1.35


def history(events: pd.DataFrame, title: str, *, names: Names | None = None) -> Chart:
    """A timeline with a line for each function that holds events, and one for the customer, who has them all.

    Args:
        events: one row an event of one customer: time (without zone), function, kind (`bought`, `told` or
            `did`) and what (as words).
        title: of the chart.
        names: what the functions are called.

    Raises:
        KpiError: there is no event.

    >>> times = pd.to_datetime(["2024-01-05", "2024-02-03"])
    >>> seen = pd.DataFrame({"time": times, "function": ["sales", "support"], "kind": ["bought", "told"],
    ...                      "what": ["a kettle", "it leaks"]})
    >>> print(history(seen, "Customer 1").alt)  # doctest: +ELLIPSIS
    2 events from 2024-01-05 to 2024-02-03 in 2 functions. ...
    """
    if events.empty:
        raise KpiError("frame_empty")
    known: Any = events.sort_values("time", kind="stable")
    held = known["function"].value_counts()
    lanes = {function: named(function, names or {}) for function in held.index}
    table = [tuple(say(f"lessons.{key}") for key in ("when", "function", "kind", "what"))]
    table += [
        (f"{one.time:%Y-%m-%d}", lanes[one.function], say(f"lessons.kind_{one.kind}"), str(one.what))
        for one in known.itertuples()
    ]
    alt = say(
        "lessons.history_alt", events=len(known), first=table[1][0], last=table[-1][0], functions=len(lanes),
        name=next(iter(lanes.values())), most=int(held.iloc[0]),
    )  # fmt: skip
    first, last = known["time"].iloc[0], known["time"].iloc[-1]
    day = pd.Timedelta(days=1)
    with style():
        height = ROW * (len(lanes) + 2)
        figure, axes = canvas(height, title, say("lessons.history_note"), left=SIDE + LEFT, foot=0.95)
        axes.set_ylim(len(lanes) + 1.5, -0.5)
        axes.axhspan(len(lanes) - 0.5, len(lanes) + 1.5, color=colour("wash"), zorder=0)
        rows = [*enumerate(lanes.items()), (len(lanes) + 0.5, (None, say("lessons.lane_customer")))]
        for place, (function, name) in rows:
            axes.axhline(place, color=colour("line"), linewidth=1, zorder=1)
            label = "\n".join(wrap(name, LEFT - 0.1, 9.5, 2))
            axes.text(-LEFT / (INNER - LEFT), place, label, transform=axes.get_yaxis_transform(), va="center",
                      fontsize=9.5, weight="normal" if function else "bold")  # fmt: skip
            mine = known if function is None else known[known["function"] == function]
            for kind, (ink, sign, aside) in SIGNS.items():
                x = (mine.loc[mine["kind"] == kind, "time"] - first) / day
                y = place if function else place + aside
                axes.scatter(x, [y] * len(x), marker=sign, s=46, color=colour(ink),
                             edgecolor="white", linewidth=0.7, zorder=3)  # fmt: skip
        months = pd.date_range(first.normalize().replace(day=1), last, freq="MS")
        shown = [month for month in months if month >= first][:: -(-len(months) // 5)]
        axes.set_xticks([(month - first) / day for month in shown], [f"{month:%Y-%m}" for month in shown])
        signs = [
            axes.scatter([], [], marker=sign, s=46, color=colour(ink)) for ink, sign, _ in SIGNS.values()
        ]
        figure.legend(signs, [say(f"lessons.kind_{kind}") for kind in SIGNS], loc="lower left", ncols=1,
                      frameon=False, fontsize=9, labelspacing=0.35, borderpad=0, borderaxespad=0,
                      bbox_to_anchor=(SIDE / figure.get_figwidth(), 0.05 / figure.get_figheight()))  # fmt: skip
        return finished(figure, title, alt, table)
