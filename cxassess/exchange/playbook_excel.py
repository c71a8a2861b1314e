"""A playbook as an Excel workbook, a sheet per section, and back.

Every text is stored as text, whatever it begins with. Column A, hidden, names the field of each row, so that
a workbook that was filled in can be read back.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from cxassess.exchange.excel import TALLEST, font, height, packed, rgb, set_text, sheet_name
from cxassess.exchange.playbook_outline import groups, record_head
from cxassess.language import say
from cxassess.model import Model, load_model
from cxassess.model.records import Column, PlaybookField, Section
from cxassess.playbook.book import (
    SCHEMA,
    Playbook,
    Row,
    clean,
    columns_of,
    options,
    sections,
)

WIDTH = 150
"""Of a sheet, in letters."""
LABEL = 24
SPARE_ROWS = 4


def to_excel(playbook: Playbook, model: Model | None = None) -> bytes:
    """The playbook in the current language, as the content of an .xlsx file."""
    model = model or load_model()
    book = Workbook()
    pages = _Pages(book, playbook, model)
    pages.overview()
    for number, (section, fields) in enumerate(sections(model), 1):
        pages.section(say("playbook.section", number=number, name=section.name), section, fields)
    pages.lists()
    book.properties.title = say("playbook.title")
    return packed(book)


class _Pages:
    """The workbook's sheets as they are made."""

    def __init__(self, book: Workbook, playbook: Playbook, model: Model) -> None:
        self.book = book
        self.playbook = playbook
        self.model = model
        self.font = font()
        self.choices: dict[tuple[str, ...], list[str]] = {}
        self.line = 1
        self.sheet: Worksheet = book.active  # type: ignore[assignment]

    def overview(self) -> None:
        """The first sheet: whose playbook it is, and how to use the file."""
        self._start(say("playbook.overview"), [LABEL, WIDTH - LABEL])
        self._put(2, say("playbook.title"), size=20, bold=True, ink="accent")
        self._next("", 32)
        self._put(2, say("playbook.excel_note"), ink="muted", to=3)
        self._next("", height(say("playbook.excel_note"), WIDTH))
        about = {
            "team": clean(self.playbook.team),
            "schema": SCHEMA,
            "version": self.model.version,
            "hash": self.model.hash,
        }
        for name, text in about.items():
            shown = name == "team"
            self._put(
                2,
                say("playbook.team") if shown else name,
                bold=True,
                fill="wash",
                framed=shown,
                ink="ink" if shown else "muted",
            )
            self._put(3, text, framed=shown, ink="ink" if shown else "muted", bold=shown)
            self._next(f"about {name}", 24 if shown else 15)
        self._finish()

    def section(self, title: str, section: Section, fields: tuple[PlaybookField, ...]) -> None:
        """One section's sheet."""
        self.sheet = self.book.create_sheet()
        widths = self._widths(fields)
        self._start(sheet_name(title), widths)
        last = len(widths) + 1
        self._put(2, title, size=16, bold=True, ink="accent")
        self._next("", 26)
        self._put(2, str(section.guidance), ink="muted", to=last)
        self._next("", height(str(section.guidance), sum(widths)))
        for group in groups(fields, self.model):
            if group[0].kind == "table":
                self._table(group, last, widths)
            else:
                self._answer(group[0], last, widths)
        self._finish()

    def lists(self) -> None:
        """The hidden sheet that the choices come from."""
        sheet = self.book.create_sheet("lists")
        sheet.sheet_state = "hidden"
        for place, names in enumerate(self.choices.values(), 1):
            for line, name in enumerate(names, 1):
                set_text(sheet.cell(line, place), name)

    def _answer(self, one: PlaybookField, last: int, widths: Sequence[float]) -> None:
        text = self.playbook.text(one.id)
        self._put(2, f"{one.name}", bold=True, fill="wash", framed=True)
        self._put(
            3, date.fromisoformat(text) if one.kind == "date" and text else clean(text), framed=True, to=last
        )
        self._next(f"field {one.id}", max(height(clean(text), sum(widths[1:])), 34))
        self._put(3, str(one.guidance), ink="muted", size=9, to=last)
        self._next("note", height(str(one.guidance), sum(widths[1:]) * 1.15))

    def _table(self, fields: tuple[PlaybookField, ...], last: int, widths: Sequence[float]) -> None:
        one, columns = fields[0], columns_of(fields[0], self.model)
        records = one.rows == 1
        if not records:
            self._next("note", 10)
            self._put(2, str(one.name), bold=True, size=12)
            self._next("note", 20)
            self._put(2, str(one.guidance), ink="muted", size=9, to=last)
            self._next("note", height(str(one.guidance), sum(widths) * 1.15))
        names = [record_head(fields), *map(_name, columns)] if records else [*map(_name, columns)]
        for place, name in enumerate(names, 2):
            self._put(place, name, bold=True, ink="paper", fill="accent", framed=True)
        self._next(f"columns {'*' if records else one.id} {' '.join(column.id for column in columns)}", 20)
        if records:
            for record in fields:
                self._put(2, str(record.name), bold=True, fill="wash", framed=True)
                self._row(record, next(iter(self.playbook.rows(record.id)), {}), columns, 3, widths)
            return
        written = self.playbook.rows(one.id)
        spare: tuple[Row, ...] = ({},) * min(SPARE_ROWS, (one.rows or 1000) - len(written))
        for row in (*written, *spare):
            self._row(one, row, columns, 2, widths)

    def _row(
        self, one: PlaybookField, row: Row, columns: Sequence[Column], first: int, widths: Sequence[float]
    ) -> None:
        tallest = 22.0
        for place, column in enumerate(columns, first):
            value: Any = row.get(column.id)
            if column.kind == "choice":
                self._offer(column, place)
                value = str(options(column, self.model)[str(value)]) if value is not None else None
            elif column.kind == "date" and value:
                value = date.fromisoformat(str(value))
            self._put(place, clean(value) if isinstance(value, str) else value, framed=True)
            if isinstance(value, str):
                tallest = max(tallest, height(value, widths[place - 2]))
        self._next(f"row {one.id}", tallest)

    def _offer(self, column: Column, place: int) -> None:
        """Let the cell be chosen from the column's names."""
        names = self.choices.setdefault(
            column.choices, [str(name) for name in options(column, self.model).values()]
        )
        letter = get_column_letter([*self.choices].index(column.choices) + 1)
        rule = DataValidation(
            type="list", formula1=f"lists!${letter}$1:${letter}${len(names)}", allow_blank=True
        )
        self.sheet.add_data_validation(rule)
        rule.add(self.sheet.cell(self.line, place))

    def _put(
        self, place: int, value: Any, *, size: float = 10.5, bold: bool = False, ink: str = "ink",
        fill: str = "", framed: bool = False, to: int = 0,
    ) -> None:  # fmt: skip
        """A value in the current line; a text stays text, whatever it begins with."""
        cell = self.sheet.cell(self.line, place)
        for other in range(place, max(to, place) + 1) if framed else ():
            self.sheet.cell(self.line, other).border = self._frame()
        if to > place:
            self.sheet.merge_cells(start_row=self.line, start_column=place, end_row=self.line, end_column=to)
        colours = self.model.colours
        cell.font = Font(name=self.font, size=size, bold=bold, color=rgb(colours[ink]))
        side = "right" if isinstance(value, int | float) else "left"
        cell.alignment = Alignment(
            horizontal=side,
            vertical="top",
            indent=0 if side == "right" else 1,
            wrap_text=side == "left" and size <= 12,
            shrink_to_fit=side == "right",
        )
        if fill:
            cell.fill = PatternFill("solid", fgColor=rgb(colours[fill]))
        if isinstance(value, date):
            cell.value, cell.number_format = value, "yyyy-mm-dd"
        elif isinstance(value, int | float):
            cell.value, cell.number_format = value, "#,##0.##########" if value != int(value) else "#,##0"
        elif value:
            set_text(cell, value)

    def _frame(self) -> Border:
        side = Side("thin", color=rgb(self.model.colours["line"]))
        return Border(left=side, right=side, top=side, bottom=side)

    def _next(self, mark: str, height: float) -> None:
        """Mark the current line, give it its height and go to the next."""
        if mark:
            set_text(self.sheet.cell(self.line, 1), mark)
        self.sheet.row_dimensions[self.line].height = min(height, TALLEST)
        self.line += 1

    def _start(self, title: str, widths: Sequence[float]) -> None:
        self.line = 1
        sheet = self.sheet
        sheet.title = title
        sheet.sheet_view.showGridLines = False
        sheet.column_dimensions["A"].hidden = True
        for place, width in enumerate(widths, 2):
            sheet.column_dimensions[get_column_letter(place)].width = width

    def _finish(self) -> None:
        """What makes the sheet print well."""
        sheet = self.sheet
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = 9  # A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
        sheet.page_margins.left = sheet.page_margins.right = 0.5
        sheet.page_margins.top = sheet.page_margins.bottom = 0.7
        sheet.print_area = f"B1:{get_column_letter(sheet.max_column)}{self.line - 1}"
        sheet.oddHeader.left.text = say("playbook.title")  # type: ignore[union-attr]
        sheet.oddHeader.right.text = clean(self.playbook.team)[:80].replace("&", "&&").replace("\n", " ")  # type: ignore[union-attr]
        sheet.oddFooter.right.text = say("playbook.page_of", page="&P", pages="&N")  # type: ignore[union-attr]

    def _widths(self, fields: Sequence[PlaybookField]) -> list[float]:
        """The columns of a section's sheet: those of its widest table, shared out over the sheet."""
        best: list[float] = [LABEL, WIDTH - LABEL]
        for one in fields:
            shares = [column.width for column in columns_of(one, self.model)] if one.kind == "table" else []
            if len(shares) + (one.rows == 1) >= len(best):
                room = WIDTH - LABEL * (one.rows == 1)
                best = [LABEL] * (one.rows == 1) + [max(room * share / sum(shares), 9) for share in shares]
        best[0] = max(best[0], LABEL)
        return best


def _name(column: Column) -> str:
    return str(column.name)
