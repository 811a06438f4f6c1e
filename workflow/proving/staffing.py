"""How few people suffice: every way to give the posts of one dossier to fewer heads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from workflow.facts import Actor, CouncilInput, MarkInput
from workflow.proving.explore import explore
from workflow.proving.world import attempts
from workflow.vocabulary import Action, Outcome, Role, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workflow.proving.world import Attempt, World

STRAIGHT: Final = frozenset(
    {
        Action.REGISTER,
        Action.EDIT,
        Action.SUBMIT,
        Action.RECORD_COUNCIL_RESULT,
        Action.MARK_CHECK,
        Action.CONFIRM_CHECK,
        Action.RECORD_RANKING,
        Action.DECIDE,
    }
)
"""The steps of a dossier with nothing wrong."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """One way to share the posts: groups of posts held by one person each, and what comes of it."""

    groups: tuple[tuple[str, ...], ...]
    decides: bool
    """A decision can be reached at all."""
    safe: bool
    """It can be reached from every situation, whoever went first."""


def sharings(world: World) -> list[Sharing]:
    """Every way to share the posts one dossier needs, fewest people first.

    Where none of them is safe, the same again with one more person who holds nothing else.
    """
    tried, needed = straight(world), _needed(world)
    found = [_judge(world, groups, tried) for groups in _partitions(needed)]
    if not any(one.safe for one in found):
        named = {role for actor in needed for role in actor.roles}
        more = [one for one in world.staff if one not in needed and one.roles & named]
        found += [
            _judge(world, [*groups, [extra]], tried)
            for extra in more
            for groups in _partitions(needed)
        ]
    return sorted(found, key=lambda one: (len(one.groups), not one.safe, one.groups))


def smallest(found: Sequence[Sharing]) -> int | None:
    """The fewest people with whom no dossier gets stuck; None when no staff suffices."""
    return min((len(one.groups) for one in found if one.safe), default=None)


def _needed(world: World) -> list[Actor]:
    """One of the staff for each role that the straight way names, in their order."""
    steps = world.book.programme.steps
    named = {role for step in steps if step.action in STRAIGHT for role in step.by}
    needed: list[Actor] = []
    for actor in world.staff:
        known = {role for one in needed for role in one.roles}
        if actor.roles & named - known:
            needed.append(actor)
    return needed


def _judge(world: World, groups: list[list[Actor]], tried: tuple[Attempt, ...]) -> Sharing:
    staff = tuple(_one_person(number, group) for number, group in enumerate(groups, 1))
    walked = explore(replace(world, staff=staff, thorough=False), tried)
    lost = walked.without_decision()
    names = tuple(sorted(tuple(one.name for one in group) for group in groups))
    decides = any(facts.state is State.DECIDED for facts in walked.situations)
    return Sharing(names, decides, decides and not lost)


def _one_person(number: int, posts: list[Actor]) -> Actor:
    return Actor(
        number,
        posts[0].name,
        frozenset[Role]().union(*(one.roles for one in posts)),
        frozenset[int]().union(*(one.unit_ids for one in posts)),
        posts[0].employer_id,
    )


def straight(world: World) -> tuple[Attempt, ...]:
    """The attempts of a dossier with nothing wrong, from registration to decision."""
    return tuple(one for one in attempts(world) if one.action in STRAIGHT and _goes_well(one))


def _goes_well(attempt: Attempt) -> bool:
    match attempt.inputs:
        case CouncilInput(result):
            return result.votes_for == result.members
        case MarkInput(outcome=outcome):
            return outcome is Outcome.MET
        case _:
            return True


def _partitions(staff: Sequence[Actor]) -> Iterator[list[list[Actor]]]:
    """Every way to put these posts into groups, each post in exactly one."""
    if not staff:
        yield []
        return
    first, rest = staff[0], staff[1:]
    for smaller in _partitions(rest):
        yield [[first], *smaller]
        for place, group in enumerate(smaller):
            yield [*smaller[:place], [first, *group], *smaller[place + 1 :]]
