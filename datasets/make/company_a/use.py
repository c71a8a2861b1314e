"""How people use the devices at home, and how they fared in user tests."""

from collections.abc import Sequence
from datetime import date

from datasets.make.company_a.customers import Device
from datasets.make.company_a.story import month, months_from
from datasets.make.draws import Draws
from datasets.make.package import Row

# The same months of both years, so that the season does not pass for a change.
OBSERVED = (date(2023, 11, 1), date(2024, 2, 1), date(2024, 11, 1), date(2025, 2, 1))
SAMPLE = 300
FEATURES = 12
WRONG_DAYS = 3
# Versions and when they were tried; then chance of success, median seconds and mean errors by task.
VERSIONS = {
    "old": date(2023, 12, 12),
    "prototype_1": date(2024, 2, 7),
    "prototype_2": date(2024, 4, 10),
    "released": date(2024, 5, 22),
}
TASKS = {
    "set_timer": ((0.79, 74, 1.5), (0.88, 58, 1.0), (0.95, 36, 0.5), (0.98, 28, 0.3)),
    "energy_mode": ((0.54, 118, 2.4), (0.71, 84, 1.7), (0.9, 47, 0.7), (0.96, 33, 0.4)),
    "connect": ((0.46, 205, 3.1), (0.58, 170, 2.3), (0.8, 112, 1.3), (0.88, 88, 0.9)),
    "read_usage": ((0.63, 96, 1.8), (0.83, 70, 1.1), (0.93, 40, 0.6), (0.98, 30, 0.3)),
}
PARTICIPANTS = 12
LIMIT = 300
"""Seconds after which a task is stopped."""


def usage_rows(owned: Sequence[Device]) -> list[Row]:
    """One row a device and month: a random sample of devices, those of accounts that are open."""
    draws = Draws("company_a/usage")
    followed = draws.sample([one for one in owned if one.registered < OBSERVED[0]], SAMPLE * 2 // 3)
    followed += draws.sample([one for one in owned if one.registered >= OBSERVED[0]], SAMPLE // 3)
    rows: list[Row] = []
    for device in followed:
        habit, thrift = draws.normal(), draws.normal()
        for day in OBSERVED:
            following = months_from(day, 2)[1]
            if device.registered < day and device.customer.here(following):
                rows.append(_use(draws, device, day, habit, thrift))
    for row in draws.sample([row for row in rows if row["days_used"] > 20], WRONG_DAYS):
        row["days_used"] += 31
    return sorted(rows, key=lambda row: (row["month"], row["device_id"]))


def _use(draws: Draws, device: Device, day: date, habit: float, thrift: float) -> Row:
    new = device.new_interface(day)
    older = device.customer.older
    days = min(max(int(19 + 4 * habit + (1.5 if new else 0) + 2.5 * draws.normal()), 1), 28)
    runs = days + int(days * draws.uniform() * 0.5)
    share = 0.17 + 0.07 * thrift + (0.21 if new else 0.0) + 0.04 * draws.normal()
    features = 4.1 + 0.9 * habit + (1.9 if new else 0.0) - (0.9 if older else 0.0) + 0.7 * draws.normal()
    return {
        "month": month(day),
        "device_id": device.id,
        "interface": "new" if new else "old",
        "days_used": days,
        "runs": runs,
        "energy_mode_runs": min(max(int(runs * share + 0.5), 0), runs),
        "features_used": draws.score(features, 1, FEATURES),
    }


def user_test_rows() -> list[Row]:
    """One row a participant and task, with fresh participants for every version."""
    draws = Draws("company_a/user_tests")
    rows: list[Row] = []
    for round, (version, day) in enumerate(VERSIONS.items()):
        for number in range(PARTICIPANTS):
            slow = draws.lognormal(1, 0.3)
            for task, levels in TASKS.items():
                success, seconds, errors = levels[round]
                taken = int(draws.lognormal(seconds * slow, 0.25))
                done = draws.chance(success) and taken < LIMIT
                rows.append(
                    {
                        "test_id": f"U{round + 1}",
                        "held": day,
                        "version": version,
                        "participant_id": f"K{round * PARTICIPANTS + number + 1:02}",
                        "task": task,
                        "completed": done,
                        "seconds": taken if done else None,
                        "errors": draws.poisson(errors * slow + (0 if done else 1.5)),
                    }
                )
    return rows
