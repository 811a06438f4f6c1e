"""What a decision asks of the world. A closed union: the ledger matches every member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from workflow.facts import (
        CouncilResult,
        Decision,
        Hold,
        Mark,
        Supplement,
    )
    from workflow.results import RankingResult
    from workflow.terms import Stop
    from workflow.vocabulary import RevocationGround, Role, State


@dataclass(frozen=True, slots=True)
class Notify:
    """A letter to everybody who stands in one of these relations to the dossier.

    With `at_end` it leaves on the first working morning after the clock stood still.
    """

    to: tuple[Role, ...]
    letter: str
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class Approve:
    """The step just taken is an approval that covers these document ids."""

    gave: State
    covered: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DropApprovals:
    """Approvals that gave these states fall: what they covered has changed."""

    gave: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class StoreCouncilResult:
    """Keep what the council resolved."""

    result: CouncilResult


@dataclass(frozen=True, slots=True)
class StoreRanking:
    """Keep what the provincial council resolved; the last one stands."""

    result: RankingResult


@dataclass(frozen=True, slots=True)
class StoreMark:
    """Keep one human check; the last one of a code is the one in force."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class StoreDecision:
    """Keep the decision and tie the dossier to it; unpublished, its letters wait."""

    decision: Decision
    publish: bool = True


@dataclass(frozen=True, slots=True)
class ClearDecision:
    """Untie the dossier from its unpublished decision; letters that waited are not sent."""


@dataclass(frozen=True, slots=True)
class StoreRevocation:
    """Keep the revoking decision and its legal ground."""

    ground: RevocationGround
    decision: Decision


@dataclass(frozen=True, slots=True)
class OpenSupplement:
    """Ask for everything at once, unlock the papers named."""

    supplement: Supplement


@dataclass(frozen=True, slots=True)
class CloseSupplement:
    """The supplement was sent; the papers lock again."""


@dataclass(frozen=True, slots=True)
class Extend:
    """The dossier may be handed in until this instant."""

    until: datetime


@dataclass(frozen=True, slots=True)
class StopClock:
    """The days of this stop are added to every deadline it comes before."""

    stop: Stop


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Nothing is checked or decided while this runs."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class LiftHold:
    """The hold is over."""


@dataclass(frozen=True, slots=True)
class ConsumeSeat:
    """Take one place of a quota; refused by the database when none is left."""

    pool: str


@dataclass(frozen=True, slots=True)
class ReleaseSeat:
    """Give back the place the dossier holds: taken, or kept for a prepared decision; if any."""

    pool: str


Effect: TypeAlias = (
    Notify
    | Approve
    | DropApprovals
    | StoreCouncilResult
    | StoreRanking
    | StoreMark
    | StoreDecision
    | ClearDecision
    | StoreRevocation
    | OpenSupplement
    | CloseSupplement
    | Extend
    | StopClock
    | PlaceHold
    | LiftHold
    | ConsumeSeat
    | ReleaseSeat
)
