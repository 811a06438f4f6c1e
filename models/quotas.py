"""Places: counted by the database in one statement, never read first and written later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, true, update
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.office import write_down
from models.tables import Quota, Unit
from workflow import facts
from workflow.guards.places import cap_of
from workflow.programme import Cycle, QuotaTable


@dataclass(frozen=True, slots=True)
class Pool:
    """Whose places: a programme's, in a cycle, of a pool, given by one deciding unit."""

    programme_id: str
    cycle_id: str
    pool: str
    deciding_unit_id: int

    def row(self) -> ColumnElement[bool]:
        """SQL: this pool's row."""
        return and_(
            Quota.programme_id == self.programme_id,
            Quota.cycle_id == self.cycle_id,
            Quota.pool == self.pool,
            Quota.deciding_unit_id == self.deciding_unit_id,
        )


def look(session: Session, pool: Pool, table: QuotaTable, cycle: Cycle) -> facts.Quota:
    """The places as they stand, without touching anything."""
    row = session.execute(select(Quota.base, Quota.cap, Quota.used).where(pool.row())).first()
    if row is None:
        base = base_on(session, cycle.snapshot)
        return facts.Quota(pool.pool, base, cap_of(table, base), 0)
    return facts.Quota(pool.pool, row.base, row.cap, row.used)


def hold(session: Session, pool: Pool, table: QuotaTable, cycle: Cycle) -> facts.Quota:
    """The places as they stand, held until the end of the transaction (IV.2.b).

    The first time, the base is counted on the cycle's snapshot day and the row is made.
    """
    base = base_on(session, cycle.snapshot)
    insert_once(
        session,
        Quota,
        programme_id=pool.programme_id,
        cycle_id=pool.cycle_id,
        pool=pool.pool,
        deciding_unit_id=pool.deciding_unit_id,
        base=base,
        cap=cap_of(table, base),
        used=0,
    )
    row = session.execute(
        select(Quota.base, Quota.cap, Quota.used).where(pool.row()).with_for_update()
    ).one()
    return facts.Quota(pool.pool, row.base, row.cap, row.used)


def consume(session: Session, pool: Pool) -> bool:
    """Take one place; was there one?"""
    taken = session.execute(
        update(Quota)
        .where(pool.row(), or_(Quota.cap.is_(None), Quota.used < Quota.cap))
        .values(used=Quota.used + 1)
        .returning(Quota.used)
    )
    return taken.first() is not None


def release(session: Session, pool: Pool) -> bool:
    """Give one place back; was one taken?"""
    given = session.execute(
        update(Quota)
        .where(pool.row(), Quota.used > 0)
        .values(used=Quota.used - 1)
        .returning(Quota.used)
    )
    return given.first() is not None


def set_cap(session: Session, pool: Pool, cap: int | None, by: int, now: datetime) -> bool:
    """Set a head's own number (IV.2.b); refused below what is used already. Was it set?"""
    done = session.execute(
        update(Quota)
        .where(pool.row(), true() if cap is None else Quota.used <= cap)
        .values(cap=cap)
        .returning(Quota.used)
    ).first()
    if done is not None:
        told = {"pool": pool.pool, "cycle": pool.cycle_id, "cap": cap}
        write_down(session, "set_cap", told, by, now)
    return done is not None


def base_on(session: Session, day: date) -> int:
    """Units in the quota base on `day`, eligible or not (reading Q9)."""
    counted = session.scalar(
        select(func.count())
        .select_from(Unit)
        .where(
            Unit.in_quota_base.is_(True),
            Unit.valid_from <= day,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= day),
        )
    )
    return counted or 0
