"""What every view has at hand: settings, one instant a request, a transaction, the reader."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar, cast

from flask import current_app, g
from flask_login import UserMixin, current_user
from sqlalchemy.orm import Session

from config.clock import real_now
from config.settings import Settings
from models import stepping
from models.database import Database
from models.queries_inbox import Inbox
from models.queries_people import Reader
from models.queries_turns import programmes
from models.rulebooks import rulebooks_in_force
from workflow.working_days import office_day

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the composition root hands to the door."""

    settings: Settings
    database: Database
    clock: Callable[[], datetime]


class Visitor(UserMixin):
    """Somebody signed in, as Flask-Login wants to see them."""

    def __init__(self, reader: Reader, *, must_change: bool, language: str | None = None) -> None:
        self.reader = reader
        self.must_change = must_change
        self.language = language
        self.id = str(reader.person_id)


def desk() -> Desk:
    """The desk of the running application."""
    return cast("Desk", current_app.extensions["desk"])


def settings() -> Settings:
    """The settings of the running application."""
    return desk().settings


def now() -> datetime:
    """The instant of this request: asked once, the same for everything it does."""
    if "now" not in g:
        g.now = desk().clock()
    return cast("datetime", g.now)


def today() -> date:
    """The office day of this request."""
    return office_day(now())


def session_now() -> datetime:
    """The instant sessions are judged by: changing the demonstration's day signs nobody out."""
    return real_now() if settings().demonstration else now()


def reading(*, at_length: bool = False) -> AbstractContextManager[Session]:
    """One transaction that reads; `at_length` where it works on everything there is."""
    return desk().database.reading(at_length=at_length)


def writing() -> AbstractContextManager[Session]:
    """One transaction that may write; committed at the end, rolled back on any exception."""
    return desk().database.writing()


def in_transaction(work: Callable[[Session], T]) -> T:
    """Do `work` in one writing transaction, again when only that can help."""
    return stepping.in_transaction(desk().database, work)


def visitor() -> Visitor | None:
    """Who is signed in, if anybody."""
    someone: object = current_user._get_current_object()  # noqa: SLF001
    return someone if isinstance(someone, Visitor) else None


def me() -> Reader:
    """Who is signed in; only for views that are not public."""
    someone = visitor()
    if someone is None:
        raise LookupError("nobody is signed in")
    return someone.reader


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the shell of every page shows of the record."""

    tasks: int
    programme_ended_on: date | None


def surroundings() -> Surroundings:
    """How much waits for the reader, and whether the programme is over; asked once a request."""
    if "surroundings" not in g:
        with reading() as db:
            g.surroundings = Surroundings(
                Inbox(db, me(), programmes(db), today()).task_count(), _ended_on(db)
            )
    return cast("Surroundings", g.surroundings)


def _ended_on(db: Session) -> date | None:
    """The last day of the last programme in force; None while one of them goes on."""
    last = max((one.programme.ends for one in rulebooks_in_force(db)), default=None)
    return last if last is not None and last < today() else None
