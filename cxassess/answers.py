"""What people answered: one file per respondent, a team's folder, and what is wrong in them.

A response's `values` are flat: `element.goals` is a rating (1 to the highest level, or `"na"`),
`evidence.goals` a text, `practice.chatbot`, `condition.…` and `cause.…` a choice of their scale. What is
not there is blank.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cxassess.documents import ASIDE, PREVIOUS, previous_of, read_text
from cxassess.errors import AnswerError
from cxassess.file_names import expanded, safe_name
from cxassess.language import Text
from cxassess.model import Model, load_model

SCHEMA = "cxassess.answers/1"
TEAM_SCHEMA = "cxassess.team/1"
TEAM_FILE = "team.json"
PLAYBOOK_FILE = "playbook.json"
OTHER_FILES = frozenset({TEAM_FILE, PLAYBOOK_FILE})
"""What lies in a team's folder beside its responses; no respondent may be called so."""
NOT_TEAMS = frozenset({ASIDE, "__macosx", "__pycache__", "node_modules"})
"""Folders beside the teams' that are nobody's, in lower case."""
NOT_APPLICABLE = "na"
WEIGHTS = (0, 100)
LONGEST_TEXT = 20_000
DEEPEST_NESTING = 40

Value = int | str


@dataclass(frozen=True, slots=True)
class Response:
    """One respondent's answers in one round."""

    respondent: str
    values: Mapping[str, Value]
    model_version: str = ""
    model_hash: str = ""
    language: str = ""
    saved: str = ""
    revision: int = 0
    position: Mapping[str, str] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """What belongs to the team and not to a respondent: its name, targets and importance weights.

    An element without a target has the model's; one without a weight counts once.
    """

    name: str = ""
    round: str = ""
    targets: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answers:
    """A team's answers in one round, and every problem met while reading them."""

    team: Team
    responses: tuple[Response, ...]
    problems: tuple[AnswerError, ...] = ()

    def __repr__(self) -> str:
        lines = [f"Answers({self.team.name!r}, {self.team.round!r}: {len(self.responses)} responses)"]
        return "\n".join(lines + [f"  ! {problem}" for problem in self.problems])


def is_team_folder(name: str) -> bool:
    """Whether a folder of this name, among teams' folders, may be a team's.

    >>> is_team_folder("Sales"), is_team_folder("__MACOSX"), is_team_folder(".git")
    (True, False, False)
    """
    return not name.startswith(".") and name.casefold() not in NOT_TEAMS


def read_answers(folder: str | Path, model: Model | None = None) -> Answers:
    """Read a team's folder of one round: `team.json` if there is one, and a file per respondent.

    A file that cannot be used is set aside and named in `problems`; the others count. An answer that
    cannot be used is left blank and named. Nothing on the disk is changed.

    Raises:
        AnswerError: there is no such folder, it may not be opened, or there is no response in it.
    """
    model = model or load_model()
    folder = expanded(folder)
    try:
        found = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise AnswerError("no_folder", file=str(folder)) from error
    except OSError as error:
        raise AnswerError("closed_folder", file=str(folder), found=error.strerror) from error
    names = sorted(one.name for one in found if one.name.endswith(".json") and one.name[0] != ".")
    paths = [folder / name for name in names if name not in OTHER_FILES]
    if not paths:
        rounds = sorted({path.parent.name for path in folder.glob("*/*.json")} - {PREVIOUS, ASIDE})
        if rounds:
            raise AnswerError("choose_round", file=str(folder), rounds=", ".join(rounds))
        raise AnswerError("empty_folder", file=str(folder))
    texts: list[tuple[str, str]] = []
    problems: list[AnswerError] = []
    for path in paths:
        try:
            texts.append((path.name, read_text(path, AnswerError)))
        except AnswerError as problem:
            problems.append(_left_out(problem, path))
    team, troubles = _read_team(folder, model)
    answers = gather(texts, team, model, folder)
    return Answers(answers.team, answers.responses, (*troubles, *problems, *answers.problems))


def _read_team(folder: Path, model: Model) -> tuple[Team, list[AnswerError]]:
    path = folder / TEAM_FILE
    if not path.exists():
        return Team(round=folder.name), []
    try:
        return parse_team(read_text(path, AnswerError), TEAM_FILE, model, default_round=folder.name)
    except AnswerError as problem:
        return Team(round=folder.name), [AnswerError("team_left_out", file=TEAM_FILE, problem=problem)]


def gather(
    texts: Iterable[tuple[str, str]], team: Team, model: Model | None = None, folder: Path | None = None
) -> Answers:
    """Fold (file name, content) pairs into a team's answers.

    Of two copies of one response the one saved later counts. Different people who chose the same name are
    told apart by the id that their file was given when it was made, and called after their files.
    """
    model = model or load_model()
    problems: list[AnswerError] = []
    kept: dict[str, tuple[str, Response]] = {}
    for name, text in texts:
        try:
            response, found = parse_response(text, name, model)
        except AnswerError as problem:
            problems.append(_left_out(problem, (folder or Path()) / name))
            continue
        problems += found
        key = response.id or response.respondent.casefold()
        if key in kept:
            first, last = sorted(
                [kept[key], (name, response)], key=lambda one: (_moment(one[1].saved), one[0])
            )
            problems.append(
                AnswerError("duplicate_respondent", file=first[0], record=response.respondent, other=last[0])
            )
            kept[key] = last
        else:
            kept[key] = name, response
    names = Counter(response.respondent.casefold() for _, response in kept.values())
    responses = (
        replace(response, respondent=Path(name).stem)
        if names[response.respondent.casefold()] > 1
        else response
        for name, response in kept.values()
    )
    return Answers(team, tuple(responses), tuple(problems))


def _moment(saved: str) -> float:
    """When a response was saved, in seconds; what does not say so comes before all others."""
    try:
        moment = datetime.fromisoformat(saved)
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def parse_response(text: str, file: str, model: Model | None = None) -> tuple[Response, list[AnswerError]]:
    """A response from the text of its file, and the answers in it that cannot be used.

    Answers given to an older version of the model are carried over by the crosswalk.

    Raises:
        AnswerError: the file as a whole cannot be used.
    """
    model = model or load_model()
    table = parse_json(text, file, SCHEMA)
    given_name = table.get("respondent")
    respondent = safe_name(given_name) if isinstance(given_name, str) else None
    if respondent is None:
        raise AnswerError("bad_respondent", file=file, found=_shown(given_name))
    id = table.get("id")
    made_with = table.get("model") if isinstance(table.get("model"), dict) else {}
    version = str(made_with.get("version", ""))  # type: ignore[union-attr]
    values: dict[str, Value] = {}
    problems: list[AnswerError] = []
    unknown: list[str] = []
    given = table.get("answers")
    if not isinstance(given, dict):
        raise AnswerError("no_answers", file=file)
    for key, value in given.items():
        current = carried_over(key, version, model)
        if current is None:
            continue
        if not is_question(current, model):
            unknown.append(key)
        elif not fits(current, value, model):
            problems.append(
                AnswerError(
                    "bad_value", file=file, record=key, found=_shown(value), allowed=allowed(current, model)
                )
            )
        else:
            values[current] = value
    if unknown and newer(version, model.version):
        problems.append(
            AnswerError(
                "newer_model", file=file, found=version, current=model.version, record=_listed(unknown)
            )
        )
    elif unknown:
        problems.append(AnswerError("unknown_question", file=file, record=_listed(unknown)))
    position = table.get("position")
    return Response(
        respondent=respondent,
        id=id[:40] if isinstance(id, str) else "",
        values=MappingProxyType(values),
        model_version=version,
        model_hash=str(made_with.get("hash", "")),  # type: ignore[union-attr]
        language=str(table.get("language", "")),
        saved=str(table.get("saved", "")),
        revision=table["revision"] if isinstance(table.get("revision"), int) else 0,
        position=position if isinstance(position, dict) else {},
    ), problems


def parse_team(
    text: str, file: str, model: Model | None = None, default_round: str = ""
) -> tuple[Team, list[AnswerError]]:
    """A team from the text of its `team.json`, and what in it cannot be used.

    Its name is one text, or one for each language, `{"en": …, "ja": …}`.

    Raises:
        AnswerError: the file as a whole cannot be used.
    """
    model = model or load_model()
    table = parse_json(text, file, TEAM_SCHEMA)
    problems: list[AnswerError] = []
    name = table.get("team", "")
    if isinstance(name, dict):
        name = Text(name).to()
    if name != "" and (not isinstance(name, str) or safe_name(name) is None):
        problems.append(AnswerError("bad_team", file=file, found=_shown(name)))
        name = ""
    numbers: dict[str, dict[str, float]] = {"targets": {}, "weights": {}}
    for group, (lowest, highest) in {"targets": (1, model.levels), "weights": WEIGHTS}.items():
        given = table.get(group, {})
        for id, value in given.items() if isinstance(given, dict) else ():
            if id not in model.elements:
                problems.append(AnswerError("unknown_question", file=file, record=f"{group}.{id}"))
            elif (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not lowest <= value <= highest
            ):
                problems.append(
                    AnswerError(
                        "bad_value", file=file, record=f"{group}.{id}", found=_shown(value),
                        allowed=f"{lowest}–{highest}",
                    )
                )  # fmt: skip
            else:
                numbers[group][id] = float(value)
    label = str(table.get("round", default_round))
    return Team(name, safe_name(label) or default_round, **numbers), problems


def parse_json(text: str, file: str, schema: str) -> dict[str, Any]:
    """The object in a JSON text that says it follows `schema`.

    Raises:
        AnswerError: it is not JSON, nested too deeply, not an object, or of another schema.
    """
    if not text.strip():
        raise AnswerError("empty_file", file=file)
    if _too_deep(text):
        raise AnswerError("too_deep", file=file)
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f"{error.lineno}" if isinstance(error, json.JSONDecodeError) else "1"
        raise AnswerError("not_json", file=file, line=place) from error
    found = table.get("schema") if isinstance(table, dict) else None
    name, _, number = schema.partition("/")
    if isinstance(found, str) and found.startswith(f"{name}/") and found != schema:
        raise AnswerError("newer_file", file=file, found=_shown(found), current=number)
    if found != schema:
        raise AnswerError("not_ours", file=file, schema=schema)
    return table  # type: ignore[no-any-return]


def is_question(key: str, model: Model) -> bool:
    """Whether the model asks for this key."""
    kind, _, id = key.partition(".")
    if kind == "evidence":
        kind = "element"
    return kind in {"element", "practice", "condition", "cause"} and id in model.records[kind]


def fits(key: str, value: Any, model: Model) -> bool:
    """Whether `value` is an answer that the question `key` allows."""
    kind = key.partition(".")[0]
    if kind == "element":
        return value == NOT_APPLICABLE or (type(value) is int and 1 <= value <= model.levels)
    if kind == "evidence":
        return isinstance(value, str) and len(value) <= LONGEST_TEXT
    return (kind == "practice" and value == NOT_APPLICABLE) or any(
        value == choice.value for choice in model.scales[kind].choices
    )


def allowed(key: str, model: Model) -> str:
    """What `fits` allows, for a message."""
    kind = key.partition(".")[0]
    if kind == "element":
        return f"1–{model.levels}, {NOT_APPLICABLE}"
    if kind == "evidence":
        return f"≤ {LONGEST_TEXT}"
    values = [choice.value for choice in model.scales[kind].choices]
    return ", ".join([*values, NOT_APPLICABLE] if kind == "practice" else values)


def carried_over(key: str, version: str, model: Model) -> str | None:
    """The key that a key of an older model version has become; `None` when its record is gone."""
    kind, _, id = key.partition(".")
    record = "element" if kind == "evidence" else kind
    while (step := model.records["successor"].get(f"{record}.{id}")) and not newer(version, step.after):
        if not step.became:
            return None
        id, version = step.became, step.after + ".1"
    return f"{kind}.{id}"


def _left_out(problem: AnswerError, path: Path) -> AnswerError:
    """The same problem with what follows from it, pointing at the last good save where there is one."""
    if not previous_of(path).is_file():
        return AnswerError("left_out", file=path.name, problem=problem)
    return AnswerError(
        "left_out_previous", file=path.name, problem=problem, previous=f"{PREVIOUS}/{path.name}"
    )


def newer(version: str, other: str) -> bool:
    """Whether one model version comes after another."""
    return _numbers(version) > _numbers(other)


def _numbers(version: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d{1,9}", version)]


def _too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= DEEPEST_NESTING:
        return False
    depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > DEEPEST_NESTING:
            return True
    return False


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(letter if letter.isprintable() else "�" for letter in text[:60])
    return text if len(text) < 60 else text[:57] + "…"


def _listed(keys: list[str], most: int = 5) -> str:
    return ", ".join(_shown(key) for key in keys[:most]) + (
        f" +{len(keys) - most}" if len(keys) > most else ""
    )
