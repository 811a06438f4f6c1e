"""Several dossiers under one quota: every interleaving, on situations told apart only if needed.

Dossiers meet in one place only, the quota. So the graph of one dossier is first folded: two
situations become one when everything that can follow is alike (branching bisimulation), which
keeps every "can still be reached" exactly. Then all combinations of several folded dossiers are
walked.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from workflow.vocabulary import ENDS, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workflow.proving.explore import Explored


@dataclass(frozen=True, slots=True)
class Folded:
    """One dossier's graph with alike situations put together; class 0 is the beginning."""

    states: tuple[State | None, ...]
    moves: tuple[tuple[tuple[int, int], ...], ...]
    """For each class: the class it leads to, and the place taken (+1) or given back (-1)."""


def fold(explored: Explored) -> Folded:
    """Put situations together that are in the same state and have the same future.

    Branching bisimulation by signatures (Blom and Orzan): begin with the states, then split
    while two members of a class can leave it differently, after any steps inside it. What can
    still be reached is the same in the folded graph as in the whole one.
    """
    block = _numbered([facts.state for facts in explored.situations])
    while True:
        ways = _ways_out(explored, block)
        finer = _numbered([(block[n], ways[n]) for n in range(len(block))])
        if max(finer) == max(block):
            return _folded(explored, finer)
        block = finer


def _ways_out(explored: Explored, block: Sequence[int]) -> list[frozenset[tuple[int, int]]]:
    """For each situation, how its class can be left, by steps inside the class first."""
    ways: list[set[tuple[int, int]]] = [set() for _ in block]
    inside: list[list[int]] = [[] for _ in block]
    for number, moves in enumerate(explored.moves):
        for move in moves:
            if move.seat or block[move.target] != block[number]:
                ways[number].add((move.seat, block[move.target]))
            else:
                inside[move.target].append(number)
    changed = [number for number, out in enumerate(ways) if out]
    while changed:
        here = changed.pop()
        for source in inside[here]:
            before = len(ways[source])
            ways[source] |= ways[here]
            if len(ways[source]) > before:
                changed.append(source)
    return [frozenset(out) for out in ways]


def _numbered(values: Sequence[object]) -> list[int]:
    seen: dict[object, int] = {}
    return [seen.setdefault(value, len(seen)) for value in values]


def _folded(explored: Explored, block: Sequence[int]) -> Folded:
    classes = max(block) + 1
    states: list[State | None] = [None] * classes
    moves: list[dict[tuple[int, int], None]] = [{} for _ in range(classes)]
    for number, facts in enumerate(explored.situations):
        states[block[number]] = facts.state
        for move in explored.moves[number]:
            if move.seat or block[move.target] != block[number]:
                moves[block[number]][block[move.target], move.seat] = None
    return Folded(tuple(states), tuple(tuple(out) for out in moves))


@dataclass(frozen=True, slots=True)
class Together:
    """What walking several dossiers under one quota found."""

    dossiers: int
    places: int
    combinations: int
    moves: int
    over: int
    """Combinations in which more places are taken than there are; must be none."""
    most_taken: int
    unfinishable: int
    """Combinations from which not every dossier can reach an end; must be none."""
    wasted: int
    """Combinations in which a checked dossier waits, a place is free, and nothing can take it."""


def walk(kinds: Sequence[Folded], places: int) -> Together:
    """Walk every combination of these dossiers, each from its beginning, under `places`."""
    whole = _Whole(kinds, places)
    order, sources, count = [0], dict[int, list[int]](), 0
    seen = set(order)
    for combination in order:
        for following in whole.moves(combination):
            count += 1
            sources.setdefault(following, []).append(combination)
            if following not in seen:
                seen.add(following)
                order.append(following)
    finishing = _backwards([one for one in order if whole.finished(one)], sources)
    taken = [whole.taken(one) for one in order]
    return Together(
        dossiers=len(kinds),
        places=places,
        combinations=len(order),
        moves=count,
        over=sum(one > places for one in taken),
        most_taken=max(taken),
        unfinishable=len(order) - len(finishing),
        wasted=sum(whole.wastes(one) for one in order),
    )


class _Whole:
    """Several dossiers as one number, each a digit; the places taken follow from it."""

    def __init__(self, kinds: Sequence[Folded], places: int) -> None:
        self.kinds, self.places = kinds, places
        self.sizes = [len(kind.states) for kind in kinds]
        self.weights = [prod(self.sizes[:place]) for place in range(len(kinds))]
        self.holding = [[state is State.DECIDED for state in kind.states] for kind in kinds]
        self.ended = [[state in ENDS for state in kind.states] for kind in kinds]
        self.deciding = [_deciding(kind) for kind in kinds]

    def digits(self, whole: int) -> list[int]:
        return [
            whole // weight % size for weight, size in zip(self.weights, self.sizes, strict=True)
        ]

    def taken(self, whole: int) -> int:
        return sum(self.holding[place][digit] for place, digit in enumerate(self.digits(whole)))

    def finished(self, whole: int) -> bool:
        return all(self.ended[place][digit] for place, digit in enumerate(self.digits(whole)))

    def moves(self, whole: int) -> Iterator[int]:
        """Whatever any one dossier can do next; a place can be taken only while one is left."""
        digits = self.digits(whole)
        full = sum(self.holding[n][digit] for n, digit in enumerate(digits)) >= self.places
        for place, digit in enumerate(digits):
            for target, seat in self.kinds[place].moves[digit]:
                if seat <= 0 or not full:
                    yield whole + (target - digit) * self.weights[place]

    def wastes(self, whole: int) -> bool:
        """A dossier could be decided, a place is free, and no step leads to one more award."""
        taken = self.taken(whole)
        ready = any(digit in self.deciding[n] for n, digit in enumerate(self.digits(whole)))
        return (
            ready
            and taken < self.places
            and not any(self.taken(following) > taken for following in self.moves(whole))
        )


def _backwards(goal: list[int], sources: dict[int, list[int]]) -> set[int]:
    reached, edge = set(goal), goal
    while edge:
        for source in sources.get(edge.pop(), ()):
            if source not in reached:
                reached.add(source)
                edge.append(source)
    return reached


def _deciding(kind: Folded) -> frozenset[int]:
    """Classes in which a decision that takes a place may be taken."""
    return frozenset(
        number for number, moves in enumerate(kind.moves) if any(seat > 0 for _, seat in moves)
    )
