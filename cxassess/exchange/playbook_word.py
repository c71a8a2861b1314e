"""A playbook as a Word document: filled in, or blank to write on."""

import io
from collections.abc import Sequence

from docx.document import Document as WordDocument
from docx.shared import Mm

from cxassess.exchange.playbook_outline import Answer, Grid, Part, outline
from cxassess.exchange.word import (
    WIDTH,
    add_table,
    heading,
    keep_together,
    new_document,
    packed,
    paragraph,
    set_widths,
    shade,
    write_cell,
)
from cxassess.language import say
from cxassess.model import Model, load_model
from cxassess.playbook.book import Playbook

LABEL = 0.24
"""The labels' share of the width."""
ROOM = {"answer": 26, "record": 18, "row": 15}
"""Height of what is to be written in by hand, in millimetres."""
BLANK_ROWS = 4


def to_word(playbook: Playbook, model: Model | None = None) -> bytes:
    """The playbook in the current language, as the content of a .docx file."""
    from cxassess.charts.journey import journey, journey_section

    model = model or load_model()
    outlined = outline(playbook, model)
    document = new_document(outlined.title, outlined.team, outlined.made_with)
    heading(document, outlined.team or "–", 0)
    paragraph(document, outlined.title, "Lead")
    for part in outlined.parts:
        write_part(document, part)
        if part.id == journey_section(playbook, model):
            chart = journey(playbook, model, wide=True)
            height = min(WIDTH * chart.size[1] / chart.size[0], 160)
            document.add_picture(io.BytesIO(chart.png), height=Mm(height))
            described = document.inline_shapes[len(document.inline_shapes) - 1]._inline.docPr
            described.set("descr", repr(chart))
    return packed(document)


def write_part(document: WordDocument, part: Part, *, by_hand: bool = False, new_page: bool = False) -> None:
    """One section: its guidance, its answers, its tables."""
    heading(document, part.title, 1).paragraph_format.page_break_before = new_page
    paragraph(document, part.guidance, "Lead")
    answers: list[Answer] = []
    for block in part.blocks:
        if isinstance(block, Answer):
            answers.append(block)
            continue
        write_answers(document, answers, by_hand=by_hand)
        answers = []
        write_grid(document, block, by_hand=by_hand)
    write_answers(document, answers, by_hand=by_hand)


def write_answers(document: WordDocument, answers: Sequence[Answer], *, by_hand: bool = False) -> None:
    """Text fields, one below the other: label on the left, answer on the right."""
    if not answers:
        return
    table = add_table(
        document, (), [("", "")] * len(answers), (LABEL, 1 - LABEL), height=ROOM["answer"] if by_hand else 0
    )
    for row, one in zip(table.rows, answers, strict=True):
        label, answer = row.cells
        shade(label, load_model().colours["wash"])
        write_cell(label, one.label, "Label")
        if by_hand:
            write_cell(label, one.guidance, "Help")
            write_cell(answer, _examples(one), "Help")
        elif one.text:
            write_cell(answer, one.text)
        else:
            write_cell(answer, f"({say('playbook.blank')}) {one.guidance}", "Help")
    set_widths(table, (LABEL, 1 - LABEL))
    paragraph(document, "", "Gap")


def write_grid(document: WordDocument, grid: Grid, *, by_hand: bool = False, room: float = 0) -> None:
    """A table under its name; records have theirs in the first column. `room` is the height of blank rows."""
    if not grid.notes:
        heading(document, grid.label, 2)
        if by_hand or not grid.rows:
            mark = "" if by_hand else f"({say('playbook.blank')}) "
            paragraph(document, mark + grid.guidance, "Help").paragraph_format.keep_with_next = by_hand
    if by_hand:
        paragraph(document, _examples(grid), "Help").paragraph_format.keep_with_next = True
    elif not grid.rows:
        return
    rows = (
        grid.rows
        if grid.notes or not by_hand
        else [("",) * len(grid.head)] * min(BLANK_ROWS, grid.most or BLANK_ROWS)
    )
    room = room or ROOM["record" if grid.notes else "row"]
    table = add_table(document, grid.head, rows, grid.widths, height=room if by_hand else 0)
    if by_hand and not grid.notes:
        keep_together(table)
    for row, note in zip(table.rows[1:], grid.notes, strict=False):
        shade(row.cells[0], load_model().colours["wash"])
        row.cells[0].paragraphs[0].style = "Label"
        if by_hand:
            write_cell(row.cells[0], note, "Help")
    paragraph(document, "", "Gap")


def _examples(one: Answer | Grid) -> str:
    good, poor = say("playbook.works_well", example=one.good), say("playbook.too_vague", example=one.poor)
    return f"✓ {good}\n△ {poor}"
