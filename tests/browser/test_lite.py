"""The lessons live in JupyterLite: each one runs and says what it says in CPython; what readers change is kept."""

import configparser
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, expect

from book.translation.outputs import outputs
from cxassess.language import lessons_folder
from tests.browser.conftest import ROOT, outside, serve

LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
FORM = "02-assess-the-elements"
COMPARED = ("text/plain", "text/html", "text/markdown")
CELLS = """async () => {
    const until = async test => {
        const start = performance.now();
        while (!test()) {
            if (performance.now() - start > 240_000) throw new Error(`still waiting: ${test}`);
            await new Promise(resolve => setTimeout(resolve, 50));
        }
        return test();
    };
    const app = await until(() => window.jupyterapp);
    const panel = await until(() => app.shell.currentWidget?.sessionContext && app.shell.currentWidget);
    await panel.context.ready;
    const cells = panel.content.widgets.filter(cell => cell.model.type === "code");
    const failed = cell => cell.outputArea.model.toJSON().some(output => output.output_type === "error");
    const ran = cell => cell.model.executionCount !== null;
    await until(() => cells.every(ran) || cells.some(failed));
    return cells.map(cell => cell.outputArea.model.toJSON());
}"""


@pytest.fixture(scope="session")
def site(whole_site: str) -> str:
    return whole_site


def address(site: str, lesson: str, run: bool = True, language: str = "en") -> str:
    path = f"{lessons_folder(language)}/{lesson}.ipynb"
    return f"{site}/lite/notebooks/index.html?path={path}{'&run' if run else ''}"


def sanitised(text: str) -> str:
    """The text without what may differ between machines, by the rules of `make notebooks`."""
    rules = configparser.ConfigParser()
    rules.read(ROOT / "tests" / "nbval.cfg", "utf-8")
    for rule in rules.sections():
        text = re.sub(rules[rule]["regex"], rules[rule]["replace"], text)
    return text


def said(outputs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What a cell's outputs say: texts sanitised, of anything else that it is there."""
    found: list[tuple[str, str]] = []
    for output in outputs:
        if output["output_type"] == "error":
            found.append((output["ename"], "\n".join(output["traceback"])))
        elif output["output_type"] == "stream":
            name, text = output["name"], "".join(output["text"])
            if found and found[-1][0] == name:
                text = found.pop()[1] + text
            found.append((name, text))
        else:
            data = output["data"]
            found += [(kind, "".join(data[kind]) if kind in COMPARED else "") for kind in sorted(data)]
    return [(kind, sanitised(text)) for kind, text in found]


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_and_says_the_same_as_in_cpython(
    chromium_page: Page, site: str, requests: list[str], lesson: str
) -> None:
    page = chromium_page
    page.set_default_timeout(240_000)
    page.goto(address(site, lesson))
    live = page.evaluate(CELLS)
    notebook = nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", 4)
    stored = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    assert len(live) == len(stored)
    for number, (here, there) in enumerate(zip(live, stored, strict=True), 1):
        assert said(here) == said(there), f"code cell {number}"
    assert not outside(requests, site)


@pytest.mark.parametrize("lesson", ["01-start-here", "10-goals", "exercises-5-how-we-know"])
def test_a_lesson_in_japanese_runs_and_says_the_same_as_in_cpython(
    chromium_page: Page, site: str, lesson: str
) -> None:
    page = chromium_page
    page.set_default_timeout(240_000)
    page.goto(address(site, lesson, language="ja"))
    live = page.evaluate(CELLS)
    lessons = [ROOT / "notebooks" / f"{name}.ipynb" for name in LESSONS]
    stored = list(outputs(lessons, "ja")[f"{lesson}.ipynb"].values())
    assert len(live) == len(stored)
    for number, (here, there) in enumerate(zip(live, stored, strict=True), 1):
        kept = [one for one in there if one.get("name") != "stderr"]
        assert said(here) == said(kept), f"code cell {number}"
    expect(page.locator(".jp-Notebook .jp-MarkdownOutput").first).to_contain_text(
        re.compile("[ぁ-んァ-ヶ一-鿿]")
    )


def open_lesson(page: Page, site: str, run: bool = False) -> None:
    page.goto(address(site, FORM, run))
    expect(page.locator(".jp-Notebook .jp-MarkdownOutput").first).to_be_visible(timeout=60_000)


def change_lesson(page: Page, words: str) -> None:
    """Writes at the end of the lesson's first cell, and waits until the browser has saved it."""
    page.locator(".jp-Notebook .jp-MarkdownOutput").first.dblclick()
    editor = page.locator(".jp-Notebook .jp-Cell").first.locator(".cm-content")
    editor.press("Control+End")
    editor.press_sequentially(f" {words}")
    editor.press("Control+Enter")
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-Notebook")).to_contain_text(words)
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")


def test_what_a_reader_changes_stays_and_can_be_downloaded(chromium_page: Page, site: str) -> None:
    page = chromium_page
    open_lesson(page, site)
    change_lesson(page, "Ask the night shift.")
    page.reload()
    expect(page.locator(".jp-Notebook")).to_contain_text("Ask the night shift.", timeout=60_000)
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="File").click()
        page.get_by_role("menuitem", name="Download", exact=True).click()
    notebook = json.loads(download.value.path().read_text("utf-8"))
    assert "Ask the night shift." in "".join(notebook["cells"][0]["source"])
    assert download.value.suggested_filename.endswith(f"{FORM}.ipynb")


def test_answers_given_in_a_lesson_are_there_again(chromium_page: Page, site: str) -> None:
    page = chromium_page
    page.set_default_timeout(120_000)
    open_lesson(page, site, run=True)
    form = page.locator(".cx-form")
    status = form.locator(".cx-status")
    for choice in (2, 3):  # a first file, and one over another
        form.get_by_role("radio").nth(choice).check()
        expect(status).to_have_text(re.compile("Saving"))
        expect(status).to_have_text(re.compile(r"Saved \d"), timeout=60_000)
    page.goto("about:blank")
    open_lesson(page, site, run=True)
    expect(form.get_by_role("radio").nth(3)).to_be_checked(timeout=120_000)
    expect(form.locator(".cx-trouble")).to_be_hidden()


@contextmanager
def renewable(site_folder: Path, folder: Path) -> Iterator[tuple[str, Callable[[str], None]]]:
    """The site served from a copy, and what writes a new sentence into its lesson."""
    shutil.copytree(site_folder / "lite", folder / "lite")
    (folder / "pyodide").symlink_to(site_folder / "pyodide")
    lesson = folder / "lite" / "files" / "notebooks" / f"{FORM}.ipynb"

    def renew(words: str) -> None:
        notebook = json.loads(lesson.read_text("utf-8"))
        notebook["cells"][0]["source"] = ["# Assess anew\n", words]
        notebook["metadata"]["lesson"] = words
        lesson.write_text(json.dumps(notebook), "utf-8")

    with serve(folder) as host:
        yield host, renew


def test_a_renewed_lesson_is_not_hidden_by_an_older_copy_without_asking(
    chromium_page: Page, site: str, tmp_path: Path, violations: Callable[..., list[str]]
) -> None:
    page = chromium_page
    lesson, question = (
        page.locator(".jp-Notebook"),
        page.get_by_role("dialog", name="This lesson was renewed"),
    )
    with renewable(ROOT / "_build" / "site", tmp_path) as (host, renew):
        open_lesson(page, host)
        change_lesson(page, "Ask the night shift.")
        page.reload()
        expect(lesson).to_contain_text("Ask the night shift.", timeout=60_000)

        renew("A first new sentence.")
        page.goto(address(host, FORM, run=False))
        expect(question).to_be_visible()
        assert violations(page, "dialog") == []
        question.get_by_role("button", name="Keep mine").press("Enter")
        expect(lesson).to_contain_text("Ask the night shift.", timeout=60_000)
        page.reload()  # she has said what she wants
        expect(lesson).to_contain_text("Ask the night shift.", timeout=60_000)

        renew("A second new sentence.")
        page.goto(address(host, FORM, run=False))
        question.get_by_role("button", name=f"{FORM}-mine.ipynb").press("Enter")
        expect(lesson).to_contain_text("A second new sentence.", timeout=60_000)
        page.goto(address(host, f"{FORM}-mine", run=False))
        expect(lesson).to_contain_text("Ask the night shift.", timeout=60_000)


def test_a_lesson_fits_a_phone(chromium_page: Page, site: str) -> None:
    page = chromium_page
    page.set_viewport_size({"width": 390, "height": 800})
    open_lesson(page, site)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    text = page.locator(".jp-Notebook .jp-MarkdownOutput").first.bounding_box()
    assert text
    assert text["width"] > 250
