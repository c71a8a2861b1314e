"""The Japanese pages and lessons say all that the English ones say, and say it as Japanese is written."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from book.translation import catalogs, edition, lessons, outputs
from book.translation.catalogs import (
    LOCALES,
    ROOT,
    TranslationError,
    catalog,
    catalog_file,
    lesson_sources,
    look_up,
    messages_of,
    numbered,
    read,
    sources,
    update,
)
from book.translation.checking import problems
from book.translation.docstrings import messages as docstring_messages
from book.translation.edition import lesson
from book.translation.messages import MarkdownError, messages, parser, translated
from cxassess.language import current_language

LANGUAGE = "ja"
SOURCES = sources()
LESSONS = lesson_sources()
NAMES = frozenset((ROOT / "tests" / "words-ja.txt").read_text("utf-8").split())
"""Words in Latin letters that Japanese texts have and the English ones have not."""


@pytest.mark.parametrize("source", SOURCES)
def test_every_message_is_translated_and_no_translation_is_doubtful_or_left_over(source: str) -> None:
    known = catalog(source, LANGUAGE)
    said = {str(one.id): one for one in known if one.id}
    waiting = [message for message in messages_of(source) if message not in said or not said[message].string]
    assert not waiting, f"{catalog_file(source, LANGUAGE)} lacks {waiting}: run `make translations`"
    assert not [one.id for one in said.values() if one.fuzzy]
    assert not set(said) - set(messages_of(source)), "left over: run `make translations`"
    assert not known.obsolete


def test_no_po_file_is_left_of_a_page_that_is_gone() -> None:
    assert set((LOCALES / LANGUAGE).rglob("*.po")) == {catalog_file(source, LANGUAGE) for source in SOURCES}


@pytest.mark.parametrize("source", SOURCES)
def test_a_translation_keeps_links_code_numbers_and_terms_and_is_set_as_japanese_is(source: str) -> None:
    say = catalog(source, LANGUAGE)
    wrong = [
        f"{message}\n→ {say.get(message).string}\n! {problem}"
        for message in messages_of(source)
        for problem in problems(message, str(say.get(message).string), NAMES)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("source", [source for source in SOURCES if source.endswith(".md")])
def test_a_page_in_japanese_is_built_as_in_english(source: str) -> None:
    english = (ROOT / source).read_text("utf-8")
    assert _frame(translated(english, look_up(source, LANGUAGE))) == _frame(english)


@pytest.mark.parametrize("source", LESSONS)
def test_a_lesson_in_japanese_has_the_same_code_and_the_same_frame(source: str) -> None:
    english, japanese = json.loads((ROOT / source).read_text("utf-8")), lesson(source, LANGUAGE)
    assert len(english["cells"]) == len(japanese["cells"])
    for one, other in zip(english["cells"], japanese["cells"], strict=True):
        assert one["id"] == other["id"]
        if one["cell_type"] == "code":
            assert one["source"] == other["source"]
        else:
            assert _frame("".join(one["source"])) == _frame(other["source"])


def _frame(text: str) -> list[tuple[str, str, str]]:
    """What a Markdown text is made of, without what it says."""
    return [
        (token.type, token.tag, token.info if token.type in {"fence", "colon_fence"} else "")
        for token in parser().parse(text)
    ]


# Finding messages


def test_a_message_is_found_wherever_markdown_lets_it_stand() -> None:
    text = """---
sources: [x]
---

# Title

> quoted
> over lines

1. first
   and on
2. `code` 12 %

| head | `code` |
| --- | ---: |
| one \\| two | 7 |

:::{div} cx-promise
**Inside** a
box.
:::

<details>
<summary>Solution</summary>

folded

</details>

```console
make lab
```
"""
    assert messages(text) == [
        "Title", "quoted over lines", "first and on", "head", "one \\| two", "**Inside** a box.", "Solution", "folded",
    ]  # fmt: skip
    assert translated(text, lambda message: message).split() == text.replace("\n> over", " over").split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("| `word` | word |\n|---|---|\n| [](word.md) | word |\n", "| `word` | WORD |\n|---|---|\n| [](word.md) | WORD |\n"),
        ("`word`\n: word\n", "`word`\n: WORD\n"),
        ("- outer\n  - inner\n    on\n", "- OUTER\n  - INNER ON\n"),
        ("> - one thing\n>   on\n> - two\n", "> - ONE THING ON\n> - TWO\n"),
        ("On.[^1]\n\n[^1]: The note\n    on.\n", "ON.[^1]\n\n[^1]: THE NOTE ON.\n"),
        ("::::{div} x\n:::{div} y\nwords\n:::\n::::\n", "::::{div} x\n:::{div} y\nWORDS\n:::\n::::\n"),
    ],
)  # fmt: skip
def test_a_message_is_replaced_where_it_stands_and_nothing_else_is(text: str, expected: str) -> None:
    assert translated(text, str.upper) == expected


@pytest.mark.parametrize(
    "text",
    [
        "```{note}\nSome words.\n```\n",
        ":::{note} A title\nSome words.\n:::\n",
        ":::{div} x\n:name: some words\n\nSome words.\n:::\n",
        "- item\n\n  :::{div} x\n  Some words.\n  :::\n",
        "<p>Some words.</p>\n",
        "<details>\n<summary>\nSome words\n</summary>\n</details>\n",
    ],
)
def test_words_that_no_translation_would_reach_are_refused(text: str) -> None:
    with pytest.raises(MarkdownError, match="would not be translated"):
        messages(text)


def test_a_page_with_words_that_no_translation_would_reach_is_named(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("<p>Some words.</p>\n", "utf-8")
    with pytest.raises(TranslationError, match=r"page\.md: .*<p>Some words"):
        messages_of("page.md", tmp_path)


def test_a_paragraph_after_a_section_of_a_docstring_is_a_message() -> None:
    text = "Adds.\n\nReferences:\n    A book.\n\nWhat stands below.\n"
    assert docstring_messages(text) == ["Adds.", "What stands below."]


# PO files

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
ENTRY = 'msgid "One"\nmsgstr "一"\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEADER + 'msgid "One"\nmsgstr "一\n', 6),
        (HEADER + ENTRY + "<<<<<<< HEAD\n", 7),
        (HEADER + ENTRY + '\nmsgstr "二"\n', 8),
        (HEADER + 'msgid "One"\n\n' + ENTRY, 7),
        (HEADER + ENTRY.replace("msgstr", "mgstr"), 6),
    ],
)
def test_a_po_file_that_cannot_be_read_is_named_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, line: int
) -> None:
    monkeypatch.setattr(catalogs, "LOCALES", tmp_path)
    catalog.cache_clear()
    file = catalog_file(SOURCES[0], LANGUAGE)
    file.parent.mkdir(parents=True)
    file.write_text(text, "utf-8")
    with pytest.raises(TranslationError, match=rf"line {line},"):
        list(update(LANGUAGE))
    assert file.read_text("utf-8") == text
    catalog.cache_clear()


def test_a_po_file_without_a_header_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.po"
    file.write_text(ENTRY.replace("One", "One: 5% {x}"), "utf-8")
    assert read(file, LANGUAGE)["One: 5% {x}"].string == "一"


def test_a_measured_message_takes_its_numbers_and_leaves_other_braces() -> None:
    assert numbered("{cite}`a`：{2}、{1}、{3}", "3 runs, 2 cores {cite}`a`") == "{cite}`a`：2、3、{3}"


@pytest.mark.parametrize("language", ["xx", "en", "..", "../.."])
def test_an_unknown_language_is_named_and_nothing_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(edition, "folder_of", lambda _: tmp_path)
    (tmp_path / "mine.txt").touch()
    for write in (edition.write, lambda code: lessons.write(code, tmp_path), lambda code: list(update(code))):
        with pytest.raises(TranslationError, match="ja besides English"):
            write(language)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_title_of_an_edition_may_have_a_colon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition, "title", lambda _: 'Standort: "wir" # heute')
    assert yaml.safe_load(edition.config(LANGUAGE))["title"] == 'Standort: "wir" # heute'


def test_outputs_of_other_lessons_stay_when_one_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "CACHE", tmp_path)
    monkeypatch.setattr(outputs, "_surroundings", str)
    monkeypatch.setattr(outputs, "_digest", lambda _: "0" * outputs.DIGITS)
    old, other, new = (
        tmp_path / LANGUAGE / f"{name}.json"
        for name in (
            f"01-start-here-{'f' * 16}",
            f"01-start-here-too-{'f' * 16}",
            f"01-start-here-{'0' * 16}",
        )
    )
    new.parent.mkdir()
    for file in (old, other, new):
        file.write_text("{}", "utf-8")
    assert outputs.outputs([ROOT / LESSONS[0]], LANGUAGE) == {"01-start-here.ipynb": {}}
    assert set(new.parent.iterdir()) == {other, new}


def test_what_is_not_translated_is_named() -> None:
    with pytest.raises(TranslationError, match=r"book/locale/ja/book/welcome\.po.*“Nobody said this”"):
        look_up("book/welcome.md", LANGUAGE)("Nobody said this")


@pytest.mark.parametrize(
    ("english", "japanese", "problem"),
    [
        ("See [this](a.md).", "これをご覧ください。", "other links"),
        ("Use `x`.", "`y`を使います。", "other code"),
        ("**Now** go.", "**「今」**行きます。", "markup"),
        ("It takes 5 days.", "何日かかかります。", "numbers"),
        ("Is it so?", "そうですか?", "half-width question mark"),
        ("Use it.", "それを Excel で使います。", "space beside"),
        ("All users.", "全てのユーザ。", "ユーザー"),
        ("The churn rate.", "離反する割合。", "解約率"),
        ("The plan.", "そのplan。", "English word"),
        ("An *old* one.", "*古い*もの。", "italics"),
    ],
)
def test_a_slip_is_found(english: str, japanese: str, problem: str) -> None:
    assert any(problem in found for found in problems(english, japanese))


# The lessons to be run


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("notebooks-ja", "ja"), ("notebooks", "en"), ("notebooks-old", "en"), ("notebooks-ja-copy", "en")],
)
def test_a_folder_of_lessons_chooses_a_language_that_the_model_has_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, expected: str
) -> None:
    (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / folder)
    assert current_language() == expected
    monkeypatch.setenv("CXASSESS_LANG", "ja")
    assert current_language() == "ja"


def test_a_folder_of_lessons_has_its_language_where_the_model_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebooks-ja").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks-ja")
    monkeypatch.setenv("CXASSESS_MODEL", str(tmp_path))
    assert current_language() == "ja"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"metadata": {}}'])
def test_what_is_no_lesson_under_its_name_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(lessons, "lesson_sources", lambda: LESSONS[:1])
    path = tmp_path / "notebooks-ja" / Path(LESSONS[0]).name
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    assert lessons.write(LANGUAGE, tmp_path) == [path]
    assert path.read_text("utf-8") == text


def test_a_lesson_that_its_reader_changed_stays_and_others_are_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lessons, "lesson_sources", lambda: LESSONS[:2])
    assert lessons.write(LANGUAGE, tmp_path) == []
    first, second = sorted((tmp_path / "notebooks-ja").iterdir())
    before = {path: path.read_text("utf-8") for path in (first, second)}
    mine = before[first].replace('"source": "#', '"source": "# 私の', 1)
    first.write_text(mine, "utf-8")
    real = lessons.lesson

    def renewed(source: str, language: str) -> dict[str, Any]:
        made = real(source, language)
        made["cells"][0]["source"] += "（改訂）"
        return made

    monkeypatch.setattr(lessons, "lesson", renewed)
    assert lessons.write(LANGUAGE, tmp_path) == [first]
    assert first.read_text("utf-8") == mine
    assert "（改訂）" in second.read_text("utf-8")
    assert lessons.write(LANGUAGE, tmp_path) == [first]
