"""Campaigns, what they cost, the leads that came, and a sample of visits to the web shop."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zlib import crc32

from datasets.make.draws import Draws
from datasets.make.japan import time_on
from datasets.make.package import Row
from datasets.make.shop.people import CHANNELS, Person
from datasets.make.shop.story import DAYS, EVENING, FIRST, LAST, MONTHS, QUARTERS, season

# purpose, personalised, channel, audience, name
KINDS = (
    ("retention", True, "email", "home", "Refill letter for your dripper", "ドリッパー別 詰め替え便り"),
    ("retention", True, "email", "enthusiast", "Beans picked by your tasting notes", "味の好み別 おすすめ豆"),
    ("retention", True, "email", "gift", "Reminder of your gift days", "贈り物の日のお知らせ"),
    ("retention", False, "email", None, "Seasonal coupon for everyone", "全員に贈る季節クーポン"),
    ("retention", False, "direct_mail", None, "Printed catalogue", "カタログ郵送"),
    ("acquisition", False, "social", None, "Drip diary videos", "ドリップ日記 動画"),
    ("acquisition", False, "search", None, "First brew search ads", "はじめての一杯 検索広告"),
    ("acquisition", False, "event", None, "Tasting at craft markets", "クラフト市での試飲会"),
    ("acquisition", True, "social", "enthusiast", "Advice by brewing style", "淹れ方別アドバイス配信"),
)
MONTHLY_SPEND = {
    "search": 170_000,
    "social": 140_000,
    "marketplace": 70_000,
    "event": 60_000,
    "referral": 30_000,
}
UNCONVERTED = 1080
SESSIONS = 2100
STEPS = ("visit", "view_item", "add_to_cart", "checkout", "purchase")
GOES_ON = {
    "mobile": (0.62, 0.31, 0.58, 0.47),
    "desktop": (0.66, 0.36, 0.71, 0.76),
    "tablet": (0.64, 0.32, 0.66, 0.62),
}
UNTRACKED_SESSIONS = 17


@dataclass(frozen=True, slots=True)
class Campaign:
    """Something the company did to win or keep customers; no segment means everyone."""

    id: str
    name_en: str
    name_ja: str
    purpose: str
    personalised: bool
    channel: str
    segment: str | None
    starts: date
    ends: date
    reached: int


def campaigns() -> list[Campaign]:
    """Three to six campaigns a quarter, personalised ones growing more common."""
    draws = Draws("campaigns")
    found: list[Campaign] = []
    for number, begin in enumerate(QUARTERS):
        weighed = [kind for kind in KINDS if draws.chance((0.2 + 0.07 * number) if kind[1] else 0.42)]
        for purpose, personalised, channel, segment, en, ja in weighed or [KINDS[3]]:
            starts = begin + timedelta(draws.between(3, 50))
            year_month = (f"{starts:%Y-%m}", f"{starts.year}年{starts.month}月")
            found.append(
                Campaign(
                    id=f"K{len(found) + 1:02}",
                    name_en=f"{en}, {year_month[0]}",
                    name_ja=f"{ja} {year_month[1]}",
                    purpose=purpose,
                    personalised=personalised,
                    channel=channel,
                    segment=segment,
                    starts=starts,
                    ends=starts + timedelta(draws.between(13, 34)),
                    reached=int(
                        draws.lognormal(420 if segment else 1100, 0.25)
                        * (14 if purpose == "acquisition" else 1)
                    ),
                )
            )
    return found


def campaign_rows(all_campaigns: Sequence[Campaign]) -> list[Row]:
    """The table of campaigns."""
    return [
        {
            "campaign_id": one.id,
            "name_en": one.name_en,
            "name_ja": one.name_ja,
            "purpose": one.purpose,
            "personalised": one.personalised,
            "channel": one.channel,
            "segment": one.segment,
            "starts": one.starts,
            "ends": one.ends,
            "reached": one.reached,
        }
        for one in all_campaigns
    ]


def spend_rows(all_campaigns: Sequence[Campaign]) -> list[Row]:
    """What winning and keeping customers cost, month by month, people's time included."""
    draws = Draws("spend")
    lines: list[tuple[date, str, str, str | None, str | None, int | None]] = []
    for month in MONTHS:
        growth = 1.0 + 0.01 * MONTHS.index(month)
        for channel, usual in MONTHLY_SPEND.items():
            media = _thousands(draws.lognormal(usual * growth * season(month), 0.12))
            lines.append((month, "acquisition", "media", channel, None, media))
        lines.append((month, "acquisition", "staff", None, None, _thousands(230_000 * growth)))
        lines.append((month, "acquisition", "tools", None, None, 42_000))
        lines.append((month, "retention", "staff", None, None, _thousands(185_000 * growth)))
        lines.append((month, "retention", "tools", None, None, 38_000))
    for one in all_campaigns:
        usual = 160_000 if one.purpose == "acquisition" else 48_000 + 90 * one.reached
        kind = "agency" if one.purpose == "acquisition" else "media"
        amount = _thousands(draws.lognormal(usual, 0.2))
        lines.append((one.starts.replace(day=1), one.purpose, kind, one.channel, one.id, amount))
    lines.append((date(2024, 3, 1), "acquisition", "media", "search", None, -84_000))
    missing = draws.sample(
        [at for at, line in enumerate(lines) if line[0] == MONTHS[-1] and line[2] == "media"], 3
    )
    for at_ in missing:
        lines[at_] = (*lines[at_][:5], None)
    lines.sort(key=lambda line: line[:3])
    return [
        {
            "spend_id": f"X{number:03}",
            "month": f"{month:%Y-%m}",
            "purpose": purpose,
            "kind": kind,
            "channel": channel,
            "campaign_id": campaign_id,
            "amount_jpy": amount,
        }
        for number, (month, purpose, kind, channel, campaign_id, amount) in enumerate(lines, 1)
    ]


def _thousands(amount: float) -> int:
    return int(amount / 1000) * 1000


def lead_rows(everyone: Sequence[Person], all_campaigns: Sequence[Campaign]) -> list[Row]:
    """People who asked to hear more, and which of them bought."""
    draws = Draws("leads")
    rows = []
    for person in everyone:
        if person.joined >= FIRST and draws.chance(0.52):
            created = max(person.joined - timedelta(draws.below(61)), FIRST)
            rows.append(_lead(draws, created, person.acquisition_channel, all_campaigns, person))
    for _ in range(UNCONVERTED):
        rows.append(_lead(draws, draws.pick(DAYS), draws.choose(CHANNELS), all_campaigns, None))
    again = draws.sample([row for row in rows if not row["customer_id"]], 34)
    rows += [row | {"created": min(row["created"] + timedelta(draws.between(1, 40)), LAST)} for row in again]
    for row in draws.sample(rows, 21):
        row["source"] = None
    rows.sort(key=lambda row: (row["created"], row["contact_hash"]))
    return [{"lead_id": f"L{number:04}", **row} for number, row in enumerate(rows, 1)]


def _lead(
    draws: Draws, created: date, source: str, all_campaigns: Sequence[Campaign], person: Person | None
) -> Row:
    running = [
        one.id
        for one in all_campaigns
        if one.purpose == "acquisition" and one.channel == source and one.starts <= created <= one.ends
    ]
    qualified = created + timedelta(draws.between(0, 9))
    if person:
        qualified = min(qualified, person.joined)
    return {
        "created": created,
        "source": source,
        "campaign_id": draws.pick(running) if running and draws.chance(0.6) else None,
        "contact_hash": f"{crc32(str(draws.uniform()).encode()):08x}",
        "qualified": qualified if qualified <= LAST and (person or draws.chance(0.38)) else None,
        "converted": person.joined if person else None,
        "customer_id": person.id if person else None,
    }


def web_event_rows(everyone: Sequence[Person]) -> list[Row]:
    """A sample of sessions in the web shop, one row for each step that was seen."""
    draws = Draws("web_events")
    visits = []
    for _ in range(SESSIONS):
        visits.append((time_on(draws, draws.pick(DAYS[:-1]), EVENING), draws.pick(everyone)))
    sessions = [
        list(_session(draws, begin, person)) for begin, person in sorted(visits, key=lambda visit: visit[0])
    ]
    blocked = draws.sample([session for session in sessions if len(session) >= 4], UNTRACKED_SESSIONS)
    for session in blocked:
        del session[draws.between(1, len(session) - 2)]
    return [{"session_id": f"W{number:04}", **row} for number, rows in enumerate(sessions, 1) for row in rows]


def _session(draws: Draws, begin: datetime, person: Person) -> Iterator[Row]:
    device = draws.choose(
        {"mobile": 30, "desktop": 50, "tablet": 20}
        if person.older
        else {"mobile": 68, "desktop": 27, "tablet": 5}
    )
    source = draws.choose({"search": 34, "direct": 26, "social": 20, "email": 12, "referral": 8})
    reached = 0
    while reached < 4 and draws.chance(GOES_ON[device][reached]):
        reached += 1
    known = person.joined < begin.date() < person.until and draws.chance(0.9 if reached == 4 else 0.3)
    moment = begin
    for step in STEPS[: reached + 1]:
        yield {
            "time": moment,
            "step": step,
            "device": device,
            "source": source,
            "customer_id": person.id if known else None,
        }
        moment += timedelta(seconds=draws.between(8, 240))
