"""Does a history fit one order? Depth-first search with memory, in the manner of Knossos.

A history is what clients saw of one dossier: when each asked, when each was answered, and what.
It is linearisable when all answered operations, and any of those whose outcome nobody knows, can be
put in one order that agrees with the clock (what was answered before another was asked comes
first) and in which every answer is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import TypeAlias

Situation: TypeAlias = tuple[int, str]
"""Version and words of the dossier."""


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody looks at the dossier."""


@dataclass(frozen=True, slots=True)
class Write:
    """Somebody who saw version `seen` writes these words."""

    seen: int
    words: str


@dataclass(frozen=True, slots=True)
class Saw:
    """What a look showed."""

    version: int
    words: str


@dataclass(frozen=True, slots=True)
class Written:
    """The words are written, in this version."""

    version: int


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Nothing was written: the dossier was at this version already."""

    version: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One call with its times; `told` None: nobody knows what became of it."""

    asked: float
    answered: float
    call: Read | Write
    told: Saw | Written | Overtaken | None


def after(situation: Situation, one: Operation) -> Situation | None:
    """What the dossier is after this operation; None when it cannot have happened here."""
    version, _ = situation
    match one.call, one.told:
        case Read(), Saw(seen, said):
            return situation if (seen, said) == situation else None
        case Read(), None:
            return situation
        case Write(seen, new), Written(made):
            return (version + 1, new) if (seen, made) == (version, version + 1) else None
        case Write(seen, _), Overtaken(current):
            return situation if current == version != seen else None
        case Write(seen, new), None:
            return (version + 1, new) if seen == version else None
    raise ValueError(f"no such answer: {one}")


def first_misfit(history: Sequence[Operation], start: Situation) -> Operation | None:
    """None when the history fits one order; else the operation no order gets past."""
    calls = sorted(history, key=lambda one: one.asked)
    wanted = sum(1 << number for number, one in enumerate(calls) if one.told is not None)
    seen: set[tuple[int, Situation]] = set()
    waiting = [(0, start)]
    furthest, stuck = -1, None
    while waiting:
        done, situation = _absorb(calls, *waiting.pop())
        if done & wanted == wanted:
            return None
        if (done, situation) in seen:
            continue
        seen.add((done, situation))
        reached = (done & wanted).bit_count()
        if reached > furthest:
            furthest = reached
            stuck = next(
                one for number, one in enumerate(calls) if one.told and not done >> number & 1
            )
        for number in _next(calls, done):
            then = after(situation, calls[number])
            if then is not None:
                waiting.append((done | 1 << number, then))
    return stuck


def _next(calls: Sequence[Operation], done: int) -> list[int]:
    """The operations that may come next: asked before any other one left was answered."""
    found, horizon = [], inf
    for number, one in enumerate(calls):
        if one.asked > horizon:
            break
        if not done >> number & 1:
            found.append(number)
            if one.told is not None:
                horizon = min(horizon, one.answered)
    return found


def _absorb(calls: Sequence[Operation], done: int, situation: Situation) -> tuple[int, Situation]:
    """Take at once whatever may come next, fits, and changes nothing: no order is lost by it."""
    found = True
    while found:
        found = False
        for number in _next(calls, done):
            one = calls[number]
            if one.told is not None and after(situation, one) == situation:
                done, found = done | 1 << number, True
    return done, situation
