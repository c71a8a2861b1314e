"""Reads the model's TOML files into records and refuses what does not hold together."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cxassess.errors import ModelError
from cxassess.language import OWN_MODEL, model_folder
from cxassess.model.building import OWN_LANGUAGES, Builder, nearest, read, refuse_missing
from cxassess.model.checking import check_course, check_interface, check_references, check_shape
from cxassess.model.records import (
    KINDS,
    Cause,
    Condition,
    Element,
    Function,
    Head,
    Practice,
    Rules,
    Scale,
    Stage,
    Theme,
)

COLOURS = (
    "ink", "muted", "line", "paper", "wash", "accent", "target", "good", "warn",
    "level1", "level2", "level3", "level4", "level5",
)  # fmt: skip
"""The colours that charts, forms and documents ask for by name; a theme's colour may have any name."""


@dataclass(frozen=True, slots=True)
class Model:
    """The whole model: records of every kind by id, in the order of the files.

    `hash` changes whenever anything does in `model.toml` or another TOML file of the same folder. Its
    subfolders, such as the texts in `interface/`, are not in it: a reworded button makes no other model.
    """

    version: str
    hash: str
    languages: Mapping[str, str]
    rules: Rules
    colours: Mapping[str, str]
    records: Mapping[str, Mapping[str, Any]]

    @property
    def themes(self) -> Mapping[str, Theme]:
        return self.records["theme"]

    @property
    def elements(self) -> Mapping[str, Element]:
        return self.records["element"]

    @property
    def practices(self) -> Mapping[str, Practice]:
        return self.records["practice"]

    @property
    def functions(self) -> Mapping[str, Function]:
        return self.records["function"]

    @property
    def conditions(self) -> Mapping[str, Condition]:
        return self.records["condition"]

    @property
    def causes(self) -> Mapping[str, Cause]:
        return self.records["cause"]

    @property
    def scales(self) -> Mapping[str, Scale]:
        return self.records["scale"]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """From the lowest level to the highest."""
        return tuple(sorted(self.records["stage"].values(), key=lambda stage: stage.level))

    @property
    def levels(self) -> int:
        """How many levels an element is rated on."""
        return len(next(iter(self.elements.values())).levels)

    def elements_of(self, theme: str) -> tuple[Element, ...]:
        return tuple(element for element in self.elements.values() if element.theme == theme)

    def practices_of(self, function: str) -> tuple[Practice, ...]:
        return tuple(practice for practice in self.practices.values() if practice.function == function)

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(found)} × {kind}" for kind, found in self.records.items() if found)
        return f"Model({self.version}, {self.hash}: {counts})"


def load_model(folder: str | Path | None = None) -> Model:
    """The model in `folder`, or the current one (`CXASSESS_MODEL`, else the package's own).

        >>> model = load_model()
        >>> len(model.elements), len(model.practices)
        (15, 30)

    Raises:
        ModelError: a file cannot be read, a language or a key is missing, an id is used twice or
            names nothing, a number is out of its range, prerequisites go round in a circle. The message
            names file and record; when texts lack a language, it names every one of them.
    """
    return _load(Path(folder) if folder is not None else model_folder())


@cache
def _load(folder: Path) -> Model:
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise ModelError("model_empty", folder=str(folder))
    tables = {path.name: read(path) for path in paths}
    head = tables.pop("model.toml", None)
    if head is None:
        raise ModelError("model_empty", folder=str(folder))
    about = _head(head)
    build = Builder(frozenset(about.languages))
    found: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    origin: dict[tuple[str, str], str] = {}
    colours: dict[str, str] = {}
    for file, table in tables.items():
        colours |= _colours(table.pop("colours", {}), file)
        for kind, entries in table.items():
            if kind not in KINDS:
                raise ModelError(
                    "model_unknown_kind", file=file, record=kind, known=nearest(kind, list(KINDS))
                )
            if not isinstance(entries, list):
                raise ModelError("model_not_a_list", file=file, record=kind)
            for number, entry in enumerate(entries, 1):
                name = f"{kind} {entry.get('id', number) if isinstance(entry, dict) else number}"
                record = build(KINDS[kind], entry, file, name)
                if record.id in found[kind]:
                    raise ModelError("model_duplicate", file=file, record=name, other=origin[kind, record.id])
                found[kind][record.id] = record
                origin[kind, record.id] = file
    # The package's own interface has its tests: to read it here would take a third of the start.
    if folder != OWN_MODEL or build.languages != OWN_LANGUAGES:
        check_interface(folder, build)
        check_course(folder, build)
    refuse_missing(build.missing)
    for name in COLOURS:
        if name not in colours:
            raise ModelError("model_missing_key", file="palette.toml", record="colours", field=name)
    model = Model(
        version=about.version,
        hash=_content_hash(paths),
        languages=about.languages,
        rules=about.rules,
        colours=MappingProxyType(colours),
        records=MappingProxyType({kind: MappingProxyType(some) for kind, some in found.items()}),
    )
    for kind, some in found.items():
        for record in some.values():
            check_references(record, found, origin[kind, record.id], f"{kind} {record.id}")
    check_shape(model, origin)
    return model


def _head(table: dict[str, Any]) -> Head:
    about: Head = Builder(frozenset())(Head, table, "model.toml", "head")
    if not re.search(r"\d", about.version):
        raise ModelError(
            "model_type", file="model.toml", record="head", field="version", found=repr(about.version)
        )
    if not about.languages or not all(name.strip() for pair in about.languages.items() for name in pair):
        raise ModelError(
            "model_type", file="model.toml", record="head", field="languages", found=dict(about.languages)
        )
    return about


def _colours(table: Any, file: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise ModelError("model_type", file=file, record="colours", field="colours", found=repr(table)[:60])
    for name, value in table.items():
        if not re.fullmatch(r"[a-z]\w*", name, re.ASCII):
            raise ModelError("model_colour_name", file=file, record=name)
        if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ModelError("model_not_a_colour", file=file, record=name, found=repr(value)[:60])
    return table


def _content_hash(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:12]
