"""What a look at a playbook finds, in words: where, why it matters, and how to mend it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import groupby
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
        data: what fills the sentences; `missing` are the ids of the columns that it is about.
    """

    rule: str
    field: str
    row: int
    column: str
    data: Mapping[str, Any]

    @property
    def where(self) -> str:
        """Section, field, line and column in words."""
        return say("playbook.where", section=self.data["section_name"], place=self.place)

    @property
    def place(self) -> str:
        """Field, line and column in words."""
        kind = (
            "field" if not self.row else "record" if self.data["record"] else "cell" if self.column else "row"
        )
        kind = "field" if kind == "record" and not self.column else kind
        names = {name: self.data[f"{name}_name"] for name in ("field", "column")}
        return say(f"playbook.place_{kind}", row=self.row, **names)

    @property
    def why(self) -> str:
        """What was found and why it matters."""
        return say(f"playbook.{self.rule}_why", **self.data)

    @property
    def how(self) -> str:
        """How to mend it."""
        return say(f"playbook.{self.rule}_how", **self.data)

    @property
    def says(self) -> str:
        """What was found, why it matters, and how to mend it."""
        return say("playbook.says", why=self.why, how=self.how)

    def __repr__(self) -> str:
        return say("playbook.finding", where=self.where, says=self.says)


@dataclass(frozen=True, slots=True)
class Check:
    """Every finding, in the order of the playbook, and how many of the required fields are filled in."""

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
        return say("playbook.check_empty", fields=names, begin=_begin(blank[0]))

    def __repr__(self) -> str:
        return "\n".join([self.heading, *(f"- {one!r}" for one in self.points), *filter(None, [self.empty])])

    def _repr_html_(self) -> str:
        return self.html()

    def html(self, level: int = 4, linked: bool = False) -> str:
        """The findings by section, under a heading of that level.

        Args:
            level: of the heading; those of the sections are a level lower.
            linked: whether each place is a button whose `data-field`, `data-row` and `data-column` name it, for
                a page that has the form beside it.
        """
        place = _button if linked else _bold
        parts = [
            f"<h{level + 1}>{escape(name)}</h{level + 1}>{_section(list(found), place)}"
            for name, found in groupby(self.findings, lambda one: str(one.data["section_name"]))
        ]
        blank = next((one for one in self.findings if one.rule == "empty"), None)
        begin = f"<p>{escape(_begin(blank))}</p>" if blank else ""
        return (
            f"<section class='cx-check'><h{level}>{escape(say('playbook.check_title'))}</h{level}>"
            f"<p>{escape(self.heading)}</p>{''.join(parts)}{begin}</section>"
        )


def _section(found: list[Finding], place: Callable[[Finding], str]) -> str:
    """What was found in one section: a list of points, then the fields that are blank."""
    points = "".join(
        f"<li dir='auto'>{place(one)}<br>{escape(one.says)}</li>" for one in found if one.rule != "empty"
    )
    blank = escape(say("playbook.join")).join(place(one) for one in found if one.rule == "empty")
    return (f"<ul>{points}</ul>" if points else "") + (
        f"<p>{escape(say('playbook.check_still'))}{blank}</p>" if blank else ""
    )


def _bold(one: Finding) -> str:
    return f"<b>{escape(one.place)}</b>"


def _button(one: Finding) -> str:
    column = one.column or next(iter(one.data["missing"]), "")
    return (
        f"<button type='button' class='cx-go' data-field='{escape(one.field)}' data-row='{one.row}' "
        f"data-column='{escape(column)}'>{escape(one.place)}</button>"
    )


def _begin(one: Finding) -> str:
    """An example with which to begin in a blank field."""
    return say("playbook.check_begin", first=one.data["field_name"], example=one.data["example"])


def joined(texts: Iterable[Text], model: Model) -> Text:
    """Several texts as one, in every language."""
    texts = list(texts)
    return Text(
        {
            code: interface_texts("playbook", code)["join"].join(text.to(code) for text in texts)
            for code in model.languages
        }
    )
