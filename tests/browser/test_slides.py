"""Slides in a real browser: turned over by keys, buttons and touch, and readable on a screen, a phone and paper."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cxassess.exchange.slides_deck import load_decks, pages
from cxassess.exchange.slides_html import to_html
from cxassess.language import language
from tests.browser.conftest import ROOT

UNREADABLE = """([wide, smallest]) => {
  const slide = document.querySelector("main > section:not([hidden])"), found = [];
  const foot = slide.querySelector(".foot").getBoundingClientRect(), body = slide.querySelector(".body");
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) {
    const text = node.textContent.trim(), range = document.createRange();
    if (!text) continue;
    range.selectNodeContents(node);
    // What a browser reports is before the drawing's own zoom.
    const zoom = node.parentElement.currentCSSZoom ?? 1;
    if (parseFloat(getComputedStyle(node.parentElement).fontSize) * zoom < smallest) found.push(`small: ${text}`);
    for (const line of range.getClientRects()) {
      if (line.left < -1 || line.right > innerWidth + 1) found.push(`outside: ${text}`);
      if (line.bottom > foot.top + 1) found.push(`over the foot: ${text}`);
    }
  }
  for (const bar of slide.querySelectorAll(".bars span")) {
    const range = document.createRange();
    range.selectNode(bar.nextSibling);
    if (range.getBoundingClientRect().left < bar.getBoundingClientRect().right) found.push(`not beside its bar: ${bar.nextSibling.textContent}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the window");
  if (wide && document.documentElement.scrollHeight > innerHeight + 1) found.push("higher than the window");
  return found;
}"""


@pytest.fixture
def deck_file(tmp_path: Path) -> Callable[..., str]:
    """Writes a deck and gives its address."""

    def write(id: str = "why", code: str = "en") -> str:
        path = tmp_path / f"{id}.{code}.html"
        with language(code):
            path.write_text(to_html(load_decks()[id], ROOT), "utf-8")
        return path.as_uri()

    return write


def shown(page: Page) -> str:
    """The heading of the slide that is on the screen."""
    return page.locator("main > section:visible :is(h1, h2)").inner_text()


def test_keys_buttons_and_the_address_turn_the_slides_over(
    chromium_page: Page, deck_file: Callable[..., str]
) -> None:
    page, made = chromium_page, pages(load_decks()["why"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = deck_file()
    page.goto(address)
    total = len(made)
    for key, place in (
        ("ArrowRight", 2), ("PageDown", 3), (" ", 4), ("ArrowLeft", 3), ("PageUp", 2), ("End", total), ("ArrowRight", total), ("Home", 1), ("ArrowLeft", 1),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(page).to_have_url(f"{address}#{place}")
        assert shown(page) == made[place - 1].title
        expect(page.locator("#told")).to_contain_text(f"Slide {place} of {total}: {made[place - 1].title}")
    page.get_by_role("button", name="Next slide").click()
    assert shown(page) == made[1].title
    page.evaluate("location.hash = '5'")
    expect(page.locator("main > section:visible h2")).to_have_text(made[4].title)
    page.reload()
    assert shown(page) == made[4].title
    assert asked == [address] or {one.partition("#")[0] for one in asked} == {address}


def test_n_shows_the_notes_of_the_slide_and_f_fills_the_screen(
    chromium_page: Page, deck_file: Callable[..., str]
) -> None:
    page = chromium_page
    page.goto(deck_file() + "#3")
    notes = page.locator("main > section:visible .notes")
    expect(notes).to_have_count(1)
    expect(notes).to_be_hidden()
    page.keyboard.press("n")
    expect(notes).to_be_visible()
    expect(notes).to_contain_text(str(load_decks()["why"].slides[1].notes))
    page.keyboard.press("N")
    expect(notes).to_be_hidden()
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === document.documentElement")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")


def test_a_swipe_turns_over(chromium: Browser, deck_file: Callable[..., str]) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(deck_file())
    swipe = """([from, to]) => {
      const at = x => [new Touch({identifier: 1, target: document.body, clientX: x, clientY: 300})];
      document.body.dispatchEvent(new TouchEvent("touchstart", {touches: at(from), changedTouches: at(from), bubbles: true}));
      document.body.dispatchEvent(new TouchEvent("touchend", {touches: [], changedTouches: at(to), bubbles: true}));
    }"""
    for ends, place in (([300, 100], 2), ([300, 100], 3), ([100, 300], 2), ([100, 120], 2)):
        page.evaluate(swipe, ends)
        assert page.evaluate("location.hash") == f"#{place}"
    context.close()


@pytest.mark.parametrize("code", ["en", "ja"])
@pytest.mark.parametrize(
    ("width", "height", "smallest"), [(1280, 720, 20), (740, 360, 8), (360, 740, 13), (320, 640, 13)]
)
def test_every_word_can_be_read(
    chromium_page: Page, deck_file: Callable[..., str], code: str, width: int, height: int, smallest: int
) -> None:
    page = chromium_page
    page.set_viewport_size({"width": width, "height": height})
    for id in load_decks():
        page.goto(deck_file(id, code))
        for place in range(page.locator("main > section").count()):
            if place:
                page.keyboard.press("ArrowRight")
            assert not page.evaluate(UNREADABLE, [width > 640, smallest]), f"{id} {place + 1}"


@pytest.mark.parametrize("code", ["en", "ja"])
def test_axe_finds_nothing(
    chromium_page: Page, deck_file: Callable[..., str], violations: Callable[..., list[str]], code: str
) -> None:
    page = chromium_page
    for id in ("why", "customers"):
        page.goto(deck_file(id, code))
        for place in range(page.locator("main > section").count()):
            if place:
                page.keyboard.press("ArrowRight")
            found = violations(page, tags=("wcag2a", "wcag2aa", "wcag21a", "wcag21aa"))
            assert not found, f"{id} {place + 1}"


def test_it_prints_one_slide_a_page_from_wherever_one_is(
    chromium_page: Page, deck_file: Callable[..., str], tmp_path: Path
) -> None:
    page = chromium_page
    page.goto(deck_file("customers") + "#4")
    path = tmp_path / "customers.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    # Without a program to read it, a page of a PDF is still an object of that type.
    told = re.findall(rb"/Type\s*/Page\b(?!s)", path.read_bytes())
    assert len(told) == len(pages(load_decks()["customers"]))
    assert shown(page) == pages(load_decks()["customers"])[3].title


def test_without_scripts_every_slide_is_there(chromium: Browser, deck_file: Callable[..., str]) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(deck_file())
    assert page.locator("main > section:visible").count() == len(pages(load_decks()["why"]))
    context.close()
