"""The font that the Japanese pages bring along: Noto Sans JP (SIL Open Font License 1.1), cut down to what they say.

What a reader writes in other characters is shown in a font of her own machine.
"""

import hashlib
import re
from collections.abc import Iterable
from html import unescape
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from cxassess.language import OWN_MODEL

SOURCES = {
    "ja": (
        "justmytype_intl_cjk",
        "fonts/ofl/notosansjp/NotoSansJP[wght].ttf",
        "c2f3b4d463500a2ddcd3849cded1fceeb9fd6d1c32e6cbecd568453ba50fc68f",
    )
}
"""The package, the file in it, and the file's sha256, for each language that brings a font along."""
LICENCE = "OFL.txt"
"""It lies beside the font, and goes wherever the font goes."""
WEIGHTS = (400, 750)
FEATURES = ["calt", "ccmp", "kern", "liga", "locl", "mark", "palt", "vert"]
STYLE = """@font-face {{
  font-family: "{family}";
  font-style: normal;
  font-weight: {weights};
  font-display: swap;
  src: url("{file}") format("woff2");
}}
"""


class FontError(Exception):
    """The font is not there, or not the listed one."""


def write(site: Path, language: str) -> None:
    """Put the font of a language into its folder of the site, with the style sheet that names it.

    Raises:
        FontError: the font is not there, or not the listed one.
    """
    if language not in SOURCES:
        return
    live = used((site / "_static" / "live").glob("*.json")) | used(
        OWN_MODEL.rglob("*.toml")
    )  # as Python says it
    characters = used(site.rglob("*.html")) | live
    source = _source(language)
    font = TTFont(source)
    subsetter = Subsetter(Options(layout_features=FEATURES))
    subsetter.populate(unicodes=map(ord, characters))
    subsetter.subset(font)
    font = instantiateVariableFont(font, {"wght": WEIGHTS})
    font.flavor = "woff2"
    file = f"noto-sans-{language}.woff2"
    font.save(site / "_static" / file)
    style = STYLE.format(family="Noto Sans JP", file=file, weights=f"{WEIGHTS[0]} {WEIGHTS[1]}")
    (site / "_static" / "fonts.css").write_text(style, "utf-8")
    licence = source.with_name(LICENCE).read_bytes()
    (site / "_static" / f"noto-sans-{language}-{LICENCE}").write_bytes(licence)


def used(files: Iterable[Path]) -> set[str]:
    """Every character that files show, whatever markup it stands in."""
    found: set[str] = set()
    for file in files:
        found |= set(
            re.sub(
                r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), unescape(file.read_text("utf-8"))
            )
        )
    return found


def _source(language: str) -> Path:
    package, name, digest = SOURCES[language]
    spec = find_spec(package)
    if not spec or not spec.origin or not (path := Path(spec.origin).parent / name).exists():
        raise FontError(
            f"The font {name} is not there: install {package.replace('_', '-')}, which brings it."
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        raise FontError(f"{path} is not the listed font: look at it, and correct its sha256 in {__file__}.")
    return path
