"""Changing what a dossier holds: every change is an EDIT step, judged like any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeAlias, assert_never

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from models.failpoints import reach
from models.ledger import Contents, SqlLedger
from models.paper_readings import ask_to_read
from models.placing import lineage_of, place
from models.rulebooks import rulebook_of
from models.tables import Document, Dossier, Initiative
from workflow.decisions import Accepted, Judgement
from workflow.facts import Command
from workflow.use_cases import perform
from workflow.vocabulary import Action, DocumentKind


@dataclass(frozen=True, slots=True)
class ChooseAward:
    """Ask for this form of award; proposing and deciding unit follow from it."""

    award_form: str


@dataclass(frozen=True, slots=True)
class WriteReport:
    """The three texts of the achievement report (Mẫu 07)."""

    profile_text: str
    achievements_text: str
    prior_awards_text: str


@dataclass(frozen=True, slots=True)
class PutInitiative:
    """Add an initiative, or replace the one with this id."""

    title: str
    recognised_by: str = ""
    recognition_number: str = ""
    recognised_on: date | None = None
    applied: bool = False
    used_before_in: str = ""
    initiative_id: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveInitiative:
    """Take an initiative out."""

    initiative_id: int


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is written on a paper: number, day, signer, and the proposing level's confirmation."""

    number: str = ""
    dated: date | None = None
    signer: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class AddDocument:
    """A new version of a paper; the file lies in the store already (`models.files`)."""

    kind: DocumentKind
    file_name: str
    content_type: str
    size: int
    sha256: str
    particulars: Particulars = Particulars()


@dataclass(frozen=True, slots=True)
class DescribeDocument:
    """A new version with the same file and other particulars."""

    kind: DocumentKind
    particulars: Particulars


Change: TypeAlias = (
    ChooseAward | WriteReport | PutInitiative | RemoveInitiative | AddDocument | DescribeDocument
)


def edit(session: Session, command: Command, change: Change, now: datetime) -> Accepted | Judgement:
    """Carry out a change as the step EDIT of `command`, or say why not.

    Raises `NotFound`, `Stale` and `Repeated` like every step, `LookupError` for an award form,
    initiative or document that is not there.
    """
    edited = replace(command, action=Action.EDIT, extra={"part": part_of(change)})
    return perform(edited, ledger=_EditingLedger(session, change), now=now)


def part_of(change: Change) -> str:
    """Name the part of the dossier a change touches, as rules and supplements name it."""
    match change:
        case AddDocument(kind=kind) | DescribeDocument(kind=kind):
            return kind.value
        case WriteReport():
            return DocumentKind.BAO_CAO_THANH_TICH.value
        case PutInitiative() | RemoveInitiative():
            return "initiatives"
        case ChooseAward():
            return "award"
        case _:
            assert_never(change)


class _EditingLedger(SqlLedger):
    def __init__(self, session: Session, change: Change) -> None:
        super().__init__(session)
        self.change = change

    def contents(self, dossier: Dossier, accepted: Accepted, now: datetime) -> Contents:
        by = accepted.judgement.actor.person_id
        match self.change:
            case ChooseAward(award_form):
                return _choose_award(self.session, dossier, award_form)
            case WriteReport() as report:
                return _write_report(report)
            case PutInitiative() as initiative:
                return _put_initiative(self.session, dossier, initiative, by, now)
            case RemoveInitiative(initiative_id):
                return _remove_initiative(self.session, dossier, initiative_id)
            case AddDocument() as paper:
                return _add_version(self.session, dossier, paper, by, now)
            case DescribeDocument() as described:
                return _describe(self.session, dossier, described, by, now)
            case _:
                assert_never(self.change)


def _choose_award(session: Session, dossier: Dossier, award_form: str) -> Contents:
    programme = rulebook_of(session, dossier.programme_hash).programme
    if award_form not in programme.award_by_id:
        raise LookupError(f"no award form {award_form}")
    line = lineage_of(session, dossier.unit_id)
    placement = place(programme.award_by_id[award_form], line)
    columns = {
        "award_form": award_form,
        "proposing_unit_id": placement.proposing_unit_id,
        "deciding_unit_id": placement.deciding_unit_id,
    }
    return Contents(columns, {"award_form": [dossier.award_form, award_form]})


def _write_report(report: WriteReport) -> Contents:
    columns = {
        "profile_text": report.profile_text,
        "achievements_text": report.achievements_text,
        "prior_awards_text": report.prior_awards_text,
    }
    return Contents(columns, {"report": columns})


def _put_initiative(
    session: Session, dossier: Dossier, initiative: PutInitiative, by: int, now: datetime
) -> Contents:
    values: dict[str, Any] = {
        "title": initiative.title,
        "recognised_by": initiative.recognised_by,
        "recognition_number": initiative.recognition_number,
        "recognised_on": initiative.recognised_on,
        "applied": initiative.applied,
        "used_before_in": initiative.used_before_in,
    }
    written = {**values, "entered_by": by, "entered_at": now}
    if initiative.initiative_id is None:
        made = session.execute(
            insert(Initiative).values(dossier_id=dossier.id, **written).returning(Initiative.id)
        ).scalar_one()
        return Contents(told={"initiative": {"id": made, **values}})
    changed = session.execute(
        update(Initiative)
        .where(Initiative.id == initiative.initiative_id, Initiative.dossier_id == dossier.id)
        .values(**written)
        .returning(Initiative.id)
    ).first()
    if changed is None:
        raise LookupError(f"no initiative {initiative.initiative_id} in {dossier.code}")
    return Contents(told={"initiative": {"id": initiative.initiative_id, **values}})


def _remove_initiative(session: Session, dossier: Dossier, initiative_id: int) -> Contents:
    title = session.execute(
        delete(Initiative)
        .where(Initiative.id == initiative_id, Initiative.dossier_id == dossier.id)
        .returning(Initiative.title)
    ).scalar()
    if title is None:
        raise LookupError(f"no initiative {initiative_id} in {dossier.code}")
    return Contents(told={"initiative_removed": {"id": initiative_id, "title": title}})


def _describe(
    session: Session, dossier: Dossier, described: DescribeDocument, by: int, now: datetime
) -> Contents:
    paper = session.scalar(
        select(Document).where(
            Document.dossier_id == dossier.id, Document.kind == described.kind, Document.current
        )
    )
    if paper is None:
        raise LookupError(f"no document {described.kind.value} in {dossier.code}")
    again = AddDocument(
        kind=paper.kind,
        file_name=paper.file_name,
        content_type=paper.content_type,
        size=paper.size,
        sha256=paper.sha256,
        particulars=described.particulars,
    )
    return _add_version(session, dossier, again, by, now)


def _add_version(
    session: Session, dossier: Dossier, paper: AddDocument, by: int, now: datetime
) -> Contents:
    same = (Document.dossier_id == dossier.id, Document.kind == paper.kind)
    last = session.scalars(select(func.coalesce(func.max(Document.version), 0)).where(*same)).one()
    session.execute(update(Document).where(*same).values(current=False))
    told: Mapping[str, Any] = {
        "kind": paper.kind,
        "version": last + 1,
        "file_name": paper.file_name,
        "sha256": paper.sha256,
        "number": paper.particulars.number,
        "dated": paper.particulars.dated,
        "signer": paper.particulars.signer,
        "confirmed": paper.particulars.confirmed,
    }
    session.execute(
        insert(Document).values(
            dossier_id=dossier.id,
            content_type=paper.content_type,
            size=paper.size,
            uploaded_by=by,
            uploaded_at=now,
            **told,
        )
    )
    reach("after_document_row")
    ask_to_read(session, paper.sha256)
    return Contents(told={"document": told})
