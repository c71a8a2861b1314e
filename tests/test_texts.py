"""Texts of the model and the interface: every language, like placeholders, and Japanese typography."""

import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from book.translation.checking import SLIPS
from cxassess.language import model_folder
from tests.conftest import ROOT

FILES = sorted(model_folder().glob("**/*.toml"))


def texts(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Every text of a file with where it stands."""

    def walk(value: object, place: str) -> Iterator[tuple[str, dict[str, str]]]:
        if isinstance(value, dict):
            if "en" in value and all(isinstance(one, str) for one in value.values()):
                yield place, value
            else:
                for key, one in value.items():
                    yield from walk(one, f"{place}.{key}")
        elif isinstance(value, list):
            for number, one in enumerate(value):
                name = one.get("id", number) if isinstance(one, dict) else number
                yield from walk(one, f"{place}.{name}")

    yield from walk(tomllib.loads(path.read_text("utf-8")), path.stem)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_has_every_language_and_the_same_placeholders(path: Path) -> None:
    languages = set(tomllib.loads((model_folder() / "model.toml").read_text("utf-8"))["languages"])
    for place, found in texts(path):
        if path.stem == "model":
            continue
        assert set(found) == languages, place
        if path.parent.name == "interface":
            fields = {language: _fields(text) for language, text in found.items()}
            assert len(set(fields.values())) == 1, f"{place}: {fields}"


def _fields(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_japanese_is_set_as_japanese_is_set(path: Path) -> None:
    for place, found in texts(path):
        # A step of a scale begins with its number, apart from its words.
        plain = re.sub(r"\{[^}]*\}|`[^`]*`|^[−+]?\d(?= )", "▪", found.get("ja", ""))
        for slip, pattern in SLIPS.items():
            assert not pattern.search(plain), f"{slip} in {place}: {found['ja']}"


def test_every_key_that_the_code_asks_for_exists() -> None:
    keys = {
        f"{path.stem}.{key}" for path in FILES if path.parent.name == "interface" for key, _ in _entries(path)
    }
    asked = re.compile(r"""\bsay\(\s*["']([a-z_]+\.[a-z_0-9]+)["']""")
    for path in (ROOT / "cxassess").glob("**/*.py"):
        for key in asked.findall(path.read_text("utf-8")):
            assert key in keys, f"{path.name} asks for {key}"


def _entries(path: Path) -> list[tuple[str, object]]:
    return list(tomllib.loads(path.read_text("utf-8")).items())
