"""The command line: results on standard output, one sentence for what goes wrong, and exit codes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cxassess as cx
from cxassess.cli import COMMANDS, main
from tests.conftest import ROOT, TEAMS

ROUND = str(TEAMS / "customer-support" / "2026-07")


def test_score_says_what_the_package_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", ROUND]) == 0
    assert capsys.readouterr().out == f"{cx.score(cx.read_answers(ROUND))}\n"


def test_score_explains(capsys: pytest.CaptureFixture[str]) -> None:
    result = cx.score(cx.read_answers(ROUND))
    for asked, id in (("service", "service"), ("index", ""), ("Customer service", "service")):
        assert main(["score", ROUND, "--explain", asked]) == 0
        assert result.explain(id) in capsys.readouterr().out


def test_plan_takes_a_capacity(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", ROUND, "--capacity", "5"]) == 0
    assert capsys.readouterr().out == f"{cx.plan(cx.score(cx.read_answers(ROUND)), 5)}\n"


def test_cohort_says_what_the_package_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cohort", str(TEAMS)]) == 0
    assert capsys.readouterr().out == f"{cx.read_cohort(str(TEAMS))}\n"


@pytest.mark.parametrize("asked", [["--language", "ja"], ["--language=ja"]])
def test_the_language_is_that_asked_for(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", ROUND, *asked]) == 0
    assert "総合スコア" in capsys.readouterr().out
    assert cx.current_language() == "en"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_in_the_language_asked_for(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for code, word in (("en", "language of the"), ("ja", "言語")):
        with pytest.raises(SystemExit) as ended:
            main([command, "--language", code, "--help"])
        assert ended.value.code == 0
        assert word in capsys.readouterr().out.casefold()


@pytest.mark.parametrize("command", ["score", "plan", "cohort"])
def test_a_missing_folder_is_one_sentence(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([command, str(tmp_path / "none")]) == 1
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1 and "none" in shown.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["report", "x"],
        ["report", "x", "--out", "y", "--jobs", "0"],
        ["score", "x", "--language"],
    ],
)
def test_wrong_arguments_are_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_report_exit_codes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = shutil.copytree(TEAMS, tmp_path / "teams")
    arguments = ["report", str(folder), "--out", str(tmp_path / "out"), "--language", "ja"]
    assert main(arguments) == 0
    shown = capfd.readouterr()
    assert "作成3件" in shown.out and shown.err == ""
    (folder / "late").mkdir()
    (folder / "late" / "team.json").write_text("{}", "utf-8")
    assert main(arguments) == 1
    assert "late" in capfd.readouterr().out
    assert {path.name for path in (tmp_path / "out").glob("*.html")} == {
        "cohort.ja.html", "customer-support.ja.html", "product-development.ja.html",
    }  # fmt: skip


def test_the_command_runs_as_a_program() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "cxassess.cli", "--version"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert run.stdout.strip() == cx.__version__


def test_help_needs_no_package_for_reports() -> None:
    code = "import sys; from cxassess.cli import main; main(['score', sys.argv[1]]); print('papermill' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code, ROUND], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert run.stdout.splitlines()[-1] == "False"


def test_answers_come_in_from_a_survey_once_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export, team = str(ROOT / "datasets" / "survey-tools" / "qualtrics.csv"), tmp_path / "team"
    assert main(["mapping", export]) == 0
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(capsys.readouterr().out, "utf-8")
    assert main(["import", export, str(team), "--mapping", str(mapping)]) == 0
    assert not team.exists()
    assert main(["import", export, str(team), "--mapping", str(mapping), "--write"]) == 0
    assert len(cx.read_answers(team).responses) == 7


def test_a_team_goes_out_and_comes_back_the_same(tmp_path: Path) -> None:
    out, back = tmp_path / "team.json", tmp_path / "back"
    assert main(["export", str(TEAMS / "customer-support"), str(out)]) == 0
    assert main(["import", str(out), str(back), "--write"]) == 0
    for name in ("2026-04", "2026-07"):
        before, after = (
            cx.read_answers(folder / name).responses for folder in (TEAMS / "customer-support", back)
        )
        assert {one.respondent: one.values for one in before} == {one.respondent: one.values for one in after}


def test_a_workbook_is_written_and_an_empty_one_brings_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "team.xlsx"
    assert main(["questionnaire", str(book), "--respondents", "Anna", "Ben"]) == 0
    assert main(["import", str(book), str(tmp_path / "team"), "--write"]) == 0
    assert "Anna" in capsys.readouterr().out
    assert not list(tmp_path.glob("team/*.json"))


@pytest.mark.parametrize("asked", [["none"], [ROUND, "--explain", "none"]])
def test_what_goes_wrong_is_said_in_the_language_asked_for(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", *asked, "--language", "ja"]) == 1
    assert capsys.readouterr().err.endswith("。\n")


@pytest.mark.parametrize("folder", ["x" * 300, "~nobody-of-this-name/x"])
def test_a_name_that_no_folder_has_is_one_sentence(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("score", "cohort"):
        assert main([command, folder]) == 1
        assert folder in capsys.readouterr().err


def test_an_import_into_a_name_that_is_too_long_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", ROUND, str(tmp_path / "x.json")]) == 0
    assert main(["import", str(tmp_path / "x.json"), str(tmp_path / ("x" * 300))]) == 1
    assert "could not be saved" in capsys.readouterr().err
