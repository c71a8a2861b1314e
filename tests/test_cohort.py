"""The cohort view: what it reads, what it shows, and that it holds nobody's answers."""

import gc
import json
import shutil
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import fsspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control

import cxassess as cx
from cxassess import charts
from cxassess.cohort import _holm, _sign_test, publish
from cxassess.cohort.disclosure import (
    Cell,
    Spread,
    Standing,
    Statement,
    fewest,
    leaves_doubt,
    practice_statements,
    rating_statements,
)
from cxassess.cohort.files import TeamAnswers
from tests.conftest import ROOT

COHORT = ROOT / "datasets" / "cohort"
IDS = list(cx.load_model().elements)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write some people's answers into a team's folder."""

    def write(team: str, *ratings: int, round: str = "", name: str = "", **more: Any) -> Path:
        folder = tmp_path / "teams" / team / round
        folder.mkdir(parents=True, exist_ok=True)
        for number, rating in enumerate(ratings):
            person = f"{name or team[:20]} {number}"
            table = {
                "schema": "cxassess.answers/1",
                "respondent": person.replace("<", "").replace(">", "").replace("/", ""),
                "answers": {**{f"element.{id}": rating for id in IDS}, "practice.chatbot": "in_place"},
                **more,
            }
            (folder / f"r{number}.json").write_text(json.dumps(table), "utf-8")
        return tmp_path / "teams"

    return write


def keys(cohort: cx.Cohort) -> list[str]:
    return [problem.key for problem in cohort.problems]


# ---------------------------------------------------------------------------------------------- what is shown


def test_a_score_is_shown_as_a_band_from_five_people_on(write: Write) -> None:
    write("four", 3, 3, 3, 3)
    write("five", 2, 3, 3, 2, 3)
    folder = write("six", 1, 5, 1, 5, 1, 5)
    four, five, six = sorted(cx.read_cohort(folder).teams, key=lambda team: team.people)
    assert four.people == "" and not any(four.elements.values()) and not any(four.practices.values())
    assert {five.name, six.name} == {"five", "six"}
    found = {team.name: team for team in (five, six)}
    assert found["five"].elements["goals"] == Cell(1, None)  # 2.6; of five people no spread
    assert found["six"].elements["goals"] == Cell(2, Spread.WIDE)
    assert found["six"].practices["chatbot"] == Standing.IN_PLACE
    assert found["six"].practices["user_testing"] is None


def test_nothing_is_shown_about_fewer_people_than_asked(write: Write) -> None:
    write("seven", *[3] * 7)
    folder = write("eight", *[3] * 8)
    shown = {team.name: any(team.elements.values()) for team in cx.read_cohort(folder, k=8).teams}
    assert shown == {"seven": False, "eight": True}
    for wrong in (4, 0, True, 5.5):
        with pytest.raises(cx.CohortError, match="5 or more"):
            cx.read_cohort(folder, k=wrong)


def test_both_rounds_count_the_people_who_answered_both(write: Write) -> None:
    write("us", 1, 2, 2, 2, 3, 3, round="1")
    folder = write("us", 5, 2, 2, 2, 3, 3, round="2", name="us")
    row = cx.read_cohort(folder).teams[0]
    assert (row.earlier_round, row.round) == ("1", "2")
    assert row.elements["goals"] == Cell(2, Spread.WIDE)
    # One has left: her 1 is in neither round.
    (folder / "us" / "2" / "r0.json").unlink()
    row = cx.read_cohort(folder).teams[0]
    assert row.elements["goals"] == row.earlier["goals"] == Cell(1)
    # Two have left: the four who stayed are too few, so neither they nor the earlier round are shown.
    (folder / "us" / "2" / "r1.json").unlink()
    row = cx.read_cohort(folder).teams[0]
    assert row.elements["goals"] is None and row.earlier["goals"] is None


def test_where_most_are_new_the_last_round_stands_alone(write: Write) -> None:
    write("us", *[2] * 6, round="1")
    folder = write("us", *[2] * 6, *[5] * 9, round="2")
    row = cx.read_cohort(folder).teams[0]
    assert row.earlier["goals"] is None
    assert row.elements["goals"].band == 4


def test_rounds_are_in_the_order_of_their_numbers(write: Write) -> None:
    for number in (1, 2, 9, 10):
        folder = write("us", *[3] * 6, round=f"round {number}")
    row = cx.read_cohort(folder).teams[0]
    assert (row.earlier_round, row.round) == ("round 9", "round 10")


def test_progress_over_all_teams_is_a_sign_test(write: Write) -> None:
    for team in range(12):
        write(f"team {team}", *[2] * 6, round="1")
        folder = write(f"team {team}", *[3] * 6, round="2")
    found = cx.read_cohort(folder).elements["goals"]
    assert (found.up, found.same, found.down, found.teams) == (12, 0, 0, 12)
    assert found.verdict == "improved"
    assert found.p == pytest.approx(min(1, 15 * binomtest(12, 12).pvalue))


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_sign_test_is_scipys(up: int, down: int) -> None:
    expected = binomtest(up, up + down).pvalue if up + down else 1.0
    assert _sign_test(up, down) == pytest.approx(expected)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=15))
def test_holm_never_finds_more_than_benjamini_and_hochberg_nor_less_than_bonferroni(ps: list[float]) -> None:
    adjusted = _holm({str(place): p for place, p in enumerate(ps)})
    liberal = false_discovery_control(ps)
    assert len(adjusted) == len(ps)
    for place, p in enumerate(ps):
        assert liberal[place] - 1e-12 <= adjusted[str(place)] <= min(1.0, p * len(ps)) + 1e-12


# ------------------------------------------------------------------------------------------ that nobody is in it


def count_vectors(n: int, choices: int) -> Iterator[tuple[int, ...]]:
    if choices == 1:
        yield (n,)
        return
    for first in range(n + 1):
        for rest in count_vectors(n - first, choices - 1):
            yield (first, *rest)


def leaves_doubt_by_enumeration(n: int, choices: int, statement: Statement) -> bool:
    """Every possible team, every statement about it, every insider: what could a colleague have answered?"""
    possible: dict[Any, set[int]] = {}
    for counts in count_vectors(n, choices):
        told = statement(counts)
        for own, other in product(range(choices), repeat=2):
            if counts[own] and counts[other] > (own == other):
                possible.setdefault((told, own), set()).add(other)
    return all(len(values) > 1 for values in possible.values())


@pytest.mark.parametrize("choices", [3, 4, 5, 7])
def test_the_audit_agrees_with_enumerating_every_team(choices: int) -> None:
    statements = [*rating_statements(choices, 1.25), *practice_statements(choices - 2, choices // 2)]
    verdicts = set()
    for n, statement in product(range(2, 9 if choices < 7 else 7), statements):
        expected = leaves_doubt_by_enumeration(n, choices, statement)
        assert leaves_doubt(n, choices, statement) == expected, n
        verdicts.add(expected)
    assert verdicts == {True, False}


def test_exact_means_never_pass_the_audit() -> None:
    def exact(counts: Any) -> Any:
        return sum(level * count for level, count in enumerate(counts))

    assert not any(leaves_doubt(n, 5, exact) for n in range(2, 60))


def test_bands_take_five_people() -> None:
    assert fewest(5) == cx.load_model().rules.smallest_group == 5


def texts_within(thing: object) -> set[str]:
    """Every text that can be reached from an object, through anything but modules, functions and classes."""
    reached: dict[int, object] = {}
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if id(one) not in reached and not isinstance(one, ModuleType | FunctionType | type):
            reached[id(one)] = one
            waiting += gc.get_referents(one)
    return {one for one in reached.values() if isinstance(one, str)}


def test_a_cohort_holds_no_names_answers_or_texts() -> None:
    cohort = cx.read_cohort(COHORT)
    shown = json.dumps(cohort.to_dict(), ensure_ascii=False) + cx.show(cohort).html + repr(cohort)
    held = "\n".join([shown, *texts_within(cohort)])
    assert "Shop Ginza" in texts_within(cohort)
    people = {path.stem for path in COHORT.glob("*/*/*.json")} - {"team"}
    assert len(people) > 150
    assert not [name for name in people if name in held]
    for path in COHORT.glob("*/*/*.json"):
        for key, value in json.loads(path.read_text("utf-8")).get("answers", {}).items():
            assert not key.startswith("evidence") or value not in held


def test_problems_hold_nothing_of_what_files_say(write: Write) -> None:
    folder = write("us", *[3] * 6)
    (folder / "us" / "r0.json").write_text('{"schema": "cxassess.answers/1", "secret": 5', "utf-8")
    broken = json.loads((folder / "us" / "r1.json").read_text("utf-8"))
    broken["answers"]["element.goals"] = "secret"
    (folder / "us" / "r1.json").write_text(json.dumps(broken), "utf-8")
    cohort = cx.read_cohort(folder)
    assert keys(cohort) == ["left_out", "unusable"]
    for problem in cohort.problems:
        inner = problem.data.get("problem", problem)
        assert inner.__cause__ is inner.__context__ is inner.__traceback__ is None
        assert "secret" not in str(problem)
        assert "us/r" in str(problem)
    assert "r0" not in cx.show(cohort).html


def test_a_team_that_is_left_out_leaves_no_trace_of_the_others(write: Write) -> None:
    folder = write("a", *[3] * 6, name="secret")
    (folder / "b").mkdir()
    write("c", 3, round="x")
    (folder / "c" / "x" / "r0.json").write_text("{")
    cohort = cx.read_cohort(folder)
    assert keys(cohort) == ["no_answers_yet", "team_left_out"]
    assert not [text for text in texts_within(cohort) if "secret" in text]


def test_a_person_counts_in_one_team_only(write: Write) -> None:
    write("all", *[3] * 8)
    folder = write("part", *[1] * 6)
    shutil.copytree(folder / "part", folder / "part - copy")
    cohort = cx.read_cohort(folder)
    assert [team.name for team in cohort.teams] == ["all", "part"]
    assert keys(cohort) == ["in_two_teams"]
    # A later state of the same files counts where it was saved last.
    for number in range(6):
        table = json.loads((folder / "part" / f"r{number}.json").read_text("utf-8"))
        for place, saved in (("part", "2026-04-01T00:00:00Z"), ("part - copy", "2026-04-02T00:00:00Z")):
            (folder / place / f"r{number}.json").write_text(
                json.dumps({**table, "id": str(number), "saved": saved})
            )
    assert [team.name for team in cx.read_cohort(folder).teams] == ["all", "part - copy"]


ratings = st.sampled_from([1, 2, 3, 4, 5, 5, 5, "na", None])
rounds = st.lists(
    st.dictionaries(st.sampled_from("abcdefghi"), st.tuples(ratings, ratings)), min_size=1, max_size=2
)


@given(st.lists(rounds, min_size=1, max_size=3), st.permutations(IDS[:2]))
@settings(max_examples=80, deadline=None)
def test_what_is_shown_depends_on_nobody_alone(teams: Any, ids: list[str]) -> None:
    """A cell is about `k` people or more; who gave which answer, and in which order, leaves it as it is."""

    def published(turn: int) -> cx.Cohort:
        read = []
        for number, some in enumerate(teams):
            rounds = []
            for place, people in enumerate(some):
                names = sorted(people)
                names = names[turn % max(len(names), 1) :] + names[: turn % max(len(names), 1)]
                responses = tuple(
                    cx.Response(
                        f"{number}{name}",
                        {f"element.{id}": one for id, one in zip(ids, people[name], strict=True) if one},
                    )
                    for name in names
                )
                rounds.append(cx.Answers(cx.Team(f"t{number}", str(place)), responses))
            if all(one.responses for one in rounds):
                read.append(TeamAnswers(f"t{number}", tuple(rounds)))
        return publish(read, cx.load_model(), 5)

    cohort = published(0)
    assert cohort.to_dict() == published(3).to_dict()
    rows = {team.name: team for team in cohort.teams}
    for number, some in enumerate(teams):
        for place, id in enumerate(ids):
            raters = sum(isinstance(one[place], int) for one in some[-1].values())
            if f"t{number}" in rows and raters < 5:
                assert rows[f"t{number}"].elements[id] is None


# ------------------------------------------------------------------------------------------------ what is read


def test_one_broken_team_is_named_and_the_rest_is_read(write: Write, tmp_path: Path) -> None:
    folder = write("good", *[3] * 6)
    for name, text in {"broken": "{", "ours not": '{"a": 1}', "wrong bytes": "\udcff"}.items():
        (folder / name).mkdir()
        (folder / name / "x.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    (folder / "nobody yet").mkdir()
    (folder / "photos").mkdir()
    (folder / "photos" / "room.jpg").write_bytes(b"")
    (folder / "deep" / "a" / "b").mkdir(parents=True)
    (folder / "deep" / "a" / "b" / "x.json").write_text("{}")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "x.json").write_text("{}")
    (folder / "README.txt").write_text("x")
    (folder / "loose.json").write_text("{}")
    cohort = cx.read_cohort(folder)
    assert [team.name for team in cohort.teams] == ["good"]
    told = "\n".join(map(str, cohort.problems))
    for name in ("broken", "ours not", "wrong bytes", "nobody yet", "deep", "loose.json"):
        assert name in told
    assert "photos" not in told and "hidden" not in told


def test_files_beside_rounds_are_named(write: Write) -> None:
    write("us", *[3] * 6, round="2026-04")
    folder = write("us", *[5] * 6)
    cohort = cx.read_cohort(folder)
    assert keys(cohort) == ["beside_rounds"]
    assert cohort.teams[0].elements["goals"].band == 2


def test_a_damaged_round_gives_way_to_the_one_before(write: Write) -> None:
    write("us", *[3] * 6, round="1")
    folder = write("us", *[5] * 6, round="2")
    for path in (folder / "us" / "2").iterdir():
        path.write_text("{")
    cohort = cx.read_cohort(folder)
    assert cohort.teams[0].round == "1"
    assert keys(cohort) == ["team_left_out"]


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("datasets/nowhere", "no folder"),
        ("datasets/cohort/shop-ginza", "one team's answers"),
        ("datasets/cohort/shop-ginza/2026-04", "one team's answers"),
        ("datasets/make", "no teams"),
        ("nosuch://user:secret@place/x", "cannot be read"),
    ],
)
def test_what_is_no_folder_of_teams_is_said_in_one_sentence(folder: str, says: str) -> None:
    with pytest.raises(cx.CohortError, match=says) as caught:
        cx.read_cohort(folder if "://" in folder else str(ROOT / folder))
    assert "secret" not in str(caught.value)


def test_an_object_store_reads_like_a_folder() -> None:
    store = fsspec.filesystem("memory")
    store.put(str(COHORT), "/course", recursive=True)
    try:
        found = cx.read_cohort("memory://course")
        assert found.to_dict() == cx.read_cohort(COHORT).to_dict()
        assert not found.problems
        store.pipe("/course/quality/2026-07/quality-01.json", b"\xff{")
        assert keys(cx.read_cohort("memory://course")) == ["left_out"]
    finally:
        store.rm("/course", recursive=True)


def test_without_fsspec_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(cx.CohortError, match="install fsspec"):
        cx.read_cohort("s3://bucket/course")


ODD = [
    "<script>alert(1)</script>",
    "🫠 emoji & 'quotes' \"\"",
    "x" * 200,
    "日本語のチーム",
    "[a](javascript:b)|c",
    "%s {0}",
]


def test_odd_team_names_are_data(write: Write) -> None:
    for number, name in enumerate(ODD):
        folder = write(name.replace("/", "∕"), *[3] * 6, name=f"p{number}")
    cohort = cx.read_cohort(folder)
    names = {team.name for team in cohort.teams}
    assert names == {name.replace("/", "∕") for name in ODD}
    html = cx.show(cohort).html + charts.cohort(cohort)._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_teams_of_one_name_are_told_apart(write: Write) -> None:
    for folder_name in ("a", "b"):
        folder = write(folder_name, *[3] * 6)
        (folder / folder_name / "team.json").write_text('{"schema": "cxassess.team/1", "team": "Sales"}')
    write("c", *[3] * 6)
    assert [team.name for team in cx.read_cohort(folder).teams] == ["Sales (a)", "Sales (b)", "c"]


def test_free_texts_come_only_when_asked_for_and_with_a_warning(write: Write) -> None:
    text = {"answers": {"element.goals": 4, "evidence.goals": "<b>the sheet</b>"}}
    write("us", *[4] * 6, **text)
    folder = write("few", *[4] * 4, **text)
    cohort = cx.read_cohort(folder)
    assert cohort.texts is None and "texts" not in cohort.to_dict()
    assert "the sheet" not in cx.show(cohort).html + repr(cohort)
    cohort = cx.read_cohort(folder, free_texts=True)
    assert [(one.team, one.text) for one in cohort.texts] == [("us", "<b>the sheet</b>")]
    for shown in (repr(cohort), cx.show(cohort).html, cohort.to_dict()["texts"]["warning"]):
        assert "people's own words" in shown.replace("&#x27;", "'")
    assert "<b>" not in cx.show(cohort).html


# ------------------------------------------------------------------------------------------------ how it looks


def test_the_sample_cohort_has_what_a_trainer_looks_for() -> None:
    cohort = cx.read_cohort(COHORT)
    assert len(cohort.teams) == 24 and not cohort.problems
    rows = {team.name: team for team in cohort.teams}
    assert not any(rows["Shop Naha"].elements.values())  # three people
    assert rows["New markets"].earlier_round == "" and any(rows["New markets"].elements.values())
    assert {cell.band for cell in rows["Board office"].elements.values() if cell} == {4}
    assert "service" in [one.id for one in cohort.strengths]
    assert "appraisal" in [one.id for one in cohort.gaps]
    verdicts = {id: one.verdict for id, one in cohort.elements.items()}
    assert verdicts["communication"] == "improved" and "worse" not in verdicts.values()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("teams", [0, 1, 24, 90])
@pytest.mark.filterwarnings("error")
def test_every_chart_draws_in_every_language_with_words_beside_it(language: str, teams: int) -> None:
    cx.set_language(language)
    cohort = cx.read_cohort(COHORT)
    some = (cohort.teams * 4)[:teams]
    cohort = cx.Cohort(cohort.model, cohort.k, some)
    for draw in (charts.cohort, charts.cohort_progress, charts.cohort_practices):
        chart = draw(cohort)
        assert chart.png[:4] == b"\x89PNG"
        assert chart.title and chart.alt
    assert len(charts.cohort(cohort).rows) == teams + 1
    page = cx.show(cohort)
    assert str(cohort.model.elements["goals"].name) in page.html
    assert repr(cohort) == repr(page)


def test_language_changes_no_figure() -> None:
    english = cx.read_cohort(COHORT).to_dict()
    cx.set_language("ja")
    japanese = cx.read_cohort(COHORT).to_dict()
    names = [row.pop("team") for row in english["teams"]], [row.pop("team") for row in japanese["teams"]]
    assert english == japanese
    assert names[0][0] == "App 📱" and names[1][0] == "アプリ📱"
