"""Reads the model's TOML files into records and refuses what does not hold together."""

import difflib
import graphlib
import hashlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from cxassess.errors import ModelError
from cxassess.language import Text, model_folder
from cxassess.model import records
from cxassess.model.records import Cause, Condition, Element, Function, Practice, Rules, Scale, Stage, Theme

KINDS: Mapping[str, type] = {
    "article": records.Article,
    "cause": records.Cause,
    "condition": records.Condition,
    "element": records.Element,
    "family": records.Family,
    "field": records.PlaybookField,
    "function": records.Function,
    "metric": records.Metric,
    "point": records.Point,
    "practice": records.Practice,
    "scale": records.Scale,
    "section": records.Section,
    "stage": records.Stage,
    "step": records.Step,
    "successor": records.Successor,
    "term": records.Term,
    "theme": records.Theme,
}
"""Every kind of record, by the header of its tables: `[[element]]` is an `Element`."""


@dataclass(frozen=True, slots=True)
class Model:
    """The whole model: records of every kind by id, in the order of the files.

    `hash` changes whenever anything in the files does.
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
            names nothing, prerequisites go round in a circle. The message names file and record.
    """
    return _load(Path(folder) if folder is not None else model_folder())


@cache
def _load(folder: Path) -> Model:
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise ModelError("model_empty", folder=str(folder))
    tables = {path.name: _read(path) for path in paths}
    head = tables.pop("model.toml", None)
    if head is None:
        raise ModelError("model_empty", folder=str(folder))
    languages = head["languages"]
    build = _Builder(frozenset(languages))
    found: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    origin: dict[tuple[str, str], str] = {}
    colours: dict[str, str] = {}
    for file, table in tables.items():
        colours |= table.pop("colours", {})
        for kind, entries in table.items():
            if kind not in KINDS:
                raise ModelError(
                    "model_unknown_kind", file=file, record=kind, known=_nearest(kind, list(KINDS))
                )
            for number, entry in enumerate(entries, 1):
                name = f"{kind} {entry.get('id', number)}"
                record = build(KINDS[kind], entry, file, name)
                if record.id in found[kind]:
                    raise ModelError("model_duplicate", file=file, record=name, other=origin[kind, record.id])
                found[kind][record.id] = record
                origin[kind, record.id] = file
    model = Model(
        version=head["version"],
        hash=_content_hash(paths),
        languages=MappingProxyType(languages),
        rules=build(Rules, head["rules"], "model.toml", "rules"),
        colours=MappingProxyType(colours),
        records=MappingProxyType({kind: MappingProxyType(some) for kind, some in found.items()}),
    )
    for kind, some in found.items():
        for record in some.values():
            _check_references(record, found, origin[kind, record.id], f"{kind} {record.id}")
    _check_shape(model, origin)
    return model


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError("model_syntax", file=path.name, found=str(error)) from error


def _content_hash(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:12]


class _Builder:
    """Builds a record from a table as the record's annotations say."""

    def __init__(self, languages: frozenset[str]) -> None:
        self.languages = languages

    def __call__(self, cls: type, table: Any, file: str, record: str) -> Any:
        if not isinstance(table, dict):
            raise ModelError("model_type", file=file, record=record, field="", found=repr(table)[:60])
        known = {one.name: one for one in fields(cls)}
        for key in table:
            if key not in known:
                raise ModelError(
                    "model_unknown_key", file=file, record=record, field=key, known=_nearest(key, list(known))
                )
        hints = _hints(cls)
        values = {}
        for name, one in known.items():
            if name in table:
                values[name] = self._value(hints[name], table[name], file, record, name)
            elif not _has_default(one):
                raise ModelError("model_missing_key", file=file, record=record, field=name)
        return cls(**values)

    def _value(self, hint: Any, value: Any, file: str, record: str, name: str) -> Any:
        def fail() -> ModelError:
            return ModelError("model_type", file=file, record=record, field=name, found=repr(value)[:60])

        if get_origin(hint) is Annotated:
            hint = get_args(hint)[0]
        if hint is Text:
            return self._text(value, file, record, name, fail)
        if is_dataclass(hint) and isinstance(hint, type):
            return self(hint, value, file, f"{record}.{name}")
        origin = get_origin(hint)
        if origin is tuple:
            if not isinstance(value, list):
                raise fail()
            inner = get_args(hint)[0]
            return tuple(
                self._value(inner, one, file, record, f"{name}[{position}]")
                for position, one in enumerate(value, 1)
            )
        if origin is Mapping:
            inner = get_args(hint)[1]
            if not isinstance(value, dict):
                raise fail()
            return MappingProxyType(
                {key: self._value(inner, one, file, record, f"{name}.{key}") for key, one in value.items()}
            )
        if hint is float and type(value) is int:
            return float(value)
        if type(value) is not hint:
            raise fail()
        return value

    def _text(self, value: Any, file: str, record: str, name: str, fail: Callable[[], ModelError]) -> Text:
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise fail()
        for language in sorted(self.languages - {key for key, text in value.items() if text.strip()}):
            raise ModelError(
                "model_missing_language", file=file, record=record, field=name, language=language
            )
        for language in sorted(set(value) - self.languages):
            raise ModelError(
                "model_unknown_language", file=file, record=record, field=name, language=language
            )
        return Text(value)


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


def _has_default(one: Field[Any]) -> bool:
    return one.default is not MISSING or one.default_factory is not MISSING


def _nearest(word: str, words: list[str]) -> str:
    return ", ".join(difflib.get_close_matches(word, words, n=1) or sorted(words))


def references(record: Any) -> Iterator[tuple[str, str, str]]:
    """Every (field, kind, id) by which a record names another one."""
    for name, hint in _hints(record.__class__).items():
        for mark in getattr(hint, "__metadata__", ()):
            value = getattr(record, name)
            for target in [value] if isinstance(value, str) else value:
                if target:
                    yield name, mark.kind, target


def _check_references(record: Any, found: Mapping[str, Mapping[str, Any]], file: str, name: str) -> None:
    for field, kind, target in references(record):
        if target not in found[kind]:
            raise ModelError(
                "model_unknown_reference", file=file, record=name, field=field, target=f"{kind} {target}",
                known=_nearest(target, list(found[kind])),
            )  # fmt: skip


def _check_shape(model: Model, origin: Mapping[tuple[str, str], str]) -> None:
    """What the annotations cannot say: equal scales, rising gates, no circle of prerequisites."""
    for element in model.elements.values():
        if len(element.levels) != model.levels or model.levels < 2:
            raise ModelError(
                "model_levels", file=origin["element", element.id], record=f"element {element.id}",
                found=len(element.levels), expected=max(model.levels, 2),
            )  # fmt: skip
    for lower, higher in zip(model.stages, model.stages[1:], strict=False):
        if higher.level == lower.level or higher.score < lower.score or higher.floor < lower.floor:
            raise ModelError(
                "model_stages", file=origin["stage", higher.id], record=f"stage {higher.id}", other=lower.id
            )
    for theme in model.themes.values():
        if theme.colour not in model.colours:
            raise ModelError(
                "model_colour", file=origin["theme", theme.id], record=f"theme {theme.id}",
                found=theme.colour, known=", ".join(model.colours),
            )  # fmt: skip
    try:
        graphlib.TopologicalSorter(
            {practice.id: practice.prerequisites for practice in model.practices.values()}
        ).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
        raise ModelError(
            "model_cycle", file=origin["practice", circle[0]], record=f"practice {circle[0]}",
            circle=" → ".join(circle),
        ) from error  # fmt: skip
