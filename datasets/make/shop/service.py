"""Support tickets, complaints and the times the company called first."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from pathlib import Path

from datasets.make.draws import Draws
from datasets.make.japan import time_on
from datasets.make.package import Row
from datasets.make.shop import hours
from datasets.make.shop.people import Person
from datasets.make.shop.sales import Breakage
from datasets.make.shop.staff import Employee
from datasets.make.shop.story import DAYS, EVENING, EXTRACTED, LAST, PULP_INSERT, season, thinly_packed

TEXTS = tomllib.loads((Path(__file__).parent / "texts.toml").read_text("utf-8"))
CAUSES = {"how_to": 25, "stock_question": 15, "subscription_change": 16, "late_delivery": 14, "defect": 9,
          "billing": 8, "wrong_item": 5, "other": 8}  # fmt: skip
# Share of a cause's tickets that are complaints.
COMPLAINS = {"late_delivery": 0.28, "defect": 0.42, "billing": 0.22, "wrong_item": 0.5, "how_to": 0.03,
             "subscription_change": 0.12, "other": 0.05}  # fmt: skip
HANDED_TO = {"defect": "quality", "broken_on_arrival": "logistics", "late_delivery": "logistics",
             "wrong_item": "logistics", "billing": "finance", "how_to": "product"}  # fmt: skip
CHANNELS = {"email": 34, "chat": 27, "line": 24, "phone": 15}
CHANNELS_OLDER = {"email": 30, "chat": 8, "line": 7, "phone": 55}
# Median business minutes to the first response, and the spread of its logarithm.
RESPONSE = {"phone": (2, 0.8), "chat": (7, 0.8), "line": (48, 0.9), "email": (230, 0.85)}
RESOLUTION = {"how_to": 45, "stock_question": 25, "subscription_change": 40, "late_delivery": 320, "defect": 700,
              "billing": 240, "wrong_item": 380, "other": 90, "broken_on_arrival": 520}  # fmt: skip
WORKING = dict.fromkeys((9, 11, 13, 15, 16), 1.0)
WRONG_CLOCKS = 6
FORGOTTEN = 28


@dataclass(frozen=True, slots=True)
class Ticket:
    """A contact that the support team handles; `wait` is in business minutes."""

    row: Row
    person: Person | None
    product_id: str | None
    wait: float


def tickets(
    everyone: Sequence[Person], breakages: Sequence[Breakage], staff: Sequence[Employee]
) -> list[Ticket]:
    """Every ticket, by the time it was opened."""
    draws = Draws("tickets")
    by_id = {person.id: person for person in everyone}
    contacts: list[tuple[datetime, Person | None, str, str | None]] = []
    for day in DAYS:
        busy = (
            2.15
            * season(day)
            * (1.0 + 0.25 * DAYS.index(day) / len(DAYS))
            * (0.6 if day.isoweekday() == 7 else 1)
        )
        for _ in range(draws.poisson(busy)):
            moment = time_on(draws, day, EVENING if draws.chance(0.45) else WORKING)
            person = None if draws.chance(0.07) else _somebody(draws, everyone, day)
            contacts.append((moment, person, draws.choose(CAUSES), None))
    for breakage in breakages:
        if draws.chance(0.86):
            buyer = by_id.get(breakage.customer_id or "")
            contacts.append((breakage.found, buyer, "broken_on_arrival", breakage.product_id))
    contacts.sort(key=lambda contact: contact[0])
    found = [_ticket(draws, at_, *contact, staff) for at_, contact in enumerate(contacts, 1)]
    resolved = [one for one in found if one.row["resolved"] and one.row["channel"] != "phone"]
    for one in draws.sample(resolved, FORGOTTEN):
        one.row["resolved"] = None
    quick = [one for one in found if one.row["channel"] == "chat" and one.wait < 3 and one.row["resolved"]]
    for one in draws.sample(quick, WRONG_CLOCKS):
        one.row["first_response"] = one.row["opened"] - timedelta(seconds=draws.between(20, 600))
    return found


def _somebody(draws: Draws, everyone: Sequence[Person], day: date) -> Person:
    # Everyone is listed by the day of joining, and the first ones joined before the data begins.
    while True:
        person = draws.pick(everyone)
        if person.joined <= day < person.until + timedelta(90):
            return person


def _ticket(
    draws: Draws,
    number: int,
    opened: datetime,
    person: Person | None,
    cause: str,
    product_id: str | None,
    staff: Sequence[Employee],
) -> Ticket:
    channel = draws.choose(CHANNELS_OLDER if person and person.older else CHANNELS)
    if channel == "phone" and not hours.is_open(opened):
        channel = "email"
    median, spread = RESPONSE[channel]
    crowded = 1.7 if thinly_packed(opened.date()) and channel != "phone" else 1.0
    wait = draws.lognormal(median * crowded, spread)
    first_response = hours.after(opened, wait)
    handed_over_to = HANDED_TO.get(cause) if draws.chance(0.38) else None
    work = draws.lognormal(RESOLUTION[cause] * (3.2 if handed_over_to else 1.0), 0.9)
    resolved = hours.after(first_response, work)
    operators = [one for one in staff if one.function == "support" and one.employed(opened.date())]
    row = {
        "ticket_id": f"H{number:04}",
        "customer_id": person.id if person else None,
        "opened": opened,
        "in_business_hours": hours.is_open(opened),
        "first_response": first_response if first_response < EXTRACTED else None,
        "resolved": resolved if resolved < EXTRACTED else None,
        "channel": channel,
        "operator_id": draws.pick(operators).id if first_response < EXTRACTED else None,
        "cause": cause,
        "handed_over_to": handed_over_to if first_response < EXTRACTED else None,
    }
    return Ticket(row, person, product_id, wait)


def complaint_rows(all_tickets: Sequence[Ticket], breakages: Sequence[Breakage]) -> list[Row]:
    """Complaints from tickets, and those that reached the company in other ways."""
    draws = Draws("complaints")
    rows = []
    for one in all_tickets:
        cause = one.row["cause"]
        if draws.chance(1.0 if cause == "broken_on_arrival" else COMPLAINS.get(cause, 0.0)):
            told = one.row["opened"].date()
            ids = (one.row["customer_id"], one.row["ticket_id"], one.product_id)
            rows.append(_complaint(draws, told, *ids, cause, "ticket"))
    with_ticket = {one.row["opened"] for one in all_tickets}
    for breakage in breakages:
        if breakage.found not in with_ticket:
            route = draws.choose({"shop": 3, "review": 5})
            ids = (breakage.customer_id, None, breakage.product_id)
            rows.append(_complaint(draws, breakage.found.date(), *ids, "broken_on_arrival", route))
    for _ in range(46):
        cause = draws.choose({"staff_attitude": 4, "hard_to_cancel": 5, "website": 6, "late_delivery": 3})
        route = draws.choose({"shop": 3, "review": 5})
        rows.append(_complaint(draws, draws.pick(DAYS), None, None, None, cause, route))
    for row in draws.sample(rows, 15):
        row["cause"] = None
    rows.sort(key=lambda row: (row["date"], row["ticket_id"] or ""))
    return [{"complaint_id": f"B{number:03}", **row} for number, row in enumerate(rows, 1)]


def _complaint(
    draws: Draws,
    told: date,
    customer_id: str | None,
    ticket_id: str | None,
    product_id: str | None,
    cause: str,
    route: str,
) -> Row:
    severity = draws.choose(
        {1: 5, 2: 5, 3: 2} if cause in ("broken_on_arrival", "defect") else {1: 7, 2: 3, 3: 0.4}
    )
    paid = int(draws.lognormal({1: 400, 2: 1500, 3: 4200}[severity], 0.5) / 10) * 10
    text = draws.pick(TEXTS["complaint"][cause])
    return {
        "date": told,
        "customer_id": customer_id,
        "ticket_id": ticket_id,
        "route": route,
        "product_id": product_id,
        "cause": cause,
        "severity": severity,
        "compensation_jpy": paid if draws.chance(0.6) else 0,
        "text_en": text["en"],
        "text_ja": text["ja"],
    }


def proactive_rows(everyone: Sequence[Person], breakages: Sequence[Breakage]) -> list[Row]:
    """Times the company got in touch before the customer had to ask, and mere advertising."""
    draws = Draws("proactive_contacts")
    rows: list[Row] = []
    for day in DAYS:
        growing = 0.45 + 0.9 * DAYS.index(day) / len(DAYS)
        for _ in range(draws.poisson(growing if day.isoweekday() < 6 else 0)):
            reason = draws.choose({"delay_notice": 30, "refill_reminder": 34, "care_tip": 20, "check_in": 16})
            rows.append(_contact(draws, day, _somebody(draws, everyone, day).id, reason))
        for _ in range(draws.poisson(0.45)):
            rows.append(_contact(draws, day, _somebody(draws, everyone, day).id, "advertising"))
    told = sorted(
        {one.customer_id for one in breakages if one.customer_id and one.found.date() < PULP_INSERT}
    )
    rows += [
        _contact(draws, PULP_INSERT + timedelta(draws.below(10)), customer_id, "recall_notice")
        for customer_id in told
        if draws.chance(0.7)
    ]
    rows.sort(key=lambda row: (row["date"], row["customer_id"]))
    return [{"contact_id": f"A{number:04}", **row} for number, row in enumerate(rows, 1)]


def _contact(draws: Draws, day: date, customer_id: str, reason: str) -> Row:
    channel = draws.choose({"email": 55, "line": 30, "phone": 15})
    return {"date": min(day, LAST), "customer_id": customer_id, "reason": reason, "channel": channel}


def operator_effects(staff: Sequence[Employee]) -> dict[str, float]:
    """How far each operator's ratings lie from the team's; the third one needs training."""
    operators = [one.id for one in staff if one.function == "support" and one.left is None]
    effects = dict.fromkeys(operators, 0.0)
    effects[operators[2]] = -0.75
    effects[operators[0]] = 0.2
    return effects


def waiting_effect(ticket: Ticket) -> float:
    """How many points of satisfaction the wait for the first response cost."""
    responded = ticket.row["first_response"] or EXTRACTED
    hours_by_the_clock = max((responded - ticket.row["opened"]) / timedelta(hours=1), 0.0)
    return -0.26 * sqrt(ticket.wait / 60) - 0.07 * sqrt(hours_by_the_clock)
