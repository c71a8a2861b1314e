"""What charts are drawn with: bars, intervals, cells and curves, each readable at a phone's width."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike
from PIL import Image

from cxassess.charts.chart import WIDTH, Chart, colour, finished, style
from cxassess.charts.wrapping import drawable, fits, wrap

SIDE = 0.28
"""Margin in inches."""
INNER = WIDTH - 2 * SIDE

INKS = ("accent", "target", "good", "contact")
"""Colours of series side by side, in this order."""

Table = Sequence[Sequence[str]]
Key = Sequence[tuple[str, str]]
"""What colours mean: (words, name of the colour)."""
Look = Literal["line", "dashed", "step", "dots", "bars"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A row with one or more bars.

    Attributes:
        name: what it is about, on the left.
        text: its value, on the right.
        parts: the bars: length from 0 to 1, and name of the colour.
        note: a line or two in small letters.
    """

    name: str
    text: str
    parts: Sequence[tuple[float, str]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A row with a value and its interval; `value` is null where there is none."""

    name: str
    text: str
    value: float | None
    low: float | None = None
    high: float | None = None
    ink: str = "accent"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with a text of one or two lines; `shade` from 0 (pale) to 1 (dark)."""

    text: str
    shade: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over something, with bounds where there are any."""

    name: str
    x: ArrayLike
    y: ArrayLike
    low: ArrayLike | None = None
    high: ArrayLike | None = None
    ink: str = "accent"
    look: Look = "line"


def bars(title: str, alt: str, table: Table, items: Sequence[Bar], *, note: str = "", key: Key = ()) -> Chart:
    """Bars below their names."""
    thick = 0.17
    notes = [_note_lines(item) for item in items]
    heights = [
        0.31 + thick * len(item.parts) + 0.17 * len(lines) for item, lines in zip(items, notes, strict=True)
    ]
    with style():
        figure, axes = canvas(sum(heights), title, note, foot=_key_height(key) + 0.1)
        _inches(axes, sum(heights))
        y = 0.0
        for item, lines, height in zip(items, notes, heights, strict=True):
            _row_head(axes, item.name, item.text, y)
            if item.note and not lines:
                axes.text(INNER - 0.1 - _width([item.text]), y + 0.14, drawable(item.note), fontsize=8.5,
                          color=colour("muted"), ha="right", va="center")  # fmt: skip
            for number, (length, ink) in enumerate(item.parts):
                place = y + 0.25 + thick * (number + 0.5)
                axes.barh(place, INNER, height=thick * 0.86, color=colour("wash"))
                axes.barh(place, INNER * max(length, 0), height=thick * 0.86, color=colour(ink))
            for number, line in enumerate(lines):
                place = y + 0.34 + thick * len(item.parts) + 0.17 * number
                axes.text(0, place, line, fontsize=8.5, color=colour("muted"), va="center")
            y += height
        _draw_key(figure, key)
        return _finished(figure, title, alt, table)


def intervals(
    title: str, alt: str, table: Table, items: Sequence[Mark], *, note: str = "",
    line: tuple[float, str] | None = None, limits: tuple[float, float] | None = None, log: bool = False,
    tick: Callable[[float], str] = "{:g}".format, key: Key = (),
) -> Chart:  # fmt: skip
    """Values with their intervals, one below the other, and perhaps a line to compare them with."""
    row = 0.52
    legend: Key = [*key, *([(line[1], "target")] if line else [])]
    with style():
        figure, axes = canvas(row * len(items), title, note, foot=0.34 + _key_height(legend))
        axes.set_ylim(row * len(items), 0)
        if log:
            axes.set_xscale("log")
        axes.set_xlim(limits or _span([*items], line, log))
        low, high = axes.get_xlim()
        if line:
            axes.axvline(line[0], color=colour("target"), linewidth=1.6, linestyle=(0, (4, 2)), zorder=1)
        for number, item in enumerate(items):
            y = row * number
            _row_head(axes, item.name, item.text, y, axes.get_yaxis_transform())
            axes.plot([low, high], [y + 0.38] * 2, color=colour("line"), linewidth=1, zorder=0)
            if item.low is not None and item.high is not None:
                ends = [max(item.low, low), min(item.high, high)]
                axes.plot(ends, [y + 0.38] * 2, color=colour(item.ink), linewidth=5, alpha=0.45,
                          solid_capstyle="butt", zorder=2)  # fmt: skip
            if item.value is not None:
                axes.scatter(
                    [item.value], [y + 0.38], s=46, color=colour(item.ink), edgecolor="white", zorder=3
                )
        _ticks(axes.set_xticks, [one for one in _nice(low, high, log) if low <= one <= high], tick)
        axes.minorticks_off()
        _draw_key(figure, legend, dashed=(line[1],) if line else ())
        return _finished(figure, title, alt, table)


def grid(
    title: str, alt: str, table: Table, names: Sequence[str], columns: Sequence[str],
    cells: Sequence[Sequence[Cell | None]], *, note: str = "", across: str = "", down: str = "",
) -> Chart:  # fmt: skip
    """Cells, dark where there is much; where there is nothing to show the paper stays white."""
    lines_most = max((cell.text.count("\n") + 1 for row in cells for cell in row if cell), default=1)
    labels = [wrap(name, 1.35, 9.5, 2) for name in names]
    tall = 0.14 + 0.18 * max(lines_most, *(len(lines) for lines in labels))
    left = SIDE + 0.1 + _width([*(line for lines in labels for line in lines), down])
    wide = (WIDTH - left - SIDE) / len(columns)
    heads = [wrap(column, wide, 9, 2) for column in columns]
    top = 0.2 * max(len(lines) for lines in heads) + (0.24 if across or down else 0)
    ramp = LinearSegmentedColormap.from_list("level", [colour(f"level{step}") for step in range(1, 6)])
    with style():
        figure, axes = canvas(top + tall * len(names), title, note, left=left, foot=0.18)
        axes.set_xlim(0, len(columns))
        axes.set_ylim(tall * len(names), -top)
        axes.axis("off")
        muted: dict[str, Any] = {"color": colour("muted"), "fontsize": 9}
        axes.text(0, -top + 0.08, across, va="center", **muted)
        axes.text(-(left - SIDE) / wide, -top + 0.08, down, va="center", **muted)
        for place, lines in enumerate(heads):
            axes.text(place + 0.5, -0.06, "\n".join(lines), ha="center", va="bottom", **muted)
        for number, (lines, row) in enumerate(zip(labels, cells, strict=True)):
            y = tall * number
            axes.text(-(left - SIDE) / wide, y + tall / 2, "\n".join(lines), va="center", fontsize=9.5)
            for place, cell in enumerate(row):
                if cell is None:
                    continue
                shade = min(max(cell.shade, 0), 1)
                axes.barh(y + tall / 2, 1, tall, place, color=ramp(shade), edgecolor="white", linewidth=1.5)
                axes.text(place + 0.5, y + tall / 2, cell.text, ha="center", va="center",
                          fontsize=min(9.5, wide * 17), color=_ink_on(ramp(shade)))  # fmt: skip
        return _finished(figure, title, alt, table)


def plot(
    title: str, alt: str, table: Table, curves: Sequence[Curve], *, note: str = "", x_label: str = "",
    y_label: str = "", x_ticks: tuple[Sequence[float], Sequence[str]] | None = None,
    limits: tuple[float | None, float | None] = (0, None), height: float = 2.9,
    lines: Sequence[tuple[Literal["x", "y"], float, str]] = (), tick: Callable[[float], str] = "{:g}".format,
) -> Chart:  # fmt: skip
    """Curves on two axes, with straight lines to compare them with."""
    key = [(curve.name, curve.ink) for curve in curves if curve.name]
    drawn = _lines_with_inks(lines)
    key += [(words, ink) for _, _, words, ink in drawn if words]
    with style():
        figure, axes = canvas(height, title, note, left=0.62, foot=0.58 + _key_height(key))
        axes.grid(axis="y", color=colour("line"), linewidth=0.6)
        axes.set_axisbelow(True)
        for curve in curves:
            _draw(axes, curve)
        for axis, place, _, ink in drawn:
            draw = axes.axhline if axis == "y" else axes.axvline
            draw(place, color=colour(ink), linewidth=1.5, linestyle=(0, (4, 2)))
        axes.set_ylim(*limits)
        axes.set_xlabel(x_label, fontsize=9.5)
        axes.yaxis.set_major_locator(MaxNLocator(6))
        axes.yaxis.set_major_formatter(lambda value, _: tick(value))
        if y_label:
            axes.text(
                0, 1.02, y_label, transform=axes.transAxes, fontsize=9, color=colour("muted"), va="bottom"
            )
        if x_ticks:
            axes.set_xticks(*x_ticks)
        marked = {
            words: Line2D([], [], color=colour(ink), linestyle=(0, (4, 2))) for _, _, words, ink in drawn
        }
        shown = {curve.name: _sign(curve) for curve in curves}
        _draw_key(figure, key, handles=shown | marked)
        return _finished(figure, title, alt, table)


def canvas(
    height: float, title: str, note: str = "", *, left: float = SIDE, foot: float = 0.1
) -> tuple[Figure, Axes]:
    """Axes of a height in inches below a title and a note that says how to read them."""
    # Bold letters are wider than the regular ones that `wrap` measures.
    heads, notes = wrap(title, INNER, 14, 3), wrap(note, INNER, 9.2, 4) if note else []
    top = 0.2 + 0.24 * len(heads) + 0.17 * len(notes) + 0.14
    total = top + height + foot
    figure = Figure(figsize=(WIDTH, total))
    axes = figure.add_axes((left / WIDTH, foot / total, (WIDTH - left - SIDE) / WIDTH, height / total))
    y = 0.2
    for line in heads:
        figure.text(SIDE / WIDTH, 1 - y / total, line, fontsize=12.5, va="center", weight="bold")
        y += 0.24
    for line in notes:
        figure.text(SIDE / WIDTH, 1 - y / total, line, fontsize=9, va="center", color=colour("muted"))
        y += 0.17
    axes.tick_params(length=0)
    axes.set_yticks([])
    return figure, axes


def _finished(figure: Figure, title: str, alt: str, table: Table) -> Chart:
    """The chart, its picture with 256 colours, which look the same and take a third of the room."""
    chart = finished(figure, title, alt, table)
    full = Image.open(io.BytesIO(chart.png)).convert("RGB")
    few = full.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    few.save(buffer, "png", optimize=True)
    return replace(chart, png=buffer.getvalue())


def _inches(axes: Axes, height: float) -> None:
    axes.set_xlim(0, INNER)
    axes.set_ylim(height, 0)
    axes.axis("off")


def _row_head(axes: Axes, name: str, text: str, y: float, transform: Any = None) -> None:
    """The name on the left and the value on the right, above what is drawn for them."""
    right = 1.0 if transform else INNER
    look = {"transform": transform} if transform else {}
    axes.text(0, y + 0.14, wrap(name, INNER - 0.1 - _width([text]), 10, 1)[0], va="center", **look)
    axes.text(right, y + 0.14, text, va="center", ha="right", weight="bold", fontsize=9.5, **look)


def _draw(axes: Axes, curve: Curve) -> None:
    x, y, ink = np.asarray(curve.x, float), np.asarray(curve.y, float), colour(curve.ink)
    if curve.look == "bars":
        axes.bar(x, y, width=0.8, color=ink)
        return
    step: Any = {"drawstyle": "steps-post"} if curve.look == "step" else {}
    dashes: Any = {"linestyle": (0, (2, 1.5))} if curve.look == "dashed" else {}
    if curve.low is not None and curve.high is not None:
        low, high = np.asarray(curve.low, float), np.asarray(curve.high, float)
        if curve.look == "dots":
            axes.vlines(x, low, high, color=ink, linewidth=3.5, alpha=0.4)
        else:
            axes.fill_between(x, low, high, color=ink, alpha=0.15, linewidth=0,
                              step="post" if curve.look == "step" else None)  # fmt: skip
    axes.plot(x, y, color=ink, linewidth=1.2 if curve.look == "dots" else 2.2,
              marker="o" if curve.look == "dots" else None, markersize=4.5, **step, **dashes)  # fmt: skip


def _sign(curve: Curve) -> Any:
    if curve.look == "bars":
        return Patch(color=colour(curve.ink))
    look: Any = {"linestyle": (0, (2, 1.5))} if curve.look == "dashed" else {}
    return Line2D([], [], color=colour(curve.ink), linewidth=2.2, marker="o" if curve.look == "dots" else None,
                  markersize=4.5, **look)  # fmt: skip


def _ink_on(paper: Sequence[float]) -> str:
    """White or ink, whichever stands out more: the relative luminance of WCAG."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in paper[:3]]
    return "white" if np.dot(parts, (0.2126, 0.7152, 0.0722)) < 0.225 else colour("ink")


def _note_lines(item: Bar) -> list[str]:
    """The lines of a bar's note below it; none where it has room beside the name."""
    room = INNER - 0.5 - _width([item.name, item.text]) - (_width([item.text]) if item.text else 0)
    return [] if not item.note or fits(drawable(item.note), room, 8.8) else wrap(item.note, INNER, 8.5, 2)


def _width(lines: Sequence[str]) -> float:
    """Inches that the longest of these small lines takes, to a twentieth."""
    return float(
        next(
            wide
            for wide in np.arange(0.2, 30, 0.05)
            if all(fits(drawable(line), wide, 9.7) for line in lines)
        )
    )


def _lines_with_inks(
    lines: Sequence[tuple[Literal["x", "y"], float, str]],
) -> list[tuple[str, float, str, str]]:
    """The straight lines with their colours: the first across stands out, the others do not."""
    across = [line for line in lines if line[0] == "y"]
    return [(*line, "target" if across and line is across[0] else "muted") for line in lines]


def _key_height(key: Key) -> float:
    return 0.08 + 0.18 * len(key) if key else 0.0


def _draw_key(figure: Figure, key: Key, *, dashed: Sequence[str] = (), handles: Any = None) -> None:
    """What the colours mean, one below the other at the picture's foot."""
    if not key:
        return
    signs = handles or {
        words: Line2D([], [], color=colour("target"), linestyle=(0, (4, 2)))
        if words in dashed
        else Patch(color=colour(ink))
        for words, ink in key
    }
    words = [words for words, _ in key]
    figure.legend([signs[one] for one in words], [wrap(one, INNER - 0.5, 9, 1)[0] for one in words], ncols=1,
                  loc="lower left", bbox_to_anchor=(SIDE / WIDTH - 0.005, 0.06 / figure.get_size_inches()[1]), frameon=False, fontsize=9,
                  handletextpad=0.6, handlelength=1.6, borderpad=0, labelspacing=0.35, borderaxespad=0)  # fmt: skip


def _span(items: Sequence[Mark], line: tuple[float, str] | None, log: bool) -> tuple[float, float]:
    """From the lowest to the highest of what is drawn, with some air; from zero where that is near."""
    ends = [
        end for one in items for end in (one.low, one.value, one.high) if end is not None and np.isfinite(end)
    ]
    ends += [line[0]] if line else []
    if log:
        known = [end for end in ends if end > 0]
        return (min(known) / 1.3, max(known) * 1.3) if known else (0.1, 10)
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    air = (high - low or abs(high) or 1) * 0.05
    return (0.0 if 0 <= low < 0.6 * high else low - air), high + air


def _nice(low: float, high: float, log: bool) -> list[float]:
    if log:
        return [
            base * 10.0**power for power in range(-3, 6) for base in ((1, 2, 5) if high / low < 100 else (1,))
        ]
    step = 10.0 ** np.floor(np.log10((high - low) / 4))
    step *= next((times for times in (1, 2, 5, 10) if (high - low) / (step * times) <= 6), 10)
    first = np.ceil(low / step)
    return [float(step * (first + number)) for number in range(12)]


def _ticks(place: Callable[..., Any], at: Sequence[float], tick: Callable[[float], str]) -> None:
    place(at, [tick(one) for one in at])
