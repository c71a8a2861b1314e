"""Data walks one way, and what a browser needs at once needs the standard library alone."""

import ast
import subprocess
import sys

from tests.conftest import ROOT

PACKAGE = ROOT / "cxassess"
LINE = [
    "language", "errors", "file_names", "model", "documents", "answers", "answer_files", "agreement", "scoring",
    "explaining",
]  # fmt: skip
"""From left to right; a module imports only from its left (explaining is what a result prints)."""

PURE = """
import sys
import cxassess as cx
result = cx.score(cx.read_answers(sys.argv[1]))
result.explain("service"); repr(result)
from cxassess.forms.specs import SPECS
for spec in SPECS.values(): spec()
allowed = set(sys.stdlib_module_names) | {"cxassess"}
print(sorted({name.partition(".")[0] for name in sys.modules} - allowed - {"__main__"} - set(sys.argv[2:])))
"""


def imported(path) -> set[str]:
    """The parts of the package that a file imports at its top level."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cxassess"):
            parts = (node.module or "").split(".")[1:]
            found |= {parts[0]} if parts else {alias.name for alias in node.names}
    return found


def test_a_module_imports_only_from_its_left() -> None:
    for position, name in enumerate(LINE):
        files = (
            [PACKAGE / f"{name}.py"] if (PACKAGE / f"{name}.py").exists() else (PACKAGE / name).glob("*.py")
        )
        for path in files:
            assert imported(path) <= {*LINE[:position], name}, path.name


def test_metrics_know_nothing_of_assessments() -> None:
    for path in (PACKAGE / "kpi").glob("*.py"):
        assert imported(path) <= {"kpi", "language", "errors", "model"}, path.name


def test_reading_scoring_and_explaining_need_the_standard_library_alone() -> None:
    site = {name.partition(".")[0] for name in _bare_modules()}
    folder = ROOT / "datasets" / "teams" / "customer-support" / "2026-04"
    run = subprocess.run(
        [sys.executable, "-c", PURE, str(folder), *site], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout == "[]\n"


def _bare_modules() -> list[str]:
    """What an interpreter of this environment loads before it runs anything."""
    code = "import sys; print(*sys.modules)"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
