"""The room's app in a real Voilà: several people at once, each with files of their own, and nobody gets at another's."""

import json
import os
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

import cxassess as cx
from cxassess.app.seats import RoomError, take_seat, teams
from cxassess.language import say
from tests.browser.conftest import ROOT, _free_port

ROUND = "2026-04"
HOSTILE = [
    "../../escaped", "..", "/etc/passwd", "C:\\x", "con", "a/b", "team", "playbook", ".hidden", "x\u202eevil", "x\0y", "", " ", "a" * 200,
]  # fmt: skip


@dataclass(frozen=True)
class Room:
    """A served room: its address, its code and the folder of answers."""

    address: str
    code: str
    folder: Path
    printed: str

    @property
    def link(self) -> str:
        return f"{self.address}?token={self.code}"

    def answers(self, team: str, name: str) -> dict[str, Any]:
        text = (self.folder / team / ROUND / f"{name}.json").read_text("utf-8")
        return dict(json.loads(text)["answers"])


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """The app as `make app` starts it."""
    folder = tmp_path_factory.mktemp("room")
    home = tmp_path_factory.mktemp("home")
    port, code = _free_port(), secrets.token_hex(6)
    env = {key: value for key, value in os.environ.items() if not key.startswith("CXASSESS_")}
    places = {"JUPYTER_CONFIG_DIR": home, "JUPYTER_RUNTIME_DIR": home, "IPYTHONDIR": home, "HOME": home}
    command = [sys.executable, "-m", "cxassess.app", str(folder), "--round", ROUND]
    process = subprocess.Popen(
        [*command, "--people", "3", "--port", str(port), "--code", code],
        cwd=ROOT,
        env={**env, **{key: str(value) for key, value in places.items()}, "CXASSESS_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=(home / "log").open("w"),
        encoding="utf-8",
    )
    assert process.stdout
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith("To close the room"):
            break
    try:
        [address] = re.findall(
            rf"http://[\d.]+:{port}/", printed
        )  # as on a phone: not this machine's localhost
        _wait(f"{address}login", process, home / "log")
        yield Room(address, code, folder, printed)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(address: str, process: subprocess.Popen[str], log: Path) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the app did not start:\n{log.read_text('utf-8')}")


@pytest.fixture
def phones(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Gives phones: pages 360 px wide, each with a storage of its own. An error that no code caught fails the test."""
    errors: list[str] = []
    with ExitStack() as opened:

        def phone(locale: str = "en-US", storage: Any = None) -> Page:
            context: BrowserContext = chromium.new_context(
                viewport={"width": 360, "height": 740}, locale=locale, storage_state=storage
            )
            opened.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.set_default_timeout(30_000)
            return page

        yield phone
    assert not errors, errors


def come_in(page: Page, room: Room, team: str, name: str, code: str = "") -> None:
    page.goto(room.link)
    expect(page.locator(".cx-door")).to_be_visible(timeout=60_000)
    knock(page, team, name, code)


def knock(page: Page, team: str, name: str, code: str = "") -> None:
    """Fills in the door and sends it."""
    choice, fresh = page.locator("#cx-team"), page.locator("#cx-new-team")
    if choice.count():
        known = choice.locator("option", has_text=re.compile(rf"^{re.escape(team)}$")).count()
        choice.select_option(f"={team}" if known else "")
    if fresh.is_visible():
        fresh.fill(team)
    page.locator("#cx-name").fill(name)
    if code:
        details = page.locator(".cx-door details")
        if details.get_attribute("open") is None:
            details.locator("summary").click()
        page.locator("#cx-code").fill(code)
    page.locator(".cx-primary").click()


def form(page: Page) -> Locator:
    shown = page.locator(".cx-form")
    expect(shown).to_be_visible(timeout=60_000)
    return shown


def rate(page: Page, level: int) -> None:
    """Answers the three questions of the form's first section."""
    for number in range(3):
        form(page).locator("fieldset").nth(number).get_by_role("radio").nth(level - 1).check()
    expect_saved(page)


def expect_saved(page: Page) -> None:
    expect(page.locator(".cx-form .cx-status")).to_have_attribute("data-state", "saved")


def part(page: Page, name: str) -> None:
    page.get_by_role("navigation", name=re.compile("Parts|パート")).get_by_role("button", name=name).click()


def own_code(page: Page) -> str:
    return page.locator(".cx-code summary").inner_text().split(": ")[-1].strip()


def test_it_prints_how_to_come_in(room: Room) -> None:
    assert room.code in room.printed
    assert str(room.folder) in room.printed
    assert re.search(r"http://\d+\.\d+\.\d+\.\d+:\d+/", room.printed)
    assert "▄▄▄▄▄" in room.printed  # the code's corners


def test_three_people_answer_at_once_and_see_one_result(room: Room, phones: Callable[..., Page]) -> None:
    people = {"Anna": "en-US", "ボブ": "ja-JP", "Chris O'Neill": "en-US"}
    pages = {name: phones(locale) for name, locale in people.items()}
    asked: list[str] = []
    for name, page in pages.items():
        page.context.on("request", lambda request: asked.append(request.url))
        come_in(page, room, "Support 東京", name)
    for level, page in enumerate(pages.values(), 2):
        rate(page, level)
    part(pages["Anna"], "What do we already do?")
    form(pages["Anna"]).get_by_role("radio").first.check()
    expect_saved(pages["Anna"])
    part(pages["ボブ"], "準備はできているか")
    expect(pages["ボブ"].locator(".cx-form h2")).to_contain_text("準備はできているか")
    form(pages["ボブ"]).get_by_role("radio").first.check()
    expect_saved(pages["ボブ"])

    for name, level in zip(people, (2, 3, 4), strict=True):
        rated = [
            value for key, value in room.answers("Support 東京", name).items() if key.startswith("element.")
        ]
        assert rated == [level] * 3, name
    kinds = {name: {key.partition(".")[0] for key in room.answers("Support 東京", name)} for name in people}
    assert "practice" in kinds["Anna"]
    assert "condition" in kinds["ボブ"]

    watching = pages["Anna"]
    part(watching, "Our result")
    picture = watching.locator(".cx-picture")
    row = picture.locator("tr[data-element=goals]")
    expect(picture).to_contain_text("3 respondents")
    expect(row.locator("td")).to_have_text(["", "1", "1", "1", "", "3.0"])
    for name in people:
        assert name not in picture.inner_text()

    form(pages["Chris O'Neill"]).locator("fieldset").first.get_by_role("radio").nth(4).check()
    expect_saved(pages["Chris O'Neill"])
    expect(row.locator("td")).to_have_text(["", "1", "1", "", "1", "3.3"], timeout=30_000)  # by itself
    assert [url for url in asked if not url.startswith((room.address, "data:", "blob:", "ws:"))] == []

    # what the trainer's side reads is the same
    result = cx.score(cx.read_answers(room.folder / "Support 東京" / ROUND))
    assert (result.answers.team.name, result.answers.team.round) == ("Support 東京", ROUND)
    assert {one.respondent for one in result.answers.responses} == set(people)
    assert result.answers.problems == ()


def test_no_code_is_seen_and_everything_fits_a_phone(
    room: Room, phones: Callable[..., Page], violations: Callable[..., list[str]]
) -> None:
    page = phones("ja-JP")
    come_in(page, room, "Narrow", "Dora")
    form(page)
    for name in ("私たちの現在地", "チームの結果"):
        part(page, name)
        expect(page.locator(".cx-parts [aria-current]")).to_have_text(name)
        widest = page.evaluate("Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollWidth))")
        assert widest <= 360, name
    part(page, "私たちの現在地")
    form(page)
    text = page.locator("body").inner_text()
    assert "import" not in text and "In [" not in text and "visit(" not in text
    assert violations(page, ".cx-room") == []

    page.get_by_role("button", name="English").click()
    expect(page.locator(".cx-form h2")).to_contain_text("Where do we stand?")
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator(".cx-form").get_by_role("radio").first.check()
    page.mouse.move(180, 500)
    page.mouse.wheel(0, 1200)
    expect(page.locator(".cx-form .cx-bar")).to_be_in_viewport()  # it sticks


def test_a_name_is_one_persons(room: Room, phones: Callable[..., Page]) -> None:
    first, second = phones(), phones()
    come_in(first, room, "Sales", "Kim")
    rate(first, 5)
    before = (room.folder / "Sales" / ROUND / "Kim.json").read_bytes()

    come_in(second, room, "sales", "KIM")
    expect(second.get_by_role("alert")).to_contain_text("already called KIM")
    knock(second, "Sales", "Kim", "aaaa-aaaa")
    expect(second.get_by_role("alert")).to_contain_text("not the code")
    assert (room.folder / "Sales" / ROUND / "Kim.json").read_bytes() == before
    assert [path.name for path in room.folder.iterdir() if path.name.casefold() == "sales"] == ["Sales"]

    knock(second, "Sales", "kim", own_code(first))  # it is she, on another device
    expect(form(second).get_by_role("radio").nth(4)).to_be_checked()
    expect(second.locator(".cx-who")).to_contain_text("Kim")


def test_hostile_names_stay_data(room: Room, phones: Callable[..., Page]) -> None:
    page = phones()
    before = {path for path in room.folder.parent.rglob("*") if "kernel" not in path.name}
    come_in(page, room, "<img src=x onerror=alert(1)>", "Eve")
    expect(page.get_by_role("alert")).to_contain_text("<img src=x onerror=alert(1)>")
    for team, name in (("../../escaped", "Eve"), ("Support", "../../../escaped"), ("set-aside", "Eve")):
        knock(page, team, name)
        wrong = team if name == "Eve" else name
        expect(page.get_by_role("alert")).to_contain_text(f"“{wrong}”")
    assert {path for path in room.folder.parent.rglob("*") if "kernel" not in path.name} == before
    knock(page, "R&D 'quotes' & {braces} %s", "{name} & 'Eve'")
    rate(page, 1)
    expect(page.locator(".cx-who")).to_contain_text("{name} & 'Eve', team R&D 'quotes' & {braces} %s")
    assert room.answers("R&D 'quotes' & {braces} %s", "{name} & 'Eve'")["element.goals"] == 1


def test_who_comes_back_goes_on_where_they_were(room: Room, phones: Callable[..., Page]) -> None:
    page = phones()
    come_in(page, room, "Back", "Gil")
    rate(page, 3)
    page.reload()
    expect(form(page).get_by_role("radio").nth(2)).to_be_checked()
    page.evaluate("window.before = true")
    kernel = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
    xsrf = {one["name"]: one["value"] for one in page.context.cookies()}["_xsrf"]
    gone = page.request.delete(f"{room.address}api/kernels/{kernel}", headers={"X-XSRFToken": xsrf})
    assert gone.ok, gone.text()  # as when a phone has slept for long
    form(page).get_by_role("radio").nth(3).check()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("!window.before")  # it loads anew by itself
    expect(form(page).get_by_role("radio").nth(3)).to_be_checked()
    expect_saved(page)
    assert room.answers("Back", "Gil")["element.goals"] == 4


def test_the_kernel_of_who_left_is_closed(room: Room, phones: Callable[..., Page]) -> None:
    page, other = phones(), phones()
    come_in(page, room, "Leaving", "Hal")
    form(page)
    come_in(other, room, "Leaving", "Ida")
    kernel = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
    ask = f"{room.address}api/kernels/{kernel}"
    assert other.request.get(ask).status == 200
    page.goto("about:blank")
    for _ in range(100):
        if other.request.get(ask).status == 404:
            break
        other.wait_for_timeout(100)
    assert other.request.get(ask).status == 404


@pytest.mark.parametrize(
    "path", ["", "api/kernels/0-0-0-0-0", "voila/files/app.ipynb", "voila/query/0-0-0-0-0"]
)
def test_without_the_rooms_code_nobody_comes_in(room: Room, path: str) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.build_opener(Stay).open(room.address + path)
    assert refused.value.code in {302, 400, 403}


def test_the_page_that_asks_for_the_code(room: Room, phones: Callable[..., Page], violations: Any) -> None:
    page = phones()
    page.goto(room.address)
    page.get_by_role("textbox").fill("wrong")
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("not the room's code")
    assert violations(page) == []
    page.get_by_role("textbox").fill(room.code)
    page.get_by_role("button").click()
    expect(page.locator(".cx-door")).to_be_visible()
    assert page.request.get(f"{room.address}voila/files/app.ipynb").status in {403, 404}
    assert page.request.get(f"{room.address}api/kernels").status in {403, 404}  # nobody can list others'
    assert page.request.get(f"{room.address}api/contents").status in {403, 404}


# Seats, without a browser


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_could_not_be_a_files_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "room").mkdir()
    with pytest.raises(RoomError):
        take_seat(tmp_path / "room", "Team", name, ROUND)
    if name not in {"team", "playbook"}:  # a team may be called so
        with pytest.raises(RoomError):
            take_seat(tmp_path / "room", name, "Anna", ROUND)
    assert list(tmp_path.iterdir()) == [tmp_path / "room"]


def test_of_many_who_ask_for_one_name_at_once_one_gets_it(tmp_path: Path) -> None:
    def ask(number: int) -> str:
        try:
            return take_seat(tmp_path, "Team", "Anna" if number % 2 else "ANNA", ROUND).code
        except RoomError:
            return ""

    with ThreadPoolExecutor(16) as pool:
        codes = [code for code in pool.map(ask, range(64)) if code]
    assert len(codes) == 1
    assert take_seat(tmp_path, "TEAM", "anna", ROUND, codes[0]).code == codes[0]
    assert teams(tmp_path) == ["Team"]


def test_a_file_that_came_otherwise_is_nobodys_seat(tmp_path: Path) -> None:
    cx.ResponseFile(tmp_path / "Team" / ROUND, "anna").save({"element.goals": 3})
    with pytest.raises(RoomError):
        take_seat(tmp_path, "Team", "Anna", ROUND)
    assert say("app.name_taken", name="Anna").startswith("Somebody in this team")


def test_seats_are_no_team_and_no_answer_of_a_cohort(tmp_path: Path) -> None:
    for number in range(3):
        seat = take_seat(tmp_path, "Team", f"p{number}", ROUND)
        cx.ResponseFile(seat.folder, seat.name).save({"element.goals": 3})
    answers = cx.read_answers(tmp_path / "Team" / ROUND)
    assert len(answers.responses) == 3 and not answers.problems
