"""A lesson whose outputs were lost would pass nbval without being checked; here it does not."""

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def code_cells(path: Path) -> list[dict]:
    return [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_cell_was_run_in_order_and_has_its_output(path: Path) -> None:
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        last = "".join(cell["source"]).strip().splitlines()[-1]
        shows = not last.startswith(("import ", "from ")) and " = " not in last and not last.endswith(";")
        assert bool(cell["outputs"]) == shows, f"{path.name}: {last}"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_cell_failed_warned_or_tells_where_it_was_run(path: Path) -> None:
    for cell in code_cells(path):
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr"
        assert str(ROOT) not in json.dumps(cell["outputs"])


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_code_is_short_and_folded_away_unless_it_is_for_the_reader(path: Path) -> None:
    for cell in code_cells(path):
        tags = cell["metadata"].get("tags", [])
        lines = [line for line in "".join(cell["source"]).splitlines() if line.strip()]
        assert len(lines) <= 6 or "hide-input" in tags or "remove-input" in tags, lines[0]
