"""A cohort as a page fragment: every table in words and signs as well as in colour."""

from collections.abc import Iterable, Sequence
from html import escape

from cxassess.cohort import Cohort, words
from cxassess.cohort.disclosure import Cell, Spread, cuts
from cxassess.language import say
from cxassess.model import Model

RAMP = ("level1", "level2", "level3", "level5")
"""Without the fourth step, on which neither dark nor white letters stand out enough."""


def page(cohort: Cohort) -> str:
    """The cohort's tables, for a notebook or a page."""
    strengths, gaps = words.shared(cohort)
    parts = [
        f"<h3>{escape(words.heading(cohort))}</h3>",
        _paragraph(words.promise(cohort)),
        _paragraph(say("cohort.problems", n=len(cohort.problems))) if cohort.problems else "",
        _list(say("cohort.strengths"), strengths or [say("cohort.none_shared")]),
        _list(say("cohort.gaps"), gaps or [say("cohort.none_shared")]),
        _heat(cohort),
        _table(say("cohort.progress"), words.progress_rows(cohort), say("cohort.progress_note"))
        if words.compared(cohort)
        else _paragraph(say("cohort.no_progress")),
        _table(say("cohort.practices"), words.practice_rows(cohort), say("cohort.practices_note")),
        _texts(cohort),
    ]
    return f"<style>{_css(cohort.model)}</style><section class='cx-cohort'>{''.join(parts)}</section>"


def band_colours(model: Model) -> list[tuple[str, str]]:
    """For each band the colour of its cells and of the letters on it."""
    last = len(cuts(model.levels))
    found = []
    for place in range(last + 1):
        at = (len(RAMP) - 1) * place / max(last, 1)
        low = min(int(at), len(RAMP) - 2)
        ends = [
            [int(model.colours[name][at : at + 2], 16) for at in (1, 3, 5)] for name in RAMP[low : low + 2]
        ]
        mixed = [round(a + (b - a) * (at - low)) for a, b in zip(*ends, strict=True)]
        ink = model.colours["paper" if place == last and last else "ink"]
        found.append((f"#{mixed[0]:02x}{mixed[1]:02x}{mixed[2]:02x}", ink))
    return found


def _heat(cohort: Cohort) -> str:
    head, *rows = words.heat_rows(cohort)
    ids = words.ordered(cohort)
    heads = "".join(
        f"<th scope='col'><span{' class=cx-up' if 3 <= place < 3 + len(ids) else ''}>{escape(name)}</span></th>"
        for place, name in enumerate(head)
    )
    lines = []
    for team, row in zip(cohort.teams, rows, strict=True):
        cells = "".join(_cell(team.elements[id], text) for id, text in zip(ids, row[3:-1], strict=True))
        lines.append(
            f"<tr><th scope='row'>{escape(row[0])}</th><td>{escape(row[1])}</td><td>{escape(row[2])}</td>"
            f"{cells}<td>{escape(row[-1])}</td></tr>"
        )
    return (
        f"<h4>{escape(say('cohort.heat'))}</h4>{_paragraph(say('cohort.heat_note'))}<div class='cx-wide' tabindex='0'>"
        f"<table class='cx-heat'><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cell(cell: Cell | None, text: str) -> str:
    if cell is None:
        return f"<td class='cx-none' aria-label='{escape(say('cohort.key_withheld'))}'>{escape(text)}</td>"
    wide = f" title='{escape(say('cohort.key_wide'))}'" if cell.spread == Spread.WIDE else ""
    return f"<td class='cx-b{cell.band}'{wide}>{escape(text)}</td>"


def _table(heading: str, rows: Sequence[Sequence[str]], note: str) -> str:
    head, *body = rows
    heads = "".join(f"<th scope='col'>{escape(name)}</th>" for name in head)
    lines = "".join(
        f"<tr><th scope='row'>{escape(row[0])}</th>"
        + "".join(f"<td>{escape(text)}</td>" for text in row[1:])
        + "</tr>"
        for row in body
    )
    return (
        f"<h4>{escape(heading)}</h4>{_paragraph(note)}<div class='cx-wide' tabindex='0'><table>"
        f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _texts(cohort: Cohort) -> str:
    if cohort.texts is None:
        return ""
    names = cohort.model.elements
    lines = [f"{one.team}, {names[one.element].name}: {one.text}" for one in cohort.texts]
    return _paragraph(say("cohort.texts_warning"), "cx-warning") + _list(say("cohort.texts"), lines)


def _paragraph(text: str, style: str = "") -> str:
    return f"<p class='{style}'>{escape(text)}</p>" if style else f"<p>{escape(text)}</p>"


def _list(heading: str, items: Iterable[str]) -> str:
    entries = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<h4>{escape(heading)}</h4><ul>{entries}</ul>" if entries else ""


def _css(model: Model) -> str:
    """Themed by the host; the bands keep their own paper and ink in the dark too."""
    colours = model.colours
    ink = f"var(--jp-ui-font-color1, var(--pst-color-text-base, {colours['ink']}))"
    line = f"var(--jp-border-color2, var(--pst-color-border, {colours['line']}))"
    paper = f"var(--jp-layout-color1, var(--pst-color-background, {colours['paper']}))"
    bands = "".join(
        f".cx-cohort td.cx-b{place}{{background:{fill};color:{letters}}}"
        for place, (fill, letters) in enumerate(band_colours(model))
    )
    return (
        f".cx-cohort{{color:{ink};line-height:1.6}}"
        ".cx-cohort h3,.cx-cohort h4{margin:1.1rem 0 .3rem}.cx-cohort ul{margin:.2rem 0;padding-left:1.3rem}"
        ".cx-cohort .cx-wide{overflow:auto;max-height:40rem}"
        f".cx-cohort table{{border-collapse:collapse;font-size:.85rem}}.cx-cohort :is(td,th){{border:1px solid {line};"
        "padding:.2rem .4rem;text-align:center;white-space:nowrap}"
        f".cx-cohort th[scope=row]{{text-align:left;position:sticky;left:0;background:{paper};max-width:14rem;"
        "overflow:hidden;text-overflow:ellipsis}"
        f".cx-cohort thead th{{position:sticky;top:0;background:{paper};vertical-align:bottom;z-index:1}}"
        ".cx-cohort .cx-up{writing-mode:vertical-rl;max-height:11rem;white-space:normal}"
        f".cx-cohort .cx-none{{background:repeating-linear-gradient(45deg,transparent 0 4px,{line} 4px 5px)}}"
        f".cx-cohort .cx-warning{{border-left:4px solid {colours['warn']};padding-left:.75rem}}{bands}"
        ".cx-cohort :is(h3,h4):lang(ja){word-break:auto-phrase}"
    )
