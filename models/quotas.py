"""Places: counted by the database in one statement, never read first and written later.

`quota` holds the sums and the CHECK; `place_movement` holds every change of them, and is only
ever added to. Both are written in the transaction of the step that moves a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.office import write_down
from models.rows import AnyRow, rows, scalar
from models.tables import PlaceMovement, Quota, Unit
from models.words import PlaceMove
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

    def row(self, of: type[Quota | PlaceMovement] = Quota) -> ColumnElement[bool]:
        """SQL: this pool's row, or its movements."""
        return and_(
            of.programme_id == self.programme_id,
            of.cycle_id == self.cycle_id,
            of.pool == self.pool,
            of.deciding_unit_id == self.deciding_unit_id,
        )

    def key(self) -> dict[str, Any]:
        """The columns that name this pool."""
        return {
            "programme_id": self.programme_id,
            "cycle_id": self.cycle_id,
            "pool": self.pool,
            "deciding_unit_id": self.deciding_unit_id,
        }

    def named(self) -> dict[str, Any]:
        """The same for the statements below; a column's own name would mean to set it."""
        return {f"of_{name}": value for name, value in self.key().items()}


@dataclass(frozen=True, slots=True)
class Mover:
    """For whom a place moves: the dossier, its decision if there is one, who did it, when."""

    dossier_id: int
    by: int | None
    at: datetime
    decision_id: int | None = None


def look(
    session: Session, pool: Pool, table: QuotaTable, cycle: Cycle, dossier_id: int | None = None
) -> facts.Quota:
    """The places as they stand, without touching anything."""
    row = rows(session, _STANDING, {**pool.named(), "dossier": dossier_id or 0}).first()
    if row is None:
        base = base_of(session, table, cycle)
        return facts.Quota(pool.pool, base, cap_of(table, base), 0)
    return _stated(pool, row)


def hold(
    session: Session, pool: Pool, table: QuotaTable, cycle: Cycle, dossier_id: int | None = None
) -> facts.Quota:
    """The places as they stand, held until the end of the transaction (IV.2.b).

    The first time, the base is counted on the cycle's snapshot day and the row is made.
    """
    ensure(session, pool, table, cycle)
    asked = {**pool.named(), "dossier": dossier_id or 0}
    return _stated(pool, rows(session, _HELD_STANDING, asked).one())


def ensure(session: Session, pool: Pool, table: QuotaTable, cycle: Cycle) -> None:
    """Make the pool's row unless it is there; its base is what was counted then."""
    base = base_of(session, table, cycle)
    first = {"base": base, "cap": cap_of(table, base), "used": 0, "reserved": 0}
    insert_once(session, Quota, **pool.key(), **first)


def reserve(session: Session, pool: Pool, mover: Mover) -> bool:
    """Keep one place for a prepared decision; was there one?"""
    if _held(session, mover.dossier_id) != (0, 0):
        return False
    return _move(session, pool, mover, PlaceMove.RESERVE, reserved=1)


def consume(session: Session, pool: Pool, mover: Mover) -> bool:
    """Take one place, the one kept for this dossier if there is one; was there one?"""
    used, reserved = _held(session, mover.dossier_id)
    if used:
        return False
    return _move(session, pool, mover, PlaceMove.CONSUME, used=1, reserved=-reserved)


def release(session: Session, pool: Pool, mover: Mover) -> bool:
    """Give back the place this dossier holds, taken or kept; was there one?"""
    used, reserved = _held(session, mover.dossier_id)
    if not used and not reserved:
        return False
    return _move(session, pool, mover, PlaceMove.RELEASE, used=-used, reserved=-reserved)


def set_cap(
    session: Session, pool: Pool, cap: int | None, by: int, now: datetime, reason: str = ""
) -> bool:
    """Set the number of places; refused below what is taken and kept already. Was it set?

    The pool's row is made when it is missing. Who may set a cap is for the caller to ask
    (`models.caps`).
    """
    insert_once(session, Quota, **pool.key(), base=None, cap=None, used=0, reserved=0)
    room = true() if cap is None else Quota.used + Quota.reserved <= cap
    before = session.scalars(select(Quota.cap).where(pool.row()).with_for_update()).one()
    done = session.execute(
        update(Quota).where(pool.row(), room).values(cap=cap).returning(Quota.used)
    ).first()
    if done is not None:
        told = {**pool.key(), "cap": cap, "before": before, "reason": reason}
        write_down(session, "set_cap", told, by, now)
    return done is not None


def base_of(session: Session, table: QuotaTable, cycle: Cycle) -> int | None:
    """Units in the quota base on the cycle's snapshot day; None where no share is taken."""
    return base_on(session, cycle.snapshot) if table.percent is not None else None


def base_on(session: Session, day: date) -> int:
    """Units in the quota base on `day`, eligible or not (reading Q9)."""
    return scalar(session, _IN_BASE, {"day": day}) or 0


def _stated(pool: Pool, row: AnyRow) -> facts.Quota:
    return facts.Quota(pool.pool, row.base, row.cap, row.used, row.reserved, held=row.own > 0)


def _held(session: Session, dossier_id: int) -> tuple[int, int]:
    """Places the dossier has taken, and has kept for it: none or one of either."""
    used, reserved = rows(session, _SUMS, {"dossier": dossier_id}).one()
    return used or 0, reserved or 0


def _move(
    session: Session,
    pool: Pool,
    mover: Mover,
    kind: PlaceMove,
    *,
    used: int = 0,
    reserved: int = 0,
) -> bool:
    """Change the sums and write the movement down, if there is room for it."""
    change = {"more_used": used, "more_reserved": reserved}
    statement = _TAKE if used + reserved > 0 else _GIVE_BACK
    if rows(session, statement, {**pool.named(), **change}).first() is None:
        return False
    movement = {
        **pool.key(),
        "dossier_id": mover.dossier_id,
        "decision_id": mover.decision_id,
        "kind": kind,
        "used": used,
        "reserved": reserved,
        "by_id": mover.by,
        "at": mover.at,
    }
    rows(session, _MOVEMENT, movement)
    return True


# --- Statements ---------------------------------------------------------------------------------
# Built once: building one anew takes longer than the database does to answer it.


def _here(of: type[Quota | PlaceMovement]) -> ColumnElement[bool]:
    return and_(
        of.programme_id == bindparam("of_programme_id"),
        of.cycle_id == bindparam("of_cycle_id"),
        of.pool == bindparam("of_pool"),
        of.deciding_unit_id == bindparam("of_deciding_unit_id"),
    )


_DAY: BindParameter[date] = bindparam("day")
_MORE_USED: BindParameter[int] = bindparam("more_used")
_MORE_RESERVED: BindParameter[int] = bindparam("more_reserved")
_OWN = (
    select(func.coalesce(func.sum(PlaceMovement.reserved), 0))
    .where(_here(PlaceMovement), PlaceMovement.dossier_id == bindparam("dossier"))
    .scalar_subquery()
)
_STANDING = select(Quota.base, Quota.cap, Quota.used, Quota.reserved, _OWN.label("own")).where(
    _here(Quota)
)
_HELD_STANDING = _STANDING.with_for_update(of=Quota)
_IN_BASE = (
    select(func.count())
    .select_from(Unit)
    .where(
        Unit.in_quota_base.is_(True),
        Unit.valid_from <= _DAY,
        or_(Unit.valid_to.is_(None), Unit.valid_to >= _DAY),
    )
)
_SUMS = select(func.sum(PlaceMovement.used), func.sum(PlaceMovement.reserved)).where(
    PlaceMovement.dossier_id == bindparam("dossier")
)
_GIVE_BACK = (
    update(Quota)
    .where(_here(Quota))
    .values(used=Quota.used + _MORE_USED, reserved=Quota.reserved + _MORE_RESERVED)
    .returning(Quota.used)
)
_TAKE = _GIVE_BACK.where(
    or_(
        Quota.cap.is_(None),
        Quota.used + Quota.reserved + _MORE_USED + _MORE_RESERVED <= Quota.cap,
    )
)
_MOVEMENT = insert(PlaceMovement)
