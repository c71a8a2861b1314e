"""A real JupyterHub with real Unix accounts: several people at once, each with their own, the trainer reading all."""

import importlib.util
import json
import re
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hub import HUB, PEOPLE, Hub, Person, running_hub, why_not

LEARNERS = [name for name, (role, _) in PEOPLE.items() if role == "learner"]
ANNA, BOB, CHIE, DAN, TORA = PEOPLE

needs_root = pytest.mark.skipif(bool(why_not()), reason=f"HUB NOT RUN: {why_not()}")


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with running_hub(CXHUB_MEMORY=str(3 * 2**30), CXHUB_PROCESSES="120") as running:
        yield running


@pytest.fixture(scope="module")
def people(hub: Hub) -> dict[str, Person]:
    """Everybody, logged in and with a running server, all at once."""
    passwords = hub.passwords()
    everybody = {name: Person(hub, name) for name in PEOPLE}

    def come(person: Person) -> None:
        assert person.log_in(passwords[person.name]) == 302
        person.start()

    with ThreadPoolExecutor(len(everybody)) as pool:
        list(pool.map(come, everybody.values()))
    return everybody


# Coming in


@needs_root
def test_everybody_has_a_server_of_their_own_account_at_once(people: dict[str, Person]) -> None:
    code = "import getpass, os; print(getpass.getuser(), os.getuid(), os.getcwd())"
    with ThreadPoolExecutor(len(people)) as pool:
        told = dict(zip(people, pool.map(lambda one: one.run(code).split(), people.values()), strict=True))
    assert {name: line[0] for name, line in told.items()} == {name: name for name in people}
    assert len({line[1] for line in told.values()} - {"0"}) == len(people)
    assert all(line[2] == f"/srv/course/work/{name}" for name, line in told.items())


@needs_root
@pytest.mark.parametrize(
    ("name", "password"), [(ANNA, "wrong"), ("root", ""), ("cxt-nobody", "x"), ("daemon", "x")]
)
def test_who_is_not_on_the_roster_or_has_no_password_stays_out(hub: Hub, name: str, password: str) -> None:
    assert Person(hub, name).log_in(password) == 403


@needs_root
def test_an_account_of_the_machine_that_is_not_the_courses_stays_out(hub: Hub) -> None:
    hub.inside("useradd", "cxt-other")
    hub.inside("sh", "-c", "echo cxt-other:secret | chpasswd")
    assert Person(hub, "cxt-other").log_in("secret") == 403


# Apart

WRITE = """
import os, pathlib
def attempt(what):
    try:
        found = what()
    except OSError as problem:
        return type(problem).__name__
    return f"DONE {found!r}"
"""
REFUSED = ("PermissionError", "FileNotFoundError")
ATTEMPTS = {
    "list another's folder": "os.listdir('/srv/course/work/cxt-bob')",
    "read another's answers": "open('/srv/course/work/cxt-bob/secret.txt').read()",
    "write into another's folder": "open('/srv/course/work/cxt-bob/planted.txt', 'w')",
    "move another's folder": "os.rename('/srv/course/work/cxt-bob', '/srv/course/work/x')",
    "make a folder beside": "os.mkdir('/srv/course/work/extra')",
    "list another's home": "os.listdir('/home/cxt-bob')",
    "read another's keys": "os.listdir('/home/cxt-bob/.local/share/jupyter/runtime')",
    "link to another's file": "os.link('/srv/course/work/cxt-bob/secret.txt', 'mine.txt')",
    "follow an own link": "(os.path.lexists('way') or os.symlink('/srv/course/work/cxt-bob', 'way')) or os.listdir('way')",
    "look into another team": "os.listdir('/srv/course/teams/sales')",
    "read the passwords": "open('/srv/course/passwords.csv').read()",
    "read the hub's state": "os.listdir('/srv/course/hub')",
    "change the lessons of all": "open(os.environ['CXHUB_MATERIAL'] + '/notebooks/01-start-here.ipynb', 'a')",
    "add to the lessons of all": "open(os.environ['CXHUB_MATERIAL'] + '/notebooks/x.ipynb', 'w')",
    "change the data of all": "open('datasets/README.md', 'a')",
    "change the program of all": "open(os.environ['CXHUB_MATERIAL'] + '/templates/hub/start.py', 'a')",
    "become root": "os.setuid(0)",
    "become another": "os.setuid(__import__('pwd').getpwnam('cxt-bob').pw_uid)",
    "end another's processes": "os.kill(BOB, 15)",
    "read another's token": "open(f'/proc/{BOB}/environ').read()",
    "read another's memory": "open(f'/proc/{BOB}/mem', 'rb')",
    "raise an own limit": "__import__('resource').setrlimit(__import__('resource').RLIMIT_NPROC, (10**6, 10**6))",
}


@needs_root
def test_nobody_gets_at_what_is_anothers(hub: Hub, people: dict[str, Person]) -> None:
    assert (
        people[BOB].run("open('secret.txt', 'w').write('mine'); import os; print(os.getppid())").isdigit()
        is True
    )
    process = people[BOB].run("import os; print(os.getppid())")
    lines = [f"print({name!r}, attempt(lambda: {code}), sep='\\t')" for name, code in ATTEMPTS.items()]
    code = "\n".join([WRITE, f"BOB = {process}", *lines])
    code = code.replace("except OSError", "except (OSError, ValueError)")
    told = dict(line.split("\t") for line in people[ANNA].run(code).splitlines())
    refused = {*REFUSED, "ValueError"}  # raising a limit
    assert {name: answer for name, answer in told.items() if answer not in refused} == {}
    assert told.keys() == ATTEMPTS.keys()
    assert people[BOB].run("print(open('secret.txt').read())") == "mine"


@needs_root
def test_the_trainer_reads_all_and_writes_nothing(hub: Hub, people: dict[str, Person]) -> None:
    trainer = people[TORA]
    for name in LEARNERS:
        people[name].run(
            f"import os; os.makedirs('deep/er', exist_ok=True); open('deep/er/own.txt', 'w').write({name!r})"
        )
        path = f"all-work/{name}/deep/er/own.txt"
        assert trainer.run(f"print(open({path!r}).read())") == name
        assert trainer.mine("GET", f"contents/{path}").json()["content"] == name
        for attempt in (
            f"open({path!r}, 'a')",
            f"os.remove({path!r})",
            f"os.rename({path!r}, {path + 'x'!r})",
            f"os.chmod({path!r}, 0o777)",
            f"open('all-work/{name}/deep/new.txt', 'w')",
            f"os.mkdir('all-work/{name}/new')",
            f"os.listdir('/home/{name}')",
        ):
            assert trainer.run(f"import os; {attempt}").startswith("PermissionError"), attempt
        body = {"type": "file", "format": "text", "content": "changed"}
        assert not trainer.mine("PUT", f"contents/{path}", json=body).ok
        assert people[name].run("print(open('deep/er/own.txt').read())") == name


@needs_root
def test_nobody_enters_anothers_server_not_even_the_trainer(people: dict[str, Person]) -> None:
    for who, other in ((ANNA, BOB), (TORA, ANNA)):
        for path in (
            f"/user/{other}/api/contents",
            f"/user/{other}/api/kernels",
            f"/hub/api/users/{other}/tokens",
        ):
            assert people[who].api("GET", path).status_code in {403, 404}, path
        assert people[who].api("POST", f"/user/{other}/api/kernels", json={}).status_code == 403
    assert people[ANNA].api("GET", "/hub/api/users").status_code == 403
    assert people[ANNA].api("DELETE", f"/hub/api/users/{BOB}/server").status_code in {403, 404}
    assert {one["name"] for one in people[TORA].api("GET", "/hub/api/users").json()} == set(PEOPLE)
    assert people[TORA].api("DELETE", f"/hub/api/users/{ANNA}").status_code in {403, 404}
    assert people[TORA].api("PATCH", f"/hub/api/users/{TORA}", json={"admin": True}).status_code in {403, 404}


# Teams

ANSWER = "import cxassess as cx; f = cx.ResponseFile('my-team/first-round', {name!r}); f.save({{'element.goals': {rating}}}); f.save({{'element.product': 4}}); print('saved')"
SCORE = "import cxassess as cx; print(cx.score(cx.read_answers({folder!r})).elements['goals'].counts)"


@needs_root
def test_a_team_answers_into_one_folder_and_nobody_replaces_anothers_file(people: dict[str, Person]) -> None:
    for name, rating in ((ANNA, 2), (BOB, 5)):
        assert people[name].run(ANSWER.format(name=name, rating=rating)) == "saved"
    for name in (ANNA, BOB):
        assert people[name].run(SCORE.format(folder="my-team/first-round")) == "(0, 1, 0, 0, 1)"
    assert people[TORA].run(SCORE.format(folder="all-teams/support/first-round")) == "(0, 1, 0, 0, 1)"
    assert "Error" in people[CHIE].run(SCORE.format(folder="/srv/course/teams/support/first-round"))
    theirs = f"my-team/first-round/{BOB}.json"
    for attempt in (
        f"open({theirs!r}, 'a')",
        f"os.remove({theirs!r})",
        f"open('x', 'w'); os.replace('x', {theirs!r})",
    ):
        assert people[ANNA].run(f"import os; {attempt}").startswith("PermissionError"), attempt
    assert people[ANNA].run(ANSWER.format(name=BOB, rating=1)).startswith("SaveError")
    assert people[TORA].run("open('all-teams/support/first-round/x.json', 'w')").startswith("PermissionError")
    assert people[BOB].run(SCORE.format(folder="my-team/first-round")) == "(0, 1, 0, 0, 1)"


@needs_root
def test_the_cohort_can_be_read_by_the_trainer_alone(hub: Hub, people: dict[str, Person]) -> None:
    code = "import cxassess as cx; from pathlib import Path; print(sorted(p.parent.parent.name for p in Path({0!r}).glob('*/*/*.json')))"
    assert "support" in people[TORA].run(code.format("all-teams"))
    assert people[DAN].run("import os; os.listdir('/srv/course/teams/support')").startswith("PermissionError")


# Limits


@needs_root
def test_one_persons_runaway_program_stops_at_its_limits(people: dict[str, Person]) -> None:
    assert people[ANNA].run("x = bytearray(4 * 2**30)").startswith("MemoryError")
    bomb = """
import subprocess
running = []
try:
    for _ in range(500):
        running.append(subprocess.Popen(["sleep", "30"]))
except OSError as problem:
    print(type(problem).__name__, len(running) < 120)
finally:
    for one in running:
        one.kill()
        one.wait()
"""
    assert people[ANNA].run(bomb) == "BlockingIOError True"
    assert people[BOB].run("print(sum(range(10)))") == "45"
    assert people[ANNA].run("print(sum(range(10)))") == "45"
    huge = "file = open('huge', 'wb'); file.truncate(10**12)"
    assert people[ANNA].run(huge).startswith("OSError")


# Lessons, in a browser and on their own


@needs_root
def test_a_learner_logs_in_opens_a_lesson_and_answers(
    hub: Hub, people: dict[str, Person], chromium_page: Page
) -> None:
    page = chromium_page
    page.goto(hub.address)
    page.get_by_label("Username").fill(DAN)
    page.get_by_label("Password").fill(hub.passwords()[DAN])
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{hub.address}/user/{DAN}/lab/tree/notebooks/02-assess-the-elements.ipynb")
    expect(page.locator(".jp-StatusBar-TextItem", has_text="| Idle")).to_be_visible(timeout=90_000)
    for cell in page.locator(".jp-CodeCell").all():
        cell.locator(".jp-InputArea-editor").click()
        page.keyboard.press("Control+Enter")
        if "cx.assess(" in cell.inner_text():
            break
    form = page.locator(".cx-form").first
    expect(form).to_be_visible(timeout=60_000)
    form.get_by_role("radio").nth(2).check()
    expect(form.locator(".cx-status")).to_have_attribute("data-state", "saved")
    [file] = people[DAN].run("from pathlib import Path; print(*Path('my-team').glob('*/*.json'))").split()
    assert json.loads(people[TORA].run(f"print(open('all-work/{DAN}/{file}').read())"))["answers"] == {
        "element.goals": 3
    }


def module(name: str) -> ModuleType:
    """A program of the recipe, as a module."""
    spec = importlib.util.spec_from_file_location(name, HUB / f"{name}.py")
    assert spec and spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_lessons_are_renewed_unless_the_learner_changed_them(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    for name in ("kept", "changed", "removed"):
        (source / f"{name}.ipynb").write_text("first")
    copy = module("start").copy_lessons
    copy(source, target)
    assert {path.name for path in target.glob("*.ipynb")} == {"kept.ipynb", "changed.ipynb", "removed.ipynb"}
    (target / "changed.ipynb").write_text("my notes")
    (target / "removed.ipynb").unlink()
    (target / "own.ipynb").write_text("mine")
    for name in ("kept", "changed", "new"):
        (source / f"{name}.ipynb").write_text("second")
    for _ in range(2):
        copy(source, target)
        texts = {path.stem: path.read_text() for path in target.glob("*.ipynb")}
        assert texts == {
            "kept": "second",
            "changed": "my notes",
            "removed": "first",
            "own": "mine",
            "new": "second",
        }
    (target / ".lessons.json").write_text("damaged")
    (source / "kept.ipynb").write_text("third")
    copy(source, target)
    assert (target / "kept.ipynb").read_text() == "second"  # whether it is the learner's cannot be known


# The roster


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Anna Smith,learner,", "line 2: 'Anna Smith' cannot be a name"),
        ("../x,learner,", "line 2: '../x' cannot be a name"),
        ("-rf,learner,", "line 2: '-rf' cannot be a name"),
        (",learner,", "line 2: '' cannot be a name"),
        ("anna,boss,", "line 2: the role is 'boss'; write learner or trainer"),
        ("anna,learner,../sales", "line 2: '../sales' cannot be a team"),
        ("anna,learner,\nanna,trainer,", "line 3: anna is already on the roster"),
    ],
)
def test_a_roster_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path: Path, line: str, said: str
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"name,role,team\n{line}\n", "utf-8")
    accounts = module("accounts")
    with pytest.raises(accounts.RosterError, match=re.escape(said)):
        accounts.read_roster(path)


def test_the_course_never_takes_an_account_that_the_machine_has(tmp_path: Path) -> None:
    accounts = module("accounts")
    for name in ("root", "daemon"):
        with pytest.raises(accounts.RosterError, match="already has an account"):
            accounts.check_accounts([{"name": name, "role": "learner", "team": ""}])


@needs_root
def test_a_longer_roster_adds_the_new_and_leaves_the_others_alone(hub: Hub) -> None:
    before = hub.passwords()
    roster = hub.stage / "people.csv"
    text = roster.read_text("utf-8").replace(f"{DAN},learner,", f"{DAN},learner,sales")
    roster.write_text(f"{text}cxt-eve,learner,new-team\n", "utf-8")
    told = hub.inside(sys.executable, str(HUB / "accounts.py"), str(roster))
    assert told.startswith("6 people, 1 of them new")
    after = hub.passwords()
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {"cxt-eve"}
    assert "cxw-sales" in hub.inside("id", "-nG", DAN).split()
    assert Person(hub, "cxt-eve").log_in(after["cxt-eve"]) == 302
    assert stat.S_IMODE((hub.course / "passwords.csv").stat().st_mode) == 0o600


@needs_root
def test_a_python_that_the_accounts_may_not_run_is_told(hub: Hub) -> None:
    hub.inside("mkdir", "-m", "700", "/srv/shut")
    hub.inside("ln", "-s", sys.executable, "/srv/shut/python")
    with pytest.raises(subprocess.CalledProcessError) as failed:
        hub.inside("/srv/shut/python", str(HUB / "accounts.py"), str(hub.stage / "people.csv"))
    assert "may not run /srv/shut/python" in failed.value.stderr


@needs_root
def test_a_server_that_nobody_uses_is_stopped() -> None:
    with running_hub(CXHUB_IDLE="2") as hub:
        person = Person(hub, ANNA)
        assert person.log_in(hub.passwords()[ANNA]) == 302
        person.start()
        for _ in range(600):
            if not person.api("GET", f"/hub/api/users/{ANNA}").json().get("server"):
                break
            time.sleep(0.1)
        assert not person.api("GET", f"/hub/api/users/{ANNA}").json().get("server"), hub.log()
