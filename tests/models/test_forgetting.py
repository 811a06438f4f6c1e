"""What is over is forgotten when its time has come, no sooner, and the log keeps what was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from config.clock import real_now
from models.database import Database
from models.doctor import examine
from models.sent_forms import claim, settle
from models.sessions import Visit, open_session, sign_out
from models.tables import (
    ChangeSetLine,
    HistoryLine,
    KnownDevice,
    OneTimeCode,
    SentForm,
    UserSession,
)
from models.words_sign_in import CodePurpose
from schedules.jobs import Means, forget_spent
from tests import builders as build
from workflow.sign_in_policy import read_policies

POLICY = read_policies((build.ROOT / "config/accounts.yaml").read_text("utf-8"))[-1]
LITTLE = timedelta(hours=1)


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.__tablename__: session.scalars(select(func.count()).select_from(table)).one()
            for table in (UserSession, OneTimeCode, KnownDevice, SentForm)
        }


def forgotten(database: Database, at: Callable[[], datetime] = real_now) -> int:
    nobody: Any = None
    return forget_spent(Means(database, at, nobody)).forgotten


def test_what_is_over_goes_in_its_time_and_the_log_tells(database: Database) -> None:
    person, now = build.who(database, "clerk@H029"), real_now()
    for late in (-LITTLE, LITTLE):  # a little too young, a little too old
        with database.writing() as session:
            at = now - POLICY.keep.sessions - late
            for number, ends in enumerate((True, False)):
                token = open_session(session, person, Visit(f"10.0.0.{number}"), at)
                if ends:
                    sign_out(session, token, at)
            at = now - POLICY.keep.codes - late
            for ended in (at, None):
                code = OneTimeCode(
                    person_id=person,
                    purpose=CodePurpose.RESET,
                    code_hash="x" * 64,
                    made_at=at - LITTLE,
                    expires_at=at,
                    ended_at=ended,
                )
                session.add(code)
            at = now - POLICY.device_life - late
            device = {"token_hash": f"device {late}", "person_id": person}
            session.add(KnownDevice(**device, made_at=at, used_at=at))
            at = now - POLICY.keep.forms - late
            claim(session, person, f"key-{late.total_seconds():.0f}", at)
            settle(session, person, f"key-{late.total_seconds():.0f}", "/viec")
    assert set(counts(database).values()) == {4, 2}
    assert forgotten(database, lambda: build.NOW) == 0, "by no clock that runs ahead"
    assert forgotten(database) == 6
    assert counts(database) == {
        "user_session": 2,
        "one_time_code": 2,
        "known_device": 1,
        "sent_form": 1,
    }
    assert forgotten(database) == 0
    with database.reading() as session:
        line = session.execute(
            select(HistoryLine.payload, HistoryLine.actor_id, ChangeSetLine.change_set_id)
            .join(ChangeSetLine, ChangeSetLine.line_id == HistoryLine.id)
            .where(HistoryLine.action == "forget_spent")
        ).one()
    assert '"codes":2' in line.payload.replace(" ", "")
    assert line.actor_id is None
    assert examine(database) == []
