"""What a lesson says to the number that a reader worked out: a hint, a second one, then the answer."""

from collections.abc import Mapping
from html import escape
from math import ceil, isfinite, log10
from typing import Any
from unicodedata import normalize

from cxassess.course import CourseError, Exercise, load_exercises
from cxassess.language import say
from cxassess.model import load_model
from cxassess.reports.result import Overview

DUST = 1e-9
"""A difference that is smaller comes from rounding."""
FULL = 100

_tried: dict[str, list[float]] = {}
"""The wrong numbers by exercise, as long as the kernel lives; the same number again is no new attempt."""


def check(id: str, mine: Any, right: float, slips: Mapping[str, float] | None = None) -> Overview:
    """Say whether a number is right, and if not, help one step further.

    Args:
        id: the exercise's id in `model/course/exercises.toml`, which has the hints.
        mine: the reader's number; `None` if there is none yet.
        right: the right number, computed from the data.
        slips: by a slip's id, the number that comes out if one makes it.

    Returns:
        What to show. The first and the second wrong number get a hint, that of a known slip its own; the
        third gets the answer with its explanation.

    Raises:
        CourseError: there is no such exercise, or it has no such slip.

    >>> check("repeat_rate", None, 64.0)
    Write your number in the cell above, then run both cells.
    >>> check("repeat_rate", 64, 64.03)
    Right: 64.0%. Of the customers who bought, this part came back on another day.
    """
    exercise, slips = _exercise(id), slips or {}
    _check_slips(exercise, slips)
    if mine is None or mine == "":
        return _shown("open", say("course.open"))
    number = _number(mine)
    if number is None:
        return _shown("open", say("course.not_a_number", found=str(mine)[:40]))
    answer = f"{_rounded(right, exercise.tolerance)}{exercise.unit}"
    if _same(number, right, exercise):
        return _shown("right", say("course.right", answer=answer), str(exercise.why))
    tried = _tried.setdefault(id, [])
    if number not in tried:
        tried.append(number)
    slip = _slip(number, right, slips, exercise)
    if len(tried) > len(exercise.hints):
        return _shown("told", slip, say("course.told", answer=answer), str(exercise.why))
    return _shown("wrong", say("course.not_yet"), slip or str(exercise.hints[tried.index(number)]))


def _exercise(id: str) -> Exercise:
    exercises = load_exercises()
    if id not in exercises:
        raise CourseError("unknown_exercise", found=id, known=", ".join(exercises))
    return exercises[id]


def _check_slips(exercise: Exercise, slips: Mapping[str, float]) -> None:
    known = [slip.id for slip in exercise.slips]
    for id in slips:
        if id not in known:
            raise CourseError("unknown_slip", record=exercise.id, found=id, known=", ".join(known) or "–")


def _number(mine: Any) -> float | None:
    """The number that was written, also as a text; `None` for what is no number.

    >>> _number("12.5 %"), _number("−3"), _number("１２"), _number((23, 4)), _number("about 5"), _number(10**400)
    (12.5, -3.0, 12.0, None, None, None)
    """
    if isinstance(mine, str):
        mine = normalize("NFKC", mine).replace("−", "-").strip().removesuffix("%").strip()
    try:
        number = float(mine)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) and not isinstance(mine, bool) else None


def _same(number: float, right: float, exercise: Exercise) -> bool:
    return abs(number - right) <= exercise.tolerance + DUST


def _slip(number: float, right: float, slips: Mapping[str, float], exercise: Exercise) -> str:
    """What is said to the known slip that leads to this number; nothing where there is none."""
    near = [slip for slip in exercise.slips if slip.id in slips and _same(number, slips[slip.id], exercise)]
    if near:
        return str(min(near, key=lambda slip: abs(number - slips[slip.id])).says)
    if exercise.unit.to("en") == "%" and _same(FULL * number, right, exercise):
        return say("course.as_share")
    return ""


def _rounded(value: float, tolerance: float) -> str:
    """A number with as many decimals as the tolerance asks for.

    >>> _rounded(63.96, 0.1), _rounded(3.0833, 0.02), _rounded(17045.2, 5), _rounded(-16.4, 0)
    ('64.0', '3.08', '17,045', '−16')
    """
    decimals = max(0, ceil(-log10(tolerance))) if tolerance else 0
    return f"{value:,.{decimals}f}".replace("-", "−")


def _shown(state: str, *sentences: str) -> Overview:
    colours = load_model().colours
    edge = {"right": "good", "open": "line"}.get(state, "warn")
    told = [one for one in sentences if one]
    lead, *rest = told
    html = f"<strong>{escape(lead)}</strong>" + "".join(f" {escape(one)}" for one in rest)
    style = (
        f"border-inline-start:4px solid {colours[edge]};padding:.4rem .9rem;max-width:46rem;line-height:1.6"
    )
    return Overview(
        f"<p class='cx-check' role='status' style='{style}'>{html}</p>", say("charts.sentences").join(told)
    )
