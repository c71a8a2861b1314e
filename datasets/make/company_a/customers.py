"""Registered customers, a random sample of them, and the devices that they registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from datasets.make.company_a.sales import Product, products
from datasets.make.company_a.story import DAYS, FIRST, LAST, NEW_INTERFACE, ROUND_THE_CLOCK, months_between
from datasets.make.draws import Draws
from datasets.make.japan import AGE_BANDS, REGION_OF, RESIDENTS, month_after
from datasets.make.package import Row

REGISTERED_BEFORE = 760
REGISTERED_LATER = 300
OLDER = ("60-69", "70+")
# Chance a month of closing the account: as things were, with the new interface, with help at all hours.
LEAVING = (0.0195, 0.0135, 0.0105)
# Chance a month of buying another device, before and with the new models.
BUYING = (0.009, 0.015)
NOT_UPDATED = 0.17
UNTOLD_AGES = 34
REGISTERED_TWICE = 7


@dataclass(frozen=True, slots=True)
class Customer:
    """A registered household; `attitude` is in standard deviations and in no file."""

    id: str
    registered: date
    age_band: str
    region: str
    attitude: float
    left: date | None

    @property
    def older(self) -> bool:
        return self.age_band in OLDER

    def here(self, day: date) -> bool:
        """Whether the account is open on a day."""
        return self.registered <= day and (self.left is None or day < self.left)


@dataclass(frozen=True, slots=True)
class Device:
    """An appliance that a customer registered; `updated` when its owner lets it take new software."""

    id: str
    customer: Customer
    product: Product
    registered: date
    updated: bool

    def new_interface(self, day: date) -> bool:
        """Whether it has the new interface on a day."""
        return self.product.new_interface or (self.updated and day >= NEW_INTERFACE)


def customers() -> list[Customer]:
    """The sample, by the day of registration."""
    draws = Draws("company_a/customers")
    days = [FIRST - timedelta(draws.between(1, 720)) for _ in range(REGISTERED_BEFORE)]
    # More register in the second year, when the new models sell.
    days += [
        DAYS[int(max(draws.uniform(), draws.uniform()) * len(DAYS))]
        if draws.chance(0.5)
        else draws.pick(DAYS)
        for _ in range(REGISTERED_LATER)
    ]
    return [_customer(draws, f"C{number:04}", day) for number, day in enumerate(sorted(days), 1)]


def _customer(draws: Draws, id: str, registered: date) -> Customer:
    attitude = draws.normal()
    left = None
    day = month_after(max(registered, FIRST))
    while left is None and day <= LAST:
        chance = LEAVING[(day >= NEW_INTERFACE) + (day >= ROUND_THE_CLOCK)]
        if draws.chance(max(chance * (1 - 0.4 * attitude), 0.002)):
            left = day + timedelta(draws.below(28))
        day = month_after(day)
    age_band, region = draws.choose(AGE_BANDS), REGION_OF[draws.choose(RESIDENTS)]
    return Customer(id, registered, age_band, region, attitude, left)


def customer_rows(everyone: Sequence[Customer]) -> list[Row]:
    """The table of customers."""
    untold = {one.id for one in Draws("company_a/customer_rows").sample(everyone, UNTOLD_AGES)}
    return [
        {
            "customer_id": one.id,
            "registered": one.registered,
            "age_band": None if one.id in untold else one.age_band,
            "region": one.region,
            "left": one.left,
        }
        for one in everyone
    ]


def devices(everyone: Sequence[Customer]) -> list[Device]:
    """Every registered device, by the day of registration."""
    draws = Draws("company_a/devices")
    range_ = products()
    found: list[tuple[date, Customer, Product, bool]] = []
    for customer in everyone:
        days = [customer.registered]
        day = month_after(customer.registered)
        while day <= LAST and customer.here(day + timedelta(27)):
            chance = BUYING[day >= NEW_INTERFACE] * (1 + 0.4 * customer.attitude)
            if draws.chance(max(chance, 0.001)):
                days.append(day + timedelta(draws.below(28)))
            day = month_after(day)
        for at in days:
            on_sale = {one: one.monthly * _freshness(one, at) for one in range_ if one.launched <= at}
            found.append((at, customer, draws.choose(on_sale), not draws.chance(NOT_UPDATED)))
    found.sort(key=lambda one: (one[0], one[1].id))
    return [
        Device(f"V{number:04}", customer, product, at, updated)
        for number, (at, customer, product, updated) in enumerate(found, 1)
    ]


def _freshness(product: Product, day: date) -> float:
    return max(1.0 - 0.03 * months_between(product.launched, day), 0.15)


def device_rows(owned: Sequence[Device]) -> list[Row]:
    """The table of devices; some were registered twice."""
    draws = Draws("company_a/device_rows")
    rows: list[Row] = [
        {
            "device_id": one.id,
            "customer_id": one.customer.id,
            "product_id": one.product.id,
            "registered": one.registered,
        }
        for one in owned
    ]
    twice = draws.sample(rows, REGISTERED_TWICE)
    rows += [{**row, "device_id": f"V{len(rows) + number:04}"} for number, row in enumerate(twice, 1)]
    return rows
