"""A playbook as its documents show it: sections of answers and grids, in the current language."""

from dataclasses import dataclass
from itertools import groupby

from cxassess.language import current_language, say
from cxassess.model import Model, load_model
from cxassess.model.records import Column, PlaybookField, Section
from cxassess.playbook.book import Cell, Playbook, Row, clean, columns_of, options, sections
from cxassess.playbook.targets import OPEN_UNITS, number, unit_name


@dataclass(frozen=True, slots=True)
class Answer:
    """A text field: its label, what to write, examples, and what was written."""

    label: str
    guidance: str
    good: str
    poor: str
    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its label, what to write, examples, head, and rows of cells.

    `widths` are shares. In a grid of records each row is a field of its own: its first cell is the
    field's name, and `notes` say what to write. `most` is the most rows that it may have, if not 0.
    """

    label: str
    guidance: str
    good: str
    poor: str
    head: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    most: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the playbook."""

    id: str
    title: str
    guidance: str
    blocks: tuple[Answer | Grid, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole playbook, ready to be laid out."""

    title: str
    team: str
    language: str
    made_with: str
    parts: tuple[Part, ...]


def outline(playbook: Playbook, model: Model | None = None) -> Outline:
    """The playbook in the current language, blank fields as empty texts and tables without rows.

    >>> parts = outline(Playbook("Us", {"sharing": "Monthly"})).parts
    >>> len(parts), parts[7].blocks[2].text
    (8, 'Monthly')
    """
    model = model or load_model()
    parts = [
        Part(
            section.id,
            say("playbook.section", number=position, name=section.name),
            str(section.guidance),
            tuple(_blocks(section, fields, playbook, model)),
        )
        for position, (section, fields) in enumerate(sections(model), 1)
    ]
    return Outline(
        title=say("playbook.title"),
        team=clean(playbook.team),
        language=current_language(),
        made_with=say("playbook.made_with", version=model.version, hash=model.hash),
        parts=tuple(parts),
    )


def groups(fields: tuple[PlaybookField, ...], model: Model) -> list[tuple[PlaybookField, ...]]:
    """The fields, with neighbouring records of the same columns together: they are shown as one table."""

    def kind(one: PlaybookField) -> tuple[str, object]:
        return ("records", columns_of(one, model)) if one.rows == 1 else ("alone", one.id)

    return [tuple(some) for _, some in groupby(fields, key=kind)]


def shown(column: Column, value: Cell | None, model: Model) -> str:
    """A cell as people read it: a choice by its name, a number with separators."""
    if value is None:
        return ""
    if column.kind == "choice":
        return str(options(column, model).get(str(value), value))
    return number(value) if isinstance(value, int | float) else clean(value)


def record_head(fields: tuple[PlaybookField, ...]) -> str:
    """What the first column of a grid of records is called."""
    return say("playbook.metric" if any(one.metric for one in fields) else "playbook.stage")


def _blocks(
    section: Section, fields: tuple[PlaybookField, ...], playbook: Playbook, model: Model
) -> list[Answer | Grid]:
    blocks: list[Answer | Grid] = []
    for group in groups(fields, model):
        one = group[0]
        if one.kind != "table":
            blocks.append(
                Answer(
                    str(one.name),
                    str(one.guidance),
                    str(one.good),
                    str(one.poor),
                    clean(playbook.text(one.id)),
                )
            )
        elif one.rows == 1:
            blocks.append(_records(section, group, playbook, model))
        else:
            blocks.append(_table(one, playbook, model))
    return blocks


def _table(one: PlaybookField, playbook: Playbook, model: Model) -> Grid:
    columns = columns_of(one, model)
    return Grid(
        label=str(one.name),
        guidance=str(one.guidance),
        good=str(one.good),
        poor=str(one.poor),
        head=tuple(str(column.name) for column in columns),
        widths=tuple(column.width for column in columns),
        rows=tuple(_row(columns, row, str(row.get("metric", "")), model) for row in playbook.rows(one.id)),
        most=one.rows,
    )


def _records(section: Section, fields: tuple[PlaybookField, ...], playbook: Playbook, model: Model) -> Grid:
    columns = columns_of(fields[0], model)
    rows = []
    for one in fields:
        row = next(iter(playbook.rows(one.id)), {})
        rows.append((str(one.name), *_row(columns, row, one.metric, model)))
    return Grid(
        label=str(section.name),
        guidance="",
        good=str(fields[0].good),
        poor=str(fields[0].poor),
        head=(record_head(fields), *(str(column.name) for column in columns)),
        widths=(4, *(column.width for column in columns)),
        rows=tuple(rows),
        notes=tuple(str(one.guidance) for one in fields),
    )


def _row(columns: tuple[Column, ...], row: Row, metric: str, model: Model) -> tuple[str, ...]:
    """A row's cells as people read them, with the metric's own unit where the team named none."""
    record = model.records["metric"].get(metric)
    unit = unit_name(record.unit) if record and row and record.unit not in OPEN_UNITS else ""
    return tuple(
        shown(column, row.get(column.id), model) or (unit if column.id == "unit" else "")
        for column in columns
    )
