"""Which version of the application this is."""

from __future__ import annotations

import tomllib
from functools import cache

from config.settings import ROOT


@cache
def version() -> str:
    """The version the project file names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])
