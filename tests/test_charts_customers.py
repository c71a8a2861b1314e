"""Charts of customers, voices and money: drawn in both languages with every glyph, saying what the data says."""

import io
import re
import warnings
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cxassess import kpi
from cxassess.charts import customers, economics, retention, voices
from cxassess.charts.chart import Chart
from cxassess.charts.labels import bounds, labelled, number, share, tell
from cxassess.charts.marks import Bar, Cell, Curve, Mark, bars, grid, intervals, plot
from cxassess.kpi.estimate import Estimate
from cxassess.language import language

LANGUAGES = ["en", "ja"]
LESSONS = ["05-know-your-customers", "06-voices", "14-economics"]
DRAWING = ["customers", "retention", "voices", "economics", "words"]
NOW = {"margin": 100.0, "discount": 0.1, "cost": 0.0, "first_payment": "now", "booking": "start"}


@cache
def log() -> pd.DataFrame:
    """Forty customers who joined over a year, with one to twelve purchases and a few refunds."""
    random = np.random.default_rng(5)
    rows = []
    for customer in range(40):
        first = int(random.integers(0, 360))
        for number_of in range(int(random.integers(1, 13))):
            day = pd.Timestamp("2024-01-01") + pd.Timedelta(days=first + 25 * number_of)
            rows.append((f"c{customer}", day.date(), int(random.integers(5, 90)) * 100))
        if customer % 9 == 0:
            rows.append((f"c{customer}", day.date(), -300))
    table = pd.DataFrame(rows, columns=["id", "on", "amt"])
    return table[table["on"] <= pd.Timestamp("2024-12-31").date()]


def transactions() -> kpi.Transactions:
    return kpi.Transactions(log(), customer="id", time="on", amount="amt", as_of="2024-12-31", currency="JPY")


def orders() -> pd.DataFrame:
    random = np.random.default_rng(2)
    pick = {
        "category": ["cup", "pot", None],
        "taste": ["plain", "bright"],
        "brand": ["x", "y"],
        "group": ["a", "b"],
    }
    table = pd.DataFrame(
        {name: random.choice(np.array(values, dtype=object), 200) for name, values in pick.items()}
    )
    return table.assign(customer=random.integers(0, 30, 200))


def people() -> pd.DataFrame:
    random = np.random.default_rng(3)
    table = pd.DataFrame({"attitude": random.integers(0, 11, 200), "behaviour": random.integers(0, 9, 200)})
    return table.assign(
        attitude=table["attitude"].where(table.index % 4 > 0), money=random.integers(1, 900, 200)
    )


def plans() -> pd.DataFrame:
    start = pd.date_range("2023-01-01", periods=60, freq="7D")
    lasts = np.random.default_rng(4).integers(20, 500, 60)
    end = start + pd.to_timedelta(lasts, unit="D")
    return pd.DataFrame({"start": start, "end": end.where(end < "2024-06-01")})


def clicks(by: bool) -> Any:
    visits = [("v1", "phone", 3), ("v2", "phone", 1), ("v3", "desk", 3), ("v4", "desk", 2), ("v5", "desk", 3)]
    steps = ["see", "cart", "buy"]
    rows = [
        (visit, device, steps[place], pd.Timestamp("2024-04-01 10:00") + pd.Timedelta(minutes=place))
        for visit, device, reached in visits
        for place in range(reached)
    ]
    table = pd.DataFrame(rows, columns=["visitor", "device", "stage", "time"])
    return kpi.funnel(table, steps, by="device" if by else None)


def complaints() -> pd.DataFrame:
    days = ["2024-01-05"] * 9 + ["2024-02-05"] * 31
    causes = (
        ["late"] * 4 + ["broken", "rude", None, "late", "late"] + ["broken"] * 25 + ["late"] * 3 + ["hot"] * 3
    )
    return pd.DataFrame({"time": pd.to_datetime(days), "cause": causes, "weight": [1] * 37 + [30] * 3})


def listening() -> Any:
    days = pd.date_range("2024-01-01", "2024-12-31", freq="5D").append(
        pd.date_range("2024-10-01", periods=30)
    )
    tones = [("positive", "negative", None, "neutral")[place % 4] for place in range(len(days))]
    posts = pd.DataFrame({"time": days, "tone": tones})
    return kpi.social_listening(posts, since="2024-01-01", until="2025-01-01", every="month", baseline=7)


def base() -> pd.DataFrame:
    answered = [1] * 6 + [0] * 54 + [1] * 24 + [0] * 16 + [1] * 3 + [0] * 3
    return pd.DataFrame({"age": ["young"] * 60 + ["old"] * 40 + [None] * 6, "answered": answered})


def ratings() -> pd.DataFrame:
    rows = {"ann": [4, 5] * 20, "bo": [2, 3] * 20, "cy": [4, 4, 3, 5]}
    return pd.DataFrame(
        [(name, one) for name, all_ in rows.items() for one in all_], columns=["who", "rating"]
    )


def spoken() -> pd.DataFrame:
    quarters = pd.to_datetime(["2024-01-01", "2024-04-01"] * 2)
    return pd.DataFrame({"channel": ["mail", "mail", "shop", "shop"], "period": quarters, "voices": [50, 40, 4, 8],
                         "about": [5, 20, 0, 6]})  # fmt: skip


def forecasted() -> kpi.fit_bgnbd:
    return kpi.fit_bgnbd([0, 3, 1, 0, 6, 2], [0, 200, 40, 0, 300, 90], [300, 310, 280, 220, 320, 300])


def ratio(kept_anyway: float = 0.5) -> Any:
    amounts = {"acquisition_spend": 10_000_000, "new_customers": 1000, "retention_spend": 2_000_000}
    return kpi.acquisition_retention_ratio(
        **amounts, kept_customers=2000, kept_anyway=kept_anyway, unit="JPY"
    )


def profits(step_as: str = "points") -> list[Any]:
    rates = np.linspace(0.05, 0.945, 60)
    return [kpi.retention_profit(**NOW, retention=float(rate), step_as=step_as) for rate in rates]  # type: ignore


def cohort_values() -> dict[int, Estimate]:
    return {months: transactions().clv(margin=0.5, horizon=months) for months in range(1, 15)}


RULES = {"regulars": {"recency": (None, 60), "frequency": (4, None)}, "mine": {"frequency": (2, 4)}}
CHARTS: dict[str, Callable[[], Chart]] = {
    "rfm": lambda: customers.rfm(transactions().rfm()),
    "rfm_of_three": lambda: customers.rfm(transactions().rfm(bins=3)),
    "deciles": lambda: customers.deciles(transactions().deciles()),
    "lorenz": lambda: customers.lorenz({"A": transactions().pareto(0.2), "B": transactions().pareto(0.2)}),
    "ctb": lambda: customers.ctb(kpi.ctb(orders(), by="group"), "category"),
    "segments": lambda: customers.segments(
        kpi.segments(transactions().rfm(), ["money"], rules=RULES), "money"
    ),
    "k_means": lambda: customers.segments(
        kpi.segments(transactions().rfm(), ["recency", "frequency", "money"], k=3), "money"
    ),
    "loyalty": lambda: customers.loyalty(
        kpi.loyalty_matrix(people(), attitude_mark=9, behaviour_mark=5, value="money"), "money"
    ),
    "loyalty_alone": lambda: customers.loyalty(
        kpi.loyalty_matrix(people(), attitude_mark=9, behaviour_mark=5)
    ),
    "cohorts": lambda: retention.cohorts(transactions().cohorts(), transactions().cohorts(value="customers")),
    "survival": lambda: retention.survival({"": kpi.survival(plans(), as_of="2024-06-01")}),
    "survivals": lambda: retention.survival(
        {"A": kpi.survival(plans(), as_of="2024-06-01"), "B": kpi.survival(plans()[:9], as_of="2023-04-01")},
        line=(3, "X"),
    ),
    "funnel": lambda: retention.funnel(clicks(by=False)),
    "funnels": lambda: retention.funnel(clicks(by=True)),
    "channels": lambda: voices.channels(spoken(), "X"),
    "causes": lambda: voices.causes(kpi.complaint_causes(complaints())),
    "weighed": lambda: voices.causes(kpi.complaint_causes(complaints(), weight="weight"), "W"),
    "rising": lambda: voices.rising(
        kpi.rising_causes(complaints(), since="2024-01-01", split="2024-02-01", until="2024-03-01")
    ),
    "none_rising": lambda: voices.rising(
        kpi.rising_causes(complaints()[:9], since="2024-01-01", split="2024-01-06", until="2024-01-11")
    ),
    "mentions": lambda: voices.mentions(listening()),
    "tone": lambda: voices.tone(listening()),
    "heard": lambda: voices.heard(kpi.representativeness(base(), ["age"]), "age"),
    "targets": lambda: voices.targets(kpi.voice_targets(ratings(), by="who", aim=4), 4, "T"),
    "payback": lambda: economics.payback(cohort_values(), 5000),
    "no_payback": lambda: economics.payback(cohort_values(), 5e6),
    "holdout": lambda: economics.holdout(
        pd.DataFrame({"customers": [10, 5], "expected": [0.5, 2.0], "actual": [0.4, 2.4]}, index=["0", "1+"])
    ),
    "alive": lambda: economics.alive(forecasted(), 300, [1, 3, 10]),
    "cost_ratio": lambda: economics.cost_ratio(ratio()),
    "gains": lambda: economics.gains({"P": profits(), "Q": profits("part")}, own=0.6),
}


@cache
def drawn(name: str, code: str) -> Chart:
    with language(code), warnings.catch_warnings():
        warnings.simplefilter("error")
        return CHARTS[name]()


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_is_drawn_with_every_glyph_and_nothing_left_to_fill_in(name: str, code: str) -> None:
    chart = drawn(name, code)
    picture = Image.open(io.BytesIO(chart.png))
    assert picture.width == 1120 and chart.size == (picture.width * 3 // 5, round(picture.height * 3 / 5))
    assert len(picture.convert("RGB").getcolors(100_000) or []) > 10
    assert len(chart.rows) > 1 and {len(row) for row in chart.rows} == {len(chart.rows[0])}
    said = [chart.title, chart.alt, *(cell for row in chart.rows for cell in row)]
    assert not any(re.search(r"[{}]|\bnan\b|\binf\b|None", one) for one in said)
    japanese = re.compile("[぀-ヿ一-鿿]")
    assert bool(japanese.search(chart.alt)) == (code == "ja")
    assert (code == "en") != bool(japanese.search("".join(chart.rows[0])))


@pytest.mark.parametrize("name", CHARTS)
def test_the_language_changes_no_number(name: str) -> None:
    def numbers(text: str) -> Counter[str]:
        return Counter(re.findall(r"\d[\d,.]*\d|\d", text))

    english, japanese = (drawn(name, code) for code in LANGUAGES)
    assert numbers(english.alt) == numbers(japanese.alt)
    for one, other in zip(english.rows[1:], japanese.rows[1:], strict=True):
        assert numbers(" ".join(one)) == numbers(" ".join(other))


def table(name: str) -> list[tuple[str, ...]]:
    return list(drawn(name, "en").rows[1:])


def percent(cell: str) -> float:
    return float(cell.removesuffix("%"))


def test_rfm_tells_how_many_stand_where_and_what_they_bring() -> None:
    scores, rows = transactions().rfm(), table("rfm")
    assert sum(int(n) for *_, n, _ in rows) == len(scores) == 40
    assert sum(percent(part) for *_, part in rows) == pytest.approx(100, abs=0.5 * len(rows))
    best = scores[(scores["r"] >= 4) & (scores["f"] >= 4)]
    gone = scores[(scores["r"] <= 2) & (scores["f"] >= 4)]
    part = share(100 * best["money"].sum() / scores["money"].sum())
    alt = drawn("rfm", "en").alt
    assert f"The {len(best)} who bought lately" in alt and f"bring {part} of sales" in alt
    assert f"{len(gone)} who used to buy often" in alt


def test_deciles_and_curve_agree_with_sales_added_up_by_hand() -> None:
    sales = log().groupby("id")["amt"].sum().sort_values(ascending=False)
    total, rows = sales.sum(), table("deciles")
    assert [int(row[1]) for row in rows] == [4] * 10
    assert [row[2] for row in rows] == [
        share(100 * sales[4 * place : 4 * place + 4].sum() / total) for place in range(10)
    ]
    needed = next(place for place in range(10) if sales[: 4 * place + 4].sum() >= 0.8 * total) + 1
    assert f"The first {needed} together" in drawn("deciles", "en").alt
    assert table("lorenz")[0][1] == share(100 * sales[:8].sum() / total)


def test_what_groups_choose_agrees_with_their_orders() -> None:
    known = orders()
    counts = known.fillna({"category": "unlabelled"}).groupby("group")["category"].value_counts()
    for group, label, n, part, _ in table("ctb"):
        assert int(n) == counts[group, label]
        assert part == share(100 * counts[group, label] / counts[group].sum())
    for group in ("a", "b"):
        assert f"{group}: most often {counts[group].idxmax()}" in drawn("ctb", "en").alt


def test_segments_share_out_customers_and_sales() -> None:
    scores, rows = transactions().rfm(), table("segments")
    inside = (scores["recency"] < 60) & (scores["frequency"] >= 4)
    assert rows[0][:2] == ("Regulars", str(inside.sum()))
    assert rows[0][3] == share(100 * scores.loc[inside, "money"].sum() / scores["money"].sum())
    assert rows[0][4] == "Days since the last purchase: under 60, Purchases: 4 or more"
    assert rows[1][0] == "mine" and rows[1][4] == "Purchases: 2 to under 4"
    assert sum(int(row[1]) for row in rows) == 40
    assert [row[0] for row in table("k_means")] == ["Group 1", "Group 2", "Group 3"]


def test_loyalty_has_its_four_cells_and_counts_the_unknown() -> None:
    known = people().dropna(subset="attitude")
    high, often = known["attitude"] >= 9, known["behaviour"] >= 5
    cells = {"true loyalty": high & often, "latent loyalty": high & ~often, "spurious loyalty": ~high & often,
             "no loyalty": ~high & ~often}  # fmt: skip
    for name, n, part, _, sales in table("loyalty"):
        assert int(n) == cells[name].sum() and part == share(100 * cells[name].mean())
        assert sales == share(100 * known.loc[cells[name], "money"].sum() / known["money"].sum())
    assert "attitude of 50 customers is not known" in drawn("loyalty", "en").alt


def test_cohorts_leave_out_what_has_not_happened() -> None:
    rates, rows = transactions().cohorts(), table("cohorts")
    bought = log()[log()["amt"] > 0].assign(month=lambda one: pd.to_datetime(one["on"]).dt.to_period("M"))
    first = bought.groupby("id")["month"].min()
    start = first.min()
    row = next(row for row in rows if row[0] == str(start))
    members = first.index[first == start]
    again = bought[bought["id"].isin(members) & (bought["month"] == start + 1)]["id"].nunique()
    assert row[1] == str(len(members)) and row[2] == share(100 * again / len(members))
    gaps = sum(cell == "–" for row in rows for cell in row)
    shown = rates.loc[pd.to_datetime([row[0] for row in rows])].iloc[:, 1:]
    assert gaps == shown.isna().sum().sum() > 0


def test_survival_tells_what_the_curve_tells() -> None:
    curve = kpi.survival(plans(), as_of="2024-06-01")
    assert isinstance(curve, kpi.Survival) and curve.median.estimate
    row = table("survival")[0]
    assert row[1] == "60" and row[4] == share(curve.at(12).estimate)
    assert f"{row[4]} are still there after 12 months" in drawn("survival", "en").alt
    assert (
        table("survivals")[1][2:5] == ("observation ends before then",) * 3 or table("survivals")[1][1] == "9"
    )


def test_funnel_counts_visits_and_finds_the_widest_gap() -> None:
    assert [(row[0], row[1], row[2], row[4]) for row in table("funnel")] == [
        ("see", "5", "–", "100%"), ("cart", "4", "80%", "80%"), ("buy", "3", "75%", "60%"),
    ]  # fmt: skip
    assert "“buy”: 75%" in drawn("funnel", "en").alt
    assert "“cart”: 100% go on to it with desk, 50% with phone" in drawn("funnels", "en").alt


def test_channels_tell_the_share_about_the_topic() -> None:
    assert [row[4] for row in table("channels")] == ["10%", "50%", "0%", "75%"]
    assert "mail: at most 50%, in the quarter from 2024-04; at least 10%." in drawn("channels", "en").alt


def test_causes_stand_in_order_with_their_running_total() -> None:
    assert [(row[0], row[1], row[4]) for row in table("causes")] == [
        ("broken", "26", "65%"), ("late", "9", "88%"), ("hot", "3", "95%"), ("rude", "1", "98%"), ("not known", "1", "100%"),
    ]  # fmt: skip
    assert "2 of 5 causes make up 88%" in drawn("causes", "en").alt
    assert "By W, the heaviest is hot" in drawn("weighed", "en").alt


def test_only_what_rose_beyond_chance_is_called_rising() -> None:
    alt = drawn("rising", "en").alt
    assert re.findall(r"Rising: (\w+)", alt) == ["broken"]
    row = next(row for row in table("rising") if row[0] == "broken")
    assert row[1:3] == ("1", "25") and float(row[3]) == pytest.approx(25 / 1 * 31 / 29, abs=0.06)
    assert next(row for row in table("rising") if row[0] == "hot")[3] == "∞"
    assert drawn("none_rising", "en").alt == "No cause has risen by more than chance would explain."


def test_loud_months_are_named_and_the_unclassified_leave_the_tone() -> None:
    rows = {row[0]: row for row in table("mentions")}
    assert [month for month, row in rows.items() if row[3] == "yes"] == ["2024-10"]
    assert "Periods that stand out: 2024-10." in drawn("mentions", "en").alt
    assert sum(int(row[1]) for row in rows.values()) == 104
    assert sum(int(row[1]) for row in table("tone")) == 78


def test_the_silent_are_named() -> None:
    rows = {row[0]: row for row in table("heard")}
    assert rows["young"][1:] == ("60", "6", "57%", "18%", "0.32") and rows["not known"][1:3] == ("6", "3")
    assert "Heard too little: young." in drawn("heard", "en").alt


def test_a_target_is_set_only_where_the_whole_interval_is_below() -> None:
    alt, verdicts = drawn("targets", "en").alt, {row[0]: row[4] for row in table("targets")}
    assert verdicts == {"bo": "below the aim", "ann": "above the aim", "cy": "cannot be told"}
    assert "Below 4: bo." in alt and "Above 4: ann." in alt and "apart from 4: cy." in alt


def test_payback_is_the_first_month_that_covers_the_cost() -> None:
    values = {
        months: one.estimate or 0 for months, one in cohort_values().items() if one.estimate is not None
    }
    first = next(months for months, value in values.items() if value >= 5000)
    assert 1 < first < max(values)
    assert f"passes the cost after {first} months" in drawn("payback", "en").alt
    assert "does not pass the cost" in drawn("no_payback", "en").alt
    assert [int(row[0]) for row in table("payback")] == list(values)


def test_forecast_and_what_came_are_added_up() -> None:
    assert drawn("holdout", "en").alt == "Expected of all together: 15 purchases; 16 came (+7%)."


def test_silence_weighs_more_for_those_who_bought_often() -> None:
    model = forecasted()
    rows = {int(row[0]): [percent(cell) for cell in row[1:]] for row in table("alive")}
    assert rows[10][1] < rows[3][1] < rows[1][1]
    expected = 100 * float(model.p_alive([3], [150], [300])[0])
    assert rows[3][1] == pytest.approx(expected, abs=0.6)


def test_the_cost_rule_holds_from_the_share_that_the_result_states() -> None:
    found = ratio()
    most = 10_000 / 1_000
    assert [row[1] for row in table("cost_ratio")] == [
        number(most * part / 100) for part in (1, 5, 10, 25, 50, 100)
    ]
    assert f"1:5 holds if at least {share(found.saved_needed)}" in drawn("cost_ratio", "en").alt
    assert [ratio(kept).holds for kept in (0.49, 0.51)] == [True, False] and share(
        found.saved_needed
    ) == "50%"


def test_gains_are_those_of_the_rule() -> None:
    rows = {row[0]: row[1:] for row in table("gains")}
    for rate in ("50.0%", "70.0%", "90.0%"):
        exact = kpi.retention_profit(**NOW, retention=percent(rate) / 100)  # type: ignore[arg-type]
        assert percent(rows[rate][0]) == pytest.approx(exact.gain, rel=0.02)
    assert drawn("gains", "en").alt.count("does not reach the 25%") == 2
    assert percent(rows["90.0%"][0]) > 25 > percent(rows["90.0%"][1])


@given(st.text(max_size=60), st.floats(-50, 150), st.floats(0, 200))
@settings(max_examples=8, deadline=None)
def test_marks_draw_any_text_and_value(words: str, value: float, extra: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bars(words, "", [("",)], [Bar(words, "1", [(value / 100, "accent")], words)], key=[("k", "accent")])
        mark = Mark(words, "1", value, value - extra, value + extra)
        intervals(words, "", [("",)], [mark, Mark("b", "", None)], line=(3, "l"))
        grid(words, "", [("",)], [words], ["a", "b"], [[Cell("1", value / 100), None]])
        plot(words, "", [("",)], [Curve(words, [0, 1], [value, value + extra], look="dots")])


@given(st.floats(0, 100), st.floats(0, 100))
def test_intervals_are_written_from_low_to_high(low: float, high: float) -> None:
    low, high = sorted((low, high))
    ends = [percent(end) for end in bounds(low, high, "%").split("–")]
    assert ends == sorted(ends)
    assert bounds(low, float("nan")) == bounds(None, high) == "–"


def test_labelled_names_columns_and_the_index() -> None:
    frame = pd.DataFrame({"money": [1], "other": [2]}, index=pd.Index(["x"], name="customer"))
    assert labelled(frame).columns.tolist() == ["Customer", "Sales", "other"]
    with language("ja"):
        assert labelled(frame).columns.tolist() == ["顧客", "売上", "other"]


def test_a_told_sentence_is_escaped() -> None:
    assert "&lt;b&gt;" in tell("taste", taste="<b>", all="1%", part="2%")._repr_html_()
