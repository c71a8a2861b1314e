"""Blank sheets to print and write on, made from the model: `python -m cxassess.exchange.sheets templates`.

The filled-in playbooks in `templates/examples` are written as documents by the same command.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm

from cxassess.cli.parsing import new_parser, translated
from cxassess.documents import write_whole
from cxassess.errors import CxError, SaveError
from cxassess.exchange.archive import contents
from cxassess.exchange.playbook_documents import write_playbook
from cxassess.exchange.playbook_outline import Grid, outline
from cxassess.exchange.playbook_word import write_grid, write_part
from cxassess.exchange.word import (
    add_table,
    heading,
    keep_together,
    new_document,
    packed,
    paragraph,
    shade,
    write_cell,
)
from cxassess.language import language, say
from cxassess.model import Model, load_model
from cxassess.model.records import Scale
from cxassess.playbook.book import Playbook, columns_of, options, sections
from cxassess.playbook.files import read_playbook

BOX = "☐"
BLANK = Playbook()


def main(arguments: Sequence[str] | None = None) -> None:
    """Write every sheet into the folder that is named, a folder per language in it."""
    with translated():
        parser = new_parser("python -m cxassess.exchange.sheets", say("cli.sheets"))
        place, told = say("cli.arg_folder"), say("cli.sheets_folder")
        parser.add_argument("folder", nargs="?", default="templates", type=Path, metavar=place, help=told)
        folder: Path = parser.parse_args(arguments).folder
    try:
        print(*_write(folder), sep="\n")
    except CxError as error:
        parser.exit(1, f"{error}\n")


def _write(folder: Path) -> list[Path]:
    made = {folder / name: data for name, data in sheets().items()}
    try:
        write_whole({path: data for path, data in made.items() if not _holds(path, data)})
    except OSError as error:
        raise SaveError("not_written", file=str(folder), found=error.strerror or str(error)) from error
    examples = sorted((folder / "examples").glob("*.??.json"))
    return [*made, *(path for one in examples for path in write_example(one, folder / "examples"))]


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and contents(path.read_bytes()) == contents(data)


def write_example(path: Path, folder: Path) -> list[Path]:
    """Write a filled-in playbook, `<name>.<language>.json`, as Word, Excel, HTML and Markdown into `folder`."""
    code = path.suffixes[-2].removeprefix(".")
    with language(code):
        book = read_playbook(path)
        return [
            write_playbook(book, folder / f"{path.stem}.{ending}")
            for ending in ("docx", "xlsx", "html", "md")
        ]


def sheets(model: Model | None = None, names: Iterable[str] = ()) -> dict[str, bytes]:
    """The sheets as files by relative path, `en/journey.docx` and so on.

    Args:
        model: the model to make them from; the current one if not given.
        names: which sheets; all of them if not given.
    """
    model = model or load_model()
    made = {}
    for code in model.languages:
        with language(code):
            for name in names or SHEETS:
                made[f"{code}/{name}.docx"] = sheet(name, model)
    return made


def sheet(name: str, model: Model | None = None) -> bytes:
    """One sheet in the current language, as the content of a .docx file; `SHEETS` has the names."""
    model = model or load_model()
    title = say(f"playbook.sheet_{name}")
    document = new_document(
        say("playbook.sheet_course"), title, say("playbook.sheet_footer", version=model.version)
    )
    heading(document, title, 0)
    alone = name in ("assessment", "practices", "readiness")
    paragraph(document, say("playbook.sheet_head" if alone else "playbook.sheet_group_head"), "Lead")
    SHEETS[name](document, model)
    return packed(document)


def _assessment(document: WordDocument, model: Model) -> None:
    paragraph(document, say("playbook.sheet_tick"))
    for theme in model.themes.values():
        heading(document, str(theme.name), 1)
        paragraph(document, str(theme.summary), "Lead")
        for element in model.elements_of(theme.id):
            choices = [*map(str, element.levels), say("assess.not_applicable")]
            table = add_table(document, ("", str(element.name)), [(BOX, text) for text in choices], (1, 24))
            write_cell(table.rows[0].cells[1], str(element.question), "Head")
            evidence = table.add_row()  # type: ignore[no-untyped-call]
            evidence.height = Mm(16)
            write_cell(evidence.cells[0].merge(evidence.cells[1]), say("assess.evidence"), "Help")
            for row in table.rows[:-1]:
                row.cells[0].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
            keep_together(table)
            paragraph(document, "", "Gap")


def _practices(document: WordDocument, model: Model) -> None:
    paragraph(document, say("playbook.sheet_tick_each"))
    for function in model.functions.values():
        heading(document, str(function.name), 1)
        paragraph(document, str(function.approach), "Lead")
        rows = {
            str(one.name): (str(one.what), say("assess.sign", sign=one.sign))
            for one in model.practices_of(function.id)
        }
        _ticks(document, rows, model.scales["practice"], not_applicable=True)


def _readiness(document: WordDocument, model: Model) -> None:
    paragraph(document, say("playbook.sheet_tick_each"))
    heading(document, say("assess.conditions"), 1)
    paragraph(document, say("assess.conditions_intro"), "Lead")
    conditions = {str(one.name): (str(one.question), str(one.why)) for one in model.conditions.values()}
    _ticks(document, conditions, model.scales["condition"])
    heading(document, say("assess.causes"), 1)
    paragraph(document, say("assess.causes_intro"), "Lead")
    causes = {str(one.name): (str(one.story), str(one.question)) for one in model.causes.values()}
    _ticks(document, causes, model.scales["cause"])


def _ticks(
    document: WordDocument, rows: Mapping[str, Sequence[str]], scale: Scale, *, not_applicable: bool = False
) -> None:
    """A table with a box for each choice of a scale in every row."""
    names = [str(choice.name) for choice in scale.choices]
    names += [say("playbook.sheet_na")] if not_applicable else []
    widths = [12.0, *[1.8] * len(names)]
    table = add_table(document, ("", *names), [("", *[BOX] * len(names)) for _ in rows], widths)
    for row, (name, texts) in zip(table.rows[1:], rows.items(), strict=True):
        write_cell(row.cells[0], name, "Label")
        for text in texts:
            write_cell(row.cells[0], text, "Help")
    for row in table.rows:
        for cell in row.cells[1:]:
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph(document, "", "Gap")


def _playbook(document: WordDocument, model: Model) -> None:
    for number, part in enumerate(outline(BLANK, model).parts):
        write_part(document, part, by_hand=True, new_page=number > 0)


def _journey(document: WordDocument, model: Model) -> None:
    """Stages side by side, with five lines to draw the feeling on."""
    section, stages = next(
        (section, fields)
        for section, fields in sections(model)
        if any(column.id == "feeling" for column in section.columns)
    )
    paragraph(document, f"{section.guidance} {say('playbook.sheet_draw')}", "Help")
    rows: list[tuple[str, float]] = []
    for column in columns_of(stages[0], model):
        if column.id == "feeling":
            rows += [(str(name), 8.5) for name in reversed(options(column, model).values())]
        else:
            rows.append((str(column.name), 18 if column.long else 10))
    table = add_table(
        document, ("", *(str(one.name) for one in stages)), [("",) * 6] * len(rows), (2.4, *[4] * 5)
    )
    for row, (name, height) in zip(table.rows[1:], rows, strict=True):
        row.height = Mm(height)
        shade(row.cells[0], model.colours["wash"])
        write_cell(row.cells[0], name, "Cell")


def _grid(*ids: str, room: float = 0) -> Callable[[WordDocument, Model], None]:
    """A sheet with the tables of some fields or sections only."""

    def write(document: WordDocument, model: Model) -> None:
        wanted = {str(model.records["field"][id].name) for id in ids if id in model.records["field"]}
        for part in outline(BLANK, model).parts:
            for block in part.blocks:
                if isinstance(block, Grid) and (part.id in ids or block.label in wanted):
                    write_grid(document, block, by_hand=True, room=room)

    return write


SHEETS: Mapping[str, Callable[[WordDocument, Model], None]] = {
    "assessment": _assessment,
    "practices": _practices,
    "readiness": _readiness,
    "playbook": _playbook,
    "persona": _grid("persona", room=34),
    "win_win": _grid("win_win", room=28),
    "journey": _journey,
    "kpi_targets": _grid("kpis"),
    "action_plan": _grid("actions", room=22),
    "difficult_interactions": _grid("difficult_interactions", "decision_rights", room=24),
}
"""What each sheet holds, by its file's name."""

if __name__ == "__main__":
    main()
