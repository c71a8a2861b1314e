"""Which parts of two rounds can be compared: what the crosswalk between model versions allows, and who answered."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from cxassess.answers import Answers, Response, carried_over, fits, is_question, newer
from cxassess.change import FEWEST, Apart, Uncompared
from cxassess.model import Model
from cxassess.model.records import Successor
from cxassess.scoring import Result, score


def in_terms_of(result: Result, model: Model) -> Result:
    """The result scored by this model, its answers carried over by the crosswalk."""
    if result.model.hash == model.hash:
        return result
    answers = result.answers
    responses = tuple(_carried(one, model) for one in answers.responses)
    return score(Answers(answers.team, responses, answers.problems), model)


def not_comparable(before: Result, after: Result) -> Iterator[Uncompared]:
    """The elements in which two results of one model cannot be compared."""
    model = after.model
    responses = (*before.answers.responses, *after.answers.responses)
    for step in model.records["successor"].values():
        asked = any(one.model_version and not newer(one.model_version, step.after) for one in responses)
        if step.id.startswith("element.") and not step.became and asked:
            yield Uncompared(step.id.removeprefix("element."), Apart.GONE, step.why)
    for id in model.elements:
        reworded = _reworded(id, responses, model)
        if reworded:
            yield Uncompared(id, Apart.REWORDED, reworded.why)
        elif any(some.elements[id].score is None for some in (before, after)):
            yield Uncompared(id, Apart.WITHHELD)
        elif min(some.elements[id].n for some in (before, after)) < FEWEST:
            yield Uncompared(id, Apart.FEW)


def _carried(response: Response, model: Model) -> Response:
    values = {}
    for key, value in response.values.items():
        current = carried_over(key, response.model_version, model)
        if current and is_question(current, model) and fits(current, value, model):
            values[current] = value
    return replace(response, values=MappingProxyType(values))


def _reworded(id: str, responses: tuple[Response, ...], model: Model) -> Successor | None:
    """The step of the crosswalk that stands between these ratings of an element, if there is one."""
    rated = [one for one in responses if isinstance(one.values.get(f"element.{id}"), int)]
    for step in model.records["successor"].values():
        if step.comparable or not step.became or not step.id.startswith("element."):
            continue
        leads_here = carried_over(f"element.{step.became}", f"{step.after}.1", model) == f"element.{id}"
        if leads_here and len({newer(one.model_version, step.after) for one in rated}) > 1:
            found: Successor = step
            return found
    return None
