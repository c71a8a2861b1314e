"""The records a model is made of: one frozen dataclass per kind of TOML table.

The annotations are the schema. `loading` reads them, so a field that is added here is read,
checked and reported on without further code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Annotated

from cxassess.language import Text


@dataclass(frozen=True, slots=True)
class Refers:
    """Marks a field whose value, values or keys are ids of records of another kind."""

    kind: str


@dataclass(frozen=True, slots=True)
class Within:
    """Marks a number that lies from `low` to `high`."""

    low: float
    high: float = inf


Share = Annotated[float, Within(0, 1)]


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a source article; the course gives every point a place."""

    id: str
    article: Annotated[str, Refers("article")]
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
    theme: Annotated[str, Refers("theme")]
    name: Text
    question: Text
    why: Text
    levels: tuple[Text, ...]
    evidence: tuple[Text, ...]
    sources: Annotated[tuple[str, ...], Refers("point")]


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
    function: Annotated[str, Refers("function")]
    step: Annotated[str, Refers("step")]
    name: Text
    what: Text
    sign: Text
    effort: Annotated[int, Within(0)]
    elements: Annotated[Mapping[str, int], Refers("element")]
    metrics: Annotated[Mapping[str, int], Refers("metric")]
    sources: Annotated[tuple[str, ...], Refers("point")]
    prerequisites: Annotated[tuple[str, ...], Refers("practice")] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of maturity and its gate: the share of elements at `score` or above, and a floor."""

    id: str
    level: Annotated[int, Within(1)]
    name: Text
    summary: Text
    next: Text
    score: Annotated[float, Within(0)]
    share: Share
    floor: Annotated[float, Within(0)]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of success, asked in the readiness check."""

    id: str
    name: Text
    question: Text
    why: Text
    examples: tuple[Text, ...]
    sources: Annotated[tuple[str, ...], Refers("point")]


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause of failure, asked as a pre-mortem, with what to do against it."""

    id: str
    name: Text
    story: Text
    question: Text
    signs: tuple[Text, ...]
    countermeasures: tuple[Text, ...]
    sources: Annotated[tuple[str, ...], Refers("point")]


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
    sources: Annotated[tuple[str, ...], Refers("point")]


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
    family: Annotated[str, Refers("family")]
    name: Text
    question: Text
    meaning: Text
    formula: Text
    unit: str
    direction: str
    inputs: tuple[Input, ...]
    nulls: Text
    traps: tuple[Text, ...]
    function: str
    sources: Annotated[tuple[str, ...], Refers("point")]
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
class Column:
    """A column of a playbook table.

    `kind` is text, number, date or choice. A choice is among a scale (its id) or among records (their
    kinds, such as `metric`). `width` is a share of the table's; `long` texts get several lines.
    """

    id: str
    kind: str
    name: Text
    width: int = 1
    required: bool = True
    long: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the playbook. Its tables have these columns unless they name their own."""

    id: str
    name: Text
    guidance: Text
    sources: Annotated[tuple[str, ...], Refers("point")]
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaybookField:
    """A field of the playbook. `kind` is text, date or table; `required` fields may not be empty.

    `rows` is the most rows of a table (0: any number); `horizon` is in months from the plan's start;
    `needs` are the things that a text must say: `when`, `who`, `number`.
    """

    id: str
    section: Annotated[str, Refers("section")]
    kind: str
    name: Text
    guidance: Text
    good: Text
    poor: Text
    required: bool = True
    metric: Annotated[str, Refers("metric")] = ""
    sources: Annotated[tuple[str, ...], Refers("point")] = ()
    columns: tuple[Column, ...] = ()
    rows: int = 0
    horizon: int = 0
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """The declared rules of scoring; `[rules]` in `model.toml` says why each has its value."""

    element_coverage: Share
    index_coverage: Share
    claim_rating: Annotated[int, Within(1)]
    wide_spread: Annotated[float, Within(0)]
    agreement_good: Share
    agreement_fair: Share
    smallest_group: Annotated[int, Within(1)]
    target: Annotated[float, Within(1)]


@dataclass(frozen=True, slots=True)
class Head:
    """What `model.toml` holds: the model's version, its languages' names by code, the rules of scoring."""

    version: str
    languages: Mapping[str, str]
    rules: Rules


KINDS: Mapping[str, type] = {
    "article": Article,
    "cause": Cause,
    "condition": Condition,
    "element": Element,
    "family": Family,
    "field": PlaybookField,
    "function": Function,
    "metric": Metric,
    "point": Point,
    "practice": Practice,
    "scale": Scale,
    "section": Section,
    "stage": Stage,
    "step": Step,
    "successor": Successor,
    "term": Term,
    "theme": Theme,
}
"""Every kind of record, by the header of its tables: `[[element]]` is an `Element`."""
