"""What storage must offer to the use cases. `models` satisfies these; tests have a twin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from workflow.vocabulary import Action

if TYPE_CHECKING:
    from workflow.decisions import Accepted, Judgement
    from workflow.facts import Actor, Command, DossierFacts
    from workflow.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Opened:
    """A dossier opened for one step: its facts, who asks, and the rules it runs under."""

    facts: DossierFacts
    actor: Actor
    rulebook: Rulebook


class NotFound(Exception):
    """No such dossier, or not for this person: the two are told apart by nobody."""


@dataclass
class Repeated(Exception):
    """This very command was carried out before (same person, same key), on the dossier `code`."""

    code: str


@dataclass
class NoSeatLeft(Exception):
    """Between looking and writing, the last place of `pool` was taken; nothing was written."""

    code: str
    pool: str


@dataclass
class NumberTaken(Exception):
    """The deciding unit has another decision of this `number` in the same year."""

    code: str
    number: str


# Not frozen: a context manager on the way up must be able to set the traceback.
@dataclass
class Stale(Exception):
    """Somebody else was faster (or the page was old): who did what, and when."""

    code: str
    expected_version: int
    current_version: int
    by: str
    role: str
    action: Action | None
    at: datetime | None


class Ledger(Protocol):
    """Opens one dossier and writes down what was decided about it, in one transaction."""

    def open(self, command: Command, *, now: datetime) -> Opened:
        """Gather the facts; raise `NotFound`, `Repeated`, or `Stale` when the version moved on."""
        ...

    def record(self, accepted: Accepted, *, now: datetime) -> None:
        """Write state, version, history, evaluation and letters with compare-and-set.

        Raises `Stale` when another writer came first, `NoSeatLeft` when the places are taken.
        """
        ...

    def record_refusal(self, judgement: Judgement, command: Command, *, now: datetime) -> None:
        """Keep the refused attempt with its inputs and reasons; the dossier is untouched."""
        ...
