"""A folder of copies: which there are, which is the newest, and which may go."""

from __future__ import annotations

import contextlib
import fcntl
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from models.backup.manifest import (
    MANIFEST,
    PARTIAL,
    durable,
    sync_folder,
)

VERIFIED: Final = "verified.json"
_NAME: Final = re.compile(r"\d{8}T\d{6}Z")


class Busy(Exception):
    """Somebody else makes a copy there just now."""


class NoCopy(LookupError):
    """There is no whole copy there; the message says so in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Verified:
    """When a copy was last verified (UTC), and what was wrong with it then."""

    at: datetime
    faults: tuple[str, ...]


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one who makes and removes copies in this folder. Raises `Busy`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"{folder}: đang có một lượt sao lưu khác") from None
        yield


def copies_in(folder: Path) -> list[Path]:
    """The whole copies in a folder, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.iterdir() if one.is_dir() and _NAME.fullmatch(one.name))


def the_copy(folder: Path) -> Path:
    """The copy a folder is, or the newest of those in it. Raises `NoCopy`."""
    if folder.name.endswith(PARTIAL):
        raise NoCopy(f"{folder}: bản sao lưu làm dở, không dùng được")
    if (folder / MANIFEST).exists():
        return folder
    found = copies_in(folder)
    if found:
        return found[-1]
    raise NoCopy(f"{folder}: không có bản sao lưu đủ nào")


def note_verified(copy: Path, found: Verified) -> None:
    """Write beside a copy what its verification found."""
    told = {"at": found.at.isoformat(), "faults": list(found.faults)}
    content = json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"
    fresh = copy / f"{VERIFIED}{PARTIAL}"
    durable(fresh, content)
    fresh.replace(copy / VERIFIED)
    sync_folder(copy)


def verified(copy: Path) -> Verified | None:
    """What the last verification found; None when there was none, or its note is spoilt."""
    try:
        told = json.loads((copy / VERIFIED).read_bytes())
        return Verified(datetime.fromisoformat(told["at"]), tuple(told["faults"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def prune(folder: Path, keep: int) -> list[str]:
    """Remove the oldest copies but `keep`, and what was left half done; names of what went.

    The newest copy that was found good is never removed, however many came after it.
    """
    found = copies_in(folder)
    good = [one for one in found if (told := verified(one)) is not None and not told.faults]
    going = [one for one in found[:-keep] if one not in good[-1:]] if keep > 0 else []
    halves = [one for one in folder.iterdir() if one.name.endswith(PARTIAL) and one.is_dir()]
    for one in (*going, *halves):
        _remove(one)
    return [one.name for one in going]


def _remove(copy: Path) -> None:
    """Remove a copy; what is left of it when this ends midway is no copy by its name."""
    aside = copy if copy.name.endswith(PARTIAL) else copy.with_name(copy.name + PARTIAL)
    if aside != copy:
        copy.rename(aside)
    shutil.rmtree(aside)
