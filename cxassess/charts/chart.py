"""A chart as a page shows it: a picture, its text alternative, and its data as a table."""

import base64
import importlib.util
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxassess.language import say
from cxassess.model import Model, load_model

WIDTH = 5.6
"""Width in inches at which labels stay readable on a phone."""
ROW = 0.5
"""Height of a row in inches: a label above, its marks below."""

_palette: ContextVar[Mapping[str, str] | None] = ContextVar("cxassess_palette", default=None)


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart.

    Attributes:
        title: what it shows.
        alt: what one sees in it, in words.
        rows: its data; the first row is the header.
        png: the picture at 200 dots per inch.
        size: its width and height in CSS pixels.
    """

    title: str
    alt: str
    rows: tuple[tuple[str, ...], ...]
    png: bytes
    size: tuple[int, int]

    def save(self, path: str | Path) -> None:
        """Write the picture to a PNG file."""
        Path(path).write_bytes(self.png)

    def __repr__(self) -> str:
        return f"{self.title}: {self.alt}"

    def _repr_html_(self) -> str:
        width, height = self.size
        picture = base64.b64encode(self.png).decode()
        head, *body = self.rows
        table = _row(head, "th") + "".join(_row(row, "td") for row in body)
        return (
            f'<figure class="cx-chart" style="max-width:{width}px;margin:1em 0">'
            f'<img src="data:image/png;base64,{picture}" width="{width}" height="{height}" '
            f'alt="{escape(f"{self.title}. {self.alt}")}" '
            f'style="width:100%;height:auto;background:#fff;border-radius:8px">'
            f"<details><summary>{escape(say('charts.as_table'))}</summary>"
            f'<div style="overflow-x:auto"><table>{table}</table></div></details></figure>'
        )


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def colour(name: str) -> str:
    """A colour of the palette of the chart being drawn, else of the current model's."""
    return (_palette.get() or load_model().colours)[name]


@contextmanager
def style(model: Model | None = None) -> Iterator[None]:
    """The look that all charts share; figures must be made and drawn inside it.

    Args:
        model: whose palette `colour` takes from here on; without it, that of the style around this one,
            else the current model's.
    """
    token = _palette.set(model.colours if model else _palette.get())
    try:
        with matplotlib.rc_context(
            {
                "font.family": fonts(),
                "font.size": 10,
                "axes.edgecolor": colour("line"),
                "axes.labelcolor": colour("muted"),
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.spines.left": False,
                "axes.titlelocation": "left",
                "axes.titlesize": 12,
                "axes.titleweight": "bold",
                "axes.titlecolor": colour("ink"),
                "text.color": colour("ink"),
                "text.parse_math": False,
                "xtick.color": colour("muted"),
                "ytick.color": colour("muted"),
                "xtick.labelsize": 9,
                "figure.facecolor": colour("paper"),
                "savefig.facecolor": colour("paper"),
            }
        ):
            yield
    finally:
        _palette.reset(token)


def canvas(height: float, title: str) -> tuple[Figure, Axes]:
    """A figure under its title, with axes of so many inches for rows of labels and marks."""
    head, foot = 0.5, 0.75
    total = height + head + foot
    figure = Figure(figsize=(WIDTH, total))
    axes = figure.add_axes((0.05, foot / total, 0.9, height / total))
    figure.text(0.05, 1 - 0.24 / total, title, weight="bold", fontsize=12.5, va="center")
    axes.set_yticks([])
    return figure, axes


def finished(figure: Figure, title: str, alt: str, rows: Sequence[Sequence[str]]) -> Chart:
    """The chart of a figure drawn inside `style()`."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=200, metadata={"Software": None})
    width, height = figure.get_size_inches()
    return Chart(
        title,
        alt,
        tuple(tuple(row) for row in rows),
        buffer.getvalue(),
        (round(width * 120), round(height * 120)),
    )


@cache
def fonts() -> list[str]:
    """DejaVu for Latin and IPAex Gothic for Japanese; the second falls in where the first has no glyph."""
    families = ["DejaVu Sans"]
    package = importlib.util.find_spec("matplotlib_fontja")
    if package and package.submodule_search_locations:
        # Found without an import, which would change everybody's default font.
        folder = Path(package.submodule_search_locations[0]) / "fonts"
        for path in sorted(folder.glob("*.ttf")):
            font_manager.fontManager.addfont(path)
            regular = font_manager.fontManager.ttflist[-1]
            # It has no bold cut; without this entry matplotlib complains at every bold label.
            font_manager.fontManager.ttflist.append(replace(regular, weight=700))
            families.append(regular.name)
    return families
