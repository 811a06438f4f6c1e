"""Which reminders there should be now, and writing down those that are not in the book yet.

Correctness rests on the key of a letter, not on who runs this, how often or when: a run that
finds everything written writes nothing (domain brief, section 4). What is due is
`workflow.forecast`'s answer; here it is only decided what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from models.database import Database
from models.digests import gather
from models.evaluations import to_json
from models.matters import Due, due, holds
from models.outbox import Letter, remember
from models.queries_inbox import office_calendar
from models.reminding import known_keys, lay_in_inbox, note_planned, planned
from models.report_planning import keep_obligations
from models.staffing import Addressee, Staff, staff
from models.subjects import Scope
from models.words import Channel
from schedules.summary import Summary
from workflow.reminders import sending_instant
from workflow.working_days import OFFICE_ZONE, office_day

LEFT: Final = "người nhận không còn hoạt động"
NO_ADDRESS: Final = "người nhận không có địa chỉ thư"
SWITCHED_OFF: Final = "người nhận đã tắt thư cho loại nhắc này"

AT_ONCE: Final = 100
"""Rows written in one transaction, so that nobody else waits long for the database."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A letter to be written down; with a reason it is noted but not sent."""

    letter: Letter
    because: str


def plan(database: Database, now: datetime) -> Summary:
    """Write down every reminder that has come and is not in the book; once each, whoever runs."""
    keep_obligations(database, now)
    with database.reading() as session:
        wanted = list(letters(session, now))
        known = known_keys(session, [one.letter.dedupe_key for one in wanted])
    fresh = [one for one in wanted if one.letter.dedupe_key not in known]
    done = Summary()
    for start in range(0, len(fresh), AT_ONCE):
        with database.writing() as session:
            for one in fresh[start : start + AT_ONCE]:
                done += _write_down(session, one, now)
    with database.writing() as session:
        _gather(session, now)
        note_planned(session, now)
    return done


def scope_of(session: Session, now: datetime) -> Scope:
    """What the planning answers for: everything since its first run."""
    before = planned(session)
    if before is None:
        return Scope(since=now, until=now, live_at=now)
    return Scope(min(before.since, now), until=now, live_at=min(before.until, now))


def letters(session: Session, now: datetime) -> Iterator[Planned]:
    """Every letter that has come due, to be sent or only noted."""
    people = staff(session)
    for one in due(session, scope_of(session, now), people):
        yield from letters_of(one, people, now)


def letters_of(one: Due, people: Staff, now: datetime) -> Iterator[Planned]:
    """One letter for each channel; what keeps it from being sent is its reason."""
    intent = one.intent
    to = people.people.get(intent.person_id) if intent.person_id is not None else None
    because = reason_of(one, people, now)
    yield Planned(_letter(one, to, Channel.INBOX), because)
    if to is None:
        return
    mark, wish = intent.mark, people.wish(to.person_id, intent.mark.kind)
    mailed = because
    if not mailed and not to.email:
        mailed = NO_ADDRESS
    if not mailed and not wish.email and not mark.legal:
        mailed = SWITCHED_OFF
    yield Planned(_letter(one, to, Channel.EMAIL), mailed)
    if wish.webhook:
        yield Planned(_letter(one, to, Channel.WEBHOOK), because)


def reason_of(one: Due, people: Staff, now: datetime) -> str:
    """Why a reminder is not to be sent at `now`; empty when it is."""
    found = one.intent.reason(now, holds=holds(people, one, now))
    to = people.people.get(one.intent.person_id or 0)
    return found or ("" if to is None or to.may_receive else LEFT)


def _letter(one: Due, to: Addressee | None, channel: Channel) -> Letter:
    intent = one.intent
    return Letter(
        dedupe_key=f"{intent.key}:{channel.value}",
        letter=intent.mark.letter,
        due_at=intent.due_at,
        address=to.email if to and channel is Channel.EMAIL else "",
        recipient_id=to.person_id if to else None,
        dossier_id=intent.dossier_id,
        channel=channel,
        values=values_of(one) | {"recipient": to.name if to else ""},
        alone=channel is not Channel.EMAIL or intent.mark.overdue,
        day=intent.day,
    )


def values_of(one: Due) -> dict[str, Any]:
    """What a letter about this mark may fill in; days and instants are tagged."""
    mark = one.intent.mark
    return one.subject.values | {
        "rule": mark.rule,
        "kind": mark.kind.value,
        "title": mark.title,
        "clause": mark.clause,
        "day": to_json(mark.day),
        "deadline": to_json(mark.deadline),
        "overdue": mark.overdue,
        "escalated": [role.value for role in mark.escalates_to],
        "mark": one.intent.mark_key,
    }


def _gather(session: Session, now: datetime) -> None:
    """From 08:00 of a working day on, everybody with something due gets one digest."""
    today = office_day(now)
    morning = sending_instant(today, OFFICE_ZONE)
    if now >= morning and office_calendar(session).is_working_day(today):
        gather(session, today, morning, now)


def _write_down(session: Session, one: Planned, now: datetime) -> Summary:
    if one.because:
        noted = remember(session, one.letter, now, suppressed_because=one.because)
        return Summary(suppressed=noted)
    if one.letter.channel is Channel.INBOX:
        return Summary(laid_in_inbox=lay_in_inbox(session, one.letter, now))
    return Summary(queued=remember(session, one.letter, now))
