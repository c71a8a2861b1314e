"""The chart of what changed between two rounds."""

from math import ceil

from matplotlib.axes import Axes

from cxassess.change import Change, Movement, Verdict
from cxassess.change_words import SYMBOLS, in_words, interval, name
from cxassess.charts.chart import ROW, Chart, canvas, colour, finished, style
from cxassess.explaining import level
from cxassess.language import say

INKS = {Verdict.IMPROVED: "good", Verdict.WORSE: "target", Verdict.CANNOT_TELL: "muted"}
MARKERS = {Verdict.IMPROVED: "^", Verdict.WORSE: "v", Verdict.CANNOT_TELL: "o"}


def change(found: Change) -> Chart:
    """Every element's change with its interval, by theme, and what can be said of it in a word and a sign."""
    model = found.after.model
    before, after = (some.answers.team.round or "–" for some in (found.before, found.after))
    title = say("change.chart", before=before, after=after)
    groups = [("", [found.index] if found.index else [])]
    groups += [
        (
            theme.id,
            [found.elements[one.id] for one in model.elements_of(theme.id) if one.id in found.elements],
        )
        for theme in model.themes.values()
    ]
    groups = [(id, some) for id, some in groups if some]
    shown = [one for _, some in groups for one in some]
    reach = max([1, *(ceil(max(abs(one.low), abs(one.high)) - 1e-9) for one in shown)])
    with style(model):
        figure, axes = canvas(ROW * max(1, len(shown) + sum(bool(id) for id, _ in groups)), title)
        y = 0.0
        for id, some in groups:
            if id:
                _theme(axes, found, id, y, reach)
                y += 1
            for one in some:
                _row(axes, found, one, y, reach)
                y += 1
        if not shown:
            axes.text(0, 0.5, say("change.nothing"), ha="center", va="center")
        axes.set_ylim(max(y, 1), -0.1)
        axes.set_xlim(-reach * 1.05, reach * 1.05)
        ticks = range(-reach, reach + 1)
        axes.set_xticks(ticks, [f"{one:+d}".replace("-", "−") if one else "0" for one in ticks])
        axes.tick_params(length=0)
        axes.set_xlabel(say("change.range"))
        return finished(figure, title, _alt(found), found.rows())


def _theme(axes: Axes, found: Change, id: str, y: float, reach: int) -> None:
    theme = found.after.model.themes[id]
    ink = colour(theme.colour)
    axes.text(-reach, y + 0.3, str(theme.name), weight="bold", color=ink, va="center", fontsize=11)
    if id in found.themes:
        _verdict(axes, found.themes[id], y + 0.3, reach)
    axes.plot([-reach, reach], [y + 0.58] * 2, color=ink, linewidth=1)


def _row(axes: Axes, found: Change, one: Movement, y: float, reach: int) -> None:
    axes.text(-reach, y + 0.2, name(found, one.id), va="center", weight="normal" if one.id else "bold")
    _verdict(axes, one, y + 0.2, reach)
    ink = colour(INKS[one.verdict])
    axes.plot([-reach, reach], [y + 0.66] * 2, color=colour("line"), linewidth=1, zorder=1)
    axes.plot([0, 0], [y + 0.46, y + 0.86], color=colour("ink"), linewidth=1.4, zorder=2)
    axes.plot(
        [one.low, one.high],
        [y + 0.66] * 2,
        color=ink,
        linewidth=4,
        alpha=0.45,
        solid_capstyle="round",
        zorder=3,
    )
    axes.scatter(
        [one.change], [y + 0.66], marker=MARKERS[one.verdict], s=60, color=ink, edgecolor="white", zorder=4
    )


def _verdict(axes: Axes, one: Movement, y: float, reach: int) -> None:
    sure = one.verdict != Verdict.CANNOT_TELL
    axes.text(
        reach, y, f"{SYMBOLS[one.verdict]} {say(f'change.{one.verdict}')}   {level(one.before)} → {level(one.after)}",
        va="center", ha="right", fontsize=9, color=colour(INKS[one.verdict]), weight="bold" if sure else "normal",
    )  # fmt: skip


def _alt(found: Change) -> str:
    if not found.elements:
        return say("change.nothing")
    having = {verdict: found.having(verdict) for verdict in Verdict}
    parts = [
        say("change.chart_alt", n=len(found.elements), improved=len(having[Verdict.IMPROVED]),
            worse=len(having[Verdict.WORSE]), unsure=len(having[Verdict.CANNOT_TELL]))
    ]  # fmt: skip
    sure = sorted(having[Verdict.IMPROVED] + having[Verdict.WORSE], key=lambda one: -abs(one.change))
    if sure:
        parts.append(say("change.chart_furthest", name=name(found, sure[0].id), interval=interval(sure[0])))
    if found.index:
        parts.append(say("change.chart_index", change=in_words(found.index)))
    return say("charts.sentences").join(parts)
