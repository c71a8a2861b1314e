"""Charts of what customers say: in which channels, about what, how loudly, and whose voice is missing."""

from typing import Any

import numpy as np
import pandas as pd

from cxassess.charts.chart import Chart
from cxassess.charts.marks import Bar, Cell, Curve, Mark, bars, grid, intervals, plot
from cxassess.charts.words import bounds, name_of, number, sentences, share, text
from cxassess.kpi.analysis import Findings
from cxassess.kpi.intervals import wilson
from cxassess.kpi.respondents import Representativeness
from cxassess.kpi.social import Listening


def channels(voices: pd.DataFrame, topic: str) -> Chart:
    """In how many of each channel's voices one topic comes up, period by period.

    Args:
        voices: one row a channel and period: channel, period (first day), voices, about (how many of them are
            about the topic).
        topic: what it is called.
    """
    counts = voices.pivot(index="channel", columns="period", values="about")
    part = (100 * counts / voices.pivot(index="channel", columns="period", values="voices")).loc[
        voices["channel"].unique()
    ]
    rows = [
        (text("channel"), text("period"), text("voices"), text("about_it"), text("share"), text("interval"))
    ]
    for one in voices.itertuples():
        low, high = wilson(one.about, one.voices, 0.95)
        rows.append((str(one.channel), f"{one.period:%Y-%m}", number(one.voices), number(one.about), share(100 * one.about / one.voices),
                     bounds(100 * float(low), 100 * float(high), "%")))  # fmt: skip
    cells = [
        [
            None
            if np.isnan(rate)
            else Cell(f"{counts.loc[name, at]:.0f}\n{share(rate)}", rate / np.nanmax(part.to_numpy()))
            for at, rate in line.items()
        ]
        for name, line in part.iterrows()
    ]
    alt = sentences(*(text("channels_alt", channel=name, period=f"{line.idxmax():%Y-%m}", share=share(line.max()), least=share(line.min()))
                      for name, line in part.iterrows()))  # fmt: skip
    return grid(text("channels_title", topic=topic), alt, rows, list(map(str, part.index)), [f"{start:%y-%m}" for start in part], cells,
                note=text("channels_note"))  # fmt: skip


def causes(found: Findings, weight: str | None = None) -> Chart:
    """Complaints by cause, the most frequent first, with the running total: a Pareto chart.

    Args:
        found: what `kpi.complaint_causes` returned.
        weight: what the weight is called, where one was given; its share is then drawn, too.
    """
    table = found.table.assign(
        cause=found.table["cause"].astype(object).where(found.table["cause"].notna(), text("unknown_cause"))
    )
    parts = ["share", *(["weight_share"] if weight else [])]
    longest = table[parts].to_numpy().max()
    inks = table["vital"].map({True: "accent", False: "muted"})
    items = [
        Bar(one.cause, share(one.share) if not weight else f"{share(one.share)} / {share(one.weight_share)}",
            [(one.share / longest, ink), *([(one.weight_share / longest, "target")] if weight else [])],
            text("cause_note", n=number(one.complaints), total=share(one.cumulative_share)))
        for one, ink in zip(table.itertuples(), inks, strict=True)
    ]  # fmt: skip
    rows = [
        (
            text("cause"),
            text("complaints"),
            text("share"),
            text("interval"),
            text("running_total"),
            *([weight] if weight else []),
        )
    ]
    rows += [(one.cause, number(one.complaints), share(one.share), bounds(one.low, one.high, "%"), share(one.cumulative_share),
              *([share(one.weight_share)] if weight else [])) for one in table.itertuples()]  # fmt: skip
    vital = table[table["vital"]]
    alt = text("causes_alt", n=number(found.n), first=table["cause"].iloc[0], first_share=share(table["share"].iloc[0]),
               few=len(vital), of=len(table), total=share(vital["share"].sum()))  # fmt: skip
    if weight:
        heaviest = table["weight_share"].idxmax()
        alt = sentences(
            alt,
            text(
                "causes_weight_alt",
                weight=weight,
                cause=table["cause"][heaviest],
                share=share(table["weight_share"][heaviest]),
            ),
        )
    key = [
        (text("vital_few"), "accent"),
        (text("other_causes"), "muted"),
        *([(text("share_of", what=weight), "target")] if weight else []),
    ]
    return bars(name_of("complaint_causes"), alt, rows, items, key=key)


def rising(found: Findings) -> Chart:
    """By what factor each cause has become more frequent, and whether that is more than chance.

    Args:
        found: what `kpi.rising_causes` returned.
    """
    table = found.table
    items = [
        Mark(str(one.cause), text("before_after", before=number(one.before), after=number(one.after)),
             one.ratio if 0 < one.ratio < np.inf else None, max(one.low, 1e-3), min(one.high, 1e6), "target" if one.rising else "muted")
        for one in table.itertuples()
    ]  # fmt: skip
    rows = [(text("cause"), text("before"), text("then"), text("factor"), text("interval"), "p")]
    rows += [(str(one.cause), number(one.before), number(one.after), "∞" if np.isinf(one.ratio) else number(one.ratio),
              bounds(one.low, one.high), f"{one.p:.2g}") for one in table.itertuples()]  # fmt: skip
    up = table[table["rising"]]
    alt = sentences(*(text("rising_alt", cause=one.cause, factor="∞" if np.isinf(one.ratio) else number(one.ratio),
                           bounds=bounds(one.low, one.high)) for one in up.itertuples())) or text("rising_none")  # fmt: skip
    return intervals(text("rising_title"), alt, rows, items, note=text("rising_note"), line=(1, text("as_before")), log=True,
                     limits=(0.05, 200), tick="×{:g}".format, key=[(text("is_rising"), "target"), (text("not_rising"), "muted")])  # fmt: skip


def mentions(found: Listening) -> Chart:
    """How many posts there were in each period, beside how many were to be expected.

    Args:
        found: what `kpi.social_listening` returned.
    """
    table = found.table
    place, days = np.arange(len(table)), [f"{day:%Y-%m}" for day in table["period"]]
    rows = [(text("period"), text("mentions"), text("expected"), text("stands_out"))]
    rows += [
        (day, number(one.mentions), number(one.expected), text("yes") if one.spike else "–")
        for day, one in zip(days, table.itertuples(), strict=True)
    ]
    spikes = table["spike"].to_numpy(bool)
    curves = [Curve(text("mentions"), place[~spikes], table["mentions"][~spikes], ink="accent", look="bars")]
    if spikes.any():
        curves.append(
            Curve(text("stands_out"), place[spikes], table["mentions"][spikes], ink="target", look="bars")
        )
    curves.append(Curve(text("expected"), place, table["expected"], ink="ink", look="dashed"))
    highest = int(table["mentions"].idxmax())
    alt = sentences(text("mentions_alt", n=number(found.n), high=number(table["mentions"][highest]), at=days[highest]),
                    text("spikes_alt", at=text("list_join").join(days[one] for one in np.flatnonzero(spikes))) if spikes.any() else text("spikes_none"))  # fmt: skip
    return plot(text("mentions_title"), alt, rows, curves, x_ticks=_some(place, days))


def tone(found: Listening) -> Chart:
    """What part of the posts that were classified is unfavourable, with its intervals.

    Args:
        found: what `kpi.social_listening` returned.
    """
    table = found.table[found.table["classified"] > 0].reset_index(drop=True)
    place, days = np.arange(len(table)), [f"{day:%Y-%m}" for day in table["period"]]
    rows = [(text("period"), text("classified"), text("unfavourable"), text("interval"))]
    rows += [(day, number(one.classified), share(one.unfavourable), bounds(one.unfavourable_low, one.unfavourable_high, "%"))
             for day, one in zip(days, table.itertuples(), strict=True)]  # fmt: skip
    low, high = table["unfavourable"].idxmin(), table["unfavourable"].idxmax()
    alt = text(
        "tone_alt",
        low=share(table["unfavourable"][low]),
        low_at=days[low],
        high=share(table["unfavourable"][high]),
        high_at=days[high],
    )
    curve = Curve(
        "",
        place,
        table["unfavourable"],
        table["unfavourable_low"],
        table["unfavourable_high"],
        ink="target",
        look="dots",
    )
    return plot(
        text("tone_title"),
        alt,
        rows,
        [curve],
        x_ticks=_some(place, days),
        limits=(0, 100),
        tick="{:g}%".format,
    )


def heard(found: Representativeness, variable: str) -> Chart:
    """Who answers: the response rate of each group of customers, beside that of all.

    Args:
        found: what `kpi.representativeness` returned.
        variable: one of its variables.
    """
    table = found.table[found.table["variable"] == variable]
    table = table.assign(group=table["group"].astype(object).where(table["group"].notna(), text("not_known")))
    inks = {"none": "target", "under": "target", "fair": "muted", "over": "accent"}
    items = [Mark(str(one.group), f"{share(one.response_rate)}  ×{one.ratio:.2f}", one.response_rate, one.low, one.high, inks[one.heard])
             for one in table.itertuples()]  # fmt: skip
    rows = [
        (
            text("group"),
            text("customers"),
            text("respondents"),
            text("base_share"),
            text("heard_share"),
            text("ratio"),
        )
    ]
    rows += [(str(one.group), number(one.customers), number(one.respondents), share(one.base_share), share(one.share), f"{one.ratio:.2f}")
             for one in table.itertuples()]  # fmt: skip
    least = table.loc[table["ratio"].idxmin()]
    few = table.loc[table["heard"].isin(["none", "under"]), "group"]
    alt = sentences(
        text(
            "heard_alt",
            group=least["group"],
            base=share(least["base_share"]),
            share=share(least["share"]),
            ratio=f"{least['ratio']:.2f}",
        ),
        text("heard_few", groups=text("list_join").join(map(str, few))) if len(few) else text("heard_fair"),
    )
    whole = 100 * found.respondents / found.n
    key = [(text("heard_under"), "target"), (text("heard_as"), "muted"), (text("heard_over"), "accent")]
    return intervals(name_of("representativeness"), alt, rows, items, note=text("heard_note"), tick="{:g}%".format,
                     line=(whole, text("all_customers", share=share(whole))), key=key)  # fmt: skip


def targets(found: Findings, aim: float, title: str) -> Chart:
    """Who or what is rated below the aim, above it, or cannot be told apart from it.

    Args:
        found: what `kpi.voice_targets` returned with one group column.
        aim: the rating to reach.
        title: what is rated.
    """
    table = found.table
    inks = {"below": "target", "above": "good", "cannot_tell": "muted"}
    items = [
        Mark(_name(one), f"{one.rating:.2f}", one.rating, one.low, one.high, inks[one.verdict])
        for one in table.itertuples()
    ]
    rows = [(title, text("n"), text("rating"), text("interval"), text("verdict"), text("ratings_needed"))]
    rows += [(_name(one), number(one.n), f"{one.rating:.2f}", bounds(one.low, one.high), text(f"verdict_{one.verdict}"), number(one.ratings_needed))
             for one in table.itertuples()]  # fmt: skip
    groups = {
        verdict: text("list_join").join(_name(one) for one in table.itertuples() if one.verdict == verdict)
        for verdict in inks
    }
    alt = sentences(
        *(
            text(f"targets_{verdict}", names=names, aim=f"{aim:g}")
            for verdict, names in groups.items()
            if names
        )
    )
    key = [(text(f"verdict_{verdict}"), ink) for verdict, ink in inks.items()]
    return intervals(
        title, alt, rows, items, line=(aim, text("aim", aim=f"{aim:g}")), key=key, note=text("targets_note")
    )


def _name(row: Any) -> str:
    return str(row[1])


def _some(place: Any, days: list[str]) -> tuple[list[float], list[str]]:
    every = max(1, -(-len(days) // 6))
    return list(place[::every]), days[::every]
