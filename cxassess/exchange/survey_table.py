"""A survey tool's export as a table of texts: encoding, separator, one to three header rows, dates.

Read are CSV files in UTF-8 (with or without a mark), UTF-16 and Shift_JIS, with commas, semicolons or tabs, and
Excel workbooks. Rows are numbered as a spreadsheet shows them.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import zip_longest
from pathlib import Path
from typing import Any

from cxassess.exchange.intake import ExchangeError

DELIMITERS = ",;\t"
LARGEST_CELL = 1_000_000
MANY_ZEROS = 0.1
"""Beyond this share of its bytes a file is UTF-16 rather than text with zeros in it."""
_BETWEEN = " › "


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its place from 0, the texts above it, and what it is called as a whole."""

    place: int
    heads: tuple[str, ...]

    @property
    def title(self) -> str:
        """The header rows in one; machine ids are left out when there is more."""
        told = [one for one in dict.fromkeys(self.heads) if one and not one.startswith('{"ImportId"')]
        return _BETWEEN.join(told) or f"#{self.place + 1}"

    @property
    def names(self) -> frozenset[str]:
        """Everything by which a mapping may call it."""
        return frozenset(map(squeezed, (*self.heads, self.title, f"#{self.place + 1}"))) - {""}


@dataclass(frozen=True, slots=True)
class Table:
    """A survey's columns, and its rows by their number."""

    file: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(path: Path, *, header_rows: int = 0, encoding: str = "", delimiter: str = "") -> Table:
    """A survey's export.

    Args:
        path: a .csv, .tsv, .txt or .xlsx file.
        header_rows: how many rows stand above the answers; found by itself if 0.
        encoding: found by itself if not given.
        delimiter: found by itself if not given.

    Raises:
        ExchangeError: there is no such file, it cannot be read, or it holds no answers.
    """
    rows = _rows(path, encoding, delimiter)
    heads = header_rows or _header_rows(rows)
    above, below = rows[:heads], rows[heads:]
    found = tuple(
        (number, tuple(row))
        for number, row in enumerate(below, heads + 1)
        if any(cell.strip() for cell in row)
    )
    if not above or not found:
        raise ExchangeError("survey_empty", file=path.name)
    return Table(path.name, tuple(_columns(above)), found)


def _columns(above: Sequence[Sequence[str]]) -> Iterator[Column]:
    question = ""
    for place, heads in enumerate(zip_longest(*above, fillvalue="")):
        texts = [one.strip() for one in heads]
        if len(texts) == 2:  # a matrix: its question stands above the first of its rows only
            question = texts[0] or question
            texts[0] = question if texts[1] else texts[0]
        yield Column(place, tuple(texts))


def _header_rows(rows: Sequence[Sequence[str]]) -> int:
    """Three with Qualtrics' import ids, two with SurveyMonkey's second row, else one."""
    if len(rows) > 2 and any('"ImportId"' in cell for cell in rows[2]):
        return 3
    second = {squeezed(cell) for cell in rows[1]} if len(rows) > 1 else set()
    gaps = bool(rows) and sum(not cell.strip() for cell in rows[0]) > 2
    return 2 if second & {"response", "open-ended response", "回答", "自由回答"} or gaps else 1


def _rows(path: Path, encoding: str, delimiter: str) -> list[list[str]]:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ExchangeError("no_such_file", file=str(path)) from error
    except OSError as error:
        raise ExchangeError("not_opened", file=path.name, found=error.strerror or str(error)) from error
    if path.suffix.lower() == ".xlsx":
        return [*_workbook(data, path.name)]
    if path.suffix.lower() not in {".csv", ".tsv", ".txt"}:
        raise ExchangeError("survey_ending", file=path.name)
    text = _decoded(data, encoding, path.name)
    csv.field_size_limit(LARGEST_CELL)
    try:
        return [*csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or _delimiter(text))]
    except csv.Error as error:
        raise ExchangeError("not_opened", file=path.name, found=str(error)) from error


def _workbook(data: bytes, file: str) -> Iterator[list[str]]:
    from openpyxl import load_workbook

    try:
        sheet = load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
        for row in sheet.iter_rows(values_only=True):
            yield [_cell(value) for value in row]
    except Exception as error:  # a damaged workbook can fail anywhere inside openpyxl
        raise ExchangeError("survey_damaged", file=file, found=type(error).__name__) from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _decoded(data: bytes, encoding: str, file: str) -> str:
    # Which half of its letters the zeros are tells the byte order of UTF-16; other encodings hardly have any.
    wide = "utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be"
    guesses = ["utf-8-sig", *([wide] if 0 in data else []), "cp932"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        guesses = ["utf-16"]
    elif data.count(0) > MANY_ZEROS * len(data):
        guesses = [wide]
    for one in [encoding] if encoding else guesses:
        try:
            return data.decode(one).removeprefix("\ufeff")
        except (ValueError, LookupError):  # not in this encoding, or there is none of that name
            continue
    raise ExchangeError("survey_encoding", file=file)


def _delimiter(text: str) -> str:
    """The separator that makes most columns of the first row."""

    def columns(delimiter: str) -> int:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))

    return max(DELIMITERS, key=columns)


def squeezed(text: str) -> str:
    """A heading for comparing: one width and case, one space.

    >>> squeezed("  Your\\n Ｎame ")
    'your name'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


_DATE = re.compile(r"(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})")
_TIME = re.compile(r"(\d{1,2})[:時](\d{2})(?:[:分](\d{2}))?")
_ZONE = re.compile(r"(?:(?:GMT|UTC)\s*([+-]\d{1,2}):?(\d{2})?|([+-]\d{2}):?(\d{2})$)")
_AFTERNOON, _MORNING = (
    re.compile(r"\bp\.?m\b|午後", re.IGNORECASE),
    re.compile(r"\ba\.?m\b|午前", re.IGNORECASE),
)


def moments(texts: Sequence[str], order: str = "") -> list[datetime | None]:
    """When each row was sent in; `None` where that cannot be told.

    Args:
        texts: dates with times, as survey tools write them.
        order: `ymd`, `mdy` or `dmy`; else found from all of them together, where they leave no doubt.

    >>> [str(one) for one in moments(["2026/07/03 午後 3:05:00 GMT+9"])]
    ['2026-07-03 15:05:00+09:00']
    >>> moments(["07/03/2026 15:05"]), [str(one) for one in moments(["07/13/2026 3:05 PM"])]
    ([None], ['2026-07-13 15:05:00'])
    """
    parts = [_DATE.search(unicodedata.normalize("NFKC", text)) for text in texts]
    order = order or _order([match for match in parts if match])
    return [_moment(text, match, order) for text, match in zip(texts, parts, strict=True)]


def _order(matches: Sequence[re.Match[str]]) -> str:
    if all(len(one[1]) == 4 for one in matches):
        return "ymd"
    first, second = max(int(one[1]) for one in matches), max(int(one[2]) for one in matches)
    return "dmy" if first > 12 >= second else "mdy" if second > 12 >= first else ""


def _moment(text: str, match: re.Match[str] | None, order: str) -> datetime | None:
    if match is None or not order:
        return None
    text = unicodedata.normalize("NFKC", text)
    given = dict(zip(order, map(int, match.groups()), strict=True))
    year = given["y"] + (2000 if given["y"] < 100 else 0)
    rest = text[match.end() :]
    clock = _TIME.search(rest)
    hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
    if _AFTERNOON.search(rest) and hour < 12:
        hour += 12
    elif _MORNING.search(rest) and hour == 12:
        hour = 0
    zone = _ZONE.search(rest.strip())
    sign = int(zone[1] or zone[3]) if zone else 0
    minutes = int(zone[2] or zone[4] or 0) if zone else 0
    shift = timezone(timedelta(hours=sign, minutes=minutes if sign >= 0 else -minutes)) if zone else None
    if rest.strip().endswith(("Z", "UTC")):
        shift = UTC
    try:
        return datetime(year, given["m"], given["d"], hour, minute, second, tzinfo=shift)
    except ValueError:
        return None
