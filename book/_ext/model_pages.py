"""Sphinx extension: puts what the model says where a page asks for it.

A line `<!-- model: elements -->` in a page becomes the page that `cxassess.reports.reference` makes, in
the language of the build. The model's palette becomes `palette.css`, for `theme.css` to take its colours
from. A page names the points of the sources that it draws on in its front matter
(`sources: [start.definition]`), a notebook in its metadata (`"sources": [...]`).
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

from cxassess.language import set_language
from cxassess.model import load_model
from cxassess.reports import reference

PLACE = re.compile(r"^<!-- model: (\w+) -->$", re.M)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", lambda _, config: set_language(config.language))
    app.connect("builder-inited", _write_palette)
    app.connect("source-read", _fill)
    app.connect("env-get-outdated", _made_from_the_model)
    return {"version": "1", "parallel_read_safe": True}


def cited_by_pages(root: Path) -> dict[str, list[str]]:
    """The points that each page and lesson of the book cites, by the link to it."""
    cited = {}
    for path in sorted([*root.glob("book/**/*.md"), *root.glob("notebooks/*.ipynb")]):
        if path.suffix == ".md":
            front = re.match(r"---\n(.*?)\n---\n", path.read_text("utf-8"), re.S)
            found = yaml.safe_load(front[1]).get("sources") if front else None
        else:
            found = json.loads(path.read_text("utf-8"))["metadata"].get("sources")
        if found:
            cited[f"/{path.relative_to(root).as_posix()}"] = found
    return cited


def palette_css(colours: Mapping[str, str]) -> str:
    """The palette as the CSS variables `--cx-…`, and as `--cx-given-…`, which forms and reports take theirs from."""
    lines = [
        f"  --cx-{kind}{name.replace('_', '-')}: {value};"
        for kind in ("", "given-")
        for name, value in colours.items()
    ]
    return "\n".join([":root {", *lines, "}", ""])


def _write_palette(app: Sphinx) -> None:
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "palette.css").write_text(palette_css(load_model().colours), "utf-8")
        app.add_css_file("palette.css")


def _fill(app: Sphinx, _document: str, source: list[str]) -> None:
    def made(match: re.Match[str]) -> str:
        model = load_model()
        if match[1] == "sources":
            return reference.sources(model, cited_by_pages(Path(app.srcdir)))
        return reference.PAGES[match[1]](model)

    # Messages for translators come from the pages' own prose; the model carries its languages itself.
    if app.builder.name != "gettext":
        source[0] = PLACE.sub(made, source[0])


def _made_from_the_model(_app: Sphinx, env: Any, *_: Any) -> list[str]:
    """A change of the model makes every page that is made from it out of date."""
    return [name for name in env.found_docs if PLACE.search(_text(Path(env.doc2path(name))))]


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.suffix == ".md" else ""
