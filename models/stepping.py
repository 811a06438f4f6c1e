"""One step in one transaction, for doors: opened, decided, written, or refused and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from models.database import Database
from models.ledger import SqlLedger
from workflow.decisions import Accepted, Judgement, judge
from workflow.facts import Command
from workflow.ports import Ledger, NoSeatLeft, NumberTaken
from workflow.use_cases import perform
from workflow.verdicts import Refusal
from workflow.words import say


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
        with database.writing() as session:
            return perform(command, ledger=ledger_in(session), now=now)
    except (NoSeatLeft, NumberTaken) as broken:
        refusal = _refusal(broken)
    with database.writing() as session:
        ledger = ledger_in(session)
        opened = ledger.open(command, now=now)
        judgement = judge(opened.rulebook, command.action, opened.facts, opened.actor, now, command)
        refused = replace(judgement, refusals=(*judgement.refusals, refusal))
        ledger.record_refusal(refused, command, now=now)
        return refused


def _refusal(broken: NoSeatLeft | NumberTaken) -> Refusal:
    if isinstance(broken, NumberTaken):
        return Refusal(
            "NUMBER_TAKEN",
            say("Số {number} đã dùng cho quyết định khác trong năm.", number=broken.number),
            remedy=say("Kiểm tra lại số, ngày ký, người ký trên quyết định giấy."),
        )
    return Refusal(
        "QUOTA_FULL",
        say("Chỉ tiêu vừa được dùng hết trong lúc bạn quyết định."),
        remedy=say("Bỏ một tập thể khỏi danh sách, hoặc thu hồi một quyết định đã ban hành."),
    )
