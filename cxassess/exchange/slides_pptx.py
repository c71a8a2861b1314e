"""A deck as a PowerPoint file to edit: placeholders, native charts and shapes, speaker's notes."""

import copy
import io
from pathlib import Path
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from cxassess.exchange.archive import NEVER, packed_again
from cxassess.exchange.slides_deck import LETTERS, Deck, Page, pages
from cxassess.exchange.slides_diagrams import diagram
from cxassess.exchange.slides_html import exercises_address
from cxassess.exchange.slides_pictures import Bars, picture
from cxassess.exchange.slides_theme import MARGIN, PALETTE, template
from cxassess.language import current_language, say
from cxassess.model import load_model

LAYOUTS = {
    "opening": 0, "bullets": 1, "close": 1, "ask": 2, "picture": 3, "drawing": 5, "question": 4, "answer": 4,
}  # fmt: skip
LOCALES = {"en": "en-GB", "ja": "ja-JP"}
FEW, FEWER = 7, 4
"""Bars up to which their labels are large, and under which they are thin."""


def to_pptx(deck: Deck, source: str | Path = ".", course: str = "..") -> bytes:
    """The deck in the current language, as the content of a .pptx file.

    Args:
        deck: the slides.
        source: the repository: its data is shown.
        course: where the course's pages are, for the link to the exercises.

    Raises:
        SlidesError: a picture or a drawing that a slide names is not there.
    """
    slides = template(load_model().colours)
    for page in pages(deck):
        slide = slides.slides.add_slide(slides.slide_layouts[LAYOUTS[page.kind]])
        slide.shapes.title.text_frame.text = page.title
        _fill(slide, page, Path(source))
        if page.kind == "close":
            link = slide.placeholders[1].text_frame.add_paragraph()
            _without_bullet(link)
            run = link.add_run()
            run.text = say("slides.exercises", title=deck.title)
            run.hyperlink.address = exercises_address(deck, course)
        _add_foot(slide, str(deck.title))
        slide.notes_slide.notes_text_frame.text = "\n".join(page.notes)
        _set_language(slide)
    properties = slides.core_properties
    properties.title, properties.author, properties.comments = str(deck.title), "cxassess", ""
    properties.language = LOCALES.get(current_language(), current_language())
    properties.created = properties.modified = NEVER
    out = io.BytesIO()
    slides.save(out)
    return packed_again(out.getvalue())


def _fill(slide: Any, page: Page, source: Path) -> None:
    if page.kind == "picture":
        _write(slide.placeholders[2], page.lines)
        _add_chart(slide, page, picture(page.shows, source))
    elif page.kind == "drawing":
        diagram(slide, page.shows, page.lines)
    elif page.kind in ("question", "answer"):
        first, *others = page.lines
        _write(slide.placeholders[1], [first])
        _write(slide.placeholders[2], others)
    else:
        _write(slide.placeholders[1], page.lines)


def _write(place: Any, lines: Any) -> None:
    """Lines as paragraphs; a placeholder that stays empty goes, or it would ask to be filled."""
    if not lines:
        place._element.getparent().remove(place._element)
        return
    for number, line in enumerate(lines):
        paragraph = place.text_frame.paragraphs[0] if not number else place.text_frame.add_paragraph()
        letter, _, text = line.partition("  ")
        if text and letter in LETTERS:
            marked = paragraph.add_run()
            marked.text, marked.font.bold = f"{letter}  ", True
            marked.font.color.theme_color = PALETTE["accent"]
            paragraph.add_run().text = text
        else:
            paragraph.add_run().text = line


def _without_bullet(paragraph: Any) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", "0")
    properties.set("indent", "0")
    properties.insert(0, properties.makeelement(qn("a:buNone"), {}))


def _add_chart(slide: Any, page: Page, shown: Bars) -> None:
    """A native bar chart, whose figures can be edited."""
    data: Any = CategoryChartData(  # type: ignore[no-untyped-call]
        number_format=_number_format(shown)
    )
    data.categories = [bar.label for bar in shown.bars]
    data.add_series(page.title, [bar.value for bar in shown.bars])
    high = 4.1 if page.lines else 5.2
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.BAR_CLUSTERED, Inches(MARGIN), Inches(1.6), Inches(12.13), Inches(high), data
    )
    values = ", ".join(f"{bar.label} {shown.shown(bar)}" for bar in shown.bars)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", f"{page.title}: {values}")
    chart = frame.chart
    chart.has_legend, chart.has_title = False, False
    chart.font.size = Pt(24 if len(shown.bars) <= FEW else 20)
    chart.font.color.theme_color = PALETTE["ink"]
    categories, axis = chart.category_axis, chart.value_axis
    categories.reverse_order = True
    categories.major_tick_mark = XL_TICK_MARK.NONE
    categories.format.line.color.theme_color = PALETTE["line"]
    axis.visible, axis.has_major_gridlines = False, False
    axis.minimum_scale, axis.maximum_scale = 0, shown.top * 1.25
    axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    plot = chart.plots[0]
    plot.gap_width, plot.vary_by_categories = 100 if len(shown.bars) < FEWER else 40, False
    for place, bar in enumerate(shown.bars):
        fill = plot.series[0].points[place].format.fill
        fill.solid()
        fill.fore_color.theme_color = PALETTE["accent" if bar.strong else "level3"]
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.number_format, labels.number_format_is_linked = _number_format(shown), False
    labels.position = XL_LABEL_POSITION.OUTSIDE_END
    labels.font.size = chart.font.size
    labels._element.txPr.bodyPr.set("wrap", "none")


def _number_format(shown: Bars) -> str:
    point = "." + "0" * shown.decimals if shown.decimals else ""
    return f'#,##0{point}"{shown.unit}"'


def _add_foot(slide: Any, text: str) -> None:
    """Footer and slide number, which a new slide does not take over from its layout."""
    for shape in slide.slide_layout.placeholders:
        kind = shape.placeholder_format.type
        if kind in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
            element = copy.deepcopy(shape._element)
            slide.shapes._spTree.append(element)
            if kind == PP_PLACEHOLDER.FOOTER:
                slide.shapes[-1].text_frame.text = text


def _set_language(slide: Any) -> None:
    """Every text's language, by which PowerPoint chooses its font and its dictionary."""
    locale = LOCALES.get(current_language(), current_language())
    for tree in (slide._element, slide.notes_slide._element):
        for run in tree.iter(qn("a:rPr")):
            run.set("lang", locale)
        for run in tree.iter(qn("a:r")):
            if run.rPr is None:
                run.get_or_add_rPr().set("lang", locale)
