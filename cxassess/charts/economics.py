"""Charts of what customers are worth, and of two rules of thumb with the conditions under which they hold."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxassess.charts.chart import Chart
from cxassess.charts.customers import looks
from cxassess.charts.labels import bounds, number, percents, sentences, share, shown, text, with_unit
from cxassess.charts.marks import INKS, Curve, plot
from cxassess.kpi.bgnbd import BgNbd
from cxassess.kpi.economics import CostRatio, RetentionProfit
from cxassess.kpi.estimate import Estimate, label, metric_name


def payback(values: Mapping[int, Estimate], cost: float, unit: str = "month") -> Chart:
    """When a new customer has brought in what winning her cost.

    Args:
        values: the value up to each horizon, in `unit`.
        cost: of winning a customer, in the values' unit.
        unit: of the horizons.
    """
    known: Any = {time: one for time, one in values.items() if one.estimate is not None}
    last, spent, periods = (
        known[max(known)],
        with_unit(round(cost), known[max(known)].unit),
        label("unit", unit),
    )
    rows = [(text("horizon", unit=periods), text("value"), text("interval"))]
    rows += [(str(time), shown(one), bounds(one.low, one.high)) for time, one in known.items()]
    back = next((time for time, one in known.items() if one.estimate >= cost), None)
    sure = next((time for time, one in known.items() if one.low is not None and one.low >= cost), None)
    alt = sentences(
        text("payback_alt", time=max(known), unit=periods, value=shown(last), cost=spent),
        text("payback_at", time=back, unit=periods) if back else text("payback_never"),
        text("payback_sure", time=sure, unit=periods) if sure else "",
    )
    value, low, high = (
        [getattr(one, side) for one in known.values()] for side in ("estimate", "low", "high")
    )
    curve = Curve(text("value_so_far"), list(known), value, low, high)
    return plot(
        text("payback_title"), alt, rows, [curve], x_label=text("horizon", unit=periods), y_label=label("unit", last.unit),
        tick="{:,.0f}".format, lines=[("y", cost, text("cost_line", cost=spent))],
    )  # fmt: skip


def holdout(groups: pd.DataFrame) -> Chart:
    """Purchases that were expected, beside those that came, by how often customers had bought before.

    Args:
        groups: one row a group, by the number of earlier repeat purchases: customers, expected, actual (per customer).
    """
    table: Any = groups
    names = [str(name) for name in table.index]
    rows = [tuple(map(text, ("bought_before", "customers", "expected", "came")))]
    for name, one in zip(names, table.itertuples(), strict=True):
        rows.append((name, number(one.customers), f"{one.expected:.2f}", f"{one.actual:.2f}"))
    expected, actual = (float(table["customers"] @ table[side]) for side in ("expected", "actual"))
    gap = f"{100 * (actual / expected - 1):+.0f}%"
    alt = text("holdout_alt", expected=f"{expected:,.0f}", actual=f"{actual:,.0f}", gap=gap)
    place = list(range(len(names)))
    curves = [
        Curve(text("expected"), place, table["expected"]),
        Curve(text("came"), place, table["actual"], ink="target", look="dots"),
    ]
    return plot(
        metric_name("expected_purchases"), alt, rows, curves, x_label=text("bought_before"),
        y_label=text("per_customer_again"), x_ticks=(place, names),
    )  # fmt: skip


def alive(model: BgNbd, age: float, repeats: Sequence[int]) -> Chart:
    """How likely a customer is still active, by the days of silence: the same silence says different things.

    Args:
        model: what `kpi.fit_bgnbd` or `kpi.expected_purchases` found, in days.
        age: days since the customers' first purchase.
        repeats: numbers of repeat purchases to draw.
    """
    silence, ask = np.linspace(0, age, 101), [int(age * part) for part in (0.25, 0.5, 0.75)]
    rows = [(text("repeats"), *(text("after_silence", days=days) for days in ask))]
    parts, curves = [], []
    for count, ink, look in zip(repeats, INKS, looks(), strict=False):
        chance = 100 * model.p_alive(np.full(101, count), age - silence, np.full(101, age))
        asked = [share(float(np.interp(days, silence, chance))) for days in ask]
        rows.append((str(count), *asked))
        parts.append(text("alive_part", n=count, share=asked[1]))
        curves.append(Curve(text("n_repeats", n=count), silence, chance, ink=ink, look=look))
    alt = text("alive_alt", days=ask[1], parts=text("list_join").join(parts))
    return plot(
        text("alive_title"),
        alt,
        rows,
        curves,
        x_label=text("silence"),
        limits=(0, 101),
        tick="{:.0f}%".format,
    )


def cost_ratio(found: CostRatio) -> Chart:
    """How many times dearer winning is than saving, by the share of customers that the spend really saved.

    Args:
        found: what `kpi.acquisition_retention_ratio` returned, with a ratio.
    """
    # With everybody who stayed saved by the spend, saving one costs the spend per customer who stayed.
    most = (found.cost_to_win or np.nan) / (found.cost_per_kept or np.nan)
    rule, saved = f"1:{found.rule:g}", np.linspace(0, 100, 101)
    rows = [(text("saved_share"), text("times_dearer"))]
    rows += [(share(part), number(most * part / 100)) for part in (1, 5, 10, 25, 50, 100)]
    needed, parity = found.saved_needed or np.inf, found.saved_for_parity or np.inf
    alt = sentences(
        text("ratio_alt", most=number(most)),
        text("holds_from", rule=rule, share=share(needed))
        if needed <= 100
        else text("holds_never", rule=rule),
        text("parity_from", share=share(parity)) if parity <= 100 else "",
    )
    return plot(
        metric_name("acquisition_retention_ratio"), alt, rows, [Curve("", saved, most * saved / 100)],
        x_label=text("saved_share"), y_label=text("times_dearer"), limits=(0, max(most, found.rule) * 1.1),
        x_ticks=percents(),
        lines=[("y", found.rule, text("rule_line", rule=rule)), ("y", 1, text("parity_line"))],
    )  # fmt: skip


def gains(curves: Mapping[str, Sequence[RetentionProfit]], own: float) -> Chart:
    """What less leaving adds to the value of a customer, by how many stay now.

    Args:
        curves: results of `kpi.retention_profit` for rising retention, by the name of what they have in common.
        own: the own retention, 0 to 1, within all curves.
    """
    rule = next(iter(curves.values()))[0].rule
    asked = sorted({0.5, 0.6, 0.7, 0.8, 0.9, own})
    found, parts, drawn = [], [], []
    for (name, some), ink, look in zip(curves.items(), INKS, looks(), strict=False):
        x, y = np.array([(100 * one.retention, one.gain) for one in some if one.gain is not None]).T
        at = {point: float(np.interp(100 * point, x, y, left=np.nan, right=np.nan)) for point in asked}
        found.append(["–" if np.isnan(gain) else f"{gain:+.1f}%" for gain in at.values()])
        verdict = text("reaches_rule" if at[own] >= rule else "misses_rule", rule=f"{rule:g}%")
        parts.append(
            text("gain_alt", name=name, retention=share(100 * own), gain=f"{at[own]:+.1f}%", verdict=verdict)
        )
        drawn.append(Curve(name, x, y, ink=ink, look=look))
    rows = [(text("retention_now"), *curves)]
    rows += [
        (f"{100 * point:.1f}%", *gain) for point, gain in zip(asked, zip(*found, strict=True), strict=True)
    ]
    here = text("we_are_here", share=share(100 * own))
    return plot(
        metric_name("retention_profit"), sentences(*parts), rows, drawn, x_label=text("retention_now"),
        y_label=text("gain_in_value"), limits=(0, 2.4 * rule), tick="+{:.0f}%".format, x_ticks=percents(),
        lines=[("y", rule, text("rule_line", rule=f"+{rule:g}%")), ("x", 100 * own, here)],
    )  # fmt: skip
