"""How far people agree, worked out from how many chose each level.

`counts` is always the number of ratings at level 1, 2, … of one element.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations


def mean_level(counts: Sequence[int]) -> float | None:
    """The mean rating, or `None` without ratings.

    >>> mean_level([0, 1, 0, 1, 0])
    3.0
    """
    n = sum(counts)
    return sum(level * count for level, count in enumerate(counts, 1)) / n if n else None


def pair_difference(counts: Sequence[int]) -> float | None:
    """By how many levels two different people, drawn at random, differ on average.

    Gini's mean difference. `None` for fewer than two ratings.

        >>> pair_difference([4, 0, 0, 0, 4])   # half say 1, half say 5
        2.2857142857142856
    """
    n = sum(counts)
    if n < 2:
        return None
    apart = sum(a * b * (high - low) for (low, a), (high, b) in combinations(enumerate(counts), 2))
    return apart / (n * (n - 1) / 2)


def ordinal_alpha(elements: Iterable[Sequence[int]]) -> float | None:
    """Krippendorff's alpha for ordinal ratings: 1 is full agreement, 0 what chance would give.

    Elements with fewer than two ratings say nothing and are left out. `None` when nothing is left, or
    when all ratings are the same, for then there is no variation to agree about.
    Formula: Krippendorff, K. (2004), Content Analysis, ch. 11.

        >>> round(ordinal_alpha([[2, 0, 0], [0, 2, 0], [0, 1, 1]]), 3)
        0.778
    """
    units = [counts for counts in elements if sum(counts) >= 2]
    if not units:
        return None
    totals = [sum(column) for column in zip(*units, strict=True)]
    n = sum(totals)
    pairs = list(combinations(range(len(totals)), 2))
    distance = {(c, k): (sum(totals[c : k + 1]) - (totals[c] + totals[k]) / 2) ** 2 for c, k in pairs}
    expected = sum(totals[c] * totals[k] * distance[c, k] for c, k in pairs)
    if not expected:
        return None
    observed = sum(
        sum(counts[c] * counts[k] * distance[c, k] for c, k in pairs) / (sum(counts) - 1) for counts in units
    )
    return float(1 - (n - 1) * observed / expected)
