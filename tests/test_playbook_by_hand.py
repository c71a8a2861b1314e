"""A playbook that somebody filled in, mended or broke by hand: all of it is read, or named in one sentence."""

import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from cxassess.errors import SaveError
from cxassess.exchange.playbook_documents import open_playbook, write_playbook
from cxassess.exchange.playbook_excel import to_excel
from cxassess.exchange.playbook_excel_reading import from_excel
from cxassess.exchange.playbook_markdown import from_markdown, to_markdown
from cxassess.forms.playbook import edit_playbook
from cxassess.language import language
from cxassess.playbook.book import Playbook, PlaybookError, playbook_of
from cxassess.playbook.check import check_playbook
from cxassess.playbook.files import PlaybookFile, read_playbook, save_playbook
from cxassess.playbook.targets import kpi_target, targets, with_measured

BOOK = playbook_of(
    "Support",
    {
        "sharing": "Every month, three minutes each",
        "plan_start": "2026-04-01",
        "awareness": [{"happens": "Sees a friend's dripper", "feeling": "1", "owner": "Mori"}],
        "csat_target": [{"present": 62, "target": 70, "by": "2026-09-30", "owner": "Kato"}],
        "more_targets": [{"metric": "nps", "present": 5, "target": 12, "by": "2026-09-30", "owner": "Abe"}],
        "short_term": [
            {"what": "Call back", "owner": "Kato", "by": "2026-06-30", "metric": "csat", "from": 62, "to": 66},
            {"what": "Watch five users", "owner": "Abe", "by": "2026-05-31"},
        ],
        "medium_term": [{"what": "One record", "owner": "Ueda"}],
    },
)  # fmt: skip


def filled_in(change: Callable[[Workbook], None], code: str = "en") -> Playbook:
    """The playbook as it is read after somebody changed its workbook."""
    with language(code):
        book = load_workbook(io.BytesIO(to_excel(BOOK)))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return from_excel(buffer.getvalue(), file="ours.xlsx")


def place(book: Workbook, mark: str) -> tuple[Worksheet, int]:
    """The sheet and line of the first row whose mark begins so."""
    for sheet in book.worksheets:
        for cell in sheet["A"]:
            if str(cell.value or "").startswith(mark):
                return sheet, cell.row
    raise AssertionError(mark)


def put(mark: str, column: int, value: Any, *, below: int = 0, form: str = "") -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        sheet, line = place(book, mark)
        cell = sheet.cell(line + below, column)
        cell.value = value
        if form:
            cell.number_format = form

    return change


def test_the_book_comes_back_as_it_is() -> None:
    assert filled_in(lambda book: None) == BOOK and BOOK.problems == ()


def test_a_bad_cell_loses_itself_alone_and_is_named() -> None:
    read = filled_in(put("row short_term", 4, "end of June"))
    assert [str(problem) for problem in read.problems] == [
        "ours.xlsx, Short term: within 3 months, line 1, By when: 'end of June' is not a date; write year, month and day, such as 2027-03-31."
    ]
    assert [row.get("by") for row in read.rows("short_term")] == [None, "2026-05-31"]
    assert read.rows("short_term")[0]["what"] == "Call back"
    with language("ja"):
        told = str(filled_in(put("row short_term", 6, "多め")).problems[0])
    assert told.startswith("ours.xlsxの「短期目標：3か月以内 1行目 ") and "多め" in told


@pytest.mark.parametrize("code", ["en", "ja"])
def test_a_deleted_column_takes_only_itself_along(code: str) -> None:
    def change(book: Workbook) -> None:
        place(book, "columns short_term")[0].delete_cols(3)  # the owners

    read = filled_in(change, code)
    assert read.rows("short_term")[0] == {
        "what": "Call back", "by": "2026-06-30", "metric": "csat", "from": 62, "to": 66,
    }  # fmt: skip
    assert read.text("sharing") == BOOK.text("sharing")


def test_an_inserted_column_is_named_and_shifts_nothing() -> None:
    def change(book: Workbook) -> None:
        sheet, line = place(book, "columns short_term")
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))  # openpyxl does not move them along
        sheet.insert_cols(3)
        sheet.cell(line, 3).value, sheet.cell(line + 1, 3).value = "Budget", "¥20,000"

    read = filled_in(change)
    assert read.rows("short_term") == BOOK.rows("short_term") and read.text("plan_start") == "2026-04-01"
    assert ["there is no column 'Budget'" in str(problem) for problem in read.problems] == [True]


def test_a_renamed_heading_is_found_by_its_place() -> None:
    assert filled_in(put("columns short_term", 3, "Name")) == BOOK


def test_an_answer_without_its_label_is_named() -> None:
    def change(book: Workbook) -> None:
        place(book, "field sharing")[0].delete_cols(2)

    read = filled_in(change)
    assert "sharing" not in read.values
    assert any("the answer is not beside its name" in str(problem) for problem in read.problems)


def test_a_row_belongs_to_the_table_that_it_stands_in() -> None:
    def change(book: Workbook) -> None:
        sheet, source = place(book, "row short_term")
        _, target = place(book, "row medium_term")
        for column in range(1, 9):
            sheet.cell(target + 1, column).value = sheet.cell(source + 1, column).value
            sheet.cell(source + 1, column).value = None

    read = filled_in(change)
    assert [row["what"] for row in read.rows("short_term")] == ["Call back"]
    assert [row["what"] for row in read.rows("medium_term")] == ["One record", "Watch five users"]


def test_rows_may_be_inserted_with_gaps_and_tables_stay_apart() -> None:
    def change(book: Workbook) -> None:
        sheet, line = place(book, "row short_term")
        sheet.insert_rows(line + 1, 3)
        sheet.cell(line + 3, 2).value = "Below two empty lines"
        _, line = place(book, "columns medium_term")
        sheet.delete_rows(line - 3)  # the empty line above the next table's name

    read = filled_in(change)
    assert [row["what"] for row in read.rows("short_term")] == [
        "Call back", "Below two empty lines", "Watch five users",
    ]  # fmt: skip
    assert read.rows("medium_term") == BOOK.rows("medium_term") and read.problems == ()


def test_a_row_that_the_playbook_does_not_have_is_named() -> None:
    def change(book: Workbook) -> None:
        sheet, line = place(book, "row awareness")
        sheet.insert_rows(line + 1)
        sheet.cell(line + 1, 2).value, sheet.cell(line + 1, 3).value = "Recommending", "Tells friends"

    read = filled_in(change)
    assert read == BOOK and "“Recommending” is not one of the playbook's" in str(read.problems[0])


def test_per_cent_formulas_numbers_and_errors() -> None:
    assert filled_in(put("row csat_target", 4, 0.7, form="0%")) == BOOK
    assert filled_in(put("row csat_target", 4, "70 %")) == BOOK
    assert filled_in(put("row short_term", 4, datetime(2026, 6, 30))) == BOOK
    assert filled_in(put("row short_term", 3, 7)).rows("short_term")[0]["owner"] == "7"
    formula = filled_in(put("row csat_target", 4, "=62+8"))  # no program has worked it out
    assert "target" not in formula.rows("csat_target")[0] and "'=62+8' is not a number" in str(
        formula.problems[0]
    )
    assert "'#DIV/0!' is not a number" in str(filled_in(put("row csat_target", 4, "#DIV/0!")).problems[0])


def test_what_no_program_could_have_made_is_refused_in_one_sentence(tmp_path: Path) -> None:
    write_playbook(BOOK, tmp_path / "a.docx")
    (tmp_path / "a.docx").rename(tmp_path / "a.xlsx")
    whole = to_excel(BOOK)
    for data in ((tmp_path / "a.xlsx").read_bytes(), whole[:3000], whole[:-40], b"PK\x03\x04"):
        with pytest.raises(PlaybookError, match=r"^b.xlsx is not a playbook that can be read back"):
            from_excel(data, file="b.xlsx")


# Markdown -----------------------------------------------------------------------------------------------


def test_lines_that_look_like_ours_stay_the_teams() -> None:
    text = to_markdown(BOOK).replace(BOOK.text("sharing"), "# First of all\n\n> said Emi\n\n### and more")
    assert from_markdown(text).text("sharing") == "# First of all\n\n> said Emi\n\n### and more"
    assert from_markdown(to_markdown(BOOK).replace("\n", "\r\n")) == BOOK


def test_a_line_beside_a_table_is_named_and_a_missing_rule_loses_no_row() -> None:
    text = to_markdown(BOOK)
    lines = text.split("\n")
    first = next(place for place, line in enumerate(lines) if line.startswith("| Call back"))
    assert from_markdown("\n".join(lines[: first - 1] + lines[first:])) == BOOK  # without |---|
    lines.insert(first + 2, "Ask Noguchi about the budget")
    with pytest.raises(
        PlaybookError, match=r"x.md, Short term.*'Ask Noguchi about the budget' stands outside"
    ):
        from_markdown("\n".join(lines), file="x.md")


def test_a_field_of_another_model_is_named_and_the_others_are_read() -> None:
    text = to_markdown(BOOK).replace("<!-- field sharing -->", "<!-- field mood -->")
    read = from_markdown(text, file="x.md")
    assert ["no field 'mood'" in str(problem) for problem in read.problems] == [True]
    assert read.rows("short_term") == BOOK.rows("short_term")


# The file and its sessions -------------------------------------------------------------------------------


def test_what_could_not_be_read_is_never_overwritten(tmp_path: Path) -> None:
    save_playbook(tmp_path, BOOK)
    path = tmp_path / "playbook.json"
    table = json.loads(path.read_text("utf-8"))
    table["playbook"]["short_term"][1] |= {"by": "next spring", "mood": "good"}
    table["team"] = None
    path.write_text(json.dumps(table), "utf-8")
    form = edit_playbook(tmp_path)
    assert "line 2, By when: 'next spring' is not a date" in form.spec["notice"]
    assert "there is no column 'mood'" in form.spec["notice"]
    PlaybookFile(tmp_path).save({"cycle": "Every four weeks"})
    kept = json.loads(path.read_text("utf-8"))["playbook"]["short_term"]
    assert kept[1]["by"] == "next spring" and kept[1]["mood"] == "good"
    assert read_playbook(tmp_path).team == ""
    with pytest.raises(PlaybookError, match=r"no column .mood."):
        save_playbook(tmp_path, read_playbook(tmp_path))


def test_two_sessions_keep_each_others_rows(tmp_path: Path) -> None:
    save_playbook(tmp_path, BOOK)
    desk, sofa = PlaybookFile(tmp_path), PlaybookFile(tmp_path)
    first, second = (dict(row) for row in BOOK.rows("short_term"))
    desk.save({"short_term": [first, second, {"what": "From the desk"}]})
    saved = sofa.save({"short_term": [first, {**second, "owner": "Ito"}, {"what": "From the sofa"}]})
    together = [first, {**second, "owner": "Ito"}, {"what": "From the sofa"}, {"what": "From the desk"}]
    assert [dict(row) for row in read_playbook(tmp_path).rows("short_term")] == together
    assert saved.changed == {"short_term": together}  # the sofa's form shows it
    assert sofa.save({"short_term": together[1:]}).changed == {}
    assert [dict(row) for row in read_playbook(tmp_path).rows("short_term")] == together[1:]
    desk.save({"short_term": None})  # what the desk knew of is gone, the sofa's lines stay
    assert [row["what"] for row in read_playbook(tmp_path).rows("short_term")] == [
        "Watch five users",
        "From the sofa",
    ]


def test_two_sessions_share_a_record_cell_by_cell(tmp_path: Path) -> None:
    save_playbook(tmp_path, BOOK)
    desk, sofa = PlaybookFile(tmp_path), PlaybookFile(tmp_path)
    row = dict(BOOK.rows("awareness")[0])
    desk.save({"awareness": [{**row, "pain": "Finds no model name"}]})
    sofa.save({"awareness": [{**row, "owner": "Sato"}]})
    assert read_playbook(tmp_path).rows("awareness")[0] == {
        **row,
        "pain": "Finds no model name",
        "owner": "Sato",
    }


@pytest.mark.parametrize("name", ["my team", "顧客 サポート部", "a'b & c"])
def test_a_folder_may_be_called_anything(name: str, tmp_path: Path) -> None:
    form = edit_playbook(tmp_path / name)
    form._accepted({"sharing": "毎月"}, {})
    assert open_playbook(tmp_path / name).text("sharing") == "毎月"
    assert read_playbook(tmp_path / name).team == name


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SaveError, match=r"file/book.xlsx could not be written .*try again"):
        write_playbook(BOOK, tmp_path / "file" / "book.xlsx")
    with pytest.raises(PlaybookError, match="There is no playbook at"):
        open_playbook(tmp_path / "nowhere")
    for ending in (".docx", ".html"):
        with pytest.raises(
            PlaybookError, match=r"cannot be read back from this format; use .json, .md, .xlsx"
        ):
            open_playbook(write_playbook(BOOK, tmp_path / f"x{ending}"))


# Made by a program ---------------------------------------------------------------------------------------


def test_a_playbook_put_together_wrongly_is_refused_before_it_is_written(tmp_path: Path) -> None:
    for values in ({"mood": "good"}, {"short_term": ({"metric": "happiness"},)}, {"plan_start": "soon"}):
        for ending in (".json", ".md", ".html", ".docx", ".xlsx"):
            with pytest.raises(PlaybookError, match=rf"x{ending}"):
                write_playbook(Playbook("Us", values), tmp_path / f"x{ending}")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
    assert len(check_playbook(Playbook("Us", {"plan_start": "soon"}))) > 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"target": float("nan")}, "'nan' is not a number"),
        ({"target": float("inf")}, "'inf' is not a number"),
        ({"target": "eighty"}, "'eighty' is not a number"),
        ({"target": True}, "'True' is not a number"),
        ({"target": 80, "present": float("-inf")}, "'-inf' is not a number"),
        ({"target": 80, "by": "end of June"}, "'end of June' is not a date"),
        ({"target": 80, "by": "2026-02-30"}, "'2026-02-30' is not a date"),
        ({"target": 80, "by": None}, "the date is missing"),
        ({"target": 1e300}, r"a target of 1e\+300 cannot be reached"),
    ],
)  # fmt: skip
def test_a_target_that_is_no_target(given: dict[str, Any], message: str) -> None:
    with pytest.raises(PlaybookError, match=message):
        kpi_target("csat", **{"by": date(2026, 9, 30), "owner": "Kato", **given})


def test_measured_values_have_to_be_metrics_and_numbers() -> None:
    for measured, message in (
        ({"cast": 71}, "there is no metric 'cast'; use csat"),
        ({"csat": "71"}, r"Customer satisfaction \(CSAT\): '71' is not a number"),
        ({"csat": float("inf")}, "'inf' is not a number"),
    ):
        for use in (with_measured, targets):
            with pytest.raises(PlaybookError, match=message):
                use(BOOK, measured)


def test_a_target_due_before_the_plan_starts_is_pointed_out() -> None:
    early = playbook_of(
        "Us", {"plan_start": "2027-01-01", "csat_target": [dict(BOOK.rows("csat_target")[0])]}
    )
    assert "before_start" in [one.rule for one in check_playbook(early) if one.field == "csat_target"]
