"""The PowerPoint template of the slides: a master, its layouts, the palette's colours and fonts for Japanese."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pptx import Presentation
from pptx.enum.dml import MSO_THEME_COLOR as COLOUR
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.oxml import serialize_part_xml
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Slides
from pptx.util import Inches

from cxassess.exchange.word import EAST_ASIAN, LATIN

WIDE, HIGH = 13.333, 7.5
"""Of a slide, in inches."""
MARGIN = 0.6
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
THEME_COLOURS = {
    "dk1": "ink", "lt1": "paper", "dk2": "muted", "lt2": "wash", "accent1": "accent", "accent2": "target",
    "accent3": "good", "accent4": "level3", "accent5": "level2", "accent6": "line", "hlink": "accent",
    "folHlink": "muted",
}  # fmt: skip
"""The theme's colours and those of the palette that they are."""
PALETTE = {
    "ink": COLOUR.TEXT_1, "paper": COLOUR.BACKGROUND_1, "muted": COLOUR.TEXT_2, "wash": COLOUR.BACKGROUND_2,
    "accent": COLOUR.ACCENT_1, "target": COLOUR.ACCENT_2, "good": COLOUR.ACCENT_3, "level3": COLOUR.ACCENT_4,
    "level2": COLOUR.ACCENT_5, "line": COLOUR.ACCENT_6,
}  # fmt: skip
"""The palette's colours as the theme knows them."""


@dataclass(frozen=True, slots=True)
class Style:
    """How text in a placeholder looks."""

    size: int
    colour: str = "tx1"
    bold: bool = False
    bullet: bool = False
    anchor: str = "t"


TITLE = Style(32, "accent1", bold=True, anchor="t")
PLACES: Mapping[int, tuple[str, str, Mapping[int, tuple[tuple[float, float, float, float], Style]]]] = {
    0: ("Opening", "accent1", {
        0: ((0.9, 2.0, 11.5, 1.5), Style(54, "bg1", bold=True, anchor="b")),
        1: ((0.9, 3.7, 10.5, 2.2), Style(30, "bg1")),
    }),
    1: ("Title and bullets", "bg1", {
        0: ((MARGIN, 0.45, 12.13, 1.1), TITLE),
        1: ((MARGIN, 1.7, 12.13, 5.0), Style(30, bullet=True, anchor="ctr")),
    }),
    2: ("Question to the room", "bg2", {
        0: ((MARGIN, 0.45, 12.13, 1.1), Style(28, "accent2", bold=True)),
        1: ((MARGIN, 1.7, 12.13, 5.0), Style(44, bold=True, anchor="ctr")),
    }),
    3: ("Picture and its point", "bg1", {
        0: ((MARGIN, 0.45, 12.13, 1.1), TITLE),
        2: ((MARGIN, 5.75, 12.13, 1.1), Style(26, anchor="ctr")),
    }),
    4: ("Quiz", "bg1", {
        0: ((MARGIN, 0.45, 12.13, 0.75), TITLE),
        1: ((MARGIN, 1.2, 12.13, 2.2), Style(26, bold=True, anchor="ctr")),
        2: ((MARGIN, 3.4, 12.13, 3.5), Style(26)),
    }),
    5: ("Drawing", "bg1", {0: ((MARGIN, 0.45, 12.13, 1.1), TITLE)}),
}  # fmt: skip
"""Each layout by its number in python-pptx' template: name, background, placeholders by index."""


def template(colours: Mapping[str, str]) -> Slides:
    """An empty presentation, 16 to 9, in the colours of a palette."""
    slides: Slides = Presentation()
    slides.slide_width, slides.slide_height = Inches(WIDE), Inches(HIGH)
    master = slides.slide_master
    _set_theme(master, colours)
    for layout in list(slides.slide_layouts)[len(PLACES) :]:
        slides.slide_layouts.remove(layout)
    _set_master(master)
    for number, layout in enumerate(slides.slide_layouts):
        name, background, places = PLACES[number]
        layout.name = name
        _set_background(layout, background)
        for shape in list(layout.placeholders):
            kind, index = shape.placeholder_format.type, shape.placeholder_format.idx
            if kind in (PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.FOOTER):
                _set_foot(shape, "bg1" if background == "accent1" else "tx2")
            elif index in places:
                _put(shape, *places[index][0])
                _set_style(shape, places[index][1])
            else:
                shape._element.getparent().remove(shape._element)
    return slides


def _set_master(master: Any) -> None:
    for shape in list(master.placeholders):
        kind = shape.placeholder_format.type
        if kind == PP_PLACEHOLDER.TITLE:
            _put(shape, MARGIN, 0.45, 12.13, 1.1)
            _set_style(shape, TITLE)
        elif kind == PP_PLACEHOLDER.BODY:
            _put(shape, MARGIN, 1.7, 12.13, 5.0)
            _set_style(shape, Style(30, bullet=True, anchor="ctr"))
        elif kind == PP_PLACEHOLDER.DATE:
            shape._element.getparent().remove(shape._element)
        else:
            _set_foot(shape, "tx2")


def _set_foot(shape: Any, colour: str) -> None:
    number = shape.placeholder_format.type == PP_PLACEHOLDER.SLIDE_NUMBER
    _put(shape, 11.73 if number else MARGIN, 6.98, 1.0 if number else 9.0, 0.35)
    _set_style(shape, Style(14, colour, anchor="ctr"), "r" if number else "l")


def _put(shape: Any, left: float, top: float, width: float, height: float) -> None:
    shape.left, shape.top = Inches(left), Inches(top)
    shape.width, shape.height = Inches(width), Inches(height)


def _set_style(shape: Any, style: Style, align: str = "l") -> None:
    """Write the look of a placeholder's first level into it, where the slides take it from."""
    body = shape.text_frame._txBody
    properties = body.bodyPr
    for child in list(properties):
        properties.remove(child)
    properties.set("anchor", style.anchor)
    properties.set("lIns", "0")
    properties.append(parse_xml(f'<a:normAutofit xmlns:a="{DRAWING}"/>'))
    old = body.find(qn("a:lstStyle"))
    indent = 'marL="457200" indent="-457200"' if style.bullet else 'marL="0" indent="0"'
    bullet = (
        '<a:buClr><a:schemeClr val="accent1"/></a:buClr><a:buFont typeface="Arial"/><a:buChar char="•"/>'
        if style.bullet
        else "<a:buNone/>"
    )
    new = parse_xml(
        f'<a:lstStyle xmlns:a="{DRAWING}"><a:lvl1pPr algn="{align}" {indent}>'
        f'<a:lnSpc><a:spcPct val="100000"/></a:lnSpc><a:spcBef><a:spcPts val="{style.size * 55}"/></a:spcBef>{bullet}'
        f'<a:defRPr sz="{style.size * 100}" b="{int(style.bold)}" cap="none"><a:solidFill><a:schemeClr val="{style.colour}"/>'
        "</a:solidFill></a:defRPr></a:lvl1pPr></a:lstStyle>"
    )
    if old is None:
        properties.addnext(new)
    else:
        body.replace(old, new)


def _set_background(layout: Any, colour: str) -> None:
    fill = layout.background.fill
    fill.solid()
    named = {"accent1": "accent", "bg1": "paper", "bg2": "wash"}
    fill.fore_color.theme_color = PALETTE[named[colour]]


def _set_theme(master: Any, colours: Mapping[str, str]) -> None:
    part = next(one.target_part for one in master.part.rels.values() if one.reltype.endswith("/theme"))
    theme: Any = parse_xml(part.blob)
    for name, colour in THEME_COLOURS.items():
        (entry,) = theme.xpath(f".//a:clrScheme/a:{name}")
        for child in list(entry):
            entry.remove(child)
        value = {"val": colours[colour].removeprefix("#").upper()}
        entry.append(entry.makeelement(qn("a:srgbClr"), value))
    for kind in ("majorFont", "minorFont"):
        (fonts,) = theme.xpath(f".//a:fontScheme/a:{kind}")
        fonts.find(qn("a:latin")).set("typeface", LATIN)
        fonts.find(qn("a:ea")).set("typeface", EAST_ASIAN)
        for font in fonts.findall(qn("a:font")):
            if font.get("script") == "Jpan":
                font.set("typeface", EAST_ASIAN)
    part._blob = serialize_part_xml(theme)
