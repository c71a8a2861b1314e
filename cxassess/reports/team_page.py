"""A result, a plan and a comparison as parts of a page: HTML and SVG alone, made without any plotting library.

The published pages show them while nothing but the standard library is loaded. `report.css` dresses them.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from cxassess.explaining import explain, level, withheld
from cxassess.language import current_language, say
from cxassess.model import Model
from cxassess.reports.playbook import table
from cxassess.reports.result import show, show_risks
from cxassess.scoring import ElementScore, MeanScore, Result, Tally

if TYPE_CHECKING:  # these two need NumPy
    from cxassess.change import Change
    from cxassess.planning import Plan

STYLE = Path(__file__).with_name("report.css")
LEVEL = 100
"""Units of the drawings between two levels."""
MOST_DOTS = 12


def team_page(result: Result) -> str:
    """The whole result: overview, themes, every element with how its score came about, practices, readiness."""
    parts = [show(result).html, themes(result), _elements(result)]
    if any(one.n for one in result.practices.values()):
        functions = result.model.functions.values()
        groups = {
            str(one.name): [result.practices[practice.id] for practice in result.model.practices_of(one.id)]
            for one in functions
        }
        parts.append(stacked(result.model, "practice", groups))
    for kind, tallies in (("condition", result.conditions), ("cause", result.causes)):
        if any(one.n for one in tallies.values()):
            groups = {str(result.model.records[kind][id].name): [one] for id, one in tallies.items()}
            parts.append(stacked(result.model, kind, groups))
    if any(one.mean for one in result.causes.values()):
        parts.append(show_risks(result).html)
    return "".join(parts)


def plan_page(plan: "Plan") -> str:
    """The plan's sentences, and a table of all practices."""
    head, *rows = plan.rows()
    chosen = len(plan.actions)
    order = sorted(rows, key=lambda row: not row[4])
    lines = repr(plan).splitlines()
    summary = "".join(f"<p>{escape(line)}</p>" for line in [*lines[: 1 + len(plan.gains)], lines[-1]])
    title = f"<h4>{escape(say('live.plan_rows', n=chosen, total=len(rows)))}</h4>"
    heading = f"<h3>{escape(say('live.plan_title'))}</h3>"
    return heading + summary + title + table(head, order, (6, 8, 7, 7, 5, 6, 13))


def change_page(change: "Change") -> str:
    """The comparison's sentences, and a table of the index, the themes and the elements."""
    head, *lines = change.rows()
    told = "".join(f"<p>{escape(line)}</p>" for line in repr(change).splitlines() if line.strip())
    heading = f"<h3>{escape(say('live.change_title'))}</h3>"
    return heading + told + table(head, lines, (8, 8, 5, 5, 7, 8, 8, 6, 6))


def standalone(html: str, model: Model) -> str:
    """The part as a page of its own, to keep or to send on."""
    title = escape(say("live.report_title"))
    style = f":root{{{colours(model.colours)}}}{STYLE.read_text('utf-8')}"
    return (
        f'<!doctype html><html lang="{current_language()}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{style}</style><main class='cx-report'><h1>{title}</h1>{html}</main></html>"
    )


def colours(palette: Mapping[str, str]) -> str:
    """The palette as CSS variables."""
    return "".join(f"--cx-given-{name.replace('_', '-')}:{value};" for name, value in palette.items())


def themes(result: Result) -> str:
    """A bar per theme, with its mean and its target."""
    model = result.model
    bars = [
        _bar(str(model.themes[id].name), one, model, model.themes[id].colour)
        for id, one in result.themes.items()
    ]
    bars.append(_bar(say("result.index"), result.index, model, "ink"))
    return f"<h3>{escape(say('charts.themes'))}</h3><dl class='cx-bars'>{''.join(bars)}</dl>"


def _bar(name: str, one: MeanScore, model: Model, colour: str) -> str:
    share = 0.0 if one.score is None else (one.score - 1) / (model.levels - 1)
    value = withheld(one) if one.score is None else level(one.score)
    return (
        f"<div style='--cx-tint:{model.colours[colour]}'><dt>{escape(name)}</dt><dd>{escape(value)}"
        f"<span class='cx-track'><span style='inline-size:{share:.1%}'></span></span></dd></div>"
    )


def _elements(result: Result) -> str:
    model = result.model
    signs = "".join(
        f"<li>{_drawing(sign, 1)}{escape(say(f'charts.{key}'))}</li>"
        for key, sign in (
            ("respondent", dot(LEVEL / 2)),
            ("mean", mean(LEVEL / 2)),
            ("target", target(LEVEL / 2)),
        )
    )
    parts = [
        f"<h3>{escape(say('charts.elements'))}</h3><p>{escape(say('live.unfold'))}</p>",
        f"<ul class='cx-signs'>{signs}</ul>",
    ]
    numbers = (f"<text x='{LEVEL * (i - 0.5):g}' y='26'>{i}</text>" for i in range(1, model.levels + 1))
    scale = f"<div class='cx-scale'>{_drawing(''.join(numbers), model.levels)}</div>"
    for theme in model.themes.values():
        tint = model.colours[theme.colour]
        rows = "".join(_element(result, result.elements[one.id]) for one in model.elements_of(theme.id))
        parts.append(
            f"<section class='cx-theme' style='--cx-tint:{tint}'><h4>{escape(str(theme.name))}</h4>{scale}{rows}</section>"
        )
    return "".join(parts)


def _element(result: Result, one: ElementScore) -> str:
    name = str(result.model.elements[one.id].name)
    score = withheld(one) if one.score is None else level(one.score)
    _, *told = explain(result, one.id).splitlines()
    lines = "".join(f"<li dir='auto'>{escape(line.strip())}</li>" for line in told[:-1])
    return (
        f"<details class='cx-element' data-element='{escape(one.id)}'><summary><span class='cx-name'>{escape(name)}</span>"
        f"<b class='cx-score'>{escape(score)}</b>{dots(one)}</summary><ul>{lines}</ul></details>"
    )


def dots(one: ElementScore) -> str:
    """Every respondent as a dot at the level of the rating, the mean above them, the target across."""
    levels = len(one.counts)
    marks = [f"<path class='cx-axis' d='M0 20H{LEVEL * levels}'/>", target(LEVEL * (one.target - 0.5))]
    for rating, count in enumerate(one.counts):
        middle = LEVEL * (rating + 0.5)
        if count > MOST_DOTS:
            marks.append(f"<circle cx='{middle}' cy='20' r='13'/><text x='{middle}' y='25'>{count}</text>")
            continue
        gap = min(14.0, 80 / max(count, 1))
        marks += [dot(middle + gap * (i - (count - 1) / 2)) for i in range(count)]
    if one.score is not None:
        marks.append(mean(LEVEL * (one.score - 0.5)))
    return _drawing("".join(marks), levels)


def _drawing(marks: str, levels: int) -> str:
    """A drawing that says nothing that the words beside it do not."""
    return f"<svg viewBox='0 0 {LEVEL * levels} 36' aria-hidden='true'>{marks}</svg>"


def dot(x: float) -> str:
    """A respondent."""
    return f"<circle cx='{x:g}' cy='20' r='6'/>"


def mean(x: float) -> str:
    """The mark of a mean."""
    return f"<path class='cx-mean' d='M{x - 7:g} 0h14l-7 11z'/>"


def target(x: float) -> str:
    """The mark of a target."""
    return f"<path class='cx-target' d='M{x:g} 6V34'/>"


def stacked(model: Model, scale: str, groups: Mapping[str, Sequence[Tally]]) -> str:
    """A bar per group: how many answers each choice got."""
    choices = model.scales[scale].choices
    last = len(choices) - 1
    inks = [model.colours[f"level{round(1 + place * 4 / last)}"] for place in range(len(choices))]
    key = "".join(
        f"<li><span class='cx-swatch' style='background:{ink}'></span>{escape(str(choice.name))}</li>"
        for choice, ink in zip(choices, inks, strict=True)
    )
    bars = "".join(
        _shares(name, [sum(one.counts[choice.value] for one in tallies) for choice in choices], inks, last)
        for name, tallies in groups.items()
    )
    title = escape(say(f"charts.{scale}s"))
    return f"<h3>{title}</h3><ul class='cx-signs'>{key}</ul><dl class='cx-bars'>{bars}</dl>"


def _shares(name: str, counts: Iterable[int], inks: Sequence[str], last: int) -> str:
    cells = "".join(
        f"<span class='{'cx-dark' if place >= last - 1 else ''}' style='flex:{count};background:{ink}'>{count}</span>"
        for place, (count, ink) in enumerate(zip(counts, inks, strict=True))
        if count
    )
    return f"<div><dt>{escape(name)}</dt><dd class='cx-stack'>{cells or '–'}</dd></div>"
