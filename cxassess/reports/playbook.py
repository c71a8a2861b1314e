"""Parts of a playbook as a notebook shows them: sections, and the KPI targets that can stand."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from cxassess.exchange.playbook_outline import Answer, Grid, outline
from cxassess.language import say
from cxassess.model import load_model
from cxassess.playbook.book import Playbook, PlaybookError
from cxassess.playbook.targets import Target, number, targets
from cxassess.reports.result import Overview


def show_part(playbook: Playbook, section: str, *fields: str) -> Overview:
    """A section of a playbook, or some of its fields.

    Args:
        playbook: the playbook.
        section: the section's id.
        fields: ids of text fields and tables; the whole section if none is given.

    Raises:
        PlaybookError: the model has no such section, or no such field in it.

    >>> show_part(Playbook("Us", {"sharing": "Every month"}), "improvement", "sharing").text.splitlines()[-1]
    'Sharing results: Every month'
    """
    model = load_model()
    for kind, ids in (("section", [section]), ("field", fields)):
        known = [id for id, one in model.records[kind].items() if kind == "section" or one.section == section]
        for id in ids:
            if id not in known:
                raise PlaybookError("unknown_part", record=id[:60], known=", ".join(known))
    found = next(one for one in outline(playbook, model).parts if one.id == section)
    names = {str(model.records["field"][id].name) for id in fields}
    blocks = [block for block in found.blocks if not names or block.label in names]
    title = "" if fields else f"<h4>{escape(found.title)}</h4>"
    html = title + "".join(map(_block, blocks))
    return Overview(
        f"<section class='cx-part'>{html}</section>", "\n".join(_plain(block) for block in blocks)
    )


def show_targets(playbook: Playbook, measured: Mapping[str, Any] | None = None) -> Overview:
    """The KPI targets of a playbook that can stand, as a table, and why the others are refused.

    Args:
        playbook: the playbook.
        measured: today's values by metric id, as for `cxassess.targets`.
    """
    found, refused = targets(playbook, measured)
    rows = [_target(one) for one in found]
    head = tuple(say(f"review.{key}") for key in ("metric", "from", "to", "by", "owner"))
    reasons = [str(problem) for problem in refused]
    heading = say("review.refused") if reasons else ""
    text = "\n".join(
        [*(" · ".join(row) for row in rows), *filter(None, [heading]), *(f"- {one}" for one in reasons)]
    )
    return Overview(table(head, rows) + listed(heading, reasons), text)


def table(head: Iterable[str], rows: Iterable[Iterable[str]], widths: Iterable[int] = ()) -> str:
    """A table that scrolls sideways on a phone; its cells are texts.

    >>> "&lt;b&gt;" in table(["what"], [["<b>"]])
    True
    """

    def line(cells: Iterable[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag} dir='auto'>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    widths = list(widths)
    columns = "".join(f"<col style='width:{100 * one / sum(widths):.1f}%'>" for one in widths)
    style = "min-width:44rem;table-layout:fixed;width:100%" if widths else ""
    body = "".join(line(row, "td") for row in rows)
    return (
        f"<div style='overflow-x:auto'><table class='cx-table' style='{style};text-align:start'>"
        f"<colgroup>{columns}</colgroup><thead>{line(head, 'th')}</thead><tbody>{body}</tbody></table></div>"
    )


def grid(head: Iterable[str], rows: Iterable[Iterable[str]], widths: Iterable[int] = ()) -> Overview:
    """A table with its text, for a notebook.

    >>> grid(["who"], [["Kato"]]).text
    'who\\nKato'
    """
    lines = [tuple(head), *map(tuple, rows)]
    return Overview(table(lines[0], lines[1:], widths), "\n".join(" · ".join(line) for line in lines))


def listed(heading: str, items: Iterable[str]) -> str:
    """A heading with a list; nothing where there are no items."""
    entries = "".join(f"<li dir='auto'>{escape(item)}</li>" for item in items)
    return f"<h4>{escape(heading)}</h4><ul>{entries}</ul>" if entries else ""


def amount(value: float | None, unit: str) -> str:
    """A value with its unit; a dash where there is none.

    >>> amount(3.8, "hours"), amount(50.0, "%"), amount(None, "%")
    ('3.8 hours', '50%', '–')
    """
    if value is None:
        return "–"
    return (
        f"{rounded(value)}%" if unit == "%" else say("review.amount", value=rounded(value), unit=unit).strip()
    )


def rounded(value: float) -> str:
    """A number with one decimal, or with two where it is small.

    >>> rounded(68.42), rounded(0.176), rounded(5060.0), rounded(-21.0)
    ('68.4', '0.18', '5,060', '−21')
    """
    return number(round(float(value), 1 if abs(value) >= 10 else 2)).replace("-", "−")


def _target(one: Target) -> tuple[str, ...]:
    name = str(load_model().records["metric"][one.metric].name)
    return (name, amount(one.present, one.unit), amount(one.target, one.unit), one.by.isoformat(), one.owner)


def _block(block: Answer | Grid) -> str:
    label = f"<h5>{escape(block.label)}</h5>"
    if isinstance(block, Answer):
        return f"{label}<p dir='auto'>{escape(block.text or say('playbook.blank'))}</p>"
    label = "" if block.notes else label
    if not block.rows:
        return f"{label}<p>{escape(say('playbook.blank'))}</p>"
    return label + table(block.head, block.rows, block.widths)


def _plain(block: Answer | Grid) -> str:
    if isinstance(block, Answer):
        return say("review.named", name=block.label, text=block.text or say("playbook.blank"))
    return "\n".join([block.label, *(" · ".join(filter(None, row)) for row in block.rows)])
