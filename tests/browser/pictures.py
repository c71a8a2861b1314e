"""Takes the book's pictures of the form and a result anew, in every language: `make pictures`."""

import itertools
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from book.translation import lessons
from book.translation.catalogs import ENGLISH
from cxassess.language import language as in_language
from cxassess.language import lessons_folder, say
from tests.browser.conftest import FLAGS, Lab, _jupyterlab, find_chromium
from tests.conftest import ROOT

IMAGES = ROOT / "book" / "images"


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        # A JupyterLab for each picture: it would open the last one's tabs again.
        for take, language in itertools.product((_form, _result), ("en", "ja")):
            with tempfile.TemporaryDirectory() as name:
                folder, home = Path(name) / "course", Path(name) / "home"
                home.mkdir()
                for part in ("notebooks", "datasets/teams"):
                    shutil.copytree(ROOT / part, folder / part)
                if language != ENGLISH:
                    lessons.write(language, folder)
                with _jupyterlab(folder, {}, home, language) as lab:
                    take(browser, lab, language)


def _opened(browser: Browser, lab: Lab, lesson: str, language: str) -> Page:
    page = browser.new_page(viewport={"width": 1000, "height": 1000})
    lab.open(page, f"{lessons_folder(language)}/{lesson}.ipynb")
    page.keyboard.press("Control+b")  # the list of files out of the picture
    return page


def _form(browser: Browser, lab: Lab, language: str) -> None:
    page = _opened(browser, lab, "02-assess-the-elements", language)
    for _ in range(8):
        page.keyboard.press("Shift+Enter")
    first = page.locator(".cx-form nav button").first
    expect(first).to_be_visible(timeout=60_000)
    page.locator(".cx-form input[type=radio]").nth(3).check()
    page.locator(".cx-form input[type=radio]").nth(7).check()
    expect(page.locator(".cx-status")).to_contain_text(":")
    page.locator(".cx-form").evaluate("form => form.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / f"form-{language}.png")
    page.close()


def _result(browser: Browser, lab: Lab, language: str) -> None:
    page = _opened(browser, lab, "01-start-here", language)
    for _ in range(7):
        page.keyboard.press("Shift+Enter")
    overview = page.locator(".cx-overview").first
    with in_language(language):
        # Until the lesson has run it shows what is stored in it, in English.
        expect(page.locator(".cx-overview .cx-label").first).to_have_text(say("result.index"), timeout=60_000)
        expect(page.locator(".cx-chart summary").first).to_have_text(say("charts.as_table"), timeout=60_000)
    overview.evaluate("overview => overview.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / f"result-{language}.png")
    page.close()


if __name__ == "__main__":
    main()
