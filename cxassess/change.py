"""What changed between two rounds: improved, worse, or cannot tell, allowing for who answered each time.

Respondents are paired by name; those who answered one round only count through the means. The chance that
even one of the elements that did not change is called improved or worse is at most the declared level
(Holm), and so it is for the themes together, and for the index. What the crosswalk between model versions
calls not comparable is not compared.

*Cannot tell* is not *nothing changed*. How often `change_power.power` finds a change, with a quarter of the
people replaced: in an element when a third of the elements changed, in the index when all of them did.

| people | element +0.5 | +1.0 | +1.5 | +2.0 | index +0.5 | +1.0 |
|---|---|---|---|---|---|---|
| 5 | 1 % | 7 % | 27 % | 52 % | 34 % | 79 % |
| 8 | 2 % | 19 % | 59 % | 87 % | 54 % | 98 % |
| 12 | 5 % | 43 % | 87 % | 99 % | 74 % | 100 % |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from cxassess.errors import CxError
from cxassess.language import Text
from cxassess.scoring import Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST = 4
"""Ratings that each round needs for a comparison: fewer say too little about how much people differ.

The level was checked by simulation for 5 to 12 people. With 4, when most elements are near constant and some split
the team down the middle, up to 10 % of comparisons gave a false alarm.
"""


class ChangeError(CxError):
    """Two rounds cannot be compared as asked."""

    file = "change"


class Verdict(StrEnum):
    """What can be said of a change."""

    IMPROVED = "improved"
    WORSE = "worse"
    CANNOT_TELL = "cannot_tell"


class Apart(StrEnum):
    """Why two rounds cannot be compared in something."""

    REWORDED = "reworded"  # the crosswalk says that old and new answers may not be compared
    GONE = "gone"  # the crosswalk says that it is no longer asked
    WITHHELD = "withheld"  # one of the rounds has no score
    FEW = "few"  # one of the rounds has fewer than four ratings


@dataclass(frozen=True, slots=True)
class Movement:
    """How an element, a theme or the index (`id` is then empty) moved, in levels.

    `before` and `after` are the means of the two rounds; `change` also allows for who answered, so that it can
    differ from their difference. The interval from `low` to `high` leaves out 0 exactly where there is a
    verdict. `p` is adjusted for all that it was tested together with. `twice`, `only_before` and
    `only_after` count the respondents it rests on.
    """

    id: str
    verdict: Verdict
    before: float
    after: float
    change: float
    low: float
    high: float
    p: float
    twice: int
    only_before: int
    only_after: int


@dataclass(frozen=True, slots=True)
class Uncompared:
    """An element, a theme or the index that two rounds cannot be compared in, and why."""

    id: str
    reason: Apart
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that two rounds of one team say about what changed."""

    before: Result
    after: Result
    level: float
    elements: Mapping[str, Movement]
    themes: Mapping[str, Movement]
    index: Movement | None
    uncompared: tuple[Uncompared, ...]

    def having(self, verdict: Verdict) -> tuple[Movement, ...]:
        """The elements of which this can be said, those that moved furthest first."""
        return tuple(
            sorted(
                (one for one in self.elements.values() if one.verdict == verdict),
                key=lambda one: -abs(one.change),
            )
        )

    @property
    def people(self) -> tuple[int, int, int]:
        """How many answered both rounds, only the first, only the second."""
        old, new = ({one.respondent for one in some.answers.responses} for some in (self.before, self.after))
        return len(old & new), len(old - new), len(new - old)

    def rows(self) -> list[tuple[str, ...]]:
        """A table in the current language, the header first: the index, the themes, the elements."""
        from cxassess.change_words import rows

        return rows(self)

    def __repr__(self) -> str:
        from cxassess.change_words import summary

        return summary(self)


def compare(before: Result, after: Result, level: float = 0.05) -> Change:
    """What changed from one round to the next.

    Args:
        before: the result of the earlier round.
        after: of the later one; its model and its importance weights are used for both rounds.
        level: the chance that is allowed for a false alarm among all elements together, above 0 and up to 0.5;
            likewise among all themes, and for the index.

    Raises:
        ChangeError: the level lies elsewhere.

    >>> from cxassess.answers import Answers, Response, Team
    >>> from cxassess.scoring import score
    >>> def team(round, *ratings):
    ...     people = [Response(f"r{n}", {"element.goals": one}) for n, one in enumerate(ratings)]
    ...     return score(Answers(Team("Us", round), tuple(people)))
    >>> goals = compare(team("May", 1, 2, 2, 1, 2, 3), team("August", 3, 4, 3, 3, 4, 4)).elements["goals"]
    >>> print(goals.verdict, f"{goals.change:+.1f} ({goals.low:+.1f} to {goals.high:+.1f})")
    improved +1.7 (+1.0 to +2.3)
    """
    import numpy as np

    from cxassess.change_comparable import in_terms_of, not_comparable

    if not 0 < level <= 0.5:
        raise ChangeError("bad_level", found=level)
    model = after.model
    before = in_terms_of(before, model)
    apart = {one.id: one for one in not_comparable(before, after)}
    ids = [id for id in model.elements if id not in apart]
    shares: dict[str, Floats] = {}
    for id in [*model.themes, ""]:
        weights = np.array(
            [after.elements[one].weight * (id in {model.elements[one].theme, ""}) for one in ids]
        )
        if weights.sum() > 0 and all(
            (some.themes[id] if id else some.index).score for some in (before, after)
        ):
            shares[id] = weights / weights.sum()
        else:
            apart[id] = Uncompared(id, Apart.WITHHELD)
    rounds = _ratings(before, after, ids)
    means = np.array([[some.elements[id].score for id in ids] for some in (before, after)], dtype=float)
    of_index = {"": shares.pop("")} if "" in shares else {}
    return Change(
        before=before,
        after=after,
        level=level,
        elements=MappingProxyType(_moved(ids, rounds, means, np.ones(len(ids)), level, model.levels)),
        themes=MappingProxyType(_moved_together(shares, rounds, means, level, model.levels)),
        index=_moved_together(of_index, rounds, means, level, model.levels).get(""),
        uncompared=tuple(apart.values()),
    )


def _ratings(before: Result, after: Result, ids: list[str]) -> "tuple[Floats, Floats]":
    """Of each round a row per respondent of either, a column per element; `nan` where there is no rating."""
    import numpy as np

    tables = []
    names = dict.fromkeys(one.respondent for some in (before, after) for one in some.answers.responses)
    for some in (before, after):
        values = {one.respondent: one.values for one in some.answers.responses}
        cells = [[values.get(name, {}).get(f"element.{id}") for id in ids] for name in names]
        known = [[one if isinstance(one, int) else None for one in row] for row in cells]
        tables.append(np.array(known, dtype=float).reshape(len(names), len(ids)))
    return tables[0], tables[1]


def _moved_together(
    shares: "dict[str, Floats]", rounds: "tuple[Floats, Floats]", means: "Floats", level: float, levels: int
) -> dict[str, Movement]:
    """How means over several elements moved, each by its shares of the elements."""
    import numpy as np

    from cxassess.change_estimate import composite

    if not shares:
        return {}
    table = np.array(list(shares.values()))
    parts = [composite(*rounds, share) for share in table]
    columns = np.hstack([old for old, _ in parts]), np.hstack([new for _, new in parts])
    return _moved(list(shares), columns, means @ table.T, np.linalg.norm(table, axis=1), level, levels)


def _moved(
    ids: list[str],
    rounds: "tuple[Floats, Floats]",
    means: "Floats",
    grain: "Floats",
    level: float,
    levels: int,
) -> dict[str, Movement]:
    """How all that is tested together moved.

    The interval is at the level of the first test that Holm's procedure does not pass, so that it leaves out 0
    exactly where there is a verdict.
    """
    import numpy as np

    from cxassess.change_estimate import estimate, holm

    if not ids:
        return {}
    found = estimate(*rounds, grain)
    adjusted = holm(found.p)
    sure = adjusted <= level
    margin = found.margin(level / max(len(ids) - int(sure.sum()), 1))
    low, high = (np.clip(found.change + side * margin, 1 - levels, levels - 1) for side in (-1, 1))
    old, new = (~np.isnan(some) for some in rounds)
    counts = [part.sum(0) for part in (old & new, old & ~new, new & ~old)]
    return {
        id: Movement(
            id=id,
            verdict=_verdict(float(found.change[place])) if sure[place] else Verdict.CANNOT_TELL,
            before=float(means[0, place]),
            after=float(means[1, place]),
            change=float(found.change[place]),
            low=float(low[place]),
            high=float(high[place]),
            p=float(adjusted[place]),
            twice=int(counts[0][place]),
            only_before=int(counts[1][place]),
            only_after=int(counts[2][place]),
        )
        for place, id in enumerate(ids)
    }


def _verdict(change: float) -> Verdict:
    return Verdict.IMPROVED if change > 0 else Verdict.WORSE
