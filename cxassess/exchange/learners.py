"""Learners' copies of the exercises, without their solutions: `python -m cxassess.exchange.learners learners`.

The folder that is made stands by itself: the exercises in `notebooks/`, the data in `datasets/` beside it, where
they look for it.
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxassess.course import CourseError
from cxassess.errors import CxError, SaveError
from cxassess.model import load_model

EXERCISES = "exercises-*.ipynb"
STORED = "en"
"""The language that the stored outputs are in."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the copies into the folder that is named, and print what was written."""
    parser = argparse.ArgumentParser(prog="python -m cxassess.exchange.learners", description=__doc__)
    parser.add_argument("folder", type=Path, help="a new folder")
    parser.add_argument("--language", default=STORED, help="stored outputs in another one are left out")
    told = parser.parse_args(arguments)
    try:
        print(*write_copies(told.folder, language=told.language), sep="\n")
    except CxError as error:
        parser.exit(1, f"{error}\n")


def write_copies(folder: str | Path, source: str | Path = ".", language: str = STORED) -> list[Path]:
    """Write a copy of every exercise, with the data that they read.

    Args:
        folder: a folder that is empty or not there yet.
        source: the repository.
        language: the learners' language; outputs that are stored in another one are left out.

    Returns:
        The copies.

    Raises:
        CourseError: there are no exercises in the repository, the folder is not empty or lies in the data that is to
            be copied, or there is no such language.
        SaveError: the folder cannot be written.
    """
    folder, source = Path(folder), Path(source)
    if language not in load_model().languages:
        raise CourseError("no_language", found=language, known=", ".join(load_model().languages))
    originals = sorted((source / "notebooks").glob(EXERCISES))
    if not originals:
        raise CourseError("no_exercises", folder=(source / "notebooks").resolve())
    datasets = source / "datasets"
    if folder.resolve().is_relative_to(datasets.resolve()):  # it would be copied into itself without end
        raise CourseError("in_data", folder=folder)
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CourseError("not_empty", folder=folder)
        made_by = shutil.ignore_patterns("make", "*.py", "__pycache__")
        shutil.copytree(datasets, folder / "datasets", ignore=made_by, dirs_exist_ok=True)
        (folder / "notebooks").mkdir()
        return [_write_copy(path, folder / "notebooks", language) for path in originals]
    except OSError as error:
        raise SaveError("not_written", file=str(folder), found=error.strerror or str(error)) from error


def _write_copy(original: Path, folder: Path, language: str) -> Path:
    copy = learners_copy(json.loads(original.read_text("utf-8")), language)
    path = folder / original.name
    path.write_text(json.dumps(copy, ensure_ascii=False, indent=1) + "\n", "utf-8", newline="\n")
    return path


def learners_copy(lesson: dict[str, Any], language: str = STORED) -> dict[str, Any]:
    """A notebook without the cells tagged `solution`, and without outputs that may tell an answer.

    Those of cells tagged `check` go; all go where they are in another language. Sources stay as they are.

    >>> cell = {"cell_type": "code", "source": "1 + 1", "execution_count": 1, "outputs": ["2"]}
    >>> tagged = [{**cell, "metadata": {"tags": [tag]}} for tag in ("check", "solution")]
    >>> learners_copy({"cells": tagged})["cells"]
    [{'cell_type': 'code', 'source': '1 + 1', 'execution_count': None, 'outputs': [], 'metadata': {'tags': ['check']}}]
    """
    kept = [cell for cell in lesson["cells"] if "solution" not in _tags(cell)]
    return {**lesson, "cells": [_cleared(cell, language) for cell in kept]}


def _cleared(cell: dict[str, Any], language: str) -> dict[str, Any]:
    if cell["cell_type"] != "code" or ("check" not in _tags(cell) and language == STORED):
        return cell
    return {**cell, "outputs": [], "execution_count": None}


def _tags(cell: dict[str, Any]) -> list[str]:
    return list(cell["metadata"].get("tags", ()))


if __name__ == "__main__":
    main()
