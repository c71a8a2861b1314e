"""The parts of a team's report and of a cohort's, as the notebooks in `templates/` show them.

No part names who rated what: the whole team reads the report.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from html import escape
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from cxassess.answers import read_answers
from cxassess.errors import AnswerError, CxError
from cxassess.language import interface, model_folder, say
from cxassess.model import load_model
from cxassess.reports import bulk_pictures, team_page
from cxassess.reports.playbook import table
from cxassess.reports.result import MOST, Overview, show, show_risks
from cxassess.scoring import Result, Tally, score

if TYPE_CHECKING:  # these need NumPy
    from cxassess.change import Change
    from cxassess.cohort import Cohort
    from cxassess.planning import Plan

WIDTHS = (11, 6, 13, 8, 7)
"""Shares of the columns that are filled in by hand."""
MONTHS = 3
"""Until the team answers again."""


class ReportError(CxError):
    """A report, or all of them, cannot be made."""

    file = "bulk"


def prepare() -> None:
    """Load what every report reads, once for all that are forked from this process."""
    load_model()
    for path in (model_folder() / "interface").glob("*.toml"):
        with suppress(AttributeError, OSError, ValueError):  # `say` tells of it where it matters
            interface(model_folder(), path.stem)


def read_round(folder: str | Path) -> Result:
    """A team's result in one round.

    Raises:
        AnswerError: there is no response in the folder.
        ReportError: there is none that can be used.
    """
    answers = read_answers(folder)
    if not answers.responses:
        raise ReportError(
            "nobody", folder=Path(folder).name, n=len(answers.problems), problem=answers.problems[0]
        )
    return score(answers)


def compared(before: str | Path, after: Result) -> "Change | ReportError | None":
    """What changed since the round in `before`, why that cannot be told, or `None` where there is no such round."""
    from cxassess.change import compare

    if not before:
        return None
    try:
        return compare(read_round(before), after)
    except (AnswerError, ReportError) as problem:
        return ReportError("change_damaged", round=Path(before).name, problem=problem)


def title(result: Result, name: str) -> Overview:
    """Whose report it is, of which round, and how to read it. `name` is for a team that has not named itself."""
    team = result.answers.team
    report = say("bulk.report")
    lead = (
        say("bulk.lead", report=report, round=team.round)
        if team.round
        else say("bulk.lead_alone", report=report)
    )
    keys = ("read_mean", "read_spread", "read_blank", "read_names")
    return _part(
        f"<h1>{escape(team.name or name)}</h1><p class='cx-lead'>{escape(lead)}<br>{escape(_answered(result))}</p>",
        f"<aside><h2>{escape(say('bulk.read_title'))}</h2>",
        _bullets(say(f"bulk.{key}", levels=result.model.levels) for key in keys),
        "</aside>",
        text=f"{team.name or name}\n{lead}",
    )


def glance(result: Result) -> Overview:
    """The result box, the gaps, the conversations to have and the claims."""
    problems = result.answers.problems  # their sentences may name a person and what he or she answered
    overview = show(replace(result, answers=replace(result.answers, problems=())))
    told = _paragraph(say("bulk.problems", n=len(problems))) if problems else ""
    return _part(_heading("glance"), overview.html, told, text=overview.text)


def elements(result: Result) -> Overview:
    """Every element with everybody's rating, then the themes and the index."""
    model = result.model
    rows = "".join(
        f"<section class='cx-theme' style='--cx-tint:{model.colours[theme.colour]}'><h3>{escape(str(theme.name))}</h3>"
        f"{bulk_pictures.scale([str(one) for one in range(1, model.levels + 1)])}"
        + "".join(
            bulk_pictures.element(result, result.elements[one.id]) for one in model.elements_of(theme.id)
        )
        + "</section>"
        for theme in model.themes.values()
    )
    signs = {"respondent": team_page.dot, "mean": team_page.mean, "target": team_page.target}
    return _part(
        _heading("elements"), _paragraph(say("bulk.elements_intro")), bulk_pictures.signs(signs), rows, team_page.themes(result),
        text=say("bulk.elements"),
    )  # fmt: skip


def practices(result: Result) -> Overview:
    """How far the practices have come, the conditions, and the likeliest risks with what helps."""
    model = result.model
    by_function = {
        str(one.name): [result.practices[practice.id] for practice in model.practices_of(one.id)]
        for one in model.functions.values()
    }
    groups = {"practice": by_function} | {
        kind: {str(model.records[kind][id].name): [one] for id, one in tallies.items()}
        for kind, tallies in (("condition", result.conditions), ("cause", result.causes))
    }
    shown = [
        team_page.stacked(model, kind, some) for kind, some in groups.items() if _answers_in(some.values())
    ]
    if any(one.mean for one in result.causes.values()):
        shown.append(f"<h3>{escape(say('bulk.risks'))}</h3>{show_risks(result).html}")
    shown = shown or [_paragraph(say("bulk.practices_none"))]
    return _part(_heading("practices"), *shown, text=say("bulk.practices"))


def change(found: "Change | ReportError | None") -> Overview:
    """What changed since the round before, in words and as a picture."""
    if found is None or isinstance(found, ReportError):
        told = str(found or say("bulk.change_first"))
        return _part(f"<h2>{escape(say('live.change_title'))}</h2>", _paragraph(told), text=told)
    before = found.before.answers.team.round
    told = "".join(_paragraph(line) for line in repr(found).splitlines())
    parts = [found.index] if found.index else []
    parts += [found.elements[id] for id in found.after.model.elements if id in found.elements]
    reach = max([1, *(ceil(max(abs(one.low), abs(one.high)) - 1e-9) for one in parts)])
    ticks = [f"{one:+d}".replace("-", "−") if one else "0" for one in range(-reach, reach + 1)]
    rows = "".join(bulk_pictures.movement(found, one, reach) for one in parts)
    return _part(
        _heading("change", round=before), told, _paragraph(say("bulk.change_intro")) if rows else "",
        f"<div class='cx-moves'>{bulk_pictures.scale(ticks, bulk_pictures.STEP)}{rows}</div>" if rows else "", text=repr(found),
    )  # fmt: skip


def next_steps(result: Result) -> Overview:
    """What to do now: conversations, evidence, the first practices to fill in, and when to answer again."""
    from cxassess.planning import PlanError, plan

    steps = []
    names = say("result.join").join
    model = result.model
    wide = [str(model.elements[one.id].name) for one in result.disagreements[:MOST]]
    if wide:
        steps.append(say("bulk.next_talk", names=names(wide)))
    claimed = dict.fromkeys(str(model.elements[one.element].name) for one in result.claims)
    if claimed:
        steps.append(say("bulk.next_evidence", names=names(list(claimed)[:MOST])))
    try:
        best = plan(result)
        steps.append(say("bulk.next_start"))
        after = _first_phase(best)
    except PlanError as problem:
        after = _paragraph(str(problem))
    days = _days(result)
    steps.append(say("bulk.next_again", day=_later(days[-1])) if days else say("bulk.next_again_undated"))
    items = "".join(f"<li>{escape(one)}</li>" for one in steps)
    return _part(_heading("next"), f"<ol>{items}</ol>", after, text="\n".join(steps))


def cohort_title(cohort: "Cohort") -> Overview:
    """What the cohort's report is about."""
    from cxassess.cohort.words import heading, promise, shared

    lists = zip(("strengths", "gaps"), shared(cohort), strict=True)
    return _part(
        f"<h1>{escape(say('bulk.cohort'))}</h1><p class='cx-lead'>{escape(heading(cohort))}</p>",
        f"<aside>{_paragraph(say('bulk.cohort_read'))}{_paragraph(promise(cohort))}</aside>",
        *(
            f"<h2>{escape(say(f'cohort.{key}'))}</h2>{_bullets(some or [say('cohort.none_shared')])}"
            for key, some in lists
        ),
        text=say("bulk.cohort"),
    )


def headed(key: str, *parts: object) -> Overview:
    """Anything that a notebook can show, under one of the report's headings."""
    html = [one._repr_html_() if hasattr(one, "_repr_html_") else escape(str(one)) for one in parts]
    return _part(_heading(key), *html, text="\n".join(map(str, parts)))


def cohort_questions() -> Overview:
    """What a trainer asks the room."""
    asked = [say(f"bulk.cohort_talk_{key}") for key in ("strength", "gap", "rank")]
    return _part(_heading("cohort_talk"), _bullets(asked), text="\n".join(asked))


def _first_phase(best: "Plan") -> str:
    from cxassess.planning_words import months

    model = best.result.model
    rows = [
        (str(model.practices[one.id].name), str(one.days), _moved(best, one.id), "", "")
        for one in best.actions
        if one.phase == 1
    ]
    head = [say(f"bulk.{key}") for key in ("practice", "days", "moves", "who", "by")]
    rule = say("bulk.next_rule", months=months(best, 1), days=f"{best.settings.days_per_month:g}")
    return (
        f"<div class='cx-fill'>{table(head, rows, WIDTHS)}</div><p class='cx-small'>{escape(rule)}</p>"
        if rows
        else ""
    )


def _moved(best: "Plan", practice: str) -> str:
    """The elements with a gap that a practice moves."""
    model = best.result.model
    short = (id for id in model.practices[practice].elements if best.result.elements[id].gap)
    return say("result.join").join(str(model.elements[id].name) for id in short)


def _answers_in(groups: Iterable[Iterable[Tally]]) -> int:
    return sum(one.n for some in groups for one in some)


def _answered(result: Result) -> str:
    n = len(result.answers.responses)
    people = say("result.one_respondent" if n == 1 else "result.respondents", n=n)
    days = _days(result)
    if not days:
        return say("bulk.answered_undated", people=people)
    if days[0] == days[-1]:
        return say("bulk.answered_one_day", people=people, first=days[0])
    return say("bulk.answered", people=people, first=days[0], last=days[-1])


def _days(result: Result) -> list[date]:
    """The days on which responses were saved, as far as their files tell, the first one first."""
    found = []
    for one in result.answers.responses:
        try:
            found.append(datetime.fromisoformat(one.saved).date())
        except ValueError:
            continue
    return sorted(found)


def _later(day: date) -> date:
    from cxassess.playbook.targets import deadline

    return deadline(day, MONTHS)


def _heading(key: str, **values: object) -> str:
    return f"<h2>{escape(say(f'bulk.{key}', **values))}</h2>"


def _paragraph(text: str) -> str:
    return f"<p dir='auto'>{escape(text)}</p>"


def _bullets(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _part(*html: str, text: str) -> Overview:
    return Overview(f"<section class='cx-report-part'>{''.join(html)}</section>", text)
