"""Days, hours and people in Japan, where the companies are."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone

from datasets.make.draws import Draws

TOKYO = timezone(timedelta(hours=9))
# Adults in per cent, by age.
AGE_BANDS = {"18-29": 14, "30-39": 21, "40-49": 22, "50-59": 18, "60-69": 15, "70+": 10}
# Residents in ten thousands, and the region.
PREFECTURES = {
    "hokkaido": {"Hokkaido": 510},
    "tohoku": {"Aomori": 119, "Iwate": 117, "Miyagi": 226, "Akita": 92, "Yamagata": 103, "Fukushima": 177},
    "kanto": {"Ibaraki": 283, "Tochigi": 190, "Gunma": 191, "Saitama": 733, "Chiba": 626, "Tokyo": 1409,
              "Kanagawa": 923},
    "chubu": {"Niigata": 213, "Toyama": 101, "Ishikawa": 111, "Fukui": 74, "Yamanashi": 80, "Nagano": 200,
              "Gifu": 193, "Shizuoka": 355, "Aichi": 748},
    "kinki": {"Mie": 173, "Shiga": 141, "Kyoto": 254, "Osaka": 876, "Hyogo": 537, "Nara": 130, "Wakayama": 89},
    "chugoku": {"Tottori": 54, "Shimane": 65, "Okayama": 185, "Hiroshima": 274, "Yamaguchi": 130},
    "shikoku": {"Tokushima": 70, "Kagawa": 93, "Ehime": 129, "Kochi": 67},
    "kyushu": {"Fukuoka": 510, "Saga": 79, "Nagasaki": 127, "Kumamoto": 171, "Oita": 110, "Miyazaki": 104,
               "Kagoshima": 155, "Okinawa": 147},
}  # fmt: skip
REGION_OF = {name: region for region, names in PREFECTURES.items() for name in names}
RESIDENTS = {name: count for names in PREFECTURES.values() for name, count in names.items()}


def quarter(day: date) -> str:
    """The calendar quarter of a day, as in 2023Q2."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def month_after(month: date) -> date:
    """The first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def at(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    """A time of day in Tokyo."""
    return datetime.combine(day, time(hour, minute, second), TOKYO)


def time_on(draws: Draws, day: date, hours: Mapping[int, float]) -> datetime:
    """A time on a day, by how likely each hour is."""
    return at(day, draws.choose(hours), draws.below(60), draws.below(60))
