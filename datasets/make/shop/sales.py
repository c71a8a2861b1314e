"""What customers bought and sent back, and what arrived broken."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from datasets.make.draws import Draws
from datasets.make.japan import time_on
from datasets.make.package import Row
from datasets.make.shop.marketing import Campaign
from datasets.make.shop.people import Person, active_months
from datasets.make.shop.products import Product, products
from datasets.make.shop.story import (
    DAYS,
    DAYTIME,
    EVENING,
    EXTRACTED,
    FIRST,
    LAST,
    PULP_INSERT,
    season,
    thinly_packed,
)

CATEGORIES = {
    "home": {"beans": 42, "filter": 20, "dripper": 10, "glass": 12, "kettle": 6, "grinder": 6, "scale": 4},
    "enthusiast": {
        "beans": 50,
        "filter": 14,
        "dripper": 9,
        "glass": 9,
        "kettle": 6,
        "grinder": 7,
        "scale": 5,
    },
    "gift": {"beans": 22, "filter": 6, "dripper": 18, "glass": 30, "kettle": 12, "grinder": 9, "scale": 3},
    "office": {"beans": 56, "filter": 26, "dripper": 4, "glass": 7, "kettle": 4, "grinder": 3},
}
BRANDS = {
    "home": {"tomoshibi": 5, "akari": 4, "guest": 2, "kura": 1},
    "enthusiast": {"tomoshibi": 4, "akari": 1, "guest": 5, "kura": 4},
    "gift": {"tomoshibi": 5, "akari": 2, "guest": 2, "kura": 4},
    "office": {"tomoshibi": 6, "akari": 4, "guest": 1, "kura": 1},
}
SALES_CHANNELS = {"web": 64, "marketplace": 17, "shop": 16, "phone": 3}
SALES_CHANNELS_OLDER = {"web": 34, "marketplace": 12, "shop": 34, "phone": 20}
FRAGILE = ("glass",)
GUEST_ORDERS = 190
DUPLICATES = 26
REFUNDS_FROM_BEFORE = 7
BULK_ORDERS = 5


@dataclass(frozen=True, slots=True)
class Breakage:
    """Something that arrived broken, and when the buyer found it."""

    customer_id: str | None
    product_id: str
    found: datetime


def transactions(
    everyone: Sequence[Person], campaigns: Sequence[Campaign]
) -> tuple[list[Row], list[Breakage]]:
    """The table of transactions by time, and what arrived broken."""
    draws = Draws("transactions")
    range_ = products()
    sales = [line for person in everyone for line in _purchases(draws, person, range_, campaigns)]
    sales += [line for _ in range(GUEST_ORDERS) for line in _guest_order(draws, range_)]
    for person in draws.sample([one for one in everyone if one.segment == "office"], BULK_ORDERS):
        sales += _order(draws, person, draws.pick(DAYS), range_, None, quantity=draws.between(40, 90))
    breakages = list(_breakages(draws, sales, {one.id for one in range_ if one.category in FRAGILE}))
    broken = {id(line) for line, _ in breakages}
    refunds = [
        _refund(draws, line)
        for line in sales
        if draws.chance(0.55 if id(line) in broken else 0.016) and line["time"].date() < LAST - timedelta(22)
    ]
    refunded = {id(line["refund_of"]) for line in refunds}
    early = [line for line in sales if line["time"].date() < FIRST + timedelta(60)]
    unpaired = draws.sample(early, REFUNDS_FROM_BEFORE)
    refunds += [{**_refund(draws, line), "refund_of": None} for line in unpaired]
    kept = [line for line in sales if id(line) not in refunded]
    twice = [dict(line) for line in draws.sample(kept, DUPLICATES)]
    return _numbered(sales + refunds + twice), [breakage for _, breakage in breakages]


def _purchases(
    draws: Draws, person: Person, range_: Sequence[Product], campaigns: Sequence[Campaign]
) -> Iterator[Row]:
    if person.joined >= FIRST:
        yield from _order(draws, person, person.joined, range_, None)
    for month in active_months(person):
        gifts = 2.6 if person.segment == "gift" and month.month in (5, 6, 12) else 1.0
        for _ in range(draws.poisson(person.rate * season(month) * gifts)):
            day = month + timedelta(draws.below(28))
            if person.joined < day < person.until:
                yield from _order(draws, person, day, range_, _coupon(draws, person, day, campaigns))


def _coupon(draws: Draws, person: Person, day: date, campaigns: Sequence[Campaign]) -> Campaign | None:
    for one in campaigns:
        runs = one.purpose == "retention" and one.starts <= day <= one.ends
        meant = one.segment in (None, person.segment)
        if runs and meant and draws.chance(0.3 if one.personalised else 0.09):
            return one
    return None


def _guest_order(draws: Draws, range_: Sequence[Product]) -> list[Row]:
    guest = Person(
        id="",
        joined=FIRST,
        age_band="30-39",
        prefecture="Tokyo",
        acquisition_channel="shop",
        segment=draws.choose({"home": 6, "gift": 4}),
        rate=0.0,
        attitude=0.0,
        until=LAST,
        gear_taste=draws.pick(["natural", "mono", "retro"]),
        beans_taste=draws.pick(["bright", "balanced", "deep"]),
    )
    return [{**line, "customer_id": None} for line in _order(draws, guest, draws.pick(DAYS), range_, None)]


def _order(
    draws: Draws,
    person: Person,
    day: date,
    range_: Sequence[Product],
    campaign: Campaign | None,
    quantity: int = 0,
) -> list[Row]:
    channel = draws.choose(SALES_CHANNELS_OLDER if person.older else SALES_CHANNELS)
    time = time_on(draws, day, EVENING if channel in ("web", "marketplace") else DAYTIME)
    # The hours after midnight belong to the next day.
    if time.hour < 4:
        time = min(time + timedelta(days=1), EXTRACTED - timedelta(seconds=1 + draws.below(7000)))
    lines = []
    for product in _basket(draws, person, range_):
        pieces = quantity or _pieces(draws, product)
        amount = product.price * pieces * (9 if campaign else 10) // 10
        lines.append(
            {
                "time": time,
                "customer_id": person.id,
                "kind": "sale",
                "product_id": product.id,
                "channel": channel,
                "quantity": pieces,
                "amount_jpy": amount,
                "campaign_id": campaign.id if campaign else None,
                "refund_of": None,
            }
        )
        if quantity:
            break
    return lines


def _basket(draws: Draws, person: Person, range_: Sequence[Product]) -> list[Product]:
    basket: list[Product] = []
    for _ in range(draws.choose({1: 70, 2: 22, 3: 8})):
        category = draws.choose(CATEGORIES[person.segment])
        taste = person.beans_taste if category == "beans" else person.gear_taste
        weights = {
            one: BRANDS[person.segment][one.brand] * (4 if one.taste == taste else 1)
            for one in range_
            if one.category == category and one not in basket
        }
        if weights:
            basket.append(draws.choose(weights))
    return basket


def _pieces(draws: Draws, product: Product) -> int:
    if product.category in ("beans", "filter"):
        return draws.choose({1: 60, 2: 28, 3: 9, 5: 3})
    return draws.choose({1: 93, 2: 7}) if product.category in ("glass", "dripper") else 1


def _breakages(draws: Draws, sales: Sequence[Row], fragile: set[str]) -> Iterator[tuple[Row, Breakage]]:
    for line in sales:
        sent = line["time"].date()
        if line["product_id"] in fragile and line["channel"] != "shop":
            chance = 0.27 if thinly_packed(sent) else 0.04 if sent >= PULP_INSERT else 0.012
            found = time_on(draws, sent + timedelta(draws.between(2, 5)), DAYTIME)
            if draws.chance(chance) and found < EXTRACTED:
                yield line, Breakage(line["customer_id"], line["product_id"], found)


def _refund(draws: Draws, line: Row) -> Row:
    later = line["time"].date() + timedelta(draws.between(6, 21))
    return line | {
        "time": time_on(draws, later, DAYTIME),
        "kind": "refund",
        "quantity": -line["quantity"],
        "amount_jpy": -line["amount_jpy"],
        "refund_of": line,
    }


def _numbered(lines: list[Row]) -> list[Row]:
    lines.sort(key=lambda line: line["time"])
    for number, line in enumerate(lines, 1):
        line["transaction_id"] = f"T{number:05}"
    for line in lines:
        line["time"] = line["time"].astimezone(UTC)
        if line["refund_of"]:
            line["refund_of"] = line["refund_of"]["transaction_id"]
    return lines
