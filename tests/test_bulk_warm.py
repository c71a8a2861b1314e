"""Warm kernels: nothing of one notebook reaches the next, and what comes out is what papermill's own engine makes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from cxassess.reports.bulk import PRELOADED
from cxassess.reports.bulk_page import page, run
from cxassess.reports.warm import ADDRESS, CAN_FORK, WarmKernels
from tests.conftest import ROOT, TEAMS

TEMPLATE = (ROOT / "templates" / "report-team.ipynb").read_text("utf-8")
LEAVE_TRACES = """
import builtins, os, sys, random, types, warnings, logging, locale, decimal
import numpy as np, matplotlib, matplotlib.pyplot as plt
import cxassess as cx
from cxassess import scoring, language as texts
from cxassess.model import loading
trace = "left in the namespace"
cx.set_language("ja")
scoring.MOST = "left in a module"
scoring.score = lambda *_: "another function"
cx.score = scoring.score
texts.interface.cache_clear(); loading._load.cache_clear()
loading._load = lambda folder: "another model"
matplotlib.rcParams["font.size"] = 77
get_ipython().run_line_magic("config", "InlineBackend.close_figures = False")
plt.figure()
os.environ["CX_TRACE"] = "left in the environment"; os.environ["CXASSESS_LANG"] = "ja"
os.chdir("/")
sys.modules["cx_trace"] = types.ModuleType("cx_trace"); sys.path.insert(0, "/cx_trace")
builtins.cx_trace = "left in builtins"
np.random.seed(1); random.seed(1); np.set_printoptions(precision=1)
warnings.simplefilter("error"); logging.getLogger().setLevel(5); decimal.getcontext().prec = 3
get_ipython().display_formatter.formatters["text/html"].for_type(int, lambda n: "<b>changed</b>")
"""
LOOK = """
import builtins, os, sys, random, warnings, logging, decimal, json
import numpy as np, matplotlib, matplotlib.pyplot as plt
import cxassess as cx
from cxassess import scoring
from cxassess.model import load_model
print(json.dumps({
    "namespace": "trace" in globals(),
    "language": cx.current_language(),
    "module": hasattr(scoring, "MOST"),
    "function": scoring.score.__name__,
    "public": cx.score.__name__,
    "model": type(load_model()).__name__,
    "rcParams": matplotlib.rcParams["font.size"],
    "figures": len(plt.get_fignums()),
    "environment": [os.environ.get("CX_TRACE"), os.environ.get("CXASSESS_LANG")],
    "cwd": os.getcwd(),
    "sys.modules": "cx_trace" in sys.modules,
    "sys.path": "/cx_trace" in sys.path,
    "builtins": hasattr(builtins, "cx_trace"),
    "print options": np.get_printoptions()["precision"],
    "warnings": warnings.filters[0][0],
    "logging": logging.getLogger().level,
    "decimal": decimal.getcontext().prec,
    "formatter": get_ipython().display_formatter.formatters["text/html"].lookup_by_type(int) is not None
    if int in get_ipython().display_formatter.formatters["text/html"].type_printers else False,
}))
"""
CAN_SURVIVE_A_RESET = {
    "language",
    "module",
    "function",
    "public",
    "model",
    "rcParams",
    "figures",
    "environment",
}

needs_fork = pytest.mark.skipif(not CAN_FORK, reason="kernels are fresh on this system")


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmKernels]:
    with WarmKernels(PRELOADED) as kernels:
        yield kernels


def notebook(*cells: str) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel}
    )


def execute(engine: str | None, *cells: str) -> str:
    """What the last cell printed."""
    done = papermill.execute_notebook(notebook(*cells), None, engine_name=engine, progress_bar=False)
    return "".join(one.text for one in done.cells[-1].outputs if one.output_type == "stream")


def seen(engine: str | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(execute(engine, LOOK))
    return found


class KeptKernel(NBClientEngine):
    """What we do not do: one kernel for all notebooks, its namespace reset between them."""

    manager: Any = None

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
        client = NotebookClient(nb_man.nb, km=cls.manager, kernel_name=kernel_name)
        with client.setup_kernel(cleanup_kc=False):
            cls.manager = client.km
            reset = nbformat.v4.new_code_cell("%reset -f")
            for index, cell in enumerate([*nb_man.nb.cells, reset]):
                nb_man.nb.cells.append(cell) if cell is reset else None
                client.execute_cell(cell, index)
            nb_man.nb.cells.pop()
        client.kc.stop_channels()


@needs_fork
def test_nothing_reaches_the_next_notebook(warm: WarmKernels) -> None:
    before = seen("warm")
    for _ in range(3):
        execute("warm", LEAVE_TRACES)
    assert seen("warm") == before == seen(None)


def test_the_look_sees_what_a_kept_kernel_leaks() -> None:
    papermill_engines.register("kept", KeptKernel)
    try:
        before = seen("kept")
        execute("kept", LEAVE_TRACES)
        after = seen("kept")
    finally:
        if KeptKernel.manager:
            run_sync(KeptKernel.manager.shutdown_kernel)(now=True)
    assert {key for key in before if before[key] != after[key]} >= CAN_SURVIVE_A_RESET
    assert not after["namespace"]


@needs_fork
def test_every_notebook_has_a_process_of_its_own_with_one_parent(warm: WarmKernels) -> None:
    told = [execute("warm", "import os; print(os.getpid(), os.getppid())").split() for _ in range(3)]
    assert len({own for own, _ in told}) == 3
    assert len({parent for _, parent in told}) == 1


@needs_fork
def test_reports_are_those_of_papermills_own_engine_in_any_order(warm: WarmKernels) -> None:
    def report(team: str, language: str, engine: str | None) -> str:
        folder = TEAMS / team
        parameters = {
            "folder": str(folder / "2026-07"), "before": str(folder / "2026-04"), "name": team, "language": language,
        }  # fmt: skip
        return page(run(TEMPLATE, parameters, engine), language)

    asked = [("customer-support", "ja"), ("product-development", "en")]
    there = [report(*one, "warm") for one in asked]
    back = [report(*one, "warm") for one in reversed(asked)][::-1]
    alone = [report(*one, None) for one in asked]
    assert there == back == alone


@needs_fork
def test_the_next_kernel_has_the_callers_environment_and_folder(
    warm: WarmKernels, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CX_CALLER", "here")
    monkeypatch.chdir(tmp_path)
    printed = execute("warm", "import os; print(os.environ['CX_CALLER'], os.getcwd())")
    assert printed.split() == ["here", str(tmp_path)]


def test_without_warm_kernels_the_engine_starts_fresh_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS, raising=False)
    assert execute("warm", "print(6 * 7)") == "42\n"


@needs_fork
def test_modules_that_cannot_be_imported_leave_fresh_kernels(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ADDRESS, raising=False)
    with WarmKernels(["no_such_module"]):
        assert execute("warm", "print(6 * 7)") == "42\n"
    assert "no_such_module" in capfd.readouterr().err


@needs_fork
def test_a_kernel_can_be_interrupted(warm: WarmKernels) -> None:
    source = notebook("import time; time.sleep(60)")
    with pytest.raises(TimeoutError):
        papermill.execute_notebook(source, None, engine_name="warm", progress_bar=False, execution_timeout=1)
    assert execute("warm", "print('next')") == "next\n"
