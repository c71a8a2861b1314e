"""Every metric of the model is worked in a lesson, and every goal and KPI in the five beats."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import cxassess as cx
from tests.conftest import ROOT

LESSONS = sorted(path for path in (ROOT / "notebooks").glob("*.ipynb") if "05" <= path.stem[:2] <= "14")
METRICS = list(cx.load_model().records["metric"].values())
WORKED = [one for one in METRICS if one.kind in {"kgi", "kpi"}]
BEATS = ("question", "formula", "calculation", "picture", "trap")


def cells(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text("utf-8"))["cells"])


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def code(path: Path) -> str:
    return "\n".join(source(cell) for cell in cells(path) if cell["cell_type"] == "code")


def call(metric: Any) -> str:
    """What a call of the metric's function, or method, looks like."""
    return rf"\b{metric.function.rpartition('.')[2]}(?:_of_customers)?\("


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.id)
def test_every_metric_is_computed_in_a_lesson(metric: Any) -> None:
    assert any(re.search(call(metric), code(path)) for path in LESSONS)


@pytest.mark.parametrize("metric", WORKED, ids=lambda metric: metric.id)
def test_every_goal_and_kpi_has_its_five_beats(metric: Any) -> None:
    path, begin = next(
        (path, place)
        for path in LESSONS
        for place, cell in enumerate(cells(path))
        if f'definition("{metric.id}")' in source(cell)
    )
    worked = cells(path)
    end = next(
        place
        for place in range(begin + 1, len(worked))
        if place == len(worked) - 1 or source(worked[place]).startswith("#")
    )
    section = worked[begin - 1 : end]
    prose = "\n".join(source(cell) for cell in section if cell["cell_type"] == "markdown")
    places = [prose.find(f"**The {beat}.**") for beat in BEATS]
    assert -1 not in places and places == sorted(places)
    assert any(re.search(call(metric), source(cell)) for cell in section)
    assert metric.formula.to("en") in _shown(section[1])
    after_trap = next(place for place, cell in enumerate(section) if "**The trap.**" in source(cell))
    assert any("cx-chart" in _shown(cell) for cell in section[:after_trap])
    assert any(cell.get("outputs") for cell in section[after_trap:])


def test_a_lesson_names_the_source_points_of_the_metrics_that_it_works() -> None:
    for path in LESSONS:
        worked = [one for one in WORKED if f'definition("{one.id}")' in code(path)]
        points = {point for one in worked for point in one.sources}
        assert points <= set(json.loads(path.read_text("utf-8"))["metadata"]["sources"]), path.name


def _shown(cell: dict[str, Any]) -> str:
    parts = []
    for output in cell.get("outputs", []):
        for kind in ("text/plain", "text/html"):
            parts.append("".join(output.get("data", {}).get(kind, "")))
    return "\n".join(parts)
