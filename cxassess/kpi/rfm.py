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


def decile_table(money: NDArray[np.int64], purchases: NDArray[np.int64], scale: int) -> pd.DataFrame:
    """Ten groups of customers by money, the best first (see `Transactions.deciles`)."""
    decile = score(-money, 10) - 1
    customers = np.bincount(decile, minlength=10)
    total = np.bincount(decile, money, 10)
    count = np.bincount(decile, purchases, 10)
    lowest, highest = (np.full(10, extreme, dtype=np.float64) for extreme in (np.inf, -np.inf))
    np.minimum.at(lowest, decile, money)
    np.maximum.at(highest, decile, money)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 100 * total / total.sum() if total.sum() > 0 else np.full(10, np.nan)
        return pd.DataFrame({
            "customers": customers,
            "money": total / scale,
            "share": share,
            "cumulative_share": np.cumsum(share),
            "money_per_customer": total / customers / scale,
            "purchases_per_customer": count / customers,
            "lowest": np.where(customers > 0, lowest / scale, np.nan),
            "highest": np.where(customers > 0, highest / scale, np.nan),
        }, index=pd.RangeIndex(1, 11, name="decile"))  # fmt: skip


def lorenz(money: NDArray[np.int64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """What share of the money the best customers bring, for shares of the customers from 0 to 1.

    Between two customers the curve is a straight line, so that equal customers count in equal parts.

    >>> lorenz(np.array([10, 0, 30]), np.array([0, 1 / 3, 0.5, 1]))
    array([0.   , 0.75 , 0.875, 1.   ])
    """
    best_first = np.append(0.0, np.cumsum(np.sort(money)[::-1], dtype=np.float64))
    found = np.interp(shares * len(money), np.arange(len(best_first)), best_first / best_first[-1])
    return np.asarray(found, dtype=np.float64)


def gini(money: NDArray[np.int64]) -> float:
    """The Gini coefficient of amounts that are not negative: Σ (2i − n − 1) x₍ᵢ₎ ÷ (n Σ x).

    0 where all bring the same, near 1 where one brings everything.

    >>> round(gini(np.array([1, 1, 1, 1])), 3), round(gini(np.array([0, 0, 0, 1])), 3)
    (0.0, 0.75)
    """
    ordered = np.sort(money).astype(np.float64)
    n = len(ordered)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))
