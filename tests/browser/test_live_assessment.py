"""The assessment on the published site: answered, worked out and kept in the reader's own browser."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

import cxassess as cx
from cxassess.answers import OTHER_FILES, SCHEMA, TEAM_SCHEMA
from cxassess.explaining import level, percent
from cxassess.file_names import safe_name
from tests.browser.conftest import ROOT, outside

TEAM = ROOT / "datasets" / "teams" / "customer-support"
KEPT = ("schema", "respondent", "answers")
PATIENCE = 60_000


def open_page(page: Page, site: str) -> None:
    page.goto(f"{site}/book/assess-here.html")
    expect(page.locator("#cx-live[data-ready]")).to_be_attached()


def panel(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def mine(page: Page) -> Locator:
    return panel(page, "What my answers say")


def saved(page: Page, button: str, folder: Path) -> Path:
    """Presses a button that hands over a file, and keeps the file."""
    return saved_from(page, page.get_by_role("button", name=button).first, folder)


def saved_from(page: Page, button: Locator, folder: Path) -> Path:
    with page.expect_download() as waiting:
        button.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def shown(place: Locator) -> dict[str, Any]:
    """The figures that a result shows."""
    expect(place.locator(".cx-cards")).to_be_visible(timeout=PATIENCE)
    return {
        "cards": place.locator(".cx-cards .cx-value").all_inner_texts(),
        "themes": place.locator(".cx-bars").first.locator("dd").all_inner_texts(),
        "elements": {
            one.get_attribute("data-element"): one.locator(".cx-score").inner_text()
            for one in place.locator(".cx-element").all()
        },
    }


def computed(folder: Path) -> dict[str, Any]:
    """The same figures by this Python."""
    result = cx.score(cx.read_answers(folder))
    return {
        "cards": [level(result.index.score), str(result.stage.name), percent(result.coverage)],
        "themes": [level(one.score) for one in [*result.themes.values(), result.index]],
        "elements": {id: level(one.score) for id, one in result.elements.items()},
    }


def drop(page: Page, files: list[Path | dict[str, Any]], place: int = 0) -> None:
    """Drops files, as the mouse does."""
    given = [
        {"name": one.name, "text": one.read_text("utf-8")} if isinstance(one, Path) else one for one in files
    ]
    transfer = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const {name, text} of files) transfer.items.add(new File([text], name));
            return transfer;
        }""",
        given,
    )
    page.locator(".cx-drop").nth(place).dispatch_event("drop", {"dataTransfer": transfer})


def team_files(round: str) -> list[Path]:
    return sorted((TEAM / round).glob("*.json"))


def test_all_elements_by_keyboard_give_the_result_that_this_python_gives(
    chromium_page: Page, site: str, requests: list[str], tab_to: Callable[[Locator], None], tmp_path: Path
) -> None:
    page, press = chromium_page, chromium_page.keyboard.press
    open_page(page, site)
    model = cx.load_model()
    for t, theme in enumerate(model.themes.values()):
        for e, element in enumerate(model.elements_of(theme.id)):
            question = page.get_by_role("group", name=str(element.question))
            tab_to(question.get_by_role("radio").first)
            press("Space")
            for _ in range((t + 2 * e) % model.levels):
                press("ArrowDown")
        following = page.get_by_role("button", name=re.compile("^Next:")).locator("visible=true")
        if t < len(model.themes) - 1:
            tab_to(following)
            press("Enter")
    tab_to(page.get_by_label("Your name or nickname"))
    page.keyboard.type("Aya 彩/../")
    expect(mine(page).locator(".cx-value").last).to_have_text("100%", timeout=PATIENCE)
    path = saved(page, "Download my answers", tmp_path)
    assert path.name == "Aya 彩.json"
    assert len(json.loads(path.read_text("utf-8"))["answers"]) == 15
    assert not cx.read_answers(tmp_path).problems
    assert shown(mine(page)) == computed(tmp_path)

    page.reload()
    expect(page.get_by_role("radio", checked=True).locator("visible=true")).to_have_count(3)
    expect(page.get_by_label("Your name or nickname")).to_have_value("Aya 彩/../")
    assert shown(mine(page)) == computed(tmp_path)
    mine(page).locator("summary", has_text="Organisational goals").press("Enter")
    expect(mine(page)).to_contain_text("mean: 1 / 1 ratings = 1.00")
    assert not outside(requests, site)


def test_a_name_is_asked_for_once_before_the_download_and_one_is_offered(
    chromium_page: Page, site: str, tmp_path: Path
) -> None:
    page = chromium_page
    open_page(page, site)
    page.get_by_role("radio").nth(3).check()
    name, download = (
        page.get_by_label("Your name or nickname"),
        page.get_by_role("button", name="Download my answers"),
    )
    download.click()
    expect(name).to_be_focused()
    offer = page.get_by_role("button", name=re.compile(r"^Download as [A-Z][a-z]+ \d\d\.json$"))
    offered = offer.inner_text().removeprefix("Download as ")
    path = saved_from(page, offer, tmp_path)
    assert path.name == offered and cx.read_answers(tmp_path).responses[0].respondent == path.stem
    expect(name).to_have_value(path.stem)
    name.fill("")
    assert saved_from(page, download, tmp_path).name == "me.json"


def test_the_plan_says_what_it_is_doing_leads_to_the_playbook_and_has_a_name_of_its_own(
    chromium_page: Page, site: str, tmp_path: Path
) -> None:
    page = chromium_page
    open_page(page, site)
    team = panel(page, "Our team")
    drop(page, team_files("2026-07"))
    expect(team.locator(".cx-cards")).to_be_visible(timeout=PATIENCE)
    page.evaluate(
        """() => {
            window.said = [];
            const note = () => document.querySelectorAll(".cx-state").forEach((one) =>
                one.textContent && !said.includes(one.textContent) && said.push(one.textContent));
            new MutationObserver(note).observe(document.getElementById("cx-live"), { childList: true, subtree: true, characterData: true });
        }"""
    )
    expect(page.get_by_role("link", name="Write the plan down in the playbook")).to_be_hidden()
    team.get_by_role("button", name="Make a plan").click()
    names = [
        saved_from(page, page.get_by_role("button", name=f"Download this report ({kind}-"), tmp_path).name
        for kind in ("result", "plan")
    ]
    assert names == [f"{kind}-Customer support-2026-07.html" for kind in ("result", "plan")]
    steps = [re.sub(":.*", "", text) for text in page.evaluate("said") if text.startswith("Step")]
    assert steps == ["Step 1 of 3", "Step 2 of 3", "Step 3 of 3"]
    assert any("10 to 20 seconds" in text for text in page.evaluate("said"))
    page.get_by_role("link", name="Write the plan down in the playbook").click()
    expect(page).to_have_url(f"{site}/book/playbook-here.html")
    expect(page.locator(".cx-form")).to_be_visible()


def test_dropped_files_give_the_teams_result_plan_and_change(
    chromium_page: Page, site: str, requests: list[str]
) -> None:
    page = chromium_page
    open_page(page, site)
    team = panel(page, "Our team")
    drop(page, team_files("2026-07"))
    expect(team).to_contain_text("Customer support, 2026-07: 8 respondents", timeout=PATIENCE)
    assert shown(team) == computed(TEAM / "2026-07")

    page.reload()
    expect(team).to_contain_text("Customer support, 2026-07: 8 respondents", timeout=PATIENCE)
    team.get_by_role("button", name="Make a plan").click()
    plan = cx.plan(cx.score(cx.read_answers(TEAM / "2026-07")))
    table = team.locator(".cx-report table")
    expect(table).to_be_visible(timeout=PATIENCE)
    names = [str(plan.result.model.practices[one.id].name) for one in plan.actions]
    assert sorted(table.locator("tbody tr td:nth-child(2)").all_inner_texts()[: len(names)]) == sorted(names)

    team.get_by_text("An earlier round, to see what changed").click()
    drop(page, team_files("2026-04"), 1)
    team.get_by_role("button", name="See what changed").click()
    change = cx.compare(*(cx.score(cx.read_answers(TEAM / one)) for one in ("2026-04", "2026-07")))
    expect(team).to_contain_text(repr(change).splitlines()[0], timeout=PATIENCE)
    assert table.locator("tbody td:nth-child(2)").all_inner_texts() == [row[1] for row in change.rows()[1:]]

    team.get_by_role("button", name=f"Take {team_files('2026-07')[0].name} out").first.click()
    expect(team).to_contain_text("7 respondents", timeout=PATIENCE)
    assert not outside(requests, site)


def test_what_was_downloaded_can_be_loaded_back_and_what_was_cleared_put_back(
    chromium_page: Page, site: str, tmp_path: Path
) -> None:
    page = chromium_page
    open_page(page, site)
    source = next(path for path in team_files("2026-07") if path.stem == "momiji")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Load answers from a file").click()
    chooser.value.set_files(source)
    expect(page.get_by_text("are in the form")).to_be_visible(timeout=PATIENCE)
    given, kept = (
        json.loads(path.read_text("utf-8")) for path in (source, saved(page, "Download my answers", tmp_path))
    )
    assert [kept[key] for key in KEPT] == [given[key] for key in KEPT]

    page.get_by_role("button", name="Clear everything").click()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_role("radio", checked=True).locator("visible=true")).not_to_have_count(0)
    assert (
        json.loads(saved(page, "Download my answers", tmp_path).read_text("utf-8"))["answers"]
        == given["answers"]
    )


def test_what_was_put_back_can_be_exchanged_for_what_came_between(chromium_page: Page, site: str) -> None:
    page = chromium_page
    open_page(page, site)
    team = panel(page, "Our team")
    page.get_by_label("Your name or nickname").fill("Aya")
    page.get_by_role("radio").nth(3).check()
    drop(page, team_files("2026-07"))
    expect(mine(page).get_by_role("button", name="Download this report")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Clear everything").click()
    expect(page.get_by_label("Your name or nickname")).to_have_value("")
    expect(mine(page).get_by_role("button", name="Download this report")).to_be_hidden()
    expect(team.locator(".cx-files li")).to_have_count(0)
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_role("radio").nth(3)).to_be_checked()
    expect(page.get_by_label("Your name or nickname")).to_have_value("Aya")
    expect(team.locator(".cx-files li")).to_have_count(9)
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_role("radio").nth(1)).to_be_checked()


def test_two_tabs_share_answers_and_name_and_what_one_clears_is_cleared_in_both(
    chromium_page: Page, site: str
) -> None:
    one, other = chromium_page, chromium_page.context.new_page()
    for page in (one, other):
        open_page(page, site)
    one.get_by_role("radio").nth(3).check()
    one.get_by_label("Your name or nickname").fill("Aya")
    other.get_by_role("radio").nth(8).check()
    expect(other.get_by_role("radio").nth(3)).to_be_checked()
    expect(other.get_by_label("Your name or nickname")).to_have_value("Aya")
    expect(one.get_by_role("radio").nth(8)).to_be_checked()
    other.get_by_role("button", name="Clear everything").click()
    expect(one.get_by_role("radio", checked=True)).to_have_count(0)
    expect(one.get_by_label("Your name or nickname")).to_have_value("")


def test_what_no_storage_took_does_not_return_after_clearing(chromium_page: Page, site: str) -> None:
    page = chromium_page
    open_page(page, site)
    page.evaluate(
        """() => {
            const set = Storage.prototype.setItem;
            Storage.prototype.setItem = function (key, text) {
                if (key.includes("answers") && text.includes("element.")) throw new DOMException("full", "QuotaExceededError");
                return set.call(this, key, text);
            };
        }"""
    )
    page.get_by_role("radio").nth(3).check()
    expect(page.get_by_text("This browser keeps nothing for this page")).to_be_visible()
    page.get_by_role("button", name="Clear everything").click()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.reload()
    expect(page.locator("#cx-live[data-ready]")).to_be_attached()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)


def test_what_is_damaged_in_the_storage_is_said_and_the_page_works(chromium_page: Page, site: str) -> None:
    page = chromium_page
    page.add_init_script(
        """if (!localStorage.length) localStorage.setItem("cxassess:answers:mine", '{"values": {"elem');
        sessionStorage.setItem("cxassess:team", '{"0": 1}');
        sessionStorage.setItem("cxassess:before", "[5, null]");
        sessionStorage.setItem("cxassess:part", '"toString"');"""
    )
    open_page(page, site)
    expect(page.get_by_text("was damaged and cannot be read")).to_be_visible()
    page.get_by_role("radio").nth(3).check()
    page.reload()
    expect(page.get_by_role("radio").nth(3)).to_be_checked()
    expect(page.get_by_text("was damaged and cannot be read")).to_have_count(0)


NAMES = [
    *(
        "con",
        "CON.x",
        "com１",
        "lpt9.a.b",
        "team",
        "Team",
        "PlayBook",
        "_team",
        "..",
        "../../etc",
        " a. ",
        "x" * 500,
    ),
    *(
        "彩" * 100,
        "👩\u200d👧" * 40,
        "a\u202eb",
        "שלום",
        "a\tb\0c",
        "e\u0301" * 70,
        '<img src="x">',
        "\ufeff",
        "\ud83d",
        ".",
    ),
]


def test_every_name_becomes_one_that_python_takes(chromium_page: Page, site: str) -> None:
    page = chromium_page
    open_page(page, site)
    for name in NAMES:
        clean = page.evaluate(
            f"async () => (await import('../_static/live/shared.js')).cleanName({json.dumps(name)})"
        )
        assert clean == "" or (safe_name(clean) == clean and f"{clean}.json".casefold() not in OTHER_FILES), (
            name
        )


def response(**changed: Any) -> str:
    table = {"schema": SCHEMA, "respondent": "x", "answers": {"element.goals": 2}}
    return json.dumps({**table, **changed})


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("damaged.json", '{"schema": "cxass', "damaged.json"),
        ("other.json", '{"a": 1}', "other.json"),
        ("holiday.png", "not answers", "holiday.png is not a file of answers"),
        ("newer.json", response(model={"version": "99.0.0"}, answers={"element.moon": 2}), "99.0.0"),
        ("value.json", response(answers={"element.goals": "<b>7</b>"}), "<b>7</b>"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_the_others_count(
    chromium_page: Page, site: str, name: str, text: str, sentence: str
) -> None:
    page = chromium_page
    open_page(page, site)
    drop(page, [*team_files("2026-07"), {"name": name, "text": text}])
    team = panel(page, "Our team")
    expect(team).to_contain_text(sentence, timeout=PATIENCE)
    expect(team).to_contain_text(re.compile("[89] respondents"), timeout=PATIENCE)


def test_of_one_name_every_file_counts_the_same_file_once_and_team_json_last(
    chromium_page: Page, site: str
) -> None:
    page = chromium_page
    open_page(page, site)
    team = panel(page, "Our team")
    mail = [{"name": "me.json", "text": response(respondent="me", id=id)} for id in ("1", "2")]
    for file in (*mail, mail[0]):
        drop(page, [file])
    expect(team).to_contain_text("2 respondents", timeout=PATIENCE)
    expect(team.locator(".cx-files li")).to_have_count(2)
    for name in ("First", "Second"):
        drop(page, [{"name": "team.json", "text": json.dumps({"schema": TEAM_SCHEMA, "team": name})}])
    expect(team).to_contain_text("Second: 2 respondents", timeout=PATIENCE)
    expect(team).to_contain_text("team.json took the place of the one that was here.")
    drop(page, [{"name": f"{i}.json", "text": response(respondent=f"r{i}", id=f"{i}x")} for i in range(200)])
    expect(team).to_contain_text("202 respondents", timeout=PATIENCE)


def test_html_in_names_and_texts_stays_text_on_the_page_and_in_the_report(
    chromium_page: Page, site: str, tmp_path: Path
) -> None:
    page = chromium_page
    html = "<img src=x onerror=alert(1)>"
    open_page(page, site)
    texts = {"element.goals": 4, "evidence.goals": html}
    drop(
        page, [{"name": f"{html}.json", "text": response(answers=texts)}, {"name": f"{html}.txt", "text": ""}]
    )
    team = panel(page, "Our team")
    expect(team.locator(".cx-files").first).to_contain_text(html)
    expect(team.locator(".cx-cards")).to_be_visible(timeout=PATIENCE)
    report = saved_from(page, team.get_by_role("button", name="Download this report"), tmp_path)
    assert html not in report.read_text("utf-8")
    page.get_by_label("Your name or nickname").fill(html)
    assert page.locator("#cx-live img").count() == 0
    assert saved(page, "Download my answers", tmp_path).name == "img src=x onerror=alert(1).json"


def test_a_file_of_another_kind_is_not_taken_for_answers(chromium_page: Page, site: str) -> None:
    page = chromium_page
    open_page(page, site)
    page.get_by_role("radio").nth(3).check()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Load answers from a file").click()
    chooser.value.set_files(ROOT / "templates" / "examples" / "company-a.en.json")
    expect(page.get_by_text("company-a.en.json is not a file of this kind")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("radio").nth(3)).to_be_checked()


def test_offline_what_is_loaded_works_on_and_what_is_missing_is_said(chromium_page: Page, site: str) -> None:
    page = chromium_page
    open_page(page, site)
    team = panel(page, "Our team")
    drop(page, team_files("2026-07"))
    expect(team.locator(".cx-cards")).to_be_visible(timeout=PATIENCE)
    page.context.set_offline(True)
    page.get_by_role("button", name="Make a plan").dblclick()
    expect(team).to_contain_text("A part that this needs could not be loaded", timeout=PATIENCE)
    page.get_by_role("radio").nth(3).check()
    expect(mine(page).locator(".cx-cards")).to_be_visible(timeout=PATIENCE)
    team.get_by_role("button", name="Take ayame.json out").click()
    expect(team).to_contain_text("7 respondents", timeout=PATIENCE)
    expect(team).not_to_contain_text("could not be loaded")


def test_when_python_stops_every_call_under_way_is_told(chromium_page: Page, site: str) -> None:
    page = chromium_page
    page.context.route("**/pyodide.js", lambda route: route.abort())
    open_page(page, site)
    drop(page, team_files("2026-07"))
    page.get_by_role("radio").nth(3).check()
    for title in ("What my answers say", "Our team"):
        expect(panel(page, title)).to_contain_text("The calculation could not be loaded", timeout=PATIENCE)


@pytest.mark.parametrize("what", ["full", "forbidden"])
def test_without_storage_answers_last_while_the_page_is_open(
    chromium_page: Page, site: str, what: str, tmp_path: Path
) -> None:
    page = chromium_page
    page.add_init_script(
        'Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };'
        if what == "full"
        else 'for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, '
        '{ get() { throw new DOMException("no", "SecurityError"); } });'
    )
    open_page(page, site)
    expect(page.get_by_text("This browser keeps nothing for this page")).to_be_visible()
    page.get_by_role("radio").nth(3).check()
    page.get_by_role("button", name="Are we ready, and what could go wrong?").click()
    page.get_by_role("button", name="Where do we stand?").click()
    expect(page.get_by_role("radio").nth(3)).to_be_checked()
    expect(mine(page).locator(".cx-cards")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Download my answers").click()  # asks for a name
    path = saved(page, "Download as me.json", tmp_path)
    assert json.loads(path.read_text("utf-8"))["answers"] == {"element.goals": 4}


def test_without_webassembly_answers_can_be_given_kept_and_taken_away(
    chromium_page: Page, site: str, tmp_path: Path
) -> None:
    page = chromium_page
    page.add_init_script("delete globalThis.WebAssembly")
    open_page(page, site)
    page.get_by_role("radio").nth(2).check()
    expect(page.get_by_text("WebAssembly is switched off or missing").first).to_be_visible()
    page.get_by_role("button", name="Download my answers").click()  # asks for a name
    path = saved(page, "Download as me.json", tmp_path)
    assert cx.read_answers(tmp_path).responses[0].values == {"element.goals": 3}
    assert path.name == "me.json"


def test_a_site_without_pyodide_says_so_and_goes_on_when_it_is_back(chromium_page: Page, site: str) -> None:
    page = chromium_page
    page.context.route("**/pyodide.asm.wasm", lambda route: route.abort())
    open_page(page, site)
    page.get_by_role("radio").nth(2).check()
    expect(mine(page)).to_contain_text("The calculation could not be loaded", timeout=PATIENCE)
    page.context.unroute("**/pyodide.asm.wasm")
    page.get_by_role("radio").nth(4).check()
    expect(mine(page).locator(".cx-cards")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits(
    chromium_page: Page, site: str, violations: Callable[..., list[str]], width: int, scheme: Any
) -> None:
    page = chromium_page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_page(page, site)
    page.get_by_role("radio").nth(3).check()
    drop(page, team_files("2026-07"))
    team = panel(page, "Our team")
    expect(team.locator(".cx-cards")).to_be_visible(timeout=PATIENCE)
    team.locator("summary", has_text="Organisational goals").click()
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
