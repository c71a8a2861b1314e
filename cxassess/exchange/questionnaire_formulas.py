"""The questionnaire's results as Excel formulas: the rules of `scoring`, with functions that every version has.

Everybody's answers are gathered on one sheet, as they are stored; counts, means, coverage and the stage follow
from there. A score that is withheld says why. No formula needs a version of Excel after 2007.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

from openpyxl.formatting.rule import DataBarRule
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from cxassess.answers import NOT_APPLICABLE, WEIGHTS
from cxassess.exchange.excel import Page, quoted, rgb
from cxassess.exchange.questionnaire_answers import Gathered, heads
from cxassess.explaining import percent
from cxassess.language import say
from cxassess.model import Model
from cxassess.scoring import Withheld

_HIDDEN = ("code", "value", "rated")
"""Columns that other formulas need: why it is withheld, the mean whether withheld or not, how many rated."""
_COLUMNS = ("name", "score", "note", "coverage", "levels", "na", "blank", "spread", "target", "gap", "weight", "claims",
            *_HIDDEN)  # fmt: skip
"""Of the elements' table, from column B on; `levels` stands for a column per level."""
_MEAN = ("score", "note", "coverage")
FINE = 12
"""Decimals of a coverage when it is held against its rule, so that 0.7 is not found to be less than 0.7."""


def add_result(
    sheet: Worksheet, title: str, answers: Gathered, settings: Mapping[str, str], model: Model
) -> None:
    """Index, stage, themes and elements, each with its coverage; below, why the stage is what it is."""
    places = _places(model.levels)
    page = Page(sheet, title, [34, 9, 30, 10, *[5] * model.levels, 7, 9, 9, 8, 7, 11, 13], model.colours)
    for key in _HIDDEN:
        sheet.column_dimensions[get_column_letter(places[key])].hidden = True
    page.text(title, size=18, bold=True, ink="accent")
    team, round = settings["team"], settings["round"]
    page.formula(
        2, f'{team}&IF(AND({team}<>"",{round}<>"")," · ","")&{round}', to=page.last, size=12, bold=True
    )
    page.next("", 26)
    top, themes = page.line, page.line + 9  # filled in when it is known where the elements are
    page.line = themes + len(model.themes) + 2
    rows = _elements(page, answers, settings, model, places)
    page.next("", 12)
    gates = _gates(page, _block(places, [*rows.values()]), model, places)
    end = page.line
    alpha = _agreement(answers.page, quote_sheetname(title), [*rows.values()], model, places)
    page.line = themes
    heads(page, {place: say(f"exchange.{key}") for place, key in enumerate(("themes", *_MEAN), 2)})
    for theme in model.themes.values():
        lines = [rows[one.id] for one in model.elements_of(theme.id)]
        _mean(page, str(theme.name), f"theme {theme.id}", _block(places, lines), model, places)
    page.line = top
    _overall(page, _block(places, [*rows.values()]), answers, alpha, gates, model, places)
    page.line = end
    page.finish(say("exchange.title"), landscape=True)


def _places(levels: int) -> dict[str, int]:
    """The column of each part of the elements' table; of `levels` the first."""
    places, at = {}, 2
    for key in _COLUMNS:
        places[key] = at
        at += levels if key == "levels" else 1
    return places


def _block(places: Mapping[str, int], lines: Sequence[int]) -> dict[str, str]:
    """The range of each column over some lines that lie together."""
    letters = {key: get_column_letter(place) for key, place in places.items()}
    return {key: f"${letter}${min(lines)}:${letter}${max(lines)}" for key, letter in letters.items()}


def _elements(
    page: Page, answers: Gathered, settings: Mapping[str, str], model: Model, places: Mapping[str, int]
) -> dict[str, int]:
    """A line per element; returns each one's number."""
    names = {"name": "elements", "na": "not_applicable", "target": "short_target", "weight": "short_weight"}
    texts = {place: say(f"exchange.{names.get(key, key)}") for key, place in places.items()
             if key not in {"levels", *_HIDDEN}}  # fmt: skip
    heads(page, {**texts, **{places["levels"] + n: f"{n + 1}" for n in range(model.levels)}}, 34)
    rows = {}
    for theme in model.themes:
        for one in model.elements_of(theme):
            rows[one.id] = page.line
            _element(page, one.id, answers, settings, model, places)
    bar = DataBarRule("num", 0, "num", model.levels, color=rgb(model.colours["accent"]))  # type: ignore[no-untyped-call]
    page.sheet.conditional_formatting.add(_block(places, [*rows.values()])["score"].replace("$", ""), bar)
    return rows


def _element(
    page: Page,
    id: str,
    answers: Gathered,
    settings: Mapping[str, str],
    model: Model,
    places: Mapping[str, int],
) -> None:
    line, rules, given = page.line, model.rules, answers.ranges[f"element.{id}"]
    at = {key: f"${get_column_letter(place)}{line}" for key, place in places.items()}
    counts = [f"{get_column_letter(places['levels'] + n)}{line}" for n in range(model.levels)]
    concerned = f"({answers.people}-{at['na']})"
    high = "+".join(f"({given}={level})" for level in range(rules.claim_rating, model.levels + 1))
    total = "+".join(f"{level}*{cell}" for level, cell in enumerate(counts, 1))
    apart = "+".join(f"{a}*{b}*{high - low}" for (low, a), (high, b) in combinations(enumerate(counts), 2))
    wide = f'IF({at["spread"]}="","",IF({at["spread"]}>={rules.wide_spread!r},{quoted(say("exchange.wide"))},""))'
    formulas = {
        "score": f'IF({at["code"]}="",{at["value"]},"")',
        "note": f'IF({at["code"]}="",{wide},{_why(at["code"])})',
        "coverage": f"IF({concerned}>0,{at['rated']}/{concerned},0)",
        "na": f'COUNTIF({given},"{NOT_APPLICABLE}")',
        "blank": f"{concerned}-{at['rated']}",
        "spread": f'IF({at["rated"]}<2,"",({apart})/({at["rated"]}*({at["rated"]}-1)/2))',
        "target": _setting(settings[f"target.{id}"], 1, model.levels, rules.target),
        "gap": f'IF({at["score"]}="","",MAX(0,{at["target"]}-{at["score"]}))',
        "weight": _setting(settings[f"weight.{id}"], *WEIGHTS, 1),
        "claims": f"SUMPRODUCT(({high})*({answers.ranges[f'evidence.{id}']}=0))",
        "code": f'IF(AND({concerned}=0,{answers.people}>0),"{Withheld.NOT_APPLICABLE}",'
                f'IF({at["rated"]}=0,"{Withheld.NOBODY}",'
                f'IF({at["coverage"]}<{rules.element_coverage!r},"{Withheld.COVERAGE}","")))',
        "value": f"IF({at['rated']}=0,0,({total})/{at['rated']})",
        "rated": f"SUM({counts[0]}:{counts[-1]})",
    }  # fmt: skip
    forms = {
        "score": "0.0",
        "coverage": "0%",
        "spread": "0.00",
        "gap": "0.0",
        "target": "0.0",
        "weight": "0.##",
    }
    page.put(places["name"], str(model.elements[id].name), bold=True, fill="wash", framed=True)
    for key, formula in formulas.items():
        note = key == "note"
        page.formula(places[key], formula, framed=True, side="left" if note else "center", size=9 if note else 10.5,
                     form=forms.get(key, ""), bold=key == "score")  # fmt: skip
    for n in range(model.levels):
        page.formula(
            places["levels"] + n, f"COUNTIF({given},{n + 1})", framed=True, side="center", ink="muted"
        )
    page.next(f"element {id}", 18)


def _setting(cell: str, low: float, high: float, otherwise: float) -> str:
    return f"IF(ISNUMBER({cell}),IF(AND({cell}>={low},{cell}<={high}),{cell},{otherwise!r}),{otherwise!r})"


def _mean(
    page: Page, name: str, mark: str, part: Mapping[str, str], model: Model, places: Mapping[str, int]
) -> str:
    """A theme's line or the index: the weighted mean, withheld by the rules; returns the cell that says why."""
    scored = f'({part["code"]}="")*{part["weight"]}'
    concerned = f'({part["code"]}<>"{Withheld.NOT_APPLICABLE}")'
    weight = f"SUMPRODUCT({concerned}*{part['weight']})"
    code, coverage = (f"${get_column_letter(places[key])}${page.line}" for key in ("code", "coverage"))
    formulas = {
        "score": f'IF({code}="",SUMPRODUCT({scored}*{part["value"]})/SUMPRODUCT({scored}),"")',
        "note": _why(code),
        "coverage": f"IF({weight}=0,0,SUMPRODUCT({concerned}*{part['weight']}*{part['coverage']})/{weight})",
        "code": f'IF(SUMPRODUCT(--{concerned})=0,"{Withheld.NOT_APPLICABLE}",IF({weight}=0,"{Withheld.WEIGHT}",'
                f'IF({coverage}=0,"{Withheld.NOBODY}",'
                f'IF(OR(ROUND({coverage},{FINE})<{model.rules.index_coverage!r},SUMPRODUCT({scored})=0),'
                f'"{Withheld.COVERAGE}",""))))',
    }  # fmt: skip
    forms = {"score": "0.0", "coverage": "0%"}
    page.put(2, name, bold=True, fill="wash", framed=True)
    for key, formula in formulas.items():
        note = key == "note"
        page.formula(places[key], formula, framed=True, side="left" if note else "center", size=9 if note else 10.5,
                     form=forms.get(key, ""), bold=key == "score")  # fmt: skip
    page.next(mark, 18)
    return code


def _overall(
    page: Page, block: Mapping[str, str], answers: Gathered, alpha: str, gates: Mapping[str, str], model: Model,
    places: Mapping[str, int],
) -> None:  # fmt: skip
    heads(page, {place: say(f"exchange.{key}") if key else "" for place, key in enumerate(("", *_MEAN), 2)})
    withheld = _mean(page, say("exchange.index"), "index", block, model, places)
    reached = f"SUM({gates['code']})"
    stage, summary = (
        f'IF({withheld}<>"","",IF({reached}=0,"",INDEX({gates[key]},{reached})))' for key in ("name", "value")
    )
    page.put(2, say("exchange.stage"), bold=True, fill="wash", framed=True)
    page.formula(3, stage, framed=True, to=4, bold=True, size=12)
    page.formula(5, summary, to=page.last, size=9, ink="muted")
    page.next("stage", 32)
    lines = {"agreement": alpha, "people": answers.people, "claims": f"SUM({block['claims']})"}
    for key, formula in lines.items():
        page.put(2, say(f"exchange.{key}"), bold=True, fill="wash", framed=True)
        page.formula(
            3, formula, framed=True, side="center", form="0.00" if key == "agreement" else "0", bold=True
        )
        page.next(key, 18)
    rules = model.rules
    page.text(say(
        "result.rules", version=model.version, hash=model.hash, element=percent(rules.element_coverage),
        index=percent(rules.index_coverage), claim=rules.claim_rating, spread=rules.wide_spread,
    ), size=8)  # fmt: skip


def _gates(page: Page, block: Mapping[str, str], model: Model, places: Mapping[str, int]) -> dict[str, str]:
    """A line per stage with its gate; a hidden column says 1 when it and all before it hold.

    Returns the ranges of the stages' names, of that column, and of what each stage means.
    """
    share, under, holds = places["levels"], places["levels"] + 3, places["levels"] + 6
    names = {2: "stages", 3: "gate_at", 4: "gate_need", 5: "gate_floor", share: "gate_share", under: "gate_under",
             holds: "gate_holds"}  # fmt: skip
    for place, key in names.items():
        page.put(place, say(f"exchange.{key}"), bold=True, ink="paper", fill="accent", framed=True, size=9,
                 side="left" if place == 2 else "center", to=place + 2 if place in {share, under} else 0)  # fmt: skip
    page.next("", 34)
    first = page.line
    code = get_column_letter(places["code"])
    scored = f'({block["code"]}="")'
    for stage in model.stages:
        line = page.line
        page.put(2, str(stage.name), bold=True, fill="wash", framed=True)
        page.put(3, stage.score, framed=True, side="center", form="0.0")
        page.put(4, stage.share, framed=True, side="center", form="0%")
        page.put(5, stage.floor, framed=True, side="center", form="0.0")
        reached, short = (f"${get_column_letter(place)}${line}" for place in (share, under))
        n = f"SUMPRODUCT(--{scored})"
        page.formula(share, f"IF({n}=0,0,SUMPRODUCT({scored}*({block['value']}>=$C${line}))/{n})",
                     framed=True, side="center", form="0%", to=share + 2)  # fmt: skip
        page.formula(
            under,
            f"SUMPRODUCT({scored}*({block['value']}<$E${line}))",
            framed=True,
            side="center",
            to=under + 2,
        )
        before = "TRUE" if line == first else f"${code}${line - 1}=1"
        page.formula(places["code"], f"IF(AND({before},{reached}>=$D${line},{short}=0),1,0)")
        yes, no = (quoted(say(f"exchange.{word}")) for word in ("yes", "no"))
        page.formula(holds, f"IF(${code}${line}=1,{yes},{no})", framed=True, side="center")
        page.put(places["value"], str(stage.summary))
        page.next(f"stage {stage.id}", 18)
    lines = range(first, page.line)
    found = _block(places, [*lines])
    return {key: found[key] for key in ("name", "code", "value")}


def _agreement(page: Page, result: str, lines: Sequence[int], model: Model, places: Mapping[str, int]) -> str:
    """Krippendorff's alpha for ordinal ratings, worked out below everybody's answers; returns its formula.

    An element with fewer than two ratings says nothing and is left out.
    """
    own = quote_sheetname(page.sheet.title)
    rated = f"{result}!{_block(places, lines)['rated']}"
    columns = [f"{result}!{_block({'n': places['levels'] + n}, lines)['n']}" for n in range(model.levels)]
    page.put(2, say("exchange.pairs"), bold=True)
    page.next("", 20)
    first = page.line
    for level, column in enumerate(columns, 1):
        page.put(2, say("exchange.level_total", level=level), framed=True, size=9)
        page.formula(3, f"SUMPRODUCT(({rated}>=2)*{column})", framed=True, side="center", size=9)
        page.next("", 15)
    totals = [f"$C${line}" for line in range(first, page.line)]
    start = page.line
    for low, high in combinations(range(model.levels), 2):
        for word in ("distance", "observed", "expected"):
            distance = f"$C${page.line - (0 if word == 'distance' else 1 if word == 'observed' else 2)}"
            pairs = f"SUMPRODUCT(({rated}>=2)*{columns[low]}*{columns[high]}/(({rated}>=2)*({rated}-1)+({rated}<2)))"
            formula = {
                "distance": f"(SUM({totals[low]}:{totals[high]})-({totals[low]}+{totals[high]})/2)^2",
                "observed": f"{distance}*{pairs}",
                "expected": f"{distance}*{totals[low]}*{totals[high]}",
            }[word]
            name = say("exchange.pair", low=low + 1, high=high + 1)
            page.put(
                2,
                say("exchange.choice", name=name, meaning=say(f"exchange.pair_{word}")),
                framed=True,
                size=9,
            )
            page.formula(3, formula, framed=True, side="center", size=9, form="0.###")
            page.next("", 15)
    observed, expected = (
        "+".join(f"{own}!$C${line}" for line in range(start + offset, page.line, 3)) for offset in (1, 2)
    )
    n = "+".join(f"{own}!{total}" for total in totals)
    page.finish(say("exchange.title"), landscape=True)
    return f'IF(({expected})=0,"",1-(({n})-1)*({observed})/({expected}))'


def _why(code: str) -> str:
    """The formula of why there is no score, in words."""
    formula = '""'
    for one in Withheld:
        text = say("exchange.withheld", why=say(f"result.withheld_{one}"))
        formula = f'IF({code}="{one}",{quoted(text)},{formula})'
    return formula
