"""The chart of a plan on the steps of the roadmap."""

from unicodedata import east_asian_width

from matplotlib.axes import Axes

from cxassess.charts.chart import ROW, Chart, canvas, colour, finished, style
from cxassess.explaining import percent
from cxassess.language import say
from cxassess.planning import Action, Plan
from cxassess.planning_words import by_step, index_line, names

WIDEST = 46
"""Half-width letters of a name that leave room for the days beside it; the table has the whole name."""


def plan(found: Plan) -> Chart:
    """Every action over the months in which it is worked on, by steps of the roadmap."""
    title = say("plan.chart")
    actions = {one.id: one for one in found.actions}
    steps = {step: [actions[id] for id in ids if id in actions] for step, ids in by_step(found).items()}
    end = found.settings.horizons[-1]
    with style(found.result.model):
        figure, axes = canvas(ROW * sum(1 + len(some) for some in steps.values()), title)
        y = 0.0
        for step, some in steps.items():
            _step(axes, found, step, not some, y, end)
            y += 1
            for action in some:
                _row(axes, found, action, y, end)
                y += 1
        axes.set_xlim(-0.02 * end, 1.02 * end)
        axes.set_ylim(y, -0.1)
        axes.set_xticks([0, *found.settings.horizons])
        axes.tick_params(length=0)
        axes.set_xlabel(say("plan.by_month"))
        return finished(figure, title, _alt(found, steps), found.rows())


def _step(axes: Axes, found: Plan, step: str, empty: bool, y: float, end: float) -> None:
    name = str(found.result.model.records["step"][step].name)
    ink = colour("muted" if empty else "accent")
    axes.text(0, y + 0.3, name, weight="bold", color=ink, va="center", fontsize=11)
    if empty:
        axes.text(end, y + 0.3, say("plan.no_action"), color=ink, va="center", ha="right", fontsize=8.5)
    axes.plot([0, end], [y + 0.58] * 2, color=ink, linewidth=1)


def _row(axes: Axes, found: Plan, action: Action, y: float, end: float) -> None:
    starts = (0, *found.settings.horizons)
    axes.text(0, y + 0.22, _shortened(str(found.result.model.practices[action.id].name)), va="center")
    note = say("plan.chart_days", days=action.days)
    if found.stays:
        note = say("plan.chart_stays", days=note, share=percent(found.stays[action.id]))
    axes.text(end, y + 0.22, note, va="center", ha="right", fontsize=8.5, color=colour("muted"))
    for month in found.settings.horizons:
        axes.plot([month] * 2, [y + 0.46, y + 0.86], color=colour("line"), linewidth=1, zorder=1)
    axes.plot([0, end], [y + 0.66] * 2, color=colour("line"), linewidth=1, zorder=1)
    for number, days in enumerate(action.by_phase):
        if days:
            left, right = starts[number], starts[number + 1]
            axes.barh(y + 0.66, right - left, left=left, height=0.26, color=colour("level4"), zorder=2)
    done = starts[action.phase]
    axes.scatter(
        [done],
        [y + 0.66],
        marker="D",
        s=52,
        color=colour("level5"),
        edgecolor="white",
        zorder=3,
        clip_on=False,
    )


def _shortened(name: str) -> str:
    """The name, cut off where it would run into what stands beside it.

    >>> _shortened("Feedback"), _shortened("長" * 40) == "長" * 22 + "…"
    ('Feedback', True)
    """
    width = 0
    for place, letter in enumerate(name):
        width += 2 if east_asian_width(letter) in "WF" else 1
        if width > WIDEST:
            return name[: place - 1].rstrip() + "…"
    return name


def _alt(found: Plan, steps: dict[str, list[Action]]) -> str:
    parts = [
        say("plan.chart_alt", n=len(found.actions), steps=sum(bool(some) for some in steps.values()), of=len(steps),
            days=found.days, available=f"{sum(found.available):g}")
    ]  # fmt: skip
    for number, end in enumerate(found.settings.horizons, 1):
        done = [one.id for one in found.actions if one.phase == number]
        if done:
            parts.append(say("plan.chart_phase", end=end, names=names(found, done)))
    return say("charts.sentences").join([*parts, index_line(found)] if index_line(found) else parts)
