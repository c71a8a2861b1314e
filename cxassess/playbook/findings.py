"""What a look at a playbook finds, in words: where, why it matters, and how to mend it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from cxassess.language import Text, interface_texts, say
from cxassess.model import Model


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that would make the playbook easier to act on.

    Attributes:
        rule: which rule found it.
        field: the field's id.
        row: the line of a table, counted from 1; 0 for the field as a whole.
        column: the id of the table's column, or empty.
        data: what fills the sentences.
    """

    rule: str
    field: str
    row: int
    column: str
    data: Mapping[str, Any]

    @property
    def where(self) -> str:
        """Section, field, line and column in words."""
        kind = (
            "field" if not self.row else "record" if self.data["record"] else "cell" if self.column else "row"
        )
        kind = "field" if kind == "record" and not self.column else kind
        return say(f"playbook.where_{kind}", row=self.row, **self._names())

    @property
    def why(self) -> str:
        """What was found and why it matters."""
        return say(f"playbook.{self.rule}_why", **self.data)

    @property
    def how(self) -> str:
        """How to mend it."""
        return say(f"playbook.{self.rule}_how", **self.data)

    def _names(self) -> dict[str, Any]:
        return {name: self.data[f"{name}_name"] for name in ("section", "field", "column")}

    def __repr__(self) -> str:
        return say("playbook.finding", where=self.where, why=self.why, how=self.how)


@dataclass(frozen=True, slots=True)
class Check:
    """Every finding, in the order of the playbook, and how much of it is filled in."""

    findings: tuple[Finding, ...]
    filled: int
    total: int

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    @property
    def points(self) -> tuple[Finding, ...]:
        """The findings about what is written; blank fields are named together, by `empty`."""
        return tuple(one for one in self.findings if one.rule != "empty")

    @property
    def heading(self) -> str:
        """How far the playbook has come, in one or two sentences."""
        key = "some" if self.points else "filled" if self.findings else "none"
        return say(f"playbook.check_{key}", filled=self.filled, total=self.total, count=len(self.points))

    @property
    def empty(self) -> str:
        """Which fields are blank, and an example for the first of them; empty when none is."""
        blank = [one for one in self.findings if one.rule == "empty"]
        if not blank:
            return ""
        names = say("playbook.join").join(str(one.data["field_name"]) for one in blank)
        first = blank[0].data
        return say("playbook.check_empty", fields=names, first=first["field_name"], example=first["example"])

    def __repr__(self) -> str:
        return "\n".join([self.heading, *(f"- {one!r}" for one in self.points), *filter(None, [self.empty])])

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li dir='auto'><b>{escape(one.where)}</b><br>{escape(one.why)} {escape(one.how)}</li>"
            for one in self.points
        )
        return (
            f"<section class='cx-check'><h4>{escape(say('playbook.check_title'))}</h4><p>{escape(self.heading)}</p>"
            f"<ul>{items}</ul><p>{escape(self.empty)}</p></section>"
        )


def joined(texts: Iterable[Text], model: Model) -> Text:
    """Several texts as one, in every language."""
    texts = list(texts)
    return Text(
        {
            code: interface_texts("playbook", code)["join"].join(text.to(code) for text in texts)
            for code in model.languages
        }
    )
