"""The course's sources in another language: a folder that Jupyter Book builds as it builds this one.

python -m book.translation.edition LANGUAGE
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from book.translation.catalogs import (
    CONTENTS,
    DOCSTRINGS,
    ENGLISH,
    PROMPTS,
    ROOT,
    TranslationError,
    lesson_sources,
    look_up,
    refuse_unknown,
    sources,
)
from book.translation.messages import translated
from book.translation.outputs import outputs

CONFIG = "_config.yml"
WELCOME = "book/welcome.md"
PARTS = ("images", "references.bib")
"""What pages need besides their text, in `book/`. The build's own parts are taken from where they are."""
COMMAND = re.compile(
    r"\bmake (?:lab|book|slides|learners|app|hub)\b(?: [A-Z]+=\S+)*(?! CXASSESS_LANG)(?=[`\n])"
)
PROGRAM = re.compile(r"\bcxassess (?:questionnaire|report) [^`\n#]*?(?=\s*[`\n#])(?<!--language ja)")
OWN = re.compile(r"book/(?=_ext|_static|_templates)")


def folder_of(language: str) -> Path:
    """Where the edition of a language is made."""
    return ROOT / "_build" / "editions" / language


def write(language: str) -> Path:
    """Make the edition of a language; its folder.

    Raises:
        TranslationError: there is no such language, or something is not translated.
    """
    refuse_unknown(language)
    target = folder_of(language)
    shutil.rmtree(target, ignore_errors=True)
    for part in PARTS:
        own = ROOT / "book" / part
        (target / "book").mkdir(parents=True, exist_ok=True)
        (shutil.copytree if own.is_dir() else shutil.copy)(own, target / "book" / part)
    shown = outputs([ROOT / source for source in lesson_sources()], language)
    for source in sources():
        if source == DOCSTRINGS:
            continue
        file = target / source
        file.parent.mkdir(parents=True, exist_ok=True)
        if source.endswith(".ipynb"):
            text = json.dumps(lesson(source, language, shown[file.name]), ensure_ascii=False, indent=1)
        elif source == CONTENTS:
            text = contents(language)
        else:
            text = in_language((ROOT / source).read_text("utf-8"), look_up(source, language), language)
        file.write_text(text, "utf-8")
    (target / CONFIG).write_text(config(language), "utf-8")
    return target


def lesson(source: str, language: str, shown: Mapping[str, list[Any]] | None = None) -> dict[str, Any]:
    """A lesson in a language, with the same code.

    Args:
        source: its path from the root.
        language: the language.
        shown: the outputs of its cells by the cells' ids; without them the lesson is one that has not been run.
    """
    say = look_up(source, language)
    made: dict[str, Any] = json.loads((ROOT / source).read_text("utf-8"))
    for cell in made["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = in_language("".join(cell["source"]), say, language)
        else:
            cell["outputs"] = [
                one for one in (shown or {}).get(cell["id"], []) if one.get("name") != "stderr"
            ]
            cell["execution_count"] = None
            prompts = cell["metadata"].get("mystnb", {})
            prompts |= {key: say(prompts[key]) for key in PROMPTS if key in prompts}
    return made


def in_language(text: str, say: Callable[[str], str], language: str) -> str:
    """A Markdown text in a language; commands whose product has a language ask for that one.

    >>> in_language("`make lab`, `make site`", lambda message: message, "ja")
    '`make lab CXASSESS_LANG=ja`, `make site`'
    >>> in_language("`cxassess report teams`", lambda message: message, "ja")
    '`cxassess report teams --language ja`'
    """
    text = COMMAND.sub(rf"\g<0> CXASSESS_LANG={language}", translated(text, say))
    return PROGRAM.sub(rf"\g<0> --language {language}", text)


def contents(language: str) -> str:
    """The book's table of contents, with the titles of its parts in a language."""
    table = yaml.safe_load((ROOT / CONTENTS).read_text("utf-8"))
    say = look_up(CONTENTS, language)
    for part in table["parts"]:
        part["caption"] = say(part["caption"])
    return yaml.safe_dump(table, allow_unicode=True, sort_keys=False)


def config(language: str) -> str:
    """Jupyter Book's configuration for a language: the first page's title is the book's."""
    text = (ROOT / CONFIG).read_text("utf-8")
    text = re.sub(
        r"^title: .*$",
        lambda _: f"title: {json.dumps(title(language), ensure_ascii=False)}",
        text,
        flags=re.M,
    )
    text = re.sub(r"^(\s+language: ).*$", rf"\g<1>{language}", text, flags=re.M)
    return OWN.sub(f"{Path(os.path.relpath(ROOT, folder_of(language))).as_posix()}/book/", text)


def title(language: str) -> str:
    """What the book is called in a language: as its first page."""
    own: str = yaml.safe_load((ROOT / CONFIG).read_text("utf-8"))["title"]
    return own if language == ENGLISH else look_up(WELCOME, language)(own)


if __name__ == "__main__":
    try:
        print(write(sys.argv[1]))
    except TranslationError as problem:
        sys.exit(str(problem))
