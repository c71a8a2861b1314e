"""A lesson live in JupyterLite, from the click to its first output, beside an empty notebook that prints 1."""

import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.bench.timing import table
from tests.browser.conftest import FLAGS, ROOT, find_chromium, serve
from tests.browser.test_lite import CELLS, address

RUNS = 3
SITE = ROOT / "_build" / "site"
PLAIN, PANDAS, EMPTY = "01-start-here", "05-know-your-customers", "empty"


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        host = Path(name)
        shutil.copytree(SITE / "lite", host / "lite")
        (host / "pyodide").symlink_to(SITE / "pyodide")
        add_notebook(host / "lite", EMPTY, "print(1)")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        found: dict[str, list[tuple[float, float]]] = {side: [] for side in (EMPTY, PLAIN, PANDAS)}
        with serve(host) as site:
            for _ in range(RUNS):
                for lesson, times in found.items():
                    times.append(open_cold(browser, address(site, lesson)))
        browser.close()
    first = {side: statistics.median(one for one, _ in times) for side, times in found.items()}
    whole = {side: statistics.median(all_ for _, all_ in times) for side, times in found.items()}
    rows = [
        (f"lesson {lesson[:2]}, {what}", f"{times[lesson]:.1f} s", f"{first[EMPTY]:.1f} s", f"{times[lesson] / first[EMPTY]:.2f}")
        for lesson, what, times in (
            (PLAIN, "first output, before pandas", first),
            (PLAIN, "all of it", whole),
            (PANDAS, "first output, after pandas", first),
            (PANDAS, "all of it", whole),
        )
    ]  # fmt: skip
    print(table(["from the click, nothing cached", "lesson", "an empty notebook printing 1", "ratio"], rows))
    print(f"\nMedian of {RUNS} runs in turn, each in a new browser profile.\n")
    print(
        table(["part of the site", "files", "MB"], [(what, *size(paths)) for what, paths in parts().items()])
    )


def add_notebook(lite: Path, name: str, code: str) -> None:
    """Serve one more notebook, of one cell."""
    path = lite / "files" / "notebooks" / f"{name}.ipynb"
    model = json.loads(path.with_name(f"{PLAIN}.ipynb").read_text("utf-8"))
    [cell, *_] = [cell for cell in model["cells"] if cell["cell_type"] == "code"]
    path.write_text(json.dumps({**model, "cells": [{**cell, "metadata": {}, "source": code}]}), "utf-8")
    listing = lite / "api" / "contents" / "notebooks" / "all.json"
    entries = json.loads(listing.read_text("utf-8"))
    [entry] = [entry for entry in entries["content"] if entry["name"] == f"{PLAIN}.ipynb"]
    entries["content"].append({**entry, "name": path.name, "path": f"notebooks/{path.name}"})
    listing.write_text(json.dumps(entries), "utf-8")


def open_cold(browser: Browser, address: str) -> tuple[float, float]:
    """Seconds until the first output is seen, and until the last cell has run."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(".jp-OutputArea-output").locator("visible=true").first.wait_for(timeout=180_000)
    first = time.perf_counter() - start
    page.evaluate(CELLS)
    whole = time.perf_counter() - start
    context.close()
    return first, whole


def parts() -> dict[str, list[Path]]:
    """The files of the built site by what they are for."""
    paths = [path for path in SITE.rglob("*") if path.is_file()]

    def under(folder: str, *suffixes: str) -> list[Path]:
        return [
            path
            for path in paths
            if path.is_relative_to(SITE / folder) and path.name.endswith(suffixes or ("",))
        ]

    wheels, lite, files = under("pyodide", ".whl", "openblas-0.3.26.zip"), under("lite"), under("lite/files")
    return {
        "the book, its live pages and search": [
            path for path in paths if path not in {*under("pyodide"), *lite}
        ],
        "JupyterLite": sorted({*lite} - {*files}),
        "lessons, data and templates in it": files,
        "Pyodide: Python itself": sorted({*under("pyodide")} - {*wheels}),
        "Pyodide: packages": wheels,
        "everything": paths,
    }


def size(paths: list[Path]) -> tuple[int, str]:
    return len(paths), f"{sum(path.stat().st_size for path in paths) / 1e6:.1f}"


if __name__ == "__main__":
    main()
