"""The questionnaire in Excel: its formulas score as the package does, and a filled-in workbook comes back."""

import errno
import json
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

import cxassess as cx
from cxassess import documents, live
from cxassess.answer_files import response_table
from cxassess.answers import SCHEMA, TEAM_SCHEMA, Answers, Response, Team
from cxassess.exchange.intake import ExchangeError, Outcome
from cxassess.exchange.questionnaire_excel import MOST_PEOPLE, asked
from cxassess.language import language, say
from cxassess.scoring import Withheld
from tests.conftest import TEAMS
from tests.libreoffice import Cells, needed, recalculated

MODEL = cx.load_model()
TEAM = TEAMS / "customer-support" / "2026-07"
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "'x", "=HYPERLINK(\"http://x\",\"y\")", "_x0041_", "a\nb", "  b ", "\t=1", "…" * 300]  # fmt: skip
CLOSE = 1e-9


# The formulas ------------------------------------------------------------------------------------------


def a_set(draw: random.Random, most: int) -> tuple[list[Response], Team]:
    """A random team: blanks, not-applicables, sparse and full sheets, weights with zeros, targets."""
    people = []
    for n in range(draw.choice([1, 2, 3, most]) if most > 1 else 1):
        values: dict[str, Any] = {}
        blank, na = draw.choice([0, 0, 0.1, 0.3, 0.6, 0.95]), draw.choice([0, 0, 0.1, 0.5, 1])
        for key in asked(MODEL):
            if draw.random() < blank:
                continue
            kind, _, id = key.partition(".")
            if kind in {"element", "practice"} and draw.random() < na:
                values[key] = "na"
            elif kind == "element":
                values[key] = draw.randint(1, MODEL.levels)
                if draw.random() < 0.5:
                    values[f"evidence.{id}"] = draw.choice(["seen", " ", "客観的な根拠"])
            else:
                values[key] = draw.choice(MODEL.scales[kind].choices).value
        if values:
            people.append(Response(f"p{n}", values))
    weights = {id: draw.choice([0, 0, 0.5, 1, 2, 3.7]) for id in MODEL.elements if draw.random() < 0.6}
    if draw.random() < 0.05:
        weights = dict.fromkeys(MODEL.elements, 0.0)
    targets = {id: draw.choice([1, 2.5, 3, 4.5, 5]) for id in MODEL.elements if draw.random() < 0.4}
    return people or [Response("p0", {"element.goals": 3})], Team("", "", targets, weights)


class Book:
    """A workbook's sheets and the cells of their questions."""

    def __init__(self, path: Path, code: str) -> None:
        self.path, self.code = path, code
        self.book = load_workbook(path)
        with language(code):
            self.titles = {
                key: say(f"exchange.sheet_{key}")
                for key in ("start", "team", "result", "progress", "answers")
            }
        self.seats = [sheet for sheet in self.book.worksheets if sheet["A1"].value == "columns"]

    def lines(self, sheet: Worksheet) -> dict[str, int]:
        return {str(cell.value): cell.row for cell in sheet["A"] if cell.value}

    def shown(self, key: str, value: Any) -> Any:
        kind = key.partition(".")[0]
        with language(self.code):
            if value == "na":
                return say("exchange.not_applicable")
            if kind in {"element", "evidence"}:
                return value
            return str(next(one.name for one in MODEL.scales[kind].choices if one.value == value))

    def entries(self, people: list[Response], team: Team) -> Cells:
        """What these people and this team would type where."""
        found: Cells = {}
        for sheet, one in zip(self.seats, people, strict=False):
            lines = self.lines(sheet)
            found[sheet.title] = {
                (f"E{lines['question ' + key.replace('evidence.', 'element.')]}" if key.startswith("evidence.")
                 else f"D{lines['question ' + key]}"): self.shown(key, value)
                for key, value in one.values.items()
            }  # fmt: skip
        lines = self.lines(self.book[self.titles["team"]])
        settings = {f"C{lines[f'element {id}']}": value for id, value in team.targets.items()}
        settings |= {f"D{lines[f'element {id}']}": value for id, value in team.weights.items()}
        found[self.titles["team"]] = settings
        return found


def expected(result: cx.Result) -> dict[str, Any]:
    """What a sheet must show, by the mark of its line: score, why it is withheld, coverage and the like."""
    found: dict[str, Any] = {}
    for mark, one in {
        "index": result.index,
        **{f"theme {id}": one for id, one in result.themes.items()},
    }.items():
        found[mark] = (one.score, one.withheld, one.coverage)
    for id, one in result.elements.items():
        found[f"element {id}"] = (one.score, one.withheld, one.coverage, *one.counts, one.not_applicable, one.blank,
                                  one.spread, one.target, one.gap, one.weight)  # fmt: skip
    claims = len(result.claims)
    found |= {"agreement": result.agreement, "people": len(result.answers.responses), "claims": claims}
    for kind in ("practice", "condition", "cause"):
        for id, tally in getattr(result, {"practice": "practices", "condition": "conditions", "cause": "causes"}[kind]).items():  # fmt: skip
            found[f"{kind} {id}"] = tally.mean
    found["stage"] = result.stage.id if result.stage else None
    return found


def read_out(book: Book, sheets: dict[str, list[list[Any]]]) -> dict[str, Any]:
    """The same from the sheets' cells."""
    found: dict[str, Any] = {}
    levels = MODEL.levels
    first = 5 + levels  # the column after the counts of each level, from 0
    rows = {str(row[0]): row for row in sheets[book.titles["result"]] if row[0]}
    codes = {"": None, **{str(one): one for one in Withheld}}
    for mark, row in rows.items():
        if mark == "index" or mark.startswith(("theme ", "element ")):
            found[mark] = (_number(row[2]), codes[row[first + 7]], row[4])
        if mark.startswith("element "):
            found[mark] += (*row[5:first], *row[first : first + 2], *map(_number, row[first + 2 : first + 6]))
    found |= {key: _number(rows[key][2]) for key in ("agreement", "people", "claims")}
    with language(book.code):
        found["stage"] = next((one.id for one in MODEL.stages if str(one.name) == rows["stage"][2]), None)
    for row in sheets[book.titles["progress"]]:
        if str(row[0]).startswith(("practice ", "condition ", "cause ")):
            found[str(row[0])] = _number(row[max(len(one.choices) for one in MODEL.scales.values()) + 4])
    return found


def _number(value: Any) -> float | None:
    return None if value in ("", None) else value


def differences(found: Any, wanted: Any, where: str = "") -> Iterator[str]:
    if isinstance(wanted, dict):
        assert found.keys() >= wanted.keys(), wanted.keys() - found.keys()
        for key, value in wanted.items():
            yield from differences(found[key], value, f"{where} {key}")
    elif isinstance(wanted, tuple):
        for number, (one, other) in enumerate(zip(found, wanted, strict=True)):
            yield from differences(one, other, f"{where}[{number}]")
    elif wanted is None or isinstance(wanted, str):
        if found != wanted:
            yield f"{where}: {found!r} is not {wanted!r}"
    elif found is None or abs(found - wanted) > CLOSE:
        yield f"{where}: {found!r} is not {wanted!r}"


SETS = (("en", 6, 700), ("ja", 1, 300))
"""Language, most people, and how many random teams: 1,000 in all."""


def random_teams(code: str, most: int, sets: int) -> list[tuple[list[Response], Team]]:
    """The random teams that Excel, the package and the browser are asked about."""
    draw = random.Random(f"{code} {most}")
    return [a_set(draw, most) for _ in range(sets)]


def as_files(people: list[Response], team: Team) -> list[dict[str, str]]:
    """A team's files as the pages hand them to Python."""
    files = [{"name": f"{one.respondent}.json", "text": json.dumps(response_table(one))} for one in people]
    settings = {"schema": TEAM_SCHEMA, "targets": dict(team.targets), "weights": dict(team.weights)}
    return [*files, {"name": "team.json", "text": json.dumps(settings)}]


def asked_live(people: list[Response], team: Team) -> dict[str, Any]:
    """What the published pages say about the same answers."""
    asked = json.dumps({"files": as_files(people, team)})
    found: dict[str, Any] = json.loads(live.call("result", asked, "en"))["numbers"]
    return found


@pytest.mark.parametrize(("code", "most", "sets"), SETS)
def test_formulas_score_as_the_package_does(code: str, most: int, sets: int, tmp_path: Path) -> None:
    """1,000 random teams in all: Excel's formulas in LibreOffice, `cx.score`, and what the pages run."""
    path = cx.write_questionnaire(tmp_path / "q.xlsx", respondents=most, language=code)
    book = Book(path, code)
    teams = random_teams(code, most, sets)
    sheets = [book.titles["result"], book.titles["progress"]]
    out = recalculated(path, [book.entries(*one) for one in teams], sheets)
    seen = set()
    for (people, team), found in zip(teams, out, strict=True):
        result = cx.score(Answers(team, tuple(people)))
        wanted = expected(result)
        assert [*differences(read_out(book, found), wanted)] == []
        numbers = asked_live(people, team)
        scores = (numbers["index"], numbers["coverage"], numbers["agreement"], numbers["stage"])
        assert [*differences(scores, (result.index.score, result.coverage, result.agreement, wanted["stage"]))] == []  # fmt: skip
        assert numbers["elements"] == {id: one.score for id, one in result.elements.items()}
        seen |= {one.withheld for one in (*result.elements.values(), result.index)}
    assert seen >= {None, *Withheld}  # every reason has come up


def test_a_coverage_that_is_just_enough_is_enough(tmp_path: Path) -> None:
    """7 of 10 people rate everything: exactly the 70 % that the index needs, whatever floating point makes of it."""
    path = cx.write_questionnaire(tmp_path / "q.xlsx", respondents=10)
    book = Book(path, "en")
    full = {f"element.{id}": 3 for id in MODEL.elements}
    people = [Response(f"p{n}", full if n < 7 else {"practice.chatbot": "trial"}) for n in range(10)]
    [out] = recalculated(
        path, [book.entries(people, Team())], [book.titles["result"], book.titles["progress"]]
    )
    assert read_out(book, out)["index"][:2] == (3.0, None)


def test_libreoffice_saves_a_workbook_that_is_read_back(tmp_path: Path) -> None:
    """Written from a folder, opened and saved elsewhere, read back: the same answers and settings."""
    office, _ = needed()
    people = [Response("=1+1", {"element.goals": 4, "evidence.goals": text}) for text in HOSTILE[:1]]
    folder = tmp_path / "team"
    write(folder, people, {"=1+1": HOSTILE})
    path = cx.write_questionnaire(tmp_path / "q.xlsx", folder=folder, language="ja")
    command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
               "--outdir", str(tmp_path / "saved"), str(path)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    saved = tmp_path / "saved" / "q.xlsx"
    intake = cx.read_questionnaire(saved, tmp_path / "back")
    assert not intake.problems and [one.outcome for one in intake.people] == [Outcome.NEW]
    same(folder, tmp_path / "back")
    sheet = load_workbook(saved, data_only=True)["結果"]
    row = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "element goals")
    assert row[2] == cx.score(cx.read_answers(folder)).elements["goals"].score


# There and back ----------------------------------------------------------------------------------------


def write(folder: Path, people: list[Response], evidence: dict[str, list[str]] | None = None) -> None:
    folder.mkdir(exist_ok=True)
    for one in people:
        values = dict(one.values)
        for id, text in zip(MODEL.elements, (evidence or {}).get(one.respondent, []), strict=False):
            values |= {f"element.{id}": 5, f"evidence.{id}": text}
        table = {"schema": SCHEMA, "respondent": one.respondent, "id": one.id, "answers": values}
        (folder / f"{one.respondent}.json").write_text(json.dumps(table), "utf-8")


def same(folder: Path, other: Path) -> None:
    first, second = cx.read_answers(folder), cx.read_answers(other)
    assert [(one.respondent, one.id, one.values) for one in first.responses] == [
        (one.respondent, one.id, one.values) for one in second.responses
    ]
    assert (first.team.name, first.team.targets, first.team.weights) == (
        second.team.name, second.team.targets, second.team.weights,
    )  # fmt: skip


@pytest.mark.parametrize("code", ["en", "ja"])
def test_a_teams_workbook_comes_back(code: str, tmp_path: Path) -> None:
    path = cx.write_questionnaire(tmp_path / "q.xlsx", folder=TEAM, respondents=1, language=code)
    with language("en" if code == "ja" else "ja"):  # whoever reads it may read it in another language
        intake = cx.read_questionnaire(path, tmp_path / "back")
    same(TEAM, tmp_path / "back")
    assert {one.outcome for one in intake.people} == {Outcome.NEW}
    assert [one.key for one in intake.left_out] == ["nobody_answered"]
    assert {one.outcome for one in cx.read_questionnaire(path, tmp_path / "back").people} == {Outcome.SAME}


def test_texts_are_never_formulas_and_come_back(tmp_path: Path) -> None:
    write(
        tmp_path / "team", [Response("=cmd", {}), Response("-x", {})], {"=cmd": HOSTILE, "-x": HOSTILE[::-1]}
    )
    (tmp_path / "team" / "team.json").write_text(
        json.dumps({"schema": TEAM_SCHEMA, "team": "=1+1", "round": "+2"}), "utf-8"
    )
    path = cx.write_questionnaire(tmp_path / "q.xlsx", folder=tmp_path / "team")
    book = load_workbook(path)
    for sheet in book.worksheets:
        if sheet["A1"].value == "columns" or sheet.title == "Team":
            assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert cx.read_questionnaire(path, tmp_path / "back").problems == ()
    same(tmp_path / "team", tmp_path / "back")


@cache
def for_anna() -> bytes:
    with tempfile.TemporaryDirectory() as place:
        return cx.write_questionnaire(Path(place) / "q.xlsx", respondents=["Anna"]).read_bytes()


def opened(tmp_path: Path, **options: Any) -> tuple[Any, Worksheet, dict[str, int]]:
    path = tmp_path / "q.xlsx"
    if options:
        cx.write_questionnaire(path, **{"respondents": ["Anna"], **options})
    else:
        path.write_bytes(for_anna())
    book = load_workbook(path)
    sheet = next(one for one in book.worksheets if one["A1"].value == "columns")
    return (
        book,
        sheet,
        {str(cell.value).removeprefix("question "): cell.row for cell in sheet["A"] if cell.value},
    )


BAD = {
    "a text": ("element.goals", "often", "cell_value"),
    "seven": ("element.goals", 7, "cell_value"),
    "zero": ("element.goals", 0, "cell_value"),
    "a half": ("element.goals", 3.5, "cell_value"),
    "true": ("element.goals", True, "cell_value"),
    "a formula": ("element.goals", "=2+2", "cell_formula"),
    "an error": ("element.goals", "#REF!", "cell_error"),
    "another scale": ("practice.chatbot", "Yes", "cell_value"),
    "a number": ("practice.chatbot", 3, "cell_value"),
    "not applicable": ("condition.data_driven", "N/A", "cell_value"),
    "a formula for evidence": ("evidence.goals", '=HYPERLINK("http://x")', "cell_formula"),
    "an endless text": ("evidence.goals", "x" * 20_001, "cell_long"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_cell_is_named_with_sheet_cell_and_remedy(name: str, tmp_path: Path) -> None:
    key, value, problem = BAD[name]
    book, sheet, lines = opened(tmp_path)
    cell = f"{'E' if key.startswith('evidence') else 'D'}{lines[key.replace('evidence', 'element')]}"
    sheet[cell] = value
    sheet[f"D{lines['element.data']}"] = 2
    book.save(tmp_path / "q.xlsx")
    for code in ("en", "ja"):
        with language(code):
            intake = cx.read_questionnaire(tmp_path / "q.xlsx", tmp_path / "back", dry_run=code == "en")
            [found] = intake.problems
            assert found.key == problem
            assert sheet.title in str(found) and cell in str(found)
            assert str(found)[-1] in ".。" and str(found) in repr(intake)
    assert cx.read_answers(tmp_path / "back").responses[0].values == {"element.data": 2}


@pytest.mark.parametrize(
    ("typed", "stored"), [("4", 4), ("４", 4), (4.0, 4), (" n/a ", "na"), ("該当なし", "na")]
)
def test_what_people_type_without_the_list_is_understood(typed: Any, stored: Any, tmp_path: Path) -> None:
    book, sheet, lines = opened(tmp_path)
    sheet[f"D{lines['element.goals']}"] = typed
    book.save(tmp_path / "q.xlsx")
    cx.read_questionnaire(tmp_path / "q.xlsx", tmp_path / "back")
    assert cx.read_answers(tmp_path / "back").responses[0].values == {"element.goals": stored}


def test_merged_cells_and_rows_that_were_copied_are_named(tmp_path: Path) -> None:
    book, sheet, lines = opened(tmp_path)
    goals, data = lines["element.goals"], lines["element.data"]
    for merge in [*sheet.merged_cells.ranges]:
        if merge.min_row == goals and merge.min_col == 4:
            sheet.unmerge_cells(str(merge))
    sheet[f"D{goals}"] = 3
    sheet.merge_cells(start_row=goals, start_column=4, end_row=data, end_column=4)
    sheet[f"D{lines['practice.chatbot']}"] = "On trial"
    sheet[f"A{sheet.max_row + 1}"] = "question practice.chatbot"
    book.save(tmp_path / "q.xlsx")
    intake = cx.read_questionnaire(tmp_path / "q.xlsx", tmp_path / "back")
    assert {one.key for one in intake.problems} == {"cell_merged", "cell_twice"}
    assert cx.read_answers(tmp_path / "back").responses[0].values == {"practice.chatbot": "trial"}


def test_inserted_rows_and_columns_do_no_harm(tmp_path: Path) -> None:
    book, sheet, lines = opened(tmp_path)
    sheet[f"D{lines['element.goals']}"] = 3
    for merge in [*sheet.merged_cells.ranges]:
        sheet.unmerge_cells(str(merge))
    sheet.insert_cols(4)
    sheet.insert_rows(8, 3)
    book.save(tmp_path / "q.xlsx")
    assert cx.read_questionnaire(tmp_path / "q.xlsx", tmp_path / "back").problems == ()
    assert cx.read_answers(tmp_path / "back").responses[0].values == {"element.goals": 3}


def test_nobody_s_file_is_overwritten_by_another_person(tmp_path: Path) -> None:
    write(tmp_path / "back", [Response("anna", {"element.goals": 1}, id="another person")])
    book, sheet, lines = opened(tmp_path)
    sheet[f"D{lines['element.goals']}"] = 5
    book.save(tmp_path / "q.xlsx")
    intake = cx.read_questionnaire(tmp_path / "q.xlsx", tmp_path / "back")
    assert [one.key for one in intake.left_out] == ["someone_else"] and not intake.people
    assert "anna.json" in str(intake.left_out[0])
    assert cx.read_answers(tmp_path / "back").responses[0].values == {"element.goals": 1}
    assert (
        cx.read_questionnaire(tmp_path / "q.xlsx", tmp_path / "back", replace=True).people[0].outcome
        == "changed"
    )
    assert cx.read_answers(tmp_path / "back").responses[0].values == {"element.goals": 5}
    assert (tmp_path / "back" / ".previous" / "anna.json").is_file()


def test_a_workbook_that_was_filled_in_further_updates_its_people(tmp_path: Path) -> None:
    book, sheet, lines = opened(tmp_path, respondents=["Anna", "Ben"])
    for values in ({"element.goals": 5, "element.data": 2}, {"element.goals": None, "element.data": 4}):
        for key, value in values.items():
            sheet[f"D{lines[key]}"] = value
        book.save(tmp_path / "q.xlsx")
        intake = cx.read_questionnaire(tmp_path / "q.xlsx", tmp_path / "back")
    assert [one.outcome for one in intake.people] == [Outcome.CHANGED]
    assert cx.read_answers(tmp_path / "back").responses[0].values == {"element.data": 4}


def test_copies_for_each_person_come_together_in_one_folder(tmp_path: Path) -> None:
    """One workbook for one person, copied for two: they are two people, also when one took the other's copy."""
    book, sheet, lines = opened(tmp_path, respondents=1)
    for name, rating in {"Anna": 2, "Ben": 4}.items():
        sheet[f"D{lines['name']}"], sheet[f"D{lines['element.goals']}"] = name, rating
        book.save(tmp_path / "q.xlsx")
        cx.read_questionnaire(tmp_path / "q.xlsx", tmp_path / "back")
    found = cx.read_answers(tmp_path / "back")
    assert {one.respondent: one.values["element.goals"] for one in found.responses} == {"Anna": 2, "Ben": 4}
    assert not found.problems


def test_a_sheet_without_a_name_or_with_a_bad_or_double_one_is_left_out(tmp_path: Path) -> None:
    book, _, lines = opened(tmp_path, respondents=4)
    for sheet, name in zip([one for one in book.worksheets if one["A1"].value == "columns"], ["Anna", "ANNA", "../x", None], strict=True):  # fmt: skip
        sheet[f"D{lines['name']}"], sheet[f"D{lines['element.goals']}"] = name, 3
    book.save(tmp_path / "q.xlsx")
    intake = cx.read_questionnaire(tmp_path / "q.xlsx", tmp_path / "back")
    assert [one.respondent for one in intake.people] == ["Anna"]
    assert {one.key for one in intake.left_out} == {"same_name", "bad_name", "no_name"}


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = cx.write_questionnaire(tmp_path / "q.xlsx", folder=TEAM)
    intake = cx.read_questionnaire(path, tmp_path / "back", dry_run=True)
    assert len(intake.people) == 8 and not (tmp_path / "back").exists()
    assert "<td>momiji</td>" in intake._repr_html_()


def test_the_teams_settings_come_back_and_a_bad_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    for name in ("team.json", "momiji.json"):
        shutil.copy(TEAM / name, tmp_path / "team" / name)
    book, _, _ = opened(tmp_path, respondents=0, folder=tmp_path / "team")
    sheet = book["Team"]
    lines = {str(cell.value): cell.row for cell in sheet["A"] if cell.value}
    sheet[f"C{lines['element goals']}"], sheet[f"D{lines['element goals']}"] = 9, "much"
    sheet[f"C{lines['element service']}"] = 5
    book.save(tmp_path / "q.xlsx")
    intake = cx.read_questionnaire(tmp_path / "q.xlsx", tmp_path / "team")
    assert [one.key for one in intake.problems] == ["cell_setting"] * 2
    assert len(intake.notes) == 1 and "target.service" in intake.notes[0]
    assert cx.read_answers(tmp_path / "team").team.targets["service"] == 5


def test_answers_are_open_and_formulas_are_locked(tmp_path: Path) -> None:
    book, sheet, lines = opened(tmp_path)
    cells = [cell for row in sheet.iter_rows() for cell in row if not isinstance(cell, MergedCell)]
    open_cells = {cell.coordinate for cell in cells if not cell.protection.locked}
    wanted = {f"D{lines[key]}" for key in asked(MODEL)} | {
        f"E{lines[f'element.{id}']}" for id in MODEL.elements
    }
    assert open_cells == wanted | {f"D{lines['name']}"}
    for one in book.worksheets:
        assert one.protection.sheet
        formulas = [cell for row in one.iter_rows() for cell in row if cell.data_type == "f"]
        assert all(cell.protection.locked for cell in formulas)
        assert all(len(str(cell.value)) < 8192 for cell in formulas)
    offered = {
        str(area) for rule in sheet.data_validations.dataValidation for area in str(rule.sqref).split()
    }
    assert offered == {f"D{lines[key]}" for key in asked(MODEL)}


@pytest.mark.parametrize("respondents", [MOST_PEOPLE + 1, ["Anna", "ANNA"]])
def test_too_many_people_or_two_of_one_name_are_refused(respondents: Any, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError):
        cx.write_questionnaire(tmp_path / "q.xlsx", respondents=respondents)


def test_every_name_gets_a_sheet_whose_formulas_work(tmp_path: Path) -> None:
    names = [
        "O'Neil",
        "'",
        "a" * 80,
        "a" * 79 + "b",
        "History",
        "lists",
        "Result",
        "[x]:*?/\\",
        "=1",
        "結果",
        "😀",
    ]
    path = cx.write_questionnaire(tmp_path / "q.xlsx", respondents=names)
    book = Book(path, "en")
    titles = [one.title.casefold() for one in book.book.worksheets]
    assert len(set(titles)) == len(titles) and all(0 < len(title) <= 31 for title in titles)
    people = [Response(name, {"element.goals": 4}) for name in names]
    [out] = recalculated(path, [book.entries(people, Team())], ["Result", "Practices", "All answers"])
    assert read_out(book, out)["people"] == len(names)
    assert next(row for row in out["All answers"] if row[1] == "Element")[2:] == names


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"a,b\n1,2"])
def test_a_file_that_is_no_questionnaire_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(ExchangeError) as problem:
        cx.read_questionnaire(tmp_path / "x.xlsx", tmp_path / "back")
    assert problem.value.key == "not_a_workbook" and "x.xlsx" in str(problem.value)


def test_a_workbook_in_which_people_answered_is_not_overwritten(tmp_path: Path) -> None:
    path = cx.write_questionnaire(tmp_path / "q.xlsx", respondents=["Anna"])
    before = path.read_bytes()
    with pytest.raises(ExchangeError) as problem:
        cx.write_questionnaire(path, respondents=["Ben"])
    assert problem.value.key == "written_before" and str(path) in str(problem.value)
    assert path.read_bytes() == before


def test_a_disk_that_fills_up_leaves_no_half_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(documents.os, "fsync", full)
        with pytest.raises(cx.SaveError, match="No space left"):
            cx.write_questionnaire(tmp_path / "q.xlsx", respondents=["Anna"])
    assert not list(tmp_path.iterdir())
    assert cx.write_questionnaire(tmp_path / "q.xlsx", respondents=["Anna"]).is_file()
