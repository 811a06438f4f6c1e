"""One rule over rows, by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule over rows: its name, what it says, and SQL giving the codes that break it."""

    name: str
    says: str
    broken: str
    cheap: bool = False
    """Cheap enough for every start."""
