"""From a result to the best plan in three phases: which practices to start, when, and why not the others.

A practice closes the gaps of the elements it moves, each gap only once. What is partly in place takes fewer
days and brings less. Prerequisites come in the same phase or an earlier one, or are in place. What counts
is the index, sooner rather than later; `model/planning/plan.toml` declares by how much. `planning_solver`
has the programme, which is solved to proven optimality.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cxassess.errors import CxError
from cxassess.scoring import Result

if TYPE_CHECKING:
    from cxassess.planning_solver import Problem


class PlanError(CxError):
    """There is no plan to make from what was given."""

    file = "plan"


class Status(StrEnum):
    """Why a practice is in the plan or not."""

    IN = "in"
    IN_PLACE = "in_place"  # done already
    NOT_APPLICABLE = "not_applicable"  # the respondents say that it does not concern them
    EXCLUDED = "excluded"  # the team does not want it
    BLOCKED = "blocked"  # it needs one that the team does not want
    NO_GAP = "no_gap"  # all that it moves is at its target, or has no score
    TOO_BIG = "too_big"  # with what must come first it takes more days than there are
    COVERED = "covered"  # on top of the plan it would bring less than its days are worth
    CROWDED = "crowded"  # the days bring more elsewhere


@dataclass(frozen=True, slots=True)
class Settings:
    """What plans take for granted; `model/planning/plan.toml` says what each figure means."""

    horizons: tuple[int, ...]
    early: tuple[float, ...]
    days_per_month: float
    levels_per_effect: float
    least_per_day: float
    in_place: float
    share_done: Mapping[str, float]
    robust: Mapping[str, Any]
    money: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """What there is to plan: the practices that are not in place, by position in the `problem`.

    `done` is what was told about it; `shares` tell of every practice how much is done, 0 to 1, or `None` where
    it concerns nobody.
    """

    problem: "Problem"
    candidates: tuple[str, ...]
    done: Mapping[str, float]
    shares: Mapping[str, float | None]
    include: tuple[str, ...]
    exclude: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """A practice in the plan.

    It is in place by the end of `phase`, from 1. `days` are person-days, `by_phase` how they fall on the phases.
    `brings` are the levels of the index, weighed by how early they come, that the plan has less without it
    and without what needs it.
    """

    id: str
    phase: int
    days: int
    by_phase: tuple[float, ...]
    brings: float
    needed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a practice is in or out.

    Of one that is out, `brings` is what it would add on top of the plan, `first` the practices not in the plan that
    it needs first, `days` what it takes with these, and `more` by how many days that passes the days left over.
    """

    id: str
    status: Status
    brings: float = 0.0
    days: int = 0
    more: float = 0.0
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The best plan for a result, and for every practice why it is in or out.

    Attributes:
        result: that it was made for.
        settings: what it takes for granted.
        task: what there was to plan.
        available: person-days of each phase.
        actions: in the order in which they can be done.
        reasons: of every practice.
        closed: the levels of each element's gap that are closed by the end of each phase.
        gains: by how much the index has risen by the end of each phase, in levels.
        objective: what the plan is worth: levels of the index, weighed by how early they come, less what the
            days have to bring.
        bound: what no plan can pass; proof that this one is the best.
        stays: how often each practice stays in when the respondents are drawn anew, 0 to 1, once
            `planning_robust.robust` has filled it in.
    """

    result: Result
    settings: Settings
    task: Task
    available: tuple[float, ...]
    actions: tuple[Action, ...]
    reasons: Mapping[str, Reason]
    closed: Mapping[str, tuple[float, ...]]
    gains: tuple[float, ...]
    objective: float
    bound: float
    stays: Mapping[str, float] | None = None

    @property
    def days(self) -> int:
        """Person-days of all actions."""
        return sum(one.days for one in self.actions)

    def why(self, id: str) -> str:
        """Why a practice, told by its id or name, is in or out, and what the opposite would cost.

        For that the plan is made once more.

        Raises:
            PlanError: the model has no such practice.
        """
        from cxassess.planning_reasons import why

        return why(self, id)

    def rows(self) -> list[tuple[str, ...]]:
        """Every practice as a table in the current language, by steps of the roadmap, the header first."""
        from cxassess.planning_words import rows

        return rows(self)

    def __repr__(self) -> str:
        from cxassess.planning_words import summary

        return summary(self)


def plan(
    result: Result,
    capacity: float | Iterable[float] | None = None,
    done: Mapping[str, float] | Iterable[str] = (),
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
) -> Plan:
    """The best plan for a team's result.

    Args:
        result: the team's result; its gaps and importance weights say what is worth doing.
        capacity: person-days a month, or one figure for each phase; one full post if not given.
        done: practices that are in place, or the share of each that is done, 0 to 1; of the others the
            respondents' answers say it.
        include: practices that have to be in.
        exclude: practices that must not be in.

    Practices are told by their ids, or by their names in any language.

    Raises:
        PlanError: no score, nothing to gain, no capacity, nothing that fits, or a practice that the model
            does not have.

    >>> from cxassess.answers import Answers, Response, Team
    >>> from cxassess.scoring import score
    >>> answers = Answers(Team("Us"), (Response("anna", {"element.goals": 2, "element.service": 1}),))
    >>> best = plan(score(answers), capacity=[20, 20, 0])
    >>> [(one.id, one.phase, one.days) for one in best.actions]
    [('customer_vision', 1, 16), ('satisfaction_as_kpi', 2, 7), ('budget_for_satisfaction', 2, 5)]
    """
    from cxassess.planning_reasons import brought, reasons
    from cxassess.planning_solver import closed, solve
    from cxassess.planning_task import available_days, load_settings, nothing_to_plan, schedule, task_of

    settings = load_settings()
    available = available_days(capacity, settings)
    task = task_of(result, available, settings, done, include, exclude)
    ids, problem = task.candidates, task.problem
    found = solve(
        problem,
        include=[p for p, id in enumerate(ids) if id in task.include],
        exclude=[p for p, id in enumerate(ids) if id in task.exclude],
    )
    if found is None:
        names = ", ".join(str(result.model.practices[id].name) for id in task.include)
        raise PlanError("cannot_include", names=names, days=f"{sum(available):g}")
    placed = schedule(problem, found.phases)
    if not placed:
        raise nothing_to_plan(result, task)
    phases = tuple(placed[p][0] if p in placed else None for p in range(len(ids)))
    levels = closed(problem, phases)
    actions = [
        Action(
            id=ids[p],
            phase=phase + 1,
            days=problem.days[p],
            by_phase=by_phase,
            brings=brought(problem, phases, p),
            needed_by=tuple(ids[one] for one, need in problem.needs if need == p and one in placed),
        )
        for p, (phase, by_phase) in placed.items()
    ]
    return Plan(
        result=result,
        settings=settings,
        task=task,
        available=available,
        actions=tuple(actions),
        reasons=MappingProxyType(reasons(result, task, phases)),
        closed=MappingProxyType(dict(zip(result.elements, levels, strict=True))),
        gains=tuple(
            sum(weight * by_phase[t] for weight, by_phase in zip(problem.weights, levels, strict=True))
            for t in range(len(available))
        ),
        objective=found.objective,
        bound=found.bound,
    )
