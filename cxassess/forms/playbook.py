"""The playbook as a form, kept in the team's folder as it is filled in."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cxassess.answers import LONGEST_TEXT
from cxassess.documents import Saved
from cxassess.forms.journal import journal_key
from cxassess.forms.specs import COLOURS, Spec
from cxassess.forms.widget import Form
from cxassess.language import current_language, interface_texts, say
from cxassess.model import Model, load_model
from cxassess.model.records import Column, PlaybookField
from cxassess.playbook.book import LARGEST_NUMBER, MOST_ROWS, columns_of, options, plain_values, sections
from cxassess.playbook.files import PlaybookFile
from cxassess.playbook.targets import OPEN_UNITS, no_money, spellings, unit_name, with_measured

EXAMPLES = {
    "percent": 80,
    "share": 20,
    "points": 20,
    "count": 12,
    "hours": 4,
    "ratio": 1.5,
    "currency": 18_400,
    "score": 70,
}
"""A number that fits each unit of the model, for a sentence that says “such as”."""


def edit_playbook(
    folder: str | Path,
    measured: Mapping[str, Any] | None = None,
    *,
    team: str = "",
    model: Model | None = None,
) -> Form:
    """Show the playbook of a team and keep what is written in its folder.

    Args:
        folder: the team's folder; `playbook.json` in it is made with the first entry.
        measured: today's values by metric id, numbers or `cxassess.kpi` estimates, to put into the targets.
        team: the team's name; that of the folder's `team.json`, or the folder's own, if not given.
        model: the model to ask from; the current one if not given.

    Raises:
        PlaybookError: the file was made by a newer version or cannot be opened, or `measured` names no metric
            or is no number.
    """
    model = model or load_model()
    file = PlaybookFile(folder, team, model)
    spec = playbook_spec(model)
    spec["key"] = journal_key(file.path)
    if notices := [*([file.notice] if file.notice else []), *file.playbook.problems]:
        spec["notice"] = "\n\n".join(map(str, notices))
    if measured:
        values = with_measured(file.playbook, measured, model).values
        if new := {id: value for id, value in values.items() if value != file.playbook.values.get(id)}:
            file.save(new)

    def save(edits: Mapping[str, Any], position: Mapping[str, str] | None) -> Saved:
        return file.save(edits, position)

    return Form(spec, plain_values(file.playbook), position=dict(file.playbook.position), on_edits=save)


def playbook_spec(model: Model | None = None) -> Spec:
    """The playbook as a form spec, a section per section of the model.

    >>> spec = playbook_spec()
    >>> len(spec["sections"]), spec["sections"][0]["fields"][0]["id"]
    (8, 'target_customer')
    """
    model = model or load_model()
    return {
        "key": "playbook",
        "language": current_language(),
        "title": say("playbook.title"),
        "intro": say("playbook.intro"),
        "texts": interface_texts("form"),
        "colours": {name: model.colours[name] for name in COLOURS if name in model.colours},
        "sections": [
            {
                "id": section.id,
                "title": str(section.name),
                "intro": str(section.guidance),
                "colour": model.colours["accent"],
                "fields": [_field(one, model) for one in fields],
            }
            for section, fields in sections(model)
        ],
    }


def _field(one: PlaybookField, model: Model) -> dict[str, Any]:
    shared = {"id": one.id, "label": str(one.name), "optional": not one.required}
    if one.kind != "table":
        text = {"good": str(one.good), "poor": str(one.poor), "maxlength": LONGEST_TEXT}
        told = text if one.kind == "text" else {}
        return {**shared, "type": one.kind, "multiline": True, "help": str(one.guidance), **told}
    columns = columns_of(one, model)
    units = {
        metric: model.records["metric"][metric].unit
        for column in columns
        if column.choices == ("metric",)
        for metric in options(column, model)
    }
    own = [model.records["metric"][one.metric].unit] if one.metric else []
    return {
        **shared,
        "type": "table",
        "help": f"{one.guidance}\n\n{say('playbook.works_well', example=one.good)}",
        "columns": [
            {
                **_column(column, model),
                **(_in_unit(column, own[0]) if own else {}),
                **_by_kind(column, units.values()),
            }
            for column in columns
        ],
        **({"kind": {"column": "metric", "of": units}} if units else {}),
        "min_rows": 1,
        "max_rows": one.rows or MOST_ROWS,
    }


def _column(column: Column, model: Model) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "id": column.id,
        "type": column.kind,
        "label": str(column.name),
        "width": column.width,
        "multiline": column.long,
    }
    if column.kind == "text":
        spec["maxlength"] = LONGEST_TEXT
    if column.kind == "number":
        spec |= {"max": int(LARGEST_NUMBER), "units": list(no_money())}
    if column.kind == "choice":
        spec["options"] = [
            {"value": value, "label": str(name)} for value, name in options(column, model).items()
        ]
    return spec


def _by_kind(column: Column, units: Iterable[str]) -> dict[str, Any]:
    """What a column says in addition, by the unit of the metric that its line has chosen."""
    kinds = {unit: told for unit in sorted(set(units)) if (told := _in_unit(column, unit))}
    return {"kinds": kinds} if kinds else {}


def _in_unit(column: Column, unit: str) -> dict[str, Any]:
    """What a column of numbers, or of units, says in addition when the metric is counted in `unit`."""
    if column.id != "unit" and column.kind != "number":
        return {}
    shown = unit_name(unit)
    told: dict[str, Any] = {}
    if unit == "currency":
        shown = say("playbook.unit_currency_example")
        told = {"never": list(no_money()), "hint": say("playbook.unit_money", example=shown)}
    elif unit in OPEN_UNITS:
        shown = say(f"playbook.unit_{unit}_example")
    else:
        hint = "plain" if unit == "count" else "counted"
        told = {"only": list(spellings(unit)), "hint": say(f"playbook.unit_{hint}", unit=shown)}
    return {**told, **({"placeholder": shown} if column.id == "unit" else {"example": EXAMPLES[unit]})}
