"""A questionnaire that was filled in as an Excel workbook, taken over into a team's folder.

Rows are known by the marks in column A and columns by those in the first row, so that what people insert or sort
does no harm. A cell that cannot be used is left blank and named with its sheet, its address and what to do.
"""

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from hashlib import sha256
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from cxassess.answer_files import TeamFile, team_values
from cxassess.answers import (
    LONGEST_TEXT,
    TEAM_FILE,
    Response,
    Team,
    Value,
    carried_over,
    is_question,
    parse_team,
)
from cxassess.documents import read_text
from cxassess.errors import AnswerError, CxError
from cxassess.exchange.excel import text_of
from cxassess.exchange.intake import ExchangeError, Given, Intake, every_key, take
from cxassess.exchange.questionnaire_excel import SCHEMA
from cxassess.exchange.survey_values import Unclear, value_of
from cxassess.file_names import expanded, safe_name
from cxassess.language import say
from cxassess.model import Model, load_model


def read_questionnaire(
    path: str | Path,
    folder: str | Path,
    *,
    replace: bool = False,
    dry_run: bool = False,
    model: Model | None = None,
) -> Intake:
    """Take the answers of a filled-in workbook over into a team's folder, a file per person.

    A person's file that this workbook made, or was made from, is brought up to date; its previous state is kept.
    A file that may be another person's is not touched unless `replace` says so. What the team's sheet says goes
    to `team.json`; a setting left open there changes nothing.

    Args:
        path: a workbook that `write_questionnaire` made, in any of the model's languages.
        folder: the team's folder of this round; it is made if needed.
        replace: bring files of the same name up to date, whoever made them.
        dry_run: write nothing, only tell.
        model: what is asked; the current model if not given.

    Returns:
        Who was taken, who was not and why, and every cell that could not be used.

    Raises:
        ExchangeError: there is no such file, or it is no questionnaire.
        SaveError: the folder cannot be written.
    """
    path, folder, model = expanded(path), expanded(folder), model or load_model()
    book = _open(path)
    found = _Found(model, dict(_about(book)))
    for sheet in book.worksheets:
        marks = _marks(sheet)
        if "columns" in marks and sheet.sheet_state == "visible":
            found.person(sheet, marks)
        elif "setting team" in marks:
            found.team(sheet, marks)
    people, left_out = take(found.people, folder, model, replace_others=replace, dry_run=dry_run)
    notes = _keep_team(folder, found.settings, model, dry_run=dry_run)
    left_out = [*found.left_out, *left_out]
    return Intake(path.name, folder, dry_run, tuple(people), tuple(left_out), tuple(found.problems), notes)


def _open(path: Path) -> Workbook:
    try:
        book = load_workbook(io.BytesIO(path.read_bytes()))
    except FileNotFoundError as error:
        raise ExchangeError("no_such_file", file=str(path)) from error
    except OSError as error:
        raise ExchangeError("not_opened", file=path.name, found=error.strerror or str(error)) from error
    except Exception as error:  # a damaged workbook can fail anywhere inside openpyxl
        raise ExchangeError("not_a_workbook", file=path.name, found=type(error).__name__) from error
    if dict(_about(book)).get("schema") != SCHEMA:
        raise ExchangeError("not_a_workbook", file=path.name, found=SCHEMA)
    return book


def _about(book: Workbook) -> Iterator[tuple[str, str]]:
    for sheet in book.worksheets:
        for mark, cells in _marks(sheet).items():
            kind, _, name = mark.partition(" ")
            if kind == "about":
                yield name, text_of(sheet.cell(cells[0], 3).value)


def _marks(sheet: Worksheet) -> dict[str, list[int]]:
    """The lines of each mark in column A."""
    found: dict[str, list[int]] = {}
    for line in range(1, sheet.max_row + 1):
        if mark := text_of(sheet.cell(line, 1).value):
            found.setdefault(mark, []).append(line)
    return found


@dataclass
class _Found:
    """What the sheets of a workbook hold."""

    model: Model
    about: Mapping[str, str]
    people: list[Given] = field(default_factory=list)
    left_out: list[CxError] = field(default_factory=list)
    problems: list[CxError] = field(default_factory=list)
    settings: dict[str, str | float] = field(default_factory=dict)

    def person(self, sheet: Worksheet, marks: Mapping[str, list[int]]) -> None:
        """Take in a person's sheet; one that nobody has filled in is left out."""
        columns = {text_of(cell.value): cell.column for cell in sheet[marks["columns"][0]] if cell.value}
        if "answer" not in columns or "name" not in marks:
            what = say("exchange.your_answer" if "answer" not in columns else "exchange.your_name")
            self.left_out.append(ExchangeError("sheet_column", sheet=sheet.title, record=what))
            return
        values: dict[str, Value] = {}
        unclear: set[str] = set()
        unknown: list[str] = []
        for mark, lines in marks.items():
            kind, _, asked = mark.partition(" ")
            key = (
                carried_over(asked, self.about.get("version", ""), self.model) if kind == "question" else None
            )
            if kind != "question" or key is None:
                continue
            if not is_question(key, self.model):
                unknown.append(asked)
                continue
            proof = key.replace("element.", "evidence.") if key.startswith("element.") else ""
            for one, column in ((key, columns["answer"]), (proof, columns.get("evidence", 0))):
                if not one or not column:
                    continue
                for line in lines[1:]:
                    self.problems.append(self._cell("cell_twice", sheet.cell(line, column), one))
                try:
                    value = self._value(one, sheet.cell(lines[0], column), sheet)
                except ExchangeError as problem:
                    self.problems.append(problem)
                    unclear.add(one)
                    continue
                if value is not None:
                    values[one] = value
        if unknown:
            self.problems.append(
                ExchangeError("unknown_questions", sheet=sheet.title, record=", ".join(unknown[:5]))
            )
        self._seat(sheet, marks, columns, values, unclear)

    def _seat(
        self, sheet: Worksheet, marks: Mapping[str, list[int]], columns: Mapping[str, int], values: Mapping[str, Value],
        unclear: set[str],
    ) -> None:  # fmt: skip
        line = marks["name"][0]
        name = text_of(sheet.cell(line, columns["answer"]).value).strip()
        made_for = marks.get("person")
        id, known = (
            (text_of(sheet.cell(made_for[0], place).value) for place in (2, 3)) if made_for else ("", "")
        )
        if not values and not (made_for and name == known):
            self.left_out.append(ExchangeError("nobody_answered", sheet=sheet.title))
            return
        if not name:
            cell = f"{get_column_letter(columns['answer'])}{line}"
            self.left_out.append(ExchangeError("no_name", sheet=sheet.title, cell=cell))
            return
        if not made_for or name != known:
            id = sha256(f"{self.about.get('token', '')}\n{name.casefold()}".encode()).hexdigest()[:16]
        language = self.about.get("language", "")
        response = Response(name, values, id=id, language=language)
        self.people.append(Given(response, every_key(self.model), sheet.title, frozenset(unclear)))

    def _value(self, key: str, cell: Cell | MergedCell, sheet: Worksheet) -> Value | None:
        """What a cell answers; `None` when it is blank."""
        if merged := _merged(cell, sheet):
            raise self._cell("cell_merged", cell, key, found=merged)
        value: Any = cell.value
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if cell.data_type == "f":
            raise self._cell("cell_formula", cell, key, found=text_of(getattr(value, "text", value))[:60])
        if cell.data_type == "e":
            raise self._cell("cell_error", cell, key, found=str(value))
        if key.startswith("evidence."):
            text = text_of(value)
            if len(text) > LONGEST_TEXT:
                raise self._cell("cell_long", cell, key, found=len(text), allowed=LONGEST_TEXT)
            return text
        shown = value.isoformat() if isinstance(value, date | time) else text_of(value)
        if isinstance(value, float) and value.is_integer():
            shown = str(int(value))
        try:
            if isinstance(value, bool | date | time):
                raise Unclear(shown)
            return value_of(key, shown, self.model)
        except Unclear as problem:
            raise self._cell(
                "cell_value", cell, key, found=shown[:60], allowed=_offered(key, self.model)
            ) from problem

    def _cell(self, problem: str, cell: Cell | MergedCell, key: str, **data: Any) -> ExchangeError:
        kind, _, id = key.partition(".")
        name = self.model.records["element" if kind == "evidence" else kind][id].name
        record = say("exchange.answers_evidence", name=name) if kind == "evidence" else str(name)
        place = {"sheet": cell.parent.title, "cell": cell.coordinate, "record": record}
        return ExchangeError(problem, **place, **data)

    def team(self, sheet: Worksheet, marks: Mapping[str, list[int]]) -> None:
        """Take in the team's settings; what is left open is not among them."""
        for mark, (line, *_) in marks.items():
            kind, _, id = mark.partition(" ")
            id = (carried_over(f"element.{id}", self.about.get("version", ""), self.model) or "").removeprefix(
                "element."
            ) if kind == "element" else id  # fmt: skip
            if kind == "setting":
                self._setting(id, sheet.cell(line, 3), say(f"exchange.team_{id}"))
            elif kind == "element" and id in self.model.elements:
                for place, setting in {3: "target", 4: "weight"}.items():
                    name = str(self.model.elements[id].name)
                    self._setting(f"{setting}.{id}", sheet.cell(line, place), name)

    def _setting(self, key: str, cell: Cell | MergedCell, name: str) -> None:
        value: Any = cell.value
        if isinstance(value, str) and "." in key:
            value = unicodedata.normalize("NFKC", value).strip()
            value = float(value) if re.fullmatch(r"\d+(\.\d+)?", value) else value or None
        if value is None or value == "":
            return
        low, high = (1, self.model.levels) if key.startswith("target.") else (0, 100)
        place = {"sheet": cell.parent.title, "cell": cell.coordinate, "record": name}
        if cell.data_type == "f":
            self.problems.append(ExchangeError("cell_formula", **place, found=str(value)[:60]))
        elif "." not in key:
            text = value.isoformat()[:7] if isinstance(value, date) else text_of(value).strip()
            if safe_name(text) is None:
                letters = say("exchange.letters")
                self.problems.append(ExchangeError("cell_setting", **place, found=text[:60], allowed=letters))
            else:
                self.settings[key] = text
        elif isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.problems.append(
                ExchangeError("cell_setting", **place, found=str(value)[:60], allowed=f"{low}–{high}")
            )
        else:
            self.settings[key] = value


def _merged(cell: Cell | MergedCell, sheet: Worksheet) -> str:
    """The merge that an answer's cell is in, when it is not the questionnaire's own, which covers one question."""
    for one in sheet.merged_cells.ranges:
        if one.min_row <= cell.row <= one.max_row and one.min_col <= cell.column <= one.max_col:
            lines = range(one.min_row + 1, one.max_row + 1)
            others = any(text_of(sheet.cell(line, 1).value).startswith("question ") for line in lines)
            wide = one.min_col != one.max_col
            return str(one) if others or wide or isinstance(cell, MergedCell) else ""
    return ""


def _offered(key: str, model: Model) -> str:
    kind = key.partition(".")[0]
    names = (
        [str(one.name) for one in model.scales[kind].choices] if kind != "element" else [f"1–{model.levels}"]
    )
    names += [say("exchange.not_applicable")] if kind in {"element", "practice"} else []
    return say("result.join").join(names)


def _keep_team(
    folder: Path, settings: Mapping[str, str | float], model: Model, *, dry_run: bool
) -> tuple[str, ...]:
    """Write what the settings change in `team.json`; returns what they change in one that is there."""
    exists = (folder / TEAM_FILE).exists()
    try:
        found, _ = parse_team(read_text(folder / TEAM_FILE, AnswerError), TEAM_FILE, model)
    except AnswerError:
        found = Team()
    before = team_values(found)
    edits = {key: value for key, value in settings.items() if before.get(key) != value}
    if edits and not dry_run:
        TeamFile(folder, model).save(edits)
    nothing = say("exchange.setting_none")
    return tuple(
        say("exchange.setting_changed", record=key, old=before.get(key, nothing), new=value)
        for key, value in edits.items()
        if exists
    )
