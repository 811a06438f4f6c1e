"""People come and go: posts given by two where one would be too few, work handed over whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.orm import Session

from models.accounts import appoint, disable, relieve
from models.office import write_down
from models.people import RELATIONS, posts_of, valid_on
from models.tables import Appointment, AppointmentRequest, Delegation, Person, Unit
from models.telling import News, tell
from models.validity import NEVER_LENT, can_sign_in
from models.who_could import Answer, who_could
from models.words_people import POSTS
from workflow.vocabulary import Post
from workflow.words import phrase
from workflow.working_days import office_day


@dataclass(frozen=True, slots=True)
class PostHeld:
    """One appointment that runs or will, with its unit and the others who hold the same."""

    appointment: Appointment
    unit: str
    others: int
    waiting: tuple[str, ...]
    """Codes of the dossiers that wait for whoever holds it."""
    alone: tuple[str, ...]
    """Codes of dossiers that wait for nobody else."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one person holds: posts with the dossiers that wait, and delegations."""

    posts: tuple[PostHeld, ...]
    given: int
    taken: int

    @property
    def alone(self) -> int:
        """How many dossiers would wait for nobody."""
        return len({code for post in self.posts for code in post.alone})


def needs_a_second(person_id: int, post: Post, by: int) -> bool:
    """Does a second administrator have to confirm this appointment?

    One's own, and every post that watches or arranges: else one administrator could make another
    to confirm what the first one asks for.
    """
    return person_id == by or post in NEVER_LENT


def give_post(
    session: Session, person_id: int, post: tuple[Post, int], since: date, by: int, now: datetime
) -> bool:
    """Appoint somebody; False when it waits for a second administrator."""
    if not needs_a_second(person_id, post[0], by):
        appoint(session, person_id, post, since, by, now)
        return True
    number = session.execute(
        insert(AppointmentRequest)
        .values(
            person_id=person_id,
            unit_id=post[1],
            post=post[0],
            valid_from=since,
            asked_by=by,
            asked_at=now,
        )
        .returning(AppointmentRequest.id)
    ).scalar_one()
    told = {"request": number, "person": person_id, "unit": post[1], "post": post[0].value}
    write_down(session, "ask_post", {**told, "since": since}, by, now)
    return False


def answer_post(session: Session, number: int, by: int, now: datetime, *, granted: bool) -> bool:
    """Confirm a post as a second administrator, or not; False when it is not theirs to answer."""
    if all(post is not Post.ADMINISTRATOR for post, _ in posts_of(session, by, office_day(now))):
        return False
    asked = session.execute(
        update(AppointmentRequest)
        .where(
            AppointmentRequest.id == number,
            AppointmentRequest.answered_at.is_(None),
            AppointmentRequest.asked_by != by,
            AppointmentRequest.person_id != by,
        )
        .values(answered_by=by, answered_at=now, granted=granted)
        .returning(
            AppointmentRequest.person_id,
            AppointmentRequest.post,
            AppointmentRequest.unit_id,
            AppointmentRequest.valid_from,
        )
        .execution_options(synchronize_session=False)
    ).first()
    if asked is None:
        return False
    write_down(session, "answer_post", {"request": number, "granted": granted}, by, now)
    if granted:
        since = max(asked.valid_from, office_day(now))
        appoint(session, asked.person_id, (asked.post, asked.unit_id), since, by, now)
    return True


def work_of(session: Session, person_id: int, now: datetime) -> Work:
    """What falls to a person: by post the dossiers that wait, and those that wait for no other."""
    day = office_day(now)
    rows = session.execute(
        select(Appointment, Unit.name)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(Appointment.person_id == person_id, ends_after(day))
        .order_by(Appointment.id)
    ).all()
    waiting = [one for one in who_could(session, now) if _is_able(one, person_id)]
    found = []
    for appointment, unit in rows:
        mine = [one for one in waiting if _falls_to(one, appointment)]
        alone = [one for one in mine if len({each.actor.person_id for each in one.able}) == 1]
        found.append(
            PostHeld(
                appointment,
                unit,
                _others(session, appointment, day),
                tuple(one.code for one in mine),
                tuple(one.code for one in alone),
            )
        )
    running = (Delegation.ended_at.is_(None), Delegation.last_day >= day)
    given = session.scalars(
        select(Delegation.id).where(Delegation.giver_id == person_id, *running)
    ).all()
    taken = session.scalars(
        select(Delegation.id).where(Delegation.delegate_id == person_id, *running)
    ).all()
    return Work(tuple(found), len(given), len(taken))


def ends_after(day: date) -> ColumnElement[bool]:
    """SQL: the appointment has not ended before `day`."""
    return or_(Appointment.valid_to.is_(None), Appointment.valid_to >= day)


def _is_able(one: Answer, person_id: int) -> bool:
    return any(
        verdict.actor.person_id == person_id and verdict.actor.acting is None
        for verdict in one.able
    )


def _falls_to(one: Answer, appointment: Appointment) -> bool:
    return any(
        appointment.post in relation.posts
        and (not relation.at or appointment.unit_id in relation.units(one.places))
        for relation in (RELATIONS[role] for role in one.step.by)
    )


def _others(session: Session, appointment: Appointment, day: date) -> int:
    return len(
        session.scalars(
            select(Appointment.person_id)
            .where(
                Appointment.post == appointment.post,
                Appointment.unit_id == appointment.unit_id,
                Appointment.person_id != appointment.person_id,
                valid_on(day + timedelta(days=1)),
                can_sign_in(Appointment.person_id),
            )
            .distinct()
        ).all()
    )


def hand_over(
    session: Session,
    person_id: int,
    receivers: Mapping[int, int | None],
    last_day: date,
    by: int,
    now: datetime,
) -> bool:
    """End appointments after `last_day`; who receives one holds the same post from the next day.

    `receivers` are persons by appointment, None for nobody. What a person delegated ends with the
    post. All of it belongs to the caller's one transaction; reminders follow, since recipients
    are worked out when they are sent. False when a post of a receiver waits for a second
    administrator: then that post is not ended yet.
    """
    leaving = session.get_one(Person, person_id)
    complete = True
    for number, receiver in receivers.items():
        appointment = session.get_one(Appointment, number)
        if appointment.person_id != person_id:
            raise LookupError(f"appointment {number} is not of {person_id}")
        post, unit_id = appointment.post, appointment.unit_id
        unit = session.get_one(Unit, unit_id).name
        if receiver is not None and not _holds(session, receiver, post, unit_id, last_day):
            since = last_day + timedelta(days=1)
            if not give_post(session, receiver, (post, unit_id), since, by, now):
                complete = False
                continue
        relieve(session, number, last_day, by, now)
        name = (
            session.get_one(Person, receiver).full_name
            if receiver
            else phrase("chưa có người nhận")
        )
        what = f"{POSTS[post].lower()}, {unit}"
        lines = [
            phrase(
                "{full_name} thôi vai trò {what}, sau ngày {last_day}.",
                full_name=leaving.full_name,
                what=what,
                last_day=last_day,
            ),
            phrase(
                "Người nhận việc từ ngày {last_day}: {name}.",
                last_day=last_day + timedelta(days=1),
                name=name,
            ),
            phrase("Hồ sơ, việc cần làm và thư nhắc theo người nhận."),
        ]
        whom = {person_id} | ({receiver} if receiver else set())
        headline = phrase(
            "Bàn giao việc: {full_name}, {unit}", full_name=leaving.full_name, unit=unit
        )
        tell(session, whom, News(f"handed-over:{number}:{last_day}", headline, lines, "/viec"), now)
    return complete


def _holds(session: Session, person_id: int, post: Post, unit_id: int, last_day: date) -> bool:
    found = session.scalar(
        select(Appointment.id)
        .where(
            Appointment.person_id == person_id,
            Appointment.post == post,
            Appointment.unit_id == unit_id,
            valid_on(last_day + timedelta(days=1)),
        )
        .limit(1)
    )
    return found is not None


def close_account(
    session: Session,
    person_id: int,
    receivers: Mapping[int, int | None],
    by: int,
    now: datetime,
) -> bool:
    """Hand everything over from today, then close the account; False when a post must wait."""
    yesterday = office_day(now) - timedelta(days=1)
    if not hand_over(session, person_id, receivers, yesterday, by, now):
        return False
    disable(session, person_id, by, now)
    return True
