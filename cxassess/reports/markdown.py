"""Markdown from plain texts: what looks like Markdown or HTML in them is escaped and shows as it was written."""

import re
from collections.abc import Iterable

_MARKS = re.compile(r"[\\`*\[\]<{}~$#]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_BLOCK = re.compile(r"[-+](?=[\s+-]|$)|[=:%>|]|\((?=.*\)=)|(?<=\d)[.)](?=\s|$)")


def inline(text: object) -> str:
    """The Markdown of a text that shows as it was written, on one line.

    >>> print(inline("A <b>plain</b> text, `a_b` & [c]"))
    A \\<b>plain\\</b> text, \\`a_b\\` & \\[c\\]
    """
    return _MARKS.sub(r"\\\g<0>", _one_line(str(text)))


def paragraph(text: object) -> str:
    """`inline` at the start of a line, where a list, a quotation or an address might begin.

    >>> print(paragraph("1. Ask - then listen"))
    1\\. Ask - then listen
    """
    made = inline(text)
    number = re.match(r"\d*", made)
    start = _BLOCK.match(made, number.end() if number else 0)
    return f"{made[: start.start()]}\\{made[start.start() :]}" if start else made


def code(text: str) -> str:
    """Code as it was written, between more backticks than it has in a row."""
    text = _one_line(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def _one_line(text: str) -> str:
    return re.sub(r"[^\S\xa0\u3000]+", " ", text).strip()


def bullets(items: Iterable[object]) -> str:
    return "\n".join(f"- {paragraph(item)}" for item in items)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [[cell.replace("|", "\\|") for cell in row] for row in [map(inline, head), *rows]]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts)
