"""A first mapping for a survey, found by comparing its headings with the questions' wording in every language."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from cxassess.exchange.questionnaire_excel import asked
from cxassess.exchange.survey_table import Column, Table, read_table, squeezed
from cxassess.exchange.survey_values import Unclear, plain, value_of
from cxassess.file_names import expanded
from cxassess.language import Text, say
from cxassess.model import Model, load_model

ALIKE = 0.5
"""How alike a heading and a question must be: the share of letter pairs that they have in common."""
MOST_WORDS = 8
_PARTS = re.compile(r"\[(.+?)\]\s*$|(?:›|\s[-–—|]\s)", re.DOTALL)
_META = {
    "respondent": r"nick ?name|(?:^|\b)(?:your name|call you)|^name$|ニックネーム|お名前|氏名|^名前|お呼びし",
    "person": r"e-?mail|メール|^respondent ?id$|^responseid$|^response id$",
    "submitted": r"timestamp|タイムスタンプ|completion time|完了時刻|end ?date|recorded ?date|送信日時|回答日時",
}
_EVIDENCE = re.compile(r"evidence|show a visitor|根拠|見せられる", re.IGNORECASE)
_TESTS = {"status": ("Survey Preview", "Survey Test", "Spam"), "distribution channel": ("preview", "test")}


def propose_mapping(path: str | Path, model: Model | None = None) -> str:
    """A first mapping for a survey's export, as the text of a TOML file to check, save and use.

    Args:
        path: the export: .csv, .tsv, .txt or .xlsx.
        model: whose questions to look for; the current model if not given.

    Raises:
        ExchangeError: the file cannot be read or holds no answers.
    """
    path, model = expanded(path), model or load_model()
    table = read_table(path)
    found = _answers(table, model)
    meta = _meta(table, {column.place for column in found.values()})
    used = {column.place for column in (*found.values(), *meta.values())}
    lines = [f"# {say('exchange.proposal_head', file=_one_line(path.name))}", ""]
    heads = len(table.columns[0].heads)
    lines += ["[file]", f"header_rows = {heads}", ""]
    lines += [f"# {say('exchange.proposal_name')}", "[columns]"]
    lines += [
        f"{key} = {_quoted(meta[key], table)}" if key in meta else f'# {key} = ""'
        for key in ("respondent", "person", "submitted")
    ]
    lines += ["", "[answers]"]
    lines += [f'"{key}" = {_quoted(column, table)}' for key, column in found.items()]
    if missing := [key for key in asked(model) if key not in found]:
        lines += ["", f"# {say('exchange.proposal_missing')}", *(f'# "{key}" = ""' for key in missing)]
    lines += ["", f"# {say('exchange.proposal_values')}", "[values]", *_words(table, found, model)]
    tests = [*_tests(table)]
    lines += ["", f"# {say('exchange.proposal_tests')}", *tests] if tests else []
    used |= {column.place for column in table.columns if squeezed(column.heads[-1]) in _TESTS}
    if unused := [column.title for column in table.columns if column.place not in used]:
        lines += [
            "",
            f"# {say('exchange.proposal_unused')}",
            *(f"#   {_one_line(one)[:100]}" for one in unused),
        ]
    return "\n".join(lines) + "\n"


def _answers(table: Table, model: Model) -> dict[str, Column]:
    """The column of each question, the most alike first; evidence goes with the element before it."""
    wordings = {key: [_pairs(text) for text in _wordings(key, model)] for key in asked(model)}
    proofs = [column for column in table.columns if _EVIDENCE.search(column.title)]
    scored = sorted(
        (
            (max(_alike(part, one) for one in texts for part in parts), -column.place, key)
            for column, parts in ((one, _parts(one)) for one in table.columns if one not in proofs)
            for key, texts in wordings.items()
        ),
        reverse=True,
    )
    found: dict[str, Column] = {}
    taken: set[int] = set()
    for alike, place, key in scored:
        if alike >= ALIKE and key not in found and -place not in taken:
            found[key] = table.columns[-place]
            taken.add(-place)
    elements = sorted((column.place, key) for key, column in found.items() if key.startswith("element."))
    for column in proofs:
        before = [key for place, key in elements if place < column.place]
        if before and (proof := before[-1].replace("element.", "evidence.")) not in found:
            found[proof] = column
    order = {key: at for at, key in enumerate(asked(model))}
    return dict(
        sorted(found.items(), key=lambda one: (order[one[0].replace("evidence.", "element.")], one[0]))
    )


def _wordings(key: str, model: Model) -> Iterator[str]:
    kind, _, id = key.partition(".")
    record = model.records[kind][id]
    for field in ("name", "question", "what", "story"):
        text = getattr(record, field, None)
        if isinstance(text, Text):
            yield from text.by_language.values()


def _parts(column: Column) -> list[frozenset[str]]:
    """The heading as a whole, each of its rows, and what follows a dash or stands in brackets at its end."""
    texts = {column.title, *column.heads}
    for text in tuple(texts):
        texts |= {part for part in _PARTS.split(text) if part and len(part.strip()) > 1}
    return [_pairs(text) for text in texts if text and not text.startswith("{")]


def _pairs(text: str) -> frozenset[str]:
    letters = re.sub(r"[\W_]+", "", plain(text))
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1)) or frozenset({letters})


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Dice's coefficient of two texts' letter pairs."""
    return 2 * len(one & other) / (len(one) + len(other))


def _meta(table: Table, taken: set[int]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for key, pattern in _META.items():
        for column in table.columns:
            heads = [squeezed(one) for one in column.heads]
            given = {squeezed(cells[column.place]) for _, cells in table.rows if column.place < len(cells)}
            telling = len(given - {""}) > 1 or len(table.rows) == 1
            if telling and column.place not in taken and any(re.search(pattern, one) for one in heads):
                found[key] = column
                taken = taken | {column.place}
                break
    return found


def _tests(table: Table) -> Iterator[str]:
    for column in table.columns:
        known = next((_TESTS[squeezed(head)] for head in column.heads if squeezed(head) in _TESTS), None)
        if known:
            yield f"[[leave_out]]\ncolumn = {_quoted(column, table)}\nvalues = {json.dumps(known)}"


def _words(table: Table, found: Mapping[str, Column], model: Model) -> Iterator[str]:
    """Answers that are not understood, to be given a meaning."""
    strange: dict[str, str] = {}
    for key, column in found.items():
        for _, cells in table.rows:
            text = cells[column.place] if column.place < len(cells) else ""
            try:
                if text.strip():
                    value_of(key, text, model)
            except Unclear:
                if not re.fullmatch(r"[\d.,]+", text.strip()):
                    strange.setdefault(plain(text), text.strip())
    for text in [*strange.values()][:MOST_WORDS]:
        yield f"# {json.dumps(text[:200], ensure_ascii=False)} ="


def _quoted(column: Column, table: Table) -> str:
    """The column's heading where no other has it, else its number, as TOML writes a text."""
    for name in (*sorted(column.heads, key=len, reverse=True), column.title):
        if (
            name
            and not name.startswith("{")
            and sum(squeezed(name) in one.names for one in table.columns) == 1
        ):
            return json.dumps(name, ensure_ascii=False)
    return f'"#{column.place + 1}"  # {_one_line(column.title)[:100]}'


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
