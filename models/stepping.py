"""One step in one transaction, for doors: opened, decided, written, or refused and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from models.database import Database
from models.ledger import SqlLedger
from workflow.decisions import Accepted, Judgement, judge
from workflow.facts import Command
from workflow.ports import Ledger, NoSeatLeft, NumberTaken
from workflow.use_cases import perform
from workflow.verdicts import Refusal
from workflow.words import say

T = TypeVar("T")
ATTEMPTS = 3
TRANSIENT = frozenset({"40001", "40P01", "55P03"})
"""Serialisation failure, deadlock, lock not available in time (PostgreSQL)."""


def take_step(
    database: Database,
    command: Command,
    now: datetime,
    *,
    ledger_in: Callable[[Session], Ledger] = SqlLedger,
) -> Accepted | Judgement:
    """Carry a dossier one step further, or say why not; both are committed.

    What only the database could see (the last place went, the number of the decision is taken)
    comes back as a refusal too. Raises `NotFound`, `Stale` and `Repeated`.
    """
    try:
        return in_transaction(
            database, lambda session: perform(command, ledger=ledger_in(session), now=now)
        )
    except (NoSeatLeft, NumberTaken) as broken:
        refusal = refusal_of(broken)

    def refuse(session: Session) -> Judgement:
        ledger = ledger_in(session)
        opened = ledger.open(command, now=now)
        judgement = judge(opened.rulebook, command.action, opened.facts, opened.actor, now, command)
        refused = replace(judgement, refusals=(*judgement.refusals, refusal))
        ledger.record_refusal(refused, command, now=now)
        return refused

    return in_transaction(database, refuse)


def in_transaction(database: Database, work: Callable[[Session], T]) -> T:
    """Do `work` in one writing transaction, and again from the start when only that can help.

    Three times at most, and only when nothing was written: a lock not had in time, a deadlock,
    a serialisation failure.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            with database.writing() as session:
                return work(session)
        except OperationalError as error:
            if not is_transient(error):
                raise
    with database.writing() as session:
        return work(session)


def is_transient(error: DBAPIError) -> bool:
    """Would the same transaction, tried again, have a chance?"""
    code = getattr(error.orig, "sqlstate", None)
    return code in TRANSIENT or "database is locked" in str(error.orig)


def refusal_of(broken: NoSeatLeft | NumberTaken) -> Refusal:
    """What only the database could see, as a refusal."""
    if isinstance(broken, NumberTaken):
        return Refusal(
            "NUMBER_TAKEN",
            say("Số {number} đã dùng cho quyết định khác trong năm.", number=broken.number),
            remedy=say(
                "Kiểm tra lại số, ngày ký, người ký trên quyết định giấy; quyết định đã công bố "
                "thì không thêm tên được."
            ),
        )
    return Refusal(
        "QUOTA_FULL",
        say("Chỉ tiêu vừa được dùng hết trong lúc bạn quyết định."),
        remedy=say("Bỏ một tập thể khỏi danh sách, hoặc thu hồi một quyết định đã ban hành."),
    )
