"""A result in words: a summary, and how each score came about, down to respondents and rules."""

from cxassess.answers import NOT_APPLICABLE
from cxassess.errors import AnswerError
from cxassess.language import say
from cxassess.scoring import ElementScore, MeanScore, Result

MOST_NAMES = 50


def summary(result: Result) -> str:
    """The result in a few lines of text."""
    lines = [
        heading(result),
        say("result.index_line", score=_score(result.index, result)),
        say("result.stage_line", stage=result.stage.name if result.stage else say("result.withheld_score")),
        say("result.coverage_line", coverage=percent(result.coverage)),
        agreement_line(result),
        say("result.claims_line", n=len(result.claims)),
        rules_line(result),
    ]
    return "\n".join(lines + [f"! {problem}" for problem in result.answers.problems])


def explain(result: Result, id: str = "") -> str:
    """How the score of an element, a theme, the stage (`"stage"`) or the index (`""`) came about.

    Elements and themes may be called by their ids or by their names in any language.
    """
    id = _id_of(result, id)
    if id == "stage":
        lines = _stage(result)
    elif id in result.elements:
        lines = _element(result, result.elements[id])
    elif id in result.themes or not id:
        lines = _mean(result, result.themes[id] if id else result.index)
    else:
        raise AnswerError(
            "no_such_score", record=id[:60], known=", ".join([*result.elements, *result.themes, "stage"])
        )
    return "\n".join([*lines, rules_line(result)])


def heading(result: Result) -> str:
    """Which team and round it is, as far as that is known, and how many answered."""
    team, n = result.answers.team, len(result.answers.responses)
    people = say("result.one_respondent" if n == 1 else "result.respondents", n=n)
    named = say("result.join").join(filter(None, [team.name, team.round]))
    return say("result.heading", named=named, people=people) if named else people


def rules_line(result: Result) -> str:
    """The declared rules that every result is printed with."""
    rules = result.model.rules
    return say(
        "result.rules",
        version=result.model.version,
        hash=result.model.hash,
        element=percent(rules.element_coverage),
        index=percent(rules.index_coverage),
        claim=rules.claim_rating,
        spread=rules.wide_spread,
    )


def agreement_line(result: Result) -> str:
    """Krippendorff's alpha with what it means."""
    alpha, rules = result.agreement, result.model.rules
    if alpha is None:
        return say("result.agreement_none")
    level = "good" if alpha >= rules.agreement_good else "fair" if alpha >= rules.agreement_fair else "low"
    return say(f"result.agreement_{level}", alpha=f"{alpha:.2f}")


def withheld(one: ElementScore | MeanScore) -> str:
    """Why there is no score, in words."""
    return say(f"result.withheld_{one.withheld}") if one.withheld else ""


def level(value: float | None) -> str:
    """A score to one decimal, or a dash.

    >>> level(2.85), level(None)
    ('2.9', '–')
    """
    return "–" if value is None else f"{value + 1e-9:.1f}"


def percent(share: float) -> str:
    """A share as a whole percentage.

    >>> percent(0.856)
    '86%'
    """
    return f"{share:.0%}"


def _score(one: ElementScore | MeanScore, result: Result) -> str:
    if one.score is None:
        return f"{say('result.withheld_score')} ({withheld(one)})"
    return say("result.score_of", score=level(one.score), levels=result.model.levels)


def _id_of(result: Result, name: str) -> str:
    wanted = name.strip().casefold()
    for kind in ("element", "theme"):
        for record in result.model.records[kind].values():
            if wanted in {record.id, *(text.casefold() for text in record.name.by_language.values())}:
                return str(record.id)
    return name


def _element(result: Result, one: ElementScore) -> list[str]:
    key = f"element.{one.id}"
    rated, concerned = one.n, one.n + one.blank
    by_answer: dict[object, list[str]] = {}
    for response in result.answers.responses:
        by_answer.setdefault(response.values.get(key), []).append(response.respondent)
    lines = [
        say("result.named", name=result.model.elements[one.id].name, score=_score(one, result)),
        *(
            say("result.rated", level=rating, names=_names(by_answer[rating]))
            for rating in range(1, result.model.levels + 1)
            if rating in by_answer
        ),
    ]
    if rated:
        total = sum(rating * count for rating, count in enumerate(one.counts, 1))
        lines.append(say("result.mean_of", total=total, n=rated, mean=f"{total / rated:.2f}"))
    if one.not_applicable:
        lines.append(say("result.said_na", names=_names(by_answer[NOT_APPLICABLE])))
    if one.blank:
        lines.append(say("result.left_blank", names=_names(by_answer[None])))
    lines.append(
        say("result.coverage_of", n=rated, of=concerned, coverage=percent(one.coverage),
            least=percent(result.model.rules.element_coverage))
    )  # fmt: skip
    if one.spread is not None:
        lines.append(say("result.spread_of", spread=f"{one.spread:.2f}", wide=result.model.rules.wide_spread))
    lines.append(
        say("result.target_of", target=level(one.target), gap=level(one.gap), weight=f"{one.weight:g}")
    )
    claims = [claim.respondent for claim in result.claims if claim.element == one.id]
    if claims:
        lines.append(say("result.claimed_by", names=_names(claims)))
    return lines


def _mean(result: Result, one: MeanScore) -> list[str]:
    name = result.model.themes[one.id].name if one.id else say("result.index")
    lines = [say("result.named", name=name, score=_score(one, result))]
    weight = total = 0.0
    for element in (result.elements[id] for id in one.elements):
        value = level(element.score) if element.score is not None else withheld(element)
        lines.append(
            say("result.part", name=result.model.elements[element.id].name, score=value, weight=f"{element.weight:g}",
                coverage=percent(element.coverage))
        )  # fmt: skip
        if element.score is not None:
            weight += element.weight
            total += element.weight * element.score
    if weight:
        lines.append(
            say(
                "result.weighted_mean",
                total=f"{total:.2f}",
                weight=f"{weight:g}",
                mean=f"{total / weight:.2f}",
            )
        )
    lines.append(
        say(
            "result.coverage_mean",
            coverage=percent(one.coverage),
            least=percent(result.model.rules.index_coverage),
        )
    )
    return lines


def _stage(result: Result) -> list[str]:
    name = result.stage.name if result.stage else say("result.withheld_score")
    lines = [say("result.stage_line", stage=name)]
    for gate in result.gates:
        lines.append(
            say(
                "result.gate_holds" if gate.holds else "result.gate_fails",
                stage=gate.stage.name,
                score=level(gate.stage.score),
                share=percent(gate.share),
                least=percent(gate.stage.share),
                floor=level(gate.stage.floor),
            )
        )
        if not gate.holds:
            if gate.share < gate.stage.share:
                lines.append(say("result.gate_short", names=_elements(result, gate.short)))
            if gate.under_floor:
                lines.append(say("result.gate_floor", names=_elements(result, gate.under_floor)))
            break
    return lines


def _elements(result: Result, ids: tuple[str, ...]) -> str:
    return say("result.join").join(str(result.model.elements[id].name) for id in ids)


def _names(names: list[str]) -> str:
    more = f" +{len(names) - MOST_NAMES}" if len(names) > MOST_NAMES else ""
    return say("result.join").join(names[:MOST_NAMES]) + more
