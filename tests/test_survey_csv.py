"""Survey tools' exports: what is taken is what people answered, and everything else is named with its reason."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

import cxassess as cx
from cxassess.exchange.intake import ExchangeError, Outcome
from cxassess.exchange.questionnaire_excel import asked
from cxassess.exchange.survey_table import moments, read_table
from cxassess.exchange.survey_values import Unclear, value_of
from cxassess.language import language
from datasets.make import survey_tools
from tests.conftest import ROOT

MODEL = cx.load_model()
EXPORTS = ROOT / "datasets" / "survey-tools"
MAPPINGS = ROOT / "templates" / "survey-tools"
TOOLS = ["google-forms", "microsoft-forms", "qualtrics", "surveymonkey"]
MAPPING = """
[columns]
respondent = "Name"
person = "Email"
submitted = "When"
[answers]
"element.goals" = "Goals"
"evidence.goals" = "Proof"
"practice.chatbot" = "Chatbot"
"""
HEAD = ["When", "Email", "Name", "Goals", "Proof", "Chatbot"]


@pytest.fixture
def survey(tmp_path: Path) -> Any:
    """Write a survey's rows and read them with a mapping."""

    def read(
        rows: list[list[str]], mapping: str = MAPPING, head: list[str] = HEAD, **options: Any
    ) -> cx.Intake:
        out = io.StringIO(newline="")
        csv.writer(out).writerows([head, *rows])
        (tmp_path / "survey.csv").write_bytes(out.getvalue().encode("utf-8"))
        (tmp_path / "map.toml").write_text(mapping, "utf-8")
        return cx.read_survey(tmp_path / "survey.csv", tmp_path / "map.toml", tmp_path / "team", **options)

    return read


def values(folder: Path) -> dict[str, dict[str, Any]]:
    return {one.respondent: dict(one.values) for one in cx.read_answers(folder).responses}


# The four tools ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", TOOLS)
def test_everybody_s_answers_come_out_of_each_tools_export(tool: str, tmp_path: Path) -> None:
    """The generator knows what each person answered; the reader knows only the file."""
    code = "ja" if tool in {"google-forms", "microsoft-forms"} else "en"
    with language(code):
        people = survey_tools._people(f"{tool}.csv", MODEL, code)
    intake = cx.read_survey(EXPORTS / f"{tool}.csv", MAPPINGS / f"{tool}.toml", tmp_path, dry_run=False)
    found = values(tmp_path)
    kinds = {one.partition(".")[0] for person in found.values() for one in person}
    expected = {name: {key: value for key, value in one.items() if key.partition(".")[0] in kinds} for name, one in people.items()}  # fmt: skip
    spoilt: dict[str, dict[str, Any]] = {
        "google-forms": {"sakura": {"element.goals": 5}},  # the second time
        "microsoft-forms": {"hazel": {"element.goals": None}, "kaede": {"element.success": None}, "olive": {"element.strategy": 4}},
        "surveymonkey": {"kaede": {"element.goals": None}},
        "qualtrics": {},
    }[tool]  # fmt: skip
    for name, changes in spoilt.items():
        expected[name] = {
            key: value for key, value in {**expected[name], **changes}.items() if value is not None
        }
    assert found == expected
    reasons = {
        "google-forms": {"row_again", "row_blank"}, "microsoft-forms": set(), "qualtrics": {"row_rule"}, "surveymonkey": set(),
    }  # fmt: skip
    assert {one.key for one in intake.left_out} == reasons[tool]
    assert len(intake.problems) == {"microsoft-forms": 2, "surveymonkey": 1}.get(tool, 0)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_proposed_mapping_finds_every_question(tool: str, tmp_path: Path) -> None:
    text = cx.propose_mapping(EXPORTS / f"{tool}.csv")
    (tmp_path / "proposed.toml").write_text(text, "utf-8")
    words = tmp_path / "proposed.toml"
    if tool == "surveymonkey":  # its scale has words of its own: they are proposed to be told
        assert '# "Mostly like us" =' in text
        told = "\n".join(
            f"{json.dumps(word)} = {json.dumps(value)}" for value, word in survey_tools.WORDS.items()
        )
        words.write_text(text.replace("[values]", f"[values]\n{told}"), "utf-8")
    export = EXPORTS / f"{tool}.csv"
    proposed = cx.read_survey(export, words, tmp_path / "a", dry_run=False)
    checked = cx.read_survey(export, MAPPINGS / f"{tool}.toml", tmp_path / "b", dry_run=False)
    assert [one.respondent for one in proposed.people] == [one.respondent for one in checked.people]
    assert values(tmp_path / "a") == values(tmp_path / "b")


def test_the_sample_exports_are_what_the_generator_makes(tmp_path: Path) -> None:
    """If this fails, a text of the model has changed: run `python -m datasets.make.survey_tools`."""
    survey_tools.write(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (EXPORTS / path.name).read_bytes(), path.name


# What is taken and what is not -----------------------------------------------------------------------------


def test_a_dry_run_shows_everything_and_writes_nothing(survey: Any, tmp_path: Path) -> None:
    rows = [
        ["2026-07-01 10:00", "a@x", "Anna", "4", "<b>seen</b>", "On trial"],
        ["2026-07-01 11:00", "b@x", "<i>", "9", "", ""],
    ]
    intake = survey(rows)
    assert not (tmp_path / "team").exists() and intake.dry_run
    assert [(one.respondent, one.answers, one.asked) for one in intake.people] == [("Anna", 2, 2)]
    html = intake._repr_html_()
    assert (
        "row_unclear" in [one.key for one in intake.left_out]
        and "Row 3" in html
        and "'9'" not in repr(intake.people)
    )
    assert "<i>" not in html and "<b>" not in html
    assert survey(rows, dry_run=False).people[0].outcome == Outcome.NEW
    assert values(tmp_path / "team") == {
        "Anna": {"element.goals": 4, "evidence.goals": "<b>seen</b>", "practice.chatbot": "trial"}
    }


def test_of_two_answers_by_one_person_the_last_counts(survey: Any, tmp_path: Path) -> None:
    rows = [
        ["2026-07-03 09:00", "A@x ", "Anna", "5", "", ""],
        ["2026-07-01 09:00", "a@x", "Anna", "1", "", ""],
    ]
    intake = survey(rows, dry_run=False)
    assert values(tmp_path / "team") == {"Anna": {"element.goals": 5}}
    [again] = intake.left_out
    assert (again.key, again.data) == ("row_again", {"row": 3, "other": 2})


def test_dates_that_could_be_either_are_said_to_be(survey: Any, tmp_path: Path) -> None:
    rows = [["07/05/2026", "a@x", "Anna", "5", "", ""], ["06/07/2026", "a@x", "Anna", "1", "", ""]]
    intake = survey(rows, dry_run=False)
    assert values(tmp_path / "team") == {"Anna": {"element.goals": 1}}  # the lower row
    assert any("date_order" in note for note in intake.notes)
    intake = survey(rows, '[file]\ndate_order = "mdy"\n' + MAPPING, dry_run=False)
    assert values(tmp_path / "team") == {"Anna": {"element.goals": 5}}


def test_reading_a_survey_that_has_grown_adds_and_updates(survey: Any, tmp_path: Path) -> None:
    first = ["2026-07-01 09:00", "a@x", "Anna", "1", "", ""]
    survey([first], dry_run=False)
    intake = survey([first, ["2026-07-02 09:00", "b@x", "Ben", "2", "", ""], ["2026-07-03 09:00", "a@x", "Anna", "3", "", ""]], dry_run=False)  # fmt: skip
    assert {one.respondent: one.outcome for one in intake.people} == {"Anna": "changed", "Ben": "new"}
    assert values(tmp_path / "team")["Anna"] == {"element.goals": 3}
    again = survey([first, ["2026-07-03 09:00", "a@x", "Anna", "3", "", ""]], dry_run=False)
    assert [one.outcome for one in again.people] == [Outcome.SAME]


def test_two_people_of_one_name_are_not_mixed(survey: Any, tmp_path: Path) -> None:
    intake = survey([["", "a@x", "Ken", "1", "", ""], ["", "b@x", "ken", "5", "", ""]], dry_run=False)
    assert values(tmp_path / "team") == {"Ken": {"element.goals": 1}}
    assert [one.key for one in intake.left_out] == ["same_name"]


def test_people_without_a_name_are_the_same_the_next_time(survey: Any, tmp_path: Path) -> None:
    mapping = '[answers]\n"element.goals" = "Goals"\n'
    rows = [["1", "", "", "4", "", ""], ["2", "", "", "4", "", ""], ["2", "", "", "4", "", ""]]
    assert len(survey(rows, mapping, dry_run=False).people) == 3
    assert {one.outcome for one in survey(rows[::-1], mapping, dry_run=False).people} == {Outcome.SAME}


def test_an_address_is_not_kept(survey: Any, tmp_path: Path) -> None:
    survey([["", "anna@example.com", "", "4", "", ""]], dry_run=False)
    [path] = (tmp_path / "team").glob("*.json")
    assert path.name.startswith("r-") and "example" not in path.name + path.read_text("utf-8")


def test_columns_that_share_a_question_may_hold_one_answer(survey: Any) -> None:
    mapping = MAPPING.replace('"Goals"', '["Goals", "Proof"]').replace('"evidence.goals" = "Proof"', "")
    rows = [["", "a", "A", "", "3", ""], ["", "b", "B", "3", "4", "Planned"]]
    intake = survey(rows, mapping)
    assert [one.answers for one in intake.people] == [1, 1]
    assert [one.key for one in intake.problems] == ["survey_two"]


def test_texts_like_formulas_are_kept_as_they_are(survey: Any, tmp_path: Path) -> None:
    text = '=HYPERLINK("http://x")\nsecond, line'
    survey([["", "a", "A", "4", text, ""]], dry_run=False)
    assert values(tmp_path / "team")["A"]["evidence.goals"] == text


# Mappings ------------------------------------------------------------------------------------------------

WRONG = {
    "[answers": "mapping_syntax",
    "": "mapping_empty",
    "[answers]\n'element.goal' = 'Goals'": "mapping_unknown",
    "[answer]": "mapping_unknown",
    "[columns]\nname = 'Name'": "mapping_unknown",
    "[columns]\nrespondent = 3": "mapping_type",
    "[file]\nheader_rows = 0": "mapping_type",
    "[file]\nheader_rows = '1'": "mapping_type",
    "[file]\ndate_order = 'american'": "mapping_type",
    "[file]\ndelimiter = ''": "mapping_type",
    "[file]\ndelimiter = '\"'": "mapping_type",
    "[answers]\n'element.goals' = 'Goals'\n[values]\nx = [1]": "mapping_type",
    f"a = {'[' * 5000}{']' * 5000}": "mapping_syntax",
    "[file]\nencoding = \"a\\u0000b\"\n[answers]\n'element.goals' = 'Goals'": "survey_encoding",
    "leave_out = 1": "mapping_type",
    "[[leave_out]]\ncolumn = 'Name'": "mapping_type",
    "[answers]\n'element.goals' = []": "mapping_type",
    "[answers]\n'element.goals' = 'Goals'\n[values]\nx = 7": "mapping_type",
    "[answers]\n'element.goals' = 'Goal'": "no_column",
    "[answers]\n'element.goals' = '#99'": "no_column",
    "[file]\nencoding = 'klingon'\n[answers]\n'element.goals' = 'Goals'": "survey_encoding",
}


@pytest.mark.parametrize("mapping", WRONG)
def test_a_wrong_mapping_is_named_in_one_sentence(mapping: str, survey: Any) -> None:
    with pytest.raises(ExchangeError) as problem:
        survey([["", "a", "A", "4", "", ""]], mapping)
    assert problem.value.key == WRONG[mapping]
    for code, end in {"en": ".?", "ja": "。"}.items():
        with language(code):
            assert str(problem.value)[-1] in end


def test_a_heading_that_stands_twice_is_told_with_its_numbers(survey: Any) -> None:
    with pytest.raises(ExchangeError) as problem:
        survey([["a", "4", "5"]], "[answers]\n'element.goals' = 'Goals'", ["Name", "Goals", " GOALS"])
    assert problem.value.key == "double_column" and '"#2", "#3"' in str(problem.value)
    assert survey([["a", "4", "5"]], "[answers]\n'element.goals' = '#3'", ["Name", "Goals", "Goals"]).people


# Files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_separator_are_found(encoding: str, delimiter: str, tmp_path: Path) -> None:
    rows = [["氏名", "目標は\nどこに, ありますか; 今", "Note"], ["花子", "よく\r\nできている", "a,b;c\td"]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    (tmp_path / "s.csv").write_bytes(out.getvalue().encode(encoding))
    table = read_table(tmp_path / "s.csv")
    assert [one.heads[0] for one in table.columns] == rows[0] and table.rows == ((2, tuple(rows[1])),)


def test_an_excel_export_is_read_as_well(survey: Any, tmp_path: Path) -> None:
    survey([["", "a", "A", "4", "", ""]])
    book = Workbook()
    book.active.append(HEAD)
    book.active.append([None, "a", "Anna", 4.0, None, "Planned"])
    book.save(tmp_path / "survey.xlsx")
    intake = cx.read_survey(tmp_path / "survey.xlsx", tmp_path / "map.toml", tmp_path / "team")
    assert [(one.respondent, one.answers) for one in intake.people] == [("Anna", 2)]


@pytest.mark.parametrize(("name", "content", "key"), [
    ("none.csv", None, "no_such_file"), ("s.csv", b"", "survey_empty"), ("s.csv", b"a,b\n", "survey_empty"),
    ("s.csv", b"\x81\xff\xfe\x80a", "survey_encoding"), ("s.pdf", b"%PDF", "survey_ending"),
    ("s.xlsx", b"no zip", "survey_damaged"), ("s.xlsx", b"a,b\n1,2\n", "survey_damaged"),
])  # fmt: skip
def test_a_file_that_cannot_be_read_is_named(
    name: str, content: bytes | None, key: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ExchangeError) as problem:
        cx.propose_mapping(tmp_path / name)
    assert problem.value.key == key and name in str(problem.value)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(st.text(max_size=12), max_size=7), min_size=1, max_size=5))
def test_no_table_whatsoever_breaks_the_reader(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("s")
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEAD, *rows])
    (folder / "s.csv").write_bytes(out.getvalue().encode("utf-8", "replace"))
    (folder / "m.toml").write_text(MAPPING, "utf-8")
    try:
        intake = cx.read_survey(folder / "s.csv", folder / "m.toml", folder / "team", dry_run=False)
    except ExchangeError as problem:
        assert problem.key in {"survey_empty", "survey_encoding"}
    else:
        assert len(intake.people) + len(intake.left_out) >= 1 and repr(intake) and intake._repr_html_()
        assert len(list((folder / "team").glob("*.json"))) == len(intake.people)
        cx.propose_mapping(folder / "s.csv")


# Values and dates ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["en", "ja"])
def test_every_text_of_the_model_means_what_it_says(code: str) -> None:
    for key in asked(MODEL):
        kind, _, id = key.partition(".")
        if kind == "element":
            for level, text in enumerate(MODEL.elements[id].levels, 1):
                for shown in (
                    text.to(code),
                    f"{level}",
                    f"{level} - {text.to(code)}",
                    f" {level}. {text.to(code)}\n",
                ):
                    assert value_of(key, shown, MODEL) == level
        else:
            for choice in MODEL.scales[kind].choices:
                for shown in (
                    choice.name.to(code),
                    choice.value,
                    f"{choice.name.to(code)}: {choice.meaning.to(code)}",
                ):
                    assert value_of(key, shown, MODEL) == choice.value


@pytest.mark.parametrize("text", ["4.5", "6", "0", "-1", "45", "4/5", "1st", "often", "4 5", "true"])
def test_what_is_no_level_is_not_guessed_to_be_one(text: str) -> None:
    with pytest.raises(Unclear):
        value_of("element.goals", text, MODEL)


@pytest.mark.parametrize(("text", "expected"), [
    ("2026-07-03 09:05:12", "2026-07-03 09:05:12"), ("2026/07/03 午前 9:05:00 GMT+9", "2026-07-03 09:05:00+09:00"),
    ("2026/07/03 12:05:00 午前 GMT+9", "2026-07-03 00:05:00+09:00"), ("7/13/26 21:05:12", "2026-07-13 21:05:12"),
    ("07/13/2026 09:05:12 PM", "2026-07-13 21:05:12"), ("13.07.2026 09:05", "2026-07-13 09:05:00"),
    ("2026年7月3日 9時05分", "2026-07-03 09:05:00"), ("2026-07-03T09:05:12Z", "2026-07-03 09:05:12+00:00"),
    ("2026-07-03T09:05:12+05:30", "2026-07-03 09:05:12+05:30"), ("2026-02-31", "None"), ("soon", "None"), ("", "None"),
])  # fmt: skip
def test_dates_as_tools_write_them(text: str, expected: str) -> None:
    assert [str(one) for one in moments([text])] == [expected]
