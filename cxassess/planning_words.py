"""A plan in words: a summary, the reasons, and the rows of its table."""

from collections.abc import Collection

from cxassess.explaining import level, percent
from cxassess.language import say
from cxassess.planning import Plan, Status

FIRM = 0.8
"""Practices that stay in this often can be started whoever is asked; those that leave this often, left."""


def summary(plan: Plan) -> str:
    """The plan in a few lines of text."""
    practices = plan.result.model.practices
    team = plan.result.answers.team
    named = say("result.join").join(filter(None, [team.name, team.round]))
    lines = [
        say(f"plan.{'heading' if named else 'heading_unnamed'}", named=named, n=len(plan.actions), of=len(practices),
            days=plan.days, available=f"{sum(plan.available):g}")
    ]  # fmt: skip
    for number, gain in enumerate(plan.gains, 1):
        done = [one.id for one in plan.actions if one.phase == number]
        lines.append(say("plan.phase_line", months=months(plan, number), days=days_used(plan, number),
                         names=names(plan, done), gain=f"{gain:.2f}"))  # fmt: skip
    lines.append(say("plan.proof", objective=f"{plan.objective:.4f}", bound=f"{plan.bound:.4f}"))
    lines.append(say("plan.left_out", n=len(practices) - len(plan.actions)))
    if plan.stays:
        firm = [id for id, share in plan.stays.items() if share >= FIRM]
        open_ = [id for id, share in plan.stays.items() if 1 - FIRM <= share < FIRM]
        lines.append(
            say("plan.robust_line", firm=names(plan, firm), open=names(plan, open_), most=percent(FIRM),
                least=percent(1 - FIRM))
        )  # fmt: skip
    elif plan.stays is not None:
        lines.append(say("plan.robust_alone"))
    return "\n".join([*lines, rule(plan)])


def rule(plan: Plan) -> str:
    """The declared figures that every plan is printed with."""
    settings = plan.settings
    early = say("plan.comma").join(percent(one) for one in settings.early)
    return say("plan.rule", levels=f"{settings.levels_per_effect:g}", strongest=f"{3 * settings.levels_per_effect:g}",
               early=early, days=f"{0.01 / settings.least_per_day:g}" if settings.least_per_day else "–")  # fmt: skip


def reason(plan: Plan, id: str) -> str:
    """Why a practice is in or out, in words."""
    found, practice = plan.reasons[id], plan.result.model.practices[id]
    action = next((one for one in plan.actions if one.id == id), None)
    short = [
        one for one in practice.elements if plan.result.elements[one].gap and plan.result.elements[one].weight
    ]
    told = say(
        f"plan.reason_{found.status}",
        name=practice.name,
        brings=f"{found.brings:.3f}",
        days=found.days,
        more=f"{found.more:g}",
        first=names(plan, found.first),
        available=f"{sum(plan.available):g}",
        months=months(plan, action.phase) if action else "",
        elements=say("plan.comma").join(str(plan.result.model.elements[one].name) for one in short) or "–",
    )
    if action and action.needed_by:
        told += say("plan.reason_needed", names=names(plan, action.needed_by))
    if found.first and found.status in {Status.CROWDED, Status.COVERED, Status.TOO_BIG}:
        told += say("plan.reason_first", names=names(plan, found.first))
    return told


def rows(plan: Plan) -> list[tuple[str, ...]]:
    """Every practice by steps of the roadmap, the header first."""
    model = plan.result.model
    keys = [
        "step",
        "practice",
        "function",
        "when",
        "days",
        "brings",
        *(["stays"] if plan.stays else []),
        "why",
    ]
    actions = {one.id: one for one in plan.actions}
    table = [tuple(say(f"plan.{key}") for key in keys)]
    for step, ids in by_step(plan).items():
        for id in ids:
            action, practice = actions.get(id), model.practices[id]
            cells = {
                "step": str(model.records["step"][step].name),
                "practice": str(practice.name),
                "function": str(model.functions[practice.function].name),
                "when": months(plan, action.phase)
                if action
                else say(f"plan.status_{plan.reasons[id].status}"),
                "days": str(action.days) if action else "",
                "brings": f"{action.brings:.3f}" if action else "",
                "stays": percent(plan.stays.get(id, 0.0)) if plan.stays else "",
                "why": reason(plan, id),
            }
            table.append(tuple(cells[key] for key in keys))
    return table


def by_step(plan: Plan) -> dict[str, list[str]]:
    """The practices of each step of the roadmap: first the plan's in its order, then the others."""
    model = plan.result.model
    order = [one.id for one in plan.actions]
    order += [id for id in model.practices if id not in order]
    return {step: [id for id in order if model.practices[id].step == step] for step in model.records["step"]}


def names(plan: Plan, ids: Collection[str]) -> str:
    """The names of practices, in the model's order, or a dash."""
    practices = plan.result.model.practices
    return say("plan.join").join(str(one.name) for id, one in practices.items() if id in ids) or "–"


def months(plan: Plan, phase: int) -> str:
    """The months of a phase, from 1."""
    starts = (0, *plan.settings.horizons)
    return say("plan.months", start=starts[phase - 1] + 1, end=starts[phase])


def days_used(plan: Plan, phase: int) -> str:
    """How many of a phase's days are used."""
    used = sum(one.by_phase[phase - 1] for one in plan.actions)
    return say("plan.days_of", used=f"{used:g}", available=f"{plan.available[phase - 1]:g}")


def index_line(plan: Plan) -> str:
    """From which index to which, where there is one."""
    index = plan.result.index.score
    if index is None:
        return ""
    return say("plan.index_line", before=level(index), after=level(index + plan.gains[-1]))
