"""Tables as CSV files, and the Frictionless data package that describes them."""

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from datasets.make import dirt

Row = dict[str, Any]
Definition = Mapping[str, Any]

DATETIME = "%Y-%m-%dT%H:%M:%S%z"
TITLE = {
    "en": "Data of fictional companies for the lessons of the course on customer-centricity",
    "ja": "顧客起点の講座で使う架空企業のデータ",
}
DESCRIPTION = {
    "en": "Every company, person, post and figure is invented by a seeded generator. People are ids only. "
    "The data has the faults that real data has; each is listed under `dirt` with its column and count.",
    "ja": "企業・人・投稿・数値はすべて、乱数の種を固定した生成プログラムによる架空のものです。"
    "人物はIDだけで表します。実務のデータにありがちな不備を含み、その列・種類・件数は`dirt`に記しています。",
}
COHORT = {
    "en": "Answers to the assessment of 24 teams of a fictional retail group",
    "ja": "架空の小売グループの24チームによる、診断の回答",
}
COHORT_ABOUT = {
    "en": "A folder per team, in it a folder per round with team.json and a JSON file per respondent. One team has three "
    "people, one has only one round, one has lost one of six people, and in one everybody rates everything 5.",
    "ja": "チームごとのフォルダーの中に回ごとのフォルダーがあり、team.jsonと、回答者1人につき1つのJSONファイルが入っています。"
    "3人のチーム、1回分だけのチーム、6人のうち1人が抜けたチーム、全員がほぼすべてを5と評価したチームを含みます。",
}


def read_definitions(folder: Path) -> Definition:
    """What all TOML files of `folder` together say: the company, and labels and tables by name."""
    shared = tomllib.loads((Path(__file__).parent / "labels.toml").read_text("utf-8"))
    read: dict[str, Any] = {"labels": shared, "table": {}}
    for path in sorted(folder.glob("*.toml")):
        content = tomllib.loads(path.read_text("utf-8"))
        read["labels"] |= content.get("labels", {})
        read["table"] |= {table["name"]: table for table in content.get("table", [])}
        read |= {"company": content["company"]} if "company" in content else {}
    return read


def write_tables(
    folder: Path, defined: Definition, tables: Mapping[str, Sequence[Row]]
) -> list[dict[str, Any]]:
    """Write `<company>/<table>.csv` for every defined table; the resources that describe them."""
    company, labels, definitions = defined["company"]["name"], defined["labels"], defined["table"]
    if tables.keys() != definitions.keys():
        raise ValueError(
            f"made but not defined or defined but not made: {tables.keys() ^ definitions.keys()}"
        )
    resources = []
    for name, definition in definitions.items():
        columns = [field["name"] for field in definition["fields"]]
        cells = [{column: _cell(row[column]) for column in columns} for row in tables[name]]
        resource = _resource(company, definition, labels)
        content = _csv(columns, cells)
        (folder / company / f"{name}.csv").write_bytes(content)
        resource |= {
            "bytes": len(content),
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "rows": len(cells),
            "dirt": [_dirt(stated, resource, cells) for stated in definition.get("dirt", [])],
        }
        resources.append(resource)
    return resources


def describe(company: Definition) -> dict[str, Any]:
    """What the package says of a company: its days, its time and money, and how its outcomes are computed."""
    days = {key: _cell(company[key]) for key in ("first_day", "last_day", "extracted")}
    described: dict[str, Any] = {
        "name": company["name"],
        **_titled(company),
        **days,
        "timezone": company["timezone"],
        "currency": company["currency"],
    }
    if "outcome" in company:
        described["outcomes"] = [
            {
                "name": outcome["name"],
                **_titled(outcome),
                "resource": f"{company['name']}.{outcome['table']}",
                "metric": outcome["metric"],
                "change_percent": outcome["change_percent"],
            }
            for outcome in company["outcome"]
        ]
    return described


def write_descriptor(
    folder: Path,
    companies: Sequence[Mapping[str, Any]],
    resources: Sequence[Mapping[str, Any]],
    cohort: Mapping[str, int],
) -> None:
    """Write `datapackage.json`, with how much there is in the cohort's folder."""
    licence = "Creative Commons Attribution 4.0 International"
    descriptor = {
        "profile": "tabular-data-package",
        "name": "customer-centricity-lessons",
        "version": "1.0.0",
        **_texts("title", TITLE),
        **_texts("description", DESCRIPTION),
        "licenses": [
            {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/", "title": licence}
        ],
        "companies": companies,
        "cohort": {
            "path": "cohort",
            **_texts("title", COHORT),
            **_texts("description", COHORT_ABOUT),
            **cohort,
        },
        "resources": resources,
    }
    text = json.dumps(descriptor, ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_bytes(f"{text}\n".encode())


def _resource(company: str, definition: Definition, labels: Mapping[str, Definition]) -> dict[str, Any]:
    dirty = {(stated["kind"], stated["column"]) for stated in definition.get("dirt", [])}
    fields = []
    foreign = []
    for field in definition["fields"]:
        name = field["name"]
        constraints = {key: field[key] for key in ("minimum", "maximum", "pattern", "unique") if key in field}
        if "empty" not in field and ("missing", name) not in dirty:
            constraints["required"] = True
        described = {"name": name, "type": field["type"], **_texts("title", field["title"])}
        if field["type"] == "datetime":
            described["format"] = DATETIME
        described |= _texts("description", field["about"])
        if "unit" in field:
            described["unit"] = field["unit"]
        if "labels" in field:
            chosen = labels[field["labels"]]
            described["labels"] = [{"value": value, **texts} for value, texts in chosen.items()]
            if field["type"] == "string" and ("spelling", name) not in dirty:
                constraints["enum"] = list(chosen)
        if "empty" in field:
            described |= _texts("empty_means", field["empty"])
        if constraints:
            described["constraints"] = constraints
        fields.append(described)
        if "to" in field:
            table, _, column = field["to"].partition(".")
            other = "" if table == definition["name"] else f"{company}.{table}"
            foreign.append({"fields": name, "reference": {"resource": other, "fields": column}})
    schema: dict[str, Any] = {
        "fields": fields,
        "primaryKey": definition["key"],
        "missingValues": definition.get("missing", [""]),
    }
    if foreign:
        schema["foreignKeys"] = foreign
    return {
        "profile": "tabular-data-resource",
        "name": f"{company}.{definition['name']}",
        "path": f"{company}/{definition['name']}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **_texts("title", definition["title"]),
        **_texts("description", definition["about"]),
        "schema": schema,
    }


def _dirt(
    stated: Definition, resource: Mapping[str, Any], cells: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    rule = {key: value for key, value in stated.items() if key not in ("en", "ja")}
    return {**rule, "count": dirt.count(rule, resource["schema"], cells), **_texts("description", stated)}


def _titled(stated: Definition) -> dict[str, str]:
    return _texts("title", stated["title"]) | _texts("description", stated["about"])


def _texts(key: str, texts: Definition) -> dict[str, str]:
    return {key: texts["en"], f"{key}_ja": texts["ja"]}


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case int() | str():
            return str(value)
    raise TypeError(f"no cell is made of {value!r}")


def _csv(columns: Sequence[str], cells: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(cells)
    return text.getvalue().encode()
