"""The example organisation's assessments: two teams, two rounds, one file per respondent."""

import json
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cxassess.answers import NOT_APPLICABLE, SCHEMA, TEAM_SCHEMA
from cxassess.model import Model, load_model
from datasets.make.draws import Draws

ROUNDS = {
    1: ("2026-04", datetime(2026, 4, 13, 1, 0, tzinfo=UTC)),
    2: ("2026-07", datetime(2026, 7, 13, 1, 0, tzinfo=UTC)),
}
BLANK = 0.04
OUTLIER = 2

Story = dict[str, Any]


def write(folder: Path) -> None:
    """Write `<team>/<round>/team.json` and a file per respondent into `folder`."""
    story = tomllib.loads((Path(__file__).parent / "story.toml").read_text("utf-8"))
    model = load_model()
    for team in story["team"]:
        for number, (label, start) in ROUNDS.items():
            place = folder / team["folder"] / label
            place.mkdir(parents=True, exist_ok=True)
            _write(place / "team.json", _team(team, label))
            people = [one for one in team["respondents"] if number in one["rounds"]]
            for position, person in enumerate(people):
                answers = _answers(team, person, number, position, story["evidence"], model)
                saved = start + timedelta(minutes=37 * position)
                _write(place / f"{person['name']}.json", _response(person, answers, saved, model))


def _team(team: Story, label: str) -> dict[str, Any]:
    return {
        "schema": TEAM_SCHEMA,
        "team": team["name"],
        "round": label,
        "targets": team["targets"],
        "weights": team["weights"],
    }


def _response(person: Story, answers: dict[str, Any], saved: datetime, model: Model) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "respondent": person["name"],
        "model": {"version": model.version, "hash": ""},
        "language": person["language"],
        "saved": saved.isoformat(timespec="milliseconds"),
        "revision": len(answers),
        "position": {},
        "answers": dict(sorted(answers.items())),
    }


def _answers(
    team: Story, person: Story, number: int, position: int, evidence: Story, model: Model
) -> dict[str, Any]:
    # The same stream in both rounds: who stays keeps her eye for things.
    draws = Draws(f"{team['folder']}/{person['name']}")
    answers: dict[str, Any] = {}
    for id in model.elements:
        noise, blank, writes = 0.45 * draws.normal(), draws.uniform(), draws.uniform()
        side = (0.9 if position % 2 else -0.9) if id in team["split"] else 0.0
        level = draws.score(team["levels"][str(number)][id] + person["bias"] + side + noise, 1, model.levels)
        if person["name"] in team["not_applicable"].get(id, ()):
            answers[f"element.{id}"] = NOT_APPLICABLE
        elif blank >= BLANK:
            answers[f"element.{id}"] = level
            if level >= model.rules.claim_rating and writes < 0.7 and person["bias"] < OUTLIER:
                answers[f"evidence.{id}"] = evidence[id][person["language"]]
    scales = {kind: [choice.value for choice in model.scales[kind].choices] for kind in model.scales}
    for practice in model.practices.values():
        level = team["practices"][practice.function]
        level += team["progress"].get(practice.function, 0) * (number - 1)
        noise, blank = 0.8 * draws.normal(), draws.uniform()
        if blank >= 3 * BLANK:
            answers[f"practice.{practice.id}"] = scales["practice"][draws.score(level + noise, 0, 4)]
    for kind, records in (("condition", model.conditions), ("cause", model.causes)):
        for place, id in enumerate(records):
            middle = 0.6 + 0.25 * place + (0.3 * (number - 1) if kind == "condition" else 0)
            answers[f"{kind}.{id}"] = scales[kind][draws.score(middle + 0.5 * draws.normal(), 0, 2)]
    return answers


def _write(path: Path, table: dict[str, Any]) -> None:
    path.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", "utf-8", newline="\n")
