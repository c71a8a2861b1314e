"""The playbook as a form, kept in the team's folder as it is filled in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxassess.documents import Saved
from cxassess.forms.journal import journal_key
from cxassess.forms.specs import COLOURS, Spec
from cxassess.forms.widget import Form
from cxassess.language import current_language, interface_texts, say
from cxassess.model import Model, load_model
from cxassess.model.records import Column, PlaybookField
from cxassess.playbook.book import MOST_ROWS, columns_of, options, plain_values, sections
from cxassess.playbook.files import PlaybookFile
from cxassess.playbook.targets import with_measured


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
        examples = {"good": str(one.good), "poor": str(one.poor)} if one.kind == "text" else {}
        return {**shared, "type": one.kind, "multiline": True, "help": str(one.guidance), **examples}
    return {
        **shared,
        "type": "table",
        "help": f"{one.guidance}\n\n{say('playbook.works_well', example=one.good)}",
        "columns": [_column(column, model) for column in columns_of(one, model)],
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
    if column.kind == "choice":
        spec["options"] = [
            {"value": value, "label": str(name)} for value, name in options(column, model).items()
        ]
    return spec
