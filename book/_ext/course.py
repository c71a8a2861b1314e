"""Sphinx extension: how long the course takes, page by page, and its quizzes on its pages.

A page's reading time is counted from its words; a lesson says in its metadata how many `minutes` it takes to do. Under
a page's title stands its reading time. A line `<!-- course: overview -->` becomes the parts of `_toc.yml` with their times.
`<div class="cx-quiz" data-quiz="why"></div>` becomes that quiz, with the answers folded in for readers without scripts.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

from cxassess.course import load_quizzes
from cxassess.forms.quiz import quiz_spec
from cxassess.language import say
from cxassess.workshop import schedule

ROOT = Path(__file__).parents[2]
"""Where the English is: what takes a time in one language takes it in every other."""
WORDS_A_MINUTE = 200
PLACE = re.compile(r"^<!-- course: (\w+) -->$", re.M)
QUIZ = re.compile(r'<div class="cx-quiz" data-quiz="(\w+)">\s*</div>')
Course = Mapping[str, Sequence["Page"]]
"""The pages of each part of the book, by the part's caption."""
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.S)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the course, how long it takes, and on which day of the short way who reads it; no day: off that way."""

    name: str
    minutes: int
    is_lesson: bool
    day: int | None
    who: str
    target: str


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", _fill)
    app.connect("html-page-context", _dress, priority=901)
    return {"version": "1", "parallel_read_safe": True}


def parts(contents_file: Path, root: Path) -> Course:
    """The pages of each part of the book, by the part's caption, in order."""
    contents = yaml.safe_load(contents_file.read_text("utf-8"))
    return {
        part["caption"]: [_page(root, chapter["file"]) for chapter in part["chapters"]]
        for part in contents["parts"]
    }


def _page(root: Path, name: str) -> Page:
    if (path := root / f"{name}.md").exists():
        text = path.read_text("utf-8")
        about = yaml.safe_load(front[1]) if (front := FRONT.match(text)) else {}
        text = FRONT.sub("", text)
    else:
        path = root / f"{name}.ipynb"
        lesson = json.loads(path.read_text("utf-8"))
        about = lesson["metadata"]
        text = "\n".join(
            "".join(cell["source"]) for cell in lesson["cells"] if cell["cell_type"] == "markdown"
        )
    return Page(
        name,
        about.get("minutes") or reading_minutes(text),
        path.suffix == ".ipynb",
        about.get("day"),
        about.get("who", ""),
        f"/{path.relative_to(root).as_posix()}",
    )


def reading_minutes(text: str) -> int:
    """How many minutes it takes to read a page in Markdown, at least one.

    >>> reading_minutes("word " * 500)
    3
    """
    prose = re.sub(r"<[^>]*>|\]\([^)]*\)|^:::.*$", " ", text, flags=re.M)
    return max(1, -(-len(prose.split()) // WORDS_A_MINUTE))


def overview(course: Course) -> str:
    """The parts of the course as a Markdown table, each with its pages, lessons and times, and what they add up to."""
    found = {caption: pages for caption, pages in course.items() if any(page.is_lesson for page in pages)}
    rows = [[f"[{caption}]({pages[0].target})", *_sums(pages)] for caption, pages in found.items()]
    rows.append([f"**{say('book.sum')}**", *_sums([page for pages in found.values() for page in pages])])
    return _table(("part", "pages", "lessons", "short_way", "whole"), "lrrrr", rows)


def calendar(course: Course) -> str:
    """The short way through the course as a Markdown table: on which day who does what, and for how long."""
    short = [page for pages in course.values() for page in pages if page.day is not None]
    rows = [
        [str(page.day), f"[]({page.target})", say(f"book.who_{page.who}"), duration(page.minutes)]
        for page in sorted(short, key=lambda page: page.day or 0)
    ]
    rows.append(["", f"**{say('book.sum')}**", "", duration(sum(page.minutes for page in short))])
    return _table(("day", "what", "who", "how_long"), "rllr", rows)


def _table(heads: Iterable[str], sides: str, rows: Iterable[Iterable[str]]) -> str:
    lines = [
        [say(f"book.{key}") for key in heads],
        ["--:" if side == "r" else "---" for side in sides],
        *rows,
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _sums(pages: Sequence[Page]) -> list[str]:
    short = sum(page.minutes for page in pages if page.day is not None)
    return [
        str(sum(not page.is_lesson for page in pages)),
        str(sum(page.is_lesson for page in pages)),
        duration(short) if short else "–",
        duration(sum(page.minutes for page in pages)),
    ]


def duration(minutes: int) -> str:
    """A time in words: minutes up to an hour and a half, then hours to the half."""
    if minutes < 90:
        return say("book.minutes", count=minutes)
    return say("book.hours", count=f"{round(minutes / 30) / 2:g}")


def plan(id: str) -> str:
    """A workshop's plan as HTML, from nine o'clock."""
    return schedule(id)._repr_html_()


PAGES = {"calendar": calendar, "overview": overview}


def _fill(app: Sphinx, _document: str, source: list[str]) -> None:
    if app.builder.name != "gettext" and PLACE.search(source[0]):
        course = parts(Path(app.srcdir) / app.config.external_toc_path, ROOT)
        source[0] = PLACE.sub(
            lambda match: PAGES[match[1]](course) if match[1] in PAGES else plan(match[1]), source[0]
        )


def _dress(_app: Sphinx, name: str, _template: str, context: dict[str, Any], _document: Any) -> None:
    body = context.get("body") or ""
    if (
        (ROOT / f"{name}.md").exists()
        and name.startswith("book/")
        and "live" not in (context.get("meta") or {})
    ):
        minutes = say("book.reading", time=duration(_page(ROOT, name).minutes))
        body = body.replace("</h1>", f'</h1><p class="cx-time" data-pagefind-ignore>{escape(minutes)}</p>', 1)
    if QUIZ.search(body):
        body = QUIZ.sub(lambda match: quiz_html(match[1]), body) + "".join(_assets(context["pathto"]))
    context["body"] = body


def _assets(pathto: Any) -> Iterator[str]:
    yield f'<link rel="stylesheet" href="{pathto("_static/live/form.css", resource=True)}">'
    yield f'<script type="module" src="{pathto("_static/live/quiz.js", resource=True)}"></script>'


def quiz_html(id: str) -> str:
    """A quiz as it reads without scripts, with its form spec for `quiz.js` to take it over."""
    spec = quiz_spec(load_quizzes()[id])
    data = json.dumps(spec, ensure_ascii=False).replace("<", "\\u003c")
    questions = "".join(_question(field) for section in spec["sections"] for field in section["fields"])
    return (
        f'<div class="cx-quiz" data-quiz="{id}" lang="{spec["language"]}"><ol>{questions}</ol>'
        f'<script type="application/json">{data}</script></div>'
    )


def _question(field: Mapping[str, Any]) -> str:
    options = "".join(f"<li>{escape(option['label'])}</li>" for option in field["options"])
    answer = next(option for option in field["options"] if option["right"])
    return (
        f"<li><p>{escape(field['label'])}</p><ul>{options}</ul><details><summary>{escape(say('course.answer'))}</summary>"
        f"<p><strong>{escape(answer['label'])}</strong> {escape(answer['says'])}</p></details></li>"
    )
