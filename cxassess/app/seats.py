"""Who sits where in a room: a team's folder, a name that nobody else in the team has, and a code to come back with.

A room is a folder of teams' folders, so that a cohort can be read from it:

    room/Support/2026-04/anna.json           what Anna answered
    room/Support/2026-04/team.json           the team's name and round
    room/Support/2026-04/.seats/….json       whose name "anna" is
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cxassess.answer_files import TeamFile
from cxassess.answers import OTHER_FILES, TEAM_FILE, is_team_folder
from cxassess.errors import CxError, SaveError
from cxassess.file_names import safe_name

SEATS = ".seats"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is taken for another one when it is read from a screen."""


class RoomError(CxError):
    """Somebody cannot come in as they asked."""

    file = "app"


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's place: the team and name as they are shown, the team's folder, and the code to come back with."""

    team: str
    name: str
    folder: Path
    code: str


def new_code() -> str:
    """A code that can be read aloud and not be guessed: 40 bits in two groups.

    >>> len(new_code())
    9
    """
    letters = [secrets.choice(LETTERS) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def teams(room: Path) -> list[str]:
    """The teams that there are, by name.

    Raises:
        RoomError: the folder cannot be read.
    """
    try:
        return sorted((path.name for path in _team_folders(room)), key=str.casefold)
    except OSError as problem:
        raise RoomError("no_room", found=problem.strerror or str(problem)) from problem


def take_seat(room: Path, team: str, name: str, round: str, code: str = "") -> Seat:
    """Sit down as `name` in `team`: at a free name, or again at one's own with its code.

    Args:
        room: the folder of teams.
        team: an existing team or a new one; capitals make no other team.
        name: a nickname; capitals make no other person.
        round: the round's folder in the team's, such as `2026-04`.
        code: the code of the seat, for who comes back.

    Raises:
        RoomError: a name cannot be a file's, or is somebody else's.
        SaveError: the folder cannot be written.

    >>> import tempfile
    >>> room = Path(tempfile.mkdtemp())
    >>> anna = take_seat(room, "Support", "Anna", "2026-04")
    >>> take_seat(room, "support", "ANNA", "2026-04", anna.code).name
    'Anna'
    """
    shown = safe_name(team)
    if shown is None or not is_team_folder(shown):
        raise RoomError("bad_team", found=team[:60])
    person = safe_name(name)
    if person is None or f"{person}.json".casefold() in OTHER_FILES:
        raise RoomError("bad_name", found=name[:60])
    try:
        folder = _team_folder(room, shown) / round
        (folder / SEATS).mkdir(parents=True, exist_ok=True)
        if not (folder / TEAM_FILE).exists():
            TeamFile(folder).save({"team": folder.parent.name, "round": round})
        return _sit(folder, person, code.strip().casefold())
    except OSError as problem:
        raise SaveError("not_saved", file=shown, found=problem.strerror or str(problem)) from problem


def _sit(folder: Path, person: str, code: str) -> Seat:
    """The system lets only one of two people who come at the same moment make the seat's file."""
    key = hashlib.sha256(person.casefold().encode()).hexdigest()[:32]
    path = folder / SEATS / f"{key}.json"
    if not path.exists() and not _answered(folder, person):
        seat = Seat(folder.parent.name, person, folder, new_code())
        with suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
            json.dump({"name": seat.name, "code": seat.code}, file, ensure_ascii=False)
            return seat
    kept = _kept(path)
    if not code or not secrets.compare_digest(code.encode(), kept.get("code", "").encode()):
        raise RoomError("wrong_code" if code else "name_taken", name=person)
    return Seat(folder.parent.name, kept["name"], folder, kept["code"])


def _answered(folder: Path, person: str) -> bool:
    """Whether a file of that name came here in another way."""
    return any(path.stem.casefold() == person.casefold() for path in folder.glob("*.json"))


def _kept(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):  # being written at this moment, or damaged: nobody's code fits
        return {}


def _team_folder(room: Path, team: str) -> Path:
    for path in _team_folders(room):
        if path.name.casefold() == team.casefold():
            return path
    return room / team


def _team_folders(room: Path) -> Iterator[Path]:
    with os.scandir(room) as entries:
        yield from (
            Path(entry.path)
            for entry in entries
            if entry.is_dir() and safe_name(entry.name) == entry.name and is_team_folder(entry.name)
        )


def stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """A stamp of a team's files, which changes with any answer."""
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".json")]
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in found))
