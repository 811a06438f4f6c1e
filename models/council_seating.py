"""Seats of a session: the council's members as appointed on its day, with what they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.people import may_act, valid_on
from models.placing import ancestry, lineage
from models.tables import Appointment, CouncilSeat, CouncilSession, Person, Unit
from models.visibility import COUNCIL_POSTS
from workflow.vocabulary import Post, UnitKind
from workflow.working_days import office_day

_RANK = {Post.COUNCIL_CHAIR: 0, Post.COUNCIL_MEMBER: 1, Post.COUNCIL_SECRETARY: 2}


def seat_members(session: Session, row: CouncilSession) -> None:
    """One seat for everybody with a post in the council on the session's day.

    Who has a seat keeps it with what was noted; who left the council by that day loses it.
    """
    rows = session.execute(
        select(Person, Appointment.post)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Appointment.unit_id == row.unit_id,
            Appointment.post.in_(COUNCIL_POSTS),
            valid_on(office_day(row.held_at)),
            may_act(Person.id),
        )
        .order_by(Person.sort_key, Person.id)
    ).all()
    posts: dict[int, list[Post]] = {}
    people = {person.id: person for person, _ in rows}
    for person, post in rows:
        posts.setdefault(person.id, []).append(post)
    belongs = _belonging(session, people, row.unit_id, office_day(row.held_at))
    there = set(
        session.scalars(select(CouncilSeat.person_id).where(CouncilSeat.session_id == row.id))
    )
    session.execute(
        delete(CouncilSeat).where(
            CouncilSeat.session_id == row.id, CouncilSeat.person_id.not_in(tuple(people))
        )
    )
    order = sorted(
        set(people) - there,
        key=lambda one: (min(_RANK[post] for post in posts[one]), list(people).index(one)),
    )
    for person_id in order:
        person, held = people[person_id], posts[person_id]
        session.add(
            CouncilSeat(
                session_id=row.id,
                person_id=person_id,
                name=person.full_name,
                position=person.position,
                role=min(held, key=lambda post: _RANK[post]),
                votes=bool(set(held) - {Post.COUNCIL_SECRETARY}),
                unit_ids=sorted(belongs[person_id]),
            )
        )
    session.flush()


def _belonging(
    session: Session, people: Mapping[int, Person], council_unit: int, day: date
) -> dict[int, set[int]]:
    """The units each person serves, and the bodies whose divisions those are.

    Posts in this very council do not count: they are why the person sits here.
    """
    served: dict[int, set[int]] = {key: {one.employer_id} for key, one in people.items()}
    for person_id, unit_id in session.execute(
        select(Appointment.person_id, Appointment.unit_id).where(
            Appointment.person_id.in_(tuple(people)),
            ~((Appointment.unit_id == council_unit) & Appointment.post.in_(COUNCIL_POSTS)),
            valid_on(day),
        )
    ):
        served[person_id].add(unit_id)
    units = ancestry(session, {unit for ids in served.values() for unit in ids})
    return {person: _with_bodies(units, ids) for person, ids in served.items()}


def _with_bodies(units: dict[int, Unit], ids: set[int]) -> set[int]:
    found = set(ids)
    for unit_id in ids:
        for unit in lineage(units, unit_id):
            found.add(unit.id)
            if unit.kind is not UnitKind.DIVISION:
                break
    return found
