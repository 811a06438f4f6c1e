"""Who acts, and for whom: own roles, and roles lent for a while by a delegation or an emergency.

Lent roles are worked out from what the lender holds on the day itself, never from what was lent
to the lender: a delegation cannot be passed on, nor reach further than its giver (reading Q45).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workflow.words import phrase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from workflow.vocabulary import Action, Role


@dataclass(frozen=True, slots=True)
class Principal:
    """Whose power another uses; `unit_ids` are all units this person serves."""

    person_id: int
    name: str
    title: str = ""
    unit_ids: frozenset[int] = frozenset()
    employer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Loan:
    """Roles towards one dossier that somebody may use today though they are not their own.

    `actions` empty means every step of these roles. Without a principal it is emergency access,
    which two people have opened for this one dossier.
    """

    id: int
    roles: frozenset[Role]
    actions: frozenset[Action] = frozenset()
    principal: Principal | None = None

    def covers(self, roles: Collection[Role], action: Action | None) -> bool:
        """May it be used for this action of these roles? None: an act that is no dossier's."""
        if self.actions and action not in self.actions:
            return False
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: roles are towards this dossier; `unit_ids` are all units the person serves.

    `acting` is the loan in use once the law has chosen in which capacity the step is taken; the
    units and conflicts of the person acted for then count beside the actor's own.
    """

    person_id: int
    name: str
    roles: frozenset[Role] = frozenset()
    unit_ids: frozenset[int] = frozenset()
    employer_id: int | None = None
    title: str = ""
    loans: tuple[Loan, ...] = ()
    acting: Loan | None = None

    @property
    def principal(self) -> Principal | None:
        """Whom the actor acts for; None in the actor's own name."""
        return self.acting.principal if self.acting else None

    @property
    def person_ids(self) -> frozenset[int]:
        """The people whose act it is: the actor, and whoever is acted for."""
        principal = self.principal
        return frozenset({self.person_id, *({principal.person_id} if principal else ())})

    @property
    def signature(self) -> str:
        """The name as an act shows it: “B thay mặt A”."""
        principal = self.principal
        return (
            phrase("{name} thay mặt {name2}", name=self.name, name2=principal.name)
            if principal
            else self.name
        )

    def capacities(self, roles: Collection[Role], action: Action | None = None) -> Iterator[Actor]:
        """The capacities in which the person may take a step of these roles.

        Whoever has an own role acts in the own name: a loan adds conflicts and no power.
        """
        if not self.roles.isdisjoint(roles):
            yield self
            return
        for loan in self.loans:
            if loan.covers(roles, action):
                yield self._with(loan)

    def taking(self, roles: Collection[Role], action: Action | None = None) -> Actor:
        """The first such capacity; the person as they are when there is none."""
        return next(self.capacities(roles, action), self)

    def may_take(self, roles: Collection[Role], action: Action | None = None) -> bool:
        """Is there such a capacity?"""
        return next(self.capacities(roles, action), None) is not None

    def _with(self, loan: Loan) -> Actor:
        units = loan.principal.unit_ids if loan.principal else frozenset()
        return replace(
            self, roles=loan.roles, unit_ids=self.unit_ids | units, loans=(), acting=loan
        )
