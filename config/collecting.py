"""How often Python looks for cycles of objects that nobody holds any more."""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 50_000
"""Objects made before the youngest are looked at; Python's own figure is 700."""
MIDDLE: Final = 20
OLD: Final = 50


def collect_seldom() -> None:
    """Leave what has been loaded alone, and look at the rest seldom.

    A page makes tens of thousands of objects, nearly all of which go when their last holder goes;
    looking for cycles among them after every 700 took a fifth of the time of a page (decision
    0032). Called once by a process that has loaded what it needs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
