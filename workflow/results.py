"""What a council session resolved of one dossier, as the law keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from workflow.vocabulary import VoteMethod


@dataclass(frozen=True, slots=True)
class RankingResult:
    """What the provincial council's ranking session said of this dossier; the last one stands.

    `mean_rank` is the mean of the places members gave it, two decimals; `place` its place in the
    joint ranking, a lower one is better, `tied` when others share it. Both are None when the
    council did not approve.
    """

    session: str
    held_on: date
    members: int
    present: int
    votes_for: int
    votes_against: int = 0
    votes_blank: int = 0
    recused: int = 0
    method: VoteMethod = VoteMethod.SECRET_BALLOT
    mean_rank: Decimal | None = None
    place: int | None = None
    tied: bool = False

    @property
    def rank(self) -> Decimal | None:
        """The place as a figure that can be compared; None without one."""
        return None if self.place is None else Decimal(self.place)
