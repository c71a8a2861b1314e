"""Answers that come from another tool, taken over into a team's folder: one file per person.

Nobody's file is replaced by another person's answers: who somebody is, an id says, and of two with one name
the second is named and left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape
from pathlib import Path
from types import MappingProxyType

from cxassess.answer_files import ResponseFile, response_table
from cxassess.answers import OTHER_FILES, Response, Value, parse_response
from cxassess.documents import alone, now, read_text, write_atomically
from cxassess.errors import AnswerError, CxError, SaveError
from cxassess.file_names import safe_name
from cxassess.language import say
from cxassess.model import Model


class ExchangeError(CxError):
    """A file of another tool, or something in it, cannot be used."""

    file = "exchange"


class Outcome(StrEnum):
    """What became of a person's answers."""

    NEW = "new"  # a file was made
    CHANGED = "changed"  # the person's file says something else now; its previous state is kept
    SAME = "same"  # the person's file said so already


@dataclass(frozen=True, slots=True)
class Given:
    """One person's answers as another tool holds them.

    `response.values` answers some of the keys in `asked`; the others are blank, except those that are `unclear`.
    What is unclear or not asked stays in the person's file as it is. `place` is the sheet or the rows.
    """

    response: Response
    asked: frozenset[str]
    place: str
    unclear: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """A person whose answers are taken: how many of how many that were asked, and what became of them."""

    respondent: str
    place: str
    answers: int
    asked: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Intake:
    """What was taken from another tool's file, what was not, and why. Prints, and shows in a notebook.

    Attributes:
        source: the file's name.
        folder: where the answers go.
        dry_run: whether nothing was written.
        people: whose answers are taken.
        left_out: rows or sheets that are not taken at all.
        problems: single answers that cannot be used; they are left blank.
        notes: what else there is to know, such as columns that nothing is taken from.
    """

    source: str
    folder: Path
    dry_run: bool
    people: tuple[Person, ...]
    left_out: tuple[CxError, ...] = ()
    problems: tuple[CxError, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        key = "intake_dry" if self.dry_run else "intake_done"
        return say(f"exchange.{key}", source=self.source, folder=self.folder, n=len(self.people))

    def rows(self) -> list[tuple[str, ...]]:
        """The people as a table of texts, its head first."""
        head = tuple(say(f"exchange.intake_{one}") for one in ("person", "place", "answers", "outcome"))
        return [head] + [
            (one.respondent, one.place, f"{one.answers} / {one.asked}", say(f"exchange.outcome_{one.outcome}"))
            for one in self.people
        ]  # fmt: skip

    def __repr__(self) -> str:
        lines = [self.heading, *("  " + "  |  ".join(row) for row in self.rows()[1:])]
        for key, items in self._lists():
            lines += [f"{say(key, n=len(items))}", *(f"  - {item}" for item in items)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head, *rows = self.rows()
        table = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        heads = "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in head)
        lists = "".join(
            f"<h4>{escape(say(key, n=len(items)))}</h4>"
            f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"
            for key, items in self._lists()
        )
        people = f"<table><thead><tr>{heads}</tr></thead><tbody>{table}</tbody></table>" if rows else ""
        return f"<p><strong>{escape(self.heading)}</strong></p>{people}{lists}"

    def _lists(self) -> list[tuple[str, list[str]]]:
        found = {"left_out": self.left_out, "problems": self.problems, "notes": self.notes}
        return [(f"exchange.intake_{key}", [*map(str, items)]) for key, items in found.items() if items]


def every_key(model: Model) -> frozenset[str]:
    """Everything that the model asks, evidence included."""
    kinds = ("element", "practice", "condition", "cause")
    keys = {f"{kind}.{id}" for kind in kinds for id in model.records[kind]}
    return frozenset(keys | {f"evidence.{id}" for id in model.elements})


def take(
    people: Sequence[Given], folder: Path, model: Model, *, replace_others: bool, dry_run: bool
) -> tuple[list[Person], list[CxError]]:
    """Write each person's answers into the folder, or only find out what that would do.

    Returns:
        Whose answers are taken, and why those of others are not.

    Raises:
        SaveError: the folder cannot be written.
    """
    taken: dict[str, Person] = {}
    left_out: list[CxError] = []
    for one in people:
        name = safe_name(one.response.respondent)
        if name is None or f"{name}.json".casefold() in OTHER_FILES:
            left_out.append(ExchangeError("bad_name", record=one.place, found=one.response.respondent[:60]))
            continue
        if earlier := taken.get(name.casefold()):
            left_out.append(ExchangeError("same_name", record=one.place, found=name, other=earlier.place))
            continue
        given = replace(one, response=replace(one.response, respondent=name))
        try:
            outcome = _keep(given, folder, model, replace_others=replace_others, dry_run=dry_run)
        except (AnswerError, ExchangeError) as problem:
            left_out.append(problem)
            continue
        except OSError as problem:  # a name too long, or a folder that may not be opened
            raise SaveError(
                "not_saved", file=str(folder), found=problem.strerror or str(problem)
            ) from problem
        answers = sum(1 for key in given.response.values if key in _questions(one.asked))
        asked = len(_questions(one.asked))
        taken[name.casefold()] = Person(name, one.place, answers, asked, outcome)
    return [*taken.values()], left_out


def _questions(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key for key in keys if not key.startswith("evidence."))


def _keep(given: Given, folder: Path, model: Model, *, replace_others: bool, dry_run: bool) -> Outcome:
    response = given.response
    path = _path(folder, response.respondent)
    if not path.exists():
        if not dry_run:
            _write_new(path, response, model)
        return Outcome.NEW
    found, _ = parse_response(read_text(path, AnswerError), path.name, model)
    edits: Mapping[str, Value | None] = {
        key: response.values.get(key)
        for key in given.asked - given.unclear
        if response.values.get(key) != found.values.get(key)
    }
    if not edits:
        return Outcome.SAME
    if found.id != response.id and not replace_others:
        raise ExchangeError("someone_else", record=given.place, file=path.name, found=response.respondent)
    if not dry_run:
        ResponseFile(folder, path.stem, model).save(edits)
    return Outcome.CHANGED


def _path(folder: Path, name: str) -> Path:
    """The person's file; one whose name differs in capitals only is the same on some systems."""
    alike = (path for path in folder.glob("*.json") if path.stem.casefold() == name.casefold())
    return next(alike, folder / f"{name}.json")


def _write_new(path: Path, response: Response, model: Model) -> None:
    made = replace(
        response,
        values=MappingProxyType(dict(response.values)),
        model_version=response.model_version or model.version,
        model_hash=response.model_hash if response.model_version else model.hash,
        saved=response.saved or now(),
        revision=response.revision or 1,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with alone(path.parent):
            if path.exists():
                raise ExchangeError("someone_else", record=path.name, file=path.name, found=path.stem)
            write_atomically(path, response_table(made))
    except OSError as problem:
        raise SaveError("not_saved", file=str(path), found=problem.strerror or str(problem)) from problem
