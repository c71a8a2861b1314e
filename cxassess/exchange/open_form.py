"""Everything a team has, in an open form, and back: one JSON file, or tidy tables as CSV or Parquet.

The JSON follows `team-export.schema.json`; beside the tables lies a `datapackage.json` that describes every
column. Ids are those of the model and stay; names in every language are under `labels`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cxassess.answer_files import response_table
from cxassess.answers import OTHER_FILES, Answers, read_answers
from cxassess.documents import now, write_whole
from cxassess.errors import CxError, SaveError
from cxassess.exchange.intake import ExchangeError
from cxassess.exchange.one_team import refuse_many_teams
from cxassess.exchange.open_form_tables import PACKAGE
from cxassess.file_names import expanded
from cxassess.language import Text, language, say
from cxassess.model import Model, load_model
from cxassess.playbook.book import PlaybookError, playbook_table
from cxassess.playbook.files import read_playbook
from cxassess.scoring import ElementScore, MeanScore, Result, Tally, score

SCHEMA = "cxassess.team-export/1"
SCHEMA_FILE = Path(__file__).with_name("team-export.schema.json")
KINDS = ("json", "csv", "parquet")
HERE = "."
"""The folder of a round that lies in the team's folder itself."""


def export_team(folder: str | Path, out: str | Path, kind: str = "json", model: Model | None = None) -> Path:
    """Write everything a team has: answers, settings, rounds, scores with their derivation, plan, playbook.

    Args:
        folder: the team's folder: of one round, or with a folder for each round in it.
        out: a .json file, or for the other kinds a folder for the tables and their `datapackage.json`.
        kind: `json`, `csv` or `parquet`.
        model: what the answers are to; the current model if not given.

    Returns:
        The file or folder that was written.

    Raises:
        AnswerError: there is no such folder, or no answers in it.
        ExchangeError: the folder holds many teams, the kind is none of these, its package is missing, or there is something else at `out` already.
        SaveError: it cannot be written.

    What cannot be used in the team's files is listed under `problems` and otherwise left out.
    """
    out, model = expanded(out), model or load_model()
    if kind not in KINDS:
        raise ExchangeError("unknown_kind", found=str(kind)[:20], known=", ".join(KINDS))
    table = team_table(folder, model)
    try:
        _refuse_to_overwrite(out, kind)
        if kind == "json":
            write_whole(
                {out: f"{json.dumps(table, ensure_ascii=False, indent=1)}\n".encode("utf-8", "replace")}
            )
        else:
            from cxassess.exchange.open_form_tables import write_tables

            write_tables(table, out, kind)
    except ModuleNotFoundError as error:
        raise ExchangeError("needs_package", file=str(out), found=error.name) from error
    except OSError as error:
        raise SaveError("not_written", file=str(out), found=error.strerror or str(error)) from error
    return out


def _refuse_to_overwrite(out: Path, kind: str) -> None:
    """An earlier export may be replaced, and nothing else: it could be somebody's answers."""
    there, told_in = (
        (out.is_file(), out) if kind == "json" else (out.is_dir() and any(out.iterdir()), out / PACKAGE)
    )
    if there and not _is_export(told_in):
        raise ExchangeError("not_overwritten", file=str(out))


def _is_export(path: Path) -> bool:
    try:
        table = json.loads(path.read_text("utf-8-sig"))
    except (FileNotFoundError, ValueError, RecursionError):
        return False
    return isinstance(table, dict) and table.get("schema") == SCHEMA


def team_table(folder: str | Path, model: Model | None = None) -> dict[str, Any]:
    """What `export_team` writes as JSON.

    Raises:
        AnswerError: there is no such folder, or no answers in it.
        ExchangeError: the folder holds many teams.
    """
    folder, model = expanded(folder), model or load_model()
    refuse_many_teams(folder)
    places = [*_rounds(folder)]
    found = [(place, read_answers(place, model)) for place in places or [folder]]
    results = [score(answers, model) for _, answers in found]
    return {
        "schema": SCHEMA,
        "exported": now(),
        "model": {"version": model.version, "hash": model.hash},
        "team": results[-1].answers.team.name,
        "rounds": [
            _round(HERE if place == folder else place.name, answers, result)
            for (place, answers), result in zip(found, results, strict=True)
        ],
        "plan": _plan(results[-1]),
        "playbooks": [*_playbooks([folder, *places], folder, model)],
        "labels": _labels(model),
    }


def _rounds(folder: Path) -> Iterator[Path]:
    """The folders of rounds in a team's folder; none when it is a round's folder itself."""
    if any(path.name not in OTHER_FILES for path in folder.glob("*.json")):
        return
    for place in sorted(one for one in folder.glob("*") if one.is_dir() and one.name[0] != "."):
        if any(path.name not in OTHER_FILES for path in place.glob("*.json")):
            yield place


def _round(place: str, answers: Answers, result: Result) -> dict[str, Any]:
    team = answers.team
    return {
        "folder": place,
        "round": team.round,
        "team": {"name": team.name, "targets": dict(team.targets), "weights": dict(team.weights)},
        "responses": [response_table(one) for one in answers.responses],
        "problems": [_in_each(problem, result.model) for problem in answers.problems],
        "result": _result(result),
    }


def _result(result: Result) -> dict[str, Any]:
    ids = ["", "stage", *result.themes, *result.elements]
    return {
        "index": _mean(result.index),
        "stage": result.stage.id if result.stage else None,
        "agreement": result.agreement,
        "themes": {id: _mean(one) for id, one in result.themes.items()},
        "elements": {id: _element(one) for id, one in result.elements.items()},
        "gates": [
            {"stage": one.stage.id, "share": one.share, "holds": one.holds, "short": [*one.short], "under_floor": [*one.under_floor]}
            for one in result.gates
        ],
        "claims": [
            {"element": one.element, "respondent": one.respondent, "rating": one.rating} for one in result.claims
        ],
        "practices": {id: _tally(one) for id, one in result.practices.items()},
        "conditions": {id: _tally(one) for id, one in result.conditions.items()},
        "causes": {id: _tally(one) for id, one in result.causes.items()},
        "derivation": {id or "index": _explained(result, id) for id in ids},
    }  # fmt: skip


def _mean(one: MeanScore) -> dict[str, Any]:
    return {
        "score": one.score,
        "withheld": one.withheld,
        "coverage": one.coverage,
        "elements": [*one.elements],
    }


def _element(one: ElementScore) -> dict[str, Any]:
    return {
        "score": one.score,
        "withheld": one.withheld,
        "coverage": one.coverage,
        "counts": {str(level): count for level, count in enumerate(one.counts, 1)},
        "not_applicable": one.not_applicable,
        "blank": one.blank,
        "spread": one.spread,
        "target": one.target,
        "gap": one.gap,
        "weight": one.weight,
    }


def _tally(one: Tally) -> dict[str, Any]:
    return {
        "mean": one.mean,
        "counts": dict(one.counts),
        "not_applicable": one.not_applicable,
        "blank": one.blank,
    }


def _explained(result: Result, id: str) -> dict[str, str]:
    found = {}
    for code in result.model.languages:
        with language(code):
            found[code] = result.explain(id)
    return found


def _in_each(problem: CxError, model: Model) -> dict[str, str]:
    found = {}
    for code in model.languages:
        with language(code):
            found[code] = str(problem)
    return found


def _plan(result: Result) -> dict[str, Any] | None:
    """The plan with the usual capacity for the latest round; none where there is nothing to plan."""
    from cxassess.planning import PlanError, plan

    try:
        found = plan(result)
    except PlanError:
        return None
    phases = {one.id: one.phase for one in found.actions}
    return {
        "round": result.answers.team.round,
        "available": [*found.available],
        "practices": [
            {
                "id": one.id,
                "status": one.status,
                "phase": phases.get(one.id),
                "days": next((action.days for action in found.actions if action.id == one.id), one.days),
                "brings": next(
                    (action.brings for action in found.actions if action.id == one.id), one.brings
                ),
            }
            for one in found.reasons.values()
        ],
    }


def _playbooks(places: list[Path], folder: Path, model: Model) -> Iterator[dict[str, Any]]:
    for place in places:
        try:
            found = read_playbook(place, model)
        except PlaybookError as problem:
            if problem.key == "no_file":
                continue
            raise
        table = playbook_table(found)
        yield {
            "folder": HERE if place == folder else place.name,
            "team": found.team,
            "playbook": table["playbook"],
            "problems": [_in_each(one, model) for one in found.problems],
        }


def _labels(model: Model) -> dict[str, dict[str, str]]:
    """The name of everything that an id can stand for, by kind and id."""
    found = {}
    for kind in (
        "theme",
        "element",
        "function",
        "practice",
        "condition",
        "cause",
        "metric",
        "section",
        "field",
    ):
        for id, record in model.records[kind].items():
            found[f"{kind}.{id}"] = dict(record.name.by_language)
    for stage in model.stages:
        found[f"stage.{stage.id}"] = dict(stage.name.by_language)
    for element in model.elements.values():
        for level, text in enumerate(element.levels, 1):
            found[f"level.{element.id}.{level}"] = dict(text.by_language)
    for scale in model.scales.values():
        for choice in scale.choices:
            found[f"choice.{scale.id}.{choice.value}"] = dict(choice.name.by_language)
    found["choice.na"] = {code: Text(_not_applicable(model)).to(code) for code in model.languages}
    return found


def _not_applicable(model: Model) -> dict[str, str]:
    found = {}
    for code in model.languages:
        with language(code):
            found[code] = say("exchange.not_applicable")
    return found
