"""What the published pages ask for: plain JSON in and out, on the standard library alone where it can be."""

import json
import subprocess
import sys
import zipfile
from html import escape
from pathlib import Path
from typing import Any

import pytest

import cxassess as cx
from cxassess import live
from cxassess.language import language

ROOT = Path(__file__).parents[1]
TEAM = ROOT / "datasets" / "teams" / "customer-support"
EXAMPLE = ROOT / "templates" / "examples" / "company-a.en.json"
NASTY = "<script>alert(1)</script>"


def files(round: str) -> list[dict[str, Any]]:
    return [
        {"name": path.name, "text": path.read_text("utf-8")} for path in sorted((TEAM / round).glob("*.json"))
    ]


def ask(call: str, code: str = "en", /, **arguments: Any) -> dict[str, Any]:
    return json.loads(live.call(call, json.dumps(arguments), code))


@pytest.mark.parametrize("code", ["en", "ja"])
def test_a_result_is_that_of_the_folder(code: str) -> None:
    expected = cx.score(cx.read_answers(TEAM / "2026-07"))
    reply = ask("result", code, files=files("2026-07"))
    assert reply["numbers"]["elements"] == {id: one.score for id, one in expected.elements.items()}
    assert reply["numbers"]["index"] == expected.index.score
    assert len(reply["people"]) == 8
    with language(code):
        assert str(expected.stage.name) in reply["html"]
        assert str(expected.model.elements["goals"].name) in reply["html"]
    assert reply["page"].startswith(f'<!doctype html><html lang="{code}">')


def test_what_people_wrote_stays_text() -> None:
    file = json.dumps(
        {"schema": "cxassess.answers/1", "respondent": "x", "answers": {"element.goals": NASTY, NASTY: 1}}
    )
    reply = ask("result", files=[*files("2026-07"), {"name": "x.json", "text": file}])
    assert NASTY not in reply["html"] and "&lt;script&gt;" in reply["html"]


def test_files_of_one_name_are_both_read_and_a_path_leads_nowhere() -> None:
    one, *_ = files("2026-07")
    other = {"name": f"../../{one['name']}", "text": files("2026-07")[1]["text"]}
    assert len(ask("result", files=[one, other])["people"]) == 2


def test_no_files_name_hides_or_replaces_another() -> None:
    def file(name: str, id: str) -> dict[str, str]:
        table = {
            "schema": "cxassess.answers/1",
            "respondent": "me",
            "id": id,
            "answers": {"element.goals": 2},
        }
        return {"name": name, "text": json.dumps(table)}

    names = [
        "me 2.json",
        "me.json",
        "me.json",
        "ME.JSON",
        "._me.json",
        ".json",
        "彩" * 250 + ".json",
        "\ud83d.json",
    ]
    reply = ask("result", files=[file(name, f"id{i}") for i, name in enumerate(names)])
    assert (len(reply["people"]), reply["problems"]) == (len(names), [])


@pytest.mark.parametrize("name", ["team.json", "playbook.json"])
def test_files_without_answers_are_said_to_be_none(name: str) -> None:
    assert ask("result", files=[{"name": name, "text": "{}"}]) == ask("result", files=[])


def test_a_round_that_nobody_named_has_no_name() -> None:
    team = {"name": "team.json", "text": json.dumps({"schema": "cxassess.team/1", "team": "Us"})}
    assert "Us: 8 respondents" in ask("result", files=[team, *files("2026-07")[:8]])["html"]


def test_half_a_letter_in_a_text_stops_nothing() -> None:
    answers = {"element.goals": 4, "evidence.goals": "a\ud83d"}
    file = json.dumps({"schema": "cxassess.answers/1", "respondent": "x", "answers": answers})
    live.call("result", json.dumps({"files": [{"name": "x.json", "text": file}]}), "ja").encode()


def test_bytes_that_are_not_text_are_named() -> None:
    reply = ask("result", files=[*files("2026-07"), {"name": "odd.json", "bytes": [255, 254, 0, 1]}])
    assert any("odd.json" in problem for problem in reply["problems"])


@pytest.mark.parametrize(
    ("call", "arguments"), [("result", {"files": []}), ("read", {"name": "a.json", "text": "["})]
)
def test_an_error_is_one_sentence_in_the_language(call: str, arguments: dict[str, Any]) -> None:
    english, japanese = (ask(call, code, **arguments)["error"] for code in ("en", "ja"))
    assert english.endswith(".") and japanese.endswith("。")


def test_a_response_is_given_back_as_the_form_holds_it() -> None:
    path = TEAM / "2026-07" / "momiji.json"
    reply = ask("read", name=path.name, text=path.read_text("utf-8"))
    assert reply["values"] == json.loads(path.read_text("utf-8"))["answers"]
    assert reply["problems"] == []


def test_plan_and_change_are_those_of_the_package() -> None:
    before, after = (cx.score(cx.read_answers(TEAM / round)) for round in ("2026-04", "2026-07"))
    assert ask("plan", files=files("2026-07"))["chosen"] == [one.id for one in cx.plan(after).actions]
    html = ask("change", before=files("2026-04"), after=files("2026-07"))["html"]
    assert all(f">{row[1]}<" in html for row in cx.compare(before, after).rows()[1:])


def test_the_plans_page_tells_every_phase_and_its_report_holds_the_result_too() -> None:
    result = cx.score(cx.read_answers(TEAM / "2026-07"))
    reply = ask("plan", files=files("2026-07"))
    assert all(
        escape(line) in reply["html"] for line in repr(cx.plan(result)).splitlines() if "person-days)" in line
    )
    assert reply["html"] in reply["page"] and ask("result", files=files("2026-07"))["html"] in reply["page"]


NAME = {"en": "Customer support", "ja": "カスタマーサポート"}


@pytest.mark.parametrize(("code", "dash"), [("en", "Plan for –"), ("ja", "–（–）")])
def test_a_plan_that_nobody_named_has_no_names(code: str, dash: str) -> None:
    unnamed = [file for file in files("2026-07") if file["name"] != "team.json"]
    html = ask("plan", code, files=unnamed)["html"]
    with language(code):
        plan = cx.plan(cx.score(cx.read_answers(TEAM / "2026-07")))
        named = repr(plan).splitlines()[0]
    assert "–, –" not in html and dash not in html and "{" not in html
    assert NAME[code] in named and "2026-07" in named


@pytest.mark.parametrize(
    ("code", "kinds"), [("en", ("result", "plan", "change")), ("ja", ("診断結果", "計画", "変化"))]
)
def test_every_page_is_called_by_what_it_is_and_whose(code: str, kinds: tuple[str, ...]) -> None:
    now = files("2026-07")
    calls = [
        ("result", {"files": now}),
        ("plan", {"files": now}),
        ("change", {"before": files("2026-04"), "after": now}),
    ]
    names = [ask(call, code, **arguments)["name"] for call, arguments in calls]
    assert names == [f"{kind}-{NAME[code]}-2026-07.html" for kind in kinds]
    alone = [file for file in now if file["name"] != "team.json"][:1]
    assert ask("result", code, files=alone)["name"] == f"{kinds[0]}-{Path(alone[0]['name']).stem}.html"
    team = {
        "name": "team.json",
        "text": json.dumps({"schema": "cxassess.team/1", "team": "../a:b", "round": "x/y"}),
    }
    assert ask("result", code, files=[team, *now[:8]])["name"] == f"{kinds[0]}.html"


@pytest.mark.parametrize("code", ["en", "ja"])
def test_the_check_says_what_stands_in_the_form_and_what_was_left_out(code: str) -> None:
    row = {"target": 1e20, "owner": "K"}
    refused = [{"field": "short_term", "row": 0, "column": "to", "text": NASTY}]
    html = ask("check", code, values={"csat_target": [row]}, team="x", not_taken=refused)["html"]
    assert "1e+20" in html, "a number that no playbook can hold is named"
    assert NASTY not in html and escape(NASTY) in html and "data-column='to'" in html


@pytest.mark.parametrize("ending", [".json", ".md", ".xlsx"])
def test_a_playbook_comes_back_from_its_document(ending: str) -> None:
    expected = ask("open_document", name=EXAMPLE.name, bytes=[*EXAMPLE.read_bytes()])
    written = ask("document", values=expected["values"], team=expected["team"], ending=ending)
    assert written["name"] == f"{expected['team']}{ending}"
    assert ask("open_document", **written)["values"] == expected["values"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as pages get it."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    try:
        import live_pages
    finally:
        sys.path.pop(0)
    folder = tmp_path_factory.mktemp("served")
    live_pages.write_package(folder / "cxassess.zip")
    zipfile.ZipFile(folder / "cxassess.zip").extractall(folder)
    return folder


def test_all_that_pages_ask_for_is_in_what_they_get(served: Path) -> None:
    code = (
        f"import sys, json; sys.path.insert(0, {str(served)!r})\n"
        "from cxassess import live; old, new, book = json.load(sys.stdin)\n"
        "def ask(name, **given):\n"
        "    reply = json.loads(live.call(name, json.dumps(given), 'ja')); assert 'error' not in reply, reply; return reply\n"
        "ask('result', files=new); ask('plan', files=new); ask('change', before=old, after=new)\n"
        "ask('check', values=book, team='x')\n"
        "for ending in ('.json', '.md', '.xlsx', '.html'): ask('document', values=book, team='x', ending=ending)"
    )
    book = cx.open_playbook(ROOT / "templates" / "examples" / "company-a.ja.json")
    given = [files("2026-04"), files("2026-07"), live.plain_values(book)]
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], input=json.dumps(given), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr


def test_the_first_result_needs_the_standard_library_alone(served: Path) -> None:
    code = (
        "import sys, json; from cxassess import live; live.prepare(); files = json.load(sys.stdin)\n"
        "reply = json.loads(live.call('result', json.dumps({'files': files}), 'ja')); assert reply['people'], reply\n"
        "live.call('check', '{\"values\": {}, \"team\": \"x\"}', 'ja')"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(served)!r})\n{code}"],
        input=json.dumps(files("2026-07")), capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
