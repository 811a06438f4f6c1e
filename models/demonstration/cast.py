"""Who is who in the demonstration: people, units and their posts by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from models.placing import lineage_of
from models.tables import Appointment, Dossier, Person, Registration, Unit
from workflow.vocabulary import Post

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.demonstration.season import DemoDossier


class Cast:
    """Looked up once; the demonstration's people do not change while it is loaded."""

    def __init__(self, session: Session) -> None:
        """Read people, units and posts."""
        self.people = dict(session.execute(select(Person.code, Person.id)).all())
        self.units = dict(session.execute(select(Unit.code, Unit.id)).all())
        self._names = dict(session.execute(select(Person.id, Person.full_name)).all())
        self._unit_names = dict(session.execute(select(Unit.id, Unit.name)).all())
        self._employers = dict(session.execute(select(Person.id, Person.employer_id)).all())
        self._parents = dict(session.execute(select(Unit.id, Unit.parent_id)).all())
        rows = session.execute(
            select(Appointment.unit_id, Appointment.post, Appointment.person_id).order_by(
                Appointment.id
            )
        )
        self._holders: dict[tuple[int, Post], int] = {}
        for unit, post, person in rows:
            self._holders.setdefault((unit, post), person)

    def name(self, person_id: int) -> str:
        """Full name of a person."""
        return self._names[person_id]

    def unit_name(self, unit_id: int) -> str:
        """Name of a unit."""
        return self._unit_names[unit_id]

    def unit_of(self, story: DemoDossier) -> int:
        """The unit to be honoured, or the one employing the person."""
        if story.person:
            return self._employers[self.people[story.person]]
        return self.units[story.unit]

    def holder(self, unit_id: int, post: Post, *, or_above: bool = False) -> int:
        """Who holds this post at the unit, or (if asked) at the nearest unit above it."""
        place: int | None = unit_id
        while place is not None:
            found = self._holders.get((place, post))
            if found is not None:
                return found
            place = self._parents[place] if or_above else None
        raise LookupError(f"nobody is {post.value} at {self._unit_names.get(unit_id, unit_id)}")

    def superior(self, session: Session, registration_code: str) -> int:
        """Who acknowledges: the reception of the superior unit, else its head."""
        unit = session.scalars(
            select(Registration.superior_unit_id).where(Registration.code == registration_code)
        ).one()
        for place in lineage_of(session, unit)[:1]:
            for post in (Post.APPRAISER, Post.HEAD):
                found = self._holders.get((place.id, post))
                if found is not None:
                    return found
        raise LookupError(f"nobody receives {registration_code}")

    def dossier(self, session: Session, code: str) -> Dossier:
        """The dossier as it stands."""
        return session.scalars(select(Dossier).where(Dossier.code == code)).one()
