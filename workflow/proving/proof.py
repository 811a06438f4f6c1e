"""What was explored of a programme and what it proves; whether it holds is one question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workflow.proving.explore import explore
from workflow.proving.staffing import sharings, straight
from workflow.proving.together import fold, walk
from workflow.proving.world import attempts
from workflow.vocabulary import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from workflow.programme import Programme
    from workflow.proving.explore import Arrow, Explored
    from workflow.proving.staffing import Sharing
    from workflow.proving.together import Together
    from workflow.proving.world import World
    from workflow.rulebook import Rulebook

DOSSIERS: Final = 5
EXAMPLES: Final = 3
"""Ways into a faulty situation that are told; the rest is only counted."""


@dataclass(frozen=True, slots=True)
class WorldProof:
    """What was found about one form of award for one kind of recipient."""

    name: str
    whole: bool
    """All steps were tried; otherwise only those of a dossier with nothing wrong."""
    situations: int
    moves: int
    asked: int
    stuck: int
    undecidable: int
    over: int
    classes: int
    examples: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Can every dossier end, be decided, and take only a place that is left?"""
        return not (self.stuck or self.undecidable or self.over)


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything about one programme."""

    programme: Programme
    worlds: tuple[WorldProof, ...]
    dead: tuple[Arrow, ...]
    """Arrows of the file that nobody could ever take; only told when a world was walked whole."""
    together: tuple[Together, ...]
    staff: tuple[tuple[str, tuple[Sharing, ...]], ...]

    @property
    def holds(self) -> bool:
        """Is nothing stuck, nothing dead, and no place given twice or left unused?"""
        counted = all(not (one.over or one.unfinishable or one.wasted) for one in self.together)
        return counted and not self.dead and all(one.holds for one in self.worlds)


def first_of_each_award() -> Callable[[World], bool]:
    """Choose one world of each form of award to be walked whole."""
    begun: set[str] = set()

    def choose(world: World) -> bool:
        fresh = world.start.award_form not in begun
        begun.add(world.start.award_form)
        return fresh

    return choose


def prove(
    book: Rulebook,
    worlds: Iterable[World],
    *,
    whole: Callable[[World], bool] = lambda _: True,
    say: Callable[[str], None] = lambda _: None,
) -> Proof:
    """Explore every world, those with `whole` by all steps, and put dossiers together.

    `say` is told what was done, one line a world.
    """
    found: list[WorldProof] = []
    taken: set[Arrow] = set()
    together: dict[str, tuple[Together, ...]] = {}
    staff: dict[str, tuple[Sharing, ...]] = {}
    for world in worlds:
        all_steps = whole(world)
        explored = explore(world, None if all_steps else straight(world))
        taken |= explored.arrows()
        found.append(_of(explored, whole=all_steps))
        award = world.start.award_form
        if all_steps and world.start.quota is not None and award not in together:
            together[award] = _together(explored)
        if award not in staff:
            staff[award] = tuple(sharings(world))
        say(f"{world.name}: {len(explored.situations)}")
    named = {(step.source, step.action, step.target) for step in book.programme.steps}
    dead = sorted(named - taken, key=str) if any(one.whole for one in found) else ()
    counted = tuple(one for several in together.values() for one in several)
    return Proof(book.programme, tuple(found), tuple(dead), counted, tuple(staff.items()))


def _of(explored: Explored, *, whole: bool) -> WorldProof:
    stuck, undecidable = explored.stuck(), explored.without_decision()
    over = explored.decided_when_full()
    faulty = [*stuck, *undecidable, *over][:EXAMPLES]
    return WorldProof(
        name=explored.world.name,
        whole=whole,
        situations=len(explored.situations),
        moves=sum(map(len, explored.moves)),
        asked=explored.asked,
        stuck=len(stuck),
        undecidable=len(undecidable),
        over=len(over),
        classes=len(fold(explored).states),
        examples=tuple(_told(explored, number) for number in faulty),
    )


def _told(explored: Explored, number: int) -> str:
    names = {actor.person_id: actor.name for actor in explored.world.staff}
    steps = [f"{names[by]}: {label}" for by, label in explored.path(number)]
    state = explored.situations[number].state
    return f"{state.value if state else 'unborn'} after {' → '.join(steps) or 'nothing'}"


def _together(explored: Explored) -> tuple[Together, ...]:
    """Many dossiers to which no supplement happens, then fewer to which everything may.

    How often a dossier may still be asked for more tells its situations apart, and with five of
    them there would be too many combinations.
    """
    world = explored.world
    quota = world.start.quota
    places = quota.cap if quota and quota.cap is not None else 1
    calm = [one for one in attempts(world) if one.action is not Action.REQUEST_SUPPLEMENT]
    ways = (
        (fold(explore(world, calm)), DOSSIERS),
        (fold(explored), DOSSIERS - 2),
    )
    return tuple(walk([folded] * dossiers, places) for folded, dossiers in ways)
