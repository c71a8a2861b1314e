"""Which column of a survey answers which question: a small TOML file, read, checked, or proposed.

[file]                          # all of it may be left out
header_rows = 3                 # rows above the answers
encoding = "cp932"
delimiter = ";"
date_order = "mdy"              # ymd, mdy or dmy

[columns]                       # called by a heading, in any header row, or by number: "#3"
respondent = "Your nickname"    # names the person's file
person = "Email"                # tells people apart; only a fingerprint is kept
submitted = "Timestamp"         # of two answers by one person the last counts

[answers]                       # a question's id and its column, or columns of which one is filled in
"element.goals" = "What are the targets here about …?"
"evidence.goals" = "#9"

[values]                        # answers in the survey's own words
"We live and breathe it" = 5

[[leave_out]]                   # rows that are no answers
column = "Status"
values = ["Survey Preview"]
"""

import difflib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxassess.answers import NOT_APPLICABLE, Value, is_question
from cxassess.exchange.intake import ExchangeError
from cxassess.exchange.survey_table import Column, Table, squeezed
from cxassess.exchange.survey_values import plain
from cxassess.language import say
from cxassess.model import Model

SECTIONS = ("file", "columns", "answers", "values", "leave_out")
FILE = ("header_rows", "encoding", "delimiter", "date_order")
COLUMNS = ("respondent", "person", "submitted")
ORDERS = ("ymd", "mdy", "dmy")
NO_DELIMITERS = '"\r\n'


@dataclass(frozen=True, slots=True)
class SurveyMapping:
    """A mapping as its file says it: headings, not yet looked up in an export."""

    name: str
    file: Mapping[str, Any]
    columns: Mapping[str, str]
    answers: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Value]
    leave_out: tuple[tuple[str, frozenset[str]], ...]


def read_mapping(path: Path, model: Model) -> SurveyMapping:
    """The mapping in a TOML file.

    Raises:
        ExchangeError: there is no such file, it is not TOML, or something in it cannot be meant.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise ExchangeError("no_such_file", file=str(path)) from error
    except OSError as error:
        raise ExchangeError("not_opened", file=path.name, found=error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:  # neither UTF-8 nor TOML, or nested without end
        raise ExchangeError("mapping_syntax", file=path.name, found=str(error)) from error
    check = _Check(path.name)
    check.known(table, SECTIONS, "")
    file = check.table(table, "file")
    check.known(file, FILE, "file.")
    if not 1 <= check.kind(file.get("header_rows", 1), int, "file.header_rows", "an_integer") <= 9:
        raise check.wrong("file.header_rows", "an_integer", file["header_rows"])
    for key in FILE[1:]:
        check.kind(file.get(key, ""), str, f"file.{key}", "a_text")
    if file.get("date_order", "ymd") not in ORDERS:
        raise check.wrong("file.date_order", "date_orders", file["date_order"])
    if len(file.get("delimiter", ",")) != 1 or file.get("delimiter", ",") in NO_DELIMITERS:
        raise check.wrong("file.delimiter", "a_delimiter", file["delimiter"])
    columns = check.table(table, "columns")
    check.known(columns, COLUMNS, "columns.")
    for key, value in columns.items():
        check.kind(value, str, f"columns.{key}", "a_text")
    answers = {
        key: check.texts(value, f"answers.{key}") for key, value in check.table(table, "answers").items()
    }
    for key in answers:
        if not is_question(key, model):
            raise ExchangeError("mapping_unknown", file=path.name, record=key, known=_near(key, model))
    values = check.table(table, "values")
    stored = {one.value for scale in model.scales.values() for one in scale.choices} | {NOT_APPLICABLE}
    usable = stored | set(range(1, model.levels + 1))
    for word, value in values.items():
        if not isinstance(value, int | str) or isinstance(value, bool) or value not in usable:
            raise check.wrong(f"values.{word}", "an_answer", value)
    rules = table.get("leave_out", [])
    if not isinstance(rules, list):
        raise check.wrong("leave_out", "a_table", rules)
    leave_out = tuple(check.rule(one) for one in rules)
    if not answers:
        raise ExchangeError("mapping_empty", file=path.name)
    return SurveyMapping(
        path.name, file, columns, answers, {plain(word): value for word, value in values.items()}, leave_out
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Check:
    name: str

    def wrong(self, record: str, known: str, found: Any) -> ExchangeError:
        shown = json.dumps(found, ensure_ascii=False, default=str)[:60]
        return ExchangeError("mapping_type", file=self.name, record=record, known=say(f"exchange.{known}"), found=shown)  # fmt: skip

    def kind(self, value: Any, kind: type, record: str, known: str) -> Any:
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.wrong(record, known, value)
        return value

    def table(self, table: Mapping[str, Any], key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.kind(table.get(key, {}), dict, key, "a_table")
        return found

    def texts(self, value: Any, record: str) -> tuple[str, ...]:
        several = [value] if isinstance(value, str) else value
        if not isinstance(several, list) or not several or not all(isinstance(one, str) for one in several):
            raise self.wrong(record, "texts_of", value)
        return tuple(several)

    def known(self, table: Mapping[str, Any], keys: Sequence[str], prefix: str) -> None:
        for key in table:
            if key not in keys:
                raise ExchangeError("mapping_unknown", file=self.name, record=f"{prefix}{key}", known=", ".join(keys))  # fmt: skip

    def rule(self, rule: Any) -> tuple[str, frozenset[str]]:
        if not isinstance(rule, dict) or set(rule) != {"column", "values"}:
            raise self.wrong("leave_out", "a_table", rule)
        column = self.kind(rule["column"], str, "leave_out.column", "a_text")
        return column, frozenset(map(squeezed, self.texts(rule["values"], "leave_out.values")))


def _near(key: str, model: Model) -> str:
    keys = [
        f"{kind}.{id}" for kind in ("element", "practice", "condition", "cause") for id in model.records[kind]
    ]
    keys += [f"evidence.{id}" for id in model.elements]
    return ", ".join(difflib.get_close_matches(key, keys, 3, 0.3) or keys[:3])


def find_column(name: str, record: str, table: Table, mapping: str) -> Column:
    """The one column that a mapping calls by this name.

    Raises:
        ExchangeError: there is none, or more than one.
    """
    found = [one for one in table.columns if squeezed(name) in one.names]
    place = {"file": table.file, "mapping": mapping, "record": record, "found": name[:80]}
    if len(found) > 1:
        known = '", "'.join(f"#{one.place + 1}" for one in found[:3])
        raise ExchangeError("double_column", **place, n=len(found), known=known)
    if not found:
        titles = [one.title for one in table.columns]
        [near, *_] = difflib.get_close_matches(name, titles, 1, 0) or titles
        raise ExchangeError("no_column", **place, known=near[:80])
    return found[0]
