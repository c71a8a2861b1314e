"""When a ticket passed from one function to the next, how long nobody had it, and who had to tell it again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from datasets.make.draws import Draws
from datasets.make.package import Row
from datasets.make.shop import hours
from datasets.make.shop.service import Ticket
from datasets.make.shop.story import EXTRACTED, SHARED_HISTORY

NEXT: Mapping[str, Mapping[str, float]] = {
    "logistics": {"support": 5, "quality": 4},
    "product": {"support": 6, "quality": 3},
    "quality": {"support": 4, "product": 4, "logistics": 2},
    "finance": {"support": 5, "logistics": 4},
    "support": {"product": 3, "finance": 2, "quality": 2},
}
# How long a ticket lies before a function takes it on, against an hour's work on it.
LIES = {"logistics": 1.5, "product": 2.2, "quality": 1.1, "finance": 3.0, "support": 0.6}
TELLS_AGAIN = {"logistics": 0.5, "product": 0.55, "quality": 0.5, "finance": 0.6, "support": 0.12}
SEES_THE_HISTORY = ("logistics", "quality")
NOT_NOTED = 17
WORKED = 90
"""Median business minutes at one desk, for a ticket of which nobody knows when it will be settled."""


def hand_over_rows(all_tickets: Sequence[Ticket], surveys: Sequence[Row]) -> list[Row]:
    """One row for every time a ticket changed hands."""
    draws = Draws("hand_overs")
    effort = {row["ticket_id"]: row["ces"] for row in surveys if row["ces"]}
    rows = [
        row
        for one in all_tickets
        if one.row["handed_over_to"]
        for row in _of_ticket(draws, one.row, effort.get(one.row["ticket_id"]))
    ]
    for row in draws.sample([row for row in rows if row["taken_on"]], NOT_NOTED):
        row["told_again"] = None
    rows.sort(key=lambda row: (row["passed"], row["ticket_id"]))
    return [{"hand_over_id": f"K{number:03}", **row} for number, row in enumerate(rows, 1)]


def _of_ticket(draws: Draws, ticket: Row, effort: int | None) -> Iterator[Row]:
    way = ["support", ticket["handed_over_to"]]
    while len(way) < 4 and draws.chance(0.28):
        way.append(draws.choose(NEXT[way[-1]]))
    times = _settled(draws, ticket, way) if ticket["resolved"] else _forgotten(draws, ticket, way)
    for before, after, (passed, taken_on) in zip(way, way[1:], times, strict=False):
        yield {
            "ticket_id": ticket["ticket_id"],
            "passed": passed,
            "from_function": before,
            "to_function": after,
            "taken_on": taken_on,
            "told_again": draws.chance(_telling(after, passed, effort)) if taken_on else None,
        }


def _settled(draws: Draws, ticket: Row, way: Sequence[str]) -> list[tuple[datetime, datetime | None]]:
    """When it was passed and taken on: parts of the time from the first response to the solution."""
    begin = max(ticket["first_response"], ticket["opened"])
    parts = [draws.lognormal(0.5, 0.4)]
    for function in way[1:]:
        parts += [draws.lognormal(LIES[function], 0.6), draws.lognormal(1.0, 0.4)]
    minute = hours.minutes_between(begin, ticket["resolved"]) / sum_of(parts)
    moments = [hours.after(begin, minute * sum_of(parts[: place + 1])) for place in range(len(parts) - 1)]
    return list(zip(moments[::2], moments[1::2], strict=True))


def _forgotten(draws: Draws, ticket: Row, way: Sequence[str]) -> list[tuple[datetime, datetime | None]]:
    """The same for a ticket that is still open: the last function that got it never took it on."""
    at = max(ticket["first_response"], ticket["opened"])
    times: list[tuple[datetime, datetime | None]] = []
    for function in way[1:]:
        passed = hours.after(at, draws.lognormal(WORKED, 0.5))
        taken_on = hours.after(passed, draws.lognormal(WORKED * LIES[function], 0.6))
        if passed >= EXTRACTED:
            break
        times.append((passed, taken_on))
        at = taken_on
    return [*times[:-1], (times[-1][0], None)] if times else [(at, None)]


def _telling(function: str, passed: datetime, effort: int | None) -> float:
    chance = TELLS_AGAIN[function]
    if function in SEES_THE_HISTORY and passed.date() >= SHARED_HISTORY:
        chance = 0.16
    # Who had to tell it again found it harder: the answers are there already, so it is drawn from them.
    return min(max(chance + (0.11 * (4.2 - effort) if effort else 0), 0.03), 0.95)


def sum_of(parts: Sequence[float]) -> float:
    """The sum from left to right; `sum` of floats differs between Python 3.11 and 3.12."""
    total = 0.0
    for part in parts:
        total += part
    return total
