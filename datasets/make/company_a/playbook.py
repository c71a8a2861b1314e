"""The playbook that company A wrote on 1 April 2024, with figures computed from the data of its first year."""

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from cxassess import kpi
from cxassess.model import load_model
from cxassess.playbook.book import Playbook, playbook_of, playbook_table
from cxassess.playbook.story import told_in

WRITTEN = "2024-04-01"
LAST_DAY = "2024-03-31"
SAMPLED = 30
"""One in so many registered households is in the data."""
TICKETS_SAMPLED = 20
OLDER = ["60-69", "70+"]
ITEMS = ["e1", "e2", "e3", "e4", "e5", "e6"]
TERMS: Any = {"discount": 0.05, "first_payment": "now", "booking": "middle", "periods": 3}
NIGHTS = 21_000_000
"""What support at night costs a year, in yen."""

Figures = dict[str, float]


def write(data: Path, folder: Path) -> None:
    """Write `company-a.<language>.json` into `folder`, with figures from `data`/company_a."""
    told = tomllib.loads((Path(__file__).parent / "playbook.toml").read_text("utf-8"))
    found = figures(data / "company_a")
    folder.mkdir(parents=True, exist_ok=True)
    for language in load_model().languages:
        text = json.dumps(playbook_table(_playbook(told, found, language)), ensure_ascii=False, indent=1)
        (folder / f"company-a.{language}.json").write_text(f"{text}\n", "utf-8", newline="\n")


def _playbook(told: dict[str, Any], found: Figures, language: str) -> Playbook:
    model = load_model()
    story = filled_in(told_in(told, language, frozenset(model.languages)), found)
    book = playbook_of(story["team"], story["playbook"], model, "playbook.toml")
    for problem in book.problems:
        raise problem
    saved = f"{WRITTEN}T01:00:00.000+00:00"
    return replace(book, model_version=model.version, language=language, saved=saved, revision=1)


def filled_in(value: Any, found: Figures) -> Any:
    """A value with every figure in its place; a text that is nothing but a figure becomes the number.

    >>> filled_in({"from": "{csat}", "what": "Of {csat:.0f} %"}, {"csat": 50.0})
    {'from': 50.0, 'what': 'Of 50 %'}
    """
    if isinstance(value, dict):
        return {key: filled_in(one, found) for key, one in value.items()}
    if isinstance(value, list):
        return [filled_in(one, found) for one in value]
    if not isinstance(value, str):
        return value
    alone = re.fullmatch(r"\{(\w+)\}", value)
    return found[alone[1]] if alone else value.format_map(found)


def figures(folder: Path) -> Figures:
    """What company A knew of itself by 1 April 2024: percentages, unless the name says otherwise."""
    return {
        **_households(folder),
        **_survey(folder),
        **_support(folder),
        **_product(folder),
        **_market_and_staff(folder),
    }


def _households(folder: Path) -> Figures:
    people = _read(folder, "customers", "registered", "left")
    devices = _read(folder, "devices", "registered")
    devices = devices[~devices.drop(columns="device_id").duplicated()].query(f"registered < '{WRITTEN}'")
    sales = _read(folder, "sales")
    sales = sales[~sales.drop(columns="sale_id").duplicated()].query("month < '2024-04'")
    products = pd.read_csv(folder / "products.csv", index_col="product_id")
    earned = sales.groupby("product_id")[["amount_jpy", "units"]].sum()
    profit = (earned.amount_jpy / earned.units - products.cost_jpy).dropna()
    here = people[(people.registered < WRITTEN) & ~(people.left < WRITTEN)]
    start = people[(people.registered < "2023-04-01") & ~(people.left < "2023-04-01")]
    kept = 1 - (start.left < WRITTEN).mean()
    bought = devices.query("registered >= '2023-04-01'").product_id.map(profit).sum()
    margin = bought / ((len(start) + len(here)) / 2)
    owned = devices[devices.customer_id.isin(here.customer_id)].customer_id.value_counts()
    log = kpi.Transactions(
        devices.merge(products, on="product_id"),
        customer="customer_id", time="registered", amount="price_jpy", as_of=LAST_DAY, tz="Asia/Tokyo",
    )  # fmt: skip
    ages = here.age_band.dropna()
    new = sales[_age(sales) < 12]
    return {
        "households": round(len(here) * SAMPLED, -2),
        "middle": _share(ages.isin(["30-39", "40-49"])),
        "older": _share(ages.isin(OLDER)),
        "one_device": _share(owned == 1),
        "retention": round(100 * kept, 1),
        "left": round(100 * (1 - kept), 1),
        "repeat": _value(log.repeat_purchase_rate(within=365)),
        "margin": round(margin, -1),
        "clv": round(kpi.clv(margin=margin, retention=kept, **TERMS).estimate or 0, -1),
        "clv_target": round(kpi.clv(margin=1.1 * margin, retention=0.85, **TERMS).estimate or 0, -1),
        "night_share": 100 * NIGHTS / new.amount_jpy.sum(),
    }


def _survey(folder: Path) -> Figures:
    survey = _read(folder, "customer_survey", missing=["99"]).query("wave == 1")
    survey = survey.merge(_read(folder, "customers"), on="customer_id")
    survey["responded"] = survey.answered.notna()
    answers = survey[survey.responded]
    remarks = _read(folder, "interviews")
    oldest = kpi.feedback_collection_rate(
        survey[survey.age_band == "70+"], customer="customer_id", responded="responded"
    )
    recommend: Any = kpi.nps(answers, "nps")
    spoke = remarks.drop_duplicates("interview_id").merge(_read(folder, "customers"), on="customer_id")
    spoke_older = int(spoke.age_band.isin(OLDER).sum())
    rate = kpi.feedback_collection_rate(survey, customer="customer_id", responded="responded")
    return {
        "answered": len(answers),
        "collection": _value(rate),
        "collection_oldest": _value(oldest),
        "csat": _value(kpi.csat(answers, "csat")),
        "nps": _value(recommend),
        "nps_error": (recommend.high - recommend.low) / 2,
        "ease_low": _share(answers.ease.dropna() <= 2),
        "ease_low_older": _share(answers[answers.age_band.isin(OLDER)].ease.dropna() <= 2),
        "energy_matters": _share(answers.energy_matters >= 4),
        "interviews": len(spoke),
        "interviews_older": spoke_older,
        "interviews_younger": len(spoke) - spoke_older,
        "remarks": len(remarks),
        "remarks_ease": int((remarks.theme == "ease_of_use").sum()),
    }


def _support(folder: Path) -> Figures:
    tickets = _read(folder, "tickets", "opened", "first_response").query(f"opened < '{WRITTEN}T00:00+09:00'")
    hour = tickets.opened.dt.hour
    times = tickets[~(tickets.first_response < tickets.opened)]
    wait = kpi.first_response_time(
        times, opened="opened", responded="first_response", as_of=WRITTEN, tz="Asia/Tokyo"
    )
    asked_how = tickets.cause == "how_to"
    return {
        "wait": _value(wait.median),
        "evening": _share((hour < 9) | (hour >= 18)),
        "how_to": _share(asked_how),
        "how_to_tickets": round(int(asked_how.sum()) * TICKETS_SAMPLED, -2),
        "support_satisfied": _value(kpi.support_satisfaction(tickets, "rating")),
    }


def _product(folder: Path) -> Figures:
    tests = _read(folder, "user_tests", "held").query(f"held < '{WRITTEN}'")
    old = tests.query("version == 'old'").fillna({"seconds": 301}).groupby("task")
    failed, seconds = 100 * (1 - old.completed.mean()), old.seconds.median()
    usage = _read(folder, "usage").query("month < '2024-04'")
    demand = _read(folder, "demand").query("month < '2024-04'")
    missed = (demand.forecast_units - demand.sold_units).abs().sum()
    return {
        "user_tests": tests.test_id.nunique(),
        "timer_old": seconds["set_timer"],
        "energy_failed": failed["energy_mode"],
        "connect_failed": failed["connect"],
        "energy_runs": 100 * usage.energy_mode_runs.sum() / usage.runs.sum(),
        "forecast_error": 100 * missed / demand.sold_units.sum(),
        "out_of_stock": demand.days_out_of_stock.mean(),
        "stock_half": round(demand.stock_units.mean() / 2, -1),
    }


def _market_and_staff(folder: Path) -> Figures:
    social = _read(folder, "social").query("month < '2024-04'")
    people = _read(folder, "employees", "joined", "left")
    here = people[(people.joined < WRITTEN) & ~(people.left < WRITTEN)]
    trained = _read(folder, "training_records").query(f"course == 'customer_first' and held < '{WRITTEN}'")
    staff = _read(folder, "employee_survey").query("wave == 1")
    return {
        "brand": _value(kpi.brand_awareness(_read(folder, "brand_tracking").query("wave == 1"), "aided")),
        "social_answered": 100 * social.answered.sum() / social.questions.sum(),
        "engagement": round(kpi.employee_engagement_score(staff, ITEMS).estimate, 2),
        "staff": len(here),
        "support_staff": int((here.function == "support").sum()),
        "trained": _share(here.employee_id.isin(trained.employee_id)),
    }


def _read(folder: Path, table: str, *dates: str, missing: list[str] | None = None) -> pd.DataFrame:
    return pd.read_csv(folder / f"{table}.csv", parse_dates=list(dates), na_values=missing)


def _age(sales: pd.DataFrame) -> pd.Series:
    """How many months before each row's month its product was launched."""
    years, months = (sales.month.str[at].astype(int) - sales.launched.str[at].astype(int)
                     for at in (slice(4), slice(5, 7)))  # fmt: skip
    return 12 * years + months


def _share(found: pd.Series) -> float:
    return round(100 * float(found.mean()), 1)


def _value(found: Any) -> float:
    return round(float(found.estimate), 1)
