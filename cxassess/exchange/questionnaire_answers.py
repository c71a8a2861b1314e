"""Everybody's answers on one sheet of the questionnaire's workbook, as they are stored, and how often each was given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from cxassess.answers import NOT_APPLICABLE, Value
from cxassess.exchange.excel import Page, quoted
from cxassess.language import say
from cxassess.model import Model


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: what is shown and what is stored, and the ranges that hold both."""

    pairs: Mapping[str | int, Value]
    shown: str
    stored: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's sheet, quoted, and the cells of name, answers and evidence on it."""

    sheet: str
    number: int
    name: str
    cells: Mapping[str, str]
    filled: bool

    @property
    def named(self) -> str:
        """The formula of what the person is called."""
        cell, instead = f"{self.sheet}!{self.name}", quoted(say("exchange.person", n=self.number))
        return f'IF({cell}="",{instead},{cell})'


@dataclass(frozen=True, slots=True)
class Gathered:
    """Where everybody's answers are: a range per question, and formulas of how many people take part and how
    many answers each person gave."""

    page: Page
    ranges: Mapping[str, str]
    people: str
    given: Sequence[str]


def add_answers(
    sheet: Worksheet, title: str, seats: Sequence[Seat], model: Model, lists: Mapping[str, Choices]
) -> Gathered:
    """The sheet with everybody's answers as they are stored, a column per person; `add_result` completes it.

    A person takes part who has a file already or has given any answer.
    """
    page = Page(sheet, title, (52, *[12] * len(seats)), model.colours)
    letters = [get_column_letter(place) for place in range(3, 3 + len(seats))]
    own = quote_sheetname(title)
    page.text(title, size=18, bold=True, ink="accent")
    page.text(say("exchange.answers_intro"), to=max(3, min(page.last, 8)))
    heads(page, {2: say("exchange.element")})
    page.line -= 1
    for place, seat in enumerate(seats, 3):
        page.formula(place, seat.named, bold=True, ink="paper", fill="accent", framed=True, side="center")
    page.next("", 32)
    sheet.freeze_panes = f"C{page.line}"
    keys = sorted(seats[0].cells, key=lambda key: key.startswith("evidence."))
    questions = sum(not key.startswith("evidence.") for key in keys)
    part, first = page.line, page.line + 1
    blocks = [f"{letter}${first}:{letter}${page.line + questions}" for letter in letters]
    proofs = [f"{letter}${first + questions}:{letter}${page.line + len(keys)}" for letter in letters]
    page.put(2, say("exchange.answers_in"), fill="wash", framed=True)
    for place, (seat, block, proof) in enumerate(zip(seats, blocks, proofs, strict=True), 3):
        answered = f'IF(SUMPRODUCT(--({block}<>""))+SUM({proof})>0,1,0)'
        page.formula(place, "1" if seat.filled else answered, framed=True, side="center")
    page.next("people", 18)
    for key in keys:
        _gather(page, key, seats, model, lists)
    page.next("", 12)
    spans = {key: f"{own}!${letters[0]}${line}:${letters[-1]}${line}" for line, key in enumerate(keys, first)}
    people = f"SUM({own}!${letters[0]}${part}:${letters[-1]}${part})"
    return Gathered(page, spans, people, [f'SUMPRODUCT(--({own}!{block}<>""))' for block in blocks])


def _gather(page: Page, key: str, seats: Sequence[Seat], model: Model, lists: Mapping[str, Choices]) -> None:
    kind, _, id = key.partition(".")
    proof = kind == "evidence"
    name = str(model.records["element" if proof else kind][id].name)
    page.put(2, say("exchange.answers_evidence", name=name) if proof else name, framed=True, size=9)
    for place, seat in enumerate(seats, 3):
        cell = f"{seat.sheet}!{seat.cells[key]}"
        page.formula(
            place, _evidence(cell) if proof else _stored(cell, lists[kind]), framed=True, side="center", size=9
        )  # fmt: skip
    page.next(f"question {key}", 15)


def _stored(cell: str, choices: Choices) -> str:
    """What is stored for what a cell shows; empty when it is none of the choices. A number may be a text."""
    shown = f"IFERROR(VALUE({cell}),{cell})" if any(isinstance(one, int) for one in choices.pairs) else cell
    return f'IF({cell}="","",IFERROR(INDEX({choices.stored},MATCH({shown},{choices.shown},0)),""))'


def _evidence(cell: str) -> str:
    return f'IF(TRIM(CLEAN(SUBSTITUTE({cell},"　","")))="",0,1)'


def add_progress(sheet: Worksheet, title: str, answers: Gathered, model: Model) -> None:
    """How many chose each answer for the practices, conditions and causes, and the mean."""
    most = max(len(scale.choices) for scale in model.scales.values())
    page = Page(sheet, title, [60, *[13] * most, 10, 10, 10], model.colours)
    page.text(title, size=18, bold=True, ink="accent")
    for kind, key in {"practice": "practices", "condition": "conditions", "cause": "causes"}.items():
        choices = model.scales[kind].choices
        page.next("", 12)
        page.text(say(f"assess.{key}"), size=13, bold=True, ink="ink")
        weights = ", ".join(f"{one.name} {one.weight:g}" for one in choices)
        page.text(say("exchange.progress_scale", weights=weights), size=9)
        names = {place: str(one.name) for place, one in enumerate(choices, 3)}
        na, blank, mean = (most + place for place in (3, 4, 5))
        rest = {na: "not_applicable", blank: "blank", mean: "progress_mean"}
        heads(page, {2: "", **names, **{place: say(f"exchange.{word}") for place, word in rest.items()}})
        for id, record in model.records[kind].items():
            given, line = answers.ranges[f"{kind}.{id}"], page.line
            page.put(2, str(record.name), framed=True)
            for place, one in enumerate(choices, 3):
                page.formula(place, f'COUNTIF({given},"{one.value}")', framed=True, side="center")
            counts = [f"${get_column_letter(place)}${line}" for place in range(3, 3 + len(choices))]
            n = "+".join(counts)
            total = "+".join(f"{cell}*{one.weight!r}" for cell, one in zip(counts, choices, strict=True))
            page.formula(na, f'COUNTIF({given},"{NOT_APPLICABLE}")', framed=True, side="center")
            page.formula(
                blank, f"{answers.people}-({n})-${get_column_letter(na)}${line}", framed=True, side="center"
            )
            page.formula(
                mean, f'IF(({n})=0,"",({total})/({n}))', framed=True, side="center", form="0.0", bold=True
            )
            page.next(f"{kind} {id}", 17)
    page.finish(say("exchange.title"), landscape=True)


def heads(page: Page, texts: Mapping[int, str], high: float = 20) -> None:
    """A table's head: texts by column, in a line that is `high` points high."""
    for place, text in texts.items():
        side = "left" if place == 2 else "center"
        page.put(place, text, bold=True, ink="paper", fill="accent", framed=True, size=9.5, side=side)
    page.next("", high)
