"""What many teams have in common, in a form that exposes nobody.

A `Cohort` holds published tables only: once it is made, no individual's answer is in it.

**What is promised.** From everything that a cohort says, over all its tables and both rounds together, no
individual's answer can be worked out: each keeps two possible values or more. That holds for somebody who knows
how many people answered, which of them rated what, these rules and her own answers, and also if she supposes that
everybody in the team answered alike in both rounds. Nothing is said about fewer than `k` people.

**How.** Scores are said in bands half a level wide, the outer ones wider; spread and practices in two or three
classes; numbers of people in classes. `disclosure` proves for each number of people that whatever could be
said leaves every answer open, and says less where it does not. `publishing` lets the same people count in
both rounds, so that no difference of rounds is about those who joined or left. Figures over all teams are counted
from the teams' published cells, so that no total says more than its parts.

**What is not promised.** Two people who put their own answers together may know more. Answers can still be likely:
whoever is in a team at “≤2” will not have rated many 5s. Two views made at different times from the same round,
with one more respondent in the second, can be compared with each other: make the view when a round is over. Free
texts are people's own words; who knows a colleague's voice may know the writer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb
from pathlib import Path
from typing import Any

from cxassess.change import Verdict
from cxassess.cohort.disclosure import Spread, Standing, cuts, fewest
from cxassess.cohort.files import TeamAnswers, read_teams
from cxassess.cohort.publishing import FreeText, TeamRow, free_texts, once, rows
from cxassess.errors import CohortError, CxError
from cxassess.model import Model, load_model

FEWEST_TEAMS = 3
"""Fewer teams have nothing in common worth the name."""
LEVEL = 0.05
"""The chance of a false alarm among all elements' verdicts together."""


@dataclass(frozen=True, slots=True)
class CohortElement:
    """An element over all teams, counted from their cells.

    Attributes:
        bands: how many teams are in each band, the lowest first.
        wide: how many teams see it very differently among themselves, of `spread_known`.
        up, same, down: how many teams moved to a higher band, stayed, moved to a lower one.
        p: of a sign test over the teams that moved, adjusted for all elements (Holm); 1 where nothing moved.
        verdict: what can be said of it.
    """

    id: str
    bands: tuple[int, ...]
    wide: int
    spread_known: int
    up: int
    same: int
    down: int
    p: float
    verdict: Verdict

    @property
    def teams(self) -> int:
        return sum(self.bands)

    @property
    def high(self) -> float:
        """The share of teams in the upper two bands."""
        return sum(self.bands[-2:]) / self.teams if self.teams else 0.0

    @property
    def low(self) -> float:
        """The share of teams in the lower two bands."""
        return sum(self.bands[:2]) / self.teams if self.teams else 0.0


@dataclass(frozen=True)
class Cohort:
    """Many teams' published tables.

    Attributes:
        k: the smallest group that anything is said about.
        teams: a row per team, in the order of their folders.
        problems: what was left out, for the trainer's eyes; no table or page shows more than their number.
        texts: evidence without names, if it was asked for.
    """

    model: Model
    k: int
    teams: tuple[TeamRow, ...]
    problems: tuple[CxError, ...] = ()
    texts: tuple[FreeText, ...] | None = None

    @cached_property
    def elements(self) -> Mapping[str, CohortElement]:
        """Every element over all teams."""
        moves = {
            id: [move for team in self.teams if (move := _move(team, id)) is not None] for id in self._ids
        }
        tests = {
            id: _sign_test(sum(one > 0 for one in some), sum(one < 0 for one in some))
            for id, some in moves.items()
        }
        adjusted = _holm(tests)
        return {id: self._element(id, moves[id], adjusted[id]) for id in self._ids}

    @property
    def _ids(self) -> list[str]:
        return list(self.model.elements)

    def _element(self, id: str, moves: Sequence[int], p: float) -> CohortElement:
        cells = [cell for team in self.teams if (cell := team.elements[id])]
        up, down = sum(one > 0 for one in moves), sum(one < 0 for one in moves)
        sure = p <= LEVEL
        return CohortElement(
            id=id,
            bands=tuple(
                sum(cell.band == band for cell in cells) for band in range(len(cuts(self.model.levels)) + 1)
            ),
            wide=sum(cell.spread == Spread.WIDE for cell in cells),
            spread_known=sum(cell.spread is not None for cell in cells),
            up=up,
            same=len(moves) - up - down,
            down=down,
            p=p,
            verdict=(Verdict.IMPROVED if up > down else Verdict.WORSE) if sure else Verdict.CANNOT_TELL,
        )

    @property
    def strengths(self) -> tuple[CohortElement, ...]:
        """Elements in which at least half of the teams are in the upper two bands, the most shared first."""
        found = [one for one in self.elements.values() if one.teams >= FEWEST_TEAMS and one.high >= 0.5]
        return tuple(sorted(found, key=lambda one: -one.high))

    @property
    def gaps(self) -> tuple[CohortElement, ...]:
        """Elements in which at least half of the teams are in the lower two bands, the most shared first."""
        found = [one for one in self.elements.values() if one.teams >= FEWEST_TEAMS and one.low >= 0.5]
        return tuple(sorted(found, key=lambda one: -one.low))

    @property
    def practices(self) -> Mapping[str, Mapping[Standing, int]]:
        """How many teams have come how far with each practice."""
        return {
            id: {one: sum(team.practices[id] == one for team in self.teams) for one in Standing}
            for id in self.model.practices
        }

    @property
    def functions(self) -> Mapping[str, Mapping[Standing, int]]:
        """The same by function: its practices in all teams, added up."""
        practices = self.practices
        return {
            id: {
                one: sum(practices[practice.id][one] for practice in self.model.practices_of(id))
                for one in Standing
            }
            for id in self.model.functions
        }

    def moves(self, team: TeamRow) -> dict[str, int]:
        """By how many bands a team moved, by element, where both rounds are shown."""
        return {id: move for id in self._ids if (move := _move(team, id)) is not None}

    def to_dict(self) -> dict[str, Any]:
        """Everything that is published, as JSON takes it; withheld is null.

        A score in band `n` is at least the band's `from` and under its `to`; the uppermost band has its `to` in it.
        """
        from cxassess.cohort.tables import published

        return published(self)

    def __repr__(self) -> str:
        from cxassess.cohort.words import summary

        return summary(self)

    def _repr_html_(self) -> str:
        from cxassess.cohort.page import page

        return page(self)


def read_cohort(folder: str | Path, *, k: int | None = None, free_texts: bool = False) -> Cohort:
    """The cohort view of a folder that holds a folder per team.

    A team's folder holds response files, or a folder of them per round; the last round and the one before it
    count. What cannot be used is named in the cohort's `problems`, and the rest is read.

    Args:
        folder: a path, or an address that fsspec understands, such as `s3://bucket/course`.
        k: the smallest number of people that anything is said about; without it the model's
            `rules.smallest_group`. At least 5, because below it even bands give answers away.
        free_texts: also take the evidence that people wrote. The result then carries a warning.

    Raises:
        CohortError: the folder cannot be read, holds no teams or is one team's, or `k` is too small.

    >>> import tempfile, json
    >>> folder = Path(tempfile.mkdtemp())
    >>> for number in range(6):
    ...     path = folder / "sales" / f"r{number}.json"
    ...     path.parent.mkdir(exist_ok=True)
    ...     answers = {"element.goals": 2 + number % 2}
    ...     table = {"schema": "cxassess.answers/1", "respondent": path.stem, "answers": answers}
    ...     _ = path.write_text(json.dumps(table))
    >>> read_cohort(folder).teams[0].elements["goals"]
    Cell(band=1, spread=<Spread.CLOSE: 'close'>)
    """
    model = load_model()
    smallest = _smallest_group(k, model)
    teams, problems = read_teams(str(folder), model, most_rounds=2)
    return publish(teams, model, smallest, free_texts, problems)


def publish(
    teams: Sequence[TeamAnswers],
    model: Model,
    k: int,
    with_texts: bool = False,
    problems: Sequence[CxError] = (),
) -> Cohort:
    """The published tables of teams that have been read."""
    counted, doubled = once(teams)
    shown = rows(counted, model, k)
    texts = tuple(free_texts(counted, shown, model, k)) if with_texts else None
    return Cohort(model, k, tuple(shown), (*problems, *doubled), texts)


def _smallest_group(k: int | None, model: Model) -> int:
    least = fewest(model.levels)
    found = model.rules.smallest_group if k is None else k
    if isinstance(found, bool) or not isinstance(found, int) or found < least:
        raise CohortError("small_k", found=str(found)[:20], least=least)
    return found


def _move(team: TeamRow, id: str) -> int | None:
    now, then = team.elements[id], team.earlier[id]
    return now.band - then.band if now and then else None


def _sign_test(up: int, down: int) -> float:
    """The two-sided p-value of a sign test.

    >>> round(_sign_test(9, 1), 4)
    0.0215
    """
    n, most = up + down, max(up, down)
    return min(1.0, sum(comb(n, some) for some in range(most, n + 1)) * 2 ** (1.0 - n))


def _holm(tests: Mapping[str, float]) -> dict[str, float]:
    """p-values adjusted for all of them (Holm, S. 1979, A simple sequentially rejective multiple test procedure)."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    for place, id in enumerate(sorted(tests, key=lambda one: tests[one])):
        highest = max(highest, min(1.0, tests[id] * (len(tests) - place)))
        adjusted[id] = highest
    return adjusted
