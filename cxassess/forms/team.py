"""The team's own settings as a form: its name, and the target and importance of each element."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxassess.answer_files import Saved, local_time, now, save_team
from cxassess.answers import TEAM_FILE, Team, parse_team, read_text
from cxassess.forms.journal import journal_key
from cxassess.forms.specs import Spec, team_spec
from cxassess.forms.widget import Form
from cxassess.model import Model, load_model


def edit_team(folder: str | Path, model: Model | None = None) -> Form:
    """Show the team's settings and keep them in the folder's `team.json` as they change.

    Raises:
        AnswerError: the folder's `team.json` is damaged or was made by a newer version.
    """
    model = model or load_model()
    path = Path(folder) / TEAM_FILE
    team = Team(round=path.parent.name)
    if path.is_file():
        team, _ = parse_team(read_text(path), TEAM_FILE, model, default_round=path.parent.name)
    values = team_values(team)

    def save(edits: Mapping[str, Any], _position: Mapping[str, str]) -> Saved:
        changed = {key: value for key, value in {**values, **edits}.items() if value is not None}
        if edits:
            save_team(folder, team_of(changed, team))
            values.clear()
            values.update(changed)
        return Saved(local_time(now()), {})

    spec: Spec = team_spec(model)
    spec["key"] = journal_key(path)
    return Form(spec, values, on_edits=save)


def team_values(team: Team) -> dict[str, Any]:
    """The settings as the form's values.

    >>> team_values(Team("Us", "2026-04", {"goals": 4.5}, {"goals": 2.0}))
    {'team': 'Us', 'round': '2026-04', 'target.goals': 4.5, 'weight.goals': '2'}
    """
    values: dict[str, Any] = {"team": team.name, "round": team.round}
    values |= {f"target.{id}": value for id, value in team.targets.items()}
    values |= {f"weight.{id}": f"{value:g}" for id, value in team.weights.items()}
    return {key: value for key, value in values.items() if value != ""}


def team_of(values: Mapping[str, Any], before: Team) -> Team:
    """The team that the form's values describe."""

    def numbers(kind: str) -> dict[str, float]:
        prefix = f"{kind}."
        return {
            key.removeprefix(prefix): float(value) for key, value in values.items() if key.startswith(prefix)
        }

    return replace(
        before,
        name=str(values.get("team", "")),
        round=str(values.get("round", "")),
        targets=numbers("target"),
        weights=numbers("weight"),
    )
