"""Sphinx extension: the plain pages on which a reader answers in her own browser.

A page that says `live: assess` in its front matter is dressed by `_templates/plain.html` and run by
`book/live/assess.js`. Their texts, form specs and the package itself are made from `cxassess` into
`_static/live`.
"""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import cxassess
from cxassess.answer_files import response_table
from cxassess.answers import Response
from cxassess.forms.playbook import playbook_spec
from cxassess.forms.specs import SPECS
from cxassess.language import interface_texts, say
from cxassess.model import load_model
from cxassess.reports.team_page import STYLE

PACKAGE = Path(cxassess.__file__).parent
FORMS = PACKAGE / "forms"
SCRIPTS = Path(__file__).parents[1] / "live"
LEFT_OUT = {"charts", "kpi"}
"""Parts of the package that a page without NumPy never asks for."""
KINDS = {".py", ".toml", ".css", ".json"}
EPOCH = (1980, 1, 1, 0, 0, 0)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("pyodide_folder", "pyodide/", "html")
    app.connect("builder-inited", _write_parts)
    app.connect("html-page-context", _dress)
    return {"version": "1", "parallel_read_safe": True}


def texts() -> dict[str, Any]:
    """What the pages say and ask, in the current language, and a response file without answers."""
    model = load_model()
    blank = Response("", {}, model_version=model.version, model_hash=model.hash)
    playbook = playbook_spec(model)
    return {
        "language": playbook["language"],
        "texts": interface_texts("live"),
        "parts": {part: spec(model) for part, spec in SPECS.items()},
        "playbook": playbook,
        "file": {**response_table(blank), "language": playbook["language"]},
    }


def write_package(target: Path) -> None:
    """The package with all that it reads, as one zip that is the same whenever its files are."""
    paths = sorted(path for path in PACKAGE.rglob("*") if path.suffix in KINDS)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in paths:
            inside = path.relative_to(PACKAGE)
            if not LEFT_OUT & set(inside.parts) and not any(part[0] == "." for part in inside.parts):
                entry = zipfile.ZipInfo(f"cxassess/{inside.as_posix()}", EPOCH)
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _write_parts(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / "live"
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*SCRIPTS.glob("*.js"), *SCRIPTS.glob("*.css"), FORMS / "form.js", FORMS / "form.css", STYLE):
        shutil.copyfile(path, folder / path.name)
    (folder / "texts.json").write_text(json.dumps(texts(), ensure_ascii=False), "utf-8")
    write_package(folder / "cxassess.zip")


def _dress(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _document: Any) -> str | None:
    page = (context.get("meta") or {}).get("live")
    if not page:
        return None
    context |= {
        "live": page,
        "live_back": say("live.to_book"),
        "live_no_script": say("live.no_script"),
        "pyodide_folder": app.config.pyodide_folder,
    }
    return "plain.html"
