"""The customer's journey as a picture: stages, the curve of feeling, goals, touchpoints, pains and owners."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxassess.charts.chart import WIDTH, Chart, colour, finished, style
from cxassess.charts.wrapping import wrap
from cxassess.language import Text, say
from cxassess.model import Model, load_model
from cxassess.model.records import Section
from cxassess.playbook.book import Playbook, Row, columns_of, options

WIDE = 10.2
"""Width in inches of the picture for a landscape page."""
HEAD = 0.5
MOST_LINES = 8
SHOWN = {"goal": "ink", "touchpoints": "muted", "pain": "warn", "owner": "accent"}
"""Which columns the picture shows beside the feeling, and in which colour."""


@dataclass(frozen=True, slots=True)
class _Stage:
    """One stage: its name, its feeling, and its lines as text, size, colour and weight."""

    name: str
    feeling: int | None
    lines: tuple[tuple[str, float, str, str], ...]

    @property
    def height(self) -> float:
        return sum(_height(size) for _, size, _, _ in self.lines)


def journey(playbook: Playbook, model: Model | None = None, *, wide: bool = False) -> Chart:
    """The journey map of a playbook.

    Args:
        playbook: the playbook with its journey section.
        model: the model; the current one if not given.
        wide: stages side by side, for a landscape page, instead of one below the other, for a screen.

    Returns:
        The picture, with the best and the hardest moment in words and everything as a table.
    """
    model = model or load_model()
    rows = journey_rows(playbook, model)
    scale = {value: str(name) for value, name in _feelings(model).items()}
    labels = _labels(model)
    with style(model):
        room = (WIDE - 0.8) / len(rows) - 0.2 if wide else WIDTH * 0.6
        stages = [_stage(name, row, labels, room) for name, row in rows.items()]
        figure = _side_by_side(stages, scale) if wide else _one_below_the_other(stages, scale)
        title = say("playbook.journey_title")
        height = figure.get_size_inches()[1]
        figure.text(0.03, 1 - 0.26 / height, title, weight="bold", fontsize=12.5, va="center")
        head = (say("playbook.stage"), say("playbook.journey_feeling"), *labels.values())
        body = [
            (name, scale.get(str(row.get("feeling")), ""), *(str(row.get(id, "")) for id in labels))
            for name, row in rows.items()
        ]
        return finished(figure, title, _alt(rows, scale), [head, *body])


def journey_rows(playbook: Playbook, model: Model | None = None) -> dict[str, Row]:
    """The stages of the journey by name, each with what the playbook says of it."""
    model = model or load_model()
    return {
        str(one.name): next(iter(playbook.rows(one.id)), {})
        for one in model.records["field"].values()
        if any(column.id == "feeling" for column in columns_of(one, model))
    }


def journey_section(playbook: Playbook, model: Model | None = None) -> str:
    """The id of the section that the picture belongs to; empty while no feeling is filled in."""
    model = model or load_model()
    if not any("feeling" in row for row in journey_rows(playbook, model).values()):
        return ""
    return _section(model).id


def _section(model: Model) -> Section:
    sections: Iterable[Section] = model.records["section"].values()
    return next(one for one in sections if any(column.id == "feeling" for column in one.columns))


def _feelings(model: Model) -> Mapping[str, Text]:
    return next(options(column, model) for column in _section(model).columns if column.id == "feeling")


def _labels(model: Model) -> dict[str, str]:
    """The names of the columns that the picture shows."""
    return {column.id: str(column.name) for column in _section(model).columns if column.id in SHOWN}


def _stage(name: str, row: Row, labels: Mapping[str, str], room: float) -> _Stage:
    lines = [(line, 11.0, "ink", "bold") for line in wrap(name, room, 11.5, 2)]
    for id, label in labels.items():
        if id in row:
            lines.append((wrap(label, room, 8, 1)[0], 8.0, "muted", "normal"))
            lines += [(line, 9.5, SHOWN[id], "normal") for line in wrap(str(row[id]), room, 9.5, MOST_LINES)]
    feeling = int(row["feeling"]) if "feeling" in row else None
    return _Stage(name, feeling, tuple(lines))


def _height(size: float) -> float:
    """Of a line, in inches."""
    return size / 72 * (1.75 if size < 9 else 1.4)


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure whose axes are in inches from the upper left corner."""
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.axis("off")
    return figure, axes


def _one_below_the_other(stages: Sequence[_Stage], scale: Mapping[str, str]) -> Figure:
    left, right, gap = 0.3, WIDTH * 0.32, 0.35
    ends = wrap(scale["-2"], 0.85, 8, 2), wrap(scale["2"], 0.85, 8, 2)
    heights = [max(one.height, 0.7) + gap for one in stages]
    top = HEAD + 0.45
    figure, axes = _canvas(WIDTH, top + sum(heights) + 0.1)
    places = np.linspace(left, right, 5)
    for place, shade in zip(places, (1.0, 0.6, 1.6, 0.6, 1.0), strict=True):
        axes.plot([place] * 2, [top, top + sum(heights)], color=colour("line"), linewidth=shade)
    for end, place, side in zip(ends, (left, right), ("left", "right"), strict=True):
        for number, line in enumerate(end):
            axes.text(place, top - 0.3 + number * 0.15, line, fontsize=8, ha=side, color=colour("muted"))
    middles = []
    y = top
    for one, height in zip(stages, heights, strict=True):
        if y > top:
            axes.plot([0.15, WIDTH - 0.15], [y, y], color=colour("line"), linewidth=0.8)
        middles.append(y + height / 2)
        _write(axes, one, WIDTH * 0.38, y + gap / 2)
        y += height
    known = [
        (middle, places[one.feeling + 2])
        for middle, one in zip(middles, stages, strict=True)
        if one.feeling is not None
    ]
    down, across = _curve(known)
    axes.plot(across, down, color=colour("accent"), linewidth=2.2, zorder=2)
    _marks(axes, [(x, y) for y, x in known], stages)
    return figure


def _side_by_side(stages: Sequence[_Stage], scale: Mapping[str, str]) -> Figure:
    left, band = 0.7, 1.7
    step = (WIDE - left - 0.1) / len(stages)
    top = HEAD + 0.25
    below = max(one.height for one in stages)
    figure, axes = _canvas(WIDE, top + band + 0.35 + below + 0.15)
    places = np.linspace(top + band, top, 5)
    for (value, name), place in zip(scale.items(), places, strict=True):
        heavy = 1.6 if value == "0" else 0.7
        axes.plot([left, WIDE - 0.1], [place, place], color=colour("line"), linewidth=heavy)
        axes.text(
            left - 0.08,
            place,
            wrap(name, left, 8)[0].split(" ")[0],
            fontsize=9,
            ha="right",
            va="center",
            color=colour("muted"),
        )
    known = []
    for position, one in enumerate(stages):
        x = left + position * step
        if position:
            axes.plot([x, x], [top, top + band + 0.3 + below], color=colour("line"), linewidth=0.8)
        _write(axes, one, x + 0.1, top + band + 0.25)
        if one.feeling is not None:
            known.append((x + step / 2, places[one.feeling + 2]))
    across, down = _curve(known)
    axes.plot(across, down, color=colour("accent"), linewidth=2.2, zorder=2)
    _marks(axes, known, stages)
    return figure


def _curve(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """A smooth line through points that rises and falls only between them."""
    along: list[float] = []
    across: list[float] = []
    for (start, low), (end, high) in pairwise(points):
        share = np.linspace(0, 1, 40)
        along += list(start + (end - start) * share)
        across += list(low + (high - low) * share**2 * (3 - 2 * share))
    return along, across


def _marks(axes: Axes, points: Sequence[tuple[float, float]], stages: Sequence[_Stage]) -> None:
    feelings = [one.feeling for one in stages if one.feeling is not None]
    for (x, y), feeling in zip(points, feelings, strict=True):
        ink = colour("good" if feeling > 0 else "warn" if feeling < 0 else "muted")
        axes.scatter([x], [y], s=330, color=ink, edgecolor="white", linewidth=1.5, zorder=3)
        axes.text(x, y, f"{feeling:+d}".replace("-", "−") if feeling else "0", fontsize=9, weight="bold",
                  color="white", ha="center", va="center", zorder=4)  # fmt: skip


def _write(axes: Axes, one: _Stage, x: float, y: float) -> None:
    for text, size, ink, weight in one.lines:
        y += _height(size)
        axes.text(x, y, text, fontsize=size, color=colour(ink), weight=weight, va="bottom")


def _alt(rows: Mapping[str, Row], scale: Mapping[str, str]) -> str:
    felt = {name: int(row["feeling"]) for name, row in rows.items() if "feeling" in row}
    if not felt:
        return say("playbook.journey_empty_alt")
    best, worst = max(felt, key=lambda name: felt[name]), min(felt, key=lambda name: felt[name])
    if felt[best] == felt[worst]:
        return say("playbook.journey_flat_alt", level=scale[str(felt[best])])
    return say(
        "playbook.journey_alt", best=best, high=scale[str(felt[best])], worst=worst, low=scale[str(felt[worst])],
        pain=str(rows[worst].get("pain", "–")).split("\n")[0],
    )  # fmt: skip
