"""Two languages on one site: the reader gets hers, changes it where she stands, and finds what she looks for."""

import json
import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT

QUERIES = tomllib.loads(Path(__file__).with_name("search_ja.toml").read_text("utf-8"))
FIRST = 3
MISSES = 2
FOUND = """async (queries) => {
    const {RANKING, words} = await import("./_static/search.js");
    const pagefind = await import("./pagefind/pagefind.js");
    await pagefind.options({ranking: RANKING});
    const found = {};
    for (const query of queries) {
        const {results} = await pagefind.search(words(query, "ja"));
        const first = await Promise.all(results.slice(0, 3).map((result) => result.data()));
        found[query] = first.map((one) => one.url);
    }
    return found;
}"""


@pytest.mark.parametrize(("locale", "language"), [("ja-JP", "ja"), ("en-GB", "en"), ("fr-FR", "en")])
def test_the_first_page_leads_to_the_browsers_language(
    chromium: Browser, whole_site: str, locale: str, language: str
) -> None:
    page = chromium.new_page(locale=locale)
    page.goto(f"{whole_site}/index.html")
    page.wait_for_url(f"{whole_site}/{language}/**")
    page.close()


def test_the_first_page_asks_where_no_script_runs(chromium: Browser, whole_site: str) -> None:
    page = chromium.new_page(java_script_enabled=False)
    page.goto(f"{whole_site}/index.html")
    page.get_by_role("link", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    page.close()


@pytest.mark.parametrize("name", ["book/know/rules-of-thumb.html", "notebooks/14-economics.html"])
def test_the_switch_keeps_the_page_and_the_place_on_it_and_is_remembered(
    chromium_page: Page, whole_site: str, name: str
) -> None:
    page = chromium_page
    page.goto(f"{whole_site}/en/{name}")
    places = page.locator("section[id] > h2").evaluate_all("all => all.map(one => one.parentElement.id)")
    page.goto(f"{whole_site}/en/{name}#{places[2]}")
    page.get_by_role("link", name="日本語").click()
    page.wait_for_url(f"{whole_site}/ja/{name}#{places[2]}")
    assert page.locator(f"section[id='{places[2]}'] > h2").bounding_box()["y"] < 200
    page.goto(f"{whole_site}/index.html")
    page.wait_for_url(f"{whole_site}/ja/**")
    page.get_by_role("link", name="English").first.click()
    page.goto(f"{whole_site}/index.html")
    page.wait_for_url(f"{whole_site}/en/**")


def test_the_switch_is_on_the_live_pages_too(chromium_page: Page, whole_site: str) -> None:
    page = chromium_page
    page.goto(f"{whole_site}/ja/book/assess-here.html")
    expect(page.locator(".cx-form nav")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="English").click()
    page.wait_for_url(f"{whole_site}/en/book/assess-here.html")


def test_japanese_queries_find_their_page_among_the_first_three(chromium_page: Page, whole_site: str) -> None:
    page = chromium_page
    page.goto(f"{whole_site}/ja/search.html")
    found = page.evaluate(FOUND, list(QUERIES))
    missed = {
        query: found[query]
        for query, pages in QUERIES.items()
        if not any(url.endswith(f"/{one}.html") for url in found[query][:FIRST] for one in pages)
    }
    print(json.dumps(missed, ensure_ascii=False, indent=1))
    assert len(QUERIES) >= 50
    assert len(missed) <= MISSES


def test_an_abbreviation_inside_an_english_word_is_none(chromium_page: Page, whole_site: str) -> None:
    page = chromium_page
    page.goto(f"{whole_site}/ja/search.html")
    typed = ["customer success", "cache", "nps", "LTV分析"]
    made = page.evaluate(
        """async (typed) => {
        const {words} = await import("./_static/search.js");
        return typed.map((one) => words(one, "ja"));
    }""",
        typed,
    )
    assert made == ["customer success", "cache", "ネットプロモータースコア", "顧客生涯価値分析"]


def test_a_search_stays_in_its_language(chromium_page: Page, whole_site: str) -> None:
    page = chromium_page
    page.goto(f"{whole_site}/ja/search.html?q=推奨者")
    expect(page.locator(".pagefind-ui__result-link").first).to_be_visible(timeout=15_000)
    links = page.locator(".pagefind-ui__result-link").evaluate_all("all => all.map(one => one.href)")
    assert links
    assert all(f"{whole_site}/ja/" in link for link in links)
    expect(page.locator(".pagefind-ui__message")).to_contain_text("件")


def test_the_site_has_no_page_outside_its_languages() -> None:
    found = sorted(path.name for path in (ROOT / "_build" / "site").iterdir())
    assert found == ["en", "index.html", "ja", "lite", "pyodide"]
