"""When the contact centre is open, and what a wait in business hours comes to on the clock."""

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path

from datasets.make.japan import at
from datasets.make.package import Row

CLOSED = tomllib.loads((Path(__file__).parent / "closed_days.toml").read_text("utf-8"))["day"]
CLOSED_DATES = {day["date"] for day in CLOSED}
# ISO weekday: opening and closing hour.
OPEN = {1: (9, 18), 2: (9, 18), 3: (9, 18), 4: (9, 18), 5: (9, 18), 6: (10, 17)}


def opening(day: date) -> tuple[datetime, datetime] | None:
    """When the centre opens and closes on a day, if it does."""
    if day in CLOSED_DATES or day.isoweekday() not in OPEN:
        return None
    opens, closes = OPEN[day.isoweekday()]
    return at(day, opens, 0), at(day, closes, 0)


def is_open(moment: datetime) -> bool:
    """Whether the centre is open at this moment."""
    hours = opening(moment.date())
    return hours is not None and hours[0] <= moment < hours[1]


def after(moment: datetime, minutes: float) -> datetime:
    """The moment at which so many business minutes have passed, to the second."""
    left = timedelta(seconds=int(minutes * 60))
    day = moment.date()
    while True:
        if hours := opening(day):
            begin = max(moment, hours[0])
            if begin + left <= hours[1]:
                return begin + left
            left -= max(hours[1] - begin, timedelta(0))
        day += timedelta(days=1)


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole business minutes from one moment to a later one."""
    open_for, day = timedelta(0), start.date()
    while day <= end.date():
        if hours := opening(day):
            open_for += max(min(end, hours[1]) - max(start, hours[0]), timedelta(0))
        day += timedelta(days=1)
    return open_for // timedelta(minutes=1)


def opening_hours_rows() -> list[Row]:
    """Opening hours by weekday."""
    times = {weekday: tuple(f"{hour:02}:00:00" for hour in OPEN.get(weekday, ())) for weekday in range(1, 8)}
    return [
        {"weekday": weekday, "opens": hours[0] if hours else None, "closes": hours[1] if hours else None}
        for weekday, hours in times.items()
    ]


def closed_days_rows() -> list[Row]:
    """Public holidays and the company's own closed days."""
    return [{"date": day["date"], "name_en": day["en"], "name_ja": day["ja"]} for day in CLOSED]
