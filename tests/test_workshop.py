"""The plan of a workshop adds up, for every start and in both languages."""

import re
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxassess as cx
from cxassess.course import CourseError, load_workshops
from cxassess.language import language

FORMATS = list(load_workshops())


@given(st.sampled_from(FORMATS), st.integers(0, 14), st.integers(0, 59))
def test_each_item_begins_when_the_one_before_ends(id: str, hour: int, minute: int) -> None:
    plan = cx.schedule(id, f"{hour}:{minute:02d}")
    assert {slot.begins for slot in plan.slots if slot.day == 1} >= {datetime(1, 1, 1, hour, minute).time()}
    for one, other in pairwise(plan.slots):
        assert one.ends == other.begins if one.day == other.day else other.day == one.day + 1
    total = sum(
        (
            datetime.combine(datetime.min, slot.ends) - datetime.combine(datetime.min, slot.begins)
            for slot in plan.slots
        ),
        timedelta(),
    )
    assert total == timedelta(minutes=sum(item.minutes for item in load_workshops()[id].items))


@pytest.mark.parametrize("id", FORMATS)
def test_it_shows_every_item_in_both_languages(id: str) -> None:
    for code in ("en", "ja"):
        with language(code):
            plan = cx.schedule(id)
            html = plan._repr_html_()
            assert all(f"<td>{slot.name}</td>" in html for slot in plan.slots)
            assert len(re.findall("<table>", html)) == plan.days
            assert str(plan.workshop.goal) in repr(plan)


@pytest.mark.parametrize(
    ("id", "start", "said"),
    [
        ("two_days", "9:00", "There is no workshop 'two_days': use half_day, one_day, four_weeks."),
        ("half_day", "nine", "A workshop cannot begin at 'nine': write a time of day such as 9:00."),
        ("one_day", "20:00", "A workshop that begins at 20:00 would end after midnight: begin earlier."),
    ],
)
def test_what_cannot_be_planned_is_one_sentence(id: str, start: str, said: str) -> None:
    with pytest.raises(CourseError) as caught:
        cx.schedule(id, start)
    assert str(caught.value) == said
