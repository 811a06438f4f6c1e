"""Guards: one small function per question a rule may ask; importing this package registers all.

A guard answers about one `Case` with a `Finding`. It reads, it never writes, and it gives its
reasons. What it compares with comes from the programme file as checked parameters.
"""

from workflow.guards import (
    agreement,
    authority,
    councils,
    eligibility,
    holds,
    indices,
    initiatives,
    papers,
    places,
    publicity,
    ratings,
    supplements,
    timing,
)
from workflow.guards.registry import GUARDS, GuardSpec

__all__ = [
    "GUARDS",
    "GuardSpec",
    "agreement",
    "authority",
    "councils",
    "eligibility",
    "holds",
    "indices",
    "initiatives",
    "papers",
    "places",
    "publicity",
    "ratings",
    "supplements",
    "timing",
]
