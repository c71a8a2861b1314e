"""Both READMEs say the same: the same commands and links, and Japanese that is written as in the book."""

import re
from itertools import chain

import pytest

from book.translation.checking import problems
from book.translation.messages import messages, parser
from tests.conftest import ROOT
from tests.test_translations import NAMES

FILES = ("README.md", "README.ja.md")
TEXTS = [(ROOT / name).read_text("utf-8") for name in FILES]
TO_THE_OTHER = re.compile(r"\[[^]]*\]\((README(?:\.ja)?\.md)\)")
LANGUAGE = re.compile(r" CXASSESS_LANG=ja| --language ja|(?<=templates/)(?:en|ja)|(?<=-)(?:en|ja)(?=\.png)")
"""What differs because the reader's language does."""
COMMENT = re.compile(r"\s+#.*")


def commands(text: str) -> list[list[str]]:
    """The lines of each block of code, without comments."""
    blocks = [token.content for token in parser().parse(text) if token.type == "fence"]
    return [COMMENT.sub("", block).splitlines() for block in blocks]


def links(text: str) -> list[str]:
    """What a text links to and shows, in order."""
    tokens = chain.from_iterable(token.children or () for token in parser().parse(text))
    addresses = (token.attrs.get("href") or token.attrs.get("src") for token in tokens)
    return [str(address) for address in addresses if address]


@pytest.mark.parametrize(("text", "other"), [*zip(TEXTS, reversed(FILES), strict=True)], ids=FILES)
def test_a_reader_of_the_other_language_is_led_there(text: str, other: str) -> None:
    assert TO_THE_OTHER.findall(text) == [other]


@pytest.mark.parametrize("text", TEXTS, ids=FILES)
def test_every_link_leads_to_a_file(text: str) -> None:
    found = [link for link in links(text) if not link.startswith("https:")]
    assert found
    assert not [link for link in found if not (ROOT / link).exists()]


def test_both_have_the_same_commands_and_links() -> None:
    english, japanese = (LANGUAGE.sub("", TO_THE_OTHER.sub("", text)) for text in TEXTS)
    assert commands(english) == commands(japanese) != []
    assert sorted(links(english)) == sorted(links(japanese))


def test_paragraph_for_paragraph_the_japanese_keeps_what_a_translation_has_to_keep() -> None:
    english, japanese = (messages(LANGUAGE.sub("", TO_THE_OTHER.sub("", text))) for text in TEXTS)
    wrong = [
        f"{one}\n→ {other}\n! {problem}"
        for one, other in zip(english, japanese, strict=True)
        for problem in problems(one, other, NAMES)
    ]
    assert not wrong, "\n".join(wrong)
