"""The audit chain as a list: who did what, when, in which role, to which dossier.

Only for those who read everything (administrators and auditors); what a line tells besides stays
in the record, where the pages of each thing show it under their own rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.folding import search_key
from models.history import dossier_stream, registration_stream, report_stream
from models.tables import Dossier, HistoryLine, Person, Registration, Report

PAGE: Final = 100
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class AuditWanted:
    """What the log is narrowed to: instants from `first` up to but not `last`; empty means any."""

    first: datetime
    last: datetime
    person: str = ""
    code: str = ""
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the chain, with the code of what it is about; empty for the office itself."""

    line: HistoryLine
    code: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some lines, the newest first; `older` is where the next page begins, None at the end.

    Pages go on from a line and not from a number of lines: what is written meanwhile moves nothing.
    """

    lines: list[AuditLine]
    total: int
    older: int | None


def audit_page(session: Session, wanted: AuditWanted, before: int | None = None) -> AuditPage:
    """The lines that are older than line number `before`, or the newest."""
    conditions = _conditions(session, wanted)
    total = session.scalar(select(func.count()).select_from(HistoryLine).where(*conditions)) or 0
    beyond = [HistoryLine.id < before] if before is not None else []
    query = select(HistoryLine).where(*conditions, *beyond).order_by(HistoryLine.id.desc())
    lines = session.scalars(query.limit(PAGE + 1)).all()
    older = lines[PAGE - 1].id if len(lines) > PAGE else None
    return AuditPage(_with_codes(session, lines[:PAGE]), total, older)


def audit_line(session: Session, number: int) -> AuditLine | None:
    """One line by its number."""
    line = session.get(HistoryLine, number)
    return _with_codes(session, [line])[0] if line else None


def every_audit_line(session: Session, wanted: AuditWanted) -> Iterator[AuditLine]:
    """All lines, the newest first; fetched while they are used."""
    conditions = _conditions(session, wanted)
    beyond: list[ColumnElement[bool]] = []
    while True:
        query = select(HistoryLine).where(*conditions, *beyond).order_by(HistoryLine.id.desc())
        lines = session.scalars(query.limit(BATCH)).all()
        if not lines:
            return
        beyond = [HistoryLine.id < lines[-1].id]
        yield from _with_codes(session, lines)
        session.expunge_all()


def _conditions(session: Session, wanted: AuditWanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        HistoryLine.at >= wanted.first,
        HistoryLine.at < wanted.last,
    ]
    if wanted.person:
        folded = Person.search_key.contains(search_key(wanted.person), autoescape=True)
        found.append(HistoryLine.actor_id.in_(select(Person.id).where(folded)))
    if wanted.code:
        found.append(HistoryLine.stream.in_(_streams(session, wanted.code.upper())))
    if wanted.actions:
        found.append(HistoryLine.action.in_(wanted.actions))
    return found


def _streams(session: Session, code: str) -> list[str]:
    """The streams a code names: a dossier's with its registration's, or a registration's alone."""
    dossier = session.scalar(select(Dossier).where(Dossier.code == code))
    if dossier is not None:
        return [dossier_stream(dossier.id), registration_stream(dossier.registration_id)]
    registration = session.scalar(select(Registration.id).where(Registration.code == code))
    return [registration_stream(registration)] if registration is not None else []


def _with_codes(session: Session, lines: Sequence[HistoryLine]) -> list[AuditLine]:
    codes: dict[str, str] = {}
    for table, name in ((Dossier, dossier_stream), (Registration, registration_stream)):
        rows = session.execute(select(table.id, table.code).where(table.id.in_(_ids(lines, name))))
        codes |= {name(number): code for number, code in rows}
    reports = session.scalars(select(Report).where(Report.id.in_(_ids(lines, report_stream))))
    codes |= {report_stream(one.id): one.code for one in reports}
    return [AuditLine(one, codes.get(one.stream, "")) for one in lines]


def _ids(lines: Sequence[HistoryLine], name: Callable[[int], str]) -> set[int]:
    """The ids of the things whose streams these lines stand in."""
    prefix = name(0).removesuffix("0")
    return {int(one.stream.removeprefix(prefix)) for one in lines if one.stream.startswith(prefix)}
