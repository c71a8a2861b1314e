"""The running prose of pages, lessons and the model, without code, links, formulas and markup."""

import json
import re
import tomllib
from collections.abc import Iterator

from cxassess.language import model_folder
from tests.conftest import ROOT

NOT_PROSE = re.compile(
    r"\A---\n.*?\n---\n"  # front matter
    r"|```.*?```|`[^`]*`|<script.*?</script>|<!--.*?-->"
    r"|\{[\w:-]+\}`[^`]*`|\]\([^)]*\)|<[^>]+>|https?://\S+|^\([\w-]+\)=$|^:::[^\n]*$|\{[^{}]*\}",
    re.S | re.M,
)


CITATION = re.compile(r"\{cite(?::\w+)?\}`[^`]*`")


def english(cited: str = " ") -> Iterator[tuple[str, str]]:
    """Every English text with where it stands, with `cited` in the place of citations."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("book/**/*.md"))]
    for path in pages:
        if "figures" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), plain(CITATION.sub(cited, path.read_text("utf-8")))
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        for number, cell in enumerate(json.loads(path.read_text("utf-8"))["cells"]):
            if cell["cell_type"] == "markdown":
                yield (
                    f"notebooks/{path.name}, cell {number}",
                    plain(CITATION.sub(cited, "".join(cell["source"]))),
                )
    for place, texts in model_texts():
        yield place, plain(texts["en"])


def model_texts() -> Iterator[tuple[str, dict[str, str]]]:
    """Every text of the model and the interface, in all languages, with where it stands."""
    for path in sorted(model_folder().glob("**/*.toml")):
        if path.stem not in {"model", "vague"}:  # names of languages; stems of words
            yield from _texts(tomllib.loads(path.read_text("utf-8")), path.stem)


def _texts(value: object, place: str) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(value, dict):
        if "en" in value and all(isinstance(one, str) for one in value.values()):
            yield place, value
        else:
            for key, one in value.items():
                yield from _texts(one, f"{place}.{key}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _texts(one, f"{place}.{one.get('id', number) if isinstance(one, dict) else number}")


def plain(text: str) -> str:
    """Markdown without what is not prose."""
    return NOT_PROSE.sub(" ", text)


def sentences(text: str) -> Iterator[str]:
    """The sentences of running paragraphs; list items, headings and table rows stand for themselves."""
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*|#>]|\d+\.) ?)", text):
        line = " ".join(block.split())
        if not line.startswith("|"):
            yield from re.split(r"(?<=[.!?])[”’)*]*\s+", line)
