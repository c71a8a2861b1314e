"""Sphinx extension: the package's public names, each with its docstring, where a page says `<!-- api: … -->`.

A group is named by the modules that its names come from: `<!-- api: answers answer_files forms -->`. What
the page leaves over is a warning, so that no public name stays undocumented.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

sys.path.append(str(Path(__file__).parents[2]))
from book.translation import docstrings
from book.translation.catalogs import DOCSTRINGS, ENGLISH, look_up

PLACE = re.compile(r"^<!-- api: ([\w. ]+) -->$", re.M)
_log = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", _fill)
    app.connect("autodoc-process-docstring", _translate, priority=400)  # before Napoleon gives it its form
    return {"version": "1", "parallel_read_safe": True}


def _translate(app: Sphinx, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    if (language := app.config.language) != ENGLISH:
        lines[:] = docstrings.translated(lines, look_up(DOCSTRINGS, language))


def _fill(app: Sphinx, document: str, source: list[str]) -> None:
    if app.builder.name == "gettext" or not PLACE.search(source[0]):
        return
    left = docstrings.public()

    def group(match: re.Match[str]) -> str:
        homes = match[1].split()
        taken = [
            name
            for name, home in left.items()
            if any(home == one or home.startswith(f"{one}.") for one in homes)
        ]
        return "\n".join(_documented(taken, left))

    source[0] = PLACE.sub(group, source[0])
    if left:
        _log.warning("no group of public names has %s", ", ".join(left), location=document)


def _documented(names: list[str], left: dict[str, str]) -> Iterator[str]:
    yield "```{eval-rst}"
    for name in sorted(names):
        found = docstrings.named(name)
        left.pop(name)
        kind = "class" if inspect.isclass(found) else "function" if callable(found) else "data"
        yield f".. auto{kind}:: {found.__module__}.{found.__qualname__}"
        if kind == "class":
            yield "   :members:"
        yield ""
    yield "```"
