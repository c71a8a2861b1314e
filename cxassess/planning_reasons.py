"""Why a practice is in a plan or out of it, and what it would take to change that."""

from cxassess.language import say
from cxassess.planning import Plan, Reason, Status, Task
from cxassess.planning_solver import Problem, solve, value
from cxassess.planning_task import known
from cxassess.scoring import Result

Phases = tuple[int | None, ...]


def reasons(result: Result, task: Task, phases: Phases) -> dict[str, Reason]:
    """Of every practice of the model why it is in or out of the choice `phases`."""
    place = {id: p for p, id in enumerate(task.candidates)}
    found = {}
    for id in result.model.practices:
        if id in place:
            found[id] = _reason(task, phases, place[id])
        else:
            done = task.shares[id] is not None
            found[id] = Reason(id, Status.IN_PLACE if done else Status.NOT_APPLICABLE)
    return found


def brought(problem: Problem, phases: Phases, p: int) -> float:
    """What the choice is worth less without one of its practices and all that needs it."""
    gone = {p}
    while more := {one for one, need in problem.needs if need in gone} - gone:
        gone |= more
    return value(problem, phases) - value(
        problem, tuple(None if q in gone else t for q, t in enumerate(phases))
    )


def with_needs(problem: Problem, p: int) -> set[int]:
    """A practice and all that has to be in place before it.

    >>> sorted(with_needs(Problem((1, 1, 1), (), (), (), (), (), needs=((2, 1), (1, 0))), 2))
    [0, 1, 2]
    """
    found = {p}
    while more := {need for one, need in problem.needs if one in found} - found:
        found |= more
    return found


def why(plan: Plan, id: str) -> str:
    """Why a practice, told by its id or name, is in or out, in words, with what the opposite would cost.

    Raises:
        PlanError: the model has no such practice.
    """
    from cxassess.planning_words import names, reason

    id = known(id, plan.result.model)
    told = [reason(plan, id)]
    status, task = plan.reasons[id].status, plan.task
    if status not in {Status.IN, Status.CROWDED, Status.COVERED} or (
        status == Status.IN and id in task.include
    ):
        return told[0]
    wanted, unwanted = list(task.include), list(task.exclude)
    (unwanted if status == Status.IN else wanted).append(id)
    place = {one: p for p, one in enumerate(task.candidates)}
    other = solve(
        task.problem,
        include=[place[one] for one in wanted if one in place],
        exclude=[place[one] for one in unwanted if one in place],
    )
    if other is None:
        return say("charts.sentences").join([*told, say("plan.why_impossible")])
    now = {one.id for one in plan.actions}
    then = {one for one, p in place.items() if other.phases[p] is not None}
    key = "plan.why_without" if status == Status.IN else "plan.why_with"
    told.append(say(key, loss=f"{max(plan.objective - other.objective, 0):.3f}"))
    for word, others in (("left", now - then - {id}), ("joined", then - now - {id})):
        if others:
            told.append(say(f"plan.why_{word}", names=names(plan, others)))
    return say("charts.sentences").join(told)


def _reason(task: Task, phases: Phases, p: int) -> Reason:
    problem, id = task.problem, task.candidates[p]
    if phases[p] is not None:
        return Reason(id, Status.IN, brought(problem, phases, p), problem.days[p])
    needed = with_needs(problem, p)
    missing = sorted(one for one in needed if phases[one] is None)
    first = tuple(task.candidates[one] for one in missing if one != p)
    days = sum(problem.days[one] for one in missing)
    used = sum(size for size, t in zip(problem.days, phases, strict=True) if t is not None)
    more = max(0.0, days - (sum(problem.available) - used))
    last = len(problem.available) - 1
    on_top = tuple(last if one in missing else t for one, t in enumerate(phases))
    brings = value(problem, on_top) - value(problem, phases)
    if id in task.exclude:
        status = Status.EXCLUDED
    elif any(task.candidates[one] in task.exclude for one in needed):
        status = Status.BLOCKED
        first = tuple(task.candidates[one] for one in sorted(needed) if task.candidates[one] in task.exclude)
    elif not any(
        effect * gap * weight
        for effect, gap, weight in zip(problem.effects[p], problem.gaps, problem.weights, strict=True)
    ):
        status = Status.NO_GAP
    elif sum(problem.days[one] for one in needed) > sum(problem.available):
        status = Status.TOO_BIG
    elif brings <= 0 or not more:
        status = Status.COVERED
    else:
        status = Status.CROWDED
    return Reason(id, status, brings, days, more, first)
