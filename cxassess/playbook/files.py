"""Keeping a team's playbook in a file: atomic, with the previous good state beside it.

What two sessions change in different fields at the same time is all kept, and so are the rows that they add to
one table. Of one text the later counts.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cxassess.answers import PLAYBOOK_FILE, TEAM_FILE, carried_over, parse_json, parse_team
from cxassess.documents import Document, Saved, local_time, now, previous_of, read_text
from cxassess.errors import AnswerError, RefusedError
from cxassess.file_names import expanded
from cxassess.language import current_language
from cxassess.model import Model, load_model
from cxassess.playbook.book import (
    MOST_ROWS,
    SCHEMA,
    Playbook,
    PlaybookError,
    Value,
    cleaned,
    parse_playbook,
    playbook_table,
)


class RefusedEntryError(PlaybookError, RefusedError):
    """An entry that its field cannot hold."""


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
        return parse_playbook(read_text(path, PlaybookError), path.name, model)
    except PlaybookError as problem:
        raise _with_previous(problem, path) from problem
    except AnswerError as problem:
        raise _with_previous(PlaybookError(problem.key, **problem.data), path) from problem


def save_playbook(folder: str | Path, playbook: Playbook, model: Model | None = None) -> None:
    """Write a whole playbook into a team's folder; what was there before is kept as its previous state.

    Raises:
        PlaybookError: an entry could not be read, so that saving would lose it; nothing is written.
        SaveError: the folder cannot be written.
    """
    for problem in playbook.problems:
        raise problem
    file = PlaybookFile(folder, playbook.team, model)
    gone = dict.fromkeys(file.playbook.values.keys() - playbook.values.keys())
    file.save({**gone, **playbook.values}, team=playbook.team)


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
        self.path = expanded(folder) / PLAYBOOK_FILE
        self._new = Playbook(team or _team_name(self.path.parent, self.model))
        self._document = Document(self.path, self._parse, PlaybookError)

    def _parse(self, text: str, file: str) -> tuple[Playbook, dict[str, Any]]:
        try:
            return parse_playbook(text, file, self.model), parse_json(text, file, SCHEMA)
        except AnswerError as problem:
            raise PlaybookError(problem.key, **problem.data) from problem

    @property
    def playbook(self) -> Playbook:
        return self._document.content or self._new

    @property
    def notice(self) -> PlaybookError | None:
        found = self._document.notice
        return found if isinstance(found, PlaybookError) else None

    def save(
        self, edits: Mapping[str, Any], position: Mapping[str, str] | None = None, team: str = ""
    ) -> Saved:
        """Write the edits (`None` makes a field blank) on top of what the file holds now.

        Raises:
            RefusedEntryError: an edit is not what its field can hold; nothing is written.
            SaveError: the disk is full or the folder cannot be written; the file is as it was.
        """
        try:
            new = {id: cleaned(id, value, self.model, self.path.name) for id, value in edits.items()}
        except PlaybookError as problem:
            raise RefusedEntryError(problem.key, **problem.data) from problem
        before = dict(self.playbook.values)
        with self._document.writing():
            theirs = dict(self.playbook.values)
            merged = {
                id: self._merged(id, before.get(id), theirs.get(id), value) for id, value in new.items()
            }
            now_there = {**theirs, **merged}
            known = {**before, **new}
            changed = {
                id: now_there.get(id)
                for id in known.keys() | now_there.keys()
                if known.get(id) != now_there.get(id)
            }
            playbook = replace(self.playbook, team=team or self.playbook.team)
            self._write(playbook, now_there, merged.keys(), position)
        return Saved(local_time(self.playbook.saved), {id: _plain(value) for id, value in changed.items()})

    def _merged(
        self, id: str, before: Value | None, theirs: Value | None, mine: Value | None
    ) -> Value | None:
        """What is written in a field, with what another session has changed in its table since `before`.

        A row that both changed stands twice: nothing is lost, and people decide.
        """
        one = self.model.records["field"][id]
        if one.kind != "table" or theirs == before:
            return mine
        old, other, own = (value if isinstance(value, tuple) else () for value in (before, theirs, mine))
        if one.rows == 1:
            first, second, third = (next(iter(rows), {}) for rows in (old, other, own))
            cells = {
                key: (third if third.get(key) != first.get(key) else second).get(key)
                for key in {**second, **third}
            }
            row = {key: cell for key, cell in cells.items() if cell is not None}
            return (MappingProxyType(row),) if row else None
        rows = [row for row in own if row not in old or row in other]
        rows += [row for row in other if row not in old and row not in own]
        return tuple(rows[: one.rows or MOST_ROWS]) or None

    def _write(
        self,
        playbook: Playbook,
        values: Mapping[str, Value | None],
        edited: Collection[str],
        position: Mapping[str, str] | None,
    ) -> None:
        # Whatever was not edited stays in the file as it is: what a newer version wrote, and what cannot be used.
        kept = {
            id: value
            for id, value in self._document.table.get("playbook", {}).items()
            if id not in edited
            and carried_over(f"field.{id}", playbook.model_version, self.model) in {f"field.{id}", None}
        }
        written = replace(
            playbook,
            values=MappingProxyType({id: value for id, value in values.items() if value is not None}),
            model_version=self.model.version,
            model_hash=self.model.hash,
            language=current_language(),
            saved=now(),
            revision=playbook.revision + 1,
            position=position or playbook.position,
        )
        table = playbook_table(written)
        table["playbook"] = {**table["playbook"], **kept}
        self._document.write(table)
        self._document.content = written


def _plain(value: Value | None) -> Any:
    return [dict(row) for row in value] if isinstance(value, tuple) else value


def _team_name(folder: Path, model: Model) -> str:
    """The name in the folder's `team.json`, or else the folder's."""
    try:
        team, _ = parse_team(read_text(folder / TEAM_FILE, AnswerError), TEAM_FILE, model)
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
