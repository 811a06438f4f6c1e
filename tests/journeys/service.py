"""A running service, as the journeys see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


@dataclass(slots=True)
class Service:
    """Where it answers, where it keeps its things, and the process itself."""

    SETTINGS: ClassVar = frozenset(
        {
            "DATABASE_URL",
            "STORAGE_DIR",
            "SECRET_KEY",
            "SMTP_URL",
            "MAIL_FROM",
            "BASE_URL",
            "SYSTEM_DATE",
            "PORT",
            "DEMONSTRATION",
        }
    )

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    def log(self) -> str:
        """What it has printed so far."""
        return (self.folder / "log.txt").read_text("utf-8", "replace")
