"""A playbook as Markdown, and back.

What a team wrote is escaped, so that it shows as it was typed. Comments that no reader sees carry the
fields' ids; guidance stands in block quotes. Headings may be reworded and texts edited before it is read back.
"""

import html
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cxassess.errors import CxError
from cxassess.exchange.playbook_outline import groups, record_head, shown
from cxassess.language import say
from cxassess.model import Model, load_model
from cxassess.model.records import Column, PlaybookField
from cxassess.playbook.book import (
    SCHEMA,
    Playbook,
    PlaybookError,
    clean,
    columns_of,
    current_fields,
    options,
    playbook_of,
    sections,
)

_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|${}])")
_AT_START = re.compile(r"^(?=\S)([#+\-=:%@]|\d{1,9}(?=[.)]))")
_MARK = re.compile(r"<!-- (fields?|about) (.*?) -->")
_OURS_ABOVE = re.compile(r"\A\s*> .*\n?")
_OURS_BELOW = re.compile(r"(?:^## .*\n+(?:> .*\n*)?)?(?:^### .*\n*)?\s*\Z|^> .*\n*\Z", re.MULTILINE)
"""The next section's and field's headings, or the last line of the document."""
_RULE = re.compile(r"\|[\s:|-]*-[\s:|-]*\|?")
"""The line below a table's head."""
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|(&#?\w+;)")


def to_markdown(playbook: Playbook, model: Model | None = None) -> str:
    """The playbook in the current language.

    >>> book = Playbook("Us", {"sharing": "# every | month"})
    >>> from_markdown(to_markdown(book)) == book
    True
    """
    model = model or load_model()
    about = {
        "schema": SCHEMA,
        "team": clean(playbook.team),
        "model": {"version": model.version, "hash": model.hash},
    }
    lines = [
        f"# {say('playbook.title')}",
        f"<!-- about {_hidden(about)} -->",
        say("playbook.team_line", team=_escaped_line(clean(playbook.team).replace("\n", " ")))
        if playbook.team
        else "",
    ]
    for number, (section, fields) in enumerate(sections(model), 1):
        lines += [f"## {say('playbook.section', number=number, name=section.name)}", f"> {section.guidance}"]
        for group in groups(fields, model):
            if group[0].rows == 1:
                lines += [
                    f"<!-- fields {' '.join(one.id for one in group)} -->",
                    _records(group, playbook, model),
                ]
                continue
            one = group[0]
            lines += [
                f"### {one.name}",
                f"<!-- field {one.id} -->",
                f"> {one.guidance}",
                _body(one, playbook, model),
            ]
    lines.append(f"> {say('playbook.made_with', version=model.version, hash=model.hash)}")
    return "\n\n".join(line for line in lines if line) + "\n"


def from_markdown(text: str, model: Model | None = None, file: str = "Markdown") -> Playbook:
    """The playbook that `to_markdown` wrote, in any of the model's languages.

    Raises:
        PlaybookError: the text is no such playbook.
    """
    model = model or load_model()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    marks = list(_MARK.finditer(text))
    if not marks or marks[0][1] != "about":
        raise PlaybookError("not_a_document", file=file, found="about")
    try:
        about = json.loads(marks[0][2])
    except json.JSONDecodeError as error:
        raise PlaybookError("not_a_document", file=file, found="about") from error
    if not isinstance(about, dict) or about.get("schema") != SCHEMA:
        raise PlaybookError("not_a_document", file=file, found="about")
    made_with = about.get("model")
    made_with = made_with if isinstance(made_with, dict) else {}
    version = str(made_with.get("version", ""))
    values: dict[str, Any] = {}
    problems: list[CxError] = []
    for mark, following in zip(marks[1:], [*marks[2:], None], strict=True):
        body = _own_lines(text[mark.end() : following.start() if following else len(text)])
        ids = current_fields(dict.fromkeys(mark[2].split()), version, model)
        fields = [model.records["field"][id] for id in ids if id in model.records["field"]]
        if len(fields) < len(ids):
            problems.append(PlaybookError("unknown_field", file=file, record=mark[2][:60]))
        if not fields:
            continue
        if fields[0].kind != "table":
            written = _unescaped("\n".join(body)).strip("\n")
            values[fields[0].id] = None if _is_blank(body) else written
        else:
            values |= _read_rows(body, fields, model, file)
    team = about.get("team")
    read = playbook_of(
        team if isinstance(team, str) else "", values, model, file,
        model_version=version, model_hash=str(made_with.get("hash", "")),
    )  # fmt: skip
    return replace(read, problems=(*problems, *read.problems))


def _body(one: PlaybookField, playbook: Playbook, model: Model) -> str:
    if one.kind != "table":
        return _escaped(clean(playbook.text(one.id))) or f"*({say('playbook.blank')})*"
    columns = columns_of(one, model)
    rows = [[_cell(column, row.get(column.id), model) for column in columns] for row in playbook.rows(one.id)]
    return _table([str(column.name) for column in columns], rows)


def _records(fields: tuple[PlaybookField, ...], playbook: Playbook, model: Model) -> str:
    columns = columns_of(fields[0], model)
    rows = []
    for one in fields:
        row = next(iter(playbook.rows(one.id)), {})
        rows.append(
            [_escaped(str(one.name)), *(_cell(column, row.get(column.id), model) for column in columns)]
        )
    return _table([record_head(fields), *(str(column.name) for column in columns)], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *(rows or [[""] * len(head)])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _cell(column: Column, value: Any, model: Model) -> str:
    return "<br>".join(map(_escaped_line, shown(column, value, model).split("\n")))


def _escaped(text: str) -> str:
    """The text so that Markdown shows it as it is; an empty line parts paragraphs."""
    pieces = re.split(r"(\n+)", text)
    for place, piece in enumerate(pieces):
        breaks = "\n\n" if len(piece) == 2 else "\\\n" * len(piece)
        pieces[place] = breaks if place % 2 else _escaped_line(piece)
    return "".join(pieces)


def _escaped_line(text: str) -> str:
    text = _SPECIAL.sub(r"\\\1", text)
    text = _AT_START.sub(lambda found: _reference(found[1]) if found[1].isdigit() else "\\" + found[1], text)
    return re.sub(r"\t|^ +| +$", lambda found: "".join(f"&#{ord(letter)};" for letter in found[0]), text)


def _reference(digits: str) -> str:
    """A number at the start of a line, so that it does not begin a list."""
    return f"&#{ord(digits[0])};{digits[1:]}"


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: found[1] or html.unescape(found[2]), text)


def _hidden(about: Mapping[str, Any]) -> str:
    """JSON that cannot end a comment."""
    return json.dumps(about, ensure_ascii=False).replace("-", "\\u002d").replace(">", "\\u003e")


def _own_lines(text: str) -> list[str]:
    """What the team wrote: without our guidance above and the next headings below, hard breaks opened."""
    lines = []
    for line in _OURS_BELOW.sub("", _OURS_ABOVE.sub("", text)).strip("\n").split("\n"):
        hard = len(line) - len(line.rstrip("\\"))
        lines.append(line[:-1] if hard % 2 else line)
    return lines


def _is_blank(lines: Sequence[str]) -> bool:
    return len(lines) == 1 and bool(re.fullmatch(r"\*\([^*]*\)\*", lines[0]))


def _read_rows(
    lines: Sequence[str], fields: Sequence[PlaybookField], model: Model, file: str
) -> dict[str, Any]:
    stray = next((line for line in lines if line.strip() and not line.startswith("|")), None)
    if stray is not None:
        raise PlaybookError("stray_line", file=file, record=fields[0].name, found=stray.strip()[:60])
    table = [_cells(line) for line in lines if line.strip() and not _RULE.fullmatch(line.strip())]
    if not table:
        return {}
    columns = columns_of(fields[0], model)
    heads = ["" if fields[0].rows == 1 and not place else name for place, name in enumerate(table[0])]
    order = [_column(name, columns, fields[0], file) if name else None for name in heads]
    found: dict[str, list[dict[str, Any]]] = {}
    for cells in table[1:]:
        row = {
            column.id: read_cell(column, cell, model)
            for column, cell in zip(order, cells, strict=False)
            if column and cell
        }
        one = _named(cells[0], fields) if fields[0].rows == 1 else fields[0]
        if one is None:
            raise PlaybookError("stray_row", file=file, record=cells[0][:60])
        if row:
            found.setdefault(one.id, []).append(row)
    return found


def _cells(line: str) -> list[str]:
    """The cells of a table's line."""
    parts = [""]
    for piece in re.findall(r"\\.|[^|\\]+|\||\\$", line.strip()):
        if piece == "|":
            parts.append("")
        else:
            parts[-1] += piece
    return [_unescaped(part.strip(" ").replace("<br>", "\n")) for part in parts[1:-1]]


def _column(name: str, columns: Sequence[Column], one: PlaybookField, file: str) -> Column:
    for column in columns:
        if name in column.name.by_language.values():
            return column
    raise PlaybookError("unknown_column", file=file, record=one.name, found=name[:60])


def _named(name: str, fields: Sequence[PlaybookField]) -> PlaybookField | None:
    return next((one for one in fields if name in one.name.by_language.values()), None)


def read_cell(column: Column, text: str, model: Model) -> Any:
    """What a cell's text means: a choice from its name in any language, a number from its digits."""
    if column.kind == "choice":
        names = options(column, model)
        return next((value for value, name in names.items() if text in name.by_language.values()), text)
    if column.kind == "number":
        plain = (
            unicodedata.normalize("NFKC", text)
            .replace(",", "")
            .replace("−", "-")
            .strip()
            .removesuffix("%")
            .strip()
        )
        try:
            return float(plain) if re.search(r"[.eE]", plain) else int(plain)
        except ValueError:
            return text
    return text
