"""The book's drawings: their words in both languages, what is read aloud instead, and what a page that asks gets."""

import dataclasses
import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from lxml import html
from markdown_it import MarkdownIt
from markupsafe import escape
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

import cxassess as cx
from cxassess.language import interface_texts
from tests.conftest import ROOT

NAMES = sorted(path.stem for path in (ROOT / "book" / "drawings").glob("*.html"))
EXTENSIONS = ["myst_parser", "model_pages", "drawings"]


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_ext"))
    import drawings

    yield drawings
    sys.modules.pop("drawings", None)


@pytest.fixture
def built(tmp_path: Path, drawings: ModuleType) -> Callable[..., tuple[str, str]]:
    """Builds a book of one page; gives what came out and the warnings."""

    def build(page: str, builder: str = "html", language: str = "en") -> tuple[str, str]:
        source, out = tmp_path / "source", tmp_path / builder
        source.mkdir(exist_ok=True)
        (source / "index.md").write_text(page, "utf-8")
        said = io.StringIO()
        settings = {"extensions": EXTENSIONS, "language": language, "html_theme": "basic"}
        with docutils_namespace():  # what Sphinx registers lasts longer than an application
            app = Sphinx(
                source, None, out, tmp_path / "doctrees", builder, settings, status=None, warning=said
            )
            app.build()
        made = out / ("index.html" if builder == "html" else "index.pot")
        return made.read_text("utf-8"), said.getvalue()

    return build


def dots(figure: html.HtmlElement) -> list[list[float]]:
    """Where each team's dots are on the scale, in percent."""
    return [[float(dot.get("cx").rstrip("%")) for dot in team.iter("circle")] for team in figure.iter("svg")]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_says_in_words_what_it_shows(drawings: ModuleType, name: str, language: str) -> None:
    cx.set_language(language)
    texts = interface_texts("drawings", language)
    drawn = drawings.draw(name)
    (picture,) = html.fromstring(drawn).xpath("//*[@role='img']")
    aloud, title = picture.get("aria-label"), texts[f"{name.replace('-', '_')}_title"]
    assert aloud.startswith(title)
    assert len(aloud) > 2 * len(title)
    assert "{" not in aloud
    assert picture.text_content().strip()
    # Nothing in it comes from elsewhere or runs.
    assert not re.search(r"<(script|style|image|iframe|link|a)\b|https?:|url\(|\son\w+=", drawn)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", NAMES)
def test_markdown_takes_a_drawing_as_it_is(drawings: ModuleType, name: str, language: str) -> None:
    cx.set_language(language)
    drawn = drawings.draw(name)
    blocks = MarkdownIt().parse(f"Before.\n\n{drawn}\n\nAfter.")
    raw = [block.content.strip() for block in blocks if block.type == "html_block"]
    assert raw == [drawn]
    assert len(blocks) == 7  # two paragraphs of three tokens, and the drawing


def test_every_text_is_in_a_drawing(drawings: ModuleType) -> None:
    for language in ("en", "ja"):
        cx.set_language(language)
        texts = interface_texts("drawings", language)
        shown = "".join(drawings.draw(name) for name in NAMES)
        whole = {key for key, text in texts.items() if key != "join" and "{" not in text}
        assert not {key for key in whole if str(escape(texts[key])) not in shown}


def test_the_roadmap_s_steps_are_the_model_s(drawings: ModuleType, model: cx.Model) -> None:
    for language in ("en", "ja"):
        cx.set_language(language)
        drawn = drawings.draw("seven-steps")
        names = [str(step.name) for step in model.records["step"].values()]
        figure = html.fromstring(drawn)
        assert [one.text_content() for one in figure.xpath("//li//b")] == names
        assert [one.text_content() for one in figure.xpath("//*[@class='dr-number']")] == [
            str(number) for number, _ in enumerate(names, 1)
        ]
        label = figure.xpath("//*[@role='img']")[0].get("aria-label")
        assert all(name in label for name in names)


def test_the_figures_of_a_chain_are_the_model_s_metrics(drawings: ModuleType, model: cx.Model) -> None:
    figure = html.fromstring(drawings.draw("benefit-chain"))
    shown = [one.text_content() for one in figure.xpath("//*[@class='dr-figure']")]
    assert shown
    assert set(shown) <= {str(metric.name) for metric in model.records["metric"].values()}


def test_a_fork_may_leave_metrics_and_texts_out(
    drawings: ModuleType, model: cx.Model, model_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (model_copy / "interface" / "drawings.toml").unlink()
    monkeypatch.setenv("CXASSESS_MODEL", str(model_copy))
    metrics = {id: one for id, one in model.records["metric"].items() if id != "tickets"}
    fork = dataclasses.replace(model, records={**model.records, "metric": metrics})
    monkeypatch.setattr(drawings, "load_model", lambda: fork)
    for name in NAMES:
        assert drawings.draw(name)
    assert str(model.records["metric"]["tickets"].name) not in drawings.draw("benefit-chain")


def test_what_a_fork_writes_is_text(
    drawings: ModuleType, model_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = model_copy / "steps.toml"
    name = "<script>alert(1)</script> & \\n\\n\\n# more"
    path.write_text(
        re.sub(r'name\.en = ".*?"', lambda _: f'name.en = "{name}"', path.read_text("utf-8"), count=1),
        "utf-8",
    )
    monkeypatch.setenv("CXASSESS_MODEL", str(model_copy))
    drawn = drawings.draw("seven-steps")
    assert "<script>" not in drawn
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in drawn
    assert not re.search(r"\n\s*\n", drawn)


def test_two_teams_with_the_same_mean_see_different_things(drawings: ModuleType) -> None:
    together, apart = dots(html.fromstring(drawings.draw("disagreement")))
    assert sum(together) / len(together) == sum(apart) / len(apart)
    assert max(together) - min(together) < max(apart) - min(apart)
    means = html.fromstring(drawings.draw("disagreement")).xpath("//*[@class='dr-mean']/@x1")
    assert {float(mean.rstrip("%")) for mean in means} == {sum(apart) / len(apart)}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_page_gets_the_drawing_that_it_asks_for(
    built: Callable[..., tuple[str, str]], drawings: ModuleType, language: str
) -> None:
    page, said = built("# Title\n\nBefore.\n<!-- drawing: kano -->\nAfter.\n", language=language)
    cx.set_language(language)
    assert drawings.draw("kano") in page
    assert "<p>After.</p>" in page
    assert not said


def test_a_drawing_that_does_not_exist_is_a_warning_with_page_and_name(
    built: Callable[..., tuple[str, str]],
) -> None:
    _, said = built("# Title\n\n<!-- drawing: no such one -->\n")
    assert re.search(r"index(\.md)?: WARNING: .*no such one.*kano", said)


def test_translators_are_not_asked_for_a_drawing_s_words(built: Callable[..., tuple[str, str]]) -> None:
    messages, said = built("# Title\n\n<!-- drawing: kano -->\n\nProse.\n", "gettext")
    assert re.findall(r'^msgid "(.+)"', messages, re.M) == ["Title", "Prose."]
    assert not said


def test_the_colours_are_the_palette_s(model: cx.Model) -> None:
    css = (ROOT / "book" / "_static" / "drawings.css").read_text("utf-8")
    assert not re.findall(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\(", css)
    known = {name.replace("_", "-") for name in model.colours}
    assert set(re.findall(r"var\(--cx-([a-z0-9-]+)", css)) <= known
    assert set(re.findall(r"var\(--dr-([a-z]+)", css)) - set(re.findall(r"--dr-([a-z]+):", css)) <= {
        "count",
        "columns",
    }
