"""The company, its two years, and what happened in them.

Tomoshibi Drip Works makes hand-drip coffee gear and sells it, beans and a bean subscription to
customers in Japan. In February 2024 it moved to thinner, greener packaging, and glass began to arrive
broken. In November 2024 a moulded pulp insert put that right. In July 2024 logistics and quality were let
into support's customer history. The lessons find this in the data.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from datasets.make.japan import TOKYO

FIRST = date(2023, 4, 1)
LAST = date(2025, 3, 31)
EXTRACTED = datetime(2025, 4, 1, tzinfo=TOKYO)
THIN_PACKAGING = date(2024, 2, 1)
PULP_INSERT = date(2024, 11, 11)
SHARED_HISTORY = date(2024, 7, 1)
DAYS = [FIRST + timedelta(days) for days in range((LAST - FIRST).days + 1)]
MONTHS = [day for day in DAYS if day.day == 1]
QUARTERS = MONTHS[::3]

OLDER = ("60-69", "70+")
EVENING: Mapping[int, float] = {7: 2, 8: 4, 9: 5, 10: 6, 11: 6, 12: 8, 13: 6, 14: 5, 15: 5, 16: 5, 17: 5, 18: 6, 19: 7, 20: 9,
           21: 12, 22: 12, 23: 9, 0: 6, 1: 3, 2: 1}  # fmt: skip
DAYTIME: Mapping[int, float] = {9: 8, 10: 11, 11: 11, 12: 9, 13: 11, 14: 11, 15: 11, 16: 10, 17: 9}


def season(day: date) -> float:
    """How busy the month of a day is, against 1 for a usual one."""
    busy: Mapping[int, float] = {2: 0.85, 5: 1.1, 6: 1.1, 8: 0.8, 11: 1.2, 12: 1.55}
    return busy.get(day.month, 1.0)


def thinly_packed(day: date) -> bool:
    """Whether the thinner packaging was in use."""
    return THIN_PACKAGING <= day < PULP_INSERT
