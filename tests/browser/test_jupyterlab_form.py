"""The form in a real JupyterLab: answered by keyboard alone, and no answer is lost."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

CELL = """
import json, pathlib
from cxassess.forms import Form

spec = json.loads(pathlib.Path("spec.json").read_text("utf-8"))
file = pathlib.Path("answers.json")
kept = json.loads(file.read_text("utf-8")) if file.exists() else {"values": {}, "position": {}}

def keep(edits, position):
    values = {name: value for name, value in {**kept["values"], **edits}.items() if value is not None}
    kept.update(values=values, position=position)
    file.write_text(json.dumps(kept), "utf-8")

Form(spec, kept["values"], position=kept["position"], on_edits=keep)
""".strip()


@pytest.fixture(scope="module")
def lab(jupyterlab: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    return jupyterlab(tmp_path_factory.mktemp("my team 顧客"), {"CXASSESS_LANG": "en"})


@pytest.fixture
def notebook(lab: Any, form_spec: Callable[..., dict[str, Any]], chromium_page: Page) -> Page:
    """A notebook with the form in its one cell, open, not run, and nobody's answers in it."""
    (lab.folder / "answers.json").unlink(missing_ok=True)
    (lab.folder / "spec.json").write_text(json.dumps(form_spec()), "utf-8")
    lab.write_notebook("form.ipynb", CELL)
    lab.open(chromium_page, "form.ipynb")
    return chromium_page


def run_cell(page: Page) -> Locator:
    """Runs the cell that has the focus; gives the form."""
    page.keyboard.press("Control+Enter")
    form = page.get_by_role("region", name="How customer-centric are we?")
    expect(form).to_be_visible(timeout=60_000)
    return form


def answers(folder: Path) -> Any:
    return json.loads((folder / "answers.json").read_text("utf-8"))["values"]


def expect_saved(form: Locator) -> None:
    expect(form.locator(".cx-status")).to_have_text(re.compile(r"Saved \d"))


def test_answers_given_by_keyboard_alone_reach_the_kernel_and_come_back(
    lab: Any, notebook: Page, tab_to: Callable[[Locator], None]
) -> None:
    page, press, write = notebook, notebook.keyboard.press, notebook.keyboard.type
    form = run_cell(page)
    tab_to(form.get_by_role("radio").first)
    press("Space")
    for _ in range(3):
        press("ArrowDown")
    for key in "abddj":  # commands of a notebook; here they mean nothing
        press(key)
    tab_to(form.get_by_label("What could you show a visitor?"))
    write("The goal sheet, abdd")
    tab_to(form.get_by_label("Rank."))
    press("ArrowUp")
    tab_to(form.get_by_role("button", name="Next: Practices"))
    press("Enter")
    tab_to(form.get_by_label("Not started"))
    press("ArrowRight")
    tab_to(form.get_by_label("How many people"))
    write("120")
    press("Tab")
    write("11242025")
    tab_to(form.get_by_role("button", name="Next: Plan"))
    press("Enter")
    tab_to(form.get_by_label("What do we promise"))
    write("We call back.\nAlways.")
    press("Tab")
    write("Read complaints")
    press("Tab")
    press("End")
    press("Tab")
    expect_saved(form)
    given = {
        "goals": 4,
        "goals.evidence": "The goal sheet, abdd",
        "decisions": "na",
        "interviews": "planned",
        "people": 120,
        "since": "2025-11-24",
        "promise": "We call back.\nAlways.",
        "actions": [{"what": "Read complaints", "function": "it"}],
    }
    assert answers(lab.folder) == given
    expect(page.locator(".jp-Cell")).to_have_count(1)

    page.reload()
    lab.open(page, "form.ipynb")
    form = run_cell(page)
    expect(form.get_by_role("heading", name="Plan", level=3)).to_be_visible()
    expect(form.get_by_label("What do we promise")).to_have_value("We call back.\nAlways.")
    expect(form.get_by_label("What", exact=True)).to_have_value("Read complaints")
    expect(form.get_by_label("Function")).to_have_value("IT")
    form.get_by_role("navigation").get_by_role("button", name="Practices").press("Enter")
    expect(form.get_by_label("Planned")).to_be_checked()
    expect(form.get_by_label("How many people")).to_have_value("120")
    expect(form.get_by_label("When did the last survey")).to_have_value("2025-11-24")
    form.get_by_role("button", name="Back").press("Enter")
    expect(form.get_by_label("A project without")).to_be_checked()
    expect(form.get_by_label("What could you show")).to_have_value("The goal sheet, abdd")
    expect(form.get_by_label("Not applicable to us").last).to_be_checked()
    expect_saved(form)
    assert answers(lab.folder) == given


def test_answers_given_while_the_kernel_is_gone_are_kept_and_sent(lab: Any, notebook: Page) -> None:
    page = notebook
    form = run_cell(page)
    form.get_by_label("Each team knows").check()
    expect_saved(form)

    lab.restart_kernel(page)
    form.get_by_label("Facts.").check()
    expect(form.locator(".cx-trouble")).to_contain_text("kernel does not answer", timeout=30_000)
    form.get_by_label("Each team knows").press("ArrowDown")
    assert answers(lab.folder) == {"goals": 3}
    page.locator(".jp-Cell").focus()
    form = run_cell(page)
    expect(form.locator(".cx-news")).to_contain_text("has now put back: 2")
    expect_saved(form)
    assert answers(lab.folder) == {"goals": 4, "decisions": 2}

    lab.restart_kernel(page)
    form.get_by_label("What could you show").fill("The goal sheet")
    page.reload()  # before any word from the kernel
    lab.open(page, "form.ipynb")
    form = run_cell(page)
    expect(form.get_by_label("What could you show")).to_have_value("The goal sheet")
    expect(form.get_by_label("Facts.")).to_be_checked()
    expect_saved(form)
    assert answers(lab.folder) == {"goals": 4, "decisions": 2, "goals.evidence": "The goal sheet"}


def test_what_the_kernel_refuses_is_said_and_is_sent_again(lab: Any, notebook: Page) -> None:
    page = notebook
    form = run_cell(page)
    (lab.folder / "answers.json").mkdir()  # nothing can be written there
    form.get_by_label("Facts.").check()
    trouble = form.locator(".cx-trouble")
    expect(trouble).to_contain_text("Not saved")
    expect(trouble).to_contain_text("IsADirectoryError")
    (lab.folder / "answers.json").rmdir()
    form.get_by_role("button", name="Try again now").press("Enter")
    expect_saved(form)
    expect(trouble).to_be_hidden()
    assert answers(lab.folder) == {"decisions": 2}


def test_a_second_view_of_the_form_shows_what_was_answered_in_the_first(lab: Any, notebook: Page) -> None:
    page = notebook
    run_cell(page)
    page.locator(".jp-OutputArea-output").click(button="right", position={"x": 5, "y": 5})
    page.get_by_role("menuitem", name="Create New View for Cell Output").click()
    forms = page.get_by_role("region", name="How customer-centric are we?")
    expect(forms).to_have_count(2)
    forms.first.get_by_label("Facts.").check()
    expect(forms.last.get_by_label("Facts.")).to_be_checked()
    expect_saved(forms.first)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_wrong_with_it(
    lab: Any, notebook: Page, violations: Callable[..., list[str]], theme: str
) -> None:
    page = notebook
    page.evaluate(f"document.body.dataset.jpThemeLight = '{str(theme == 'Light').lower()}'")
    form = run_cell(page)
    form.get_by_label("A project without").check()
    expect_saved(form)
    assert violations(page, ".cx-form") == []
