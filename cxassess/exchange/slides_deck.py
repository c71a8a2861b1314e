"""The slides of each part of the course as data: `model/course/slides.toml`, an own copy of which a fork may have.

>>> deck = load_decks()["why"]
>>> [page.kind for page in pages(deck)][:2], pages(deck)[-1].kind
(['opening', 'drawing'], 'close')
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from cxassess.course import (
    CourseError,
    Question,
    check_unique,
    find_file,
    load_quizzes,
    read_records,
    short_name,
)
from cxassess.language import Text, say
from cxassess.model.records import Within

FEWEST_BULLETS, MOST_BULLETS = 2, 4
NO_TEXT = Text({})
LETTERS = "ABCDEFGH"


class SlidesError(CourseError):
    """Slides cannot be made of what is there."""

    file = "slides"


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide; it has either bullets, a question to the room, a picture, a drawing or a quiz's question.

    Attributes:
        id: unique within its deck.
        minutes: how long it takes.
        notes: what the speaker says and does.
        title: its heading; a quiz's question brings its own.
        bullets: two to four lines.
        ask: a question to the room.
        picture: bars from the example data, `elements:teams/customer-support/2026-04`.
        drawing: a drawing of the book by its name.
        quiz: the id of a question of the part's quiz; it makes two slides, question and answer.
        point: the sentence that a picture or a drawing is there for.
    """

    id: str
    minutes: Annotated[float, Within(0)]
    notes: Text
    title: Text = NO_TEXT
    bullets: tuple[Text, ...] = ()
    ask: Text = NO_TEXT
    picture: str = ""
    drawing: str = ""
    quiz: str = ""
    point: Text = NO_TEXT


@dataclass(frozen=True, slots=True)
class Deck:
    """The slides of a part of the course; `id` is the part's.

    Attributes:
        id: the part's id, as in the quizzes.
        title: what the part is called.
        promise: what people will have at the end.
        opening: the speaker's notes to the first slide.
        exercises: the lesson with the part's exercises, without its ending.
        slides: the slides between the first and the end; the last one is the take-away.
    """

    id: str
    title: Text
    promise: Text
    opening: Text
    exercises: str
    slides: tuple[Slide, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What one slide shows, in the current language.

    Attributes:
        kind: opening, bullets, ask, picture, drawing, question, answer or close.
        title: its heading.
        notes: what the speaker says and does, with the time it takes.
        lines: its text.
        shows: the name of its picture or drawing.
    """

    kind: str
    title: str
    notes: tuple[str, ...]
    lines: tuple[str, ...] = ()
    shows: str = ""


def load_decks() -> Mapping[str, Deck]:
    """The decks by the id of their part, in the order of the course.

    Raises:
        ModelError: the file cannot be read, or a record in it cannot be used; the sentence names both.
    """
    path, languages = find_file("slides.toml")
    decks = _decks(path, languages)
    quizzes = load_quizzes()
    for deck in decks.values():
        known = {one.id for one in quizzes[deck.id].questions} if deck.id in quizzes else set()
        for slide in deck.slides:
            if slide.quiz and slide.quiz not in known:
                raise SlidesError(
                    "unknown_question", file=short_name(path), record=f"{deck.id}, {slide.id}", found=slide.quiz,
                    known=", ".join(sorted(known)),
                )  # fmt: skip
    return decks


@cache
def _decks(path: Path, languages: frozenset[str]) -> Mapping[str, Deck]:
    decks: Mapping[str, Deck] = read_records(Deck, "deck", path, languages)
    for deck in decks.values():
        check_unique((one.id for one in deck.slides), short_name(path), f"deck {deck.id}")
        for slide in deck.slides:
            _check(slide, short_name(path), f"{deck.id}, {slide.id}")
        if not deck.slides or not deck.slides[-1].bullets:
            raise SlidesError("no_close", file=short_name(path), record=f"deck {deck.id}")
    return decks


def _check(slide: Slide, file: str, record: str) -> None:
    if len(_filled(slide)) != 1:
        raise SlidesError("not_one_kind", file=file, record=record, found=", ".join(_filled(slide)) or "–")
    if slide.bullets and not FEWEST_BULLETS <= len(slide.bullets) <= MOST_BULLETS:
        raise SlidesError(
            "bullets", file=file, record=record, found=len(slide.bullets), fewest=FEWEST_BULLETS,
            most=MOST_BULLETS,
        )  # fmt: skip
    if not slide.quiz and slide.title == NO_TEXT:
        raise SlidesError("no_title", file=file, record=record)


def _filled(slide: Slide) -> list[str]:
    """What a slide shows; there has to be one thing."""
    return [
        name
        for name in ("bullets", "ask", "picture", "drawing", "quiz")
        if getattr(slide, name) not in ((), "", NO_TEXT)
    ]


def pages(deck: Deck) -> tuple[Page, ...]:
    """What a deck's slides show one after the other, in the current language.

    The first shows title and promise; a quiz's question is followed by its answer; the last is the take-away.
    """
    total = sum(slide.minutes for slide in deck.slides)
    plan = say("slides.in_all", minutes=f"{total:g}")
    made = [Page("opening", str(deck.title), (plan, str(deck.opening)), (str(deck.promise),))]
    passed = 0.0
    for slide in deck.slides:
        passed += slide.minutes
        time = say("slides.minutes", minutes=f"{slide.minutes:g}", passed=f"{passed:g}", total=f"{total:g}")
        made += _pages(deck, slide, (time, str(slide.notes)))
    return tuple(made)


def _pages(deck: Deck, slide: Slide, notes: tuple[str, ...]) -> list[Page]:
    title, (kind,) = str(slide.title), _filled(slide)
    point = (str(slide.point),) if slide.point != NO_TEXT else ()
    if kind == "quiz":
        question = next(one for one in load_quizzes()[deck.id].questions if one.id == slide.quiz)
        return _quiz(question, notes)
    if kind == "bullets":
        last = slide is deck.slides[-1]
        return [Page("close" if last else "bullets", title, notes, tuple(map(str, slide.bullets)))]
    if kind == "ask":
        return [Page("ask", title, notes, (str(slide.ask),))]
    return [Page(kind, title, notes, point, getattr(slide, kind))]


def _quiz(question: Question, notes: tuple[str, ...]) -> list[Page]:
    """The question, then its answer, with what to say to each of the others in the notes."""
    lettered = list(zip(LETTERS, question.options, strict=False))
    asked = (str(question.ask), *(f"{letter}  {option.label}" for letter, option in lettered))
    right = next((letter, option) for letter, option in lettered if option.right)
    others = tuple(
        say("slides.chosen", letter=letter, says=option.says)
        for letter, option in lettered
        if not option.right
    )
    answer = (f"{right[0]}  {right[1].label}", str(right[1].says))
    return [
        Page("question", say("slides.question"), notes, asked),
        Page("answer", say("slides.answer"), (say("slides.after_answer"), *others), answer),
    ]
