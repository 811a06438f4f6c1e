"""How often a promise is tried: by tier, from the environment, with a seed that is told.

T1 runs with every change (`make test`), T2 at night (`make nightly`), T3 before a release
(`make nightly TIER=T3`). A test of a promise carries `@pytest.mark.promise("P11")`, takes its
numbers from `count`, its chance from `SEED`, and says by the fixture `tally` how often it tried.
"""

from __future__ import annotations

import os
from typing import Final

TIERS: Final = ("T1", "T2", "T3")
TIER: Final = os.environ.get("TIER", "T1")
SEED: Final = int(os.environ.get("SEED", "20231205"))
"""Where chance begins; printed with the results, so that a run can be had again."""


def count(t1: int, t2: int, t3: int | None = None) -> int:
    """The number of times to try in this run's tier. Raises `ValueError` for an unknown tier."""
    return (t1, t2, t2 if t3 is None else t3)[TIERS.index(TIER)]
