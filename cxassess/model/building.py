"""Builds records from tables as their annotations say, and names what is wrong with a table."""

import difflib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from cxassess.errors import ModelError
from cxassess.language import Text
from cxassess.model.records import Refers, Within

OWN_LANGUAGES = frozenset({"en", "ja"})
"""The languages that the package's own model is tested in."""


class Builder:
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
                    "model_unknown_key", file=file, record=record, field=key, known=nearest(key, list(known))
                )
        known_hints = hints(cls)
        values = {}
        for name, one in known.items():
            if name in table:
                values[name] = self._value(known_hints[name], table[name], file, record, name)
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
                    check_range(made, mark, file, record, name)
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


def refuse_missing(missing: list[tuple[str, str, str, str]]) -> None:
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


def read(path: Path, name: str = "") -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError("model_unreadable", file=str(path), found=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError("model_syntax", file=name or path.name, found=str(error)) from error


def check_range(value: float, allowed: Within, file: str, record: str, name: str) -> None:
    if not allowed.low <= value <= allowed.high:
        span = f"{allowed.low:g}–{allowed.high:g}" if isfinite(allowed.high) else f"≥ {allowed.low:g}"
        raise ModelError("model_range", file=file, record=record, field=name, found=value, allowed=span)


@cache
def hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


def _has_default(one: Field[Any]) -> bool:
    return one.default is not MISSING or one.default_factory is not MISSING


def nearest(word: str, words: list[str]) -> str:
    return ", ".join(difflib.get_close_matches(word, words, n=1) or sorted(words))


def references(record: Any) -> Iterator[tuple[str, str, str]]:
    """Every (field, kind, id) by which a record names another one."""
    for name, hint in hints(record.__class__).items():
        for mark in getattr(hint, "__metadata__", ()):
            if not isinstance(mark, Refers):
                continue
            value = getattr(record, name)
            for target in [value] if isinstance(value, str) else value:
                if target:
                    yield name, mark.kind, target
