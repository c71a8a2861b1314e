"""A playbook told in a TOML or JSON file, each text in every language: an example, or a case of the course.

team = {en = "Product team", ja = "製品チーム"}

[playbook]
sharing = {en = "Every month …", ja = "毎月…"}

[[playbook.short_term]]
what = {en = "…", ja = "…"}
owner = "Sato"
by = 2027-06-30
metric = "csat"
from = 62
to = 68
"""

import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cxassess.language import current_language
from cxassess.model import Model, load_model
from cxassess.playbook.book import Playbook, PlaybookError, playbook_of


def read_story(path: str | Path, language: str | None = None, model: Model | None = None) -> Playbook:
    """The playbook of a story, in one language.

    Args:
        path: a TOML or JSON file with `team` and `playbook`.
        language: which language's texts; the current one if not given.
        model: the model with the fields; the current one if not given.

    Raises:
        PlaybookError: the file cannot be read, or holds what the model's fields cannot.
    """
    path = Path(path)
    model = model or load_model()
    try:
        text = path.read_text("utf-8")
        story = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise PlaybookError("unreadable", file=path.name, found=error.strerror or str(error)) from error
    except ValueError as error:  # of either format, and of UTF-8
        raise PlaybookError("not_a_document", file=path.name, found=str(error)) from error
    told = told_in(story, language or current_language(), frozenset(model.languages))
    if not isinstance(told, Mapping) or not isinstance(told.get("playbook"), Mapping):
        raise PlaybookError("no_playbook", file=path.name)
    book = playbook_of(
        str(told.get("team", "")), told["playbook"], model, path.name, model_version=model.version
    )
    for problem in book.problems:
        raise problem
    return book


def told_in(value: Any, language: str, languages: frozenset[str]) -> Any:
    """A value with every text in one language, and dates as ISO texts.

    >>> told_in([{"what": {"en": "Call", "ja": "電話する"}, "by": date(2027, 6, 30)}], "ja", frozenset({"en", "ja"}))
    [{'what': '電話する', 'by': '2027-06-30'}]
    """
    if isinstance(value, Mapping):
        if value and value.keys() <= languages:
            return value.get(language, next(iter(value.values())))
        return {key: told_in(one, language, languages) for key, one in value.items()}
    if isinstance(value, list):
        return [told_in(one, language, languages) for one in value]
    return value.isoformat()[:10] if isinstance(value, date | datetime) else value
