"""Sphinx extension: a page in one language leads to itself in the others, and both have the same addresses inside.

In an edition made by `book.translation`, each heading keeps the address that it has in English. On the published site
(`CXASSESS_SITE`), where every language has a folder of its own, each page names its other languages.
"""

import os
import re
import sys
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from markdown_it.tree import SyntaxTreeNode
from myst_parser.mdit_to_docutils.base import default_slugify
from sphinx.application import Sphinx
from sphinx.config import Config

from cxassess.language import current_language, say
from cxassess.language import language as in_language
from cxassess.model import load_model
from cxassess.reports import reference

sys.path.append(str(Path(__file__).parents[2]))
from model_pages import PLACE

from book.site.fonts import SOURCES
from book.translation.catalogs import ENGLISH, catalog
from book.translation.messages import parser

HEADING = re.compile(r"^\(([\w-]+)\)=\n#+ (.+)$", re.M)
_page: ContextVar[tuple[str, tuple[str, ...]]] = ContextVar("page", default=("", ()))
"""The page that is read, and what it has from the model."""


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("editions", bool(os.environ.get("CXASSESS_SITE")), "html")
    app.connect("config-inited", _say_prompts, priority=501)  # once the language is set
    app.connect("builder-inited", _take_font)
    app.connect("source-read", _note, priority=100)  # before the model is put in
    app.connect(
        "doctree-read", _keep_addresses, priority=100
    )  # before the contents are collected from the headings
    app.connect("html-page-context", _lead_on)
    return {"version": "1", "parallel_read_safe": True}


def heading_slug(title: str) -> str:
    """What `[](page.md#slug)` calls a heading: in every language what it is called in English."""
    return default_slugify(in_english(title))


def in_english(title: str) -> str:
    """A heading of the page that is read, in English."""
    if (language := current_language()) == ENGLISH:
        return title
    document, made = _page.get()
    found = _headings(document, language).get(title)
    return found or next(filter(None, (_model_headings(name, language).get(title) for name in made)), title)


@cache
def _headings(document: str, language: str) -> dict[str, str]:
    """The messages of a page as plain text by their translations as plain text."""
    for suffix in (".md", ".ipynb"):
        known = catalog(f"{document}{suffix}", language)
        if len(known):
            return {_plain(str(one.string)): _plain(str(one.id)) for one in known if one.id and one.string}
    return {}


def _plain(markdown: str) -> str:
    """The text of inline Markdown as a heading's title shows it."""
    tree = SyntaxTreeNode(parser().parseInline(markdown))
    return "".join(node.content for node in tree.walk() if node.type in {"text", "code_inline"})


@cache
def _model_headings(name: str, language: str) -> dict[str, str]:
    """The headings of a page made from the model, in English by those in `language`."""
    english, other = (_titles(name, code) for code in (ENGLISH, language))
    return {_plain(other[target]): _plain(title) for target, title in english.items()}


def _titles(name: str, code: str) -> dict[str, str]:
    with in_language(code):
        model = load_model()
        text = reference.sources(model, {}) if name == "sources" else reference.PAGES[name](model)
    return dict(HEADING.findall(text))


def _say_prompts(_app: Sphinx, config: Config) -> None:
    config.nb_code_prompt_show = say("book.code_show")
    config.nb_code_prompt_hide = say("book.code_hide")


def _take_font(app: Sphinx) -> None:
    if app.config.editions and app.config.language in SOURCES:
        app.add_css_file("fonts.css")


def _note(_app: Sphinx, document: str, source: list[str]) -> None:
    _page.set((document, tuple(PLACE.findall(source[0]))))


def _keep_addresses(app: Sphinx, tree: nodes.document) -> None:
    if app.config.language == ENGLISH:
        return
    taken = {id for node in tree.findall(nodes.Element) for id in node["ids"]}
    for section in tree.findall(nodes.section):
        id = nodes.make_id(in_english(section.next_node(nodes.title).astext()))
        if id and id not in taken:
            section["ids"].insert(0, id)
            taken.add(id)


def _lead_on(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: nodes.document | None
) -> None:
    if not app.config.editions:
        return
    model = load_model()
    home = (
        f"{app.config.html_baseurl.rstrip('/')}/"
        if app.config.html_baseurl
        else context["pathto"]("../", resource=True)
    )
    context["languages"] = [
        {
            "code": code,
            "name": name,
            "here": code == app.config.language,
            "address": context["pathto"](f"../{code}/{page}.html", resource=True),
            "whole": f"{home}{code}/{page}.html",
        }
        for code, name in model.languages.items()
    ]
    context["fonts"] = app.config.language in SOURCES
    context["languages_label"] = say("book.languages")
    context["start"] = f"{home}index.html"
    context["languages_script"] = context["pathto"]("_static/languages.js", resource=True)
