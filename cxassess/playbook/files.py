"""Keeping a team's playbook in a file: atomic, with the previous good state beside it.

What two sessions change in different fields at the same time is all kept; of one field the later counts.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cxassess.answer_files import Saved, alone, clear_leftovers, local_time, previous_of, write_atomically
from cxassess.answers import ASIDE, PLAYBOOK_FILE, TEAM_FILE, carried_over, parse_json, parse_team, read_text
from cxassess.errors import AnswerError, CxError, SaveError
from cxassess.language import current_language
from cxassess.model import Model, load_model
from cxassess.playbook.book import (
    SCHEMA,
    Playbook,
    PlaybookError,
    Value,
    cleaned,
    parse_playbook,
    playbook_table,
)


def read_playbook(path: str | Path, model: Model | None = None) -> Playbook:
    """The playbook in a team's folder, or in a JSON file.

    An entry that cannot be used is left out and named in the playbook's `problems`.

    Raises:
        PlaybookError: there is no such file, or it cannot be used as a whole; it is not changed.
    """
    path = Path(path)
    path = path / PLAYBOOK_FILE if path.is_dir() else path
    if not path.is_file():
        raise PlaybookError("no_file", file=str(path))
    try:
        return parse_playbook(read_text(path), path.name, model)
    except PlaybookError as problem:
        raise _with_previous(problem, path) from problem
    except AnswerError as problem:
        raise _with_previous(PlaybookError(problem.key, **problem.data), path) from problem


def save_playbook(folder: str | Path, playbook: Playbook, model: Model | None = None) -> None:
    """Write a whole playbook into a team's folder; what was there before is kept as its previous state.

    Raises:
        SaveError: the folder cannot be written.
    """
    file = PlaybookFile(folder, playbook.team, model)
    gone = dict.fromkeys(file.playbook.values.keys() - playbook.values.keys())
    file.playbook = replace(file.playbook, team=playbook.team)
    file.save({**gone, **playbook.values})


class PlaybookFile:
    """The playbook file in a team's folder.

    >>> import tempfile
    >>> file = PlaybookFile(tempfile.mkdtemp(), "Support")
    >>> _ = file.save({"sharing": "Every month, three minutes each"})
    >>> PlaybookFile(file.path.parent).playbook.text("sharing")
    'Every month, three minutes each'

    Raises:
        PlaybookError: the file was made by a newer version, or cannot be opened.

    Attributes:
        playbook: as last read or saved.
        notice: set when the file was damaged and the previous good state was opened instead.
    """

    def __init__(self, folder: str | Path, team: str = "", model: Model | None = None) -> None:
        self.model = model or load_model()
        self.path = Path(folder) / PLAYBOOK_FILE
        self.notice: PlaybookError | None = None
        self._rest: Mapping[str, Any] = {}
        self.playbook = Playbook(team or _team_name(self.path.parent, self.model))
        clear_leftovers(self.path)
        if self.path.exists():
            self._open()

    def _open(self) -> None:
        try:
            self._read(self.path)
        except CxError as problem:
            if problem.key in {"newer_file", "unreadable"}:
                raise PlaybookError(problem.key, **problem.data) from problem
            self.notice = self._set_aside(PlaybookError(problem.key, **problem.data))

    def _read(self, path: Path) -> None:
        text = read_text(path)
        self.playbook = parse_playbook(text, path.name, self.model)
        self._rest = parse_json(text, path.name, SCHEMA)

    def _set_aside(self, problem: PlaybookError) -> PlaybookError:
        """Move the damaged file out of the way, never over another one, and open the previous state."""
        aside = self.path.parent / ASIDE
        aside.mkdir(exist_ok=True)
        number = 1
        while (target := aside / f"{self.path.stem}.{number}.json").exists():
            number += 1
        os.rename(self.path, target)
        data = {"file": self.path.name, "problem": problem, "aside": f"{aside.name}/{target.name}"}
        try:
            self._read(previous_of(self.path))
        except CxError:
            return PlaybookError("set_aside", **data)
        return PlaybookError("opened_previous", **data, time=local_time(self.playbook.saved))

    def save(self, edits: Mapping[str, Any], position: Mapping[str, str] | None = None) -> Saved:
        """Write the edits (`None` makes a field blank) on top of what the file holds now.

        Raises:
            PlaybookError: an edit is not what its field can hold; nothing is written.
            SaveError: the disk is full or the folder cannot be written; the file is as it was.
        """
        new = {id: cleaned(id, value, self.model, self.path.name) for id, value in edits.items()}
        before, team = dict(self.playbook.values), self.playbook.team
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with alone(self.path.parent):
                if self.path.exists():
                    self._open()
                theirs = dict(self.playbook.values)
                changed = {
                    id: theirs.get(id)
                    for id in before.keys() | theirs.keys()
                    if id not in new and before.get(id) != theirs.get(id)
                }
                values = {id: value for id, value in {**theirs, **new}.items() if value is not None}
                self._write(replace(self.playbook, team=team), values, new, position)
        except OSError as error:
            raise SaveError("not_saved", file=str(self.path), found=error.strerror or str(error)) from error
        return Saved(local_time(self.playbook.saved), {id: _plain(value) for id, value in changed.items()})

    def _write(
        self,
        playbook: Playbook,
        values: dict[str, Value],
        new: Mapping[str, Value | None],
        position: Mapping[str, str] | None,
    ) -> None:
        # What a newer version wrote, and what cannot be used as it is, stays in the file until it is replaced.
        foreign = {
            id: value
            for id, value in self._rest.get("playbook", {}).items()
            if id not in values and id not in new and carried_over(f"field.{id}", playbook.model_version, self.model)
            in {f"field.{id}", None}
        }  # fmt: skip
        self.playbook = replace(
            playbook,
            values=MappingProxyType(values),
            model_version=self.model.version,
            model_hash=self.model.hash,
            language=current_language(),
            saved=datetime.now(UTC).isoformat(timespec="milliseconds"),
            revision=playbook.revision + 1,
            position=position or playbook.position,
        )
        table = playbook_table(self.playbook)
        table["playbook"] = {**foreign, **table["playbook"]}
        self._rest = {**self._rest, **table}
        write_atomically(self.path, self._rest)


def _plain(value: Value | None) -> Any:
    return [dict(row) for row in value] if isinstance(value, tuple) else value


def _team_name(folder: Path, model: Model) -> str:
    """The name in the folder's `team.json`, or else the folder's."""
    try:
        team, _ = parse_team(read_text(folder / TEAM_FILE), TEAM_FILE, model)
    except AnswerError:
        return folder.resolve().name
    return team.name or folder.resolve().name


def _with_previous(problem: PlaybookError, path: Path) -> PlaybookError:
    if not previous_of(path).is_file():
        return problem
    return PlaybookError(
        "has_previous",
        file=path.name,
        problem=problem,
        previous=f"{previous_of(path).parent.name}/{path.name}",
    )
