"""Guessing gets slow, in the database: by account, by address, for everybody together.

Whoever guesses at an account from elsewhere does not lock its owner out: in a browser where the
owner signed in before, only what that browser got wrong counts (OWASP's device cookies).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.orm import Session

from models.tables import Guess
from models.words_sign_in import GuessKind
from workflow.sign_in_policy import Limit, Limits

KEPT: Final = timedelta(days=1)
"""No limit looks back further."""
_ONE_AT_A_TIME: Final = 0x5E551017
"""The number of the lock on PostgreSQL under which guesses are counted."""


@dataclass(frozen=True, slots=True)
class Try:
    """Who tries what: the account as typed, the address, and the known device, if it is one."""

    kind: GuessKind
    login: str
    address: str = ""
    device: str = ""


def begin_try(session: Session, wanted: Try, limits: Limits, now: datetime) -> int | None:
    """Count this try as failed before it is judged; None when there were too many already.

    Two at once cannot both be the last one allowed: SQLite has one writer, PostgreSQL a lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    if any(
        _count(session, where, limit, now) >= limit.most for where, limit in _asked(wanted, limits)
    ):
        return None
    made = insert(Guess).values(
        kind=wanted.kind,
        login=wanted.login,
        address=wanted.address,
        device=wanted.device,
        at=now,
        failed=True,
    )
    return session.execute(made.returning(Guess.id)).scalar_one()


def succeeded(session: Session, guess_id: int) -> None:
    """The try was right: it no longer counts against anybody."""
    session.execute(update(Guess).where(Guess.id == guess_id).values(failed=False))


def forget_guesses(session: Session, now: datetime) -> int:
    """Forget what no limit looks back to; returns how many."""
    gone = session.execute(delete(Guess).where(Guess.at < now - KEPT).returning(Guess.id))
    return len(gone.all())


def _asked(wanted: Try, limits: Limits) -> list[tuple[ColumnElement[bool], Limit]]:
    mine = Guess.login == wanted.login
    # A request for a code is no right or wrong guess: all of them count.
    failed = Guess.failed.is_(True) if wanted.kind is not GuessKind.REQUEST else Guess.id > 0
    kind = Guess.kind == wanted.kind
    if wanted.device:
        known = mine & failed & kind & (Guess.device == wanted.device)
        return [(known, limit) for limit in limits.device]
    strange = failed & kind & (Guess.device == "")
    found = [(strange & mine, limit) for limit in limits.account]
    if wanted.address:
        found += [(strange & (Guess.address == wanted.address), one) for one in limits.address]
    return found + [(kind, limit) for limit in limits.everywhere]


def _count(session: Session, where: ColumnElement[bool], limit: Limit, now: datetime) -> int:
    counted = select(func.count()).select_from(Guess).where(where, Guess.at > now - limit.span)
    return session.scalar(counted) or 0
