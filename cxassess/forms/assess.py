"""The assessment as a form in a notebook, kept in the respondent's file as it is filled in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxassess.answer_files import ResponseFile
from cxassess.answers import Value
from cxassess.documents import Saved
from cxassess.forms.journal import journal_key
from cxassess.forms.specs import SPECS
from cxassess.forms.widget import Form
from cxassess.language import say
from cxassess.model import Model, load_model


def assess(folder: str | Path, respondent: str, part: str = "assessment", model: Model | None = None) -> Form:
    """Show a part of the assessment to one respondent and keep the answers in `folder`.

    Args:
        folder: the team's folder of this round; it is made with the first answer.
        respondent: a name for the file; a nickname will do.
        part: `assessment`, `practices` or `readiness`.
        model: the model to ask from; the current one if not given.

    Raises:
        AnswerError: the name cannot name a file, or the file was made by a newer version.
    """
    model = model or load_model()
    file = ResponseFile(folder, respondent, model)
    spec = SPECS[part](model)
    asked = question_ids(spec)
    spec["key"] = journal_key(file.path, part)
    spec["title"] = say("assess.title_for", title=spec["title"], name=file.path.stem)
    if file.notice:
        spec["notice"] = str(file.notice)

    def save(edits: Mapping[str, Value | None], position: Mapping[str, str] | None) -> Saved:
        saved = file.save(edits, position)
        return Saved(saved.at, {key: value for key, value in saved.changed.items() if key in asked})

    values = {key: value for key, value in file.response.values.items() if key in asked}
    return Form(spec, values, position=dict(file.response.position), on_edits=save)


def question_ids(spec: Mapping[str, Any]) -> set[str]:
    """The ids of a form's fields and notes."""
    fields = [field for section in spec["sections"] for field in section["fields"]]
    return {field["id"] for field in fields} | {field["note"]["id"] for field in fields if "note" in field}
