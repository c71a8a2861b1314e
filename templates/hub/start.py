"""Starts one person's server, as that person: sets limits, brings the lessons up to date, and becomes the server.

A lesson that the person has changed is never touched; one that they have not is brought to the current state.
"""

import grp
import hashlib
import json
import os
import resource
import shutil
import sys
from pathlib import Path

RECORD = ".lessons.json"
"""What each lesson was when it was copied."""
WRITES = "cxw-"


def main() -> None:
    work = Path(os.environ["CXHUB_WORK"])
    limit(int(os.environ["CXHUB_MEMORY"]), int(os.environ["CXHUB_PROCESSES"]), int(os.environ["CXHUB_FILE"]))
    os.umask(0o022)  # folders keep strangers out; whom they let in may read
    prepare(work, Path(os.environ["CXHUB_MATERIAL"]), Path(os.environ["CXHUB_COURSE"]))
    os.chdir(work)
    os.execv(sys.executable, [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]])  # noqa: S606


def limit(memory: int, processes: int, file: int) -> None:
    """Bytes of address space a process, processes and threads altogether, bytes a file."""
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_FSIZE, file),
    ):
        _, hard = resource.getrlimit(kind)
        ours = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (ours, ours))


def prepare(work: Path, material: Path, course: Path) -> None:
    """Lay out the lessons, the data beside them, and the way to what the person may see."""
    for lessons in material.glob("notebooks*"):
        copy_lessons(lessons, work / lessons.name)
    link(work / "datasets", material / "datasets")
    mine = set(os.getgroups())
    names = sorted(one.gr_name for one in grp.getgrall() if one.gr_gid in mine)
    for name in names:
        if name.startswith(WRITES):
            link(work / "my-team", course / "teams" / name.removeprefix(WRITES))
    if "cx-trainers" in names:
        link(work / "all-work", course / "work")
        link(work / "all-teams", course / "teams")


def copy_lessons(source: Path, target: Path) -> None:
    """Copy what is new, and what the person has left as it was copied before."""
    target.mkdir(exist_ok=True)
    record = target / RECORD
    try:
        before = dict(json.loads(record.read_text("utf-8")))
    except (OSError, ValueError):
        before = {}
    for lesson in sorted(source.glob("*.ipynb")):
        mine, now = target / lesson.name, digest(lesson)
        if not mine.exists() or (digest(mine) == before.get(lesson.name) != now):
            beside = mine.with_suffix(".new")
            shutil.copyfile(lesson, beside)
            os.replace(beside, mine)
            before[lesson.name] = now
    record.write_text(json.dumps(before, indent=1), "utf-8")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def link(path: Path, target: Path) -> None:
    """A link, unless the person has something of their own in its place."""
    if not path.exists() and not path.is_symlink():
        path.symlink_to(target)


if __name__ == "__main__":
    main()
