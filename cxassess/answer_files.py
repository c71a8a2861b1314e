"""Keeping one respondent's answers in a file: atomic, with the previous good state beside it.

Two sessions of the same respondent each write only what they changed, on top of what is on the disk.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cxassess.answers import (
    ASIDE,
    OTHER_FILES,
    PREVIOUS,
    SCHEMA,
    TEAM_FILE,
    TEAM_SCHEMA,
    Response,
    Team,
    Value,
    allowed,
    fits,
    is_question,
    parse_json,
    parse_response,
    read_text,
)
from cxassess.errors import AnswerError, SaveError
from cxassess.file_names import safe_name
from cxassess.language import current_language
from cxassess.model import Model, load_model


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did: when it was (local time), and what another session had changed meanwhile."""

    at: str
    changed: Mapping[str, Value | None]


class ResponseFile:
    """One respondent's file in a team's folder.

        >>> import tempfile
        >>> file = ResponseFile(tempfile.mkdtemp(), "anna")
        >>> _ = file.save({"element.goals": 3})
        >>> ResponseFile(file.path.parent, "anna").response.values["element.goals"]
        3

    Raises:
        AnswerError: the name cannot be a file's, or the file was made by a newer version.

    Attributes:
        response: the answers as last read or saved.
        notice: set when the file was damaged and the previous good state was opened instead.
    """

    def __init__(self, folder: str | Path, respondent: str, model: Model | None = None) -> None:
        self.model = model or load_model()
        name = safe_name(respondent)
        if name is None or f"{name}.json".casefold() in OTHER_FILES:
            raise AnswerError("bad_respondent", file=str(folder), found=respondent[:60])
        self.path = Path(folder) / f"{name}.json"
        self.notice: AnswerError | None = None
        self._rest: Mapping[str, Any] = {}
        self.response = Response(name, {})
        clear_leftovers(self.path)
        if self.path.exists():
            self._open()

    def _open(self) -> None:
        try:
            self._read(self.path)
        except AnswerError as problem:
            if problem.key in {"newer_file", "unreadable"}:
                raise
            self.notice = self._set_aside(problem)

    def _read(self, path: Path) -> None:
        text = read_text(path)
        self._rest = parse_json(text, path.name, SCHEMA)
        response, _ = parse_response(text, path.name, self.model)
        self.response = replace(response, respondent=self.path.stem)

    def _set_aside(self, problem: AnswerError) -> AnswerError:
        """Move the damaged file out of the way, never over another one, and open the previous state."""
        aside = self.path.parent / ASIDE
        aside.mkdir(exist_ok=True)
        number = 1
        while (target := aside / f"{self.path.stem}.{number}.json").exists():
            number += 1
        os.rename(self.path, target)
        moved = f"{aside.name}/{target.name}"
        try:
            self._read(previous_of(self.path))
        except AnswerError:
            return AnswerError("set_aside", file=self.path.name, problem=problem, aside=moved)
        return AnswerError(
            "opened_previous",
            file=self.path.name,
            problem=problem,
            aside=moved,
            time=local_time(self.response.saved),
        )

    def save(self, edits: Mapping[str, Value | None], position: Mapping[str, str] | None = None) -> Saved:
        """Write the edits (`None` makes an answer blank) on top of what the file holds now.

        Raises:
            AnswerError: an edit is not an answer that its question allows; nothing is written.
            SaveError: the disk is full or the folder cannot be written; the file is as it was.
        """
        for key, value in edits.items():
            if not is_question(key, self.model):
                raise AnswerError("unknown_question", file=self.path.name, record=key[:60])
            if value is not None and not fits(key, value, self.model):
                raise AnswerError(
                    "bad_value", file=self.path.name, record=key, found=str(value)[:60], allowed=allowed(key, self.model)
                )  # fmt: skip
        before = dict(self.response.values)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with alone(self.path.parent):
                if self.path.exists():
                    self._open()
                theirs = dict(self.response.values)
                changed = {
                    key: theirs.get(key)
                    for key in before.keys() | theirs.keys()
                    if key not in edits and before.get(key) != theirs.get(key)
                }
                values = {key: value for key, value in {**theirs, **edits}.items() if value is not None}
                self.response = self._written(values, position)
        except OSError as error:
            raise SaveError("not_saved", file=str(self.path), found=error.strerror or str(error)) from error
        return Saved(local_time(self.response.saved), changed)

    def _written(self, values: dict[str, Value], position: Mapping[str, str] | None) -> Response:
        response = replace(
            self.response,
            values=MappingProxyType(values),
            model_version=self.model.version,
            model_hash=self.model.hash,
            language=current_language(),
            saved=now(),
            revision=self.response.revision + 1,
            position=position or self.response.position,
        )
        # What a newer model asked, and what else a newer version wrote, stays in the file.
        foreign = {
            key: value
            for key, value in self._rest.get("answers", {}).items()
            if not is_question(key, self.model)
        }
        table = response_table(response)
        table["answers"] = {**foreign, **table["answers"]}
        write_atomically(self.path, {**self._rest, **table})
        self._rest = {**self._rest, **table}
        return response


def response_table(response: Response) -> dict[str, Any]:
    """A response as the JSON object of its file."""
    return {
        "schema": SCHEMA,
        "respondent": response.respondent,
        "model": {"version": response.model_version, "hash": response.model_hash},
        "language": response.language,
        "saved": response.saved,
        "revision": response.revision,
        "position": dict(response.position),
        "answers": dict(sorted(response.values.items())),
    }


def save_team(folder: str | Path, team: Team) -> None:
    """Write a team's name, round, targets and weights to `team.json`.

    Raises:
        AnswerError: the name cannot be used.
        SaveError: the folder cannot be written.
    """
    path = Path(folder) / TEAM_FILE
    if team.name and safe_name(team.name) is None:
        raise AnswerError("bad_team", file=TEAM_FILE, found=team.name[:60])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(
            path,
            {
                "schema": TEAM_SCHEMA,
                "team": team.name,
                "round": team.round,
                "targets": dict(team.targets),
                "weights": dict(team.weights),
            },
        )
    except OSError as error:
        raise SaveError("not_saved", file=str(path), found=error.strerror or str(error)) from error


def write_atomically(path: Path, table: Mapping[str, Any]) -> None:
    """Write JSON so that a reader, or a killed process, finds the old file or the new one, whole.

    Raises:
        OSError: it could not be written; the old file is untouched.
    """
    beside = path.with_name(f".{path.stem}.{os.getpid()}.{time.monotonic_ns()}.tmp")
    text = json.dumps(table, ensure_ascii=False, indent=1)
    try:
        with open(beside, "w", encoding="utf-8", newline="\n") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            _keep_previous(path)
        os.replace(beside, path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    with suppress(OSError):
        _sync_folder(path.parent)


def clear_leftovers(path: Path) -> None:
    """Remove what killed processes had half-written beside this file, once it is a minute old."""
    if not path.parent.is_dir():
        return
    for leftover in path.parent.iterdir():
        if leftover.name.startswith(f".{path.stem}.") and leftover.suffix == ".tmp":
            with suppress(OSError):
                if time.time() - leftover.stat().st_mtime > 60:
                    leftover.unlink()


def previous_of(path: Path) -> Path:
    """Where the state before the last save is kept."""
    return path.parent / PREVIOUS / path.name


def _keep_previous(path: Path) -> None:
    """Hard-link the file to its previous place: no second copy is written, so a full disk does not hinder it."""
    previous = previous_of(path)
    previous.parent.mkdir(exist_ok=True)
    link = previous.with_name(f".{path.stem}.{os.getpid()}.{time.monotonic_ns()}.tmp")
    try:
        os.link(path, link)
    except OSError:
        link.write_bytes(path.read_bytes())  # a file system without hard links
    os.replace(link, previous)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two sessions of one respondent do not write at the same moment.

    The system frees it when a process dies. Where there are no such locks (Windows, browsers, some
    network shares) the merge in `save` alone has to do.
    """
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def now() -> str:
    """This moment in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def local_time(moment: str) -> str:
    """The clock time of an ISO moment where the reader is, `14:03`."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%H:%M")
    except ValueError:
        return ""
