"""What every Excel workbook here is made with: texts that stay texts, one look, the same bytes each time."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from cxassess.exchange.archive import NEVER, packed_again
from cxassess.language import current_language, say

TALLEST = 400
"""A row's greatest height in points; Excel allows 409."""
MOST_LETTERS = 32_000
"""In a cell; Excel's limit is 32,767."""
_FONT = {"ja": "Yu Gothic"}
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""What Excel would take for the code of a character."""


def font() -> str:
    """The font for the current language."""
    return _FONT.get(current_language(), "Calibri")


def set_text(cell: Cell | Any, text: str) -> None:
    """A text in a cell, which stays text, whatever it begins with."""
    cell.value = _ESCAPE.sub("_x005F_", text)
    cell.data_type = "s"
    if text[:1] in "=+-@'":
        cell.quotePrefix = True


def text_of(value: Any) -> str:
    """The text that `set_text` put into a cell; empty when there is none."""
    return "" if value is None else re.sub(r"_x005F_(?=x[0-9A-Fa-f]{4}_)", "_", str(value))


def storable(text: str) -> str:
    """A text as Excel can hold it: without the control characters that its files cannot have."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (one for one in text if one in "\n\t" or (one >= " " and not "\ud800" <= one <= "\udfff"))
    return "".join(kept).replace("\ufffe", "").replace("\uffff", "")[:MOST_LETTERS]


def quoted(text: str) -> str:
    """A text within a formula."""
    return '"' + text.replace('"', '""') + '"'


def rgb(colour: str) -> str:
    """A colour such as `#0b6e99` as Excel writes it."""
    return "FF" + colour.lstrip("#").upper()


def sheet_name(title: str) -> str:
    """A title as a sheet may be called.

    >>> sheet_name("Q1/Q2: plan?")
    'Q1 Q2  plan'
    """
    return re.sub(r"[\[\]:*?/\\（）()]", " ", title).strip()[:31]


def height(text: str, width: float) -> float:
    """About how high a wrapped text is, in points, in a column of so many letters."""
    lines = 0
    for line in text.split("\n"):
        letters = sum(2.1 if unicodedata.east_asian_width(letter) in "WFA" else 1.05 for letter in line)
        lines += max(1, -int(-letters // max(width - 3, 5)))
    return lines * 15.5 + 5


def packed(book: Workbook) -> bytes:
    """The workbook's file: the same bytes for the same content."""
    book.properties.creator = "cxassess"
    book.properties.created = book.properties.modified = NEVER
    buffer = io.BytesIO()
    book.save(buffer)
    return packed_again(_without_times(buffer.getvalue()))


def _without_times(data: bytes) -> bytes:
    """The workbook with the moment of saving, which openpyxl always writes, taken back."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                stamp = NEVER.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, part)
            new.writestr(name, part)
    return out.getvalue()


class Page:
    """A sheet as it is made, line by line. Column A is hidden: its marks tell a program what a line is.

    Attributes:
        sheet: openpyxl's sheet.
        line: the current line, from 1.
    """

    def __init__(
        self, sheet: Worksheet, title: str, widths: Sequence[float], colours: Mapping[str, str]
    ) -> None:
        self.sheet = sheet
        self.line = 1
        self.colours = colours
        self.last = len(widths) + 1
        sheet.title = title
        sheet.sheet_view.showGridLines = False
        sheet.column_dimensions["A"].hidden = True
        for place, width in enumerate(widths, 2):
            sheet.column_dimensions[get_column_letter(place)].width = width

    def put(
        self, place: int, value: str | float | None, *, size: float = 10.5, bold: bool = False, ink: str = "ink",
        fill: str = "", framed: bool = False, to: int = 0, down: int = 0, side: str = "left", form: str = "",
        entry: bool = False,
    ) -> str:  # fmt: skip
        """Put a text or number into the current line; a text stays text, whatever it begins with.

        Args:
            place: the column, 1 for A.
            value: what to put there.
            size: of the letters, in points.
            bold: whether they are.
            ink: their colour's name.
            fill: the background's colour's name.
            framed: with a thin line around it.
            to: the last column that it takes, when more than one.
            down: how many lines further down it goes on.
            side: `left`, `center` or `right`.
            form: a number's format, such as `0.0`.
            entry: whether people write here: framed, and open on a protected sheet.

        Returns:
            Its address for formulas, `$D$7`.
        """
        cell = self._styled(
            place,
            size,
            bold,
            ink,
            fill,
            framed or entry,
            max(to, place),
            down,
            side,
            middle=framed or (entry and not down),
        )
        if form:
            cell.number_format = form
        if entry:
            cell.protection = _OPEN
        if isinstance(value, str):
            set_text(cell, value)
        elif value is not None:
            cell.value = value
        return f"${get_column_letter(place)}${self.line}"

    def formula(self, place: int, formula: str, **style: Any) -> str:
        """Put a formula, without its `=`, into the current line; the style is that of `put`."""
        address = self.put(place, None, **style)
        self.sheet.cell(self.line, place).value = f"={formula}"
        return address

    def _styled(
        self, place: int, size: float, bold: bool, ink: str, fill: str, framed: bool, to: int, down: int, side: str, middle: bool,
    ) -> Any:  # fmt: skip
        lines, places = range(self.line, self.line + down + 1), range(place, to + 1)
        if framed:
            frame = _frame(rgb(self.colours["line"]))
            for line in lines:
                for other in places:
                    self.sheet.cell(line, other).border = frame
        if to > place or down:
            self.sheet.merge_cells(
                start_row=self.line, start_column=place, end_row=self.line + down, end_column=to
            )
        cell: Any = self.sheet.cell(self.line, place)
        cell.font = _font(font(), size, bold, rgb(self.colours[ink]))
        cell.alignment = _alignment(side, size <= 12, middle or side == "center")
        if fill:
            cell.fill = _filled(rgb(self.colours[fill]))
        return cell

    def next(self, mark: str = "", tall: float = 16) -> None:
        """Mark the current line, give it its height in points and go to the next."""
        if mark:
            set_text(self.sheet.cell(self.line, 1), mark)
        self.sheet.row_dimensions[self.line].height = min(tall, TALLEST)
        self.line += 1

    def text(self, text: str, *, place: int = 2, to: int = 0, size: float = 10.5, ink: str = "muted", bold: bool = False) -> None:  # fmt: skip
        """A text over the sheet's whole width, or to a column, in a line as high as it needs."""
        to = to or self.last
        wide = sum(self.sheet.column_dimensions[get_column_letter(one)].width for one in range(place, to + 1))
        self.put(place, text, to=to, size=size, ink=ink, bold=bold)
        self.next("", height(text, wide * 10.5 / size) * size / 10.5)

    def finish(self, left: str, right: str = "", *, landscape: bool = False) -> None:
        """Make the sheet print well, on A4 as wide as the page, and protect what is not an entry."""
        sheet: Any = self.sheet
        sheet.page_setup.orientation = "landscape" if landscape else "portrait"
        sheet.page_setup.paperSize = 9
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.page_margins.left = sheet.page_margins.right = 0.4
        sheet.page_margins.top = sheet.page_margins.bottom = 0.7
        sheet.print_area = f"B1:{get_column_letter(self.last)}{self.line - 1}"
        sheet.oddHeader.left.text = left.replace("&", "&&")
        sheet.oddHeader.right.text = right.replace("&", "&&")
        sheet.oddFooter.right.text = say("playbook.page_of", page="&P", pages="&N")
        sheet.protection.sheet = True
        sheet.protection.formatColumns = sheet.protection.formatRows = False


_OPEN = Protection(locked=False)


@cache
def _font(name: str, size: float, bold: bool, colour: str) -> Font:
    return Font(name=name, size=size, bold=bold, color=colour)


@cache
def _filled(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=colour)


@cache
def _frame(colour: str) -> Border:
    side = Side("thin", color=colour)
    return Border(left=side, right=side, top=side, bottom=side)


@cache
def _alignment(side: str, wrap: bool, middle: bool) -> Alignment:
    return Alignment(
        horizontal=side, vertical="center" if middle else "top", indent=int(side == "left"), wrap_text=wrap
    )
