"""The lessons in another language, to be run: `python -m book.translation.lessons ja` writes them into `notebooks-ja/`.

They stand beside `notebooks/` and find the data where those do; in a folder of that name the package speaks that
language. A lesson that its reader has changed stays as it is.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from book.translation.catalogs import ROOT, TranslationError, lesson_sources, refuse_unknown
from book.translation.edition import lesson
from cxassess.documents import write_whole
from cxassess.language import lessons_folder, say

MARK = "lesson"
"""The field of a lesson's metadata that says what its text was when it was written."""


def write(language: str, root: Path = ROOT) -> list[Path]:
    """Write the lessons of a language, and renew those that are still as they were written.

    Returns:
        Lessons that their reader has changed, and that there is something newer of.

    Raises:
        TranslationError: there is no such language, or something is not translated.
    """
    refuse_unknown(language)
    folder = root / lessons_folder(language)
    folder.mkdir(exist_ok=True)
    kept = []
    for source in lesson_sources():
        path, made = folder / Path(source).name, lesson(source, language)
        made["metadata"][MARK] = mark(made)
        written, is_own = _state(path)
        if written == made["metadata"][MARK]:
            continue
        if is_own:
            kept.append(path)
        else:
            text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
            write_whole({path: text.encode()})
    return kept


def _state(path: Path) -> tuple[str | None, bool]:
    """The mark with which the lesson in a file was written, and whether it is another one now."""
    if not path.exists():
        return None, False
    try:
        there = json.loads(path.read_text("utf-8"))
        written = there["metadata"].get(MARK)
        return written, written != mark(there)
    except (ValueError, TypeError, LookupError, AttributeError):  # whatever it is, it is not ours
        return None, True


def mark(made: dict[str, Any]) -> str:
    """What tells a lesson from every other: a digest of its cells without their outputs."""
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in made["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:12]


if __name__ == "__main__":
    [language] = sys.argv[1:]
    try:
        for path in write(language):
            print(say("lessons.kept", file=path.relative_to(ROOT)))
    except TranslationError as problem:
        sys.exit(str(problem))
