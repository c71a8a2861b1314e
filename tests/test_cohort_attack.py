"""Somebody tries to work out single answers from everything that cohort views publish.

She reads `to_dict()` and the promises in the docstrings, nothing else of the package. She also knows who rated
what, in which round, and her own answers; and she tries both that answers of two rounds have nothing to do with
each other and that everybody who stayed answered alike. Whatever is published about the same people's answers
goes into one integer programme (HiGHS): an answer is recovered when its least and its greatest value agree.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import ceil, floor
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

import cxassess as cx
from cxassess.cohort import publish
from cxassess.cohort.files import TeamAnswers

COHORTS = 1000
LEVELS = range(1, 6)
ELEMENTS = ("goals", "data", "service")
PRACTICES = ("chatbot", "user_testing")
SCALE = ("not_started", "planned", "trial", "in_place", "second_nature")

Person = str
Given = Mapping[Person, int]
"""Answers by person, 1 to 5."""


@dataclass(frozen=True)
class Statement:
    """`low` ≤ the sum over `people` of what their answers weigh ≤ `high`; perhaps how far apart they lie."""

    people: tuple[int, ...]
    weights: tuple[int, ...]
    low: int
    high: int
    apart: tuple[float, float] | None = None


@cache
def values_left(people: int, statements: tuple[Statement, ...], own: int | None) -> tuple[int, int] | None:
    """The least and greatest answer of person 0, where person 1 answered `own`; null if no answers fit."""
    columns = people * 5
    rows, low, high = [], [], []

    def row(entries: Mapping[int, float], least: float, most: float) -> None:
        rows.append(entries)
        low.append(least)
        high.append(most)

    for person in range(people):
        row({5 * person + one: 1 for one in range(5)}, 1, 1)
    if own is not None:
        row({5 + own - 1: 1}, 1, 1)
    for one in statements:
        row(
            {5 * p + v: one.weights[v] for p in one.people for v in range(5) if one.weights[v]},
            one.low,
            one.high,
        )
        if one.apart:
            n = len(one.people)
            differences: dict[int, float] = {}
            for level in range(4):  # how many are at this level or below, as one choice out of 0 … n
                chosen = range(columns, columns + n + 1)
                row(dict.fromkeys(chosen, 1), 1, 1)
                below = {5 * p + v: -1.0 for p in one.people for v in range(level + 1)}
                row({**below, **{column: m for m, column in enumerate(chosen)}}, 0, 0)
                differences |= {column: m * (n - m) for m, column in enumerate(chosen)}
                columns += n + 1
            pairs = n * (n - 1) / 2
            row(differences, one.apart[0] * pairs - 1e-7, one.apart[1] * pairs + 1e-7)
    places = [(number, column, value) for number, some in enumerate(rows) for column, value in some.items()]
    at_row, at_column, entries = zip(*places, strict=True)
    matrix = csr_array((entries, (at_row, at_column)), shape=(len(rows), columns))
    ends = []
    for sign in (1, -1):
        goal = np.zeros(columns)
        goal[:5] = [sign * level for level in LEVELS]
        found = milp(
            goal,
            constraints=LinearConstraint(matrix, low, high),
            integrality=np.ones(columns),
            bounds=Bounds(0, 1),
        )
        if found.status == 2:
            return None
        assert found.success, found.message
        ends.append(round(sign * found.fun))
    return ends[0], ends[1]


@dataclass(frozen=True)
class Told:
    """What is published about the answers of some people, before anybody is given a number."""

    people: frozenset[Person]
    weights: tuple[int, ...]
    low: int
    high: int
    apart: tuple[float, float] | None = None


def recovered(told: Sequence[Told], truth: Given, insiders: bool = True) -> int:
    """How many answers can be worked out from what is told, by an outsider or somebody among them."""
    everybody = sorted({person for one in told for person in one.people})
    member = {person: tuple(person in one.people for one in told) for person in everybody}
    count = 0
    # People who are in the same groups and gave the same answer are alike to the programme.
    for target in {(member[one], truth[one]): one for one in everybody}.values():
        others = [one for one in everybody if one != target]
        spies: list[Person | None] = [None]
        if insiders:
            spies += list({(member[one], truth[one]): one for one in others}.values())
        for spy in spies:
            order = [target, *([spy] if spy else [])]
            order += sorted((one for one in others if one != spy), key=lambda one: member[one])
            number = {person: place for place, person in enumerate(order)}
            statements = tuple(
                Statement(
                    tuple(sorted(number[person] for person in one.people)),
                    one.weights,
                    one.low,
                    one.high,
                    one.apart,
                )
                for one in told
            )
            left = values_left(len(order), statements, truth[spy] if spy else None)
            count += left is not None and left[0] == left[1]
    return count


def of_mean(people: Iterable[Person], low: float, high: float, closed: bool, apart: Any = None) -> Told:
    """A mean from `low` to `high`, which is in it only if `closed`."""
    some = frozenset(people)
    most = floor(high * len(some) + 1e-9) if closed else ceil(high * len(some) - 1e-9) - 1
    return Told(some, tuple(LEVELS), ceil(low * len(some) - 1e-9), most, apart)


# ------------------------------------------------------------------------------------------ simulated cohorts


@dataclass(frozen=True)
class Simulated:
    teams: list[TeamAnswers]

    def given(self, team: int, round: int, key: str) -> dict[Person, int]:
        """Who gave which answer to a question; the position in the team's rounds counts from the end."""
        rounds = self.teams[team].rounds
        if len(rounds) < -round:
            return {}
        codes = {**dict(zip(SCALE, LEVELS, strict=True)), **{level: level for level in LEVELS}}
        values = {one.respondent: one.values.get(key) for one in rounds[round].responses}
        return {person: codes[value] for person, value in values.items() if value in codes}


def simulate(seed: int) -> Simulated:
    """A cohort with tiny teams, extreme answers, blanks, and people who join and leave."""
    draw = random.Random(seed)
    teams = []
    for team in range(draw.randint(1, 4)):
        size = draw.choice([2, 4, 5, 5, 6, 6, 7, 8])
        people = [f"p{team}{letter}" for letter in "abcdefghijkl"]
        habit = {id: draw.choice([1, 5, 2, 3, 4, None]) for id in ELEMENTS}
        stays = draw.random()
        answers: dict[tuple[str, str], Any] = {}
        rounds = []
        here = people[:size]
        for label in ("2026-04", "2026-07")[: draw.randint(1, 2)]:
            if rounds:
                here = here[draw.choice([0, 0, 1, 2]) :] + people[size : size + draw.choice([0, 0, 1, 2])]
            responses = []
            for person in here:
                for key in [f"element.{id}" for id in ELEMENTS] + [f"practice.{id}" for id in PRACTICES]:
                    if (person, key) not in answers or draw.random() > stays:
                        answers[person, key] = _answer(draw, key, habit)
                values = {
                    key: value
                    for (one, key), value in answers.items()
                    if one == person and value != "" and draw.random() > 0.04
                }
                responses.append(cx.Response(person, values, saved=label))
            rounds.append(cx.Answers(cx.Team(f"Team {team}", label), tuple(responses)))
        teams.append(TeamAnswers(f"team-{team}", tuple(rounds)))
    return Simulated(teams)


def _answer(draw: random.Random, key: str, habit: Mapping[str, int | None]) -> Any:
    kind, _, id = key.partition(".")
    if draw.random() < 0.06:
        return draw.choice(["na", ""])
    if kind == "practice":
        return draw.choice([*SCALE, *["in_place", "second_nature"] * 3])
    level = habit[id]
    return draw.randint(1, 5) if level is None or draw.random() < 0.12 else level


# ------------------------------------------------------------------------------------------------- the attack


def tables(cohort: Simulated, published: Mapping[str, Any]) -> Iterable[tuple[list[Told], dict[Person, int]]]:
    """What is told about answers that hang together, with the answers: by round, and with rounds as one."""
    names = [row["team"] for row in published["teams"]]
    assert names == [team.rounds[-1].team.name for team in cohort.teams]
    wide = cx.load_model().rules.wide_spread
    for team, row in enumerate(published["teams"]):
        for id in ELEMENTS:
            now, then = cohort.given(team, -1, f"element.{id}"), cohort.given(team, -2, f"element.{id}")
            cells = row["elements"][id], row["earlier"][id]
            group = now.keys() & then.keys() if cells[1] else now.keys()
            told = [_told(group, cell, published["bands"], wide) for cell in cells if cell]
            if cells[0]:
                yield [told[0]], now
            if cells[1]:
                yield [told[-1]], then
                yield told, now  # as if nobody had changed her mind
        for id in PRACTICES:
            given = cohort.given(team, -1, f"practice.{id}")
            if row["practices"][id]:
                yield _told_of_practice(given.keys(), row["practices"][id]), given


def _told(people: Iterable[Person], cell: Mapping[str, Any], bands: Sequence[Any], wide: float) -> Told:
    band = bands[cell["band"]]
    apart = {"wide": (wide, 4.0), "close": (0.0, wide - 1e-4), None: None}[cell["spread"]]
    return of_mean(people, band["from"], band["to"], cell["band"] == len(bands) - 1, apart)


def _told_of_practice(people: Iterable[Person], standing: str) -> list[Told]:
    """In place: half or more chose one of the upper two answers; on trial: one of the upper three."""
    some = frozenset(people)
    half = ceil(len(some) / 2)
    two, three = (0, 0, 0, 1, 1), (0, 0, 1, 1, 1)
    if standing == "in_place":
        return [Told(some, two, half, len(some))]
    upper = Told(some, two, 0, half - 1)
    if standing == "under_way":
        return [upper, Told(some, three, half, len(some))]
    return [upper, Told(some, three, 0, half - 1)]


def test_no_answer_is_recovered_from_a_thousand_cohorts() -> None:
    model = cx.load_model()
    seen: Counter[str] = Counter()
    for seed in range(COHORTS):
        cohort = simulate(seed)
        published = publish(cohort.teams, model, 5).to_dict()
        assert totals_of(published) == {
            key: published[key] for key in ("elements", "practices", "functions", "strengths", "gaps")
        }
        for told, truth in tables(cohort, published):
            assert recovered(told, truth) == 0, (seed, told, truth)
            seen["told"] += 1
            seen["two rounds as one"] += (
                len(told) == 2 and told[0].weights == tuple(LEVELS) and fit(told, truth)
            )
            seen["spread"] += told[0].apart is not None
            seen["unanimous"] += len({truth[one] for one in told[0].people}) == 1
            seen["of five"] += len(told[0].people) == 5
    # The attack had something to read, the hard cases among it.
    assert min(seen[key] for key in ("told", "two rounds as one", "spread", "unanimous", "of five")) > 300


def test_solving_everything_in_one_programme_recovers_no_more() -> None:
    model = cx.load_model()
    for seed in (3, 6, 7):
        cohort = simulate(seed)
        told: list[Told] = []
        truth: dict[Person, int] = {}
        for number, (some, given) in enumerate(tables(cohort, publish(cohort.teams, model, 5).to_dict())):
            if fit(some, given):
                names = {person: f"{person} {number}" for person in given}
                told += [
                    replace(one, people=frozenset(names[person] for person in one.people)) for one in some
                ]
                truth |= {names[person]: answer for person, answer in given.items()}
        assert len(told) > 5
        assert recovered(told, truth, insiders=False) == 0


def fit(told: Iterable[Told], given: Given) -> bool:
    """Whether these answers are among those that the programme allows (but for how far apart they lie)."""
    return all(
        one.low <= sum(one.weights[given[person] - 1] for person in one.people) <= one.high for one in told
    )


def totals_of(published: Mapping[str, Any]) -> dict[str, Any]:
    """All figures over teams, counted from the teams' cells: they tell an attacker nothing that cells don't."""
    rows, last = published["teams"], len(published["bands"]) - 1
    elements: dict[str, Any] = {}
    for id, stated in published["elements"].items():
        cells = [row["elements"][id] for row in rows if row["elements"][id]]
        moves = [
            row["elements"][id]["band"] - row["earlier"][id]["band"] for row in rows if row["earlier"][id]
        ]
        elements[id] = {
            "bands": [sum(cell["band"] == band for cell in cells) for band in range(last + 1)],
            "wide": sum(cell["spread"] == "wide" for cell in cells),
            "spread_known": sum(cell["spread"] is not None for cell in cells),
            "up": sum(move > 0 for move in moves),
            "same": moves.count(0),
            "down": sum(move < 0 for move in moves),
            # The test and its verdict follow from `up` and `down` of all elements.
            "p": stated["p"],
            "verdict": stated["verdict"],
        }
    shares = {
        id: (sum(one["bands"][-2:]), sum(one["bands"][:2]), sum(one["bands"])) for id, one in elements.items()
    }
    model = cx.load_model()
    practices = {
        id: {one: sum(row["practices"][id] == one for row in rows) for one in found}
        for id, found in published["practices"].items()
    }
    return {
        "elements": elements,
        "strengths": _most({id: high / n for id, (high, _, n) in shares.items() if n >= 3 and 2 * high >= n}),
        "gaps": _most({id: low / n for id, (_, low, n) in shares.items() if n >= 3 and 2 * low >= n}),
        "practices": practices,
        "functions": {
            id: {one: sum(practices[some.id][one] for some in model.practices_of(id)) for one in found}
            for id, found in published["functions"].items()
        },
    }


def _most(shares: Mapping[str, float]) -> list[str]:
    return sorted(shares, key=lambda one: -shares[one])


# -------------------------------------------------------------- what the same attack does to less careful views


def test_exact_means_give_answers_away() -> None:
    assert _naive(lambda people, given: [_exact(people, given)], smallest=1) > 100


def test_exact_means_of_five_people_or_more_give_answers_away() -> None:
    assert _naive(lambda people, given: [_exact(people, given)], smallest=5) > 100


def test_half_level_bands_up_to_the_ends_give_answers_away() -> None:
    def half_levels(people: Iterable[Person], given: Given) -> list[Told]:
        mean = sum(given[one] for one in people) / len(list(people))
        low = min(floor(2 * mean) / 2, 4.5)
        return [of_mean(people, low, low + 0.5, low == 4.5)]

    assert _naive(half_levels, smallest=5) > 10


def test_the_same_bands_over_whoever_answered_each_round_give_away_who_left() -> None:
    # Six people at "≤2"; one leaves, nobody changes her mind, and the five are at "2.5".
    then = dict(zip("abcdef", (1, 2, 2, 2, 3, 3), strict=True))
    now = {person: answer for person, answer in then.items() if person != "a"}
    responses = [
        tuple(cx.Response(person, {"element.goals": answer}, saved=label) for person, answer in given.items())
        for label, given in (("1", then), ("2", now))
    ]
    rounds = tuple(cx.Answers(cx.Team("Us", str(n)), some) for n, some in enumerate(responses))
    cohort = Simulated([TeamAnswers("us", rounds)])
    published = publish(cohort.teams, cx.load_model(), 5).to_dict()
    careless = [
        _told(given, {"band": band, "spread": None}, published["bands"], 1.25)
        for given, band in ((then, 0), (now, 1))
    ]
    assert recovered(careless, then, insiders=False) == 1
    # What is published is about the five in both rounds.
    assert published["teams"][0]["earlier"]["goals"]["band"] == 1
    for told, truth in tables(cohort, published):
        assert recovered(told, truth) == 0


def _exact(people: Iterable[Person], given: Given) -> Told:
    some = frozenset(people)
    total = sum(given[one] for one in some)
    return Told(some, tuple(LEVELS), total, total)


def _naive(tell: Any, smallest: int) -> int:
    """How many answers 100 cohorts give away when each cell of the last round is told in another way."""
    found = 0
    for seed in range(100):
        cohort = simulate(seed)
        for team in range(len(cohort.teams)):
            for id in ELEMENTS:
                given = cohort.given(team, -1, f"element.{id}")
                if len(given) >= smallest:
                    found += recovered(tell(list(given), given), given)
    return found
