"""The same answers on every engine, on random frames with NaN, nulls, ties, one row, and times around midnight."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cxassess import kpi
from cxassess.kpi.entry import admit, tally
from tests.kpi.conftest import FEWEST, Native

MIDNIGHT = datetime(2024, 3, 31, 15)  # in Tokyo; in London the clocks have just gone forward
MOMENTS = st.builds(
    lambda days, seconds: MIDNIGHT + timedelta(days=days, seconds=seconds),
    st.sampled_from([-91, -31, -1, 0, 1, 30]),
    st.sampled_from([-32400, -3600, -1, 0, 1, 3600]),
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "ü “x”", None]),  # shop
        st.one_of(st.none(), st.integers(0, 10)),  # score
        st.one_of(st.none(), MOMENTS),  # at
        st.sampled_from(["c1", "c2", "c3", None]),  # customer
        st.sampled_from([True, False, None]),  # flag
        st.one_of(st.none(), st.integers(0, 900)),  # sales
        st.integers(1, 90),  # seen
    ),
    min_size=1,
    max_size=30,
)


def frame_of(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    shop, score, at, customer, flag, sales, seen = zip(*rows, strict=True) if rows else ([],) * 7
    times = pd.Series(list(at), dtype="datetime64[ns]")
    return pd.DataFrame(
        {
            "shop": pd.Series(list(shop), dtype=object),
            "score": pd.Series(list(score), dtype="float64"),
            "at": times,
            "instant": times.dt.tz_localize("UTC"),
            "customer": pd.Series(list(customer), dtype=object),
            "flag": pd.Series(list(flag), dtype=object),
            "sales": pd.Series(list(sales), dtype="float64"),
            "seen": pd.Series(list(seen), dtype="int64"),
        }
    )


Metric = Callable[[Any], Any]

METRICS: dict[str, Metric] = {
    "nps": kpi.nps,
    "nps by shop and month": lambda df: kpi.nps(df, by=["shop", kpi.month("at")]),
    "nps by week in Tokyo": lambda df: kpi.nps(df, by=kpi.week("instant", tz="Asia/Tokyo")),
    "nps by day in New York": lambda df: kpi.nps(df, by=kpi.day("instant", tz="America/New_York")),
    "nps by quarter in London": lambda df: kpi.nps(df, by=kpi.quarter("instant", tz="Europe/London")),
    "nps with customers": lambda df: kpi.nps(df, customer="customer", by="shop"),
    "csat mean": lambda df: kpi.csat(df, scale=(0, 10), method="mean", by=["shop", "flag"]),
    "csat mean with customers": lambda df: kpi.csat(df, scale=(0, 10), method="mean", customer="customer"),
    "ces": lambda df: kpi.ces(df, method="net", easy="low", scale=(0, 10), by="customer"),
    "awareness": lambda df: kpi.brand_awareness(df, "flag", by=kpi.year("at")),
    "engagement": lambda df: kpi.employee_engagement_score(df, ["score", "seen"], scale=(0, 90), by="shop"),
    "improvement": lambda df: kpi.satisfaction_improvement_rate(
        df, df, scale=(0, 10), method="mean", by="shop"
    ),
    "responses": lambda df: kpi.feedback_collection_rate(df, "flag", by="shop"),
    "customers who responded": lambda df: kpi.feedback_collection_rate(
        df, "flag", customer="customer", by="shop"
    ),
    "training": lambda df: kpi.training_participation_rate(df, "flag", employee="customer"),
    "engagement rate": lambda df: kpi.social_engagement_rate(df, ["score", "sales"], base="seen", by="shop"),
    "cost": lambda df: kpi.customer_acquisition_cost(df, "sales", "seen", unit="JPY", by=kpi.month("at")),
    "filled": lambda df: kpi.data_collection_rate(df, ["score", "customer", "at", "flag"], by="shop"),
    "quality": lambda df: kpi.data_quality_score(
        df,
        complete=["score", "customer"],
        valid={"customer": "c[12]", "sales": (10, 500), "seen": [1, 2, 3, 4, 5]},
        unique=["customer", "seen"],
        timely={"at": 60},
        as_of="2024-04-01",
        by="shop",
        dimensions=True,
    ),
    "quality score": lambda df: kpi.data_quality_score(
        df, complete=["at"], unique=["customer"], weights={"uniqueness": 3}
    ),
    "rows": lambda df: kpi.count(df, by="shop"),
    "customers in March": lambda df: kpi.count(
        df, "customer", time="instant", tz="Asia/Tokyo", start="2024-03-01", end="2024-04-01", by="shop"
    ),
    "flagged": lambda df: kpi.improvement_proposals(df, "customer", from_feedback="flag", by=kpi.month("at")),
    "share by data": lambda df: kpi.data_driven_decisions(
        df, "customer", data_driven="flag", measure="share", time="at", start="2024-03-31", by="shop"
    ),
    "projects": lambda df: kpi.cross_functional_projects(df, "customer", department="shop"),
}


def outcome(metric: Metric, df: Any) -> Any:
    """The result, or the sentence of the error."""
    try:
        return metric(df)
    except kpi.KpiError as error:
        return str(error)


def assert_same(found: Any, expected: Any, name: str) -> None:
    assert type(found) is type(expected), (name, found, expected)
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-9, obj=name)
    elif isinstance(expected, str):
        assert found == expected, name
    else:
        for field in ("n", "missing", "reason", "method", "unit"):
            assert getattr(found, field) == getattr(expected, field), (name, field)
        for field in ("estimate", "low", "high"):
            a, b = (
                np.nan if value is None else value
                for value in (getattr(found, field), getattr(expected, field))
            )
            assert a == pytest.approx(b, rel=1e-9, nan_ok=True), (name, field)


def check(native: Native, rows: list[tuple[Any, ...]]) -> None:
    frame = frame_of(rows)
    there = native(frame)
    for name, metric in METRICS.items():
        assert_same(outcome(metric, there), outcome(metric, frame), name)


def test_same_answers_as_on_pandas(native: Native, examples: int) -> None:
    @settings(
        max_examples=examples,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        derandomize=True,
    )
    @given(ROWS)
    def holds(rows: list[tuple[Any, ...]]) -> None:
        check(native, rows)

    holds()


EDGES = {
    "one row": [("A", 9, MIDNIGHT, "c1", True, 10, 5)],
    "all missing": [(None, None, None, None, None, None, 1)] * 3,
    "ties": [("A", 9, MIDNIGHT, "c1", True, 10, 5)] * 7,
}


@pytest.mark.parametrize("edge", EDGES)
def test_same_answers_at_the_edges(native: Native, edge: str, examples: int) -> None:
    if examples == FEWEST and edge != "all missing":
        pytest.skip("the random frames begin with one row, and hold ties")
    check(native, EDGES[edge])


def test_a_frame_without_rows_is_the_same_error_everywhere(native: Native) -> None:
    empty = native(frame_of(EDGES["one row"]).iloc[:0])
    for name in (
        "nps",
        "nps by shop and month",
        "responses",
        "engagement rate",
        "filled",
        "rows",
        "projects",
    ):
        assert (
            outcome(METRICS[name], empty)
            == "The frame has no rows: check the file or the filter it came from."
        )


def test_nan_is_missing_everywhere(native: Native) -> None:
    found = kpi.nps(
        native(frame_of([("A", s, None, None, None, None, 1) for s in (10, None, None, None, None, 3)]))
    )
    assert (found.estimate, found.n, found.missing) == (0, 2, 4)


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Europe/London", "Asia/Kathmandu", "UTC"])
def test_days_begin_at_midnight_in_the_zone(native: Native, zone: str) -> None:
    """Against Python's own calendar, every half hour around a change of the clocks."""
    instants = pd.date_range("2024-03-30", "2024-04-01", freq="30min", tz="UTC")
    frame = pd.DataFrame({"instant": instants, "score": 9.0})
    table = kpi.nps(native(frame), by=kpi.day("instant", tz=zone))
    expected = pd.Series([i.tz_convert(zone).date() for i in instants]).value_counts().sort_index()
    assert table["day"].dt.date.tolist() == expected.index.tolist()
    assert table["n"].tolist() == expected.tolist()


def test_whole_money_is_identical_to_the_last_bit(native: Native) -> None:
    random = np.random.default_rng(4)
    frame = pd.DataFrame(
        {"brand": random.choice(["us", "A"], 5000), "sales": random.integers(1, 10**9, 5000)}
    )
    assert kpi.market_share(native(frame), "us") == kpi.market_share(frame, "us")


def test_market_share_of_a_sample(native: Native) -> None:
    random = np.random.default_rng(8)
    frame = pd.DataFrame(
        {
            "brand": random.choice(["us", "A", None], 400),
            "sales": random.integers(1, 1000, 400).astype(float),
            "shop": random.choice([f"s{i}" for i in range(25)], 400),
            "region": random.choice(["N", "S"], 400),
        }
    )
    for by in (None, "region"):
        assert_same(
            kpi.market_share(native(frame), ["us"], sample="shop", by=by),
            kpi.market_share(frame, ["us"], sample="shop", by=by),
            "market share",
        )


def test_improvement_pairs_customers_alike(native: Native) -> None:
    random = np.random.default_rng(9)
    frame = pd.DataFrame(
        {"id": [f"c{i}" for i in range(60)], "score": random.integers(1, 6, 60).astype(float)}
    )
    frame["shop"] = pd.Series([None, "A", "B"] * 20, dtype=object)
    later = frame.assign(score=np.minimum(frame["score"] + random.integers(0, 2, 60), 5)).iloc[10:]
    assert_same(
        kpi.satisfaction_improvement_rate(native(frame), native(later), customer="id", by="shop"),
        kpi.satisfaction_improvement_rate(frame, later, customer="id", by="shop"),
        "improvement",
    )


# A frame that lies on an engine is never pulled here whole.


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows came from an engine, each time some came."""
    import dask.base
    import duckdb
    import polars as pl
    import pyspark.sql.classic.dataframe as spark

    rows: list[int] = []

    def watch(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def watched(*args: Any, **options: Any) -> Any:
            found = original(*args, **options)
            tables = found if isinstance(found, tuple) else [found]
            rows.extend(len(table) for table in tables if hasattr(table, "__len__"))
            return found

        monkeypatch.setattr(owner, name, watched)

    watch(pl.LazyFrame, "collect")
    watch(dask.base, "compute")
    for method in ("toPandas", "toArrow", "collect", "head", "take"):
        watch(spark.DataFrame, method)
    for method in ("df", "arrow", "fetchall", "fetchnumpy", "pl", "to_arrow_table", "fetch_arrow_table"):
        if hasattr(duckdb.DuckDBPyRelation, method):
            watch(duckdb.DuckDBPyRelation, method)
    return rows


def test_nothing_but_small_tables_leaves_the_engine(native: Native, pulled: list[int], request: Any) -> None:
    engine = request.node.callspec.params["native"]
    if engine.startswith("pandas") or engine == "polars":
        pytest.skip("an eager frame lies in this process already")
    random = np.random.default_rng(11)
    size = 20_000
    frame = pd.DataFrame(
        {
            "shop": random.choice(["A", "B"], size),
            "score": random.integers(0, 11, size).astype(float),
            "at": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(random.integers(0, 86_400 * 60, size), unit="s"),
            "customer": random.integers(0, 15_000, size).astype(str),
            "flag": random.random(size) < 0.5,
            "sales": random.integers(0, 900, size).astype(float),
            "seen": random.integers(1, 90, size),
        }
    )
    frame["instant"] = frame["at"].dt.tz_localize("UTC")
    there = native(frame)
    pulled.clear()
    for name, metric in METRICS.items():
        if name != "ces":  # grouped by customer: one row each is what was asked for
            metric(there)
    assert pulled, "the watch sees nothing"
    assert max(pulled) < 1000


def test_a_tally_counts_rows(native: Native) -> None:
    counts = tally(admit(native(frame_of(EDGES["ties"])), numbers=["score"], by="shop"), "shop", ["score"])
    assert counts.groups["shop"].tolist() == ["A"]
    assert (counts.values["score"].tolist(), counts.count.tolist()) == ([9.0], [7])
