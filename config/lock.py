"""Reading a locked list of packages: names, versions, hashes and who asked for each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_PIN: Final = re.compile(
    r"^([a-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$"
)
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA: Final = re.compile(r"^\s+#\s+(?:via\s+)?(?!via$)([\w.-]+)$")

_OURS: Final = re.compile(r"^\s+#\s+(?:via\s+)?-r \S+\.in$")


@dataclass(frozen=True, slots=True)
class Pinned:
    """One package of a lock; `marker` says where it is installed, empty for everywhere."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    asked_by: tuple[str, ...]
    """Names of packages that need it."""
    is_ours: bool = True
    """Do we ask for it ourselves?"""


def read_lock(path: Path) -> list[Pinned]:
    """Every package of a lock, in its order. Raises `ValueError` for a package without a hash."""
    found: list[Pinned] = []
    lines = path.read_text("utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if _PIN.match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        pin = _PIN.match(lines[start])
        if pin is None:
            continue
        block = lines[start + 1 : end]
        hashes = tuple(one for line in block for one in _HASH.findall(line))
        if not hashes:
            raise ValueError(f"{path.name}: {pin[1]} has no hash")
        askers = tuple(one for line in block for one in _VIA.findall(line))
        ours = any(_OURS.match(line) for line in block)
        found.append(Pinned(pin[1], pin[2], pin[3] or "", hashes, askers, ours))
    return found
