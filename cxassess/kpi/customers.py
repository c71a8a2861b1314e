"""What customers choose, and whether those who stay want to: CTB analysis and the loyalty matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxassess.kpi import engines
from cxassess.kpi.analysis import Shown, size_of, text
from cxassess.kpi.entry import By, Frame, admit, check_finite, group_names, reduce, split_groups
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import figure, metric_name
from cxassess.kpi.intervals import wilson


@dataclass(frozen=True, eq=False, repr=False)
class Ctb(Shown):
    """What was bought, by category, taste and brand.

    Attributes:
        labels: one row a label: the group columns, kind (category, taste, brand), label (missing where the
            purchase has none), purchases, customers, share (% of the group's purchases; those of one kind add
            up to 100), low, high. The most frequent first.
        cross: one row a combination that occurs: the group columns, category, taste, brand, purchases,
            customers, share (%), lift (how many times as often as if the three were chosen independently).
        missing: purchases without a customer, which were left out.
    """

    labels: pd.DataFrame
    cross: pd.DataFrame
    missing: int

    def _heading(self) -> str:
        return metric_name("ctb")

    def _lines(self) -> list[tuple[str, str]]:
        return [(text("left_out"), f"{self.missing:,}")]

    def _table(self) -> pd.DataFrame:
        return self.labels


def ctb(
    df: Any,
    *,
    customer: str = "customer",
    category: str = "category",
    taste: str = "taste",
    brand: str = "brand",
    by: By = None,
    confidence: float = 0.95,
) -> Ctb:
    """CTB analysis: what kind of thing, in what style, of what make is bought.

    Purchases of one customer are alike, so the interval is Wilson's with the effective number of purchases,
    p(1 − p) ÷ var(p), where var(p) is that of a ratio of sums over customers (at most the number of
    purchases; the number of customers where all purchases are alike).

    Args:
        df: one row a purchase; any engine.
        customer: column of ids; purchases without one are left out and counted.
        category: what it is.
        taste: its colour, shape, size or style.
        brand: its maker or character.
        by: group columns, such as the segment; shares are then within the group.
        confidence: of the intervals.

    Returns:
        A `Ctb`. Purchases without a label stay in the denominator.

    Raises:
        KpiError: a column is missing, or no purchase has a customer.

    >>> orders = pd.DataFrame({"customer": [1, 1, 2, 3], "category": ["cup", "cup", "cup", "pot"],
    ...                        "taste": ["plain", "plain", None, "plain"], "brand": ["x", "y", "x", "x"]})
    >>> ctb(orders).labels[["kind", "label", "purchases", "share"]].head(3)
           kind  label  purchases  share
    0  category    cup          3   75.0
    1  category    pot          1   25.0
    2     taste  plain          3   75.0
    """
    names = group_names(by)
    kinds = {"category": category, "taste": taste, "brand": brand}
    frame = admit(df, others=[customer, *kinds.values()], by=by)
    known = frame.filter(~nw.col(customer).is_null())
    per_customer = known.group_by(*names, customer).agg(nw.len().alias("__n"))
    n = nw.col("__n")
    totals = engines.to_pandas(
        reduce(
            per_customer.with_columns((n * n).alias("__nn")),
            names,
            [n.sum().alias("purchases"), nw.col("__nn").sum().alias("nn"), nw.len().alias("customers")],
        )
    )
    if totals.empty or not totals["customers"].sum():
        raise KpiError("frame_empty")
    labels = [
        _labels(known, names, customer, column, totals, confidence).assign(kind=kind)
        for kind, column in kinds.items()
    ]
    table = pd.concat(labels, ignore_index=True)
    _, place = split_groups(table, names)
    order = np.lexsort((np.arange(len(table)), table["kind"].map(list(kinds).index), place))
    shown = [*names, "kind", "label", "purchases", "customers", "share", "low", "high"]
    cross = _cross(known, names, customer, kinds, totals, table)
    rows = size_of(frame)
    return Ctb(table.iloc[order][shown].reset_index(drop=True), cross, rows - int(totals["purchases"].sum()))


def _labels(
    known: Frame, names: Sequence[str], customer: str, column: str, totals: pd.DataFrame, confidence: float
) -> pd.DataFrame:
    """The share of each label of one kind, by sums over customers made on the engine."""
    c, n = nw.col("__c"), nw.col("__n")
    counts = known.group_by(*names, customer, column).agg(nw.len().alias("__c"))
    each = counts.with_columns(c.sum().over(*names, customer).alias("__n"))
    products = each.with_columns((c * c).alias("__cc"), (c * n).alias("__cn"))
    sums = [c.sum().alias("bought"), nw.col("__cc").sum().alias("cc"), nw.col("__cn").sum().alias("cn")]
    table = engines.to_pandas(products.group_by(*names, column).agg(*sums, nw.len().alias("buyers")))
    table = table.rename(columns={column: "label"})
    table = table.merge(totals, on=list(names)) if names else table.merge(totals, how="cross")
    p, m = table["bought"] / table["purchases"], table["customers"]
    scatter = table["cc"] - 2 * p * table["cn"] + p**2 * table["nn"]
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = scatter / table["purchases"] ** 2 * m / (m - 1)
        effective = np.where(variance > 1e-15, p * (1 - p) / variance, m)
    effective = np.minimum(np.maximum(effective, 1), table["purchases"])
    low, high = wilson(p * effective, effective, confidence)
    table = table.assign(share=100 * p, low=100 * low, high=100 * high)
    table = table.drop(columns=["purchases", "customers"]).rename(
        columns={"bought": "purchases", "buyers": "customers"}
    )
    table = table.astype({"purchases": "int64", "customers": "int64"})
    return table.sort_values(["purchases", "label"], ascending=[False, True], ignore_index=True)


def _cross(
    known: Frame, names: Sequence[str], customer: str, kinds: dict[str, str], totals: pd.DataFrame,
    labels: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    columns = list(kinds.values())
    counts = known.group_by(*names, customer, *columns).agg(nw.len().alias("__c"))
    sums = [nw.col("__c").sum().alias("purchases"), nw.len().alias("customers")]
    table = engines.to_pandas(counts.group_by(*names, *columns).agg(*sums))
    table = table.rename(columns={column: kind for kind, column in kinds.items()})
    all_of = totals[[*names, "purchases"]].rename(columns={"purchases": "__all"})
    table = table.merge(all_of, on=list(names)) if names else table.merge(all_of, how="cross")
    table = table.astype(dict.fromkeys(kinds, object))  # as the labels of all kinds in one column are
    expected = np.ones(len(table))
    for kind in kinds:
        shares = labels.loc[labels["kind"] == kind, [*names, "label", "share"]].rename(
            columns={"label": kind}
        )
        expected = expected * table.merge(shares, on=[*names, kind], how="left")["share"].to_numpy() / 100
    share = table["purchases"] / table["__all"]
    table = table.assign(share=100 * share, lift=share / expected)
    keys = [*names, "purchases", *kinds]
    ascending = [*[True] * len(names), False, True, True, True]
    table = table.sort_values(keys, ascending=ascending, ignore_index=True)
    counts_as = {"purchases": "int64", "customers": "int64"}
    return table[[*names, *kinds, "purchases", "customers", "share", "lift"]].astype(counts_as)


_CELLS = {(1, 1): "true", (1, 0): "latent", (0, 1): "spurious", (0, 0): "none"}


@dataclass(frozen=True, eq=False, repr=False)
class LoyaltyMatrix(Shown):
    """Customers by attitude and behaviour.

    Attributes:
        table: the group columns, loyalty (true, latent, spurious, none), customers, share (% of those placed),
            low, high (Wilson), and with `value` its sum and value_share (%). Every cell has a row.
        n: customers placed.
        missing_attitude: customers whose attitude is not known.
        missing_behaviour: customers whose attitude is known and whose behaviour is not.
        behaviour_placed: mean behaviour of those placed, `None` if there are none.
        behaviour_silent: mean behaviour of those whose attitude is not known. Where it differs much, the
            matrix is not about all customers.
    """

    table: pd.DataFrame
    n: int
    missing_attitude: int
    missing_behaviour: int
    behaviour_placed: float | None
    behaviour_silent: float | None

    def _heading(self) -> str:
        return metric_name("loyalty_matrix")

    def _lines(self) -> list[tuple[str, str]]:
        means = [
            (text("behaviour_placed"), self.behaviour_placed),
            (text("behaviour_silent"), self.behaviour_silent),
        ]
        return [
            (text("placed"), f"{self.n:,}"),
            (text("missing_attitude"), f"{self.missing_attitude:,}"),
            (text("missing_behaviour"), f"{self.missing_behaviour:,}"),
            *((name, "—" if mean is None else figure(mean)) for name, mean in means),
        ]

    def _table(self) -> pd.DataFrame:
        return self.table.assign(loyalty=[text(f"loyalty_{cell}") for cell in self.table["loyalty"]])


def loyalty_matrix(
    df: Any,
    *,
    attitude: str = "attitude",
    behaviour: str = "behaviour",
    attitude_mark: float,
    behaviour_mark: float,
    value: str | None = None,
    by: By = None,
    confidence: float = 0.95,
) -> LoyaltyMatrix:
    """Do those who stay want to stay? Attitude × behaviour.

    True loyalty: both at their mark or above; latent: attitude only; spurious: behaviour only, from habit or
    for want of choice; none: neither. Share = customers in the cell ÷ customers of whom both are known.

    Args:
        df: one row a customer; any engine.
        attitude: column with a rating, such as the likelihood to recommend.
        behaviour: column with repeat purchases, or periods stayed.
        attitude_mark: the rating from which attitude counts as high.
        behaviour_mark: the number from which behaviour counts as high.
        value: column to sum per cell, such as the customer's spend; a missing value counts as 0.
        by: group columns.
        confidence: of the intervals.

    Raises:
        KpiError: a column is missing or no number, or the frame has no rows.

    References:
        A. S. Dick & K. Basu (1994). Customer loyalty: toward an integrated conceptual framework. Journal of
        the Academy of Marketing Science 22(2), 99–113.

    >>> people = pd.DataFrame({"attitude": [9, 10, 3, 2, None], "behaviour": [5, 0, 6, 1, 4]})
    >>> found = loyalty_matrix(people, attitude_mark=9, behaviour_mark=3)
    >>> found.table["loyalty"].tolist(), found.table["customers"].tolist(), found.behaviour_silent
    (['true', 'latent', 'spurious', 'none'], [1, 1, 1, 1], 4.0)
    """
    names = group_names(by)
    numbers = [attitude, behaviour, *([value] if value else [])]
    frame = admit(df, numbers=numbers, by=by)
    check_finite(frame, numbers)
    a, b = nw.col(attitude), nw.col(behaviour)
    high_a = nw.when(~a.is_null()).then((a >= attitude_mark).cast(nw.Float64))
    high_b = nw.when(~b.is_null()).then((b >= behaviour_mark).cast(nw.Float64))
    marked = frame.with_columns(high_a.alias("__a"), high_b.alias("__b"))
    sums = [
        nw.len().alias("customers"),
        b.sum().alias("behaviour"),
        *([nw.col(value).sum()] if value else []),
    ]
    counts = engines.to_pandas(marked.group_by(*names, "__a", "__b").agg(*sums))
    if counts.empty:
        raise KpiError("frame_empty")
    groups, place = split_groups(counts, names)
    known_a, known_b = counts["__a"].notna(), counts["__b"].notna()
    placed = known_a & known_b
    rows = []
    for group in range(len(groups)):
        here = counts[placed & (place == group)].set_index(["__a", "__b"])
        here = here.reindex(pd.MultiIndex.from_tuples(list(_CELLS)), fill_value=0)
        customers = here["customers"].to_numpy(np.float64)
        low, high = wilson(customers, customers.sum(), confidence)
        with np.errstate(divide="ignore", invalid="ignore"):
            cells: dict[str, Any] = {
                "loyalty": list(_CELLS.values()), "customers": customers.astype(int),
                "share": 100 * customers / customers.sum(), "low": 100 * low, "high": 100 * high,
            }  # fmt: skip
            if value:
                money = here[value].fillna(0).to_numpy(np.float64)
                cells |= {value: money, "value_share": 100 * money / money.sum()}
        repeated = groups.iloc[[group] * 4].reset_index(drop=True)
        rows.append(pd.concat([repeated, pd.DataFrame(cells)], axis=1))
    n, silent = int(counts.loc[placed, "customers"].sum()), counts[~known_a & known_b]
    return LoyaltyMatrix(
        pd.concat(rows, ignore_index=True), n, int(counts.loc[~known_a, "customers"].sum()),
        int(counts.loc[known_a & ~known_b, "customers"].sum()), _mean(counts[placed]), _mean(silent),
    )  # fmt: skip


def _mean(counts: pd.DataFrame) -> float | None:
    customers = counts["customers"].sum()
    return float(counts["behaviour"].sum() / customers) if customers else None
