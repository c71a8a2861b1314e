"""What the live lessons are made of: Pyodide's files, only if they are the listed ones, and lessons with a mark."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from book.site import lite, pyodide

ROOT = Path(__file__).parents[1]
CONTENTS = {"core.wasm": b"\0asm", "numpy-2-any.whl": b"numpy", "six-1-any.whl": b"six"}


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """A short list, an empty cache, and no source that answers."""
    files = tuple(
        pyodide.File(
            name,
            hashlib.sha256(content).hexdigest(),
            len(content),
            ("distribution",),
            {"name": name.split("-")[0], "version": "1", "imports": [], "depends": []}
            if "-" in name
            else None,
        )
        for name, content in CONTENTS.items()
    )
    sources = {"distribution": "http://127.0.0.1:9/"}
    table = {"info": {"version": "0"}, "sources": sources, "files": files}
    monkeypatch.setattr(pyodide, "listing", lambda: table)
    monkeypatch.setattr(pyodide, "CACHE", tmp_path / "cache")
    return sources


@contextmanager
def server(folder: Path, longer: int = 0) -> Iterator[str]:
    """Serves a folder; with `longer` it promises so many more bytes than it sends."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def send_header(self, keyword: str, value: str) -> None:
            more = longer if keyword == "Content-Length" else 0
            super().send_header(keyword, str(int(value) + more) if more else value)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as host:
        threading.Thread(target=host.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{host.server_port}/"
        host.shutdown()


def write(folder: Path, **changed: bytes) -> Path:
    folder.mkdir()
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(changed.get(name.split("-")[0].split(".")[0], content))
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_local_folder_serves(listed: dict[str, Any], tmp_path: Path) -> None:
    target = tmp_path / "site" / "pyodide"
    pyodide.gather(target, write(tmp_path / "local"))
    assert names(target) == {*CONTENTS, pyodide.LOCK}
    assert all((target / name).read_bytes() == content for name, content in CONTENTS.items())
    lock = json.loads((target / pyodide.LOCK).read_text("utf-8"))
    assert lock["packages"].keys() == {"numpy", "six"}
    assert lock["packages"]["six"]["sha256"] == hashlib.sha256(b"six").hexdigest()


def test_what_the_distribution_gave_is_not_fetched_again(listed: dict[str, Any], tmp_path: Path) -> None:
    with server(write(tmp_path / "host")) as address:
        listed["distribution"] = address
        pyodide.gather(tmp_path / "first")
    pyodide.gather(tmp_path / "second")  # nothing answers now
    assert names(tmp_path / "second") == {*CONTENTS, pyodide.LOCK}


@pytest.mark.parametrize("source", ["local", "cache", "distribution"])
def test_a_file_that_is_not_the_listed_one_stops_the_build(
    listed: dict[str, Any], tmp_path: Path, source: str
) -> None:
    place, target = write(tmp_path / source, numpy=b"numpy, but another"), tmp_path / "target"
    with server(place) as address:
        listed["distribution"] = address if source == "distribution" else "http://127.0.0.1:9/"
        with pytest.raises(pyodide.PyodideError) as problem:
            pyodide.gather(target, place if source == "local" else None)
    said = str(problem.value)
    assert "numpy-2-any.whl" in said
    assert (source if source == "distribution" else str(place)) in said
    assert "take it from another source" in said
    assert "numpy-2-any.whl" not in names(target)


@pytest.mark.parametrize("name", list(CONTENTS))
def test_half_a_download_is_never_kept(listed: dict[str, Any], tmp_path: Path, name: str) -> None:
    with server(write(tmp_path / "host"), longer=1) as address:
        listed["distribution"] = address
        with pytest.raises(pyodide.PyodideError, match=re.escape(name)):
            pyodide.gather(tmp_path / "target")
    assert not names(tmp_path / "target") | names(tmp_path / "cache")


def test_what_nothing_has_is_named_with_the_remedy(listed: dict[str, Any], tmp_path: Path) -> None:
    local = write(tmp_path / "local")
    (local / "core.wasm").unlink()
    with pytest.raises(pyodide.PyodideError, match=r"these files of Pyodide 0: core\.wasm\. Put them"):
        pyodide.gather(tmp_path / "target", local)


def test_the_list_is_whole() -> None:
    files = pyodide.listing()["files"]
    packages = {file.package["name"].lower().replace("_", "-"): file for file in files if file.package}
    assert len({file.name for file in files}) == len(files)
    for file in files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.sources
        for needed in file.package["depends"] if file.package else ():
            assert needed in packages, f"{file.name} needs {needed}"


def test_lessons_use_the_same_versions_in_both_hosts() -> None:
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.txt").read_text("utf-8"), re.M))
    for file in pyodide.listing()["files"]:
        if file.package and file.sources == ("pypi",):
            name = file.package["name"]
            assert file.package["version"] == locked[name], f"put {name} {locked[name]} into pyodide.json"


def test_a_lessons_mark_follows_its_text_and_not_its_outputs() -> None:
    path = sorted((ROOT / "notebooks").glob("*.ipynb"))[0]

    def lesson() -> Any:
        return json.loads(path.read_text("utf-8"))

    mark = lite.live(lesson())["metadata"]["lesson"]
    run_again, renewed = lesson(), lesson()
    for cell in run_again["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    renewed["cells"][0]["source"] = "# Another title"
    assert lite.live(run_again)["metadata"]["lesson"] == mark
    assert lite.live(renewed)["metadata"]["lesson"] != mark


def test_the_start_page_says_how_in_both_languages() -> None:
    from book.site.__main__ import start_page

    page = start_page()
    assert page.count("python -m http.server --bind 127.0.0.1 8000") == 2
    assert '<section lang="ja">' in page and 'href="index.html"' in page


def test_only_lessons_of_the_book_are_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = tmp_path / "course"
    for part in ("notebooks", "datasets", "templates", "book/images"):
        (course / part).mkdir(parents=True)
    for name in ("01-start-here", "01-start-here-my-company"):
        (course / "notebooks" / f"{name}.ipynb").write_text(
            json.dumps({"cells": [], "metadata": {}}), "utf-8"
        )
    monkeypatch.setattr(lite, "ROOT", course)
    monkeypatch.setattr(lite, "lesson_sources", lambda: ["notebooks/01-start-here.ipynb"])
    lite.write_contents(tmp_path / "served")
    assert [path.name for path in (tmp_path / "served" / "notebooks").iterdir()] == ["01-start-here.ipynb"]
