"""Names and paths that people type: file names that are safe on every system, the home folder, the order of rounds."""

import os
import re
import unicodedata
from pathlib import Path

LONGEST_NAME = 80
MOST_BYTES = 180
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
_FORBIDDEN = frozenset('<>:"/\\|?*')


def safe_name(name: str) -> str | None:
    """The name as a file name without ending, or `None` when it cannot be one.

    Letters of every script, digits, spaces and most punctuation may stay. A path, a control or
    direction character, a leading or trailing dot, a name that Windows reserves, and more than
    80 characters or 180 bytes (60 kanji) are refused, because another name would silently be in their place.

        >>> safe_name("サポート 東京"), safe_name("../../x"), safe_name("con")
        ('サポート 東京', None, None)
    """
    name = unicodedata.normalize("NFC", name).strip()
    if (
        not 0 < len(name) <= LONGEST_NAME
        or len(name.encode("utf-8", "replace")) > MOST_BYTES
        or name.startswith(".")
        or name.endswith(".")
    ):
        return None
    if _RESERVED.match(name) or any(
        letter in _FORBIDDEN or unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        for letter in name
    ):
        return None
    return name


def file_name(*parts: str) -> str:
    """The parts joined by hyphens, as a file name without ending; those that cannot be in one are left out.

    The first part has to be a safe name.

    >>> file_name("plan", "Support", "2026-07"), file_name("plan", "", "../../x")
    ('plan-Support-2026-07', 'plan')
    """
    name, *others = parts
    for part in filter(safe_name, others):
        name = safe_name(f"{name}-{safe_name(part)}") or name
    return name


def expanded(path: str | Path) -> Path:
    """A path with `~` as the home folder; one of a user that does not exist stays as it is, and is not found.

    >>> expanded("~no-such-user/answers").name
    'answers'
    """
    return Path(os.path.expanduser(path))


def natural_order(name: str) -> list[tuple[int, str]]:
    """A key by which round 2 comes before round 10.

    >>> sorted(["round 10", "Round 2"], key=natural_order)
    ['Round 2', 'round 10']
    """
    parts = (part for part in re.split(r"(\d+)", name.casefold()) if part)
    return [(int(part[:18]), "") if part.isdecimal() else (-1, part) for part in parts]
