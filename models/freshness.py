"""Whether what was read a moment ago still stands, at the price of two small statements.

Every change that counts for reminders grows a number that is never taken back and that only one
writer at a time can grow: the version of its dossier, or the count of the office's stream
(appointments, accounts, milestones, calendar, scores, notices). Changes of registrations and
reports are told by the newest line of the whole history.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.history import OFFICE
from models.tables import Dossier, HistoryLine, HistoryStream


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far everything had come when it was read."""

    office: int
    newest_line: int
    versions: Mapping[int, int]


def freshness_of(session: Session, dossiers: Collection[int]) -> Freshness:
    """How far the office and these dossiers have come. Ask before reading what rests on it."""
    office, newest = session.execute(
        select(
            select(func.coalesce(func.max(HistoryStream.count), 0))
            .where(HistoryStream.stream == OFFICE)
            .scalar_subquery(),
            select(func.coalesce(func.max(HistoryLine.id), 0)).scalar_subquery(),
        )
    ).one()
    versions: dict[int, int] = {}
    if dossiers:
        rows = session.execute(select(Dossier.id, Dossier.version).where(Dossier.id.in_(dossiers)))
        versions = {dossier: version for dossier, version in rows}  # noqa: C416
    return Freshness(office, newest, versions)


def changed_since(
    session: Session, then: Freshness, dossiers: Collection[int], *, others: bool
) -> bool:
    """Has something changed that these dossiers rest on; with `others`, or anything at all?"""
    now = freshness_of(session, dossiers)
    if now.office != then.office or (others and now.newest_line != then.newest_line):
        return True
    return any(then.versions.get(one) != version for one, version in now.versions.items())
