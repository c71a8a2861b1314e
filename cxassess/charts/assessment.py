"""Charts of a team's assessment."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxassess.charts.chart import ROW, Chart, canvas, colour, finished, style
from cxassess.explaining import level, percent, withheld
from cxassess.language import say
from cxassess.model import Model
from cxassess.scoring import ElementScore, Result, Tally


def elements(result: Result) -> Chart:
    """Every element: each respondent as a dot, the mean, and the target. The disagreement is the point."""
    model = result.model
    title = say("charts.elements")
    with style(result.model):
        order = [(theme, model.elements_of(theme.id)) for theme in model.themes.values()]
        height = ROW * sum(1 + len(some) for _, some in order)
        figure, axes = canvas(height, title)
        y = 0.0
        for theme, some in order:
            ink = colour(theme.colour)
            axes.text(1, y + 0.30, str(theme.name), weight="bold", color=ink, va="center", fontsize=11)
            axes.axhline(y + 0.58, color=ink, linewidth=1)
            y += 1
            for element in some:
                _element_row(axes, result.elements[element.id], str(element.name), y, ink)
                y += 1
        _levels(axes, model.levels, y)
        _legend(axes)
        return finished(figure, title, _elements_alt(result), _elements_rows(result))


def themes(result: Result) -> Chart:
    """Every theme's mean on the scale, and the index."""
    model = result.model
    title = say("charts.themes")
    with style(model):
        parts = [
            (str(model.themes[id].name), colour(model.themes[id].colour), one)
            for id, one in result.themes.items()
        ]
        parts.append((say("result.index"), colour("ink"), result.index))
        figure, axes = canvas(ROW * len(parts), title)
        for y, (name, ink, one) in enumerate(parts):
            axes.text(1, y + 0.22, name, va="center", weight="bold" if not one.id else "normal")
            axes.barh(y + 0.66, model.levels - 1, left=1, height=0.26, color=colour("wash"))
            if one.score is None:
                axes.text(1.03, y + 0.66, withheld(one), va="center", fontsize=8.5, color=colour("muted"))
                continue
            axes.barh(y + 0.66, one.score - 1, left=1, height=0.26, color=ink)
            axes.text(model.levels, y + 0.22, level(one.score), va="center", ha="right", weight="bold")
        _levels(axes, model.levels, len(parts))
        rows = [(say("charts.theme"), say("charts.score"), say("charts.coverage"))]
        rows += [(name, level(one.score), percent(one.coverage)) for name, _, one in parts]
        alt = say("charts.join").join(
            say("charts.is", name=name, value=level(one.score) if one.score is not None else withheld(one))
            for name, _, one in parts
        )
        return finished(figure, title, alt, rows)


def practices(result: Result) -> Chart:
    """How far the practices have come, by function: every answer about every practice, added up."""
    functions = result.model.functions
    groups = {
        str(function.name): [
            result.practices[practice.id] for practice in result.model.practices_of(function.id)
        ]
        for function in functions.values()
    }
    return _stacked(result, "practice", groups, say("charts.practices"))


def readiness(result: Result) -> tuple[Chart, Chart]:
    """The conditions of success, and the likely causes of failure."""
    conditions = {str(result.model.conditions[id].name): [one] for id, one in result.conditions.items()}
    causes = {str(result.model.causes[id].name): [one] for id, one in result.causes.items()}
    return (
        _stacked(result, "condition", conditions, say("charts.conditions")),
        _stacked(result, "cause", causes, say("charts.causes")),
    )


def _levels(axes: Axes, levels: int, bottom: float) -> None:
    axes.set_xlim(0.5, levels + 0.5)
    axes.set_ylim(bottom, -0.1)
    axes.set_xticks(range(1, levels + 1))
    axes.tick_params(length=0)


def _element_row(axes: Axes, one: ElementScore, name: str, y: float, ink: str) -> None:
    levels = len(one.counts)
    axes.text(1, y + 0.2, name, va="center")
    axes.plot([1, levels], [y + 0.66] * 2, color=colour("line"), linewidth=1.2, zorder=1)
    if one.score is None:
        axes.text(
            levels, y + 0.2, withheld(one), va="center", ha="right", fontsize=8.5, color=colour("muted")
        )
    else:
        axes.text(levels, y + 0.2, level(one.score), va="center", ha="right", weight="bold")
    for rating, count in enumerate(one.counts, 1):
        _dots(axes, rating, y + 0.66, count, ink)
    axes.plot([one.target] * 2, [y + 0.46, y + 0.86], color=colour("target"), linewidth=2.2, zorder=2)
    if one.score is not None:
        axes.scatter([one.score], [y + 0.45], marker="v", s=46, color=ink, linewidth=0, zorder=4)


def _dots(axes: Axes, x: float, y: float, count: int, ink: str, most: int = 12) -> None:
    """A dot per respondent in a short row around the level; beyond `most` one dot with their number."""
    if count > most:
        axes.scatter([x], [y], s=190, facecolor=colour("paper"), edgecolor=ink, linewidth=1.3, zorder=3)
        axes.text(x, y, str(count), ha="center", va="center_baseline", fontsize=8, zorder=4)
        return
    gap = min(0.075, 0.8 / max(count, 1))
    places = [x + gap * (number - (count - 1) / 2) for number in range(count)]
    axes.scatter(places, [y] * count, s=30, facecolor=colour("paper"), edgecolor=ink, linewidth=1.3, zorder=3)


def _legend(axes: Axes) -> None:
    ink = colour("muted")
    axes.scatter(
        [], [], s=30, facecolor=colour("paper"), edgecolor=ink, linewidth=1.3, label=say("charts.respondent")
    )
    axes.scatter([], [], marker="v", s=46, color=ink, label=say("charts.mean"))
    axes.plot([], [], color=colour("target"), linewidth=2.2, label=say("charts.target"))
    _place_legend(axes, 3)


def _place_legend(axes: Axes, columns: int) -> None:
    figure = axes.get_figure()
    height = axes.get_position().height * (figure.get_size_inches()[1] if isinstance(figure, Figure) else 1)
    axes.legend(
        loc="upper left", bbox_to_anchor=(-0.02, -0.27 / height), ncols=columns, frameon=False, fontsize=9,
        handletextpad=0.4, columnspacing=1.4, borderaxespad=0,
    )  # fmt: skip


def _stacked(result: Result, scale: str, groups: Mapping[str, Sequence[Tally]], title: str) -> Chart:
    """One bar per group, from the scale's lowest choice to its highest, as shares of the answers given."""
    choices = result.model.scales[scale].choices
    names = [str(choice.name) for choice in choices]
    steps = 5
    rows: list[tuple[str, ...]] = [("", *names, say("charts.answers"))]
    with style(result.model):
        inks = [
            colour(f"level{round(1 + position * (steps - 1) / (len(choices) - 1))}")
            for position in range(len(choices))
        ]
        figure, axes = canvas(ROW * len(groups), title)
        for y, (name, tallies) in enumerate(groups.items()):
            counts = [sum(one.counts[choice.value] for one in tallies) for choice in choices]
            total = sum(counts)
            axes.text(0, y + 0.22, name, va="center")
            axes.text(1, y + 0.22, say("charts.n_answers", n=total), va="center", ha="right", fontsize=8.5,
                      color=colour("muted"))  # fmt: skip
            left = 0.0
            for count, ink in zip(counts, inks, strict=True):
                share = count / total if total else 0
                axes.barh(
                    y + 0.66, share, left=left, height=0.34, color=ink, edgecolor=colour("paper"), linewidth=1
                )
                if share >= 0.08:
                    dark = ink in (colour("level4"), colour("level5"))
                    axes.text(left + share / 2, y + 0.67, str(count), ha="center", va="center", fontsize=8.5,
                              color=colour("paper") if dark else colour("ink"))  # fmt: skip
                left += share
            rows.append((name, *(str(count) for count in counts), str(total)))
        axes.set_xlim(0, 1)
        axes.set_ylim(len(groups), -0.1)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        for name, ink in zip(names, inks, strict=True):
            axes.barh([0], [0], color=ink, label=name)
        _place_legend(axes, 3)
        return finished(figure, title, _stacked_alt(rows), rows)


def _stacked_alt(rows: Sequence[tuple[str, ...]]) -> str:
    """What stands out: the group with the largest share of the highest choice, and of the lowest."""
    shares = [
        (int(row[-2]) / int(row[-1]), int(row[1]) / int(row[-1]), row[0]) for row in rows[1:] if int(row[-1])
    ]
    if not shares:
        return say("charts.no_answers")
    top, bottom = max(shares, key=lambda one: one[0]), max(shares, key=lambda one: one[1])
    return say(
        "charts.stacked_alt",
        highest=rows[0][-2], top=top[2], top_share=percent(top[0]),
        lowest=rows[0][1], bottom=bottom[2], bottom_share=percent(bottom[1]),
    )  # fmt: skip


def _elements_alt(result: Result) -> str:
    scored = [one for one in result.elements.values() if one.score is not None]
    if not scored:
        return say("charts.no_answers")
    names = result.model.elements
    best = max(scored, key=lambda one: one.score or 0)
    worst = min(scored, key=lambda one: one.score or 0)
    parts = [
        say("charts.elements_alt", n=len(result.answers.responses), best=names[best.id].name, high=level(best.score),
            worst=names[worst.id].name, low=level(worst.score))
    ]  # fmt: skip
    if result.disagreements:
        wide = result.disagreements[0]
        parts.append(
            say("charts.widest_alt", name=names[wide.id].name, lowest=wide.lowest, highest=wide.highest)
        )
    reached = sum(one.gap == 0 for one in scored)
    parts.append(say("charts.targets_alt", reached=reached, n=len(scored)))
    return say("charts.sentences").join(parts)


def _elements_rows(result: Result) -> list[tuple[str, ...]]:
    model: Model = result.model
    levels = range(1, model.levels + 1)
    head = (say("charts.element"), say("charts.score"), say("charts.target"), *(str(one) for one in levels),
            say("assess.not_applicable"), say("charts.blank"))  # fmt: skip
    return [head] + [
        (str(model.elements[one.id].name), level(one.score), level(one.target), *(str(count) for count in one.counts),
         str(one.not_applicable), str(one.blank))
        for one in result.elements.values()
    ]  # fmt: skip
