"""A team's export read back into a team's folder; the inverse of `open_form`."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxassess.answer_files import TeamFile, save_team
from cxassess.answers import PLAYBOOK_FILE, TEAM_FILE, TEAM_SCHEMA, Response, Team, parse_response, parse_team
from cxassess.answers import SCHEMA as RESPONSE_SCHEMA
from cxassess.errors import CxError
from cxassess.exchange.intake import ExchangeError, Given, Intake, every_key, take
from cxassess.exchange.open_form import HERE, SCHEMA
from cxassess.file_names import expanded, safe_name
from cxassess.language import say
from cxassess.model import Model, load_model
from cxassess.playbook.book import playbook_of
from cxassess.playbook.files import save_playbook


def import_team(
    path: str | Path, folder: str | Path, *, replace: bool = False, dry_run: bool = False,
    model: Model | None = None,
) -> Intake:  # fmt: skip
    """Write an export's answers, settings and playbooks back into a team's folder; the inverse of `export_team`.

    Answers come back exactly. Files that are there already and hold something else stay unless `replace` says so.

    Args:
        path: the .json file, or the folder with `datapackage.json`.
        folder: the team's folder; it is made if needed.
        replace: bring files of the same name up to date, whoever made them.
        dry_run: write nothing, only tell.
        model: what the answers are to; the current model if not given.

    Raises:
        ExchangeError: it is no such export.
        SaveError: the folder cannot be written.
    """
    path, folder, model = expanded(path), expanded(folder), model or load_model()
    table = _read(path)
    try:
        rounds = [_parsed(one, path.name, model) for one in table["rounds"]]
        books = [
            (str(one["folder"]), playbook_of(str(one["team"]), one["playbook"], model))
            for one in table["playbooks"]
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise ExchangeError(
            "not_an_export", file=path.name, found=f"{type(error).__name__} {error}"[:60]
        ) from error
    intake = Intake(path.name, folder, dry_run, ())
    for one in rounds:
        place = _inside(folder, one.folder, path.name)
        given = [Given(response, every_key(model), one.team.round) for response in one.responses]
        taken, refused = take(given, place, model, replace_others=replace, dry_run=dry_run)
        keeps = (place / TEAM_FILE).exists() and not replace and TeamFile(place, model).team != one.team
        if not keeps and not dry_run:
            save_team(place, one.team, model)
        intake = dataclasses.replace(
            intake, people=(*intake.people, *taken), left_out=(*intake.left_out, *refused),
            problems=(*intake.problems, *one.problems), notes=(*intake.notes, *_kept(keeps, one.folder, TEAM_FILE)),
        )  # fmt: skip
    for name, book in books:
        place = _inside(folder, name, path.name)
        keeps = (place / PLAYBOOK_FILE).exists() and not replace
        if not keeps and not dry_run:
            save_playbook(place, dataclasses.replace(book, problems=()), model)
        intake = dataclasses.replace(
            intake,
            problems=(*intake.problems, *book.problems),
            notes=(*intake.notes, *_kept(keeps, name, PLAYBOOK_FILE)),
        )
    return intake


def _kept(keeps: bool, folder: str, file: str) -> tuple[str, ...]:
    return (say("exchange.kept_file", file=f"{folder}/{file}"),) if keeps else ()


@dataclass(frozen=True, slots=True)
class _Round:
    folder: str
    team: Team
    responses: tuple[Response, ...]
    problems: tuple[CxError, ...]


def _parsed(table: Mapping[str, Any], file: str, model: Model) -> _Round:
    """A round of an export, checked as its files are."""
    settings = table["team"]
    text = json.dumps({**settings, "schema": TEAM_SCHEMA, "team": settings["name"], "round": table["round"]})
    team, problems = parse_team(text, file, model)
    responses = []
    for row in table["responses"]:
        response, found = parse_response(json.dumps({**row, "schema": RESPONSE_SCHEMA}), file, model)
        responses.append(response)
        problems += found
    return _Round(str(table["folder"]), team, tuple(responses), tuple(problems))


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.is_dir():
            from cxassess.exchange.open_form_tables import read_tables

            table = read_tables(path)
        else:
            table = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise ExchangeError("no_such_file", file=str(path)) from error
    except ModuleNotFoundError as error:
        raise ExchangeError("needs_package", file=path.name, found=error.name) from error
    except OSError as error:
        raise ExchangeError("not_opened", file=path.name, found=error.strerror or str(error)) from error
    except (ValueError, KeyError, RecursionError) as error:
        raise ExchangeError("not_an_export", file=path.name, found=type(error).__name__) from error
    fits = isinstance(table, dict) and table.get("schema") == SCHEMA and isinstance(table.get("rounds"), list)
    if not fits:
        raise ExchangeError("not_an_export", file=path.name, found=SCHEMA)
    return {"playbooks": [], **table}  # an export without any may lack them


def _inside(folder: Path, name: str, file: str) -> Path:
    """A round's folder in the team's; a name that leads elsewhere is refused."""
    if name == HERE:
        return folder
    if safe_name(name) is None:
        raise ExchangeError("bad_folder", file=file, found=name[:60])
    return folder / name
