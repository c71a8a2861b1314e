"""What the lessons' cells show in another language: each lesson run with the package in that language.

What was once run is kept in `_build/cache`, for as long as the lesson's code, the package, the model and the data stay
as they are.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import papermill
from tqdm import tqdm

import cxassess
from book.translation.catalogs import ROOT
from cxassess.documents import write_whole
from cxassess.language import model_folder
from cxassess.reports.warm import WarmKernels

CACHE = ROOT / "_build" / "cache" / "lessons"
PRELOADED = (
    "numpy",
    "pandas",
    "scipy.stats",
    "matplotlib.pyplot",
    "cxassess.kpi",
    "cxassess.reports.bulk_parts",
)
KEPT = frozenset({"output_type", "data", "metadata", "name", "text", "execution_count"})
JOBS = 2
BESIDE = ("book", "datasets", "templates")
"""What lessons find beside their folder."""
DIGITS = 16
"""How much of a digest a file's name has."""


def outputs(lessons: Iterable[Path], language: str) -> dict[str, dict[str, list[Any]]]:
    """The outputs of lessons by the lesson's name and the cell's id.

    Raises:
        papermill.PapermillExecutionError: a cell failed.
    """
    folder, about = CACHE / language, _surroundings()
    folder.mkdir(parents=True, exist_ok=True)
    files = {path: folder / f"{path.stem}-{_digest([about, *_code(path)])}.json" for path in lessons}
    missing = {path: file for path, file in files.items() if not file.exists()}
    if missing:
        before = os.environ.get("CXASSESS_LANG")
        os.environ["CXASSESS_LANG"] = language
        try:
            # Processes, not threads: papermill changes into the folder that a lesson runs in.
            with WarmKernels(PRELOADED), ProcessPoolExecutor(JOBS, get_context("spawn")) as pool:
                done = pool.map(_run, missing)
                for file, shown in zip(
                    missing.values(), tqdm(done, f"lessons ({language})", len(missing)), strict=True
                ):
                    write_whole({file: json.dumps(shown, ensure_ascii=False).encode()})
        finally:
            os.environ.pop("CXASSESS_LANG") if before is None else os.environ.update(CXASSESS_LANG=before)
    for path, file in files.items():
        for old in set(folder.glob(f"{path.stem}-{'?' * DIGITS}.json")) - {file}:
            old.unlink()
    return {path.name: json.loads(file.read_text("utf-8")) for path, file in files.items()}


def _run(lesson: Path) -> dict[str, list[Any]]:
    with TemporaryDirectory() as folder:  # where no team's own files are, as for a reader who has just begun
        for name in BESIDE:
            (Path(folder) / name).symlink_to(ROOT / name)
        (Path(folder) / "notebooks").mkdir()
        done = papermill.execute_notebook(
            str(lesson),
            None,
            engine_name="warm",
            cwd=str(Path(folder) / "notebooks"),
            progress_bar=False,
            kernel_name="python3",
        )
    return {
        cell["id"]: [
            {key: value for key, value in output.items() if key in KEPT} for output in cell["outputs"]
        ]
        for cell in done.cells
        if cell["cell_type"] == "code"
    }


def _surroundings() -> str:
    """What the outputs depend on besides a lesson's code."""
    package = Path(cxassess.__file__).parent
    files = [
        *_files(package),
        *_files(model_folder()),
        *_files(ROOT / "datasets"),
        *_files(ROOT / "templates"),
    ]
    parts = (part for path in files for part in (path.as_posix().encode(), path.read_bytes()))
    return _digest([sys.version, (ROOT / "requirements.txt").read_text("utf-8"), *parts])


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)


def _code(lesson: Path) -> Iterator[str]:
    for cell in json.loads(lesson.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield from (cell["id"], "".join(cell["source"]))


def _digest(parts: Iterable[str | bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode() if isinstance(part, str) else part)
        found.update(b"\0")
    return found.hexdigest()[:DIGITS]
