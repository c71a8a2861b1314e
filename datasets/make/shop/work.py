"""What the company did: product work, analyses, decisions and projects."""

import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from datasets.make.draws import Draws
from datasets.make.package import Row
from datasets.make.shop.people import Person
from datasets.make.shop.staff import STAFF
from datasets.make.shop.story import DAYS, FIRST, LAST, MONTHS

TEXTS = tomllib.loads((Path(__file__).parent / "work.toml").read_text("utf-8"))
# Mean count a month in the first and in the last month.
WORK = {"interview": (3.5, 9.0), "persona": (0.25, 0.45), "journey_map": (0.15, 0.4), "user_test": (1.0, 3.2)}
PROPOSALS = (2.6, 6.0)
SOURCES = {"complaint": 26, "support": 22, "survey": 16, "interview": 18, "social": 6, "internal": 22}
OWNERS = {"interview": "marketing", "persona": "marketing", "journey_map": "planning", "user_test": "product"}
ANALYSES = (2.2, 6.0)
DECISIONS = (5.0, 7.5)
METHODS = ("cross_table", "cohort", "funnel", "text_reading", "regression", "experiment", "rfm")
UNNAMED_SOURCES = 8
LOGGED_TWICE = 4
CLAIMS = 14
PROJECTS = 44


def work_log_rows(everyone: Sequence[Person]) -> list[Row]:
    """The product team's log of what it did for and with customers."""
    draws = Draws("work_log")
    rows = [_work(draws, day, kind, everyone) for kind, pace in WORK.items() for day in _days(draws, pace)]
    proposals = [_proposal(draws, day) for day in _days(draws, PROPOSALS)]
    for row in draws.sample([row for row in proposals if row["source"] != "internal"], UNNAMED_SOURCES):
        row["source"] = None
    rows += proposals + [_release(one["date"], one, _told(proposals, one)) for one in TEXTS["release"]]
    rows += [
        dict(row) for row in draws.sample([row for row in rows if row["kind"] == "interview"], LOGGED_TWICE)
    ]
    rows.sort(key=lambda row: (row["date"], row["kind"]))
    for number, row in enumerate(rows, 1):
        row["work_id"] = f"Y{number:03}"
    for row in rows:
        if row["follows"]:
            row["follows"] = row["follows"]["work_id"]
    return rows


def _days(draws: Draws, pace: tuple[float, float]) -> list[date]:
    found = []
    for number, month in enumerate(MONTHS):
        mean = pace[0] + (pace[1] - pace[0]) * number / (len(MONTHS) - 1)
        found += [month + timedelta(draws.below(28)) for _ in range(draws.poisson(mean))]
    return found


def _work(draws: Draws, day: date, kind: str, everyone: Sequence[Person]) -> Row:
    topic, text = draws.pick(TEXTS["topic"]), TEXTS["title"][kind]
    taking_part = draws.pick([one for one in everyone[:1100] if one.joined <= day]).id
    return {
        "date": day,
        "kind": kind,
        "title_en": text["en"].format(topic["en"]),
        "title_ja": text["ja"].format(topic["ja"]),
        "function": OWNERS[kind],
        "customer_id": taking_part if kind == "interview" else None,
        "participants": {"interview": 1, "user_test": draws.between(3, 8)}.get(kind),
        "source": None,
        "status": None,
        "follows": None,
    }


def _proposal(draws: Draws, day: date) -> Row:
    topic, text = draws.pick(TEXTS["topic"]), TEXTS["title"]["proposal"]
    old = day < LAST - timedelta(90)
    return {
        "date": day,
        "kind": "proposal",
        "title_en": text["en"].format(topic["en"]),
        "title_ja": text["ja"].format(topic["ja"]),
        "function": draws.choose({"product": 5, "support": 3, "quality": 2, "logistics": 2}),
        "customer_id": None,
        "participants": None,
        "source": draws.choose(SOURCES),
        "status": draws.choose(
            {"accepted": 4, "declined": 5, "open": 1} if old else {"accepted": 2, "declined": 2, "open": 6}
        ),
        "follows": None,
    }


def _told(proposals: Sequence[Row], release: Row) -> Row | None:
    fitting = [
        row
        for row in proposals
        if row["title_en"].endswith(release["topic"])
        and row["status"] == "accepted"
        and row["date"] < release["date"]
    ]
    return fitting[-1] if fitting else None


def _release(day: date, release: Row, follows: Row | None) -> Row:
    return {
        "date": day,
        "kind": "release",
        "title_en": release["en"],
        "title_ja": release["ja"],
        "function": "product",
        "customer_id": None,
        "participants": None,
        "source": None,
        "status": None,
        "follows": follows,
    }


def analysis_rows() -> list[Row]:
    """The register of analyses."""
    draws = Draws("analyses")
    rows = []
    for number, day in enumerate(sorted(_days(draws, ANALYSES)), 1):
        subject, text = draws.pick(TEXTS["subject"]), TEXTS["title"]["analysis"]
        rows.append(
            {
                "analysis_id": f"Z{number:03}",
                "date": day,
                "function": draws.choose(
                    {"marketing": 5, "planning": 4, "support": 2, "product": 3, "quality": 2}
                ),
                "method": draws.pick(METHODS),
                "title_en": text["en"].format(subject["en"]),
                "title_ja": text["ja"].format(subject["ja"]),
            }
        )
    return rows


def decision_rows(analyses: Sequence[Row]) -> list[Row]:
    """The log of decisions: taken on data or not, and on which analysis."""
    draws = Draws("decisions")
    rows: list[Row] = []
    days = sorted(_days(draws, DECISIONS))
    for number, day in enumerate(days, 1):
        subject, text = draws.pick(TEXTS["subject"]), TEXTS["title"]["decision"]
        fresh = [one["analysis_id"] for one in analyses if timedelta(0) <= day - one["date"] <= timedelta(75)]
        on_data = bool(fresh) and draws.chance(0.28 + 0.3 * number / len(days))
        rows.append(
            {
                "decision_id": f"J{number:03}",
                "date": day,
                "function": draws.pick(list(STAFF)),
                "title_en": text["en"].format(subject["en"]),
                "title_ja": text["ja"].format(subject["ja"]),
                "based_on_data": on_data,
                "analysis_id": draws.pick(fresh) if on_data else None,
            }
        )
    for row in draws.sample([row for row in rows if not row["based_on_data"]], CLAIMS):
        row["based_on_data"] = True
    for row in draws.sample([row for row in rows if not row["based_on_data"]], 7):
        row["based_on_data"] = None
    return rows


def project_rows() -> list[Row]:
    """Projects and the functions that took part, the leading one first."""
    draws = Draws("projects")
    rows = []
    for _ in range(PROJECTS):
        started = draws.pick(DAYS)
        ended = started + timedelta(draws.between(30, 240))
        later = (started - FIRST).days / len(DAYS)
        size = draws.choose({1: 6 - 3 * later, 2: 3 + later, 3: 1 + 2 * later, 4: 0.4 + later})
        functions = draws.sample(list(STAFF), size)
        topic, text = draws.pick(TEXTS["topic"]), draws.pick(TEXTS["project"])
        rows.append(
            {
                "started": started,
                "ended": ended if ended <= LAST else None,
                "title_en": text["en"].format(topic["en"]),
                "title_ja": text["ja"].format(topic["ja"]),
                "functions": ";".join(functions),
            }
        )
    for row in draws.sample([row for row in rows if ";" in row["functions"]], 5):
        row["functions"] = row["functions"].replace(";", "; ")
    rows.sort(key=lambda row: (row["started"], row["title_en"]))
    return [{"project_id": f"F{number:02}", **row} for number, row in enumerate(rows, 1)]
