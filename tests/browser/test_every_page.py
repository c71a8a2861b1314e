"""Every page of the published site: nothing from outside, nothing broken, nothing that shuts anyone out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from book.site.__main__ import index
from tests.browser.conftest import ROOT, outside, serve

BUILT = ROOT / "_build" / "site"
PAGES = sorted(
    path.relative_to(BUILT).as_posix()
    for folder in ("book", "notebooks")
    for path in (BUILT / folder).rglob("*.html")
)
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def test_there_are_pages() -> None:
    assert len(PAGES) > 30


@pytest.mark.parametrize("name", [*PAGES, "search.html", "genindex.html"])
def test_a_page_is_accessible_and_asks_no_other_host(
    chromium_page: Page, site: str, requests: list[str], violations: Callable[..., list[str]], name: str
) -> None:
    page, failed = chromium_page, []
    page.on("response", lambda answer: answer.status >= 400 and failed.append(answer.url))
    page.goto(f"{site}/{name}", wait_until="load")
    page.wait_for_load_state("networkidle")
    assert not failed
    assert not outside(requests, site)
    assert not violations(page, tags=WCAG)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone(chromium_page: Page, site: str, name: str) -> None:
    page = chromium_page
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{site}/{name}", wait_until="load")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("word", ["promoter", "Krippendorff", "retention"])
def test_search_finds_words(chromium_page: Page, site: str, requests: list[str], word: str) -> None:
    page = chromium_page
    page.goto(f"{site}/search.html?q={word}")
    expect(page.locator(".pagefind-ui__result").first).to_be_visible(timeout=15_000)
    page.locator(".pagefind-ui__result-link").first.click()
    expect(page.locator("body")).to_contain_text(word, ignore_case=True)
    assert not outside(requests, site)


@pytest.mark.parametrize("word", ["満足度", "顧客", "解約率", "調査"])
def test_search_finds_words_inside_japanese_compounds(chromium_page: Page, tmp_path: Path, word: str) -> None:
    page = chromium_page
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "page.html").write_text(
        '<!doctype html><html lang="ja"><title>調査</title><article class="bd-article"><h1>結果</h1>'
        "<p>顧客満足度調査では、解約率との関係も確かめました。</p></article></html>",
        "utf-8",
    )
    index(tmp_path)
    (tmp_path / "search.html").write_text(
        '<!doctype html><html lang="ja"><title>検索</title><div id="found"></div>'
        '<script src="pagefind/pagefind-ui.js"></script>'
        '<script>new PagefindUI({element: "#found"}).triggerSearch(new URLSearchParams(location.search).get("q"))</script>',
        "utf-8",
    )
    with serve(tmp_path) as address:
        page.goto(f"{address}/search.html?q={word}")
        expect(page.locator(".pagefind-ui__result")).to_have_count(1, timeout=15_000)
