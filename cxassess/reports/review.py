"""The review after some months: targets beside what was measured since, and an agenda filled in with both.

The rule is the same for every target. *Reached*: the whole interval of the value measured since lies at the target
or beyond. *Met, not yet sure*: the value does, its interval reaches back. *Nearer* or *further away*: the interval
lies wholly on that side of the value at the start (of its interval, where that is known). Everything else: *cannot
tell*.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING, Any

from cxassess.language import say
from cxassess.model import load_model
from cxassess.playbook.book import PlaybookError
from cxassess.playbook.targets import Action, Target, deadline, measured_value, measured_values
from cxassess.reports.playbook import amount, listed, rounded, table
from cxassess.reports.result import Overview

if TYPE_CHECKING:
    from cxassess.change import Change

MOST = 3
"""How many gaps an agenda names as the next ones."""


class Standing(StrEnum):
    """Where a target stands."""

    REACHED = "reached"
    MET = "met"
    NEARER = "nearer"
    CANNOT_TELL = "cannot_tell"
    FURTHER = "further"
    NOT_MEASURED = "not_measured"


MOVED = frozenset({Standing.REACHED, Standing.MET, Standing.NEARER})


@dataclass(frozen=True, slots=True)
class Progress:
    """A target beside what was measured since: a value with its interval, or `None`s."""

    target: Target
    value: float | None
    low: float | None
    high: float | None
    standing: Standing
    overdue: bool


@dataclass(frozen=True, slots=True)
class Review:
    """All targets on one day, what was measured, and which targets cannot stand; shown in the current language."""

    day: date
    progress: tuple[Progress, ...]
    since: Mapping[str, Any]
    before: Mapping[str, Any]
    refused: tuple[PlaybookError, ...] = ()

    def rows(self) -> list[tuple[str, ...]]:
        """The table, the header first."""
        head = tuple(
            say(f"review.{key}") for key in ("metric", "from", "to", "by", "since", "range", "standing")
        )
        return [head, *map(_row, self.progress)]

    def __repr__(self) -> str:
        heading, *problems = self._problems()
        lines = [" · ".join(row) for row in self.rows()] if self.progress else [say("review.no_targets")]
        return "\n".join(
            [*lines, *([heading] if problems else []), *(f"- {one}" for one in problems), say("review.rule")]
        )

    def _repr_html_(self) -> str:
        head, *body = self.rows()
        shown = table(head, body) if body else f"<p>{escape(say('review.no_targets'))}</p>"
        heading, *problems = self._problems()
        return f"{shown}{listed(heading, problems)}<p class='cx-small'>{escape(say('review.rule'))}</p>"

    def _problems(self) -> list[str]:
        return [say("review.refused"), *map(str, self.refused)]


def review(
    targets: Iterable[Target],
    since: Mapping[str, Any],
    day: date,
    before: Mapping[str, Any] | None = None,
    refused: Iterable[PlaybookError] = (),
) -> Review:
    """Each target beside what was measured since it was set.

    Args:
        targets: the targets that can stand, as `cxassess.targets` gives them.
        since: values measured since by metric id, numbers or `cxassess.kpi` estimates.
        day: the day of the review; targets due by then and not reached are overdue.
        before: estimates at the start by metric id, so that their intervals count as well.
        refused: why other targets cannot stand, as `cxassess.targets` gives it; it is shown below the table.

    Raises:
        PlaybookError: `since` or `before` names no metric of the model, or something in it is no number.

    >>> from cxassess.playbook.targets import kpi_target
    >>> one = kpi_target("csat", 65, present=50, by="2026-09-30", owner="Kato")
    >>> [str(review([one], {"csat": value}, date(2026, 7, 1)).progress[0].standing) for value in (66, 58, 49)]
    ['reached', 'nearer', 'further']
    """
    before = before or {}
    for measured in (since, before):
        measured_values(measured)
    found = []
    for one in targets:
        start = before.get(one.metric, one.present)
        standing = _standing(one.metric, one.target, start, since.get(one.metric))
        late = one.by <= day and standing not in {Standing.REACHED, Standing.MET}
        found.append(Progress(one, *_bounds(since.get(one.metric)), standing, late))
    return Review(day, tuple(found), since, before, tuple(refused))


def agenda(found: Review, change: "Change | None" = None, plan: Sequence[Action] = ()) -> Overview:
    """The agenda of a review meeting: evaluate, change course, look outside, go on.

    Args:
        found: the targets beside what was measured.
        change: what changed between two rounds of the assessment.
        plan: the actions of the playbook.
    """
    parts = {
        "evaluate": [*_evaluated(found), *(_changed(change) if change else ())] or [say("review.no_targets")],
        "pivot": [*_to_decide(found, plan)] or [say("review.nothing_due")],
        "trends": [*_unexplained(found, plan), say("review.ask_outside")],
        "next": [*(_gaps(change) if change else ()), say("review.again", day=deadline(found.day, 3))],
    }
    headings = {key: say(f"review.head_{key}") for key in parts}
    html = "".join(listed(headings[key], items) for key, items in parts.items())
    text = "\n".join(
        line for key, items in parts.items() for line in (headings[key], *(f"- {item}" for item in items))
    )
    return Overview(f"<section class='cx-agenda'>{html}</section>", text)


def _bounds(value: Any) -> tuple[float | None, float | None, float | None]:
    """A value with its interval; a number without one is its own."""
    number = measured_value(value)
    low, high = getattr(value, "low", None), getattr(value, "high", None)
    return number, number if low is None else low, number if high is None else high


def _standing(metric: str, goal: float, start: Any, since: Any) -> Standing:
    value, low, high = _bounds(since)
    if value is None or low is None or high is None:
        return Standing.NOT_MEASURED
    sign = 1 if load_model().records["metric"][metric].direction == "up" else -1
    worst, best = sorted((sign * low, sign * high))
    if worst >= sign * goal:
        return Standing.REACHED
    if sign * value >= sign * goal:
        return Standing.MET
    _, first, last = _bounds(start)
    if first is None or last is None:
        return Standing.CANNOT_TELL
    first, last = sorted((sign * first, sign * last))
    return Standing.NEARER if worst > last else Standing.FURTHER if best < first else Standing.CANNOT_TELL


def _name(metric: str) -> str:
    return str(load_model().records["metric"][metric].name)


def _row(one: Progress) -> tuple[str, ...]:
    target, span = one.target, "–"
    if one.low is not None and one.high is not None and one.low < one.high:
        span = say("review.span", low=rounded(one.low), high=rounded(one.high))
    standing = say(f"review.{one.standing}")
    return (
        _name(target.metric), amount(target.present, target.unit), amount(target.target, target.unit),
        target.by.isoformat(), amount(one.value, target.unit), span,
        say("review.late", standing=standing) if one.overdue else standing,
    )  # fmt: skip


def _evaluated(found: Review) -> Iterable[str]:
    for standing in Standing:
        names = [_name(one.target.metric) for one in found.progress if one.standing == standing]
        if names:
            yield say(f"review.targets_{standing}", names=say("playbook.join").join(names), n=len(names))


def _changed(change: "Change") -> Iterable[str]:
    from cxassess.change import Verdict
    from cxassess.change_words import name

    for verdict in Verdict:
        names = [name(change, one.id) for one in change.having(verdict)]
        if names:
            yield say(f"review.elements_{verdict}", names=say("playbook.join").join(names), n=len(names))


def _to_decide(found: Review, plan: Sequence[Action]) -> Iterable[str]:
    """The actions whose time has come and whose metric has not moved the right way."""
    for one in plan:
        if not one.by or one.by > found.day or not one.metric or one.goal is None:
            continue
        start = found.before.get(one.metric, one.start)
        standing = _standing(one.metric, one.goal, start, found.since.get(one.metric))
        if standing not in MOVED:
            yield say("review.decide", what=one.what, owner=one.owner, by=one.by, metric=_name(one.metric),
                      standing=say(f"review.{standing}"))  # fmt: skip


def _unexplained(found: Review, plan: Sequence[Action]) -> Iterable[str]:
    """The metrics that went the wrong way, and those that moved without any action that names them."""
    named = {one.metric for one in plan}
    for one in found.progress:
        if one.standing == Standing.FURTHER:
            yield say("review.why_further", metric=_name(one.target.metric))
        elif one.standing in MOVED and one.target.metric not in named:
            yield say("review.why_moved", metric=_name(one.target.metric))


def _gaps(change: "Change") -> Iterable[str]:
    model = change.after.model
    names = [str(model.elements[one.id].name) for one in change.after.gaps[:MOST]]
    if names:
        yield say("review.gaps", names=say("playbook.join").join(names))
