"""English prose is spelt right, in sentences that one can read aloud, without words that say nothing."""

import re

import pytest
from spellchecker import SpellChecker

from book.translation.checking import VARIANTS
from tests.conftest import ROOT
from tests.prose import english, model_texts, sentences

KNOWN = {line for line in (ROOT / "tests" / "words.txt").read_text("utf-8").split("\n") if line}
"""Names and terms that no dictionary has, and British spellings."""
WORD = re.compile(r"(?<![\w./@_-])[A-Za-z][a-z]+(?:[’'][a-z]+)?(?![\w/@_])")
LONGEST = 45
EMPTY = re.compile(
    r"\b(simply|leverag\w+|utili[sz]e\w*|crucial|seamless\w*|robustly|delve|in order to|very unique|best-in-class|synerg\w+|holistic\w*|empower\w*|game.chang\w+|cutting.edge|at the end of the day)\b",
    re.I,
)
TWICE = re.compile(r"\b(\w+) \1\b", re.I)


@pytest.fixture(scope="module")
def dictionary() -> SpellChecker:
    found = SpellChecker(language="en")
    found.word_frequency.load_words(KNOWN)
    return found


def test_every_word_is_spelt_as_in_a_dictionary(dictionary: SpellChecker) -> None:
    wrong = {
        f"{word} ({place})"
        for place, text in english()
        for word in dictionary.unknown(_bare(word) for word in WORD.findall(text))
    }
    assert not wrong, "misspelt, or missing in tests/words.txt: " + ", ".join(sorted(wrong))


def _bare(word: str) -> str:
    return re.sub(r"[’']\w+$", "", word).lower()


def test_sentences_can_be_read_in_one_breath() -> None:
    long = [
        f"{place}: {sentence}"
        for place, text in english()
        for sentence in sentences(text)
        if len(sentence.split()) > LONGEST
    ]
    assert not long, "\n".join(long)


def test_no_word_says_nothing_and_none_stands_twice() -> None:
    found = [
        f"{place}: {match[0]}"
        for place, text in english()
        for pattern in (EMPTY, TWICE)
        for match in pattern.finditer(text)
        if match[0].lower() not in {"that that", "had had"}
    ]
    assert not found, "\n".join(found)


FIGURE = re.compile(r"(?<![\w.:–−+-])(?:\d+(?:[.,]\d+)?\s?%|\d+\.\d+|(?!(?:19|20)\d\d\b)\d{3,})(?![\w:-])")
SAID = re.compile(r"\b(?:Python|Book|Pyodide|ARIA) \d[\d.]*|“[^”]*”|\"[^\"\n]*\"|^\|.*$", re.M)
"""Versions, what somebody is quoted to say, and tables, which lay out a plan or an example."""


def test_no_result_is_typed_into_prose() -> None:
    """A figure comes from the cell that computes it, or its paragraph cites where it is from."""
    typed = [
        f"{place}: {match[0]} in “{' '.join(paragraph.split())[:90]}…”"
        for place, text in english(cited="§")
        if place.startswith(("book/", "notebooks/"))
        for paragraph in re.split(r"\n\s*\n", SAID.sub("", text))
        for match in FIGURE.finditer(paragraph)
        if "§" not in paragraph
    ]
    assert not typed, "\n".join(typed)


def test_japanese_words_are_written_one_way() -> None:
    found = [
        f"{place}: {match[0]} → {ours}"
        for place, texts in model_texts()
        for pattern, ours in VARIANTS.items()
        for match in re.finditer(pattern, texts.get("ja", ""))
    ]
    assert not found, "\n".join(found)
