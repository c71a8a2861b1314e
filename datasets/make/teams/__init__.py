"""Answers to the assessment, told by a `story.toml`: teams, rounds, one file per respondent.

A story says when the rounds were, how much was left blank and how ready the teams became; of each team,
who answered, what a colleague without a bias would answer in each round (`levels`), where half of the
team sees another company than the other half (`split`), and how far practices got, by function or by
practice. `evidence` are the texts that respondents wrote, each with the rounds in which it fits.
"""

import json
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cxassess.answers import NOT_APPLICABLE, SCHEMA, TEAM_SCHEMA
from cxassess.model import Model, load_model
from datasets.make.draws import Draws

OUTLIER = 2

Story = dict[str, Any]


def write(story_file: Path, folder: Path) -> None:
    """Write `<team>/<round>/team.json` and a file per respondent into `folder`."""
    story = tomllib.loads(story_file.read_text("utf-8"))
    model = load_model()
    for team in story["team"]:
        for number, round in enumerate(story["round"], 1):
            place = folder / team["folder"] / round["label"]
            place.mkdir(parents=True, exist_ok=True)
            _write(place / "team.json", _team(team, round["label"]))
            people = [one for one in team["respondents"] if number in one["rounds"]]
            for position, person in enumerate(people):
                answers = _answers(story, team, person, number, position, model)
                saved = round["start"] + timedelta(minutes=37 * position)
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
    story: Story, team: Story, person: Story, number: int, position: int, model: Model
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
        elif blank >= story["blank"]:
            answers[f"element.{id}"] = level
            if level >= model.rules.claim_rating and writes < 0.7 and person["bias"] < OUTLIER:
                texts = [text for text in story["evidence"][id] if number in text.get("rounds", (number,))]
                answers[f"evidence.{id}"] = texts[position % len(texts)][person["language"]]
    scales = {kind: [choice.value for choice in model.scales[kind].choices] for kind in model.scales}
    for practice in model.practices.values():
        level = team["practices"].get(practice.id, team["practices"][practice.function])
        gain = team["progress"].get(practice.id, team["progress"].get(practice.function, 0))
        level += gain * (number - 1)
        noise, blank = 0.8 * draws.normal(), draws.uniform()
        if blank >= 3 * story["blank"]:
            answers[f"practice.{practice.id}"] = scales["practice"][draws.score(level + noise, 0, 4)]
    for kind, records in (("condition", model.conditions), ("cause", model.causes)):
        for place, id in enumerate(records):
            middle = 0.6 + 0.25 * place + story["readiness"][kind] * (number - 1)
            answers[f"{kind}.{id}"] = scales[kind][draws.score(middle + 0.5 * draws.normal(), 0, 2)]
    return answers


def _write(path: Path, table: dict[str, Any]) -> None:
    path.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", "utf-8", newline="\n")
