"""The statistics behind `compare`: by how much ratings changed, and how sure that is.

Ratings are arrays `(…, respondents, questions)`, `nan` where there is none, the same respondent in the same
row of both rounds. Whatever stands before the last two axes is worked out at once, so that thousands of
simulated teams cost one call.

References:
    B. Derrick et al. (2017). How to compare the means of two samples that include paired observations and
    independent observations. The Quantitative Methods for Psychology 13(2), 120–126.
    G. K. Smyth (2004). Linear models and empirical Bayes methods. SAGMB 3(1), 3 (borrowing of variance).
    F. E. Satterthwaite (1946). Biometrics Bulletin 2(6), 110–114 (degrees of freedom).
    S. Holm (1979). Scandinavian Journal of Statistics 6(2), 65–70.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

Floats = NDArray[np.float64]

SAME_PERSON = 0.5
"""How alike one person's two ratings are taken to be when pairs and others are weighed against each other.

Any value gives an unbiased change; the interval goes by what the answers themselves show.
"""

BORROWED = 8
"""As how many further pairs of people the variation in the other questions counts."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """Changes with all that an interval takes; arrays `(…, questions)`.

    `step` is half of the smallest step that a mean can move by: ratings come in whole levels.
    """

    change: Floats
    error: Floats
    freedom: Floats
    step: Floats

    @property
    def p(self) -> Floats:
        """The chance of so large a change, up or down, where there is none."""
        size = np.maximum(np.abs(self.change) - self.step, 0)
        return np.asarray(2 * stdtr(self.freedom, -size / self.error))

    def margin(self, level: ArrayLike) -> Floats:
        """Half of the interval's width; the interval leaves out 0 where `p` is at most `level`."""
        return np.asarray(-stdtrit(self.freedom, np.asarray(level) / 2) * self.error + self.step)


def estimate(before: Floats, after: Floats, grain: ArrayLike = 1.0) -> Estimates:
    """The change of the mean of every question, from those who answered twice and from the others.

    Everybody's ratings are weighed by generalised least squares, as if one person's two ratings were
    correlated by `SAME_PERSON`: with pairs alone that is the mean of their own changes, without pairs the
    difference of the two means. The variance is that of the pairs' own changes and that within each
    round. Each is never taken to be less than when the other questions' is counted in, nor less than rounding
    to whole levels alone makes it, because a handful of people can agree by chance.

    Args:
        before: ratings `(…, respondents, questions)` of the first round, in levels.
        after: of the second.
        grain: the smallest step of one rating, for each question.

        >>> pairs = np.array([[1.0], [2], [2], [3]])
        >>> found = estimate(pairs, pairs + [[1], [2], [1], [2]])
        >>> [round(float(one[0]), 3) for one in (found.change, found.freedom, found.p)]
        [1.5, 3.0, 0.018]
    """
    old, new = ~np.isnan(before), ~np.isnan(after)
    x, y = np.where(old, before, 0), np.where(new, after, 0)
    pair = old & new
    n_old, n_new, pairs = old.sum(-2), new.sum(-2), pair.sum(-2)
    of_old, of_new, of_pair = _weights(n_old, n_new, pairs)

    own = np.where(pair, _each(of_pair[1]) * y - _each(of_pair[0]) * x, 0)
    change = own.sum(-2) + of_new * (y * ~pair).sum(-2) - of_old * (x * ~pair).sum(-2)

    unit = of_pair[0] ** 2 + of_pair[1] ** 2
    floor = np.asarray(grain) ** 2 / 12
    between, between_df = _steadied(
        _squares(own, pair) / np.where(pairs, unit, 1), np.maximum(pairs - 1, 0), floor
    )
    within, _ = _steadied(_squares(x, old) + _squares(y, new), np.maximum(n_old + n_new - 2, 1), floor)
    between = np.where(pairs > 1, between, within)
    parts = np.stack([
        pairs * unit * between,
        ((n_new - pairs) * of_new**2 + (n_old - pairs) * of_old**2) * within,
    ])  # fmt: skip
    freedom = np.stack([np.maximum(between_df, 1), np.maximum(n_old + n_new - 2, 1)])
    variance = parts.sum(0)
    return Estimates(
        change=change,
        error=np.sqrt(variance),
        freedom=variance**2 / (parts**2 / freedom).sum(0),
        step=np.asarray(grain) / (2 * np.maximum(n_old, n_new)),
    )


def holm(p: Floats) -> Floats:
    """Holm's adjusted p: at most `level` for any of the questions, by chance, with at most that probability.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, axis=-1)
    left = p.shape[-1] - np.arange(p.shape[-1])
    stepped = np.maximum.accumulate(np.take_along_axis(p, order, -1) * left, -1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1), -1)
    return adjusted


def composite(before: Floats, after: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Every respondent's weighted mean over several questions, one column; for themes and the index.

    A rating counts by how far it is above or below the question's mean over both rounds, so that leaving out a
    question that all rate low raises nobody's mean. Of those who answered twice only the questions that they
    answered both times count.

    >>> old, new = composite(np.array([[1.0, 3.0]]), np.array([[2.0, np.nan]]), np.array([1.0, 1.0]))
    >>> float(new[0, 0] - old[0, 0])
    1.0
    """
    old, new = ~np.isnan(before), ~np.isnan(after)
    n = old.sum(-2, keepdims=True) + new.sum(-2, keepdims=True)
    total = np.where(old, before, 0).sum(-2, keepdims=True) + np.where(new, after, 0).sum(-2, keepdims=True)
    middle = total / np.maximum(n, 1)
    both = old & new
    paired = both.any(-1, keepdims=True)
    return (
        _mean(np.where(paired, both, old), before - middle, weights),
        _mean(np.where(paired, both, new), after - middle, weights),
    )


def _mean(counts: NDArray[np.bool_], values: Floats, weights: Floats) -> Floats:
    total = (counts * weights).sum(-1, keepdims=True)
    sums = np.where(counts, values * weights, 0).sum(-1, keepdims=True)
    return np.asarray(np.divide(sums, total, out=np.full(sums.shape, np.nan), where=total > 0))


def _weights(
    n_old: NDArray[np.int_], n_new: NDArray[np.int_], pairs: NDArray[np.int_]
) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
    """What a rating counts for: of those before only, of those after only, and of a pair (before, after)."""
    rest = 1 - SAME_PERSON**2
    old = pairs / rest + n_old - pairs
    new = pairs / rest + n_new - pairs
    cross = SAME_PERSON * pairs / rest
    det = np.maximum(old * new - cross**2, np.finfo(float).tiny)
    of_old, of_new = (new - cross) / det, (old - cross) / det
    pair = (of_old + SAME_PERSON * of_new) / rest, (of_new + SAME_PERSON * of_old) / rest
    return of_old, of_new, pair


def _squares(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """The sum of squared deviations from the mean of those that are known."""
    mean = np.where(known, values, 0).sum(-2) / np.maximum(known.sum(-2), 1)
    return np.asarray((np.where(known, values - _each(mean), 0) ** 2).sum(-2))


def _steadied(squares: Floats, freedom: NDArray[np.int_], floor: ArrayLike) -> tuple[Floats, Floats]:
    """A question's variance, with that of the other questions counted in where this makes it larger."""
    others = squares.sum(-1, keepdims=True) - squares
    others_df = freedom.sum(-1, keepdims=True) - freedom
    borrowed = np.minimum(BORROWED, others_df)
    own = squares / np.maximum(freedom, 1)
    mixed = (squares + borrowed * others / np.maximum(others_df, 1)) / np.maximum(freedom + borrowed, 1)
    return np.maximum(np.maximum(own, mixed), floor), freedom + borrowed.astype(float)


def _each(values: Floats) -> Floats:
    """Per question, spread over the respondents."""
    return values[..., None, :]
