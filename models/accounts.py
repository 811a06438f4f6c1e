"""Accounts and appointments: who may sign in, and as what; every change ends old sessions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.office import write_down
from models.passwords import hash_password, password_fits
from models.sessions import end_sessions
from models.tables import Account, Appointment, Person, Unit
from workflow.vocabulary import Post

LOCKED = "!"
"""A password hash nothing fits: the account waits for a password to be set."""


def create_account(
    session: Session, person_id: int, login: str, password: str, by: int | None, now: datetime
) -> None:
    """Give a person an account; the password must be changed at the first sign-in."""
    session.execute(
        insert(Account).values(
            person_id=person_id,
            login=login.strip().casefold(),
            password_hash=hash_password(password),
        )
    )
    write_down(session, "create_account", {"person": person_id, "login": login}, by, now)


def open_locked(
    session: Session, person_id: int, login: str, by: int | None, now: datetime
) -> None:
    """Give a person an account that opens by a one-time code only."""
    session.execute(
        insert(Account).values(
            person_id=person_id, login=login.strip().casefold(), password_hash=LOCKED
        )
    )
    write_down(session, "create_account", {"person": person_id, "login": login}, by, now)


def change_password(session: Session, person_id: int, old: str, new: str, now: datetime) -> bool:
    """Change the own password; False when the old one is wrong.

    Raises `ValueError` (in Vietnamese) for a new one that is too short or too long.
    """
    account = session.get_one(Account, person_id)
    if not password_fits(account.password_hash, old):
        return False
    _set_password(session, person_id, new, must_change=False, now=now)
    write_down(session, "change_password", {"person": person_id}, person_id, now)
    return True


def near_words(session: Session, person_id: int) -> tuple[str, ...]:
    """Words near to a person, which make a password easy to guess: login, name, mail, unit."""
    found = session.execute(
        select(Account.login, Person.full_name, Person.email, Unit.name, Unit.code)
        .join(Person, Person.id == Account.person_id)
        .join(Unit, Unit.id == Person.employer_id)
        .where(Account.person_id == person_id)
    ).first()
    return tuple(word for word in found or () if word)


def set_own_password(session: Session, person_id: int, new: str, now: datetime) -> None:
    """Set the password its owner chose by a one-time code; the caller writes it down."""
    _set_password(session, person_id, new, must_change=False, now=now)


def reset_password(
    session: Session, person_id: int, new: str, by: int | None, now: datetime
) -> None:
    """Set a password for somebody else, to be changed at the next sign-in."""
    _set_password(session, person_id, new, must_change=True, now=now)
    write_down(session, "reset_password", {"person": person_id}, by, now)


def choose_language(session: Session, person_id: int, language: str, now: datetime) -> None:
    """Keep the language a person chose for pages and letters; no session ends for it."""
    account = session.get_one(Account, person_id)
    if account.language == language:
        return
    account.language = language
    write_down(session, "choose_language", {"language": language}, person_id, now)


def disable(session: Session, person_id: int, by: int, now: datetime) -> None:
    """Close an account; its sessions end at once."""
    _set_account(session, person_id, {"disabled_at": now}, now)
    write_down(session, "disable_account", {"person": person_id}, by, now)


def enable(session: Session, person_id: int, by: int, now: datetime) -> None:
    """Open an account again."""
    _set_account(session, person_id, {"disabled_at": None}, now)
    write_down(session, "enable_account", {"person": person_id}, by, now)


def appoint(
    session: Session,
    person_id: int,
    post: tuple[Post, int],
    since: date,
    by: int | None,
    now: datetime,
) -> None:
    """Appoint somebody to a post at a unit (by id) from the office day `since`."""
    name, unit_id = post
    session.execute(
        insert(Appointment).values(
            person_id=person_id, unit_id=unit_id, post=name, valid_from=since
        )
    )
    _set_account(session, person_id, {}, now)
    told: dict[str, object] = {
        "person": person_id,
        "unit": unit_id,
        "post": name.value,
        "since": since,
    }
    write_down(session, "appoint", told, by, now)


def relieve(
    session: Session, appointment_id: int, last_day: date, by: int | None, now: datetime
) -> None:
    """End an appointment after `last_day`; one that begins later never was."""
    appointment = session.get_one(Appointment, appointment_id)
    told = {
        "person": appointment.person_id,
        "unit": appointment.unit_id,
        "post": appointment.post.value,
        "until": last_day,
    }
    if last_day < appointment.valid_from:
        session.delete(appointment)
    else:
        appointment.valid_to = last_day
    session.flush()
    _set_account(session, appointment.person_id, {}, now)
    write_down(session, "relieve", told, by, now)


def moved(session: Session, person_id: int, now: datetime) -> None:
    """The person serves another unit: what they may see has changed, so old sessions end."""
    _set_account(session, person_id, {}, now)


def _set_password(
    session: Session, person_id: int, new: str, *, must_change: bool, now: datetime
) -> None:
    values = {"password_hash": hash_password(new), "must_change": must_change}
    _set_account(session, person_id, values, now)


def _set_account(
    session: Session, person_id: int, values: dict[str, object], now: datetime
) -> None:
    session.execute(
        update(Account)
        .where(Account.person_id == person_id)
        .values(role_version=Account.role_version + 1, **values)
    )
    end_sessions(session, person_id, now)
