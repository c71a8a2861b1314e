"""A person's sheet in the questionnaire's workbook: every question with its texts, an answer from a list, evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from cxassess.answers import Response, Value
from cxassess.exchange.excel import Page, height, rgb, storable
from cxassess.exchange.questionnaire_answers import Choices, Seat
from cxassess.language import current_language, say
from cxassess.model import Model

PAGE = 1150
"""How high a printed page of a person's sheet is, in points before it is made to fit."""
_WIDTHS = (5, 92, 18, 46)
_NUMBER, _TEXT, _ANSWER, _EVIDENCE = 2, 3, 4, 5


@dataclass
class _Form:
    """A person's sheet as its questions are put on it."""

    page: Page
    values: Mapping[str, Value]
    lists: Mapping[str, Choices]
    rules: dict[str, DataValidation]
    cells: dict[str, str]
    used: float = 0.0

    def room(self, high: float, then: float = 0) -> None:
        """Go to a new printed page where this one has no room for that, with what must follow on the same."""
        if self.used + high + then > PAGE:
            self.page.sheet.row_breaks.append(Break(id=self.page.line - 1))
            self.used = 0.0
        self.used += high

    def group(self, name: str, head: str, lines: Sequence[str]) -> None:
        """The name of a group of questions, on one page with the first of them."""
        self.room(20, sum(_tall(head, lines)))
        self.page.text(name, size=12, bold=True, ink="ink")

    def question(self, key: str, head: str, lines: Sequence[str], *, numbered: bool = False) -> None:
        """A question with its lines of text, the answer beside all of them, and room for evidence."""
        page, kind = self.page, key.partition(".")[0]
        colours = page.colours
        tall = _tall(head, lines)
        self.room(sum(tall))
        first = page.line
        page.put(_NUMBER, head, bold=True, fill="wash", framed=True, to=_TEXT)
        shown = {stored: shown for shown, stored in self.lists[kind].pairs.items()}
        self.cells[key] = page.put(
            _ANSWER, shown.get(self.values.get(key, "")), entry=True, down=len(lines), side="center",
            bold=True, size=14 if numbered else 10.5,
        )  # fmt: skip
        self.rules[kind].add(page.sheet.cell(first, _ANSWER))
        if numbered:
            note = key.replace("element.", "evidence.")
            text = str(self.values.get(note, ""))
            self.cells[note] = page.put(
                _EVIDENCE, storable(text) or None, entry=True, down=len(lines), size=9.5
            )
        page.next(f"question {key}", tall[0])
        for number, text in enumerate(lines, 1):
            page.put(_NUMBER, number if numbered else None, framed=True, side="center", ink="muted")
            page.put(_TEXT, text, framed=True, size=10, ink="ink" if numbered else "muted")
            page.next("", tall[number])
        if numbered:
            where = f"B{first + 1}:C{page.line - 1}"
            chosen = PatternFill(bgColor=rgb(colours["line"]), fill_type="solid")
            page.sheet.conditional_formatting.add(
                where,
                FormulaRule(formula=[f"$B{first + 1}=$D${first}"], fill=chosen),  # type: ignore[no-untyped-call]
            )


def _tall(head: str, lines: Sequence[str]) -> list[float]:
    """How high a question's lines are, in points."""
    return [height(head, _WIDTHS[0] + _WIDTHS[1]) + 4, *(height(text, _WIDTHS[1] * 1.05) for text in lines)]


def add_person(
    sheet: Worksheet, title: str, one: Response, number: int, model: Model, lists: Mapping[str, Choices], *,
    filled: bool,
) -> Seat:  # fmt: skip
    page = Page(sheet, title, _WIDTHS, model.colours)
    for place, mark in {_ANSWER: "answer", _EVIDENCE: "evidence"}.items():
        page.put(place, mark)
    page.next("columns", 5)
    sheet.row_dimensions[1].hidden = True
    page.text(say("exchange.title"), size=18, ink="accent", bold=True)
    page.put(_NUMBER, say("exchange.your_name"), to=_TEXT, bold=True, side="right")
    name = page.put(_ANSWER, storable(one.respondent) or None, entry=True, to=_EVIDENCE, bold=True, size=12)
    page.next("name", 24)
    if filled:
        page.put(_NUMBER, one.id)
        page.put(_TEXT, one.respondent)
        page.next("person")
        sheet.row_dimensions[page.line - 1].hidden = True
    sheet.freeze_panes = f"A{page.line}"
    rules = {kind: _rule(choices.shown) for kind, choices in lists.items()}
    form = _Form(page, one.values, lists, rules, {})
    _ask(form, model)
    for rule in rules.values():
        sheet.add_data_validation(rule)
    page.finish(say("exchange.title"), title)
    return Seat(quote_sheetname(title), number, name, form.cells, filled)


def _ask(form: _Form, model: Model) -> None:
    page = form.page
    _part(form, "elements", say("exchange.part_elements", na=say("exchange.not_applicable")))
    for theme in model.themes:
        for n, element in enumerate(model.elements_of(theme)):
            head = say("exchange.choice", name=element.name, meaning=element.question)
            levels = [*map(str, element.levels)]
            if not n:
                form.group(str(model.themes[theme].name), head, levels)
            form.question(f"element.{element.id}", head, levels, numbered=True)
            page.next("", 8)
    _part(form, "practices", _offer("practice", model))
    for function in model.functions:
        for n, practice in enumerate(model.practices_of(function)):
            lines = [f"{practice.what}\n{say('assess.sign', sign=practice.sign)}"]
            if not n:
                form.group(str(model.functions[function].name), str(practice.name), lines)
            form.question(f"practice.{practice.id}", str(practice.name), lines)
    _part(form, "conditions", f"{say('assess.conditions_intro')} {_offer('condition', model)}")
    for condition in model.conditions.values():
        form.question(f"condition.{condition.id}", str(condition.question), [str(condition.why)])
    _part(form, "causes", f"{say('assess.causes_intro')} {_offer('cause', model)}")
    for cause in model.causes.values():
        form.question(f"cause.{cause.id}", str(cause.question), [str(cause.story)])


def _part(form: _Form, part: str, intro: str) -> None:
    page = form.page
    form.room(120, PAGE if part in {"practices", "conditions"} else 0)  # these two begin a page
    page.next("", 10)
    key = "assess.assessment" if part == "elements" else f"assess.{part}"
    page.text(say(key), size=15, bold=True, ink="accent")
    page.text(intro)
    page.put(_NUMBER, None, fill="accent", framed=True, to=_TEXT)
    page.put(_ANSWER, say("exchange.your_answer"), bold=True, ink="paper", fill="accent", framed=True, side="center")  # fmt: skip
    if part == "elements":
        page.put(_EVIDENCE, say("assess.evidence"), bold=True, ink="paper", fill="accent", framed=True)
    page.next("", 20)


def _offer(kind: str, model: Model) -> str:
    choices = (
        say("exchange.choice", name=one.name, meaning=one.meaning) for one in model.scales[kind].choices
    )
    return say("exchange.part_choices", choices=(" " if current_language() != "ja" else "").join(choices))


def _rule(formula: str) -> DataValidation:
    rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = say("exchange.choose_title")[:32], say("exchange.choose_error")
    return rule
