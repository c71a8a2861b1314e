"""One customer over all functions: the timeline says what the events say, and the log of hand-overs fits the tickets."""

import warnings
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxassess import kpi
from cxassess.charts.history import SIGNS, history
from cxassess.language import language
from tests.conftest import ROOT

SHOP = ROOT / "datasets" / "shop"
EVENT = st.tuples(
    st.datetimes(pd.Timestamp("2023-04-01").to_pydatetime(), pd.Timestamp("2025-03-31").to_pydatetime()),
    st.sampled_from(["sales", "support", "<b>finance</b>", "物流"]),
    st.sampled_from(list(SIGNS)),
    st.text(max_size=20),
)


def table(name: str, *times: str) -> pd.DataFrame:
    return pd.read_csv(SHOP / f"{name}.csv", parse_dates=list(times))


@pytest.fixture(scope="module")
def log() -> Any:
    """Every hand-over with its ticket."""
    handed = table("hand_overs", "passed", "taken_on").astype({"told_again": "boolean"})
    return handed.merge(table("tickets", "opened", "first_response", "resolved"), on="ticket_id")


@settings(max_examples=6, deadline=None)
@given(st.lists(EVENT, min_size=1, max_size=12), st.sampled_from(["en", "ja"]))
def test_a_history_has_every_event_in_order_and_counts_right(
    events: list[tuple[Any, ...]], spoken: str
) -> None:
    frame = pd.DataFrame(events, columns=["time", "function", "kind", "what"])
    with language(spoken), warnings.catch_warnings():
        warnings.simplefilter("error")
        chart = history(frame, "C1")
    days = [row[0] for row in chart.rows[1:]]
    assert days == sorted(f"{time:%Y-%m-%d}" for time in frame["time"])
    assert sorted(row[3] for row in chart.rows[1:]) == sorted(frame["what"])
    for number in (len(events), frame["function"].nunique(), frame["function"].value_counts().max()):
        assert str(number) in chart.alt
    assert "<b>" not in chart._repr_html_()


def test_a_history_of_nobody_is_refused_in_one_sentence() -> None:
    nothing = pd.DataFrame({"time": pd.to_datetime([]), "function": [], "kind": [], "what": []})
    with pytest.raises(kpi.KpiError, match="no rows"):
        history(nothing, "C1")


def test_every_ticket_that_was_passed_on_is_in_the_log_with_its_first_receiver(log: Any) -> None:
    first = log.sort_values("passed", kind="stable").drop_duplicates("ticket_id").set_index("ticket_id")
    tickets = table("tickets").set_index("ticket_id")["handed_over_to"].dropna()
    assert set(first.index) == set(tickets.index)
    assert (first["to_function"] == tickets.reindex(first.index)).all()
    assert (first["from_function"] == "support").all()


def test_a_ticket_goes_from_hand_to_hand_between_its_first_response_and_its_end(log: Any) -> None:
    assert (log["passed"] >= log["first_response"]).all()
    assert (log["taken_on"].dropna() >= log.loc[log["taken_on"].notna(), "passed"]).all()
    assert not (log["taken_on"] > log["resolved"]).any()
    assert (log["from_function"] != log["to_function"]).all()
    ordered = log.sort_values(["ticket_id", "passed"], kind="stable")
    before = ordered.groupby("ticket_id")["to_function"].shift()
    assert (before.isna() | (before == ordered["from_function"])).all()
    assert set(log.loc[log["taken_on"].isna(), "ticket_id"]) == set(
        log.loc[log["resolved"].isna(), "ticket_id"]
    )


def test_a_history_that_is_read_spares_the_second_telling_and_only_there(log: Any) -> None:
    noted = log.dropna(subset=["told_again"]).query("to_function != 'support'")
    sees = noted["to_function"].isin(["logistics", "quality"])
    later = noted["passed"] >= "2024-07-01"
    rate = noted["told_again"].astype(float).groupby([sees, later]).mean()
    assert rate[True, True] < rate[True, False] - 0.2
    assert abs(rate[False, True] - rate[False, False]) < 0.1


def test_telling_it_again_is_hard(log: Any) -> None:
    surveys = pd.read_csv(SHOP / "surveys.csv", na_values=["99"]).dropna(subset=["ticket_id", "ces"])
    again = log.dropna(subset=["told_again"]).groupby("ticket_id")["told_again"].any().rename("again")
    ces = surveys.merge(again.reset_index(), on="ticket_id").groupby("again")["ces"].mean()
    assert ces[True] < ces[False] - 0.4


def test_the_log_gives_as_many_hand_overs_as_it_has_rows(log: Any) -> None:
    answered = table("tickets", "first_response").dropna(subset=["first_response"])
    first = answered.assign(owner="support", time=answered["first_response"])
    later = log.assign(owner=log["to_function"], time=log["passed"])
    found = kpi.hand_overs(pd.concat([first, later]), ticket="ticket_id", tz="Asia/Tokyo")
    assert found.table["hand_overs"] @ found.table["tickets"] == len(log)
