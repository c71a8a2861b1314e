"""What several tests need: the model, a copy of it to change, and a team's folder."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import cxassess as cx
from cxassess.language import model_folder

ROOT = Path(__file__).parent.parent
TEAMS = ROOT / "datasets" / "teams"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("CXASSESS_LANG", raising=False)
    monkeypatch.delenv("CXASSESS_MODEL", raising=False)
    cx.set_language(None)
    yield
    cx.set_language(None)


@pytest.fixture
def model() -> cx.Model:
    return cx.load_model()


@pytest.fixture
def model_copy(tmp_path: Path) -> Path:
    """The model's folder, copied, to change as a fork would."""
    folder = tmp_path / "model"
    shutil.copytree(model_folder(), folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return folder


@pytest.fixture
def write_response(tmp_path: Path) -> Callable[..., Path]:
    """Write a response file as the form would, with anything in it replaced."""

    def write(name: str = "anna", folder: Path = tmp_path / "team", **changes: Any) -> Path:
        folder.mkdir(exist_ok=True)
        table = {
            "schema": "cxassess.answers/1",
            "respondent": name,
            "model": {"version": cx.load_model().version, "hash": ""},
            "answers": {"element.goals": 3},
            **changes,
        }
        path = folder / f"{name}.json"
        path.write_text(json.dumps(table, ensure_ascii=False), "utf-8")
        return path

    return write
