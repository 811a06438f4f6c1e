"""A whole list decided at once or not at all; published now or later; changed until published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.database import Database
from models.decision_lists import NotTheirs, decides_at, held_list, hold_dossiers, on_list
from models.evaluations import to_json
from models.folding import words_key
from models.ledger import SqlLedger
from models.office import write_down
from models.outbox import let_go, reword_held
from models.stepping import in_transaction, refusal_of
from models.tables import Approval, Decision, DecisionList, Dossier
from models.words import ListState
from workflow import facts
from workflow.decisions import Judgement, judge
from workflow.facts import Command, DecisionInput
from workflow.ports import NoSeatLeft, NumberTaken, Stale
from workflow.use_cases import perform
from workflow.verdicts import Refusal
from workflow.vocabulary import Action, State
from workflow.words import say
from workflow.working_days import office_day

LONGEST_REASON = 4000


@dataclass(frozen=True, slots=True)
class Done:
    """The decision that was made, of so many dossiers; `repeated`: it had been made before."""

    decision_id: int
    codes: tuple[str, ...]
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing was written: this dossier stands in the way, and why."""

    code: str
    verdict: Judgement | Stale


class ListChanged(Exception):
    """The names on the list are not those the person compared."""


@dataclass
class _Refused(Exception):
    """Carries the refusal of one dossier out of the transaction that is rolled back."""

    command: Command
    verdict: Judgement


@dataclass(frozen=True, slots=True)
class Signing:
    """What the page of a list sends: the paper, when to publish, the versions that were seen."""

    list_id: int
    decision: facts.Decision
    publish: bool
    versions: Mapping[str, int]
    key: str


def commit(database: Database, signing: Signing, by: int, now: datetime) -> Done | Stopped:
    """Decide for every dossier of the list in one transaction, or write nothing.

    Safe to repeat with the same key. Raises `NotTheirs` and `ListChanged`.
    """
    try:
        return in_transaction(database, lambda session: _commit(session, signing, by, now))
    except _Refused as refused:
        _remember_refusal(database, refused.command, now)
        return Stopped(refused.command.code, refused.verdict)
    except Stale as stale:
        return Stopped(stale.code, stale)
    except (NoSeatLeft, NumberTaken) as broken:
        command = _command(broken.code, signing, by, 0)
        return Stopped(broken.code, _judged_with(database, command, refusal_of(broken), now))


def publish(
    database: Database,
    decision_id: int,
    losers: Sequence[Command],
    by: int,
    now: datetime,
) -> Stopped | None:
    """Tell everybody: the result is public, letters go, and those not awarded are told why.

    All in one transaction. Publishing twice publishes once. Raises `NotTheirs`.
    """

    def work(session: Session) -> None:
        decision = _held_decision(session, decision_id, by, now)
        if decision.published_at is not None:
            return
        codes = session.scalars(
            select(Dossier.code).where(Dossier.decision_id == decision_id).order_by(Dossier.code)
        ).all()
        if not codes:
            raise NotTheirs
        session.execute(update(Decision).where(Decision.id == decision_id).values(published_at=now))
        let_go(session, decision_id, now)
        told = {"number": decision.number, "codes": list(codes)}
        write_down(session, "publish_decision", told, by, now)
        for command in losers:
            verdict = perform(command, ledger=SqlLedger(session), now=now)
            if isinstance(verdict, Judgement):
                raise _Refused(command, verdict)

    try:
        in_transaction(database, work)
    except _Refused as refused:
        return Stopped(refused.command.code, refused.verdict)
    except Stale as stale:
        return Stopped(stale.code, stale)
    return None


def correct(
    session: Session, decision_id: int, paper: facts.Decision, reason: str, by: int, now: datetime
) -> Refusal | None:
    """Correct number, day, signer or capacity before publication. Raises `NotTheirs`."""
    decision = _held_decision(session, decision_id, by, now)
    refusal = _cannot_be_so(session, decision, paper, reason, now)
    if refusal is not None:
        return refusal
    before = {
        "number": decision.number,
        "dated": to_json(decision.dated),
        "signer": decision.signer,
        "capacity": decision.capacity.value,
    }
    after = {
        "number": paper.number,
        "dated": paper.dated,
        "signer": paper.signer,
        "capacity": paper.capacity,
    }
    also = {"year": paper.dated.year, "number_key": words_key(paper.number)}
    session.execute(update(Decision).where(Decision.id == decision_id).values(**also, **after))
    told = {"number": paper.number, "dated": to_json(paper.dated)}
    reword_held(session, decision_id, told)
    change = {"before": before, "after": to_json(after), "reason": reason.strip()}
    write_down(session, "correct_decision", change, by, now)
    return None


def _commit(session: Session, signing: Signing, by: int, now: datetime) -> Done:
    repeated = _done_before(session, signing, by, now)
    if repeated is not None:
        return repeated
    held_list(session, signing.list_id, by, now)
    dossiers = on_list(session, signing.list_id)
    codes = tuple(one.code for one in dossiers)
    if not codes or set(codes) != set(signing.versions):
        raise ListChanged
    hold_dossiers(session, [one.id for one in dossiers])
    for number, code in enumerate(codes):
        command = _command(code, signing, by, number)
        verdict = perform(command, ledger=SqlLedger(session), now=now)
        if isinstance(verdict, Judgement):
            raise _Refused(command, verdict)
    decision_id = session.scalars(select(Dossier.decision_id).where(Dossier.code == codes[0])).one()
    session.execute(
        update(DecisionList)
        .where(DecisionList.id == signing.list_id)
        .values(
            state=ListState.COMMITTED,
            closed_at=now,
            decision_id=decision_id,
            command_key=signing.key,
        )
    )
    told = {"list": signing.list_id, "number": signing.decision.number, "codes": list(codes)}
    write_down(session, "commit_list", told, by, now)
    if decision_id is None:
        raise LookupError(f"list {signing.list_id} was decided without a decision")
    return Done(decision_id, codes)


def _done_before(session: Session, signing: Signing, by: int, now: datetime) -> Done | None:
    """The result of the same command, if it was carried out: pressing twice is pressing once."""
    found = session.get(DecisionList, signing.list_id, with_for_update=True)
    if found is None or not decides_at(session, by, found.unit_id, now):
        raise NotTheirs
    if found.decision_id is None or not signing.key or found.command_key != signing.key:
        return None
    codes = session.scalars(
        select(Dossier.code).where(Dossier.decision_id == found.decision_id).order_by(Dossier.code)
    )
    return Done(found.decision_id, tuple(codes), repeated=True)


def _command(code: str, signing: Signing, by: int, number: int) -> Command:
    return Command(
        code=code,
        person_id=by,
        action=Action.DECIDE,
        expected_version=signing.versions.get(code, 0),
        inputs=DecisionInput(signing.decision, signing.publish),
        key=f"{signing.key}.{number}" if signing.key else "",
    )


def _judged_with(
    database: Database, command: Command, refusal: Refusal, now: datetime
) -> Judgement:
    """What the law says now, together with what only the database could see; written down."""

    def refuse(session: Session) -> Judgement:
        ledger = SqlLedger(session)
        opened = ledger.open(command, now=now)
        judgement = judge(opened.rulebook, command.action, opened.facts, opened.actor, now, command)
        refused = replace(judgement, refusals=(*judgement.refusals, refusal))
        ledger.record_refusal(refused, command, now=now)
        return refused

    return in_transaction(database, refuse)


def _remember_refusal(database: Database, command: Command, now: datetime) -> None:
    def refuse(session: Session) -> None:
        ledger = SqlLedger(session)
        opened = ledger.open(command, now=now)
        judgement = judge(opened.rulebook, command.action, opened.facts, opened.actor, now, command)
        ledger.record_refusal(judgement, command, now=now)

    in_transaction(database, refuse)


def _held_decision(session: Session, decision_id: int, by: int, now: datetime) -> Decision:
    found = session.scalar(
        select(Decision)
        .where(Decision.id == decision_id, Decision.ground.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None or not decides_at(session, by, found.unit_id, now):
        raise NotTheirs
    return found


def _cannot_be_so(
    session: Session, decision: Decision, paper: facts.Decision, reason: str, now: datetime
) -> Refusal | None:
    if decision.published_at is not None:
        return Refusal(
            "PUBLISHED",
            say("Quyết định đã công bố, không sửa được nữa."),
            remedy=say("Chỉ còn cách hủy bỏ theo bốn căn cứ của luật."),
        )
    if not reason.strip():
        return Refusal("COMMENT_MISSING", say("Ghi lý do sửa bằng một câu."))
    checked = _last_check(session, decision.id)
    today = office_day(now)
    if paper.dated > today or (checked is not None and paper.dated < checked):
        return Refusal(
            "DAY_CANNOT_BE",
            say("Ngày ký không sau hôm nay và không trước ngày kiểm tra xong."),
        )
    taken = session.scalar(
        select(Decision.id).where(
            Decision.unit_id == decision.unit_id,
            Decision.year == paper.dated.year,
            Decision.number == paper.number,
            Decision.id != decision.id,
        )
    )
    if taken is not None:
        return refusal_of(NumberTaken("", paper.number))
    return None


def _last_check(session: Session, decision_id: int) -> date | None:
    """The office day of the last check among the decision's dossiers."""
    last = session.scalar(
        select(func.max(Approval.at))
        .join(Dossier, Dossier.id == Approval.dossier_id)
        .where(
            Dossier.decision_id == decision_id,
            Approval.gave == State.BOARD_CHECKED,
            Approval.standing,
        )
    )
    return office_day(last) if last else None
