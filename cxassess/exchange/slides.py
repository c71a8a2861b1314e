"""Slides for each part of the course: `python -m cxassess.exchange.slides slides`, from the top of the repository.

Each deck comes as an HTML file to show and as a PowerPoint file to edit, `why.en.html` and `why.en.pptx`. The data that
they show is worked out when they are made. A deck that was changed since is not written over.
"""

from collections.abc import Sequence
from pathlib import Path

from cxassess.cli.parsing import new_parser, translated
from cxassess.errors import CxError
from cxassess.exchange.made_files import Made, write_made
from cxassess.exchange.slides_deck import SlidesError, load_decks
from cxassess.exchange.slides_html import to_html
from cxassess.exchange.slides_pptx import to_pptx
from cxassess.language import language, say
from cxassess.model import load_model


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the decks into the folder that is named, and print what was written."""
    with translated():
        parser = new_parser("python -m cxassess.exchange.slides", say("cli.slides"))
        asked, place = say("cli.arg_language"), say("cli.arg_folder")
        parser.add_argument("folder", type=Path, metavar=place, help=say("cli.slides_folder"))
        parser.add_argument("--language", metavar=asked, help=say("cli.slides_language"))
        parser.add_argument("--course", default="..", metavar=place, help=say("cli.slides_course"))
        told = parser.parse_args(arguments)
    try:
        for code in [told.language] if told.language else load_model().languages:
            write_decks(told.folder, code, course=told.course).tell()
    except CxError as error:
        parser.exit(1, f"{error}\n")


def write_decks(folder: str | Path, code: str, source: str | Path = ".", course: str = "..") -> Made:
    """Write every deck in one language, as HTML and as PowerPoint; one that was changed stays, the new one beside it.

    Args:
        folder: where the files go; it is made where it is not there yet.
        code: the language.
        source: the repository.
        course: where the course's pages are, for the links to the exercises.

    Returns:
        The files, and which decks stay.

    Raises:
        ModelError: the slides' file cannot be used, or there is no such language.
        SaveError: the folder cannot be written.
    """
    if code not in load_model().languages:
        raise SlidesError("unknown_language", found=code, known=", ".join(load_model().languages))
    made: dict[str, bytes] = {}
    with language(code):
        for id, deck in load_decks().items():
            made[f"{id}.{code}.html"] = to_html(deck, source, course).encode()
            made[f"{id}.{code}.pptx"] = to_pptx(deck, source, course)
    return write_made(Path(folder), made, belongs=lambda name: f".{code}." in name)


if __name__ == "__main__":
    main()
