"""Gives everybody on a roster an account of this machine and folders that the system keeps apart. Run it as root.

    python accounts.py people.csv --course /srv/course

The roster is a CSV file with the columns name, role (learner or trainer) and team (may be empty):

    name,role,team
    anna,learner,support
    kenji,trainer,

Running it again adds who and what is new and changes nobody's password. The first passwords are in
COURSE/passwords.csv, which only root can read.
"""

import argparse
import csv
import grp
import os
import pwd
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LEARNERS, TRAINERS = "cx-learners", "cx-trainers"
WRITES, READS = "cxw-", "cxr-"
"""What the groups begin with that may write in a team's rounds, and that may look into them."""
NAME = re.compile(r"[a-z][a-z0-9-]{0,26}")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
BESIDE = (".previous", "set-aside", ".seats")
"""Folders that the answers' files are kept in beside a round's; nobody is to own them alone."""


class RosterError(Exception):
    """The roster cannot be used; nothing has been changed."""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("roster", type=Path)
    options.add_argument("--course", type=Path, default=Path("/srv/course"))
    options.add_argument(
        "--round", default="first-round", help="the teams' folder for answers, as in the lessons"
    )
    given = options.parse_args()
    try:
        people = read_roster(given.roster)
        if os.geteuid() != 0:
            raise RosterError("Only root can make accounts: run this with sudo.")
        check_accounts(people)
    except (OSError, RosterError) as problem:
        print(problem, file=sys.stderr)
        return 1
    new = make_accounts(people)
    make_folders(people, given.course, given.round)
    keep_passwords(new, given.course)
    if people and not can_run(people[0]["name"]):
        print(
            f"The accounts are made, but may not run {sys.executable}: "
            "install the course where everybody may read, such as /opt, with a Python that lies there too.",
            file=sys.stderr,
        )
        return 1
    print(f"{len(people)} people, {len(new)} of them new; first passwords: {given.course / 'passwords.csv'}")
    return 0


def read_roster(path: Path) -> list[dict[str, str]]:
    """The people of a roster.

    Raises:
        RosterError: a column is missing, or a line cannot be used; the sentence names it.
        OSError: the file cannot be read.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        missing = {"name", "role", "team"} - set(lines.fieldnames or ())
        if missing:
            raise RosterError(
                f"{path.name}: the column {sorted(missing)[0]} is missing; the first line is name,role,team."
            )
        people = [{key: (line[key] or "").strip() for key in ("name", "role", "team")} for line in lines]
    seen: set[str] = set()
    for number, one in enumerate(people, 2):
        place = f"{path.name}, line {number}"
        for key in ("name", "team"):
            if (one[key] or key == "name") and not NAME.fullmatch(one[key]):
                raise RosterError(
                    f"{place}: '{one[key][:40]}' cannot be a {key} here: "
                    "use up to 27 small letters a to z, digits and hyphens, beginning with a letter."
                )
        if one["role"] not in {"learner", "trainer"}:
            raise RosterError(f"{place}: the role is '{one['role'][:40]}'; write learner or trainer.")
        if one["name"] in seen:
            raise RosterError(
                f"{place}: {one['name']} is already on the roster; give one of the two another name."
            )
        seen.add(one["name"])
    return people


def check_accounts(people: list[dict[str, str]]) -> None:
    """Refuse a name that this machine gave to somebody else: the course must not open that account."""
    for one in people:
        try:
            pwd.getpwnam(one["name"])
        except KeyError:
            continue
        if not {LEARNERS, TRAINERS} & set(groups_of(one["name"])):
            raise RosterError(
                f"This machine already has an account {one['name']} of its own: use another name on the roster."
            )


def groups_of(name: str) -> list[str]:
    """The names of the groups that an account is in."""
    found = os.getgrouplist(name, pwd.getpwnam(name).pw_gid)
    return [grp.getgrgid(one).gr_name for one in found]


def make_accounts(people: list[dict[str, str]]) -> dict[str, str]:
    """Make accounts and groups that are missing; the new people's passwords by name."""
    passwords = {}
    teams = sorted({one["team"] for one in people if one["team"]})
    for group in (LEARNERS, TRAINERS, *(f"{kind}{team}" for team in teams for kind in (WRITES, READS))):
        run("groupadd", "--force", group)
    for one in people:
        name = one["name"]
        try:
            pwd.getpwnam(name)
        except KeyError:
            # No shell: the account opens the course, not the machine.
            run("useradd", "--create-home", "--user-group", "--shell", "/usr/sbin/nologin", name)
            passwords[name] = password = "-".join(
                "".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3)
            )
            run("chpasswd", text=f"{name}:{password}\n")
        Path(pwd.getpwnam(name).pw_dir).chmod(0o700)  # keys of running kernels lie in there
        wanted = [TRAINERS, *(f"{READS}{team}" for team in teams)] if one["role"] == "trainer" else [LEARNERS]
        if one["role"] == "learner" and one["team"]:
            wanted += [f"{kind}{one['team']}" for kind in (WRITES, READS)]
        ours = {
            group
            for group in groups_of(name)
            if group.startswith((WRITES, READS)) or group in {LEARNERS, TRAINERS}
        }
        for group in set(wanted) - ours:
            run("gpasswd", "--add", name, group)
        for group in ours - set(wanted):  # another team or role than before
            run("gpasswd", "--delete", name, group)
    return passwords


def can_run(name: str) -> bool:
    """Whether an account may run the Python that runs this."""
    command = ["runuser", "-u", name, "--", sys.executable, "-c", ""]
    return not subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode  # noqa: S603  the names are checked


def make_folders(people: list[dict[str, str]], course: Path, round: str) -> None:
    """Everybody's own folder, which trainers may look into, and each team's.

    A team's folder lets its members and the trainers in; in its rounds the members may write, and the sticky bit
    keeps everybody from replacing or deleting what is another's.
    """
    for place in (course, course / "work", course / "teams"):
        own(place, "root", "root", 0o755)
    own(course / "hub", "root", "root", 0o700)
    for one in people:
        own(course / "work" / one["name"], one["name"], TRAINERS, 0o2750)
    for team in sorted({one["team"] for one in people if one["team"]}):
        own(course / "teams" / team, "root", f"{READS}{team}", 0o750)
        own(course / "teams" / team / round, "root", f"{WRITES}{team}", 0o3775)
        for name in BESIDE:
            own(course / "teams" / team / round / name, "root", f"{WRITES}{team}", 0o3775)


def own(path: Path, user: str, group: str, mode: int) -> None:
    """Make a folder if it is missing; set whose it is and who may do what. A link in its place is refused."""
    path.mkdir(exist_ok=True, parents=True)
    with opened(path) as handle:
        os.fchown(handle, pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid)
        os.fchmod(handle, mode)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield handle
    finally:
        os.close(handle)


def keep_passwords(new: Mapping[str, str], course: Path) -> None:
    """Add the new people's passwords to the list that only root can read."""
    handle = os.open(course / "passwords.csv", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with open(handle, "a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(new.items())


def run(*command: str, text: str = "") -> None:
    subprocess.run(  # noqa: S603  the names are checked
        command, check=True, input=text, encoding="utf-8", stdout=subprocess.DEVNULL
    )


if __name__ == "__main__":
    sys.exit(main())
