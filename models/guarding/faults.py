"""How the parts of an inspection say that a file must not come in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Found(Exception):
    """A fault by its code, and where in the file it lies."""

    code: str
    where: str = ""
