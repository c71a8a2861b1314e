"""What a view over several teams may say about a question, and the proof that it gives no answer away.

A *statement* is coarse: a score's band, how far ratings lie apart, how far a practice has come. Before a
statement is made about so many people, the audit asks of everything that it could turn out to say: does each
person's answer still have two values or more, even for a colleague among them who knows her own answer, who the
others are and these rules? Where not, less is said, down to nothing. The audit sees how many people there are
and never what they answered, so that what is withheld tells nothing either (simulatable auditing).

Why near-unanimous teams are all there is to look at: a statement treats people alike. So as soon as
anybody's colleagues gave two different answers, each of them could have given either.
Source: Kenthapadi, K., Mishra, N., Nissim, K. (2005), Simulatable auditing, PODS.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import combinations_with_replacement, product

from cxassess.agreement import mean_level, pair_difference

LOWEST_CUT = 1.25
"""How far the outer bands reach, in levels from the end of the scale.

Half a level would do for the eye. But of five people with a mean under 1.5, whoever rated 3 knows that all the
others rated 1.
"""
STEP = 0.5

Counts = Sequence[int]
"""How many people gave each answer, from the lowest to the highest."""


class Spread(StrEnum):
    """How far apart people's ratings lie."""

    CLOSE = "close"
    WIDE = "wide"


class Standing(StrEnum):
    """How far a practice has come in a team."""

    IN_PLACE = "in_place"  # at least half of those who know say that it is in place
    UNDER_WAY = "under_way"  # at least half say that it is on trial or further
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Cell:
    """What is said of an element in a team: the band of its score (0 is the lowest), and the spread.

    The spread is said of six people or more whose score is in none of the outer bands.
    """

    band: int
    spread: Spread | None = None


Statement = Callable[[Counts], Cell | Standing]


@cache
def cuts(levels: int) -> tuple[float, ...]:
    """Where one band ends and the next begins, in levels; a score on a cut is in the upper band.

    >>> cuts(5)
    (2.25, 2.75, 3.25, 3.75)
    """
    steps = int((levels - 1 - 2 * LOWEST_CUT) / STEP) + 1
    return tuple(1 + LOWEST_CUT + STEP * number for number in range(max(steps, 0)))


def band(counts: Counts) -> int:
    """The band of a mean rating, 0 the lowest.

    >>> band([0, 3, 2, 0, 0])     # 2.4
    1
    """
    mean = mean_level(counts) or 0.0
    return sum(mean >= cut for cut in cuts(len(counts)))


@cache
def rating_statements(levels: int, wide_spread: float) -> tuple[Statement, ...]:
    """What can be said of an element, the most telling first."""

    def with_spread(counts: Counts) -> Cell:
        found = band(counts)
        if not 0 < found < len(cuts(levels)):
            return Cell(found)
        apart = (pair_difference(counts) or 0.0) >= wide_spread
        return Cell(found, Spread.WIDE if apart else Spread.CLOSE)

    return with_spread, lambda counts: Cell(band(counts))


@cache
def practice_statements(in_place: int, trial: int) -> tuple[Statement, ...]:
    """What can be said of a practice, from the positions of two answers on its scale."""

    def standing(counts: Counts) -> Standing:
        n = sum(counts)
        if 2 * sum(counts[in_place:]) >= n:
            return Standing.IN_PLACE
        return Standing.UNDER_WAY if 2 * sum(counts[trial:]) >= n else Standing.NOT_YET

    return (standing,)


def said(statements: Sequence[Statement], counts: Counts) -> Cell | Standing | None:
    """The most telling statement about these people that gives nobody's answer away.

    >>> said(rating_statements(5, 1.25), [0, 3, 2, 1, 0])
    Cell(band=1, spread=<Spread.CLOSE: 'close'>)
    >>> said(rating_statements(5, 1.25), [0, 3, 2, 0, 0])     # of five people no spread
    Cell(band=1, spread=None)
    >>> said(rating_statements(5, 1.25), [0, 3, 1, 0, 0])
    """
    for statement in statements:
        if leaves_doubt(sum(counts), len(counts), statement):
            return statement(counts)
    return None


@cache
def leaves_doubt(n: int, choices: int, statement: Statement) -> bool:
    """Whether whatever a statement says of `n` people leaves each answer two values, for insiders too.

    Somebody gave the answer `own`, all others gave `rest`: some other answers of theirs must lead to the same
    statement. One or two who answered otherwise, and all who did, are tried; a statement that only a stranger
    case would save counts as one that gives away.
    """
    if n < 2:
        return False
    for own, rest in product(range(choices), repeat=2):
        counts = [0] * choices
        counts[own] += 1
        counts[rest] += n - 1
        told = statement(counts)
        if not any(statement(other) == told for other in _others(counts, rest, n - 1)):
            return False
    return True


def _others(counts: Counts, rest: int, people: int) -> Iterator[list[int]]:
    """The same people, with one, two or all of `rest` at another answer."""
    for moved in {1, min(2, people), people}:
        for places in combinations_with_replacement(range(len(counts)), min(moved, 2)):
            other = list(counts)
            other[rest] -= moved
            for position, place in enumerate(places):
                other[place] += 1 if position or moved == 1 else moved - len(places) + 1
            if other != list(counts):
                yield other


@cache
def fewest(levels: int, most: int = 40) -> int:
    """How many people it takes for bands on a scale of so many levels to give nobody's answer away.

    >>> fewest(5)
    5
    """
    bands = rating_statements(levels, 0.0)[-1]
    safe = [n for n in range(2, most) if leaves_doubt(n, levels, bands)]
    return next((n for n in safe if set(range(n, most)) <= set(safe)), most)
