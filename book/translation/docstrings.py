"""The docstrings of the package's public names in another language, for the page that lists them.

Their messages are paragraphs, and what is said of each argument, error or attribute; examples are code. They stand in
`book/locale/<language>/docstrings.po`.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from sphinx.pycode import ModuleAnalyzer

import cxassess
from cxassess import kpi
from cxassess.model import load_model

HEAD = re.compile(r"(Args|Attributes|Raises|References|Returns|Yields):$")
QUOTED = "References"
"""Titles of books and articles stay as they are."""
ENTRY = re.compile(r"(\s*)(\*{0,2}\w[\w., ]*: )(.*)")
ITEM = re.compile(r"(\s*)([-*] )(.*)")
NAMED = {"Args", "Attributes", "Raises"}


class Place(NamedTuple):
    """A message and the lines that it fills, with what stands before it on the first."""

    start: int
    end: int
    before: str
    message: str


def public() -> dict[str, str]:
    """Every public name that the reference of metrics does not document yet, with the module that it comes from."""
    described = {metric.function.partition(".")[0] for metric in load_model().records["metric"].values()}
    return dict(cxassess._HOME) | {
        f"kpi.{name}": f"kpi.{home}" for name, home in kpi._EXPORTS.items() if name not in described
    }


def named(name: str) -> Any:
    """What a public name stands for."""
    found: Any = cxassess
    for part in name.split("."):
        found = getattr(found, part)
    return found


def messages_of_all() -> list[str]:
    """The messages of the docstrings of every public name and of what works out the metrics, each once."""
    metrics = (f"kpi.{metric.function}" for metric in load_model().records["metric"].values())
    names = dict.fromkeys([*sorted(public()), *metrics])
    found = (message for name in names for text in _texts(name) for message in messages(text))
    return list(dict.fromkeys(found))


def _texts(name: str) -> Iterator[str]:
    found = named(name)
    if inspect.isclass(found):
        members = (member for key, member in vars(found).items() if not key.startswith("_"))
        yield from (inspect.getdoc(one) or "" for one in (found, *members) if _is_told(one))
        comments = ModuleAnalyzer.for_module(found.__module__).find_attr_docs()
        yield from ("\n".join(lines) for (owner, _), lines in comments.items() if owner == found.__qualname__)
    elif callable(found):
        yield inspect.getdoc(found) or ""
    else:
        home = f"cxassess.{public()[name]}"
        comments = ModuleAnalyzer.for_module(home).find_attr_docs()
        yield "\n".join(comments.get(("", name.rpartition(".")[2]), ()))


def _is_told(one: object) -> bool:
    return (
        inspect.isclass(one)
        or isinstance(one, property | cached_property | staticmethod | classmethod)
        or callable(one)
    )


def messages(text: str) -> list[str]:
    """The messages of a docstring, in order.

    >>> messages("Adds.\\n\\n>>> 1 + 1\\n2\\n\\nArgs:\\n    one: a\\n        number.\\n")
    ['Adds.', 'a number.']
    """
    return [place.message for place in _places(text.split("\n"))]


def translated(lines: Sequence[str], look_up: Callable[[str], str]) -> list[str]:
    """The lines of a docstring with each message replaced by what `look_up` says for it."""
    made = list(lines)
    for start, end, before, message in reversed(list(_places(lines))):
        made[start:end] = [before + look_up(message)]
    return made


def _places(lines: Sequence[str]) -> Iterator[Place]:
    number, section = 0, ""
    while number < len(lines):
        line = lines[number]
        if not line.strip():
            number += 1
        elif head := HEAD.match(line):
            number, section = number + 1, head[1]
        elif line.lstrip().startswith(">>>"):
            number = _until(lines, number, lambda one: not one.strip())
        else:
            section = section if line.startswith(" ") else ""
            if section == QUOTED:
                number += 1
                continue
            pattern = ENTRY if section in NAMED else ITEM
            entry = pattern.match(line)
            indent = len(line) - len(line.lstrip())
            before, first = (entry[1] + entry[2], entry[3]) if entry else (line[:indent], line.strip())
            end = _until(lines, number + 1, _stops(pattern if entry else ITEM, indent))
            rest = (one.strip() for one in lines[number + 1 : end])
            yield Place(number, end, before, " ".join(filter(None, (first.strip(), *rest))))
            number = end


def _until(lines: Sequence[str], start: int, stops: Callable[[str], bool]) -> int:
    return next((number for number in range(start, len(lines)) if stops(lines[number])), len(lines))


def _stops(pattern: re.Pattern[str], indent: int) -> Callable[[str], bool]:
    """What ends a message: an empty line, or one that begins the next entry at the same depth."""

    def stops(line: str) -> bool:
        found = pattern.match(line)
        return not line.strip() or bool(found and len(found[1]) <= indent)

    return stops
