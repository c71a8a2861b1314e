"""Office files are zip archives: the same bytes for the same content, whenever they are made."""

import io
import zipfile
from datetime import datetime

NEVER = datetime(2000, 1, 1)
"""The time that every file says it was made."""


def packed_again(data: bytes) -> bytes:
    """A zip file with its parts in order and without times."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        # The content types come first, as the format's readers expect.
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            new.writestr(entry, old.read(name))
    return out.getvalue()


def contents(data: bytes) -> dict[str, bytes]:
    """The parts of an archive by name, whatever they were compressed with."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}
