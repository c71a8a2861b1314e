"""Texts broken into lines as wide as a picture's column, in every script."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from matplotlib import font_manager
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties

from cxassess.charts.chart import fonts

_WORD = re.compile(r"\n|[^\S\n]+|[⺀-鿿가-힯豈-﫿︰-﹏＀-｠]|[^\s⺀-鿿가-힯豈-﫿︰-﹏＀-｠]+")
_NEVER_FIRST = "、。，．・：；？！ー）」』】〕〉》”’々ゝ,.:;!?)]}%…"
MISSING = "□"
"""What stands for a character that none of the fonts has, such as a rare emoji."""


def wrap(text: str, width: float, size: float, most: int = 100) -> list[str]:
    """A text as lines.

    Args:
        text: any text; line breaks in it stay.
        width: in inches.
        size: of the letters, in points.
        most: how many lines at most; a text that needs more ends in an ellipsis.

    >>> wrap("顧客が最初に知りたいことは何か。", 1.0, 10)
    ['顧客が最初に知', 'りたいことは何', 'か。']
    """
    lines = [""]
    for word in _WORD.findall(drawable(text)):
        if word == "\n":
            lines.append("")
        elif fits(lines[-1] + word.rstrip(), width, size) or (len(word) == 1 and word in _NEVER_FIRST):
            lines[-1] += word if lines[-1] or word.strip() else ""
        else:
            pieces = _pieces(word.strip(), width, size)
            lines += pieces if lines[-1].strip() else []
            if not lines[-1] and pieces:
                lines[-1:] = pieces
    lines = [line.rstrip() for line in lines]
    if len(lines) > most:
        lines = [*lines[: most - 1], _shortened(lines[most - 1], width, size)]
    return lines


def fits(text: str, width: float, size: float) -> bool:
    """Whether a line is no wider than `width` inches."""
    return sum(_advance(letter) for letter in text) * size / 72 <= width


def drawable(text: str) -> str:
    """The text with what no font can draw replaced, so that drawing it raises no warning; pictures like 🙂 go.

    >>> drawable("Good \\U0001fae0 ones"), drawable("\\U00020bb7")
    ('Good ones', '□')
    """
    known = _glyphs(tuple(fonts()))
    drawn = "".join(
        letter if letter in "\n" or ord(letter) in known else MISSING
        for letter in text.replace("\t", " ")
        if unicodedata.category(letter) not in {"Cf", "Mn", "So", "Sk"} or ord(letter) in known
    )
    return drawn if drawn == text else re.sub(" {2,}", " ", drawn).strip(" ")


def _pieces(word: str, width: float, size: float) -> Sequence[str]:
    """A word that is wider than a line, cut into pieces; others whole."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and not fits(pieces[-1] + letter, width, size):
            pieces.append("")
        pieces[-1] += letter
    return pieces if word else []


def _shortened(line: str, width: float, size: float) -> str:
    while line and not fits(line + "…", width, size):
        line = line[:-1]
    return line + "…"


@cache
def _advance(letter: str) -> float:
    """How wide a letter is, as a share of its size."""
    return (_width(f"|{letter * 10}|") - _width("||")) / 1000


def _width(text: str) -> float:
    """In points, at a size of 100."""
    renderer = RendererAgg(1, 1, 72)  # type: ignore[no-untyped-call]
    properties = FontProperties(family=fonts(), size=100)
    width, _, _ = renderer.get_text_width_height_descent(text, properties, False)  # type: ignore[no-untyped-call]
    return float(width)


@cache
def _glyphs(families: tuple[str, ...]) -> frozenset[int]:
    paths = [font_manager.findfont(FontProperties(family=family)) for family in families]
    return frozenset(code for path in paths for code in font_manager.get_font(path).get_charmap())
