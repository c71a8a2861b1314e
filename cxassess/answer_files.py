"""Keeping one respondent's answers, and a team's settings, in their files.

Two sessions of one file each write only what they changed, on top of what is on the disk.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cxassess.answers import (
    OTHER_FILES,
    SCHEMA,
    TEAM_FILE,
    TEAM_SCHEMA,
    WEIGHTS,
    Response,
    Team,
    Value,
    allowed,
    carried_over,
    fits,
    is_question,
    newer,
    parse_json,
    parse_response,
    parse_team,
)
from cxassess.documents import Document, Saved, local_time, now
from cxassess.errors import AnswerError, RefusedAnswerError
from cxassess.file_names import expanded, safe_name
from cxassess.language import current_language
from cxassess.model import Model, load_model


class ResponseFile:
    """One respondent's file in a team's folder.

        >>> import tempfile
        >>> file = ResponseFile(tempfile.mkdtemp(), "anna")
        >>> _ = file.save({"element.goals": 3})
        >>> ResponseFile(file.path.parent, "anna").response.values["element.goals"]
        3

    Raises:
        AnswerError: the name cannot be a file's, or the file was made by a newer version or cannot be opened.

    Attributes:
        response: the answers as last read or saved.
        notice: set when the file was damaged and the previous good state was opened instead.
    """

    def __init__(self, folder: str | Path, respondent: str, model: Model | None = None) -> None:
        self.model = model or load_model()
        name = safe_name(respondent) if isinstance(respondent, str) else None
        if name is None or f"{name}.json".casefold() in OTHER_FILES:
            raise AnswerError("bad_respondent", file=str(folder), found=str(respondent)[:60])
        self.path = expanded(folder) / f"{name}.json"
        self._new = Response(name, {}, id=secrets.token_hex(8))
        self._document = Document(self.path, self._parse, AnswerError)

    def _parse(self, text: str, file: str) -> tuple[Response, dict[str, Any]]:
        response, _ = parse_response(text, file, self.model)
        return replace(response, respondent=self.path.stem), parse_json(text, file, SCHEMA)

    @property
    def response(self) -> Response:
        return self._document.content or self._new

    @property
    def notice(self) -> AnswerError | None:
        found = self._document.notice
        return found if isinstance(found, AnswerError) else None

    def save(self, edits: Mapping[str, Value | None], position: Mapping[str, str] | None = None) -> Saved:
        """Write the edits (`None` makes an answer blank) on top of what the file holds now.

        Raises:
            RefusedAnswerError: an edit is not an answer that its question allows; nothing is written.
            SaveError: the disk is full or the folder cannot be written; the file is as it was.
        """
        for key, value in edits.items():
            if not is_question(key, self.model):
                raise RefusedAnswerError("unknown_question", file=self.path.name, record=key[:60])
            if value is not None and not fits(key, value, self.model):
                raise RefusedAnswerError(
                    "refused", record=key, found=str(value)[:60], allowed=allowed(key, self.model)
                )
        before = self.response.values
        with self._document.writing():
            theirs = self.response.values
            changed = {
                key: theirs.get(key)
                for key in before.keys() | theirs.keys()
                if key not in edits and before.get(key) != theirs.get(key)
            }
            self._write({**theirs, **edits}, position)
        return Saved(local_time(self.response.saved), changed)

    def _write(self, values: Mapping[str, Value | None], position: Mapping[str, str] | None) -> None:
        before = self.response
        ahead = newer(before.model_version, self.model.version)
        response = replace(
            before,
            values=MappingProxyType({key: value for key, value in values.items() if value is not None}),
            model_version=before.model_version if ahead else self.model.version,
            model_hash=before.model_hash if ahead else self.model.hash,
            language=current_language(),
            saved=now(),
            revision=before.revision + 1,
            position=position or before.position,
        )
        table = response_table(response)
        table["answers"] = {**self._unused(values), **table["answers"]}
        self._document.write(table)
        self._document.content = response

    def _unused(self, values: Mapping[str, Value | None]) -> dict[str, Any]:
        """What the file answers that this model does not ask or cannot use: it stays as it is."""
        given = self._document.table.get("answers", {})
        version = self.response.model_version
        return {
            key: value
            for key, value in given.items()
            if key not in values and carried_over(key, version, self.model) == key
        }


def response_table(response: Response) -> dict[str, Any]:
    """A response as the JSON object of its file."""
    return {
        "schema": SCHEMA,
        "respondent": response.respondent,
        "id": response.id,
        "model": {"version": response.model_version, "hash": response.model_hash},
        "language": response.language,
        "saved": response.saved,
        "revision": response.revision,
        "position": dict(response.position),
        "answers": dict(sorted(response.values.items())),
    }


class TeamFile:
    """A team's settings in its folder's `team.json`.

    The settings are flat, as in the form: `team` and `round` are texts, `target.goals` and `weight.goals` numbers.

    Attributes:
        problems: what in the file cannot be used; it stays there until it is replaced.
        notice: set when the file was damaged and set aside.
    """

    def __init__(self, folder: str | Path, model: Model | None = None) -> None:
        self.model = model or load_model()
        self.path = expanded(folder) / TEAM_FILE
        self.problems: tuple[AnswerError, ...] = ()
        self._document = Document(self.path, self._parse, AnswerError)

    def _parse(self, text: str, file: str) -> tuple[Team, dict[str, Any]]:
        team, problems = parse_team(text, file, self.model, default_round=self.path.parent.name)
        self.problems = tuple(problems)
        return team, parse_json(text, file, TEAM_SCHEMA)

    @property
    def team(self) -> Team:
        return self._document.content or Team(round=self.path.parent.name)

    @property
    def notice(self) -> AnswerError | None:
        found = self._document.notice
        return found if isinstance(found, AnswerError) else None

    def save(self, edits: Mapping[str, str | float | None]) -> Saved:
        """Write the edits (`None` takes a setting back) on top of what the file holds now.

        Raises:
            RefusedAnswerError: a name that cannot be used, an unknown element, or a number out of range.
            SaveError: the folder cannot be written.
        """
        for key, value in edits.items():
            self._check(key, value)
        with self._document.writing():
            table: dict[str, Any] = {"team": "", "round": self.team.round, "targets": {}, "weights": {}}
            table |= {**self._document.table, "schema": TEAM_SCHEMA, "saved": now()}
            for key, value in edits.items():
                kind, _, id = key.partition(".")
                if not id:
                    table[key] = value or ""
                else:
                    others = {one: number for one, number in table[f"{kind}s"].items() if one != id}
                    table[f"{kind}s"] = others if value is None else {**others, id: value}
            self._document.write(table)
            self._document.read()
        return Saved(local_time(str(table["saved"])))

    def _check(self, key: str, value: str | float | None) -> None:
        kind, _, id = key.partition(".")
        if not id:
            if kind not in {"team", "round"} or (value and safe_name(str(value)) is None):
                raise RefusedAnswerError("bad_team", file=TEAM_FILE, found=str(value)[:60])
            return
        ranges = {"target": (1, self.model.levels), "weight": WEIGHTS}
        if kind not in ranges or id not in self.model.elements:
            raise RefusedAnswerError("unknown_question", file=TEAM_FILE, record=key[:60])
        low, high = ranges[kind]
        if value is not None and (not isinstance(value, int | float) or not low <= value <= high):
            raise RefusedAnswerError("refused", record=key, found=str(value)[:60], allowed=f"{low}–{high}")


def save_team(folder: str | Path, team: Team, model: Model | None = None) -> None:
    """Write a whole team to its folder's `team.json`.

    Raises:
        RefusedAnswerError: the name, an element or a number cannot be used; nothing is written.
        SaveError: the folder cannot be written.
    """
    file = TeamFile(folder, model)
    file.save({**dict.fromkeys(team_values(file.team)), **team_values(team)})


def team_values(team: Team) -> dict[str, str | float]:
    """A team's settings by key, as `TeamFile.save` takes them.

    >>> team_values(Team("Us", "2026-04", {"goals": 4.5}, {"goals": 2.0}))
    {'team': 'Us', 'round': '2026-04', 'target.goals': 4.5, 'weight.goals': 2.0}
    """
    values: dict[str, str | float] = {"team": team.name, "round": team.round}
    values |= {f"target.{id}": value for id, value in team.targets.items()}
    values |= {f"weight.{id}": value for id, value in team.weights.items()}
    return {key: value for key, value in values.items() if value != ""}
