"""Employees, what they say in two surveys, and who came to which training."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from datasets.make.draws import Draws
from datasets.make.package import Row
from datasets.make.shop.story import FIRST, LAST

STAFF = {"product": 11, "marketing": 6, "sales": 7, "support": 8, "hr": 2, "finance": 3, "it": 4,
         "logistics": 10, "quality": 5, "planning": 3}  # fmt: skip
WAVES = (date(2024, 2, 13), date(2025, 2, 12))
# Standard deviations by which a function differs from the company, in each wave.
MOOD = {
    "support": (-0.75, -0.15),
    "logistics": (-0.45, -0.35),
    "product": (0.1, 0.35),
    "planning": (0.4, 0.4),
}
ENGAGEMENT = ("e1", "e2", "e3", "e4", "e5", "e6")
SATISFACTION = ("s1", "s2", "s3", "s4")
COURSES = (
    ("customer_first", date(2023, 9, 14), None, 0.58),
    ("customer_first", date(2024, 4, 18), None, 0.66),
    ("complaint_handling", date(2024, 7, 9), ("support", "sales", "logistics", "quality"), 0.72),
    (
        "reading_data",
        date(2024, 9, 19),
        ("product", "marketing", "sales", "support", "planning", "finance"),
        0.63,
    ),
    ("customer_first", date(2025, 1, 23), None, 0.81),
)


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
    """Everyone who worked here in the two years."""
    draws = Draws("employees")
    found: list[Employee] = []
    for function, posts in STAFF.items():
        for _ in range(posts):
            found.append(
                _employee(draws, len(found) + 1, function, FIRST - timedelta(draws.between(60, 4200)))
            )
            # A post that falls vacant is filled within three months.
            while left := found[-1].left:
                joined = left + timedelta(draws.between(10, 80))
                if joined > LAST:
                    break
                found.append(_employee(draws, len(found) + 1, function, joined))
    return found


def _employee(draws: Draws, number: int, function: str, joined: date) -> Employee:
    begin = max(joined, FIRST)
    left = begin + timedelta(draws.between(40, 1000)) if draws.chance(0.26) else None
    return Employee(
        f"E{number:02}", function, joined, left if left and left <= LAST else None, draws.normal() * 0.8
    )


def employee_rows(staff: Sequence[Employee]) -> list[Row]:
    """The table of employees."""
    return [
        {"employee_id": one.id, "function": one.function, "joined": one.joined, "left": one.left}
        for one in staff
    ]


def employee_survey_rows(staff: Sequence[Employee]) -> list[Row]:
    """One row for everyone who was asked in each wave."""
    draws = Draws("employee_survey")
    rows: list[Row] = []
    for wave, day in enumerate(WAVES):
        for one in staff:
            if one.employed(day):
                mood = one.mood + MOOD.get(one.function, (0, 0))[wave] + (0.0, 0.3)[wave]
                answered = draws.chance((0.78, 0.87)[wave])
                items = dict(_answers(draws, mood)) if answered else dict.fromkeys(ENGAGEMENT + SATISFACTION)
                rows.append(
                    {
                        "response_id": f"Q{len(rows) + 1:03}",
                        "wave": day,
                        "employee_id": one.id,
                        "answered": answered,
                        **items,
                    }
                )
    for item in ("e4", "s2"):
        for row in draws.sample([row for row in rows if row["answered"]], 3):
            row[item] = None
    return rows


def _answers(draws: Draws, mood: float) -> Iterator[tuple[str, int]]:
    for item, level in zip(ENGAGEMENT, (3.5, 3.2, 3.6, 3.1, 3.4, 3.0), strict=True):
        yield item, draws.score(level + 0.6 * mood + 0.6 * draws.normal(), 1, 5)
    for item, level in zip(SATISFACTION, (3.4, 2.9, 3.7, 3.2), strict=True):
        yield item, draws.score(level + 0.5 * mood + 0.7 * draws.normal(), 1, 5)


def training_rows(staff: Sequence[Employee]) -> list[Row]:
    """One row for every invitation to a course, and whether the employee came."""
    draws = Draws("training_records")
    rows: list[Row] = [
        {"course": course, "held": day, "employee_id": one.id, "attended": draws.chance(chance)}
        for course, day, functions, chance in COURSES
        for one in staff
        if one.employed(day) and (functions is None or one.function in functions)
    ]
    for row in draws.sample(rows, 6):
        row["attended"] = None
    rows += [dict(row) for row in draws.sample([row for row in rows if row["attended"]], 5)]
    rows.sort(key=lambda row: (row["held"], row["employee_id"]))
    return [{"record_id": f"N{number:03}", **row} for number, row in enumerate(rows, 1)]
