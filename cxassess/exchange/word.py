"""Word documents with one look: landscape A4, fonts for every script, header, footer, the same bytes each time."""

import io
import unicodedata
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from cxassess.exchange.archive import NEVER, packed_again
from cxassess.language import current_language, say
from cxassess.model import load_model

WIDTH = 297 - 2 * 15
"""Of the text, in millimetres."""
LATIN, EAST_ASIAN, COMPLEX = "Calibri", "Yu Gothic", "Arial"
LONG = 600
"""Letters beyond which a row may be split over two pages."""
_LOCALES = {"en": "en-GB", "ja": "ja-JP"}


def new_document(title: str, right: str, footer: str) -> WordDocument:
    """An empty document.

    Args:
        title: what it is, for the header's left and the file's properties.
        right: whose it is, for the header's right.
        footer: the footer's left; the page number is on its right.
    """
    document = Document()
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Mm(297), Mm(210)
    page.left_margin = page.right_margin = Mm(15)
    page.top_margin, page.bottom_margin = Mm(20), Mm(17)
    page.header_distance = page.footer_distance = Mm(8)
    _set_styles(document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title, "cxassess", ""
    properties.language = _locale()
    properties.created = properties.modified = NEVER
    _running(page.header.paragraphs[0], title, right)
    _running(page.footer.paragraphs[0], footer, None)
    return document


def heading(document: WordDocument, text: str, level: int) -> Paragraph:
    """A heading; 0 is the title."""
    place: Paragraph = document.add_heading("", level)
    return written(place, text)


def paragraph(document: WordDocument, text: str, style: str = "Normal") -> Paragraph:
    """A paragraph in one of the document's styles: Normal, Lead, Help, Label, Gap."""
    place: Paragraph = document.add_paragraph(style=style)
    return written(place, text)


def written(place: Paragraph, text: str) -> Paragraph:
    """The paragraph with a text in it, from right to left where its first letter is written so."""
    run = place.add_run(text)
    if _right_to_left(text):
        place._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
        run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))
    return place


def write_cell(cell: _Cell, text: str, style: str = "Cell") -> Paragraph:
    """A text in a table's cell, a paragraph for each of its lines; after what is there already."""
    first: Paragraph = cell.paragraphs[0]
    place = first
    fresh = len(cell.paragraphs) == 1 and not first.runs
    for number, line in enumerate(text.split("\n")):
        place = first if (fresh and not number) or not text else cell.add_paragraph()
        place._p.style = style  # by id: looking it up by name takes long
        if line:
            written(place, line)
    return place


def add_table(
    document: WordDocument, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float],
    *, height: float = 0,
) -> Table:  # fmt: skip
    """A table over the whole width whose head is repeated on every page.

    Args:
        document: where it goes.
        head: the columns' names; a table without a head when empty.
        rows: cells of text.
        widths: shares of the width.
        height: of each row at least, in millimetres.
    """
    table: Table = document.add_table(rows=0, cols=len(widths), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _set_table(table)
    if head:
        for cell, name in zip(_new_row(table), head, strict=True):
            write_cell(cell, name, "Head")
            shade(cell, load_model().colours["accent"])
        _row_property(table, 0, "w:tblHeader")
        _row_property(table, 0, "w:cantSplit")
    for row in rows:
        for cell, text in zip(_new_row(table), row, strict=True):
            write_cell(cell, text)
        if height:
            table.rows[-1].height = Mm(height)
        if sum(map(len, row)) < LONG:
            _row_property(table, -1, "w:cantSplit")
    set_widths(table, widths)
    return table


def set_widths(table: Table, widths: Sequence[float]) -> None:
    """Share the page's width out among the columns, in the grid and in every cell."""
    total = sum(widths)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(WIDTH * width / total)
        for cell in column.cells:
            cell.width = column.width


def keep_together(table: Table) -> None:
    """Keep a table's rows on one page, where they fit on one."""
    for row in table._tbl.tr_lst[:-1]:
        for line in row.iter(qn("w:p")):
            line.get_or_add_pPr().get_or_add_keepNext()


def shade(cell: _Cell, colour: str) -> None:
    """Give a cell a background, such as `#0b6e99`."""
    shading = OxmlElement("w:shd")
    shading.set(qn("w:val"), "clear")
    shading.set(qn("w:color"), "auto")
    shading.set(qn("w:fill"), colour.lstrip("#"))
    cell._tc.get_or_add_tcPr().append(shading)


def packed(document: WordDocument) -> bytes:
    """The document's file: the same bytes for the same content."""
    buffer = io.BytesIO()
    document.save(buffer)
    return packed_again(buffer.getvalue())


def _set_styles(document: WordDocument) -> None:
    colours = load_model().colours
    styles: Any = document.styles
    _set_fonts(styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr")))
    looks = [
        ("Normal", None, 10.5, False, "ink", 0, 4),
        ("Title", None, 24, True, "accent", 0, 4),
        ("Heading 1", None, 15, True, "accent", 16, 3),
        ("Heading 2", None, 11.5, True, "ink", 10, 3),
        ("Lead", "Normal", 10.5, False, "muted", 0, 6),
        ("Help", "Normal", 8.5, False, "muted", 0, 3),
        ("Gap", "Normal", 4, False, "ink", 0, 2),
        ("Cell", "Normal", 9.5, False, "ink", 1, 1),
        ("Label", "Cell", 10, True, "ink", 1, 1),
        ("Head", "Cell", 9.5, True, "paper", 1, 1),
    ]
    for name, base, size, bold, ink, before, after in looks:
        style = styles[name] if base is None else styles.add_style(name, 1)
        if base:
            style.base_style = styles[base]
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        style.font.color.rgb = RGBColor.from_string(colours[ink].lstrip("#").upper())
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.keep_with_next = name in {"Heading 1", "Heading 2", "Lead", "Head"}
        _set_fonts(style.element.get_or_add_rPr())
    for border in styles["Title"].element.iter(qn("w:pBdr")):
        border.getparent().remove(border)


def _set_fonts(properties: Any) -> None:
    """Name the fonts for Latin, East Asian and right-to-left scripts, instead of the theme's."""
    for old in properties.findall(qn("w:rFonts")) + properties.findall(qn("w:lang")):
        properties.remove(old)
    fonts = OxmlElement("w:rFonts")
    for script, font in {"ascii": LATIN, "hAnsi": LATIN, "eastAsia": EAST_ASIAN, "cs": COMPLEX}.items():
        fonts.set(qn(f"w:{script}"), font)
    properties.insert(0, fonts)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), _locale())
    language.set(qn("w:eastAsia"), "ja-JP")
    properties.append(language)


def _locale() -> str:
    return _LOCALES.get(current_language(), current_language())


def _set_table(table: Table) -> None:
    """Thin grey lines, room around the text, fixed widths."""
    properties = table._tbl.tblPr
    colour = load_model().colours["line"].lstrip("#")
    borders, margins = OxmlElement("w:tblBorders"), OxmlElement("w:tblCellMar")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in {"val": "single", "sz": "6", "space": "0", "color": colour}.items():
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    for side, room in {"top": 45, "left": 100, "bottom": 45, "right": 100}.items():
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(room))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    # The schema fixes the order: borders, layout, cell margins, look.
    layout = properties.find(qn("w:tblLayout"))
    layout.addprevious(borders)
    layout.addnext(margins)


def _new_row(table: Table) -> Sequence[_Cell]:
    cells: Sequence[_Cell] = table.add_row().cells  # type: ignore[no-untyped-call]
    return cells


def _row_property(table: Table, row: int, name: str) -> None:
    table.rows[row]._tr.get_or_add_trPr().append(OxmlElement(name))


def _running(place: Paragraph, left: str, right: str | None) -> None:
    """A header or footer: a text on the left, another or the page number on the right."""
    place.style = "Help"
    place.paragraph_format.tab_stops.clear_all()
    place.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    place.add_run(f"{left}\t")
    if right is not None:
        place.add_run(right)
        return
    before, _, rest = say("playbook.page_of", page="\0", pages="\1").partition("\0")
    between, _, after = rest.partition("\1")
    place.add_run(before)
    _field(place, "PAGE")
    place.add_run(between)
    _field(place, "NUMPAGES")
    place.add_run(after)


def _field(place: Paragraph, code: str) -> None:
    for kind in ("begin", "", "separate", "1", "end"):
        run = place.add_run(kind if kind == "1" else "")
        if kind == "":
            instruction = OxmlElement("w:instrText")
            instruction.text = code
            run._r.append(instruction)
        elif kind != "1":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)


def _right_to_left(text: str) -> bool:
    """Whether the first letter with a direction goes from right to left."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((one for one in strong if one in {"L", "R", "AL"}), "L") != "L"
