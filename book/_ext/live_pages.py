"""Sphinx extension: the plain pages on which a reader answers in her own browser.

A page that says `live: assess` in its front matter is dressed by `_templates/plain.html` and run by
`book/live/assess.js`. Their texts, form specs and the package itself are made from `cxassess` into
`_static/live`. `python -m book.site` sets `CXASSESS_SITE`: only then are there lessons to run and an index to
search.
"""

import json
import os
import shutil
import zipfile
from fnmatch import fnmatch
from html import escape
from itertools import repeat
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import cxassess
from cxassess.answer_files import response_table
from cxassess.answers import Response
from cxassess.forms.playbook import playbook_spec
from cxassess.forms.specs import SPECS
from cxassess.language import current_language, interface_texts, lessons_folder, say
from cxassess.model import load_model
from cxassess.reports.team_page import STYLE

PACKAGE = Path(cxassess.__file__).parent
FORMS = PACKAGE / "forms"
SCRIPTS = Path(__file__).parents[1] / "live"
LEFT_OUT = (
    "kpi/*", "app/*", "cli/*", "course.py", "workshop.py", "model/course/*",
    "exchange/learners.py", "exchange/open_form*", "exchange/questionnaire*", "exchange/slides*", "exchange/survey*",
    "reports/bulk*", "reports/exercise.py", "reports/reference.py", "reports/warm*",
    *(f"model/interface/{name}.toml" for name in (
        "app", "book", "bulk", "charts_kpi", "cli", "cohort", "course", "drawings", "exchange", "kpi*", "lessons", "quiz",
        "slides", "workshop",
    )),
)  # fmt: skip
"""Files of the package that no page asks for."""
KINDS = {".py", ".toml", ".css", ".json"}
EPOCH = (1980, 1, 1, 0, 0, 0)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("pyodide_folder", "../pyodide/", "html")
    app.add_config_value("lessons_folder", "../lite/" if os.environ.get("CXASSESS_SITE") else "", "html")
    app.connect("builder-inited", _write_parts)
    app.connect("html-page-context", _dress, priority=900)  # after those that bring what is taken out
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
            if not _left_out(inside.as_posix()):
                entry = zipfile.ZipInfo(f"cxassess/{inside.as_posix()}", EPOCH)
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _left_out(path: str) -> bool:
    return any(map(fnmatch, repeat(path), LEFT_OUT)) or any(part[0] == "." for part in path.split("/"))


def _write_parts(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / "live"
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*SCRIPTS.glob("*.js"), *SCRIPTS.glob("*.css"), FORMS / "form.js", FORMS / "form.css", STYLE):
        shutil.copyfile(path, folder / path.name)
    (folder / "texts.json").write_text(json.dumps(texts(), ensure_ascii=False), "utf-8")
    write_package(folder / "cxassess.zip")


def _dress(app: Sphinx, name: str, _template: str, context: dict[str, Any], _document: Any) -> str | None:
    # Docutils still writes roles that ARIA 1.2 has dropped.
    body = context.get("body", "").replace(' role="doc-biblioentry"', "")
    context["body"] = body.replace('role="list" class="citation-list"', 'class="citation-list"')
    # Jupyter Book brings Thebe along, which asks other hosts; its page scripts are declared twice besides.
    for files in ("script_files", "css_files"):
        context[files] = [file for file in context.get(files, []) if "thebe" not in _told(file)]
    if lessons := app.config.lessons_folder:
        context["pagefind"] = True
        if name.startswith("notebooks/"):
            name = name.replace("notebooks", lessons_folder(current_language()), 1)
            address = f"{context['pathto'](lessons, resource=True)}notebooks/index.html?path={name}.ipynb&run"
            context["body"] = context["body"].replace("</h1>", f"</h1>{_run_button(address)}", 1)
    page = (context.get("meta") or {}).get("live")
    if not page:
        return None
    context |= {
        "live": page,
        "live_back": say("live.to_book"),
        "live_opening": say("live.opening"),
        "live_no_script": say("live.no_script"),
        "pyodide_folder": app.config.pyodide_folder,
    }
    return "plain.html"


def _told(file: Any) -> str:
    """What a script or style sheet is about: its address and its text."""
    return f"{getattr(file, 'filename', file)} {getattr(file, 'attributes', {}).get('body', '')}".lower()


def _run_button(address: str) -> str:
    return (
        f'<p class="cx-run" data-pagefind-ignore><a class="btn btn-primary" href="{escape(address)}">'
        f"{escape(say('live.run_lesson'))}</a> <span>{escape(say('live.run_help'))}</span></p>"
    )
