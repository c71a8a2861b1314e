"""What changed: who is compared with whom, which verdict, and how often a false one is given."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import cxassess as cx
from cxassess import change as change_module
from cxassess.change import Apart, Change, ChangeError, Verdict, compare
from cxassess.change_estimate import composite, estimate, holm
from cxassess.change_power import power
from cxassess.charts.change import change as change_chart
from cxassess.language import language as speaking
from tests.conftest import TEAMS

IDS = list(cx.load_model().elements)
VERSION = cx.load_model().version


def team(round: str, people: dict[str, dict], version: str = VERSION, **options: dict) -> cx.Result:
    responses = tuple(
        cx.Response(name, {f"element.{id}": value for id, value in ratings.items()}, version)
        for name, ratings in people.items()
    )
    return cx.score(cx.Answers(cx.Team("Us", round, **options), responses), cx.load_model())


def all_at(*levels: int, id: str = "goals", others: int = 3) -> dict[str, dict]:
    return {f"p{number}": {**dict.fromkeys(IDS, others), id: one} for number, one in enumerate(levels)}


def test_improved_worse_and_cannot_tell() -> None:
    before = {f"p{n}": {**dict.fromkeys(IDS, 3), "goals": 1 + n % 2, "data": 5 - n % 2} for n in range(8)}
    after = {f"p{n}": {**dict.fromkeys(IDS, 3), "goals": 4 + n % 2, "data": 2 - n % 2} for n in range(8)}
    found = compare(team("May", before), team("August", after))
    assert [one.id for one in found.having(Verdict.IMPROVED)] == ["goals"]
    assert [one.id for one in found.having(Verdict.WORSE)] == ["data"]
    assert len(found.having(Verdict.CANNOT_TELL)) == 13
    assert found.index is not None and found.index.verdict == Verdict.CANNOT_TELL
    assert found.elements["goals"].low > 0 > found.elements["data"].high


def test_everybody_moved_by_exactly_one_is_no_certainty_in_a_small_group() -> None:
    """Without any spread the formula alone would say p = 0, from two people as from twelve."""
    p = {}
    for n in (2, 3, 4, 5, 8, 12):
        before = np.full((n, 15), 3.0)
        after = before + (np.arange(15) == 0)
        p[n] = float(holm(estimate(before, after).p)[0])
    assert p[2] > 0.2 and p[3] > 0.05
    assert sorted(p.values(), reverse=True) == list(p.values())
    assert p[12] > 0


def test_nothing_changed_at_all() -> None:
    answers = all_at(3, 3, 3, 3, 3)
    found = compare(team("May", answers), team("August", answers))
    assert {one.verdict for one in found.elements.values()} == {Verdict.CANNOT_TELL}
    assert {one.change for one in found.elements.values()} == {0.0}
    assert all(one.low < 0 < one.high for one in found.elements.values())
    assert found.uncompared == ()


def test_with_pairs_alone_it_is_the_paired_difference_and_without_them_the_difference_of_means() -> None:
    rng = np.random.default_rng(2)
    before, after = rng.integers(1, 6, (2, 9, 15)).astype(float)
    assert estimate(before, after).change == pytest.approx((after - before).mean(0))
    alone = np.full((5, 15), np.nan)
    found = estimate(np.vstack([before[:5], alone]), np.vstack([alone, after[:5]]))
    assert found.change == pytest.approx(after[:5].mean(0) - before[:5].mean(0))


def test_one_question_alone_is_students_t_with_room_for_rounding() -> None:
    """With nothing to borrow from, the paired and the pooled t test are known answers."""
    rng = np.random.default_rng(3)
    before, after = rng.normal(3, 1, (2, 10, 1))
    found = estimate(before, after)
    known = stats.ttest_rel(after[:, 0], before[:, 0])
    assert found.change[0] / found.error[0] == pytest.approx(known.statistic)
    assert found.freedom[0] == pytest.approx(known.df)
    assert found.p[0] > known.pvalue
    alone = np.full((10, 1), np.nan)
    found = estimate(np.vstack([before, alone]), np.vstack([alone, after]))
    known = stats.ttest_ind(after[:, 0], before[:, 0])
    assert found.change[0] / found.error[0] == pytest.approx(known.statistic)
    assert found.freedom[0] == pytest.approx(known.df)


def test_those_who_came_or_went_are_not_thrown_away() -> None:
    rng = np.random.default_rng(4)
    before, after = rng.integers(1, 6, (2, 8, 15)).astype(float)
    joined = np.vstack([before, np.full((4, 15), np.nan)]), np.vstack([after, rng.integers(1, 6, (4, 15))])
    with_them, without = estimate(*joined), estimate(before, after)
    assert not np.allclose(with_them.change, without.change)
    # More people make it surer: the same variation, and its error is smaller.
    variation = np.array([[1.0], [2], [3], [4]]) * np.ones((4, 15))
    alone = np.full((4, 15), np.nan)
    more = estimate(np.vstack([variation, variation, alone]), np.vstack([variation[::-1], alone, variation]))
    assert (more.error < estimate(variation, variation[::-1]).error).all()


def test_leaving_low_raters_are_no_improvement() -> None:
    """Two who rated 1 left: the mean rises, and nobody who stayed sees a change."""
    before = all_at(1, 1, 3, 3, 3, 4)
    after = {name: ratings for name, ratings in before.items() if name not in {"p0", "p1"}}
    one = compare(team("May", before), team("August", after)).elements["goals"]
    assert one.after - one.before == pytest.approx(0.75)
    assert one.change < 0.4
    assert (one.twice, one.only_before, one.only_after) == (4, 2, 0)


def simulated(shares: list[float], people: int, turnover: float, *, retest: float = 0.6, draws: int = 1000):
    """Two rounds without a change: the same opinions, other chance, some people replaced.

    `shares` of ratings at levels 1 to 5; every element the same, or one row an element.
    """
    rng = np.random.default_rng(7)
    cut = np.cumsum(np.broadcast_to(shares, (15, 5)), axis=1)[:, :4]
    gone = round(turnover * people)
    size = (draws, people + gone)
    opinion = np.sqrt(retest / 2) * (rng.normal(size=(*size, 1)) + rng.normal(size=(*size, 15)))
    rounds = []
    for _ in range(2):
        mood, rest = rng.normal(size=(*size, 1)), rng.normal(size=(*size, 15))
        drawn = stats.norm.cdf(opinion + np.sqrt(1 - retest) * (np.sqrt(0.3) * mood + np.sqrt(0.7) * rest))
        rounds.append(1.0 + (drawn[..., None] > cut).sum(-1))
    before, after = rounds
    before[:, people:] = np.nan
    after[:, :gone] = np.nan
    return before, after


USUAL, SKEWED, NEAR_CONSTANT, SPLIT, EXTREME = (
    [0.10, 0.25, 0.35, 0.20, 0.10], [0.02, 0.03, 0.05, 0.10, 0.80], [0, 0, 0.02, 0.03, 0.95],
    [0.45, 0.05, 0.0, 0.05, 0.45], [0.95, 0, 0, 0, 0.05],
)  # fmt: skip
SHAPES = {
    "usual": USUAL, "skewed": SKEWED, "near constant": NEAR_CONSTANT, "split": SPLIT, "extreme": EXTREME,
    "near constant but for one": [NEAR_CONSTANT] * 14 + [SPLIT], "half and half": [USUAL] * 8 + [NEAR_CONSTANT] * 7,
}  # fmt: skip


@pytest.mark.parametrize("people", [5, 8, 12])
@pytest.mark.parametrize("shape", SHAPES)
def test_false_alarms_are_held_at_five_percent_with_turnover(shape: str, people: int) -> None:
    """The chance of even one verdict where nothing changed; three standard errors are left to the draws."""
    themes = np.kron(np.eye(5), np.ones(3)) / 3
    for turnover in (0.0, 0.25, 0.5, 1.0):
        before, after = simulated(SHAPES[shape], people, turnover)
        room = 0.05 + 3 * math.sqrt(0.05 * 0.95 / len(before))
        assert (holm(estimate(before, after).p) <= 0.05).any(-1).mean() <= room
        parts = [composite(before, after, theme) for theme in themes]
        pair = [np.concatenate(some, axis=-1) for some in zip(*parts, strict=True)]
        assert (holm(estimate(*pair, 3**-0.5).p) <= 0.05).any(-1).mean() <= room
        index = estimate(*composite(before, after, np.ones(15)), 15**-0.5)
        assert (index.p <= 0.05).mean() <= room


def test_without_holm_and_steadied_variances_the_alarms_would_be_many() -> None:
    """What the procedure guards against: fifteen plain paired t tests."""
    before, after = simulated(USUAL, 8, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        plain = stats.ttest_rel(after, before, axis=1).pvalue
    assert (plain <= 0.05).any(-1).mean() > 0.25


@pytest.mark.parametrize("people", [5, 8, 12])
def test_the_documented_power_is_what_the_simulation_gives(people: int) -> None:
    line = next(row for row in (change_module.__doc__ or "").splitlines() if row.startswith(f"| {people} |"))
    stated = [int(cell.strip(" %")) / 100 for cell in line.strip("|").split("|")[1:]]
    found = [power(people, shift, seed=2).element for shift in (0.5, 1, 1.5, 2)]
    found += [power(people, shift, changed=15, seed=2).index for shift in (0.5, 1)]
    assert found == pytest.approx(stated, abs=0.04)
    assert power(people, 1.5, seed=2).alarm <= 0.05


def test_power_counts_falls_as_well_as_rises() -> None:
    assert power(12, -1.0).element > 0.3
    assert power(12, 0.0, changed=0).alarm <= 0.05


def test_the_interval_leaves_out_zero_exactly_where_there_is_a_verdict() -> None:
    for folder in sorted(TEAMS.iterdir()):
        rounds = [cx.score(cx.read_answers(one)) for one in sorted(folder.iterdir())]
        found = compare(*rounds)
        tested = [*found.elements.values(), *found.themes.values(), found.index]
        for one in tested:
            assert (one.verdict == Verdict.CANNOT_TELL) == (one.low <= 0 <= one.high)
            assert one.low <= one.change <= one.high
            assert (one.p <= found.level) == (one.verdict != Verdict.CANNOT_TELL)


ratings = st.sampled_from([1, 2, 3, 4, 5, 5, 5, "na", None])
rounds = st.dictionaries(st.sampled_from("abcdefgh"), st.lists(ratings, min_size=15, max_size=15), max_size=8)


@given(rounds, rounds)
@settings(max_examples=60, deadline=None)
def test_backwards_is_the_opposite_and_the_order_of_people_does_not_matter(old: dict, new: dict) -> None:
    def result(round: str, people: dict) -> cx.Result:
        return team(round, {
            name: {id: one for id, one in zip(IDS, row, strict=True) if one is not None} for name, row in people.items()
        })  # fmt: skip

    there = compare(result("1", old), result("2", new))
    back = compare(result("2", new), result("1", old))
    again = compare(result("1", dict(reversed(old.items()))), result("2", dict(reversed(new.items()))))
    opposite = {Verdict.IMPROVED: Verdict.WORSE, Verdict.WORSE: Verdict.IMPROVED}
    assert there.elements.keys() == back.elements.keys()
    assert len(there.elements) + sum(one.id in IDS for one in there.uncompared) == 15
    for id, one in there.elements.items():
        assert back.elements[id].change == pytest.approx(-one.change)
        assert back.elements[id].verdict == opposite.get(one.verdict, one.verdict)
        assert again.elements[id].change == pytest.approx(one.change)
        assert again.elements[id].verdict == one.verdict
        assert -4 <= one.low <= one.high <= 4
        assert 0 < one.p <= 1
        assert one.twice + one.only_before == there.before.elements[id].n
        assert one.twice + one.only_after == there.after.elements[id].n
    if there.index and back.index:
        assert back.index.change == pytest.approx(-there.index.change)


def test_too_few_ratings_or_no_score_is_said_and_not_compared() -> None:
    before = all_at(3, 3, 3, 3, 3)
    blanks = {name: {k: v for k, v in one.items() if k != "goals"} for name, one in before.items()}
    blanks["p0"]["goals"] = 4
    three = {name: {**one, "data": "na"} if name > "p2" else one for name, one in blanks.items()}
    found = compare(team("May", before), team("August", three))
    assert {one.id: one.reason for one in found.uncompared} == {"goals": Apart.WITHHELD, "data": Apart.FEW}
    assert "goals" not in found.elements and "data" not in found.elements
    assert "May or August has no score for it" in repr(found)
    nobody = compare(team("May", {"a": {"goals": 3}}), team("August", {"a": {"goals": 4}}))
    assert nobody.elements == {} and nobody.index is None
    assert "nothing that can be compared" in change_chart(nobody).alt


def with_crosswalk(folder: Path, *steps: str, version: str = "2.0.0") -> cx.Model:
    model = folder / "model.toml"
    model.write_text(
        model.read_text("utf-8").replace(f'version = "{VERSION}"', f'version = "{version}"'), "utf-8"
    )
    (folder / "crosswalk.toml").write_text("\n".join(steps), "utf-8")
    return cx.load_model(folder)


def step(id: str, became: str, comparable: bool, after: str = VERSION) -> str:
    return (
        f'[[successor]]\nid = "element.{id}"\nafter = "{after}"\nbecame = "{became}"\n'
        f'comparable = {str(comparable).lower()}\nwhy = {{en = "asked anew", ja = "質問を変えた"}}\n'
    )


def of_version(
    model: cx.Model, version: str, folder: Path, write: Callable[..., Path], **answers: int
) -> cx.Result:
    for number in range(6):
        write(
            f"p{number}", folder, model={"version": version, "hash": ""},
            answers={f"element.{id}": min(level + number % 2, 5) for id, level in answers.items()},
        )  # fmt: skip
    return cx.score(cx.read_answers(folder, model), model)


def test_only_what_the_crosswalk_calls_comparable_is_compared(
    model_copy: Path, tmp_path: Path, write_response: Callable[..., Path]
) -> None:
    everything = dict.fromkeys(IDS, 2)
    model = with_crosswalk(
        model_copy, step("goals", "goals", False), step("aims", "success", True), step("mood", "", False)
    )
    old = of_version(model, VERSION, tmp_path / "May", write_response, **everything)
    new = of_version(model, "2.0.0", tmp_path / "August", write_response, **everything)
    found = compare(old, new)
    assert {one.id: one.reason for one in found.uncompared} == {"goals": Apart.REWORDED, "mood": Apart.GONE}
    assert "goals" not in found.elements and "success" in found.elements
    assert "asked anew" in repr(found)
    # Both rounds with the old wording, or both with the new one, can be compared.
    again = of_version(model, VERSION, tmp_path / "June", write_response, **everything)
    assert "goals" in compare(old, again).elements
    assert compare(new, new).uncompared == ()


def test_answers_of_an_older_model_are_carried_over(
    model_copy: Path, tmp_path: Path, write_response: Callable[..., Path]
) -> None:
    """Scored by the old model, whose element has another id than in the new one."""
    old_folder = model_copy.parent / "old"
    old_folder.mkdir()
    for path in model_copy.rglob("*.toml"):
        target = old_folder / path.relative_to(model_copy)
        target.parent.mkdir(exist_ok=True)
        text = path.read_text("utf-8")
        target.write_text(
            text.replace('id = "pricing"', 'id = "prices"').replace("pricing = ", "prices = "), "utf-8"
        )
    old_model = cx.load_model(old_folder)
    everything = dict.fromkeys(IDS, 2)
    was = {**{id: 2 for id in IDS if id != "pricing"}, "prices": 1}
    new_model = with_crosswalk(model_copy, step("prices", "pricing", True))
    old = of_version(old_model, VERSION, tmp_path / "May", write_response, **was)
    new = of_version(new_model, "2.0.0", tmp_path / "August", write_response, **everything)
    found = compare(old, new)
    assert found.uncompared == ()
    assert found.elements["pricing"].change == pytest.approx(1)
    assert found.elements["pricing"].twice == 6


def test_a_change_of_weights_alone_moves_nothing() -> None:
    answers = {name: {**one, "goals": 5} for name, one in all_at(2, 3, 3, 2, 4, id="data").items()}
    found = compare(team("May", answers), team("August", answers, weights={"goals": 9}))
    assert found.index is not None and found.index.change == 0
    assert found.index.before == found.index.after == pytest.approx(found.after.index.score)


def test_language_changes_no_number_and_every_word_is_translated() -> None:
    rounds = [cx.score(cx.read_answers(one)) for one in sorted((TEAMS / "customer-support").iterdir())]
    english = compare(*rounds)
    charts = {}
    for language in ("en", "ja"):
        with speaking(language):
            found = compare(*rounds)
            assert replace(found, before=english.before, after=english.after) == english
            charts[language] = change_chart(found)
            assert str(found.rows()[0][0]) in charts[language]._repr_html_()
            assert charts[language].rows[1:] and len({len(row) for row in charts[language].rows}) == 1
    assert "improved" in charts["en"].alt and "改善" in charts["ja"].alt
    assert charts["en"].rows != charts["ja"].rows


def test_a_model_with_another_number_of_elements_is_compared_as_well(
    model_copy: Path, tmp_path: Path, write_response: Callable[..., Path]
) -> None:
    path = model_copy / "elements.toml"
    text = path.read_text("utf-8")
    start = text.index('[[element]]\nid = "pricing"')
    more = text[start : text.index("[[element]]", start + 1)].replace('id = "pricing"', 'id = "after_sales"')
    path.write_text(f"{text}\n{more}", "utf-8")
    model = cx.load_model(model_copy)
    sixteen = dict.fromkeys(model.elements, 2)
    found = compare(
        of_version(model, VERSION, tmp_path / "May", write_response, **sixteen),
        of_version(model, VERSION, tmp_path / "August", write_response, **{**sixteen, "after_sales": 4}),
    )
    assert isinstance(found, Change) and len(found.elements) == 16
    assert found.elements["after_sales"].verdict == Verdict.IMPROVED


@pytest.mark.parametrize("level", [0, -0.1, 0.51, 2, math.nan])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    some = team("May", all_at(2, 2, 3, 3))
    with pytest.raises(ChangeError, match=r"use a number above 0 and up to 0.5"):
        compare(some, some, level=level)
    with pytest.raises(ChangeError, match="use 2 or more"):
        power(1, 1.0)


def test_two_teams_are_told_apart_from_two_rounds() -> None:
    two = [
        cx.score(cx.read_answers(TEAMS / name))
        for name in ("customer-support/2026-04", "product-development/2026-07")
    ]
    assert "two teams, Customer support and Product development" in repr(compare(*two))
    assert "two teams" not in repr(compare(two[0], two[0]))
