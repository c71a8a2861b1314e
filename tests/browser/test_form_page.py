"""The form on a plain page, where the browser keeps the answers: what a person without a mouse can do."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

Address = Callable[[Any], str]
Spec = Callable[..., dict[str, Any]]
TabTo = Callable[[Locator], None]

ANSWERS = {
    "goals": 4,
    "goals.evidence": "The goal sheet",
    "decisions": "na",
    "interviews": "trial",
    "support": "heard",
    "people": 120,
    "since": "2025-11-24",
    "promise": "We call back.\nAlways.",
    "actions": [{"what": "Read complaints", "function": "it", "days": 5}, {"what": "Visit a customer"}],
    "remarks": "None",
}


def group(page: Page, question: str) -> Locator:
    return page.get_by_role("group", name=question)


def section(page: Page, title: str) -> Locator:
    return page.get_by_role("heading", name=title, level=3)


def answer_everything(page: Page, tab_to: TabTo) -> None:
    """Gives ANSWERS by keyboard alone."""
    press, write = page.keyboard.press, page.keyboard.type

    tab_to(group(page, "What do our targets measure?").get_by_role("radio").first)
    press("Space")
    for _ in range(3):
        press("ArrowDown")
    tab_to(page.get_by_label("What could you show a visitor?"))
    write("The goal sheet")
    tab_to(group(page, "What settles an argument?").get_by_role("radio").first)
    press("ArrowUp")  # wraps round to the last option
    tab_to(page.get_by_role("button", name="Next: Practices"))
    press("Enter")

    expect(section(page, "Practices and figures")).to_be_focused()
    tab_to(group(page, "Interview customers").get_by_role("radio").first)
    press("ArrowRight")
    press("ArrowRight")
    tab_to(group(page, "How sure").get_by_role("radio").first)
    press("Space")
    tab_to(page.get_by_label("How many people"))
    write("１２０")  # as a Japanese keyboard gives them
    press("Tab")
    write("11242025")
    tab_to(page.get_by_role("button", name="Next: Plan"))
    press("Enter")

    expect(section(page, "Plan")).to_be_focused()
    tab_to(page.get_by_label("What do we promise"))
    write("We call back.\nAlways.")
    press("Tab")
    write("Read complaints")
    press("Tab")
    write("IT")
    press("Tab")
    write("5")
    tab_to(page.get_by_role("button", name="Add a row"))
    press("Enter")
    write("Visit a customer")
    tab_to(page.get_by_label("Anything else?"))
    write("None")
    press("Tab")


def stored(page: Page) -> Any:
    return json.loads(page.evaluate("localStorage.getItem('cxassess:answers:test')") or "{}").get("values")


def unsent(page: Page) -> Any:
    return page.evaluate("localStorage.getItem('cxassess:unsent:test')")


def expect_saved(page: Page) -> None:
    expect(page.locator(".cx-status")).to_have_text(re.compile(r"(Saved \d|保存しました)"))


def test_every_answer_given_by_keyboard_alone_is_there_after_a_reload(
    chromium_page: Page, form_page: Address, form_spec: Spec, tab_to: TabTo
) -> None:
    page = chromium_page
    page.goto(form_page(form_spec()))
    expect(page.locator(".cx-progress")).to_have_text("0 of 8 answered")
    answer_everything(page, tab_to)
    expect_saved(page)
    assert stored(page) == ANSWERS
    assert unsent(page) is None

    page.reload()
    expect(section(page, "Plan")).to_be_visible()  # where the person stopped
    expect(page.get_by_role("heading", name="Everything is answered")).to_be_visible()
    expect(page.get_by_label("What do we promise")).to_have_value("We call back.\nAlways.")
    rows = page.get_by_role("group", name=re.compile("^Row"))
    expect(rows).to_have_count(2)
    expect(rows.first.get_by_label("What")).to_have_value("Read complaints")
    expect(rows.first.get_by_label("Function")).to_have_value("IT")
    expect(rows.first.get_by_label("Days")).to_have_value("5")
    expect(rows.last.get_by_label("What")).to_have_value("Visit a customer")
    expect(page.get_by_label("Anything else?")).to_have_value("None")

    page.get_by_role("navigation").get_by_role("button", name="Practices").click()
    expect(page.get_by_label("Trial")).to_be_checked()
    expect(page.get_by_label("Hearsay")).to_be_checked()
    expect(page.get_by_label("How many people")).to_have_value("120")
    expect(page.get_by_label("When did the last survey")).to_have_value("2025-11-24")

    page.get_by_role("navigation").get_by_role("button", name="Direction").click()
    expect(page.get_by_label("A project without an expected benefit")).to_be_checked()
    expect(page.get_by_label("What could you show a visitor?")).to_have_value("The goal sheet")
    expect(group(page, "What settles").get_by_label("Not applicable to us")).to_be_checked()


def test_the_form_reopens_where_the_person_stopped(
    chromium_page: Page, form_page: Address, form_spec: Spec
) -> None:
    page = chromium_page
    page.goto(form_page(form_spec()))
    page.get_by_role("button", name="Next: Practices").click()
    page.get_by_label("Seen").check()
    expect_saved(page)
    page.reload()
    expect(section(page, "Practices and figures")).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")  # opening takes no focus away
    page.get_by_role("button", name="Continue where you stopped").press("Enter")
    expect(page.get_by_label("Seen")).to_be_focused()


def test_undo_takes_back_step_by_step(chromium_page: Page, form_page: Address, form_spec: Spec) -> None:
    page = chromium_page
    page.goto(form_page(form_spec()))
    rank, facts = page.get_by_label("Rank."), page.get_by_label("Facts.")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_have_attribute("aria-disabled", "true")
    page.get_by_label("Each team knows").check()
    rank.check()
    page.get_by_role("button", name="Next: Practices").click()
    page.get_by_label("How many people").fill("7")

    undo.press("Enter")
    expect(page.get_by_label("How many people")).to_have_value("")
    undo.focus()
    page.keyboard.press("Control+z")
    expect(section(page, "Direction")).to_be_visible()  # it shows what it took back
    expect(rank).not_to_be_checked()
    expect(rank).to_be_focused()
    expect(facts).not_to_be_checked()
    page.keyboard.press("Control+z")
    expect(page.get_by_label("Each team knows")).not_to_be_checked()
    expect(undo).to_have_attribute("aria-disabled", "true")
    expect_saved(page)
    assert stored(page) == {}


def test_undo_inside_a_text_is_the_browsers_own(
    chromium_page: Page, form_page: Address, form_spec: Spec
) -> None:
    page = chromium_page
    page.goto(form_page(form_spec()))
    page.get_by_label("A project without").check()
    page.get_by_label("What could you show").focus()
    page.keyboard.insert_text("oops")
    page.keyboard.press("Control+z")
    expect(page.get_by_label("What could you show")).to_have_value("")
    expect(page.get_by_label("A project without")).to_be_checked()


def test_a_cleared_answer_is_blank_and_not_the_same_as_not_applicable(
    chromium_page: Page, form_page: Address, form_spec: Spec
) -> None:
    page = chromium_page
    page.goto(form_page(form_spec()))
    question = group(page, "What settles")
    clear = question.locator("xpath=..").get_by_role("button", name="Clear this answer")
    expect(clear).to_be_hidden()
    question.get_by_label("Not applicable").check()
    expect_saved(page)
    assert stored(page) == {"decisions": "na"}
    expect(page.locator(".cx-progress")).to_have_text("1 of 8 answered")
    clear.press("Enter")
    expect(question.get_by_role("radio").first).to_be_focused()
    expect(page.locator(".cx-progress")).to_have_text("0 of 8 answered")
    expect_saved(page)
    assert stored(page) == {}


def test_the_end_leads_to_the_first_open_question(
    chromium_page: Page, form_page: Address, form_spec: Spec
) -> None:
    page = chromium_page
    page.goto(form_page(form_spec()))
    page.get_by_label("Each team knows").check()
    page.get_by_role("navigation").get_by_role("button", name="Plan").click()
    expect(page.get_by_role("heading", name="Still open: 7")).to_be_visible()
    page.get_by_role("button", name="Go to the first open question").press("Enter")
    expect(group(page, "What settles").get_by_role("radio").first).to_be_focused()


def test_a_number_that_cannot_be_says_why_and_is_not_saved(
    chromium_page: Page, form_page: Address, form_spec: Spec
) -> None:
    page = chromium_page
    page.goto(form_page(form_spec()))
    page.get_by_role("button", name="Next: Practices").click()
    people = page.get_by_label("How many people")
    for wrong, why in {"9000": "from 1 to 500", "many": "such as 1", "1e9": "such as 1"}.items():
        people.fill(wrong)
        people.blur()
        expect(people).to_have_attribute("aria-invalid", "true")
        expect(people).to_have_accessible_description(re.compile(why))
        assert "people" not in (stored(page) or {})
    people.fill("1,2")  # read as 12: the comma parts thousands
    people.blur()
    expect(people).to_have_attribute("aria-invalid", "false")
    expect_saved(page)
    assert stored(page) == {"people": 12}


NUMBERS = {
    "¥120,000": 120000, "￥１２０，０００": 120000, "135,000 yen": 135000, "135,000円": 135000, "80%": 80, "８０％": 80,
    "EUR 20": 20, "-1,200": -1200, "−¥5": -5, "120 people": 120, "1 200": 1200, ".5": 0.5,
}  # fmt: skip
NO_NUMBERS = ["about 80", "9→4", "1e9", "1.2.3", "--5", "¥", "80 apples", "12-13", "１２万円"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_numbers_are_taken_as_people_write_them_and_it_says_as_what(
    chromium_page: Page, form_page: Address, form_spec: Spec, language: str
) -> None:
    page, spec = chromium_page, form_spec(language)
    field = next(one for one in spec["sections"][1]["fields"] if one["id"] == "people")
    field |= {
        "min": -1e6,
        "max": 1e6,
        "example": 18_400,
        "only": ["people", "人"],
        "units": ["people", "人"],
        "hint": "People are counted.",
    }
    page.goto(form_page(spec))
    page.locator("nav button").nth(1).click()
    number, remark = page.locator(".cx-number input"), page.locator(".cx-number .cx-remark")
    for text, value in NUMBERS.items():
        number.fill(text)
        number.blur()
        expect(number).to_have_attribute("aria-invalid", "false")
        expect_saved(page)
        assert stored(page) == {"people": value}, text
        expect(remark).to_be_visible(visible=text not in {"-1,200"})
        if text != "-1,200":
            expect(remark).to_contain_text(f"{value:,}")
            expect(number).to_have_accessible_description(re.compile(re.escape(f"{value:,}")))
        said = [
            sign for sign in ("%", "¥", "EUR", "円", "yen") if sign in text or (sign == "¥" and "￥" in text)
        ]
        if said:
            expect(remark).to_contain_text("People are counted.")
    for text in NO_NUMBERS:
        number.fill(text)
        number.blur()
        expect(number).to_have_attribute("aria-invalid", "true")
        expect(page.locator(".cx-number .cx-error")).to_contain_text("18,400")
        expect(remark).to_be_hidden()
    number.fill("1,200")
    number.blur()
    expect(remark).to_be_hidden()  # it was written as it was taken


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_is_refused_is_not_called_saved_or_answered_and_can_be_gone_to(
    chromium_page: Page, form_page: Address, form_spec: Spec, language: str
) -> None:
    page, spec = chromium_page, form_spec(language)
    texts, sections = spec["texts"], spec["sections"]
    page.goto(form_page(spec))
    navigation = page.locator("nav button")
    refused = page.locator(".cx-refused")
    expect(refused).to_be_hidden()
    navigation.nth(1).click()
    number = page.locator(".cx-number input")
    number.fill("7")
    number.fill("many")
    number.blur()
    expect(page.locator(".cx-status")).to_have_text(texts["saved_partly"])
    expect(page.locator(".cx-progress")).to_have_text(texts["progress"].format(answered=0, total=8))
    navigation.nth(2).click()
    rows = page.locator(".cx-row")
    rows.first.locator("input").first.fill("Read complaints")
    rows.first.locator("input").last.fill("five or so")
    rows.first.locator("input").last.blur()
    expect(refused).to_contain_text(texts["refused"].format(count=2))
    expect(page.locator(".cx-progress")).to_have_text(texts["progress"].format(answered=0, total=8))
    expect(page.locator(".cx-end h4")).to_have_text(texts["left_title"].format(count=8))
    assert page.evaluate("unmount.refused()") == [
        {"field": "people", "row": 0, "column": "", "text": "many"},
        {"field": "actions", "row": 1, "column": "days", "text": "five or so"},
    ]

    label = sections[1]["fields"][2]["label"]
    refused.get_by_role("button", name=texts["go_refused"].format(label=label)).press("Enter")
    expect(number).to_be_focused()
    number.fill("12")
    number.blur()
    expect(refused).to_contain_text(texts["refused"].format(count=1))
    label = sections[2]["fields"][1]["label"]
    refused.get_by_role("button", name=texts["go_refused"].format(label=label)).click()
    expect(rows.first.locator("input").last).to_be_focused()
    rows.first.locator("button").click()  # the row goes, and what was refused in it
    expect(refused).to_be_hidden()
    expect_saved(page)
    assert stored(page) == {"people": 12}


def test_a_place_in_a_table_can_be_gone_to(chromium_page: Page, form_page: Address, form_spec: Spec) -> None:
    page = chromium_page
    page.goto(form_page(form_spec()))
    page.get_by_role("navigation").get_by_role("button", name="Plan").click()
    rows = page.locator(".cx-row")
    page.get_by_role("button", name="Add a row").click()
    rows.nth(1).get_by_label("What").fill("Visit a customer")  # the first that holds something
    page.get_by_role("navigation").get_by_role("button", name="Direction").click()
    page.evaluate("unmount.goTo({ field: 'actions', row: 1, column: 'days' })")
    expect(rows.nth(1).get_by_label("Days")).to_be_focused()
    page.evaluate("unmount.goTo({ field: 'goals', row: 0, column: '' })")
    expect(page.get_by_role("radio").first).to_be_focused()


def test_characters_are_counted_near_the_limit_alone(
    chromium_page: Page, form_page: Address, form_spec: Spec
) -> None:
    page = chromium_page
    page.goto(form_page(form_spec()))
    page.get_by_role("navigation").get_by_role("button", name="Plan").click()
    promise, limit = (
        page.get_by_label("What do we promise"),
        page.locator(".cx-field:has(textarea) .cx-limit"),
    )
    for text, said in {"": "", "x" * 179: "", "x" * 180: "180 of at most 200 characters", "x": ""}.items():
        promise.fill(text)
        expect(limit).to_have_text(said)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_choice_that_is_cut_off_is_shown_in_full(
    chromium_page: Page, form_page: Address, form_spec: Spec, language: str
) -> None:
    page, spec = chromium_page, form_spec(language)
    long = (
        "Customer feedback collection rate among subscribers"
        if language == "en"
        else "顧客フィードバック収集率（定期便会員）"
    )
    options = spec["sections"][2]["fields"][1]["columns"][1]["options"]
    options[0]["label"] = long
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(form_page(spec))
    page.locator("nav button").nth(2).click()
    choice, whole = page.locator(".cx-row select"), page.locator(".cx-row .cx-chosen")
    expect(whole).to_be_hidden()
    choice.select_option(label=long)
    expect(whole).to_have_text(long)
    page.set_viewport_size({"width": 700, "height": 800})
    choice.select_option(label="IT")
    expect(whole).to_be_hidden()


def test_rows_come_and_go(chromium_page: Page, form_page: Address, form_spec: Spec) -> None:
    page = chromium_page
    page.goto(form_page(form_spec()))
    page.get_by_role("navigation").get_by_role("button", name="Plan").click()
    add, rows = (
        page.get_by_role("button", name="Add a row"),
        page.get_by_role("group", name=re.compile("^Row")),
    )
    for i in range(3):
        rows.nth(i).get_by_label("What").fill(f"Action {i}")
        if i < 2:
            add.click()
    expect(add).to_be_hidden()
    expect(page.get_by_text("all the rows there is room for (3)")).to_be_visible()
    page.get_by_role("button", name="Remove row 2").press("Enter")
    expect(rows.nth(1).get_by_label("What")).to_be_focused()
    expect(rows.nth(1).get_by_label("What")).to_have_value("Action 2")
    expect_saved(page)
    assert stored(page) == {"actions": [{"what": "Action 0"}, {"what": "Action 2"}]}


def test_what_no_host_acknowledged_is_sent_again_by_the_next_mount(
    chromium_page: Page, form_page: Address, form_spec: Spec, tab_to: TabTo
) -> None:
    address = form_page(form_spec())
    refused = chromium_page
    refused.add_init_script("""
        window.formHost = ({ SaveProblem }) => ({
            load: () => ({ values: {} }),
            save: async () => { throw new SaveProblem("failed", { message: "The disk is full." }); },
        });
    """)
    refused.goto(address)
    answer_everything(refused, tab_to)
    expect(refused.get_by_text("Not saved. The disk is full.")).to_have_count(2)  # seen, and spoken
    expect(refused.get_by_role("button", name="Try again now")).to_be_visible()
    assert stored(refused) is None
    refused.close()

    accepted = chromium_page.context.new_page()
    accepted.goto(address)
    expect(accepted.get_by_text("has now put back: 10")).to_be_visible()
    expect(section(accepted, "Plan")).to_be_visible()
    expect(accepted.get_by_label("Anything else?")).to_have_value("None")
    expect_saved(accepted)
    assert stored(accepted) == ANSWERS
    assert unsent(accepted) is None


def test_an_edit_made_while_another_is_on_its_way_follows_it(
    chromium_page: Page, form_page: Address, form_spec: Spec
) -> None:
    page = chromium_page
    page.add_init_script("""
        window.batches = [];
        window.formHost = () => ({
            load: () => ({ values: {} }),
            save: (edits) => new Promise((resolve) => {
                window.batches.push(edits);
                window.acknowledge = () => resolve({ at: "14:03" });
            }),
        });
    """)
    page.goto(form_page(form_spec()))
    page.get_by_label("Rank.").check()
    page.wait_for_function("batches.length === 1")
    page.get_by_label("Facts.").check()
    page.get_by_label("Each team knows").check()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.evaluate("acknowledge()")
    page.wait_for_function("batches.length === 2")
    assert page.evaluate("batches") == [{"decisions": 1}, {"decisions": 2, "goals": 3}]
    assert json.loads(unsent(page))["values"] == {"decisions": 2, "goals": 3}
    page.evaluate("acknowledge()")
    expect(page.get_by_text("Saved 14:03", exact=True)).to_be_visible()
    assert unsent(page) is None


def test_typing_sends_a_text_and_not_its_keystrokes(
    chromium_page: Page, form_page: Address, form_spec: Spec
) -> None:
    page = chromium_page
    page.add_init_script("""
        window.batches = [];
        window.formHost = ({ browserHost, spec }) => {
            const host = browserHost(spec.key);
            return { ...host, save: (...batch) => (window.batches.push(batch[0]), host.save(...batch)) };
        };
    """)
    page.goto(form_page(form_spec()))
    page.get_by_role("navigation").get_by_role("button", name="Plan").click()
    page.get_by_label("What do we promise").focus()
    text = "We call every customer back within one working day. " * 3
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    expect_saved(page)
    assert stored(page)["promise"] == text
    assert page.evaluate("batches.filter(batch => 'promise' in batch).length") <= len(text) / 10


def test_answers_changed_elsewhere_are_shown_and_counted(
    chromium_page: Page, form_page: Address, form_spec: Spec
) -> None:
    address = form_page(form_spec())
    here, there = chromium_page, chromium_page.context.new_page()
    here.goto(address)
    there.goto(address)
    there.get_by_label("Facts.").check()
    expect(here.get_by_label("Facts.")).to_be_checked()
    expect(here.locator(".cx-news")).to_contain_text("shown here now: 1")
    expect(here.locator(".cx-progress")).to_have_text("1 of 8 answered")


@pytest.mark.parametrize(
    "refusal",
    [
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }",
    ],
    ids=["forbidden", "full"],
)
def test_without_storage_the_form_works_and_says_what_that_means(
    chromium_page: Page, form_page: Address, form_spec: Spec, refusal: str
) -> None:
    page = chromium_page
    page.add_init_script(refusal)
    page.goto(form_page(form_spec()))
    page.get_by_label("Rank.").check()
    expect(page.locator(".cx-trouble")).to_contain_text("as long as this page is open")
    expect(page.locator(".cx-news")).to_contain_text("keep no copy")
    page.get_by_label("Facts.").check()
    page.get_by_role("button", name="Next: Practices").click()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Facts.")).to_be_checked()
    expect(page.locator(".cx-progress")).to_have_text("1 of 8 answered")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_it_fits_its_width_and_its_targets_can_be_hit(
    chromium_page: Page, form_page: Address, form_spec: Spec, language: str, width: int
) -> None:
    page = chromium_page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(form_page(form_spec(language)))
    for number in range(3):
        page.get_by_role("navigation").get_by_role("button").nth(number).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        targets = page.locator(
            "button:visible, summary:visible, .cx-option:visible, select:visible, textarea:visible"
        )
        sizes = [target.bounding_box() for target in targets.all()]
        assert sizes
        assert all(size and size["width"] >= 24 and size["height"] >= 24 for size in sizes)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong(
    chromium_page: Page,
    form_page: Address,
    form_spec: Spec,
    violations: Callable[..., list[str]],
    language: str,
    scheme: Any,
) -> None:
    page = chromium_page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(form_page(form_spec(language)))
    page.locator("[type=radio]").nth(3).check()
    for number in range(3):
        page.get_by_role("navigation").get_by_role("button").nth(number).click()
        if number == 1:
            page.locator(".cx-number input").fill("9000")
            page.locator(".cx-number input").blur()
        for more in page.locator("details:visible").all():
            more.locator("summary").click()
        assert violations(page) == []


def test_the_form_speaks_japanese(chromium_page: Page, form_page: Address, form_spec: Spec) -> None:
    page = chromium_page
    page.goto(form_page(form_spec("ja")))
    form = page.get_by_role("region", name="わたしたちはどれくらい顧客中心か")
    expect(form).to_have_attribute("lang", "ja")
    page.get_by_label("顧客へのメリットが示されない企画は始まらない。").check()
    page.get_by_label("訪問者に見せられる根拠は何ですか。").fill("今期の目標シート")
    expect_saved(page)
    assert stored(page) == {"goals": 4, "goals.evidence": "今期の目標シート"}
    expect(page.locator(".cx-progress")).to_have_text("8件中1件回答済み")
    english = {text for text in form_spec("en")["texts"].values() if "{" not in text}
    shown = {line.strip() for line in form.inner_text().splitlines()}
    assert not english & shown


def test_a_screen_reader_hears_progress_and_saving(
    chromium_page: Page, form_page: Address, form_spec: Spec
) -> None:
    page = chromium_page
    page.goto(form_page(form_spec()))
    page.get_by_label("Rank.").check()
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^Saved \d+:\d\d 1 of 8 answered$"))
    expect(page.get_by_role("progressbar", name="Overall progress")).to_have_js_property("value", 1)
    expect(page.get_by_role("button", name="Direction 1 of 2 answered")).to_have_attribute(
        "aria-current", "step"
    )


def test_texts_are_data(chromium_page: Page, form_page: Address, form_spec: Spec) -> None:
    page = chromium_page
    attack = "<img src=x onerror='window.attacked = true'><script>window.attacked = true</script>"

    def poisoned(part: Any, key: str = "") -> Any:
        if isinstance(part, dict):
            return {name: poisoned(value, name) for name, value in part.items()}
        if isinstance(part, list):
            return [poisoned(item, key) for item in part]
        return attack if isinstance(part, str) and key not in {"id", "type", "key", "language"} else part

    page.goto(form_page(poisoned(form_spec())))
    page.get_by_role("radio").first.check()
    page.locator("nav button").last.click()
    expect(page.get_by_role("heading", level=3)).to_have_text(attack)
    assert page.locator("#form img, #form script").count() == 0
    assert page.evaluate("window.attacked") is None
