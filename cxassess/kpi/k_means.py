"""k-means, how good its groups are, and the rules that explain them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.intp]
Rule: TypeAlias = Mapping[str, tuple[float | None, float | None]]

_SILHOUETTE_SAMPLE = 2000
_STEPS = 32  # thresholds tried per feature when a group is explained


def one_k_means(points: Floats, k: int, random: np.random.Generator) -> Labels | None:
    """The groups that one start of k-means (k-means++, then Lloyd) ends in; `None` if every start lost a group."""
    from scipy.cluster.vq import ClusterError, kmeans2

    for _ in range(100):
        try:
            centres, labels = kmeans2(points, k, iter=1, minit="++", missing="raise", seed=random)
            for _ in range(50):
                before = labels
                centres, labels = kmeans2(points, centres, iter=10, minit="matrix", missing="raise")
                if np.array_equal(before, labels):
                    break
        except ClusterError:
            continue
        if np.bincount(labels, minlength=k).all():
            return np.asarray(labels, dtype=np.intp)
    return None


def inertia(points: Floats, labels: Labels, k: int) -> float:
    """The sum of squared distances from the groups' means."""
    return sum(
        float(((points[labels == one] - points[labels == one].mean(axis=0)) ** 2).sum()) for one in range(k)
    )


def largest_first(labels: Labels, k: int) -> Labels:
    """The same groups, numbered from the largest."""
    order = np.argsort(-np.bincount(labels, minlength=k), kind="stable")
    rank = np.empty(k, dtype=np.intp)
    rank[order] = np.arange(k)
    return rank[labels]


def explain(points: Floats, features: Sequence[str], inside: NDArray[np.bool_]) -> dict[str, Any]:
    """The rule of at most three conditions that fits a group best, by F₁, one condition after another."""
    ends: dict[str, list[float | None]] = {name: [None, None] for name in features}
    best, fitting = 2 * inside.sum() / (inside.sum() + inside.size), np.ones(inside.size, dtype=bool)
    for _ in range(3):
        found = None
        for name, column in zip(features, points.T, strict=True):
            for end in (0, 1):
                for threshold in _thresholds(column) if ends[name][end] is None else ():
                    new = fitting & ((column >= threshold) if end == 0 else (column < threshold))
                    score = 2 * (new & inside).sum() / (inside.sum() + new.sum())
                    if score > best + 1e-3:
                        best, found = score, (name, end, float(threshold), new)
        if found is None:
            break
        name, end, threshold, fitting = found
        ends[name][end] = threshold
    return {name: tuple(both) for name, both in ends.items() if both != [None, None]}


def _thresholds(column: Floats) -> Floats:
    """Midpoints between neighbouring quantiles."""
    values = np.unique(np.quantile(column, np.linspace(0, 1, _STEPS + 1), method="nearest"))
    return (values[1:] + values[:-1]) / 2


def fits(points: Floats, features: Sequence[str], rule: Rule) -> NDArray[np.bool_]:
    """Which points a rule fits."""
    fits = np.ones(len(points), dtype=bool)
    for name, (low, high) in rule.items():
        column = points[:, list(features).index(name)]
        fits &= (column >= (-np.inf if low is None else low)) & (column < (np.inf if high is None else high))
    return fits


def silhouette(points: Floats, labels: Labels, random: np.random.Generator) -> float:
    """The mean silhouette (Rousseeuw 1987), of a sample where there are many points."""
    if len(points) > _SILHOUETTE_SAMPLE:
        sample = random.choice(len(points), _SILHOUETTE_SAMPLE, replace=False)
        points, labels = points[sample], labels[sample]
    names, labels = np.unique(labels, return_inverse=True)
    square = (points**2).sum(axis=1)
    distance = np.sqrt(np.maximum(square[:, None] + square - 2 * points @ points.T, 0))
    np.fill_diagonal(distance, 0)
    member = np.eye(names.size)[labels]
    size = member.sum(axis=0)
    total = distance @ member
    own = total[np.arange(labels.size), labels] / np.maximum(size[labels] - 1, 1)
    mean = np.where(member == 1, np.inf, total / size)
    nearest = mean.min(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.where(size[labels] > 1, (nearest - own) / np.maximum(nearest, own), 0.0)
    return float(np.nan_to_num(width).mean())


def rand_index(one: Labels, other: Labels) -> float:
    """The adjusted Rand index of two partitions: 1 if they are the same, 0 as by chance."""
    cells = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(cells, (one, other), 1)

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1) / 2).sum())

    rows, columns, all_pairs = pairs(cells.sum(axis=1)), pairs(cells.sum(axis=0)), pairs(np.array([one.size]))
    expected = rows * columns / all_pairs if all_pairs else 0.0
    highest = (rows + columns) / 2
    return 1.0 if highest == expected else (pairs(cells) - expected) / (highest - expected)
