"""Quizzes and exercises of the course: data in `model/course/`, an own copy of which a fork may have.

>>> quiz = load_quizzes()["why"]
>>> [sum(option.right for option in question.options) for question in quiz.questions]
[1, 1, 1, 1, 1, 1]
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from cxassess.errors import ModelError
from cxassess.language import OWN_MODEL, Text, model_folder
from cxassess.model.building import OWN_LANGUAGES, Builder, nearest, read, refuse_missing
from cxassess.model.loading import load_model
from cxassess.model.records import Within

FEWEST_OPTIONS = 2
HINTS = 2
"""How many hints come before the answer."""

NO_UNIT = Text({})
_HEADERS = {"question": "questions", "option": "options", "slip": "slips", "item": "items"}


class CourseError(ModelError):
    """A file of the course cannot be used."""

    file = "course"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a question of a quiz, and what is said to whoever chooses it."""

    label: Text
    says: Text
    right: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question with one right answer among its options."""

    id: str
    ask: Text
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Quiz:
    """The questions at the end of a part of the course; `id` is the part's."""

    id: str
    title: Text
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Slip:
    """A known way to get an exercise wrong, and the hint that it deserves."""

    id: str
    says: Text


@dataclass(frozen=True, slots=True)
class Exercise:
    """What is said to an answer that is a number.

    The right number is not here: the lesson computes it. An answer is right within `tolerance`; `unit` is
    what stands behind the number, with a space where the language sets one.
    """

    id: str
    part: str
    tolerance: Annotated[float, Within(0)]
    hints: tuple[Text, ...]
    why: Text
    unit: Text = NO_UNIT
    slips: tuple[Slip, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """What happens in a workshop for some minutes; `day` counts the times that people meet."""

    id: str
    minutes: Annotated[int, Within(1)]
    name: Text
    what: Text
    day: Annotated[int, Within(1)] = 1


@dataclass(frozen=True, slots=True)
class Workshop:
    """A format of a workshop: what it is for, what comes before it, and its items in order."""

    id: str
    name: Text
    goal: Text
    before: Text
    items: tuple[Item, ...]


def load_quizzes() -> Mapping[str, Quiz]:
    """The quizzes by the id of their part, in the order of the course.

    Raises:
        ModelError: the file cannot be read, or a record in it cannot be used; the sentence names both.
    """
    return _quizzes(*find_file("quizzes.toml"))


def load_exercises() -> Mapping[str, Exercise]:
    """The exercises that are checked by a number, by id.

    Raises:
        ModelError: the file cannot be read, or a record in it cannot be used; the sentence names both.

    >>> len(load_exercises()["repeat_rate"].hints)
    2
    """
    exercises = _exercises(*find_file("exercises.toml"))
    quizzes = load_quizzes()
    for one in exercises.values():
        if one.part not in quizzes:
            raise ModelError(
                "model_unknown_reference", file="course/exercises.toml", record=f"exercise {one.id}",
                field="part", target=f"quiz {one.part}", known=nearest(one.part, list(quizzes)),
            )  # fmt: skip
    return exercises


def load_workshops() -> Mapping[str, Workshop]:
    """The formats of a workshop by id.

    Raises:
        ModelError: the file cannot be read, or a record in it cannot be used; the sentence names both.

    >>> sum(item.minutes for item in load_workshops()["half_day"].items)
    200
    """
    return _workshops(*find_file("workshops.toml"))


def find_file(name: str) -> tuple[Path, frozenset[str]]:
    """The current model's file, else the package's own, and the languages that it has to have."""
    path = model_folder() / "course" / name
    if path.is_file():
        return path, frozenset(load_model().languages)
    return OWN_MODEL / "course" / name, OWN_LANGUAGES


@cache
def _quizzes(path: Path, languages: frozenset[str]) -> Mapping[str, Quiz]:
    quizzes = read_records(Quiz, "quiz", path, languages)
    for quiz in quizzes.values():
        file, record = short_name(path), f"quiz {quiz.id}"
        check_unique((one.id for one in quiz.questions), file, record)
        for question in quiz.questions:
            record = f"quiz {quiz.id}, question {question.id}"
            if len(question.options) < FEWEST_OPTIONS:
                raise CourseError("few_options", file=file, record=record, fewest=FEWEST_OPTIONS)
            right = sum(option.right for option in question.options)
            if right != 1:
                raise CourseError("not_one_right", file=file, record=record, found=right)
    return quizzes


@cache
def _workshops(path: Path, languages: frozenset[str]) -> Mapping[str, Workshop]:
    workshops = read_records(Workshop, "workshop", path, languages)
    for one in workshops.values():
        file, record = short_name(path), f"workshop {one.id}"
        check_unique((item.id for item in one.items), file, record)
        days = [item.day for item in one.items]
        if not days or days != sorted(days):
            raise CourseError("days", file=file, record=record)
    return workshops


@cache
def _exercises(path: Path, languages: frozenset[str]) -> Mapping[str, Exercise]:
    exercises = read_records(Exercise, "exercise", path, languages)
    for one in exercises.values():
        file, record = short_name(path), f"exercise {one.id}"
        check_unique((slip.id for slip in one.slips), file, record)
        if len(one.hints) != HINTS:
            raise CourseError("hints", file=file, record=record, found=len(one.hints), expected=HINTS)
    return exercises


def read_records(cls: type, kind: str, path: Path, languages: frozenset[str]) -> Mapping[str, Any]:
    """The records of a file by id, checked."""
    file, build = short_name(path), Builder(languages)
    table = read(path, file)
    for key in table:
        if key != kind:
            raise ModelError("model_unknown_kind", file=file, record=key, known=f"[[{kind}]]")
    entries = table.get(kind, [])
    if not isinstance(entries, list):
        raise ModelError("model_not_a_list", file=file, record=kind)
    made = [
        build(cls, _renamed(entry), file, f"{kind} {entry.get('id', number) if isinstance(entry, dict) else number}")
        for number, entry in enumerate(entries, 1)
    ]  # fmt: skip
    refuse_missing(build.missing)
    check_unique((one.id for one in made), file, "")
    return MappingProxyType({one.id: one for one in made})


def _renamed(value: Any) -> Any:
    """Tables headed `[[quiz.question]]` make up a quiz's `questions`."""
    if isinstance(value, dict):
        return {_HEADERS.get(key, key): _renamed(one) for key, one in value.items()}
    return [_renamed(one) for one in value] if isinstance(value, list) else value


def check_unique(ids: Iterable[str], file: str, record: str) -> None:
    """Refuse an id that stands twice."""
    seen: set[str] = set()
    for id in ids:
        if id in seen:
            raise CourseError("id_twice", file=file, record=f"{record} {id}".strip())
        seen.add(id)


def short_name(path: Path) -> str:
    """How messages name a file of the course."""
    return f"course/{path.name}"
