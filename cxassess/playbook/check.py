"""A look at a playbook: the rules that find what is empty, vague or contradictory."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cxassess.explaining import level
from cxassess.language import Text
from cxassess.model import Model, load_model
from cxassess.model.records import Column, PlaybookField
from cxassess.playbook.book import Playbook, columns_of, options
from cxassess.playbook.findings import Check, Finding, joined
from cxassess.playbook.targets import (
    Action,
    actions,
    as_day,
    deadline,
    number,
    targets,
    wrong_way,
)
from cxassess.playbook.words import brief, nobody, says, vague
from cxassess.scoring import Result

MOST_PRACTICES = 3
"""How many practices a finding suggests."""
LACKS = {
    "target_no_value": "target",
    "target_no_unit": "unit",
    "target_no_money": "unit",
    "target_other_unit": "unit",
    "target_plain_number": "unit",
    "target_no_date": "by",
    "target_no_owner": "owner",
}
"""The column that a refused target is about."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """What stands in a form but could not be taken in: the text, and where.

    `row` is that of the playbook, or 0: in no table, or in a line that holds nothing else.
    """

    field: str
    row: int
    column: str
    text: str


def check_playbook(
    playbook: Playbook,
    result: Result | None = None,
    plan: Iterable[str] | None = None,
    measured: Mapping[str, Any] | None = None,
    model: Model | None = None,
    not_taken: Iterable[NotTaken] = (),
) -> Check:
    """What is empty, vague or contradictory in a playbook.

    Args:
        playbook: the playbook.
        result: the team's result; its gaps have to be taken up by actions.
        plan: ids of the practices that the plan has chosen; they have to be taken up as well.
        measured: today's values of metrics, as for `targets`.
        model: the model; the current one if not given.
        not_taken: what stands in the form without being in the playbook; it is not called missing.

    >>> report = check_playbook(Playbook("Us", {"sharing": "Share more success stories with everyone."}))
    >>> [finding.rule for finding in report if finding.field == "sharing"]
    ['vague', 'no_when']
    """
    model = model or load_model()
    look = _Look(playbook, model)
    refused = [one for one in not_taken if one.field in look.fields]
    found = [
        *(finding for one in look.fields.values() for finding in look.field(one)),
        *look.targets(measured),
        *look.actions(),
        *(look.gaps(result) if result else ()),
        *look.planned(plan or ()),
    ]
    found = [one for one in found if not _is_there(one, refused)] + [look.refused(one) for one in refused]
    order = list(look.fields)
    found.sort(key=lambda one: (order.index(one.field), one.row))
    required = [id for id, one in look.fields.items() if one.required]
    whole = playbook.values.keys() - {one.field for one in refused}
    return Check(tuple(found), len(whole & set(required)), len(required))


def _is_there(one: Finding, refused: Iterable[NotTaken]) -> bool:
    """Whether all that a finding calls missing stands in the form, though it could not be taken in."""
    here = {other.column for other in refused if other.field == one.field and other.row == one.row}
    return bool(here) if one.rule == "empty" else bool(one.data["missing"]) and here >= one.data["missing"]


class _Look:
    """One look at one playbook: what the rules share."""

    def __init__(self, playbook: Playbook, model: Model) -> None:
        self.playbook = playbook
        self.model = model
        self.fields: Mapping[str, PlaybookField] = model.records["field"]
        self.plan = actions(playbook, model)
        self.start = as_day(playbook.text("plan_start"))

    def finding(
        self,
        rule: str,
        field: str,
        row: int = 0,
        column: Column | None = None,
        missing: Iterable[str] = (),
        **data: Any,
    ) -> Finding:
        one = self.fields[field]
        names = {
            "section_name": self.model.records["section"][one.section].name,
            "field_name": one.name,
            "column_name": column.name if column else "",
            "record": one.rows == 1,
            "missing": frozenset(missing),
        }
        return Finding(rule, field, row, column.id if column else "", MappingProxyType(names | data))

    def refused(self, one: NotTaken) -> Finding:
        """What stands in the form without being in the playbook."""
        columns = {column.id: column for column in columns_of(self.fields[one.field], self.model)}
        column = columns.get(one.column)
        return self.finding(
            "refused", one.field, one.row, column, missing=[one.column] if column else [], found=one.text[:60]
        )

    def field(self, one: PlaybookField) -> Iterator[Finding]:
        """What can be said of a field by itself."""
        if one.id not in self.playbook.values:
            if one.required:
                yield self.finding("empty", one.id, example=one.good)
        elif one.kind == "text":
            yield from self.text(one, self.playbook.text(one.id))
        elif one.kind == "table":
            for position, row in enumerate(self.playbook.rows(one.id), 1):
                for column in columns_of(one, self.model):
                    yield from self.cell(one, position, column, row.get(column.id))

    def text(self, one: PlaybookField, text: str) -> Iterator[Finding]:
        if unclear := vague(text):
            yield self.finding("vague", one.id, found=unclear[0], ask=unclear[1])
        elif brief(text):
            yield self.finding("short", one.id, example=one.good)
        for need in one.needs:
            if not says(text, need):
                yield self.finding(f"no_{need}", one.id)

    def cell(self, one: PlaybookField, row: int, column: Column, value: Any) -> Iterator[Finding]:
        # What a target or an action lacks is said once for its line, by `targets` and `actions`.
        committed = (
            one.horizon or one.metric or "target" in {other.id for other in columns_of(one, self.model)}
        )
        if value is None:
            if column.required and (not committed or column.id in {"what", "method"}):
                yield self.finding("cell", one.id, row, column, [column.id])
        elif column.id == "owner" and nobody(str(value)):
            yield self.finding("nobody", one.id, row, column, found=value)
        elif column.kind == "text" and column.long and (unclear := vague(str(value))):
            yield self.finding("vague", one.id, row, column, found=unclear[0], ask=unclear[1])
        elif column.choices == ("winner",) and value != "both":
            offer = self.playbook.rows(one.id)[row - 1].get("offer", "–")
            yield self.finding(
                "one_sided", one.id, row, column, offer=offer, winner=options(column, self.model)[str(value)]
            )

    def targets(self, measured: Mapping[str, Any] | None) -> Iterator[Finding]:
        """Targets that are refused, and targets that no action moves in time."""
        found, refused = targets(self.playbook, measured, self.model)
        for problem in refused:
            lacks = [LACKS[problem.key]] if problem.key in LACKS else []
            yield self.finding(
                "target", problem.data["field"], problem.data["row"], missing=lacks, problem=problem
            )
        for target in found:
            metric = self.model.records["metric"][target.metric].name
            if self.start and target.by < self.start:
                yield self.finding("before_start", target.field, target.row, by=target.by, start=self.start)
            if target.present == target.target:
                yield self.finding("no_change", target.field, target.row, value=number(target.target))
            moving = [one for one in self.plan if target.metric in self._moved(one)]
            first = min((one.by for one in moving if one.by), default=None)
            if not moving:
                practices = self._suggest("metrics", target.metric)
                yield self.finding("unmoved", target.field, target.row, metric=metric, practices=practices)
            elif first and first > target.by:
                yield self.finding(
                    "too_late", target.field, target.row, metric=metric, by=target.by, first=first
                )

    def actions(self) -> Iterator[Finding]:
        """Actions without an owner or a measure, against their metric's direction or beyond their horizon."""
        start = self.start
        for one in self.plan:
            what = one.what or "–"
            here = (one.field, one.row)
            if not one.owner:
                yield self.finding("no_owner", *here, missing=["owner"], what=what)
            if one.by is None:
                by = next(
                    column for column in columns_of(self.fields[one.field], self.model) if column.id == "by"
                )
                yield self.finding("cell", *here, by, ["by"])
            lacks = [id for id, value in (("from", one.start), ("to", one.goal)) if value is None]
            metric = self.model.records["metric"][one.metric].name if one.metric else ""
            if not one.metric:
                yield self.finding("no_metric", *here, missing=["metric", *lacks], what=what)
            elif one.start is None or one.goal is None:
                yield self.finding("no_values", *here, missing=lacks, what=what, metric=metric)
            elif wrong_way(self.model.records["metric"][one.metric].direction, one.start, one.goal):
                values = (number(one.start), number(one.goal))
                yield self.finding(
                    "wrong_way", *here, what=what, metric=metric, start=values[0], goal=values[1]
                )
            if start and one.by and one.by < start:
                yield self.finding("before_start", *here, by=one.by, start=start)
            if start and one.by and one.by > (last := deadline(start, one.horizon)):
                yield self.finding("beyond_horizon", *here, by=one.by, months=one.horizon, last=last)

    def gaps(self, result: Result) -> Iterator[Finding]:
        """Gaps of the result that no action takes up, either itself or by a practice that moves it."""
        taken = {id for one in self.plan for id in self._elements(one)}
        for gap in result.gaps:
            if gap.id not in taken:
                yield self.finding(
                    "gap",
                    self._first_horizon(),
                    element=self.model.elements[gap.id].name,
                    score=level(gap.score),
                    target=level(gap.target),
                    practices=self._suggest("elements", gap.id),
                )

    def planned(self, plan: Iterable[str]) -> Iterator[Finding]:
        """Practices of the plan that no action takes up."""
        taken = {one.takes_up for one in self.plan}
        for id in plan:
            if f"practice.{id}" not in taken and id in self.model.practices:
                yield self.finding(
                    "not_planned", self._first_horizon(), practice=self.model.practices[id].name
                )

    def _first_horizon(self) -> str:
        return min((one for one in self.fields.values() if one.horizon), key=lambda one: one.horizon).id

    def _practice(self, one: Action) -> Any:
        kind, _, id = one.takes_up.partition(".")
        return self.model.practices.get(id) if kind == "practice" else None

    def _moved(self, one: Action) -> set[str]:
        practice = self._practice(one)
        return {one.metric, *(practice.metrics if practice else ())}

    def _elements(self, one: Action) -> set[str]:
        practice = self._practice(one)
        return {one.takes_up.removeprefix("element."), *(practice.elements if practice else ())}

    def _suggest(self, moved: str, id: str) -> Text:
        """The practices that move an element or a metric most, for their effort, in words."""
        strengths = {one.id: getattr(one, moved).get(id, 0) for one in self.model.practices.values()}
        able = [one for one in self.model.practices.values() if strengths[one.id]]
        able.sort(key=lambda one: (-strengths[one.id], one.effort))
        names = [one.name for one in able[:MOST_PRACTICES]]
        return joined(names, self.model) if names else Text(dict.fromkeys(self.model.languages, "–"))
