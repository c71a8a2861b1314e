"""What customers say when asked: survey waves, interviews, people who know the brand, posts."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from datasets.make.company_a.customers import Customer, Device
from datasets.make.company_a.story import DAYS, MONTHS, NEW_INTERFACE, ROUND_THE_CLOCK, WAVES, month
from datasets.make.draws import Draws, by_rank
from datasets.make.japan import AGE_BANDS, REGION_OF, RESIDENTS
from datasets.make.package import Row

REMARKS = tomllib.loads((Path(__file__).parent / "remarks.toml").read_text("utf-8"))["remark"]
Counts = Mapping[int, int]
# How many gave each answer in each wave. Satisfied are those who answer 4 or 5: 150, 180 and 195 of 300,
# which is 50 %, 60 % (+20 %) and 65 % (+30 %).
CSAT: Mapping[int, Counts] = {
    1: {5: 45, 4: 105, 3: 84, 2: 45, 1: 21},
    2: {5: 62, 4: 118, 3: 75, 2: 32, 1: 13},
    3: {5: 72, 4: 123, 3: 66, 2: 28, 1: 11},
}
EASE: Mapping[int, Counts] = {
    1: {5: 24, 4: 63, 3: 87, 2: 81, 1: 45},
    2: {5: 54, 4: 105, 3: 81, 2: 42, 1: 18},
    3: {5: 60, 4: 114, 3: 75, 2: 36, 1: 15},
}
ENERGY: Mapping[int, Counts] = {
    1: {5: 30, 4: 72, 3: 102, 2: 66, 1: 30},
    2: {5: 51, 4: 102, 3: 87, 2: 42, 1: 18},
    3: {5: 63, 4: 111, 3: 78, 2: 33, 1: 15},
}
ANSWERED = 300
CANNOT_SAY = 7
SKIPPED = 5
ANSWERS = {"18-29": 0.7, "30-39": 1.0, "40-49": 1.1, "50-59": 1.1, "60-69": 0.9, "70+": 0.6}
# Of 600 who answered in each wave, those who know the brand by name, and who name it unaided.
KNOWN = {1: (240, 57), 2: (267, 71), 3: (288, 84)}
ASKED = 600
UNANSWERED = 12
INTERVIEWS = 18
INTERVIEWED = (date(2023, 11, 6), date(2023, 12, 8))


def customer_survey_rows(everyone: Sequence[Customer], owned: Sequence[Device]) -> list[Row]:
    """One row for every open account in each wave, answered or not."""
    draws = Draws("company_a/customer_survey")
    rows: list[Row] = []
    for wave, day in WAVES.items():
        asked = [one for one in everyone if one.here(day) and one.registered < day - timedelta(30)]
        # Who answers earliest of all: willing is a matter of age, of attitude and of chance.
        wish = {one.id: ANSWERS[one.age_band] * (1 + 0.1 * one.attitude) * draws.uniform() for one in asked}
        ranked = sorted(asked, key=lambda one: -wish[one.id])[: ANSWERED + CANNOT_SAY]
        answers = _answers(draws, wave, day, ranked, owned)
        blank = dict.fromkeys(("answered", "csat", "ease", "energy", "energy_matters", "nps"))
        rows += [{"wave": wave, "customer_id": one.id, **answers.get(one.id, blank)} for one in asked]
    for column in ("ease", "energy", "nps"):
        for row in draws.sample([row for row in rows if row["answered"]], SKIPPED):
            row[column] = None
    return rows


def _answers(
    draws: Draws, wave: int, day: date, ranked: Sequence[Customer], owned: Sequence[Device]
) -> dict[str, Row]:
    undecided = {one.id for one in draws.sample(ranked, CANNOT_SAY)}
    new = {one.customer.id for one in owned if one.registered <= day and one.new_interface(day)}
    ease, energy, csat = {}, {}, {}
    for one in ranked:
        helped = 0.8 if one.id in new else 0.0
        ease[one.id] = 0.5 * one.attitude + helped - (0.6 if one.older else 0.0) + 0.8 * draws.normal()
        energy[one.id] = 0.4 * one.attitude + 0.5 * helped + 0.9 * draws.normal()
        csat[one.id] = (
            0.75 * one.attitude + 0.55 * ease[one.id] + 0.3 * energy[one.id] + 0.55 * draws.normal()
        )
    decided = [one.id for one in ranked if one.id not in undecided]
    found: dict[str, Row] = {}
    for one in ranked:
        level = csat[one.id]
        found[one.id] = {
            "answered": day + timedelta(draws.choose({0: 40, 1: 22, 2: 12, 4: 12, 7: 9, 11: 5})),
            "csat": 99,
            "energy_matters": draws.score(4.0 + 0.25 * one.attitude + 0.85 * draws.normal(), 1, 5),
            "nps": draws.score(6.5 + 0.1 * wave + 1.45 * level + draws.normal(), 0, 10),
        }
    for column, scores, counts in (("csat", csat, CSAT), ("ease", ease, EASE), ("energy", energy, ENERGY)):
        given = by_rank([scores[id] for id in decided], counts[wave])
        for id, answer in zip(decided, given, strict=True):
            found[id][column] = answer
    for id in undecided:
        found[id] |= {"ease": draws.score(2.6 + 0.4 * wave, 1, 5), "energy": 3}
    return found


def interview_rows(everyone: Sequence[Customer]) -> list[Row]:
    """One row for every remark that was noted down in the interviews of autumn 2023."""
    draws = Draws("company_a/interviews")
    asked = [one for one in everyone if one.here(WAVES[1]) and one.registered < WAVES[1] - timedelta(60)]
    people = draws.sample(asked, INTERVIEWS)
    workdays = [day for day in DAYS if INTERVIEWED[0] <= day <= INTERVIEWED[1] and day.isoweekday() < 6]
    days = sorted(draws.pick(workdays) for _ in people)
    remarks = sorted(REMARKS, key=lambda _: draws.uniform())
    rows = []
    for number, remark in enumerate(remarks):
        one = number * INTERVIEWS // len(remarks)
        rows.append(
            {
                "remark_id": f"R{number + 1:02}",
                "interview_id": f"I{one + 1:02}",
                "held": days[one],
                "customer_id": people[one].id,
                "theme": remark["theme"],
                "sentiment": remark["sentiment"],
                "remark_en": remark["en"],
                "remark_ja": remark["ja"],
            }
        )
    return rows


def brand_rows() -> list[Row]:
    """A fresh sample of adults in each wave: who names the brand, who knows it, who ticks a made-up one."""
    draws = Draws("company_a/brand_tracking")
    rows: list[Row] = []
    for wave, (aided, unaided) in KNOWN.items():
        asked: list[Row] = []
        knowledge = []
        for _ in range(ASKED + UNANSWERED):
            age_band = draws.choose(AGE_BANDS)
            asked.append(
                {
                    "wave": wave,
                    "age_band": age_band,
                    "region": REGION_OF[draws.choose(RESIDENTS)],
                    "unaided": False,
                    "aided": None,
                    "decoy": draws.chance(0.04),
                }
            )
            knowledge.append(draws.normal() + (0.35 if age_band in ("30-39", "40-49", "50-59") else 0.0))
        skipped = set(draws.sample(list(range(len(asked))), UNANSWERED))
        told = [place for place in range(len(asked)) if place not in skipped]
        levels = {2: unaided, 1: aided - unaided, 0: ASKED - aided}
        for place, level in zip(told, by_rank([knowledge[place] for place in told], levels), strict=True):
            asked[place] |= {"unaided": level == 2, "aided": level >= 1}
        rows += asked
    return [{"respondent_id": f"D{number:04}", **row} for number, row in enumerate(rows, 1)]


def social_rows() -> list[Row]:
    """One row a month: own posts, how people reacted, and how many of their questions were answered."""
    draws = Draws("company_a/social")
    rows = []
    followers = 18_400
    for day in MONTHS:
        talking = day >= NEW_INTERFACE
        posts = draws.between(20, 28) if talking else draws.between(8, 13)
        impressions = posts * int(draws.lognormal(5200 if talking else 4300, 0.12))
        reactions = impressions * (24 if talking else 11) // 1000
        questions = int(draws.lognormal(165 if talking else 92, 0.12))
        share = 0.9 if day >= ROUND_THE_CLOCK else 0.72 if talking else 0.31
        followers += int(draws.lognormal(420 if talking else 130, 0.2))
        likes, shares = reactions * 78 // 100, reactions * draws.between(8, 11) // 100
        rows.append(
            {
                "month": month(day),
                "posts": posts,
                "impressions": impressions,
                "likes": likes,
                "shares": shares,
                "comments": reactions - likes - shares,
                "questions": questions,
                "answered": int(questions * share + 3 * draws.normal()),
                "followers": followers,
            }
        )
    return rows
