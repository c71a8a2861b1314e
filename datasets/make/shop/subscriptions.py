"""The bean subscription: plans, launch offers, and how long people stay."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from datasets.make.draws import Draws
from datasets.make.japan import month_after
from datasets.make.package import Row
from datasets.make.shop.people import Person
from datasets.make.shop.story import FIRST, LAST

PLANS = {"light": 1980, "standard": 3480, "roaster": 5980}
OFFERS = ((date(2023, 4, 1), date(2023, 6, 30)), (date(2023, 11, 1), date(2024, 1, 31)),
          (date(2024, 6, 1), date(2024, 8, 31)))  # fmt: skip
TAKE_UP = {"home": 0.3, "enthusiast": 0.48, "gift": 0.12, "office": 0.42}
REASONS = {"price": 30, "too_many_beans": 26, "taste": 12, "moved": 8, "other_supplier": 14, "other": 10}
REASONS_AFTER_OFFER = {"price": 68, "too_many_beans": 14, "other_supplier": 12, "other": 6}


def subscription_rows(everyone: Sequence[Person]) -> list[Row]:
    """The table of subscriptions by start; the service began on the first day of the data."""
    draws = Draws("subscriptions")
    rows = sorted(
        (row for person in everyone for row in _subscriptions(draws, person)),
        key=lambda row: (row["started"], row["customer_id"]),
    )
    ended = [at for at, row in enumerate(rows) if row["ended"]]
    for at in draws.sample(ended, 27):
        rows[at]["end_reason"] = None
    return [{"subscription_id": f"S{number:04}", **row} for number, row in enumerate(rows, 1)]


def _subscriptions(draws: Draws, person: Person) -> Iterator[Row]:
    begin = max(person.joined, FIRST)
    while draws.chance(TAKE_UP[person.segment]):
        started = _start(draws, begin)
        if started > LAST:
            return
        row = _subscription(draws, person, started)
        yield row
        if not row["ended"] or not draws.chance(0.3):
            return
        begin = row["ended"] + timedelta(60)


def _start(draws: Draws, begin: date) -> date:
    started = begin + timedelta(draws.below(420))
    in_offer = [offer for offer in OFFERS if offer[1] >= begin]
    if in_offer and draws.chance(0.45):
        opens, closes = in_offer[0]
        opens = max(opens, begin)
        started = opens + timedelta(draws.below((closes - opens).days + 1))
    return started


def _subscription(draws: Draws, person: Person, started: date) -> Row:
    plan = draws.choose({"light": 44, "standard": 41, "roaster": 15})
    offered = any(opens <= started <= closes for opens, closes in OFFERS) and draws.chance(0.85)
    ended, months = started, 0
    while ended <= LAST:
        months += 1
        ended = month_after(ended).replace(day=min(started.day, 28))
        if draws.chance(_monthly_loss(months, offered, person)):
            break
    gone = ended <= LAST
    after_offer = offered and 3 <= months <= 5
    reason = draws.choose(REASONS_AFTER_OFFER if after_offer else REASONS)
    return {
        "customer_id": person.id,
        "plan": plan,
        "monthly_jpy": PLANS[plan],
        "discount_percent": 50 if offered else 0,
        "discount_months": 3 if offered else 0,
        "started": started,
        "ended": ended if gone else None,
        "end_reason": reason if gone else None,
    }


def _monthly_loss(month: int, offered: bool, person: Person) -> float:
    # With an offer the first payment at full price is the fourth: many leave just before it.
    usual = 0.032 - 0.006 * person.attitude
    if not offered:
        return max(usual + (0.015 if month == 1 else 0), 0.008)
    return {1: 0.012, 2: 0.018, 3: 0.22, 4: 0.12, 5: 0.07}.get(month, max(usual + 0.008, 0.01))
