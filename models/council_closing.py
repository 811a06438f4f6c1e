"""Counting a session and writing its results: all its dossiers at once, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.council_changes import Ask, Deed, held_for, let_go, write
from models.council_reading import session_row, sitting_of, votes_in
from models.database import Database
from models.editing import AddDocument, Particulars, edit
from models.files import StoredFile
from models.ledger import SqlLedger
from models.stepping import in_transaction
from models.tables import AgendaItem, CouncilSession, Dossier
from models.words import BallotLayer
from workflow.councils.holding import against_closing, commands
from workflow.councils.kinds import MACHINERY
from workflow.councils.sitting import CastVote, Sitting
from workflow.councils.tally import ItemTally, Tally, count
from workflow.decisions import Judgement
from workflow.facts import Command
from workflow.ports import NotFound
from workflow.use_cases import perform
from workflow.verdicts import Refusal
from workflow.vocabulary import Action, DocumentKind, SessionState
from workflow.words import say
from workflow.working_days import office_day

COUNTED = frozenset({SessionState.COUNTING, SessionState.CLOSED})


@dataclass(frozen=True, slots=True)
class Minutes:
    """The signed minutes, stored already: they go into every dossier the council proposes."""

    file: StoredFile
    dated: date
    signer: str
    number: str = ""


class NothingWritten(Exception):
    """A closing that cannot be: why, and for which dossiers. The transaction is rolled back."""

    def __init__(
        self, refusals: tuple[Refusal, ...], judgements: tuple[Judgement, ...] = ()
    ) -> None:
        """Reasons of the session itself, and of each dossier the law refused."""
        super().__init__(len(refusals))
        self.refusals = refusals
        self.judgements = judgements


def tally_of(session: Session, row: CouncilSession) -> tuple[Sitting, Tally, tuple[CastVote, ...]]:
    """What the votes of a session come to, as it was written down once it is closed.

    Raises `NotFound` while the ballot is open: no figure is told to anybody before.
    """
    if row.state not in COUNTED:
        raise NotFound(row.code)
    sitting = sitting_of(session, row)
    votes = votes_in(session, row.id, BallotLayer.CAST)
    tally = count(sitting, votes)
    if row.state is SessionState.CLOSED:
        tally = replace(tally, items=_kept_figures(session, tally))
    return sitting, tally, votes


def close_session(
    database: Database,
    ask: Ask,
    versions: Mapping[str, int],
    minutes: Minutes | None,
    now: datetime,
) -> Tally:
    """`close` in a transaction of its own. Refused, nothing is written but the attempt itself."""
    try:
        return in_transaction(database, lambda session: close(session, ask, versions, minutes, now))
    except NothingWritten as broken:
        why = broken
        reasons = [refusal.code for refusal in why.refusals]
        dossiers = [
            [one.facts.code, [result.rule for result in one.blocking]] for one in why.judgements
        ]

    def remember(session: Session) -> NothingWritten:
        row = session_row(session, ask.code, ask.person_id, office_day(now))
        told = {"reasons": reasons, "dossiers": dossiers}
        write(session, row, replace(ask, key=""), Deed("refuse_closing", told), now)
        return why

    raise in_transaction(database, remember)


def close(
    session: Session,
    ask: Ask,
    versions: Mapping[str, int],
    minutes: Minutes | None,
    now: datetime,
) -> Tally:
    """Write the results of all dossiers of the agenda in the caller's transaction.

    `versions` are those the secretary saw beside the figures. Raises `NothingWritten` with every
    reason (a dossier that changed is named), `Stale` when the session itself changed, `Repeated`
    when this form was carried out before: the caller rolls back.
    """
    row = held_for(session, ask, now)
    if row.state is not SessionState.COUNTING:
        sitting = sitting_of(session, row)
        raise NothingWritten(against_closing(sitting, count(sitting, ()), now))
    session.execute(
        select(Dossier.id)
        .join(AgendaItem, AgendaItem.dossier_id == Dossier.id)
        .where(AgendaItem.session_id == row.id)
        .order_by(Dossier.id)
        .with_for_update(of=Dossier)
    ).all()
    sitting, tally, _ = tally_of(session, row)
    refused = (*against_closing(sitting, tally, now), *_moved_on(sitting, versions))
    if refused:
        raise NothingWritten(refused)
    seen = dict(versions)
    found: list[Judgement] = []
    for command in commands(sitting, tally, ask.person_id, seen, ask.key):
        found += _carry_out(session, command, minutes, now)
    if found:
        raise NothingWritten((), tuple(found))
    _keep_figures(session, tally)
    row.state, row.ended_at, row.ended_by = SessionState.CLOSED, now, ask.person_id
    row.version += 1
    let_go(session, row.id)
    session.flush()
    told = {
        "members": tally.members,
        "present": tally.present,
        "dossiers": [[one.item.code, one.votes_for, one.approved] for one in tally.items],
    }
    write(session, row, ask, Deed("close_session", told), now)
    return tally


def _carry_out(
    session: Session, command: Command, minutes: Minutes | None, now: datetime
) -> list[Judgement]:
    """One dossier: the minutes first where it is proposed, then the step of the law."""
    if minutes is not None and command.action is Action.RECORD_COUNCIL_RESULT:
        paper = Command(
            command.code,
            command.person_id,
            Action.EDIT,
            command.expected_version,
            key=f"{command.key}:b"[-64:],
        )
        kept = edit(session, paper, _document(minutes), now)
        if isinstance(kept, Judgement):
            return [kept]
        command = replace(command, expected_version=command.expected_version + 1)
    verdict = perform(command, ledger=SqlLedger(session), now=now)
    return [verdict] if isinstance(verdict, Judgement) else []


def _document(minutes: Minutes) -> AddDocument:
    return AddDocument(
        kind=DocumentKind.BIEN_BAN,
        file_name=minutes.file.file_name,
        content_type=minutes.file.content_type,
        size=minutes.file.size,
        sha256=minutes.file.sha256,
        particulars=Particulars(minutes.number, minutes.dated, minutes.signer),
    )


def _moved_on(sitting: Sitting, versions: Mapping[str, int]) -> list[Refusal]:
    """Every dossier that changed since the secretary saw the figures, by name."""
    return [
        Refusal(
            "DOSSIER_CHANGED",
            say(
                "{code}, {name}: hồ sơ đã thay đổi từ lúc bạn mở trang này.",
                code=item.code,
                name=item.subject_name,
            )
            if item.state is MACHINERY[sitting.kind].eligible
            else say(
                "{code}, {name}: hồ sơ không còn ở bước này.",
                code=item.code,
                name=item.subject_name,
            ),
            say("Xem lại số phiếu của hồ sơ, hoặc đưa hồ sơ khỏi chương trình, rồi chốt lại."),
        )
        for item in sitting.items
        if versions.get(item.code) != item.version
        or item.state is not MACHINERY[sitting.kind].eligible
    ]


def _kept_figures(session: Session, tally: Tally) -> tuple[ItemTally, ...]:
    """The figures as the closing wrote them, whatever became of papers and posts since."""
    rows = session.scalars(
        select(AgendaItem).where(AgendaItem.id.in_([one.item.id for one in tally.items]))
    )
    kept = {row.id: row for row in rows}
    return tuple(_as_kept(one, kept[one.item.id]) for one in tally.items)


def _as_kept(one: ItemTally, row: AgendaItem) -> ItemTally:
    return replace(
        one,
        votes_for=row.votes_for or 0,
        votes_against=row.votes_against or 0,
        votes_other=row.votes_other or 0,
        recused=row.recused or 0,
        unconfirmed=row.unconfirmed,
        silent=row.silent,
        mean_rank=row.mean_rank,
        approved=bool(row.approved),
        place=row.rank_place,
        tied=row.tied,
    )


def _keep_figures(session: Session, tally: Tally) -> None:
    session.execute(
        update(AgendaItem),
        [
            {
                "id": one.item.id,
                "approved": one.approved,
                "votes_for": one.votes_for,
                "votes_against": one.votes_against,
                "votes_other": one.votes_other,
                "recused": one.recused,
                "unconfirmed": one.unconfirmed,
                "silent": one.silent,
                "mean_rank": one.mean_rank,
                "rank_place": one.place,
                "tied": one.tied,
            }
            for one in tally.items
        ],
    )
