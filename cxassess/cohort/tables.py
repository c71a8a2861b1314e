"""A cohort's published tables as JSON takes them."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from cxassess.cohort import Cohort
from cxassess.cohort.disclosure import Cell, Standing, cuts
from cxassess.cohort.publishing import TeamRow
from cxassess.cohort.words import band_name
from cxassess.language import say

SCHEMA = "cxassess.cohort/1"


def published(cohort: Cohort) -> dict[str, Any]:
    """Everything that is published; withheld is null."""
    ends = [1.0, *cuts(cohort.model.levels), float(cohort.model.levels)]
    table: dict[str, Any] = {
        "schema": SCHEMA,
        "model": {"version": cohort.model.version, "hash": cohort.model.hash},
        "smallest_group": cohort.k,
        "bands": [
            {"name": band_name(place, cohort.model.levels), "from": low, "to": high}
            for place, (low, high) in enumerate(pairwise(ends))
        ],
        "teams": [_team_table(team) for team in cohort.teams],
        "elements": {
            id: {
                "bands": list(one.bands), "wide": one.wide, "spread_known": one.spread_known,
                "up": one.up, "same": one.same, "down": one.down, "p": one.p, "verdict": str(one.verdict),
            }
            for id, one in cohort.elements.items()
        },
        "strengths": [one.id for one in cohort.strengths],
        "gaps": [one.id for one in cohort.gaps],
        "practices": {id: _counts_table(some) for id, some in cohort.practices.items()},
        "functions": {id: _counts_table(some) for id, some in cohort.functions.items()},
    }  # fmt: skip
    if cohort.texts is not None:
        table["texts"] = {
            "warning": say("cohort.texts_warning"),
            "evidence": [
                {"team": one.team, "element": one.element, "text": one.text} for one in cohort.texts
            ],
        }
    return table


def _team_table(team: TeamRow) -> dict[str, Any]:
    return {
        "team": team.name, "round": team.round, "earlier_round": team.earlier_round, "people": team.people,
        "elements": {id: _cell_table(cell) for id, cell in team.elements.items()},
        "earlier": {id: _cell_table(cell) for id, cell in team.earlier.items()},
        "practices": {id: str(one) if one else None for id, one in team.practices.items()},
    }  # fmt: skip


def _cell_table(cell: Cell | None) -> dict[str, Any] | None:
    return {"band": cell.band, "spread": str(cell.spread) if cell.spread else None} if cell else None


def _counts_table(counts: Mapping[Standing, int]) -> dict[str, int]:
    return {str(one): n for one, n in counts.items()}
