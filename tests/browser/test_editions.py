"""The built editions page by page: the same pages, addresses and numbers in every language, and nothing in another."""

import re
from collections import Counter
from functools import cache

import pytest
from fontTools.ttLib import TTFont
from lxml import html

from book.translation.catalogs import ROOT, sources
from book.translation.outputs import outputs
from cxassess.language import OWN_MODEL

BUILT = ROOT / "_build" / "site"
PAGES = sorted(
    path.relative_to(BUILT / "en").as_posix()
    for folder in ("book", "notebooks")
    for path in (BUILT / "en" / folder).rglob("*.html")
)
NAMES = frozenset((ROOT / "tests" / "words-ja.txt").read_text("utf-8").casefold().split())
CODE = " | ".join(
    f".//{one}"
    for one in (
        "code", "pre", "kbd", "script", "style", "*[@lang='en']", "*[contains(@class, 'math')]",
        "*[contains(@class, 'citation')]",  # whom a text cites
        "dl[contains(@class, 'py')]/dt", "dl[contains(@class, 'field-list')]//strong",
        "dl[contains(@class, 'field-list')]//em", "*[contains(@class, 'xref')]",
        "p[contains(@class, 'rubric')]/following-sibling::p[1]",  # the works that a docstring names
    )
)  # fmt: skip
QUOTED = {
    "book/reference/literature.html": "titles of books and articles",
    "book/reference/glossary.html": "the terms in both languages",
    "book/reference/api.html": "signatures, and works that docstrings name",
    "book/reference/metrics.html": "signatures, and works that docstrings name",
}
DATA = {
    "notebooks/06-voices.html": {"billing", "defect", "other", "website"},
    "notebooks/13-kpis-data-and-culture.html": {"wave"},
    "notebooks/14-economics.html": {"alpha"},
    "notebooks/15-kpi-targets.html": {"Abe", "Ito", "Kato", "points"},
    "notebooks/exercises-2-where-we-stand.html": {"alder", "botan", "kikyo", "linden", "maple", "nadeshiko"},
    "notebooks/exercises-7-coming-back.html": {
        "ayame", "fern", "hazel", "kaede", "momiji", "olive", "rowan", "sakura", "sumire", "tsubaki",
    },
}  # fmt: skip
"""What stands so in a team's files or in a cell's code: names of teams and people, codes, columns."""
LATIN = re.compile(r"(?<![\w./@_-])[A-Za-z][A-Za-z'’-]*[a-z](?![\w/@_])")
NUMBER = re.compile(r"\d+(?:[.:]\d+)*")


def test_every_page_is_there_in_both_languages() -> None:
    japanese = {
        path.relative_to(BUILT / "ja").as_posix()
        for folder in ("book", "notebooks")
        for path in (BUILT / "ja" / folder).rglob("*.html")
    }
    assert japanese == set(PAGES)
    assert len(PAGES) > 60


@cache
def page(language: str, name: str) -> html.HtmlElement:
    return html.parse(str(BUILT / language / name)).getroot()


def article(language: str, name: str) -> html.HtmlElement:
    [found] = page(language, name).xpath(
        "//*[contains(@class, 'bd-article')][not(.//*[contains(@class, 'bd-article')])]"
    )
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_its_language_and_names_the_other(name: str) -> None:
    for language, other in (("en", "ja"), ("ja", "en")):
        there = page(language, name)
        assert there.get("lang") == language
        assert there.xpath("//title")[0].text
        alternates = {
            link.get("hreflang"): link.get("href")
            for link in there.xpath("//link[@rel='alternate'][@hreflang]")
        }
        folder = (BUILT / language / name).parent
        for code in (language, other):
            assert (folder / alternates[code]).resolve() == (BUILT / code / name).resolve()
        [switch] = there.xpath("//a[@data-language]")
        assert switch.get("hreflang") == switch.get("lang") == other
        assert (folder / switch.get("href")).resolve() == BUILT / other / name
    assert re.search("[ぁ-んァ-ヶ一-鿿]", page("ja", name).xpath("//title")[0].text)


@pytest.mark.parametrize("name", PAGES)
def test_a_heading_has_the_same_address_in_both_languages(name: str) -> None:
    english, japanese = (set(article(code, name).xpath(".//@id")) for code in ("en", "ja"))
    headings = article("en", name).xpath(".//section[h1 or h2 or h3]/@id")
    assert set(headings) <= japanese
    assert {
        one.removeprefix("#")
        for one in article("ja", name).xpath(".//a[contains(@class, 'headerlink')]/@href")
    } <= (english | japanese)


# Numbers

WORDS = {
    word: number
    for number, words in enumerate((
        "none no nothing nobody zero midnight", "one a an once first single every each another alone other january",
        "two twice second both pair half couple february", "three third thirds thrice march", "four fourth quarter quarters april",
        "five fifth may", "six sixth june", "seven seventh july", "eight eighth august", "nine ninth september",
        "ten tenth tenths october", "eleven eleventh november", "twelve twelfth december noon dozen", "thirteen", "fourteen", "fifteen",
        "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ))
    for word in words.split()
}  # fmt: skip
TENS = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
    )
}
MEANT = {
    "half": {0.5, 30, 50, 1.5, 2.5, 4.5}, "quarter": {0.25, 15, 25, 4, 3}, "clock": {24}, "night": {24}, "fortnight": {2, 14}, "year": {12, 1},
    "thousand": {1000, 10_000}, "hundred": {100}, "hundreds": {100, 500}, "thousands": {1000}, "day": {24, 1}, "million": {1_000_000},
}  # fmt: skip
"""Numbers that Japanese writes with digits where English has a word of another kind."""


def numbers(text: str) -> Counter[str]:
    return Counter(number for number in NUMBER.findall(text))


def in_digits(text: str) -> str:
    """Japanese and English numbers as plain digits: 2万5千 is 25000, 17時50分 is 17:50, 2 million is 2000000; 8割, for “four in five”, is no number."""
    text = re.sub(r"(?<=\d),(?=\d{3})|\d割", "", text)
    text = re.sub(r"(\d+(?:\.\d+)?) million", lambda match: f"{round(float(match[1]) * 1_000_000)}", text)
    text = re.sub(r"(\d+)時(\d+)分", r"\1:\2", text)
    units = {"億": 100_000_000, "百万": 1_000_000, "万": 10_000, "千": 1000}

    def sum_up(match: re.Match[str]) -> str:
        parts = re.findall(r"([\d.]+)(億|百万|万|千)", match[0])
        return f"{round(sum(float(number) * units[unit] for number, unit in parts))} "

    return re.sub(r"(?:\d+(?:\.\d+)?(?:億|百万|万|千))+", sum_up, text)


def said_in_words(text: str) -> set[float]:
    """The numbers that an English text may mean by its words."""
    low = text.lower()
    found: set[float] = {number for word, number in WORDS.items() if re.search(rf"\b{word}\b", low)}
    found |= {number for word, number in TENS.items() if word in low}
    found |= {
        ten + WORDS[unit]
        for word, ten in TENS.items()
        for unit in re.findall(rf"{word}-(\w+)", low)
        if unit in WORDS
    }
    for many, times in (("hundred", 100), ("thousand", 1000), ("million", 1_000_000)):
        found |= {
            (WORDS | TENS)[word] * times
            for word in re.findall(rf"([a-z]+) {many}", low)
            if word in WORDS | TENS
        }
    return found | {number for word, meant in MEANT.items() if word in low for number in meant}


DIFFERENT = {
    "book/promise/difficult-interactions.html": {"5:55"},  # “five to six”, when the counter closes
    "book/promise/proactive-service.html": {"13"},  # the Japanese names the figure again
    "book/reference/elements.html": {"7.40", "7:40"},  # a timetable is written with a point in Britain
    "book/reference/metrics.html": {"1990", "5:25"},  # the rule has its number in its Japanese name
    "book/reference/sources.html": {"12", "4", "6"},  # 1年以内; 第4部, 第6部
    "book/reference/template.html": {"12", "40"},  # 1年以内; どちらの言語にも例がある
    "notebooks/12-kpis-service-and-marketing.html": {"01", "05", "08", "8"},  # 2024-05 is 2024年5月
    "notebooks/15-kpi-targets.html": {"60"},  # “An hour”
    "notebooks/16-action-plan.html": {"12", "20"},  # the example's playbook has its own Japanese
    "notebooks/17-company-a.html": {
        "60",
        "3000000",
    },  # “An hour”; the end of a range of millions has its unit twice
    "notebooks/exercises-3-who-our-customers-are.html": {"80:20", "80", "20"},  # 80対20
    "notebooks/exercises-6-what-we-do-next.html": {"14000000"},  # “minus fourteen to plus three million”
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_same_numbers_in_both_languages(name: str) -> None:
    english, japanese = (in_digits(_prose(code, name)) for code in ("en", "ja"))
    lost = numbers(english) - numbers(japanese)
    assert not set(lost) - DIFFERENT.get(name, set())
    known = said_in_words(english)
    more = {one for one in numbers(japanese) - numbers(english) if ":" in one or float(one) not in known}
    assert not more - DIFFERENT.get(name, set())


FIGURE = re.compile(r"[^A-Za-z]*\d[^A-Za-z]*(?:%|yen|million yen|points?)?$")
WITHOUT_OUTPUT = {"notebooks/02-assess-the-elements.html": "a form, which needs a kernel"}


@pytest.mark.parametrize(
    "name", [name for name in PAGES if name.startswith("notebooks/") and name not in WITHOUT_OUTPUT]
)
def test_what_a_lesson_computes_is_the_same_in_both_languages(name: str) -> None:
    """Every figure of a table in English is in that table in Japanese; rows may be sorted by their names."""
    english, japanese = (
        article(code, name).xpath(".//*[contains(@class, 'cell_output')]//table") for code in ("en", "ja")
    )
    assert len(english) == len(japanese)
    for one, other in zip(english, japanese, strict=True):
        figures = [cell for cell in _cells(one) if FIGURE.match(cell)]
        assert not numbers(" ".join(figures)) - numbers(" ".join(_cells(other)))


def _cells(table: html.HtmlElement) -> list[str]:
    return [cell.text_content().strip().replace(",", "") for cell in table.xpath(".//td | .//th")]


def _prose(language: str, name: str) -> str:
    return " ".join(article(language, name).xpath(".//text()[not(parent::script or parent::style)]"))


# Nothing in another language


@pytest.mark.parametrize("name", [name for name in PAGES if name not in QUOTED])
def test_nothing_on_a_japanese_page_is_english_but_names_and_code(name: str) -> None:
    skipped = set(article("ja", name).xpath(CODE))
    left = {
        word
        for text in article("ja", name).xpath(".//text()")
        if not skipped & {text.getparent(), *text.getparent().iterancestors()}
        for word in LATIN.findall(text)
        if word.casefold() not in NAMES
    }
    assert not left - DATA.get(name, set())


# Characters


def test_the_font_has_every_character_of_the_pages_and_of_what_is_said_on_live_ones() -> None:
    font = set(TTFont(BUILT / "ja" / "_static" / "noto-sans-ja.woff2").getBestCmap())
    said = {char for name in PAGES for char in "".join(article("ja", name).itertext()) if char.isprintable()}
    said |= {char for path in OWN_MODEL.rglob("*.toml") for char in path.read_text("utf-8")}
    assert {
        char for char in said if ord(char) not in font and re.match("[぀-ヿ一-鿿！-～、。「」]", char)
    } == set()


def test_no_chart_has_an_empty_box() -> None:
    lessons = [ROOT / source for source in sources() if source.endswith(".ipynb")]
    boxes = [
        (lesson, output["text"])
        for lesson, cells in outputs(lessons, "ja").items()
        for shown in cells.values()
        for output in shown
        if output.get("name") == "stderr" and "Glyph" in "".join(output["text"])
    ]
    assert boxes == []
