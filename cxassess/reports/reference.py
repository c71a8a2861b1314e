"""The model as pages of the book, in Markdown, each record with its own address to link to.

The model's texts are plain: what looks like Markdown or HTML in them is escaped and shows as it was written.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from cxassess.explaining import level, percent
from cxassess.language import say
from cxassess.model import Model, references
from cxassess.model.records import Cause, Condition, Element, Metric, Practice, Step


def elements(model: Model) -> str:
    """Every element with its levels, evidence and the practices that move it."""
    parts = []
    for theme in model.themes.values():
        parts += [_heading(2, "theme", theme.id, theme.name), _paragraph(theme.summary)]
        parts += [_element(element, model) for element in model.elements_of(theme.id)]
    return _page(parts)


def practices(model: Model) -> str:
    """Every practice by function."""
    parts = []
    for function in model.functions.values():
        parts += [_heading(2, "function", function.id, function.name), _paragraph(function.approach)]
        parts += [_practice(practice, model) for practice in model.practices_of(function.id)]
    return _page(parts)


def stages(model: Model) -> str:
    """The stages with their gates."""
    head = [say("overview.stage"), say("reference.gate"), say("reference.floor")]
    rows = [
        [
            _inline(f"{stage.level} {stage.name}"),
            _inline(say("reference.gate_of", share=percent(stage.share), score=level(stage.score))),
            level(stage.floor),
        ]
        for stage in model.stages
    ]
    parts = [_table(head, rows)]
    for stage in model.stages:
        parts += [
            _heading(2, "stage", stage.id, f"{stage.level} {stage.name}"),
            _paragraph(stage.summary),
            _paragraph(say("overview.next", text=stage.next)),
        ]
    return _page(parts)


def rules(model: Model) -> str:
    """The declared rules of scoring with their values."""
    values = model.rules
    rows = [
        [_inline(say(f"reference.rule_{name}")), percent(value) if name.endswith("coverage") else f"{value:g}"]
        for name in (
            "element_coverage", "index_coverage", "claim_rating", "wide_spread", "agreement_good", "agreement_fair",
            "smallest_group", "target",
        )
        for value in [getattr(values, name)]
    ]  # fmt: skip
    return _page([_table([say("reference.rule"), say("reference.value")], rows)])


def readiness(model: Model) -> str:
    """The conditions of success and the causes of failure."""
    return _page(
        [
            _heading(2, "part", "conditions", say("assess.conditions")),
            *(_condition(one) for one in model.conditions.values()),
            _heading(2, "part", "causes", say("assess.causes")),
            *(_cause(one) for one in model.causes.values()),
        ]
    )


def steps(model: Model) -> str:
    """The roadmap, with the practices that belong to each step."""
    return _page(
        [_step(step, number, model) for number, step in enumerate(model.records["step"].values(), 1)]
    )


def metrics(model: Model) -> str:
    """Every metric by family."""
    parts = []
    for family in model.records["family"].values():
        parts += [_heading(2, "family", family.id, family.name), _paragraph(family.summary)]
        parts += [_metric(one, model) for one in model.records["metric"].values() if one.family == family.id]
    return _page(parts)


def glossary(model: Model) -> str:
    """The field's terms, in every language of the model."""
    head = [*model.languages.values(), say("reference.meaning")]
    rows = [
        [*(f"**{_inline(term.name.to(code))}**" for code in model.languages), _inline(term.meaning)]
        for term in sorted(model.records["term"].values(), key=lambda term: str(term.name).casefold())
    ]
    return _page([_table(head, rows)])


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
            _paragraph(f"{article.publisher}, {article.date}"),
        ]
        rows = [
            [_inline(point.name), ", ".join(uses[point.id]) or "–", _code(point.id)]
            for point in model.records["point"].values()
            if point.article == article.id
        ]
        parts.append(_table([say("reference.idea"), say("reference.used_in"), say("reference.point")], rows))
    return _page(parts)


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
}
"""The generated pages by the name that a page of the book asks for them."""

_ADDRESSED = {"element", "practice", "condition", "cause", "step", "metric"}


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
                        _link(kind, record.id, record.name) if kind in _ADDRESSED else _inline(record.name)
                    )
    for page, cited in pages.items():
        for id in cited:
            uses[id].append(f"[]({page})")
    return uses


def _element(element: Element, model: Model) -> str:
    moved_by = [one for one in model.practices.values() if element.id in one.elements]
    levels = [[str(number), _inline(text)] for number, text in enumerate(element.levels, 1)]
    return _page(
        [
            _heading(3, "element", element.id, element.name),
            f"**{_inline(element.question)}**",
            _table([say("reference.level"), say("reference.what_one_sees")], levels),
            _paragraph(element.why),
            _paragraph(say("reference.evidence")),
            _bullets(element.evidence),
            _with_links("reference.moved_by", (_link("practice", one.id, one.name) for one in moved_by)),
        ]
    )


def _practice(practice: Practice, model: Model) -> str:
    rows = [
        [_said("reference.sign"), _inline(practice.sign)],
        [_said("reference.effort"), _inline(say("reference.days", n=practice.effort))],
        [_said("reference.step"), _link("step", practice.step, model.records["step"][practice.step].name)],
        [_said("reference.moves"), _weights("element", practice.elements, model)],
        [_said("reference.metrics"), _weights("metric", practice.metrics, model)],
    ]
    if practice.prerequisites:
        before = (_link("practice", id, model.practices[id].name) for id in practice.prerequisites)
        rows.append([_said("reference.prerequisites"), ", ".join(before)])
    return _page(
        [
            _heading(3, "practice", practice.id, practice.name),
            _paragraph(practice.what),
            _table(["", ""], rows),
        ]
    )


def _weights(kind: str, weights: Mapping[str, int], model: Model) -> str:
    strongest = sorted(weights.items(), key=lambda one: -one[1])
    return ", ".join(
        f"{_link(kind, id, model.records[kind][id].name)} {'●' * weight}" for id, weight in strongest
    )


def _condition(one: Condition) -> str:
    return _page(
        [
            _heading(3, "condition", one.id, one.name),
            f"**{_inline(one.question)}**",
            _paragraph(one.why),
            _paragraph(say("assess.examples")),
            _bullets(one.examples),
        ]
    )


def _cause(one: Cause) -> str:
    return _page(
        [
            _heading(3, "cause", one.id, one.name),
            f"> {_paragraph(one.story)}",
            f"**{_inline(one.question)}**",
            _paragraph(say("assess.signs")),
            _bullets(one.signs),
            _paragraph(say("assess.countermeasures")),
            _bullets(one.countermeasures),
        ]
    )


def _step(step: Step, number: int, model: Model) -> str:
    rows = [[_inline(part.name), _inline(part.done)] for part in step.substeps]
    belonging = [one for one in model.practices.values() if one.step == step.id]
    return _page(
        [
            _heading(2, "step", step.id, f"{number} {step.name}"),
            _paragraph(step.summary),
            _table([say("reference.substep"), say("reference.done")], rows),
            _with_links("reference.practices", (_link("practice", one.id, one.name) for one in belonging)),
        ]
    )


def _metric(metric: Metric, model: Model) -> str:
    rows = [
        [_said("reference.formula"), _code(str(metric.formula))],
        [_said("reference.unit"), _inline(say(f"reference.unit_{metric.unit}"))],
        [_said("reference.direction"), _inline(say(f"reference.direction_{metric.direction}"))],
        [_said("reference.nulls"), _inline(metric.nulls)],
        [_said("reference.function"), _code(f"cxassess.kpi.{metric.function}")],
    ]
    moved_by = [one for one in model.practices.values() if metric.id in one.metrics]
    if moved_by:
        names = ", ".join(_link("practice", one.id, one.name) for one in moved_by)
        rows.append([_said("reference.moved_by_short"), names])
    if metric.references:
        rows.append(
            [_said("reference.literature"), ", ".join(f"{{cite:t}}`{key}`" for key in metric.references)]
        )
    return _page(
        [
            _heading(3, "metric", metric.id, metric.name),
            f"**{_inline(metric.question)}**",
            _paragraph(metric.meaning),
            _table(["", ""], rows),
            _paragraph(say("reference.traps")),
            _bullets(metric.traps),
            f":::{{dropdown}} {_inline(say('reference.in_code'))}\n{_documentation(metric)}\n:::",
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


_MARKS = re.compile(r"[\\`*\[\]<{}~$#]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_BLOCK = re.compile(r"[-+](?=[\s+-]|$)|[=:%>|]|\((?=.*\)=)|(?<=\d)[.)](?=\s|$)")


def _inline(text: object) -> str:
    """The Markdown of a text that shows as it was written, on one line.

    >>> print(_inline("A <b>plain</b> text, `a_b` & [c]"))
    A \\<b>plain\\</b> text, \\`a_b\\` & \\[c\\]
    """
    return _MARKS.sub(r"\\\g<0>", _one_line(str(text)))


def _paragraph(text: object) -> str:
    """`_inline` at the start of a line, where a list, a quotation or an address might begin.

    >>> print(_paragraph("1. Ask - then listen"))
    1\\. Ask - then listen
    """
    made = _inline(text)
    number = re.match(r"\d*", made)
    start = _BLOCK.match(made, number.end() if number else 0)
    return f"{made[: start.start()]}\\{made[start.start() :]}" if start else made


def _code(text: str) -> str:
    """Code as it was written, between more backticks than it has in a row."""
    text = _one_line(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def _one_line(text: str) -> str:
    return re.sub(r"[^\S\xa0\u3000]+", " ", text).strip()


def _said(key: str) -> str:
    return _inline(say(key))


def _with_links(key: str, links: Iterable[str]) -> str:
    """The interface text `key` with `links` as its `names`, which are Markdown already."""
    place = "\ue000"
    return _paragraph(say(key, names=place)).replace(place, ", ".join(links))


def _heading(depth: int, kind: str, id: str, name: object) -> str:
    return f"({kind}-{id})=\n{'#' * depth} {_inline(name)}"


def _link(kind: str, id: str, name: object) -> str:
    return f"[{_inline(name)}](#{kind}-{id})"


def _bullets(items: Iterable[object]) -> str:
    return "\n".join(f"- {_paragraph(item)}" for item in items)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [[cell.replace("|", "\\|") for cell in row] for row in [map(_inline, head), *rows]]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts)
