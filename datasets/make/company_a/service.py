"""Support tickets: every day from nine to six at first, at all hours since July 2024."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from datasets.make.company_a.customers import Device
from datasets.make.company_a.story import DAYS, EXTRACTED, NEW_INTERFACE, ROUND_THE_CLOCK
from datasets.make.draws import Draws
from datasets.make.japan import at, time_on
from datasets.make.package import Row

OPENS, CLOSES = 9, 18
HOURS: Mapping[int, float] = {6: 1, 7: 2, 8: 4, 9: 7, 10: 8, 11: 7, 12: 6, 13: 6, 14: 5, 15: 5, 16: 5, 17: 6,
         18: 6, 19: 7, 20: 8, 21: 8, 22: 5, 23: 3, 0: 1}  # fmt: skip
CHANNELS = {"phone": 38, "email": 30, "chat": 32}
CAUSES = {"how_to": 44, "connection": 17, "energy": 8, "defect": 15, "delivery": 7, "other": 9}
# With the new interface fewer ask how to use it.
CAUSES_LATER = {"how_to": 25, "connection": 15, "energy": 12, "defect": 21, "delivery": 11, "other": 16}
# Median minutes to the first response while somebody is there, and the spread of its logarithm.
RESPONSE = {"phone": (4, 0.9), "chat": (9, 0.9), "email": (150, 0.8)}
RESOLUTION = {"how_to": 35, "connection": 70, "energy": 30, "defect": 1500, "delivery": 900, "other": 120}
A_DAY = 1.02
RATED = 0.46
WRONG_CLOCKS = 4
FORGOTTEN = 11


def ticket_rows(owned: Sequence[Device]) -> list[Row]:
    """One in twenty of the tickets, drawn at random."""
    draws = Draws("company_a/tickets")
    rows: list[Row] = []
    for day in DAYS:
        for _ in range(draws.poisson(A_DAY * (1.12 if day >= ROUND_THE_CLOCK else 1.0))):
            rows.append(_ticket(draws, time_on(draws, day, HOURS), owned))
    rows.sort(key=lambda row: row["opened"])
    for row in draws.sample(
        [row for row in rows if row["resolved"] and row["channel"] == "email"], FORGOTTEN
    ):
        row["resolved"] = row["rating"] = None
    quick = [row for row in rows if row["channel"] == "chat" and row["resolved"]]
    for row in draws.sample(quick, WRONG_CLOCKS):
        row["first_response"] = row["opened"] - timedelta(seconds=draws.between(20, 400))
    return [{"ticket_id": f"T{number:03}", **row} for number, row in enumerate(rows, 1)]


def _ticket(draws: Draws, opened: datetime, owned: Sequence[Device]) -> Row:
    channel = draws.choose(CHANNELS)
    all_hours = opened.date() >= ROUND_THE_CLOCK
    if channel == "phone" and not (all_hours or OPENS <= opened.hour < CLOSES):
        channel = "email"
    cause = draws.choose(CAUSES_LATER if opened.date() >= NEW_INTERFACE else CAUSES)
    median, spread = RESPONSE[channel]
    responded = after(opened, draws.lognormal(median, spread), all_hours)
    resolved = after(responded, draws.lognormal(RESOLUTION[cause], 0.8), all_hours)
    device = draws.pick(owned)
    while device.registered > opened.date():
        device = draws.pick(owned)
    waited = (responded - opened) / timedelta(hours=1)
    pleased = 4.3 - 0.085 * min(waited, 14) - (0.35 if cause in ("defect", "delivery") else 0.0)
    rating = draws.score(pleased + 0.85 * draws.normal(), 1, 5)
    rated = resolved < EXTRACTED and draws.chance(RATED)
    return {
        "product_id": device.product.id,
        "opened": opened,
        "first_response": responded if responded < EXTRACTED else None,
        "resolved": resolved if resolved < EXTRACTED else None,
        "channel": channel,
        "cause": cause,
        "rating": rating if rated else None,
    }


def after(moment: datetime, minutes: float, all_hours: bool) -> datetime:
    """The moment at which so many minutes have passed while somebody was there, to the second."""
    left = timedelta(seconds=int(minutes * 60))
    if all_hours:
        return moment + left
    day = moment.date()
    while True:
        begin, end = max(moment, at(day, OPENS, 0)), at(day, CLOSES, 0)
        if begin + left <= end:
            return begin + left
        left -= max(end - begin, timedelta(0))
        day += timedelta(days=1)
