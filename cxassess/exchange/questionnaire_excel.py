"""The questionnaire as an Excel workbook that works its scores out itself, in Excel and in LibreOffice.

A sheet per person, one for the team's targets and importance, and results as formulas (`questionnaire_formulas`).
Everything but the answers is locked. Column A of each sheet, hidden, names the question of each row, so that a
workbook that was filled in can be read back.
"""

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from cxassess import language as languages
from cxassess.answers import NOT_APPLICABLE, WEIGHTS, Response, Team, Value, read_answers
from cxassess.documents import write_whole
from cxassess.errors import SaveError
from cxassess.exchange.excel import Page, packed, set_text, sheet_name, storable
from cxassess.exchange.intake import ExchangeError
from cxassess.exchange.questionnaire_answers import Choices, Seat, add_answers, add_progress
from cxassess.exchange.questionnaire_formulas import add_result
from cxassess.exchange.questionnaire_person import add_person
from cxassess.file_names import expanded
from cxassess.language import current_language, say
from cxassess.model import Model, load_model

SCHEMA = "cxassess.questionnaire/1"
MOST_PEOPLE = 60


def write_questionnaire(
    path: str | Path, *, respondents: int | Sequence[str] = 0, folder: str | Path | None = None,
    team: Team | None = None, language: str | None = None, model: Model | None = None,
) -> Path:  # fmt: skip
    """Write the questionnaire as an Excel workbook whose formulas score it.

    Args:
        path: a file ending in .xlsx; its folder is made.
        respondents: how many people the workbook is for, or their names; 10 if neither they nor a folder is given.
        folder: a team's folder of one round, whose answers are filled in; `respondents` then come on top.
        team: its name, round, targets and importance; those of the folder if not given.
        language: `en` or `ja`; the current one if not given.
        model: what to ask; the current model if not given.

    Returns:
        The path that was written.

    Raises:
        ExchangeError: the ending is another, the file is there already (somebody may have answered in it), there are
            too many people or none, or two have one name.
        AnswerError: the folder has no answers.
        SaveError: the file cannot be written.

    >>> import tempfile
    >>> write_questionnaire(f"{tempfile.mkdtemp()}/team.xlsx", respondents=["Anna", "Ben"]).name
    'team.xlsx'
    """
    path, model = expanded(path), model or load_model()
    if path.suffix.lower() != ".xlsx":
        raise ExchangeError("not_excel", file=path.name)
    if os.path.lexists(path):
        raise ExchangeError("written_before", file=str(path))
    found = read_answers(folder, model) if folder else None
    names = list(respondents) if not isinstance(respondents, int) else [""] * respondents
    if not names and not found:
        names = [""] * 10
    filled = found.responses if found else ()
    people = [*filled, *(Response(name, {}) for name in names)]
    _check(people)
    team = team or (found.team if found else Team())
    with languages.language(language):
        data = to_excel(people, team, model, filled=len(filled))
    try:
        write_whole({path: data})
    except OSError as error:
        raise SaveError("not_written", file=str(path), found=error.strerror or str(error)) from error
    return path


def to_excel(people: Sequence[Response], team: Team, model: Model, *, filled: int = 0) -> bytes:
    """The workbook in the current language; of the people, the first `filled` have files already."""
    book = Workbook()
    start: Worksheet = book.active  # type: ignore[assignment]
    taken: set[str] = set()
    titles = {
        key: _free(say(f"exchange.sheet_{key}"), taken) for key in ("start", "result", "progress", "team")
    }
    seats_of = [
        _free(one.respondent or say("exchange.person", n=n), taken, say("exchange.person", n=n))
        for n, one in enumerate(people, 1)
    ]
    titles["answers"] = _free(say("exchange.sheet_answers"), taken)
    sheets = {key: book.create_sheet() for key in ("result", "progress", "team")}
    choices = _lists(model)
    token = secrets.token_hex(8)
    seats = [
        add_person(book.create_sheet(), title, one, n, model, choices, filled=n <= filled)
        for n, (title, one) in enumerate(zip(seats_of, people, strict=True), 1)
    ]
    settings = _team(sheets["team"], titles["team"], team, model)
    answers = add_answers(book.create_sheet(), titles["answers"], seats, model, choices)
    add_result(sheets["result"], titles["result"], answers, settings, model)
    add_progress(sheets["progress"], titles["progress"], answers, model)
    about = {"schema": SCHEMA, "token": token, "version": model.version, "hash": model.hash,
             "language": current_language()}  # fmt: skip
    _start(start, titles, seats, answers.given, about, model)
    _fill_lists(book.create_sheet(), choices)
    book.properties.title = say("exchange.title")
    book.calculation.fullCalcOnLoad = True
    return packed(book)


def asked(model: Model) -> list[str]:
    """The questions in the order of the workbook, evidence left out."""
    keys = [f"element.{one.id}" for theme in model.themes for one in model.elements_of(theme)]
    keys += [f"practice.{one.id}" for function in model.functions for one in model.practices_of(function)]
    return keys + [f"condition.{id}" for id in model.conditions] + [f"cause.{id}" for id in model.causes]


def _check(people: Sequence[Response]) -> None:
    if not 1 <= len(people) <= MOST_PEOPLE:
        raise ExchangeError("no_people", found=len(people), most=MOST_PEOPLE)
    names = [one.respondent.strip().casefold() for one in people if one.respondent.strip()]
    double = next((name for name in names if names.count(name) > 1), None)
    if double:
        raise ExchangeError("double_name", found=double[:60])


def _free(title: str, taken: set[str], instead: str = "") -> str:
    """A title that no other sheet has; capitals do not tell sheets apart."""
    title = sheet_name("".join(letter for letter in title if letter.isprintable())).strip("'") or instead
    number, found = 1, title
    while found.casefold() in taken | {"history", "lists"}:
        number += 1
        found = f"{title[:27]} {number}"
    taken.add(found.casefold())
    return found


def _lists(model: Model) -> dict[str, Choices]:
    """What can be chosen for each kind of question: shown and stored."""
    na: dict[str | int, Value] = {say("exchange.not_applicable"): NOT_APPLICABLE}
    found: dict[str, dict[str | int, Value]] = {"element": {n: n for n in range(1, model.levels + 1)}}
    found["element"] |= na
    for kind, scale in model.scales.items():
        if kind in {"practice", "condition", "cause"}:
            found[kind] = {str(choice.name): choice.value for choice in scale.choices}
            if kind == "practice":
                found[kind] |= na
    return {
        kind: Choices(
            pairs,
            f"lists!${get_column_letter(place)}$1:${get_column_letter(place)}${len(pairs)}",
            f"lists!${get_column_letter(place + 1)}$1:${get_column_letter(place + 1)}${len(pairs)}",
        )
        for place, (kind, pairs) in zip(range(1, 99, 2), found.items(), strict=False)
    }


def _fill_lists(sheet: Worksheet, lists: Mapping[str, Choices]) -> None:
    sheet.title = "lists"
    sheet.sheet_state = "hidden"
    for place, choices in zip(range(1, 99, 2), lists.values(), strict=False):
        for line, pair in enumerate(choices.pairs.items(), 1):
            for column, value in enumerate(pair, place):
                if isinstance(value, str):
                    set_text(sheet.cell(line, column), value)
                else:
                    sheet.cell(line, column).value = value
    sheet.protection.sheet = True


def _between(low: float, high: float) -> DataValidation:
    rule = DataValidation(
        type="decimal", operator="between", formula1=str(low), formula2=str(high), allow_blank=True, showErrorMessage=True,
    )  # fmt: skip
    rule.errorTitle, rule.error = (
        say("exchange.choose_title")[:32],
        say("exchange.number_error", low=low, high=high),
    )
    return rule


def _team(sheet: Worksheet, title: str, team: Team, model: Model) -> dict[str, str]:
    """The team's settings; returns the cells of `team`, `round`, `target.…` and `weight.…` for formulas."""
    page = Page(sheet, title, (44, 24, 24), model.colours)
    page.text(title, size=18, bold=True, ink="accent")
    page.text(say("exchange.team_intro", target=f"{model.rules.target:g}"))
    cells = {}
    for key, value in {"team": team.name, "round": team.round}.items():
        page.put(2, say(f"exchange.team_{key}"), bold=True, fill="wash", framed=True)
        cells[key] = page.put(3, storable(value) or None, entry=True, to=4, bold=True)
        page.next(f"setting {key}", 22)
    page.next("", 12)
    heads = (
        say("exchange.element"),
        say("exchange.target", levels=model.levels),
        say("exchange.weight", most=WEIGHTS[1]),
    )
    for place, head in enumerate(heads, 2):
        page.put(place, head, bold=True, ink="paper", fill="accent", framed=True)
    page.next("columns target weight", 20)
    rules = (_between(1, model.levels), _between(*WEIGHTS))
    for theme in model.themes:
        for one in model.elements_of(theme):
            page.put(2, str(one.name), fill="wash", framed=True)
            for place, (kind, numbers) in enumerate({"target": team.targets, "weight": team.weights}.items()):
                cells[f"{kind}.{one.id}"] = page.put(3 + place, numbers.get(one.id), entry=True, side="center")  # fmt: skip
                rules[place].add(sheet.cell(page.line, 3 + place))
            page.next(f"element {one.id}", 20)
    for rule in rules:
        sheet.add_data_validation(rule)
    page.finish(say("exchange.title"))
    return {key: f"{quote_sheetname(title)}!{cell}" for key, cell in cells.items()}


def _start(
    sheet: Worksheet, titles: Mapping[str, str], seats: Sequence[Seat], given: Sequence[str], about: Mapping[str, str],
    model: Model,
) -> None:  # fmt: skip
    n = len(asked(model))
    page = Page(sheet, titles["start"], (40, 14, 14, 40), model.colours)
    page.text(say("exchange.title"), size=22, bold=True, ink="accent")
    page.next("", 8)
    page.text(say("exchange.start_1"), ink="ink", size=11.5)
    page.text(say("exchange.start_2"), ink="ink", size=11.5)
    page.text(say("exchange.start_3", team=titles["team"]), ink="ink", size=11.5)
    page.text(say("exchange.start_4", result=titles["result"]), ink="ink", size=11.5)
    page.next("", 6)
    page.text(say("exchange.start_unseen"))
    page.text(say("exchange.start_locked"))
    page.next("", 12)
    for place, key in {2: "start_people", 3: "start_answered"}.items():
        page.put(place, say(f"exchange.{key}"), bold=True, ink="paper", fill="accent", framed=True, to=4 if place == 3 else 0)  # fmt: skip
    page.put(5, None, fill="accent", framed=True)
    page.next("", 20)
    for seat, count in zip(seats, given, strict=True):
        page.formula(2, seat.named, bold=True, fill="wash", framed=True)
        page.formula(3, count, framed=True, side="right")
        page.put(4, say("exchange.start_of", n=n), framed=True, ink="muted")
        page.put(5, say("exchange.start_open"), framed=True, ink="accent")
        cell = sheet.cell(page.line, 5)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{seat.sheet}!{seat.name}")
        page.next("", 20)
    page.next("", 12)
    page.text(say("exchange.about"), size=9, bold=True)
    for name, text in about.items():
        page.put(2, name, size=8, ink="muted")
        page.put(3, text, size=8, ink="muted", to=5)
        page.next(f"about {name}", 12)
    page.finish(say("exchange.title"))
