"""Bad input gets one clear sentence that names the file, the record and the remedy; the rest counts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxassess as cx
from cxassess.answers import parse_response
from cxassess.file_names import safe_name

Write = Callable[..., Path]


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in cx.read_answers(folder).problems]


def test_a_folder_is_read(write_response: Write) -> None:
    folder = write_response("anna").parent
    write_response(
        "文子", answers={"element.goals": "na", "evidence.goals": "議事録", "practice.chatbot": "trial"}
    )
    answers = cx.read_answers(folder)
    assert [one.respondent for one in answers.responses] == ["anna", "文子"]
    assert answers.problems == ()
    assert answers.team.round == "team"


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"element.goals": 6}, "anna.json, element.goals: '6' is not an answer (allowed: 1–5, na); it counts as blank until it is corrected."),
        ({"element.goals": True}, "anna.json, element.goals: 'true' is not an answer (allowed: 1–5, na); it counts as blank until it is corrected."),
        ({"element.goals": 3.0}, "anna.json, element.goals: '3.0' is not an answer (allowed: 1–5, na); it counts as blank until it is corrected."),
        ({"element.goals": "3"}, "anna.json, element.goals: '3' is not an answer (allowed: 1–5, na); it counts as blank until it is corrected."),
        ({"element.golas": 3}, "anna.json answers what this model does not ask (element.golas): these answers do not count; check the ids."),
        ({"practice.chatbot": "done"}, "anna.json, practice.chatbot: 'done' is not an answer (allowed: not_started, planned, trial, in_place, second_nature, na); it counts as blank until it is corrected."),
        ({"evidence.goals": ["x"]}, "anna.json, evidence.goals: '[\"x\"]' is not an answer (allowed: ≤ 20000); it counts as blank until it is corrected."),
    ],
)  # fmt: skip
def test_a_bad_answer_is_named_and_counts_as_blank(
    write_response: Write, answers: dict, sentence: str
) -> None:
    path = write_response("anna", answers={**answers, "element.success": 2})
    assert problems(path.parent) == [sentence]
    assert dict(cx.read_answers(path.parent).responses[0].values) == {"element.success": 2}


BAD_FILES = {
    "empty": (b"", "bad.json is empty"),
    "truncated": (b'{"schema": "cxassess.answers/1", "respon', "bad.json is damaged at line 1"),
    "NUL bytes": (b"\x00" * 64, "bad.json is damaged at line 1"),
    "wrong encoding": ('{"respondent": "花子"}'.encode("cp932"), "bad.json is not UTF-8 text"),
    "UTF-16": ('{"respondent": "x"}'.encode("utf-16"), "bad.json is not UTF-8 text"),
    "too deep": (b"[" * 10_000 + b"]" * 10_000, "bad.json is nested more deeply than any response"),
    "deep objects": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "bad.json is nested more deeply than any response"),
    "50 MB": (b" " * 50_000_000, "bad.json has 50 MB, a response has at most 5"),
    "another file": (b'{"name": "package"}', "bad.json is not a file of this kind (cxassess.answers/1)"),
    "a list": (b"[1, 2]", "bad.json is not a file of this kind"),
    "a newer form": (b'{"schema": "cxassess.answers/9"}', "bad.json was written in a newer form (cxassess.answers/9) than this version reads (1)"),
    "no answers": (b'{"schema": "cxassess.answers/1", "respondent": "x"}', "bad.json holds no 'answers'"),
    "a path as name": (b'{"schema": "cxassess.answers/1", "respondent": "../../x", "answers": {}}', "bad.json: '../../x' cannot be a respondent's name"),
    "no name": (b'{"schema": "cxassess.answers/1", "answers": {}}', "bad.json: 'null' cannot be a respondent's name"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_set_aside_by_name_and_left_alone(write_response: Write, case: str) -> None:
    content, sentence = BAD_FILES[case]
    folder = write_response("anna").parent
    (folder / "bad.json").write_bytes(content)
    answers = cx.read_answers(folder)
    assert [one.respondent for one in answers.responses] == ["anna"]
    assert len(answers.problems) == 1
    assert sentence in str(answers.problems[0])
    assert (folder / "bad.json").read_bytes() == content
    cx.set_language("ja")
    assert "bad.json" in str(answers.problems[0]) and "。" in str(answers.problems[0])


def test_of_two_files_by_one_respondent_the_later_counts(write_response: Write) -> None:
    folder = write_response("anna", saved="2026-04-01T10:00:00+00:00", answers={"element.goals": 1}).parent
    copy = write_response(
        "anna2", saved="2026-04-02T10:00:00+00:00", respondent="anna", answers={"element.goals": 5}
    )
    answers = cx.read_answers(folder)
    assert [dict(one.values) for one in answers.responses] == [{"element.goals": 5}]
    assert str(answers.problems[0]).startswith(f"anna.json and {copy.name} are both by respondent 'anna'")


def test_a_file_from_a_newer_model_counts_as_far_as_it_is_known(write_response: Write) -> None:
    path = write_response(
        "anna", model={"version": "9.0.0", "hash": "x"}, answers={"element.goals": 2, "element.footprint": 4}
    )
    assert problems(path.parent) == [
        "anna.json was made with model 9.0.0, this one is 1.0.0: its answers to element.footprint do not count here; "
        "update cxassess."
    ]
    assert dict(cx.read_answers(path.parent).responses[0].values) == {"element.goals": 2}


def test_answers_to_an_older_model_are_carried_over(model_copy: Path, write_response: Write) -> None:
    (model_copy / "crosswalk.toml").write_text(
        """
[[successor]]
id = "element.price"
after = "0.9.0"
became = "pricing"
comparable = true
why = {en = "renamed", ja = "改名"}
[[successor]]
id = "element.fax"
after = "0.9.0"
became = ""
comparable = false
why = {en = "gone", ja = "廃止"}
""",
        "utf-8",
    )
    path = write_response(
        "anna",
        model={"version": "0.9.0", "hash": ""},
        answers={"element.price": 2, "evidence.price": "x", "element.fax": 3},
    )
    response, found = parse_response(path.read_text("utf-8"), path.name, cx.load_model(model_copy))
    assert dict(response.values) == {"element.pricing": 2, "evidence.pricing": "x"}
    assert found == []


def test_targets_and_weights_are_the_teams(write_response: Write) -> None:
    folder = write_response("anna").parent
    (folder / "team.json").write_text(
        json.dumps({"schema": "cxassess.team/1", "team": "Us", "round": "2026-04", "targets": {"goals": 4.5, "x": 1},
                    "weights": {"goals": 2, "success": -1}})
    )  # fmt: skip
    answers = cx.read_answers(folder)
    assert answers.team == cx.Team("Us", "2026-04", {"goals": 4.5}, {"goals": 2.0})
    assert [str(problem) for problem in answers.problems] == [
        "team.json answers what this model does not ask (targets.x): these answers do not count; check the ids.",
        "team.json, weights.success: '-1' is not an answer (allowed: 0–100); it counts as blank until it is corrected.",
    ]


@pytest.mark.parametrize("name", ["../../x", " ", "a/b", "con", "x.", "a\x00b", "x" * 81, "\u202eabc", 7])
def test_a_team_name_that_cannot_name_a_folder_is_refused(write_response: Write, name: object) -> None:
    folder = write_response("anna").parent
    (folder / "team.json").write_text(json.dumps({"schema": "cxassess.team/1", "team": name}))
    answers = cx.read_answers(folder)
    assert answers.team.name == ""
    assert "cannot be a team's name" in str(answers.problems[0])


def test_without_a_folder_or_answers_the_sentence_says_what_to_do(
    tmp_path: Path, write_response: Write
) -> None:
    with pytest.raises(cx.AnswerError, match="There is no folder"):
        cx.read_answers(tmp_path / "nowhere")
    (tmp_path / "none").mkdir()
    with pytest.raises(cx.AnswerError, match="There are no answers in"):
        cx.read_answers(tmp_path / "none")
    write_response("anna")
    with pytest.raises(cx.AnswerError, match=r"holds several rounds \(team\)"):
        cx.read_answers(tmp_path)


@given(st.text(max_size=100))
def test_a_safe_name_stays_in_its_folder(name: str) -> None:
    safe = safe_name(name)
    if safe is not None:
        assert (Path("/folder") / f"{safe}.json").resolve().parent == Path("/folder")
        assert safe_name(safe) == safe


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
        max_leaves=8,
    )
)
def test_whatever_the_answers_are_reading_them_ends_in_answers_or_a_sentence(value: object) -> None:
    table = {"schema": "cxassess.answers/1", "respondent": "anna", "model": value, "answers": value, "position": value, "revision": value}  # fmt: skip
    try:
        response, found = parse_response(json.dumps(table), "anna.json")
    except cx.AnswerError as error:
        assert "anna.json" in str(error)
    else:
        assert all("anna.json" in str(problem) for problem in found)
        assert cx.score(cx.Answers(cx.Team(), (response,)))


def test_a_folder_that_may_not_be_opened_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: object) -> None:  # root, who runs the checks in CI, may open every folder
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("cxassess.answers.os.scandir", refuse)
    with pytest.raises(
        cx.AnswerError, match=r"cannot be opened \(Permission denied\): ask whoever looks after it"
    ):
        cx.read_answers(tmp_path)
