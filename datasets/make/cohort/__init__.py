"""Answers of a group's 24 teams in two rounds, as `teams.toml` tells: small files, one per respondent."""

import json
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from cxassess.answers import NOT_APPLICABLE, SCHEMA, TEAM_SCHEMA
from cxassess.model import Model, load_model
from datasets.make.draws import Draws

Story = dict[str, Any]


def write(folder: Path) -> dict[str, int]:
    """Write `<team>/<round>/team.json` and a file per respondent into `folder`; how much there is of what."""
    story = tomllib.loads((Path(__file__).parent / "teams.toml").read_text("utf-8"))
    model = load_model()
    files = 0
    for team in story["team"]:
        for number, round in enumerate(story["round"], 1):
            if number not in team.get("rounds", (1, 2)):
                continue
            place = folder / team["folder"] / round["label"]
            place.mkdir(parents=True, exist_ok=True)
            _write(
                place / "team.json", {"schema": TEAM_SCHEMA, "team": team["name"], "round": round["label"]}
            )
            people = range(team["people"])
            if number == 2:
                people = range(team.get("left", 0), team["people"] + team.get("joined", 0))
            for person in people:
                name = f"{team['folder']}-{person + 1:02}"
                response = {
                    "schema": SCHEMA,
                    "respondent": name,
                    "model": {"version": model.version, "hash": ""},
                    "language": ("ja", "en")[person % 3 == 2],
                    "saved": (round["start"] + timedelta(minutes=11 * person)).isoformat(),
                    "answers": _answers(story, team, name, number, ("ja", "en")[person % 3 == 2], model),
                }
                _write(place / f"{name}.json", response)
                files += 1
    return {"teams": len(story["team"]), "rounds": len(story["round"]), "responses": files}


def _answers(
    story: Story, team: Story, name: str, number: int, language: str, model: Model
) -> dict[str, int | str]:
    # The same stream in both rounds: who stays keeps her eye for things, and wavers a little.
    draws, wavers = Draws(f"cohort/{name}"), Draws(f"cohort/{name}/{number}")
    bias = 0.3 * draws.normal()
    answers: dict[str, int | str] = {}
    for id in model.elements:
        own, kind, writes = team.get("apart", 0.7) * draws.normal(), draws.uniform(), draws.uniform()
        gain = team["gain"] * story["gains"].get(id, 0.1) * (number - 1)
        middle = team["level"] + story["elements"].get(id, 0.0)
        level = draws.score(middle + bias + own + gain + 0.3 * wavers.normal(), 1, model.levels)
        if kind < story["not_applicable"]:
            answers[f"element.{id}"] = NOT_APPLICABLE
        elif kind >= story["not_applicable"] + story["blank"]:
            answers[f"element.{id}"] = level
            texts = [text[language] for text in story["text"] if text["element"] == id]
            if texts and level >= model.rules.claim_rating and writes < story["evidence"]:
                answers[f"evidence.{id}"] = texts[0]
    choices = [choice.value for choice in model.scales["practice"].choices]
    for practice in model.practices.values():
        own, blank = 0.9 * draws.normal(), draws.uniform()
        if practice.function in team["functions"] and blank >= 2 * story["blank"]:
            step = team["level"] - 1.1 + own + bias + team["gain"] * (number - 1)
            answers[f"practice.{practice.id}"] = choices[draws.score(step, 0, len(choices) - 1)]
    return dict(sorted(answers.items()))


def _write(path: Path, table: dict[str, Any]) -> None:
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", "utf-8", newline="\n")
