"""Whether a folder is one team's: what is for one team says so before it looks for answers."""

import json
from pathlib import Path
from typing import Any

from cxassess.answers import OTHER_FILES, SCHEMA, TEAM_FILE, is_team_folder
from cxassess.documents import read_text
from cxassess.errors import AnswerError
from cxassess.exchange.intake import ExchangeError
from cxassess.file_names import expanded

NAMED = 3


def refuse_many_teams(folder: str | Path) -> None:
    """Nothing, where the folder is one team's, one round's, or not there.

    Raises:
        ExchangeError: it holds a folder for each of several teams.
    """
    try:
        teams = _teams(expanded(folder))
    except OSError:  # whoever reads the answers says what is wrong
        return
    if teams:
        names = [team.name for team in teams]
        more = f" +{len(names) - NAMED}" if len(names) > NAMED else ""
        raise ExchangeError("many_teams", file=str(folder), teams=", ".join(names[:NAMED]) + more)


def _teams(folder: Path) -> list[Path]:
    """The teams' folders in it. A team's rounds look alike, but name one team, or a round each."""
    if _has_responses(folder):
        return []
    places = _folders(folder)
    flat = [place for place in places if _has_responses(place)]
    deep = [place for place in places if place not in flat and any(map(_has_responses, _folders(place)))]
    if not flat:
        return deep
    settings = [_table(place / TEAM_FILE) for place in flat]
    teams, rounds = ({str(one.get(key, "")) for one in settings} for key in ("team", "round"))
    return sorted(flat + deep) if len(teams) > 1 and len(rounds) < len(flat) else []


def _folders(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir() and is_team_folder(one.name))


def _has_responses(folder: Path) -> bool:
    found = (path for path in folder.glob("*.json") if path.name not in OTHER_FILES and path.name[0] != ".")
    return any(_table(path).get("schema") == SCHEMA for path in found)


def _table(path: Path) -> dict[str, Any]:
    try:
        table = json.loads(read_text(path, AnswerError))
    except (AnswerError, ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}
