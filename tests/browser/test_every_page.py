"""Every page of the published site: nothing from outside, nothing broken, nothing that shuts anyone out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from cxassess.model import load_model
from tests.browser.conftest import ROOT, outside

BUILT = ROOT / "_build" / "site"
PAGES = sorted(
    path.relative_to(BUILT).as_posix()
    for language in load_model().languages
    for folder in ("book", "notebooks")
    for path in (BUILT / language / folder).rglob("*.html")
)
MORE = [f"{language}/{name}.html" for language in load_model().languages for name in ("search", "genindex")]
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def test_there_are_pages() -> None:
    assert len(PAGES) > 60


@pytest.mark.parametrize("name", ["index.html", *PAGES, *MORE])
def test_a_page_is_accessible_fits_a_phone_and_asks_no_other_host(
    chromium_page: Page, whole_site: str, requests: list[str], violations: Callable[..., list[str]], name: str
) -> None:
    page, failed = chromium_page, []
    page.on("response", lambda answer: answer.status >= 400 and failed.append(answer.url))
    page.goto(f"{whole_site}/{name}", wait_until="load")
    page.wait_for_load_state("networkidle")
    assert not failed
    assert not outside(requests, whole_site)
    assert not violations(page, tags=WCAG)
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("word", ["promoter", "Krippendorff", "retention"])
def test_search_finds_words(chromium_page: Page, site: str, requests: list[str], word: str) -> None:
    page = chromium_page
    page.goto(f"{site}/search.html?q={word}")
    expect(page.locator(".pagefind-ui__result").first).to_be_visible(timeout=15_000)
    page.locator(".pagefind-ui__result-link").first.click()
    expect(page.locator("body")).to_contain_text(word, ignore_case=True)
    assert not outside(requests, site)
