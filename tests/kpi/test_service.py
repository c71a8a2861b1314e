"""Business hours against counting minutes, and tickets against lists."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxassess import kpi
from cxassess.kpi.business_hours import BusinessHours
from cxassess.kpi.survival_curve import kaplan_meier
from tests.kpi.conftest import Native

# What is written, and the same as (weekday from Monday, first minute, last minute) with the day it belongs to.
WEEKS = {
    "Mo-Fr 09:00-18:00": [(day, 540, 1080) for day in range(5)],
    "Mo-Fr 09:00-12:00,13:00-18:00; Sa 10:00-15:00": [
        *((day, *span) for day in range(5) for span in ((540, 720), (780, 1080))), (5, 600, 900),
    ],
    "24/7": [(day, 0, 1440) for day in range(7)],
    "Fr-Mo,We 22:00-06:00": [(day, 1320, 1800) for day in (4, 5, 6, 0, 2)],
    "Mo 09:00-12:00,11:00-13:00; Mo 12:30-14:00": [(0, 540, 840)],
}  # fmt: skip
ZONES = ["Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]
HOLIDAYS = [date(2024, 3, 29), date(2024, 4, 1), date(2024, 10, 7)]
MOMENTS = st.one_of(
    st.integers(0, 21 * 1440).map(lambda m: datetime(2024, 3, 20, tzinfo=UTC) + timedelta(minutes=m)),
    st.integers(0, 21 * 1440).map(lambda m: datetime(2024, 10, 1, tzinfo=UTC) + timedelta(minutes=m)),
    st.integers(0, 10 * 1440).map(lambda m: datetime(2024, 11, 1, tzinfo=UTC) + timedelta(minutes=m)),
)


def is_open(moment: datetime, hours: str, zone: str, holidays: list[date]) -> bool:
    local = moment.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    for back in (0, 1):
        day = local.date() - timedelta(back)
        at = minute + 1440 * back
        if day not in holidays and any(
            weekday == day.weekday() and opening <= at < closing for weekday, opening, closing in WEEKS[hours]
        ):
            return True
    return False


def near_a_change(moment: datetime, zone: str) -> bool:
    offsets = {(moment + timedelta(hours=h)).astimezone(ZoneInfo(zone)).utcoffset() for h in (-3, 0, 3)}
    return len(offsets) > 1


@given(
    start=MOMENTS,
    minutes=st.integers(0, 5 * 1440),
    hours=st.sampled_from(list(WEEKS)),
    zone=st.sampled_from(ZONES),
)
def test_business_time_is_the_open_minutes(start: datetime, minutes: int, hours: str, zone: str) -> None:
    calendar = BusinessHours(hours, zone, HOLIDAYS)
    end = start + timedelta(minutes=minutes)
    found = calendar.hours_between([start], [end])[0]
    every = [start + timedelta(minutes=m) for m in range(minutes)]
    counted = sum(is_open(moment, hours, zone, HOLIDAYS) for moment in every)
    # Where a night shift's end is doubled or skipped, the calendar lets it end at the later reading: up to an hour.
    overnight = hours.startswith("Fr-Mo") and any(near_a_change(moment, zone) for moment in every[::60])
    assert found == pytest.approx(counted / 60, abs=1 + 1e-9 if overnight else 1e-9)


@given(moments=st.lists(MOMENTS, min_size=3, max_size=3), zone=st.sampled_from(ZONES))
def test_business_time_adds_up_and_turns_round(moments: list[datetime], zone: str) -> None:
    calendar = BusinessHours("Mo-Fr 09:00-12:00,13:00-18:00; Sa 10:00-15:00", zone, HOLIDAYS)
    a, b, c = sorted(moments)
    ab, bc, ac = calendar.hours_between([a, b, a], [b, c, c])
    assert ab + bc == pytest.approx(ac)
    assert 0 <= ac <= (c - a).total_seconds() / 3600 + 1e-9
    assert calendar.hours_between([c], [a])[0] == pytest.approx(-ac)


def test_the_weekend_is_twenty_minutes_long() -> None:
    office = BusinessHours("Mo-Fr 09:00-18:00", "Asia/Tokyo")
    assert office.hours_between(["2024-04-05 17:50"], ["2024-04-08 09:10"])[0] == pytest.approx(1 / 3)


def test_a_missing_moment_has_no_hours() -> None:
    office = BusinessHours("Mo-Fr 09:00-18:00", "Asia/Tokyo")
    found = office.hours_between(["2024-04-05 09:00", None], ["2024-04-05 10:00", "2024-04-05 10:00"])
    assert found[0] == 1
    assert np.isnan(found[1])
    assert np.isnan(office.hours_between([None], [None])).all()


@pytest.mark.parametrize(
    "hours", ["", "Mo-Fr 9:00-18:00", "Mon 09:00-18:00", "Mo 09:00-25:00", "Mo 09:70-10:00", "Mo"]
)
def test_hours_that_cannot_be_read_are_refused(hours: str) -> None:
    with pytest.raises(kpi.KpiError, match="cannot be read"):
        BusinessHours(hours, "Asia/Tokyo")
    with pytest.raises(kpi.KpiError, match="no time zone"):
        BusinessHours("24/7", "Asia/Nowhere")


# Tickets.

TICKETS = st.lists(
    st.tuples(
        st.integers(0, 500), st.one_of(st.none(), st.integers(0, 400)), st.sampled_from(["mail", "phone"])
    ),
    min_size=1,
    max_size=30,
)
BEGIN = pd.Timestamp("2024-04-01")


def desk(tickets: list[tuple[int, int | None, str]]) -> pd.DataFrame:
    opened = [BEGIN + pd.Timedelta(hours=start) for start, _, _ in tickets]
    done = [
        pd.NaT if wait is None else BEGIN + pd.Timedelta(hours=start + wait) for start, wait, _ in tickets
    ]
    return pd.DataFrame({
        "opened": pd.to_datetime(opened), "resolved": pd.to_datetime(pd.Series(done, dtype="datetime64[ns]")),
        "channel": [channel for _, _, channel in tickets],
    })  # fmt: skip


@given(TICKETS, st.integers(1, 1000))
def test_open_tickets_wait_on(tickets: list[tuple[int, int | None, str]], now: int) -> None:
    frame = desk(tickets)
    as_of = BEGIN + pd.Timedelta(hours=now)
    waits = []
    for start, wait, _ in tickets:
        if start < now:
            end = np.inf if wait is None else start + wait
            waits.append((min(end, now) - start, end < now))
    found = kpi.resolution_time(frame, as_of=as_of)
    assert found.n == len(waits)
    if waits:
        wanted = kaplan_meier(*zip(*waits, strict=True))
        pd.testing.assert_frame_equal(found.frame(), wanted.frame())
        assert found.percentile(0.9).estimate == wanted.percentile(0.9).estimate
    minutes = kpi.resolution_time(frame, as_of=as_of, unit="minute")
    if found.median.estimate is not None:
        assert minutes.median.estimate == pytest.approx(60 * found.median.estimate)


def test_leaving_tickets_lying_does_not_make_a_desk_fast() -> None:
    quick_or_never = desk([(0, 1, "mail")] * 10 + [(0, None, "mail")] * 10)
    found = kpi.first_response_time(quick_or_never, responded="resolved", as_of=BEGIN + pd.Timedelta(days=9))
    assert found.percentile(0.9).reason == "not_reached"
    assert found.mean.reason == "censored"


@given(TICKETS)
def test_business_hours_of_tickets_are_the_calendar_s(tickets: list[tuple[int, int | None, str]]) -> None:
    calendar = BusinessHours("Mo-Fr 09:00-18:00", "Europe/Berlin", [date(2024, 4, 1)])
    frame = desk(tickets)
    as_of = BEGIN + pd.Timedelta(hours=700)
    found = kpi.resolution_time(frame, as_of=as_of, calendar=calendar, unit="hour")
    ends = frame["resolved"].where(frame["resolved"] < as_of, as_of)
    observed = frame["resolved"] < as_of
    wanted = kaplan_meier(calendar.hours_between(frame["opened"], ends), observed)
    pd.testing.assert_frame_equal(found.frame(), wanted.frame())


def test_a_business_day_is_no_unit() -> None:
    calendar = BusinessHours("Mo-Fr 09:00-18:00", "Europe/Berlin")
    with pytest.raises(kpi.KpiError, match="second, minute, hour"):
        kpi.resolution_time(desk([(0, 1, "a")]), as_of="2024-05-01", calendar=calendar, unit="day")


def test_a_response_before_its_question_is_refused() -> None:
    frame = desk([(5, 1, "mail")])
    frame["resolved"] = frame["opened"] - pd.Timedelta(minutes=1)
    with pytest.raises(kpi.KpiError, match="1 row"):
        kpi.resolution_time(frame, as_of="2024-05-01")
    with pytest.raises(kpi.KpiError, match="no date or time"):
        kpi.resolution_time(desk([(5, 1, "mail")]), as_of="soon")


def test_every_engine_times_the_same_tickets(native: Native) -> None:
    random = np.random.default_rng(5)
    waits = [(int(s), None if s % 7 == 0 else int(w), "mail" if w % 2 else "phone")
             for s, w in random.integers(0, 400, (60, 2))]  # fmt: skip
    frame = desk(waits)
    frame.loc[4, "opened"] = pd.NaT
    options: dict[str, Any] = {"as_of": "2024-04-15", "by": "channel", "tz": "America/New_York"}
    calendar = BusinessHours("Mo-Fr 09:00-18:00", "America/New_York")
    for extra in ({}, {"calendar": calendar}):
        wanted = kpi.resolution_time(frame, **options, **extra)
        found = kpi.resolution_time(native(frame), **options, **extra)
        pd.testing.assert_frame_equal(found.summary(), wanted.summary())
        pd.testing.assert_frame_equal(found.frame(), wanted.frame())


# Hand-overs.

EVENTS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["desk", "lab", "sales"]), st.integers(0, 50)),
    min_size=1, max_size=40,
)  # fmt: skip


def log(events: list[tuple[int, str, int]]) -> pd.DataFrame:
    return pd.DataFrame({
        "ticket": [ticket for ticket, _, _ in events], "owner": [owner for _, owner, _ in events],
        "time": [BEGIN + pd.Timedelta(hours=hour) for _, _, hour in events],
    })  # fmt: skip


def moves(events: list[tuple[int, str, int]]) -> list[int]:
    counts = []
    for ticket in sorted({ticket for ticket, _, _ in events}):
        owners = [owner for _, owner in sorted((h, owner) for t, owner, h in events if t == ticket)]
        counts.append(sum(a != b for a, b in pairwise(owners)))
    return counts


@given(EVENTS)
def test_a_hand_over_is_a_change_of_owner(events: list[tuple[int, str, int]]) -> None:
    found, wanted = kpi.hand_overs(log(events)), moves(events)
    assert found.mean.estimate == pytest.approx(np.mean(wanted))
    assert found.none.estimate == pytest.approx(100 * wanted.count(0) / len(wanted))
    assert dict(zip(found.table["hand_overs"], found.table["tickets"], strict=True)) == {
        number: wanted.count(number) for number in sorted(set(wanted))
    }
    if len(wanted) > 1:
        assert found.mean.high == pytest.approx(kpi.hand_overs(log(events[::-1])).mean.high)


def test_every_engine_sees_the_same_hand_overs(native: Native, request: pytest.FixtureRequest) -> None:
    events = [
        (t, o, h) for t, o, h in zip([1, 1, 2, 2, 2, 3, 3], "ababbaa", [1, 2, 1, 5, 3, 1, 2], strict=True)
    ]
    frame = log(events)
    frame.loc[6, "owner"] = None
    if request.node.callspec.params["native"] == "dask":
        with pytest.raises(kpi.KpiError, match="cannot put events in order"):
            kpi.hand_overs(native(frame))
        return
    found = kpi.hand_overs(native(frame), tz="America/New_York")
    assert found.mean == kpi.hand_overs(frame).mean
    assert found.mean.missing == 1
    pd.testing.assert_frame_equal(found.table, kpi.hand_overs(frame).table)
