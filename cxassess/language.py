"""Texts in every language the model has, and which one is current.

The current language is that of `set_language`, else of the folder of lessons that the program works in
(`notebooks-ja`), else of the environment's `CXASSESS_LANG`, else English. `say` looks an interface text up by its
key in `model/interface/*.toml`; the file's name is the key's first part.

    >>> with language("ja"):
    ...     say("form.saved", time="9:41")
    '保存しました（9:41）'
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

OWN_MODEL = Path(__file__).parent / "model"
"""The model that comes with this package."""

_chosen: ContextVar[str | None] = ContextVar("cxassess_language", default=None)


class Text:
    """One text in every language; `str()` gives it in the current one.

    >>> greeting = Text({"en": "Hello", "ja": "こんにちは"})
    >>> str(greeting), greeting.to("ja")
    ('Hello', 'こんにちは')
    """

    __slots__ = ("by_language",)

    def __init__(self, by_language: Mapping[str, str]) -> None:
        self.by_language = MappingProxyType(dict(by_language))

    def to(self, language: str | None = None) -> str:
        """The text in `language`, or in the current one; English, else the first, where it lacks that."""
        texts = self.by_language
        for code in (language or current_language(), "en"):
            if code in texts:
                return texts[code]
        return next(iter(texts.values()), "")

    def __str__(self) -> str:
        return self.to()

    def __format__(self, spec: str) -> str:
        return format(self.to(), spec)

    def __repr__(self) -> str:
        return f"Text({dict(self.by_language)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.by_language == other.by_language

    def __hash__(self) -> int:
        return hash(tuple(self.by_language.items()))

    def __reduce__(self) -> tuple[type["Text"], tuple[dict[str, str]]]:
        return Text, (dict(self.by_language),)


def current_language() -> str:
    """The language in which texts are given now."""
    return _chosen.get() or _of_lessons() or os.environ.get("CXASSESS_LANG") or "en"


def lessons_folder(code: str) -> str:
    """The name of the folder with the lessons in a language.

    >>> lessons_folder("ja"), lessons_folder("en")
    ('notebooks-ja', 'notebooks')
    """
    return "notebooks" if code == "en" else f"notebooks-{code}"


def _of_lessons() -> str | None:
    """The language of the lessons, where this is a kernel that runs one: it works in their folder.

    A copy that somebody named `notebooks-old` says nothing of a language.
    """
    try:
        before, _, code = Path.cwd().name.partition("-")
    except OSError:  # the folder is gone
        return None
    return code if before == "notebooks" and code in _languages(model_folder()) else None


@cache
def _languages(folder: Path) -> frozenset[str]:
    """The languages of the model in `folder`; those of the package's own where it cannot be read."""
    try:
        return frozenset(tomllib.loads((folder / "model.toml").read_text("utf-8"))["languages"])
    except (LookupError, OSError, TypeError, ValueError):
        return frozenset() if folder == OWN_MODEL else _languages(OWN_MODEL)


def set_language(code: str | None) -> None:
    """Give texts in the language `code` from now on; `None` goes back to the environment's choice."""
    _chosen.set(code)


@contextmanager
def language(code: str | None) -> Iterator[None]:
    """Give texts in the language `code` inside a `with` block."""
    token = _chosen.set(code or _chosen.get())
    try:
        yield
    finally:
        _chosen.reset(token)


def model_folder() -> Path:
    """Where the model's files are: the environment's `CXASSESS_MODEL`, else those of this package."""
    return Path(os.environ.get("CXASSESS_MODEL") or OWN_MODEL)


def say(key: str, /, **values: Any) -> str:
    """The interface text `key`, filled with `values`.

    It is the package's own text where the current model has none that can be read and filled: what is
    wrong with a model is still to be said.

    Raises:
        KeyError: there is no such text.
    """
    file, _, name = key.partition(".")
    try:
        return interface(model_folder(), file)[name].to().format(**values)
    except (AttributeError, LookupError, OSError, TypeError, ValueError):
        return interface(OWN_MODEL, file)[name].to().format(**values)


def interface_texts(file: str, language: str | None = None) -> dict[str, str]:
    """All texts of `model/interface/<file>.toml` by key, unfilled."""
    return {name: text.to(language) for name, text in interface(model_folder(), file).items()}


@cache
def interface(folder: Path, file: str) -> Mapping[str, Text]:
    """The texts of one interface file of the model in `folder` by key, unchecked.

    Raises:
        OSError, ValueError: the file cannot be read, or is not TOML.
        AttributeError: something in it is not a text in several languages.
    """
    table = tomllib.loads((folder / "interface" / f"{file}.toml").read_text("utf-8"))
    return {name: Text(dict(texts.items())) for name, texts in table.items()}
