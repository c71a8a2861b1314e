"""The declared rules of scoring, each by an example, and as properties over random answers."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxassess as cx
from cxassess.agreement import ordinal_alpha, pair_difference
from cxassess.scoring import Withheld
from tests.conftest import TEAMS

IDS = list(cx.load_model().elements)


def result(*people: dict, **team: dict) -> cx.Result:
    responses = tuple(
        cx.Response(f"r{number}", {f"element.{id}": value for id, value in person.items()})
        for number, person in enumerate(people)
    )
    return cx.score(cx.Answers(cx.Team("Us", "now", **team), responses))


def everything(level: int) -> dict:
    return dict.fromkeys(IDS, level)


def test_blank_is_never_zero_and_not_applicable_leaves_both_sums() -> None:
    found = result({"goals": 2}, {"goals": 4}, {}, {"goals": "na"}).elements["goals"]
    assert (found.score, found.n, found.blank, found.not_applicable) == (3.0, 2, 1, 1)
    assert found.coverage == pytest.approx(2 / 3)


def test_below_the_declared_coverage_a_score_is_withheld() -> None:
    assert result({"goals": 2}, {}, {}).elements["goals"].withheld == Withheld.COVERAGE
    assert result({"goals": 2}, {}).elements["goals"].score == 2
    assert result({}, {}).elements["goals"].withheld == Withheld.NOBODY
    assert result({"goals": "na"}, {"goals": "na"}).elements["goals"].withheld == Withheld.NOT_APPLICABLE


def test_exactly_the_declared_coverage_is_enough(model: cx.Model) -> None:
    assert model.rules.index_coverage == 0.7
    assert result(*[everything(3)] * 7, *[{}] * 3).index.score == pytest.approx(3)
    assert result(*[everything(3)] * 6, *[{}] * 4).index.withheld == Withheld.COVERAGE


def test_means_are_weighted_by_the_team() -> None:
    answers = {**everything(2), "goals": 5}
    assert result(answers, weights={"goals": 3}).themes["direction"].score == pytest.approx(
        (3 * 5 + 2 + 2) / 5
    )
    assert result(answers, weights=dict.fromkeys(IDS, 0)).index.withheld == Withheld.WEIGHT


def test_an_element_that_concerns_nobody_leaves_the_index() -> None:
    found = result({**everything(3), "pricing": "na"})
    assert found.index.score == 3
    assert found.coverage == 1
    assert "pricing" not in found.index.elements


def test_the_stage_is_not_the_mean() -> None:
    assert result(everything(3)).stage.level == 3
    # One element on the floor holds the team back, however high the mean.
    held_back = result({**everything(5), "goals": 1})
    assert held_back.index.score > 4.5
    assert held_back.stage.level == 2
    assert "goals" in held_back.gates[2].under_floor
    assert result(everything(5)).stage.level == 5
    assert result({}).stage is None


def test_high_ratings_without_evidence_are_claims() -> None:
    people = (
        cx.Response("anna", {"element.goals": 4, "evidence.goals": "the sheet"}),
        cx.Response("ben", {"element.goals": 5, "evidence.goals": "  "}),
        cx.Response("cleo", {"element.goals": 3}),
    )
    claims = cx.score(cx.Answers(cx.Team(), people)).claims
    assert [(one.element, one.respondent, one.rating) for one in claims] == [("goals", "ben", 5)]


def test_disagreements_and_gaps_are_ordered() -> None:
    found = result({**everything(3), "culture": 1}, {**everything(3), "culture": 5}, weights={"goals": 5})
    assert [one.id for one in found.disagreements] == ["culture"]
    assert found.gaps[0].id == "goals"


def test_the_example_teams_score_without_problems() -> None:
    for folder in sorted(TEAMS.glob("*/*")):
        found = cx.score(cx.read_answers(folder))
        assert found.answers.problems == ()
        assert found.stage is not None
        assert len(found.answers.responses) in {6, 8}


def test_every_score_explains_itself_down_to_people_weights_and_the_models_hash(model: cx.Model) -> None:
    found = cx.score(cx.read_answers(TEAMS / "customer-support" / "2026-04"))
    text = found.explain("service")
    for response in found.answers.responses:
        assert response.respondent in text
    assert model.hash in text and "importance 3" in text
    # The printed sum is the score.
    one = found.elements["service"]
    total = sum(level * count for level, count in enumerate(one.counts, 1))
    assert f"{total} / {one.n} ratings = {one.score:.2f}" in text
    for id in ["", "stage", *model.themes, *model.elements]:
        for language in model.languages:
            cx.set_language(language)
            assert model.hash in found.explain(id)
    cx.set_language("en")
    with pytest.raises(cx.AnswerError, match="There is no score for 'x'"):
        found.explain("x")


def test_language_changes_no_number() -> None:
    answers = cx.read_answers(TEAMS / "customer-support" / "2026-04")
    before = cx.score(answers)
    cx.set_language("ja")
    after = cx.score(answers)
    assert before.elements == after.elements
    assert before.index == after.index
    assert before.agreement == after.agreement


ratings = st.sampled_from([1, 2, 3, 4, 5, "na", None])
teams = st.lists(
    st.fixed_dictionaries(dict.fromkeys(IDS, ratings)).map(
        lambda answers: {id: value for id, value in answers.items() if value is not None}
    ),
    min_size=1,
    max_size=8,
)


@given(teams)
@settings(max_examples=60)
def test_scores_stay_on_the_scale_and_the_order_of_people_does_not_matter(people: list[dict]) -> None:
    found, backwards = result(*people), result(*reversed(people))
    for id, one in found.elements.items():
        assert one.score is None or 1 <= one.score <= 5
        assert one.score == backwards.elements[id].score
        assert one.n + one.blank + one.not_applicable == len(people)
        assert (one.score is None) == (one.withheld is not None)
    assert found.index.score is None or 1 <= found.index.score <= 5
    assert found.stage == backwards.stage
    assert 0 <= found.coverage <= 1


@given(teams, st.sampled_from(IDS))
@settings(max_examples=40)
def test_one_more_blank_never_changes_a_score_that_stays(people: list[dict], id: str) -> None:
    before, after = result(*people), result(*people, {})
    for score_before, score_after in zip(before.elements.values(), after.elements.values(), strict=True):
        assert score_after.score in {score_before.score, None}
        assert score_after.coverage <= score_before.coverage
    raised = result(*people, everything(5)).elements[id]
    if before.elements[id].score is not None and raised.score is not None:
        assert raised.score >= before.elements[id].score - 1e-12


@given(st.lists(st.lists(st.integers(0, 6), min_size=5, max_size=5), min_size=1, max_size=15))
def test_alpha_is_that_of_the_krippendorff_package(units: list[list[int]]) -> None:
    kept = [counts for counts in units if sum(counts) >= 2]
    ours = ordinal_alpha(units)
    if not kept or len({level for counts in kept for level, count in enumerate(counts) if count}) < 2:
        assert ours is None
        return
    theirs = krippendorff.alpha(
        value_counts=np.array(kept), value_domain=[1, 2, 3, 4, 5], level_of_measurement="ordinal"
    )
    assert ours == pytest.approx(theirs, abs=1e-9)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=12))
def test_spread_is_the_mean_difference_of_two_people(levels: list[int]) -> None:
    counts = [levels.count(level) for level in range(1, 6)]
    pairs = [abs(a - b) for i, a in enumerate(levels) for b in levels[i + 1 :]]
    assert pair_difference(counts) == pytest.approx(sum(pairs) / len(pairs))
