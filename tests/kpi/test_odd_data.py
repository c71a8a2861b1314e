"""Columns as files, databases and people really make them: the right answer, or one sentence."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxassess import kpi

SCORES = [5, 4, None, 1, 3, 5, 2, 4]
KEPT_AS: dict[str, Callable[[], Any]] = {
    "objects with pd.NA": lambda: pd.Series([pd.NA if one is None else one for one in SCORES], dtype=object),
    "decimals": lambda: pd.Series([None if one is None else Decimal(one) for one in SCORES], dtype=object),
    "nullable": lambda: pd.Series(SCORES, dtype="Int64"),
    "Arrow": lambda: pd.Series(SCORES, dtype="int64[pyarrow]"),
    "categories": lambda: pd.Series(SCORES).astype("category"),
    "sparse": lambda: pd.Series(pd.arrays.SparseArray(pd.Series(SCORES, dtype=float))),
    "half precision": lambda: pd.Series(SCORES, dtype="float16"),
}


@pytest.mark.parametrize("kept_as", KEPT_AS)
def test_numbers_are_numbers_however_pandas_keeps_them(kept_as: str) -> None:
    frame = pd.DataFrame({"score": KEPT_AS[kept_as](), "id": [1, 1, 2, 2, 3, 3, 4, 4]})
    plain = frame.assign(score=SCORES)
    assert kpi.csat(frame) == kpi.csat(plain)
    assert kpi.csat(frame, customer="id") == kpi.csat(plain, customer="id")
    log = frame.assign(on=date(2024, 1, 5))
    assert _money(log) == _money(log.assign(score=SCORES))


def _money(log: pd.DataFrame) -> list[float]:
    tx = kpi.Transactions(log, customer="id", time="on", amount="score")
    return [*tx.rfm()["money"], tx.left_out.missing_amount]


TIMES = pd.to_datetime(["2024-01-31 23:30", None, "2024-02-01 08:00"])


@pytest.mark.parametrize(
    "times",
    [
        TIMES.astype("category"),
        TIMES.astype("datetime64[s]"),
        pd.Series([None if pd.isna(one) else one.to_pydatetime() for one in TIMES], dtype=object),
        pd.Series(TIMES).astype("timestamp[us][pyarrow]"),
    ],
    ids=["categories", "seconds", "objects", "Arrow"],
)
def test_times_are_times_however_pandas_keeps_them(times: Any) -> None:
    frame = pd.DataFrame({"score": [5, 1, 3], "at": times})
    found = kpi.csat(frame, by=kpi.month("at"))
    assert [str(one)[:7] for one in found["month"]] == ["2024-01", "2024-02", "NaT"]


def test_instants_of_several_zones_are_instants() -> None:
    told = ["2024-02-01 00:30+09:00", "2024-01-31 17:00+01:00", "2024-01-31 20:00-05:00"]
    frame = pd.DataFrame(
        {"score": [5, 1, 3], "at": pd.Series([*map(datetime.fromisoformat, told)], dtype=object)}
    )
    found = kpi.csat(frame, by=kpi.day("at", tz="Asia/Tokyo"))
    assert found["n"].tolist() == [3]
    assert found["day"].tolist() == [pd.Timestamp("2024-02-01")]


@pytest.mark.parametrize("nothing", [[None] * 3, [np.nan] * 3, [pd.NaT] * 3], ids=["None", "NaN", "NaT"])
def test_a_column_of_nothing_is_missing_whatever_type_it_has(nothing: list[Any]) -> None:
    frame = pd.DataFrame({"id": [1, 2, 3], "start": pd.to_datetime(["2024-01-01"] * 3), "nothing": nothing})
    assert kpi.churn_rate(frame, end="nothing", since="2024-02-01", until="2024-03-01").estimate == 0  # type: ignore[union-attr]
    assert kpi.interviews(frame, time="nothing", start="2024-01-01").missing == 3  # type: ignore[union-attr]
    with pytest.raises(kpi.KpiError, match="without a time 3"):
        _ = kpi.Transactions(frame, customer="id", time="nothing", amount="id").left_out
    with pytest.raises(kpi.KpiError, match="without an amount 3"):
        _ = kpi.Transactions(frame, customer="id", time="start", amount="nothing", tz="Asia/Tokyo").left_out


def test_a_column_of_nothing_on_an_engine_is_missing_too() -> None:
    import duckdb
    import polars as pl

    columns = {"id": [1, 2, 3], "nothing": [None] * 3}
    for frame in (pl.DataFrame(columns), duckdb.sql("select unnest([1, 2, 3]) as id, null as nothing")):
        assert kpi.interviews(frame, time="nothing", start="2024-01-01").missing == 3  # type: ignore[union-attr]


def test_an_index_with_the_name_of_a_column_changes_nothing() -> None:
    clicks = pd.DataFrame(
        {"visitor": [1, 1, 2], "stage": ["see", "buy", "see"], "time": pd.to_datetime("2024-04-01")}
    )
    found = kpi.funnel(clicks.set_index("visitor", drop=False), ["see", "buy"])
    assert found.table["visitors"].tolist() == [2, 1]


def test_a_nullable_owner_of_tickets_may_be_missing() -> None:
    days = pd.to_datetime(["2024-04-01", "2024-04-02", "2024-04-03", "2024-04-01"])
    owners = pd.array([7, None, 8, 7], dtype="Int64")
    found = kpi.hand_overs(pd.DataFrame({"ticket": [1, 1, 1, 2], "owner": owners, "time": days}))
    assert (found.mean.estimate, found.mean.missing) == (0.5, 1)


def test_labels_may_be_dates() -> None:
    bought = pd.DataFrame(
        {"customer": [1, 1, 2], "category": pd.to_datetime(["2024-01-01"] * 3), "taste": "a", "brand": "b"}
    )
    assert kpi.ctb(bought).cross["lift"].tolist() == [1.0]


def test_values_of_another_type_are_not_among_the_column() -> None:
    import duckdb
    import polars as pl

    for shops in ([1, 2], ["1", "2"]):
        for make in (
            pd.DataFrame,
            pl.DataFrame,
            lambda frame: duckdb.from_arrow(pl.DataFrame(frame).to_arrow()),
        ):
            found = kpi.data_quality_score(make({"shop": shops}), valid={"shop": ["1", 1]})
            assert found.estimate == 50  # type: ignore[union-attr]
    for made in ([True, False], [date(2024, 1, 1)] * 2):
        for make in (pd.DataFrame, pl.DataFrame):
            with pytest.raises(kpi.KpiError, match="No row has “us”"):
                kpi.market_share(make({"brand": made, "sales": [1, 2]}), "us")


def test_customers_may_go_by_dates_on_an_engine() -> None:
    import polars as pl

    log = {"id": [date(2024, 1, 2), date(2024, 1, 1)], "on": [date(2024, 3, 1)] * 2, "amt": [5, 6]}
    for frame in (pd.DataFrame(log), pl.DataFrame(log)):
        found = kpi.Transactions(frame, customer="id", time="on", amount="amt").rfm()
        assert [str(one)[:10] for one in found.index] == ["2024-01-01", "2024-01-02"]


@pytest.mark.parametrize("far", [np.inf, -np.inf, 1e300])
def test_a_number_beyond_reckoning_is_refused_and_not_taken_for_a_zero_denominator(far: float) -> None:
    frame = pd.DataFrame(
        {"spend": [1.0, far, 3.0], "new_customers": [1, 2, 3], "brand": "us", "id": [1, 2, 3]}
    )
    calls: list[Callable[[], Any]] = [
        lambda: kpi.customer_acquisition_cost(frame, unit="JPY"),
        lambda: kpi.market_share(frame, "us", sales="spend"),
        lambda: kpi.segments(frame, ["spend"], k=2),
        lambda: kpi.loyalty_matrix(
            frame, attitude="spend", behaviour="id", attitude_mark=2, behaviour_mark=2
        ),
        lambda: kpi.complaint_causes(frame, cause="brand", weight="spend"),
    ]
    for call in calls:
        with pytest.raises(kpi.KpiError, match="“spend” reaches") as caught:
            call()
        assert caught.value.key == "too_far"


SENTENCES = [
    (["5", "4", "n/a"], "The column “score” must hold numbers, but the text “n/a” was found"),
    ([5, 4, "n/a"], "The column “score” must hold numbers, but the text “n/a” was found"),
    ([[1, 2]] * 3, "The column “score” must hold single values, but “[1, 2]” was found"),
    ([{"a": 1}] * 3, "The column “score” must hold single values, but “{'a': 1}” was found"),
    ([1j, 2j, 3j], "The column “score” must hold single values, but “1j” was found"),
    (["two\nlines"] * 3, "The column “score” must hold numbers, but the text “two lines” was found"),
    ([np.inf, 1, 2], "The column “score” has inf in 1 row(s), not a whole number from 0 to 10"),
]


@pytest.mark.parametrize(("values", "start"), SENTENCES, ids=[start[24:60] for _, start in SENTENCES])
def test_the_sentence_shows_what_is_in_the_way(values: list[Any], start: str) -> None:
    with pytest.raises(kpi.KpiError) as caught:
        kpi.nps(pd.DataFrame({"score": values}))
    assert str(caught.value).startswith(start)
    assert "\n" not in str(caught.value)


def test_customers_who_are_lists_are_refused() -> None:
    log = pd.DataFrame({"id": [[1], [2]], "on": [date(2024, 3, 1)] * 2, "amt": [5, 6]})
    with pytest.raises(kpi.KpiError, match="“id” must hold single values"):
        kpi.Transactions(log, customer="id", time="on", amount="amt")


def test_large_ids_among_missing_ones_are_not_rounded() -> None:
    log = pd.DataFrame(
        {"id": pd.Series([2**60, 2**60 + 1, None], dtype=object), "on": date(2024, 3, 1), "amt": 5}
    )
    assert len(kpi.Transactions(log, customer="id", time="on", amount="amt").rfm()) == 2


def test_lists_on_an_engine_are_refused_too() -> None:
    import polars as pl

    with pytest.raises(kpi.KpiError, match="“id” must hold single values"):
        kpi.interviews(pl.DataFrame({"id": [[1], [2]]}))


def test_times_that_cannot_be_told_apart_are_refused() -> None:
    mixed = pd.Series([pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01", tz="UTC")], dtype=object)
    never = pd.Series([datetime(9999, 12, 31), datetime(2024, 1, 1)], dtype=object)
    for times, key in (
        (mixed, "times_mixed"),
        (never, "time_far"),
        (never.astype("datetime64[s]"), "time_far"),
    ):
        with pytest.raises(kpi.KpiError) as caught:
            kpi.csat(pd.DataFrame({"score": [1, 2], "at": times}), by=kpi.month("at", tz="UTC"))
        assert (caught.value.key, caught.value.data["column"]) == (key, "at")


def test_a_frame_of_a_thousand_columns_does_not_flood_the_sentence() -> None:
    wide = pd.DataFrame(np.zeros((1, 1000)), columns=[f"question {number}" for number in range(1000)])
    with pytest.raises(kpi.KpiError, match="no column “score”") as caught:
        kpi.nps(wide)
    assert len(str(caught.value)) < 400
