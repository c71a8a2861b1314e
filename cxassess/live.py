"""What the published pages ask for while they run this package in the reader's own browser.

Each function takes and returns plain JSON values; `call` finds it by its name. Dropped files are read
just as a team's folder is: they are laid into one.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from html import escape
from itertools import chain, count
from pathlib import Path
from typing import Any

from cxassess.answers import OTHER_FILES, parse_response, read_answers
from cxassess.documents import read_text
from cxassess.errors import AnswerError, CxError
from cxassess.file_names import file_name, safe_name
from cxassess.language import language, say
from cxassess.model import load_model
from cxassess.playbook.book import Playbook, plain_values, playbook_of
from cxassess.playbook.check import NotTaken, check_playbook
from cxassess.reports.team_page import change_page, plan_page, standalone, team_page
from cxassess.scoring import Result, score

LONGEST_STEM = 60

Files = Iterable[Mapping[str, Any]]
"""Dropped files: the `name` of each, and its `text` or, as numbers, its `bytes`."""


def call(name: str, arguments: str, code: str) -> str:
    """Call a function of `CALLS` with arguments and result as JSON, in the language `code`.

    What goes wrong comes back as `{"error": sentence}`.

    >>> call("result", '{"files": []}', "en")
    '{"error": "No answers yet: drop the files of one round here."}'
    """
    with language(code):
        try:
            return json.dumps(CALLS[name](**json.loads(arguments)))
        except CxError as error:
            return json.dumps({"error": str(error)})


def prepare() -> None:
    """Load what the first result needs while the reader is still answering."""
    load_model()


def result(files: Files) -> dict[str, Any]:
    """One person's or a team's result, as a part of a page, as a page of its own, and as numbers."""
    found = _scored(files)
    html = team_page(found)
    return {
        "html": html,
        "page": standalone(html, found.model),
        "name": _page_name("result", found),
        "people": [one.respondent for one in found.answers.responses],
        "problems": [str(problem) for problem in found.answers.problems],
        "numbers": {
            "index": found.index.score,
            "stage": found.stage.id if found.stage else None,
            "coverage": found.coverage,
            "agreement": found.agreement,
            "elements": {id: one.score for id, one in found.elements.items()},
        },
    }


def read(**file: Any) -> dict[str, Any]:
    """A response file given back: its answers as the form holds them."""
    with _laid_out([file]) as folder:
        [path] = folder.iterdir()
        response, problems = parse_response(read_text(path, AnswerError), path.name)
    return {
        "respondent": response.respondent,
        "id": response.id,
        "values": dict(response.values),
        "problems": [str(problem) for problem in problems],
    }


def plan(files: Files) -> dict[str, Any]:
    """The plan of a team with the usual capacity, and why each practice is in or out. Needs SciPy."""
    from cxassess.planning import plan as planned

    found = planned(_scored(files))
    return {**_added("plan", found.result, plan_page(found)), "chosen": [one.id for one in found.actions]}


def change(before: Files, after: Files) -> dict[str, Any]:
    """What changed between two rounds. Needs SciPy."""
    from cxassess.change import compare

    now = _scored(after)
    return _added("change", now, change_page(compare(_scored(before), now)))


def check(
    values: Mapping[str, Any], team: str, not_taken: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """What is empty, vague or contradictory in a playbook; each place is a button that the page acts on."""
    book = _playbook(values, team)
    found = check_playbook(book, not_taken=[NotTaken(**one) for one in not_taken])
    problems = "".join(f"<p dir='auto'>{escape(str(problem))}</p>" for problem in book.problems)
    return {"html": problems + found.html(level=3, linked=True)}


def document(values: Mapping[str, Any], team: str, ending: str) -> dict[str, Any]:
    """The playbook as a file: its name, and its bytes as numbers. Excel and HTML need packages."""
    from cxassess.exchange.playbook_documents import write_playbook

    name = f"{safe_name(team) or say('playbook.title')}{ending}"
    with tempfile.TemporaryDirectory() as folder:
        path = write_playbook(_playbook(values, team), Path(folder) / f"playbook{ending}")
        return {"name": name, "bytes": [*path.read_bytes()]}


def open_document(**file: Any) -> dict[str, Any]:
    """A playbook's file given back: its entries as the form holds them."""
    from cxassess.exchange.playbook_documents import open_playbook

    with _laid_out([file]) as folder:
        [path] = folder.iterdir()
        found = open_playbook(path)
    return {
        "team": found.team,
        "values": plain_values(found),
        "problems": [str(problem) for problem in found.problems],
    }


CALLS: Mapping[str, Callable[..., dict[str, Any]]] = {
    one.__name__: one for one in (result, read, plan, change, check, document, open_document)
}


def _scored(files: Files) -> Result:
    with _laid_out(files) as folder:
        if not {path.name for path in folder.iterdir()} - OTHER_FILES:
            raise AnswerError("nothing_dropped")
        answers = read_answers(folder)
        if answers.team.round == folder.name:  # nobody named it
            answers = replace(answers, team=replace(answers.team, round=""))
        return score(answers)


def _added(kind: str, result: Result, html: str) -> dict[str, Any]:
    """A part of a page that belongs to a result, and a page with both."""
    page = standalone(team_page(result) + html, result.model)
    return {"html": html, "page": page, "name": _page_name(kind, result)}


def _page_name(kind: str, result: Result) -> str:
    """What a page is called as a file: what it is, and whose; one person's alone bears that person's name."""
    team, people = result.answers.team, result.answers.responses
    whose = people[0].respondent if len(people) == 1 and not team.name else team.name
    return f"{file_name(say(f'live.file_{kind}'), whose, team.round)}.html"


@contextmanager
def _laid_out(files: Files) -> Iterator[Path]:
    """The files in a folder of their own; of two with the same name the second is numbered."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for file in files:
            path = _free(folder, file["name"])
            path.write_bytes(bytes(file["bytes"]) if "bytes" in file else file["text"].encode())
        yield folder


def _free(folder: Path, name: str) -> Path:
    """Where a file of that name is not yet: seen by `read_answers`, and short enough for every system."""
    name = Path(name.encode("utf-8", "replace").decode()).name
    stem, _, ending = name.rpartition(".")
    stem = stem.lstrip(".")[:LONGEST_STEM] or "_"
    numbered = chain([stem], (f"{stem} {number}" for number in count(2)))
    paths = (folder / f"{one}.{ending.lower()}" for one in numbered)
    return next(path for path in paths if not path.exists())


def _playbook(values: Mapping[str, Any], team: str) -> Playbook:
    given = {id: value for id, value in values.items() if value is not None}
    return playbook_of(team, given, file=say("playbook.title"))
