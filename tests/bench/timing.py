"""Timing two things in turn, and tables of what came out."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence


def seconds(run: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def in_turn(runs: int, *sides: Callable[[], object]) -> list[float]:
    """The median time of each side, run in turn so that a slow moment strikes all of them."""
    times = [[seconds(side) for side in sides] for _ in range(runs + 1)][1:]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def python(code: str) -> None:
    """Run code in a fresh interpreter."""
    subprocess.run([sys.executable, "-c", code], check=True)


def peak_megabytes() -> float:
    """This process's peak memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [list(head), ["---"] * len(head), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
