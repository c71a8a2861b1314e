"""Answers survive: a killed process, a full disk, damage, two sessions, a newer model."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import cxassess as cx
from cxassess import documents
from cxassess.answer_files import ResponseFile, TeamFile
from cxassess.documents import previous_of

Write = Callable[..., Path]

SAVE_FOREVER = """
import sys
from cxassess.answer_files import ResponseFile
file = ResponseFile(sys.argv[1], "anna")
print("ready", flush=True)
level = 0
while True:
    level = level % 5 + 1
    file.save({f"element.{id}": level for id in file.model.elements})
"""


def test_what_is_saved_is_read_by_another_session(tmp_path: Path) -> None:
    file = ResponseFile(tmp_path / "new" / "team", "花子")
    saved = file.save({"element.goals": 4, "evidence.goals": "議事録 <b>"}, {"section": "direction"})
    assert len(saved.at) == 5 and saved.changed == {}
    again = ResponseFile(tmp_path / "new" / "team", "花子")
    assert dict(again.response.values) == {"element.goals": 4, "evidence.goals": "議事録 <b>"}
    assert again.response.position == {"section": "direction"}
    again.save({"evidence.goals": None})
    assert dict(cx.read_answers(file.path.parent).responses[0].values) == {"element.goals": 4}


def test_a_killed_process_leaves_a_whole_file(tmp_path: Path) -> None:
    """SIGKILL at many moments of a save: the file is always one whole state."""
    ids = [f"element.{id}" for id in cx.load_model().elements]
    for attempt in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVE_FOREVER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout and process.stdout.readline() == "ready\n"
        while not (tmp_path / "anna.json").exists():
            time.sleep(0.01)
        time.sleep(0.01 + 0.007 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        answers = cx.read_answers(tmp_path)
        assert answers.problems == ()
        values = answers.responses[0].values
        assert len({values[id] for id in ids}) == 1
        if previous_of(tmp_path / "anna.json").exists():
            json.loads(previous_of(tmp_path / "anna.json").read_text("utf-8"))
    # What the killed processes left behind is no answer, and goes when it is old.
    (tmp_path / ".anna.1.2.tmp").write_text("{")
    leftovers = list(tmp_path.glob(".anna.*.tmp"))
    for leftover in leftovers:
        os.utime(leftover, (0, 0))
    ResponseFile(tmp_path, "anna")
    assert not list(tmp_path.glob(".anna.*.tmp"))


class _FullDisk:
    """A file on a disk that fills up after some bytes, as `open` would give it."""

    def __init__(self, path: Path, space: int) -> None:
        self.file = open(path, "w", encoding="utf-8")  # noqa: SIM115
        self.space = space

    def __enter__(self) -> "_FullDisk":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, text: str) -> None:
        self.file.write(text[: self.space])
        self.file.flush()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_leaves_what_was_saved_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ResponseFile(tmp_path, "anna")
    file.save({"element.goals": 2})
    before = file.path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(documents, "open", lambda path, *_, **__: _FullDisk(path, 20), raising=False)
        with pytest.raises(cx.SaveError) as caught:
            file.save({"element.goals": 5})
    assert "could not be saved (No space left on device): what was saved before is untouched" in str(
        caught.value
    )
    assert file.path.read_bytes() == before
    assert list(tmp_path.glob(".*.tmp")) == []
    file.save({"element.goals": 5})
    assert ResponseFile(tmp_path, "anna").response.values["element.goals"] == 5


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True
    ).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        file = ResponseFile(disk, "anna")
        file.save({"element.goals": 2})
        saved = file.path.read_bytes()
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space"), open(filler, "wb", buffering=0) as out:
            while True:
                out.write(b"x" * 1024)
        with pytest.raises(cx.SaveError, match="No space left"):
            file.save({"evidence.goals": "x" * 9_000})
        assert file.path.read_bytes() == saved
        filler.unlink()
        file.save({"evidence.goals": "x" * 9_000})
        assert len(cx.read_answers(disk).responses[0].values) == 2
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_two_sessions_of_one_respondent_keep_both_answers(tmp_path: Path) -> None:
    desk, sofa = ResponseFile(tmp_path, "anna"), ResponseFile(tmp_path, "anna")
    desk.save({"element.goals": 2, "element.success": 1})
    saved = sofa.save({"element.strategy": 4})
    assert saved.changed == {"element.goals": 2, "element.success": 1}
    assert desk.save({"element.success": None}).changed == {"element.strategy": 4}
    assert dict(ResponseFile(tmp_path, "anna").response.values) == {"element.goals": 2, "element.strategy": 4}


def test_where_there_are_neither_locks_nor_links_answers_are_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", ModuleType("fcntl"))  # as in JupyterLite
    monkeypatch.delattr(os, "link")
    ResponseFile(tmp_path, "anna").save({"element.goals": 4})
    ResponseFile(tmp_path, "anna").save({"element.decisions": 2})
    values = dict(ResponseFile(tmp_path, "anna").response.values)
    assert values == {"element.goals": 4, "element.decisions": 2}


def test_many_sessions_at_once_lose_nothing(tmp_path: Path) -> None:
    code = """
import sys
from cxassess.answer_files import ResponseFile
file = ResponseFile(sys.argv[1], "anna")
for id in sys.argv[2:]:
    file.save({f"element.{id}": 3})
"""
    ids = list(cx.load_model().elements)
    sessions = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), *ids[part::4]]) for part in range(4)
    ]
    assert [session.wait() for session in sessions] == [0] * 4
    assert ResponseFile(tmp_path, "anna").response.values == {f"element.{id}": 3 for id in ids}


def test_a_damaged_file_is_set_aside_and_the_previous_state_opened(tmp_path: Path) -> None:
    file = ResponseFile(tmp_path, "anna")
    file.save({"element.goals": 2})
    file.save({"element.success": 3})
    file.path.write_bytes(damage := file.path.read_bytes()[:40])
    assert "the state before its last save is in .previous/anna.json" in str(
        cx.read_answers(tmp_path).problems[0]
    )
    again = ResponseFile(tmp_path, "anna")
    assert "It now lies in set-aside/anna.1.json, and you go on from the save of" in str(again.notice)
    assert dict(again.response.values) == {"element.goals": 2}
    assert (tmp_path / "set-aside" / "anna.1.json").read_bytes() == damage
    again.save({"element.success": 3})
    again.path.write_bytes(b"")
    previous_of(again.path).write_bytes(b"")
    third = ResponseFile(tmp_path, "anna")
    assert "set-aside/anna.2.json, and you start with an empty form" in str(third.notice)


def test_damage_while_the_form_is_open_costs_nothing(tmp_path: Path) -> None:
    file = ResponseFile(tmp_path, "anna")
    file.save({"element.goals": 2, "element.success": 3})
    file.path.write_bytes(b"{")
    file.save({"element.strategy": 1})
    assert dict(ResponseFile(tmp_path, "anna").response.values) == {
        "element.goals": 2, "element.success": 3, "element.strategy": 1,
    }  # fmt: skip


def test_what_a_newer_version_wrote_stays_in_the_file(write_response: Write) -> None:
    path = write_response("anna", answers={"element.goals": 2, "element.footprint": 4}, mood="good")
    ResponseFile(path.parent, "anna").save({"element.goals": 5})
    table = json.loads(path.read_text("utf-8"))
    assert table["answers"] == {"element.footprint": 4, "element.goals": 5}
    assert table["mood"] == "good"


def test_a_file_of_a_newer_form_is_not_touched(write_response: Write) -> None:
    path = write_response("anna", schema="cxassess.answers/2")
    before = path.read_bytes()
    with pytest.raises(cx.AnswerError, match="newer form"):
        ResponseFile(path.parent, "anna")
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["../../x", "team", "Playbook", "a/b", "", "con", ".hidden"])
def test_a_name_that_cannot_name_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(cx.AnswerError, match="cannot be a respondent's name"):
        ResponseFile(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_edit_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    file = ResponseFile(tmp_path, "anna")
    for edits in [{"element.goals": 6}, {"element.x": 1}, {"element.goals": 3, "practice.chatbot": "done"}]:
        with pytest.raises(cx.AnswerError):
            file.save(edits)
    assert not file.path.exists()


def test_a_teams_file_comes_back(tmp_path: Path, write_response: Write) -> None:
    team = cx.Team("営業 1", "2026-04", {"goals": 4.5}, {"goals": 2.0})
    folder = write_response("anna").parent
    cx.save_team(folder, team)
    assert cx.read_answers(folder).team == team
    with pytest.raises(cx.AnswerError, match="cannot be a team's name"):
        cx.save_team(folder, cx.Team("../../x"))


def test_two_sessions_of_the_team_keep_both_settings(tmp_path: Path) -> None:
    desk, sofa = TeamFile(tmp_path), TeamFile(tmp_path)
    desk.save({"team": "Us", "target.goals": 4.5})
    sofa.save({"weight.success": 2})
    assert TeamFile(tmp_path).team == cx.Team("Us", tmp_path.name, {"goals": 4.5}, {"success": 2.0})


def test_what_the_team_file_holds_beyond_this_model_stays(tmp_path: Path) -> None:
    path = tmp_path / "team.json"
    path.write_text(
        json.dumps({"schema": "cxassess.team/1", "team": "R/D", "targets": {"footprint": 3}, "mood": "good"})
    )
    file = TeamFile(tmp_path)
    assert len(file.problems) == 2
    file.save({"target.goals": 2})
    table = json.loads(path.read_text("utf-8"))
    assert (table["team"], table["targets"], table["mood"]) == ("R/D", {"footprint": 3, "goals": 2}, "good")


@pytest.mark.parametrize(
    "content", ["[]", "{}", "", "{", '{"schema": "cxassess.team/1", "targets": ' + "9" * 5000 + "}"]
)
def test_a_damaged_team_file_is_said_and_the_answers_count(write_response: Write, content: str) -> None:
    folder = write_response("anna").parent
    (folder / "team.json").write_text(content)
    answers = cx.read_answers(folder)
    assert [one.respondent for one in answers.responses] == ["anna"]
    assert "The usual targets and importance were used instead" in str(answers.problems[0])
    file = TeamFile(folder)
    assert "It now lies in set-aside/team.1.json" in str(file.notice)
    file.save({"team": "Us"})
    assert cx.read_answers(folder).problems == ()


def test_half_a_surrogate_pair_does_not_hinder_saving(tmp_path: Path) -> None:
    ResponseFile(tmp_path, "anna").save({"evidence.goals": "a\ud83d"})
    assert cx.read_answers(tmp_path).responses[0].values["evidence.goals"] == "a?"


def test_answers_that_are_no_table_are_set_aside(write_response: Write) -> None:
    path = write_response("anna", answers=[])
    file = ResponseFile(path.parent, "anna")
    assert file.notice
    file.save({"element.goals": 3})
    assert dict(cx.read_answers(path.parent).responses[0].values) == {"element.goals": 3}


def test_a_name_of_many_bytes_is_refused_before_the_disk_does(tmp_path: Path) -> None:
    for name in ("顧" * 80, "🙂" * 80):
        with pytest.raises(cx.AnswerError, match="cannot be a respondent's name"):
            ResponseFile(tmp_path, name)


def test_people_who_chose_the_same_name_are_told_apart(tmp_path: Path) -> None:
    for place, level in (("desk", 1), ("sofa", 5)):
        ResponseFile(tmp_path / place, "me").save({"element.goals": level})
    folder = tmp_path / "all"
    folder.mkdir()
    for place in ("desk", "sofa"):
        (folder / f"me from {place}.json").write_bytes((tmp_path / place / "me.json").read_bytes())
    (folder / "a copy.json").write_bytes((tmp_path / "desk" / "me.json").read_bytes())
    answers = cx.read_answers(folder)
    assert sorted(one.values["element.goals"] for one in answers.responses) == [1, 5]
    assert len({one.respondent for one in answers.responses}) == 2
    assert len(answers.problems) == 1 and "are both by respondent 'me'" in str(answers.problems[0])
