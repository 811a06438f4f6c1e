"""Checkpoints as files in a folder nothing is ever taken from or written over."""

from __future__ import annotations

import os
from pathlib import Path

from models.tables import LogCheckpoint


class OtherCheckpoint(Exception):
    """The folder already has another note of this size: the log was rewritten, or two use it."""


def file_name(found: LogCheckpoint) -> str:
    """Such as `000000004711.txt`: one name for one size, so that a second head shows."""
    return f"{found.size:012d}.txt"


def put(folder: Path, found: LogCheckpoint) -> None:
    """Write the note, forced to the disk; what is there already is left as it is.

    Raises `OSError`, or `OtherCheckpoint` when the file that is there says another hash.
    """
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    place = folder / file_name(found)
    fresh = folder / f".{place.name}.{os.getpid()}"
    with fresh.open("w", encoding="utf-8") as out:
        out.write(found.note)
        out.flush()
        os.fsync(out.fileno())
    fresh.chmod(0o440)
    try:
        # A link, not a rename: it fails where something is, and what is there is whole.
        os.link(fresh, place)
    except FileExistsError:
        if place.read_text("utf-8") != found.note:
            raise OtherCheckpoint(place.name) from None
    finally:
        fresh.unlink()
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
