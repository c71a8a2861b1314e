"""A playbook's files by their ending.

JSON, Markdown and Excel files can be filled in elsewhere and are read back; HTML and Word are for reading,
printing and commenting only.
"""

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from cxassess.documents import write_whole
from cxassess.errors import SaveError
from cxassess.language import current_language
from cxassess.model import Model, load_model
from cxassess.playbook.book import Playbook, PlaybookError, cleaned, playbook_table
from cxassess.playbook.files import read_playbook

WRITERS = {
    ".json": "playbook_documents.to_json",
    ".md": "playbook_markdown.to_markdown",
    ".html": "playbook_html.to_html",
    ".docx": "playbook_word.to_word",
    ".xlsx": "playbook_excel.to_excel",
}
"""The function that writes each format, in a module beside this one; its libraries are loaded only then."""
READ = (".json", ".md", ".xlsx")


def write_playbook(playbook: Playbook, path: str | Path, model: Model | None = None) -> Path:
    """Write the playbook as a document in the current language; the ending says in which format.

    `open_playbook` reads .json, .md and .xlsx back, with nothing lost; .docx and .html cannot be read back.

    Args:
        playbook: the playbook.
        path: a file ending in .json, .md, .html, .docx or .xlsx; its folder is made.
        model: the model with the fields; the current one if not given.

    Returns:
        The path that was written.

    Raises:
        PlaybookError: the ending is none of these, a package for it is missing (in the browser, that for
            Word), or an entry is not what its field can hold.
        SaveError: the file cannot be written.
    """
    path, model = Path(path), model or load_model()
    ending = path.suffix.lower()
    if ending not in WRITERS:
        raise PlaybookError("unknown_format", file=path.name, known=", ".join(WRITERS))
    for id, value in playbook.values.items():
        cleaned(id, value, model, path.name)
    module, _, writer = WRITERS[ending].partition(".")
    try:
        data: str | bytes = getattr(import_module(f"{__package__}.{module}"), writer)(playbook, model)
    except ModuleNotFoundError as error:
        raise PlaybookError("needs_package", file=path.name, package=error.name) from error
    try:
        write_whole({path: data if isinstance(data, bytes) else data.encode()})
    except OSError as error:
        raise SaveError("not_written", file=str(path), found=error.strerror or str(error)) from error
    return path


def open_playbook(path: str | Path, model: Model | None = None) -> Playbook:
    """Read a playbook back from a JSON, Markdown or Excel file, or from a team's folder.

    What cannot be used in it, down to a single cell, is left out and named in the playbook's `problems`. Word and
    HTML files cannot be read back.

    Raises:
        PlaybookError: there is no such file, or no playbook can be read from it.
    """
    path, model = Path(path), model or load_model()
    ending = path.suffix.lower()
    if path.is_dir() or ending in {"", ".json"}:
        return read_playbook(path, model)
    if ending not in READ:
        raise PlaybookError("not_read_back", file=path.name, known=", ".join(READ))
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise PlaybookError("no_file", file=str(path)) from error
    except OSError as error:
        raise PlaybookError("unreadable", file=path.name, found=error.strerror or str(error)) from error
    if ending == ".md":
        from cxassess.exchange.playbook_markdown import from_markdown

        try:
            return from_markdown(data.decode("utf-8-sig"), model, path.name)
        except UnicodeDecodeError as error:
            raise PlaybookError("not_utf8", file=path.name) from error
    from cxassess.exchange.playbook_excel_reading import from_excel

    return from_excel(data, model, path.name)


def to_json(playbook: Playbook, model: Model) -> str:
    """The playbook as the text of its file, with the model and the language that it is written in."""
    about = replace(playbook, model_version=model.version, model_hash=model.hash, language=current_language())
    return json.dumps(playbook_table(about), ensure_ascii=False, indent=1) + "\n"
