"""Files that are made for people to change, and made anew without losing what they changed.

The folder's `.made.json` has the digest of each file as it was written. A file that has another one now was changed:
it stays, and the new one is written beside it, `why.en.new.pptx` beside `why.en.pptx`.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from cxassess.documents import write_whole
from cxassess.errors import SaveError
from cxassess.language import say

MANIFEST = ".made.json"
SCHEMA = "cxassess.made/1"


@dataclass(frozen=True, slots=True)
class Made:
    """What was written.

    Attributes:
        files: where each file was written, in the order asked for.
        kept: what had been changed and stays, with where the new file is.
    """

    files: tuple[Path, ...]
    kept: Mapping[Path, Path]

    def tell(self) -> None:
        """Print the files and, on standard error, what stays."""
        print(*self.files, sep="\n")
        for file, new in self.kept.items():
            print(f"! {say('exchange.kept_changed', file=file, new=new.name)}", file=sys.stderr)


def write_made(
    folder: Path, files: Mapping[str, bytes], belongs: Callable[[str], bool] = lambda _: True
) -> Made:
    """Write files into a folder, all or none, but over nothing that somebody else wrote or changed.

    Args:
        folder: where they go; it is made.
        files: content by path in the folder, with `/`.
        belongs: which of the files made earlier are of this kind, so that they go when they are not made any more;
            all, if not given. What somebody changed never goes.

    Raises:
        SaveError: the folder cannot be written; it is as it was.
    """
    try:
        before = _read(folder / MANIFEST)
        content_at = {}
        placed = {}
        for name, content in files.items():
            placed[name] = next(
                one for one in _names(name) if _is_free(folder / one, {before.get(one), _digest(content)})
            )
            content_at[placed[name]] = content
        gone = [
            name
            for name, digest in before.items()
            if name not in content_at and belongs(name) and _is_free(folder / name, {digest})
        ]
        now = {name: digest for name, digest in before.items() if name not in gone}
        now |= {name: _digest(content) for name, content in content_at.items()}
        manifest = json.dumps({"schema": SCHEMA, "files": dict(sorted(now.items()))}, indent=1)
        content_at[MANIFEST] = f"{manifest}\n".encode()
        write_whole({folder / name: content for name, content in content_at.items()})
        for name in gone:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise SaveError("not_written", file=str(folder), found=error.strerror or str(error)) from error
    return Made(
        tuple(folder / name for name in placed.values()),
        {folder / name: folder / new for name, new in placed.items() if new != name},
    )


def _names(name: str) -> Iterator[str]:
    """The name itself, then those beside it."""
    path = PurePosixPath(name)
    yield name
    yield str(path.with_name(f"{path.stem}.new{path.suffix}"))
    for number in count(2):
        yield str(path.with_name(f"{path.stem}.new-{number}{path.suffix}"))


def _is_free(path: Path, digests: set[str | None]) -> bool:
    """Whether nothing is lost when a file is written here."""
    return not path.exists() or (path.is_file() and _digest(path.read_bytes()) in digests)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _read(path: Path) -> dict[str, str]:
    """The digests by name; one that cannot be read counts as empty, so that everything there stays."""
    try:
        table: Any = json.loads(path.read_text("utf-8"))
        files = table["files"] if table["schema"] == SCHEMA else {}
        return {name: str(digest) for name, digest in files.items() if _is_below(name)}
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _is_below(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and not path.drive and ".." not in path.parts
