"""A team's export as tidy tables, CSV or Parquet, with a `datapackage.json` that describes them.

CSV files open in Excel as they are: UTF-8 with a mark. No text in them is a formula: one that begins like a
formula, or with an apostrophe, has an apostrophe before it, which `read_tables` takes away again.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from cxassess.documents import write_whole

Row = dict[str, Any]
PACKAGE = "datapackage.json"
GUARD = "'"
RISKY = frozenset("=+-@\t\r\n'＝＋－＠")
"""What a spreadsheet may take for the start of a formula, and the guard itself."""

_ROUND = {"round": ("string", "the round's folder; “.” is the team's folder itself")}
_WHO = {**_ROUND, "respondent": ("string", "the respondent's name")}
FIELDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "rounds": {**_ROUND, "label": ("string", "what the round is called"), "team": ("string", "the team's name"),
               "stage": ("string", "id of the stage reached; empty when withheld"),
               "agreement": ("number", "Krippendorff's alpha, ordinal; empty when it cannot be worked out")},
    "settings": {**_ROUND, "setting": ("string", "target (a level) or weight (importance, 0 to 100)"),
                 "element": ("string", "id"), "value": ("number", "what the team chose")},
    "responses": {**_WHO, "id": ("string", "tells respondents of one name apart"), "language": ("string", "code"),
                  "saved": ("string", "ISO 8601"), "revision": ("integer", "how often the file was saved"),
                  "model_version": ("string", "of the model that asked"), "model_hash": ("string", "of its content"),
                  "position": ("string", "where the respondent was in the form, as JSON")},
    "answers": {**_WHO, "question": ("string", "kind and id, such as element.goals or evidence.goals"),
                "value": ("string", "a level, a choice's value, na for not applicable, or a text; no row means blank")},
    "scores": {**_ROUND, "kind": ("string", "index, theme or element"), "id": ("string", "empty for the index"),
               "score": ("number", "in levels; empty when withheld"), "withheld": ("string", "why there is no score"),
               "coverage": ("number", "share of the ratings that there could be, 0 to 1"),
               "not_applicable": ("integer", "respondents"), "blank": ("integer", "respondents"),
               "spread": ("number", "mean difference of two people, in levels"), "target": ("number", "in levels"),
               "gap": ("number", "levels to the target"), "weight": ("number", "importance")},
    "tallies": {**_ROUND, "question": ("string", "kind and id"), "value": ("string", "level, choice, na or blank"),
                "count": ("integer", "respondents")},
    "gates": {**_ROUND, "stage": ("string", "id"), "share": ("number", "of elements at its score, 0 to 1"),
              "holds": ("boolean", "whether its gate holds")},
    "claims": {**_WHO, "element": ("string", "id"), "rating": ("integer", "without evidence")},
    "derivations": {**_ROUND, "id": ("string", "index, stage, or a theme's or element's id"),
                    "language": ("string", "code"), "text": ("string", "how the score came about")},
    "plan": {"practice": ("string", "id"), "status": ("string", "in, or why not"),
             "phase": ("integer", "in which it is in place; empty when it is not in the plan"),
             "days": ("number", "person-days"), "brings": ("number", "levels of the index, weighed by time")},
    "playbook": {"folder": ("string", "as in rounds"), "team": ("string", "whose playbook"), "field": ("string", "id"),
                 "row": ("integer", "of a table, from 1; empty for a text"), "column": ("string", "of a table"),
                 "value": ("string", "what was written"), "type": ("string", "text or number")},
    "labels": {"key": ("string", "kind and id"), "language": ("string", "code"), "text": ("string", "the name")},
}  # fmt: skip
"""Every table's columns: type and meaning."""


def write_tables(table: Mapping[str, Any], folder: Path, kind: str) -> None:
    """Write a team's export, as `team_table` gives it, as tables into a folder.

    Raises:
        OSError: it cannot be written.
        ModuleNotFoundError: Parquet needs PyArrow.
    """
    to_bytes = {"csv": _to_csv, "parquet": _to_parquet}[kind]
    files = {}
    for name, fields in FIELDS.items():
        rows = [{key: _whole(row.get(key)) for key in fields} for row in _ROWS[name](table)]
        files[folder / f"{name}.{kind}"] = to_bytes(rows, fields)
    package = {
        "name": "cxassess-team-export",
        "profile": "tabular-data-package",
        "schema": table["schema"],
        "exported": table["exported"],
        "team": table["team"],
        "model": table["model"],
        "plan_for": (table["plan"] or {}).get("round"),
        "guard": GUARD,
        "description": "Everything a team has. In CSV files, a text that begins with one of = + - @, a tab, a line end, "
        "an apostrophe, or a full-width form of the first four, has an apostrophe before it that is not part of it.",
        "resources": [_resource(name, fields, kind) for name, fields in FIELDS.items()],
    }
    files[folder / PACKAGE] = f"{json.dumps(package, ensure_ascii=False, indent=1)}\n".encode()
    write_whole(files)


def read_tables(folder: Path) -> dict[str, Any]:
    """The answers, settings and playbooks in a folder of tables, as `team_table` gives them; scores are left out.

    Raises:
        OSError, ValueError, KeyError: it is no such folder.
        ModuleNotFoundError: Parquet needs PyArrow.
    """
    package = json.loads((folder / PACKAGE).read_text("utf-8-sig"))
    found: dict[str, list[Row]] = {}
    for one in package["resources"]:
        name = one["name"]
        if name in {"rounds", "settings", "responses", "answers", "playbook"}:
            read = _read_csv if one["format"] == "csv" else _read_parquet
            found[name] = read(folder / f"{name}.{one['format']}", FIELDS[name])
    return {
        "schema": package["schema"],
        "rounds": [_round(row, found) for row in found["rounds"]],
        "playbooks": [*_playbooks(found["playbook"])],
    }


def _round(row: Row, found: Mapping[str, list[Row]]) -> Row:
    mine = {name: [one for one in rows if one.get("round") == row["round"]] for name, rows in found.items()}
    answers: dict[str, dict[str, Any]] = {one["respondent"]: {} for one in mine["responses"]}
    for one in mine["answers"]:
        value, kind = one["value"] or "", one["question"].partition(".")[0]
        rating = kind == "element" and value.isdigit()
        answers[one["respondent"]][one["question"]] = int(value) if rating else value
    settings = {
        kind: {one["element"]: one["value"] for one in mine["settings"] if one["setting"] == kind}
        for kind in ("target", "weight")
    }
    return {
        "folder": row["round"],
        "round": row["label"] or "",
        "team": {"name": row["team"] or "", "targets": settings["target"], "weights": settings["weight"]},
        "responses": [
            {
                "respondent": one["respondent"],
                "id": one["id"] or "",
                "model": {"version": one["model_version"] or "", "hash": one["model_hash"] or ""},
                "language": one["language"] or "",
                "saved": one["saved"] or "",
                "revision": one["revision"],
                "position": json.loads(one["position"] or "{}"),
                "answers": answers[one["respondent"]],
            }
            for one in mine["responses"]
        ],
    }


def _playbooks(rows: list[Row]) -> Iterator[Row]:
    for folder in dict.fromkeys(one["folder"] for one in rows):
        mine = [one for one in rows if one["folder"] == folder]
        values: dict[str, Any] = {}
        for one in mine:
            value = one["value"] or ""
            if one["type"] == "number":
                value = float(value) if "." in value or "e" in value else int(value)
            if one["row"] is None:
                values[one["field"]] = value
                continue
            table = values.setdefault(one["field"], [])
            table += [{} for _ in range(one["row"] - len(table))]
            table[one["row"] - 1][one["column"]] = value
        yield {"folder": folder, "team": mine[0]["team"] or "", "playbook": values}


def _rounds_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for one in table["rounds"]:
        result = one["result"]
        yield {"round": one["folder"], "label": one["round"], "team": one["team"]["name"], "stage": result["stage"],
               "agreement": result["agreement"]}  # fmt: skip


def _settings_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for one in table["rounds"]:
        for kind in ("target", "weight"):
            for id, value in one["team"][f"{kind}s"].items():
                yield {"round": one["folder"], "setting": kind, "element": id, "value": value}


def _responses_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for one in table["rounds"]:
        for row in one["responses"]:
            yield {**row, "round": one["folder"], "model_version": row["model"]["version"],
                   "model_hash": row["model"]["hash"], "position": json.dumps(row["position"], ensure_ascii=False)}  # fmt: skip


def _answers_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for one in table["rounds"]:
        for row in one["responses"]:
            for key, value in row["answers"].items():
                yield {
                    "round": one["folder"],
                    "respondent": row["respondent"],
                    "question": key,
                    "value": str(value),
                }


def _scores_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for one in table["rounds"]:
        result = one["result"]
        yield {"round": one["folder"], "kind": "index", "id": "", **result["index"]}
        for kind in ("theme", "element"):
            for id, row in result[f"{kind}s"].items():
                yield {"round": one["folder"], "kind": kind, "id": id, **row}


def _tallies_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for one in table["rounds"]:
        for kind in ("element", "practice", "condition", "cause"):
            for id, row in one["result"][f"{kind}s"].items():
                counts = {**row["counts"], "na": row["not_applicable"], "blank": row["blank"]}
                for value, count in counts.items():
                    yield {"round": one["folder"], "question": f"{kind}.{id}", "value": value, "count": count}


def _gates_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for one in table["rounds"]:
        for gate in one["result"]["gates"]:
            yield {**gate, "round": one["folder"]}


def _claims_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for one in table["rounds"]:
        for claim in one["result"]["claims"]:
            yield {**claim, "round": one["folder"]}


def _derivations_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for one in table["rounds"]:
        for id, texts in one["result"]["derivation"].items():
            for code, text in texts.items():
                yield {"round": one["folder"], "id": id, "language": code, "text": text}


def _plan_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for one in (table["plan"] or {"practices": []})["practices"]:
        yield {**one, "practice": one["id"]}


def _playbook_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for one in table["playbooks"]:
        whose = {"folder": one["folder"], "team": one["team"]}
        for id, value in one["playbook"].items():
            if isinstance(value, str):
                yield {**whose, "field": id, "value": value, "type": "text"}
                continue
            for number, row in enumerate(value, 1):
                for column, cell in row.items():
                    kind = "text" if isinstance(cell, str) else "number"
                    yield {
                        **whose,
                        "field": id,
                        "row": number,
                        "column": column,
                        "value": str(cell),
                        "type": kind,
                    }


def _labels_rows(table: Mapping[str, Any]) -> Iterator[Row]:
    for key, texts in table["labels"].items():
        for code, text in texts.items():
            yield {"key": key, "language": code, "text": text}


_ROWS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Row]]] = {
    "rounds": _rounds_rows, "settings": _settings_rows, "responses": _responses_rows, "answers": _answers_rows,
    "scores": _scores_rows, "tallies": _tallies_rows, "gates": _gates_rows, "claims": _claims_rows,
    "derivations": _derivations_rows, "plan": _plan_rows, "playbook": _playbook_rows, "labels": _labels_rows,
}  # fmt: skip


def _resource(name: str, fields: Mapping[str, tuple[str, str]], kind: str) -> Row:
    about: Row = {"name": name, "path": f"{name}.{kind}", "format": kind, "profile": "tabular-data-resource"}
    if kind == "csv":
        about |= {"mediatype": "text/csv", "encoding": "utf-8", "dialect": {"delimiter": ",", "header": True}}
    columns = [{"name": key, "type": type, "description": text} for key, (type, text) in fields.items()]
    return {**about, "schema": {"fields": columns, "missingValues": [""]}}


def _whole(value: Any) -> Any:
    """Half of a surrogate pair, which some keyboards send, has no UTF-8 form."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _to_csv(rows: list[Row], fields: Mapping[str, tuple[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(fields)
    for row in rows:
        writer.writerow([_guarded(row[key], kind) for key, (kind, _) in fields.items()])
    return out.getvalue().encode("utf-8-sig")


def _guarded(value: Any, kind: str) -> Any:
    """A text that no spreadsheet takes for a formula."""
    if kind == "boolean":
        return str(value).lower()
    return f"{GUARD}{value}" if kind == "string" and value and str(value)[0] in RISKY else value


def _read_csv(path: Path, fields: Mapping[str, tuple[str, str]]) -> list[Row]:
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            {key: _plain(row[key], kind) for key, (kind, _) in fields.items()} for row in csv.DictReader(file)
        ]


def _plain(text: str, kind: str) -> Any:
    if kind == "string":
        return text.removeprefix(GUARD)
    if not text:
        return None
    if kind == "boolean":
        return text == "true"
    return int(text) if kind == "integer" else float(text)


def _to_parquet(rows: list[Row], fields: Mapping[str, tuple[str, str]]) -> bytes:
    pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    types = {"string": pyarrow.string(), "number": pyarrow.float64(), "integer": pyarrow.int64(),
             "boolean": pyarrow.bool_()}  # fmt: skip
    schema = pyarrow.schema([(key, types[kind]) for key, (kind, _) in fields.items()])
    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema), out)
    return out.getvalue()


def _read_parquet(path: Path, fields: Mapping[str, tuple[str, str]]) -> list[Row]:
    parquet = import_module("pyarrow.parquet")
    rows: list[Row] = parquet.read_table(path, columns=[*fields]).to_pylist()
    return rows
