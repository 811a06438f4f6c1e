"""Emergency access: one asks, another opens it; one dossier, one role, some hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session, aliased

from models.gathering import places_of
from models.lending import is_open as is_open  # noqa: PLC0414 - asked for here
from models.office import write_down
from models.people import people_with, posts_of
from models.tables import Dossier, EmergencyAccess, Person
from models.telling import News, tell, watching
from models.visibility import visible_to
from workflow.ports import NotFound
from workflow.vocabulary import Post, Role
from workflow.words import phrase
from workflow.working_days import office_day

ROLES: Final = (
    Role.CLERK,
    Role.UNIT_HEAD,
    Role.COUNCIL_SECRETARY,
    Role.APPRAISER,
    Role.DECIDER,
    Role.SUPERIOR,
)
"""Roles that may be missing in an emergency; ballots and watching are not among them."""
MOST_HOURS: Final = 24
WAITS: Final = timedelta(days=2)
"""A request nobody answered for so long can no longer be opened."""
PAGE: Final = "/khan-cap"


@dataclass(frozen=True, slots=True)
class Shown:
    """One emergency access with the names a page shows."""

    access: EmergencyAccess
    code: str
    subject: str
    person: str
    answered_by: str


def ask(  # noqa: PLR0913, PLR0917 - what is asked, by whom, when.
    session: Session, code: str, role: Role, hours: int, reason: str, by: int, now: datetime
) -> int:
    """Ask for a role towards one dossier; everybody who may open it is told.

    Raises `NotFound` for a dossier this person does not see, `ValueError` (in Vietnamese) for a
    wrong role, number of hours or reason.
    """
    dossier = session.scalar(
        select(Dossier).where(Dossier.code == code, visible_to(by, office_day(now)))
    )
    if dossier is None:
        raise NotFound(code)
    if role not in ROLES:
        raise ValueError(phrase("Chọn một vai trò của quy trình."))
    if not 1 <= hours <= MOST_HOURS:
        raise ValueError(phrase("Ghi số giờ từ 1 đến {most_hours}.", most_hours=MOST_HOURS))
    if not reason.strip():
        raise ValueError(phrase("Ghi lý do khẩn cấp bằng một câu."))
    number = session.execute(
        insert(EmergencyAccess)
        .values(
            dossier_id=dossier.id,
            person_id=by,
            role=role,
            hours=hours,
            reason=reason.strip(),
            asked_at=now,
        )
        .returning(EmergencyAccess.id)
    ).scalar_one()
    told = {"access": number, "dossier": code, "role": role.value, "hours": hours}
    write_down(session, "ask_emergency", {**told, "reason": reason.strip()}, by, now)
    _tell(session, number, "asked", now)
    return number


def may_answer(session: Session, access: EmergencyAccess, by: int, now: datetime) -> bool:
    """May this person open it? An administrator or one who decides the dossier, never the asker."""
    if by == access.person_id:
        return False
    day = office_day(now)
    if any(post is Post.ADMINISTRATOR for post, _ in posts_of(session, by, day)):
        return True
    places = places_of(session, session.get_one(Dossier, access.dossier_id))
    return by in {one.id for one in people_with(session, (Role.DECIDER,), places, day)}


def answer(session: Session, number: int, by: int, now: datetime, *, granted: bool) -> bool:
    """Open it, or not; False when it was answered before, is too old, or is not theirs to answer.

    The database refuses the asker as the one who answers as well.
    """
    access = session.get(EmergencyAccess, number)
    if access is None or not may_answer(session, access, by, now):
        return False
    expires = now + timedelta(hours=access.hours) if granted else None
    done = session.execute(
        update(EmergencyAccess)
        .where(
            EmergencyAccess.id == number,
            EmergencyAccess.answered_at.is_(None),
            EmergencyAccess.asked_at > now - WAITS,
        )
        .values(answered_by=by, answered_at=now, granted=granted, expires_at=expires)
        .returning(EmergencyAccess.id)
        .execution_options(synchronize_session=False)
    ).first()
    if done is None:
        return False
    session.expire_all()
    write_down(session, "answer_emergency", {"access": number, "granted": granted}, by, now)
    _tell(session, number, "granted" if granted else "refused", now)
    return True


def end_emergency(session: Session, number: int, by: int, now: datetime) -> bool:
    """Close it before its time; False when it is not open, or not theirs to close."""
    access = session.get(EmergencyAccess, number)
    if access is None or not (by == access.person_id or may_answer(session, access, by, now)):
        return False
    done = session.execute(
        update(EmergencyAccess)
        .where(EmergencyAccess.id == number, is_open(now))
        .values(ended_at=now, ended_by=by)
        .returning(EmergencyAccess.id)
        .execution_options(synchronize_session=False)
    ).first()
    if done is None:
        return False
    session.expire_all()
    write_down(session, "end_emergency", {"access": number}, by, now)
    return True


def shown(session: Session, *conditions: ColumnElement[bool]) -> list[Shown]:
    """Emergency access with names, newest first."""
    person, answerer = aliased(Person), aliased(Person)
    rows = session.execute(
        select(
            EmergencyAccess,
            Dossier.code,
            Dossier.subject_name,
            person.full_name,
            answerer.full_name,
        )
        .join(Dossier, Dossier.id == EmergencyAccess.dossier_id)
        .join(person, person.id == EmergencyAccess.person_id)
        .outerjoin(answerer, answerer.id == EmergencyAccess.answered_by)
        .where(*conditions)
        .order_by(EmergencyAccess.id.desc())
    )
    return [Shown(*row[:4], row[4] or "") for row in rows]


def waiting(now: datetime) -> ColumnElement[bool]:
    """SQL: asked for and not answered yet, nor too old to be."""
    return EmergencyAccess.answered_at.is_(None) & (EmergencyAccess.asked_at > now - WAITS)


def concerning(session: Session, person_id: int, now: datetime) -> list[Shown]:
    """What is open on dossiers this person sees: it stands on everybody's front page."""
    return shown(session, is_open(now), visible_to(person_id, office_day(now)))


def _tell(session: Session, number: int, what: str, now: datetime) -> None:
    one = shown(session, EmergencyAccess.id == number)[0]
    day, access = office_day(now), one.access
    dossier = session.get_one(Dossier, access.dossier_id)
    deciders = people_with(session, (Role.DECIDER,), places_of(session, dossier), day)
    administrators = people_with(session, (Role.ADMINISTRATOR,), places_of(session, dossier), day)
    words = {
        "asked": phrase(
            "{person} xin truy cập khẩn cấp {count} giờ", person=one.person, count=access.hours
        ),
        "granted": phrase(
            "{answered_by} đã mở truy cập khẩn cấp {count} giờ cho {person}",
            answered_by=one.answered_by,
            count=access.hours,
            person=one.person,
        ),
        "refused": phrase(
            "{answered_by} không mở truy cập khẩn cấp cho {person}",
            answered_by=one.answered_by,
            person=one.person,
        ),
    }[what]
    whom: set[int] = {access.person_id, *_ids(deciders), *_ids(administrators)}
    if what == "granted":
        whom |= set(watching(session, day))
    headline = phrase("Truy cập khẩn cấp: hồ sơ {code}", code=one.code)
    lines = [
        phrase(
            "{words}, hồ sơ {code} của {subject}.", words=words, code=one.code, subject=one.subject
        ),
        phrase("Lý do: {reason}", reason=access.reason),
    ]
    news = News(f"emergency-{what}:{number}", headline, lines, PAGE, one.code, access.dossier_id)
    tell(session, whom, news, now)


def _ids(people: Iterable[Person]) -> list[int]:
    return [one.id for one in people]
