"""How often a change of a given size is found: teams are drawn at random and compared as real ones are."""

from dataclasses import dataclass

from cxassess.language import say


@dataclass(frozen=True, slots=True)
class Power:
    """What `compare` finds in drawn teams, as shares of all draws, 0 to 1.

    `element` is the chance that an element that changed gets its verdict, `index` that the index does;
    `alarm` the chance that any of the elements that did not change gets one.
    """

    people: int
    shift: float
    element: float
    index: float
    alarm: float

    def __repr__(self) -> str:
        return say(
            "change.power", n=self.people, shift=f"{self.shift:+g}", element=f"{self.element:.0%}",
            index=f"{self.index:.0%}", alarm=f"{self.alarm:.0%}",
        )  # fmt: skip


def power(
    people: int,
    shift: float,
    *,
    turnover: float = 0.25,
    elements: int = 15,
    changed: int = 5,
    spread: float = 1.0,
    retest: float = 0.6,
    mood: float = 0.3,
    level: float = 0.05,
    draws: int = 2000,
    seed: int = 1,
) -> Power:
    """How often a change is found with so many people.

    Everybody has an opinion of the organisation and of each element, which lasts; the rest of a rating is
    chance, part of it the day's mood, the same for all of one person's ratings. Sums of these are rounded to
    levels 1 to 5, their middle at 2.75 before the change.

    Args:
        people: who answer in each round.
        shift: by how many levels the changed elements rise.
        turnover: the share of people who are replaced between the rounds, 0 to 1.
        elements: that are rated.
        changed: how many of them change.
        spread: standard deviation of the ratings of one element, in levels.
        retest: correlation of one person's two ratings of one element, 0 to 1.
        mood: the part of the chance variation that all ratings of one person and day share, 0 to 1.
        level: see `cxassess.change.compare`.
        draws: how many teams are drawn.
        seed: of the draws.

    Raises:
        ChangeError: there are fewer than two people.

    >>> found = power(12, 1.5)
    >>> found.element > 0.7, found.alarm <= 0.05
    (True, True)
    """
    import numpy as np

    from cxassess.change import ChangeError
    from cxassess.change_estimate import composite, estimate, holm

    if people < 2:
        raise ChangeError("few_people", found=people)
    rng = np.random.default_rng(seed)
    replaced = round(turnover * people)
    rows = people + replaced

    def draw(*shape: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        return rng.normal(size=(draws, rows, *shape))

    opinion = np.sqrt(retest / 2) * (draw(1) + draw(elements))
    lift = shift * (np.arange(elements) < changed)
    rounds = []
    for number in range(2):
        chance = np.sqrt(mood) * draw(1) + np.sqrt(1 - mood) * draw(elements)
        felt = 2.75 + number * lift + spread * (opinion + np.sqrt(1 - retest) * chance)
        rounds.append(np.clip(np.round(felt), 1, 5))
    before, after = rounds
    before[:, people:], after[:, :replaced] = np.nan, np.nan
    found = estimate(before, after)
    sure = (holm(found.p) <= level) & (found.change * np.sign(shift or 1) > 0)
    either = holm(found.p) <= level
    whole = estimate(*composite(before, after, np.ones(elements)), elements**-0.5)
    return Power(
        people=people,
        shift=shift,
        element=float(sure[:, :changed].mean()) if changed else 0.0,
        index=float(((whole.p <= level) & (whole.change * np.sign(shift or 1) > 0)).mean()),
        alarm=float(either[:, changed:].any(-1).mean()),
    )
