"""Workbooks filled in and worked out by LibreOffice, as a person at a screen would have it do.

`recalculated` starts one LibreOffice and drives it over its own interface, which is Python's `uno`; the part
below `__main__` runs in an interpreter that has it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

Cells = dict[str, dict[str, Any]]
"""Values by sheet and cell: `{"Anna": {"D7": 4}}`."""


def recalculated(path: Path, sets: list[Cells], sheets: list[str]) -> list[dict[str, list[list[Any]]]]:
    """The rows of some sheets as they come out for each set of entries; what a set does not name is blank.

    Entries that the sets name anywhere are cleared before each set.
    """
    office, python = needed()
    with tempfile.TemporaryDirectory() as place:
        job, pipe = Path(place) / "job.json", f"cxassess{os.getpid()}"
        job.write_text(json.dumps({"path": str(path), "sets": sets, "sheets": sheets}), "utf-8")
        command = [office, f"-env:UserInstallation=file://{place}/profile", "--headless", "--norestore",
                   f"--accept=pipe,name={pipe};urp"]  # fmt: skip
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                run = subprocess.run([python, __file__, pipe, str(job)], capture_output=True, text=True)
                assert run.returncode == 0, run.stderr
                return json.loads((Path(place) / "job.json.out").read_text("utf-8"))
            finally:
                server.terminate()


def needed() -> tuple[str, str]:
    """LibreOffice, and an interpreter with its interface; the test is skipped where they are not installed."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    for python in (sys.executable, shutil.which("python3", path="/usr/bin:/usr/local/bin")):
        if (
            office
            and python
            and subprocess.run([python, "-c", "import uno"], capture_output=True).returncode == 0
        ):
            return office, python
    message = (
        "LibreOffice Calc with Python's uno is not installed (Debian: libreoffice-calc-nogui python3-uno)"
    )
    if os.environ.get("CI"):
        raise AssertionError(message)
    import pytest  # not in the other interpreter

    raise pytest.skip.Exception(message)


def _main(pipe: str, job: Path) -> None:
    task = json.loads(job.read_text("utf-8"))
    document = _open(pipe, task["path"])
    document.enableAutomaticCalculation(False)
    names = {name for one in task["sets"] for name, cells in one.items() if cells}
    blocks = {}
    for name in names:
        sheet = document.Sheets.getByName(name)
        sheet.unprotect("")
        cells = {cell for one in task["sets"] for cell in one.get(name, {})}
        places = {cell: _place(cell) for cell in cells}
        lines, columns = zip(*places.values(), strict=True)
        area = sheet.getCellRangeByPosition(min(columns), min(lines), max(columns), max(lines))
        blank = [list(row) for row in area.getDataArray()]
        for line, column in places.values():
            blank[line - min(lines)][column - min(columns)] = ""
        blocks[name] = area, blank, {c: (y - min(lines), x - min(columns)) for c, (y, x) in places.items()}
    results = []
    for one in task["sets"]:
        for name, (area, blank, places) in blocks.items():
            rows = [list(row) for row in blank]
            for cell, value in one.get(name, {}).items():
                line, column = places[cell]
                rows[line][column] = value
            area.setDataArray(tuple(map(tuple, rows)))
        document.calculateAll()
        results.append({name: _rows(document.Sheets.getByName(name)) for name in task["sheets"]})
    Path(f"{job}.out").write_text(json.dumps(results), "utf-8")
    document.close(True)


def _open(pipe: str, path: str) -> Any:
    import time

    import uno

    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    for _ in range(300):
        try:
            remote = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            break
        except Exception:  # it is still starting
            time.sleep(0.1)
    desktop = remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
    hidden = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    hidden.Name, hidden.Value = "Hidden", True
    return desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, (hidden,))


def _place(cell: str) -> tuple[int, int]:
    letter, line = cell[0], cell[1:]
    return int(line) - 1, ord(letter) - ord("A")


def _rows(sheet: Any) -> list[list[Any]]:
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    end = cursor.RangeAddress
    return [list(row) for row in sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow).getDataArray()]


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
