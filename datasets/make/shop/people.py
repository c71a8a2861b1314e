"""Customers: who they are, what they are like, and what the company has on file about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from datasets.make.draws import Draws
from datasets.make.japan import AGE_BANDS, REGION_OF, RESIDENTS, month_after
from datasets.make.package import Row
from datasets.make.shop.story import DAYS, FIRST, LAST, MONTHS, OLDER

PEOPLE = 2400
JOINED_BEFORE = 1100
SEGMENTS = {"home": 52, "enthusiast": 22, "gift": 18, "office": 8}
CHANNELS = {"search": 27, "social": 24, "referral": 14, "shop": 16, "marketplace": 13, "event": 6}
CHANNELS_OLDER = {"search": 22, "social": 6, "referral": 18, "shop": 34, "marketplace": 14, "event": 6}


@dataclass(frozen=True, slots=True)
class Person:
    """A customer, with what no file says.

    `rate` is in orders a month and `attitude` in standard deviations; `until` is the day on which she
    stops buying for good.
    """

    id: str
    joined: date
    age_band: str
    prefecture: str
    acquisition_channel: str
    segment: str
    rate: float
    attitude: float
    until: date
    gear_taste: str
    beans_taste: str

    @property
    def region(self) -> str:
        return REGION_OF[self.prefecture]

    @property
    def older(self) -> bool:
        return self.age_band in OLDER


def people() -> list[Person]:
    """Every customer, by the day of joining."""
    draws = Draws("customers")
    earlier = [FIRST - timedelta(draws.between(1, 730)) for _ in range(JOINED_BEFORE)]
    later = [draws.pick(DAYS) for _ in range(PEOPLE - JOINED_BEFORE)]
    return [_person(draws, f"C{at:04}", joined) for at, joined in enumerate(sorted(earlier + later), 1)]


def _person(draws: Draws, id: str, joined: date) -> Person:
    age_band = draws.choose(AGE_BANDS)
    older = age_band in OLDER
    # Some buy much from habit and would not say a good word; some buy much because they love it.
    kind = draws.choose({"usual": 83, "habit": 9, "fan": 8})
    rate = draws.lognormal(0.078, 0.9) if kind == "usual" else draws.lognormal(0.6, 0.5)
    attitude = {"usual": 0.0, "habit": -1.35, "fan": 1.3}[kind] + draws.normal() * (
        0.9 if kind == "usual" else 0.4
    )
    monthly_loss = 0.03 - 0.008 * attitude if kind == "usual" else 0.008
    tastes = {"natural": 3, "mono": 2, "retro": 5} if older else {"natural": 4, "mono": 4, "retro": 2}
    roasts = {"bright": 1, "balanced": 3, "deep": 5} if older else {"bright": 4, "balanced": 4, "deep": 2}
    return Person(
        id=id,
        joined=joined,
        age_band=age_band,
        prefecture=draws.choose(RESIDENTS),
        acquisition_channel=draws.choose(CHANNELS_OLDER if older else CHANNELS),
        segment=draws.choose(SEGMENTS),
        rate=rate,
        attitude=attitude,
        until=_leaving(draws, joined, max(monthly_loss, 0.006)),
        gear_taste=draws.choose(tastes),
        beans_taste=draws.choose(roasts),
    )


def _leaving(draws: Draws, joined: date, monthly_loss: float) -> date:
    day = joined
    while day <= LAST and not draws.chance(monthly_loss):
        day = month_after(day) + timedelta(draws.between(0, 27))
    return day


def active_months(person: Person) -> Iterator[date]:
    """The first days of the months of the two years in which a person may buy."""
    return (month for month in MONTHS if person.joined.replace(day=1) <= month < person.until)


def customer_rows(everyone: Sequence[Person]) -> list[Row]:
    """The table of customers."""
    draws = Draws("customer_rows")
    untold = {person.id for person in draws.sample(everyone, 92)}
    misspelt = {
        person.id for person in draws.sample([one for one in everyone if one.region != "hokkaido"], 31)
    }
    return [
        {
            "customer_id": person.id,
            "joined": person.joined,
            "age_band": "unknown" if person.id in untold else person.age_band,
            "prefecture": draws.pick(_spellings(person.prefecture))
            if person.id in misspelt
            else person.prefecture,
            "region": person.region,
            "acquisition_channel": person.acquisition_channel,
            "segment": person.segment,
        }
        for person in everyone
    ]


def _spellings(prefecture: str) -> list[str]:
    return [
        prefecture.lower(),
        prefecture.upper(),
        f"{prefecture}-ken" if prefecture != "Tokyo" else "Tokyo-to",
    ]


def contact_rows(everyone: Sequence[Person]) -> list[Row]:
    """What the customer register holds, with gaps, old spellings and people entered twice."""
    draws = Draws("contact_records")
    known = draws.sample(everyone, 960)
    twice = draws.sample(known, 38)
    rows = []
    for at, person in enumerate(known + twice, 1):
        held_back = 0.22 if person.acquisition_channel in ("shop", "event") else 0.07
        updated = max(person.joined, FIRST) if draws.chance(0.5) else person.joined
        rows.append(
            {
                "record_id": f"R{at:04}",
                "customer_id": person.id,
                "email": draws.pick(["", "N/A"]) if draws.chance(held_back) else _email(draws, person),
                "phone": draws.pick(["", "不明", "-"]) if draws.chance(held_back * 2) else _phone(draws),
                "postcode": "" if draws.chance(held_back) else _postcode(draws),
                "birth_year": None if draws.chance(0.31) else _birth_year(draws, person),
                "consent": None if draws.chance(0.05) else draws.chance(0.71),
                "updated": updated + timedelta(draws.below((LAST - updated).days + 1)),
            }
        )
    return rows


def _email(draws: Draws, person: Person) -> str:
    right = f"{person.id.lower()}@example.com"
    wrong = [right.replace("@", ""), right.replace(".com", ",com"), right.replace("@", "＠"), f"{right} "]
    return draws.pick(wrong) if draws.chance(0.04) else right


def _phone(draws: Draws) -> str:
    # No area code begins with 00: nobody has these numbers.
    right = f"000-{draws.below(10000):04}-{draws.below(10000):04}"
    full_width = right.translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
    return draws.pick([full_width, right.replace("-", ""), right[:-1]]) if draws.chance(0.09) else right


def _postcode(draws: Draws) -> str:
    right = f"{draws.between(1, 999):03}-{draws.below(10000):04}"
    return draws.pick([right.replace("-", ""), f"〒{right}"]) if draws.chance(0.07) else right


def _birth_year(draws: Draws, person: Person) -> int:
    if draws.chance(0.02):
        return draws.pick([1900, 2025])
    youngest = int(person.age_band[:2])
    return 2024 - draws.between(youngest, min(youngest // 10 * 10 + 9, 84))
