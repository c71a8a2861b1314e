"""From teams' answers to the tables that may be shown: whose answers count where, and what is said of them.

Whose answers count is decided by who answered, never by what: so nothing can be read from it.

- In each team's last round, an element counts those who rated it.
- Where the team has an earlier round, both rounds count the people who rated the element both times. Otherwise,
  of a team of six that became five, the difference of two rounds would be the one who left.
- If those are fewer than `k`, or fewer than half of the last round's, the last round stands alone.
- A person counts in one team only, so that no team is part of another.
- Fewer than `k` ratings, or too few of the team for a score at all: nothing.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cxassess.answers import NOT_APPLICABLE, Answers, Response
from cxassess.cohort.disclosure import (
    Cell,
    Standing,
    Statement,
    cuts,
    practice_statements,
    rating_statements,
    said,
)
from cxassess.cohort.files import TeamAnswers
from cxassess.errors import CohortError
from cxassess.model import Model

SIZES = (5, 10, 20, 50, 100, 200)
"""Where one class of team sizes ends and the next begins."""


@dataclass(frozen=True, slots=True)
class TeamRow:
    """What is shown of one team.

    Attributes:
        name: what the team is called.
        round, earlier_round: labels of its last round and of the one before; empty where there is none.
        people: how many answered the last round, as a class such as `5–9`; empty if fewer than the smallest group.
        elements, earlier: cells by element; `None` is withheld.
        practices: how far each practice has come in the last round; `None` is withheld.
    """

    name: str
    round: str
    earlier_round: str
    people: str
    elements: Mapping[str, Cell | None]
    earlier: Mapping[str, Cell | None]
    practices: Mapping[str, Standing | None]


@dataclass(frozen=True, slots=True)
class FreeText:
    """Evidence that somebody in a team gave for an element."""

    team: str
    element: str
    text: str


Ratings = Mapping[str, int]
"""By person."""


def rows(teams: Sequence[TeamAnswers], model: Model, k: int) -> list[TeamRow]:
    """A row per team."""
    names = Counter(team.name for team in teams)
    return [
        _row(team, f"{team.name} ({team.folder})" if names[team.name] > 1 else team.name, model, k)
        for team in teams
    ]


def _row(team: TeamAnswers, name: str, model: Model, k: int) -> TeamRow:
    last, earlier = team.rounds[-1], team.rounds[-2] if len(team.rounds) > 1 else None
    statements = rating_statements(model.levels, model.rules.wide_spread) if cuts(model.levels) else ()
    elements: dict[str, Cell | None] = {}
    before: dict[str, Cell | None] = {}
    for id in model.elements:
        now, then = counted(id, last, earlier, model, k)
        elements[id] = _cell(statements, list(now.values()), model.levels)
        before[id] = _cell(statements, list(then.values()), model.levels)
    return TeamRow(
        name=name,
        round=last.team.round,
        earlier_round=earlier.team.round if earlier else "",
        people=size_class(len(last.responses), k),
        elements=elements,
        earlier=before,
        practices=_practices(last, model, k),
    )


def counted(id: str, last: Answers, earlier: Answers | None, model: Model, k: int) -> tuple[Ratings, Ratings]:
    """The ratings of an element that count in the last round and in the one before."""
    now = ratings(f"element.{id}", last, model)
    then = ratings(f"element.{id}", earlier, model) if earlier else {}
    both = now.keys() & then.keys()
    if len(both) >= k and 2 * len(both) >= len(now):
        return {one: now[one] for one in both}, {one: then[one] for one in both}
    return (now if len(now) >= k else {}), {}


def ratings(key: str, answers: Answers, model: Model) -> Ratings:
    """What people answered to a question on a scale, by person; nothing below the coverage that a score needs."""
    kind = key.partition(".")[0]
    places: dict[object, int] = (
        {level: level - 1 for level in range(1, model.levels + 1)}
        if kind == "element"
        else {choice.value: place for place, choice in enumerate(model.scales[kind].choices)}
    )
    given = {one.respondent.casefold(): one.values.get(key) for one in answers.responses}
    found = {person: places[value] for person, value in given.items() if value in places}
    concerned = sum(value != NOT_APPLICABLE for value in given.values())
    return found if concerned and len(found) / concerned >= model.rules.element_coverage else {}


def _cell(statements: Sequence[Statement], places: Sequence[int], levels: int) -> Cell | None:
    found = _said(statements, places, levels)
    return found if isinstance(found, Cell) else None


def _said(statements: Sequence[Statement], places: Sequence[int], choices: int) -> Cell | Standing | None:
    return said(statements, [places.count(place) for place in range(choices)]) if places else None


def _practices(last: Answers, model: Model, k: int) -> dict[str, Standing | None]:
    weights = [choice.weight for choice in model.scales["practice"].choices]
    at = [
        next(place for place, one in enumerate(weights) if one >= part * weights[-1]) for part in (0.75, 0.5)
    ]
    found: dict[str, Standing | None] = {}
    for id in model.practices:
        places = list(ratings(f"practice.{id}", last, model).values())
        one = _said(practice_statements(*at), places if len(places) >= k else [], len(weights))
        found[id] = one if isinstance(one, Standing) else None
    return found


def size_class(n: int, k: int) -> str:
    """A number of people as a class.

    >>> size_class(7, 5), size_class(230, 5), size_class(4, 5), size_class(8, 8)
    ('5–9', '200+', '', '8–9')
    """
    if n < k:
        return ""
    low = max(k, max((one for one in SIZES if one <= n), default=k))
    high = next((one - 1 for one in SIZES if one > n), None)
    return f"{low}+" if high is None else f"{low}–{high}"


def once(teams: Sequence[TeamAnswers]) -> tuple[list[TeamAnswers], list[CohortError]]:
    """The teams with each person's file in one of them only: where it was saved last, else the first."""
    homes: dict[Hashable, tuple[float, int]] = {}
    for place, team in enumerate(teams):
        for one in _people(team):
            home = (_moment(one.saved), -place)
            homes[_file(one)] = max(homes.get(_file(one), home), home)
    kept: list[TeamAnswers] = []
    problems: list[CohortError] = []
    for place, team in enumerate(teams):
        others = Counter(-homes[_file(one)][1] for one in _people(team))
        del others[place]
        rounds = [
            replace(round, responses=tuple(one for one in round.responses if homes[_file(one)][1] == -place))
            for round in team.rounds
        ]
        problems += [
            CohortError("in_two_teams", team=team.folder, other=teams[other].folder, n=n)
            for other, n in others.items()
        ]
        if any(round.responses for round in rounds):
            kept.append(TeamAnswers(team.folder, tuple(round for round in rounds if round.responses)))
    return kept, problems


def _people(team: TeamAnswers) -> list[Response]:
    return [one for round in team.rounds for one in round.responses]


def _file(one: Response) -> Hashable:
    """What two copies of a file have in common."""
    return one.id or (one.respondent.casefold(), one.saved, frozenset(one.values.items()))


def _moment(saved: str) -> float:
    try:
        moment = datetime.fromisoformat(saved)
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def free_texts(
    teams: Sequence[TeamAnswers], shown: Sequence[TeamRow], model: Model, k: int
) -> list[FreeText]:
    """The evidence behind cells that are shown, without names and in the order of the alphabet."""
    found = []
    for team, row in zip(teams, shown, strict=True):
        earlier = team.rounds[-2] if len(team.rounds) > 1 else None
        for id in model.elements:
            people, _ = counted(id, team.rounds[-1], earlier, model, k)
            texts = {
                str(one.values.get(f"evidence.{id}", "")).strip()
                for one in team.rounds[-1].responses
                if one.respondent.casefold() in people and row.elements[id]
            }
            found += [FreeText(row.name, id, text) for text in sorted(texts) if text]
    return found
