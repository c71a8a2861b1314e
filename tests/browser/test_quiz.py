"""A quiz on a page of the book: answered with the keyboard, checked on request, kept, and there without scripts too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from cxassess.course import load_quizzes
from tests.browser.conftest import outside

QUIZ = load_quizzes()["why"]
PAGE = "notebooks/exercises-1-why-and-what.html"


def answer(page: Page, number: int, chosen: int) -> None:
    """Choose with the arrow keys, then ask with Enter."""
    field = page.locator(".cx-quiz .cx-field").nth(number)
    radios = field.get_by_role("radio")
    radios.first.focus()
    page.keyboard.press("Space")
    for _ in range(chosen):
        page.keyboard.press("ArrowDown")
    expect(field.locator(".cx-says")).to_be_hidden()  # what is passed on the way gives nothing away
    page.keyboard.press("Enter")


def test_answered_by_keyboard_a_quiz_says_why_and_keeps_the_answers(
    chromium_page: Page, site: str, requests: list[str], violations: Callable[..., list[str]]
) -> None:
    page = chromium_page
    page.goto(f"{site}/{PAGE}")
    expect(page.locator(".cx-quiz .cx-form")).to_be_visible()
    for number, question in enumerate(QUIZ.questions):
        right = next(i for i, option in enumerate(question.options) if option.right)
        wrong = next(i for i, option in enumerate(question.options) if not option.right)
        says = page.locator(".cx-quiz .cx-field").nth(number).locator(".cx-says")
        answer(page, number, wrong)
        expect(says).to_contain_text(f"Not quite. {question.options[wrong].says}")
        if number:
            answer(page, number, right)
            expect(says).to_contain_text(f"Right. {question.options[right].says}")
    total = len(QUIZ.questions)
    expect(page.locator(".cx-quiz .cx-end")).to_contain_text(f"{total - 1} of {total} right")
    page.reload()
    expect(page.locator(".cx-quiz .cx-end")).to_contain_text(f"{total - 1} of {total} right")
    assert not violations(page, ".cx-quiz")
    assert not outside(requests, site)


def test_without_scripts_the_questions_are_there_with_the_answers_folded_in(
    chromium: Browser, site: str
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{PAGE}")
    first = page.locator(".cx-quiz > ol > li").first
    expect(first).to_contain_text(str(QUIZ.questions[0].ask))
    said = next(option.says for option in QUIZ.questions[0].options if option.right)
    expect(first.get_by_text(str(said))).to_be_hidden()
    first.locator("summary").click()
    expect(first.get_by_text(str(said))).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_quiz_fits_its_page(chromium: Browser, site: str, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"{site}/{PAGE}")
    expect(page.locator(".cx-quiz .cx-form")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
