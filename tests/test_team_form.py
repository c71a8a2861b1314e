"""The team sets targets and importance in a form, and scoring follows."""

from collections.abc import Callable
from pathlib import Path

import pytest

import cxassess as cx
from cxassess.answer_files import TeamFile
from cxassess.forms.specs import team_spec


def test_what_the_team_sets_is_what_scoring_uses(write_response: Callable[..., Path]) -> None:
    folder = write_response(
        "anna", answers={"element.goals": 3, "element.success": 1, "element.strategy": 1}
    ).parent
    form = cx.edit_team(folder)
    assert form.values == {"round": "team"}
    form._on_edits({"team": "営業 1", "target.goals": 4.5, "weight.goals": "2", "weight.strategy": "0"}, {})
    result = cx.score(cx.read_answers(folder))
    assert result.answers.team.name == "営業 1"
    assert result.elements["goals"].gap == 1.5
    assert result.themes["direction"].score == pytest.approx((2 * 3 + 1) / 3)
    again = cx.edit_team(folder)
    assert again.values["weight.goals"] == "2"
    again._on_edits({"target.goals": None}, {})
    assert cx.read_answers(folder).team.targets == {}


def test_a_name_that_cannot_be_used_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    form = cx.edit_team(tmp_path)
    with pytest.raises(cx.AnswerError, match="cannot be a team's name"):
        form._on_edits({"team": "../../x"}, {})
    assert list(tmp_path.iterdir()) == []


def test_every_offered_weight_is_one_that_the_file_takes(tmp_path: Path) -> None:
    form = cx.edit_team(tmp_path)
    for section in team_spec()["sections"]:
        for field in section["fields"]:
            for option in field.get("options", ()):
                form._on_edits({field["id"]: option["value"]}, {})
                assert cx.edit_team(tmp_path).values[field["id"]] == option["value"]
                assert TeamFile(tmp_path).team.weights[field["id"].partition(".")[2]] == float(
                    option["value"]
                )
