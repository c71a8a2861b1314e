"""The assessment page of the built site in a real Chromium: what it takes until it can be used."""

import statistics
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.bench.serving import CompressingHandler
from tests.bench.timing import table
from tests.browser.conftest import FLAGS, ROOT, find_chromium, serve

SITE = ROOT / "_build" / "site"
RUNS = 5
TEAM = sorted((ROOT / "datasets" / "teams" / "customer-support" / "2026-07").glob("*.json"))
RESULT = "() => document.querySelector('.cx-report .cx-cards')"
ACCEPTED = """() => new Promise(resolve => {
    const status = document.querySelector('.cx-form [data-state=saved]');
    if (status) return resolve(performance.now());
    new MutationObserver((_, watch) => {
        if (!document.querySelector('.cx-form [data-state=saved]')) return;
        watch.disconnect();
        resolve(performance.now());
    }).observe(document.body, {subtree: true, attributes: true});
    document.querySelectorAll('.cx-form input[type=radio]')[2].click();
})"""


def main() -> None:
    with sync_playwright() as playwright, serve(SITE, CompressingHandler) as address:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        found = [visit(browser, f"{address}/en/book/assess-here.html") for _ in range(RUNS)]
        browser.close()
    names = ("transferred", "accepted", "cold", "warm", "loading", "solving")
    middle = dict(zip(names, map(statistics.median, zip(*found, strict=True)), strict=True))
    zipped = next(SITE.parent.glob("*.zip"))
    rows = [
        ("transferred before it can be answered (gzip)", f"{middle['transferred'] / 1000:.0f} kB", "200 kB"),
        ("first answer accepted after the page was asked for", f"{middle['accepted']:.2f} s", "0.5 s"),
        ("first Python result, nothing in the browser's cache", f"{middle['cold']:.1f} s", "6 s"),
        ("first Python result, on the second visit", f"{middle['warm']:.1f} s", "3 s"),
        ("a plan, with NumPy and SciPy still to be loaded", f"{middle['loading']:.1f} s", ""),
        ("a plan, with both loaded", f"{middle['solving']:.2f} s", "2 s"),
        ("the whole site", f"{size(SITE):.0f} MB", ""),
        ("the zip for use offline", f"{size(zipped):.0f} MB", ""),
    ]
    print(table(["the assessment page", f"median of {RUNS}", "aim"], rows))


def visit(browser: Browser, address: str) -> tuple[float, ...]:
    """One reader's first and second visit: bytes, then seconds."""
    context = browser.new_context()
    transferred, accepted = answered(context, address)
    page = context.new_page()
    page.goto(address)
    warm = first_result(page)
    page.locator(".cx-drop input").first.set_input_files([*map(str, TEAM)])
    button = page.get_by_role("button", name="Make a plan")
    button.wait_for()
    page.locator(".cx-panel .cx-report .cx-cards").nth(1).wait_for()
    loading, solving = (plan(page) for _ in range(2))
    context.close()
    fresh = browser.new_context()
    page = fresh.new_page()
    page.goto(address)
    page.locator("#cx-live[data-ready]").wait_for(state="attached")
    page.locator(".cx-form input[type=radio]").first.check()
    cold = first_result(page)
    fresh.close()
    return transferred, accepted, cold, warm, loading, solving


def answered(context: BrowserContext, address: str) -> tuple[float, float]:
    """What had been transferred when the first answer was accepted, and when that was."""
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    bytes_of: list[float] = []
    network.on("Network.loadingFinished", lambda event: bytes_of.append(event["encodedDataLength"]))
    page.goto(address, wait_until="commit")
    page.locator("#cx-live[data-ready]").wait_for(state="attached")
    transferred = sum(bytes_of)
    accepted = page.evaluate(ACCEPTED) / 1000
    page.wait_for_function(RESULT, timeout=60_000)
    page.close()
    return transferred, accepted


def first_result(page: Page) -> float:
    """Seconds from asking for the page to the first result that Python worked out."""
    page.wait_for_function(RESULT, timeout=60_000, polling=20)
    return float(page.evaluate("performance.now()")) / 1000


def plan(page: Page) -> float:
    """Seconds from the button to the plan."""
    return float(
        page.evaluate(
            """() => new Promise(resolve => {
                const before = performance.now();
                const places = document.querySelectorAll('.cx-report');
                const place = places[places.length - 1];
                place.replaceChildren();
                new MutationObserver((_, watch) => {
                    if (!place.querySelector('table')) return;
                    watch.disconnect();
                    resolve((performance.now() - before) / 1000);
                }).observe(place, {childList: true});
                [...document.querySelectorAll('button')].find(one => one.textContent === 'Make a plan').click();
            })"""
        )
    )


def size(path: Path) -> float:
    paths = path.rglob("*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in paths if one.is_file()) / 1e6


if __name__ == "__main__":
    main()
