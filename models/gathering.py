"""Everything a guard may look at, gathered in a constant number of statements."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, case, or_, select
from sqlalchemy.orm import Session

from models import quotas, surroundings
from models.deadlines import terms_of
from models.paper_readings import said_by
from models.people import Places
from models.placing import ancestry, lineage
from models.quotas import Pool
from models.rows import AnyRow, rows, scalar
from models.rulebooks import rulebook_of
from models.tables import (
    AgendaItem,
    Approval,
    ApprovalDocument,
    CheckMark,
    CheckMarkDocument,
    CouncilResult,
    CouncilSession,
    Decision,
    Document,
    Dossier,
    HistoryLine,
    Initiative,
    PaperReading,
    Person,
    RankingResult,
    Registration,
)
from workflow import facts, results
from workflow.decisions import quota_of
from workflow.rule_tables import INITIATIVES
from workflow.rulebook import Rulebook
from workflow.vocabulary import Action, DocumentKind, State
from workflow.words import phrase

_ACTIONS = {action.value for action in Action}


def places_of(session: Session, dossier: Dossier) -> Places:
    """The units that matter for who may do what to this dossier."""
    superior = scalar(session, _SUPERIOR, {"registration": dossier.registration_id})
    return Places(dossier.unit_id, dossier.proposing_unit_id, dossier.deciding_unit_id, superior)


def facts_of(
    session: Session, dossier: Dossier, *, holding_places: bool = False
) -> facts.DossierFacts:
    """Gather one dossier's facts at its present version.

    With `holding_places` the quota row is locked until the end of the transaction, so that the
    last place cannot go between looking and writing.
    """
    rulebook = rulebook_of(session, dossier.programme_hash)
    known = [dossier.unit_id, dossier.proposing_unit_id]
    if dossier.deciding_unit_id is not None:
        known.append(dossier.deciding_unit_id)
    units = ancestry(session, known)
    line = lineage(units, dossier.unit_id)
    successions = surroundings.successions(session, line)
    cycle = rulebook.programme.cycle_by_id[dossier.cycle_id]
    deciding = units[dossier.deciding_unit_id] if dossier.deciding_unit_id else None
    gathered = facts.DossierFacts(
        id=dossier.id,
        code=dossier.code,
        version=dossier.version,
        state=dossier.state,
        programme_hash=dossier.programme_hash,
        cycle_id=dossier.cycle_id,
        award_form=dossier.award_form,
        subject=surroundings.subject(
            session, dossier.subject_kind, dossier.subject_name, line, dossier.person_id
        ),
        proposing_unit=surroundings.unit_facts(units[dossier.proposing_unit_id]),
        deciding_unit=surroundings.unit_facts(deciding) if deciding else None,
        registration=surroundings.registration(session, dossier.registration_id),
        scores=surroundings.scores(session, line, successions, cycle.year),
        typed=surroundings.typed_scores(session, line, successions, cycle.year),
        successions=successions,
        twins=surroundings.twins(session, dossier, except_id=dossier.id),
        **_own(session, dossier),
    )
    quota = _quota(session, rulebook, dossier, gathered, holding=holding_places)
    return surroundings.with_quota(gathered, quota)


def _own(session: Session, dossier: Dossier) -> dict[str, Any]:
    return {
        "initiatives": _initiatives(session, dossier.id),
        "documents": _documents(session, dossier.id),
        "council": _council(session, dossier.id),
        "ranking": standing_ranking(session, dossier.id),
        "agenda": agenda_of(session, dossier.id),
        "approvals": _approvals(session, dossier.id),
        "marks": _marks(session, dossier.id),
        "acts": _acts(session, dossier.id),
        "hold": _hold(dossier),
        "supplement": read_supplement(dossier.supplement),
        "supplement_rounds": dossier.supplement_rounds,
        "extended_until": dossier.extended_until,
        "terms": terms_of(session, [dossier])[dossier.id],
        "decision": _decision(session, dossier.decision_id),
        "entered_state_at": dossier.entered_state_at,
    }


def _initiatives(session: Session, dossier_id: int) -> tuple[facts.Initiative, ...]:
    return tuple(
        facts.Initiative(
            row.id,
            row.title,
            row.recognised_by,
            row.recognition_number,
            row.recognised_on,
            row.applied,
            row.used_before_in,
        )
        for row in rows(session, _INITIATIVES, {"dossier": dossier_id})
    )


def _documents(session: Session, dossier_id: int) -> tuple[facts.Document, ...]:
    return tuple(
        facts.Document(
            id=row.id,
            kind=row.kind,
            version=row.version,
            sha256=row.sha256,
            file_name=row.file_name,
            number=row.number,
            dated=row.dated,
            signer=row.signer,
            confirmed=row.confirmed,
            **said_by(row),
        )
        for row in rows(session, _DOCUMENTS, {"dossier": dossier_id})
    )


def _council(session: Session, dossier_id: int) -> facts.CouncilResult | None:
    row = rows(session, _COUNCIL_RESULT, {"dossier": dossier_id}).first()
    if row is None:
        return None
    return facts.CouncilResult(
        held_on=row.held_on,
        members=row.members,
        present=row.present,
        votes_for=row.votes_for,
        votes_against=row.votes_against,
        votes_blank=row.votes_blank,
        method=row.method,
        recused=row.recused,
    )


def standing_ranking(session: Session, dossier_id: int) -> results.RankingResult | None:
    """The standing result of the provincial ranking of a dossier: votes, mean rank, place.

    None when the council has not ranked it, or its result fell with a check that fell.
    """
    row = rows(session, _RANKING_RESULT, {"dossier": dossier_id}).first()
    if row is None:
        return None
    return results.RankingResult(
        session=row.session_code,
        held_on=row.held_on,
        members=row.members,
        present=row.present,
        votes_for=row.votes_for,
        votes_against=row.votes_against,
        votes_blank=row.votes_blank,
        recused=row.recused,
        method=row.method,
        mean_rank=row.mean_rank,
        place=row.place,
        tied=row.tied,
    )


def agenda_of(session: Session, dossier_id: int) -> str:
    """The code of the live session on whose agenda the dossier stands; empty when there is none."""
    return scalar(session, _LIVE_SESSION, {"dossier": dossier_id}) or ""


def _approvals(session: Session, dossier_id: int) -> tuple[facts.Approval, ...]:
    covered: defaultdict[tuple[int, State, datetime, str], list[int]] = defaultdict(list)
    for approval_id, gave, at, by, paper in rows(session, _APPROVALS, {"dossier": dossier_id}):
        papers = covered[(approval_id, gave, at, by)]
        if paper is not None:
            papers.append(paper)
    return tuple(
        facts.Approval(gave, at, by, tuple(papers)) for (_, gave, at, by), papers in covered.items()
    )


def _marks(session: Session, dossier_id: int) -> tuple[facts.Mark, ...]:
    return marks_of(session, [dossier_id])[dossier_id]


def marks_of(session: Session, ids: Sequence[int]) -> dict[int, tuple[facts.Mark, ...]]:
    """The standing marks of several dossiers, with what each looked at, in one statement."""
    covered: dict[int, tuple[AnyRow, list[int]]] = {}
    for row in rows(session, _MARKS, {"dossiers": ids}):
        papers = covered.setdefault(row.id, (row, []))[1]
        if row.document_id is not None:
            papers.append(row.document_id)
    found: dict[int, list[facts.Mark]] = {each: [] for each in ids}
    for mark, seen in covered.values():
        told = (mark.code, mark.outcome, mark.full_name, mark.at, mark.note)
        found[mark.dossier_id].append(facts.Mark(*told, tuple(seen), mark.version or 0))
    return {each: tuple(marks) for each, marks in found.items()}


def _acts(session: Session, dossier_id: int) -> tuple[facts.Act, ...]:
    return acts_of(session, [dossier_id])[dossier_id]


def acts_of(
    session: Session, ids: Sequence[int], only: Action | None = None
) -> dict[int, tuple[facts.Act, ...]]:
    """What people did to several dossiers, oldest first, in one statement."""
    actions = [only.value] if only else sorted(_ACTIONS)
    found: dict[int, list[facts.Act]] = {each: [] for each in ids}
    asked = {"dossiers": ids, "actions": actions}
    for dossier_id, *columns in rows(session, _ACTS, asked):
        found[dossier_id].append(act_of(*columns))
    return {each: tuple(acts) for each, acts in found.items()}


def act_of(  # noqa: PLR0913, PLR0917 - the columns of one line.
    action: str,
    person_id: int,
    name: str,
    at: datetime,
    state: str | None,
    on_behalf: str,
    version: int | None,
    payload: str | None,
) -> facts.Act:
    """One line of history as the law sees it; the payload names whom it was taken for."""
    told = json.loads(payload) if payload else {}
    return facts.Act(
        action=Action(action),
        person_id=person_id,
        name=phrase("{name} thay mặt {on_behalf}", name=name, on_behalf=on_behalf)
        if on_behalf
        else name,
        at=at,
        state=State(state) if state else None,
        on_behalf_of=told["on_behalf"]["person"] if on_behalf else None,
        version=version or 0,
        part=part_told(told) if action == Action.EDIT.value else "",
    )


def part_told(told: Mapping[str, Any]) -> str:
    """The part of a dossier an edit touched, as its line of history tells; empty when unsaid."""
    document = told.get("document")
    if isinstance(document, dict):
        return str(document.get("kind", ""))
    if "report" in told:
        return DocumentKind.BAO_CAO_THANH_TICH.value
    if "initiative" in told or "initiative_removed" in told:
        return INITIATIVES
    return "award" if "award_form" in told else ""


def _hold(dossier: Dossier) -> facts.Hold | None:
    if dossier.hold_since is None:
        return None
    return facts.Hold(dossier.hold_source, dossier.hold_reason, dossier.hold_since)


def read_supplement(stored: dict[str, Any] | None) -> facts.Supplement | None:
    """Read an open request for supplement as `models.recording` stored it."""
    if stored is None:
        return None
    return facts.Supplement(
        items=tuple(stored["items"]),
        kinds=tuple(DocumentKind(kind) for kind in stored["kinds"]),
        due=datetime.fromisoformat(stored["due"]),
        by=stored["by"],
        at=datetime.fromisoformat(stored["at"]),
        round=stored["round"],
        initiatives=stored.get("initiatives", True),
        again=stored.get("again", ""),
    )


def _decision(session: Session, decision_id: int | None) -> facts.Decision | None:
    if decision_id is None:
        return None
    row = rows(session, _DECISION, {"decision": decision_id}).one()
    return facts.Decision(
        number=row.number,
        dated=row.dated,
        signer=row.signer,
        capacity=row.capacity,
        unit_id=row.unit_id,
        published=row.published_at is not None,
    )


def _quota(
    session: Session,
    rulebook: Rulebook,
    dossier: Dossier,
    gathered: facts.DossierFacts,
    *,
    holding: bool,
) -> facts.Quota | None:
    award = rulebook.programme.award_by_id.get(dossier.award_form)
    table = quota_of(award, gathered, rulebook)
    if table is None or dossier.deciding_unit_id is None:
        return None
    pool = Pool(dossier.programme_id, dossier.cycle_id, table.pool, dossier.deciding_unit_id)
    cycle = rulebook.programme.cycle_by_id[dossier.cycle_id]
    return (quotas.hold if holding else quotas.look)(session, pool, table, cycle, dossier.id)


# --- Statements ---------------------------------------------------------------------------------
# Built once: building one anew takes longer than the database does to answer it.

_ONE: BindParameter[int] = bindparam("dossier")
_SEVERAL: BindParameter[int] = bindparam("dossiers", expanding=True)
_SUPERIOR = select(Registration.superior_unit_id).where(
    Registration.id == bindparam("registration")
)
_INITIATIVES = select(Initiative).where(Initiative.dossier_id == _ONE).order_by(Initiative.id)
_DOCUMENTS = (
    select(Document, PaperReading.legibility, PaperReading.statements)
    .outerjoin(PaperReading, PaperReading.sha256 == Document.sha256)
    .where(Document.dossier_id == _ONE, Document.current)
    .order_by(Document.id)
)
_COUNCIL_RESULT = select(CouncilResult).where(
    CouncilResult.dossier_id == _ONE, CouncilResult.standing
)
_DECISION = select(Decision).where(Decision.id == bindparam("decision"))
_RANKING_RESULT = select(RankingResult).where(
    RankingResult.dossier_id == _ONE, RankingResult.standing
)
_LIVE_SESSION = (
    select(CouncilSession.code)
    .join(AgendaItem, AgendaItem.session_id == CouncilSession.id)
    .where(AgendaItem.dossier_id == _ONE, AgendaItem.live)
)
_APPROVALS = (
    select(Approval.id, Approval.gave, Approval.at, Person.full_name, ApprovalDocument.document_id)
    .join(Person, Person.id == Approval.by_id)
    .outerjoin(ApprovalDocument, ApprovalDocument.approval_id == Approval.id)
    .where(Approval.dossier_id == _ONE, Approval.standing)
    .order_by(Approval.id, ApprovalDocument.document_id)
)
_MARKS = (
    select(CheckMark, Person.full_name, CheckMarkDocument.document_id)
    .join(Person, Person.id == CheckMark.by_id)
    .outerjoin(CheckMarkDocument, CheckMarkDocument.mark_id == CheckMark.id)
    .where(CheckMark.dossier_id.in_(_SEVERAL), CheckMark.standing)
    .order_by(CheckMark.dossier_id, CheckMark.code, CheckMarkDocument.document_id)
)
_SAYS_MORE = or_(HistoryLine.action == Action.EDIT.value, HistoryLine.on_behalf != "")
_ACTS = (
    select(
        HistoryLine.dossier_id,
        HistoryLine.action,
        HistoryLine.actor_id,
        HistoryLine.actor_name,
        HistoryLine.at,
        HistoryLine.to_state,
        HistoryLine.on_behalf,
        HistoryLine.dossier_version,
        case((_SAYS_MORE, HistoryLine.payload)),
    )
    .where(
        HistoryLine.dossier_id.in_(_SEVERAL),
        HistoryLine.actor_id.is_not(None),
        HistoryLine.action.in_(bindparam("actions", expanding=True)),
    )
    .order_by(HistoryLine.seq)
)
