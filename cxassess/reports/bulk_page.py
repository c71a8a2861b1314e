"""One report: a notebook of `templates/` run with its parameters, as a single HTML file that needs nothing else."""

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from cxassess.language import language as words_in
from cxassess.language import say
from cxassess.model import Model, load_model
from cxassess.reports.bulk_parts import ReportError
from cxassess.reports.team_page import STYLE, colours

SLOWEST_CELL = 300
"""Seconds after which a cell is given up."""
LONGEST_REASON = 300
NO_ALT = re.compile(r"<img\s(?![^>]*\balt=)")
OWN_STYLE = Path(__file__).with_name("bulk.css")
_CONVERTING = Lock()  # nbconvert says nothing of threads
PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body><main class="cx-report">
{body}
</main></body>
</html>
"""


def run(template: str, parameters: Mapping[str, Any], engine: str | None = "warm") -> NotebookNode:
    """The template, run with its parameters; without what its cells wrote to standard error.

    Args:
        template: the notebook's JSON.
        parameters: values for its cell that is tagged `parameters`.
        engine: of papermill; `None` is its own.

    Raises:
        ReportError: a cell failed or took too long, or the kernel died.
    """
    try:
        notebook = nbformat.reads(template, as_version=4)  # type: ignore[no-untyped-call]
        done: NotebookNode = papermill.execute_notebook(
            notebook, None, dict(parameters), engine_name=engine, progress_bar=False,
            execution_timeout=SLOWEST_CELL,
        )  # fmt: skip
    except PapermillExecutionError as error:
        if error.traceback == [error.evalue]:  # a `CxError` shows its sentence and nothing else
            raise ReportError("cell_refused", reason=error.evalue) from error
        raise ReportError("cell_failed", kind=error.ename, found=_short(error.evalue)) from error
    except CellTimeoutError as error:
        raise ReportError("cell_slow", seconds=SLOWEST_CELL) from error
    except (
        RuntimeError,
        OSError,
        ValueError,
    ) as error:  # so nbclient and jupyter_client tell of a dead kernel
        raise ReportError("kernel_died", found=_short(f"{type(error).__name__}: {error}")) from error
    for cell in done.cells:
        if "outputs" in cell:
            cell["outputs"] = [one for one in cell["outputs"] if one.get("name") != "stderr"]
    return done


def page(notebook: NotebookNode, language: str, model: Model | None = None) -> str:
    """A notebook that was run, as an HTML page: no code, nothing from any other host, no script."""
    with _CONVERTING:
        body, _ = _exporter().from_notebook_node(notebook)
    with words_in(language):
        body = NO_ALT.sub(f'<img alt="{escape(say("bulk.no_alt"))}" ', body)
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", body, re.DOTALL)
    style = f":root{{{colours((model or load_model()).colours)}}}{STYLE.read_text('utf-8')}{OWN_STYLE.read_text('utf-8')}"
    return PAGE.format(
        language=language, title=re.sub(r"<[^>]*>", "", heading[1]) if heading else "", style=style, body=body
    )


class PageExporter(HTMLExporter):
    """Without nbconvert's last pass over the page, which parses it anew to add what `page` adds itself."""

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        return super(HTMLExporter, self).from_notebook_node(nb, resources, **options)


@cache
def _exporter() -> HTMLExporter:
    """nbconvert without input, prompts, and the notes to whoever changes the template."""
    settings = Config()
    settings.TagRemovePreprocessor.remove_cell_tags = ["parameters", "injected-parameters", "note"]
    settings.TagRemovePreprocessor.enabled = True
    plain = {"highlight_code": lambda code, **_: code}  # no code is shown
    return PageExporter(  # type: ignore[no-untyped-call]
        config=settings, template_name="basic", exclude_input=True, exclude_input_prompt=True,
        exclude_output_prompt=True, embed_images=True, exclude_anchor_links=True, filters=plain,
    )  # fmt: skip


def _short(text: str) -> str:
    first = text.strip().splitlines()[0] if text.strip() else "–"
    return first if len(first) <= LONGEST_REASON else first[: LONGEST_REASON - 1] + "…"
