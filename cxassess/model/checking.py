"""Refuses a model that does not hold together: references, shapes, scales, and texts that lack a language."""

import graphlib
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxassess.errors import ModelError
from cxassess.language import OWN_MODEL, interface
from cxassess.model.building import OWN_LANGUAGES, Builder, check_range, nearest, read, references
from cxassess.model.records import KINDS, Within

if TYPE_CHECKING:
    from cxassess.model.loading import Model

SCALES = ("practice", "condition", "cause")
"""The scales that questions are answered on, by the kind of record that is asked about."""

NOT_A_CHOICE = ("", "na")
"""What answers hold when a question is open or does not apply."""


def check_interface(folder: Path, build: Builder) -> None:
    """Every text of the package's own interface is there, in every language, and is filled with the same."""
    for path in sorted((OWN_MODEL / "interface").glob("*.toml")):
        file, own = f"interface/{path.name}", interface(OWN_MODEL, path.stem)
        table = read(folder / "interface" / path.name, file)
        lacking = [key for key in own if key not in table]
        if lacking:
            raise ModelError("model_interface_lacks", file=file, texts=", ".join(lacking))
        for key, texts in table.items():
            if not build.is_text(texts):
                raise ModelError(
                    "model_not_a_text", file=file, record=key, languages=", ".join(sorted(build.languages))
                )
            build.check_languages(texts, file, key, "", blank=True)
            expected = _placeholders(own[key].to("en") if key in own else next(iter(texts.values()), ""))
            for language, text in texts.items():
                if _placeholders(text) != expected:
                    raise ModelError(
                        "model_placeholders", file=file, record=key, language=language, found=text,
                        expected=", ".join(f"{{{name}}}" for name in sorted(expected or ())) or "–",
                    )  # fmt: skip


def _placeholders(text: str) -> frozenset[str] | None:
    """The names in braces; `None` when the braces do not close."""
    try:
        return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    except ValueError:
        return None


def check_course(folder: Path, build: Builder) -> None:
    """Every text of a fork's own quizzes, exercises, workshops and slides is there in every language."""
    for path in sorted((folder / "course").glob("*.toml")):
        file = f"course/{path.name}"
        for place, texts in _texts(read(path, file), ""):
            build.check_languages(texts, file, place, "")


def _texts(value: Any, place: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every text in a table with where it stands: the ids on the way to it, and its key."""
    if isinstance(value, dict):
        if value and all(isinstance(one, str) for one in value.values()) and set(value) & OWN_LANGUAGES:
            yield place, value
            return
        for key, one in value.items():
            yield from _texts(one, f"{place} {key}".strip())
    elif isinstance(value, list):
        for number, one in enumerate(value, 1):
            name = one["id"] if isinstance(one, dict) and "id" in one else number
            yield from _texts(one, f"{place} {name}")


def check_references(record: Any, found: Mapping[str, Mapping[str, Any]], file: str, name: str) -> None:
    for field, kind, target in references(record):
        if target not in found[kind]:
            raise ModelError(
                "model_unknown_reference", file=file, record=name, field=field, target=f"{kind} {target}",
                known=nearest(target, list(found[kind])),
            )  # fmt: skip


def check_shape(model: "Model", origin: Mapping[tuple[str, str], str]) -> None:
    """What the annotations cannot say: equal scales, rising gates, no circle of prerequisites."""
    for kind in ("element", "stage"):
        if not model.records[kind]:
            raise ModelError("model_lacks", file=f"{kind}s.toml", record=f"[[{kind}]]")
    _check_levels(model, origin)
    _check_scales(model, origin)
    _check_successors(model, origin)
    for theme in model.themes.values():
        if theme.colour not in model.colours:
            raise ModelError(
                "model_colour", file=origin["theme", theme.id], record=f"theme {theme.id}",
                found=theme.colour, known=", ".join(model.colours),
            )  # fmt: skip
    try:
        graphlib.TopologicalSorter(
            {practice.id: practice.prerequisites for practice in model.practices.values()}
        ).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
        raise ModelError(
            "model_cycle", file=origin["practice", circle[0]], record=f"practice {circle[0]}",
            circle=" → ".join(circle),
        ) from error  # fmt: skip


def _check_levels(model: "Model", origin: Mapping[tuple[str, str], str]) -> None:
    """Every element has the same levels, and what is set in levels lies within them."""
    for element in model.elements.values():
        if len(element.levels) != model.levels or model.levels < 2:
            raise ModelError(
                "model_levels", file=origin["element", element.id], record=f"element {element.id}",
                found=len(element.levels), expected=max(model.levels, 2),
            )  # fmt: skip
    for lower, higher in zip(model.stages, model.stages[1:], strict=False):
        file, record = origin["stage", higher.id], f"stage {higher.id}"
        if higher.level == lower.level or higher.score < lower.score or higher.floor < lower.floor:
            raise ModelError("model_stages", file=file, record=record, other=lower.id)
        if higher.share < lower.share:
            raise ModelError("model_share", file=file, record=record, other=lower.id)
    for stage in model.stages:
        for name in ("score", "floor"):
            check_range(getattr(stage, name), Within(0, model.levels), origin["stage", stage.id],
                         f"stage {stage.id}", name)  # fmt: skip
    for name, allowed in {
        "claim_rating": Within(1, model.levels),
        "target": Within(1, model.levels),
        "wide_spread": Within(0, model.levels - 1),
        "agreement_fair": Within(0, model.rules.agreement_good),
    }.items():
        check_range(getattr(model.rules, name), allowed, "model.toml", "head.rules", name)


def _check_scales(model: "Model", origin: Mapping[tuple[str, str], str]) -> None:
    for id in SCALES:
        if id not in model.scales:
            raise ModelError("model_lacks", file="scales.toml", record=f"[[scale]] {id}")
    for scale in model.scales.values():
        file, record = origin["scale", scale.id], f"scale {scale.id}"
        values = [choice.value for choice in scale.choices]
        if len(values) < 2:
            raise ModelError("model_few_choices", file=file, record=record)
        for number, value in enumerate(values):
            if value in NOT_A_CHOICE:
                raise ModelError("model_reserved_choice", file=file, record=record, found=value)
            if value in values[:number]:
                raise ModelError("model_double_choice", file=file, record=record, found=value)


def _check_successors(model: "Model", origin: Mapping[tuple[str, str], str]) -> None:
    """What became of an id is there, or has itself become something else."""
    successors = model.records["successor"]
    for step in successors.values():
        file, record = origin["successor", step.id], f"successor {step.id}"
        kind = step.id.partition(".")[0]
        if kind not in KINDS:
            raise ModelError(
                "model_unknown_reference", file=file, record=record, field="id", target=kind,
                known=nearest(kind, list(KINDS)),
            )  # fmt: skip
        if (
            step.became
            and step.became not in model.records[kind]
            and f"{kind}.{step.became}" not in successors
        ):
            raise ModelError(
                "model_unknown_reference", file=file, record=record, field="became",
                target=f"{kind} {step.became}", known=nearest(step.became, list(model.records[kind])),
            )  # fmt: skip
