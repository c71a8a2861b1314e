"""The records a model is made of: one frozen dataclass per kind of TOML table.

The annotations are the schema. `loading` reads them, so a field that is added here is read,
checked and reported on without further code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cxassess.language import Text


def refers(kind: str, **options: Any) -> Any:
    """A field whose value, values or keys are ids of records of another kind."""
    return field(metadata={"refers": kind}, **options)


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a source article; the course gives every point a place."""

    id: str
    article: str = refers("article")
    name: Text


@dataclass(frozen=True, slots=True)
class Article:
    """A source article, cited by publisher, title and date."""

    id: str
    publisher: Text
    title: Text
    date: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a scale. `value` is what is stored; `weight` is what it counts for."""

    value: str
    weight: float
    name: Text
    meaning: Text


@dataclass(frozen=True, slots=True)
class Scale:
    """An ordered list of choices."""

    id: str
    name: Text
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """A handful of elements that belong together."""

    id: str
    name: Text
    summary: Text
    colour: str


@dataclass(frozen=True, slots=True)
class Element:
    """One thing a customer-centric organisation does differently.

    `levels` describes observable behaviour from level 1 to the highest level.
    """

    id: str
    theme: str = refers("theme")
    name: Text
    question: Text
    why: Text
    levels: tuple[Text, ...]
    evidence: tuple[Text, ...]
    sources: tuple[str, ...] = refers("point")


@dataclass(frozen=True, slots=True)
class Function:
    """A department's part in the work."""

    id: str
    name: Text
    approach: Text


@dataclass(frozen=True, slots=True)
class Practice:
    """Something a function can start doing.

    `effort` is in person-days until the practice is in place. `elements` and `metrics` say what it
    moves, 1 (a little) to 3 (strongly). `prerequisites` must be in place first.
    """

    id: str
    function: str = refers("function")
    step: str = refers("step")
    name: Text
    what: Text
    sign: Text
    effort: int
    elements: Mapping[str, int] = refers("element")
    metrics: Mapping[str, int] = refers("metric")
    sources: tuple[str, ...] = refers("point")
    prerequisites: tuple[str, ...] = refers("practice", default=())


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of maturity and its gate: the share of elements at `score` or above, and a floor."""

    id: str
    level: int
    name: Text
    summary: Text
    next: Text
    score: float
    share: float
    floor: float


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of success, asked in the readiness check."""

    id: str
    name: Text
    question: Text
    why: Text
    examples: tuple[Text, ...]
    sources: tuple[str, ...] = refers("point")


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause of failure, asked as a pre-mortem, with what to do against it."""

    id: str
    name: Text
    story: Text
    question: Text
    signs: tuple[Text, ...]
    countermeasures: tuple[Text, ...]
    sources: tuple[str, ...] = refers("point")


@dataclass(frozen=True, slots=True)
class Substep:
    """A part of a roadmap step."""

    id: str
    name: Text
    done: Text


@dataclass(frozen=True, slots=True)
class Step:
    """One of the steps of the roadmap that a plan is laid on."""

    id: str
    name: Text
    summary: Text
    substeps: tuple[Substep, ...]
    sources: tuple[str, ...] = refers("point")


@dataclass(frozen=True, slots=True)
class Family:
    """Metrics that are worked together."""

    id: str
    name: Text
    summary: Text


@dataclass(frozen=True, slots=True)
class Input:
    """One column or figure that a metric needs."""

    name: str
    unit: str
    meaning: Text


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: what it answers, how it is worked out, and how it misleads.

    `kind` is `kgi`, `kpi` or `analysis`; `direction` is `up`, `down` or `context`; `function` is the
    name in `cxassess.kpi` that computes it.
    """

    id: str
    kind: str
    family: str = refers("family")
    name: Text
    question: Text
    meaning: Text
    formula: str
    unit: str
    direction: str
    inputs: tuple[Input, ...]
    nulls: Text
    traps: tuple[Text, ...]
    function: str
    sources: tuple[str, ...] = refers("point")
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the field, fixed in every language."""

    id: str
    name: Text
    meaning: Text


@dataclass(frozen=True, slots=True)
class Successor:
    """The crosswalk: what became of an id after a version of the model.

    `id` is `<kind>.<old id>`. `became` is the new id of the same kind, or empty when the record is gone.
    `comparable` is false when the wording changed so much that old and new answers may not be compared.
    """

    id: str
    after: str
    became: str
    comparable: bool
    why: Text


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the playbook."""

    id: str
    name: Text
    guidance: Text
    sources: tuple[str, ...] = refers("point")


@dataclass(frozen=True, slots=True)
class PlaybookField:
    """A field of the playbook. `kind` is the form field's kind; `required` fields may not be empty."""

    id: str
    section: str = refers("section")
    kind: str
    name: Text
    guidance: Text
    good: Text
    poor: Text
    required: bool = True
    metric: str = refers("metric", default="")
    sources: tuple[str, ...] = refers("point", default=())


@dataclass(frozen=True, slots=True)
class Rules:
    """The declared rules of scoring; `cxassess/model/rules.toml` says why each has its value."""

    element_coverage: float
    index_coverage: float
    claim_rating: int
    wide_spread: float
    agreement_good: float
    agreement_fair: float
    smallest_group: int
    target: float
