"""The playbook on the published site: written, looked over, and taken away as documents."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import cxassess as cx
from cxassess.exchange.playbook_documents import write_playbook
from tests.browser.conftest import ROOT, outside
from tests.browser.test_live_assessment import PATIENCE, saved

EXAMPLE = ROOT / "templates" / "examples" / "company-a.en.json"
NASTY = "<img src=x onerror=alert(1)> =cmd|' /C calc'!A0 日本語 \u202eabc 🙂"


def open_page(page: Page, site: str) -> None:
    page.goto(f"{site}/book/playbook-here.html")
    expect(page.locator("#cx-live[data-ready]")).to_be_attached()


def load(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Load a playbook from a file").click()
    chooser.value.set_files(path)
    expect(page.get_by_text("are in the form")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("ending", [".json", ".md", ".xlsx", ".html"])
def test_a_playbook_goes_in_and_comes_out_in_every_format(
    chromium_page: Page, site: str, requests: list[str], tmp_path: Path, ending: str
) -> None:
    page = chromium_page
    open_page(page, site)
    load(page, EXAMPLE)
    path = saved(page, f"({ending})", tmp_path)
    expected = cx.open_playbook(EXAMPLE)
    assert path.suffix == ending and path.stem == expected.team
    if ending in {".json", ".md", ".xlsx"}:
        assert cx.open_playbook(path).values == expected.values
        page.get_by_role("button", name="Clear everything").click()
        load(page, path)
        page.reload()
        again = cx.open_playbook(saved(page, "(.json)", tmp_path))
        assert again.values == expected.values
    else:
        html = path.read_text("utf-8")
        assert expected.team in html and expected.text("target_customer").split()[0] in html
        assert "<svg" in html or "data:image/" in html  # the journey, drawn
    assert not outside(requests, site)


def test_what_is_written_is_looked_over_kept_and_stays_text(
    chromium_page: Page, site: str, tmp_path: Path
) -> None:
    page = chromium_page
    open_page(page, site)
    first = page.locator(".cx-form textarea").first
    first.fill(NASTY)
    first.blur()
    page.get_by_label("Name of your team").fill("Us / 私たち")
    page.get_by_role("button", name="Look over the playbook").click()
    values = {"target_customer": NASTY}
    heading = cx.check_playbook(cx.Playbook("Us / 私たち", values)).heading
    expect(page.get_by_text(heading)).to_be_visible(timeout=PATIENCE)
    page.reload()
    expect(first).to_have_value(NASTY)
    kept = json.loads(saved(page, "(.json)", tmp_path).read_text("utf-8"))
    assert kept["playbook"]["target_customer"].startswith("<img src=x")
    page.get_by_role("button", name="Clear everything").click()
    expect(first).to_have_value("")
    page.get_by_role("button", name="Put it back").click()
    expect(first).to_have_value(NASTY)


def test_an_amount_of_money_brings_its_unit_along_and_another_unit_is_questioned(
    chromium_page: Page, site: str, tmp_path: Path
) -> None:
    page = chromium_page
    open_page(page, site)
    page.locator("nav").get_by_role("button", name=re.compile("Results we aim at")).click()
    table = page.locator(".cx-table", has_text="Customer lifetime value (CLV)").locator("visible=true").first
    today, target, unit = (table.get_by_label(name, exact=True) for name in ("Today", "Target", "Unit"))
    today.fill("¥120,000")
    target.fill("135,000 yen")
    target.blur()
    expect(unit).to_have_value("¥")
    expect(table).to_contain_text("Taken as 135,000, with the unit “yen”.")
    unit.fill("%")
    unit.blur()
    expect(table).to_contain_text("This metric is an amount of money, in a currency such as JPY.")
    page.reload()
    expect(table).to_contain_text("This metric is an amount of money, in a currency such as JPY.")
    more = page.locator(".cx-table", has_text="Further metrics")
    more.get_by_label("Metric", exact=True).select_option(label="First response time")
    expect(more.get_by_label("Unit", exact=True)).to_have_attribute("placeholder", "hours")
    more.get_by_label("Target", exact=True).fill("4 h")
    more.get_by_label("Today", exact=True).fill("9 %")
    more.get_by_label("Today", exact=True).blur()
    expect(more).to_contain_text("Taken as 9, with the unit “%”. This metric is counted in hours.")
    expect(more.get_by_label("Unit", exact=True)).to_have_value("")
    more.get_by_label("Metric", exact=True).select_option(label="Conversion rate")
    expect(more).to_contain_text("Taken as 4, with the unit “h”. This metric is counted in %.")
    expect(page.locator(".cx-status")).to_have_text(re.compile(r"^Saved \d"))
    kept = json.loads(saved(page, "(.json)", tmp_path).read_text("utf-8"))["playbook"]
    assert kept["ltv_target"] == [{"present": 120000, "target": 135000, "unit": "%"}]
    assert kept["more_targets"] == [{"metric": "conversion_rate", "present": 9, "target": 4}]


def test_each_point_of_the_check_leads_to_its_field_and_says_what_was_refused(
    chromium_page: Page, site: str
) -> None:
    page = chromium_page
    open_page(page, site)
    navigation = page.locator("nav")
    navigation.get_by_role("button", name=re.compile("Results we aim at")).click()
    table = page.locator(".cx-table", has_text="Customer satisfaction").locator("visible=true").first
    table.get_by_label("Today", exact=True).fill("72%")
    target = table.get_by_label("Target", exact=True)
    target.fill("about 80")
    navigation.get_by_role("button", name=re.compile("Continuous improvement")).click()
    end = page.locator(".cx-end")
    expect(end).to_contain_text("Next: look over the playbook")
    end.get_by_role("button", name="Look over the playbook").click()
    check = page.locator(".cx-check")
    expect(check).to_be_visible(timeout=PATIENCE)
    counted = page.locator(".cx-progress").inner_text().removesuffix(" answered")
    expect(check).to_contain_text(f"{counted} fields are filled in")
    expect(check).to_contain_text("“about 80” stands in the form")
    expect(check).not_to_contain_text("there is no target value")
    check.get_by_role("button", name="Customer satisfaction, Target").press("Enter")
    expect(target).to_be_focused()
    check.get_by_role("button", name="Sharing results").click()
    expect(page.get_by_label("Sharing results")).to_be_focused()


def test_a_file_of_answers_is_not_taken_for_a_playbook_and_a_putting_back_loses_nothing(
    chromium_page: Page, site: str
) -> None:
    page = chromium_page
    open_page(page, site)
    first = page.locator(".cx-form textarea").first
    first.fill("before")
    first.blur()
    for path, said in (
        (
            ROOT / "datasets" / "teams" / "customer-support" / "2026-07" / "fern.json",
            "fern.json is not a playbook",
        ),
        (ROOT / "pyproject.toml", "pyproject.toml is not a playbook: those end in"),
    ):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Load a playbook from a file").click()
        chooser.value.set_files(path)
        expect(page.get_by_text(said)).to_be_visible(timeout=PATIENCE)
        expect(first).to_have_value("before")
    page.get_by_role("button", name="Clear everything").click()
    first.fill("between")
    first.blur()
    for text in ("before", "between"):
        page.get_by_role("button", name="Put it back").click()
        expect(first).to_have_value(text)


def test_excel_is_read_whatever_the_case_of_its_ending(
    chromium_page: Page, site: str, tmp_path: Path
) -> None:
    page = chromium_page
    open_page(page, site)
    path = tmp_path / "OURS.XLSX"
    write_playbook(cx.open_playbook(EXAMPLE), tmp_path / "ours.xlsx").rename(path)
    load(page, path)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_accessible_and_fits(
    chromium_page: Page, site: str, violations: Callable[..., list[str]], width: int
) -> None:
    page = chromium_page
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, site)
    page.get_by_role("button", name="Look over the playbook").click()
    expect(page.locator(".cx-check")).to_be_visible(timeout=PATIENCE)
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
