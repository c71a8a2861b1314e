"""When a text is too vague to act on: a declared rule whose words are data, in `interface/vague.toml`.

A text is vague when it has one of the listed words and nothing that pins it down: a digit, words in
quotation marks, or a word that tells when. The words of all languages count in every text.
"""

import re
import unicodedata
from functools import cache

from cxassess.language import Text, interface_texts, model_folder
from cxassess.model import load_model

RULES = ("amount", "manner", "effort", "anyone", "time", "praise", "guess")
SHORTEST = 24
"""Width below which a text is too brief; a Japanese letter is 2 wide."""

_QUOTED = re.compile(r"[「『“\"«].+?[」』”\"»]", re.DOTALL)
_DIGIT = re.compile(r"\d|[一二三四五六七八九十百千万]+(?:つ|人|件|回|個|本|枚|日|週|か月|年|割|円|点)")
_NAME = re.compile(r"(?<![.!?:。\n“\"])(?<![.!?:] ) [A-Z][a-z]+")


def vague(text: str) -> tuple[str, Text] | None:
    """The first word that makes a text vague, and the question that helps; `None` when it is concrete.

    >>> word, ask = vague("Improve the service.")
    >>> word, ask.to("en")
    ('Improve', 'From what to what, and by when?')
    >>> vague("Improve the first answer from 9 to 4 hours.")
    """
    if says(text, "number") or _QUOTED.search(text) or says(text, "when"):
        return None
    for rule in RULES:
        if found := _pattern(f"{rule}_words").search(_folded(text)):
            return found[0], _ask(rule)
    return None


def says(text: str, what: str) -> bool:
    """Whether a text says `when`, `who`, or a `number`.

    >>> says("Every Tuesday, Kato", "when"), says("as needed", "when"), says("Two of us, with Abe", "who")
    (True, False, True)
    """
    folded = _folded(text)
    if what == "number":
        return bool(_DIGIT.search(folded))
    if what == "who" and _NAME.search(text):
        return True
    return bool(_pattern(f"{what}_words").search(folded)) or (
        what == "when" and bool(re.search(r"\d[年月日/]", folded))
    )


def nobody(owner: str) -> bool:
    """Whether what stands in an owner's place names nobody.

    >>> nobody("Everyone"), nobody("全員"), nobody("?"), nobody("Kato")
    (True, True, True, False)
    """
    return not re.search(r"\w", owner) or bool(_pattern("nobody_words").search(_folded(owner)))


def brief(text: str) -> bool:
    """Whether a text is too short to be understood by somebody who was not there.

    >>> brief("Better service"), brief("4時間以内に返信し、翌日に電話する")
    (True, False)
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text) < SHORTEST


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _pattern(key: str) -> re.Pattern[str]:
    return _compiled(key, tuple(load_model().languages), str(model_folder()))


@cache
def _compiled(key: str, languages: tuple[str, ...], _folder: str) -> re.Pattern[str]:
    words = dict.fromkeys(
        word for code in languages for word in interface_texts("vague", code)[key].split("|")
    )
    return re.compile("|".join(map(_as_pattern, words)), re.IGNORECASE)


def _as_pattern(word: str) -> str:
    if not word.isascii():
        return re.escape(word)
    return rf"\b{re.escape(word.rstrip('*'))}" + (r"\w*" if word.endswith("*") else r"\b")


def _ask(rule: str) -> Text:
    return Text({code: interface_texts("vague", code)[f"{rule}_ask"] for code in load_model().languages})
