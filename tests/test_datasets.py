"""The lessons' data: made anew to the byte, as its package describes it, and worth discovering things in."""

import codecs
import hashlib
import json
import math
import re
import subprocess
import sys
from collections import Counter
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from datasets.make.draws import Draws, exp

ROOT = Path(__file__).parent.parent
DATA = ROOT / "datasets"
PACKAGE = json.loads((DATA / "datapackage.json").read_text("utf-8"))
RESOURCES = {resource["name"]: resource for resource in PACKAGE["resources"]}
COMPANIES = {company["name"]: company for company in PACKAGE["companies"]}
DIRT = [(name, stated) for name, resource in RESOURCES.items() for stated in resource["dirt"]]
PARSE = {
    "string": str,
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": lambda text: datetime.strptime(text, "%H:%M:%S"),
    "yearmonth": lambda text: datetime.strptime(text, "%Y-%m"),
}


@cache
def cells(name: str) -> pd.DataFrame:
    """A table as text, cell by cell."""
    return pd.read_csv(DATA / RESOURCES[name]["path"], dtype=str, keep_default_na=False)


def shop(table: str, **options: Any) -> pd.DataFrame:
    """A table as an analyst would read it."""
    schema = RESOURCES[f"shop.{table}"]["schema"]
    dates = [field["name"] for field in schema["fields"] if field["type"] in ("date", "datetime")]
    path = DATA / "shop" / f"{table}.csv"
    return pd.read_csv(path, parse_dates=dates, na_values=schema["missingValues"], **options)


def clean_sales() -> pd.DataFrame:
    bought = shop("transactions").dropna(subset="customer_id")
    return bought[~bought.drop(columns="transaction_id").duplicated()]


def files(folder: Path) -> dict[str, bytes]:
    skipped = ("make", "__pycache__")
    paths = [path for path in folder.rglob("*") if path.is_file()]
    names = {path.relative_to(folder): path for path in paths}
    return {str(name): path.read_bytes() for name, path in names.items() if name.parts[0] not in skipped}


def test_files_are_what_the_generator_makes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "datasets.make", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    made, kept = files(tmp_path), files(DATA)
    assert set(kept) - set(made) == {"README.md", "__init__.py"}
    stale = [name for name in made if made[name] != kept.get(name)]
    assert not stale, f"run `python -m datasets.make`: {stale}"


def test_small_enough_for_a_browser() -> None:
    paths = [DATA / resource["path"] for resource in RESOURCES.values()]
    assert sum(path.stat().st_size for path in [*paths, DATA / "datapackage.json"]) <= 3_000_000


def test_readme_names_every_file() -> None:
    text = (DATA / "README.md").read_text("utf-8")
    names = Counter(Path(resource["path"]).name for resource in RESOURCES.values())
    for name, companies in names.items():
        assert text.count(f"`{name}`") == 2 * companies, name


def test_package_is_described_in_both_languages() -> None:
    assert [licence["name"] for licence in PACKAGE["licenses"]] == ["CC-BY-4.0"]
    described = [PACKAGE, *PACKAGE["companies"]]
    described += [outcome for company in PACKAGE["companies"] for outcome in company.get("outcomes", [])]
    for resource in RESOURCES.values():
        described += [resource, *resource["schema"]["fields"]]
        for stated in resource["dirt"]:
            assert stated["description"]
            assert stated["description_ja"]
        for field in resource["schema"]["fields"]:
            assert field["type"] != "integer" or field["unit"], field
            for label in field.get("labels", []):
                assert label["en"]
                assert label["ja"]
    for record in described:
        assert not re.search(r"[぀-ヿ一-鿿]", record["title"] + record["description"]), record["name"]
        assert re.search(r"[぀-ヿ一-鿿A-Z]", record["title_ja"]), record["name"]
        assert re.search(r"[぀-ヿ一-鿿]", record["description_ja"]), record["name"]


@pytest.mark.parametrize("name", RESOURCES)
def test_bytes_are_as_stated(name: str) -> None:
    resource = RESOURCES[name]
    content = (DATA / resource["path"]).read_bytes()
    assert len(content) == resource["bytes"]
    assert f"sha256:{hashlib.sha256(content).hexdigest()}" == resource["hash"]
    assert b"\r" not in content
    assert not content.startswith(codecs.BOM_UTF8)
    assert content.decode("utf-8").endswith("\n")


@pytest.mark.parametrize("name", RESOURCES)
def test_schema_holds_for_every_row(name: str) -> None:
    table, schema = cells(name), RESOURCES[name]["schema"]
    assert len(table) == RESOURCES[name]["rows"] > 0
    assert list(table) == [field["name"] for field in schema["fields"]]
    for field in schema["fields"]:
        column, rules = table[field["name"]], field.get("constraints", {})
        missing = column.isin(schema["missingValues"])
        assert not (rules.get("required") and missing.any()), field["name"]
        known = column[~missing]
        values = known.map(PARSE[field["type"]])
        assert "enum" not in rules or set(known) <= set(rules["enum"]), field["name"]
        assert "pattern" not in rules or known.str.fullmatch(rules["pattern"]).all(), field["name"]
        assert "minimum" not in rules or (values >= rules["minimum"]).all(), field["name"]
        assert "maximum" not in rules or (values <= rules["maximum"]).all(), field["name"]
        if field["type"] == "datetime":
            assert all(value.tzinfo for value in values), field["name"]
    assert not table.duplicated(schema["primaryKey"]).any()
    assert not table[schema["primaryKey"]].isin(schema["missingValues"]).any(axis=None)
    for key in schema.get("foreignKeys", []):
        other = cells(key["reference"]["resource"] or name)[key["reference"]["fields"]]
        used = table.loc[~table[key["fields"]].isin(schema["missingValues"]), key["fields"]]
        assert set(used) <= set(other), key


@pytest.mark.parametrize(
    ("name", "stated"), DIRT, ids=[f"{name}-{d['column']}-{d['kind']}" for name, d in DIRT]
)
def test_stated_dirt_is_there(name: str, stated: dict[str, Any]) -> None:
    assert recount(name, stated) == stated["count"] > 0


def recount(name: str, stated: dict[str, Any]) -> int:
    """The faults of a kind, counted with pandas and not as the generator counts them."""
    table, schema = cells(name), RESOURCES[name]["schema"]
    known = table.mask(table.isin(schema["missingValues"]))
    column = known.get(stated["column"])
    other = known.get(stated.get("other"))
    labels = {field["name"]: [one["value"] for one in field.get("labels", [])] for field in schema["fields"]}
    match stated["kind"]:
        case "missing":
            found = table[stated["column"]] == stated["value"] if "value" in stated else column.isna()
        case "gap":
            found = table[stated["column"]] == ""
            for given_, value in stated["where"].items():
                found &= known[given_].notna() if value == "*" else known[given_] == value
        case "duplicate":
            found = table.drop(columns=schema["primaryKey"]).duplicated()
        case "repeat":
            found = column.dropna().duplicated()
        case "negative":
            found = pd.to_numeric(column) < 0
        case "above":
            found = pd.to_numeric(column) > stated["limit"]
        case "below":
            found = pd.to_numeric(column) < stated["limit"]
        case "pattern":
            found = column.notna() & ~column.str.fullmatch(stated["pattern"], na=False)
        case "spelling":
            found = column.notna() & ~column.isin(labels[stated["column"]])
        case "before":
            found = pd.to_datetime(column) < pd.to_datetime(other)
        case "contradiction":
            found = (column == "true") & (other.isna() | (other == "false"))
        case "skipped":
            place = column.map(labels[stated["column"]].index)
            groups = place.groupby(table[stated["group"]])
            found = groups.nunique() < groups.max() + 1
        case "month":
            times = pd.to_datetime(column)
            found = times.dt.month != times.dt.tz_convert("Asia/Tokyo").dt.month
        case kind:
            raise AssertionError(f"nobody counts {kind}")
    return int(found.sum())


@pytest.mark.parametrize("name", RESOURCES)
def test_no_dirt_that_is_not_stated(name: str) -> None:
    table, schema = cells(name), RESOURCES[name]["schema"]
    stated = {(one["kind"], one["column"]) for one in RESOURCES[name]["dirt"]}
    company = COMPANIES[name.partition(".")[0]]
    begin = pd.Timestamp(company["first_day"], tz=company["timezone"])
    end = pd.Timestamp(company["extracted"])
    # Rows about someone: two that are alike in everything else tell the same thing twice. Where the key
    # itself says whom a row is about, no two rows are about the same.
    about = {key["fields"] for key in schema.get("foreignKeys", [])}
    if about and not about & set(schema["primaryKey"]) and ("duplicate", "") not in stated:
        assert not table.drop(columns=schema["primaryKey"]).duplicated().any()
    for field in schema["fields"]:
        column = table[field["name"]]
        if ("pattern", field["name"]) not in stated:
            assert (column == column.str.strip()).all(), field["name"]
        missing = column.isin(schema["missingValues"])
        explained = "empty_means" in field or {("missing", field["name"]), ("gap", field["name"])} & stated
        assert explained or not missing.any(), field["name"]
        known = column[~missing]
        if field["type"] == "date" and field["name"] != "ends":
            assert (known <= company["last_day"]).all(), field["name"]
        if field["type"] == "datetime":
            times = pd.to_datetime(known, utc=True)
            assert (times >= begin - pd.Timedelta(minutes=15)).all()
            assert (times < end).all()


def test_nobody_can_be_reached() -> None:
    for name in RESOURCES:
        content = (DATA / RESOURCES[name]["path"]).read_text("utf-8")
        for domain in re.findall(r"[@＠](\S+?),", content):
            assert domain.startswith("example"), name
    phones = shop("contact_records", dtype=str).phone.dropna()
    assert phones.str.translate(str.maketrans("０", "0")).str.startswith("000").all()


def test_two_full_years() -> None:
    days = shop("transactions").time.dt.tz_convert("Asia/Tokyo")
    per_month = days.dt.strftime("%Y-%m").value_counts()
    assert len(per_month) == 24
    assert per_month.min() >= 300
    assert (days.dt.hour < 3).mean() > 0.03


def test_business_hours_are_those_of_the_calendar() -> None:
    tickets = shop("tickets")
    hours = shop("opening_hours").set_index("weekday")
    closed = set(shop("closed_days").date.dt.date)

    def is_open(moment: pd.Timestamp) -> bool:
        opens, closes = hours.loc[moment.isoweekday()]
        return (
            moment.date() not in closed and isinstance(opens, str) and opens <= f"{moment:%H:%M:%S}" < closes
        )

    assert (tickets.opened.map(is_open) == tickets.in_business_hours).all()
    right = tickets[tickets.first_response >= tickets.opened]
    at_closing = right.first_response.dt.minute + right.first_response.dt.second == 0
    assert (right.first_response.map(is_open) | at_closing).all()


def test_sales_are_concentrated_but_not_exactly_80_20() -> None:
    by_customer = clean_sales().groupby("customer_id").amount_jpy.sum().sort_values(ascending=False)
    top = by_customer.head(math.ceil(len(by_customer) / 5)).sum() / by_customer.sum()
    assert 0.65 < top < 0.75


def test_older_customers_answer_less_and_are_less_happy() -> None:
    asked = shop("surveys").query("occasion == 'relationship'").merge(shop("customers"), on="customer_id")
    older = asked.age_band.isin(["60-69", "70+"])
    told = asked.age_band.notna()
    answered = asked.answered.notna()
    assert answered[older].mean() < 0.5 * answered[told & ~older].mean()
    assert asked.nps[older].mean() < asked.nps[told & ~older].mean() - 0.4
    by_channel = answered.groupby(asked.channel).mean()
    assert by_channel["sms"] < by_channel["email"] < by_channel["line"]


def test_discount_subscribers_leave_when_the_discount_ends() -> None:
    held = shop("subscriptions")
    as_of = pd.Timestamp("2025-04-01")
    months = ((held.ended.fillna(as_of) - held.started).dt.days / 30.44).round()

    def loss(group: pd.Series, first: int, last: int) -> float:
        at_risk = [(months[group] >= month).sum() for month in range(first, last + 1)]
        left = (held.ended.notna() & months.between(first, last))[group].sum()
        return float(left / sum(at_risk))

    discounted = held.discount_percent > 0
    assert min(discounted.sum(), (~discounted).sum()) > 200
    assert loss(discounted, 1, 2) < loss(~discounted, 1, 2)
    assert loss(discounted, 3, 5) > 3 * loss(~discounted, 3, 5)
    assert (held[discounted & months.between(3, 5)].end_reason == "price").mean() > 0.5


def test_one_complaint_cause_dominates_from_february_2024() -> None:
    told = shop("complaints")
    causes = told.cause.value_counts()
    assert causes.index[0] == "broken_on_arrival"
    assert causes.iloc[0] > 2.5 * causes.iloc[1]
    broken = told[told.cause == "broken_on_arrival"].date.dt.strftime("%Y-%m").value_counts()
    monthly = broken.reindex(pd.period_range("2023-04", "2025-03", freq="M").astype(str), fill_value=0)
    assert monthly[:"2024-01"].max() <= 4
    assert monthly["2024-02":"2024-10"].min() >= 8
    assert monthly["2024-12":].max() < monthly["2024-02":"2024-10"].min()


def test_satisfaction_dips_with_the_breakages_and_comes_back() -> None:
    answered = shop("surveys").query("occasion == 'relationship'").dropna(subset="csat")
    invited = answered.invited
    before = answered[invited < "2024-02-01"].csat
    during = answered[invited.between("2024-02-01", "2024-11-10")].csat
    after = answered[invited > "2025-01-01"].csat
    assert during.mean() < before.mean() - 0.1
    assert after.mean() > during.mean() + 0.15


def test_support_satisfaction_falls_with_waiting() -> None:
    rated = shop("surveys").dropna(subset=["ticket_id", "csat"]).merge(shop("tickets"), on="ticket_id")
    hours = (rated.first_response - rated.opened) / pd.Timedelta(hours=1)
    assert len(rated) > 600
    assert spearmanr(hours, rated.csat).statistic < -0.3
    by_wait = rated.csat.groupby(pd.cut(hours, [0, 0.25, 4, 24, np.inf]), observed=True).mean()
    assert by_wait.is_monotonic_decreasing
    by_operator = (
        rated.groupby("operator_id").csat.agg(["mean", "count"]).query("count >= 40")["mean"].sort_values()
    )
    assert by_operator.iloc[0] < by_operator.iloc[1] - 0.3


def test_some_loyal_customers_are_loyal_by_habit_only() -> None:
    answered = shop("surveys").dropna(subset="nps").sort_values("invited")
    days = (
        clean_sales()
        .query("kind == 'sale'")
        .groupby("customer_id")
        .time.agg(lambda time: time.dt.date.nunique())
    )
    known = (
        answered.groupby("customer_id").nps.last().to_frame().join(days.rename("days")).fillna({"days": 0})
    )
    frequent = known[known.days >= known.days.quantile(0.75)]
    assert (frequent.nps <= 6).mean() > 0.35
    assert (frequent.nps <= 6).sum() > 80
    assert (frequent.nps >= 9).mean() > 0.15
    rare = known[known.days < known.days.quantile(0.75)]
    assert (rare.nps >= 9).sum() > 80


def test_phones_lose_buyers_at_the_checkout() -> None:
    reached = shop("web_events").groupby(["device", "step"]).session_id.nunique().unstack()
    done = reached.purchase / reached.checkout
    assert done["mobile"] < done["desktop"] - 0.15


def test_recent_leads_have_converted_less_only_because_they_are_recent() -> None:
    leads = shop("leads").drop_duplicates("contact_hash")
    bought = leads.converted.notna()
    assert bought[leads.created >= "2025-02-01"].mean() < 0.75 * bought[leads.created < "2025-02-01"].mean()


def test_decisions_rest_on_data_more_often_though_some_only_say_so() -> None:
    log = shop("decisions", dtype={"based_on_data": "boolean"})
    shown = log.analysis_id.notna()
    assert shown[log.date >= "2024-04-01"].mean() > shown[log.date < "2024-04-01"].mean()
    assert log.based_on_data.sum() > shown.sum()


def test_employees_grow_more_engaged_and_the_brand_better_known() -> None:
    survey = shop("employee_survey").query("answered")
    engaged = survey.filter(regex="^e[1-6]$").mean(axis=1).groupby(survey.wave).mean()
    assert engaged.iloc[1] > engaged.iloc[0] + 0.2
    aided = shop("brand_tracking").dropna(subset="aided")
    by_year = aided.aided.astype(bool).groupby(aided.quarter < "2024Q2").mean()
    assert by_year[False] > by_year[True] + 0.02


def test_own_sales_lie_within_the_market_figure() -> None:
    own = shop("market_sales").query("company == 'tomoshibi'").sales_thousand_jpy.sum() * 1000
    assert 0.05 < shop("transactions").amount_jpy.sum() / own < 0.5


@given(st.floats(-12, 12))
def test_exponential_by_multiplication(x: float) -> None:
    assert exp(x) == pytest.approx(math.exp(x), rel=x * x / 8192 * 1.05 + 1e-11)


@given(st.lists(st.integers(), max_size=30), st.data())
def test_sample_keeps_order_and_size(items: list[int], data: st.DataObject) -> None:
    size = data.draw(st.integers(0, len(items)))
    places = Draws(str(items)).sample(list(enumerate(items)), size)
    assert len(places) == size
    assert places == sorted(set(places))
