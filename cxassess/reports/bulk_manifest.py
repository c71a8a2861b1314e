"""Which reports lie in a folder, and what each was made from; files in it are whole at any moment."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

MANIFEST = ".reports.json"
UNFINISHED = ".unfinished"
SCHEMA = "cxassess.reports/1"


@dataclass(frozen=True, slots=True)
class Entry:
    """Whose report a file is, the digest of all it was made from, and that of the file itself."""

    name: str
    made_from: str
    digest: str


class Manifest:
    """The manifest of a folder of reports; one that cannot be read counts as empty, so that all are made anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._entries = _read(folder / MANIFEST)
        self.clear()  # of a run that was killed

    def clear(self) -> None:
        """Remove what is half-written."""
        shutil.rmtree(self.folder / UNFINISHED, ignore_errors=True)

    @property
    def files(self) -> set[str]:
        """The reports that are there."""
        return {file for file in self._entries if (self.folder / file).is_file()}

    def holds(self, file: str, made_from: str) -> bool:
        """Whether this report is there, made from just this, and as it was written."""
        entry = self._entries.get(file)
        if entry is None or entry.made_from != made_from:
            return False
        try:
            return _digest((self.folder / file).read_bytes()) == entry.digest
        except OSError:
            return False

    def write(self, file: str, content: bytes) -> str:
        """Write a file of the folder whole, or not at all; its digest.

        Raises:
            OSError: it could not be written; what was there before is untouched.
        """
        beside = self.folder / UNFINISHED / file
        beside.parent.mkdir(exist_ok=True)
        with beside.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(beside, self.folder / file)
        return _digest(content)

    def add(self, file: str, entry: Entry) -> None:
        """Note that a report is there."""
        self._entries[file] = entry
        table = {
            "schema": SCHEMA,
            "reports": {name: asdict(one) for name, one in sorted(self._entries.items())},
        }
        self.write(MANIFEST, json.dumps(table, ensure_ascii=False, indent=1).encode("utf-8", "replace"))


def _read(path: Path) -> dict[str, Entry]:
    try:
        table: Any = json.loads(path.read_text("utf-8"))
        reports: Mapping[str, Any] = table["reports"] if table["schema"] == SCHEMA else {}
        return {file: Entry(**entry) for file, entry in reports.items() if Path(file).name == file}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
