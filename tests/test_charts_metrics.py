"""Charts of metrics: drawn in both languages with every glyph, and what they say agrees with the data."""

import json
import re
import warnings
from collections.abc import Callable, Iterator

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxassess import kpi
from cxassess.charts.chart import Chart
from cxassess.charts.labels import definition, names, shown, tell, text
from cxassess.charts.metrics import answers, estimates, waiting
from cxassess.kpi.estimate import Estimate
from cxassess.language import interface_texts, language
from cxassess.model import load_model
from tests.conftest import ROOT

PACKAGE = ROOT / "datasets" / "datapackage.json"
LANGUAGES = ["en", "ja"]

ANSWERED = pd.DataFrame(
    {
        "day": pd.to_datetime(["2024-01-10", "2024-02-20", "2024-03-05", "2024-07-01", "2024-08-15"] * 8),
        "channel": ["email", "line", "sms", "line", None] * 8,
        "nps": [10, 9, 0, 7, 6, 8, 10, 3, 9, 10] * 4,
    }
)
TICKETS = pd.DataFrame(
    {
        "opened": pd.to_datetime(["2024-04-01 09:00"] * 8),
        "resolved": pd.to_datetime([f"2024-04-01 {hour}:00" for hour in range(10, 16)] + [None] * 2),
        "channel": ["email", "phone"] * 4,
    }
)


def _by_quarter() -> Chart:
    return estimates(kpi.nps(ANSWERED, "nps", by=kpi.quarter("day")), "nps")


def _by_group() -> Chart:
    labels = names(PACKAGE, "shop.surveys", "channel")
    return estimates(kpi.nps(ANSWERED, "nps", by="channel"), "nps", names=labels)


def _by_two_groups() -> Chart:
    return estimates(kpi.nps(ANSWERED, "nps", by=[kpi.month("day"), "channel"]), "nps")


def _by_name() -> Chart:
    return estimates(
        {("half", "clock"): Estimate("resolution_time", 3.5, 2, float("inf"), 9, 0, "hour", "log_log")}
    )


def _without_value() -> Chart:
    empty = Estimate("nps", None, None, None, 0, 4, "points", "none", reason="no_answers")
    return estimates({"before": kpi.nps(ANSWERED, "nps"), "after": empty})


def _spread() -> Chart:
    groups = {"detractors": (0, 6), "passives": (7, 8), "promoters": (9, 10)}
    return answers(ANSWERED, "nps", kpi.quarter("day"), groups, metric="nps")


def _waiting() -> Chart:
    return waiting(kpi.resolution_time(TICKETS, as_of="2024-04-02"))


def _waiting_by_group() -> Chart:
    return waiting(
        kpi.resolution_time(TICKETS, as_of="2024-04-02", by="channel"),
        names=names(PACKAGE, "shop.tickets", "channel"),
        until=4,
    )


CHARTS = [
    _by_quarter, _by_group, _by_two_groups, _by_name, _without_value, _spread, _waiting, _waiting_by_group,
]  # fmt: skip


@pytest.fixture(params=LANGUAGES)
def in_language(request: pytest.FixtureRequest) -> Iterator[str]:
    with language(request.param):
        yield request.param


@pytest.mark.parametrize("draw", CHARTS, ids=lambda draw: draw.__name__)
def test_it_draws_without_a_warning_such_as_a_missing_glyph(
    in_language: str, draw: Callable[[], Chart]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chart = draw()
    assert chart.png.startswith(b"\x89PNG")
    assert chart.title and chart.alt
    assert {len(row) for row in chart.rows} == {len(chart.rows[0])}
    assert not re.search(r"\b(?:nan|None|NaT)\b|\{|_", f"{chart.title} {chart.alt} {chart.rows}")


def test_over_time_the_table_holds_every_period_and_the_words_its_ends(in_language: str) -> None:
    found = kpi.nps(ANSWERED, "nps", by=kpi.quarter("day"))
    chart = _by_quarter()
    _, *rows = chart.rows
    assert [row[0] for row in rows] == [
        text("span", low="2024-01", high="03"),
        text("span", low="2024-07", high="09"),
    ]
    assert [row[3] for row in rows] == [str(n) for n in found["n"]]
    for place, row in zip(found.itertuples(), rows, strict=True):
        assert row[1].startswith(f"{place.estimate:.1f}".replace("-", "−"))
        assert row[0] in chart.alt and row[1] in chart.alt


def test_of_many_groups_the_words_name_the_extremes(in_language: str) -> None:
    five = {
        name: Estimate("csat", value, value - 5, value + 5, 40, 0, "%", "wilson")
        for name, value in {"a": 50, "b": 81, "c": 60, "d": 22, "e": 55}.items()
    }
    alt = estimates(five).alt
    assert "81%" in alt and "22%" in alt
    assert "60%" not in alt


def test_of_few_groups_the_words_name_all(in_language: str) -> None:
    chart = _by_group()
    labels = names(PACKAGE, "shop.surveys", "channel")
    for value in ("email", "line", "sms"):
        assert labels[value] in chart.alt
    assert text("not_known") in chart.alt


def test_series_keep_their_names_and_every_value(in_language: str) -> None:
    frame = kpi.nps(ANSWERED, "nps", by=kpi.quarter("day"))
    one = kpi.nps(ANSWERED, "nps", by=[kpi.quarter("day"), "channel"])
    both = estimates({"aided": frame, "unaided": frame}, "nps")
    assert [row[1] for row in both.rows[1:]] == ["aided"] * len(frame) + ["unaided"] * len(frame)
    grouped = estimates(one, "nps")
    assert len(grouped.rows) == 1 + len(one)
    assert {row[1] for row in grouped.rows[1:]} == {"email", "line", "sms", text("not_known")}


def test_a_period_in_which_nothing_was_counted_is_a_zero_and_no_gap() -> None:
    found = kpi.interviews(ANSWERED.assign(id=range(len(ANSWERED))), by=kpi.month("day"))
    rows = {row[0]: row[1] for row in estimates(found, "interviews").rows[1:]}
    assert list(rows) == [f"2024-0{month}" for month in range(1, 9)]
    assert [rows[f"2024-0{month}"] for month in (4, 5, 6)] == ["0", "0", "0"]
    assert sum(int(value) for value in rows.values()) == len(ANSWERED)
    months = kpi.nps(ANSWERED, "nps", by=kpi.month("day"))
    assert len(estimates(months, "nps").rows) == 1 + len(months)


def test_rows_without_a_period_stand_in_the_table_alone(in_language: str) -> None:
    undated = ANSWERED.assign(day=ANSWERED["day"].where(ANSWERED["channel"].notna()))
    chart = estimates(kpi.nps(undated, "nps", by=kpi.quarter("day")), "nps")
    assert [row[0] for row in chart.rows].count(text("not_known")) == 1
    assert text("not_known") not in chart.alt


def test_a_value_that_there_is_not_is_told_with_its_reason(in_language: str) -> None:
    chart = _without_value()
    reason = shown(Estimate("nps", None, None, None, 0, 0, "points", "none", reason="no_answers"))
    assert reason and reason in chart.alt
    assert chart.rows[2][1:3] == (reason, "–")


def test_texts_of_the_data_are_escaped() -> None:
    group = "<b>shop & co</b>"
    found = kpi.nps(ANSWERED.assign(channel=group), "nps", by="channel")
    html = estimates(found, "nps")._repr_html_()
    assert "&lt;b&gt;shop &amp; co" in html
    assert group not in html


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.none() | st.integers(0, 10)), min_size=1, max_size=30))
def test_shares_of_answers_add_up_in_every_row(answered: list[tuple[str, int | None]]) -> None:
    table = pd.DataFrame(answered, columns=["group", "score"]).astype({"score": float})
    known = table.dropna()
    if known.empty:
        return
    chart = answers(table, "score", "group", {"low": (0, 6), "middle": (7, 8), "top": (9, 10)}, metric="nps")
    assert [row[0] for row in chart.rows[1:]] == sorted(known["group"].unique())
    for group, *parts, n in chart.rows[1:]:
        own = known.loc[known["group"] == group, "score"]
        assert int(n) == len(own)
        assert float(parts[2].rstrip("%")) == pytest.approx(100 * (own >= 9).mean(), abs=0.5)
        assert sum(float(part.rstrip("%")) for part in parts) == pytest.approx(100, abs=1.5)


def test_waiting_tells_half_nine_in_ten_and_those_still_open(in_language: str) -> None:
    found = kpi.resolution_time(TICKETS, as_of="2024-04-02")
    chart = _waiting()
    assert chart.rows[1][1:4] == ("8", "2", shown(found.median))
    assert shown(found.median) in chart.alt
    assert shown(found.percentile(0.9)) in chart.alt
    assert [row[0] for row in _waiting_by_group().rows[1:]] == [
        names(PACKAGE, "shop.tickets", "channel")[channel] for channel in ("email", "phone")
    ]


def test_names_are_those_of_the_data_package_in_both_languages() -> None:
    field = next(
        field
        for table in json.loads(PACKAGE.read_text("utf-8"))["resources"] if table["name"] == "shop.leads"
        for field in table["schema"]["fields"] if field["name"] == "source"
    )  # fmt: skip
    for code, title in (("en", "title"), ("ja", "title_ja")):
        with language(code):
            found = names(PACKAGE, "shop.leads", "source")
        assert found["source"] == field[title]
        assert {label["value"]: label[code] for label in field["labels"]}.items() <= found.items()


@pytest.mark.parametrize("key", [key for key in interface_texts("charts_kpi") if key.startswith("told_")])
def test_a_told_sentence_is_filled(in_language: str, key: str) -> None:
    values = re.findall(r"\{(\w+)\}", interface_texts("charts_kpi")[key])
    sentence = str(tell(key.removeprefix("told_"), **dict.fromkeys(values, 12.5)))
    assert sentence.count("12.5") == len(values) > 0
    assert "{" not in sentence


def test_a_definition_has_formula_and_meaning(in_language: str) -> None:
    record = load_model().records["metric"]["csat"]
    for shown_as in (str(definition("csat")), definition("csat")._repr_html_()):
        assert str(record.formula) in shown_as and str(record.meaning) in shown_as


def test_every_text_is_used_and_every_text_that_is_asked_for_exists() -> None:
    folders = [ROOT / "notebooks", ROOT / "cxassess" / "charts"]
    files = [path for folder in folders for path in folder.iterdir() if path.suffix in {".ipynb", ".py"}]
    sources = {
        path: "".join(line for cell in json.loads(path.read_text("utf-8"))["cells"] for line in cell["source"])
        if path.suffix == ".ipynb" else path.read_text("utf-8")
        for path in files
    }  # fmt: skip
    ours = " ".join(source for source in sources.values() if "charts.labels" in source)
    texts = interface_texts("charts_kpi")
    assert set(re.findall(r"""(?<!_)\btext\(\s*["'](\w+)["']\s*[,)]""", ours)) <= set(texts)
    assert {f"told_{key}" for key in re.findall(r"""\btell\(\s*["'](\w+)["']""", ours)} <= set(texts)
    used = " ".join(sources.values())
    data = {"group_completeness", "group_validity", "group_uniqueness", "group_timeliness", "unit_JPY"}
    families = "group|title|told|note|unit|column|segment|verdict|targets|channel|kind|per"
    for key in texts:
        name = re.sub(f"^(?:{families})_", "", key)
        assert key in data or re.search(rf"\b(?:note_)?{name}\b|next_", used), key


def test_a_title_is_a_text_of_the_file_or_stands_as_it_is(in_language: str) -> None:
    found = {"before": kpi.nps(ANSWERED, "nps")}
    assert estimates(found, title="polls").title == text("title_polls")
    assert estimates(found, title="Our shop in Kobe").title == "Our shop in Kobe"
