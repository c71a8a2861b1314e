"""Teams' reports from warm kernels, beside papermill as it comes: one after the other, and two at once."""

import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle, islice

from cxassess.reports.bulk import PRELOADED, TEMPLATES, make_reports
from cxassess.reports.bulk_folder import find_teams
from cxassess.reports.bulk_page import page, run
from cxassess.reports.warm import WarmKernels
from tests.bench.timing import seconds, table
from tests.conftest import ROOT

ROUNDS = 3
CORES = 2
TEAMS = ROOT / "datasets" / "cohort"
TEMPLATE = (ROOT / "templates" / TEMPLATES["team"]).read_text("utf-8")
Parameters = dict[str, str]


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        # Without compiled modules a fresh kernel would compile all that it imports, each time anew.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = cache
        measure(parameters())


def measure(teams: Sequence[Parameters]) -> None:
    sides = (partial(plain, teams, 1, 4), partial(plain, teams, CORES, 6), partial(warm, teams, CORES, 48))
    sides[0](False)  # compiles
    rows = []
    for name, html in (("the notebook", False), ("the notebook and the page", True)):
        runs = [[side(html) for side in sides] for _ in range(ROUNDS)]
        for what, place in (("time", 0), ("processor time", 1)):
            alone, double, ours = (
                statistics.median(run[number][place] for run in runs) for number in range(len(sides))
            )
            figures = (f"{one:.2f} s" for one in (alone, double, ours))
            rows.append((f"{name}: {what}", *figures, f"{alone / ours:.1f}", f"{double / ours:.1f}"))
    print(
        table(
            ("per report", "papermill", "papermill, two at once", "ours", "ratio", "ratio to two at once"),
            rows,
        )
    )
    print(
        f"\nMedian of {ROUNDS} runs in turn, on {CORES} cores, with compiled modules on all sides; ours with two at "
        "once, the start of the process from which kernels are forked included. Processor time is that of all processes: "
        "where other work runs on the machine, its ratio is the surer one."
    )
    whole()


def plain(teams: Sequence[Parameters], jobs: int, n: int, html: bool) -> tuple[float, float]:
    """Seconds and processor seconds for a report with papermill's own engine."""
    return per_report(n, lambda: make(None, teams, jobs, n, html))


def warm(teams: Sequence[Parameters], jobs: int, n: int, html: bool) -> tuple[float, float]:
    """The same with warm kernels."""

    def measured() -> None:
        with WarmKernels(PRELOADED):
            make("warm", teams, jobs, n, html)

    return per_report(n, measured)


def per_report(n: int, measured: Callable[[], None]) -> tuple[float, float]:
    start = processor_seconds()
    wall = seconds(measured)
    return wall / n, (processor_seconds() - start) / n


def processor_seconds() -> float:
    """Of this process and all that it started and that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def make(engine: str | None, teams: Sequence[Parameters], jobs: int, n: int, html: bool) -> None:
    """Make `n` reports, `jobs` at once."""

    def one(parameters: Parameters) -> None:
        notebook = run(TEMPLATE, parameters, engine)
        if html:
            page(notebook, parameters["language"])

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, islice(cycle(teams), n)))


def whole() -> None:
    """The whole of what the command does, start and cohort included, and a second run."""
    with tempfile.TemporaryDirectory() as out:
        times = [seconds(lambda: make_reports(TEAMS, out, ("en", "ja"), CORES)) for _ in range(2)]
    n = 2 * (len(find_teams(TEAMS).teams) + 1)
    print(
        f"\n`cxassess report` for {n // 2 - 1} teams and their cohort in two languages, all {n} reports from start to end: "
        f"{times[0]:.0f} s; once more, with nothing changed: {times[1]:.2f} s."
    )


def parameters() -> list[Parameters]:
    """For every sample team that has two rounds, what its report's notebook is given."""
    teams = [team for team in find_teams(TEAMS).teams if len(team.rounds) > 1]
    return [
        {"folder": str(team.rounds[-1]), "before": str(team.rounds[-2]), "name": team.name, "language": code}
        for team, code in zip(teams, cycle(("en", "ja")), strict=False)
    ]


if __name__ == "__main__":
    sys.dont_write_bytecode = False
    main()
