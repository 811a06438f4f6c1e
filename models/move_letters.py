"""Moving milestones, and the letters about it: everybody whose task a milestone dates is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, cast

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.deadlines import (
    NewMilestone,
    cycle_terms,
    last_change,
    set_milestones,
    with_wanted,
)
from models.evaluations import from_json, to_json
from models.inserting import insert_each_once
from models.letters import next_digest
from models.outbox import Letter, row_of
from models.people import Places
from models.staffing import staff
from models.tables import Dossier, OutgoingMessage, Registration, Unit
from models.unit_subjects import REGISTERING_KINDS
from models.words import Channel, MessageStatus
from workflow.deadlines import WholeCycle, deadline_of
from workflow.news import MOVED, leaves_alone
from workflow.programme import Programme
from workflow.vocabulary import ENDS, PROGRESS, Role, State
from workflow.working_days import office_day

_ENDS: Final = ("was", "now_at")
_TELLS: Final = {
    State.REGISTERED: (Role.CLERK, Role.UNIT_HEAD),
    State.SUBMITTED: (Role.CLERK, Role.UNIT_HEAD),
    State.COUNCIL_REVIEWED: (Role.CLERK, Role.UNIT_HEAD, Role.COUNCIL_SECRETARY),
    State.BOARD_CHECKED: (Role.CLERK, Role.UNIT_HEAD, Role.APPRAISER),
    State.DECIDED: (Role.CLERK, Role.UNIT_HEAD, Role.DECIDER),
}
"""Who is told when a milestone moves: the unit, and who takes the step it dates."""


def move_milestones(  # noqa: PLR0913 - who, when, why and under which clause belong to the act
    session: Session,
    programme: Programme,
    wanted: Sequence[NewMilestone],
    reason: str,
    by: int,
    now: datetime,
    *,
    clause: str = "",
) -> int:
    """Set the milestones and tell everybody whose task they date; to how many letters go.

    One letter a person, whatever moved and for however many dossiers. Whoever did it gets none.
    It waits for the next digest, unless a milestone comes before that.
    """
    lines = list(_lines(session, programme, wanted))
    concerned = _concerned(session, programme, wanted, now)
    set_milestones(session, programme, wanted, reason, by, now, clause=clause)
    people, change = staff(session).people, last_change(session, programme.id)
    mover = people[by].name if by in people else ""
    rows = []
    morning = next_digest(session, now)
    alone = leaves_alone(MOVED, [_instant(one[name]) for one in lines for name in _ENDS], morning)
    for person_id, codes in sorted(concerned.items()):
        to = people.get(person_id)
        if to is None or person_id == by or not to.email or not to.may_receive:
            continue
        key = f"{MOVED}:{change}:{person_id}:{Channel.EMAIL.value}"
        values = {
            "code": "",
            "page": "/lich",
            "subject": programme.short_title,
            "unit": "",
            "items": lines,
            "actor": mover,
            "comment": reason,
            "clause": clause,
            "codes": sorted(codes),
            "at": to_json(now),
            "recipient": to.name,
        }
        letter = Letter(key, MOVED, now, to.email, person_id, values=values, alone=alone)
        rows.append(row_of(letter, now))
    if rows:
        insert_each_once(session, OutgoingMessage, rows, OutgoingMessage.dedupe_key)
    return len(rows)


def told_of_moves(session: Session, code: str = "") -> dict[datetime, tuple[str, ...]]:
    """Who was told of milestones moved at an instant, or because of one dossier: names."""
    rows = session.execute(
        select(OutgoingMessage.created_at, OutgoingMessage.values)
        .where(
            # These are about no dossier: an index tells them from nearly all others.
            OutgoingMessage.dossier_id.is_(None),
            OutgoingMessage.letter == MOVED,
            OutgoingMessage.status.not_in((MessageStatus.SUPPRESSED, MessageStatus.FAILED)),
        )
        .order_by(OutgoingMessage.id)
    )
    found: defaultdict[datetime, tuple[str, ...]] = defaultdict(tuple)
    for at, values in rows:
        if not code or code in values.get("codes", ()):
            found[at] += (str(values.get("recipient", "")),)
    return dict(found)


def _lines(
    session: Session, programme: Programme, wanted: Sequence[NewMilestone]
) -> Iterator[dict[str, Any]]:
    """What moved: which milestone of which cycle and tier, from when to when; instants tagged."""
    for one in wanted:
        terms = cycle_terms(session, programme.id, one.cycle_id)
        after = with_wanted(programme, one.cycle_id, terms, [one])
        old, new = (
            deadline_of(programme, WholeCycle(one.cycle_id, one.award_form, terms=each), one.state)
            for each in (terms, after)
        )
        if old is not None and new is not None:
            yield {
                "state": one.state.value,
                "cycle": programme.cycle_by_id[one.cycle_id].label,
                "award": programme.award_by_id[one.award_form].short if one.award_form else "",
                "was": to_json(old.instant),
                "now_at": to_json(new.instant),
            }


def _instant(tagged: object) -> datetime:
    return cast("datetime", from_json(tagged))


def _concerned(
    session: Session, programme: Programme, wanted: Sequence[NewMilestone], now: datetime
) -> dict[int, set[str]]:
    """Who has a task that one of these milestones dates, with the dossiers it is about."""
    known, today = staff(session), office_day(now)
    found: defaultdict[int, set[str]] = defaultdict(set)

    def note(state: State, places: Places, codes: set[str]) -> None:
        for holding in known.holdings(_TELLS[state], places):
            if holding.on(today):
                found[holding.person_id] |= codes

    for dossier, superior in _live(session, programme, wanted):
        places = Places(
            dossier.unit_id, dossier.proposing_unit_id, dossier.deciding_unit_id, superior
        )
        for state in {one.state for one in wanted if _is_ahead(dossier, one)}:
            note(state, places, {dossier.code})
    if any(one.state is State.REGISTERED for one in wanted):
        for unit in _registering(session, today):
            note(State.REGISTERED, Places(unit, unit), set())
    return dict(found)


def _registering(session: Session, today: date) -> Sequence[int]:
    return session.scalars(
        select(Unit.id).where(
            Unit.kind.in_(REGISTERING_KINDS),
            Unit.valid_from <= today,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= today),
        )
    ).all()


def _live(
    session: Session, programme: Programme, wanted: Sequence[NewMilestone]
) -> Iterator[tuple[Dossier, int]]:
    rows = session.execute(
        select(Dossier, Registration.superior_unit_id)
        .join(Registration, Registration.id == Dossier.registration_id)
        .where(
            Dossier.programme_id == programme.id,
            Dossier.cycle_id.in_(sorted({one.cycle_id for one in wanted})),
            Dossier.state.not_in(ENDS),
        )
        .order_by(Dossier.code)
    )
    yield from ((dossier, superior) for dossier, superior in rows)


def _is_ahead(dossier: Dossier, one: NewMilestone) -> bool:
    """Does the dossier have this milestone still before it?"""
    if one.award_form not in {"", dossier.award_form}:
        return False
    if dossier.cycle_id != one.cycle_id or dossier.state not in PROGRESS:
        return False
    return PROGRESS.index(one.state) > PROGRESS.index(dossier.state)
