"""A table on its way into the record: kept at the dry run, read again at every look, done once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session, defer

from models.file_checks import display_name
from models.importing import Asked, Effect, Plan
from models.importing_kinds import KINDS, Kind
from models.office import write_down
from models.tables import ImportRun
from workflow.ports import NotFound

LISTED: Final = 20
MOST_TOLD: Final = 500
"""So many lines with before and after are written into the audit chain."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as it was brought."""

    name: str
    content: bytes


@dataclass
class Overtaken(Exception):
    """The record has changed since the dry run: `plan` is what the table would do now."""

    plan: Plan[Any]


@dataclass
class Faulty(Exception):
    """The table has faults: nothing of it is done."""

    plan: Plan[Any]


def look(
    session: Session, kind: Kind, brought: Brought, options: Mapping[str, str], asked: Asked
) -> Plan[Any]:
    """What a table would do, before it is kept. Raises `Unreadable` when it is no such table."""
    return kind.read(session, brought.content, replace(asked, options=options))


def bring(
    session: Session, kind: Kind, brought: Brought, options: Mapping[str, str], asked: Asked
) -> int:
    """Keep a table that was looked at, for its dry run; returns its number.

    What the same person brought of this kind and never finished is dropped.
    """
    session.execute(
        delete(ImportRun).where(
            ImportRun.brought_by == asked.by,
            ImportRun.kind == kind.name,
            ImportRun.done_at.is_(None),
        )
    )
    return session.execute(
        insert(ImportRun)
        .values(
            kind=kind.name,
            options=dict(options),
            file_name=display_name(brought.name),
            size=len(brought.content),
            sha256=hashlib.sha256(brought.content).hexdigest(),
            content=brought.content,
            brought_by=asked.by,
            brought_at=asked.now,
        )
        .returning(ImportRun.id)
    ).scalar_one()


def run_of(session: Session, number: int, person_id: int, *, hold: bool = False) -> ImportRun:
    """A run of this person. Raises `NotFound` when there is none."""
    query = select(ImportRun).where(ImportRun.id == number, ImportRun.brought_by == person_id)
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None or found.kind not in KINDS:
        raise NotFound(str(number))
    return found


def runs_of(session: Session, person_id: int, kind: str) -> list[ImportRun]:
    """The last runs of this person and kind, the newest first, without their content."""
    return list(
        session.scalars(
            select(ImportRun)
            .where(ImportRun.brought_by == person_id, ImportRun.kind == kind)
            .options(defer(ImportRun.content, raiseload=True))
            .order_by(ImportRun.id.desc())
            .limit(LISTED)
        )
    )


def plan_of(session: Session, run: ImportRun, asked: Asked) -> Plan[Any]:
    """What the table of a run would do as the record stands. Raises `Unreadable`."""
    return KINDS[run.kind].read(session, run.content, replace(asked, options=run.options))


def carry_out(session: Session, number: int, shown: str, asked: Asked) -> ImportRun:
    """Do what the person was shown, in the caller's transaction; once, however often it is asked.

    `shown` is the digest of the plan on the page. Raises `Overtaken` when the table would now do
    something else, `Faulty` when it has faults, `NotFound` when the run is not this person's.
    """
    run = run_of(session, number, asked.by or 0, hold=True)
    if run.done_at is not None:
        return run
    plan = plan_of(session, run, replace(asked, hold=True))
    if plan.errors:
        raise Faulty(plan)
    if plan.digest != shown:
        raise Overtaken(plan)
    changed = KINDS[run.kind].apply(session, plan, asked.by, asked.now)
    session.execute(
        update(ImportRun)
        .where(ImportRun.id == run.id)
        .values(done_at=asked.now, changed=changed)
        .execution_options(synchronize_session=False)
    )
    told = {"run": run.id, "kind": run.kind, "file": run.file_name, "sha256": run.sha256}
    told |= {"changed": changed, "digest": plan.digest, "changes": _told(plan)}
    write_down(session, "import_done", told, asked.by, asked.now)
    session.refresh(run, ["done_at", "changed"])
    return run


def _told(plan: Plan[Any]) -> list[list[Any]]:
    """The first changes of a plan for the chain; the digest stands for all of them."""
    moved = [one for one in plan.differences if one.effect is not Effect.SAME]
    return [
        [one.line, one.about, *([each.label, each.before, each.after] for each in one.fields)]
        for one in moved[:MOST_TOLD]
    ]


def drop(session: Session, number: int, person_id: int) -> None:
    """Forget a run that was not done. Raises `NotFound`."""
    run = run_of(session, number, person_id, hold=True)
    if run.done_at is None:
        session.delete(run)
        session.flush()
