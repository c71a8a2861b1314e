"""What people's tools write for an answer: numbers, level texts, names of choices, in any of the model's languages.

`4`, `４`, `4 - We do it together`, `レベル4` and a level's whole text are all the rating 4; `Not applicable`, `N/A`
and `該当なし` are `na`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from cxassess.answers import NOT_APPLICABLE, Value, fits
from cxassess.language import interface, model_folder
from cxassess.model import Model

_NUMBER = re.compile(r"(?:level|レベル|段階|stage|評価)?\s*(\d{1,2})(?:\.0+)?\s*(?:$|[-–—―:;,、。)\]】」|]|\.(?!\d))", re.IGNORECASE)  # fmt: skip
_NOTHING = {"n/a", "na", "n.a.", "n / a"}


class Unclear(ValueError):  # noqa: N818
    """A text that answers no question of its kind."""


def value_of(key: str, text: str, model: Model, words: Mapping[str, Value] | None = None) -> Value:
    """The answer that a text gives to the question `key`.

    Args:
        key: such as `element.goals`.
        text: what a cell holds; not blank.
        model: the model that asks.
        words: further texts and what they mean, normalised by `plain`; they come first.

    Raises:
        Unclear: it is none that the question allows.

    >>> from cxassess.model import load_model
    >>> value_of("element.goals", "４ － よくできている", load_model())
    4
    >>> value_of("practice.chatbot", "On trial", load_model())
    'trial'
    """
    if key.startswith("evidence."):
        return text
    kind = key.partition(".")[0]
    found = plain(text)
    known = _known(key if kind == "element" else kind, model)
    for table in (words or {}, known):
        if found in table and fits(key, table[found], model):
            return table[found]
    if kind == "element" and (match := _NUMBER.match(found)) and fits(key, int(match[1]), model):
        return int(match[1])
    head = re.split(r"\s*[:：]\s*|\s+[-–—]\s+", found, maxsplit=1)[0]  # "On trial: in one team"
    if head in known and fits(key, known[head], model):
        return known[head]
    raise Unclear(text)


def plain(text: str) -> str:
    """A text for comparing: one width, one case, one space.

    >>> plain("  Ｎ／Ａ\\n ok")
    'n/a ok'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


_TABLES: dict[tuple[str, str], dict[str, Value]] = {}


def _known(key: str, model: Model) -> dict[str, Value]:
    """What the texts of the model mean: for one element's levels, or for a kind of question."""
    if (key, model.hash) not in _TABLES:
        _TABLES[key, model.hash] = _table(key, model)
    return _TABLES[key, model.hash]


def _table(key: str, model: Model) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if key.startswith("element."):
        for level, text in enumerate(model.elements[key.partition(".")[2]].levels, 1):
            found |= {plain(one): level for one in text.by_language.values()}
    else:
        for choice in model.scales[key].choices:
            found |= {plain(one): choice.value for one in (choice.value, *choice.name.by_language.values())}
    return found | dict.fromkeys({*_NOTHING, *_not_applicable()}, NOT_APPLICABLE)


def _not_applicable() -> Iterator[str]:
    for file, key in (("assess", "not_applicable"), ("exchange", "not_applicable")):
        for text in interface(model_folder(), file)[key].by_language.values():
            yield plain(text)
            yield plain(re.split("[(（]", text)[0])  # without what it adds in brackets
    yield "not applicable"
