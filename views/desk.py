"""What every view has at hand: settings, one instant a request, a transaction, the reader."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import TypeVar, cast

from flask import current_app, g
from flask_login import UserMixin, current_user
from sqlalchemy.orm import Session

from config.clock import real_now
from config.settings import ACCOUNTS, Settings
from models import stepping
from models.account_log import When
from models.database import Database
from models.queries_inbox import Inbox
from models.queries_people import Reader
from models.queries_turns import programmes
from models.rulebooks import rulebooks_in_force
from models.sealed import Sealer
from models.sessions import SignedIn
from workflow.sign_in_policy import SignInPolicy, policy_on
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

    def __init__(self, reader: Reader, standing: SignedIn, *, must_enrol: bool) -> None:
        self.reader = reader
        self.standing = standing
        self.must_enrol = must_enrol
        self.id = str(reader.person_id)

    @property
    def language(self) -> str | None:
        """In which language the person reads, if they chose one."""
        return self.standing.language

    @property
    def must_change(self) -> bool:
        """Was the password set by somebody else?"""
        return self.standing.must_change


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


def when() -> When:
    """Both clocks of this request: for sessions and codes, and for the record."""
    return When(session_now(), now())


def sign_in_policy() -> SignInPolicy:
    """How people sign in today (`config/accounts.yaml`)."""
    return policy_on(_policy_text(), office_day(session_now()))


@cache
def _policy_text() -> str:
    return ACCOUNTS.read_text("utf-8")


def sealer() -> Sealer:
    """What seals the secrets of accounts, under the keys of the running application."""
    return _sealer(settings().secret_keys)


@lru_cache(4)
def _sealer(keys: tuple[str, ...]) -> Sealer:
    return Sealer(keys)


def reading(*, at_length: bool = False, as_one: bool = False) -> AbstractContextManager[Session]:
    """One transaction that reads; `at_length` where it works on everything there is.

    `as_one` sees the record as it stood at its first statement, so that figures agree.
    """
    return desk().database.reading(at_length=at_length, as_one=as_one)


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


def standing() -> SignedIn:
    """The session of who is signed in; only for views that are not public."""
    someone = visitor()
    if someone is None:
        raise LookupError("nobody is signed in")
    return someone.standing


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
