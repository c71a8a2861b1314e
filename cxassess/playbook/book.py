"""A team's playbook: what it wrote into the model's fields.

`values` are flat, as in the form: a field's id gives a text, an ISO date, or the rows of a table. What is
not there is blank.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from cxassess.answers import LONGEST_TEXT, carried_over, parse_json
from cxassess.errors import AnswerError, CxError
from cxassess.language import Text, interface_texts
from cxassess.model import Model, load_model
from cxassess.model.records import Column, PlaybookField, Section

SCHEMA = "cxassess.playbook/1"

MOST_ROWS = 200
LARGEST_NUMBER = 1e15
"""Spreadsheets keep 15 digits, and so do playbooks."""

Cell = str | int | float
Row = Mapping[str, Cell]
Value = str | tuple[Row, ...]


class PlaybookError(CxError):
    """A playbook, or an entry in it, cannot be used."""

    file = "playbook"


@dataclass(frozen=True, slots=True)
class Playbook:
    """What a team wrote. Two playbooks are equal when the same team says the same.

    Attributes:
        team: the team's name.
        values: a text, an ISO date, or a tuple of rows, by field id.
        problems: what was met in its file that cannot be used.

    >>> book = Playbook("Support", {"advantage": "Answered in 2 hours", "short_term": ({"what": "Call back"},)})
    >>> book.text("advantage"), book.text("sharing"), book.rows("short_term")[0]["what"]
    ('Answered in 2 hours', '', 'Call back')
    """

    team: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    model_version: str = field(default="", compare=False)
    model_hash: str = field(default="", compare=False)
    language: str = field(default="", compare=False)
    saved: str = field(default="", compare=False)
    revision: int = field(default=0, compare=False)
    position: Mapping[str, str] = field(default_factory=dict, compare=False)
    problems: tuple[CxError, ...] = field(default=(), compare=False)

    def text(self, id: str) -> str:
        """The text or date in a field, empty when it is blank."""
        value = self.values.get(id, "")
        return value if isinstance(value, str) else ""

    def rows(self, id: str) -> tuple[Row, ...]:
        """The rows of a table, none when it is blank."""
        value = self.values.get(id, ())
        return () if isinstance(value, str) else value

    def __repr__(self) -> str:
        lines = [f"Playbook({self.team!r}: {len(self.values)} fields filled in)"]
        return "\n".join(lines + [f"  ! {problem}" for problem in self.problems])


def sections(model: Model | None = None) -> tuple[tuple[Section, tuple[PlaybookField, ...]], ...]:
    """The playbook's sections with their fields, in order."""
    records = (model or load_model()).records
    return tuple(
        (section, tuple(one for one in records["field"].values() if one.section == section.id))
        for section in records["section"].values()
    )


def columns_of(one: PlaybookField, model: Model | None = None) -> tuple[Column, ...]:
    """The columns of a table: its own, or else its section's."""
    found: tuple[Column, ...] = one.columns or (model or load_model()).records["section"][one.section].columns
    return found


def options(column: Column, model: Model | None = None) -> dict[str, Text]:
    """What a choice is among: value to name. Metrics without a good direction are not offered.

    >>> column = Column("feeling", "choice", Text({}), choices=("feeling",))
    >>> list(options(column))
    ['-2', '-1', '0', '1', '2']
    """
    model = model or load_model()
    found: dict[str, Text] = {}
    for kind in column.choices:
        if kind not in model.records:
            found |= {choice.value: choice.name for choice in model.scales[kind].choices}
            continue
        prefix = f"{kind}." if len(column.choices) > 1 else ""
        for id, record in model.records[kind].items():
            if getattr(record, "direction", "") != "context":
                found[prefix + id] = record.name
    return found


def clean(text: str) -> str:
    """A text as every format can hold it: lines end in one way, control characters and outer space go.

    >>> clean(" two\\r\\nlines\\x00 ")
    'two\\nlines'
    """
    text = re.sub("\r\n|[\r\u2028\u2029]", "\n", text)
    kept = (letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cs"})
    return "".join(kept).replace("\ufffe", "").replace("\uffff", "").strip()


def cleaned(
    id: str, value: Any, model: Model | None = None, file: str = "", problems: list[CxError] | None = None
) -> Value | None:
    """A field's value as it is kept, `None` when nothing is left of it.

    Args:
        id: of the field.
        value: what is to be kept.
        model: the model with the field; the current one if not given.
        file: where it was found, for messages.
        problems: takes what is wrong with single cells and rows of a table, which are then left out; without
            it they are refused like everything else.

    Raises:
        PlaybookError: there is no such field, or it cannot hold this value.
    """
    model = model or load_model()
    one: PlaybookField | None = model.records["field"].get(id)
    if one is None:
        raise PlaybookError("unknown_field", file=file, record=id[:60])
    if value is None:
        return None
    if one.kind != "table":
        return _entry(one.kind, value, {}, file, one.name) or None
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise PlaybookError("not_rows", file=file, record=one.name)
    limit = one.rows or MOST_ROWS
    if len(value) > limit:
        raise PlaybookError("too_many_rows", file=file, record=one.name, found=len(value), limit=limit)
    found: list[CxError] = []
    rows = [_row(entry, one, number, model, file, found) for number, entry in enumerate(value, 1)]
    if found and problems is None:
        raise found[0]
    if problems is not None:
        problems += found
    return tuple(row for row in rows if row) or None


def _row(
    entry: Any, one: PlaybookField, number: int, model: Model, file: str, problems: list[CxError]
) -> Row | None:
    if not isinstance(entry, Mapping):
        problems.append(PlaybookError("not_rows", file=file, record=one.name))
        return None
    columns = {column.id: column for column in columns_of(one, model)}
    problems += [
        PlaybookError("unknown_column", file=file, record=one.name, found=str(key)[:60])
        for key in entry
        if key not in columns
    ]
    row: dict[str, Cell] = {}
    for id, column in columns.items():
        if entry.get(id) is None:
            continue
        allowed = options(column, model) if column.kind == "choice" else {}
        try:
            got = _entry(column.kind, entry[id], allowed, file, _place(one, number, column))
        except PlaybookError as problem:
            problems.append(problem)
            continue
        if got != "":
            row[id] = got
    return MappingProxyType(row)


def _place(one: PlaybookField, row: int, column: Column) -> Text:
    """What a cell of a table is called."""
    key = "cell_of_record" if one.rows == 1 else "cell_of_table"
    return Text(
        {
            code: interface_texts("playbook", code)[key].format(
                field=one.name.to(code), row=row, column=column.name.to(code)
            )
            for code in one.name.by_language
        }
    )


def _entry(kind: str, value: Any, allowed: Mapping[str, Text], file: str, where: Text) -> Any:
    """One text, date, number or choice, cleaned; empty when it is blank."""

    def fail(key: str) -> PlaybookError:
        return PlaybookError(key, file=file, record=where, found=str(value)[:60])

    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_NUMBER:
            raise fail("not_number")
        value = float(f"{value:.15g}")
        return int(value) if value.is_integer() else value
    if not isinstance(value, str):
        raise fail("not_text")
    if len(value) > LONGEST_TEXT:
        raise fail("text_too_long")
    text = clean(value)
    if kind == "date" and text:
        try:
            if date.fromisoformat(text).year < 1900 or len(text) != 10:
                raise ValueError
        except ValueError as error:
            raise fail("not_date") from error
    if kind == "choice" and text and text not in allowed:
        raise fail("not_choice")
    return text


def playbook_of(
    team: str, values: Mapping[str, Any], model: Model | None = None, file: str = "", **about: Any
) -> Playbook:
    """A playbook of these values; what cannot be used, down to a single cell, is left out and named in its `problems`.

    >>> book = playbook_of("Support", {"sharing": " Monthly ", "plan_start": "soon"})
    >>> dict(book.values), [problem.key for problem in book.problems]
    ({'sharing': 'Monthly'}, ['not_date'])
    """
    model = model or load_model()
    kept: dict[str, Value] = {}
    problems: list[CxError] = []
    for id, given in values.items():
        try:
            value = cleaned(id, given, model, file, problems)
        except PlaybookError as problem:
            problems.append(problem)
            continue
        if value is not None:
            kept[id] = value
    once = {str(problem): problem for problem in problems}.values()
    return Playbook(clean(team), MappingProxyType(kept), problems=tuple(once), **about)


def parse_playbook(text: str, file: str, model: Model | None = None) -> Playbook:
    """A playbook from the text of its JSON file. Fields renamed since are carried over by the crosswalk.

    Raises:
        PlaybookError: the file as a whole cannot be used.
    """
    model = model or load_model()
    try:
        table = parse_json(text, file, SCHEMA)
    except AnswerError as problem:
        raise PlaybookError(problem.key, **problem.data) from problem
    given = table.get("playbook")
    if not isinstance(given, dict):
        raise PlaybookError("no_playbook", file=file)
    made_with = table.get("model")
    made_with = made_with if isinstance(made_with, dict) else {}
    version = str(made_with.get("version", ""))
    position, team = table.get("position"), table.get("team")
    return playbook_of(
        team if isinstance(team, str) else "",
        current_fields(given, version, model),
        model,
        file,
        model_version=version,
        model_hash=str(made_with.get("hash", "")),
        language=str(table.get("language", "")),
        saved=str(table.get("saved", "")),
        revision=table["revision"] if isinstance(table.get("revision"), int) else 0,
        position=position if isinstance(position, dict) else {},
    )


def current_fields(given: Mapping[str, Any], version: str, model: Model) -> dict[str, Any]:
    """The values under the ids that their fields have today; those of fields that are gone are left out."""
    keys = {id: carried_over(f"field.{id}", version, model) for id in given}
    return {key.partition(".")[2]: given[id] for id, key in keys.items() if key is not None}


def playbook_table(playbook: Playbook) -> dict[str, Any]:
    """A playbook as the JSON object of its file."""
    return {
        "schema": SCHEMA,
        "team": playbook.team,
        "model": {"version": playbook.model_version, "hash": playbook.model_hash},
        "language": playbook.language,
        "saved": playbook.saved,
        "revision": playbook.revision,
        "position": dict(playbook.position),
        "playbook": plain_values(playbook),
    }


def plain_values(playbook: Playbook) -> dict[str, Any]:
    """The values as plain JSON: what the form and the file hold."""
    return {
        id: value if isinstance(value, str) else [dict(row) for row in value]
        for id, value in playbook.values.items()
    }
