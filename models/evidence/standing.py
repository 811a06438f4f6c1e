"""The dossier itself in a bundle: as it stands, its papers, what councils said, its decision.

Figures, days and instants of what people put in carry the tags of `models.evaluations.to_json`,
so that they can be compared with the history letter for letter.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.evaluations import to_json
from models.gathering import marks_of
from models.queries_history import Paper, papers_of
from models.tables import (
    AgendaItem,
    Approval,
    CouncilResult,
    CouncilSession,
    Decision,
    Dossier,
    Initiative,
    Person,
    RankingResult,
    Registration,
    Unit,
)
from workflow.vocabulary import SessionState

_LONGEST_ENDING: Final = 5
_FIGURES: Final = (
    *("held_on", "members", "present", "votes_for", "votes_against", "votes_blank"),
    *("method", "recused"),
)
_RANKED: Final = (*_FIGURES, "mean_rank", "place", "tied")
_ON_AGENDA: Final = (
    *("votes_for", "votes_against", "votes_other", "recused", "unconfirmed", "silent"),
    *("approved", "mean_rank", "rank_place", "tied"),
)
_WRITTEN: Final = (
    *("kind", "version", "file_name", "content_type", "size", "sha256", "number", "dated"),
    *("signer", "confirmed", "current", "uploaded_at"),
)
_INITIATIVE: Final = (
    *("id", "title", "recognised_by", "recognition_number", "recognised_on", "applied"),
    "used_before_in",
)
_REGISTERED: Final = ("code", "number", "registered_on", "sent_at", "acknowledged_at", "status")
_DECIDED: Final = ("number", "dated", "signer", "capacity")
_TEXTS: Final = ("profile_text", "achievements_text", "prior_awards_text")


def standing(session: Session, dossier: Dossier) -> dict[str, Any]:
    """The dossier as it stands, with everything the history says of it too."""
    awarding = session.get(Decision, dossier.decision_id) if dossier.decision_id else None
    revoking = session.get(Decision, dossier.revocation_id) if dossier.revocation_id else None
    (marks,) = marks_of(session, [dossier.id]).values()
    return {
        "code": dossier.code,
        "subject": dossier.subject_name,
        "subject_kind": dossier.subject_kind,
        "unit": _unit(session, dossier.unit_id),
        "proposing_unit": _unit(session, dossier.proposing_unit_id),
        "deciding_unit": _unit(session, dossier.deciding_unit_id),
        "programme": dossier.programme_id,
        "programme_hash": dossier.programme_hash,
        "cycle": dossier.cycle_id,
        "award_form": dossier.award_form,
        "state": dossier.state,
        "version": dossier.version,
        "entered_state_at": dossier.entered_state_at,
        "registration": _registration(session, dossier.registration_id),
        "documents": [_document(paper) for paper in in_order(session, dossier)],
        "initiatives": _initiatives(session, dossier.id),
        "report": {name: getattr(dossier, name) for name in _TEXTS},
        "marks": {mark.code: [mark.outcome, mark.note] for mark in marks},
        "approvals": _approvals(session, dossier.id),
        "council_results": _council_results(session, dossier.id),
        "ranking_results": _ranking_results(session, dossier.id),
        "decision": _paper(awarding),
        "revocation": [*(_paper(revoking) or ()), revoking.ground] if revoking else None,
        "published_at": awarding.published_at if awarding else None,
    }


def decision_numbers(session: Session, dossier: Dossier) -> set[str]:
    """The numbers of its decisions as they stand."""
    ids = [one for one in (dossier.decision_id, dossier.revocation_id) if one is not None]
    return set(session.scalars(select(Decision.number).where(Decision.id.in_(ids))))


def votes(session: Session, dossier: Dossier) -> list[dict[str, Any]]:
    """What closed sessions resolved of the dossier: figures as they were told, no single vote."""
    rows = session.execute(
        select(AgendaItem, CouncilSession, Unit.name)
        .join(CouncilSession, CouncilSession.id == AgendaItem.session_id)
        .join(Unit, Unit.id == CouncilSession.unit_id)
        .where(AgendaItem.dossier_id == dossier.id, CouncilSession.state == SessionState.CLOSED)
        .order_by(CouncilSession.held_at, CouncilSession.id)
    )
    return [
        {
            "session": held.code,
            "kind": held.kind,
            "unit": unit,
            "held_at": held.held_at,
            "method": held.method,
            **{name: getattr(item, name) for name in _ON_AGENDA},
        }
        for item, held, unit in rows
    ]


def in_order(session: Session, dossier: Dossier) -> list[Paper]:
    """All versions of all papers, by kind, oldest first."""
    papers = papers_of(session, dossier.id)
    return sorted(papers, key=lambda one: (one.document.kind.value, one.document.version))


def path_of(paper: Paper) -> str:
    """Where a paper lies in the bundle: plain letters only, whatever its file is called."""
    document = paper.document
    ending = PurePosixPath(document.file_name).suffix.lower()
    plain = ending[1:].isascii() and ending[1:].isalnum() and len(ending) <= _LONGEST_ENDING
    return f"documents/{document.kind.value}-{document.version}{ending if plain else ''}"


def _document(paper: Paper) -> dict[str, Any]:
    told = {name: getattr(paper.document, name) for name in _WRITTEN}
    return {"path": path_of(paper), **told, "uploaded_by": paper.by}


def _unit(session: Session, unit_id: int | None) -> str:
    return session.scalar(select(Unit.name).where(Unit.id == unit_id)) or ""


def _registration(session: Session, registration_id: int) -> dict[str, Any]:
    row, superior = session.execute(
        select(Registration, Unit.name)
        .join(Unit, Unit.id == Registration.superior_unit_id)
        .where(Registration.id == registration_id)
    ).one()
    return {**{name: getattr(row, name) for name in _REGISTERED}, "superior": superior}


def _initiatives(session: Session, dossier_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Initiative).where(Initiative.dossier_id == dossier_id).order_by(Initiative.id)
    )
    return [{name: getattr(row, name) for name in _INITIATIVE} for row in rows]


def _approvals(session: Session, dossier_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Approval, Person.full_name)
        .join(Person, Person.id == Approval.by_id)
        .where(Approval.dossier_id == dossier_id)
        .order_by(Approval.id)
    )
    return [
        {"gave": row.gave, "at": row.at, "by": by, "standing": row.standing} for row, by in rows
    ]


def _council_results(session: Session, dossier_id: int) -> list[Any]:
    rows = session.scalars(
        select(CouncilResult)
        .where(CouncilResult.dossier_id == dossier_id)
        .order_by(CouncilResult.round)
    )
    return [{name: to_json(getattr(row, name)) for name in _FIGURES} for row in rows]


def _ranking_results(session: Session, dossier_id: int) -> list[Any]:
    rows = session.scalars(
        select(RankingResult)
        .where(RankingResult.dossier_id == dossier_id)
        .order_by(RankingResult.round)
    )
    return [
        {"session": row.session_code, **{name: to_json(getattr(row, name)) for name in _RANKED}}
        for row in rows
    ]


def _paper(decision: Decision | None) -> list[Any] | None:
    return [to_json(getattr(decision, name)) for name in _DECIDED] if decision else None
