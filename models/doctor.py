"""Examining the database: its settings, its schema, its triggers, its rows and its history."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import append_only, auditing, capture, storage
from models.chain import digest
from models.change_sets import outside_count
from models.database import Database, wrong_settings
from models.files import FileStore
from models.invariants import broken_invariants
from models.migrating import current_head, revision_of
from models.rulebooks import rulebook_of
from models.sealing import Checkpoint
from models.tables import Dossier, Quota, RankingSnapshot
from workflow.vocabulary import State


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong: where it was found, and a Vietnamese sentence."""

    check: str
    text: str


def examine(
    database: Database,
    *,
    files: FileStore | None = None,
    kept_outside: Checkpoint | None = None,
) -> list[Complaint]:
    """Run every check; an empty list means healthy. Writes nothing.

    With `files`, every document's file is read and compared with its hash.
    """
    found = [Complaint("settings", text) for text in wrong_settings(database)]
    schema = _schema(database)
    if schema:
        return [*found, *schema]
    with database.reading() as session:
        found += [
            Complaint("triggers", f"Thiếu khóa chống sửa nhật ký: {name}.")
            for name in append_only.missing(session.connection())
        ]
        found += [
            Complaint("triggers", f"Thiếu khóa ghi thay đổi: {name}.")
            for name in capture.missing(session.connection())
        ]
        left = outside_count(session)
        if left:
            text = f"{left} thay đổi ghi thẳng vào cơ sở dữ liệu, ngoài dịch vụ, chưa vào nhật ký."
            found.append(Complaint("outside", text))
        found += [Complaint("invariants", text) for text in broken_invariants(session)]
        found += [Complaint("quotas", text) for text in _quotas(session)]
        found += [Complaint("rankings", text) for text in _rankings(session)]
        found += [
            Complaint("history", fault.text) for fault in auditing.verify(session, kept_outside)
        ]
        if files is not None:
            found += [Complaint("files", text) for text in storage.lost_files(session, files)]
    return found


def _schema(database: Database) -> list[Complaint]:
    there, head = revision_of(database), current_head()
    if there == head:
        return []
    return [Complaint("schema", f"Cơ sở dữ liệu ở bản “{there}”, mã nguồn cần bản “{head}”.")]


def _quotas(session: Session) -> list[str]:
    """Used places are as many as decided dossiers that count against them."""
    found = []
    for quota in session.scalars(select(Quota)):
        counted = sum(
            _pool_of(session, dossier) == quota.pool
            for dossier in session.scalars(
                select(Dossier).where(
                    Dossier.programme_id == quota.programme_id,
                    Dossier.cycle_id == quota.cycle_id,
                    Dossier.deciding_unit_id == quota.deciding_unit_id,
                    Dossier.state == State.DECIDED,
                )
            )
        )
        if counted != quota.used:
            found.append(
                f"Chỉ tiêu {quota.pool} ({quota.cycle_id}) ghi đã dùng {quota.used},"
                f" nhưng có {counted} quyết định."
            )
    return found


def _rankings(session: Session) -> list[str]:
    """Every frozen ranking is what its hash says."""
    return [
        f"Bảng xếp hạng số {one.number} ({one.award_form}, {one.cycle_id}) không khớp mã băm."
        for one in session.scalars(select(RankingSnapshot))
        if digest(one.content) != one.hash
    ]


def _pool_of(session: Session, dossier: Dossier) -> str | None:
    programme = rulebook_of(session, dossier.programme_hash).programme
    award = programme.award_by_id.get(dossier.award_form)
    cycle = programme.cycle_by_id[dossier.cycle_id]
    if award is None or award.quota is None:
        return None
    counts = dossier.subject_kind in award.quota.subjects and cycle.kind in award.quota.cycles
    return award.quota.pool if counts else None
