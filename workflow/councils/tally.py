"""Counting: what the votes come to, whatever order they were entered in.

A vote counts when its member takes part, has no conflict, and saw the papers as they are now; a
vote on replaced papers waits to be confirmed and counts nowhere. The joint ranking (reading Q41)
takes the approved dossiers by mean rank, then by votes for; equal figures share a place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from workflow.councils.conflicts import conflicts
from workflow.guards.councils import approvals_needed, quorum_needed
from workflow.vocabulary import Vote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workflow.councils.sitting import CastVote, Item, Sitting

HUNDREDTH: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ItemTally:
    """What came of one dossier. `place` is None when it is not approved."""

    item: Item
    votes_for: int
    votes_against: int
    votes_other: int
    recused: int
    unconfirmed: int
    silent: int
    mean_rank: Decimal | None
    approved: bool
    place: int | None = None
    tied: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a whole session."""

    members: int
    present: int
    quorum: int
    approvals: int
    items: tuple[ItemTally, ...]

    @property
    def quorate(self) -> bool:
        """Were enough members there?"""
        return self.present >= self.quorum


def is_current(vote: CastVote, item: Item) -> bool:
    """Are the papers this vote was given on still the current ones?"""
    return vote.papers <= item.papers


def count(sitting: Sitting, votes: Iterable[CastVote]) -> Tally:
    """Count a session's votes; every figure depends on the set of votes alone."""
    barred = conflicts(sitting)
    voters = {seat.id for seat in sitting.members if seat.takes_part}
    by_item: dict[int, list[CastVote]] = {item.id: [] for item in sitting.items}
    for vote in votes:
        known = vote.item_id in by_item and vote.seat_id in voters
        if known and (vote.seat_id, vote.item_id) not in barred:
            by_item[vote.item_id].append(vote)
    needed = approvals_needed(len(sitting.members), sitting.settings.approval_percent)
    recused = {item.id: sum((seat, item.id) in barred for seat in voters) for item in sitting.items}
    counted = [
        _one(item, by_item[item.id], recused[item.id], len(voters), needed)
        for item in sitting.items
    ]
    return Tally(
        members=len(sitting.members),
        present=len(voters),
        quorum=quorum_needed(len(sitting.members), sitting.settings.quorum),
        approvals=needed,
        items=_placed(counted),
    )


def _one(
    item: Item, votes: Sequence[CastVote], recused: int, voters: int, needed: int
) -> ItemTally:
    current = [vote for vote in votes if is_current(vote, item)]
    said = [vote.vote for vote in current]
    ranks = [vote.rank for vote in current if vote.vote is Vote.YES and vote.rank is not None]
    return ItemTally(
        item=item,
        votes_for=said.count(Vote.YES),
        votes_against=said.count(Vote.NO),
        votes_other=said.count(Vote.OTHER),
        recused=recused,
        unconfirmed=len(votes) - len(current),
        silent=voters - recused - len(votes),
        mean_rank=_mean(ranks),
        approved=said.count(Vote.YES) >= needed,
    )


def _mean(ranks: Sequence[int]) -> Decimal | None:
    if not ranks:
        return None
    return (Decimal(sum(ranks)) / len(ranks)).quantize(HUNDREDTH, ROUND_HALF_UP)


def _placed(counted: Sequence[ItemTally]) -> tuple[ItemTally, ...]:
    """Places 1, 2, 2, 4 among the approved, in the order of the agenda."""
    figures = [_figures(one) for one in counted if one.approved]
    return tuple(
        replace(
            one,
            place=1 + sum(other < _figures(one) for other in figures),
            tied=figures.count(_figures(one)) > 1,
        )
        if one.approved
        else one
        for one in counted
    )


def _figures(one: ItemTally) -> tuple[bool, Decimal, int]:
    return (one.mean_rank is None, one.mean_rank or Decimal(0), -one.votes_for)
