"""A team writes its playbook in a real JupyterLab, in both languages: it is kept, comes back, and can be undone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

import cxassess as cx
from cxassess.forms.playbook import playbook_spec
from cxassess.language import language as in_language
from cxassess.language import say

CELL = 'import cxassess as cx\ncx.edit_playbook("our team 顧客", {"csat": 71.4})'
HOSTILE = "</textarea><b>わたしたち</b> =1+1 🧡 שלום"


@pytest.fixture(scope="module", params=["en", "ja"])
def lab(request: pytest.FixtureRequest, jupyterlab: Callable[..., Any], tmp_path_factory: Any) -> Any:
    folder = tmp_path_factory.mktemp(f"course {request.param}")
    return request.param, jupyterlab(folder, {"CXASSESS_LANG": request.param})


def run_cell(page: Page) -> Locator:
    page.keyboard.press("Control+Enter")
    form = page.locator(".cx-form")
    expect(form.locator("nav button").first).to_be_visible(timeout=60_000)
    return form


def go_to(form: Locator, section: dict[str, Any]) -> None:
    form.locator("nav").get_by_role("button", name=re.compile(re.escape(section["title"]))).click()
    expect(form.get_by_role("heading", name=section["title"], level=3)).to_be_visible()


def expect_saved(form: Locator) -> None:
    expect(form.locator(".cx-status")).to_have_text(re.compile(r"(Saved \d|保存しました)"))


def labelled(field: dict[str, Any]) -> re.Pattern[str]:
    return re.compile(re.escape(field["label"]))


def test_a_playbook_is_filled_in_reloaded_and_undone(chromium_page: Page, lab: tuple[str, Any]) -> None:
    page, (language, server) = chromium_page, lab
    folder: Path = server.folder / "our team 顧客"
    with in_language(language):
        spec, undo = playbook_spec(), say("form.undo")
        add_row = say("form.add_row")
    sections = {section["id"]: section for section in spec["sections"]}
    customer = sections["understanding"]["fields"][0]
    plan = next(one for one in sections["actions"]["fields"] if one["id"] == "short_term")
    today = sections["kpis"]["fields"][0]["columns"][0]["label"]
    columns = {column["id"]: column["label"] for column in plan["columns"]}
    metric = next(column for column in plan["columns"] if column["id"] == "metric")
    server.write_notebook("playbook.ipynb", CELL)
    server.open(page, "playbook.ipynb")

    form = run_cell(page)
    assert form.get_attribute("lang") == language
    for section in spec["sections"]:
        expect(
            form.locator("nav").get_by_role("button", name=re.compile(re.escape(section["title"])))
        ).to_be_visible()
    form.get_by_label(labelled(customer)).fill(HOSTILE)
    go_to(form, sections["kpis"])
    expect(form.get_by_label(today, exact=True).first).to_have_value("71.4")  # what was measured
    go_to(form, sections["actions"])
    table = form.locator("fieldset", has=page.locator("legend", has_text=plan["label"]))
    first = table.get_by_role("group").first
    first.get_by_label(columns["what"], exact=True).fill("Watch five users")
    first.get_by_label(columns["owner"], exact=True).fill("佐藤")
    first.get_by_label(columns["by"], exact=True).fill("2027-06-30")
    first.get_by_label(columns["metric"], exact=True).select_option(label=metric["options"][1]["label"])
    first.get_by_label(columns["from"], exact=True).fill("12.5")
    table.get_by_role("button", name=add_row).click()
    table.get_by_role("group").nth(1).get_by_label(columns["what"], exact=True).fill("Call back")
    expect_saved(form)

    row = {
        "what": "Watch five users",
        "owner": "佐藤",
        "by": "2027-06-30",
        "metric": metric["options"][1]["value"],
        "from": 12.5,
    }
    kept = cx.read_playbook(folder)
    assert kept.text("target_customer") == HOSTILE and kept.problems == ()
    assert [dict(one) for one in kept.rows("short_term")] == [row, {"what": "Call back"}]

    server.restart_kernel(page)
    page.reload()
    server.open(page, "playbook.ipynb")
    form = run_cell(page)
    expect(
        form.get_by_role("heading", name=sections["actions"]["title"], level=3)
    ).to_be_visible()  # where they stopped
    table = form.locator("fieldset", has=page.locator("legend", has_text=plan["label"]))
    expect(table.get_by_role("group").first.get_by_label(columns["owner"], exact=True)).to_have_value("佐藤")
    second = table.get_by_role("group").nth(1).get_by_label(columns["what"], exact=True)
    expect(second).to_have_value("Call back")
    go_to(form, sections["understanding"])
    text = form.get_by_label(labelled(customer))
    expect(text).to_have_value(HOSTILE)
    text.fill("Nobody")
    expect_saved(form)
    assert cx.read_playbook(folder).text("target_customer") == "Nobody"
    form.get_by_role("button", name=undo).first.click()
    expect(text).to_have_value(HOSTILE)
    expect_saved(form)
    assert cx.read_playbook(folder).text("target_customer") == HOSTILE


def test_two_people_add_lines_to_one_table(chromium_page: Page, lab: tuple[str, Any]) -> None:
    page, (language, server) = chromium_page, lab
    with in_language(language):
        actions = next(section for section in playbook_spec()["sections"] if section["id"] == "actions")
    plan = next(one for one in actions["fields"] if one["id"] == "short_term")
    what = plan["columns"][0]["label"]
    server.write_notebook("playbook.ipynb", CELL.replace("our team", "two of us"))
    server.open(page, "playbook.ipynb")
    form = run_cell(page)
    go_to(form, actions)
    table = form.locator("fieldset", has=page.locator("legend", has_text=plan["label"]))
    table.get_by_label(what, exact=True).first.fill("From here")
    expect_saved(form)
    folder = server.folder / "two of us 顧客"
    elsewhere = cx.read_playbook(folder)
    cx.save_playbook(
        folder,
        cx.Playbook(
            elsewhere.team,
            {**elsewhere.values, "short_term": (*elsewhere.rows("short_term"), {"what": "From there"})},
        ),
    )
    table.get_by_label(what, exact=True).first.fill("From here, changed")
    expect(table.get_by_label(what, exact=True).nth(1)).to_have_value("From there")
    assert [one["what"] for one in cx.read_playbook(folder).rows("short_term")] == [
        "From here, changed",
        "From there",
    ]
