"""Errors that say in one sentence what was found, where, and what to do.

An error carries the key of its sentence in `model/interface/messages.toml` and the data that fills it,
so that it reads in the current language and a program can act on it.
"""

from typing import Any

from cxassess.language import say


class CxError(Exception):
    """Something is wrong with what was given.

    Attributes:
        key: which sentence of the interface's messages this is.
        data: what fills the sentence: file, record, value and the like.
    """

    file = "messages"

    def __init__(self, key: str, /, **data: Any) -> None:
        super().__init__(key, data)
        self.key = key
        self.data = data

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a page of code."""
        return [str(self)]

    def __str__(self) -> str:
        return say(f"{self.file}.{self.key}", **self.data)


class ModelError(CxError):
    """A model file cannot be used."""


class AnswerError(CxError):
    """An answer, or a file of answers, cannot be used."""


class RefusedError(CxError):
    """An entry cannot be kept as it is; sending it again would not help."""


class RefusedAnswerError(AnswerError, RefusedError):
    """An answer that its question does not allow."""


class SaveError(CxError):
    """Answers could not be saved; what was saved before is untouched."""


class CohortError(CxError):
    """A folder of teams, or something in it, cannot be used for a cohort view."""

    file = "cohort"
