"""Draws that come out alike on every machine.

Only PCG64's uniform stream is used, with the operations that IEEE 754 rounds alike everywhere. The
usual ways differ somewhere: `exp`, `log` and `pow` between C libraries and processors, NumPy's
distributions between its releases, and `sum` of floats between Python 3.11 and 3.12.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import floor
from typing import TypeVar
from zlib import crc32

import numpy as np

SEED = 20230401
BLOCK = 4096

T = TypeVar("T")


class Draws:
    """A stream of draws that belongs to one table.

    >>> Draws("customers").below(100) == Draws("customers").below(100)
    True
    """

    def __init__(self, table: str) -> None:
        self._uniforms = _uniforms(table)

    def uniform(self) -> float:
        """A number in [0, 1)."""
        return next(self._uniforms)

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.uniform() < probability

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` − 1."""
        return int(self.uniform() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def normal(self) -> float:
        """A roughly normal number of mean 0 and standard deviation 1 (twelve uniforms)."""
        total = -6.0
        for _ in range(12):
            total += self.uniform()
        return total

    def lognormal(self, median: float, spread: float) -> float:
        """`median` times e to a normal number of standard deviation `spread`."""
        return median * exp(spread * self.normal())

    def poisson(self, mean: float) -> int:
        """A count with this mean (Knuth's method; for means under about 30)."""
        limit, product, count = exp(-mean), self.uniform(), 0
        while product > limit:
            product *= self.uniform()
            count += 1
        return count

    def choose(self, weights: Mapping[T, float]) -> T:
        """A key, each as likely as its weight says."""
        total = 0.0
        for weight in weights.values():
            total += weight
        rest = self.uniform() * total
        for item, weight in weights.items():
            rest -= weight
            if rest < 0:
                return item
        return item

    def pick(self, items: Sequence[T]) -> T:
        """An item, all alike."""
        return items[self.below(len(items))]

    def sample(self, items: Sequence[T], size: int) -> list[T]:
        """`size` different items in their own order."""
        kept, left = [], size
        for at, item in enumerate(items):
            if self.chance(left / (len(items) - at)):
                kept.append(item)
                left -= 1
        return kept

    def score(self, value: float, low: int, high: int) -> int:
        """`value` rounded to a scale from `low` to `high`."""
        return min(max(floor(value + 0.5), low), high)


def by_rank(scores: Sequence[float], counts: Mapping[T, int]) -> list[T]:
    """An item for each score, each item as often as `counts` says, the first items for the highest scores.

    >>> by_rank([0.2, 0.9, 0.5], {"yes": 1, "no": 2})
    ['no', 'yes', 'no']
    """
    items = [item for item, count in counts.items() for _ in range(count)]
    places = sorted(range(len(scores)), key=lambda place: -scores[place])
    given = dict(zip(places, items, strict=True))
    return [given[place] for place in range(len(scores))]


def exp(x: float) -> float:
    """e to the power `x` to about x²/8192, by multiplication alone."""
    power = 1 + x / BLOCK
    for _ in range(12):
        power *= power
    return power


def _uniforms(table: str) -> Iterator[float]:
    stream = np.random.Generator(np.random.PCG64([SEED, crc32(table.encode())]))
    while True:
        yield from stream.random(BLOCK).tolist()
