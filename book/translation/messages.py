"""What of a Markdown text is said in a language: found, and put in another.

A message is what Markdown calls a run of inline text: a paragraph, a heading, a list item, a cell of a table. It
keeps its markup, so a message is Markdown too. Code, addresses and numbers alone are no messages. Of directives only
`:::{div}` holds messages; words that stand where none are looked for are an error.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

CONFIG = Path(__file__).parents[2] / "_config.yml"
SILENT = re.compile(r"`[^`]*`|\]\([^)]*\)|\{[^{}]*\}|<[^>]*>|\b(?:ms|MB|kB|GB)\b")
WORD = re.compile(r"[^\W\d_]{2,}")
SUMMARY = re.compile(r"(?<=<summary>).*?(?=</summary>)")
MARKUP = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1>|<[^>]*>", re.S)
DIRECTIVE = re.compile(r"\{([\w-]+)\}")
OPTION = re.compile(r":[\w-]+:|---")
WORDLESS = {"bibliography", "include"}
"""Directives that have no words of their own."""


class MarkdownError(ValueError):
    """A text has words in a place where no translation would reach them."""


class Place(NamedTuple):
    """A message and where it stands in its text: the characters from `start` to `end`."""

    start: int
    end: int
    message: str


def messages(text: str) -> list[str]:
    """The messages of a Markdown text, in order.

    >>> messages("# Two circles\\n\\n- far\\n  apart\\n- 7\\n")
    ['Two circles', 'far apart']
    """
    return [place.message for place in places(text)]


def translated(text: str, look_up: Callable[[str], str]) -> str:
    """A Markdown text with each of its messages replaced by what `look_up` says for it.

    >>> print(translated("| a circle | 7 |\\n| --- | --- |\\n| **wide** | `x` |", str.upper))
    | A CIRCLE | 7 |
    | --- | --- |
    | **WIDE** | `x` |
    """
    for start, end, message in reversed(list(places(text))):
        text = text[:start] + look_up(message) + text[end:]
    return text


def places(text: str) -> Iterator[Place]:
    """The messages of a Markdown text with their places, in order.

    Raises:
        MarkdownError: there are words where no message is looked for.
    """
    lines = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]
    done = 0
    for token in parser().parse(text):
        if token.map:
            done = max(done, lines[token.map[0]])
        if token.type == "inline" and not _speaks(token.content):
            # What stands in its code may be the words of the next message too.
            done = _found(token.content, text, done).end
        for place in _of_token(token, text, done, lines):
            yield place
            done = place.end


def _of_token(token: Token, text: str, done: int, lines: list[int]) -> Iterator[Place]:
    if token.type == "inline" and _speaks(token.content):
        yield _found(token.content, text, done)
    elif token.type == "fence" and (name := DIRECTIVE.match(token.info)) and name[1] not in WORDLESS:
        raise MarkdownError(
            f"The words of {token.info!r} would not be translated: write them in a :::{{div}}."
        )
    elif token.type == "colon_fence" and token.map:
        start = lines[token.map[0] + 1]
        if (
            not token.info.startswith("{div}")
            or OPTION.match(token.content)
            or text[lines[token.map[0]]] != ":"
        ):
            raise MarkdownError(
                f"The words of :::{token.info} would not be translated: write a :::{{div}} without options, "
                "at the beginning of the line."
            )
        for place in places(token.content):
            yield Place(place.start + start, place.end + start, place.message)
    elif token.type == "html_block" and token.map:
        own = text[done : lines[token.map[1]]]
        if _speaks(MARKUP.sub(" ", SUMMARY.sub("", own))):
            raise MarkdownError(f"The words of this HTML would not be translated: {own!r}")
        for match in SUMMARY.finditer(text, done, lines[token.map[1]]):
            yield Place(match.start(), match.end(), match[0])


def _found(content: str, text: str, done: int) -> Place:
    """Where a run of inline text stands: its lines may be indented, and its bars escaped, in the source."""
    parts = [re.escape(line.strip()).replace(r"\|", r"\\?\|") for line in content.split("\n")]
    match = re.compile(r"[ \t]*\n[ \t>]*".join(parts)).search(text, done)
    if not match:
        raise MarkdownError(f"This run of text is not where Markdown finds it: {content!r}")
    return Place(match.start(), match.end(), " ".join(re.sub(r"\n[ \t>]*", " ", match[0]).split()))


def _speaks(content: str) -> bool:
    return bool(WORD.search(SILENT.sub(" ", content)))


@cache
def parser() -> MarkdownIt:
    """The parser of the book's Markdown, with the extensions that the book has."""
    extensions = set(yaml.safe_load(CONFIG.read_text("utf-8"))["parse"]["myst_enable_extensions"])
    return create_md_parser(MdParserConfig(enable_extensions=extensions), RendererHTML)
