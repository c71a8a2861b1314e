"""A person does the assessment's lesson in a real JupyterLab, by keyboard alone, in both languages."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, expect

import cxassess as cx
from book.translation import lessons
from cxassess.forms.specs import assessment_spec
from cxassess.language import language as in_language
from cxassess.language import lessons_folder, say
from tests.conftest import ROOT

LESSON = "02-assess-the-elements.ipynb"
FOCUSED_GROUP = """() => {
  const radio = document.activeElement;
  return radio?.type === "radio" && radio.closest("fieldset") ? radio.name : "";
}"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The lessons and their data, as somebody has them who has just begun."""
    folder = tmp_path / "course お試し"
    for part in ("notebooks", "datasets/teams"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    lessons.write("ja", folder)
    return folder


def run_all(page: Page) -> None:
    """Shift+Enter through the lesson's cells, down to the form."""
    for _ in range(len(nbformat.read(ROOT / "notebooks" / LESSON, 4).cells)):
        page.keyboard.press("Shift+Enter")
    expect(page.locator(".cx-form nav button").first).to_be_visible(timeout=60_000)


def next_question(page: Page, before: str) -> str:
    """Press Tab until another question has the focus; its group's name."""
    for _ in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate(FOCUSED_GROUP)
        if name and name != before:
            return name
    raise AssertionError("Tab comes to no further question")


def press_next(page: Page, title: str) -> None:
    """Tab to the button that leads to the next theme, and press it."""
    for _ in range(40):
        if title in page.evaluate("() => document.activeElement?.closest('button')?.innerText ?? ''"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to the button for {title}")


def wanted(position: int) -> int:
    """The level that the question at this position gets: every level comes up."""
    return position % 5 + 1


def answer_all(page: Page, spec: dict[str, Any]) -> None:
    page.locator(".cx-form nav button").first.focus()
    position = 0
    for number, section in enumerate(spec["sections"]):
        name = ""
        for _ in section["fields"]:
            name = next_question(page, name)
            page.keyboard.press("Space")
            for _ in range(wanted(position) - 1):
                page.keyboard.press("ArrowDown")
            position += 1
        if number + 1 < len(spec["sections"]):
            press_next(page, spec["sections"][number + 1]["title"])


def expect_all(page: Page, spec: dict[str, Any]) -> None:
    """Every answer is on the screen."""
    position = 0
    for section in spec["sections"]:
        page.locator(".cx-form nav").get_by_role(
            "button", name=re.compile(re.escape(section["title"]))
        ).click()
        for field in section["fields"]:
            label = field["options"][wanted(position) - 1]["label"]
            expect(page.get_by_role("radio", name=label)).to_be_checked()
            position += 1


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_lesson_is_filled_in_by_keyboard_reloaded_and_nothing_is_lost(
    chromium_page: Page, jupyterlab: Callable[..., Any], course: Path, language: str
) -> None:
    page, lab = chromium_page, jupyterlab(course, {})
    with in_language(language):
        spec = assessment_spec()
    lesson = f"{lessons_folder(language)}/{LESSON}"
    lab.open(page, lesson)
    run_all(page)
    answer_all(page, spec)
    with in_language(language):
        expect(page.locator(".cx-progress")).to_have_text(say("form.progress", answered=15, total=15))
    expect(page.locator(".cx-status")).to_have_text(re.compile(r"(Saved \d|保存しました)"))

    answers = cx.read_answers(course / "my-team" / "first-round")
    ids = [f"element.{id}" for id in cx.load_model().elements]
    assert answers.problems == ()
    assert answers.responses[0].language == language
    assert [answers.responses[0].values[id] for id in ids] == [wanted(position) for position in range(15)]

    page.reload()
    lab.open(page, lesson)
    run_all(page)
    assert page.locator(".cx-form").first.get_attribute("lang") == language
    expect_all(page, spec)
