"""The model holds together, cites its sources, and a fork can change it without touching code."""

import re
import tomllib
from pathlib import Path
from typing import get_type_hints

import pytest

import cxassess as cx
from cxassess.language import OWN_MODEL, say
from cxassess.language import language as in_language
from cxassess.model import KINDS, references
from cxassess.model.building import OWN_LANGUAGES, Builder
from cxassess.model.checking import check_interface
from cxassess.model.records import Refers

LADDER = re.compile(
    r"\b(level|stage|first|second|third|fully|partially|partly|mature|maturity)\b|[1-5]点|段階|レベル", re.I
)


def test_it_is_complete(model: cx.Model) -> None:
    counts = {kind: len(found) for kind, found in model.records.items()}
    assert counts["element"] == 15
    assert counts["function"] == 10
    assert counts["practice"] == 30
    assert {len(model.practices_of(function)) for function in model.functions} == {3}
    assert counts["condition"] == counts["cause"] == 5
    assert counts["step"] == 7
    assert sum(len(step.substeps) for step in model.records["step"].values()) == 14
    assert model.levels == 5
    assert sum(metric.kind == "kgi" for metric in model.records["metric"].values()) == 7
    assert sum(metric.kind == "kpi" for metric in model.records["metric"].values()) == 25


def test_every_cited_point_exists_and_every_record_with_sources_cites_one(model: cx.Model) -> None:
    for kind, found in model.records.items():
        for record in found.values():
            if hasattr(record, "sources") and kind not in {"metric", "field"}:
                assert record.sources, f"{kind} {record.id} cites no source"


def test_no_level_gives_its_number_away(model: cx.Model) -> None:
    for element in model.elements.values():
        for text in element.levels:
            for language, words in text.by_language.items():
                assert not LADDER.search(words), f"{element.id} ({language}): {words}"


def test_levels_differ_and_are_of_like_length(model: cx.Model) -> None:
    """Somebody who sorts by length alone must not find the order."""
    for element in model.elements.values():
        for language in model.languages:
            texts = [text.to(language) for text in element.levels]
            assert len(set(texts)) == len(texts)
            assert sorted(texts, key=len) != texts, (element.id, language)


def test_every_element_is_moved_by_practices(model: cx.Model) -> None:
    for element in model.elements:
        assert sum(element in practice.elements for practice in model.practices.values()) >= 3


def test_ids_are_readable_and_do_not_change_with_the_wording(model: cx.Model) -> None:
    for kind, found in model.records.items():
        for id in found:
            assert re.fullmatch(r"[a-z0-9_.]+", id), f"{kind} {id}"


def _replace(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("elements.toml", 'name.ja = "組織の目標"\n', "", "elements.toml, element goals: 'name' has no text in the language 'ja'"),
        ("elements.toml", 'id = "success"', 'id = "goals"', "elements.toml, element goals: this id is already used in elements.toml"),
        ("elements.toml", 'theme = "direction"', 'theme = "directoin"', "names theme directoin, which does not exist; did you mean direction?"),
        ("elements.toml", 'theme = "direction"', 'thema = "direction"', "the key 'thema' is not known; did you mean theme?"),
        ("elements.toml", 'theme = "direction"\n', "", "elements.toml, element goals: the key 'theme' is missing"),
        ("elements.toml", 'theme = "direction"', "theme = 3", "'theme' cannot be 3"),
        ("elements.toml", 'theme = "direction"', "theme = ", "elements.toml is not valid TOML"),
        ("elements.toml", "[[element]]", "[[elements]]", "[[elements]], which the model does not know: use element"),
        ("stages.toml", "floor = 2.0", "floor = 9.0", "its gate is not higher than that of stage acting"),
        ("elements.toml", 'colour = "direction"', 'colour = "pink"', "the colour 'pink' is not in palette.toml"),
        ("elements.toml", "[[element]]", "[element]", "elements.toml"),
        ("model.toml", 'version = "1.0.0"\n', "", "model.toml, head: the key 'version' is missing"),
        ("model.toml", 'version = "1.0.0"', "version = 1", "model.toml, head: 'version' cannot be 1"),
        ("model.toml", 'version = "1.0.0"', 'version = "new"', "model.toml, head: 'version' cannot be 'new'"),
        ("model.toml", "[languages]", "[idioms]", "model.toml, head: the key 'idioms' is not known"),
        ("model.toml", 'en = "English"\nja = "日本語"', "", "model.toml, head: 'languages' cannot be {}"),
        ("model.toml", "[rules]", "[rule]", "model.toml, head: the key 'rule' is not known; did you mean rules?"),
        ("model.toml", "target = 4.0\n", "", "model.toml, head.rules: the key 'target' is missing"),
        ("model.toml", "target = 4.0", "target = 5.5", "model.toml, head.rules: 'target' is 5.5 (allowed: 1–5)"),
        ("model.toml", "target = 4.0", "target = nan", "model.toml, head.rules: 'target' cannot be nan"),
        ("model.toml", "index_coverage = 0.7", "index_coverage = 70", "'index_coverage' is 70.0 (allowed: 0–1)"),
        ("model.toml", "claim_rating = 4", "claim_rating = 6", "'claim_rating' is 6 (allowed: 1–5)"),
        ("model.toml", "wide_spread = 1.25", "wide_spread = -1", "'wide_spread' is -1.0 (allowed: ≥ 0)"),
        ("model.toml", "agreement_fair = 0.667", "agreement_fair = 0.9", "'agreement_fair' is 0.9 (allowed: 0–0.8)"),
        ("model.toml", "smallest_group = 5", "smallest_group = 0", "'smallest_group' is 0 (allowed: ≥ 1)"),
        ("stages.toml", "share = 0.0", "share = 1.5", "stages.toml, stage inward: 'share' is 1.5 (allowed: 0–1)"),
        ("stages.toml", "share = 0.0", "share = 0.99", "its share is smaller than that of stage inward"),
        ("stages.toml", "score = 4.5", "score = 7.0", "'score' is 7.0 (allowed: 0–5)"),
        ("scales.toml", 'value = "trial"', 'value = "planned"', "scales.toml, scale practice: two choices have the value 'planned'"),
        ("scales.toml", 'value = "trial"', 'value = "na"', "scales.toml, scale practice: a choice cannot have the value 'na'"),
        ("scales.toml", "weight = 1.0", "weight = nan", "'weight' cannot be nan"),
        ("scales.toml", 'id = "cause"', 'id = "reason"', "scales.toml: [[scale]] cause is missing"),
        ("practices.toml", "effort = 15", "effort = -15", "'effort' is -15 (allowed: ≥ 0)"),
        ("palette.toml", "#0b6e99", "teal", "palette.toml: the colour 'accent' cannot be 'teal'"),
        ("palette.toml", 'muted = "#5b6773"\n', "", "palette.toml, colours: the key 'muted' is missing"),
        ("palette.toml", "ink =", '"ink;" =', "palette.toml: a colour cannot be called 'ink;'"),
        ("interface/form.toml", "saving =", "savink =", "interface/form.toml lacks saving"),
        ("interface/form.toml", 'en="Saved {time}"', 'en="Saved"', "interface/form.toml, saved: the text in 'en' must have these words in braces and no others: {time}"),
        ("interface/form.toml", 'en="Saved {time}"', 'en="Saved {time"', "interface/form.toml, saved: the text in 'en' must have"),
        ("interface/form.toml", 'en="Saving…", ', "", "interface/form.toml, saving: 'saving' has no text in the language 'en'"),
        ("interface/form.toml", 'en="Saving…"', 'fr="…", en="Saving…"', "interface/form.toml, saving: 'saving' has a text in 'fr'"),
        ("interface/form.toml", 'saving = {en="Saving…", ja="保存しています…"}', 'saving = "Saving…"', "interface/form.toml, saving: this is not a text; give one for each language (en, ja)"),
        ("interface/messages.toml", "model_empty =", "model_empty ==", "interface/messages.toml is not valid TOML"),
    ],
)  # fmt: skip
def test_the_loader_names_file_and_record(
    model_copy: Path, file: str, old: str, new: str, message: str
) -> None:
    _replace(model_copy, file, old, new)
    with pytest.raises(cx.ModelError) as caught:
        cx.load_model(model_copy)
    assert message in str(caught.value)
    with in_language("ja"):
        assert file in str(caught.value) and str(caught.value).endswith("。")


@pytest.mark.parametrize(
    ("became", "message"),
    [
        ("goal", "crosswalk.toml, successor element.aims: 'became' names element goal, which does not exist; did you mean goals?"),
        ("goals", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_what_an_id_became_is_there(model_copy: Path, became: str, message: str) -> None:
    (model_copy / "crosswalk.toml").write_text(
        f'[[successor]]\nid = "element.aims"\nafter = "0.9.0"\nbecame = "{became}"\ncomparable = true\n'
        'why = {en = "renamed", ja = "改名"}\n',
        "utf-8",
    )
    if not message:
        cx.load_model(model_copy)
        return
    with pytest.raises(cx.ModelError) as caught:
        cx.load_model(model_copy)
    assert message in str(caught.value)


@pytest.mark.parametrize(("kind", "file"), [("element", "elements.toml"), ("stage", "stages.toml")])
def test_a_model_without_elements_or_stages_is_refused(model_copy: Path, kind: str, file: str) -> None:
    text = (model_copy / file).read_text("utf-8")
    blocks = re.split(r"^(?=\[\[)", text, flags=re.M)
    kept = [block for block in blocks if not block.startswith(f"[[{kind}]]")]
    (model_copy / file).write_text("".join(kept), "utf-8")
    if kind == "element":
        (model_copy / "practices.toml").write_text(
            re.sub(
                r"^elements = .*$",
                "elements = {}",
                (model_copy / "practices.toml").read_text("utf-8"),
                flags=re.M,
            ),
            "utf-8",
        )
    with pytest.raises(cx.ModelError, match=rf"{file}: \[\[{kind}\]\] is missing"):
        cx.load_model(model_copy)


def test_a_wrong_folder_is_named_in_the_current_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence about a missing model cannot come from that model."""
    monkeypatch.setenv("CXASSESS_MODEL", str(tmp_path / "nowhere"))
    with pytest.raises(cx.ModelError) as caught:
        cx.load_model()
    assert str(caught.value).startswith(f"There is no model in {tmp_path / 'nowhere'}")
    with in_language("ja"):
        assert str(caught.value).startswith(f"{tmp_path / 'nowhere'}にモデルがありません。")


def test_a_model_without_its_interface_is_refused(model_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (model_copy / "interface" / "messages.toml").unlink()
    monkeypatch.setenv("CXASSESS_MODEL", str(model_copy))
    with pytest.raises(cx.ModelError, match=r"messages\.toml cannot be opened") as caught:
        cx.load_model()
    assert str(model_copy / "interface" / "messages.toml") in str(caught.value)


@pytest.mark.parametrize("text", ['""', '{en = "Saved {when}"}', "{en = 3}", '{en = "{"}'])
def test_a_text_that_cannot_be_said_gives_way_to_the_package_s(
    model_copy: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = model_copy / "interface" / "form.toml"
    path.write_text(re.sub(r"^saved = .*$", f"saved = {text}", path.read_text("utf-8"), flags=re.M), "utf-8")
    monkeypatch.setenv("CXASSESS_MODEL", str(model_copy))
    assert say("form.saved", time="9:41") == "Saved 9:41"
    with pytest.raises(KeyError):
        say("form.there_is_no_such_text")


def test_the_package_s_own_interface_passes_the_check_that_forks_get() -> None:
    build = Builder(OWN_LANGUAGES)
    check_interface(OWN_MODEL, build)
    assert build.missing == []
    assert set(cx.load_model().languages) == OWN_LANGUAGES


def test_the_loader_rejects_a_circle_of_prerequisites(model_copy: Path) -> None:
    text = (model_copy / "practices.toml").read_text("utf-8")
    table = tomllib.loads(text)
    first = next(one for one in table["practice"] if one.get("prerequisites"))
    other = first["prerequisites"][0]
    head = f'id = "{other}"\n'
    block = text[text.index(head) :].split("[[practice]]")[0]
    without = re.sub(r"^prerequisites = .*\n", "", block, flags=re.M)
    text = text.replace(block, without.replace(head, f'{head}prerequisites = ["{first["id"]}"]\n'))
    (model_copy / "practices.toml").write_text(text, "utf-8")
    with pytest.raises(cx.ModelError, match="go round in a circle"):
        cx.load_model(model_copy)


def test_the_hash_follows_the_content_and_not_the_line_ends(model_copy: Path, model: cx.Model) -> None:
    assert cx.load_model(model_copy).hash == model.hash
    for path in model_copy.glob("*.toml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    moved = model_copy.rename(model_copy.with_name("windows"))
    assert cx.load_model(moved).hash == model.hash
    _replace(moved, "model.toml", "claim_rating = 4", "claim_rating = 3")
    assert cx.load_model(moved.rename(moved.with_name("changed"))).hash != model.hash


def test_every_reference_kind_is_a_kind() -> None:
    for cls in KINDS.values():
        for hint in get_type_hints(cls, include_extras=True).values():
            marks = [mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Refers)]
            assert all(mark.kind in KINDS for mark in marks)


def test_references_are_found(model: cx.Model) -> None:
    assert ("theme", "theme", "direction") in list(references(model.elements["goals"]))


def test_every_metric_has_its_function(model: cx.Model) -> None:
    for metric in model.records["metric"].values():
        found = cx.kpi
        for name in metric.function.split("."):
            found = getattr(found, name)
        assert found.__doc__, metric.id
