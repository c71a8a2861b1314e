"""Answers from a survey tool's export, taken over into a team's folder by a mapping."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cxassess.answers import LONGEST_TEXT, Response, Value, allowed
from cxassess.errors import CxError
from cxassess.exchange.intake import ExchangeError, Given, Intake, take
from cxassess.exchange.survey_mapping import SurveyMapping, find_column, read_mapping
from cxassess.exchange.survey_table import Column, Table, moments, read_table, squeezed
from cxassess.exchange.survey_values import Unclear, value_of
from cxassess.file_names import expanded
from cxassess.language import say
from cxassess.model import Model, load_model

MOST_LISTED = 12
NOBODY = frozenset({"", "anonymous", "匿名"})
"""What tools write in place of who somebody is."""


def read_survey(
    path: str | Path, mapping: str | Path, folder: str | Path, *, dry_run: bool = True, replace: bool = False,
    model: Model | None = None,
) -> Intake:  # fmt: skip
    """Take a survey's answers over into a team's folder, a file per person; at first only show what that would do.

    Of several answers by one person the last counts. Rows that answer nothing, and those that the mapping leaves
    out, such as previews, are named with the reason; so is every single answer that cannot be used.

    Args:
        path: the export: .csv, .tsv, .txt or .xlsx.
        mapping: a TOML file that says which column answers which question; `survey_mapping` describes it, and
            `propose_mapping` writes a first one.
        folder: the team's folder of this round; it is made if needed.
        dry_run: write nothing, only tell. Pass `False` when what it tells is right.
        replace: bring files of the same name up to date, whoever made them.
        model: what is asked; the current model if not given.

    Raises:
        ExchangeError: a file cannot be read, or the mapping does not fit it.
        SaveError: the folder cannot be written.
    """
    path, folder, model = expanded(path), expanded(folder), model or load_model()
    found = read_mapping(expanded(mapping), model)
    about = {key: found.file[key] for key in ("header_rows", "encoding", "delimiter") if key in found.file}
    table = read_table(path, **about)
    reading = _Reading(table, found, model)
    people = reading.people()
    taken, left_out = take(people, folder, model, replace_others=replace, dry_run=dry_run)
    return Intake(
        path.name, folder, dry_run, tuple(taken), (*sorted(reading.left_out, key=_row), *left_out), tuple(reading.problems),
        tuple(reading.notes()),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    key: str
    name: str
    moment: datetime | None
    values: dict[str, Value]
    unclear: frozenset[str]


@dataclass
class _Reading:
    """An export as its mapping reads it."""

    table: Table
    mapping: SurveyMapping
    model: Model
    left_out: list[CxError] = field(default_factory=list)
    problems: list[CxError] = field(default_factory=list)
    dates_unclear: bool = False

    def __post_init__(self) -> None:
        self.columns = {
            key: self._column(name, f"columns.{key}") for key, name in self.mapping.columns.items()
        }
        self.answers = {
            key: [self._column(name, f"answers.{key}") for name in names]
            for key, names in self.mapping.answers.items()
        }
        self.rules = [(self._column(name, "leave_out"), values) for name, values in self.mapping.leave_out]

    def _column(self, name: str, record: str) -> Column:
        return find_column(name, record, self.table, self.mapping.name)

    def people(self) -> list[Given]:
        """Everybody's last answers."""
        rows = [*self._rows()]
        latest: dict[str, _Row] = {}
        for row in rows:
            other = latest.get(row.key)
            latest[row.key] = row if other is None or _later(row, other) else other
        again: dict[str, list[int]] = {}
        for row in rows:
            last = latest[row.key]
            if row is not last:
                self.left_out.append(ExchangeError("row_again", row=row.number, other=last.number))
                again.setdefault(row.key, []).append(row.number)
                self.dates_unclear |= row.moment is None or last.moment is None
        return [self._given(row, again.get(row.key, [])) for row in latest.values()]

    def _rows(self) -> Iterator[_Row]:
        texts = [self._text(cells, "submitted") for _, cells in self.table.rows]
        when = moments(texts, self.mapping.file.get("date_order", "")) if "submitted" in self.columns else []
        seen: dict[str, int] = {}
        for at, (number, cells) in enumerate(self.table.rows):
            if not self._wanted(number, cells):
                continue
            problems = len(self.problems)
            values, unclear = self._values(number, cells)
            if not values:
                key = "row_unclear" if len(self.problems) > problems else "row_blank"
                self.left_out.append(ExchangeError(key, row=number))
                continue
            name, person = self._text(cells, "respondent"), self._text(cells, "person")
            key = squeezed(name if squeezed(person) in NOBODY else person)
            if not key:  # nobody can say who it is: the same row is the same person the next time
                key = "\n".join(cells)
                seen[key] = seen.get(key, 0) + 1
                key = f"{key}\n{seen[key]}"
            id = sha256(key.encode("utf-8", "replace")).hexdigest()
            yield _Row(number, id[:16], name or f"r-{id[:6]}", when[at] if when else None, values, unclear)

    def _wanted(self, number: int, cells: tuple[str, ...]) -> bool:
        for column, values in self.rules:
            found = _cell(cells, column)
            if squeezed(found) in values:
                self.left_out.append(
                    ExchangeError("row_rule", row=number, column=column.title[:60], found=found[:60])
                )
                return False
        return True

    def _values(self, number: int, cells: tuple[str, ...]) -> tuple[dict[str, Value], frozenset[str]]:
        values: dict[str, Value] = {}
        unclear = set()
        for key, columns in self.answers.items():
            given = [text for column in columns if (text := _cell(cells, column)).strip()]
            record = columns[0].title[:80]
            try:
                if len(given) > 1:
                    found = ", ".join(given)[:60]
                    raise ExchangeError("survey_two", row=number, record=record, found=found)
                if given:
                    values[key] = self._value(key, given[0], number, record)
            except ExchangeError as problem:
                self.problems.append(problem)
                unclear.add(key)
        return values, frozenset(unclear)

    def _value(self, key: str, text: str, number: int, record: str) -> Value:
        if len(text) > LONGEST_TEXT:
            raise ExchangeError(
                "survey_long", row=number, record=record, found=len(text), allowed=LONGEST_TEXT
            )
        try:
            return value_of(key, text, self.model, self.mapping.values)
        except Unclear as problem:
            raise ExchangeError(
                "survey_value", row=number, record=record, found=text[:60], allowed=allowed(key, self.model)
            ) from problem

    def _text(self, cells: tuple[str, ...], column: str) -> str:
        return _cell(cells, self.columns[column]).strip() if column in self.columns else ""

    def _given(self, row: _Row, others: list[int]) -> Given:
        place = say("exchange.row", n=row.number)
        if others:
            place = say("exchange.rows_of", n=row.number, others=", ".join(map(str, others)))
        saved = row.moment.isoformat() if row.moment else ""
        response = Response(row.name, row.values, id=row.key, saved=saved)
        return Given(response, frozenset(self.answers), place, row.unclear)

    def notes(self) -> Iterator[str]:
        """What else there is to know about the survey."""
        if self.dates_unclear:
            told = self.columns["submitted"].title if "submitted" in self.columns else "–"
            yield say("exchange.dates_unclear", column=told)
        if "respondent" not in self.columns:
            yield say("exchange.invented_names")
        used = {column.place for columns in self.answers.values() for column in columns}
        used |= {column.place for column in self.columns.values()} | {
            column.place for column, _ in self.rules
        }
        unused = [column.title for column in self.table.columns if column.place not in used]
        if unused:
            yield say("exchange.unused_columns", record=_listed(unused))
        kinds = ("element", "practice", "condition", "cause")
        open_ = [
            str(record.name)
            for kind in kinds
            for id, record in self.model.records[kind].items()
            if f"{kind}.{id}" not in self.answers
        ]
        if open_:
            yield say("exchange.not_asked", record=_listed(open_))


def _cell(cells: tuple[str, ...], column: Column) -> str:
    return cells[column.place] if column.place < len(cells) else ""


def _row(problem: CxError) -> int:
    return int(problem.data["row"])


def _later(row: _Row, other: _Row) -> bool:
    """Whether a row was sent in after one that stands above it; when that is not known, the lower row was."""
    if row.moment is None or other.moment is None:
        return True
    first, second = (one if one.tzinfo else one.replace(tzinfo=UTC) for one in (other.moment, row.moment))
    return second >= first


def _listed(names: list[str]) -> str:
    more = f" +{len(names) - MOST_LISTED}" if len(names) > MOST_LISTED else ""
    return say("result.join").join(name[:60] for name in names[:MOST_LISTED]) + more
