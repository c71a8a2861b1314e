"""Sphinx extension: puts a drawing where a page asks for it.

A line `<!-- drawing: kano -->` in a page becomes the figure that the template `book/drawings/kano.html` makes, with the
words of `model/interface/drawings.toml` in the language of the build. `kano_title` and `kano_desc` are what is read
aloud instead of the drawing; `kano_caption`, where there is one, stands under it.
"""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sphinx.application import Sphinx
from sphinx.util import logging

from cxassess.language import say
from cxassess.model import load_model

PLACE = re.compile(r"^<!-- drawing: (.+?) -->[ \t]*$", re.M)
FOLDER = Path(__file__).parents[1] / "drawings"
NAMES = sorted(path.stem for path in FOLDER.glob("*.html"))
TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", _fill)
    app.connect("env-get-outdated", _with_drawings)
    return {"version": "1", "parallel_read_safe": True}


def draw(name: str) -> str:
    """The drawing `name` as an HTML figure in the current language.

    It has no blank line, at which Markdown would stop taking it for HTML.

    Raises:
        jinja2.TemplateNotFound: there is no such drawing.
    """
    model, key = load_model(), name.replace("-", "_")
    steps = list(model.records["step"].values())
    description = _text(f"{key}_desc", steps=say("drawings.join").join(str(step.name) for step in steps))
    figure = TEMPLATES.get_template("figure.jinja").render(
        name=name,
        aloud=_text("aloud", title=_text(f"{key}_title"), description=description),
        caption=_caption(key),
        model=model,
        steps=steps,
        t=_text,
    )
    return re.sub(r"\s*\n\s*", "\n", figure)


def _caption(key: str) -> str:
    try:
        return _text(f"{key}_caption")
    except KeyError:
        return ""


def _text(key: str, **values: str) -> str:
    return say(f"drawings.{key}", **values)


def _fill(app: Sphinx, document: str, source: list[str]) -> None:
    def drawn(match: re.Match[str]) -> str:
        if match[1] in NAMES:
            return f"\n{draw(match[1])}\n"
        known = ", ".join(NAMES)
        logger.warning(
            "There is no drawing “%s”; there are %s.", match[1], known, location=document, type="drawings"
        )
        return ""

    # Translators get the words of drawings in the interface texts, not in a page's messages.
    if app.builder.name != "gettext":
        source[0] = PLACE.sub(drawn, source[0])


def _with_drawings(_app: Sphinx, env: Any, *_: Any) -> list[str]:
    """A change of a drawing or its words makes every page that shows one out of date."""
    paths = {name: Path(env.doc2path(name)) for name in env.found_docs}
    return [
        name for name, path in paths.items() if path.suffix == ".md" and PLACE.search(path.read_text("utf-8"))
    ]
