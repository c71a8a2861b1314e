"""A team's export: it follows its schema, opens safely in a spreadsheet, and every answer comes back."""

import csv
import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import cxassess as cx
from cxassess import documents
from cxassess.answer_files import response_table
from cxassess.answers import Response, Team
from cxassess.exchange.intake import ExchangeError, Outcome
from cxassess.exchange.open_form import KINDS, SCHEMA_FILE, team_table
from cxassess.exchange.open_form_tables import FIELDS, RISKY
from tests.conftest import ROOT, TEAMS

MODEL = cx.load_model()
SCHEMA = json.loads(SCHEMA_FILE.read_text("utf-8"))
TEAM = TEAMS / "customer-support"
FORMULAS = ["=1+1", "+1", "-1", "@A1", "'=1", "''", "\t=1", "\r=1", "\n=1", "＝1", "＋", "－", "＠", '"=1"', "a\r\nb", "", " ", "5", "007", "1e5"]  # fmt: skip


def team(folder: Path, evidence: list[str], name: str = "anna") -> Path:
    """A team's folder of one round with these texts as evidence."""
    folder.mkdir(parents=True, exist_ok=True)
    values: dict[str, Any] = {
        "element.goals": "na",
        "practice.chatbot": "na",
        "element.data": 1,
        "cause.silos": "likely",
    }
    values |= {f"evidence.{id}": text for id, text in zip(MODEL.elements, evidence, strict=False)}
    made = Response(
        name,
        values,
        MODEL.version,
        MODEL.hash,
        "ja",
        "2026-07-01T00:00:00+00:00",
        7,
        {"assessment": "goals"},
        "x1",
    )
    (folder / f"{name}.json").write_text(json.dumps(response_table(made)), "utf-8")
    cx.save_team(folder, Team("=Team, 'A'", "2026-07", {"goals": 4.5}, {"goals": 0.0, "data": 2.5}))
    return folder


def there_and_back(folder: Path, place: Path, kind: str) -> cx.Intake:
    out = cx.export_team(folder, place / f"out.{kind}", kind)
    return cx.import_team(out, place / "back")


@pytest.mark.parametrize("kind", KINDS)
def test_a_team_with_rounds_and_playbook_comes_back_exactly(kind: str, tmp_path: Path) -> None:
    shutil.copytree(TEAM, tmp_path / "team")
    book = cx.read_playbook(ROOT / "templates" / "examples" / "company-a.ja.json")
    cx.save_playbook(tmp_path / "team" / "2026-07", book)
    intake = there_and_back(tmp_path / "team", tmp_path, kind)
    assert {one.outcome for one in intake.people} == {Outcome.NEW} and not intake.problems
    for round in ("2026-04", "2026-07"):
        assert cx.read_answers(tmp_path / "back" / round) == cx.read_answers(TEAM / round)
    assert cx.read_playbook(tmp_path / "back" / "2026-07") == book


@pytest.mark.parametrize("kind", KINDS)
def test_texts_like_formulas_come_back_exactly(kind: str, tmp_path: Path) -> None:
    there_and_back(team(tmp_path / "team", FORMULAS[: len(MODEL.elements)]), tmp_path / "a", kind)
    there_and_back(team(tmp_path / "other", FORMULAS[::-1], "=anna"), tmp_path / "b", kind)
    assert cx.read_answers(tmp_path / "a" / "back") == cx.read_answers(tmp_path / "team")
    assert cx.read_answers(tmp_path / "b" / "back") == cx.read_answers(tmp_path / "other")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.text(max_size=30), max_size=len(MODEL.elements)))
def test_any_text_comes_back_from_csv(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("team")
    there_and_back(team(folder / "team", texts), folder, "csv")
    assert cx.read_answers(folder / "back") == cx.read_answers(folder / "team")


def test_no_cell_of_a_csv_is_a_formula_and_excel_knows_the_encoding(tmp_path: Path) -> None:
    out = cx.export_team(team(tmp_path / "team", FORMULAS), tmp_path / "out", "csv")
    for path in out.glob("*.csv"):
        assert path.read_bytes()[:3] == b"\xef\xbb\xbf"
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [*csv.DictReader(file)]
        for row in rows:
            for key, cell in row.items():
                if FIELDS[path.stem][key][0] == "string":
                    assert cell[:1] not in RISKY - {"'"}


@pytest.mark.parametrize(
    "folder", [TEAM, TEAM / "2026-07", ROOT / "datasets" / "company_a" / "assessment"], ids=str
)
def test_the_json_follows_its_schema(folder: Path, tmp_path: Path) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    table = json.loads(cx.export_team(folder, tmp_path / "out.json").read_text("utf-8"))
    assert [*Draft202012Validator(SCHEMA).iter_errors(table)] == []
    assert table["plan"]["practices"]


@pytest.mark.parametrize("spoil", ["rounds", "labels", "plan"])
def test_the_schema_refuses_what_is_no_export(spoil: str) -> None:
    table = json.loads(json.dumps(team_table(TEAM / "2026-07")))
    assert Draft202012Validator(SCHEMA).is_valid(table)
    del table[spoil]
    assert not Draft202012Validator(SCHEMA).is_valid(table)
    table = json.loads(json.dumps(team_table(TEAM / "2026-07")))
    table["rounds"][0]["responses"][0]["answers"]["element.goals"] = 3.5
    assert not Draft202012Validator(SCHEMA).is_valid(table)


def test_scores_are_those_of_the_package_with_their_derivation() -> None:
    result = cx.score(cx.read_answers(TEAM / "2026-07"))
    found = team_table(TEAM)["rounds"][1]["result"]
    assert found["index"]["score"] == result.index.score and found["stage"] == result.stage.id
    assert {id: one["score"] for id, one in found["elements"].items()} == {
        id: one.score for id, one in result.elements.items()
    }
    for id, one in found["elements"].items():  # a score follows from what stands beside it
        ratings = [int(level) for level, count in one["counts"].items() for _ in range(count)]
        if one["score"] is not None:
            assert one["score"] == pytest.approx(sum(ratings) / len(ratings)), id
    assert found["derivation"]["goals"]["en"] == result.explain("goals")
    assert "momiji" in found["derivation"]["goals"]["ja"]


def test_every_id_has_a_label_in_every_language() -> None:
    table = team_table(TEAM)
    labels = table["labels"]
    for round in table["rounds"]:
        for one in round["responses"]:
            for key, value in one["answers"].items():
                kind, _, id = key.partition(".")
                assert set(labels[f"element.{id}" if kind == "evidence" else key]) == set(MODEL.languages)
                if value == "na":
                    assert "choice.na" in labels
                elif kind == "element":
                    assert f"level.{id}.{value}" in labels
                elif kind != "evidence":
                    assert f"choice.{kind}.{value}" in labels
    assert all(f"practice.{one['id']}" in labels for one in table["plan"]["practices"])


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_data_package_describes_every_column(kind: str, tmp_path: Path) -> None:
    out = cx.export_team(TEAM, tmp_path / "out", kind)
    package = json.loads((out / "datapackage.json").read_text("utf-8"))
    assert {one["path"] for one in package["resources"]} == {path.name for path in out.iterdir()} - {
        "datapackage.json"
    }
    check = {
        "string": str,
        "integer": int,
        "number": float,
        "boolean": lambda one: {"true": True, "false": False}[one],
    }
    for one in package["resources"]:
        fields = one["schema"]["fields"]
        assert all(field["description"] for field in fields)
        if kind == "parquet":
            from pyarrow import parquet

            assert parquet.read_schema(out / one["path"]).names == [field["name"] for field in fields]
            continue
        with (out / one["path"]).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            assert reader.fieldnames == [field["name"] for field in fields]
            for row in reader:
                for field in fields:
                    if row[field["name"]]:
                        check[field["type"]](row[field["name"]])


def test_what_is_there_already_is_kept_and_said(tmp_path: Path) -> None:
    out = cx.export_team(team(tmp_path / "team", ["a"]), tmp_path / "out.json")
    team(tmp_path / "back", ["b"])
    path = tmp_path / "back" / "anna.json"
    path.write_text(path.read_text("utf-8").replace('"x1"', '"another"'), "utf-8")
    cx.save_team(tmp_path / "back", Team("Others", "2026-07"))
    intake = cx.import_team(out, tmp_path / "back")
    assert [one.key for one in intake.left_out] == ["someone_else"] and len(intake.notes) == 1
    assert cx.read_answers(tmp_path / "back").team.name == "Others"
    cx.import_team(out, tmp_path / "back", replace=True)
    assert cx.read_answers(tmp_path / "back").team.name == "=Team, 'A'"


def test_problems_are_listed_and_the_rest_is_exported(tmp_path: Path) -> None:
    team(tmp_path / "team", ["a"])
    (tmp_path / "team" / "broken.json").write_text("{", "utf-8")
    [problem] = team_table(tmp_path / "team")["rounds"][0]["problems"]
    assert "broken.json" in problem["en"] and "broken.json" in problem["ja"]


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"schema": "x"}', '{"schema": "cxassess.team-export/1", "rounds": [{}]}']
)
def test_what_is_no_export_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(content, "utf-8")
    with pytest.raises(ExchangeError) as problem:
        cx.import_team(tmp_path / "x.json", tmp_path / "back")
    assert problem.value.key == "not_an_export" and "x.json" in str(problem.value)


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "..", "a/b", "con"])
def test_a_rounds_folder_cannot_lead_elsewhere(name: str, tmp_path: Path) -> None:
    table = team_table(team(tmp_path / "team", ["a"]))
    table["rounds"][0]["folder"] = name
    (tmp_path / "x.json").write_text(json.dumps(table), "utf-8")
    with pytest.raises(ExchangeError) as problem:
        cx.import_team(tmp_path / "x.json", tmp_path / "back")
    assert problem.value.key == "bad_folder"


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError):
        cx.export_team(TEAM, tmp_path / "x", "pdf")


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_an_export_replaces_an_export_and_nothing_else(kind: str, tmp_path: Path) -> None:
    folder = team(tmp_path / "team", ["a"])
    for _ in range(2):
        cx.export_team(folder, tmp_path / "out", kind)
    mine = folder / "anna.json" if kind == "json" else folder
    before = {path.name: path.read_bytes() for path in folder.glob("*.json")}
    with pytest.raises(ExchangeError) as problem:
        cx.export_team(folder, mine, kind)
    assert problem.value.key == "not_overwritten" and str(mine) in str(problem.value)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize(("kind", "written"), [("json", 0), ("csv", 3), ("parquet", 3)])
def test_a_disk_that_fills_up_leaves_the_export_before_whole(
    kind: str, written: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = cx.export_team(team(tmp_path / "team", ["a"]), tmp_path / "out", kind)
    before = {
        path: path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file() and out in (path, path.parent)
    }
    team(tmp_path / "team", ["b"])
    room = iter(range(written))

    def full(file: int) -> None:
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(documents.os, "fsync", full)
        with pytest.raises(cx.SaveError, match="No space left"):
            cx.export_team(tmp_path / "team", out, kind)
    assert before == {path: path.read_bytes() for path in before}
    assert not list(tmp_path.rglob("*.tmp"))
    cx.export_team(tmp_path / "team", out, kind)
    assert before != {path: path.read_bytes() for path in before}


def test_an_export_follows_a_link_and_goes_to_a_device(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    cx.export_team(TEAM, tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").stat().st_size > 1000
    cx.export_team(TEAM, os.devnull)


def test_a_folder_of_teams_is_not_exported_as_one_team(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=r"each team \(customer-support, product-development\)"):
        team_table(TEAMS)
    for name in "abcde":
        team(tmp_path / "flat" / name, ["x"])
        cx.save_team(tmp_path / "flat" / name, Team(f"Team {name}", "2026-07"))
    with pytest.raises(ExchangeError, match=r"\(a, b, c \+2\)"):
        team_table(tmp_path / "flat")


def test_a_team_that_changed_its_name_is_still_one_team(tmp_path: Path) -> None:
    for round, name in {"2026-04": "Support", "2026-07": "Customer support"}.items():
        team(tmp_path / "team" / round, ["x"])
        cx.save_team(tmp_path / "team" / round, Team(name, round))
    assert len(team_table(tmp_path / "team")["rounds"]) == 2
