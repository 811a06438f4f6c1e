"""What the pages of a session show beside it: published figures, the quota, its own history."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import quotas
from models.council_changes import stream_of
from models.quotas import Pool
from models.tables import CouncilSession, Document, Dossier, HistoryLine, IndexScore
from workflow.councils.sitting import Sitting
from workflow.programme import Programme
from workflow.vocabulary import DocumentKind, IndexKind, ScoreKind, SessionKind, SubjectKind
from workflow.words import percent, phrase

QUOTED = 160


@dataclass(frozen=True, slots=True)
class Figures:
    """What a ballot shows of one dossier; empty where nothing is published."""

    par: str = ""
    sipas: str = ""
    share: int = 0
    quote: str = ""


def figures_of(session: Session, sitting: Sitting, year: int) -> dict[int, Figures]:
    """Published indices of each dossier's unit and the first words of its report, by item."""
    units = {item.unit_id for item in sitting.items}
    scores: dict[tuple[int, IndexKind], Decimal] = {}
    for unit_id, index, value in session.execute(
        select(IndexScore.unit_id, IndexScore.index_kind, IndexScore.value).where(
            IndexScore.unit_id.in_(units),
            IndexScore.year == year,
            IndexScore.kind == ScoreKind.PUBLISHED,
        )
    ):
        scores[unit_id, index] = value
    rows = session.execute(
        select(Dossier.id, Dossier.achievements_text).where(
            Dossier.id.in_([item.dossier_id for item in sitting.items])
        )
    )
    told = {dossier_id: text for dossier_id, text in rows}  # noqa: C416 - rows, made plain
    found = {}
    for item in sitting.items:
        par, sipas = (
            scores.get((item.unit_id, IndexKind.PAR)),
            scores.get((item.unit_id, IndexKind.SIPAS)),
        )
        found[item.id] = Figures(
            par=_comma(par),
            sipas=f"{_comma(sipas)}%" if sipas is not None else "",
            share=int(par) if par is not None else 0,
            quote=_first_words(told.get(item.dossier_id, "")),
        )
    return found


def papers_of_items(
    session: Session, sitting: Sitting
) -> dict[int, list[tuple[int, DocumentKind]]]:
    """Ids and kinds of the current papers of each dossier, by item, in the order of the kinds."""
    owner = {paper: item.id for item in sitting.items for paper in item.papers}
    found: dict[int, list[tuple[int, DocumentKind]]] = {item.id: [] for item in sitting.items}
    rows = session.execute(select(Document.id, Document.kind).where(Document.id.in_(owner)))
    order = list(DocumentKind)
    for row in sorted(rows, key=lambda one: (order.index(one.kind), one.id)):
        found[owner[row.id]].append((row.id, row.kind))
    return found


def quota_line(
    session: Session, row: CouncilSession, programme: Programme
) -> dict[str, Any] | None:
    """The places the provincial council ranks for, with their arithmetic; None without a cap."""
    if row.kind is not SessionKind.PROVINCIAL_RANKING:
        return None
    cycle = programme.cycle_by_id[row.cycle_id]
    for award in programme.awards:
        table = award.quota
        if (
            table is None
            or cycle.kind not in award.provincial_ranking
            or cycle.kind not in table.cycles
            or SubjectKind.COLLECTIVE not in table.subjects
        ):
            continue
        pool = Pool(programme.id, cycle.id, table.pool, row.unit_id)
        quota = quotas.look(session, pool, table, cycle)
        if quota.cap is None:
            return None
        how = phrase("Tối đa {cap}.", cap=quota.cap)
        if table.percent is not None and quota.base is not None:
            how = phrase(
                "{percent}% × {base} = {cap}.",
                percent=percent(table.percent),
                base=quota.base,
                cap=quota.cap,
            )
        return {
            "cap": quota.cap,
            "how": how,
            "ref": phrase("Mục {clause}", clause=table.clause),
            "href": f"/van-ban#muc-{table.clause}",
        }
    return None


def lines_of(session: Session, session_id: int) -> list[HistoryLine]:
    """The session's own history, oldest first; it never tells votes before the end."""
    return list(
        session.scalars(
            select(HistoryLine)
            .where(HistoryLine.stream == stream_of(session_id))
            .order_by(HistoryLine.seq)
        )
    )


def _comma(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.2f}".replace(".", ",")


def _first_words(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= QUOTED else plain[:QUOTED].rsplit(" ", 1)[0] + "…"
