"""Shares, ratios of sums and the state of records, against their formulas over plain lists."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxassess import kpi
from cxassess.kpi import intervals

FLAGS = st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=50)
IDS = st.sampled_from(["a", "b", "c", "d", None])


@given(FLAGS)
def test_a_share_leaves_blanks_out(flags: list[bool | None]) -> None:
    yes, no = flags.count(True), flags.count(False)
    for function, column in [
        (kpi.feedback_collection_rate, "responded"),
        (kpi.conversion_rate, "converted"),
        (kpi.proactive_contact_rate, "proactive"),
        (kpi.brand_awareness, "aware"),
    ]:
        found = function(pd.DataFrame({column: pd.Series(flags, dtype=object)}))
        assert (found.n, found.missing) == (yes + no, flags.count(None))
        if yes + no:
            assert found.estimate == pytest.approx(100 * yes / (yes + no))
            assert (found.low, found.high) == pytest.approx(
                tuple(100 * x for x in intervals.wilson(yes, yes + no))
            )
        else:
            assert (found.estimate, found.reason) == (None, "no_answers")


@given(st.lists(st.tuples(IDS, st.sampled_from([True, False, None])), min_size=1, max_size=40))
def test_an_id_counts_once(rows: list[tuple[str | None, bool | None]]) -> None:
    frame = pd.DataFrame(rows, columns=["customer", "responded"], dtype=object)
    told: dict[str, bool] = {}
    for customer, responded in rows:
        if customer is not None and responded is not None:
            told[customer] = told.get(customer, False) or responded
    silent = {customer for customer, _ in rows if customer is not None} - told.keys()
    found = kpi.feedback_collection_rate(frame, customer="customer")
    assert found.n == len(told)
    assert found.missing == len(silent) + sum(customer is None for customer, _ in rows)
    if told:
        assert found.estimate == pytest.approx(100 * sum(told.values()) / len(told))


def test_flags_may_be_ones_and_zeros() -> None:
    assert kpi.conversion_rate(pd.DataFrame({"converted": [1, 0, 0, 1, np.nan]})).estimate == 50


def test_a_staff_list_is_no_sample() -> None:
    found = kpi.training_participation_rate(pd.DataFrame({"attended": [True, True, False, None]}))
    assert (found.estimate, found.low, found.high, found.method) == (
        pytest.approx(200 / 3),
        None,
        None,
        "none",
    )


ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 500)),
        st.one_of(st.none(), st.integers(0, 50)),
        st.one_of(st.none(), st.integers(0, 90)),
    ),
    min_size=1,
    max_size=30,
)


@given(ROWS)
def test_a_ratio_of_sums_leaves_incomplete_rows_out(rows: list[tuple[int | None, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["likes", "shares", "seen"], dtype="float64")
    complete = [row for row in rows if None not in row]
    found = kpi.social_engagement_rate(frame, ["likes", "shares"], base="seen")
    assert (found.n, found.missing) == (len(complete), len(rows) - len(complete))
    seen = sum(row[2] for row in complete)
    if not complete:
        assert (found.estimate, found.reason) == (None, "no_rows")
    elif seen == 0:
        assert (found.estimate, found.reason) == (None, "zero_denominator")
    else:
        assert found.estimate == pytest.approx(100 * sum(row[0] + row[1] for row in complete) / seen)


def test_cost_carries_fiellers_interval() -> None:
    random = np.random.default_rng(0)
    won = random.poisson(40, 24)
    spend = 3000 * won + random.normal(0, 4000, 24)
    found = kpi.customer_acquisition_cost(pd.DataFrame({"spend": spend, "new_customers": won}), unit="JPY")
    variances = [np.var(x, ddof=1) / 24 for x in (spend, won)]
    bounds = intervals.fieller(
        spend.mean(), won.mean(), *variances, np.cov(spend, won)[0, 1] / 24, 0.95, 23
    )  # fmt: skip
    assert (found.low, found.high) == pytest.approx(bounds)
    assert (found.unit, found.method) == ("JPY", "fieller")


def test_no_customers_won_is_no_cost() -> None:
    found = kpi.customer_acquisition_cost(
        pd.DataFrame({"spend": [100, 50], "new_customers": [0, 0]}), unit="EUR"
    )
    assert (found.estimate, found.reason) == (None, "zero_denominator")
    assert "zero" in repr(found)


@given(st.lists(st.tuples(st.sampled_from(["us", "A", "B", None]), st.one_of(st.none(), st.integers(0, 99)))))
def test_market_share_is_ours_in_all(rows: list[tuple[str | None, int | None]]) -> None:
    rows = [*rows, ("us", 1)]
    frame = pd.DataFrame(
        {"brand": [b for b, _ in rows], "sales": pd.Series([s for _, s in rows], dtype=float)}
    )
    complete = [(brand, sales) for brand, sales in rows if brand is not None and sales is not None]
    found = kpi.market_share(frame, "us")
    ours = sum(sales for brand, sales in complete if brand == "us")
    assert found.estimate == pytest.approx(100 * ours / sum(sales for _, sales in complete))
    assert (found.n, found.missing, found.low) == (len(complete), len(rows) - len(complete), None)


def test_a_panel_of_shops_gives_market_share_an_interval() -> None:
    random = np.random.default_rng(2)
    shop = np.arange(50).repeat(8)
    loyal = random.random(50)[shop]
    frame = pd.DataFrame({"shop": shop, "brand": np.where(random.random(400) < loyal, "us", "A"), "sales": 1})
    found = kpi.market_share(frame, "us", sample="shop")
    assert (found.n, found.method) == (50, "bca")
    assert found.low < found.estimate < found.high
    assert found.high - found.low > 10  # as 50 shops, not as 400 sales (which would give 9.8)


CELLS = st.sampled_from(["x@y.jp", "wrong", "", "  ", None])


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30))
def test_an_empty_cell_is_null_or_nothing_but_spaces(rows: list[tuple[str | None, str | None]]) -> None:
    frame = pd.DataFrame(rows, columns=["mail", "phone"], dtype=object)
    filled = sum(cell is not None and cell.strip() != "" for row in rows for cell in row)
    found = kpi.data_collection_rate(frame, ["mail", "phone"])
    assert found.estimate == pytest.approx(100 * filled / (2 * len(rows)))
    assert (found.n, found.low) == (len(rows), None)


def test_each_dimension_of_quality_is_the_share_it_says() -> None:
    frame = pd.DataFrame(
        {
            "id": [1, 2, 2, None, 5],
            "mail": ["a@b.jp", "wrong", "", None, "c@d.jp and more"],
            "age": [30, 200, None, 40, 50],
            "country": ["JP", "US", "XX", None, "JP"],
            "seen": pd.to_datetime(["2024-12-31", "2024-01-01", None, "2024-12-02", "2024-12-01"]),
        }
    )
    rules: dict[str, Any] = {
        "complete": ["mail", "age"],
        "valid": {"mail": r"[^@ ]+@[^@ ]+", "age": (0, 120), "country": ["JP", "US"]},
        "unique": ["id"],
        "timely": {"seen": 30},
        "as_of": "2025-01-01",
    }
    table = kpi.data_quality_score(frame, **rules, dimensions=True).set_index("dimension")["estimate"]
    expected = {"completeness": 100 * 7 / 10, "validity": 100 * 7 / 11, "uniqueness": 75, "timeliness": 50}
    assert table.to_dict() == pytest.approx(expected)
    assert kpi.data_quality_score(frame, **rules).estimate == pytest.approx(np.mean(list(expected.values())))
    weighted = kpi.data_quality_score(frame, **rules, weights={"completeness": 5})
    assert weighted.estimate == pytest.approx((5 * 70 + 100 * 7 / 11 + 75 + 50) / 8)


def test_nothing_to_check_is_no_score() -> None:
    found = kpi.data_quality_score(pd.DataFrame({"mail": [None, ""]}), complete=["mail"], valid={"mail": "x"})
    assert (found.estimate, found.reason) == (None, "nothing_to_check")


def test_uniqueness_alone_counts_all_records() -> None:
    found = kpi.data_quality_score(pd.DataFrame({"id": [1, 2, 2, 2]}), unique=["id"])
    assert (found.estimate, found.n) == (50, 4)
