"""A playbook read back from the Excel workbook that `playbook_excel` made and somebody filled in."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from cxassess.exchange.playbook_markdown import read_cell
from cxassess.model import Model, load_model
from cxassess.model.records import Column, PlaybookField
from cxassess.playbook.book import SCHEMA, Playbook, PlaybookError, columns_of, playbook_of


def from_excel(data: bytes, model: Model | None = None, file: str = "Excel") -> Playbook:
    """The playbook in a workbook that `to_excel` made, in any of the model's languages.

    Raises:
        PlaybookError: it is no such workbook.
    """
    model = model or load_model()
    try:
        book = load_workbook(io.BytesIO(data), data_only=False)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise PlaybookError("not_a_document", file=file, found=type(error).__name__) from error
    values: dict[str, Any] = {}
    about: dict[str, str] = {}
    for sheet in book.worksheets:
        for kind, id, cells in _marked(sheet):
            if kind == "about":
                about[id] = _text(cells[2] if len(cells) > 2 else None)
            elif id not in model.records["field"]:
                raise PlaybookError("unknown_field", file=file, record=id[:60])
            elif kind == "field":
                values[id] = (
                    _given(model.records["field"][id].kind, cells[2] if len(cells) > 2 else None) or None
                )
            elif row := _row(cells, model.records["field"][id], model):
                values.setdefault(id, []).append(row)
    if about.get("schema") != SCHEMA:
        raise PlaybookError("not_a_document", file=file, found=SCHEMA)
    return playbook_of(
        about.get("team", ""), values, model, file,
        model_version=about.get("version", ""), model_hash=about.get("hash", ""),
    )  # fmt: skip


def _marked(sheet: Worksheet) -> Iterator[tuple[str, str, Sequence[Any]]]:
    """Every row of a table and every field of a sheet: what it is, its field's id, its cells.

    A table's cells come as (column id, value) pairs. A row without a mark, which somebody has inserted,
    belongs to the table that it stands in.
    """
    columns: list[str] = []
    table = ""
    for cells in sheet.iter_rows(values_only=True):
        kind, _, rest = str(cells[0] or "").partition(" ")
        if kind == "columns":
            table, *columns = rest.split()
        elif kind in {"field", "about"}:
            table = ""
            yield kind, rest, cells
        elif kind == "row" or (table not in {"", "*"} and not kind):
            first = 2 if table == "*" else 1
            yield "row", rest or table, list(zip(columns, cells[first:], strict=False))
            if not kind and not any(cells):
                table = ""


def _row(pairs: Sequence[tuple[str, Any]], one: PlaybookField, model: Model) -> dict[str, Any]:
    columns: Mapping[str, Column] = {column.id: column for column in columns_of(one, model)}
    row = {}
    for id, value in pairs:
        if id in columns and value is not None:
            got = _given(columns[id].kind, value)
            row[id] = (
                read_cell(columns[id], got, model)
                if isinstance(got, str) and columns[id].kind != "date"
                else got
            )
    return row


def _given(kind: str, value: Any) -> Any:
    """A cell's value as a playbook keeps it."""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if kind == "number" and isinstance(value, int | float):
        return value
    return _text(value)


def _text(value: Any) -> str:
    return "" if value is None else re.sub(r"_x005F_(?=x[0-9A-Fa-f]{4}_)", "_", str(value))
