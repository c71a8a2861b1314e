"""Form specs made from the model: plain JSON that `form.js` renders and that any page can carry."""

from collections.abc import Iterable, Mapping
from typing import Any

from cxassess.answers import LONGEST_TEXT, NOT_APPLICABLE
from cxassess.file_names import LONGEST_NAME
from cxassess.language import current_language, interface_texts, say
from cxassess.model import Model, load_model
from cxassess.model.records import Scale

Spec = dict[str, Any]

COLOURS = ("ink", "muted", "line", "paper", "wash", "accent", "on_accent", "good", "warn", "focus")
"""The colours that `form.css` takes from the palette; it has its own for one that the palette lacks."""


def assessment_spec(model: Model | None = None) -> Spec:
    """The assessment of all elements, a section per theme.

    >>> spec = assessment_spec()
    >>> sum(len(section["fields"]) for section in spec["sections"])
    15
    """
    model = model or load_model()
    highest = range(model.rules.claim_rating, model.levels + 1)
    sections = [
        {
            "id": theme.id,
            "title": str(theme.name),
            "intro": str(theme.summary),
            "colour": model.colours[theme.colour],
            "fields": [
                {
                    "id": f"element.{element.id}",
                    "type": "scale",
                    "title": str(element.name),
                    "label": str(element.question),
                    "help": str(element.why),
                    "options": [
                        {"value": level, "label": str(text)} for level, text in enumerate(element.levels, 1)
                    ],
                    "extra": [_not_applicable()],
                    "note": {
                        "id": f"evidence.{element.id}",
                        "label": say("assess.evidence"),
                        "help": say("assess.evidence_help"),
                        "examples": [str(text) for text in element.evidence],
                        "when": list(highest),
                        "maxlength": LONGEST_TEXT,
                    },
                }
                for element in model.elements_of(theme.id)
            ],
        }
        for theme in model.themes.values()
    ]
    return _spec("assessment", sections, model)


def practices_spec(model: Model | None = None) -> Spec:
    """The practices, a section per function."""
    model = model or load_model()
    options = _options(model.scales["practice"])
    sections = [
        {
            "id": function.id,
            "title": str(function.name),
            "intro": str(function.approach),
            "fields": [
                {
                    "id": f"practice.{practice.id}",
                    "type": "choice",
                    "label": str(practice.name),
                    "help": f"{practice.what}\n\n{say('assess.sign', sign=practice.sign)}",
                    "options": options,
                    "extra": [_not_applicable()],
                }
                for practice in model.practices_of(function.id)
            ],
        }
        for function in model.functions.values()
    ]
    return _spec("practices", sections, model)


def readiness_spec(model: Model | None = None) -> Spec:
    """The readiness check: conditions of success, then a pre-mortem of causes of failure."""
    model = model or load_model()
    conditions = [
        {
            "id": f"condition.{condition.id}",
            "type": "choice",
            "title": str(condition.name),
            "label": str(condition.question),
            "help": str(condition.why),
            "options": _options(model.scales["condition"]),
            "details": _details({"assess.examples": condition.examples}),
        }
        for condition in model.conditions.values()
    ]
    causes = [
        {
            "id": f"cause.{cause.id}",
            "type": "choice",
            "title": str(cause.name),
            "label": str(cause.question),
            "help": str(cause.story),
            "options": _options(model.scales["cause"]),
            "details": _details(
                {"assess.signs": cause.signs, "assess.countermeasures": cause.countermeasures}
            ),
        }
        for cause in model.causes.values()
    ]
    sections = [
        {"id": id, "title": say(f"assess.{id}"), "intro": say(f"assess.{id}_intro"), "fields": fields}
        for id, fields in {"conditions": conditions, "causes": causes}.items()
    ]
    return _spec("readiness", sections, model)


def team_spec(model: Model | None = None) -> Spec:
    """The team's settings: its name and round, then target and importance by element, a section per theme."""
    model = model or load_model()
    named = [
        {
            "id": id,
            "type": "text",
            "label": say(f"team.{id}"),
            "help": say(f"team.{id}_help"),
            "maxlength": LONGEST_NAME,
        }
        for id in ("team", "round")
    ]
    importance = [{"value": value, "label": say(f"team.weight_{key}")} for key, value in WEIGHTS.items()]
    sections = [{"id": "team", "title": say("team.name"), "fields": named}]
    sections += [
        {
            "id": theme.id,
            "title": str(theme.name),
            "colour": model.colours[theme.colour],
            "fields": [
                field
                for element in model.elements_of(theme.id)
                for field in (
                    {
                        "id": f"target.{element.id}",
                        "type": "number",
                        "title": str(element.name),
                        "label": say("team.target"),
                        "help": say("team.target_help", default=f"{model.rules.target:g}"),
                        "min": 1,
                        "max": model.levels,
                        "step": 0.5,
                        "example": model.rules.target,
                        "optional": True,
                    },
                    {
                        "id": f"weight.{element.id}",
                        "type": "choice",
                        "title": str(element.name),
                        "label": say("team.weight"),
                        "options": importance,
                        "optional": True,
                    },
                )
            ],
        }
        for theme in model.themes.values()
    ]
    return _spec("team", sections, model)


WEIGHTS = {"none": "0", "less": "0.5", "normal": "1", "more": "2", "most": "3"}
"""The importance weights that the form offers; `team.json` takes any number from 0 to 100."""

SPECS = {"assessment": assessment_spec, "practices": practices_spec, "readiness": readiness_spec}
"""The parts that a respondent can fill in, by name."""


def _spec(part: str, sections: list[dict[str, Any]], model: Model) -> Spec:
    return {
        "key": part,
        "language": current_language(),
        "title": say(f"assess.{part}"),
        "intro": say(
            f"assess.{part}_intro",
            n=sum(len(section["fields"]) for section in sections),
            sections=len(sections),
        ),
        "texts": interface_texts("form"),
        "colours": {name: model.colours[name] for name in COLOURS if name in model.colours},
        "sections": sections,
    }


def _options(scale: Scale) -> list[dict[str, str]]:
    return [
        {"value": choice.value, "label": str(choice.name), "help": str(choice.meaning)}
        for choice in scale.choices
    ]


def _not_applicable() -> dict[str, str]:
    return {"value": NOT_APPLICABLE, "label": say("assess.not_applicable")}


def _details(lists: Mapping[str, Iterable[object]]) -> list[dict[str, Any]]:
    return [{"title": say(key), "items": [str(text) for text in texts]} for key, texts in lists.items()]
