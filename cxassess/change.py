"""What changed between two rounds: improved, worse, or cannot tell, allowing for who answered each time.

Respondents are paired by name; those who answered one round only count through the means. The chance that
even one of the elements that did not change is called improved or worse is at most the declared level
(Holm), and so it is for the themes together, and for the index. What the crosswalk between model versions
calls not comparable is not compared.

*Cannot tell* is not *nothing changed*. How often `change_power.power` finds a change, with a quarter of the
people replaced: in an element when a third of the elements changed, in the index when all of them did.

| people | element +0.5 | +1.0 | +1.5 | +2.0 | index +0.5 | +1.0 |
|---|---|---|---|---|---|---|
| 5 | 1 % | 5 % | 21 % | 42 % | 34 % | 79 % |
| 8 | 2 % | 17 % | 54 % | 83 % | 54 % | 98 % |
| 12 | 5 % | 41 % | 86 % | 98 % | 74 % | 100 % |
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from cxassess.answers import Answers, Response, carried_over, fits, is_question
from cxassess.answers import _newer as newer
from cxassess.language import Text, say
from cxassess.model import Model
from cxassess.model.records import Successor
from cxassess.scoring import Result, score

if TYPE_CHECKING:
    from cxassess.change_estimate import Estimates, Floats

FEWEST = 4
"""Ratings that each round needs for a comparison: fewer say too little about how much people differ."""


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
        level: the chance that is allowed for a false alarm among all elements together, 0 to 1; likewise among
            all themes, and for the index.

    >>> from cxassess.answers import Answers, Response, Team
    >>> def team(round, *ratings):
    ...     people = [Response(f"r{n}", {"element.goals": one}) for n, one in enumerate(ratings)]
    ...     return score(Answers(Team("Us", round), tuple(people)))
    >>> goals = compare(team("May", 1, 2, 2, 1, 2, 3), team("August", 3, 4, 3, 3, 4, 4)).elements["goals"]
    >>> print(goals.verdict, f"{goals.change:+.1f} ({goals.low:+.1f} to {goals.high:+.1f})")
    improved +1.7 (+1.0 to +2.3)
    """
    import numpy as np

    from cxassess import change_estimate as estimating

    model = after.model
    before = _in_terms_of(before, model)
    apart = {one.id: one for one in _uncompared(before, after)}
    ids = [id for id in model.elements if id not in apart]
    rounds = [_ratings(some, ids, _names(before, after)) for some in (before, after)]
    movements: dict[str, Movement] = {}
    if ids:
        found = estimating.estimate(*rounds)
        movements = _movements(ids, rounds, _means(before, after, ids), found, level, model)

    def together(parts: Mapping[str, Sequence[str]]) -> dict[str, Movement]:
        """Means over several elements, by the later round's weights."""
        weights = np.array([after.elements[id].weight for id in ids])
        shares = {id: _shares(weights, [one in elements for one in ids]) for id, elements in parts.items()}
        columns = [estimating.composite(*rounds, share) for share in shares.values()]
        pair = [np.concatenate(some, axis=-1) for some in zip(*columns, strict=True)]
        grain = [float(np.linalg.norm(share)) for share in shares.values()]
        base = _means(before, after, ids)
        means = [tuple(float(share @ one) for one in base.T) for share in shares.values()]
        found = estimating.estimate(pair[0], pair[1], grain)
        return _movements(list(parts), pair, np.array(means), found, level, model)

    themes = {id: [one.id for one in model.elements_of(id) if one.id in movements] for id in model.themes}
    kept: dict[str, list[str]] = {}
    for id, elements in [*themes.items(), ("", ids)]:
        scores = [some.themes[id] if id else some.index for some in (before, after)]
        if any(one.score is None for one in scores) or not any(after.elements[one].weight for one in elements):
            apart[id] = Uncompared(id, Apart.WITHHELD)
        else:
            kept[id] = elements
    of_index = together({"": kept.pop("")}) if "" in kept else {}
    return Change(
        before=before,
        after=after,
        level=level,
        elements=MappingProxyType(movements),
        themes=MappingProxyType(together(kept) if kept else {}),
        index=of_index.get(""),
        uncompared=tuple(apart.values()),
    )


def _in_terms_of(result: Result, model: Model) -> Result:
    """The result scored by this model, its answers carried over by the crosswalk."""
    if result.model.hash == model.hash:
        return result

    def carried(response: Response) -> Response:
        values = {carried_over(key, response.model_version, model): value for key, value in response.values.items()}
        kept = {
            key: value for key, value in values.items()
            if key and is_question(key, model) and fits(key, value, model)
        }  # fmt: skip
        return replace(response, values=MappingProxyType(kept))

    answers = result.answers
    return score(Answers(answers.team, tuple(map(carried, answers.responses)), answers.problems), model)


def _uncompared(before: Result, after: Result) -> Iterable[Uncompared]:
    model = after.model
    responses = (*before.answers.responses, *after.answers.responses)
    for step in model.records["successor"].values():
        kind, _, id = step.id.partition(".")
        asked = any(one.model_version and not newer(one.model_version, step.after) for one in responses)
        if kind == "element" and not step.became and asked:
            yield Uncompared(id, Apart.GONE, step.why)
    for id in model.elements:
        wordings = {
            tuple(step.id for step in _rewordings(id, model) if not newer(one.model_version, step.after))
            for one in responses
            if isinstance(one.values.get(f"element.{id}"), int)
        }
        if len(wordings) > 1:
            changed = set().union(*wordings) - set.intersection(*map(set, wordings))
            yield Uncompared(id, Apart.REWORDED, model.records["successor"][min(changed)].why)
        elif any(some.elements[id].score is None for some in (before, after)):
            yield Uncompared(id, Apart.WITHHELD)
        elif min(some.elements[id].n for some in (before, after)) < FEWEST:
            yield Uncompared(id, Apart.FEW)


def _rewordings(id: str, model: Model) -> list[Successor]:
    """The steps of the crosswalk that lead to this element and break the comparison."""
    return [
        step
        for step in model.records["successor"].values()
        if step.id.startswith("element.") and step.became and not step.comparable
        and carried_over(f"element.{step.became}", f"{step.after}.1", model) == f"element.{id}"
    ]  # fmt: skip


def _names(*results: Result) -> list[str]:
    return list(dict.fromkeys(one.respondent for some in results for one in some.answers.responses))


def _ratings(result: Result, ids: Sequence[str], names: Sequence[str]) -> "Floats":
    """A row per name, a column per element; `nan` where there is no rating."""
    import numpy as np

    values = {one.respondent: one.values for one in result.answers.responses}
    table = np.full((len(names), len(ids)), np.nan)
    for row, name in enumerate(names):
        for column, id in enumerate(ids):
            rating = values.get(name, {}).get(f"element.{id}")
            if isinstance(rating, int):
                table[row, column] = rating
    return table


def _means(before: Result, after: Result, ids: Sequence[str]) -> "Floats":
    import numpy as np

    return np.array([[some.elements[id].score for some in (before, after)] for id in ids], dtype=float)


def _shares(weights: "Floats", belongs: Sequence[bool]) -> "Floats":
    import numpy as np

    kept = weights * np.array(belongs)
    share: Floats = kept / kept.sum()
    return share


def _movements(
    ids: Sequence[str], rounds: Sequence["Floats"], means: "Floats", found: "Estimates", level: float, model: Model
) -> dict[str, Movement]:
    """The movements of all that is tested together.

    The interval is at the level of the first test that Holm's procedure does not pass, so that it leaves out 0
    exactly where there is a verdict.
    """
    import numpy as np

    from cxassess.change_estimate import holm

    adjusted = holm(found.p)
    sure = adjusted <= level
    margin = found.margin(level / max(len(ids) - int(sure.sum()), 1))
    most = model.levels - 1
    old, new = (~np.isnan(some) for some in rounds)
    counts = [part.sum(0) for part in (old & new, old & ~new, new & ~old)]
    movements = {}
    for place, id in enumerate(ids):
        change = float(found.change[place])
        verdict = Verdict.IMPROVED if change > 0 else Verdict.WORSE
        movements[id] = Movement(
            id=id,
            verdict=verdict if sure[place] else Verdict.CANNOT_TELL,
            before=float(means[place, 0]),
            after=float(means[place, 1]),
            change=change,
            low=max(change - float(margin[place]), -most),
            high=min(change + float(margin[place]), most),
            p=float(adjusted[place]),
            twice=int(counts[0][place]),
            only_before=int(counts[1][place]),
            only_after=int(counts[2][place]),
        )
    return movements
