"""The people who work here: what they say of it, and what they learnt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from datasets.make.company_a.story import FIRST, LAST
from datasets.make.draws import Draws, by_rank
from datasets.make.package import Row

STAFF = {"product": 42, "marketing": 18, "sales": 26, "support": 34, "hr": 6, "finance": 9, "it": 13,
         "logistics": 19, "quality": 15, "planning": 8}  # fmt: skip
WAVES = {1: date(2023, 11, 14), 2: date(2025, 3, 11)}
ITEMS = ("e1", "e2", "e3", "e4", "e5", "e6")
SATISFACTION = ("s1", "s2")
# How many gave each answer over all six items, and how many people answered. The mean is 3.20 before and
# 3.68 after: +15 %.
RESPONDENTS = {1: 150, 2: 165}
ENGAGEMENT: Mapping[int, Mapping[int, int]] = {
    1: {5: 120, 4: 260, 3: 290, 2: 140, 1: 90},
    2: {5: 230, 4: 403, 3: 212, 2: 100, 1: 45},
}
ITEM_LEVELS = {"e1": 0.35, "e2": -0.1, "e3": 0.2, "e4": -0.5, "e5": 0.15, "e6": -0.1}
# By how many standard deviations a function differs from the company, in each wave.
MOOD = {"support": (-0.5, 0.2), "product": (0.15, 0.25), "logistics": (-0.35, -0.5), "planning": (0.4, 0.3)}
SKIPPED = 4
COURSES = (
    ("complaint_handling", date(2023, 7, 6), ("support", "sales"), 0.64),
    ("usability", date(2024, 1, 24), ("product", "quality", "it", "marketing"), 0.82),
    ("service_skills", date(2024, 6, 11), ("support",), 0.93),
    ("reading_data", date(2024, 10, 8), ("marketing", "sales", "product", "planning", "finance", "it"), 0.77),
    ("customer_first", date(2024, 11, 19), None, 0.71),
    ("customer_first", date(2025, 1, 21), None, 0.86),
)
NOT_NOTED = 5
NOTED_TWICE = 4


@dataclass(frozen=True, slots=True)
class Employee:
    """Someone who works here; `mood` is in standard deviations."""

    id: str
    function: str
    joined: date
    left: date | None
    mood: float

    def employed(self, day: date) -> bool:
        """Whether she works here on a day."""
        return self.joined <= day and (self.left is None or day < self.left)


def employees() -> list[Employee]:
    """Everyone who worked here in the two years; who left was replaced."""
    draws = Draws("company_a/employees")
    found: list[Employee] = []
    for function, posts in STAFF.items():
        for _ in range(posts):
            joined: date | None = FIRST - timedelta(draws.between(60, 5400))
            while joined:
                begin = max(joined, FIRST)
                left = begin + timedelta(draws.between(60, 1300)) if draws.chance(0.2) else None
                left = left if left and left <= LAST else None
                found.append(Employee(f"E{len(found) + 1:03}", function, joined, left, draws.normal()))
                joined = left + timedelta(draws.between(5, 70)) if left else None
                joined = joined if joined and joined <= LAST else None
    return found


def employee_rows(staff: Sequence[Employee]) -> list[Row]:
    """The table of employees."""
    return [
        {"employee_id": one.id, "function": one.function, "joined": one.joined, "left": one.left}
        for one in staff
    ]


def employee_survey_rows(staff: Sequence[Employee]) -> list[Row]:
    """One row for everyone who was asked in each wave."""
    draws = Draws("company_a/employee_survey")
    rows: list[Row] = []
    for wave, day in WAVES.items():
        asked = [one for one in staff if one.employed(day)]
        answered = draws.sample(asked, RESPONDENTS[wave])
        levels = [
            0.75 * _mood(one, wave) + ITEM_LEVELS[item] + 0.75 * draws.normal()
            for one in answered
            for item in ITEMS
        ]
        given = iter(by_rank(levels, ENGAGEMENT[wave]))
        answers = {one.id: dict(_answers(draws, one, wave, given)) for one in answered}
        blank = dict.fromkeys(ITEMS + SATISFACTION)
        rows += [
            {"wave": wave, "employee_id": one.id, "answered": one.id in answers, **answers.get(one.id, blank)}
            for one in asked
        ]
    for row in draws.sample([row for row in rows if row["answered"]], SKIPPED):
        row["e4"] = None
    return rows


def _mood(one: Employee, wave: int) -> float:
    return one.mood + MOOD.get(one.function, (0.0, 0.0))[wave - 1]


def _answers(draws: Draws, one: Employee, wave: int, given: Iterator[int]) -> Iterator[tuple[str, int]]:
    for item in ITEMS:
        yield item, next(given)
    for item, level in zip(SATISFACTION, (3.35, 3.1), strict=True):
        gain = 0.3 * (wave - 1)
        yield item, draws.score(level + gain + 0.5 * _mood(one, wave) + 0.7 * draws.normal(), 1, 5)


def training_rows(staff: Sequence[Employee]) -> list[Row]:
    """One row for every invitation to a course, and whether the employee came."""
    draws = Draws("company_a/training_records")
    rows: list[Row] = []
    came: set[tuple[str, str]] = set()
    for course, day, functions, chance in COURSES:
        for one in staff:
            meant = functions is None or one.function in functions
            if meant and one.employed(day) and (course, one.id) not in came:
                attended = draws.chance(chance)
                rows.append({"course": course, "held": day, "employee_id": one.id, "attended": attended})
                if attended:
                    came.add((course, one.id))
    for row in draws.sample(rows, NOT_NOTED):
        row["attended"] = None
    rows += [dict(row) for row in draws.sample([row for row in rows if row["attended"]], NOTED_TWICE)]
    rows.sort(key=lambda row: (row["held"], row["employee_id"]))
    return [{"record_id": f"N{number:03}", **row} for number, row in enumerate(rows, 1)]
