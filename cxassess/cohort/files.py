"""Which files under a folder, or in an object store, belong to which team and round."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from cxassess.answers import OTHER_FILES, TEAM_FILE, Answers, Team, gather, is_team_folder, parse_team
from cxassess.documents import LARGEST_FILE, read_text
from cxassess.errors import AnswerError, CohortError, CxError
from cxassess.file_names import expanded, natural_order
from cxassess.model import Model

DEEPEST = 3
"""Team, round, file."""

Read = Callable[[], str]
Files = Mapping[tuple[str, ...], Read]
"""How to read each file, by its path below the folder; a path that ends in "" is an empty folder."""


@dataclass(frozen=True, slots=True)
class TeamAnswers:
    """A team's last rounds with answers, the earliest first."""

    folder: str
    rounds: tuple[Answers, ...]

    @property
    def name(self) -> str:
        """What the team calls itself, else what its folder is called."""
        return self.rounds[-1].team.name or self.folder


def read_teams(folder: str, model: Model, most_rounds: int) -> tuple[list[TeamAnswers], list[CxError]]:
    """Every team's last rounds, and what was left out.

    Raises:
        CohortError: the folder cannot be read, or holds no teams.
    """
    files = _in_store(folder) if "://" in folder else _on_disk(folder)
    places: dict[str, dict[str, dict[str, Read]]] = {}
    problems: list[CxError] = []
    loose = []
    for path in sorted(files, key=lambda path: [natural_order(part) for part in path]):
        if len(path) == 1:
            loose.append(path[0])
        elif len(path) <= DEEPEST:
            rounds = places.setdefault(path[0], {})
            rounds.setdefault("" if len(path) == 2 else path[1], {})[path[-1]] = files[path]
        elif path[0] not in places:
            places[path[0]] = {}
    if loose and not places:
        raise CohortError("one_team", folder=shown_address(folder))
    if loose:
        problems.append(CohortError("loose", files=_listed(loose)))
    teams = []
    for name, rounds in places.items():
        try:
            team, found = _read_team(name, rounds, model, most_rounds)
            problems += found
            teams.append(team)
        except CxError as problem:
            # Anew, because its traceback would hold on to the answers of the teams read so far.
            problems.append(type(problem)(problem.key, **problem.data))
    _refuse_rounds_of_one_team(teams, places, folder)
    if not teams:
        raise CohortError("no_teams", folder=shown_address(folder)) if not problems else problems[0]
    return teams, problems


def _read_team(
    name: str, places: Mapping[str, Mapping[str, Read]], model: Model, most: int
) -> tuple[TeamAnswers, list[CxError]]:
    problems: list[CxError] = []
    folders = {round: some for round, some in places.items() if _responses(some)}
    if not folders:
        deep = not places
        raise CohortError("too_deep" if deep else "no_answers_yet", team=name)
    if len(folders) > 1 and "" in folders:
        problems.append(CohortError("beside_rounds", team=name, files=_listed(_responses(folders.pop("")))))
    rounds: list[Answers] = []
    for round in reversed(folders):
        answers, found = _read_round(name, round, folders[round], model)
        if answers.responses:
            rounds.insert(0, answers)
            problems += found
        else:
            problems.append(
                CohortError("team_left_out", team=_placed(name, round), n=len(found), problem=found[0])
            )
        if len(rounds) == most:
            break
    if not rounds:
        raise problems[-1]
    return TeamAnswers(name, tuple(rounds)), problems


def _read_round(
    team: str, round: str, files: Mapping[str, Read], model: Model
) -> tuple[Answers, list[CxError]]:
    """One round's answers, and its problems without anything that anybody answered."""
    place = _placed(team, round)
    problems: list[CxError] = []
    texts = []
    for name in _responses(files):
        try:
            texts.append((name, files[name]()))
        except CxError as problem:
            problems.append(_told(AnswerError("left_out", file=name, problem=problem), place))
    settings = Team(round=round)
    if TEAM_FILE in files:
        try:
            settings, found = parse_team(files[TEAM_FILE](), TEAM_FILE, model, default_round=round)
            problems += [_told(one, place) for one in found]
        except CxError as problem:
            problems.append(_told(AnswerError("team_left_out", file=TEAM_FILE, problem=problem), place))
    answers = gather(texts, settings, model)
    unusable: dict[str, int] = {}
    for one in answers.problems:
        if one.key in {"bad_value", "unknown_question", "newer_model"}:
            file = str(one.data["file"])
            unusable[file] = unusable.get(file, 0) + 1
        else:
            problems.append(_told(one, place))
    problems += [CohortError("unusable", file=f"{place}/{file}", n=n) for file, n in unusable.items()]
    return Answers(answers.team, answers.responses), problems


def _told(problem: CxError, place: str) -> CxError:
    """The same sentence with the file's place, and without cause and traceback, which hold what the file says."""
    data = {key: _told(one, place) if isinstance(one, CxError) else one for key, one in problem.data.items()}
    return type(problem)(problem.key, **{**data, "file": f"{place}/{data.get('file', '')}"})


def _refuse_rounds_of_one_team(
    teams: list[TeamAnswers], places: Mapping[str, Mapping[str, object]], folder: str
) -> None:
    """Two rounds of one team would be shown as two teams with the same people."""
    names = {team.rounds[0].team.name for team in teams}
    flat = all(list(places[team.folder]) == [""] for team in teams)
    if len(teams) > 1 and flat and len(names) == 1 and "" not in names:
        raise CohortError("one_team", folder=shown_address(folder))


def _responses(files: Mapping[str, Read]) -> list[str]:
    return [name for name in files if name and name not in OTHER_FILES]


def _on_disk(folder: str) -> dict[tuple[str, ...], Read]:
    root = expanded(folder)
    if not os.path.isdir(root):  # Path.is_dir raises where a name is too long
        raise CohortError("no_folder", folder=folder)
    found: dict[tuple[str, ...], Read] = {}
    for place, folders, names in os.walk(root, followlinks=True):
        parts = Path(place).relative_to(root).parts
        folders[:] = [one for one in folders if _may_hold_answers(one) and len(parts) < DEEPEST]
        if len(parts) == 1 and not names and not folders:
            found[*parts, ""] = str
        for name in names:
            if _is_json(name):
                found[*parts, name] = partial(read_text, Path(place) / name, AnswerError)
    return found


def _in_store(address: str) -> dict[tuple[str, ...], Read]:
    """Files of an object store, fetched together so that the store can send several at a time.

    Each kind of store has errors of its own, so that only `Exception` covers them.
    """
    try:
        url_to_fs = import_module("fsspec.core").url_to_fs
    except ImportError as problem:
        raise CohortError("no_fsspec", folder=shown_address(address)) from problem
    try:
        system, root = url_to_fs(address)
        sizes = {path: one.get("size") or 0 for path, one in system.find(root, detail=True).items()}
        root = root.strip("/")
        paths: dict[tuple[str, ...], str] = {}
        for path in sizes:
            parts = tuple(path.strip("/")[len(root) :].strip("/").split("/"))
            if all(_may_hold_answers(one) for one in parts[:-1]) and _is_json(parts[-1]):
                paths[parts] = path
        small = [path for path in paths.values() if sizes[path] <= LARGEST_FILE]
        contents = system.cat(small, on_error="return") if small else {}
    except Exception as problem:
        found = f"{type(problem).__name__}: {problem}"[:200]
        raise CohortError(
            "unreadable_store", folder=shown_address(address), found=_without_secrets(found)
        ) from None
    return {
        parts: partial(_decoded, parts[-1], contents.get(path), sizes[path]) for parts, path in paths.items()
    }


def _decoded(name: str, content: Any, size: int) -> str:
    if content is None:
        raise AnswerError("too_large", file=name, size=f"{size / 1e6:.0f}", limit=LARGEST_FILE // 10**6)
    if not isinstance(content, bytes):
        raise AnswerError("unreadable", file=name, found=type(content).__name__)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise AnswerError("not_utf8", file=name) from None


def _may_hold_answers(folder: str) -> bool:
    return is_team_folder(folder)


def _is_json(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(".")


def _placed(team: str, round: str) -> str:
    return f"{team}/{round}" if round else team


def _listed(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (f" +{len(names) - most}" if len(names) > most else "")


def shown_address(address: str) -> str:
    """An address without the name and password that it may carry."""
    return _without_secrets(address)


def _without_secrets(text: str) -> str:
    return re.sub(r"//[^/@\s]*@", "//", text)
