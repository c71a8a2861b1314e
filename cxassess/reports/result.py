"""The result at a glance: index, stage, how far to trust them, and what to talk about first."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from cxassess.explaining import agreement_line, heading, level, percent, rules_line, summary, withheld
from cxassess.language import say
from cxassess.scoring import ElementScore, Result

if TYPE_CHECKING:
    from cxassess.cohort import Cohort

MOST_RISKS = 3
MOST = 5
"""How many gaps, conversations and claims the overview names; all of them are in the charts and `explain`."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A page fragment that notebooks show; its `repr` is the same in plain text."""

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def show(result: "Result | Cohort") -> Overview:
    """The overview of a result or of a cohort, for a notebook or a page."""
    if not isinstance(result, Result):
        return Overview(result._repr_html_(), repr(result))
    model = result.model
    parts = [
        _headline(result),
        _paragraph(say("overview.next", text=result.stage.next)) if result.stage else "",
        _list("overview.gaps", (_gap(result, one) for one in result.gaps[:MOST])),
        _list("overview.conversations", (_conversation(result, one) for one in result.disagreements[:MOST])),
        _list("overview.claims", _claims(result)),
        _list("overview.problems", (str(problem) for problem in result.answers.problems)),
        f'<p class="cx-small">{escape(rules_line(result))}</p>',
    ]
    colours = {name: model.colours[name] for name in ("ink", "muted", "line", "accent", "wash")}
    return Overview(
        f"<style>{_css(colours)}</style><section class='cx-overview'>{''.join(parts)}</section>",
        summary(result),
    )


def show_risks(result: Result) -> Overview:
    """The likeliest causes of failure, by the team's own answers, and what helps against each."""
    model = result.model
    found = [one for one in result.causes.values() if one.mean]
    likeliest = sorted(found, key=lambda one: -(one.mean or 0))[:MOST_RISKS]
    parts, lines = [], []
    for cause in (model.causes[one.id] for one in likeliest):
        helps = "".join(f"<li>{escape(str(text))}</li>" for text in cause.countermeasures)
        parts.append(f"<h4>{escape(str(cause.name))}</h4>{_paragraph(str(cause.story))}<ul>{helps}</ul>")
        lines += [str(cause.name), *(f"  - {text}" for text in cause.countermeasures)]
    if not likeliest:
        lines = [say("charts.no_answers")]
        parts = [_paragraph(lines[0])]
    return Overview(f"<section class='cx-overview'>{''.join(parts)}</section>", "\n".join(lines))


def _headline(result: Result) -> str:
    index = result.index
    stage = result.stage
    value = level(index.score) if index.score is not None else say("result.withheld_score")
    cards = [
        (
            say("result.index"),
            value,
            say("overview.of", levels=result.model.levels) if index.score else withheld(index),
        ),
        (say("overview.stage"), str(stage.name) if stage else "–", str(stage.summary) if stage else ""),
        (say("charts.coverage"), percent(result.coverage), say("overview.coverage")),
    ]
    return (
        f"<h3>{escape(heading(result))}</h3><div class='cx-cards'>"
        + "".join(
            f"<div><p class='cx-label'>{escape(label)}</p><p class='cx-value'>{escape(value)}</p>"
            f"<p class='cx-small'>{escape(note)}</p></div>"
            for label, value, note in cards
        )
        + f"</div>{_paragraph(agreement_line(result))}"
    )


def _gap(result: Result, one: ElementScore) -> str:
    name = result.model.elements[one.id].name
    return say(
        "overview.gap", name=name, score=level(one.score), target=level(one.target), weight=f"{one.weight:g}"
    )


def _conversation(result: Result, one: ElementScore) -> str:
    element = result.model.elements[one.id]
    return say(
        "overview.conversation",
        name=element.name,
        lowest=one.lowest,
        highest=one.highest,
        low=element.levels[(one.lowest or 1) - 1],
        high=element.levels[(one.highest or 1) - 1],
    )


def _claims(result: Result) -> list[str]:
    """Claims by element, not by person: the overview is for the whole team's eyes."""
    counts: dict[str, int] = {}
    for claim in result.claims:
        counts[claim.element] = counts.get(claim.element, 0) + 1
    most = sorted(counts.items(), key=lambda one: -one[1])[:MOST]
    return [say("overview.claim", name=result.model.elements[id].name, n=n) for id, n in most]


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _list(heading: str, items: Iterable[str]) -> str:
    entries = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<h4>{escape(say(heading))}</h4><ul>{entries}</ul>" if entries else ""


def _css(colours: dict[str, str]) -> str:
    """Themed by the host: JupyterLab and the book define their own ink and paper."""
    ink = f"var(--jp-ui-font-color1, var(--pst-color-text-base, {colours['ink']}))"
    quiet = f"var(--jp-ui-font-color2, var(--pst-color-text-muted, {colours['muted']}))"
    line = f"var(--jp-border-color2, var(--pst-color-border, {colours['line']}))"
    return (
        f".cx-overview{{color:{ink};max-width:46rem;line-height:1.6}}"
        ".cx-cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem;margin:.75rem 0}"
        f".cx-cards>div{{border:1px solid {line};border-top:4px solid {colours['accent']};border-radius:8px;padding:.75rem 1rem}}"
        f".cx-overview .cx-label{{margin:0;color:{quiet};font-size:.85rem}}"
        ".cx-overview .cx-value{margin:.1rem 0;font-size:1.6rem;font-weight:700;line-height:1.25}"
        f".cx-overview .cx-small{{margin:.2rem 0;color:{quiet};font-size:.85rem;line-height:1.5}}"
        ".cx-overview h3,.cx-overview h4{margin:1.1rem 0 .3rem}.cx-overview ul{margin:.2rem 0;padding-left:1.3rem}"
        ".cx-overview :is(h3,h4):lang(ja){word-break:auto-phrase}"
    )
