"""Boxes, texts, arrows and lines on PowerPoint slides; places and sizes are in inches."""

from collections.abc import Sequence
from typing import Any

from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

from cxassess.exchange.slides_theme import PALETTE

LABEL, NOTE = 24, 20
"""Sizes in points of a shape's label and of what stands under it."""


def box(
    shapes: Any, left: float, top: float, wide: float, high: float, label: str, note: str = "",
    fill: str = "wash", edge: str | None = None,
) -> Any:  # fmt: skip
    """A rounded box with a label and a note under it."""
    made = shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *map(Inches, (left, top, wide, high)))
    made.adjustments[0] = min(0.08 / min(wide, high), 0.5)
    paint(made, fill, edge)
    lines = [(label, LABEL, True), *((line, NOTE, False) for line in note.split("\n"))]
    write(made, [one for one in lines if one[0]])
    made.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    for paragraph in made.text_frame.paragraphs:
        paragraph.alignment = PP_ALIGN.CENTER
    return made


def text_box(
    shapes: Any,
    left: float,
    top: float,
    wide: float,
    high: float,
    text: str,
    size: int,
    *,
    bold: bool = False,
) -> Any:
    """Text without a frame; of several lines the first is the heading."""
    made = shapes.add_textbox(*map(Inches, (left, top, wide, high)))
    first, *others = text.split("\n")
    write(made, [(first, size, bold or bool(others)), *((line, size, False) for line in others)])
    return made


def write(shape: Any, lines: Sequence[tuple[str, int, bool]]) -> None:
    """Paragraphs in a shape: text, size in points, whether it is bold."""
    frame = shape.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = Inches(0.1)
    frame.margin_top = frame.margin_bottom = Inches(0.04)
    for number, (line, size, bold) in enumerate(lines):
        paragraph = frame.add_paragraph() if number else frame.paragraphs[0]
        run = paragraph.add_run()
        run.text, run.font.size, run.font.bold = line, Pt(size), bold
        run.font.color.theme_color = PALETTE["ink"]


def paint(shape: Any, fill: str, edge: str | None) -> None:
    """Colours of the palette for a shape's inside and its edge."""
    shape.fill.solid()
    shape.fill.fore_color.theme_color = PALETTE[fill]
    if edge:
        shape.line.color.theme_color, shape.line.width = PALETTE[edge], Pt(2.25)
    else:
        shape.line.fill.background()


def arrow(shapes: Any, left: float, middle: float, length: float, *, back: bool = False) -> None:
    """A thick arrow to the right, or a green one back to the left."""
    kind = MSO_SHAPE.LEFT_ARROW if back else MSO_SHAPE.RIGHT_ARROW
    made = shapes.add_shape(kind, *map(Inches, (left, middle - 0.16, length, 0.32)))
    paint(made, "good" if back else "muted", None)


def line(shapes: Any, x1: float, y1: float, x2: float, y2: float, colour: str) -> None:
    """A straight line."""
    made = shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *map(Inches, (x1, y1, x2, y2)))
    made.line.color.theme_color, made.line.width = PALETTE[colour], Pt(2)
