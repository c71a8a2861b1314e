"""A deck as one HTML file that needs nothing else: to show, to read on a phone, to print one slide a page."""

import importlib.util
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from types import ModuleType

from cxassess.exchange.slides_deck import LETTERS, Deck, Page, SlidesError, pages
from cxassess.exchange.slides_pictures import Bars, picture
from cxassess.language import current_language, say
from cxassess.model import load_model

HERE = Path(__file__).parent
MANY = 7
"""Bars from which on they stand closer together."""

_PAGE = Template("""<!doctype html>
<html lang="$language">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<style>:root { $colours }
$style</style>
<main>
$slides
</main>
<p id="told" role="status" aria-live="polite"></p>
<nav aria-label="$keys" title="$keys"><button id="back" aria-label="$back">‹</button><span id="at"></span><button id="forward" aria-label="$forward">›</button><button id="with-notes" aria-label="$notes">N</button></nav>
<script>$script</script>
</html>
""")


def to_html(deck: Deck, source: str | Path = ".", course: str = "..") -> str:
    """The deck in the current language.

    Args:
        deck: the slides.
        source: the repository: its data and drawings are shown.
        course: where the course's pages are, for the link to the exercises.

    Raises:
        SlidesError: a picture or a drawing that a slide names is not there.
    """
    made = pages(deck)
    slides = "\n".join(
        _section(page, place, len(made), deck, Path(source), course) for place, page in enumerate(made, 1)
    )
    return _PAGE.substitute(
        language=current_language(),
        title=escape(f"{deck.title} – {say('slides.course')}"),
        colours=" ".join(f"--cx-{name}: {value};" for name, value in load_model().colours.items()),
        style="\n".join([(HERE / "slides.css").read_text("utf-8"), *_drawings_style(made, Path(source))]),
        slides=slides,
        script=(HERE / "slides.js").read_text("utf-8"),
        **{key: escape(say(f"slides.{key}")) for key in ("keys", "back", "forward", "notes")},
    )


def exercises_address(deck: Deck, course: str) -> str:
    """Where the exercises of a deck's part are among the course's pages."""
    return f"{course.rstrip('/')}/notebooks/{deck.exercises}.html"


def _section(page: Page, place: int, total: int, deck: Deck, source: Path, course: str) -> str:
    spot = escape(say("slides.place", number=place, total=total, title=page.title))
    body, many = _body(page, source), ""
    if page.kind == "picture":
        shown = picture(page.shows, source)
        body, many = _bars(shown) + body, " many" if len(shown.bars) > MANY else ""
    if page.kind == "close":
        text = escape(say("slides.exercises", title=deck.title))
        body += f'<a href="{escape(exercises_address(deck, course))}">{text}</a>'
    head = "h1" if page.kind == "opening" else "h2"
    notes = "".join(f"<p>{escape(line)}</p>" for line in page.notes)
    return (
        f'<section class="{page.kind}{many}" id="slide-{place}" aria-labelledby="title-{place}" data-place="{spot}">'
        f'<{head} id="title-{place}">{escape(page.title)}</{head}><div class="body">{body}</div>'
        f'<aside class="notes" aria-label="{escape(say("slides.notes"))}"><h3>{escape(say("slides.notes"))}</h3>{notes}</aside>'
        f'<div class="foot"><span>{escape(str(deck.title))}</span><span>{place} / {total}</span></div></section>'
    )


def _body(page: Page, source: Path) -> str:
    lines = [escape(line) for line in page.lines]
    if page.kind in ("bullets", "close"):
        return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
    if page.kind == "question":
        asked, *options = lines
        return (
            f'<p class="asked">{asked}</p><ol>{"".join(f"<li>{_lettered(one)}</li>" for one in options)}</ol>'
        )
    if page.kind == "answer":
        right, says = lines
        return f'<div class="right">{_lettered(right)}</div><p class="says">{says}</p>'
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    if page.kind == "drawing":
        return f"<div>{_drawings(source).draw(page.shows)}</div>" + _points(lines)
    return _points(lines) if page.kind == "picture" else paragraphs


def _points(lines: list[str]) -> str:
    return "".join(f'<p class="point">{line}</p>' for line in lines)


def _lettered(option: str) -> str:
    """An option with its letter set apart."""
    letter, _, text = option.partition("  ")
    return f"<b>{letter}</b><span>{text}</span>" if letter in LETTERS else option


def _bars(shown: Bars) -> str:
    """Bars as a table, so that they are read aloud as what they are."""
    rows = "".join(
        f'<tr{" class=strong" if bar.strong else ""}><th scope="row">{escape(bar.label)}</th>'
        f'<td><span style="--part:{max(bar.value, 0) / (shown.top or 1):.4f}"></span>{escape(shown.shown(bar))}</td></tr>'
        for bar in shown.bars
    )
    return f'<table class="bars"><tbody>{rows}</tbody></table>'


def _drawings_style(made: tuple[Page, ...], source: Path) -> list[str]:
    if not any(page.kind == "drawing" for page in made):
        return []
    return [(source / "book" / "_static" / "drawings.css").read_text("utf-8")]


@cache
def _drawings(source: Path) -> ModuleType:
    """The book's module of drawings; it lies beside the package and not in it."""
    path = source / "book" / "_ext" / "drawings.py"
    spec = importlib.util.spec_from_file_location("drawings", path) if path.is_file() else None
    if not spec or not spec.loader:
        raise SlidesError("no_book", folder=path.parent)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
