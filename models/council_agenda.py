"""The agenda of a session: which dossiers may come on it, in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from models.council_changes import Ask, Deed, change, too_late
from models.gathering import facts_of, places_of
from models.people import actor_towards
from models.rulebooks import rulebook_of
from models.tables import AgendaItem, CouncilSession, Dossier
from workflow.councils.holding import MOST_DOSSIERS, Admission, admission
from workflow.councils.kinds import MACHINERY
from workflow.councils.sitting import Sitting
from workflow.ports import NotFound
from workflow.verdicts import Refusal
from workflow.vocabulary import SessionKind, SessionState
from workflow.words import say
from workflow.working_days import office_day


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dossier the session could take, or why it cannot."""

    dossier: Dossier
    admission: Admission


def candidates(session: Session, row: CouncilSession, by: int, now: datetime) -> list[Candidate]:
    """Dossiers of the council in the state this kind of session takes, each with its admission."""
    known = select(AgendaItem.dossier_id).where(AgendaItem.session_id == row.id)
    found = session.scalars(
        select(Dossier)
        .where(
            Dossier.programme_id == row.programme_id,
            Dossier.cycle_id == row.cycle_id,
            Dossier.state == MACHINERY[row.kind].eligible,
            _unit_column(row.kind) == row.unit_id,
            Dossier.id.not_in(known),
        )
        .order_by(Dossier.subject_kind, Dossier.code)
        .limit(MOST_DOSSIERS)
    ).all()
    return [Candidate(one, _admission(session, row.kind, one, by, now)) for one in found]


def add_to_agenda(
    session: Session, ask: Ask, codes: Iterable[str], now: datetime
) -> tuple[Refusal, ...]:
    """Put dossiers at the end of the agenda, all of them or none."""
    wanted = list(dict.fromkeys(codes))

    def work(row: CouncilSession, sitting: Sitting) -> tuple[Refusal, ...]:
        if row.state is not SessionState.PREPARING:
            return (too_late(),)
        held = session.scalars(
            select(Dossier)
            .where(
                Dossier.code.in_(wanted),
                Dossier.cycle_id == row.cycle_id,
                _unit_column(row.kind) == row.unit_id,
            )
            .order_by(Dossier.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        by_code = {one.code: one for one in held}
        found: list[Refusal] = []
        place = max((item.place for item in sitting.items), default=0)
        for code in wanted:
            dossier = by_code.get(code)
            if dossier is None:
                raise NotFound(code)
            refused = _not_admitted(
                code, _admission(session, row.kind, dossier, ask.person_id, now)
            )
            if refused is None:
                place += 1
                session.execute(
                    insert(AgendaItem).values(session_id=row.id, dossier_id=dossier.id, place=place)
                )
            else:
                found.append(refused)
        return tuple(found)

    return change(session, ask, Deed("add_to_agenda", {"codes": wanted}), now, work)


def take_off_agenda(
    session: Session, ask: Ask, code: str, reason: str, now: datetime
) -> tuple[Refusal, ...]:
    """Take a dossier off the agenda with its votes; once voting has begun with a reason."""

    def work(row: CouncilSession, sitting: Sitting) -> tuple[Refusal, ...]:
        item = next((one for one in sitting.items if one.code == code), None)
        if item is None:
            raise NotFound(code)
        if row.state is not SessionState.PREPARING and not reason.strip():
            text = say("Chưa ghi lý do đưa {code} khỏi chương trình.", code=code)
            return (Refusal("REASON_MISSING", text, say("Ghi lý do bằng một câu.")),)
        session.execute(delete(AgendaItem).where(AgendaItem.id == item.id))
        return ()

    told = {"code": code, "reason": reason.strip()}
    return change(session, ask, Deed("take_off_agenda", told), now, work)


def move_on_agenda(
    session: Session, ask: Ask, code: str, by: int, now: datetime
) -> tuple[Refusal, ...]:
    """Move a dossier one place up (-1) or down (+1) before voting begins."""

    def work(row: CouncilSession, sitting: Sitting) -> tuple[Refusal, ...]:
        if row.state is not SessionState.PREPARING:
            return (too_late(),)
        order = [item.code for item in sitting.items]
        if code not in order:
            raise NotFound(code)
        there = order.index(code) + by
        if 0 <= there < len(order):
            order.insert(there, order.pop(order.index(code)))
        ids = {item.code: item.id for item in sitting.items}
        session.execute(
            update(AgendaItem),
            [{"id": ids[each], "place": place} for place, each in enumerate(order, start=1)],
        )
        return ()

    return change(session, ask, Deed("move_on_agenda", {"code": code, "by": by}), now, work)


def _unit_column(kind: SessionKind) -> Any:  # noqa: ANN401 - one of two columns of a table
    if kind is SessionKind.PROVINCIAL_RANKING:
        return Dossier.deciding_unit_id
    return Dossier.proposing_unit_id


def _admission(
    session: Session, kind: SessionKind, dossier: Dossier, by: int, now: datetime
) -> Admission:
    actor = actor_towards(session, by, places_of(session, dossier), office_day(now))
    rulebook = rulebook_of(session, dossier.programme_hash)
    return admission(rulebook, kind, facts_of(session, dossier), actor, now)


def _not_admitted(code: str, found: Admission) -> Refusal | None:
    if found.allowed:
        return None
    reasons = [result.title for result in found.judgement.blocking]
    return Refusal(
        "NOT_ADMITTED",
        say(
            "{code} chưa đủ điều kiện đưa ra họp: {reasons}.",
            code=code,
            reasons="; ".join(reasons) or "hồ sơ không ở bước này",
        ),
        say("Mở hồ sơ để xem cách xử lý từng điều kiện, hoặc bỏ hồ sơ khỏi lựa chọn."),
    )
