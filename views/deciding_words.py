"""A list and its decision as words: who, which places, why somebody is left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from models import rankings
from models.decision_lists import Considered
from models.rankings import Snapshot
from models.tables import Dossier, Unit
from views import formats, labels, quota_card, ranking_words, side_by_side
from views.formats import _, joined
from workflow.programme import AwardForm, Programme, QuotaTable
from workflow.ranking import Inside
from workflow.verdicts import Refusal, Result
from workflow.vocabulary import SigningCapacity, SubjectKind
from workflow.words import phrase

WHEN = [
    {"value": "sau", "label": phrase("Công bố sau, trên trang của quyết định")},
    {"value": "ngay", "label": phrase("Công bố ngay: thư gửi đi, kết quả lên trang công khai")},
]


def capacities() -> list[dict[str, str]]:
    """In which one person may sign; on behalf of a body nobody signs alone."""
    return labels.options(
        labels.CAPACITY, (one for one in SigningCapacity if one is not SigningCapacity.TM)
    )


def who(dossier: Dossier) -> dict[str, Any]:
    """One dossier on a list."""
    return {
        "id": dossier.id,
        "code": dossier.code,
        "name": dossier.subject_name,
        "version": dossier.version,
        "url": url_for("dossiers.show", code=dossier.code),
    }


def left_out(found: Considered) -> dict[str, Any]:
    """Somebody who may not be decided for now, with every reason and clause."""
    return {**who(found.dossier), "why": [reason(one) for one in found.why]}


def reason(one: Result | Refusal) -> dict[str, str]:
    """One reason: what was found, how to mend it, by which clause."""
    if isinstance(one, Refusal):
        remedy = formats.sentence(one.remedy) if one.remedy else ""
        return {
            "text": _("{text} {remedy}", text=formats.sentence(one.text), remedy=remedy).strip(),
            "ref": "",
            "href": "",
        }
    seen = joined((formats.sentence(piece.text) for piece in one.finding.evidence), " ")
    remedy = formats.sentence(one.finding.remedy) if one.finding.remedy else ""
    return {
        "text": _("{title}: {seen} {remedy}", title=one.title, seen=seen, remedy=remedy).strip(),
        "ref": labels.clause_text(one.clause),
        "href": labels.clause_url(one.clause),
    }


def counted(dossiers: Iterable[Dossier]) -> str:
    """6 tập thể, 2 cá nhân."""
    kinds = [one.subject_kind for one in dossiers]
    words = ((SubjectKind.COLLECTIVE, _("tập thể")), (SubjectKind.INDIVIDUAL, _("cá nhân")))
    told = [
        _("{count} {word}", count=kinds.count(kind), word=word)
        for kind, word in words
        if kind in kinds
    ]
    return joined(told) or _("0 hồ sơ")


def places(found: list[Considered], table: QuotaTable | None) -> dict[str, Any] | None:
    """The places before and after deciding for these: the kept ones become taken ones."""
    quota = next((one.judgement.facts.quota for one in found if one.judgement.facts.quota), None)
    if quota is None or table is None:
        return None
    more = sum(one.judgement.facts.quota is not None for one in found)
    of = f"/{quota.cap}" if quota.cap is not None else ""
    return {
        "card": quota_card.card(quota, table),
        "before": f"{quota.used}{of}",
        "after": f"{quota.used + more}{of}",
    }


def ranking_of(
    session: Session, programme: Programme, cycle_id: str, award: AwardForm, unit_id: int
) -> tuple[Snapshot | None, str]:
    """The newest ranking of these dossiers, and its address; none where nothing is ranked."""
    unit = session.get(Unit, unit_id)
    if unit is None or award.quota is None:
        return None, ""
    contest = rankings.contest_at(session, cycle_id, award.id, unit.code, programme.id)
    if contest is None:
        return None, ""
    where: dict[str, Any] = {"cycle_id": cycle_id, "award_id": award.id, "unit": unit.code}
    address = url_for("ranking.show", **where, **side_by_side.address(programme))
    return rankings.latest(session, contest), address


def top_of(snapshot: Snapshot | None) -> frozenset[str]:
    """Codes inside the line of the newest ranking."""
    rows = snapshot.standing.rows if snapshot and snapshot.content.places is not None else ()
    return frozenset(row.code for row in rows if row.inside is Inside.IN)


def places_in(snapshot: Snapshot | None) -> dict[str, str]:
    """The place of each dossier in the newest ranking, as words."""
    rows = snapshot.standing.rows if snapshot else ()
    return {row.code: ranking_words.place(row, snapshot) for row in rows} if snapshot else {}
