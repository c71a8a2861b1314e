"""The model holds together, cites its sources, and a fork can change it without touching code."""

import re
import tomllib
from pathlib import Path
from typing import get_type_hints

import pytest

import cxassess as cx
from cxassess.model import KINDS, references

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
            assert sorted(texts, key=len) != texts or len(texts[-1]) < 1.6 * len(texts[0]), (
                element.id,
                language,
            )


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
    ],
)  # fmt: skip
def test_the_loader_names_file_and_record(
    model_copy: Path, file: str, old: str, new: str, message: str
) -> None:
    _replace(model_copy, file, old, new)
    with pytest.raises(cx.ModelError) as caught:
        cx.load_model(model_copy)
    assert message in str(caught.value)
    with_japanese = cx.current_language()
    cx.set_language("ja")
    assert file in str(caught.value) and str(caught.value).endswith(("。", "ください。", "か。"))
    cx.set_language(with_japanese)


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
    _replace(
        moved,
        "rules.toml" if (moved / "rules.toml").exists() else "model.toml",
        "claim_rating = 4",
        "claim_rating = 3",
    )
    assert cx.load_model(moved.rename(moved.with_name("changed"))).hash != model.hash


def test_every_reference_kind_is_a_kind() -> None:
    for cls in KINDS.values():
        for hint in get_type_hints(cls, include_extras=True).values():
            assert all(mark.kind in KINDS for mark in getattr(hint, "__metadata__", ()))


def test_references_are_found(model: cx.Model) -> None:
    assert ("theme", "theme", "direction") in list(references(model.elements["goals"]))


def test_every_metric_has_its_function(model: cx.Model) -> None:
    for metric in model.records["metric"].values():
        found = cx.kpi
        for name in metric.function.split("."):
            found = getattr(found, name)
        assert found.__doc__, metric.id
