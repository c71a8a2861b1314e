"""Learners' copies of the exercises: no solution in them, and otherwise the lesson itself."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import cxassess as cx
from cxassess.course import CourseError, load_exercises
from cxassess.exchange.learners import main, write_copies
from cxassess.reports import exercise
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "notebooks").glob("exercises-*.ipynb"))


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("learners") / "out"
    write_copies(folder, ROOT)
    return folder / "notebooks"


def cells(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text("utf-8"))["cells"]


def tagged(cell: dict[str, Any], tag: str) -> bool:
    return tag in cell["metadata"].get("tags", [])


def test_every_exercise_has_its_copy(copies: Path) -> None:
    assert [path.name for path in sorted(copies.iterdir())] == [path.name for path in SOURCES]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_copy_is_its_source_but_for_solutions_and_what_checks_said(copies: Path, source: Path) -> None:
    expected = [cell for cell in cells(source) if not tagged(cell, "solution")]
    found = cells(copies / source.name)
    assert len(found) == len(expected) < len(cells(source))
    for ours, theirs in zip(expected, found, strict=True):
        cleared = {"outputs": [], "execution_count": None} if tagged(ours, "check") else {}
        assert theirs == {**ours, **cleared}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_line_of_a_solution_is_left_in_a_copy(copies: Path, source: Path) -> None:
    left = (copies / source.name).read_text("utf-8")
    assert "<summary>Solution" not in left
    told = {line for cell in cells(source) if not tagged(cell, "solution") for line in cell["source"]}
    for cell in cells(source):
        if tagged(cell, "solution"):
            for line in cell["source"]:
                if len(line) > 40 and line not in told:
                    assert json.dumps(line, ensure_ascii=False)[1:-1] not in left
            for output in cell.get("outputs", []):
                for line in "".join(
                    output.get("data", {}).get("text/plain", output.get("text", ""))
                ).splitlines():
                    assert len(line) < 40 or line not in left


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_copy_runs_where_it_lies_and_neither_holds_nor_says_an_answer(
    copies: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    answers: list[str] = []

    def note(id: str, mine: Any, right: float, slips: Any = None) -> None:
        said.append(exercise.check(id, mine, right, slips).text)
        told = load_exercises()[id]
        answers.append(f"{exercise._rounded(right, told.tolerance)}{told.unit}")

    monkeypatch.setattr(cx, "check", note)
    monkeypatch.chdir(copies)
    names: dict[str, Any] = {}
    for cell in cells(copies / source.name):
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    stored = "\n".join(
        "".join(output.get("data", {}).get("text/plain", output.get("text", "")))
        for cell in cells(copies / source.name)
        for output in cell.get("outputs", [])
    )
    assert answers
    for answer in answers:
        assert not re.search(rf"(?<![\d.,]){re.escape(answer)}", stored)
    assert said == ["Write your number in the cell above, then run both cells."] * len(answers)


def test_copies_for_another_language_hold_no_outputs_in_english(tmp_path: Path) -> None:
    for path in write_copies(tmp_path / "out", ROOT, language="ja").files:
        assert not any(cell.get("outputs") for cell in cells(path))


def test_no_folder_with_something_in_it_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "mine.ipynb").write_text("answers", "utf-8")
    with pytest.raises(CourseError, match="is not empty"):
        write_copies(tmp_path, ROOT)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.ipynb"]
    with pytest.raises(CourseError, match="no exercises"):
        write_copies(tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["file/below", "x" * 300])
def test_a_folder_that_cannot_be_made_is_one_sentence(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    (tmp_path / "file").write_text("mine", "utf-8")
    with pytest.raises(SystemExit):
        main([str(tmp_path / place)])
    assert "could not be written" in capsys.readouterr().err


def test_a_language_that_the_course_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="en, ja"):
        write_copies(tmp_path / "out", ROOT, language="fr")
    assert not (tmp_path / "out").exists()


def test_copies_are_not_made_in_the_data_that_they_copy() -> None:
    with pytest.raises(CourseError, match="name a folder elsewhere"):
        write_copies(ROOT / "datasets" / "teams" / "none", ROOT)
    assert not (ROOT / "datasets" / "teams" / "none").exists()


def test_the_command_says_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    for _ in range(2):
        main([str(tmp_path / "out")])
        shown = capsys.readouterr()
        assert len(shown.out.splitlines()) == len(SOURCES)
        assert shown.err == ""
    (tmp_path / "file").write_text("mine", "utf-8")
    with pytest.raises(SystemExit):
        main([str(tmp_path)])
    assert "is not empty" in capsys.readouterr().err


def test_what_a_trainer_changed_stays_and_the_new_copy_comes_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    made = write_copies(tmp_path / "out", ROOT)
    before = {path: path.read_bytes() for path in made.files}
    mine = made.files[0]
    mine.write_text("my own tasks", "utf-8")
    checkpoint = mine.parent / ".ipynb_checkpoints" / "x.ipynb"
    checkpoint.parent.mkdir()
    checkpoint.write_text("{}", "utf-8")
    for _ in range(2):
        main([str(tmp_path / "out")])
        beside = mine.with_name(f"{mine.stem}.new.ipynb")
        shown = capsys.readouterr()
        assert shown.err.count("\n") == 1
        assert str(mine) in shown.err and beside.name in shown.err
        assert mine.read_text("utf-8") == "my own tasks"
        assert beside.read_bytes() == before[mine]
        assert checkpoint.is_file()
    assert len([*mine.parent.glob("*.ipynb")]) == len(SOURCES) + 1
    mine.unlink()
    write_copies(tmp_path / "out", ROOT)
    assert {path: path.read_bytes() for path in mine.parent.glob("*.ipynb")} == before
