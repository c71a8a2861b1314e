"""Quizzes and exercises: what their files have to hold, and how a reader's number is answered."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxassess as cx
from cxassess.course import CourseError, load_exercises, load_quizzes
from cxassess.errors import ModelError
from cxassess.language import language
from cxassess.reports import exercise
from tests.conftest import ROOT

PARTS = ["why", "stand", "customers", "promise", "know", "next", "back"]
LESSONS = sorted((ROOT / "notebooks").glob("exercises-*.ipynb"))
LANGUAGES = ("en", "ja")


@pytest.fixture(autouse=True)
def _nobody_has_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercise, "_tried", {})


# Quizzes


def test_every_part_of_the_course_has_a_quiz_of_five_or_six_questions() -> None:
    quizzes = load_quizzes()
    assert list(quizzes) == PARTS
    assert all(5 <= len(quiz.questions) <= 6 for quiz in quizzes.values())


QUESTIONS = [
    pytest.param(question, id=f"{quiz.id}-{question.id}")
    for quiz in load_quizzes().values()
    for question in quiz.questions
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_not_given_away_by_its_length_and_each_teaches_its_own(question: Any) -> None:
    for code in LANGUAGES:
        lengths = {len(option.label.to(code)): option.right for option in question.options}
        assert not lengths[max(lengths)]
        feedback = [option.says.to(code) for option in question.options]
        assert len(set(feedback)) == len(feedback)
        assert all(len(text) > 20 for text in feedback)


def test_the_right_answer_stands_in_every_place() -> None:
    for quiz in load_quizzes().values():
        places = {
            next(n for n, option in enumerate(question.options) if option.right)
            for question in quiz.questions
        }
        assert places == {0, 1, 2}, quiz.id


# What is wrong with a file

QUIZ = """
[[quiz]]
id = "why"
title = {en = "T", ja = "題"}
[[quiz.question]]
id = "q"
ask = {en = "A?", ja = "何ですか。"}
[[quiz.question.option]]
label = {en = "one", ja = "一"}
says = {en = "yes", ja = "はい"}
right = true
[[quiz.question.option]]
label = {en = "two", ja = "二"}
says = {en = "no", ja = "いいえ"}
"""
EXERCISE = """
[[exercise]]
id = "x"
part = "why"
tolerance = 1
hints = [{en = "a", ja = "一"}, {en = "b", ja = "二"}]
why = {en = "so", ja = "だから"}
[[exercise.slip]]
id = "s"
says = {en = "no", ja = "いいえ"}
"""


@pytest.fixture
def fork(model_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CXASSESS_MODEL", str(model_copy))
    return model_copy / "course"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (QUIZ.replace("right = true\n", ""), "0 options are right"),
        (QUIZ + "right = true\n", "2 options are right"),
        (QUIZ.rpartition("[[quiz.question.option]]")[0], "fewer than 2 options"),
        (QUIZ + QUIZ, "quizzes.toml, why: this id is used twice"),
        (QUIZ + QUIZ.partition("[[quiz.question]]")[2].join(("[[quiz.question]]", "")), "used twice"),
        (QUIZ.replace(', ja = "二"', ""), "no text in the language 'ja'"),
        (QUIZ.replace('ask = {en = "A?", ja = "何ですか。"}', ""), "'ask' is missing"),
        (QUIZ.replace("right = true", "rigth = true"), "'rigth' is not known"),
        (QUIZ.replace("right = true", 'right = "yes"'), "'right' cannot be 'yes'"),
        ("quiz = 3", "must be a list"),
        ("quiz = [3]", "quiz 1"),
        ("[[quizz]]", "[[quizz]]"),
        ("[[quiz", "not valid TOML"),
    ],
)
def test_a_wrong_quiz_is_refused_in_one_sentence_that_names_file_and_record(
    fork: Path, text: str, said: str
) -> None:
    (fork / "quizzes.toml").write_text(text, "utf-8")
    with pytest.raises(ModelError) as found:
        load_quizzes()
    assert "course/quizzes.toml" in str(found.value)
    assert said in str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (EXERCISE.replace(', {en = "b", ja = "二"}', ""), "1 hints; give 2"),
        (
            EXERCISE.replace('part = "why"', 'part = "whi"'),
            "quiz whi, which does not exist; did you mean why",
        ),
        (EXERCISE.replace("tolerance = 1", "tolerance = -1"), "'tolerance' is -1"),
        (EXERCISE + "[[exercise.slip]]" + EXERCISE.partition("[[exercise.slip]]")[2], "used twice"),
    ],
)
def test_a_wrong_exercise_is_refused_in_one_sentence_that_names_file_and_record(
    fork: Path, text: str, said: str
) -> None:
    (fork / "exercises.toml").write_text(text, "utf-8")
    with pytest.raises(ModelError) as found:
        load_exercises()
    assert "course/exercises.toml, exercise x" in str(found.value)
    assert said in str(found.value)


def test_a_fork_may_have_quizzes_of_its_own_and_else_has_the_packages(fork: Path) -> None:
    (fork / "quizzes.toml").write_text(QUIZ, "utf-8")
    assert [len(quiz.questions) for quiz in load_quizzes().values()] == [1]
    (fork / "quizzes.toml").unlink()
    assert list(load_quizzes()) == PARTS


# A reader's number


def test_hints_come_one_by_one_then_the_answer_and_the_same_number_is_no_new_attempt() -> None:
    told = load_exercises()["repeat_rate"]
    assert str(told.hints[0]) in repr(cx.check("repeat_rate", 10, 64.0))
    assert str(told.hints[0]) in repr(cx.check("repeat_rate", 10, 64.0))
    second = repr(cx.check("repeat_rate", 20, 64.0))
    assert str(told.hints[1]) in second
    assert "64" not in second
    third = repr(cx.check("repeat_rate", 30, 64.0))
    assert "64.0%" in third
    assert str(told.why) in third
    assert "Right" in repr(cx.check("repeat_rate", 64, 64.0))
    assert str(load_exercises()["nps"].hints[0]) in repr(cx.check("nps", 10, -3.0))


def test_a_known_slip_gets_its_own_hint_and_a_share_of_one_as_well() -> None:
    told = load_exercises()["repeat_rate"].slips[0]
    assert str(told.says) in repr(cx.check("repeat_rate", 51.4, 64.0, {told.id: 51.41}))
    assert cx.check("repeat_rate", 0.64, 64.0).text.endswith("multiply by 100.")
    assert str(told.says) in repr(cx.check("repeat_rate", 51.4, 64.0, {told.id: 51.41}))


@pytest.mark.parametrize("mine", [None, ""])
def test_without_a_number_nothing_is_told(mine: object) -> None:
    assert "64" not in repr(cx.check("repeat_rate", mine, 64.0))


@pytest.mark.parametrize("mine", ["about 64", (63, 9), [64], True, float("nan"), "<b>"])
def test_what_is_no_number_is_no_attempt_and_cannot_hurt_the_page(mine: object) -> None:
    shown = cx.check("repeat_rate", mine, 64.0)
    assert "is not a number" in shown.text
    assert "<b>" not in shown.html
    assert exercise._tried == {}


@pytest.mark.parametrize("mine", ["64", "64 %", "６４", " 63.9% ", 63.6, 64.5])
def test_a_number_may_be_written_as_people_write_it(mine: object) -> None:
    assert "Right" in repr(cx.check("repeat_rate", mine, 64.0))


@given(
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
    st.sampled_from([one.id for one in load_exercises().values()]),
)
def test_only_a_number_within_the_tolerance_is_called_right(mine: float, right: float, id: str) -> None:
    exercise._tried.clear()
    called_right = "border-inline-start:4px solid " + cx.load_model().colours["good"]
    near = abs(mine - right) <= load_exercises()[id].tolerance + exercise.DUST
    assert (called_right in cx.check(id, mine, right).html) == near


def test_an_unknown_exercise_or_slip_is_named() -> None:
    with pytest.raises(CourseError, match=r"no exercise “repeat”.*repeat_rate"):
        cx.check("repeat", 1, 2.0)
    with pytest.raises(CourseError, match=r"no slip “mean”.*all_customers"):
        cx.check("repeat_rate", 1, 2.0, {"mean": 3.0})


# The exercises in the lessons


def run(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """What the lesson's cells ask to be checked, from the data as they are."""
    calls: list[SimpleNamespace] = []

    def note(id: str, mine: Any, right: float, slips: Any = None) -> None:
        calls.append(SimpleNamespace(id=id, mine=mine, right=right, slips=slips))

    monkeypatch.setattr(cx, "check", note)
    monkeypatch.chdir(path.parent)
    names: dict[str, Any] = {}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    monkeypatch.undo()
    return calls


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_lessons_own_numbers_lead_to_its_hints(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = run(path, monkeypatch)
    asked = [call for call in calls if call.slips is not None]
    part = PARTS[LESSONS.index(path)]
    assert [call.id for call in asked] == [one.id for one in load_exercises().values() if one.part == part]
    assert [call.mine for call in asked] == [None] * len(asked)
    # The solution shows the very number that is checked against.
    assert [(call.id, call.mine) for call in calls if call.slips is None] == [
        (call.id, call.right) for call in asked
    ]
    for call in asked:
        told = load_exercises()[call.id]
        assert set(call.slips) == {slip.id for slip in told.slips}
        for code in LANGUAGES:
            with language(code):
                exercise._tried.clear()
                assert str(told.why) in cx.check(call.id, call.right, call.right, call.slips).text
                for slip in told.slips:
                    exercise._tried.clear()
                    assert (
                        str(slip.says) in cx.check(call.id, call.slips[slip.id], call.right, call.slips).text
                    )


def test_no_answer_is_typed_into_a_lesson() -> None:
    for path in LESSONS:
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if "check" in cell["metadata"].get("tags", []):
                assert not re.search(r"^right = [-\d.]+$", "".join(cell["source"]), re.M)


@pytest.mark.parametrize(
    ("path", "part"), [*zip(LESSONS, PARTS, strict=True)], ids=lambda one: str(one)[-20:]
)
def test_a_lesson_of_exercises_has_task_answer_solution_quiz_and_take_away(path: Path, part: str) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    text = ["".join(cell["source"]) for cell in cells]
    heads = [head for source in text for head in re.findall(r"^## (.+)$", source, re.M)]
    assert heads[-2:] == ["Quiz", "Take away"]
    assert 2 <= len(heads) - 2 <= 4
    assert f'<div class="cx-quiz" data-quiz="{part}"></div>' in text
    assert f'cx.quiz("{part}")' in text
    solutions = sum("solution" in cell["metadata"].get("tags", []) for cell in cells)
    assert solutions >= len(heads) - 2
    assert 3 <= len(re.findall(r"^- ", text[-1], re.M)) <= 5
