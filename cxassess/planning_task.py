"""What there is to plan: the declared figures, the days available, what is done, and what remains."""

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from graphlib import TopologicalSorter
from itertools import pairwise
from math import ceil
from numbers import Real
from pathlib import Path
from types import MappingProxyType

from cxassess.language import model_folder
from cxassess.model import Model
from cxassess.planning import PlanError, Settings, Task
from cxassess.planning_solver import Problem
from cxassess.scoring import Result, Tally

DUST = 1e-9
"""Less than this of a day or a share is rounding."""
MOST_DAYS = 1_000_000
"""Person-days of a phase; the solver takes far larger ones for infinite."""


def load_settings() -> Settings:
    """The declared figures of the current model.

    Raises:
        PlanError: their file is missing or cannot be used.

    >>> load_settings().horizons
    (3, 6, 12)
    """
    return _settings(model_folder() / "planning" / "plan.toml")


@cache
def _settings(path: Path) -> Settings:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        made = Settings(**{**table, "horizons": tuple(table["horizons"]), "early": tuple(table["early"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlanError("bad_settings", file=f"planning/{path.name}", found=error) from error
    falling = all(earlier >= later > 0 for earlier, later in zip(made.early, made.early[1:], strict=False))
    if (
        len(made.early) != len(made.horizons)
        or not falling
        or sorted(set(made.horizons)) != list(made.horizons)
    ):
        raise PlanError("bad_settings", file=f"planning/{path.name}", found="horizons, early")
    return made


def known(practice: str, model: Model) -> str:
    """The id of a practice that is told by its id, or by its name in any language.

    Raises:
        PlanError: the model has no such practice.

    >>> from cxassess.model import load_model
    >>> known("Round-the-clock support", load_model())
    'round_the_clock_support'
    """
    if practice in model.practices:
        return practice
    told = str(practice).strip().casefold()
    for id, one in model.practices.items():
        if told in {id, *(name.casefold() for name in one.name.by_language.values())}:
            return id
    near = get_close_matches(told, model.practices, n=1) or list(model.practices)
    raise PlanError("unknown_practice", record=str(practice)[:60], known=", ".join(near))


def available_days(capacity: float | Iterable[float] | None, settings: Settings) -> tuple[float, ...]:
    """The person-days of each phase.

    Raises:
        PlanError: there are none, one is not a number from 0 on, or there is not one for each phase.

    >>> available_days(10, load_settings()), available_days([5, 0, 8], load_settings())
    ((30.0, 30.0, 60.0), (5.0, 0.0, 8.0))
    """
    if capacity is None:
        capacity = settings.days_per_month
    try:
        if isinstance(capacity, Iterable) and not isinstance(capacity, str):
            days = [float(one) for one in capacity]
        else:
            days = [float(capacity) * (end - start) for start, end in pairwise((0, *settings.horizons))]
    except (TypeError, ValueError):
        days = []
    if len(days) != len(settings.horizons) or not all(0 <= one <= MOST_DAYS for one in days):
        raise PlanError(
            "bad_capacity", found=str(capacity)[:60], phases=len(settings.horizons), most=f"{MOST_DAYS:,}"
        )
    if not any(days):
        raise PlanError("no_capacity")
    return tuple(days)


def task_of(
    result: Result,
    available: tuple[float, ...],
    settings: Settings,
    done: Mapping[str, float] | Iterable[str] = (),
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
) -> Task:
    """What there is to plan for a result; see `cxassess.planning.plan`.

    Raises:
        PlanError: there is no score, no gap, no practice left, or one that the model does not have.
    """
    model = result.model
    wanted, unwanted = (
        list(dict.fromkeys(known(one, model) for one in ([ids] if isinstance(ids, str) else ids)))
        for ids in (include, exclude)
    )
    both = set(wanted) & set(unwanted)
    if both:
        raise PlanError("both", name=model.practices[min(both)].name)
    if not isinstance(done, Mapping):
        done = dict.fromkeys([done] if isinstance(done, str) else done, 1.0)
    told = {known(one, model): share for one, share in done.items()}
    shares = _shares_done(result, told, settings)
    candidates = tuple(id for id, share in shares.items() if share is not None and share < settings.in_place)
    scored = {id: one for id, one in result.elements.items() if one.score is not None}
    weight = sum(one.weight for one in scored.values())
    if not weight:
        raise PlanError("no_scores")
    if not any(one.gap and one.weight for one in scored.values()):
        raise PlanError("nothing_to_gain")
    if not candidates:
        raise PlanError("all_done")
    place = {id: number for number, id in enumerate(candidates)}
    _check_wanted(wanted, [id for id in unwanted if id in place], model)
    problem = Problem(
        days=tuple(
            max(1, ceil(model.practices[id].effort * (1 - (shares[id] or 0)) - DUST)) for id in candidates
        ),
        effects=tuple(
            tuple(
                settings.levels_per_effect
                * model.practices[id].elements.get(element, 0)
                * (1 - (shares[id] or 0))
                for element in model.elements
            )
            for id in candidates
        ),
        gaps=tuple((result.elements[id].gap or 0.0) for id in model.elements),
        weights=tuple(scored[id].weight / weight if id in scored else 0.0 for id in model.elements),
        available=available,
        early=settings.early,
        needs=tuple(
            (place[id], place[need])
            for id in candidates
            for need in model.practices[id].prerequisites
            if need in place
        ),
        least_per_day=settings.least_per_day,
    )
    return Task(
        problem, candidates, MappingProxyType(told), MappingProxyType(shares), tuple(wanted), tuple(unwanted)
    )


def schedule(problem: Problem, phases: tuple[int | None, ...]) -> dict[int, tuple[int, tuple[float, ...]]]:
    """When each chosen practice is in place, and how its days fall on the phases, in the order of the work.

    What is due first is done first, prerequisites before what needs them; so all is done in time.

    >>> two = Problem((8, 4), ((1.0,), (1.0,)), (2.0,), (1.0,), (10, 5), (1.0, 0.9), needs=((1, 0),))
    >>> schedule(two, (1, 1))
    {0: (0, (8.0, 0.0)), 1: (1, (2.0, 2.0))}
    """
    before: dict[int, list[int]] = {p: [] for p in range(len(problem.days))}
    for p, need in problem.needs:
        before[p].append(need)
    rank = {p: number for number, p in enumerate(TopologicalSorter(before).static_order())}
    order = sorted((due, rank[p], p) for p, due in enumerate(phases) if due is not None)
    left = list(problem.available)
    placed = {}
    for _, _, p in order:
        by_phase = [0.0] * len(left)
        rest, last = float(problem.days[p]), 0
        for t, days in enumerate(left):
            if rest > DUST and days > DUST:
                by_phase[t] = min(rest, days)
                left[t] -= by_phase[t]
                rest -= by_phase[t]
                last = t
        placed[p] = last, tuple(by_phase)
    return placed


def nothing_to_plan(result: Result, task: Task) -> PlanError:
    """Why the best plan is an empty one."""
    from cxassess.planning_reasons import with_needs

    problem = task.problem
    smallest = {
        p: sum(problem.days[one] for one in with_needs(problem, p))
        for p, effects in enumerate(problem.effects)
        if any(
            effect and gap and weight
            for effect, gap, weight in zip(effects, problem.gaps, problem.weights, strict=True)
        )
    }
    best = min(smallest, key=lambda p: smallest[p], default=None)
    if best is None or smallest[best] <= sum(problem.available):
        return PlanError("nothing_to_gain")
    name = result.model.practices[task.candidates[best]].name
    return PlanError("nothing_fits", days=f"{sum(problem.available):g}", name=name, needed=smallest[best])


def _check_wanted(wanted: list[str], unwanted: list[str], model: Model) -> None:
    """Refuse what needs a practice that the team does not want."""
    for id in wanted:
        needs = list(model.practices[id].prerequisites)
        for need in needs:
            if need in unwanted:
                raise PlanError(
                    "needs_excluded", name=model.practices[id].name, need=model.practices[need].name
                )
            needs += [one for one in model.practices[need].prerequisites if one not in needs]


def _shares_done(result: Result, told: Mapping[str, float], settings: Settings) -> dict[str, float | None]:
    for id, share in told.items():
        if not isinstance(share, Real) or not 0 <= share <= 1:
            raise PlanError("bad_share", record=result.model.practices[id].name, found=str(share)[:60])
    return {
        id: float(told[id]) if id in told else _share(result.practices[id], settings)
        for id in result.model.practices
    }


def _share(tally: Tally, settings: Settings) -> float | None:
    """The mean over respondents; without any answer nothing is done."""
    if not tally.n:
        return None if tally.not_applicable else 0.0
    missing = [value for value in tally.counts if value not in settings.share_done]
    if missing:
        raise PlanError("bad_settings", file="planning/plan.toml", found=f"share_done: {', '.join(missing)}")
    return sum(settings.share_done[value] * count for value, count in tally.counts.items()) / tally.n
