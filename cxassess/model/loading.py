"""Reads the model's TOML files into records and refuses what does not hold together."""

import difflib
import graphlib
import hashlib
import re
import string
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from cxassess.errors import ModelError
from cxassess.language import OWN_MODEL, Text, interface, model_folder
from cxassess.model import records
from cxassess.model.records import (
    Cause,
    Condition,
    Element,
    Function,
    Head,
    Practice,
    Refers,
    Rules,
    Scale,
    Stage,
    Theme,
    Within,
)

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

COLOURS = (
    "ink", "muted", "line", "paper", "wash", "accent", "target", "good", "warn",
    "level1", "level2", "level3", "level4", "level5",
)  # fmt: skip
"""The colours that charts, forms and documents ask for by name; a theme's colour may have any name."""

SCALES = ("practice", "condition", "cause")
"""The scales that questions are answered on, by the kind of record that is asked about."""

NOT_A_CHOICE = ("", "na")
"""What answers hold when a question is open or does not apply."""

OWN_LANGUAGES = frozenset({"en", "ja"})
"""The languages that the package's own model is tested in."""


@dataclass(frozen=True, slots=True)
class Model:
    """The whole model: records of every kind by id, in the order of the files.

    `hash` changes whenever anything in the files beside `model.toml` does. The texts of `interface/` are
    not in it: a reworded button makes no other model.
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
    tables = {path.name: _read(path) for path in paths}
    head = tables.pop("model.toml", None)
    if head is None:
        raise ModelError("model_empty", folder=str(folder))
    about = _head(head)
    build = _Builder(frozenset(about.languages))
    found: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    origin: dict[tuple[str, str], str] = {}
    colours: dict[str, str] = {}
    for file, table in tables.items():
        colours |= _colours(table.pop("colours", {}), file)
        for kind, entries in table.items():
            if kind not in KINDS:
                raise ModelError(
                    "model_unknown_kind", file=file, record=kind, known=_nearest(kind, list(KINDS))
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
        _check_interface(folder, build)
    _refuse_missing(build.missing)
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
            _check_references(record, found, origin[kind, record.id], f"{kind} {record.id}")
    _check_shape(model, origin)
    return model


def _head(table: dict[str, Any]) -> Head:
    about: Head = _Builder(frozenset())(Head, table, "model.toml", "head")
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


def _check_interface(folder: Path, build: "_Builder") -> None:
    """Every text of the package's own interface is there, in every language, and is filled with the same."""
    for path in sorted((OWN_MODEL / "interface").glob("*.toml")):
        file, own = f"interface/{path.name}", interface(OWN_MODEL, path.stem)
        table = _read(folder / "interface" / path.name, file)
        lacking = [key for key in own if key not in table]
        if lacking:
            raise ModelError("model_interface_lacks", file=file, texts=", ".join(lacking))
        for key, texts in table.items():
            if not build.is_text(texts):
                raise ModelError(
                    "model_not_a_text", file=file, record=key, languages=", ".join(sorted(build.languages))
                )
            build.check_languages(texts, file, key, "", blank=True)
            expected = _placeholders(own[key].to("en") if key in own else next(iter(texts.values()), ""))
            for language, text in texts.items():
                if _placeholders(text) != expected:
                    raise ModelError(
                        "model_placeholders", file=file, record=key, language=language, found=text,
                        expected=", ".join(f"{{{name}}}" for name in sorted(expected or ())) or "–",
                    )  # fmt: skip


def _placeholders(text: str) -> frozenset[str] | None:
    """The names in braces; `None` when the braces do not close."""
    try:
        return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    except ValueError:
        return None


def _refuse_missing(missing: list[tuple[str, str, str, str]]) -> None:
    """Name every text that lacks a language, for whoever is about to translate them."""
    if len(missing) == 1:
        file, record, field, language = missing[0]
        raise ModelError(
            "model_missing_language", file=file, record=record, field=field or record, language=language
        )
    if missing:
        places = [
            f"{file}, {record}{f' {field}' if field else ''} ({language})"
            for file, record, field, language in missing
        ]
        raise ModelError("model_missing_texts", n=len(places), texts="\n".join(places))


def _read(path: Path, name: str = "") -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError("model_unreadable", file=str(path), found=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError("model_syntax", file=name or path.name, found=str(error)) from error


def _content_hash(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:12]


class _Builder:
    """Builds a record from a table as the record's annotations say.

    `missing` gathers the texts that lack a language: file, record, field and language of each.
    """

    def __init__(self, languages: frozenset[str]) -> None:
        self.languages = languages
        self.missing: list[tuple[str, str, str, str]] = []

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
            hint, *marks = get_args(hint)
            made = self._value(hint, value, file, record, name)
            for mark in marks:
                if isinstance(mark, Within):
                    _check_range(made, mark, file, record, name)
            return made
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
        if type(value) is not hint or (hint is float and not isfinite(value)):
            raise fail()
        return value

    def _text(self, value: Any, file: str, record: str, name: str, fail: Callable[[], ModelError]) -> Text:
        if not self.is_text(value):
            raise fail()
        self.check_languages(value, file, record, name)
        return Text(value)

    @staticmethod
    def is_text(value: Any) -> bool:
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())

    def check_languages(
        self, texts: Mapping[str, str], file: str, record: str, name: str, blank: bool = False
    ) -> None:
        """Note the languages that a text lacks, and refuse one that the model does not have."""
        given = {key for key, text in texts.items() if blank or text.strip()}
        self.missing += [(file, record, name, language) for language in sorted(self.languages - given)]
        for language in sorted(set(texts) - self.languages):
            raise ModelError(
                "model_unknown_language", file=file, record=record, field=name or record, language=language
            )


def _check_range(value: float, allowed: Within, file: str, record: str, name: str) -> None:
    if not allowed.low <= value <= allowed.high:
        span = f"{allowed.low:g}–{allowed.high:g}" if isfinite(allowed.high) else f"≥ {allowed.low:g}"
        raise ModelError("model_range", file=file, record=record, field=name, found=value, allowed=span)


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
            if not isinstance(mark, Refers):
                continue
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
    for kind in ("element", "stage"):
        if not model.records[kind]:
            raise ModelError("model_lacks", file=f"{kind}s.toml", record=f"[[{kind}]]")
    _check_levels(model, origin)
    _check_scales(model, origin)
    _check_successors(model, origin)
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


def _check_levels(model: Model, origin: Mapping[tuple[str, str], str]) -> None:
    """Every element has the same levels, and what is set in levels lies within them."""
    for element in model.elements.values():
        if len(element.levels) != model.levels or model.levels < 2:
            raise ModelError(
                "model_levels", file=origin["element", element.id], record=f"element {element.id}",
                found=len(element.levels), expected=max(model.levels, 2),
            )  # fmt: skip
    for lower, higher in zip(model.stages, model.stages[1:], strict=False):
        file, record = origin["stage", higher.id], f"stage {higher.id}"
        if higher.level == lower.level or higher.score < lower.score or higher.floor < lower.floor:
            raise ModelError("model_stages", file=file, record=record, other=lower.id)
        if higher.share < lower.share:
            raise ModelError("model_share", file=file, record=record, other=lower.id)
    for stage in model.stages:
        for name in ("score", "floor"):
            _check_range(getattr(stage, name), Within(0, model.levels), origin["stage", stage.id],
                         f"stage {stage.id}", name)  # fmt: skip
    for name, allowed in {
        "claim_rating": Within(1, model.levels),
        "target": Within(1, model.levels),
        "wide_spread": Within(0, model.levels - 1),
        "agreement_fair": Within(0, model.rules.agreement_good),
    }.items():
        _check_range(getattr(model.rules, name), allowed, "model.toml", "head.rules", name)


def _check_scales(model: Model, origin: Mapping[tuple[str, str], str]) -> None:
    for id in SCALES:
        if id not in model.scales:
            raise ModelError("model_lacks", file="scales.toml", record=f"[[scale]] {id}")
    for scale in model.scales.values():
        file, record = origin["scale", scale.id], f"scale {scale.id}"
        values = [choice.value for choice in scale.choices]
        if len(values) < 2:
            raise ModelError("model_few_choices", file=file, record=record)
        for number, value in enumerate(values):
            if value in NOT_A_CHOICE:
                raise ModelError("model_reserved_choice", file=file, record=record, found=value)
            if value in values[:number]:
                raise ModelError("model_double_choice", file=file, record=record, found=value)


def _check_successors(model: Model, origin: Mapping[tuple[str, str], str]) -> None:
    """What became of an id is there, or has itself become something else."""
    successors = model.records["successor"]
    for step in successors.values():
        file, record = origin["successor", step.id], f"successor {step.id}"
        kind = step.id.partition(".")[0]
        if kind not in KINDS:
            raise ModelError(
                "model_unknown_reference", file=file, record=record, field="id", target=kind,
                known=_nearest(kind, list(KINDS)),
            )  # fmt: skip
        if (
            step.became
            and step.became not in model.records[kind]
            and f"{kind}.{step.became}" not in successors
        ):
            raise ModelError(
                "model_unknown_reference", file=file, record=record, field="became",
                target=f"{kind} {step.became}", known=_nearest(step.became, list(model.records[kind])),
            )  # fmt: skip
