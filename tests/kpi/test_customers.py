"""CTB, loyalty matrix and segments against counting by hand."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxassess import kpi
from cxassess.kpi.intervals import wilson
from cxassess.kpi.k_means import rand_index, silhouette
from tests.kpi.conftest import Native

PURCHASES = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(1, 5)), st.sampled_from(["cup", "pot"]),
        st.one_of(st.none(), st.sampled_from(["mono", "natural"])), st.sampled_from(["x", "y", "z"]),
        st.sampled_from(["home", "gift"]),
    ),
    min_size=1, max_size=40,
).filter(lambda rows: any(row[0] is not None for row in rows))  # fmt: skip
KINDS = ["customer", "category", "taste", "brand", "segment"]


def orders(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=KINDS)
    return frame.assign(customer=frame["customer"].astype(float))


@settings(max_examples=30)
@given(PURCHASES)
def test_ctb_counts_what_was_bought(rows: list[tuple[Any, ...]]) -> None:
    found = kpi.ctb(orders(rows), by="segment")
    known = [row for row in rows if row[0] is not None]
    assert found.missing == len(rows) - len(known)
    for position, kind in ((1, "category"), (2, "taste"), (3, "brand")):
        wanted = Counter((row[4], row[position]) for row in known)
        buyers = Counter((s, label) for s, label, _ in {(row[4], row[position], row[0]) for row in known})
        sizes = Counter(row[4] for row in known)
        part = found.labels[found.labels["kind"] == kind]
        assert len(part) == len(wanted)
        for row in part.itertuples():
            key = (row.segment, None if pd.isna(row.label) else row.label)
            assert (row.purchases, row.customers) == (wanted[key], buyers[key])
            assert row.share == pytest.approx(100 * wanted[key] / sizes[row.segment])
            assert row.low - 1e-9 <= row.share <= row.high + 1e-9
    cells = Counter((row[4], *row[1:4]) for row in known)
    assert len(found.cross) == len(cells)
    for row in found.cross.itertuples():
        label = None if pd.isna(row.taste) else row.taste
        here = [r for r in known if r[4] == row.segment]
        count = cells[row.segment, row.category, label, row.brand]
        assert row.purchases == count
        chance = np.prod([
            sum(r[p] == v for r in here) / len(here) for p, v in ((1, row.category), (2, label), (3, row.brand))
        ])  # fmt: skip
        assert row.lift == pytest.approx(count / len(here) / chance)


def test_one_customer_who_buys_a_hundred_times_is_one_customer() -> None:
    rows = [(1, "cup", "mono", "x", "home")] * 100 + [(c, "pot", "mono", "x", "home") for c in range(2, 12)]
    label = kpi.ctb(orders(rows)).labels.iloc[0]
    assert (label["purchases"], label["customers"]) == (100, 1)
    assert label["low"] < 70 < label["share"]  # Wilson's with 110 purchases would begin at 84 %


def test_with_one_purchase_each_the_interval_is_nearly_wilson_s() -> None:
    rows = [(c, "cup" if c % 3 else "pot", "mono", "x", "home") for c in range(300)]
    label = kpi.ctb(orders(rows)).labels.iloc[0]
    assert (label["low"], label["high"]) == pytest.approx([100 * end for end in wilson(200, 300)], abs=0.05)


def test_every_engine_counts_the_same_purchases(native: Native) -> None:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({
        "customer": np.where(random.random(120) < 0.1, np.nan, random.integers(1, 20, 120)),
        "category": random.choice(["cup", "pot"], 120), "taste": random.choice(["a", "b", None], 120),
        "brand": random.choice(["x", "y", "z"], 120), "segment": random.choice(["home", "gift", None], 120),
    })  # fmt: skip
    for by in (None, "segment"):
        wanted, found = kpi.ctb(frame, by=by), kpi.ctb(native(frame), by=by)
        pd.testing.assert_frame_equal(found.labels, wanted.labels)
        pd.testing.assert_frame_equal(found.cross, wanted.cross)
        assert found.missing == wanted.missing


PEOPLE = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 10)), st.one_of(st.none(), st.integers(0, 6))),
    min_size=1, max_size=40,
)  # fmt: skip


def raters(people: list[tuple[Any, Any]]) -> pd.DataFrame:
    return pd.DataFrame(people, columns=["attitude", "behaviour"], dtype=float)


@given(PEOPLE, st.integers(0, 11), st.integers(0, 7))
def test_the_loyalty_matrix_is_two_marks(
    people: list[tuple[Any, Any]], attitude: int, behaviour: int
) -> None:
    frame = raters(people).assign(spend=1.5)
    found = kpi.loyalty_matrix(frame, attitude_mark=attitude, behaviour_mark=behaviour, value="spend")
    placed = [(a >= attitude, b >= behaviour) for a, b in people if a is not None and b is not None]
    wanted = [placed.count(cell) for cell in ((True, True), (True, False), (False, True), (False, False))]
    assert found.table["loyalty"].tolist() == ["true", "latent", "spurious", "none"]
    assert found.table["customers"].tolist() == wanted
    assert found.n == len(placed)
    assert found.missing_attitude == sum(a is None for a, _ in people)
    assert found.missing_behaviour == sum(a is not None and b is None for a, b in people)
    if placed:
        assert found.table["share"].sum() == pytest.approx(100)
        assert found.table["spend"].tolist() == pytest.approx([1.5 * count for count in wanted])
    else:
        assert found.table["share"].isna().all()
    silent = [b for a, b in people if a is None and b is not None]
    assert found.behaviour_silent == (pytest.approx(np.mean(silent)) if silent else None)


def test_every_engine_places_the_same_people(native: Native) -> None:
    random = np.random.default_rng(2)
    frame = raters(list(zip(random.integers(0, 11, 90), random.integers(0, 6, 90), strict=True)))
    frame = frame.assign(shop=random.choice(["A", "B"], 90), spend=random.integers(0, 900, 90).astype(float))
    frame.loc[::9, "attitude"] = np.nan
    frame.loc[::11, "behaviour"] = np.nan
    options: dict[str, Any] = {"attitude_mark": 8, "behaviour_mark": 3, "value": "spend", "by": "shop"}
    wanted, found = (kpi.loyalty_matrix(data, **options) for data in (frame, native(frame)))
    pd.testing.assert_frame_equal(found.table, wanted.table)
    assert (found.behaviour_silent, found.missing_behaviour) == (
        wanted.behaviour_silent,
        wanted.missing_behaviour,
    )


# Segments.

RULES = {"loyal": {"orders": (5, None), "days": (None, 30)}, "asleep": {"days": (180, None)}}


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    """Three kinds of customers that are clearly apart."""
    random = np.random.default_rng(3)
    orders_ = np.concatenate([random.poisson(2, 300), random.poisson(25, 100), random.poisson(3, 200)])
    days = np.concatenate([random.normal(300, 20, 300), random.normal(15, 3, 100), random.normal(60, 8, 200)])
    return pd.DataFrame({"orders": orders_.astype(float), "days": days, "flat": 1.0})


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 400)), min_size=1, max_size=30))
def test_the_first_rule_that_fits_counts(people: list[tuple[int, int]]) -> None:
    frame = pd.DataFrame(people, columns=["orders", "days"])
    wanted = ["loyal" if o >= 5 and d < 30 else "asleep" if d >= 180 else "other" for o, d in people]
    assert kpi.place(frame, RULES)["segment"].tolist() == wanted
    table = kpi.segments(frame, rules=RULES).table
    assert table["segment"].tolist() == ["loyal", "asleep", "other"]
    assert table["customers"].tolist() == [wanted.count(name) for name in table["segment"]]


def test_k_means_finds_groups_that_are_there_and_says_what_they_are(shop: pd.DataFrame) -> None:
    truth = np.repeat([0, 1, 2], [300, 100, 200])
    found = kpi.segments(shop, ["orders", "days", "flat"], k=3)
    assert found.table["customers"].tolist() == [300, 200, 100]
    assert rand_index(found.assigned.to_numpy(int) - 1, truth) > 0.99
    assert found.left_out == ("flat",)
    assert found.silhouette > 0.7
    assert found.stability > 0.8
    assert (found.table[["precision", "recall"]] > 95).all(axis=None)
    again = kpi.segments(shop, rules=found.rules)
    assert again.table["customers"].tolist()[:3] == pytest.approx([300, 200, 100], abs=12)


def test_the_same_seed_gives_the_same_groups(shop: pd.DataFrame) -> None:
    one, other = (kpi.segments(shop, ["orders", "days"], k=4, seed=9) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, other.table)


def test_scale_does_not_decide(shop: pd.DataFrame) -> None:
    one = kpi.segments(shop, ["orders", "days"], k=3)
    other = kpi.segments(shop.assign(orders=shop["orders"] * 1e6), ["orders", "days"], k=3)
    assert one.assigned.equals(other.assigned)


def test_in_fog_the_silhouette_is_low() -> None:
    random = np.random.default_rng(4)
    fog = pd.DataFrame(random.normal(size=(800, 3)), columns=list("abc"))
    assert kpi.segments(fog, list("abc"), k=4).silhouette < 0.3


def test_many_customers_are_grouped_as_a_sample_of_them(shop: pd.DataFrame) -> None:
    random = np.random.default_rng(1)
    many = pd.concat([shop] * 50, ignore_index=True)
    many["days"] += random.normal(0, 1, len(many))
    found = kpi.segments(many.assign(id=many.index + 1000), ["orders", "days"], k=3, customer="id")
    assert found.table["customers"].tolist() == [15_000, 10_000, 5_000]
    assert found.assigned.loc[1000] == 1


def test_customers_with_gaps_are_not_placed(shop: pd.DataFrame) -> None:
    holes = shop.copy()
    holes.loc[[0, 301], "days"] = np.nan
    found = kpi.segments(holes, ["orders", "days"], k=3)
    assert (found.n, found.missing) == (598, 2)
    assert found.assigned.isna().to_numpy().nonzero()[0].tolist() == [0, 301]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"features": ["orders"], "k": 3}, "too_many_groups"), ({"features": ["orders"]}, "k_or_rules"),
        ({"features": ["orders"], "k": 1, "rules": RULES}, "k_or_rules"), ({"k": 2}, "columns_none"),
        ({"features": ["gone"], "k": 2}, "column_missing"), ({"features": ["empty"], "k": 1}, "no_complete_row"),
    ],
)  # fmt: skip
def test_impossible_groups_are_refused(options: dict[str, Any], key: str) -> None:
    frame = pd.DataFrame({"orders": [1.0, 1.0, 2.0], "days": [1, 2, 3], "empty": [np.nan] * 3})
    with pytest.raises(kpi.KpiError) as caught:
        kpi.segments(frame, **options)
    assert caught.value.key == key
    assert str(caught.value)


def test_silhouette_and_rand_index_by_hand() -> None:
    # Two pairs on a line at 0, 1 and 10, 11: a = 1, b = 10.5 or 9.5.
    points, labels = np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([0, 0, 1, 1])
    wanted = np.mean([1 - 1 / 10.5, 1 - 1 / 9.5, 1 - 1 / 9.5, 1 - 1 / 10.5])
    assert silhouette(points, labels, np.random.default_rng()) == pytest.approx(wanted)
    # Hubert & Arabie: pairs together in both 2 of 6, in one 2 and 2, by chance 2/3.
    assert rand_index(labels, np.array([1, 1, 0, 0])) == 1
    assert rand_index(labels, np.array([0, 1, 0, 1])) == pytest.approx((0 - 2 / 3) / (2 - 2 / 3))


def test_every_engine_applies_the_same_rules(native: Native, shop: pd.DataFrame) -> None:
    frame = shop.iloc[::12].reset_index(drop=True)
    frame.loc[[2, 5], "orders"] = np.nan
    wanted, found = (kpi.segments(data, rules=RULES) for data in (frame, native(frame)))
    pd.testing.assert_frame_equal(found.table, wanted.table)
    assert (found.n, found.missing) == (wanted.n, wanted.missing) == (48, 2)
    by_k = kpi.segments(native(frame), ["orders", "days"], k=3).table
    pd.testing.assert_frame_equal(by_k, kpi.segments(frame, ["orders", "days"], k=3).table, check_exact=False)
