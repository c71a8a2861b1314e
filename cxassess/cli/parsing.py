"""Arguments, read and explained in the current language.

`argparse` has its words from `gettext`, whose catalogues are compiled files that the system's locale chooses. Ours are in
`model/interface/cli.toml`, so while arguments are read, what argparse calls for a word looks there.
"""

import argparse
import shutil
import unicodedata
from argparse import ArgumentParser, ArgumentTypeError, HelpFormatter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from cxassess.language import OWN_MODEL, interface, say

Number = TypeVar("Number", int, float)
WORDS = "argparse_"
"""How the keys of argparse's own words begin; their English is the word as argparse has it."""
INDENT = 6
"""Columns before the help of an argument, where it stands on a line of its own."""


def new_parser(prog: str, description: str) -> ArgumentParser:
    """A parser whose help fits a terminal, also where letters are two columns wide, which argparse takes for one."""
    if not any(unicodedata.east_asian_width(letter) in "WF" for letter in description):
        return ArgumentParser(prog, description=description)
    width = shutil.get_terminal_size().columns // 2 - 1
    layout = partial(HelpFormatter, max_help_position=INDENT, width=width)
    return ArgumentParser(prog, description=description, formatter_class=layout)


@contextmanager
def translated() -> Iterator[None]:
    """Let argparse speak the current language, from making a parser until its arguments are read.

    A word that is missing, as one of a later Python might be, stays as argparse has it.

    >>> from cxassess.language import language
    >>> with language("ja"), translated():
    ...     print(ArgumentParser("cxassess", add_help=False).format_usage().strip())
    使い方：cxassess
    """
    texts = interface(OWN_MODEL, "cli")
    words = {texts[key].to("en"): say(f"cli.{key}") for key in texts if key.startswith(WORDS)}

    def one(text: str) -> str:
        return words.get(text, text)

    def one_or_many(singular: str, plural: str, n: int) -> str:
        return one(singular if n == 1 else plural)

    names = vars(argparse)
    before = {name: names[name] for name in ("_", "ngettext")}
    names.update({"_": one, "ngettext": one_or_many})
    try:
        yield
    finally:
        names.update(before)


def number(text: str) -> float:
    """The number that an argument gives.

    Raises:
        ArgumentTypeError: it gives none.
    """
    return _read(float, text, "cli.bad_number")


def whole_number(text: str) -> int:
    """The whole number that an argument gives.

    Raises:
        ArgumentTypeError: it gives none.
    """
    return _read(int, text, "cli.bad_whole_number")


def _read(kind: Callable[[str], Number], text: str, otherwise: str) -> Number:
    try:
        return kind(text)
    except ValueError:
        raise ArgumentTypeError(say(otherwise, found=text)) from None
