"""The playbook: what it asks, what it keeps, what it commits to, and what a look at it finds."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxassess as cx
from cxassess import documents
from cxassess.documents import previous_of
from cxassess.errors import SaveError
from cxassess.forms.playbook import edit_playbook, playbook_spec
from cxassess.kpi.estimate import Estimate
from cxassess.language import interface_texts, language
from cxassess.playbook.book import Playbook, PlaybookError, clean, columns_of, options, playbook_of, sections
from cxassess.playbook.check import NotTaken, check_playbook
from cxassess.playbook.files import PlaybookFile, read_playbook, save_playbook
from cxassess.playbook.story import read_story
from cxassess.playbook.targets import actions, deadline, kpi_target, targets, with_measured
from cxassess.playbook.words import RULES, vague

TEMPLATE = {1: 3, 2: 2, 3: 5, 4: 3, 5: 4, 6: 5, 7: 3, 8: 3}
"""How many fields each section of the source's template has."""
ACTION = {
    "what": "Print the grind setting on all 14 bags", "owner": "Mori", "by": "2026-06-30",
    "metric": "csat", "from": 72, "to": 76, "takes_up": "practice.user_testing",
}  # fmt: skip
TARGET = {
    "present": 72,
    "target": 80,
    "by": "2027-03-31",
    "owner": "Kato",
    "method": "4 and 5 of 5, after 10 days",
}


def _rules(values: dict[str, Any], field: str, **more: Any) -> list[str]:
    book = playbook_of("Us", values)
    assert book.problems == ()
    return [finding.rule for finding in check_playbook(book, **more) if finding.field == field]


# What it asks ------------------------------------------------------------------------------------------


def test_it_has_every_field_of_the_template_and_what_the_other_articles_add(model: cx.Model) -> None:
    fields = model.records["field"].values()
    counts = {n: sum(f"start.template.{n}" in one.sources for one in fields) for n in TEMPLATE}
    assert counts == TEMPLATE and sum(counts.values()) == 28
    cited = {source for one in fields for source in one.sources}
    assert {"first.step.2", "first.step.4", "first.step.6", "first.step.8", "orient.win_win"} <= cited
    assert {one.horizon for one in fields if one.horizon} == {3, 6, 12}
    stages = [one for one in fields if "feeling" in {column.id for column in columns_of(one, model)}]
    assert len(stages) == 5
    for stage in stages:
        assert {"goal", "touchpoints", "feeling", "pain", "owner"} <= {
            column.id for column in columns_of(stage, model)
        }


def test_its_records_hold_together(model: cx.Model) -> None:
    for section, fields in sections(model):
        assert fields and section.sources
        for one in fields:
            assert one.kind in {"text", "date", "table"}
            assert set(one.needs) <= {"when", "who", "number"}
            columns = columns_of(one, model) if one.kind == "table" else ()
            assert bool(columns) == (one.kind == "table")
            for code in model.languages:
                names = [column.name.to(code) for column in columns]
                assert len(set(names)) == len(names), "a table is read back by its columns' names"
            for column in columns:
                assert column.kind in {"text", "number", "date", "choice"}
                assert bool(column.choices) == (column.kind == "choice")
                for code in model.languages:
                    texts = [name.to(code) for name in options(column, model).values()]
                    assert len(set(texts)) == len(texts), (column.id, code)
    for code in model.languages:
        names = [one.name.to(code) for one in model.records["field"].values()]
        assert len(set(names)) == len(names)


def test_the_form_offers_it_in_both_languages(model: cx.Model) -> None:
    for code in model.languages:
        with language(code):
            spec = playbook_spec()
            assert json.loads(json.dumps(spec)) == spec
            asked = [one["id"] for section in spec["sections"] for one in section["fields"]]
            assert asked == list(model.records["field"]) and spec["language"] == code
    metric = next(one for one in spec["sections"][5]["fields"][1]["columns"] if one["id"] == "metric")
    offered = {option["value"] for option in metric["options"]}
    assert "csat" in offered and "tickets" not in offered, "a metric without a good direction is no aim"


def test_the_example_of_every_text_passes_the_check_and_the_poor_one_does_not(model: cx.Model) -> None:
    for one in model.records["field"].values():
        if one.kind == "text":
            for code in model.languages:
                assert _rules({one.id: one.good.to(code)}, one.id) == [], (one.id, code)
                assert _rules({one.id: one.poor.to(code)}, one.id), (one.id, code)


# What it keeps ----------------------------------------------------------------------------------------


def test_what_is_written_in_the_form_is_read_back(tmp_path: Path) -> None:
    form = edit_playbook(tmp_path / "team", {"csat": 71.4})
    sent: list[dict[str, Any]] = []
    form.send = lambda content, buffers=None: sent.append(content)  # type: ignore[method-assign]
    edits = {"sharing": " 毎月、全体会で3分 ", "short_term": [ACTION, {}]}
    form._receive(
        None, {"type": "edits", "seq": 1, "edits": edits, "position": {"section": "improvement"}}, None
    )
    assert sent[0]["type"] == "saved"
    book = read_playbook(tmp_path / "team")
    assert book.text("sharing") == "毎月、全体会で3分"
    assert [dict(row) for row in book.rows("short_term")] == [ACTION]
    assert book.rows("csat_target")[0]["present"] == 71.4
    assert book.position == {"section": "improvement"} and book.model_hash == cx.load_model().hash
    again = edit_playbook(tmp_path / "team")
    assert again.values["short_term"] == [ACTION] and again.position == {"section": "improvement"}


def test_a_wrong_entry_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    file = PlaybookFile(tmp_path, "Us")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"sharing": 3}, "not a text"),
        ({"nonsense": "x"}, "no field 'nonsense'"),
        ({"plan_start": "soon"}, "'soon' is not a date"),
        ({"short_term": "x"}, "a table is expected"),
        ({"short_term": [{"whom": "x"}]}, "no column 'whom'"),
        ({"short_term": [{"from": "many"}]}, "not a number"),
        ({"short_term": [{"from": True}]}, "not a number"),
        ({"short_term": [{"from": float("nan")}]}, "not a number"),
        ({"short_term": [{"metric": "tickets"}]}, "not among the choices"),
        ({"use": [{}, {}]}, "at most 1"),
        ({"sharing": "x" * 20_001}, "longer than 20,000"),
    ]
    for edits, message in wrong:
        with pytest.raises(PlaybookError, match=message):
            file.save({"cycle": "Every four weeks", **edits})
    assert not file.path.exists()


@given(st.text())
def test_a_cleaned_text_fits_every_format_and_stays_as_it_is(text: str) -> None:
    kept = clean(text)
    assert clean(kept) == kept == kept.strip()
    assert not set(kept) & {"\r", "\0", "\x0b", "\u2028", "\ufffe", "\uffff"}


def test_two_sessions_keep_both_entries(tmp_path: Path) -> None:
    desk, sofa = PlaybookFile(tmp_path, "Us"), PlaybookFile(tmp_path, "Us")
    desk.save({"sharing": "Every month, three minutes each"})
    saved = sofa.save({"cycle": "Every four weeks"})
    assert saved.changed == {"sharing": "Every month, three minutes each"}
    assert desk.save({"sharing": None}).changed == {"cycle": "Every four weeks"}
    assert dict(read_playbook(tmp_path).values) == {"cycle": "Every four weeks"}


def test_a_damaged_file_is_set_aside_and_the_previous_state_opened(tmp_path: Path) -> None:
    file = PlaybookFile(tmp_path, "Us")
    file.save({"sharing": "Every month"})
    file.save({"cycle": "Every week"})
    file.path.write_bytes(damage := file.path.read_bytes()[:50])
    with pytest.raises(
        PlaybookError, match=r"damaged at line \d+.*The state before its last save is in .previous"
    ):
        read_playbook(tmp_path)
    again = PlaybookFile(tmp_path)
    assert "It now lies in set-aside/playbook.1.json, and you go on from the save of" in str(again.notice)
    assert dict(again.playbook.values) == {"sharing": "Every month"}
    assert (tmp_path / "set-aside" / "playbook.1.json").read_bytes() == damage


def test_a_full_disk_leaves_what_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = PlaybookFile(tmp_path, "Us")
    file.save({"sharing": "Every month"})
    before = file.path.read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(documents.os, "fsync", full)
    with pytest.raises(SaveError, match="No space left on device"):
        file.save({"sharing": "Never"})
    assert file.path.read_bytes() == before and list(tmp_path.glob(".*.tmp")) == []


def test_a_killed_process_leaves_a_whole_playbook(tmp_path: Path) -> None:
    code = """
import sys
from cxassess.playbook.files import PlaybookFile
file = PlaybookFile(sys.argv[1], "Us")
print("ready", flush=True)
number = 0
while True:
    number += 1
    file.save({"sharing": str(number), "cycle": str(number), "reviews": str(number)})
"""
    for attempt in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout and process.stdout.readline() == "ready\n"
        time.sleep(0.02 + 0.015 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (tmp_path / "playbook.json").exists():
            assert len(set(read_playbook(tmp_path).values.values())) == 1
    assert previous_of(tmp_path / "playbook.json").exists()


def test_what_a_newer_version_wrote_stays_and_a_newer_form_is_not_touched(tmp_path: Path) -> None:
    file = PlaybookFile(tmp_path, "Us")
    file.save({"sharing": "Every month"})
    table = json.loads(file.path.read_text("utf-8"))
    table["playbook"] |= {"footprint": "x", "plan_start": "someday"}
    table["mood"] = "good"
    file.path.write_text(json.dumps(table), "utf-8")
    assert [problem.key for problem in read_playbook(tmp_path).problems] == ["unknown_field", "not_date"]
    PlaybookFile(tmp_path).save({"cycle": "Every week"})
    table = json.loads(file.path.read_text("utf-8"))
    assert table["playbook"]["footprint"] == "x" and table["playbook"]["plan_start"] == "someday"
    assert table["mood"] == "good" and table["playbook"]["cycle"] == "Every week"
    file.path.write_text(json.dumps(table | {"schema": "cxassess.playbook/2"}), "utf-8")
    before = file.path.read_bytes()
    with pytest.raises(PlaybookError, match="newer form"):
        PlaybookFile(tmp_path)
    assert file.path.read_bytes() == before


def test_a_field_that_was_renamed_is_carried_over(model_copy: Path) -> None:
    crosswalk = """
[[successor]]
id = "field.spreading"
after = "0.9.0"
became = "sharing"
comparable = true
why = {en = "Plainer", ja = "平易に"}
"""
    (model_copy / "crosswalk.toml").write_text(crosswalk, "utf-8")
    table = {
        "schema": "cxassess.playbook/1",
        "model": {"version": "0.9.0"},
        "playbook": {"spreading": "Monthly"},
    }
    folder = model_copy.parent / "team"
    folder.mkdir()
    (folder / "playbook.json").write_text(json.dumps(table), "utf-8")
    model = cx.load_model(model_copy)
    assert dict(read_playbook(folder, model).values) == {"sharing": "Monthly"}
    PlaybookFile(folder, model=model).save({"cycle": "Weekly"})
    assert "spreading" not in json.loads((folder / "playbook.json").read_text("utf-8"))["playbook"]


def test_a_whole_playbook_replaces_the_one_before(tmp_path: Path) -> None:
    save_playbook(tmp_path, Playbook("Us", {"sharing": "Monthly", "cycle": "Weekly"}))
    save_playbook(tmp_path, Playbook("We", {"sharing": "Daily"}))
    assert read_playbook(tmp_path) == Playbook("We", {"sharing": "Daily"})


def test_a_story_is_told_in_each_language(tmp_path: Path) -> None:
    story = tmp_path / "story.toml"
    story.write_text(
        """
team = {en = "Product team", ja = "製品チーム"}
[playbook]
plan_start = 2026-04-01
sharing = {en = "Every month", ja = "毎月"}
[[playbook.short_term]]
what = {en = "Watch five users", ja = "5人の使い方を観察する"}
owner = "Sato"
by = 2026-06-30
metric = "csat"
from = 62
to = 68.5
""",
        "utf-8",
    )
    book = read_story(story, "ja")
    assert book.team == "製品チーム" and book.text("plan_start") == "2026-04-01"
    assert book.rows("short_term")[0] == {
        "what": "5人の使い方を観察する", "owner": "Sato", "by": "2026-06-30", "metric": "csat", "from": 62, "to": 68.5,
    }  # fmt: skip
    assert read_story(story).text("sharing") == "Every month"
    story.write_text('[playbook]\nshareing = "x"', "utf-8")
    with pytest.raises(PlaybookError, match="no field 'shareing'"):
        read_story(story)


# What it commits to -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": 60}, "higher is better, but the target .60. is below today's value .72."),
        ({"metric": "first_response_time", "target": 90}, "lower is better, but the target .90. is above"),
        ({"metric": "clv"}, "the unit is missing; add it, for example “JPY”"),
        ({"unit": "yen"}, "is counted in %, but “yen” is given"),
        ({"metric": "clv", "unit": "％"}, "is an amount of money, but “％” is given"),
        ({"metric": "customer_acquisition_cost", "target": 60, "unit": "Points"}, "is an amount of money"),
        ({"metric": "interviews", "unit": "%"}, "is a plain number, but “%” is given"),
        ({"by": ""}, "the date is missing"),
        ({"owner": " "}, "the owner is missing"),
        ({"target": None}, "there is no target value"),
        ({"target": 180}, "the values lie between 0 and 100"),
        ({"metric": "resolution_time", "target": -1}, "no values below zero"),
        ({"metric": "tickets"}, "neither more nor less of it is good"),
        ({"metric": "happiness"}, "no such metric"),
    ],
)
def test_a_target_that_cannot_stand_is_refused_in_one_sentence(change: dict[str, Any], message: str) -> None:
    given_ = {"metric": "csat", "target": 80, "present": 72, "by": "2027-03-31", "owner": "Kato"} | change
    metric, target = given_.pop("metric"), given_.pop("target")
    with pytest.raises(PlaybookError, match=message) as caught:
        kpi_target(metric, target, **given_)
    with language("ja"):
        assert str(caught.value).endswith("。") and "{" not in str(caught.value)


@given(st.sampled_from(["csat", "nps", "first_response_time"]), st.floats(0, 100), st.floats(0, 100))
def test_a_target_stands_exactly_when_it_does_not_make_things_worse(
    metric: str, present: float, aim: float
) -> None:
    better = aim >= present if cx.load_model().records["metric"][metric].direction == "up" else aim <= present
    try:
        kpi_target(metric, aim, present=present, by="2027-03-31", owner="Kato")
    except PlaybookError as problem:
        assert not better and problem.key.startswith("target_not_")
    else:
        assert better


def test_units_are_the_models_however_they_are_written() -> None:
    for unit in ("％", "percent", "パーセント", ""):
        assert kpi_target("csat", 80, unit=unit, by="2027-03-31", owner="K").unit == "%"
    for unit in ("円", "千円", "¥", "k€", "JPY a year"):
        assert kpi_target("clv", 80, unit=unit, by="2027-03-31", owner="K").unit == unit


def test_the_form_knows_the_unit_of_every_target(model: cx.Model) -> None:
    for code in model.languages:
        with language(code):
            fields = [one for section in playbook_spec()["sections"] for one in section["fields"]]
        columns = [column | {"of": one} for one in fields for column in one.get("columns", ())]
        told = [(column | kind, unit) for column in columns for unit, kind in column.get("kinds", {}).items()]
        told += [
            (column, model.records["metric"][model.records["field"][column["of"]["id"]].metric].unit)
            for column in columns
            if "hint" in column
        ]
        units = {unit for _, unit in told}
        assert units == {"percent", "points", "hours", "count", "currency", "score"}
        for column, unit in told:
            if column["type"] == "number":
                assert 0 < column["example"] <= column["max"]
            else:
                assert column["id"] == "unit" and column["placeholder"]
            if unit == "currency":
                assert "%" in column["never"] and "only" not in column
            elif unit != "score":
                assert "円" not in column["only"] and column["hint"].strip()
        for one in fields:
            if "kind" in one:
                chosen = next(column for column in one["columns"] if column["id"] == one["kind"]["column"])
                assert {option["value"] for option in chosen["options"]} == set(one["kind"]["of"])


def test_a_metric_has_one_name_in_the_playbook(model: cx.Model) -> None:
    field, metric = model.records["field"]["ltv_target"], model.records["metric"]["clv"]
    assert all(field.name.to(code) == metric.name.to(code) for code in model.languages)


def test_present_values_come_from_measurements() -> None:
    measured = {
        "csat": Estimate("csat", 71.428, 60, 80, 100, 0, "%", "wilson"),
        "clv": Estimate("clv", 18400.0, None, None, 9, 0, "JPY", "none"),
    }
    book = with_measured(
        playbook_of("Us", {"csat_target": [{"target": 70, "owner": "K", "by": "2027-03-31"}]}), measured
    )
    assert book.rows("csat_target")[0]["present"] == 71.43
    assert book.rows("ltv_target")[0] == {"present": 18400.0, "unit": "JPY"}
    found, refused = targets(book)
    assert found == () and [problem.key for problem in refused] == ["target_not_up", "target_no_value"]
    raised = playbook_of("Us", {"csat_target": [{"target": 80, "owner": "K", "by": "2027-03-31"}]})
    assert targets(raised, measured)[0][0].present == 71.43


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.sampled_from([3, 6, 12]))
def test_a_deadline_is_that_many_months_later(start: date, months: int) -> None:
    end = deadline(start, months)
    assert (end.year - start.year) * 12 + end.month - start.month == months
    assert end.day == start.day or (end.day < start.day and end.day >= 28)


def test_actions_come_with_their_horizon() -> None:
    book = playbook_of("Us", {"long_term": [ACTION], "short_term": [{"what": "Call back"}]})
    assert [(one.horizon, one.what, one.by, one.goal) for one in actions(book)] == [
        (3, "Call back", None, None), (12, ACTION["what"], date(2026, 6, 30), 76),
    ]  # fmt: skip


# What a look finds ------------------------------------------------------------------------------------


def test_what_is_empty_is_named_with_an_example_to_begin_with(model: cx.Model) -> None:
    report = check_playbook(Playbook("Us"))
    required = [one.id for one in model.records["field"].values() if one.required]
    assert [finding.field for finding in report] == required and {finding.rule for finding in report} == {
        "empty"
    }
    assert report.points == () and str(model.records["field"]["target_customer"].good) in report.empty


def test_what_stands_in_the_form_is_not_called_missing(model: cx.Model) -> None:
    lines = {"csat_target": [TARGET | {"target": None}], "short_term": [ACTION | {"from": None, "to": None}]}
    values = {
        id: [{key: cell for key, cell in row.items() if cell is not None}] for id, [row] in lines.items()
    }
    refused = [
        NotTaken("csat_target", 1, "target", "about 80"),
        NotTaken("short_term", 1, "to", "9→4"),
        NotTaken("plan_start", 0, "", ""),
        NotTaken("no_such_field", 0, "", "x"),
    ]
    book = playbook_of("Us", values)
    for code in model.languages:
        with language(code):
            plain, report = check_playbook(book), check_playbook(book, not_taken=refused)
            found = {(one.rule, one.field): one for one in report}
            assert ("target", "csat_target") in {(one.rule, one.field) for one in plain}
            assert {
                ("refused", "csat_target"),
                ("no_values", "short_term"),
                ("refused", "short_term"),
            } <= found.keys()
            assert ("target", "csat_target") not in found and ("empty", "plan_start") not in found
            assert "about 80" in found["refused", "csat_target"].why
    both = [*refused, NotTaken("short_term", 1, "from", "nine")]
    rules = [one.rule for one in check_playbook(book, not_taken=both) if one.field == "short_term"]
    assert rules == ["refused", "refused"]
    assert (plain.filled, report.filled) == (2, 0), "a field counts when all that stands in it was taken in"


def test_the_check_counts_what_the_form_counts(model: cx.Model) -> None:
    asked = [one for section in playbook_spec()["sections"] for one in section["fields"]]
    report = check_playbook(playbook_of("Us", {"sharing": "Monthly", "more_targets": [TARGET]}))
    assert (report.filled, report.total) == (1, sum(not one["optional"] for one in asked))


def test_the_points_stand_under_their_sections_and_lead_to_their_fields(model: cx.Model) -> None:
    hostile = "<b>'x' \"y\"</b>"
    book = playbook_of("Us", {"csat_target": [TARGET | {"unit": "yen"}], "short_term": [{"what": hostile}]})
    for code in model.languages:
        with language(code):
            report = check_playbook(book)
            html = report.html(level=3, linked=True)
            names = [escape(str(section.name)) for section, _ in sections(model)]
            assert re.findall("<h4>(.*?)</h4>", html) == names
            assert hostile not in html and hostile not in report.html()
            places = re.findall("data-field='(.*?)' data-row='(.*?)' data-column='(.*?)'", html)
            assert len(places) == len(report)
            assert {("csat_target", "1", "unit"), ("short_term", "1", "owner"), ("sharing", "0", "")} <= set(
                places
            )
            assert "<button" not in report.html() and report.html() == report._repr_html_()


def test_every_rule_finds_its_case(model: cx.Model) -> None:
    def short(**changes: Any) -> list[str]:
        row = {key: value for key, value in (ACTION | changes).items() if value is not None}
        return _rules({"plan_start": "2026-04-01", "short_term": [row]}, "short_term")

    assert short() == []
    assert short(owner=None) == ["no_owner"]
    assert short(owner="全員") == ["nobody"]
    assert short(owner="Everybody") == ["nobody"]
    assert short(by=None) == ["cell"]
    assert short(by="2026-07-01") == [], "the last day of the three months belongs to them"
    assert short(by="2026-07-02") == ["beyond_horizon"]
    assert short(by="2026-03-31") == ["before_start"]
    assert short(to=None) == ["no_values"]
    assert short(metric=None) == ["no_metric"]
    assert short(to=60) == ["wrong_way"]
    assert short(metric="resolution_time", to=60) == []
    assert short(what="Strengthen customer orientation") == ["vague"]
    assert _rules({"csat_target": [TARGET]}, "csat_target") == ["unmoved"]
    assert _rules({"csat_target": [TARGET], "short_term": [ACTION]}, "csat_target") == []
    assert _rules(
        {"csat_target": [TARGET | {"by": "2026-05-01"}], "short_term": [ACTION]}, "csat_target"
    ) == ["too_late"]
    assert _rules({"csat_target": [TARGET | {"target": 72}], "short_term": [ACTION]}, "csat_target") == [
        "no_change"
    ]
    assert _rules({"csat_target": [TARGET | {"target": 60}]}, "csat_target") == ["target"]
    offer = {
        "offer": "Express delivery",
        "customer": "A day sooner",
        "margin": "−¥420 an order",
        "winner": "customer",
    }
    assert _rules({"win_win": [offer]}, "win_win") == ["one_sided"]
    assert _rules({"win_win": [offer | {"winner": "both"}]}, "win_win") == []
    assert _rules({"sharing": "Monthly"}, "sharing") == ["short"]


def test_a_practice_moves_the_metrics_that_the_model_says(model: cx.Model) -> None:
    practice = next(one for one in model.practices.values() if "nps" in one.metrics)
    row = ACTION | {"takes_up": f"practice.{practice.id}"}
    target = {"nps_target": [TARGET | {"present": 12, "target": 20}]}
    assert _rules(target | {"short_term": [row]}, "nps_target") == []


def test_a_gap_has_to_be_taken_up_by_an_action(model: cx.Model) -> None:
    values = {f"element.{id}": 5 for id in model.elements} | {"element.pricing": 1}
    result = cx.score(cx.Answers(cx.Team("Us"), (cx.Response("anna", values),)))
    mover = next(one.id for one in model.practices.values() if "pricing" in one.elements)
    other = next(one.id for one in model.practices.values() if "pricing" not in one.elements)
    for takes_up, expected in {
        "": ["gap"],
        f"practice.{other}": ["gap"],
        f"practice.{mover}": [],
        "element.pricing": [],
    }.items():
        rows = {"short_term": [ACTION | {"takes_up": takes_up}], "plan_start": "2026-04-01"}
        assert _rules(rows, "short_term", result=result) == expected, takes_up
    gap = next(
        one
        for one in check_playbook(playbook_of("Us", rows | {"short_term": [ACTION]}), result)
        if one.rule == "gap"
    )
    assert str(model.elements["pricing"].name) in gap.why and "1.0" in gap.why
    for named in gap.how.split("(")[1].split(")")[0].split(", "):
        practice = next(one for one in model.practices.values() if str(one.name) == named)
        assert "pricing" in practice.elements


def test_a_practice_of_the_plan_has_to_be_taken_up() -> None:
    rows = {"short_term": [ACTION], "plan_start": "2026-04-01"}
    assert _rules(rows, "short_term", plan=["user_testing"]) == []
    assert _rules(rows, "short_term", plan=["user_testing", "chatbot"]) == ["not_planned"]


def test_findings_read_in_both_languages_with_field_reason_and_remedy() -> None:
    hostile = {
        "what": "強化 {x} <b>",
        "owner": "all",
        "metric": "csat",
        "from": 80,
        "to": 70,
        "by": "2030-01-01",
    }
    report = check_playbook(
        playbook_of(
            "Us", {"short_term": [hostile], "plan_start": "2026-04-01", "sharing": "Share more, better"}
        )
    )
    for code in ("en", "ja"):
        with language(code):
            for finding in report:
                assert finding.where and finding.why and finding.how
                assert all(
                    "{" not in text.replace("{x}", "") for text in (finding.where, finding.why, finding.how)
                )
            assert "強化 {x} <b>" in repr(report)
            shown = report._repr_html_()
            assert "強化 {x} &lt;b&gt;" in shown and "強化 {x} <b>" not in shown


def test_the_rule_of_vagueness_is_data_and_explains_itself() -> None:
    for code in ("en", "ja"):
        texts = interface_texts("vague", code)
        assert all(texts[f"{rule}_words"] and texts[f"{rule}_ask"] for rule in RULES)
    found = vague("顧客満足度を向上させる")
    assert found and found[0] == "向上"
    assert vague("顧客満足度を72%から80%へ向上させる") is None
    assert vague("Improve it") and vague("Improve “the first cup”") is None and vague("Improvise") is None


def test_a_fork_can_change_the_words(model_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = model_copy / "interface" / "vague.toml"
    file.write_text(file.read_text("utf-8").replace('en = "improve*|', 'en = "synerg*|improve*|'), "utf-8")
    assert vague("Use synergies between us") is None
    monkeypatch.setenv("CXASSESS_MODEL", str(model_copy))
    assert vague("Use synergies between us")


def test_a_playbook_cannot_be_changed_by_the_way() -> None:
    book = playbook_of("Us", {"short_term": [ACTION]})
    assert isinstance(book.values, MappingProxyType)
    with pytest.raises(TypeError):
        book.rows("short_term")[0]["what"] = "x"  # type: ignore[index]
