"""The model as pages of the book, in Markdown, each record with its own address to link to.

The model's texts are plain: what looks like Markdown or HTML in them is escaped and shows as it was written.
"""

from collections.abc import Callable, Iterable, Mapping

from cxassess.explaining import level, percent
from cxassess.language import say
from cxassess.model import Model, references
from cxassess.model.records import (
    Cause,
    Condition,
    Element,
    Metric,
    PlaybookField,
    Practice,
    Section,
    Step,
)
from cxassess.reports.markdown import bullets, code, inline, page, paragraph, table


def elements(model: Model) -> str:
    """Every element with its levels, evidence and the practices that move it."""
    parts = []
    for theme in model.themes.values():
        parts += [_heading(2, "theme", theme.id, theme.name), paragraph(theme.summary)]
        parts += [_element(element, model) for element in model.elements_of(theme.id)]
    return page(parts)


def practices(model: Model) -> str:
    """Every practice by function."""
    parts = []
    for function in model.functions.values():
        parts += [_heading(2, "function", function.id, function.name), paragraph(function.approach)]
        parts += [_practice(practice, model) for practice in model.practices_of(function.id)]
    return page(parts)


def stages(model: Model) -> str:
    """The stages with their gates."""
    head = [say("overview.stage"), say("reference.gate"), say("reference.floor")]
    rows = [
        [
            inline(f"{stage.level} {stage.name}"),
            inline(say("reference.gate_of", share=percent(stage.share), score=level(stage.score))),
            level(stage.floor),
        ]
        for stage in model.stages
    ]
    parts = [table(head, rows)]
    for stage in model.stages:
        parts += [
            _heading(2, "stage", stage.id, f"{stage.level} {stage.name}"),
            paragraph(stage.summary),
            paragraph(say("overview.next", text=stage.next)),
        ]
    return page(parts)


def rules(model: Model) -> str:
    """The declared rules of scoring with their values."""
    values = model.rules
    rows = [
        [inline(say(f"reference.rule_{name}")), percent(value) if name.endswith("coverage") else f"{value:g}"]
        for name in (
            "element_coverage", "index_coverage", "claim_rating", "wide_spread", "agreement_good", "agreement_fair",
            "smallest_group", "target",
        )
        for value in [getattr(values, name)]
    ]  # fmt: skip
    return page([table([say("reference.rule"), say("reference.value")], rows)])


def readiness(model: Model) -> str:
    """The conditions of success and the causes of failure."""
    return page(
        [
            _heading(2, "part", "conditions", say("assess.conditions")),
            *(_condition(one) for one in model.conditions.values()),
            _heading(2, "part", "causes", say("assess.causes")),
            *(_cause(one) for one in model.causes.values()),
        ]
    )


def steps(model: Model) -> str:
    """The roadmap, with the practices that belong to each step."""
    return page([_step(step, number, model) for number, step in enumerate(model.records["step"].values(), 1)])


def metrics(model: Model) -> str:
    """Every metric by family."""
    parts = []
    for family in model.records["family"].values():
        parts += [_heading(2, "family", family.id, family.name), paragraph(family.summary)]
        parts += [_metric(one, model) for one in model.records["metric"].values() if one.family == family.id]
    return page(parts)


def template(model: Model) -> str:
    """The playbook's template: every section with its fields, their columns and an example."""
    parts = []
    for section in model.records["section"].values():
        parts += [_heading(2, "section", section.id, section.name), paragraph(section.guidance)]
        parts += [
            _field(one, section) for one in model.records["field"].values() if one.section == section.id
        ]
    return page(parts)


def glossary(model: Model) -> str:
    """The field's terms, in every language of the model."""
    head = [*model.languages.values(), say("reference.meaning")]
    rows = [
        [*(f"**{inline(term.name.to(code))}**" for code in model.languages), inline(term.meaning)]
        for term in sorted(model.records["term"].values(), key=lambda term: str(term.name).casefold())
    ]
    return page([table(head, rows)])


def sources(model: Model, pages: Mapping[str, Iterable[str]] | None = None) -> str:
    """Where each idea comes from: every point of the sources and what in the course cites it.

    Args:
        pages: for each page (a link target), the points that it cites.
    """
    uses = uses_of_points(model, pages or {})
    parts = []
    for article in model.records["article"].values():
        parts += [
            _heading(2, "article", article.id, article.title),
            paragraph(f"{article.publisher}, {article.date}"),
        ]
        rows = [
            [inline(point.name), _join(uses[point.id]) or "–", code(point.id)]
            for point in model.records["point"].values()
            if point.article == article.id
        ]
        parts.append(table([say("reference.idea"), say("reference.used_in"), say("reference.point")], rows))
    return page(parts)


PAGES: Mapping[str, Callable[[Model], str]] = {
    "elements": elements,
    "glossary": glossary,
    "metrics": metrics,
    "practices": practices,
    "readiness": readiness,
    "rules": rules,
    "sources": sources,
    "stages": stages,
    "steps": steps,
    "template": template,
}
"""The generated pages by the name that a page of the book asks for them."""

_ADDRESSED = {"element", "field", "section", "practice", "condition", "cause", "step", "metric"}


def uses_of_points(model: Model, pages: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """For every point, links to the records and pages that cite it; empty for one without a home.

    >>> from cxassess.model import load_model
    >>> uses_of_points(load_model(), {})["start.element.goals"]
    ['[Organisational goals](#element-goals)']
    """
    uses: dict[str, list[str]] = {id: [] for id in model.records["point"]}
    for kind, found in model.records.items():
        for record in found.values():
            for field, target_kind, target in references(record):
                if field == "sources" and target_kind == "point":
                    uses[target].append(
                        _link(kind, record.id, record.name) if kind in _ADDRESSED else inline(record.name)
                    )
    for place, cited in pages.items():
        for id in cited:
            uses[id].append(f"[]({place})")
    return uses


def _element(element: Element, model: Model) -> str:
    moved_by = [one for one in model.practices.values() if element.id in one.elements]
    levels = [[str(number), inline(text)] for number, text in enumerate(element.levels, 1)]
    return page(
        [
            _heading(3, "element", element.id, element.name),
            f"**{inline(element.question)}**",
            table([say("reference.level"), say("reference.what_one_sees")], levels),
            paragraph(element.why),
            paragraph(say("reference.evidence")),
            bullets(element.evidence),
            _with_links("reference.moved_by", (_link("practice", one.id, one.name) for one in moved_by)),
        ]
    )


def _practice(practice: Practice, model: Model) -> str:
    rows = [
        [_said("reference.sign"), inline(practice.sign)],
        [_said("reference.effort"), inline(say("reference.days", n=practice.effort))],
        [_said("reference.step"), _link("step", practice.step, model.records["step"][practice.step].name)],
        [_said("reference.moves"), _weights("element", practice.elements, model)],
        [_said("reference.metrics"), _weights("metric", practice.metrics, model)],
    ]
    if practice.prerequisites:
        before = (_link("practice", id, model.practices[id].name) for id in practice.prerequisites)
        rows.append([_said("reference.prerequisites"), _join(before)])
    return page(
        [
            _heading(3, "practice", practice.id, practice.name),
            paragraph(practice.what),
            table(["", ""], rows),
        ]
    )


def _weights(kind: str, weights: Mapping[str, int], model: Model) -> str:
    strongest = sorted(weights.items(), key=lambda one: -one[1])
    return _join(
        f"{_link(kind, id, model.records[kind][id].name)} {'●' * weight}" for id, weight in strongest
    )


def _condition(one: Condition) -> str:
    return page(
        [
            _heading(3, "condition", one.id, one.name),
            f"**{inline(one.question)}**",
            paragraph(one.why),
            paragraph(say("assess.examples")),
            bullets(one.examples),
        ]
    )


def _cause(one: Cause) -> str:
    return page(
        [
            _heading(3, "cause", one.id, one.name),
            f"> {paragraph(one.story)}",
            f"**{inline(one.question)}**",
            paragraph(say("assess.signs")),
            bullets(one.signs),
            paragraph(say("assess.countermeasures")),
            bullets(one.countermeasures),
        ]
    )


def _step(step: Step, number: int, model: Model) -> str:
    rows = [[inline(part.name), inline(part.done)] for part in step.substeps]
    belonging = [one for one in model.practices.values() if one.step == step.id]
    return page(
        [
            _heading(2, "step", step.id, f"{number} {step.name}"),
            paragraph(step.summary),
            table([say("reference.substep"), say("reference.done")], rows),
            _with_links("reference.practices", (_link("practice", one.id, one.name) for one in belonging)),
        ]
    )


def _metric(metric: Metric, model: Model) -> str:
    rows = [
        [_said("reference.formula"), code(str(metric.formula))],
        [_said("reference.unit"), inline(say(f"reference.unit_{metric.unit}"))],
        [_said("reference.direction"), inline(say(f"reference.direction_{metric.direction}"))],
        [_said("reference.nulls"), inline(metric.nulls)],
        [_said("reference.function"), code(f"cxassess.kpi.{metric.function}")],
    ]
    moved_by = [one for one in model.practices.values() if metric.id in one.metrics]
    if moved_by:
        names = _join(_link("practice", one.id, one.name) for one in moved_by)
        rows.append([_said("reference.moved_by_short"), names])
    if metric.references:
        rows.append([_said("reference.literature"), _join(f"{{cite:t}}`{key}`" for key in metric.references)])
    return page(
        [
            _heading(3, "metric", metric.id, metric.name),
            f"**{inline(metric.question)}**",
            paragraph(metric.meaning),
            table(["", ""], rows),
            paragraph(say("reference.traps")),
            bullets(metric.traps),
            f":::{{dropdown}} {inline(say('reference.in_code'))}\n{_documentation(metric)}\n:::",
        ]
    )


def _field(field: PlaybookField, section: Section) -> str:
    columns = (
        [str(column.name) for column in field.columns or section.columns] if field.kind == "table" else []
    )
    rows = [[_said("reference.columns"), inline(say("playbook.join").join(columns))]] if columns else []
    rows += [[_said("reference.good"), inline(field.good)]] if str(field.good) else []
    rows += [[_said("reference.poor"), inline(field.poor)]] if str(field.poor) else []
    return page(
        [
            _heading(3, "field", field.id, field.name),
            paragraph(field.guidance),
            *([table(["", ""], rows)] if rows else []),
        ]
    )


def _documentation(metric: Metric) -> str:
    """The docstring of the function that computes a metric, as Sphinx reads it."""
    from cxassess import kpi

    found = kpi
    for name in metric.function.split("."):
        found = getattr(found, name)
    kind = "method" if "." in metric.function else "class" if isinstance(found, type) else "function"
    return f"```{{eval-rst}}\n.. auto{kind}:: {found.__module__}.{found.__qualname__}\n```"


def _said(key: str) -> str:
    return inline(say(key))


def _with_links(key: str, links: Iterable[str]) -> str:
    """The interface text `key` with `links` as its `names`, which are Markdown already."""
    place = "\ue000"
    return paragraph(say(key, names=place)).replace(place, _join(links))


def _join(parts: Iterable[str]) -> str:
    return say("reference.join").join(parts)


def _heading(depth: int, kind: str, id: str, name: object) -> str:
    return f"({kind}-{id})=\n{'#' * depth} {inline(name)}"


def _link(kind: str, id: str, name: object) -> str:
    return f"[{inline(name)}](#{kind}-{id})"
