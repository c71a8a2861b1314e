"""A team's result, by the rules that `cxassess/model/model.toml` declares.

Not applicable leaves both sums. Blank is never zero: it lowers coverage, and below the declared
coverage a score is withheld. Means are over respondents, a theme's and the index over elements with the
team's importance weights. The stage is the highest whose gates, and those of all stages below, hold.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from types import MappingProxyType

from cxassess.agreement import mean_level, ordinal_alpha, pair_difference
from cxassess.answers import NOT_APPLICABLE, Answers, Response, Value
from cxassess.model import Model, load_model
from cxassess.model.records import Stage


class Withheld(StrEnum):
    """Why there is no score."""

    NOBODY = "nobody"  # nobody rated it
    NOT_APPLICABLE = "not_applicable"  # everybody who answered said that it does not concern them
    COVERAGE = "coverage"  # too many blanks
    WEIGHT = "weight"  # the team's weights for it are all zero


@dataclass(frozen=True, slots=True)
class ElementScore:
    """One element's score in levels, with how it came about.

    `counts[0]` is the number of ratings at level 1; `spread` is the mean difference of two people.
    """

    id: str
    score: float | None
    withheld: Withheld | None
    counts: tuple[int, ...]
    not_applicable: int
    blank: int
    coverage: float
    spread: float | None
    weight: float
    target: float

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def gap(self) -> float | None:
        """Levels that are missing to the target; 0 when it is reached."""
        return None if self.score is None else max(0.0, self.target - self.score)

    @property
    def lowest(self) -> int | None:
        return next((level for level, count in enumerate(self.counts, 1) if count), None)

    @property
    def highest(self) -> int | None:
        return max((level for level, count in enumerate(self.counts, 1) if count), default=None)


@dataclass(frozen=True, slots=True)
class MeanScore:
    """A weighted mean over elements: a theme's, or the index (`id` is then empty)."""

    id: str
    score: float | None
    withheld: Withheld | None
    coverage: float
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a stage's gate holds: the share of elements at its score, and those under its floor."""

    stage: Stage
    share: float
    short: tuple[str, ...]
    under_floor: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.share >= self.stage.share and not self.under_floor


@dataclass(frozen=True, slots=True)
class Tally:
    """How many respondents chose each value of a scale, for a practice, condition or cause."""

    id: str
    counts: Mapping[str, int]
    not_applicable: int
    blank: int
    mean: float | None

    @property
    def n(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Claim:
    """A high rating for which its respondent names no evidence."""

    element: str
    respondent: str
    rating: int


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that a team's answers say, and the answers themselves, so that it can be explained."""

    answers: Answers
    model: Model
    elements: Mapping[str, ElementScore]
    themes: Mapping[str, MeanScore]
    index: MeanScore
    stage: Stage | None
    gates: tuple[Gate, ...]
    agreement: float | None
    claims: tuple[Claim, ...]
    practices: Mapping[str, Tally]
    conditions: Mapping[str, Tally]
    causes: Mapping[str, Tally]

    @property
    def coverage(self) -> float:
        """The share of the ratings that there could be, weighted as in the index."""
        return self.index.coverage

    @property
    def disagreements(self) -> tuple[ElementScore, ...]:
        """Elements with a wide spread, widest first: the conversations to have."""
        wide = [
            one
            for one in self.elements.values()
            if one.spread is not None and one.spread >= self.model.rules.wide_spread
        ]
        return tuple(sorted(wide, key=lambda one: -(one.spread or 0)))

    @property
    def gaps(self) -> tuple[ElementScore, ...]:
        """Elements under their target, by gap times importance, largest first."""
        short = [one for one in self.elements.values() if one.gap and one.weight]
        return tuple(sorted(short, key=lambda one: -(one.gap or 0) * one.weight))

    def explain(self, id: str = "") -> str:
        """How the score of an element, a theme, the stage (`"stage"`) or the index (`""`) came about.

        Raises:
            AnswerError: the result has no such element or theme.
        """
        from cxassess.explaining import explain

        return explain(self, id)

    def __repr__(self) -> str:
        from cxassess.explaining import summary

        return summary(self)


def score(answers: Answers, model: Model | None = None) -> Result:
    """Score a team's answers.

    >>> from cxassess.answers import Answers, Response, Team
    >>> people = [Response("anna", {"element.goals": 2}), Response("ben", {"element.goals": 4})]
    >>> score(Answers(Team("Us"), tuple(people))).elements["goals"].score
    3.0
    """
    model = model or load_model()
    counts = count_answers(answers.responses)
    elements = {id: _element_score(id, counts, answers, model) for id in model.elements}
    themes = {
        theme: _mean_score(theme, [elements[one.id] for one in model.elements_of(theme)], model)
        for theme in model.themes
    }
    index = _mean_score("", elements.values(), model)
    gates = tuple(_gate(stage, elements.values()) for stage in model.stages)
    tallies = {
        kind: MappingProxyType(
            {id: _tally(kind, id, counts, len(answers.responses), model) for id in model.records[kind]}
        )
        for kind in ("practice", "condition", "cause")
    }
    return Result(
        answers=answers,
        model=model,
        elements=MappingProxyType(elements),
        themes=MappingProxyType(themes),
        index=index,
        stage=_stage(gates) if index.score is not None else None,
        gates=gates,
        agreement=ordinal_alpha(one.counts for one in elements.values()),
        claims=_claims(answers.responses, model),
        practices=tallies["practice"],
        conditions=tallies["condition"],
        causes=tallies["cause"],
    )


Counts = Mapping[str, Counter[Value]]


def count_answers(responses: Iterable[Response]) -> Counts:
    """How often each question got each answer, in one pass; texts are left out."""
    pairs = chain.from_iterable(response.values.items() for response in responses)
    counts: defaultdict[str, Counter[Value]] = defaultdict(Counter)
    for (key, value), count in Counter(pair for pair in pairs if pair[0][:9] != "evidence.").items():
        counts[key][value] = count
    return counts


def _element_score(id: str, answered: Counts, answers: Answers, model: Model) -> ElementScore:
    found = answered[f"element.{id}"]
    counts = tuple(found[level] for level in range(1, model.levels + 1))
    concerned = len(answers.responses) - found[NOT_APPLICABLE]
    rated = sum(counts)
    coverage = rated / concerned if concerned else 0.0
    withheld = None
    if not concerned and answers.responses:
        withheld = Withheld.NOT_APPLICABLE
    elif not rated:
        withheld = Withheld.NOBODY
    elif coverage < model.rules.element_coverage:
        withheld = Withheld.COVERAGE
    return ElementScore(
        id=id,
        score=None if withheld else mean_level(counts),
        withheld=withheld,
        counts=counts,
        not_applicable=found[NOT_APPLICABLE],
        blank=concerned - rated,
        coverage=coverage,
        spread=pair_difference(counts),
        weight=answers.team.weights.get(id, 1.0),
        target=answers.team.targets.get(id, model.rules.target),
    )


def _mean_score(id: str, elements: Iterable[ElementScore], model: Model) -> MeanScore:
    """The weighted mean. Elements that concern nobody leave it; withheld ones lower its coverage."""
    concerned = [one for one in elements if one.withheld != Withheld.NOT_APPLICABLE]
    names = tuple(one.id for one in concerned)
    if not concerned:
        return MeanScore(id, None, Withheld.NOT_APPLICABLE, 0.0, names)
    weight = sum(one.weight for one in concerned)
    if not weight:
        return MeanScore(id, None, Withheld.WEIGHT, 0.0, names)
    # Rounded: seven of ten who rated everything must not miss 70 % by a float's last digit.
    coverage = round(sum(one.weight * one.coverage for one in concerned) / weight, 12)
    scored = [(one.weight, one.score) for one in concerned if one.score is not None and one.weight]
    if not coverage:
        return MeanScore(id, None, Withheld.NOBODY, coverage, names)
    if coverage < model.rules.index_coverage or not scored:
        return MeanScore(id, None, Withheld.COVERAGE, coverage, names)
    mean = sum(weight * value for weight, value in scored) / sum(weight for weight, _ in scored)
    return MeanScore(id, mean, None, coverage, names)


def _gate(stage: Stage, elements: Iterable[ElementScore]) -> Gate:
    scores = {one.id: one.score for one in elements if one.score is not None}
    short = tuple(id for id, score in scores.items() if score < stage.score)
    return Gate(
        stage=stage,
        share=(len(scores) - len(short)) / len(scores) if scores else 0.0,
        short=short,
        under_floor=tuple(id for id, score in scores.items() if score < stage.floor),
    )


def _stage(gates: Iterable[Gate]) -> Stage | None:
    reached = None
    for gate in gates:
        if not gate.holds:
            break
        reached = gate.stage
    return reached


def _claims(responses: Iterable[Response], model: Model) -> tuple[Claim, ...]:
    evidence = {f"element.{id}": (id, f"evidence.{id}") for id in model.elements}
    high = frozenset(range(model.rules.claim_rating, model.levels + 1))
    found = []
    for response in responses:
        values = response.values
        for key, rating in values.items():
            if rating in high and key in evidence:
                id, text = evidence[key]
                if not str(values.get(text, "")).strip():
                    found.append(Claim(id, response.respondent, int(rating)))
    return tuple(found)


def _tally(kind: str, id: str, answered: Counts, people: int, model: Model) -> Tally:
    weights = {choice.value: choice.weight for choice in model.scales[kind].choices}
    found = answered[f"{kind}.{id}"]
    counts = {value: found[value] for value in weights}
    n = sum(counts.values())
    return Tally(
        id=id,
        counts=MappingProxyType(counts),
        not_applicable=found[NOT_APPLICABLE],
        blank=people - n - found[NOT_APPLICABLE],
        mean=sum(weights[value] * count for value, count in counts.items()) / n if n else None,
    )
