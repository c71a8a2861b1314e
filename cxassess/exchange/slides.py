"""Slides for each part of the course: `python -m cxassess.exchange.slides slides`, from the top of the repository.

Each deck comes as an HTML file to show and as a PowerPoint file to edit, `why.en.html` and `why.en.pptx`. The data that
they show is worked out when they are made.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from cxassess.errors import CxError, SaveError
from cxassess.exchange.slides_deck import SlidesError, load_decks
from cxassess.exchange.slides_html import to_html
from cxassess.exchange.slides_pptx import to_pptx
from cxassess.language import language
from cxassess.model import load_model


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the decks into the folder that is named, and print what was written."""
    parser = argparse.ArgumentParser(prog="python -m cxassess.exchange.slides", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the files go")
    parser.add_argument("--language", help="one of the course's languages; all of them if not given")
    parser.add_argument("--course", default="..", help="where the course's pages are, seen from the slides")
    told = parser.parse_args(arguments)
    try:
        for code in [told.language] if told.language else load_model().languages:
            print(*write_decks(told.folder, code, course=told.course), sep="\n")
    except CxError as error:
        parser.exit(1, f"{error}\n")


def write_decks(folder: str | Path, code: str, source: str | Path = ".", course: str = "..") -> list[Path]:
    """Write every deck in one language, as HTML and as PowerPoint.

    Args:
        folder: where the files go; it is made where it is not there yet.
        code: the language.
        source: the repository.
        course: where the course's pages are, for the links to the exercises.

    Returns:
        The files.

    Raises:
        ModelError: the slides' file cannot be used, or there is no such language.
        SaveError: the folder cannot be written.
    """
    if code not in load_model().languages:
        raise SlidesError("unknown_language", found=code, known=", ".join(load_model().languages))
    folder = Path(folder)
    made: dict[Path, bytes] = {}
    with language(code):
        for id, deck in load_decks().items():
            made[folder / f"{id}.{code}.html"] = to_html(deck, source, course).encode()
            made[folder / f"{id}.{code}.pptx"] = to_pptx(deck, source, course)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in made.items():
            path.write_bytes(content)
    except OSError as error:
        raise SaveError("not_written", file=str(folder), found=error.strerror or str(error)) from error
    return [*made]


if __name__ == "__main__":
    main()
