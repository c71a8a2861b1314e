"""The PO files of a language: one for each page and lesson, and one for the titles of the book's parts."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from io import SEEK_END, BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po

from book.translation import docstrings
from book.translation.messages import MarkdownError, messages
from cxassess.documents import write_whole
from cxassess.model import load_model

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "book" / "locale"
ENGLISH = "en"
"""The language in which the pages and lessons are written."""
CONTENTS = "_toc.yml"
DOCSTRINGS = "docstrings"
"""What stands for the docstrings of the public names among the sources."""
PROMPTS = ("code_prompt_show", "code_prompt_hide")
HEADER = """# {source}
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
NUMBER = re.compile(r"\d+(?:\.\d+)?")
PLACE = re.compile(r"\{(\d+)\}")
"""What stands for a number in an unnumbered message."""
PO_LINE = re.compile(r'(?:(msg\w+(?:\[\d\])?) )?"(?:[^"\\]|\\.)*"')


class TranslationError(Exception):
    """There is no such language, a PO file cannot be read, or a message has no translation or none that is sure."""


def refuse_unknown(language: str) -> None:
    """Nothing, where the model has the language besides English.

    Raises:
        TranslationError: it has not.
    """
    known = [code for code in load_model().languages if code != ENGLISH]
    if language not in known:
        raise TranslationError(
            f"There is no translation into “{language}”: the model has {', '.join(known)} besides English. "
            "Correct CXASSESS_LANG, or add the language in cxassess/model/model.toml."
        )


def sources(root: Path = ROOT) -> list[str]:
    """What has messages: files, by their paths from the root, and the docstrings."""
    contents = yaml.safe_load((root / CONTENTS).read_text("utf-8"))
    names = [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    pages = [
        f"{name}.md" if (root / f"{name}.md").exists() else f"{name}.ipynb"
        for name in (contents["root"], *names)
    ]
    figures = sorted(path.relative_to(root).as_posix() for path in root.glob("book/reference/figures/*.md"))
    return [CONTENTS, *pages, *figures, DOCSTRINGS]


def lesson_sources() -> list[str]:
    """The lessons among the sources, in the book's order."""
    return [source for source in sources() if source.endswith(".ipynb")]


def messages_of(source: str, root: Path = ROOT) -> list[str]:
    """The messages of a page, a lesson, the contents, or the docstrings, each once.

    Raises:
        TranslationError: there are words that no translation would reach.
    """
    if source == DOCSTRINGS:
        return docstrings.messages_of_all()
    try:
        return list(dict.fromkeys(_messages(source, root)))
    except MarkdownError as problem:
        raise TranslationError(f"{source}: {problem}") from problem


def _messages(source: str, root: Path) -> list[str]:
    text = (root / source).read_text("utf-8")
    if source == CONTENTS:
        return [part["caption"] for part in yaml.safe_load(text)["parts"]]
    if source.endswith(".ipynb"):
        return [message for cell in json.loads(text)["cells"] for message in cell_messages(cell)]
    if is_measured(source):
        return [unnumbered(message) for message in messages(text)]
    return messages(text)


def is_measured(source: str) -> bool:
    """Whether a file is written by the benchmark: its numbers change with each run."""
    return source.startswith("book/reference/figures/")


def unnumbered(message: str) -> str:
    """A message with {1}, {2} … in the place of its numbers.

    >>> unnumbered("Median of 3 runs on 2 cores")
    'Median of {1} runs on {2} cores'
    """
    order = count(1)
    return NUMBER.sub(lambda _: f"{{{next(order)}}}", message)


def numbered(text: str, message: str) -> str:
    """A translation of an unnumbered message with the numbers of the message.

    >>> numbered("{2}コアで{1}回の中央値", "Median of 3 runs on 2 cores")
    '2コアで3回の中央値'
    """
    numbers = dict(enumerate(NUMBER.findall(message), 1))
    return PLACE.sub(lambda place: numbers.get(int(place[1]), place[0]), text)


def cell_messages(cell: Mapping[str, Any]) -> Iterator[str]:
    """The messages of a notebook's cell: its Markdown, or the prompts over its folded code."""
    if cell["cell_type"] == "markdown":
        yield from messages("".join(cell["source"]))
    else:
        shown = cell["metadata"].get("mystnb", {})
        yield from (shown[prompt] for prompt in PROMPTS if prompt in shown)


def catalog_file(source: str, language: str) -> Path:
    """The PO file of a source: `book/locale/ja/book/welcome.po` for `book/welcome.md`."""
    return (LOCALES / language / source).with_suffix(".po")


@cache
def catalog(source: str, language: str) -> Catalog:
    """The PO file of a source as it is; an empty catalogue where there is none.

    Raises:
        TranslationError: it cannot be read.
    """
    file = catalog_file(source, language)
    if not file.exists():
        return Catalog(language)
    return read(file, language)


def read(file: Path, language: str) -> Catalog:
    """A PO file. Babel passes over what it cannot read, and `update` would then write the file without it.

    Raises:
        TranslationError: a line is none of a PO file, or a msgid or msgstr is missing.
    """
    before = "msgstr"
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line[0] == "#":
            continue
        found = PO_LINE.fullmatch(line.rstrip())
        keyword = found[1] or "" if found else ""
        if not found or keyword == before:
            raise TranslationError(f"{file}, line {number}, cannot be read as PO: correct “{line[:60]}”.")
        before = keyword or before
    try:
        with file.open("rb") as stream:
            return read_po(stream, locale=language, abort_invalid=True)
    except (PoFileError, LookupError, ValueError) as problem:
        raise TranslationError(f"{file} cannot be read as PO: {problem}.") from problem


def look_up(source: str, language: str) -> Callable[[str], str]:
    """What says the messages of a source in a language.

    Raises:
        TranslationError: there is no translation, or it is marked as fuzzy.
    """
    known = catalog(source, language)

    def say(message: str) -> str:
        found = known.get(unnumbered(message) if is_measured(source) else message)
        if not found or not found.string or found.fuzzy:
            raise TranslationError(
                f"{catalog_file(source, language).relative_to(ROOT)} has no sure translation of “{message}”: "
                "run `make translations`, then write it there."
            )
        text = str(found.string)
        return numbered(text, message) if is_measured(source) else text

    return say


def update(language: str) -> Iterator[tuple[str, int]]:
    """Bring the PO files of a language up to date with the English; each source with how many messages wait there.

    Raises:
        TranslationError: there is no such language, or a PO file cannot be read.
    """
    refuse_unknown(language)
    wanted = sources()
    for source in wanted:
        known, file = catalog(source, language), catalog_file(source, language)
        template = Catalog(fuzzy=False)
        for message in messages_of(source):
            template.add(message)
        known.update(template, update_creation_date=False)
        known.obsolete.clear()
        text = BytesIO(HEADER.format(source=source, language=language).encode())
        text.seek(0, SEEK_END)
        write_po(text, known, width=0, omit_header=True, no_location=True, ignore_obsolete=True)
        write_whole({file: text.getvalue()})
        yield source, sum(not one.string or one.fuzzy for one in known if one.id)
    kept = {catalog_file(source, language) for source in wanted}
    for file in (LOCALES / language).rglob("*.po"):
        if file not in kept:
            file.unlink()
