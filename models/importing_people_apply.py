"""People of a table written down: who they are, which posts they hold, what they sign in with."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.accounts import LOCKED, appoint, moved, relieve
from models.folding import person_sort_key, search_key
from models.importing import Plan, applicable
from models.importing_people import PersonRow
from models.office import write_down
from models.phrases import keep_person
from models.staff_changes import give_post
from models.tables import Account, Appointment, AppointmentRequest, Person, Unit
from workflow.vocabulary import Post
from workflow.working_days import office_day


def apply_people(session: Session, plan: Plan[PersonRow], by: int | None, now: datetime) -> int:
    """Add or update people, posts and accounts in one transaction; returns how many rows.

    Posts no longer in the table end the day before; a new post begins today. New accounts are
    locked until a password is set. Where a person does it, posts that need a second administrator
    are asked for.
    """
    rows = applicable(plan)
    units = dict(session.execute(select(Unit.code, Unit.id)).all())
    for row in rows:
        person_id = _put(session, row, units[row.unit_code], now)
        if row.posts is not None:
            posts = {(post, units[code]) for post, code in row.posts}
            _put_posts(session, person_id, posts, by, now)
        _put_account(session, person_id, row.login)
    write_down(session, "import_people", {"rows": len(rows)}, by, now)
    return len(rows)


def _put(session: Session, row: PersonRow, unit_id: int, now: datetime) -> int:
    values = {
        "full_name": row.full_name,
        "search_key": search_key(f"{row.code} {row.full_name}"),
        "sort_key": person_sort_key(row.full_name),
        "position": row.position,
        "employer_id": unit_id,
        "leader": row.leader,
    }
    if row.email is not None:
        values["email"] = row.email
    before = session.execute(
        select(Person.id, Person.employer_id).where(Person.code == row.code)
    ).first()
    if before is not None:
        session.execute(update(Person).where(Person.id == before.id).values(**values))
        keep_person(session, before.id, row.full_name, row.code)
        if before.employer_id != unit_id:
            moved(session, before.id, now)
        return int(before.id)
    made = insert(Person).values(code=row.code, **values).returning(Person.id)
    person_id = session.execute(made).scalar_one()
    keep_person(session, person_id, row.full_name, row.code)
    return person_id


def _put_posts(
    session: Session, person_id: int, wanted: set[tuple[Post, int]], by: int | None, now: datetime
) -> None:
    today = office_day(now)
    held = {
        (row.post, row.unit_id): row
        for row in session.scalars(
            select(Appointment).where(
                Appointment.person_id == person_id,
                (Appointment.valid_to.is_(None)) | (Appointment.valid_to >= today),
            )
        )
    }
    for key in sorted(held.keys() - wanted):
        relieve(session, held[key].id, today - timedelta(days=1), by, now)
    for post in sorted(wanted - held.keys()):
        if by is None:
            appoint(session, person_id, post, today, None, now)
        elif not _is_asked(session, person_id, post):
            give_post(session, person_id, post, today, by, now)


def _is_asked(session: Session, person_id: int, post: tuple[Post, int]) -> bool:
    """Does this post wait for a second administrator already?"""
    found = session.scalar(
        select(AppointmentRequest.id)
        .where(
            AppointmentRequest.person_id == person_id,
            AppointmentRequest.post == post[0],
            AppointmentRequest.unit_id == post[1],
            AppointmentRequest.answered_at.is_(None),
        )
        .limit(1)
    )
    return found is not None


def _put_account(session: Session, person_id: int, login: str) -> None:
    account = session.get(Account, person_id)
    if account is None:
        if login:
            session.execute(
                insert(Account).values(person_id=person_id, login=login, password_hash=LOCKED)
            )
    elif login:
        account.login = login
    session.flush()
