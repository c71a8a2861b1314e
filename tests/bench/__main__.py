"""Runs every benchmark and keeps its table where the book includes it: `make bench [ONLY=import]`.

Each benchmark is a program that prints Markdown and measures both sides in one run.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FIGURES = HERE.parents[1] / "book" / "reference" / "figures"


def main(only: list[str]) -> int:
    """Run the benchmarks named, or all of them; the number that failed."""
    FIGURES.mkdir(exist_ok=True)
    failed = 0
    for program in sorted(HERE.glob("bench_*.py")):
        name = program.stem.removeprefix("bench_")
        if only and name not in only:
            continue
        run = subprocess.run(
            [sys.executable, "-m", f"tests.bench.{program.stem}"], stdout=subprocess.PIPE, encoding="utf-8"
        )
        print(run.stdout, flush=True)
        if run.returncode:
            failed += 1
        else:
            (FIGURES / f"{name}.md").write_text(f"{run.stdout.strip()}\n\n{machine()}\n", "utf-8")
    return failed


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, Python {platform.python_version()}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
