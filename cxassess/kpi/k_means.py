"""k-means, how good its groups are, and the rules that explain them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.intp]
Rule: TypeAlias = Mapping[str, tuple[float | None, float | None]]

_SAMPLE = 20_000
_SILHOUETTE_SAMPLE = 2000
_STEPS = 32  # thresholds tried per feature when a group is explained


def k_means(
    points: Floats, k: int, starts: int, random: np.random.Generator
) -> tuple[Labels, float | None] | None:
    """The best groups of several starts, and how far the others find the same (mean adjusted Rand index).

    Where there are many points the starts are tried on a sample, and the best goes on with all points.
    """
    from scipy.cluster.vq import ClusterError

    many = len(points) > _SAMPLE
    sample = points[random.choice(len(points), _SAMPLE, replace=False)] if many else points
    found = [labels for _ in range(starts) if (labels := _one_start(sample, k, random)) is not None]
    if not found:
        return None
    found.sort(key=lambda labels: _inertia(sample, labels, k))
    others = [rand_index(found[0], labels) for labels in found[1:]]
    stability = float(np.mean(others)) if others else None
    if not many:
        return _largest_first(found[0], k), stability
    centres = np.stack([sample[found[0] == one].mean(axis=0) for one in range(k)])
    try:
        return _largest_first(_lloyd(points, centres), k), stability
    except ClusterError:
        return None


def _one_start(points: Floats, k: int, random: np.random.Generator) -> Labels | None:
    """The groups in which one start from k-means++ ends; `None` if each of many lost a group on the way."""
    from scipy.cluster.vq import ClusterError, kmeans2

    for _ in range(100):
        try:
            labels = _lloyd(points, kmeans2(points, k, iter=1, minit="++", missing="raise", seed=random)[0])
        except ClusterError:
            continue
        if np.bincount(labels, minlength=k).all():
            return labels
    return None


def _lloyd(points: Floats, centres: Floats) -> Labels:
    """Lloyd's iterations until no point changes its group."""
    from scipy.cluster.vq import kmeans2

    labels = np.full(len(points), -1)
    for _ in range(50):
        before = labels
        centres, labels = kmeans2(points, centres, iter=10, minit="matrix", missing="raise")
        if np.array_equal(before, labels):
            break
    return np.asarray(labels, dtype=np.intp)


def _inertia(points: Floats, labels: Labels, k: int) -> float:
    """The sum of squared distances from the groups' means."""
    return sum(
        float(((points[labels == one] - points[labels == one].mean(axis=0)) ** 2).sum()) for one in range(k)
    )


def _largest_first(labels: Labels, k: int) -> Labels:
    """The same groups, numbered from the largest."""
    order = np.argsort(-np.bincount(labels, minlength=k), kind="stable")
    rank = np.empty(k, dtype=np.intp)
    rank[order] = np.arange(k)
    return rank[labels]


def explain(points: Floats, features: Sequence[str], inside: NDArray[np.bool_]) -> dict[str, Any]:
    """The rule of at most three conditions that fits a group best, by F₁, one condition after another."""
    step = len(points) // _SAMPLE + 1
    points, inside = points[::step], inside[::step]
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
