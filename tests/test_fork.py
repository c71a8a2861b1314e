"""A fork changes the model, and form, scoring, charts and pages take it without a change of code."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cxassess as cx
from cxassess import charts
from cxassess.forms.specs import SPECS, assessment_spec
from cxassess.reports import reference

SIXTEENTH = """
[[element]]
id = "footprint"
theme = "offer"
sources = ["start.function.logistics.3"]
name = {en = "Footprint", ja = "環境負荷"}
question = {en = "Who knows what a parcel costs the climate?", ja = "荷物1個の環境負荷を誰が知っていますか。"}
why = {en = "Customers ask.", ja = "お客様が尋ねるからです。"}
levels = [
  {en = "Nobody has asked.", ja = "誰も尋ねていません。"},
  {en = "Someone has an estimate.", ja = "概算を持つ人がいます。"},
  {en = "It is on the label.", ja = "ラベルに書いてあります。"},
  {en = "Customers choose by it.", ja = "お客様がそれで選びます。"},
  {en = "It decides what we make.", ja = "それで作るものを決めます。"},
]
evidence = [{en = "A label", ja = "ラベル"}]
"""


@pytest.fixture
def fork(model_copy: Path, monkeypatch: pytest.MonkeyPatch) -> cx.Model:
    """A sixteenth element, a dropped practice, and a third language."""
    with open(model_copy / "elements.toml", "a", encoding="utf-8") as file:
        file.write(SIXTEENTH)
    text = (model_copy / "practices.toml").read_text("utf-8")
    head, *blocks = text.split("[[practice]]")
    kept = [block for block in blocks if 'id = "sustainable_packaging"' not in block]
    (model_copy / "practices.toml").write_text("[[practice]]".join([head, *kept]), "utf-8")
    _add_german(model_copy)
    monkeypatch.setenv("CXASSESS_MODEL", str(model_copy))
    return cx.load_model()


def _add_german(folder: Path) -> None:
    """Give every text a German version: the English one with a mark, as somebody who has just begun would."""
    import tomllib

    def german(value: object) -> object:
        if isinstance(value, dict):
            if set(value) == {"en", "ja"}:
                return {**value, "de": f"{value['en']} [de]"}
            return {key: german(one) for key, one in value.items()}
        return [german(one) for one in value] if isinstance(value, list) else value

    for path in [*folder.glob("*.toml"), *folder.glob("*/*.toml")]:
        table = tomllib.loads(path.read_text("utf-8"))
        if path.name == "model.toml":
            table["languages"]["de"] = "Deutsch"
        else:
            table = german(table)
        path.write_text("\n".join(_toml(table)), "utf-8")


def _toml(table: dict) -> list[str]:
    """Enough of a TOML writer for the model's files."""
    lines = [f"{key} = {_inline(value)}" for key, value in table.items() if not _tables(value)]
    for key, value in table.items():
        for entry in value if _tables(value) else ():
            lines += [f"[[{key}]]", *(f"{name} = {_inline(one)}" for name, one in entry.items())]
    return lines


def _tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "id" in value[0]


def _inline(value: object) -> str:
    import json

    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))} = {_inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def test_the_loader_takes_it(fork: cx.Model) -> None:
    assert len(fork.elements) == 16
    assert "sustainable_packaging" not in fork.practices
    assert list(fork.languages) == ["en", "ja", "de"]


def test_the_loader_names_every_text_that_a_third_language_lacks(model_copy: Path) -> None:
    head = model_copy / "model.toml"
    head.write_text(
        head.read_text("utf-8").replace("[languages]\n", '[languages]\nde = "Deutsch"\n'), "utf-8"
    )
    with pytest.raises(cx.ModelError) as caught:
        cx.load_model(model_copy)
    first, *lines = str(caught.value).split("\n")
    assert first.startswith(f"{len(lines)} texts lack a language")
    assert "elements.toml, element goals name (de)" in lines
    assert "elements.toml, element goals levels[1] (de)" in lines
    assert "interface/form.toml, saved (de)" in lines
    assert len(lines) == len(set(lines)) == sum(_texts(path) for path in model_copy.glob("**/*.toml"))


def _texts(path: Path) -> int:
    """How many texts a file has, counted without the loader."""
    import tomllib

    def count(value: object) -> int:
        if isinstance(value, dict):
            return 1 if set(value) == {"en", "ja"} else sum(count(one) for one in value.values())
        return sum(count(one) for one in value) if isinstance(value, list) else 0

    return 0 if path.name == "model.toml" else count(tomllib.loads(path.read_text("utf-8")))


def test_a_result_is_drawn_in_its_own_model_s_colours(model_copy: Path, tmp_path: Path) -> None:
    """A model handed to `score` brings its palette, whatever the current model is."""
    palette = model_copy / "palette.toml"
    text = palette.read_text("utf-8")
    for number, name in enumerate(cx.load_model().colours):
        text = re.sub(rf'^{name} = ".*"$', f'{name} = "#ff{number:02x}ff"', text, flags=re.M)
    palette.write_text(text, "utf-8")
    fork = cx.load_model(model_copy)
    assert set(fork.colours.values()).isdisjoint(cx.load_model().colours.values())
    cx.ResponseFile(tmp_path / "team", "anna").save({"element.goals": 4, "practice.chatbot": "trial"})
    answers = cx.read_answers(tmp_path / "team")
    for draw in (
        charts.elements,
        charts.themes,
        charts.practices,
        lambda result: charts.readiness(result)[0],
    ):
        pixels = _pixels(draw(cx.score(answers, fork)))
        # Every colour of this palette, and every blend of them, is full of red.
        assert int(pixels[..., 0].min()) == 255
        assert int(_pixels(draw(cx.score(answers)))[..., 0].min()) < 255


def _pixels(chart: charts.Chart) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(chart.png)).convert("RGB"))


def test_the_form_has_every_colour_that_its_style_sheet_knows(model_copy: Path, model: cx.Model) -> None:
    css = (Path(cx.forms.__path__[0]) / "form.css").read_text("utf-8")
    known = {name.replace("-", "_") for name in re.findall(r"--cx-given-([a-z-]+)", css)} - {"section"}
    assert assessment_spec()["colours"] == {name: model.colours[name] for name in known & set(model.colours)}
    palette = model_copy / "palette.toml"
    palette.write_text(palette.read_text("utf-8").replace("#1f2933", "#000033"), "utf-8")
    assert assessment_spec(cx.load_model(model_copy))["colours"]["ink"] == "#000033"


def test_the_form_asks_it_in_the_third_language(fork: cx.Model) -> None:
    cx.set_language("de")
    spec = assessment_spec()
    fields = [field for section in spec["sections"] for field in section["fields"]]
    assert len(fields) == 16
    assert {"element.footprint"} <= {field["id"] for field in fields}
    assert spec["texts"]["saved"].endswith("[de]") and spec["title"].endswith("[de]")
    assert all(field["label"].endswith("[de]") for field in fields)
    asked = [field for section in SPECS["practices"]()["sections"] for field in section["fields"]]
    assert len(asked) == 29


def test_it_is_answered_scored_drawn_and_explained(fork: cx.Model, tmp_path: Path) -> None:
    cx.set_language("de")
    file = cx.ResponseFile(tmp_path / "team", "anna")
    file.save({f"element.{id}": 4 for id in fork.elements} | {"practice.chatbot": "trial"})
    result = cx.score(cx.read_answers(tmp_path / "team"))
    assert result.elements["footprint"].score == 4
    assert len(result.index.elements) == 16
    assert "[de]" in result.explain("footprint")
    for chart in (
        charts.elements(result),
        charts.themes(result),
        charts.practices(result),
        *charts.readiness(result),
    ):
        assert "[de]" in chart.title
        assert chart.png.startswith(b"\x89PNG")
    assert any("Footprint [de]" in row[0] for row in charts.elements(result).rows)
    assert "[de]" in cx.show(result).html


def test_the_pages_take_it(fork: cx.Model) -> None:
    cx.set_language("de")
    assert "(element-footprint)=\n### Footprint \\[de\\]" in reference.elements(fork)
    assert "sustainable_packaging" not in reference.practices(fork)
    for name, page in reference.PAGES.items():
        assert "\\[de\\]" in page(fork), name
