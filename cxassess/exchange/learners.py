"""Learners' copies of the exercises, without their solutions: `python -m cxassess.exchange.learners learners`.

The folder that is made stands by itself: the exercises in `notebooks/`, the data in `datasets/` beside it, where
they look for it.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxassess.cli.parsing import new_parser, translated
from cxassess.course import CourseError
from cxassess.errors import CxError, SaveError
from cxassess.exchange.made_files import MANIFEST, Made, write_made
from cxassess.language import lessons_folder, say
from cxassess.model import load_model

EXERCISES = "exercises-*.ipynb"
STORED = "en"
"""The language that the stored outputs are in."""
NO_DATA = {"make", "__pycache__", ".ipynb_checkpoints"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the copies into the folder that is named, and print what was written."""
    with translated():
        parser = new_parser("python -m cxassess.exchange.learners", say("cli.learners"))
        place, asked = say("cli.arg_folder"), say("cli.arg_language")
        language = say("cli.learners_language", stored=STORED)
        parser.add_argument("folder", type=Path, metavar=place, help=say("cli.learners_folder"))
        parser.add_argument("--language", default=STORED, metavar=asked, help=language)
        told = parser.parse_args(arguments)
    try:
        write_copies(told.folder, language=told.language).tell()
    except CxError as error:
        parser.exit(1, f"{error}\n")


def write_copies(folder: str | Path, source: str | Path = ".", language: str = STORED) -> Made:
    """Write a copy of every exercise, with the data that they read; what was changed stays, the new one beside it.

    Args:
        folder: a folder that is empty, not there yet, or made by an earlier run.
        source: the repository; the exercises are taken from its lessons in the language, where there are any
            (`notebooks-ja`), else from the English ones.
        language: the learners' language; outputs that are stored in another one are left out.

    Returns:
        The copies, and which files stay.

    Raises:
        CourseError: there are no exercises in the repository, the folder holds something else or lies in the data
            that is to be copied, or there is no such language.
        SaveError: the folder cannot be written.
    """
    folder, source = Path(folder), Path(source)
    if language not in load_model().languages:
        raise CourseError("no_language", found=language, known=", ".join(load_model().languages))
    lessons = lessons_folder(language) if (source / lessons_folder(language)).is_dir() else "notebooks"
    originals = sorted((source / lessons).glob(EXERCISES))
    if not originals:
        raise CourseError("no_exercises", folder=(source / lessons).resolve())
    datasets = source / "datasets"
    if folder.resolve().is_relative_to(datasets.resolve()):  # it would be copied into itself without end
        raise CourseError("in_data", folder=folder)
    try:
        mine = (folder / MANIFEST).is_file()
        if not mine and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CourseError("not_empty", folder=folder)
        copies = {f"{lessons}/{path.name}": _copy(path, language) for path in originals}
        made = write_made(folder, {**copies, **_data(datasets)})
    except OSError as error:
        raise SaveError("not_written", file=str(folder), found=error.strerror or str(error)) from error
    return replace(made, files=made.files[: len(copies)])


def _copy(original: Path, language: str) -> bytes:
    copy = learners_copy(json.loads(original.read_text("utf-8")), language)
    return f"{json.dumps(copy, ensure_ascii=False, indent=1)}\n".encode()


def _data(datasets: Path) -> dict[str, bytes]:
    """The data's files, without what made them."""
    found = (path for path in sorted(datasets.rglob("*")) if path.is_file() and path.suffix != ".py")
    below = {path.relative_to(datasets): path for path in found}
    return {
        f"datasets/{name.as_posix()}": path.read_bytes()
        for name, path in below.items()
        if not NO_DATA & set(name.parts)
    }


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
