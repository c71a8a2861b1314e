"""Charts of a cohort: teams by elements, what moved, and how far practices have come."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from cxassess.charts.chart import ROW, WIDTH, Chart, canvas, colour, finished, style
from cxassess.charts.wrapping import wrap
from cxassess.cohort import Cohort, CohortElement, words
from cxassess.cohort.disclosure import Cell, Spread, Standing
from cxassess.cohort.page import band_colours
from cxassess.language import say

SIDE = 0.2
NAMES = 1.3
"""Inches for the teams' names."""
HEADS = 1.55
"""Inches for the elements' names, which stand upright."""
MOST_NAMED = 80
"""With more teams a row gets too thin for a name; the table beside the picture has them all."""
INKS = {Standing.IN_PLACE: "level5", Standing.UNDER_WAY: "level3", Standing.NOT_YET: "level1"}


def cohort(found: Cohort) -> Chart:
    """Teams by elements: the score's band as a colour and a word, a hatched dash where it is withheld."""
    model, teams, ids = found.model, found.teams, words.ordered(found)
    named = len(teams) <= MOST_NAMED
    row = 0.24 if named else 10 / len(teams)
    fills = band_colours(model)
    title = say("cohort.heat")
    height = row * len(teams)
    total = height + HEADS + 0.95
    with style(model):
        figure = Figure(figsize=(WIDTH, total))
        figure.text(SIDE / WIDTH, 1 - 0.24 / total, title, weight="bold", fontsize=12, va="center")
        width = WIDTH - 2 * SIDE - NAMES
        axes = figure.add_axes(
            ((SIDE + NAMES) / WIDTH, 0.55 / total, width / WIDTH, height / total),
            xlim=(0, len(ids)),
            ylim=(max(len(teams), 1), 0),
        )
        axes.set_axis_off()
        wide = width / len(ids)
        _heads(axes, found, ids, row)
        if named:
            for y, team in enumerate(teams):
                axes.text(-0.1 / wide, y + 0.5, wrap(team.name, NAMES - 0.12, 8, 1)[0], fontsize=8,
                          ha="right", va="center_baseline")  # fmt: skip
                for x, id in enumerate(ids):
                    _cell(axes, team.elements[id], (x, y), fills, model.levels)
        else:
            lines = wrap(say("cohort.hidden_names", n=len(teams)), NAMES - 0.15, 8)
            axes.text(-0.1 / wide, 0, "\n".join(lines), fontsize=8, ha="right", va="top")
            _thin_rows(axes, found, ids, fills)
        _key(figure, found, fills)
        return finished(figure, title, words.heat_alt(found), words.heat_rows(found))


def _heads(axes: Axes, found: Cohort, ids: Sequence[str], row: float) -> None:
    """The elements' names, upright, in their themes' colours."""
    model = found.model
    for x, id in enumerate(ids):
        ink = colour(model.themes[model.elements[id].theme].colour)
        lines = wrap(str(model.elements[id].name), HEADS - 0.15, 8, 2)
        axes.text(x + 0.5, -0.07 / row, "\n".join(lines), rotation=90, fontsize=8, ha="center", va="bottom",
                  color=ink, linespacing=1.0)  # fmt: skip
        axes.plot([x + 0.06, x + 0.94], [-0.03 / row] * 2, color=ink, linewidth=2, clip_on=False)


def _thin_rows(axes: Axes, found: Cohort, ids: Sequence[str], fills: Sequence[tuple[str, str]]) -> None:
    """Rows too thin for words, as one image."""
    inks = [
        [fills[cell.band][0] if (cell := team.elements[id]) else colour("paper") for id in ids]
        for team in found.teams
    ]
    axes.imshow(
        to_rgba_array([one for row in inks for one in row]).reshape(len(inks), len(ids), 4),
        extent=(0, len(ids), len(inks), 0), aspect="auto", interpolation="nearest",
    )  # fmt: skip


def _cell(
    axes: Axes, cell: Cell | None, at: tuple[int, int], fills: Sequence[tuple[str, str]], levels: int
) -> None:
    x, y = at
    fill, edge, ink = (
        (fills[cell.band][0], "paper", fills[cell.band][1])
        if cell
        else (colour("paper"), "line", colour("muted"))
    )
    axes.add_patch(
        Rectangle(
            at, 1, 1, facecolor=fill, edgecolor=colour(edge), linewidth=0.6, hatch=None if cell else "////"
        )
    )
    wide = cell is not None and cell.spread == Spread.WIDE
    axes.text(
        x + 0.5, y + 0.5, words.cell_name(cell, levels).replace(" ", ""), fontsize=6.4 if wide else 7, ha="center",
        va="center_baseline", color=ink, bbox=None if cell else {"facecolor": fill, "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip


def _key(figure: Figure, found: Cohort, fills: Sequence[tuple[str, str]]) -> None:
    parts = [
        Patch(facecolor=fill, edgecolor=colour("line"), label=words.band_name(place, found.model.levels))
        for place, (fill, _) in enumerate(fills)
    ]
    parts.append(
        Patch(facecolor=colour("paper"), edgecolor=colour("line"), hatch="////", label=f"– {say('cohort.key_withheld')}")
    )  # fmt: skip
    parts.append(
        Patch(facecolor="none", edgecolor="none", label=f"{words.WIDE} {say('cohort.key_wide')}"),
    )
    figure.legend(
        handles=parts, loc="lower left", bbox_to_anchor=(SIDE / WIDTH, 0.01), ncols=len(parts), frameon=False,
        fontsize=7.5, handlelength=1.1, handletextpad=0.35, columnspacing=0.8, borderaxespad=0.3,
    )  # fmt: skip


def cohort_progress(found: Cohort) -> Chart:
    """By element: how many teams moved up to the right, how many down to the left, and what can be said of it."""
    some = words.compared(found)
    title = say("cohort.progress")
    reach = max([1, *(max(one.up, one.down) for one in some)]) * 1.2
    with style(found.model):
        figure, axes = canvas(ROW * max(len(some), 1), title)
        for y, one in enumerate(some):
            _progress_row(axes, found, one, y, reach)
        if not some:
            axes.text(0, 0.5, say("cohort.no_progress"), ha="center", va="center")
        axes.set_ylim(max(len(some), 1), -0.1)
        axes.set_xlim(-reach, reach)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        lines = wrap(say("cohort.progress_note"), WIDTH - 0.6, 8, 3)
        axes.text(
            -reach, max(len(some), 1) + 0.1, "\n".join(lines), fontsize=8, color=colour("muted"), va="top"
        )
        return finished(figure, title, words.progress_alt(found), words.progress_rows(found))


def _progress_row(axes: Axes, found: Cohort, one: CohortElement, y: float, reach: float) -> None:
    axes.text(-reach, y + 0.2, str(found.model.elements[one.id].name), va="center")
    axes.text(
        reach, y + 0.2, words.verdict(one), ha="right", va="center", fontsize=9,
        weight="normal" if one.p > 0.05 else "bold", color=colour("ink"),
    )  # fmt: skip
    axes.plot([-reach, reach], [y + 0.66] * 2, color=colour("line"), linewidth=0.8, zorder=1)
    for n, side, ink, sign in ((one.up, 1, "good", "▲"), (one.down, -1, "target", "▼")):
        axes.barh(y + 0.66, side * n, height=0.28, color=colour(ink), zorder=2)
        axes.text(side * (n + reach * 0.015), y + 0.66, f"{sign} {n}", fontsize=8.5, va="center_baseline",
                  ha="left" if side > 0 else "right", color=colour(ink), zorder=3,
                  bbox={"facecolor": colour("paper"), "edgecolor": "none", "pad": 0.8})  # fmt: skip
    axes.plot([0, 0], [y + 0.46, y + 0.86], color=colour("ink"), linewidth=1.4, zorder=4)


def cohort_practices(found: Cohort) -> Chart:
    """By function: in how many teams its practices are in place, on trial or not yet begun."""
    title = say("cohort.practices")
    names = found.model.functions
    with style(found.model):
        figure, axes = canvas(ROW * len(found.functions), title)
        for y, (id, counts) in enumerate(found.functions.items()):
            total, left = sum(counts.values()), 0.0
            axes.text(0, y + 0.22, str(names[id].name), va="center")
            if not total:
                axes.text(0.01, y + 0.66, say("cohort.withheld"), va="center", color=colour("muted"))
                continue
            for one, ink in INKS.items():
                share = counts[one] / total
                axes.barh(
                    y + 0.66, share, left=left, height=0.34, color=colour(ink), edgecolor=colour("paper")
                )
                if share >= 0.05:
                    axes.text(left + share / 2, y + 0.67, str(counts[one]), ha="center", va="center", fontsize=8.5,
                              color=colour("paper" if one == Standing.IN_PLACE else "ink"))  # fmt: skip
                left += share
        axes.set_xlim(0, 1)
        axes.set_ylim(len(found.functions), -0.1)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        for one, ink in INKS.items():
            axes.barh([0], [0], color=colour(ink), label=say(f"cohort.{one}"))
        figure.legend(
            loc="lower left", bbox_to_anchor=(0.03, 0.2 / figure.get_size_inches()[1]), ncols=3, frameon=False, fontsize=9,
        )  # fmt: skip
        return finished(figure, title, words.practices_alt(found), words.practice_rows(found))
