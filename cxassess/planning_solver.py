"""The plan as a mixed-integer programme, solved to proven optimality by HiGHS.

x[p, t] = 1 when practice p is in place by the end of phase t; c[e, t] the levels of element e's gap that are
closed by then. To maximise

    Σ_t (early_t − early_{t+1}) Σ_e weight_e c[e, t] − least_per_day Σ_p days_p x[p, T]

subject to

    c[e, t] ≤ gap_e                          a gap is closed only once
    c[e, t] ≤ Σ_p effect[p, e] x[p, t]
    Σ_p days_p x[p, t] ≤ days available up to the end of phase t
    x[p, t] ≤ x[p, t+1]                      what is in place stays
    x[p, t] ≤ x[q, t]                        for each prerequisite q of p

Work may begin in one phase and end in a later one: with no earliest start, whatever is due by each phase can be
done in time exactly when it fits into the days up to then. Amounts far below the figures' meaning break ties, so
that the same answers give the same plan everywhere.

Reference:
    Q. Huangfu & J. A. J. Hall (2018). Parallelizing the dual revised simplex method. Mathematical Programming
    Computation 10, 119–142 (HiGHS).
"""

import ctypes
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

TIE = 1e-5
"""Ties are broken by up to twice this, in levels of the index and per practice."""

_SCALE = 1000.0
"""HiGHS stops at an absolute gap of 1e-6, which has to lie far below the ties."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What to choose from; practices and elements by position, days whole, weights adding up to 1.

    `available` are the days of each phase; `needs` are pairs (practice, its prerequisite).
    """

    days: tuple[int, ...]
    effects: tuple[tuple[float, ...], ...]
    gaps: tuple[float, ...]
    weights: tuple[float, ...]
    available: tuple[float, ...]
    early: tuple[float, ...]
    needs: tuple[tuple[int, int], ...] = ()
    least_per_day: float = 0.0


@dataclass(frozen=True, slots=True)
class Solution:
    """The best choice: of each practice the phase it is in place by, from 0, or `None`.

    `objective` is its value and `bound` what no other choice can pass, both with the ties.
    """

    phases: tuple[int | None, ...]
    objective: float
    bound: float
    nodes: int


def closed(problem: Problem, phases: Collection[int | None]) -> tuple[tuple[float, ...], ...]:
    """The levels of each element's gap that are closed by the end of each phase.

    >>> two = Problem((5, 5), ((0.5,), (0.75,)), (1.0,), (1.0,), (5, 5), (1.0, 0.9))
    >>> closed(two, (0, 1))
    ((0.5, 1.0),)
    """
    return tuple(
        tuple(
            min(gap, sum(effect[element] for effect, done in zip(problem.effects, phases, strict=True)
                         if done is not None and done <= phase))
            for phase in range(len(problem.available))
        )
        for element, gap in enumerate(problem.gaps)
    )  # fmt: skip


def value(problem: Problem, phases: Collection[int | None]) -> float:
    """What a choice is worth, in levels of the index; the objective without the ties."""
    fall = _falls(problem)
    gained = sum(
        weight * sum(step * levels for step, levels in zip(fall, by_phase, strict=True))
        for weight, by_phase in zip(problem.weights, closed(problem, phases), strict=True)
    )
    spent = sum(days for days, done in zip(problem.days, phases, strict=True) if done is not None)
    return gained - problem.least_per_day * spent


def solve(problem: Problem, include: Collection[int] = (), exclude: Collection[int] = ()) -> Solution | None:
    """The best choice; `None` when what is included does not fit.

    Args:
        problem: to solve.
        include: practices that have to be in.
        exclude: practices that must not.

    >>> cheap_first = Problem((5, 8), ((0.5,), (0.75,)), (1.0,), (1.0,), (5, 5), (1.0, 0.9))
    >>> solve(cheap_first).phases, solve(cheap_first, include=[1]).phases
    ((None, 1), (None, 1))
    """
    practices, phases = len(problem.days), len(problem.available)
    open_gaps = [e for e, size in enumerate(problem.gaps) if size * problem.weights[e] > 0]
    chosen = practices * phases
    size = chosen + len(open_gaps) * phases
    fall = np.array(_falls(problem))

    cost = np.zeros(size)
    cost[:chosen] = _costs(problem).ravel()
    # Closed gaps as shares of the gap: numbers of one size keep the solver exact.
    for row, e in enumerate(open_gaps):
        cost[chosen + row * phases : chosen + (row + 1) * phases] = (
            -problem.weights[e] * problem.gaps[e] * fall
        )

    lower, upper = np.zeros(size), np.ones(size)
    for p in include:
        lower[p * phases + phases - 1] = 1
    for p in exclude:
        upper[p * phases : (p + 1) * phases] = 0
    found = _milp(cost, *_constraints(problem, open_gaps), lower, upper, chosen)
    if found.x is None:
        return None
    placed = np.round(found.x[:chosen]).reshape(practices, phases)
    return Solution(
        phases=tuple(int(phases - row.sum()) if row.any() else None for row in placed),
        objective=-found.fun / _SCALE,
        bound=-found.mip_dual_bound / _SCALE,
        nodes=int(found.mip_node_count),
    )


def _falls(problem: Problem) -> list[float]:
    """By how much a level counts less from one phase to the next; the sum from a phase on is what it counts."""
    return [now - later for now, later in zip(problem.early, (*problem.early[1:], 0.0), strict=True)]


def _costs(problem: Problem) -> np.ndarray:
    """What it costs that a practice is in place by the end of a phase: its days, and what breaks ties.

    Of equals the plan takes fewer, and the earlier phase; which of them is told by the golden ratio's multiples,
    of which no two sums are alike.
    """
    shape = len(problem.days), len(problem.available)
    multiples = np.arange(1, shape[0] * shape[1] + 1) * (5**0.5 - 1) / 2
    costs = -TIE * (1 + np.modf(multiples)[0].reshape(shape)) / 2
    costs[:, -1] += 2 * TIE + problem.least_per_day * np.array(problem.days)
    return costs


def _constraints(problem: Problem, open_gaps: list[int]) -> tuple[csr_array, np.ndarray]:
    """The rows of the programme, each at most its limit."""
    practices, phases = len(problem.days), len(problem.available)
    rows: list[dict[int, float]] = []
    limits: list[float] = []
    for t, available in enumerate(np.cumsum(problem.available)):
        rows.append({p * phases + t: days for p, days in enumerate(problem.days)})
        limits.append(available)
        for row, e in enumerate(open_gaps):
            share = {
                p * phases + t: -min(effect[e] / problem.gaps[e], 1.0)
                for p, effect in enumerate(problem.effects) if effect[e]
            }  # fmt: skip
            rows.append(share | {(practices + row) * phases + t: 1.0})
            limits.append(0)
        rows += [{p * phases + t: 1.0, q * phases + t: -1.0} for p, q in problem.needs]
        if t + 1 < phases:
            rows += [{p * phases + t: 1.0, p * phases + t + 1: -1.0} for p in range(practices)]
        limits += [0.0] * (len(rows) - len(limits))
    places = [(number, column, one) for number, row in enumerate(rows) for column, one in row.items()]
    row_of, column_of, entries = zip(*places, strict=True)
    # SciPy before 1.15 takes no wider positions.
    at = np.array(row_of, dtype=np.int32), np.array(column_of, dtype=np.int32)
    shape = (len(rows), (practices + len(open_gaps)) * phases)
    return csr_array((np.array(entries), at), shape=shape), np.array(limits)


def _milp(
    cost: np.ndarray,
    matrix: csr_array,
    limits: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    whole: int,
) -> Any:
    with _quiet():
        return milp(
            _SCALE * cost,
            integrality=np.arange(len(cost)) < whole,
            bounds=Bounds(lower, upper),
            constraints=LinearConstraint(matrix, -np.inf, limits),
            # Programmes as small as these are solved twice as fast without.
            options={"mip_rel_gap": 0.0, "presolve": False},
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep a line that HiGHS 1.12 prints whatever it is told out of the output (jump-dev/HiGHS.jl, issue 312)."""
    if sys.platform in {"emscripten", "win32"}:
        yield
        return
    sys.stdout.flush()
    flush = ctypes.CDLL(None).fflush
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        flush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
