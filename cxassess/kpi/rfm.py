"""Customers ranked and shared out: scores, deciles, and how unequal they are."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def score(values: NDArray[Any], bins: int) -> NDArray[np.int64]:
    """Bins of equal size by rank, 1 for the lowest; equal values always share one.

    score = 1 + ⌊bins × (rank − 1) ÷ n⌋, where a value's rank is 1 + how many are below it. Only the values
    at the bins' borders are sought out; nothing is sorted.

    >>> score(np.array([10, 20, 20, 20, 50]), 5)
    array([1, 2, 2, 2, 5])
    """
    n = len(values)
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    borders = -(-np.arange(1, bins) * n // bins) - 1
    return 1 + np.searchsorted(np.partition(values, borders)[borders], values, side="left")


def decile_table(
    ordered: NDArray[np.int64], decile: NDArray[np.int64], purchases: NDArray[np.int64], scale: int
) -> pd.DataFrame:
    """Ten groups of customers by money, the best first (see `Transactions.deciles`).

    Args:
        ordered: the customers' money, ascending.
        decile: each customer's decile, 1 to 10, in any order.
        purchases: each customer's purchases, in that order.
        scale: minor units to the main unit.
    """
    customers = np.bincount(decile, minlength=11)[1:]
    best_first = ordered[::-1] / scale
    ends = np.cumsum(customers)
    sums = np.append(0, np.cumsum(ordered[::-1]))
    total = (sums[ends] - sums[ends - customers]) / scale
    share = 100 * total / total.sum() if sums[-1] > 0 else np.full(10, np.nan)
    some = customers > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame({
            "customers": customers,
            "money": total,
            "share": share,
            "cumulative_share": np.cumsum(share),
            "money_per_customer": total / customers,
            "purchases_per_customer": np.bincount(decile, purchases, 11)[1:] / customers,
            "lowest": np.where(some, best_first[ends - 1], np.nan),
            "highest": np.where(some, best_first[np.minimum(ends - customers, len(ordered) - 1)], np.nan),
        }, index=pd.RangeIndex(1, 11, name="decile"))  # fmt: skip


def lorenz(ordered: NDArray[np.int64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """What share of the money the best customers bring, for shares of the customers from 0 to 1.

    Between two customers the curve is a straight line, so that equal customers count in equal parts.

    Args:
        ordered: the customers' money, ascending.
        shares: of the customers.

    >>> lorenz(np.array([0, 10, 30]), np.array([0, 1 / 3, 0.5, 1]))
    array([0.   , 0.75 , 0.875, 1.   ])
    """
    best_first = np.append(0, np.cumsum(ordered[::-1]))
    found = np.interp(shares * len(ordered), np.arange(len(best_first)), best_first / best_first[-1])
    return np.asarray(found, dtype=np.float64)


def gini(ordered: NDArray[np.int64]) -> float:
    """The Gini coefficient of amounts that are not negative: Σ (2i − n − 1) xᵢ ÷ (n Σ x), x ascending.

    0 where all bring the same, near 1 where one brings everything.

    >>> round(gini(np.array([1, 1, 1, 1])), 3), round(gini(np.array([0, 0, 0, 1])), 3)
    (0.0, 0.75)
    """
    n = len(ordered)
    return float(np.arange(1 - n, n, 2) @ ordered.astype(np.float64) / (n * ordered.sum()))
