"""How far a plan hangs on who answered: respondents are drawn anew, and the plan is made again for each draw."""

from collections import Counter
from dataclasses import replace
from random import Random
from types import MappingProxyType

from cxassess.planning import Plan, PlanError
from cxassess.planning_solver import solve
from cxassess.planning_task import task_of
from cxassess.scoring import Result, score


def robust(plan: Plan, draws: int | None = None, seed: int = 1) -> Plan:
    """The same plan, with how often each practice stays in.

    As many respondents as there are, are drawn from them with replacement (bootstrap); what they rated, the
    practices' progress as well, makes another result and another best plan. What stays in whoever
    is asked is safe to start with; what comes and goes is worth a conversation first.

    Args:
        plan: whose practices are looked at.
        draws: how many times; the declared number if not given.
        seed: of the draws; the same seed gives the same shares.

    Of a single respondent nothing can be drawn anew: `stays` is then empty.
    """
    settings, task = plan.settings, plan.task
    if len(plan.result.answers.responses) < 2:
        return replace(plan, stays=MappingProxyType({}))
    draws = draws or int(settings.robust["draws"])
    random = Random(seed)
    often: Counter[str] = Counter()
    for _ in range(draws):
        try:
            again = task_of(
                _drawn(plan.result, random), plan.available, settings, task.done, task.include, task.exclude
            )
        except PlanError:  # these respondents see nothing to gain, or all of it done
            continue
        found = solve(
            again.problem,
            include=[p for p, id in enumerate(again.candidates) if id in task.include],
            exclude=[p for p, id in enumerate(again.candidates) if id in task.exclude],
        )
        if found:
            often.update(
                id for id, phase in zip(again.candidates, found.phases, strict=True) if phase is not None
            )
    stays = {id: often[id] / draws for id in plan.result.model.practices}
    return replace(plan, stays=MappingProxyType(stays))


def _drawn(result: Result, random: Random) -> Result:
    responses = result.answers.responses
    return score(
        replace(result.answers, responses=tuple(random.choices(responses, k=len(responses)))), result.model
    )
