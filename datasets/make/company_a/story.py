"""The company, its two years, and what happened in them.

Company A makes smart appliances. New models sold badly and customers left. In October 2023 it asked them:
the appliances were hard to use, and people wanted to save energy. From then on it went five steps: it
listened, developed with users, talked with customers and answered at all hours, joined its data, and
trained everyone. The first year is the time before; the results show in the second.
"""

from datetime import date, datetime, timedelta

from datasets.make.japan import TOKYO, month_after

FIRST = date(2023, 4, 1)
LAST = date(2025, 3, 31)
EXTRACTED = datetime(2025, 4, 1, tzinfo=TOKYO)
DAYS = [FIRST + timedelta(days) for days in range((LAST - FIRST).days + 1)]
MONTHS = [day for day in DAYS if day.day == 1]
SECOND_YEAR = date(2024, 4, 1)

# Survey waves: before, at the communication step, after.
WAVES = {1: date(2023, 10, 16), 2: date(2024, 9, 17), 3: date(2025, 3, 3)}
# New models bring the new interface; devices in use get it in the same month.
NEW_INTERFACE = date(2024, 6, 1)
ROUND_THE_CLOCK = date(2024, 7, 1)
CUSTOMER_RECORDS = date(2024, 9, 1)
DEMAND_MODEL = date(2024, 10, 1)


def months_between(earlier: date, later: date) -> int:
    """How many months later the second date's month is."""
    return 12 * (later.year - earlier.year) + later.month - earlier.month


def months_from(day: date, count: int) -> list[date]:
    """The first days of so many months, from the month of a day on."""
    found = [day.replace(day=1)]
    while len(found) < count:
        found.append(month_after(found[-1]))
    return found


def month(day: date) -> str:
    """The month of a day, as in 2023-04."""
    return f"{day.year}-{day.month:02}"
