"""The book's drawings in a real browser: every word can be read, wherever it stands."""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from cxassess.language import language as in_language
from tests.browser.conftest import ROOT

THEME = """
:root { --pst-color-text-base: var(--cx-ink); --pst-color-text-muted: var(--cx-muted); --pst-color-background: var(--cx-paper); }
body { margin: 0 16px; font-family: sans-serif; max-width: 46rem; } figure { margin: 0; } * { box-sizing: border-box; }
"""
UNREADABLE = """() => [...document.querySelectorAll(".cx-drawing")].flatMap(figure => {
  const frame = figure.getBoundingClientRect(), found = [], seen = [];
  const walker = document.createTreeWalker(figure, NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) {
    const text = node.textContent.trim(), range = document.createRange();
    if (!text) continue;
    range.selectNodeContents(node);
    const about = `${figure.className}: ${text}`, lines = [...range.getClientRects()];
    if (parseFloat(getComputedStyle(node.parentElement).fontSize) < 13) found.push(`small ${about}`);
    for (const line of lines) {
      if (line.left < frame.left - 1 || line.right > frame.right + 1) found.push(`outside ${about}`);
      for (const other of seen) {
        const wide = Math.min(line.right, other.right) - Math.max(line.left, other.left);
        const high = Math.min(line.bottom, other.bottom) - Math.max(line.top, other.top);
        if (wide > 2 && high > 4) found.push(`over another ${about}`);
      }
    }
    seen.push(...lines);
  }
  return found;
})"""


@pytest.fixture(params=["en", "ja"])
def all_drawings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A page with every drawing in one language."""
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_ext"))
    import drawings
    from model_pages import palette_css

    from cxassess.model import load_model

    for module in ("drawings", "model_pages"):
        sys.modules.pop(module)
    css = palette_css(load_model().colours) + THEME + _style("drawings.css")
    with in_language(request.param):
        figures = "".join(map(drawings.draw, drawings.NAMES))
    return f'<!doctype html><html lang="{request.param}"><meta charset="utf-8"><style>{css}</style>{figures}'


def _style(name: str) -> str:
    return Path(ROOT / "book" / "_static" / name).read_text("utf-8")


@pytest.mark.parametrize("width", [320, 360, 600, 768, 1280])
def test_every_word_can_be_read(chromium_page: Page, all_drawings: str, width: int) -> None:
    chromium_page.set_viewport_size({"width": width, "height": 900})
    chromium_page.set_content(all_drawings)
    assert not chromium_page.evaluate(UNREADABLE)
    assert chromium_page.evaluate("document.documentElement.scrollWidth") <= width


def test_words_grow_with_the_reader_s_text_size(chromium_page: Page, all_drawings: str) -> None:
    chromium_page.set_viewport_size({"width": 768, "height": 900})
    chromium_page.set_content(all_drawings.replace("<style>", "<style>html { font-size: 200%; }"))
    assert not chromium_page.evaluate(UNREADABLE)
