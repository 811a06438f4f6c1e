"""Do the papers of a dossier agree with each other and with the record?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workflow.papers import counting, dating, naming

if TYPE_CHECKING:
    from workflow.papers.claims import Bundle, Disagreement

CHECKS: Final = {
    "name": naming.names,
    "unit": naming.units,
    "award": naming.awards,
    "year": naming.years,
    "form": naming.forms,
    "number": naming.numbers,
    "signer": naming.signers,
    "dated": dating.own_days,
    "meeting": dating.meetings,
    "order": dating.orders,
    "recognition": dating.recognitions,
    "votes": counting.sums,
    "attendance": counting.results,
}
"""What is compared, by the name a programme file may leave it out with."""


def disagreements(papers: Bundle, but: frozenset[str] = frozenset()) -> tuple[Disagreement, ...]:
    """Every disagreement, each once, in the order of the checks; `but` are left out."""
    found = [one for name, check in CHECKS.items() if name not in but for one in check(papers)]
    return tuple(dict.fromkeys(found))
