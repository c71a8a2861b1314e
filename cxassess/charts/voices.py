"""Charts of what customers say: in which channels, about what, how loudly, and whose voice is missing."""

from typing import Any

import numpy as np
import pandas as pd

from cxassess.charts.chart import Chart
from cxassess.charts.labels import bounds, number, sentences, share, text
from cxassess.charts.marks import Bar, Cell, Curve, Mark, bars, grid, intervals, plot
from cxassess.kpi.analysis import Findings
from cxassess.kpi.estimate import metric_name
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
    table: Any = voices
    rows = [tuple(map(text, ("channel", "period", "voices", "about_it", "share", "interval")))]
    for one in table.itertuples():
        low, high = (100 * float(end) for end in wilson(one.about, one.voices, 0.95))
        part = share(100 * one.about / one.voices)
        rows.append(
            (
                one.channel,
                f"{one.period:%Y-%m}",
                number(one.voices),
                number(one.about),
                part,
                bounds(low, high, "%"),
            )
        )
    counts = table.pivot(index="channel", columns="period", values="about").loc[table["channel"].unique()]
    parts = 100 * counts / table.pivot(index="channel", columns="period", values="voices")
    parts, highest = parts.loc[counts.index], float(np.nanmax(parts.to_numpy()))
    cells = [
        [
            None if np.isnan(rate) else Cell(f"{n:.0f}\n{share(rate)}", rate / highest)
            for n, rate in zip(line, rates, strict=True)
        ]
        for line, rates in zip(counts.to_numpy(), parts.to_numpy(), strict=True)
    ]
    alt = sentences(
        *(text("channels_alt", channel=name, period=f"{line.idxmax():%Y-%m}", share=share(line.max()), least=share(line.min()))
          for name, line in parts.iterrows())
    )  # fmt: skip
    title, names = text("channels_title", topic=topic), [str(name) for name in parts.index]
    return grid(
        title, alt, rows, names, [f"{start:%y-%m}" for start in parts], cells, note=text("channels_note")
    )


def causes(found: Findings, weight: str = "") -> Chart:
    """Complaints by cause, the most frequent first, with the running total: a Pareto chart.

    Args:
        found: what `kpi.complaint_causes` returned.
        weight: what the weight is called, where one was given; its share is then drawn, too.
    """
    table: Any = found.table
    table = table.assign(
        cause=table["cause"].astype(object).where(table["cause"].notna(), text("unknown_cause"))
    )
    head = [
        *map(text, ("cause", "complaints", "share", "interval", "running_total")),
        *([weight] if weight else []),
    ]
    rows, items = [tuple(head)], []
    longest = table[["share", *(["weight_share"] if weight else [])]].to_numpy().max()
    for one in table.itertuples():
        n, total, heavy = (
            number(one.complaints),
            share(one.cumulative_share),
            [one.weight_share] if weight else [],
        )
        rows.append(
            (one.cause, n, share(one.share), bounds(one.low, one.high, "%"), total, *map(share, heavy))
        )
        parts = [
            (one.share / longest, "accent" if one.vital else "muted"),
            *((part / longest, "target") for part in heavy),
        ]
        value = " / ".join(map(share, [one.share, *heavy]))
        items.append(Bar(one.cause, value, parts, text("cause_note", n=n, total=total)))
    vital = table[table["vital"]]
    alt = text(
        "causes_alt", n=number(found.n), first=rows[1][0], first_share=rows[1][2], few=len(vital), of=len(table),
        total=share(vital["share"].sum()),
    )  # fmt: skip
    key = [(text("vital_few"), "accent"), (text("other_causes"), "muted")]
    if weight:
        heaviest = rows[1 + int(table["weight_share"].argmax())]
        alt = sentences(alt, text("causes_weight_alt", weight=weight, cause=heaviest[0], share=heaviest[-1]))
        key.append((text("share_of", what=weight), "target"))
    return bars(metric_name("complaint_causes"), alt, rows, items, key=key)


def rising(found: Findings) -> Chart:
    """By what factor each cause has become more frequent, and whether that is more than chance.

    Args:
        found: what `kpi.rising_causes` returned.
    """
    table: Any = found.table
    rows, items, parts = [(*map(text, ("cause", "before", "then", "factor", "interval")), "p")], [], []
    for one in table.itertuples():
        before, after, span = number(one.before), number(one.after), bounds(one.low, one.high)
        factor = "∞" if np.isinf(one.ratio) else number(one.ratio)
        rows.append((one.cause, before, after, factor, span, f"{one.p:.2g}"))
        value = one.ratio if 0 < one.ratio < np.inf else None
        ink = "target" if one.rising else "muted"
        items.append(
            Mark(
                one.cause,
                text("before_after", before=before, after=after),
                value,
                max(one.low, 1e-3),
                min(one.high, 1e6),
                ink,
            )
        )
        if one.rising:
            parts.append(text("rising_alt", cause=one.cause, factor=factor, bounds=span))
    return intervals(
        text("rising_title"), sentences(*parts) or text("rising_none"), rows, items, note=text("rising_note"),
        line=(1, text("as_before")), log=True, limits=(0.05, 200), tick="×{:g}".format,
        key=[(text("is_rising"), "target"), (text("not_rising"), "muted")],
    )  # fmt: skip


def mentions(found: Listening) -> Chart:
    """How many posts there were in each period, beside how many were to be expected.

    Args:
        found: what `kpi.social_listening` returned.
    """
    table: Any = found.table
    place, days = np.arange(len(table)), [f"{day:%Y-%m}" for day in table["period"]]
    rows = [tuple(map(text, ("period", "mentions", "expected", "stands_out")))]
    for day, one in zip(days, table.itertuples(), strict=True):
        rows.append((day, number(one.mentions), number(one.expected), text("yes") if one.spike else "–"))
    spikes, posts = table["spike"].to_numpy(bool), table["mentions"].to_numpy()
    curves = [Curve(text("mentions"), place[~spikes], posts[~spikes], look="bars")]
    if spikes.any():
        curves.append(Curve(text("stands_out"), place[spikes], posts[spikes], ink="target", look="bars"))
    curves.append(Curve(text("expected"), place, table["expected"], ink="ink", look="dashed"))
    highest = int(np.nanargmax(posts))
    alt = text("mentions_alt", n=number(found.n), high=number(posts[highest]), at=days[highest])
    loud = text("list_join").join(day for day, spike in zip(days, spikes, strict=True) if spike)
    alt = sentences(alt, text("spikes_alt", at=loud) if loud else text("spikes_none"))
    return plot(text("mentions_title"), alt, rows, curves, x_ticks=_some(days))


def tone(found: Listening) -> Chart:
    """What part of the posts that were classified is unfavourable, with its intervals.

    Args:
        found: what `kpi.social_listening` returned.
    """
    table: Any = found.table[found.table["classified"] > 0]
    days, part = [f"{day:%Y-%m}" for day in table["period"]], table["unfavourable"].to_numpy()
    low, high = (table[f"unfavourable_{side}"].to_numpy() for side in ("low", "high"))
    rows = [tuple(map(text, ("period", "classified", "unfavourable", "interval")))]
    for place, day in enumerate(days):
        span = bounds(low[place], high[place], "%")
        rows.append((day, number(table["classified"].iloc[place]), share(part[place]), span))
    least, most = int(part.argmin()), int(part.argmax())
    alt = text(
        "tone_alt", low=share(part[least]), low_at=days[least], high=share(part[most]), high_at=days[most]
    )
    curve = Curve("", range(len(days)), part, low, high, ink="target", look="dots")
    return plot(
        text("tone_title"), alt, rows, [curve], x_ticks=_some(days), limits=(0, 100), tick="{:g}%".format
    )


def heard(found: Representativeness, variable: str) -> Chart:
    """Who answers: the response rate of each group of customers, beside that of all.

    Args:
        found: what `kpi.representativeness` returned.
        variable: one of its variables.
    """
    table: Any = found.table[found.table["variable"] == variable]
    table = table.assign(group=table["group"].astype(object).where(table["group"].notna(), text("not_known")))
    inks = {"none": "target", "under": "target", "fair": "muted", "over": "accent"}
    rows = [tuple(map(text, ("group", "customers", "respondents", "base_share", "heard_share", "ratio")))]
    items = []
    for one in table.itertuples():
        ratio = f"{one.ratio:.2f}"
        rows.append(
            (
                str(one.group),
                number(one.customers),
                number(one.respondents),
                share(one.base_share),
                share(one.share),
                ratio,
            )
        )
        rate = one.response_rate
        items.append(
            Mark(str(one.group), f"{share(rate)}  ×{ratio}", rate, one.low, one.high, inks[one.heard])
        )
    least = rows[1 + int(table["ratio"].argmin())]
    few = text("list_join").join(map(str, table.loc[table["heard"].isin(["none", "under"]), "group"]))
    alt = sentences(
        text("heard_alt", group=least[0], base=least[3], share=least[4], ratio=least[5]),
        text("heard_few", groups=few) if few else text("heard_fair"),
    )
    whole = 100 * found.respondents / found.n
    key = [(text("heard_under"), "target"), (text("heard_as"), "muted"), (text("heard_over"), "accent")]
    return intervals(
        metric_name("representativeness"), alt, rows, items, note=text("heard_note"), tick="{:g}%".format,
        line=(whole, text("all_customers", share=share(whole))), key=key,
    )  # fmt: skip


def targets(found: Findings, aim: float, title: str) -> Chart:
    """Who or what is rated below the aim, above it, or cannot be told apart from it.

    Args:
        found: what `kpi.voice_targets` returned with one group column.
        aim: the rating to reach.
        title: what is rated.
    """
    table: Any = found.table
    inks = {"below": "target", "above": "good", "cannot_tell": "muted"}
    rows = [(title, *map(text, ("n", "rating", "interval", "verdict", "ratings_needed")))]
    items, groups = [], dict[str, list[str]]()
    for one in table.itertuples():
        name, rating, span = str(one[1]), f"{one.rating:.2f}", bounds(one.low, one.high)
        rows.append(
            (name, number(one.n), rating, span, text(f"verdict_{one.verdict}"), number(one.ratings_needed))
        )
        items.append(Mark(name, rating, one.rating, one.low, one.high, inks[one.verdict]))
        groups.setdefault(one.verdict, []).append(name)
    told = {verdict: text("list_join").join(names) for verdict, names in groups.items()}
    alt = sentences(
        *(text(f"targets_{verdict}", names=names, aim=f"{aim:g}") for verdict, names in told.items())
    )
    key = [(text(f"verdict_{verdict}"), ink) for verdict, ink in inks.items()]
    line = (aim, text("aim", aim=f"{aim:g}"))
    return intervals(title, alt, rows, items, line=line, key=key, note=text("targets_note"))


def _some(days: list[str]) -> tuple[list[float], list[str]]:
    """About six ticks."""
    every = max(1, -(-len(days) // 6))
    return [float(place) for place in range(0, len(days), every)], days[::every]
