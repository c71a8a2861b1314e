"""Surveys, which some answer less than others, and what people write in public."""

from collections.abc import Sequence
from datetime import date, timedelta

from datasets.make.draws import Draws
from datasets.make.japan import time_on
from datasets.make.package import Row
from datasets.make.shop.people import Person
from datasets.make.shop.sales import Breakage
from datasets.make.shop.service import TEXTS, Ticket, operator_effects, waiting_effect
from datasets.make.shop.staff import Employee
from datasets.make.shop.story import DAYS, EVENING, EXTRACTED, LAST, PULP_INSERT, QUARTERS, thinly_packed

INVITED_A_QUARTER = 540
ANSWERS = {"18-29": 0.46, "30-39": 0.45, "40-49": 0.42, "50-59": 0.35, "60-69": 0.22, "70+": 0.13}
ANSWERS_BY_CHANNEL = {"line": 1.2, "email": 0.95, "sms": 0.7}
REFUSALS = {"nps": 16, "csat": 11}
EARLY_ANSWERS = 4
PLACES = {"microblog": 42, "photo": 30, "video": 12, "forum": 16}
MENTIONS = 460
OWN_POSTS = 216


def survey_rows(
    everyone: Sequence[Person],
    all_tickets: Sequence[Ticket],
    breakages: Sequence[Breakage],
    staff: Sequence[Employee],
) -> list[Row]:
    """One row for every invitation: the quarterly survey, and one after a ticket is resolved."""
    draws = Draws("surveys")
    broken = {one.customer_id: one.found.date() for one in breakages}
    rows: list[Row] = []
    for begin in QUARTERS:
        asked = begin + timedelta(46)
        customers = [one for one in everyone if one.joined < begin and one.until > begin - timedelta(180)]
        for person in draws.sample(customers, INVITED_A_QUARTER):
            rows.append(_relationship(draws, person, asked, broken.get(person.id)))
    effects = operator_effects(staff)
    for ticket in all_tickets:
        if ticket.person and ticket.row["resolved"] and draws.chance(0.85):
            rows.append(_support(draws, ticket, ticket.person, effects))
    for row in rows:
        if row["answered"] and row["answered"] > LAST:
            row |= {"answered": None, "csat": None, "nps": None, "ces": None}
    for column, size in REFUSALS.items():
        for row in draws.sample([row for row in rows if row[column] is not None], size):
            row[column] = 99
    for row in draws.sample([row for row in rows if row["answered"]], EARLY_ANSWERS):
        row["answered"] = row["invited"] - timedelta(draws.between(1, 3))
    rows.sort(key=lambda row: (row["invited"], row["customer_id"]))
    return [{"invitation_id": f"V{number:04}", **row} for number, row in enumerate(rows, 1)]


def _relationship(draws: Draws, person: Person, asked: date, broke: date | None) -> Row:
    mood = person.attitude - (0.35 if person.older else 0) - (0.3 if thinly_packed(asked) else 0)
    if broke and broke < asked:
        mood -= 1.1 if asked < PULP_INSERT else 0.5
    mood += 0.25 * min(max((asked - PULP_INSERT).days, 0), 90) / 90
    csat = draws.score(3.75 + 0.55 * mood + 0.55 * draws.normal(), 1, 5)
    nps = draws.score(7.2 + 1.75 * mood + 0.9 * draws.normal(), 0, 10)
    row = _invitation(draws, person, asked, 1.0)
    if row["answered"]:
        row |= {"csat": csat, "nps": None if draws.chance(0.02) else nps}
    return row


def _support(draws: Draws, ticket: Ticket, person: Person, effects: dict[str, float]) -> Row:
    wait = waiting_effect(ticket) + effects.get(ticket.row["operator_id"], 0.0)
    handed = -0.4 if ticket.row["handed_over_to"] else 0.0
    csat = draws.score(4.5 + wait + 0.5 * handed + 0.15 * person.attitude + 0.65 * draws.normal(), 1, 5)
    ces = draws.score(5.8 + 0.9 * wait + 2 * handed - (0.6 if person.older else 0) + draws.normal(), 1, 7)
    row = _invitation(draws, person, ticket.row["resolved"].date() + timedelta(1), 1.3)
    row |= {"occasion": "support", "ticket_id": ticket.row["ticket_id"]}
    if row["answered"]:
        row |= {"csat": csat, "ces": None if draws.chance(0.04) else ces}
    return row


def _invitation(draws: Draws, person: Person, day: date, willing: float) -> Row:
    channel = draws.choose(
        {"email": 55, "line": 8, "sms": 37} if person.older else {"email": 50, "line": 40, "sms": 10}
    )
    answers = draws.chance(ANSWERS[person.age_band] * ANSWERS_BY_CHANNEL[channel] * willing)
    invited = min(day, LAST)
    return {
        "customer_id": person.id,
        "occasion": "relationship",
        "ticket_id": None,
        "invited": invited,
        "channel": channel,
        "answered": invited + timedelta(draws.choose({0: 50, 1: 22, 2: 10, 4: 9, 7: 6, 11: 3}))
        if answers
        else None,
        "csat": None,
        "nps": None,
        "ces": None,
    }


def social_rows() -> list[Row]:
    """The company's own posts, and what others wrote about it."""
    draws = Draws("social_posts")
    own_days = [DAYS[int((at + draws.uniform()) * len(DAYS) / OWN_POSTS)] for at in range(OWN_POSTS)]
    rows = [_own(draws, day) for day in own_days]
    while len(rows) < OWN_POSTS + MENTIONS:
        day = draws.pick(DAYS)
        if draws.chance(1.0 if thinly_packed(day) else 0.6):
            rows.append(_mention(draws, day))
    mentions = [row for row in rows if row["author"] == "customer"]
    for row in draws.sample(mentions, 24):
        row["sentiment"] = None
    rows.sort(key=lambda row: row["time"])
    return [{"post_id": f"M{number:03}", **row} for number, row in enumerate(rows, 1)]


def _own(draws: Draws, day: date) -> Row:
    text = draws.pick(TEXTS["post"]["own"])
    followers = _followers(day)
    popular = draws.lognormal(0.021, 0.55)
    likes = int(followers * popular)
    return {
        "time": time_on(draws, day, {8: 3, 12: 4, 18: 4, 20: 5}),
        "place": draws.choose({"microblog": 40, "photo": 45, "video": 15}),
        "author": "company",
        "sentiment": None,
        "replied": None,
        "likes": likes,
        "shares": int(likes * (0.05 + 0.08 * draws.uniform())),
        "comments": int(likes * (0.02 + 0.06 * draws.uniform())),
        "followers": followers,
        "text_en": text["en"],
        "text_ja": text["ja"],
    }


def _mention(draws: Draws, day: date) -> Row:
    usual = {"positive": 46, "neutral": 34, "negative": 20}
    sentiment = draws.choose({"positive": 27, "neutral": 27, "negative": 46} if thinly_packed(day) else usual)
    broken = sentiment == "negative" and draws.chance(0.62 if thinly_packed(day) else 0.06)
    text = draws.pick(TEXTS["post"]["broken" if broken else sentiment])
    moment = time_on(draws, day, EVENING)
    replied = moment + timedelta(
        seconds=int(3600 * draws.lognormal(5 if sentiment == "negative" else 9, 1.0))
    )
    answered = draws.chance({"positive": 0.35, "neutral": 0.3, "negative": 0.62}[sentiment])
    likes = int(draws.lognormal(9 if sentiment == "negative" else 5, 1.0))
    return {
        "time": moment,
        "place": draws.choose(PLACES),
        "author": "customer",
        "sentiment": sentiment,
        "replied": replied if answered and replied < EXTRACTED else None,
        "likes": likes,
        "shares": int(likes * 0.3 * draws.uniform()),
        "comments": int(likes * 0.4 * draws.uniform()),
        "followers": None,
        "text_en": text["en"],
        "text_ja": text["ja"],
    }


def _followers(day: date) -> int:
    return 6200 + DAYS.index(day) * 5
