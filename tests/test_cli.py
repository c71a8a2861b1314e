"""The command line: results on standard output, one sentence for what goes wrong, and exit codes."""

import argparse
import ast
import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import cxassess as cx
from cxassess.app.__main__ import main as app
from cxassess.cli import COMMANDS, main
from cxassess.cli.parsing import WORDS
from cxassess.exchange import learners, sheets, slides
from cxassess.language import interface_texts
from tests.conftest import ROOT, TEAMS

Main = Callable[[Sequence[str] | None], object]
NAMES = frozenset({
    "cxassess", "python", "app", "exchange", "learners", "slides", "sheets", *COMMANDS, "both", "Excel", "HTML",
    "PowerPoint", "ID", "stage", "index", "json", "csv", "parquet", "tsv", "txt", "xlsx", "toml", "ipynb", "en", "ja",
    "report-team", "report-cohort", "templates", "survey-tools", "workshop",
})  # fmt: skip
"""What is called the same in Japanese."""
PROGRAMMERS = (
    "conflicting", "cannot merge", "'required' is", "invalid option string", "dest=", "invalid conflict_resolution",
    "mutually exclusive arguments must", "cannot have multiple", "%r is not callable", ".__call__()", "unknown parser",
    'argument "-"', "can't open", "subcommands", " (default", "show program's version", "is deprecated", "warning:",
)  # fmt: skip
"""Words of argparse that whoever writes a command meets, or that no command here makes it say."""
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


# In Japanese


def said(command: Main, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    """The exit code, and what was said, without the options, the choices in braces and the paths."""
    with pytest.raises(SystemExit) as ended:
        command(arguments)
    shown = capsys.readouterr()
    return ended.value.code, re.sub(r"\{.*?\}|(?<![a-z])--?[a-z]+", "", shown.out + shown.err)


def english(text: str, *given: str) -> set[str]:
    """The English words in what a command said."""
    return set(re.findall(r"[A-Za-z][A-Za-z-]+", text)) - NAMES - set(given)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [(main, []), *((main, [name]) for name in COMMANDS), *((one, []) for one in (app, learners.main, slides.main, sheets.main))],
)  # fmt: skip
def test_help_in_japanese_has_no_english_word(
    command: Main, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CXASSESS_LANG", "ja")
    monkeypatch.setenv("COLUMNS", "300")  # no name is broken
    code, text = said(command, [*arguments, "--help"], capsys)
    assert code == 0
    assert "使い方：" in text and "この説明を表示して終了" in text
    assert english(text) == set()


@pytest.mark.parametrize(
    ("command", "arguments", "words"),
    [
        (main, [], "次の指定が必要です：コマンド"),
        (main, ["fly"], "「fly」は使えません（使えるもの："),
        (main, ["score"], "次の指定が必要です：フォルダー"),
        (main, ["score", "x", "fly"], "使えない指定があります：fly"),
        (main, ["score", "x", "--explain"], "値を1つ指定してください"),
        (main, ["score", "x", "--language", "fly"], "「fly」は使えません"),
        (main, ["plan", "x", "--capacity", "fly"], "「fly」は数として読めません"),
        (main, ["report", "x", "--out", "y", "--jobs", "0"], "同時に作成する数"),
        (main, ["questionnaire", "x", "--respondents"], "値を1つ以上指定してください"),
        (main, ["import", "x", "y", "--write=fly"], "値は指定できません"),
        (main, ["export", "x", "y", "--kind", "fly"], "「fly」は使えません"),
        (app, ["--people", "fly"], "「fly」は整数として読めません"),
        (learners.main, [], "次の指定が必要です：フォルダー"),
        (slides.main, ["x", "--course"], "値を1つ指定してください"),
        (sheets.main, ["x", "fly"], "使えない指定があります：fly"),
    ],
)
def test_mistakes_are_said_in_japanese(
    command: Main,
    arguments: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CXASSESS_LANG", "ja")
    code, text = said(command, arguments, capsys)
    assert code == 2
    assert "エラー：" in text and words in text
    assert english(text, "fly") == set()


def test_every_word_of_argparse_that_a_reader_meets_is_translated() -> None:
    """If this fails, this Python's argparse says something new: put it into `model/interface/cli.toml`."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(argparse))) if isinstance(node, ast.Call)]
    marked = [
        argument.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in {"_", "ngettext"}
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    assert len(marked) > 20
    ours = {text for key, text in interface_texts("cli", "en").items() if key.startswith(WORDS)}
    met = {text for text in marked if not any(one in text for one in PROGRAMMERS)}
    assert met <= ours


def test_argparse_s_words_come_back(capsys: pytest.CaptureFixture[str]) -> None:
    for code, word in (("ja", "使い方："), ("en", "usage:")):
        with pytest.raises(SystemExit):
            main(["score", "--language", code, "--help"])
        assert word in capsys.readouterr().out
    assert argparse.ArgumentParser("x").format_help().startswith("usage: x")


def test_help_in_japanese_fits_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name in COMMANDS:
        with pytest.raises(SystemExit):
            main([name, "--language", "ja", "--help"])
        for line in capsys.readouterr().out.splitlines():
            assert sum(2 if ord(letter) > 0x2E7F else 1 for letter in line) <= 80, line


# One team or many


@pytest.mark.parametrize("arguments", [["score"], ["plan"], ["export"]])
def test_what_is_for_one_team_names_the_teams_in_a_folder_of_teams(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = [str(tmp_path / "out.json")] if arguments == ["export"] else []
    for code, word in (("en", "cxassess cohort"), ("ja", "cxassess report")):
        assert main([*arguments, str(TEAMS), *out, "--language", code]) == 1
        shown = capsys.readouterr()
        assert shown.out == "" and shown.err.count("\n") == 1
        assert "customer-support, product-development" in shown.err and word in shown.err
    assert not list(tmp_path.iterdir())


def test_the_rounds_of_one_team_are_no_teams(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["score", str(TEAMS / "customer-support")]) == 1
    assert "2026-04, 2026-07" in capsys.readouterr().err
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "other.json").write_text('{"name": "no response"}', "utf-8")
    assert main(["score", str(tmp_path)]) == 1
    assert "no answers" in capsys.readouterr().err


def test_a_model_that_is_not_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("CXASSESS_MODEL", str(tmp_path / "none"))
    for asked in ([], ["--language", "ja"]):
        assert main(["score", ROUND, *asked]) == 1
        assert capsys.readouterr().err.count("\n") == 1
