"""A JSON file that people's sessions write: whole at any moment, its previous good state beside it.

Answers, a team's settings and a playbook are each kept in one. A session re-reads the file under a lock
before it writes, so that what another session changed meanwhile is not overwritten.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from cxassess.errors import CxError, SaveError

PREVIOUS = ".previous"
ASIDE = "set-aside"
LARGEST_FILE = 5_000_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did: when it was (local time), and what another session had changed meanwhile."""

    at: str
    changed: Mapping[str, Any] = field(default_factory=dict)


class Document(Generic[T]):
    """A JSON file and what it says.

    Args:
        path: the file; it need not exist yet.
        parse: makes the content of (text, file name), or raises an error that says what is wrong.
        error: the kind of error in which the file's own troubles are said.

    Attributes:
        content: what the file said when it was last read; `None` before there is one.
        table: the file's JSON object, with everything in it that this version does not know.
        notice: set when the file was damaged and set aside.
    """

    def __init__(
        self, path: Path, parse: Callable[[str, str], tuple[T, dict[str, Any]]], error: type[CxError]
    ) -> None:
        self.path = path
        self.content: T | None = None
        self.table: dict[str, Any] = {}
        self.notice: CxError | None = None
        self._parse = parse
        self._error = error
        try:
            clear_leftovers(path)
            self.read()
        except OSError as problem:
            raise error("unreadable", file=path.name, found=problem.strerror or str(problem)) from problem

    def read(self) -> None:
        """Read the file again. A damaged one is moved aside, and the state before its last save opened.

        Raises:
            CxError: a newer version wrote it, or it cannot be opened; it stays where it is.
        """
        if not self.path.exists():
            return
        try:
            self.content, self.table = self._parse(read_text(self.path, self._error), self.path.name)
        except CxError as problem:
            if problem.key in {"newer_file", "unreadable"}:
                raise
            self.notice = self._set_aside(problem)

    def _set_aside(self, problem: CxError) -> CxError:
        """Move the damaged file, never over another one."""
        aside = self.path.parent / ASIDE
        aside.mkdir(exist_ok=True)
        number = 1
        while (target := aside / f"{self.path.stem}.{number}.json").exists():
            number += 1
        os.rename(self.path, target)
        data = {"file": self.path.name, "problem": problem, "aside": f"{aside.name}/{target.name}"}
        previous = previous_of(self.path)
        try:
            self.content, self.table = self._parse(read_text(previous, self._error), previous.name)
        except CxError:
            return self._error("set_aside", **data)
        return self._error("opened_previous", **data, time=local_time(str(self.table.get("saved", ""))))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the folder's lock with the file freshly read.

        Raises:
            SaveError: the folder cannot be written; the file is as it was.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with alone(self.path.parent):
                self.read()
                yield
        except OSError as problem:
            raise SaveError(
                "not_saved", file=str(self.path), found=problem.strerror or str(problem)
            ) from problem

    def write(self, table: Mapping[str, Any]) -> None:
        """Write the table's entries over those of the file."""
        self.table = {**self.table, **table}
        write_atomically(self.path, self.table)


def read_text(path: Path, error: type[CxError]) -> str:
    """The text of a JSON file.

    Raises:
        CxError: of the kind `error`: it cannot be opened, is no file, has more than 5 MB, or is not UTF-8.
    """
    try:
        if not path.is_file():
            raise error("unreadable", file=path.name, found="not a file")
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            size = path.stat().st_size
            raise error("too_large", file=path.name, size=f"{size / 1e6:.0f}", limit=LARGEST_FILE // 10**6)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise error("not_utf8", file=path.name) from problem
    except OSError as problem:
        raise error("unreadable", file=path.name, found=problem.strerror or str(problem)) from problem


def write_atomically(path: Path, table: Mapping[str, Any]) -> None:
    """Write JSON so that a reader, or a killed process, finds the old file or the new one, whole.

    Raises:
        OSError: it could not be written; the old file is untouched.
    """
    text = json.dumps(table, ensure_ascii=False, indent=1)
    with _beside(path) as beside:
        # Half of a surrogate pair, which some keyboards send, has no UTF-8 form.
        with open(beside, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            _keep_previous(path)
        os.replace(beside, path)
    with suppress(OSError):
        _sync_folder(path.parent)


def write_whole(files: Mapping[Path, bytes]) -> None:
    """Write files so that each is whole at any moment, and none is replaced before all are on the disk.

    Their folders are made. A link is followed; what is no file, such as `/dev/stdout`, is written to as it is.

    Raises:
        OSError: one could not be written; where the disk was full, all are as they were.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "new" / "plan.md"
    >>> write_whole({path: b"# Plan"})
    >>> path.read_text()
    '# Plan'
    """
    with ExitStack() as stack:
        ready: dict[Path, Path] = {}
        for path, content in files.items():
            if path.exists() and not path.is_file():
                path.write_bytes(content)
                continue
            target = Path(os.path.realpath(path))
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(OSError):
                clear_leftovers(target)
            ready[target] = stack.enter_context(_beside(target))
            with open(ready[target], "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for target, beside in ready.items():
            os.replace(beside, target)
    for folder in {target.parent for target in ready}:
        with suppress(OSError):
            _sync_folder(folder)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Where to write first; what is still there afterwards is removed."""
    beside = path.with_name(f".{path.stem[:40]}.{os.getpid()}.{os.urandom(8).hex()}.tmp")
    try:
        yield beside
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def previous_of(path: Path) -> Path:
    """Where the state before the last save is kept."""
    return path.parent / PREVIOUS / path.name


def now() -> str:
    """This moment in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def local_time(moment: str) -> str:
    """The clock time of an ISO moment where the reader is, `14:03`."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%H:%M")
    except ValueError:
        return ""


def clear_leftovers(path: Path) -> None:
    """Remove what killed processes had half-written beside this file, once it is a minute old."""
    if not path.parent.is_dir():
        return
    for leftover in path.parent.iterdir():
        if leftover.name.startswith(f".{path.stem[:40]}.") and leftover.suffix == ".tmp":
            with suppress(OSError):
                if time.time() - leftover.stat().st_mtime > 60:
                    leftover.unlink()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two sessions do not write at the same moment.

    The system frees it when a process dies. Where there are no such locks (Windows, browsers, some
    network shares) re-reading before each save has to do.
    """
    try:
        from fcntl import LOCK_EX, flock  # in JupyterLite there is a module of that name with nothing in it

        handle = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with suppress(OSError):
            flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)


def _keep_previous(path: Path) -> None:
    """Hard-link the file to its previous place: no second copy is written, so a full disk does not hinder it."""
    previous = previous_of(path)
    previous.parent.mkdir(exist_ok=True)
    link = previous.with_name(f".{path.stem[:40]}.{os.getpid()}.{time.monotonic_ns()}.tmp")
    try:
        os.link(path, link)
    except (AttributeError, OSError):  # a file system, or a browser, without hard links
        link.write_bytes(path.read_bytes())
    os.replace(link, previous)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
