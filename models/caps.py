"""Pools of places as people see them, and the caps that heads set for their own (IV.2.b, Q37)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from models import quotas
from models.people import RELATIONS, posts_of
from models.queries_people import Reader
from models.quotas import Pool
from models.tables import Decision, Dossier, Person, PlaceMovement, Quota, Unit
from models.words import PlaceMove
from workflow import facts
from workflow.guards.places import cap_of
from workflow.programme import AwardForm, Cycle, Programme, QuotaTable
from workflow.verdicts import Refusal
from workflow.vocabulary import Post, Role
from workflow.words import say
from workflow.working_days import office_day

LONGEST_REASON = 1000
_ALL_POOLS = (Post.ADMINISTRATOR, Post.AUDITOR)
_OWN_POOLS = (Post.HEAD, Post.DEPUTY_HEAD, Post.APPRAISER, Post.CLERK, Post.COUNCIL_SECRETARY)


@dataclass(frozen=True, slots=True)
class PoolLine:
    """One pool in one cycle at one deciding unit, with its places as they stand."""

    pool: Pool
    programme: Programme
    award: AwardForm
    table: QuotaTable
    cycle: Cycle
    unit_code: str
    unit_name: str
    quota: facts.Quota


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the ledger of places."""

    at: datetime
    kind: PlaceMove
    used: int
    reserved: int
    code: str
    subject: str
    number: str
    by: str


def pools_seen(
    session: Session, programme: Programme, cycle: Cycle, reader: Reader
) -> list[PoolLine]:
    """Every pool of the cycle this reader may see: shares of the programme, and those of own units.

    Administrators and auditors see every pool somebody has used or set.
    """
    tables = list(_tables(programme, cycle))
    kinds = {award.decider_unit for award, _ in tables}
    own = {held.unit_id for held in reader.posts if held.post in _OWN_POOLS}
    shared = {award.decider_unit for award, table in tables if table.percent is not None}
    known = and_(Quota.programme_id == programme.id, Quota.cycle_id == cycle.id)
    seen = [Unit.id.in_(own), Unit.kind.in_(shared)]
    if reader.holds(*_ALL_POOLS):
        seen.append(Unit.id.in_(select(Quota.deciding_unit_id).where(known)))
    day = cycle.snapshot
    units = session.execute(
        select(Unit.id, Unit.code, Unit.name, Unit.kind)
        .where(
            Unit.kind.in_(kinds),
            or_(*seen),
            Unit.valid_from <= day,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= day),
        )
        .order_by(Unit.id)
    ).all()
    rows = {
        (row.pool, row.deciding_unit_id): row for row in session.scalars(select(Quota).where(known))
    }
    base = quotas.base_on(session, day)
    found = []
    for award, table in tables:
        for unit in units:
            if unit.kind is not award.decider_unit:
                continue
            pool = Pool(programme.id, cycle.id, table.pool, unit.id)
            stated = _stated(table, rows.get((table.pool, unit.id)), base)
            found.append(
                PoolLine(pool, programme, award, table, cycle, unit.code, unit.name, stated)
            )
    return found


def may_set(session: Session, line: PoolLine, person_id: int, day: date) -> bool:
    """Is it this person's to say how many? Only where the programme takes no share of a base."""
    relation = RELATIONS[Role.DECIDER]
    return line.table.percent is None and any(
        post in relation.posts and unit == line.pool.deciding_unit_id
        for post, unit in posts_of(session, person_id, day)
    )


def change_cap(
    session: Session, line: PoolLine, cap: int | None, reason: str, by: int, now: datetime
) -> Refusal | None:
    """Set, change or (None) remove the head's number, with a line in the office's stream."""
    if not may_set(session, line, by, office_day(now)):
        return Refusal(
            "NOT_YOUR_CAP",
            say("Chỉ thủ trưởng của {unit} đặt số lượng này.", unit=line.unit_name),
            roles=(Role.DECIDER,),
        )
    if not reason.strip():
        return Refusal("COMMENT_MISSING", say("Ghi lý do bằng một câu."))
    if not quotas.set_cap(session, line.pool, cap, by, now, reason.strip()):
        now_ = quotas.look(session, line.pool, line.table, line.cycle)
        return Refusal(
            "CAP_BELOW_USED",
            say(
                "Đã dùng {used} và giữ chỗ {reserved}, không đặt dưới {least} được.",
                used=now_.used,
                reserved=now_.reserved,
                least=now_.used + now_.reserved,
            ),
            remedy=say("Đặt từ số đó trở lên, hoặc bỏ hồ sơ khỏi danh sách trình ký trước."),
        )
    return None


def moves_of(session: Session, pool: Pool, most: int = 100) -> list[Move]:
    """The last movements of a pool, the newest first."""
    rows = session.execute(
        select(PlaceMovement, Dossier.code, Dossier.subject_name, Decision.number, Person.full_name)
        .join(Dossier, Dossier.id == PlaceMovement.dossier_id)
        .outerjoin(Decision, Decision.id == PlaceMovement.decision_id)
        .outerjoin(Person, Person.id == PlaceMovement.by_id)
        .where(pool.row(PlaceMovement))
        .order_by(PlaceMovement.id.desc())
        .limit(most)
    )
    return [
        Move(one.at, one.kind, one.used, one.reserved, code, subject, number or "", by or "")
        for one, code, subject, number, by in rows
    ]


def _tables(programme: Programme, cycle: Cycle) -> Iterable[tuple[AwardForm, QuotaTable]]:
    for award in programme.awards:
        if award.quota is not None and cycle.kind in award.quota.cycles:
            yield award, award.quota


def _stated(table: QuotaTable, row: Quota | None, base: int) -> facts.Quota:
    if row is not None:
        return facts.Quota(table.pool, row.base, row.cap, row.used, row.reserved)
    counted = base if table.percent is not None else None
    return facts.Quota(table.pool, counted, cap_of(table, counted), 0)
