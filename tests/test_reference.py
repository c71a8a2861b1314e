"""The reference pages: every record has its address, and a model's text stays a text in Markdown."""

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

import cxassess as cx
from cxassess.reports import reference
from cxassess.reports.markdown import code, inline, paragraph
from tests.conftest import ROOT

EXTENSIONS = {
    "colon_fence", "deflist", "attrs_block", "attrs_inline", "substitution", "dollarmath", "strikethrough",
    "fieldlist", "tasklist", "amsmath",
}  # fmt: skip
TRICKY = [
    "<script>alert(1)</script>", "1. x", "2) x", "```", "~~~", "- x", "+ x", "* x", "# x", "> x", "---", "+++", "===",
    ":::{note}", ": x", ":a: b", "% x", "(here)=", "{.class}", "{{ x }}", "{ref}`x`", "[x](y)", "![x](y)", "[^1]: x",
    "&lt;", "a_b _c_", "**x**", "$x$", "~~x~~", "a | b", "C #", "\\", "\\alpha", "<https://example.com>", "a\n- b\n\n# c",
    "\\begin{a}x\\end{a}", "- [ ] x", "    x",
]  # fmt: skip


def parser() -> MarkdownIt:
    """The parser that the book is built with, and more extensions than it has."""
    from markdown_it.renderer import RendererHTML

    md = create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML)
    assert md.options["html"]
    return md


def shown(markdown: str, around: list[str]) -> str:
    """The text that is all that the Markdown makes inside these blocks."""
    blocks = parser().parse(markdown)
    assert [one.type for one in blocks if one.type.endswith("_open")] == around, markdown
    inline = [one for one in blocks if one.type == "inline"]
    assert len(inline) <= 1
    children = [child for one in inline for child in one.children or ()]
    assert {child.type for child in children} <= {"text", "text_special"}, markdown
    return "".join(child.content for child in children)


def plain(text: str) -> str:
    return re.sub(r"[^\S\xa0\u3000]+", " ", text).strip()


LIKE_MARKDOWN = st.text(alphabet="ab1 .)(-+*_`~#<>{}[]|:=%$&;!\\/\n\tあ。", min_size=1, max_size=24).filter(
    str.strip
)


@given(LIKE_MARKDOWN | st.sampled_from(TRICKY))
def test_a_text_is_shown_as_it_was_written(text: str) -> None:
    assert shown(paragraph(text), ["paragraph_open"]) == plain(text)
    item = ["bullet_list_open", "list_item_open", "paragraph_open"]
    assert shown(f"- {paragraph(text)}", item) == plain(text)
    assert shown(f"### {inline(text)}", ["heading_open"]) == plain(text)


@given(LIKE_MARKDOWN | st.sampled_from(TRICKY))
def test_code_is_shown_as_it_was_written(text: str) -> None:
    (inline,) = [one for one in parser().parse(f"x {code(text)} y") if one.type == "inline"]
    (made,) = [child for child in inline.children or () if child.type != "text"]
    assert (made.type, made.content) == ("code_inline", plain(text))


def test_plain_sentences_stay_readable() -> None:
    text = "Ask 3 to 5 customers - “why?” (by phone, 2 min.); note net_sales: +5%."
    assert paragraph(text) == inline(text) == text


@pytest.mark.parametrize("text", TRICKY)
def test_a_fork_s_texts_stay_texts_and_the_anchors_after_them_survive(model_copy: Path, text: str) -> None:
    written = text.replace("\\", "\\\\").replace("\n", "\\n")
    for file, old in (
        ("elements.toml", "Organisational goals"),
        ("elements.toml", "Direction"),
    ):
        path = model_copy / file
        source = path.read_text("utf-8")
        assert f'name.en = "{old}"' in source
        path.write_text(source.replace(f'name.en = "{old}"', f'name.en = "{written}"', 1), "utf-8")
    source = path.read_text("utf-8")
    for key in ("summary", "why", "question"):
        source = re.sub(
            rf'^{key}\.en = ".*"$', lambda _, key=key: f'{key}.en = "{written}"', source, count=1, flags=re.M
        )
    path.write_text(source, "utf-8")
    model = cx.load_model(model_copy)
    assert str(model.elements["goals"].name) == text

    blocks = parser().parse(reference.elements(model))
    assert addresses(blocks) == {f"theme-{id}" for id in model.themes} | {
        f"element-{id}" for id in model.elements
    }
    assert not [
        one
        for one in blocks
        if one.type in {"html_block", "fence", "code_block", "colon_fence", "ordered_list_open"}
    ]
    html = parser().renderer.render(blocks, parser().options, {})
    assert "<script" not in html
    head = next(
        i for i, one in enumerate(blocks) if one.type == "myst_target" and one.content == "element-goals"
    )
    assert "".join(child.content for child in blocks[head + 2].children or ()) == plain(text)


def addresses(blocks: list) -> set[str]:
    return {one.content for one in blocks if one.type == "myst_target"}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_record_has_its_address_and_every_link_leads_to_one(model: cx.Model, language: str) -> None:
    cx.set_language(language)
    pages = {name: page(model) for name, page in reference.PAGES.items()}
    found = set().union(*(addresses(parser().parse(page)) for page in pages.values()))
    for kind in ("element", "practice", "condition", "cause", "step", "metric", "stage", "theme", "function"):
        assert {f"{kind}-{id}" for id in model.records[kind]} <= found
    for page in pages.values():
        for link in re.findall(r"\]\(#([^)]+)\)", page):
            assert link in found


def test_the_book_s_colours_are_the_palette_s(model: cx.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_ext"))
    monkeypatch.delitem(sys.modules, "model_pages", raising=False)
    import model_pages

    css = model_pages.palette_css(model.colours)
    for name, colour in model.colours.items():
        assert f"  --cx-{name.replace('_', '-')}: {colour};\n" in css
    theme = (ROOT / "book" / "_static" / "theme.css").read_text("utf-8")
    assert not re.findall(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\(", theme)
    assert set(re.findall(r"var\(--cx-([a-z0-9-]+)", theme)) <= {
        name.replace("_", "-") for name in model.colours
    }
