"""How the browser names the answers that it keeps until they are saved."""

import hashlib
from pathlib import Path


def journal_key(path: Path, part: str = "") -> str:
    """A name for what is kept in `path`, which does not tell the browser where this machine keeps its files."""
    return hashlib.sha256(f"{path.resolve()}/{part}".encode()).hexdigest()[:16]
