"""A playbook's files by their ending: JSON, Markdown, HTML, Word, Excel."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cxassess.errors import SaveError
from cxassess.language import current_language
from cxassess.model import Model, load_model
from cxassess.playbook.book import Playbook, PlaybookError, playbook_table
from cxassess.playbook.files import read_playbook

WRITTEN = (".json", ".md", ".html", ".docx", ".xlsx")
READ = (".json", ".md", ".xlsx")


def write_playbook(playbook: Playbook, path: str | Path, model: Model | None = None) -> Path:
    """Write the playbook as a document in the current language; the ending says in which format.

    Args:
        playbook: the playbook.
        path: a file ending in .json, .md, .html, .docx or .xlsx; its folder is made.
        model: the model with the fields; the current one if not given.

    Returns:
        The path that was written.

    Raises:
        PlaybookError: the ending is none of these.
        SaveError: the file cannot be written.
    """
    path, model = Path(path), model or load_model()
    ending = path.suffix.lower()
    if ending not in WRITTEN:
        raise PlaybookError("unknown_format", file=path.name, known=", ".join(WRITTEN))
    data = _writer(ending)(playbook, model)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    except OSError as error:
        raise SaveError("not_saved", file=str(path), found=error.strerror or str(error)) from error
    return path


def open_playbook(path: str | Path, model: Model | None = None) -> Playbook:
    """Read a playbook back from a JSON, Markdown or Excel file, or from a team's folder.

    Raises:
        PlaybookError: there is no such file, or no playbook can be read from it.
    """
    path, model = Path(path), model or load_model()
    ending = path.suffix.lower()
    if path.is_dir() or ending == ".json":
        return read_playbook(path, model)
    if ending not in READ:
        raise PlaybookError("unknown_format", file=path.name, known=", ".join(READ))
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


def _writer(ending: str) -> Callable[[Playbook, Model], str | bytes]:
    """The function that writes a format; its libraries are loaded only then."""
    if ending == ".md":
        from cxassess.exchange.playbook_markdown import to_markdown

        return to_markdown
    if ending == ".html":
        from cxassess.exchange.playbook_html import to_html

        return to_html
    if ending == ".docx":
        from cxassess.exchange.playbook_word import to_word

        return to_word
    if ending == ".xlsx":
        from cxassess.exchange.playbook_excel import to_excel

        return to_excel
    return _to_json


def _to_json(playbook: Playbook, model: Model) -> str:
    about = replace(playbook, model_version=model.version, model_hash=model.hash, language=current_language())
    return json.dumps(playbook_table(about), ensure_ascii=False, indent=1) + "\n"
