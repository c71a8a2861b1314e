"""The playbook's documents: the same playbook comes back, texts stay texts, layouts hold, sheets are fresh."""

import io
import re
import sys
import warnings
import zipfile
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from openpyxl import load_workbook

import cxassess as cx
from cxassess.charts.journey import journey
from cxassess.charts.wrapping import fits, wrap
from cxassess.exchange.archive import contents
from cxassess.exchange.playbook_documents import READ, WRITERS, open_playbook, write_playbook
from cxassess.exchange.playbook_excel import to_excel
from cxassess.exchange.playbook_excel_reading import from_excel
from cxassess.exchange.playbook_html import to_html
from cxassess.exchange.playbook_markdown import from_markdown, to_markdown
from cxassess.exchange.playbook_word import to_word
from cxassess.exchange.sheets import SHEETS, main, sheets, write_example
from cxassess.language import language
from cxassess.playbook.book import Playbook, PlaybookError, columns_of, options, playbook_of

TEMPLATES = Path(__file__).parent.parent / "templates"
MODEL = cx.load_model()
FIELDS = MODEL.records["field"]
HOSTILE = {
    "html": '</div></style><script>alert(1)</script><img src=x onerror=alert(1)>&amp;"',
    "formula": "=cmd|'/c calc'!A0",
    "formulas": '+1\n-1\n@SUM(A1)\n=HYPERLINK("http://x")',
    "markdown": "# a\n* b\n1. c\n> d\n| e | f |\n--- \n[g](javascript:h) `i` ![j](k) <!-- field sharing -->\\",
    "japanese": "顧客起点で考える。" * 400,
    "unbroken": "W" * 3000,
    "emoji": "👩‍👩‍👧 👍🏽 🇯🇵 😀 🫠",
    "right_to_left": "مرحبا بالعالم\nשלום עולם \u202e abc",
    "spreadsheet": "_x0041_ _x005F_x0041_ _x000D_",
    "spaces": "a   b\n\n\n\n    c\td",
}
PIECES = [*"\\`*_[]<>&~|${}#+-=:%@1.)(!\"' \n\taあ　、", "<br>", "-->", "<!-- field sharing -->", "&amp;", "&#9;", "\n\n",
          "*(x)*", "=cmd|", "_x0041_", "👩‍👩‍👧", "مرحبا", "\u202e", "\ufeff", "---", "\x00", "\r\n"]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=40))
NUMBERS = st.one_of(st.integers(-(10**15), 10**15), st.floats(-1e15, 1e15))
DATES = st.dates(min_value=date(1900, 3, 1)).map(str)


def _cells(kind: str, allowed: list[str]) -> st.SearchStrategy[Any]:
    return {"text": TEXTS, "number": NUMBERS, "date": DATES, "choice": st.sampled_from(allowed or [""])}[kind]


def _values(id: str) -> st.SearchStrategy[Any]:
    one = FIELDS[id]
    if one.kind != "table":
        return TEXTS if one.kind == "text" else DATES
    cells = {column.id: _cells(column.kind, list(options(column))) for column in columns_of(one)}
    return st.lists(st.fixed_dictionaries({}, optional=cells), max_size=one.rows or 3)


PLAYBOOKS = st.builds(
    playbook_of, st.text(max_size=30), st.fixed_dictionaries({}, optional={id: _values(id) for id in FIELDS})
)


def _hostile(text: str) -> Playbook:
    """A playbook that has a text in every place that takes one."""
    values: dict[str, Any] = {}
    for id, one in FIELDS.items():
        if one.kind == "text":
            values[id] = text
        elif one.kind == "table":
            row = {column.id: text for column in columns_of(one) if column.kind == "text"}
            values[id] = [row | ({"feeling": "-1"} if "touchpoints" in row else {})]
    book = playbook_of("=team & <b>", values)
    assert not book.problems
    return book


# The same playbook comes back -------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLAYBOOKS, st.sampled_from(["en", "ja"]), st.sampled_from(["en", "ja"]))
def test_markdown_written_and_read_back_is_the_same(book: Playbook, writing: str, reading: str) -> None:
    assert book.problems == ()
    with language(writing):
        text = to_markdown(book)
    with language(reading):
        again = from_markdown(text)
        assert again == book and again.problems == ()
        assert again.model_hash == MODEL.hash


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLAYBOOKS, st.sampled_from(["en", "ja"]))
def test_excel_written_and_read_back_is_the_same(book: Playbook, code: str) -> None:
    with language(code):
        data = to_excel(book)
    again = from_excel(data)
    assert again == book and again.problems == ()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_comes_back_from_every_format_that_is_read(name: str, tmp_path: Path) -> None:
    book = _hostile(HOSTILE[name])
    for code in ("en", "ja"):
        with language(code):
            for ending in READ:
                assert open_playbook(write_playbook(book, tmp_path / f"{code}{ending}")) == book, ending


def test_markdown_may_be_edited_by_hand() -> None:
    text = to_markdown(playbook_of("Us", {"sharing": "Monthly", "short_term": [{"what": "a"}]}))
    text = text.replace("\nMonthly\n", "\nEvery month,\non a Friday\n").replace(
        "### Sharing results", "### How we tell it"
    )
    text = text.replace("| a |  |", "| a | Kato |").replace("| a | Kato |", "| a | Kato |", 1)
    line = next(line for line in text.split("\n") if line.startswith("| a |"))
    text = text.replace(line, f"{line}\n| b |  |  | Net Promoter Score (NPS) | １２ | 1,020.5 |  |")
    book = from_markdown(text)
    assert book.text("sharing") == "Every month,\non a Friday"
    assert [dict(row) for row in book.rows("short_term")] == [
        {"what": "a", "owner": "Kato"}, {"what": "b", "metric": "nps", "from": 12, "to": 1020.5},
    ]  # fmt: skip


def test_a_workbook_may_be_filled_in_by_hand() -> None:
    with language("ja"):
        book = load_workbook(io.BytesIO(to_excel(Playbook("Us"))))
    sheet = book.worksheets[6]
    marks = {str(cell.value): cell.row for cell in sheet["A"] if cell.value}
    sheet.cell(marks["field plan_start"], 3).value = datetime(2026, 4, 1)
    line = marks["columns short_term what owner by metric from to takes_up"] + 1
    sheet.cell(line, 2).value, sheet.cell(line, 3).value, sheet.cell(line, 5).value = (
        "印刷",
        7,
        "顧客満足度（CSAT）",
    )
    sheet.insert_rows(line + 1)
    sheet.cell(line + 1, 2).value = "inserted"
    buffer = io.BytesIO()
    book.save(buffer)
    read = from_excel(buffer.getvalue())
    assert read.text("plan_start") == "2026-04-01"
    assert [dict(row) for row in read.rows("short_term")] == [
        {"what": "印刷", "owner": "7", "metric": "csat"}, {"what": "inserted"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "# A page", "<!-- about {} -->", "<!-- about { -->", "<!-- field sharing -->"]
)
def test_what_is_no_playbook_is_refused(text: str, tmp_path: Path) -> None:
    for ending in (".md", ".xlsx", ".json"):
        path = tmp_path / f"x{ending}"
        path.write_text(text, "utf-8")
        with pytest.raises(PlaybookError, match=f"x{ending}"):
            open_playbook(path)
    with pytest.raises(PlaybookError, match=r"use .json, .md, .xlsx"):
        open_playbook(tmp_path / "x.pdf")
    with pytest.raises(PlaybookError, match="There is no playbook at"):
        open_playbook(tmp_path / "none.md")
    with pytest.raises(PlaybookError, match=r"use .json, .md, .html, .docx, .xlsx"):
        write_playbook(Playbook("x"), tmp_path / "x.pdf")


# Texts stay texts -------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_markdown_shows_a_text_as_it_is(text: str) -> None:
    book = playbook_of("x", {"sharing": text, "win_win": [{"offer": text}]})
    if "sharing" not in book.values:
        return
    tokens = MarkdownIt("commonmark").enable("table").parse(to_markdown(book))
    own = [token for token in _after(tokens, "field sharing") if token.type == "inline" and token.level == 1]
    table = _after(tokens, "field win_win")
    cell = table[next(n for n, token in enumerate(table) if token.type == "td_open") + 1]
    for shown in ("".join(map(_plain, own)), _plain(cell)):
        assert "".join(shown.split()) == "".join(book.text("sharing").split())


def _after(tokens: list[Any], mark: str) -> list[Any]:
    return tokens[
        next(n for n, token in enumerate(tokens) if token.content.startswith(f"<!-- {mark} ")) + 1 :
    ]


def _plain(token: Any) -> str:
    """The text that a reader sees; anything but text and line breaks would be a lack of escaping."""
    kinds = {child.type for child in token.children}
    assert kinds <= {"text", "softbreak", "hardbreak", "text_special", "html_inline"}, kinds
    assert all(child.content == "<br>" for child in token.children if child.type == "html_inline")
    return "".join(
        " " if "break" in child.type or child.type == "html_inline" else child.content
        for child in token.children
    )


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attributes)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_text_adds_nothing_to_a_page(name: str) -> None:
    pages = []
    for text in ("plain", HOSTILE[name]):
        page = _Page()
        page.feed(to_html(_hostile(text)))
        pages.append(page)
    assert pages[0].tags == pages[1].tags
    assert HOSTILE[name].strip() in "".join(pages[1].words)
    outside = re.compile(r"""(?:src|href)=["'](?!data:|#)|url\(|@import""")
    assert not outside.search(to_html(_hostile("plain"))), "the page needs nothing from outside"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_workbook_has_no_formula(name: str) -> None:
    book = load_workbook(io.BytesIO(to_excel(_hostile(HOSTILE[name]))))
    for sheet in book.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f", (sheet.title, cell.coordinate)
            if isinstance(cell.value, str) and cell.value[:1] in "=+-@":
                assert cell.quotePrefix, "it stays text when somebody edits the cell"


@pytest.mark.parametrize("name", HOSTILE)
def test_word_holds_every_text_and_no_field_code_of_its_own(name: str) -> None:
    text = HOSTILE[name].strip()
    document = Document(io.BytesIO(to_word(_hostile(text))))
    cells = [
        "\n".join(line.text for line in cell.paragraphs) for table in document.tables for cell in table._cells
    ]
    assert cells.count(text) >= sum(one.kind == "text" for one in FIELDS.values())
    codes = [node.text for node in document.element.body.iter(qn("w:instrText"))]
    assert codes == []
    backwards = [p for p in document.element.body.iter(qn("w:p")) if p.find(f".//{qn('w:bidi')}") is not None]
    assert bool(backwards) == (name == "right_to_left")


# Layouts hold -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["en", "ja"])
def test_a_word_document_is_as_wide_as_its_page_and_names_its_fonts(code: str) -> None:
    with language(code):
        data = to_word(_hostile(HOSTILE["unbroken"]))
    document = Document(io.BytesIO(data))
    page = document.sections[0]
    room = page.page_width - page.left_margin - page.right_margin
    for table in document.tables:
        assert not table.autofit
        assert abs(sum(column.width for column in table.columns) - room) < room / 100
    for style in document.styles:
        fonts = (
            style.element.find(f".//{qn('w:rFonts')}")
            if style.name in {"Normal", "Title", "Heading 1", "Cell"}
            else None
        )
        if fonts is not None:
            assert fonts.get(qn("w:eastAsia")) == "Yu Gothic" and fonts.get(qn("w:asciiTheme")) is None
    assert page.header.paragraphs[0].text.endswith("=team & <b>")
    assert "PAGE" in page.footer._element.xml and "NUMPAGES" in page.footer._element.xml
    assert data == _in(code, lambda: to_word(_hostile(HOSTILE["unbroken"]))), (
        "the same playbook, the same bytes"
    )


def _in(code: str, make: Any) -> Any:
    with language(code):
        return make()


@pytest.mark.parametrize("code", ["en", "ja"])
def test_a_workbook_prints_on_landscape_pages(code: str) -> None:
    book = load_workbook(io.BytesIO(_in(code, lambda: to_excel(_hostile(HOSTILE["japanese"])))))
    assert book["lists"].sheet_state == "hidden"
    for sheet in book.worksheets[:-1]:
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.fitToWidth == 1
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.print_area
        assert sheet.column_dimensions["A"].hidden
        heights = [one.height for one in sheet.row_dimensions.values() if one.height]
        assert max(heights) <= 409, "Excel refuses more"
        for cell in (cell for row in sheet.iter_rows(min_col=2) for cell in row):
            if isinstance(cell.value, str) and len(cell.value) > 60:
                assert cell.alignment.wrap_text


HANGING = "、。，．・：；？！ー）」』】〕〉》”’々ゝ,.:;!?)]}%…"
"""May stand beyond the end of a line, with a space before it, because no line begins with it."""


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.floats(0.3, 3), st.integers(1, 9))
@example("`<\u3000]", 0.3125, 1)
def test_lines_are_no_wider_than_their_column_and_lose_nothing(text: str, width: float, most: int) -> None:
    lines = wrap(text, width, 10)
    assert all(
        fits(re.sub(rf"[\s{re.escape(HANGING)}]+$", "", line), width, 10) or len(line) == 1 for line in lines
    )
    kept = re.sub(r"\s", "", "".join(lines))
    assert kept.startswith(re.sub(r"\s", "", "".join(lines[:1])))
    assert len(wrap(text, width, 10, most)) <= max(most, 1)


def test_wrapping_keeps_every_word_and_no_line_begins_with_a_full_stop() -> None:
    text = "顧客が最初に知りたいことは何か。それは、価格である。" * 3
    for width in (0.8, 1.0, 1.3, 1.7):
        lines = wrap(text, width, 10)
        assert "".join(lines) == text
        assert not any(line[0] in "、。" for line in lines)
    assert " ".join(wrap("the quick brown fox jumps", 0.9, 10)) == "the quick brown fox jumps"


@pytest.mark.parametrize("name", HOSTILE)
def test_the_journey_is_drawn_without_a_warning_whatever_is_in_it(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for wide in (False, True):
            chart = journey(_hostile(HOSTILE[name]), wide=wide)
            assert chart.size[0] == (1224 if wide else 672) and chart.size[1] < 6000
            assert HOSTILE[name].strip() in [cell for row in chart.rows for cell in row], (
                "the table keeps what is cut"
            )


def test_the_journey_tells_its_best_and_its_hardest_moment() -> None:
    values = {"awareness": [{"feeling": "2"}], "use": [{"feeling": "-2", "pain": "It leaks", "owner": "Abe"}]}
    assert journey(playbook_of("x", values)).alt == (
        "Best moment: Becoming aware (+2 delighted). Hardest moment: Using (−2 angry or lost), because: It leaks"
    )
    with language("ja"):
        assert "いちばんつらい場面は使用" in journey(playbook_of("x", values)).alt
    assert journey(Playbook("x")).alt == "No feeling has been entered yet."
    assert journey(playbook_of("x", {"use": [{"feeling": "1"}]})).alt.startswith("The feeling is the same")


@pytest.mark.parametrize("code", ["en", "ja"])
def test_every_document_can_be_written(code: str, tmp_path: Path) -> None:
    with language(code):
        for ending in WRITERS:
            path = write_playbook(
                _hostile("a <b> text, long enough to be a sentence"), tmp_path / "new" / f"book{ending}"
            )
            assert path.stat().st_size > 1000


# Sheets -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return sheets(MODEL)


def test_the_sheets_in_templates_are_those_of_the_model(made: dict[str, bytes]) -> None:
    """If this fails, a model text has changed: run `python -m cxassess.exchange.sheets templates`."""
    found = {
        path.relative_to(TEMPLATES).as_posix()
        for code in MODEL.languages
        for path in (TEMPLATES / code).glob("*.docx")
    }
    assert found == set(made)
    stale = [
        name for name, data in made.items() if contents((TEMPLATES / name).read_bytes()) != contents(data)
    ]
    assert stale == []


def test_a_sheet_is_the_same_whenever_it_is_made_and_follows_the_model(model_copy: Path) -> None:
    first, second = sheets(names=["persona"]), sheets(names=["persona"])
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first["ja/persona.docx"])) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    toml = model_copy / "playbook.toml"
    toml.write_text(toml.read_text("utf-8").replace('name.ja = "ペルソナ"', 'name.ja = "人物像"'), "utf-8")
    changed = sheets(cx.load_model(model_copy), ["persona"])
    assert changed["ja/persona.docx"] != first["ja/persona.docx"]


def test_the_command_writes_every_sheet_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "cxassess.exchange.sheets.SHEETS", {name: SHEETS[name] for name in ("journey", "win_win")}
    )
    main([str(tmp_path)])
    assert len(capsys.readouterr().out.split()) == 4
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*.docx")}
    main([str(tmp_path)])
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*.docx")} == before


def test_the_sheets_hold_what_they_are_for(made: dict[str, bytes]) -> None:
    for code in MODEL.languages:
        words = {name: _words(made[f"{code}/{name}.docx"]) for name in SHEETS}
        for element in MODEL.elements.values():
            assert all(
                text.to(code) in words["assessment"]
                for text in (element.name, element.question, *element.levels)
            )
        assert words["assessment"].count("☐") == 15 * 6
        assert words["practices"].count("☐") == 30 * 6
        assert all(one.question.to(code) in words["readiness"] for one in MODEL.causes.values())
        for one in FIELDS.values():
            assert one.name.to(code) in words["playbook"] and one.guidance.to(code) in words["playbook"]
        assert all(FIELDS[id].name.to(code) in words["journey"] for id in ("awareness", "aftercare"))


def _words(data: bytes) -> str:
    return "\n".join(node.text or "" for node in Document(io.BytesIO(data)).element.body.iter(qn("w:t")))


@pytest.mark.parametrize("path", sorted((TEMPLATES / "examples").glob("*.json")), ids=lambda path: path.stem)
def test_the_examples_in_templates_are_those_of_their_playbooks(path: Path, tmp_path: Path) -> None:
    """If this fails, a playbook or a model text has changed: run `python -m cxassess.exchange.sheets templates`."""
    for made in write_example(path, tmp_path):
        kept = path.parent / made.name
        assert kept.stat().st_size > 10_000
        # The picture in the other two differs from machine to machine; their text is that of these.
        if made.suffix == ".md":
            assert kept.read_text("utf-8") == made.read_text("utf-8")
        elif made.suffix == ".xlsx":
            assert contents(kept.read_bytes()) == contents(made.read_bytes())


def test_a_format_whose_package_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    for name in [
        name
        for name in sys.modules
        if name.startswith(("cxassess.exchange.playbook_word", "cxassess.exchange.word"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(PlaybookError, match="docx"):
        write_playbook(Playbook("Us", {}), tmp_path / "playbook.docx")
    assert not (tmp_path / "playbook.docx").exists()
