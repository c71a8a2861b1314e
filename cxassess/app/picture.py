"""A team's result as a room may see it: how ratings spread, and nobody's name."""

from dataclasses import replace
from html import escape
from pathlib import Path

from cxassess.answers import Response, read_answers
from cxassess.errors import AnswerError
from cxassess.explaining import level, withheld
from cxassess.language import say
from cxassess.model import Model
from cxassess.reports.result import show
from cxassess.scoring import ElementScore, MeanScore, Result, score

FEWEST = 3
"""From how many people on a team's result is shown: with two, each would read off the other's answers."""


def team_picture(folder: Path, model: Model | None = None) -> str:
    """The result box, the themes and the elements as a part of a page.

    What is wrong with a file is left out: it names the file, and so its writer.
    """
    try:
        found = read_answers(folder, model)
    except AnswerError:  # nobody has answered anything
        return _waiting(0)
    people = tuple(one for one in found.responses if _rated(one))
    if len(people) < FEWEST:
        return _waiting(len(people))
    result = score(replace(found, responses=people, problems=()), model)
    return show(result).html + _themes(result) + _elements(result)


def _rated(response: Response) -> bool:
    return any(key.startswith("element.") for key in response.values)


def _waiting(n: int) -> str:
    return f"<p>{escape(say('app.too_few', n=n, fewest=FEWEST))}</p>"


def _themes(result: Result) -> str:
    model = result.model
    rows = "".join(
        _theme(str(model.themes[id].name), one, model.colours[model.themes[id].colour], model.levels)
        for id, one in result.themes.items()
    )
    return f"<h3>{escape(say('charts.themes'))}</h3><dl class='cx-themes'>{rows}</dl>"


def _theme(name: str, one: MeanScore, colour: str, levels: int) -> str:
    share = 0.0 if one.score is None else (one.score - 1) / (levels - 1)
    value = withheld(one) if one.score is None else level(one.score)
    return (
        f"<dt>{escape(name)}</dt><dd><b>{escape(value)}</b><span class='cx-track'>"
        f"<span style='inline-size:{share:.1%};background:{colour}'></span></span></dd>"
    )


def _elements(result: Result) -> str:
    model = result.model
    head = "".join(f"<th scope='col'>{number}</th>" for number in range(1, model.levels + 1))
    parts = [f"<h3>{escape(say('charts.elements'))}</h3><p>{escape(say('app.how_many'))}</p>"]
    for theme in model.themes.values():
        rows = "".join(_element(result, result.elements[one.id]) for one in model.elements_of(theme.id))
        parts.append(
            f"<table><caption>{escape(str(theme.name))}</caption><thead><tr><td></td>{head}"
            f"<th scope='col'>{escape(say('charts.score'))}</th></tr></thead><tbody>{rows}</tbody></table>"
        )
    return "".join(parts)


def _element(result: Result, one: ElementScore) -> str:
    most = max(one.counts, default=0) or 1
    cells = "".join(f"<td style='--cx-share:{count / most:.2f}'>{count or ''}</td>" for count in one.counts)
    name = escape(str(result.model.elements[one.id].name))
    value = escape(level(one.score))
    return f"<tr data-element='{escape(one.id)}'><th scope='row'>{name}</th>{cells}<td class='cx-mean'>{value}</td></tr>"
