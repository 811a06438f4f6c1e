"""What is over is forgotten after a while: sessions, codes, browsers, keys of forms.

How long each is kept stands in `config/accounts.yaml`. What was done with them stays in the log:
signing in and out, codes made and used are lines of their own, and each round that forgets codes
or sessions is one as well.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, delete, func
from sqlalchemy.orm import Session

from models.office import write_down
from models.tables import KnownDevice, OneTimeCode, SentForm, UserSession
from workflow.sign_in_policy import SignInPolicy


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many of each are gone."""

    sessions: int = 0
    codes: int = 0
    devices: int = 0
    forms: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.sessions + self.codes + self.devices + self.forms


def forget_spent(
    session: Session, policy: SignInPolicy, now: datetime, today: datetime
) -> Forgotten:
    """Forget what ended longer ago than the policy keeps it.

    `now` is the instant sessions are judged by, `today` the record's, for the line in the log. A
    session nobody ended is over when its last request is as old: its idle time is shorter.
    """
    keep = policy.keep
    ended = func.coalesce(UserSession.ended_at, UserSession.last_seen_at)
    over = func.coalesce(OneTimeCode.ended_at, OneTimeCode.expires_at)
    done = Forgotten(
        sessions=_gone(session, delete(UserSession).where(ended < now - keep.sessions)),
        codes=_gone(session, delete(OneTimeCode).where(over < now - keep.codes)),
        devices=_gone(
            session, delete(KnownDevice).where(KnownDevice.used_at < now - policy.device_life)
        ),
        forms=_gone(session, delete(SentForm).where(SentForm.at < now - keep.forms)),
    )
    if done.total:
        write_down(session, "forget_spent", asdict(done), None, today)
    return done


def _gone(session: Session, what: Delete) -> int:
    found: Any = session.execute(
        what.returning(next(iter(what.table.primary_key))).execution_options(
            synchronize_session=False
        )
    )
    return len(found.all())
