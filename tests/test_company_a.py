"""Company A: its outcomes computed from the rows, in plain pandas and by the course's own metrics."""

import json
import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import cxassess as cx
from cxassess import kpi
from cxassess.language import language as in_language
from cxassess.playbook.check import check_playbook
from cxassess.playbook.files import read_playbook
from datasets.make.company_a import playbook
from tests.conftest import ROOT
from tests.test_texts import SLIPS, texts

DATA = ROOT / "datasets"
EXAMPLES = ROOT / "templates" / "examples"
PACKAGE = json.loads((DATA / "datapackage.json").read_text("utf-8"))
SCHEMAS = {resource["name"]: resource["schema"] for resource in PACKAGE["resources"]}
DECLARED = next(company for company in PACKAGE["companies"] if company["name"] == "company_a")["outcomes"]
# What the course's sources tell of the company.
OUTCOMES = {
    "new_product_sales": 50,
    "satisfaction_at_communication": 20,
    "satisfaction": 30,
    "brand_awareness": 20,
    "employee_engagement": 15,
}
ITEMS = ["e1", "e2", "e3", "e4", "e5", "e6"]


def read(table: str) -> pd.DataFrame:
    """A table as an analyst would read it."""
    schema = SCHEMAS[f"company_a.{table}"]
    dates = [field["name"] for field in schema["fields"] if field["type"] in ("date", "datetime")]
    path = DATA / "company_a" / f"{table}.csv"
    return pd.read_csv(path, parse_dates=dates, na_values=schema["missingValues"])


def change(before: float, after: float) -> float:
    return 100 * (after - before) / before


def new_product_sales(sales: pd.DataFrame) -> pd.Series:
    """Money by year (first, second) for products in their first twelve months."""
    month, launched = (pd.PeriodIndex(sales[name], freq="M") for name in ("month", "launched"))
    age = np.array([int(one) for one in month.astype("int64") - launched.astype("int64")])
    second = np.where(sales.month >= "2024-04", "second", "first")
    return sales.amount_jpy[age < 12].groupby(second[age < 12]).sum()


def clean_sales() -> pd.DataFrame:
    sales = read("sales")
    return sales[~sales.drop(columns="sale_id").duplicated()]


def test_declared_outcomes_are_those_of_the_sources() -> None:
    assert {one["name"]: one["change_percent"] for one in DECLARED} == OUTCOMES
    metrics = set(cx.load_model().records["metric"])
    assert {one["metric"] for one in DECLARED} - {""} <= metrics
    assert {one["resource"] for one in DECLARED} <= set(SCHEMAS)


def test_outcomes_computed_in_plain_pandas() -> None:
    sales = new_product_sales(clean_sales())
    satisfied = (
        read("customer_survey").dropna(subset="csat").groupby("wave").csat.agg(lambda c: (c >= 4).mean())
    )
    asked = read("brand_tracking").dropna(subset="aided")
    aware = asked.aided.astype(bool).groupby(asked.wave).mean()
    staff = read("employee_survey")
    engaged = staff[ITEMS].mean(axis=1).groupby(staff.wave).mean()
    computed = {
        "new_product_sales": change(sales["first"], sales["second"]),
        "satisfaction_at_communication": change(satisfied[1], satisfied[2]),
        "satisfaction": change(satisfied[1], satisfied[3]),
        "brand_awareness": change(aware[1], aware[3]),
        "employee_engagement": change(engaged[1], engaged[2]),
    }
    assert computed == pytest.approx(OUTCOMES, abs=0.05)


def test_outcomes_computed_by_the_metrics_of_the_course() -> None:
    waves = dict(list(read("customer_survey").groupby("wave")))
    for name, wave in (("satisfaction_at_communication", 2), ("satisfaction", 3)):
        found = kpi.satisfaction_improvement_rate(waves[1], waves[wave], "csat", customer="customer_id")
        assert found.estimate == pytest.approx(OUTCOMES[name], abs=0.05)
        assert 0 < found.low < found.estimate < found.high
        two = [kpi.csat(waves[one], "csat").estimate for one in (1, wave)]
        assert change(*two) == pytest.approx(found.estimate)
    known = {
        wave: kpi.brand_awareness(rows, "aided") for wave, rows in read("brand_tracking").groupby("wave")
    }
    assert change(known[1].estimate, known[3].estimate) == pytest.approx(20, abs=0.05)
    assert known[1].high < known[3].low
    staff = read("employee_survey").groupby("wave")
    engaged = {wave: kpi.employee_engagement_score(rows, ITEMS) for wave, rows in staff}
    assert change(engaged[1].estimate, engaged[2].estimate) == pytest.approx(15, abs=0.05)
    assert engaged[1].high < engaged[2].low


def test_a_wrong_turn_gives_another_figure() -> None:
    twice = new_product_sales(read("sales"))
    assert abs(change(twice["first"], twice["second"]) - 50) > 0.05, "loaded twice and never noticed"
    answered = read("customer_survey").dropna(subset="csat").groupby("wave").csat.mean()
    assert 5 < change(answered[1], answered[3]) < 15, "the mean is another metric than the share of satisfied"
    with_code = pd.read_csv(DATA / "company_a" / "customer_survey.csv").groupby("wave").csat.mean()
    assert with_code[1] > 5, "99 is no score"
    wave_2_to_3 = [rows for wave, rows in read("customer_survey").groupby("wave") if wave > 1]
    found = kpi.satisfaction_improvement_rate(*wave_2_to_3, "csat")
    assert found.low < 0 < found.high, "the last step alone lies within chance"


def test_not_everybody_answers() -> None:
    survey = read("customer_survey").merge(read("customers"), on="customer_id")
    answered = survey.answered.notna()
    assert answered.groupby(survey.wave).mean().between(0.35, 0.5).all()
    by_age = answered.groupby(survey.age_band).mean()
    assert by_age["70+"] < by_age["40-49"] - 0.15
    staff = read("employee_survey")
    assert staff.answered.groupby(staff.wave).mean().between(0.75, 0.92).all()
    assert read("tickets").rating.notna().mean() < 0.5


def test_customers_left_and_now_stay() -> None:
    people = read("customers")
    kept = []
    for begin, end in (("2023-04-01", "2024-04-01"), ("2024-04-01", "2025-04-01")):
        here = people[(people.registered < begin) & ~(people.left < begin)]
        kept.append(1 - (here.left < end).mean())
    assert kept[0] < 0.8
    assert kept[1] > kept[0] + 0.06


def test_what_the_first_step_found() -> None:
    before = read("customer_survey").query("wave == 1 and answered.notna()")
    means = before[["csat", "ease", "energy"]].mean()
    assert means.idxmin() == "ease"
    strength = {
        item: spearmanr(before[item], before.csat, nan_policy="omit").statistic for item in ("ease", "energy")
    }
    assert strength["ease"] > strength["energy"] > 0.2
    assert (before.energy_matters >= 4).mean() > 0.6
    heard = read("interviews")
    themes = heard.theme.value_counts()
    assert set(themes.index[:2]) == {"ease_of_use", "energy"}
    assert (heard[heard.theme == "ease_of_use"].sentiment == "negative").mean() > 0.7
    assert heard.interview_id.nunique() == 18


def test_products_became_easier_and_use_less() -> None:
    tests = read("user_tests")
    done = tests.groupby(["version", "task"]).completed.mean().unstack()
    seconds = tests.fillna({"seconds": 301}).groupby(["version", "task"]).seconds.median().unstack()
    assert (done.loc["released"] > done.loc["old"]).all()
    assert (seconds.loc["released"] < 0.6 * seconds.loc["old"]).all()
    usage = read("usage")
    energy = usage.groupby(["month", "interface"])[["energy_mode_runs", "runs"]].sum()
    share = (energy.energy_mode_runs / energy.runs).unstack()
    later = share.loc["2024-11":]
    assert (later.new > later.old + 0.15).all()
    assert (later.old - share.old["2023-11"]).abs().max() < 0.04, "who did not update, did not change"


def test_new_models_sell_and_old_ones_do_not_pay_for_it() -> None:
    by_year = (
        clean_sales().assign(second=lambda sales: sales.month >= "2024-04").groupby("second").amount_jpy.sum()
    )
    assert change(by_year[False], by_year[True]) > 10


def test_nobody_waits_for_the_morning_any_more() -> None:
    tickets = read("tickets")
    right = tickets[~(tickets.first_response < tickets.opened)]
    median, satisfied = {}, {}
    for later, rows in right.groupby(right.opened >= pd.Timestamp("2024-07-01", tz="Asia/Tokyo")):
        median[later] = kpi.first_response_time(
            rows, opened="opened", responded="first_response", as_of="2025-04-01", tz="Asia/Tokyo"
        ).median.estimate
        satisfied[later] = kpi.support_satisfaction(rows, "rating")
    assert median[True] < 0.1 * median[False]
    assert satisfied[False].high < satisfied[True].low


def test_forecasts_miss_by_less() -> None:
    demand = read("demand")
    missed = (demand.forecast_units - demand.sold_units).abs().groupby(demand.method).sum()
    error = missed / demand.groupby("method").sold_units.sum()
    assert error["model"] < 0.65 * error["planner"]
    assert demand.groupby("method").days_out_of_stock.mean().idxmin() == "model"
    sold = clean_sales().groupby(["month", "product_id"]).units.sum()
    assert (demand.set_index(["month", "product_id"]).sold_units == sold).all()


def test_talking_and_personal_mailings_pay() -> None:
    social = read("social")
    engagements = ["likes", "comments", "shares"]
    before, after = social[social.month < "2024-06"], social[social.month >= "2024-06"]
    rates = [kpi.social_engagement_rate(rows, engagements, base="impressions") for rows in (before, after)]
    assert rates[0].high < rates[1].low
    assert (
        after.answered.sum() / after.questions.sum()
        > 0.8
        > 2 * before.answered.sum() / before.questions.sum()
    )
    mailings = read("campaigns").groupby("personalised")[["opened", "recipients"]].sum()
    opened = mailings.opened / mailings.recipients
    assert opened[True] > 1.8 * opened[False]
    assert read("campaigns").query("personalised").sent.min() >= pd.Timestamp("2024-09-02")


def test_nearly_everyone_was_trained() -> None:
    invited = read("training_records").query("course == 'customer_first'")
    here = read("employees").query("left.isna()").employee_id
    attended = invited[invited.employee_id.isin(here)].assign(
        attended=lambda rows: rows.attended.astype("boolean")
    )
    share = kpi.training_participation_rate(attended, employee="employee_id")
    assert 85 < share.estimate < 98
    across = read("projects").assign(several=lambda rows: rows.functions.str.contains(";"))
    by_year = across.several.groupby(across.started >= "2024-04-01").mean()
    assert by_year[True] > by_year[False] + 0.2


def test_assessment_before_and_after() -> None:
    folder = DATA / "company_a" / "assessment"
    rounds = {path.name: cx.score(cx.read_answers(path)) for path in sorted(folder.iterdir())}
    assert [(name, result.stage.id) for name, result in rounds.items()] == [
        ("2023-10", "listening"),
        ("2025-03", "acting"),
    ]
    before, after = rounds.values()
    gained = {id: after.elements[id].score - before.elements[id].score for id in before.elements}
    assert min(gained.values()) > 0
    assert max(gained, key=gained.__getitem__) in {"product", "data", "appraisal"}
    texts: list[Any] = [
        text for path in sorted(folder.glob("2025-03/*.json")) if path.name != "team.json"
        for key, text in json.loads(path.read_text("utf-8"))["answers"].items() if key.startswith("evidence.")
    ]  # fmt: skip
    assert len(texts) > 40
    for words in (
        "October 2023|2023年10月",
        "22 May 2024|2024年5月22日",
        "1 July 2024|2024年7月1日",
        "September 2024|2024年9月",
        "January 2025|2025年1月",
    ):
        assert any(word in text for text in texts for word in words.split("|")), (
            f"a step without evidence: {words}"
        )


@pytest.mark.parametrize("language", ["en", "ja"])
def test_playbook_is_complete_and_stands_the_check(language: str) -> None:
    book = read_playbook(EXAMPLES / f"company-a.{language}.json")
    assert book.problems == ()
    assert set(book.values) == set(cx.load_model().records["field"])
    before = cx.score(cx.read_answers(DATA / "company_a" / "assessment" / "2023-10"))
    assert check_playbook(book, before).findings == ()


def test_playbook_says_the_same_in_both_languages() -> None:
    def numbers(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: numbers(one) for key, one in value.items()}
        if isinstance(value, tuple):
            return [numbers(one) for one in value]
        date = isinstance(value, str) and re.fullmatch(r"20\d\d-\d\d-\d\d", value)
        return value if date or not isinstance(value, str) else ""

    english, japanese = (read_playbook(EXAMPLES / f"company-a.{code}.json").values for code in ("en", "ja"))
    assert numbers(english) == numbers(japanese)


def test_playbook_is_filled_in_from_the_data(tmp_path: Path) -> None:
    playbook.write(DATA, tmp_path)
    for made in tmp_path.iterdir():
        kept = (EXAMPLES / made.name).read_text("utf-8")
        assert made.read_text("utf-8") == kept, "run `python -m datasets.make`"
    today = read_playbook(EXAMPLES / "company-a.en.json")
    wave = read("customer_survey").query("wave == 1")
    assert today.rows("csat_target")[0]["present"] == kpi.csat(wave, "csat").estimate
    others = {row["metric"]: row["present"] for row in today.rows("more_targets")}
    known = read("brand_tracking").query("wave == 1")
    assert others["brand_awareness"] == kpi.brand_awareness(known, "aided").estimate


def test_playbook_knows_nothing_of_what_came_later() -> None:
    found = playbook.figures(DATA / "company_a")
    later = {"customers": "registered", "devices": "registered", "tickets": "opened", "employees": "joined", "user_tests": "held",
             "training_records": "held", "sales": "month", "demand": "month", "usage": "month", "social": "month"}  # fmt: skip

    class Until:
        """The folder as it was on the day on which the playbook was written."""

        def __truediv__(self, name: str) -> Any:
            table = pd.read_csv(DATA / "company_a" / name, dtype=str, keep_default_na=False)
            if column := later.get(name.removesuffix(".csv")):
                table = table[table[column] < playbook.WRITTEN]
            if "wave" in table:
                table = table[table.wave == "1"]
            if "left" in table:
                table = table.assign(left=table.left.where(table.left < playbook.WRITTEN, ""))
            return StringIO(table.to_csv(index=False))

    assert playbook.figures(Until()) == pytest.approx(found)  # type: ignore[arg-type]


def test_japanese_is_set_as_japanese_is_set() -> None:
    folder = ROOT / "datasets" / "make" / "company_a"
    for path in folder.rglob("*.toml"):
        for place, found in texts(path):
            plain = re.sub(r"\{[^}]*\}|`[^`]*`", "", found.get("ja", ""))
            for slip, pattern in SLIPS.items():
                assert not pattern.search(plain), f"{slip} in {path.name} {place}: {found['ja']}"


def test_the_plan_is_no_bargain_beforehand_and_the_customers_who_stayed_say_otherwise() -> None:
    """What lessons 15 and 16 say in words."""
    before = cx.score(cx.read_answers(DATA / "company_a" / "assessment" / "2023-10"))
    found = cx.plan(before)
    asked = {"customers": 20_800, "margin": 2_270, "cost_per_day": (60_000, 45_000, 35_000)}
    then = cx.worth(found, retention=0.776, **asked)
    low, likely, high = then.profit
    assert low < likely < 0 < high
    assert "round_the_clock_support" not in [one.id for one in found.actions]
    kept = 1 - _left_share("2024-04-01", "2025-04-01")
    assert kept > then.retention[1][2] + 0.03  # beyond the optimistic end
    assert (
        cx.worth(
            found, retention=0.776, points_per_level=100 * (kept - 0.776) / found.gains[-1], **asked
        ).profit[1]
        > 0
    )


def _left_share(since: str, until: str) -> float:
    people = read("customers")
    here = people[(people["registered"] < since) & ~(people["left"] < since)]
    return float((here["left"] < until).mean())


@pytest.mark.parametrize(("language", "name"), [("en", "Company A"), ("ja", "A社")])
def test_it_is_called_by_its_name_in_each_language(language: str, name: str) -> None:
    with in_language(language):
        found = cx.read_answers(DATA / "company_a" / "assessment" / "2023-10")
    assert (found.team.name, found.problems) == (name, ())
