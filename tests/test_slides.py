"""The slides of each part: what their file has to hold, and what comes out in HTML and PowerPoint."""

import errno
import io
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.util import Pt

import cxassess as cx
from cxassess import documents, kpi
from cxassess.course import load_quizzes
from cxassess.errors import ModelError, SaveError
from cxassess.exchange.made_files import MANIFEST, write_made
from cxassess.exchange.slides import main, write_decks
from cxassess.exchange.slides_deck import SlidesError, load_decks, pages
from cxassess.exchange.slides_diagrams import DIAGRAMS, diagram
from cxassess.exchange.slides_html import _drawings, to_html
from cxassess.exchange.slides_pictures import PICTURES, picture
from cxassess.exchange.slides_pptx import to_pptx
from cxassess.exchange.slides_theme import template
from cxassess.language import language
from tests.conftest import ROOT

LANGUAGES = ("en", "ja")
DECKS = list(load_decks())
SMALLEST = Pt(20)
"""What can be read from the back of a room, for a note under a label."""
SHOWN = sorted({slide.picture for deck in load_decks().values() for slide in deck.slides if slide.picture})


@pytest.fixture(params=LANGUAGES)
def code(request: pytest.FixtureRequest) -> Any:
    with language(request.param):
        yield request.param


def opened(deck: Any) -> Any:
    return Presentation(io.BytesIO(to_pptx(deck, ROOT)))


# The file


def test_every_part_has_a_deck_of_eight_to_twelve_slides_and_its_exercises(code: str) -> None:
    assert list(load_decks()) == list(load_quizzes())
    for deck in load_decks().values():
        assert 8 <= len(pages(deck)) <= 12, deck.id
        assert (ROOT / "notebooks" / f"{deck.exercises}.ipynb").is_file()
        kinds = [page.kind for page in pages(deck)]
        assert (kinds[0], kinds[-1]) == ("opening", "close")
        assert {"ask", "question", "answer"} <= set(kinds)
        assert {"picture", "drawing"} & set(kinds)


@pytest.mark.parametrize("id", DECKS)
def test_the_speaker_is_told_what_to_say_and_how_long_it_takes(code: str, id: str) -> None:
    deck = load_decks()[id]
    for slide in deck.slides:
        told = re.findall(r"[.!?。][”」]?(?=\s|$|\w)" if code == "en" else "。", str(slide.notes))
        assert 3 <= len(told) <= 8, slide.id
        assert slide.minutes >= 2
    total = f"{sum(slide.minutes for slide in deck.slides):g}"
    assert total in pages(deck)[0].notes[0]
    last = [page for page in pages(deck) if page.kind != "answer"][-1].notes[0]
    assert re.findall(r"\d+", last)[-2:] == [total, total]


def test_a_quiz_slide_is_followed_by_its_answer_and_what_to_say_to_the_others(code: str) -> None:
    deck = load_decks()["why"]
    question = next(one for one in load_quizzes()["why"].questions if one.id == "lip_service")
    made = pages(deck)
    place = next(number for number, page in enumerate(made) if page.kind == "question")
    asked, answer = made[place : place + 2]
    assert asked.lines[0] == str(question.ask)
    right = next(option for option in question.options if option.right)
    assert answer.lines[0].endswith(str(right.label))
    assert answer.lines[1] == str(right.says)
    others = [str(option.says) for option in question.options if not option.right]
    assert all(any(says in note for note in answer.notes) for says in others)


DECK = """
[[deck]]
id = "why"
title = {en = "T", ja = "題"}
promise = {en = "P", ja = "約束"}
opening = {en = "O", ja = "始め"}
exercises = "exercises-1-why-and-what"
[[deck.slides]]
id = "one"
minutes = 2
title = {en = "A", ja = "一"}
bullets = [{en = "a", ja = "一"}, {en = "b", ja = "二"}]
notes = {en = "n", ja = "話"}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DECK.replace("bullets = ", 'picture = "elements:x"\nbullets = '), "shows bullets, picture"),
        (re.sub("bullets = .*\n", "", DECK), "exactly one of"),
        (DECK.replace(', {en = "b", ja = "二"}', ""), "1 bullets; give it 2 to 4"),
        (DECK.replace('title = {en = "A", ja = "一"}\n', ""), "has no title"),
        (re.sub("bullets = .*\n", 'drawing = "kano"\n', DECK), "last slide has no bullets"),
        (re.sub("bullets = .*\n", 'quiz = "kano"\n', DECK) + DECK.partition("[[deck.slides]]")[2].join(("[[deck.slides]]", "")).replace('"one"', '"two"'), "no question “kano”"),
        (DECK + DECK.partition("[[deck.slides]]")[2].join(("[[deck.slides]]", "")), "used twice"),
        (DECK.replace("minutes = 2", "minutes = -2"), "'minutes' is -2"),
        (DECK.replace(', ja = "話"', ""), "no text in the language 'ja'"),
        (DECK.replace("notes", "note"), "'note' is not known"),
        ("[[deck", "not valid TOML"),
    ],
)  # fmt: skip
def test_a_wrong_deck_is_refused_in_one_sentence_that_names_file_and_record(
    model_copy: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    monkeypatch.setenv("CXASSESS_MODEL", str(model_copy))
    (model_copy / "course" / "slides.toml").write_text(text, "utf-8")
    with pytest.raises(ModelError) as found:
        load_decks()
    assert "course/slides.toml" in str(found.value)
    assert said in str(found.value)
    assert "\n" not in str(found.value)


# Pictures


@pytest.mark.parametrize("name", SHOWN)
def test_a_picture_has_few_bars_and_the_same_values_in_every_language(name: str) -> None:
    made = []
    for one in LANGUAGES:
        with language(one):
            made.append(picture(name, ROOT))
    english, japanese = made
    assert 2 <= len(english.bars) <= 10
    assert [bar.value for bar in english.bars] == [bar.value for bar in japanese.bars]
    assert all(bar.value >= 0 for bar in english.bars)
    assert any(bar.strong for bar in english.bars)
    assert len({bar.label for bar in english.bars}) == len(english.bars)
    assert {bar.label for bar in english.bars}.isdisjoint(bar.label for bar in japanese.bars if bar.label)


def test_every_kind_of_picture_is_on_a_slide() -> None:
    assert {name.partition(":")[0] for name in SHOWN} == set(PICTURES)


def test_pictures_show_what_the_package_works_out() -> None:
    team = ROOT / "datasets" / "teams" / "customer-support" / "2026-04"
    result = cx.score(cx.read_answers(team))
    shown = {bar.label: bar.value for bar in picture("elements:teams/customer-support/2026-04", ROOT).bars}
    scores = {str(result.model.elements[id].name): one.score for id, one in result.elements.items()}
    assert shown.items() <= scores.items()
    assert {max(scores.values()), min(scores.values())} <= set(shown.values())
    verdicts = picture("change:teams/customer-support", ROOT)
    assert sum(bar.value for bar in verdicts.bars) == len(result.model.elements)
    assert sum(bar.value for bar in picture("deciles:shop", ROOT).bars) == pytest.approx(100)
    assert sum(bar.value for bar in picture("loyalty:shop", ROOT).bars) == pytest.approx(100)
    won, nobody, nine_tenths = (bar.value for bar in picture("cost:shop", ROOT).bars)
    assert nine_tenths == pytest.approx(10 * nobody)
    assert won > 0
    waits = [bar.value for bar in picture("waiting:shop", ROOT).bars]
    assert waits == sorted(waits)


def test_a_picture_that_is_not_there_is_refused() -> None:
    for name, said in {"elemnts:shop": "elements", "deciles:shp": "shp", "deciles": "deciles"}.items():
        with pytest.raises(SlidesError, match=said):
            picture(name, ROOT)


def test_values_are_rounded_as_a_spreadsheet_rounds_them() -> None:
    shown = picture("elements:teams/customer-support/2026-04", ROOT)
    assert shown.shown(type(shown.bars[0])("", 3.25)) == "3.3"


# HTML


@pytest.mark.parametrize("id", DECKS)
def test_each_slide_is_a_section_with_its_heading_notes_and_nothing_from_elsewhere(
    code: str, id: str
) -> None:
    deck = load_decks()[id]
    text = to_html(deck, ROOT)
    page = html.fromstring(text)
    sections = page.xpath("//main/section")
    assert len(sections) == len(pages(deck))
    for section, made in zip(sections, pages(deck), strict=True):
        (heading,) = section.xpath("./h1 | ./h2")
        assert heading.text_content() == made.title
        assert section.get("aria-labelledby") == heading.get("id")
        assert [one.text_content() for one in section.xpath("./aside/p")] == list(made.notes)
    assert page.get("lang") == code
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//|url\(|@import""", text)
    assert page.xpath("//section[last()]//a/@href") == [f"../notebooks/{deck.exercises}.html"]


def test_what_a_fork_writes_is_text(model_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXASSESS_MODEL", str(model_copy))
    nasty = "<script>alert(1)</script> & <b>"
    (model_copy / "course" / "slides.toml").write_text(DECK.replace('"a"', f'"{nasty}"').replace('"T"', f'"{nasty}"'), "utf-8")  # fmt: skip
    deck = load_decks()["why"]
    text = to_html(deck, ROOT, course='"><script>')
    assert text.count("<script>") == 1
    assert nasty in html.fromstring(text).text_content()
    slides = opened(deck).slides
    assert slides[0].shapes.title.text_frame.text == nasty
    assert slides[1].placeholders[1].text_frame.text.startswith(nasty)


def test_the_colours_are_the_palette_s(model: cx.Model) -> None:
    css = (ROOT / "cxassess" / "exchange" / "slides.css").read_text("utf-8")
    assert not re.findall(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\(", css)
    assert set(re.findall(r"var\(--cx-([a-z0-9-]+)", css)) <= set(model.colours)


# PowerPoint


@pytest.mark.parametrize("id", DECKS)
def test_powerpoint_has_the_same_slides_with_their_notes_and_no_empty_box(code: str, id: str) -> None:
    deck = load_decks()[id]
    slides = opened(deck).slides
    made = pages(deck)
    assert len(slides) == len(made)
    for slide, page in zip(slides, made, strict=True):
        assert slide.shapes.title.text_frame.text == page.title
        assert slide.notes_slide.notes_text_frame.text == "\n".join(page.notes)
        written = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert all(line in written for line in page.lines)
        assert all(shape.text_frame.text.strip() for shape in slide.placeholders if shape.has_text_frame)
        assert {run.get("lang") for run in slide._element.iter("{*}rPr")} <= {"en-GB", "ja-JP"}
        if page.kind == "picture":
            (chart,) = [shape.chart for shape in slide.shapes if shape.has_chart]
            shown = picture(page.shows, ROOT)
            assert list(chart.plots[0].categories) == [bar.label for bar in shown.bars]
            assert list(chart.plots[0].series[0].values) == pytest.approx([bar.value for bar in shown.bars])
            assert chart.font.size >= SMALLEST


def test_powerpoint_s_theme_has_the_palette_and_a_font_for_japanese(model: cx.Model) -> None:
    slides = template(model.colours)
    part = next(one.target_part for one in slides.slide_master.part.rels.values() if one.reltype.endswith("/theme"))  # fmt: skip
    theme = parse_xml(part.blob)
    assert theme.xpath(".//a:accent1/a:srgbClr/@val") == [model.colours["accent"].removeprefix("#").upper()]
    assert theme.xpath(".//a:minorFont/a:ea/@typeface") == ["Yu Gothic"]
    assert theme.xpath(".//a:majorFont/a:ea/@typeface") == ["Yu Gothic"]
    assert len(slides.slide_layouts) == 6


@pytest.mark.parametrize("name", sorted(DIAGRAMS))
def test_a_native_diagram_says_the_words_of_the_book_s_drawing(code: str, model: cx.Model, name: str) -> None:
    slides = template(model.colours)
    slide = slides.slides.add_slide(slides.slide_layouts[5])
    diagram(slide, name)
    (group,) = [shape for shape in slide.shapes if hasattr(shape, "shapes")]
    assert len(group._element.nvGrpSpPr.cNvPr.get("descr")) > 20
    drawn = re.sub(r"\s+", " ", html.fromstring(_drawings(ROOT).draw(name)).text_content())
    runs = [run for shape in group.shapes if shape.has_text_frame for paragraph in shape.text_frame.paragraphs for run in paragraph.runs]  # fmt: skip
    for run in runs:
        word = re.sub(r"^[–●↑] *|^\d  | →$", "", run.text)
        assert word in drawn, word
        assert run.font.size >= SMALLEST
    assert runs
    limits = slides.slide_width, slides.slide_height
    for shape in group.shapes:
        assert shape.left >= 0 <= shape.top
        assert (shape.left + shape.width, shape.top + shape.height) <= limits


def test_every_drawing_of_the_book_has_its_native_diagram(model: cx.Model) -> None:
    assert set(DIAGRAMS) == {path.stem for path in (ROOT / "book" / "drawings").glob("*.html")}
    slides = template(model.colours)
    with pytest.raises(SlidesError, match="kano"):
        diagram(slides.slides.add_slide(slides.slide_layouts[5]), "kanoo")


# The command


def test_the_command_writes_every_deck_twice(tmp_path: Path) -> None:
    written = write_decks(tmp_path / "new", "ja", ROOT).files
    assert {path.name for path in written} == {f"{id}.ja.{end}" for id in DECKS for end in ("html", "pptx")}
    assert all(path.stat().st_size > 10_000 for path in written)


def test_the_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments, said in ((["out", "--language", "fr"], "fr"), (["out", "--language", "en"], "top of the repository")):  # fmt: skip
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 1
        assert said in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    (tmp_path / "file").write_text("mine", "utf-8")
    for place in ("file", "file/below"):
        with pytest.raises(SystemExit) as left:
            main([str(tmp_path / place), "--language", "en"])
        assert left.value.code == 1
        assert "could not be written" in capsys.readouterr().err
    assert (tmp_path / "file").read_text("utf-8") == "mine"


def test_decks_that_cannot_be_made_leave_no_folder(tmp_path: Path) -> None:
    with pytest.raises(SlidesError):
        write_decks(tmp_path / "new", "en", tmp_path)
    assert not (tmp_path / "new").exists()


@pytest.fixture
def one_deck(monkeypatch: pytest.MonkeyPatch) -> str:
    id = DECKS[0]
    monkeypatch.setattr("cxassess.exchange.slides.load_decks", lambda: {id: load_decks()[id]})
    monkeypatch.chdir(ROOT)
    return id


def test_a_deck_that_a_trainer_changed_stays_and_the_new_one_comes_beside_it(
    one_deck: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        main([str(tmp_path)])
        assert capsys.readouterr().err == ""
    mine, made = tmp_path / f"{one_deck}.en.pptx", tmp_path / f"{one_deck}.en.html"
    slides = Presentation(str(mine))
    slides.slides[0].shapes.title.text_frame.text = "Our own title"
    slides.save(str(mine))
    changed = mine.read_bytes()
    for _ in range(2):
        main([str(tmp_path), "--language", "en"])
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert str(mine) in said and f"{one_deck}.en.new.pptx" in said
        assert mine.read_bytes() == changed
    decks = {path.name for path in tmp_path.glob(f"{one_deck}.*")}
    ends = ("en.html", "en.pptx", "en.new.pptx", "ja.html", "ja.pptx")
    assert decks == {f"{one_deck}.{end}" for end in ends}
    assert Presentation(str(tmp_path / f"{one_deck}.en.new.pptx")).slides[0].shapes.title.text_frame.text != "Our own title"  # fmt: skip
    assert made.stat().st_size > 10_000


NAMES = ("a.txt", "b/c.en.txt")


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["make", "make", "change", "change", "remove", "forget"]),
            st.sampled_from([*NAMES, "a.new.txt", "a.new-2.txt", "b/c.en.new.txt"]),
            st.integers(0, 3),
        ),
        max_size=14,
    )
)
def test_nothing_that_somebody_wrote_is_lost_and_the_new_is_always_there(
    steps: list[tuple[str, str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, theirs = Path(place) / "out", dict[Path, bytes]()
        for number, (step, name, version) in enumerate(steps):
            path = folder / name
            if step == "make":
                wanted = {one: f"{one} {version}".encode() for one in NAMES}
                made = write_made(folder, wanted)
                assert [file.read_bytes() for file in made.files] == [*wanted.values()]
                assert set(made.kept) == {folder / one for one in NAMES} - set(made.files)
            elif step == "change":
                path.parent.mkdir(parents=True, exist_ok=True)
                theirs[path] = f"mine {number}".encode()
                path.write_bytes(theirs[path])
            elif step == "remove":
                path.unlink(missing_ok=True)
                theirs.pop(path, None)
            else:
                (folder / MANIFEST).unlink(missing_ok=True)
            assert {one: one.read_bytes() for one in theirs} == theirs


def test_a_list_of_what_was_made_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_bytes(b"x")
    folder = tmp_path / "out"
    write_made(folder, {"a.txt": b"x"})
    listed = (folder / MANIFEST).read_text("utf-8")
    absolute = json.dumps(str(tmp_path / "mine.txt"))
    for name in ('"../mine.txt"', absolute):
        (folder / MANIFEST).write_text(listed.replace('"a.txt"', name), "utf-8")
        write_made(folder, {"a.txt": b"x"})
        assert (tmp_path / "mine.txt").read_bytes() == b"x"


def test_a_disk_that_fills_up_leaves_every_deck_as_it_was(
    one_deck: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_decks(tmp_path, "en", ROOT)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr("cxassess.exchange.slides.to_html", lambda *_: "another")
    calls = iter([None, None])

    def full(file: int) -> None:
        if next(calls, "full"):
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(documents.os, "fsync", full)
        with pytest.raises(SaveError, match="No space left"):
            write_decks(tmp_path, "en", ROOT)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_kpi_is_the_source_of_the_survey_s_picture() -> None:
    import pandas as pd

    survey = pd.read_csv(ROOT / "datasets" / "company_a" / "customer_survey.csv", na_values=["99"])
    rates = kpi.csat(survey, "csat", by="wave")["estimate"].tolist()
    assert [bar.value for bar in picture("satisfaction:company_a", ROOT).bars] == rates
