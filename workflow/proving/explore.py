"""Every situation one dossier can reach: a graph whose edges are answers of the law."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from workflow.after import facts_after
from workflow.decisions import Accepted, decide
from workflow.proving.canonical import canonical
from workflow.proving.world import attempts, complete_paper
from workflow.vocabulary import ENDS, Action, DocumentKind, Outcome, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from workflow.decisions import Judgement
    from workflow.facts import Actor, DossierFacts
    from workflow.proving.world import Attempt, World

Arrow: TypeAlias = "tuple[State | None, Action, State | None]"

MOST: Final = 200_000
"""Situations after which an exploration gives up: something grows without end."""


@dataclass(frozen=True, slots=True)
class Move:
    """One accepted attempt: by whom, what, whereto, and the place it takes or gives back."""

    by: int
    attempt: Attempt
    target: int
    seat: int


@dataclass
class Explored:
    """All situations of one dossier; number 0 is the beginning."""

    world: World
    situations: list[DossierFacts] = field(default_factory=list)
    moves: list[tuple[Move, ...]] = field(default_factory=list)
    asked: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def reaching(self, goal: Callable[[DossierFacts], bool]) -> set[int]:
        """Every situation from which one with `goal` can be reached."""
        sources: dict[int, list[int]] = {}
        for source, moves in enumerate(self.moves):
            for move in moves:
                sources.setdefault(move.target, []).append(source)
        reached = {number for number, facts in enumerate(self.situations) if goal(facts)}
        edge = list(reached)
        while edge:
            for source in sources.get(edge.pop(), ()):
                if source not in reached:
                    reached.add(source)
                    edge.append(source)
        return reached

    def stuck(self) -> list[int]:
        """Situations, not ends, from which the dossier can never be decided or closed."""
        finishing = self.reaching(lambda facts: facts.state in ENDS)
        return [number for number in range(len(self.situations)) if number not in finishing]

    def without_decision(self) -> list[int]:
        """Situations, not ends, from which the award has become impossible."""
        deciding = self.reaching(lambda facts: facts.state is State.DECIDED)
        return [
            number
            for number, facts in enumerate(self.situations)
            if number not in deciding and facts.state not in ENDS
        ]

    def decided_when_full(self) -> list[int]:
        """Situations in which the law lets a place be taken although none is left; must be none."""
        world = self.world
        people = {actor.person_id: actor for actor in world.staff}
        found = []
        for number, facts in enumerate(self.situations):
            quota = facts.quota
            full = replace(facts, quota=replace(quota, used=quota.cap or 0) if quota else None)
            if any(
                move.seat > 0
                and isinstance(judged(world, full, move.attempt, people[move.by]), Accepted)
                for move in self.moves[number]
            ):
                found.append(number)
        return found

    def arrows(self) -> frozenset[Arrow]:
        """Every arrow somebody took."""
        return frozenset(
            (
                self.situations[source].state,
                move.attempt.action,
                self.situations[move.target].state,
            )
            for source, moves in enumerate(self.moves)
            for move in moves
        )

    def path(self, number: int) -> list[tuple[int, str]]:
        """A shortest way from the beginning: who did what."""
        came: dict[int, tuple[int, Move]] = {}
        queue, seen = deque([0]), {0}
        while queue and number not in seen:
            here = queue.popleft()
            for move in self.moves[here]:
                if move.target not in seen:
                    seen.add(move.target)
                    came[move.target] = (here, move)
                    queue.append(move.target)
        steps: list[tuple[int, str]] = []
        while number in came:
            number, move = came[number]
            steps.append((move.by, move.attempt.label))
        return steps[::-1]


def explore(world: World, tried: Sequence[Attempt] | None = None) -> Explored:
    """Walk from the beginning until nothing new is found, by all attempts or by those `tried`.

    Raises `OverflowError` past `MOST`.
    """
    found = Explored(world)
    tried = attempts(world) if tried is None else tried
    programme = world.book.programme
    numbers: dict[DossierFacts, int] = {}

    def number_of(facts: DossierFacts) -> int:
        known = numbers.setdefault(facts, len(numbers))
        if known == len(found.situations):
            if known >= MOST:
                raise OverflowError(f"more than {MOST} situations of one dossier")
            found.situations.append(facts)
        return known

    number_of(canonical(world.start, programme, world.now))
    while len(found.moves) < len(found.situations):
        facts = found.situations[len(found.moves)]
        found.moves.append(tuple(_moves(found, facts, tried, number_of)))
    return found


def _moves(
    found: Explored,
    facts: DossierFacts,
    tried: Sequence[Attempt],
    number_of: Callable[[DossierFacts], int],
) -> Iterator[Move]:
    world = found.world
    for attempt in _sensible(world, facts, tried):
        for actor in _concerned(world, facts, attempt):
            verdict = judged(world, facts, attempt, actor)
            found.asked += 1
            if isinstance(verdict, Accepted):
                after = outcome(world, verdict, attempt)
                yield Move(actor.person_id, attempt, number_of(after), _seat(facts, after))
            else:
                found.refused[attempt.action.value] += 1


def _concerned(world: World, facts: DossierFacts, attempt: Attempt) -> Iterable[Actor]:
    """Everybody; unless the world is thorough, only those a step of this action names.

    That nobody else may is the first thing the law asks, and is proved by itself.
    """
    if world.thorough:
        return world.staff
    steps = world.book.programme.steps_from(facts.state, attempt.action)
    named = {role for step in steps for role in step.by}
    return [actor for actor in world.staff if actor.roles & named]


def judged(
    world: World, facts: DossierFacts, attempt: Attempt, actor: Actor
) -> Accepted | Judgement:
    """What the law answers to this attempt."""
    return decide(world.book, attempt.command(facts, actor), facts, actor, world.now)


def outcome(world: World, accepted: Accepted, attempt: Attempt) -> DossierFacts:
    """The situation after an accepted attempt; every paper edited is a new one."""
    after = facts_after(accepted, world.now)
    if attempt.action is Action.EDIT and attempt.part in set(DocumentKind):
        kind = DocumentKind(attempt.part)
        fresh = complete_paper(
            kind, max((one.id for one in after.documents), default=0) + 1, world.now
        )
        others = tuple(one for one in after.documents if one.kind is not kind)
        after = replace(after, documents=(*others, fresh))
    return canonical(after, world.book.programme, world.now)


def _sensible(world: World, facts: DossierFacts, tried: Iterable[Attempt]) -> Iterator[Attempt]:
    """All attempts; unless the world is thorough, marks come in order and only where new.

    Marks do not touch one another, so every order leads to the same situations.
    """
    if world.thorough:
        yield from tried
        return
    due = _next_check(world, facts)
    for attempt in tried:
        if attempt.action is not Action.MARK_CHECK or f" {due} " in attempt.label:
            yield attempt


def _next_check(world: World, facts: DossierFacts) -> str:
    """The first check that nobody has found in order."""
    done = {mark.code for mark in facts.marks if mark.outcome is Outcome.MET}
    return next((code for code in world.codes if code not in done), "")


def _seat(before: DossierFacts, after: DossierFacts) -> int:
    """The place a step took (1) or gave back (-1), as the facts tell it."""
    return (after.quota.used if after.quota else 0) - (before.quota.used if before.quota else 0)
