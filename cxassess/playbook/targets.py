"""What a playbook commits to: KPI targets and actions, each with a metric of the model.

A metric's record gives the unit and the direction. A target that points the wrong way, or has no unit,
date or owner, is refused in one sentence.
"""

import calendar
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from math import isfinite, isnan
from numbers import Real
from types import MappingProxyType
from typing import Any

from cxassess.language import current_language, interface_texts, say
from cxassess.model import Model, load_model
from cxassess.model.records import Metric, PlaybookField
from cxassess.playbook.book import LARGEST_NUMBER, Playbook, PlaybookError, Row, Value

OPEN_UNITS = frozenset({"currency", "score"})
"""Units that the model leaves to the team: which currency, which scale."""
RANGES: Mapping[str, tuple[float, float]] = {"percent": (0, 100), "share": (0, 100), "points": (-100, 100)}
NOT_NEGATIVE = frozenset({"count", "hours", "currency"})
COUNTED = ("percent", "share", "points", "count", "hours", "ratio")
"""Units with a name of their own, in which no amount of money is given."""


@dataclass(frozen=True, slots=True)
class Target:
    """A KPI target: from the present value to the target, in `unit`, by a date, with an owner."""

    metric: str
    present: float | None
    target: float
    unit: str
    by: date
    owner: str
    method: str = ""
    field: str = ""
    row: int = 1


@dataclass(frozen=True, slots=True)
class Action:
    """A line of the action plan as it was written; what is blank is empty or `None`.

    `horizon` is in months; `takes_up` is `practice.<id>`, `element.<id>` or empty.
    """

    field: str
    row: int
    horizon: int
    what: str
    owner: str
    by: date | None
    metric: str
    start: float | None
    goal: float | None
    takes_up: str


def kpi_target(
    metric: str,
    target: float | None,
    *,
    present: float | None = None,
    unit: str = "",
    by: date | str | None = None,
    owner: str = "",
    method: str = "",
    field: str = "",
    row: int = 1,
    model: Model | None = None,
) -> Target:
    """A target for a metric of the model.

    Args:
        metric: the metric's id; its record gives unit and direction.
        target: the value aimed at, in the metric's unit.
        present: the measured value today.
        unit: needed for money (which currency) and scores (which scale); otherwise it may be left out.
        by: the day by which it is to be reached.
        owner: the one person who answers for it.
        method: how it is measured.
        field, row: where in the playbook it stands, for messages.
        model: the model with the metrics; the current one if not given.

    Raises:
        PlaybookError: there is no such metric or it has no good direction, the target is no number, points the
            wrong way or lies outside the unit's range, or unit, date or owner are missing.

    >>> kpi_target("csat", 80, present=72, by="2027-03-31", owner="Kato").unit
    '%'
    >>> kpi_target("first_response_time", 9, present=6, by="2027-03-31", owner="Kato")
    Traceback (most recent call last):
        ...
    cxassess.playbook.book.PlaybookError: First response time: for this metric lower is better, but the target (9) is above today's value (6); turn the target round.
    """
    model = model or load_model()
    record: Metric | None = model.records["metric"].get(metric)

    def refuse(key: str, **data: Any) -> PlaybookError:
        name = record.name if record else metric or "–"
        return PlaybookError(key, metric=name, field=field, row=row, **data)

    if record is None:
        raise refuse("target_no_metric")
    if record.direction not in {"up", "down"}:
        raise refuse("target_no_direction")
    if target is None:
        raise refuse("target_no_value")
    for value in (target, *([] if present is None else [present])):
        if not _is_number(value):
            raise refuse("target_not_number", found=str(value)[:60])
    low, high = RANGES.get(record.unit, (target, target))
    if not low <= target <= high:
        raise refuse("target_range", target=number(target), low=number(low), high=number(high))
    if target < 0 and record.unit in NOT_NEGATIVE:
        raise refuse("target_negative", target=number(target))
    if present is not None and wrong_way(record.direction, present, target):
        raise refuse(f"target_not_{record.direction}", target=number(target), present=number(present))
    if record.unit in OPEN_UNITS and not unit:
        raise refuse("target_no_unit", example=say(f"playbook.unit_{record.unit}_example"))
    if not unit_fits(record.unit, unit):
        if record.unit in OPEN_UNITS:
            raise refuse("target_no_money", found=unit, example=say("playbook.unit_currency_example"))
        if record.unit == "count":
            raise refuse("target_plain_number", found=unit)
        raise refuse("target_other_unit", found=unit, unit=unit_name(record.unit))
    day = as_day(by)
    if day is None:
        raise refuse("target_bad_date", found=str(by)[:60]) if by else refuse("target_no_date")
    if not owner.strip():
        raise refuse("target_no_owner")
    named = unit if record.unit in OPEN_UNITS else unit_name(record.unit)
    return Target(metric, present, target, named, day, owner.strip(), method, field, row)


def targets(
    playbook: Playbook, measured: Mapping[str, Any] | None = None, model: Model | None = None
) -> tuple[tuple[Target, ...], tuple[PlaybookError, ...]]:
    """The targets in a playbook that can stand, and why the others are refused.

    Args:
        playbook: the playbook.
        measured: today's values by metric id, numbers or `cxassess.kpi` estimates; they count where the
            playbook names no present value.
        model: the model with the metrics; the current one if not given.

    Raises:
        PlaybookError: `measured` names no metric of the model, or something in it is no number.
    """
    model = model or load_model()
    known = measured_values(measured or {}, model)
    found: list[Target] = []
    refused: list[PlaybookError] = []
    for id, number_, metric, row in target_rows(playbook, model):
        present, unit = known.get(metric, (None, ""))
        try:
            found.append(
                kpi_target(
                    metric,
                    row.get("target"),  # type: ignore[arg-type]
                    present=row.get("present", present),  # type: ignore[arg-type]
                    unit=str(row.get("unit", unit)),
                    by=str(row.get("by", "")),
                    owner=str(row.get("owner", "")),
                    method=str(row.get("method", "")),
                    field=id,
                    row=number_,
                    model=model,
                )
            )
        except PlaybookError as problem:
            refused.append(problem)
    return tuple(found), tuple(refused)


def target_rows(playbook: Playbook, model: Model | None = None) -> Iterable[tuple[str, int, str, Row]]:
    """Every written KPI target as field, row number, metric and row."""
    model = model or load_model()
    for id, one in model.records["field"].items():
        for position, row in enumerate(playbook.rows(id), 1):
            if "target" in row or one.metric:
                yield id, position, one.metric or str(row.get("metric", "")), row


def with_measured(playbook: Playbook, measured: Mapping[str, Any], model: Model | None = None) -> Playbook:
    """The playbook with measured values as the present values of its targets; other entries stay.

    A field of the model that is about a measured metric and still blank gets a line with that value.

    Raises:
        PlaybookError: `measured` names no metric of the model, or something in it is no number.

    >>> with_measured(Playbook("Support"), {"nps": 12.4}).rows("nps_target")[0]["present"]
    12.4
    """
    model = model or load_model()
    known = measured_values(measured, model)
    values: dict[str, Value] = dict(playbook.values)
    for id, one in model.records["field"].items():
        rows = playbook.rows(id) or (({},) if one.metric in known and one.metric else ())
        new = [_measured_row(one, row, known, model) for row in rows]
        if any(new):
            values[id] = tuple(new)
    return replace(playbook, values=MappingProxyType(values))


def _measured_row(
    one: PlaybookField, row: Row, known: Mapping[str, tuple[float | None, str]], model: Model
) -> Row:
    metric = one.metric or str(row.get("metric", ""))
    present, unit = known.get(metric, (None, ""))
    if present is None or one.horizon:
        return row
    own = {"unit": unit} if unit and model.records["metric"][metric].unit in OPEN_UNITS else {}
    return MappingProxyType({**own, **row, "present": present})


def actions(playbook: Playbook, model: Model | None = None) -> tuple[Action, ...]:
    """The lines of the action plan, nearest horizon first."""
    fields = (model or load_model()).records["field"].values()
    return tuple(
        Action(
            field=one.id,
            row=position,
            horizon=one.horizon,
            what=str(row.get("what", "")),
            owner=str(row.get("owner", "")),
            by=as_day(row.get("by")),
            metric=str(row.get("metric", "")),
            start=row.get("from"),  # type: ignore[arg-type]
            goal=row.get("to"),  # type: ignore[arg-type]
            takes_up=str(row.get("takes_up", "")),
        )
        for one in sorted((one for one in fields if one.horizon), key=lambda one: one.horizon)
        for position, row in enumerate(playbook.rows(one.id), 1)
    )


def wrong_way(direction: str, start: float, goal: float) -> bool:
    """Whether going from `start` to `goal` makes the metric worse."""
    return (goal < start) if direction == "up" else (goal > start)


def deadline(start: date, months: int) -> date:
    """The day that is so many months later.

    >>> deadline(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def measured_values(
    measured: Mapping[str, Any], model: Model | None = None
) -> dict[str, tuple[float | None, str]]:
    """The number and unit of each measured value: a number, or an estimate of `cxassess.kpi`.

    Raises:
        PlaybookError: there is no such metric, or the value is no number.

    >>> measured_values({"csat": 71.44, "nps": float("nan")})
    {'csat': (71.44, ''), 'nps': (None, '')}
    """
    metrics = (model or load_model()).records["metric"]
    found = {}
    for id, value in measured.items():
        if id not in metrics:
            near = get_close_matches(str(id), metrics, n=1) or list(metrics)
            raise PlaybookError("measured_unknown", record=str(id)[:60], known=", ".join(near))
        given = getattr(value, "estimate", value)
        if not (given is None or _is_number(given) or (isinstance(given, float) and isnan(given))):
            raise PlaybookError("measured_not_number", metric=metrics[id].name, found=str(given)[:60])
        found[id] = measured_value(value), getattr(value, "unit", "")
    return found


def measured_value(value: Any) -> float | None:
    """The number of a measured value, `None` where there is none."""
    found = getattr(value, "estimate", value)
    return None if found is None or isnan(found) else round(float(found), 2)


def unit_name(unit: str) -> str:
    """What the model calls a unit, in the current language.

    >>> unit_name("percent"), unit_name("hours")
    ('%', 'hours')
    """
    return interface_texts("playbook").get(f"unit_{unit}", unit).split("|")[0]


def unit_fits(unit: str, written: str) -> bool:
    """Whether what a team wrote as the unit can be that of a metric counted in `unit`; a blank can.

    >>> unit_fits("percent", "％"), unit_fits("percent", "yen"), unit_fits("currency", "千円"), unit_fits("currency", "%")
    (True, False, True, False)
    """
    text = _folded(written)
    if unit not in OPEN_UNITS:
        return not text or text in spellings(unit)
    return unit != "currency" or text not in no_money()


def no_money() -> tuple[str, ...]:
    """What people write for units other than money."""
    return tuple(dict.fromkeys(word for unit in COUNTED for word in spellings(unit)))


def number(value: float) -> str:
    """A number as people write it.

    >>> number(21000.0), number(12.4)
    ('21,000', '12.4')
    """
    if abs(value) > LARGEST_NUMBER:
        return f"{value:g}"
    return f"{int(value) if value == int(value) else value:,}"


def spellings(unit: str) -> tuple[str, ...]:
    """What people write for a unit, in every language: in lower case, with half-width signs."""
    texts = [
        interface_texts("playbook", language).get(f"unit_{unit}", unit) for language in (*_languages(), None)
    ]
    return tuple(dict.fromkeys(_folded(word) for text in texts for word in [*text.split("|"), unit]))


def _languages() -> tuple[str, ...]:
    return (*load_model().languages, current_language())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def as_day(value: Any) -> date | None:
    """The day of a date or an ISO text; none where it is neither."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
