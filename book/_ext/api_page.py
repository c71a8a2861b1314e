"""Sphinx extension: the package's public names, each with its docstring, where a page says `<!-- api: … -->`.

A group is named by the modules that its names come from: `<!-- api: answers answer_files forms -->`. What
the page leaves over is a warning, so that no public name stays undocumented.
"""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

import cxassess
from cxassess import kpi
from cxassess.model import load_model

PLACE = re.compile(r"^<!-- api: ([\w. ]+) -->$", re.M)
_log = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", _fill)
    return {"version": "1", "parallel_read_safe": True}


def public() -> dict[str, str]:
    """Every public name that the reference of metrics does not document yet, with the module that it comes from."""
    described = {metric.function.partition(".")[0] for metric in load_model().records["metric"].values()}
    return dict(cxassess._HOME) | {
        f"kpi.{name}": f"kpi.{home}" for name, home in kpi._EXPORTS.items() if name not in described
    }


def _fill(app: Sphinx, document: str, source: list[str]) -> None:
    if app.builder.name == "gettext" or not PLACE.search(source[0]):
        return
    left = public()

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
        found: Any = cxassess
        for part in name.split("."):
            found = getattr(found, part)
        left.pop(name)
        kind = "class" if inspect.isclass(found) else "function" if callable(found) else "data"
        yield f".. auto{kind}:: {found.__module__}.{found.__qualname__}"
        if kind == "class":
            yield "   :members:"
        yield ""
    yield "```"
