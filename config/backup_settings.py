"""Settings of copies: where the scheduler puts them, when, how many stay, how old is too old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Without a folder the scheduler makes no copies, and `doctor` says so."""

    folder: Path | None = None
    at: time = time(2, 0)
    """Of the office's clock, every night."""
    keep: int = 14
    oldest: timedelta = timedelta(hours=26)
    """The newest good copy is never older, or health is degraded."""

    @property
    def limit(self) -> timedelta | None:
        """How old the newest good copy may be; None where the scheduler makes none."""
        return self.oldest if self.folder is not None else None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], faults: list[str]) -> Self:
        """Read what is set; each fault is added to `faults`, and nothing is raised."""

        def get(name: str, otherwise: str = "") -> str:
            return environment.get(name, "").strip() or otherwise

        folder = Path(get("BACKUP_DIR")) if get("BACKUP_DIR") else None
        storage = get("STORAGE_DIR")
        if folder is not None and storage and _is_within(folder, Path(storage)):
            faults.append("BACKUP_DIR: không đặt bên trong STORAGE_DIR, nên ở ổ đĩa khác")
        return cls(
            folder,
            _time(get("BACKUP_AT", "02:00"), faults),
            _number("BACKUP_KEEP", get("BACKUP_KEEP", "14"), faults),
            timedelta(hours=_number("BACKUP_HOURS", get("BACKUP_HOURS", "26"), faults)),
        )


def _is_within(folder: Path, other: Path) -> bool:
    return folder.resolve().is_relative_to(other.resolve())


def _time(text: str, faults: list[str]) -> time:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        found = time(0, 0, 1)
    if found.second or found.microsecond or found.tzinfo is not None:
        faults.append("BACKUP_AT: viết giờ như 02:00")
        return time(2, 0)
    return found


def _number(name: str, text: str, faults: list[str]) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    faults.append(f"{name}: phải là số nguyên lớn hơn 0")
    return 1
