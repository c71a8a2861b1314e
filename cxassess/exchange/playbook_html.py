"""A playbook as one HTML file that needs nothing else: to read, to send, to print."""

import base64
from collections.abc import Mapping
from html import escape
from string import Template

from cxassess.exchange.playbook_outline import Answer, Grid, Outline, outline
from cxassess.language import say
from cxassess.model import Model, load_model
from cxassess.playbook.book import Playbook

_PAGE = Template("""<!doctype html>
<html lang="$language">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$heading</title>
<style>$style</style>
<header><p class="kind">$title</p><h1 dir="auto">$team</h1></header>
<nav aria-label="$contents"><ol>$links</ol></nav>
<main>
$parts
</main>
<footer><p>$made_with</p></footer>
</html>
""")
_STYLE = Template("""
@page { size: A4 landscape; margin: 14mm 14mm 16mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; color: $muted } }
:root { color: $ink; background: $paper; font: 16px/1.65 "Segoe UI", "Helvetica Neue", "Noto Sans", "Hiragino Sans", "Yu Gothic UI", "Yu Gothic", "Noto Sans CJK JP", Meiryo, sans-serif }
* { box-sizing: border-box; print-color-adjust: exact; -webkit-print-color-adjust: exact }
body { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; overflow-wrap: anywhere; word-break: normal; line-break: strict }
:lang(ja) { word-break: auto-phrase }
header { border-block-end: 4px solid $accent; margin-block-end: 1rem }
.kind { margin: 0; color: $accent; font-weight: 700 }
h1 { margin: 0 0 .6rem; font-size: 1.9rem; line-height: 1.3 }
h2 { margin: 2.6rem 0 .3rem; font-size: 1.35rem; color: $accent; break-after: avoid }
nav ol { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; padding: 0; margin: 0 }
a { color: $accent }
.lead, .help { color: $muted; margin: 0 0 .8rem }
.help { font-size: .875rem; line-height: 1.5; margin: .15rem 0 0 }
.answer { display: grid; grid-template-columns: minmax(9rem, 17rem) minmax(0, 1fr); border: 1px solid $line; border-block-start-width: 0 }
.answer:first-of-type, h2 + .lead + .answer, figure + .answer, .scroll + .answer { border-block-start-width: 1px }
.answer > h3, .answer > div { margin: 0; padding: .6rem .8rem }
.answer > h3, th { background: $wash; font-size: 1rem; font-weight: 600; text-align: start; vertical-align: top }
.answer > div { white-space: pre-wrap; unicode-bidi: isolate }
.blank { color: $muted; font-style: italic }
h3.table { margin: 1.5rem 0 0; font-size: 1.05rem; break-after: avoid }
.scroll { overflow-x: auto; margin-block: .5rem 1.2rem }
table { border-collapse: collapse; width: 100%; min-width: 40rem; table-layout: fixed }
th, td { border: 1px solid $line; padding: .45rem .6rem; font-size: .9rem; line-height: 1.5 }
thead th { background: $accent; border-color: $accent; color: #fff }
thead { display: table-header-group }
tr { break-inside: avoid-page }
td { vertical-align: top; white-space: pre-wrap; unicode-bidi: isolate }
figure { margin: 1rem 0; break-inside: avoid }
figure img { width: 100%; height: auto }
footer { margin-block-start: 3rem; border-block-start: 1px solid $line; color: $muted; font-size: .85rem }
@media (max-width: 40rem) { .answer { grid-template-columns: 1fr } }
@media print { :root { font-size: 10pt } body { max-width: none; padding: 0 } nav { display: none } .scroll { overflow: visible } a { color: inherit; text-decoration: none } }
""")


def to_html(playbook: Playbook, model: Model | None = None) -> str:
    """The playbook in the current language, with the journey's picture where feelings are filled in.

    >>> "&lt;b&gt;" in to_html(Playbook("<b>"))
    True
    """
    model = model or load_model()
    outlined = outline(playbook, model)
    pictures = _pictures(playbook, model)
    parts = "\n".join(
        f'<section id="{part.id}"><h2>{escape(part.title)}</h2><p class="lead">{escape(part.guidance)}</p>'
        + pictures.get(part.id, "")
        + "".join(_block(block) for block in part.blocks)
        + "</section>"
        for part in outlined.parts
    )
    return _page(outlined, parts, model)


def _page(outlined: Outline, parts: str, model: Model) -> str:
    links = "".join(f'<li><a href="#{part.id}">{escape(part.title)}</a></li>' for part in outlined.parts)
    return _PAGE.substitute(
        language=outlined.language,
        heading=escape(say("playbook.title_of", team=outlined.team or "–")),
        title=escape(outlined.title),
        team=escape(outlined.team or "–"),
        contents=escape(say("playbook.contents")),
        links=links,
        parts=parts,
        made_with=escape(outlined.made_with),
        style=_STYLE.substitute(model.colours),
    )


def _block(block: Answer | Grid) -> str:
    if isinstance(block, Answer):
        text = escape(block.text) or _blank(block.guidance)
        return f'<div class="answer"><h3>{escape(block.label)}</h3><div dir="auto">{text}</div></div>'
    heading = "" if block.notes else f'<h3 class="table">{escape(block.label)}</h3>'
    return heading + (_table(block) if block.rows else f'<p class="help">{_blank(block.guidance)}</p>')


def _blank(guidance: str) -> str:
    return f'<span class="blank">({escape(say("playbook.blank"))})</span> <span class="help">{escape(guidance)}</span>'


def _table(grid: Grid) -> str:
    total = sum(grid.widths)
    columns = "".join(f'<col style="width:{100 * width / total:.1f}%">' for width in grid.widths)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in grid.head)
    body = "".join(f"<tr>{_cells(row, grid)}</tr>" for row in grid.rows)
    return f'<div class="scroll"><table><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cells(row: tuple[str, ...], grid: Grid) -> str:
    first = f'<th scope="row">{escape(row[0])}</th>' if grid.notes else _cell(row[0])
    return first + "".join(map(_cell, row[1:]))


def _cell(text: str) -> str:
    return f'<td dir="auto">{escape(text)}</td>'


def _pictures(playbook: Playbook, model: Model) -> Mapping[str, str]:
    """The journey's picture, by the id of the section that it belongs to."""
    from cxassess.charts.journey import journey, journey_section

    if not journey_section(playbook, model):
        return {}
    chart = journey(playbook, model, wide=True)
    picture = base64.b64encode(chart.png).decode()
    return {
        journey_section(
            playbook, model
        ): f'<figure><img alt="{escape(repr(chart))}" src="data:image/png;base64,{picture}" '
        f'width="{chart.size[0]}" height="{chart.size[1]}"></figure>'
    }
