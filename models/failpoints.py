"""Points at which a process of a test build ends itself with SIGKILL: what a crash leaves behind.

Nothing is armed unless a door arms it, and a door does so only with `TEST_BUILD=1`
(`config.settings`); everywhere else `reach` asks one empty dictionary.
"""

from __future__ import annotations

import os
import signal
from typing import Final

POINTS: Final = frozenset(
    {
        "before_commit",
        "after_commit",
        "after_file_written",
        "after_file_synced",
        "after_file_renamed",
        "after_folders_synced",
        "after_document_row",
        "after_version_taken",
        "after_state_update",
        "after_letters_queued",
        "after_commit_before_reply",
        "in_planner_between_batches",
        "digest_gathered_before_commit",
        "after_claim",
        "before_smtp",
        "after_smtp_250_before_mark",
        "after_mark_before_commit",
        "after_mark",
        "before_put_back",
    }
)
_armed: Final[dict[str, int]] = {}


def arm(wanted: str) -> None:
    """Arm the points of `name` or `name:nth`, with commas between; empty disarms all.

    Raises `ValueError` for a name nobody reaches.
    """
    found: dict[str, int] = {}
    for one in filter(None, (part.strip() for part in wanted.split(","))):
        name, _, nth = one.partition(":")
        if name not in POINTS:
            raise ValueError(f"FAILPOINTS: không có điểm “{name}”")
        if nth and not nth.isdigit():
            raise ValueError("FAILPOINTS: viết như after_claim hoặc after_claim:3")
        found[name] = int(nth or 1)
    _armed.clear()
    _armed.update(found)


def reach(name: str) -> None:
    """Come past a point: the process ends here, at once, when it is armed for this time."""
    if _armed and name in _armed:
        _armed[name] -= 1
        if _armed[name] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
