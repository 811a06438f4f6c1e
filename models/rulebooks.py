"""Programme versions: loaded once, kept whole, and read back by their hash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.office import write_down
from models.report_obligations import ensure_obligations
from models.tables import ProgrammeVersion
from workflow.parsing import load, reopen
from workflow.programme import Programme
from workflow.rulebook import Rulebook


class UnknownProgramme(Exception):
    """No version with this hash, or none in force."""


_CURRENT = select(ProgrammeVersion.content_hash).where(ProgrammeVersion.in_force)
_IN_FORCE = _CURRENT.order_by(ProgrammeVersion.loaded_at.desc(), ProgrammeVersion.programme_id)
_LATEST = _CURRENT.order_by(ProgrammeVersion.loaded_at.desc()).limit(1)
_LATEST_OF = _LATEST.where(ProgrammeVersion.programme_id == bindparam("programme"))

_KNOWN: dict[str, Rulebook] = {}
"""Versions never change, so a parsed one is good for as long as the process lives."""


def rulebook_of(session: Session, content_hash: str) -> Rulebook:
    """The rulebook of one version, parsed once per process. Raises `UnknownProgramme`."""
    known = _KNOWN.get(content_hash)
    if known is not None:
        return known
    version = session.get(ProgrammeVersion, content_hash)
    if version is None:
        raise UnknownProgramme(content_hash)
    rulebook = reopen(version.document, version.source)
    if rulebook.content_hash != content_hash:
        raise UnknownProgramme(f"the stored text of {content_hash[:12]} was changed")
    return _KNOWN.setdefault(content_hash, rulebook)


def rulebook_in_force(session: Session, programme_id: str | None = None) -> Rulebook:
    """The rulebook new registrations begin under; of the only programme when none is named.

    Raises `UnknownProgramme` when nothing is in force.
    """
    if programme_id is None:
        content_hash = session.scalar(_LATEST)
    else:
        content_hash = session.scalar(_LATEST_OF, {"programme": programme_id})
    if content_hash is None:
        raise UnknownProgramme(programme_id or "")
    return rulebook_of(session, content_hash)


def rulebooks_in_force(session: Session) -> list[Rulebook]:
    """What new registrations begin under, one a programme, the one loaded last first."""
    hashes = session.scalars(_IN_FORCE).all()
    return [rulebook_of(session, each) for each in hashes]


def programme_with_cycle(
    session: Session, cycle_id: str, programme_id: str | None = None
) -> Programme | None:
    """The programme in force that has this cycle (and this name); None when there is none.

    Names of cycles are the programmes' own: two may use the same one.
    """
    for rulebook in rulebooks_in_force(session):
        programme = rulebook.programme
        if cycle_id in programme.cycle_by_id and programme_id in {None, programme.id}:
            return programme
    return None


def load_programme(
    session: Session, text: str, source: str, by: int | None, now: datetime
) -> Rulebook:
    """Store a version and put it in force; dossiers already begun stay with theirs.

    Units get the reports it says they owe by now.

    Loading the same version again changes nothing but which one is in force. Raises
    `workflow.parsing.UnsoundProgramme` with every flaw.
    """
    rulebook = load(text, source)
    programme = rulebook.programme
    session.execute(
        update(ProgrammeVersion)
        .where(
            ProgrammeVersion.programme_id == programme.id,
            ProgrammeVersion.content_hash != rulebook.content_hash,
        )
        .values(in_force=False)
    )
    made = insert_once(
        session,
        ProgrammeVersion,
        content_hash=rulebook.content_hash,
        programme_id=programme.id,
        version=programme.version,
        title=programme.title,
        document=text,
        source=source,
        loaded_at=now,
        loaded_by=by,
        in_force=True,
    )
    if made:
        told = {
            "programme": programme.id,
            "version": programme.version,
            "content_hash": rulebook.content_hash,
        }
        write_down(session, "load_programme", told, by, now)
    else:
        session.execute(
            update(ProgrammeVersion)
            .where(ProgrammeVersion.content_hash == rulebook.content_hash)
            .values(in_force=True)
        )
    ensure_obligations(session, rulebook, now)
    return rulebook
