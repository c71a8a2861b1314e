"""The course as the book lays it out: every page says how long it takes, and the short way fits into two weeks."""

import json
import re
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
import course as book_course

COURSE = book_course.parts(ROOT / "_toc.yml", ROOT)
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NUMBERS = {
    "five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "twenty-five": 25, "thirty": 30, "forty": 40,
    "forty-five": 45, "fifty": 50, "seventy-five": 75, "ninety": 90, "one": 1, "two": 2,
}  # fmt: skip


def test_every_page_and_lesson_has_its_place_in_the_contents() -> None:
    listed = {f"{page.target[1:]}" for pages in COURSE.values() for page in pages} | {"book/welcome.md"}
    pages = {
        path.relative_to(ROOT).as_posix() for path in ROOT.glob("book/**/*.md") if "figures" not in path.parts
    }
    assert pages | {f"notebooks/{path.name}" for path in LESSONS} == listed


def test_the_short_way_takes_four_to_six_hours_within_two_weeks() -> None:
    short = [page for pages in COURSE.values() for page in pages if page.day is not None]
    assert 240 <= sum(page.minutes for page in short) <= 360
    assert max(page.day for page in short) <= 14


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_what_a_lesson_promises_is_the_time_that_is_added_up(path: Path) -> None:
    lesson = json.loads(path.read_text("utf-8"))
    promise = next(
        "".join(cell["source"]) for cell in lesson["cells"] if "cx-promise" in "".join(cell["source"])
    )
    number, unit = re.search(r"\*\*(\S+) (hours?|minutes)", promise).groups()
    assert NUMBERS[number.lower()] * (60 if unit.startswith("hour") else 1) == lesson["metadata"]["minutes"]


def test_times_are_told_as_people_tell_them() -> None:
    assert [book_course.duration(minutes) for minutes in (1, 89, 90, 100, 360)] == [
        "1 min",
        "89 min",
        "1.5 h",
        "1.5 h",
        "6 h",
    ]


def test_a_quiz_is_readable_without_scripts_and_cannot_break_out_of_its_page() -> None:
    html = book_course.quiz_html("why")
    assert html.count("<details>") == len(re.findall(r"<li><p>", html))
    assert "</script>" not in html.split('<script type="application/json">')[1].rsplit("</script>", 1)[0]
