"""The error of `cxassess.kpi`: what is wrong with the data that was given."""

from collections.abc import Iterable
from typing import Any

from cxassess.errors import CxError
from cxassess.language import say

_LONGEST = 200
_MOST_NAMES = 20


class KpiError(CxError):
    """A frame, a column or an option cannot be used; the sentence says which, what was found and what to do.

    >>> print(KpiError("column_missing", column="score", found="id, rating"))
    There is no column “score”; the frame has: id, rating. Pass the right column name.
    """

    file = "kpi"

    def __str__(self) -> str:
        return say(
            f"{self.file}.{self.key}", **{name: _in_a_line(value) for name, value in self.data.items()}
        )


def _in_a_line(value: Any) -> str:
    """What was found, however long and on however many lines, as a part of one sentence."""
    line = " ".join(str(value).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def listed(names: Iterable[Any]) -> str:
    """Names of columns for a message, not all of them where there are many.

    >>> listed(["id", "score"]), listed([])
    ('id, score', '—')
    """
    known = [*map(str, names)]
    return ", ".join([*known[:_MOST_NAMES], *(["…"] if len(known) > _MOST_NAMES else [])]) or "—"
