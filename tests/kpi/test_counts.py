"""Counts: different ids, in the period, once each."""

from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxassess import kpi
from cxassess.kpi import intervals

START, END = datetime(2024, 1, 1), datetime(2024, 2, 1)
TIMES = st.one_of(
    st.none(), st.sampled_from([START, END, START - timedelta(seconds=1), END - timedelta(seconds=1)])
)
IDS = st.one_of(st.none(), st.integers(1, 6))
ROWS = st.lists(st.tuples(IDS, TIMES, st.sampled_from([True, False, None])), min_size=1, max_size=40)


@settings(max_examples=40)
@given(ROWS)
def test_a_count_is_of_different_ids_in_the_period(
    rows: list[tuple[int | None, datetime | None, bool | None]],
) -> None:
    frame = pd.DataFrame(
        {
            "id": pd.Series([row[0] for row in rows], dtype="Int64"),
            "at": pd.Series([row[1] for row in rows], dtype="datetime64[ns]"),
            "voc": pd.Series([row[2] for row in rows], dtype=object),
        }
    )
    inside = {i for i, at, _ in rows if i is not None and at is not None and START <= at < END}
    found = kpi.count(frame, "id", time="at", start=START, end=END)
    assert (found.estimate, found.n) == (len(inside), len(inside))
    assert found.missing == sum(i is None or at is None for i, at, _ in rows)
    assert (found.low, found.high) == pytest.approx(intervals.poisson(len(inside)))

    told = {i for i, at, voc in rows if i is not None and at is not None and voc and START <= at < END}
    proposals = kpi.improvement_proposals(frame, from_feedback="voc", time="at", start=START, end=END)
    assert proposals.estimate == len(told)
    assert proposals.missing == sum(None in row for row in rows)

    known = {i for i, at, voc in rows if None not in (i, at, voc) and START <= at < END}
    share = kpi.data_driven_decisions(
        frame, data_driven="voc", measure="share", time="at", start=START, end=END
    )
    assert share.estimate == (pytest.approx(100 * len(told) / len(known)) if known else None)
    assert (share.n, share.missing) == (len(known), proposals.missing)
    assert kpi.data_driven_decisions(
        frame, data_driven="voc", time="at", start=START, end=END
    ).estimate == len(told)


def test_without_an_id_every_row_counts() -> None:
    assert kpi.interviews(pd.DataFrame({"topic": ["a", "a", None]}), id=None).estimate == 3


def test_nothing_in_the_period_is_a_count_of_zero() -> None:
    log = pd.DataFrame({"id": [1], "at": [START]})
    found = kpi.tickets(log, time="at", start="2025-01-01")
    assert (found.estimate, found.low) == (0, 0)
    assert found.high == pytest.approx(3.689, abs=1e-3)


def test_a_period_ends_before_its_end_in_the_zone_asked_for() -> None:
    log = pd.DataFrame(
        {"id": [1, 2], "at": pd.to_datetime(["2024-01-31 14:59", "2024-01-31 15:00"], utc=True)}
    )
    january = {"time": "at", "start": "2024-01-01", "end": "2024-02-01"}
    assert kpi.leads(log, **january, tz="Asia/Tokyo").estimate == 1
    assert kpi.leads(log, **january, tz="UTC").estimate == 2


@pytest.mark.parametrize(
    "name",
    [
        "interviews",
        "personas",
        "journey_maps",
        "user_tests",
        "feature_releases",
        "tickets",
        "leads",
        "analyses",
    ],
)
def test_named_counts_count_and_say_their_name(name: str) -> None:
    log = pd.DataFrame({"id": ["a", "b", "b", None], "team": ["x", "x", "y", "y"]})
    found = getattr(kpi, name)(log)
    assert (found.metric, found.estimate, found.missing, found.unit) == (name, 2, 1, "count")
    assert getattr(kpi, name)(log, by="team")["estimate"].tolist() == [2, 1]


def test_personalised_campaigns_are_those_marked_so() -> None:
    waves = pd.DataFrame({"id": ["s", "s", "t", "u"], "personal": [True, True, False, None]})
    found = kpi.personalised_campaigns(waves, personalised="personal")
    assert (found.estimate, found.missing) == (1, 1)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("PQR"), st.sampled_from(["IT", "HR", "sales", None])), min_size=1))
def test_projects_of_several_departments(rows: list[tuple[str, str | None]]) -> None:
    frame = pd.DataFrame(rows, columns=["project", "department"])
    departments: dict[str, set[str]] = {}
    for project, department in rows:
        departments.setdefault(project, set()).update({department} - {None})
    for least in (2, 3):
        found = kpi.cross_functional_projects(frame, at_least=least)
        assert found.estimate == sum(len(found) >= least for found in departments.values())
