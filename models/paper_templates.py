"""Templates of papers as offices have changed them: kept for good, one at a time in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.files import StoredFile
from models.office import write_down
from models.tables import PaperTemplate, Person
from workflow.ports import NotFound


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """One version with who brought it."""

    template: PaperTemplate
    by: str


def current_template(session: Session, kind: str) -> PaperTemplate | None:
    """The changed template in use; None while the one that came with the service is."""
    return session.scalar(
        select(PaperTemplate).where(PaperTemplate.kind == kind, PaperTemplate.current)
    )


def current_versions(session: Session) -> dict[str, TemplateLine]:
    """The changed templates in use, by kind."""
    return {line.template.kind: line for line in _lines(session) if line.template.current}


def template_lines(session: Session, kind: str) -> list[TemplateLine]:
    """All changed versions of one kind, newest first."""
    return [line for line in _lines(session) if line.template.kind == kind]


def template_version(session: Session, kind: str, version: int) -> PaperTemplate:
    """One version. Raises `NotFound`."""
    row = session.scalar(
        select(PaperTemplate).where(PaperTemplate.kind == kind, PaperTemplate.version == version)
    )
    if row is None:
        raise NotFound(kind)
    return row


def add_template(
    session: Session, kind: str, file: StoredFile, note: str, by: int, now: datetime
) -> int:
    """Keep a new version; it is not in use yet. Returns its number."""
    last = session.scalars(
        select(func.coalesce(func.max(PaperTemplate.version), 0)).where(PaperTemplate.kind == kind)
    ).one()
    session.add(
        PaperTemplate(
            kind=kind,
            version=last + 1,
            file_name=file.file_name,
            size=file.size,
            sha256=file.sha256,
            note=note,
            uploaded_by=by,
            uploaded_at=now,
        )
    )
    session.flush()
    told = {"kind": kind, "version": last + 1, "sha256": file.sha256, "note": note}
    write_down(session, "add_template", told, by, now)
    return last + 1


def use_template(session: Session, kind: str, version: int | None, by: int, now: datetime) -> None:
    """Put a version in use, or with None the one that came. Raises `NotFound`."""
    chosen = template_version(session, kind, version) if version is not None else None
    was = current_template(session, kind)
    session.execute(
        update(PaperTemplate)
        .where(PaperTemplate.kind == kind, PaperTemplate.current)
        .values(current=False)
    )
    if chosen is not None:
        session.execute(
            update(PaperTemplate).where(PaperTemplate.id == chosen.id).values(current=True)
        )
    told = {"kind": kind, "version": version, "was": was.version if was else None}
    write_down(session, "use_template", told, by, now)


def _lines(session: Session) -> list[TemplateLine]:
    rows = session.execute(
        select(PaperTemplate, Person.full_name)
        .join(Person, Person.id == PaperTemplate.uploaded_by)
        .order_by(PaperTemplate.kind, PaperTemplate.version.desc())
    )
    return [TemplateLine(*row) for row in rows]
