"""A cohort in words and as rows of tables."""

from cxassess.change import Verdict
from cxassess.change_words import SYMBOLS
from cxassess.cohort import Cohort, CohortElement
from cxassess.cohort.disclosure import STEP, Cell, Spread, Standing, cuts
from cxassess.cohort.publishing import TeamRow
from cxassess.explaining import percent
from cxassess.language import say

MOST = 5
WIDE = "↔"


def band_name(place: int, levels: int) -> str:
    """What a band is called: the score rounded to half a level, the outer bands open.

    >>> [band_name(place, 5) for place in range(5)]
    ['≤2', '2.5', '3', '3.5', '≥4']
    """
    limits = cuts(levels)
    if not place:
        return say("cohort.at_most", value=f"{limits[0] - STEP / 2:g}") if limits else "–"
    value = f"{limits[place - 1] + STEP / 2:g}"
    return say("cohort.at_least", value=value) if place == len(limits) else value


def cell_name(cell: Cell | None, levels: int) -> str:
    """What a cell says, with a sign where people see it very differently."""
    if cell is None:
        return say("cohort.withheld")
    return band_name(cell.band, levels) + (f" {WIDE}" if cell.spread == Spread.WIDE else "")


def heading(cohort: Cohort) -> str:
    """How many teams there are."""
    return say("cohort.title", n=len(cohort.teams))


def promise(cohort: Cohort) -> str:
    """How many teams are shown, and what is never shown."""
    shown = sum(any(team.elements.values()) for team in cohort.teams)
    return say("cohort.shown_teams", shown=shown, n=len(cohort.teams), k=cohort.k)


def shared(cohort: Cohort) -> tuple[list[str], list[str]]:
    """The strengths and the gaps that teams share, a line each."""
    names, levels = cohort.model.elements, cohort.model.levels
    high, low = outer_names(levels)
    return (
        [
            say("cohort.strength", name=names[one.id].name, n=sum(one.bands[-2:]), teams=one.teams, **{"from": high})
            for one in cohort.strengths[:MOST]
        ],
        [
            say("cohort.gap", name=names[one.id].name, n=sum(one.bands[:2]), teams=one.teams, to=low)
            for one in cohort.gaps[:MOST]
        ],
    )  # fmt: skip


def outer_names(levels: int) -> tuple[str, str]:
    """Where the upper two bands begin and where the lower two end."""
    last = len(cuts(levels))
    return band_name(max(last - 1, 0), levels), band_name(min(1, last), levels)


def summary(cohort: Cohort) -> str:
    """The cohort in plain text."""
    lines = [heading(cohort), promise(cohort)]
    if cohort.problems:
        lines.append(say("cohort.problems", n=len(cohort.problems)))
    for key, found in zip(("strengths", "gaps"), shared(cohort), strict=True):
        lines.append(say(f"cohort.{key}"))
        lines += [f"  - {line}" for line in found] or [f"  {say('cohort.none_shared')}"]
    lines += [say("cohort.progress"), f"  {progress_alt(cohort)}"]
    lines += [say("cohort.practices"), f"  {practices_alt(cohort)}"]
    if cohort.texts is not None:
        lines.append(say("cohort.texts_warning"))
        lines += [
            f"  - {one.team}, {cohort.model.elements[one.element].name}: {one.text}" for one in cohort.texts
        ]
    return "\n".join(lines)


def heat_rows(cohort: Cohort) -> list[tuple[str, ...]]:
    """Teams by elements, the header first."""
    model = cohort.model
    head = (
        say("cohort.team"), say("cohort.round"), say("cohort.answered"),
        *(str(model.elements[id].name) for id in ordered(cohort)), say("cohort.moved"),
    )  # fmt: skip
    return [head] + [
        (team.name, team.round, people(team, cohort),
         *(cell_name(team.elements[id], model.levels) for id in ordered(cohort)), moved(cohort, team))
        for team in cohort.teams
    ]  # fmt: skip


def ordered(cohort: Cohort) -> list[str]:
    """The elements theme by theme."""
    return [one.id for theme in cohort.model.themes for one in cohort.model.elements_of(theme)]


def people(team: TeamRow, cohort: Cohort) -> str:
    """How many answered, as a class."""
    return team.people or say("cohort.fewer", k=cohort.k)


def moved(cohort: Cohort, team: TeamRow) -> str:
    """In how many elements a team moved up and down, if it has two rounds to compare."""
    moves = cohort.moves(team).values()
    if not moves:
        return say("cohort.withheld")
    up, down = sum(one > 0 for one in moves), sum(one < 0 for one in moves)
    return say("cohort.team_progress", up=up, down=down, n=len(moves))


def heat_alt(cohort: Cohort) -> str:
    """What one sees in the heat map."""
    found = [one for one in cohort.elements.values() if one.teams]
    if not found:
        return say("cohort.nothing_shown")
    names = cohort.model.elements
    best, worst = max(found, key=lambda one: one.high), max(found, key=lambda one: one.low)
    high, low = outer_names(cohort.model.levels)
    cells = [cell for team in cohort.teams for cell in team.elements.values()]
    return say(
        "cohort.heat_alt",
        n=len(cohort.teams), m=len(names), withheld=percent(cells.count(None) / len(cells)),
        best=names[best.id].name, high=percent(best.high), worst=names[worst.id].name, low=percent(worst.low),
        to=low, **{"from": high},
    )  # fmt: skip


def compared(cohort: Cohort) -> list[CohortElement]:
    """The elements that some team has in both rounds, theme by theme."""
    found = [cohort.elements[id] for id in ordered(cohort)]
    return [one for one in found if one.up + one.same + one.down]


def progress_rows(cohort: Cohort) -> list[tuple[str, ...]]:
    """How many teams moved, by element, the header first."""
    head = tuple(say(f"cohort.{key}") for key in ("up", "same", "down", "verdict"))
    return [(say("charts.element"), *head)] + [
        (str(cohort.model.elements[one.id].name), str(one.up), str(one.same), str(one.down), verdict(one))
        for one in compared(cohort)
    ]


def verdict(one: CohortElement) -> str:
    """What can be said of an element over all teams."""
    return f"{SYMBOLS[one.verdict]} {say(f'change.{one.verdict}')}"


def progress_alt(cohort: Cohort) -> str:
    """What one sees in the chart of progress."""
    found = compared(cohort)
    if not found:
        return say("cohort.no_progress")
    counts = {verdict: sum(one.verdict == verdict for one in found) for verdict in Verdict}
    parts = [
        say("cohort.progress_alt", n=len(found), improved=counts[Verdict.IMPROVED], worse=counts[Verdict.WORSE],
            unsure=counts[Verdict.CANNOT_TELL])
    ]  # fmt: skip
    most = max(found, key=lambda one: (one.up, -one.down))
    if most.up:
        parts.append(
            say("cohort.progress_most", name=cohort.model.elements[most.id].name, up=most.up, down=most.down)
        )
    return say("charts.sentences").join(parts)


def practice_rows(cohort: Cohort) -> list[tuple[str, ...]]:
    """How far practices have come, by function, the header first."""
    head = (say("cohort.function"), *(say(f"cohort.{one}") for one in Standing))
    return [head] + [
        (str(cohort.model.functions[id].name), *(str(counts[one]) for one in Standing))
        for id, counts in cohort.functions.items()
    ]


def practices_alt(cohort: Cohort) -> str:
    """What one sees in the chart of practices."""
    shares = {
        id: counts[Standing.IN_PLACE] / sum(counts.values())
        for id, counts in cohort.functions.items()
        if sum(counts.values())
    }
    if not shares:
        return say("cohort.nothing_shown")
    names = cohort.model.functions
    best, worst = max(shares, key=lambda one: shares[one]), min(shares, key=lambda one: shares[one])
    return say(
        "cohort.practices_alt",
        best=names[best].name, high=percent(shares[best]), worst=names[worst].name, low=percent(shares[worst]),
    )  # fmt: skip
