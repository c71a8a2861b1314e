"""Builds the live lessons: JupyterLite with the site's own Pyodide, the package, the lessons and their data."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from email.parser import Parser
from pathlib import Path
from typing import Any

from book.site.pyodide import ROOT, write_lock
from book.translation import edition
from book.translation.catalogs import lesson_sources
from book.translation.lessons import MARK, mark
from cxassess.language import lessons_folder

HERE = Path(__file__).parent
LABEXTENSIONS = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
APPS = ("notebooks", "tree")
EXTENSIONS = (KERNEL, "@jupyter-widgets/jupyterlab-manager", "anywidget")
STARTED = (
    "micropip",
    "piplite",
    "ipykernel",
    "comm",
    "pyodide_kernel",
    "sqlite3",
    "ipython",
    "load-on-import",
    "cxassess",
)
KERNEL_WHEELS = ("ipykernel", "piplite", "pyodide_kernel")
UNUSED = ("ssl", "jedi")
"""What the kernel asks for by name and does without."""


def build(site: Path, pyodide: Path, languages: Iterable[str] = ()) -> None:
    """Make `<site>/lite/`, and put the package's wheel and the kernel's beside Pyodide's.

    A lesson opens at `lite/notebooks/index.html?path=notebooks/01-start-here.ipynb`; with `&run` it runs at once.

    Args:
        site: the folder of the built book.
        pyodide: the folder inside it that `book.site.pyodide.gather` has filled.
        languages: those other than English that the lessons come in, each in a folder `notebooks-<language>`.
    """
    lite = site / "lite"
    shutil.rmtree(lite, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        lock = add_wheels(pyodide, scratch)
        write_contents(scratch / "contents", languages)
        (scratch / "jupyter-lite.json").write_text(json.dumps(settings(site, pyodide, lock)), "utf-8")
        jupyterlite(scratch, lite)
    start_with(lite, (HERE / "lesson.js").read_bytes())
    prune(lite)


# Wheels


def add_wheels(pyodide: Path, scratch: Path) -> str:
    """Put the wheels of the package and of the kernel into the Pyodide folder and its lock; the lock's sha256."""
    run("hatchling", "build", "-t", "wheel", "-d", str(scratch), cwd=ROOT)
    extension = {
        "load_on_import.py": (HERE / "load_on_import.py").read_bytes(),
        "@data/etc/ipython/ipython_config.py": b'c.InteractiveShellApp.extensions = ["load_on_import"]\n',
    }
    wheels = [
        *scratch.glob("cxassess-*.whl"),
        *(next((LABEXTENSIONS / KERNEL / "static" / "pypi").glob(f"{name}-*.whl")) for name in KERNEL_WHEELS),
        write_wheel(scratch, "load-on-import", extension),
    ]
    nothing = write_wheel(scratch, "nothing", {})
    entries = dict(install_wheel(pyodide, wheel) for wheel in wheels)
    _, empty = install_wheel(pyodide, nothing)
    entries |= {name: {**empty, "name": name, "imports": []} for name in UNUSED}
    return write_lock(pyodide, entries)


def write_wheel(folder: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """A wheel of version 1 with some files; those under `@data/` are data files."""
    stem = f"{name.replace('-', '_')}-1"
    texts = {
        **{path.replace("@data", f"{stem}.data/data"): content for path, content in files.items()},
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n".encode(),
        f"{stem}.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    wheel = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in texts.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return wheel


def install_wheel(pyodide: Path, wheel: Path) -> tuple[str, dict[str, Any]]:
    """Copy a wheel into the Pyodide folder; its name and entry in the lock.

    The name gets a build tag made of the content, so that no browser takes an older one from its cache.
    """
    content = wheel.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    with zipfile.ZipFile(wheel) as archive:
        [path] = [path for path in archive.namelist() if path.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(archive.read(path).decode())
        folders = {path.split("/")[0].removesuffix(".py") for path in archive.namelist()}
    name, version, tags = wheel.name.split("-", 2)
    stem = f"{name}-{version}"
    for old in pyodide.glob(f"{name}-*.whl"):
        old.unlink()
    target = pyodide / f"{stem}-0{digest[:8]}-{tags}"
    target.write_bytes(content)
    name = metadata["Name"].replace("_", "-")
    entry = {
        "name": name,
        "version": metadata["Version"],
        "file_name": target.name,
        "sha256": digest,
        "imports": sorted(folder for folder in folders if "." not in folder),
        "depends": [],
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
    }
    return name, entry


# Contents


def write_contents(folder: Path, languages: Iterable[str] = ()) -> None:
    """The lessons, without outputs, and beside them the data, templates and pictures that they point to."""
    sources = lesson_sources()  # what else lies in `notebooks/` is somebody's own
    lessons = {source: json.loads((ROOT / source).read_text("utf-8")) for source in sources}
    for language in languages:
        for source in sources:
            lessons[f"{lessons_folder(language)}/{Path(source).name}"] = edition.lesson(source, language)
    for name, lesson in lessons.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(live(lesson), ensure_ascii=False), "utf-8")
    left_out = shutil.ignore_patterns("make", "*.py", "__pycache__", ".*")
    for name in ("datasets", "templates", "book/images"):
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)


def live(lesson: dict[str, Any]) -> dict[str, Any]:
    """A lesson as it is served: not yet run, and with a mark by which a reader's copy tells which lesson it was."""
    for cell in lesson["cells"]:
        cell["metadata"].pop("execution", None)
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    lesson["metadata"] |= {"kernelspec": kernel, MARK: mark(lesson)}
    return lesson


# JupyterLite


def settings(site: Path, pyodide: Path, lock: str) -> dict[str, Any]:
    """JupyterLite's settings; addresses are relative, so that the site works under any path."""
    place = f"../{pyodide.relative_to(site).as_posix()}"
    kernel = {
        "pyodideUrl": f"./{place}/pyodide.js",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "lockFileURL": f"{place}/pyodide-lock.json?{lock[:12]}",
            "packages": [*STARTED, *UNUSED],
        },
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "cxassess",
            "appUrl": "./tree",
            "faviconUrl": "./static/favicons/favicon.ico",
            "exposeAppInBrowser": True,
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
            "settingsOverrides": {
                "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 5},
                "@jupyterlab/mainmenu-extension:plugin": {
                    "menus": [
                        {"id": "jp-mainmenu-file", "items": [{"command": "docmanager:download", "rank": 45}]}
                    ]
                },
            },
        },
    }


def jupyterlite(scratch: Path, target: Path) -> None:
    """Run JupyterLite's own builder."""
    options = {
        "lite_dir": str(scratch),
        "output_dir": str(target),
        "contents": [str(scratch / "contents")],
        "apps": list(APPS),
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": [str(LABEXTENSIONS / name) for name in EXTENSIONS],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
    }
    (scratch / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": options}), "utf-8")
    run("jupyterlite_core", "build", cwd=scratch)


def start_with(lite: Path, script: bytes) -> None:
    """Let each page of JupyterLite wait for our script before it starts."""
    mark = hashlib.sha256(script).hexdigest()[:12]
    (lite / "lesson.js").write_bytes(script)
    for app in APPS:
        page = lite / app / "index.html"
        text, found = re.subn(
            r"await import\(\s*'../config-utils",
            f"await import('../lesson.js?{mark}');\n        \\g<0>",
            page.read_text("utf-8"),
        )
        if found != 1:
            raise RuntimeError(
                f"{page} does not start as JupyterLite 0.6 does: adapt start_with() in {__file__}"
            )
        page.write_text(text.replace("<html>", '<html lang="en">'), "utf-8")


def prune(lite: Path) -> None:
    """Remove what no page asks for: pages of left-out apps, icon fonts for browsers of long ago, source maps."""
    for pattern in ("*.map", "build/fa-*.svg", "build/fa-*.eot", "build/fa-*.ttf"):
        for path in lite.rglob(pattern):
            path.unlink()
    shutil.rmtree(lite / "doc")
    shutil.rmtree(lite / "extensions" / KERNEL / "static" / "pypi")


def run(module: str, *arguments: str, cwd: Path) -> None:
    """Run a Python program quietly; what it said is shown when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stdout}")
