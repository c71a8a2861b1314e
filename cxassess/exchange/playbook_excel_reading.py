"""A playbook read back from the Excel workbook that `playbook_excel` made and somebody filled in.

People sort, insert and delete rows and columns, rename headings and write formulas. A row belongs to the table
that it stands in, a cell to the column whose name stands above it; what has no place is named, not guessed.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from openpyxl import Workbook, load_workbook

from cxassess.errors import CxError
from cxassess.exchange.excel import text_of
from cxassess.exchange.playbook_markdown import read_cell
from cxassess.language import Text
from cxassess.model import Model, load_model
from cxassess.model.records import PlaybookField
from cxassess.playbook.book import SCHEMA, Playbook, PlaybookError, columns_of, current_fields, playbook_of

RECORDS = "*"
"""Marks a table whose rows are fields of their own."""


def from_excel(data: bytes, model: Model | None = None, file: str = "Excel") -> Playbook:
    """The playbook in a workbook that `to_excel` made, in any of the model's languages.

    Raises:
        PlaybookError: it is no such workbook.
    """
    model = model or load_model()
    found = _Found(model, file)
    try:
        book = load_workbook(io.BytesIO(data))
        for sheet in book.worksheets:
            found.sheet(
                _lines(book, sheet.title, cache(lambda: load_workbook(io.BytesIO(data), data_only=True)))
            )
    except PlaybookError:
        raise
    except Exception as error:  # a damaged workbook can fail anywhere inside openpyxl
        raise PlaybookError("not_a_document", file=file, found=type(error).__name__) from error
    if found.about.get("schema") != SCHEMA:
        raise PlaybookError("not_a_document", file=file, found=SCHEMA)
    read = playbook_of(
        found.about.get("team", ""), found.values, model, file,
        model_version=found.about.get("version", ""), model_hash=found.about.get("hash", ""),
    )  # fmt: skip
    return replace(read, problems=(*found.problems, *read.problems))


def _lines(book: Workbook, sheet: str, worked_out: Callable[[], Workbook]) -> Iterator[list[Any]]:
    """The values of each row: a formula by what it came to, 65 % as 65."""
    for cells in book[sheet].iter_rows():
        line = []
        for cell in cells:
            value: Any = cell.value
            if cell.data_type == "f":
                result = worked_out()[sheet][cell.coordinate].value
                value = str(getattr(value, "text", value)) if result is None else result
            if isinstance(value, int | float) and not isinstance(value, bool) and "%" in cell.number_format:
                value = round(value * 100, 10)
            line.append(value)
        yield line


@dataclass
class _Found:
    """What a workbook's sheets hold, row by row."""

    model: Model
    file: str
    about: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[CxError] = field(default_factory=list)

    def sheet(self, lines: Iterator[list[Any]]) -> None:
        """Take in a sheet. Column A says what a row is; one without a mark, which somebody has inserted, belongs to the table that it stands in."""
        table, columns = "", list[str]()
        for line in lines:
            kind, _, rest = text_of(line[0] if line else None).partition(" ")
            if kind == "columns":
                table, *ids = rest.split()
                columns = self.columns(table, ids, line)
            elif kind in {"field", "about", "note"}:
                table = ""
                if kind == "field":
                    self.answer(rest, line)
                elif kind == "about":
                    self.about[rest] = text_of(_after(line, 1))
            elif kind == "row" or table:
                self.row(rest if table in {"", RECORDS} else table, table, columns, line)

    def known(self, id: str) -> PlaybookField | None:
        """The field that an id stands for today; one that the model does not have is named."""
        for current in current_fields({id: None}, self.about.get("version", ""), self.model):
            if current in self.model.records["field"]:
                found: PlaybookField = self.model.records["field"][current]
                return found
            self.fail("unknown_field", id[:60])
        return None

    def fail(self, key: str, record: Any, **data: Any) -> None:
        problem = PlaybookError(key, file=self.file, record=record, **data)
        if str(problem) not in map(str, self.problems):
            self.problems.append(problem)

    def answer(self, id: str, line: Sequence[Any]) -> None:
        """A text or a date: the first cell that is filled in after the one with the field's name."""
        if (one := self.known(id)) is None:
            return
        label = _place(one.name, line)
        value = _after(line, label or 1)
        if label is None and value is None and text_of(line[1] if len(line) > 1 else None):
            self.fail("columns_moved", one.name)
        else:
            self.values[one.id] = _given(one.kind, value) or None

    def columns(self, table: str, ids: Sequence[str], line: Sequence[Any]) -> list[str]:
        """What each cell below a table's head belongs to: a column's id, an unknown heading, or nothing.

        A column is found by its name in any language, else, if it was renamed, by its place.
        """
        wanted = set(ids)
        tables = [
            {column.id: column.name for column in columns_of(one, self.model) if column.id in wanted}
            for one in self.model.records["field"].values()
            if table in {RECORDS, one.id}
        ]
        names = next((some for some in tables if some.keys() == wanted), {})
        first = 2 if table == RECORDS else 1
        places = {place: id for id, name in names.items() if (place := _place(name, line)) is not None}
        for place, id in enumerate(ids, first):
            if (
                id not in places.values()
                and place not in places
                and place < len(line)
                and text_of(line[place])
            ):
                places[place] = id
        return [places.get(place, text_of(head) if place >= first else "") for place, head in enumerate(line)]

    def row(self, id: str, table: str, columns: Sequence[str], line: Sequence[Any]) -> None:
        """A row of a table."""
        first = 2 if table == RECORDS else 1
        if not any(map(text_of, line[first:])):
            return
        one = self.known(id) if id else None
        if one is None or not table:
            if not id or not table:
                self.fail("stray_row", text_of(_after(line, 0))[:60])
            return
        kinds = {column.id: column for column in columns_of(one, self.model)}
        row: dict[str, Any] = {}
        for name, cell in zip(columns, line, strict=False):
            if not name or cell is None:
                continue
            got = _given(kinds[name].kind if name in kinds else "text", cell)
            if name in kinds and isinstance(got, str) and kinds[name].kind != "date":
                got = read_cell(kinds[name], got, self.model)
            if got != "":
                row[name] = got
        if row:
            self.values.setdefault(one.id, []).append(row)


def _place(name: Text, line: Sequence[Any]) -> int | None:
    """Where in a row a name stands, in any language, from column B on."""
    names = set(name.by_language.values())
    return next((place for place, cell in enumerate(line[1:], 1) if text_of(cell) in names), None)


def _after(line: Sequence[Any], place: int) -> Any:
    """The first cell that is filled in after a place."""
    return next((cell for cell in line[place + 1 :] if cell is not None), None)


def _given(kind: str, value: Any) -> Any:
    """A cell's value as a playbook keeps it."""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if kind == "number" and isinstance(value, int | float):
        return value
    return text_of(value)
