"""What a ballot may say: a reason for a no, places 1, 2, 3 among the yes votes, no own case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from workflow.councils.conflicts import conflict
from workflow.vocabulary import Vote
from workflow.words import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workflow.councils.sitting import Seat, Sitting

LONGEST_REASON: Final = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """What a member says of one dossier; `vote` None while undecided, `rank` only with a yes."""

    item_id: int
    vote: Vote | None = None
    reason: str = ""
    rank: int | None = None
    papers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class BallotFault:
    """What is wrong with one line of a ballot, and how to mend it."""

    item_id: int
    code: str
    text: Sentence
    remedy: Sentence


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The same ballot with the yes votes placed 1, 2, 3 without gaps; others have no place.

    Places as given decide; a yes without a place comes after those that have one, and equal
    places keep the order of the agenda: the result does not depend on the order of clicking.
    """
    listed = list(entries)
    number = {entry.item_id: place for place, entry in enumerate(listed)}
    agreed = sorted(
        (entry for entry in listed if entry.vote is Vote.YES),
        key=lambda entry: (entry.rank is None, entry.rank or 0, number[entry.item_id]),
    )
    places = {entry.item_id: place for place, entry in enumerate(agreed, start=1)}
    return tuple(replace(entry, rank=places.get(entry.item_id)) for entry in listed)


def moved(entries: Sequence[Entry], item_id: int, by: int) -> tuple[Entry, ...]:
    """The ballot with one yes vote moved up (-1) or down (+1) by one place."""
    ordered = in_order(entries)
    here = next((one.rank for one in ordered if one.item_id == item_id), None)
    there = None if here is None else here + by
    if there is None or there not in {one.rank for one in ordered}:
        return ordered
    swap = {here: there, there: here}
    return tuple(replace(one, rank=swap.get(one.rank, one.rank)) for one in ordered)


def faults(sitting: Sitting, seat: Seat, entries: Iterable[Entry]) -> tuple[BallotFault, ...]:
    """Everything that keeps a ballot from being sent; an undecided line is no fault."""
    items = {item.id: item for item in sitting.items}
    found: list[BallotFault] = []
    for entry in entries:
        if entry.vote is None:
            continue
        item = items[entry.item_id]
        barred = conflict(sitting.kind, seat, item)
        if barred is not None:
            found.append(
                BallotFault(
                    entry.item_id,
                    "CONFLICT",
                    barred,
                    say("Bỏ trống phiếu cho {name}.", name=item.subject_name),
                )
            )
        if entry.vote is not Vote.YES and not entry.reason.strip():
            found.append(
                BallotFault(
                    entry.item_id,
                    "REASON_MISSING",
                    say("{name}: chưa ghi lý do.", name=item.subject_name),
                    say("Ghi lý do bằng một câu khi không đồng ý hoặc có ý kiến khác."),
                )
            )
        if len(entry.reason) > LONGEST_REASON:
            found.append(
                BallotFault(
                    entry.item_id,
                    "REASON_TOO_LONG",
                    say("{name}: lý do quá dài.", name=item.subject_name),
                    say("Lý do viết tối đa {most} ký tự.", most=LONGEST_REASON),
                )
            )
    return tuple(found)
