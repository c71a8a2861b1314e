"""The team's own settings as a form: its name, and the target and importance of each element."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxassess.answer_files import TeamFile, team_values
from cxassess.documents import Saved
from cxassess.forms.journal import journal_key
from cxassess.forms.specs import team_spec
from cxassess.forms.widget import Form
from cxassess.model import Model, load_model


def edit_team(folder: str | Path, model: Model | None = None) -> Form:
    """Show the team's settings and keep them in the folder's `team.json` as they change.

    Raises:
        AnswerError: the folder's `team.json` was made by a newer version or cannot be opened.
    """
    model = model or load_model()
    file = TeamFile(folder, model)
    spec = team_spec(model)
    spec["key"] = journal_key(file.path)
    if notices := [*([file.notice] if file.notice else []), *file.problems]:
        spec["notice"] = "\n\n".join(map(str, notices))

    def save(edits: Mapping[str, Any], _position: Mapping[str, str]) -> Saved:
        return file.save({key: _setting(key, value) for key, value in edits.items()})

    return Form(
        spec, {key: _entry(key, value) for key, value in team_values(file.team).items()}, on_edits=save
    )


def _entry(key: str, value: str | float) -> str | float:
    """A setting as the form holds it: an importance is one of the choices."""
    return f"{value:g}" if key.startswith("weight.") else value


def _setting(key: str, value: Any) -> str | float | None:
    return float(value) if key.startswith("weight.") and value is not None else value
