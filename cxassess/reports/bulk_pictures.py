"""Rows of a report: a name, a figure, a drawing, and for those who cannot see the drawing what it shows."""

from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING

from cxassess.explaining import level, withheld
from cxassess.language import say
from cxassess.reports import team_page
from cxassess.scoring import ElementScore, Result

if TYPE_CHECKING:  # these need NumPy
    from cxassess.change import Change, Movement

STEP = 0.6
"""Changes are drawn closer than ratings, because there are more of them in a row."""
INKS = {"improved": "good", "worse": "target", "cannot_tell": "muted"}


def element(result: Result, one: ElementScore) -> str:
    name = str(result.model.elements[one.id].name)
    counts = [say("bulk.element_count", level=rating, n=n) for rating, n in enumerate(one.counts, 1) if n] + [
        say("bulk.element_other", na=one.not_applicable, blank=one.blank)
    ]
    words = say("bulk.element_words", counts=say("charts.join").join(counts), target=level(one.target))
    told = withheld(one) if one.score is None else level(one.score)
    return _row(name, told, team_page.dots(one), words)


def movement(found: "Change", one: "Movement", reach: int) -> str:
    from cxassess.change_words import SYMBOLS, interval, name

    verdict = say(f"change.{one.verdict}")
    before, after = level(one.before), level(one.after)
    words = say("bulk.change_words", verdict=verdict, before=before, after=after, interval=interval(one))
    step = team_page.LEVEL * STEP
    middle = step * (reach + 0.5)
    low, high, mean = (middle + step * value for value in (one.low, one.high, one.change))
    marks = (
        f"<path class='cx-axis' d='M0 20H{2 * middle:g}'/><path class='cx-axis cx-zero' d='M{middle:g} 6V34'/>"
        f"<path class='cx-range' d='M{low:.0f} 20H{high:.0f}'/><circle cx='{mean:.0f}' cy='20' r='8'/>"
    )
    told = f"{SYMBOLS[one.verdict]} {verdict} {before} → {after}"
    ink = found.after.model.colours[INKS[str(one.verdict)]]
    drawing = _drawing(marks, 2 * middle)
    return f"<div style='--cx-tint:{ink}'>{_row(name(found, one.id), told, drawing, words)}</div>"


def _row(name: str, told: str, drawing: str, words: str) -> str:
    """A name, its figure and its drawing, and for those who cannot see the drawing what it shows."""
    return (
        f"<div class='cx-row'><span class='cx-name'>{escape(name)}</span><b class='cx-score'>{escape(told)}</b>"
        f"{drawing}<span class='cx-unseen'>{escape(words)}</span></div>"
    )


def scale(ticks: list[str], step: float = 1) -> str:
    """The figures above drawings, `step` levels of theirs apart."""
    texts = (
        f"<text x='{team_page.LEVEL * step * (place + 0.5):g}' y='26'>{tick}</text>"
        for place, tick in enumerate(ticks)
    )
    return f"<div class='cx-scale'>{_drawing(''.join(texts), team_page.LEVEL * step * len(ticks))}</div>"


def signs(signs: Mapping[str, Callable[[float], str]]) -> str:
    items = "".join(
        f"<li>{_drawing(mark(team_page.LEVEL / 2), team_page.LEVEL)}{escape(say(f'charts.{key}'))}</li>"
        for key, mark in signs.items()
    )
    return f"<ul class='cx-signs'>{items}</ul>"


def _drawing(marks: str, width: float) -> str:
    return f"<svg viewBox='0 0 {width:g} 36' aria-hidden='true'>{marks}</svg>"
