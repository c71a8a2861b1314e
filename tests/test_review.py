"""The review: targets beside what was measured since, an agenda from both, and parts of a playbook in notebooks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxassess as cx
from cxassess.kpi import Estimate
from cxassess.playbook.targets import Action, Target, kpi_target
from cxassess.reports.playbook import show_part, show_targets
from cxassess.reports.review import MOVED, Standing, agenda, review

DAY = date(2026, 7, 1)
NASTY = '<script>alert("x")</script>'


def target(metric: str = "csat", present: float = 50, goal: float = 65, by: str = "2026-06-30") -> Target:
    return kpi_target(metric, goal, present=present, by=by, owner="Kato")


def measured(low: float, value: float, high: float, metric: str = "csat", unit: str = "%") -> Estimate:
    return Estimate(metric, value, low, high, 100, 0, unit, "wilson")


def standing(one: Target, now: object, before: object = None) -> Standing:
    known = {one.metric: before} if before else None
    return review([one], {one.metric: now} if now is not None else {}, DAY, known).progress[0].standing


def test_each_standing() -> None:
    one = target()
    assert standing(one, measured(66, 70, 74)) == Standing.REACHED
    assert standing(one, measured(59, 65, 70)) == Standing.MET
    assert standing(one, measured(52, 56, 60)) == Standing.NEARER
    assert standing(one, measured(48, 52, 56)) == Standing.CANNOT_TELL
    assert standing(one, measured(40, 44, 48)) == Standing.FURTHER
    assert standing(one, None) == Standing.NOT_MEASURED
    assert standing(one, measured(52, 56, 60), before=measured(44, 50, 56)) == Standing.CANNOT_TELL


def test_less_is_better_where_the_metric_says_so() -> None:
    one = target("first_response_time", 8, 4)
    answers = {3: Standing.REACHED, 6: Standing.NEARER, 9: Standing.FURTHER}
    assert {hours: standing(one, hours) for hours in answers} == answers


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 30), st.floats(0, 30))
def test_a_wider_interval_never_says_more(present: float, value: float, narrow: float, wider: float) -> None:
    goal = max(present, 65)
    sure = {Standing.REACHED, Standing.NEARER, Standing.FURTHER}
    one = target(present=present, goal=goal)
    some = [standing(one, measured(value - half, value, value + half)) for half in (narrow, narrow + wider)]
    assert some[1] not in sure or some[0] in sure


def test_only_what_is_due_and_not_met_is_overdue() -> None:
    late, later = target(), target(by="2026-12-31")
    found = review([late, later], {"csat": 56}, DAY).progress
    assert [one.overdue for one in found] == [True, False]
    assert not review([late], {"csat": 66}, DAY).progress[0].overdue


def action(what: str, by: date | None, metric: str = "csat") -> Action:
    return Action("short_term", 1, 3, what, "Abe", by, metric, 50, 65, "")


def test_agenda_asks_about_due_actions_that_moved_nothing() -> None:
    plan = [
        action("Ring back", date(2026, 6, 1)), action("Write cards", date(2026, 9, 1)),
        action("Train", date(2026, 6, 1), "support_satisfaction"),
    ]  # fmt: skip
    since = {"csat": measured(48, 52, 56), "support_satisfaction": 70}
    text = agenda(review([target()], since, DAY), None, plan).text
    assert "Ring back" in text
    assert "Write cards" not in text
    assert "Train" not in text
    assert "2026-10-01" in text


def test_agenda_names_what_moved_without_an_action() -> None:
    found = review([target()], {"csat": measured(60, 63, 64)}, DAY)
    name = str(cx.load_model().records["metric"]["csat"].name)
    moved = f"{name} moved, and no action names it"
    assert found.progress[0].standing in MOVED
    assert moved in agenda(found).text
    assert moved not in agenda(found, plan=[action("Ring back", None)]).text


def test_what_a_team_wrote_stays_text() -> None:
    line = {"what": NASTY, "owner": NASTY, "by": "2026-06-01", "metric": "csat", "from": 50, "to": 65}
    book = cx.Playbook(NASTY, {"sharing": NASTY, "short_term": (line,)})
    html = [
        show_part(book, "improvement").html, show_part(book, "actions", "short_term").html,
        agenda(review([target()], {"csat": 50}, DAY), plan=cx.actions(book)).html,
        show_targets(cx.Playbook("", {"csat_target": ({"target": 65, "by": "2026-06-30", "owner": NASTY},)})).html,
    ]  # fmt: skip
    assert all("<script" not in one and "&lt;script" in one for one in html)


def test_refused_targets_are_named_with_the_reason() -> None:
    book = cx.Playbook("", {"csat_target": ({"target": 40, "by": "2026-06-30", "owner": "Kato"},)})
    assert "higher is better" in show_targets(book, {"csat": 50}).text


def test_a_review_says_what_is_missing_and_what_was_refused() -> None:
    book = cx.Playbook(
        "", {"csat_target": ({"target": 40, "present": 50, "by": "2026-06-30", "owner": "Kato"},)}
    )
    found, refused = cx.targets(book)
    shown = review(found, {}, DAY, refused=refused)
    for text in (repr(shown), shown._repr_html_()):
        assert "There are no targets yet" in text and "higher is better" in text
    assert "There are no targets yet" in agenda(shown).text


def test_what_was_measured_has_to_be_metrics_and_numbers() -> None:
    for since, message in (({"cast": 50}, "no metric 'cast'"), ({"csat": "50"}, "'50' is not a number")):
        with pytest.raises(cx.PlaybookError, match=message):
            review([target()], since, DAY)
        with pytest.raises(cx.PlaybookError, match=message):
            review([target()], {}, DAY, since)


def test_a_part_that_the_playbook_does_not_have() -> None:
    for wrong in (("nonsense",), ("understanding", "nonsense"), ("understanding", "short_term")):
        with pytest.raises(cx.PlaybookError, match="has no part"):
            show_part(cx.Playbook(), *wrong)
