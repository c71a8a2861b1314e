"""Charts of what customers are worth, and of two rules of thumb with the conditions under which they hold."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cxassess.charts.chart import Chart
from cxassess.charts.customers import INKS
from cxassess.charts.marks import Curve, plot
from cxassess.charts.words import bounds, name_of, number, sentences, share, shown, text, with_unit
from cxassess.kpi.bgnbd import BgNbd
from cxassess.kpi.economics import CostRatio, RetentionProfit
from cxassess.kpi.estimate import Estimate, label


def payback(values: Mapping[int, Estimate], cost: float, unit: str = "month") -> Chart:
    """When a new customer has brought in what winning her cost.

    Args:
        values: the value up to each horizon, in `unit`.
        cost: of winning a customer, in the values' unit.
        unit: of the horizons.
    """
    known = {time: one for time, one in values.items() if one.estimate is not None}
    money = next(iter(known.values())).unit
    rows = [(text("horizon", unit=label("unit", unit)), text("value"), text("interval"))]
    rows += [(str(time), shown(one), bounds(one.low, one.high)) for time, one in known.items()]
    back = next(
        (time for time, one in known.items() if one.estimate is not None and one.estimate >= cost), None
    )
    sure = next((time for time, one in known.items() if one.low is not None and one.low >= cost), None)
    last = max(known)
    alt = sentences(
        text(
            "payback_alt",
            time=last,
            unit=label("unit", unit),
            value=shown(known[last]),
            cost=with_unit(round(cost), money),
        ),
        text("payback_at", time=back, unit=label("unit", unit)) if back else text("payback_never"),
        text("payback_sure", time=sure, unit=label("unit", unit)) if sure else "",
    )
    ends = [[getattr(one, side) for one in known.values()] for side in ("estimate", "low", "high")]
    curve = Curve(text("value_so_far"), list(known), *ends)
    return plot(text("payback_title"), alt, rows, [curve], x_label=text("horizon", unit=label("unit", unit)), y_label=label("unit", money),
                lines=[("y", cost, text("cost_line", cost=with_unit(round(cost), money)))], tick="{:,.0f}".format)  # fmt: skip


def holdout(groups: pd.DataFrame) -> Chart:
    """Purchases that were expected, beside those that came, by how often customers had bought before.

    Args:
        groups: one row a group, by the number of earlier repeat purchases: customers, expected, actual (per customer).
    """
    names = [str(name) for name in groups.index]
    rows = [(text("bought_before"), text("customers"), text("expected"), text("came"))]
    rows += [
        (name, number(one.customers), f"{one.expected:.2f}", f"{one.actual:.2f}")
        for name, one in zip(names, groups.itertuples(), strict=True)
    ]
    totals = [float((groups["customers"] * groups[side]).sum()) for side in ("expected", "actual")]
    alt = text("holdout_alt", expected=f"{totals[0]:,.0f}", actual=f"{totals[1]:,.0f}",
               gap=f"{100 * (totals[1] / totals[0] - 1):+.0f}%")  # fmt: skip
    place = np.arange(len(groups))
    curves = [
        Curve(text("expected"), place, groups["expected"], look="line"),
        Curve(text("came"), place, groups["actual"], ink="target", look="dots"),
    ]
    return plot(name_of("expected_purchases"), alt, rows, curves, x_label=text("bought_before"), y_label=text("per_customer_again"),
                x_ticks=(list(place), names))  # fmt: skip


def alive(model: BgNbd, age: float, repeats: Sequence[int]) -> Chart:
    """How likely a customer is still active, by the days of silence: the same silence says different things.

    Args:
        model: what `kpi.fit_bgnbd` or `kpi.expected_purchases` found, in days.
        age: days since the customers' first purchase.
        repeats: numbers of repeat purchases to draw.
    """
    silence = np.linspace(0, age, 101)
    chances = {
        count: 100 * model.p_alive(np.full(101, count), age - silence, np.full(101, age)) for count in repeats
    }
    ask = [int(age * part) for part in (0.25, 0.5, 0.75)]
    rows = [(text("repeats"), *(text("after_silence", days=days) for days in ask))]
    rows += [
        (str(count), *(share(float(np.interp(days, silence, chance))) for days in ask))
        for count, chance in chances.items()
    ]
    alt = text("alive_alt", days=ask[1], parts=text("list_join").join(
        text("alive_part", n=count, share=share(float(np.interp(ask[1], silence, chance)))) for count, chance in chances.items()))  # fmt: skip
    curves = [Curve(text("n_repeats", n=count), silence, chance, ink=ink, look=look)
              for (count, chance), ink, look in zip(chances.items(), INKS, ("line", "dashed", "line", "dashed"), strict=False)]  # fmt: skip
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
    saved = np.linspace(0, 100, 101)
    most = (
        found.ratio / (found.cost_per_kept / found.cost_to_keep)
        if found.ratio and found.cost_per_kept and found.cost_to_keep
        else np.nan
    )
    rows = [(text("saved_share"), text("times_dearer"))]
    rows += [(f"{part}%", number(most * part / 100)) for part in (1, 5, 10, 25, 50, 100)]
    needed = text("holds_from", rule=f"1:{found.rule:g}", share=share(found.saved_needed)) if found.saved_needed is not None and found.saved_needed <= 100 \
        else text("holds_never", rule=f"1:{found.rule:g}")  # fmt: skip
    parity = (
        text("parity_from", share=share(found.saved_for_parity))
        if found.saved_for_parity is not None and found.saved_for_parity <= 100
        else ""
    )
    alt = sentences(text("ratio_alt", most=number(most)), needed, parity)
    return plot(name_of("acquisition_retention_ratio"), alt, rows, [Curve("", saved, most * saved / 100)], x_label=text("saved_share"),
                y_label=text("times_dearer"), limits=(0, max(most, found.rule) * 1.1),
                x_ticks=([0, 20, 40, 60, 80, 100], [f"{x}%" for x in (0, 20, 40, 60, 80, 100)]),
                lines=[("y", found.rule, text("rule_line", rule=f"1:{found.rule:g}")), ("y", 1, text("parity_line"))])  # fmt: skip


def gains(curves: Mapping[str, Sequence[RetentionProfit]], own: float) -> Chart:
    """What less leaving adds to the value of a customer, by how many stay now.

    Args:
        curves: results of `kpi.retention_profit` for rising retention, by the name of what they have in common.
        own: the own retention, 0 to 1.
    """
    rule = next(iter(curves.values()))[0].rule
    rows = [(text("retention_now"), *curves)]
    ask = sorted({0.5, 0.6, 0.7, 0.8, 0.9, own})
    lines = {name: ([100 * one.retention for one in some if one.gain is not None], [one.gain for one in some if one.gain is not None])
             for name, some in curves.items()}  # fmt: skip
    at = {
        name: {point: float(np.interp(100 * point, *line, right=np.nan)) for point in ask}
        for name, line in lines.items()
    }
    rows += [(f"{100 * point:.1f}%", *(f"{at[name][point]:+.1f}%" for name in curves)) for point in ask]
    alt = sentences(*(text("gain_alt", name=name, retention=share(100 * own), gain=f"{at[name][own]:+.1f}%",
                           verdict=text("reaches_rule" if at[name][own] >= rule else "misses_rule", rule=f"{rule:g}%")) for name in curves))  # fmt: skip
    drawn = [
        Curve(name, *line, ink=ink, look=look)
        for (name, line), ink, look in zip(lines.items(), INKS, ("line", "dashed", "line"), strict=False)
    ]
    return plot(name_of("retention_profit"), alt, rows, drawn, x_label=text("retention_now"), y_label=text("gain_in_value"),
                limits=(0, max(60, rule * 2)), tick="+{:.0f}%".format,
                x_ticks=([0, 20, 40, 60, 80, 100], [f"{x}%" for x in (0, 20, 40, 60, 80, 100)]),
                lines=[("y", rule, text("rule_line", rule=f"+{rule:g}%")), ("x", 100 * own, text("we_are_here", share=share(100 * own)))])  # fmt: skip
