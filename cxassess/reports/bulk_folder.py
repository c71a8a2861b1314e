"""Where the teams lie, and what their files may be called: a folder with a folder per team, in it files or rounds."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cxassess.answers import OTHER_FILES, TEAM_FILE, is_team_folder
from cxassess.file_names import natural_order, safe_name
from cxassess.reports.bulk_parts import ReportError

COHORT = "cohort"


@dataclass(frozen=True, slots=True)
class TeamFolder:
    """A team's folder with its rounds, the earliest first; a round may be the folder itself."""

    name: str
    rounds: tuple[Path, ...]
    problem: ReportError | None = None
    beside: bool = False
    """Whether response files lie beside its rounds' folders."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder of teams holds: the teams, folders without answers, and response files that are in no team."""

    teams: tuple[TeamFolder, ...]
    empty: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()


def find_teams(folder: str | Path) -> Found:
    """The teams in a folder. Hidden folders, and those of files set aside, are no teams.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for place in ("sales/round 10", "sales/round 9", "support"):
    ...     (folder / place).mkdir(parents=True)
    ...     _ = (folder / place / "anna.json").write_text("{}")
    >>> [(team.name, [one.name for one in team.rounds]) for team in find_teams(folder).teams]
    [('sales', ['round 9', 'round 10']), ('support', ['support'])]

    Raises:
        ReportError: there is no such folder, there are no teams in it, or it is itself a team's.
    """
    folder = Path(folder)
    if not os.path.isdir(folder):  # Path.is_dir raises where a name is too long
        raise ReportError("no_folder", folder=str(folder))
    loose = [path.name for path in _responses(folder)]
    found = [_team(one) for one in _folders(folder)]
    teams = [one for one in found if one.rounds or one.problem]
    if not teams:
        raise ReportError("one_team" if loose else "no_teams", folder=str(folder))
    if len(teams) > 1 and all(team.rounds == (folder / team.name,) for team in teams):
        names = {_own_name(folder / team.name) for team in teams}
        if (
            len(names) == 1 and "" not in names
        ):  # rounds of one team, each of which would get a report as a team
            raise ReportError("one_team", folder=str(folder))
    return Found(tuple(teams), tuple(one.name for one in found if one not in teams), tuple(loose))


def file_stems(names: Iterable[str]) -> dict[str, str]:
    """A file name without ending for each name: the name itself where it can be one and is nobody else's.

    >>> stems = file_stems(["Support", "<b>", "support", "営業"])
    >>> stems["営業"], stems["<b>"][:5], stems["Support"] == stems["support"]
    ('営業', 'team~', False)
    """
    names = list(names)
    safe = {name: safe_name(name) or "" for name in names}
    taken = Counter(one.casefold() for one in [*safe.values(), COHORT])
    return {
        name: stem
        if stem and taken[stem.casefold()] == 1
        else f"{stem or 'team'}~{sha256(os.fsencode(name)).hexdigest()[:8]}"
        for name, stem in safe.items()
    }


def _team(folder: Path) -> TeamFolder:
    rounds = tuple(one for one in _folders(folder) if _responses(one))
    if not rounds and _responses(folder):
        rounds = (folder,)
    if not rounds and any(files_of(one) for one in (folder, *_folders(folder))):
        return TeamFolder(folder.name, (), ReportError("no_answers", team=shown(folder.name)))
    return TeamFolder(folder.name, rounds, beside=rounds != (folder,) and bool(_responses(folder)))


def _own_name(folder: Path) -> str:
    """What a team calls itself in its settings, if that can be read."""
    try:
        settings = json.loads((folder / TEAM_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    return str(settings.get("team", "")) if isinstance(settings, dict) else ""


def _folders(folder: Path) -> list[Path]:
    found = (one for one in folder.iterdir() if one.is_dir() and is_team_folder(one.name))
    return sorted(found, key=lambda one: natural_order(one.name))


def files_of(folder: Path) -> list[Path]:
    """The JSON files of a round, a team's settings among them."""
    return sorted(path for path in folder.glob("*.json") if path.name[0] != ".")


def _responses(folder: Path) -> list[Path]:
    return [path for path in files_of(folder) if path.name not in OTHER_FILES]


def shown(name: str) -> str:
    """A folder's name as text that can be written anywhere."""
    return name.encode("utf-8", "replace").decode()
