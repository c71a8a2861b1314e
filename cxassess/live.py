"""What the published pages ask for while they run this package in the reader's own browser.

Each function takes and returns plain JSON values; `call` finds it by its name. Dropped files are read
just as a team's folder is: they are laid into one.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxassess.answers import TEAM_FILE, parse_response, read_answers
from cxassess.documents import read_text
from cxassess.errors import AnswerError, CxError
from cxassess.file_names import safe_name
from cxassess.language import language, say
from cxassess.playbook.book import Playbook, playbook_of, plain_values
from cxassess.playbook.check import check_playbook
from cxassess.reports.team_page import standalone, team_page
from cxassess.scoring import Result, score

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
            return json.dumps(CALLS[name](**json.loads(arguments)), ensure_ascii=False)
        except CxError as error:
            return json.dumps({"error": str(error)}, ensure_ascii=False)


def prepare() -> None:
    """Load what the first result needs while the reader is still answering."""
    from cxassess.model import load_model

    load_model()


def result(files: Files) -> dict[str, Any]:
    """One person's or a team's result, as a part of a page, as a page of its own, and as numbers."""
    found = _scored(files)
    html = team_page(found)
    return {
        "html": html,
        "page": standalone(html, found.model),
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


def read(name: str, text: str) -> dict[str, Any]:
    """A response file given back: its answers as the form holds them."""
    response, problems = parse_response(text, name)
    return {
        "respondent": response.respondent,
        "id": response.id,
        "values": dict(response.values),
        "position": dict(response.position),
        "problems": [str(problem) for problem in problems],
    }


def plan(files: Files) -> dict[str, Any]:
    """The plan of a team with the usual capacity, and why each practice is in or out. Needs SciPy."""
    from cxassess.planning import plan as planned
    from cxassess.reports.team_page import plan_page

    found = planned(_scored(files))
    return {"html": plan_page(found), "chosen": [one.id for one in found.actions]}


def change(before: Files, after: Files) -> dict[str, Any]:
    """What changed between two rounds. Needs SciPy."""
    from cxassess.change import compare
    from cxassess.reports.team_page import change_page

    found = compare(_scored(before), _scored(after))
    return {"html": change_page(found)}


def check(values: Mapping[str, Any], team: str) -> dict[str, Any]:
    """What is empty, vague or contradictory in a playbook."""
    return {"html": check_playbook(_playbook(values, team))._repr_html_()}


def document(values: Mapping[str, Any], team: str, ending: str) -> dict[str, Any]:
    """The playbook as a file: its name, and its bytes as numbers. Word and Excel need their packages."""
    from cxassess.exchange.playbook_documents import write_playbook

    name = f"{safe_name(team) or say('playbook.title')}{ending}"
    with tempfile.TemporaryDirectory() as folder:
        path = write_playbook(_playbook(values, team), Path(folder) / f"playbook{ending}")
        return {"name": name, "bytes": [*path.read_bytes()]}


def open_document(name: str, bytes: list[int]) -> dict[str, Any]:
    """A playbook's file given back: its entries as the form holds them."""
    from cxassess.exchange.playbook_documents import open_playbook

    with _laid_out([{"name": name, "bytes": bytes}]) as folder:
        found = open_playbook(folder / Path(name).name)
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
        if not any(folder.iterdir()):
            raise AnswerError("nothing_dropped")
        answers = read_answers(folder)
        if not (folder / TEAM_FILE).is_file():
            answers = replace(answers, team=replace(answers.team, round=""))
        return score(answers)


@contextmanager
def _laid_out(files: Files) -> Iterator[Path]:
    """The files in a folder of their own; of two with the same name the second is numbered."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number, file in enumerate(files, 1):
            path = folder / Path(file["name"]).name
            if path.exists():
                path = path.with_stem(f"{path.stem} {number}")
            path.write_bytes(bytes(file["bytes"]) if "bytes" in file else file["text"].encode())
        yield folder


def _playbook(values: Mapping[str, Any], team: str) -> Playbook:
    return playbook_of(team, {id: value for id, value in values.items() if value is not None})
