"""Counts of the faults that a table's definition states.

A fault is a rule: `kind`, `column` and what the kind needs besides. Kinds, and what is counted:

- `missing`: cells without a value; with `value`, cells that say so by this code
- `gap`: empty cells in rows where `where` holds (`*` is any value)
- `duplicate`: rows that repeat an earlier row in everything but the primary key
- `repeat`: values that an earlier row has
- `negative`, `above`, `below`: numbers under zero, over or under `limit`
- `pattern`: values that do not match `pattern`
- `spelling`: values that are none of the column's labels
- `before`: times earlier than the same row's `other`
- `contradiction`: true although the same row's `other` is not true or is missing
- `skipped`: groups (of `group`) that lack a step that their last one needs, in the order of the labels
- `month`: times whose month in UTC is not their month in Tokyo
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

Rule = Mapping[str, Any]
Cells = Sequence[Mapping[str, str]]

TOKYO = timedelta(hours=9)


def count(rule: Rule, schema: Mapping[str, Any], cells: Cells) -> int:
    """How many cells, rows or groups have the fault."""
    kind, column = rule["kind"], rule["column"]
    missing = set(schema["missingValues"])
    values = [row[column] for row in cells if row[column] not in missing] if column else []
    match kind:
        case "missing":
            codes = {rule["value"]} if "value" in rule else missing
            return sum(row[column] in codes for row in cells)
        case "gap":
            return sum(row[column] == "" and _holds(rule["where"], row) for row in cells)
        case "duplicate":
            rows = [tuple(row[name] for name in row if name not in schema["primaryKey"]) for row in cells]
            return len(rows) - len(set(rows))
        case "repeat":
            return len(values) - len(set(values))
        case "negative":
            return sum(int(value) < 0 for value in values)
        case "above":
            return sum(int(value) > rule["limit"] for value in values)
        case "below":
            return sum(int(value) < rule["limit"] for value in values)
        case "pattern":
            return sum(not re.fullmatch(rule["pattern"], value) for value in values)
        case "spelling":
            known = _labels(schema, column)
            return sum(value not in known for value in values)
        case "before":
            pairs = [(row[column], row[rule["other"]]) for row in cells]
            return sum(one < other for one, other in pairs if one not in missing and other not in missing)
        case "contradiction":
            unsupported = missing | {"false"}
            return sum(row[column] == "true" and row[rule["other"]] in unsupported for row in cells)
        case "skipped":
            return _skipped(rule, _labels(schema, column), cells)
        case "month":
            times = [datetime.fromisoformat(value) for value in values]
            return sum((time + TOKYO).month != time.month for time in times)
    raise ValueError(f"no such kind of fault: {kind}")


def _holds(where: Mapping[str, str], row: Mapping[str, str]) -> bool:
    return all(row[column] != "" if value == "*" else row[column] == value for column, value in where.items())


def _labels(schema: Mapping[str, Any], column: str) -> list[str]:
    labels = next(field["labels"] for field in schema["fields"] if field["name"] == column)
    return [label["value"] for label in labels]


def _skipped(rule: Rule, order: Sequence[str], cells: Cells) -> int:
    steps = defaultdict(set)
    for row in cells:
        steps[row[rule["group"]]].add(order.index(row[rule["column"]]))
    return sum(len(seen) <= max(seen) for seen in steps.values())
