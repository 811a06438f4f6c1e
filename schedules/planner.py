"""Which reminders there should be now, and writing down those that are not in the book yet.

Correctness rests on the key of a letter, not on who runs this, how often or when: a run that
finds everything written writes nothing (domain brief, section 4). What is due is
`workflow.forecast`'s answer; here it is only decided what to do about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy.orm import Session

from models.database import Database
from models.digests import gather
from models.evaluations import to_json
from models.failpoints import reach
from models.inserting import insert_each_once
from models.matters import Due, due, holds, on_behalf
from models.outbox import Letter, row_in_inbox, row_of
from models.queries_inbox import office_calendar
from models.reminding import known_keys, note_planned, planned
from models.report_planning import keep_obligations
from models.staffing import Addressee, Staff, staff
from models.subjects import Scope
from models.tables import OutgoingMessage
from models.words import Channel, MessageStatus
from schedules.summary import Summary
from workflow.reminders import sending_instant
from workflow.working_days import OFFICE_ZONE, office_day

log = structlog.get_logger()

LEFT: Final = "người nhận không còn hoạt động"
NO_ADDRESS: Final = "người nhận không có địa chỉ thư"
SWITCHED_OFF: Final = "người nhận đã tắt thư cho loại nhắc này"

AT_ONCE: Final = 500
"""Rows written in one transaction, so that nobody else waits long for the database."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A letter to be written down; with a reason it is noted but not sent."""

    letter: Letter
    because: str


def plan(database: Database, now: datetime) -> Summary:
    """Write down every reminder that has come and is not in the book; once each, whoever runs."""
    keep_obligations(database, now)
    with database.reading(at_length=True) as session:
        fresh = list(letters(session, now))
    done = Summary()
    for start in range(0, len(fresh), AT_ONCE):
        reach("in_planner_between_batches")
        with database.writing() as session:
            done += _write_down(session, fresh[start : start + AT_ONCE], now)
        written = min(start + AT_ONCE, len(fresh))
        if written < len(fresh):
            log.info("job progress", job="plan_reminders", written=written, of=len(fresh))
    with database.writing() as session:
        _gather(session, now)
        note_planned(session, now)
        reach("digest_gathered_before_commit")
    return done


def scope_of(session: Session, now: datetime) -> Scope:
    """What the planning answers for: everything since its first run."""
    before = planned(session)
    if before is None:
        return Scope(since=now, until=now, live_at=now)
    return Scope(min(before.since, now), until=now, live_at=min(before.until, now))


def letters(session: Session, now: datetime) -> Iterator[Planned]:
    """Every letter that has come due and is not in the book, to be sent or only noted.

    Nearly all of them are in the book, so only the others are written out.
    """
    people = staff(session)
    found = [(one, keys_of(one, people)) for one in due(session, scope_of(session, now), people)]
    known = known_keys(session, [key for _, keys in found for key in keys])
    for one, keys in found:
        if not known.issuperset(keys):
            for planned in letters_of(one, people, now):
                if planned.letter.dedupe_key not in known:
                    yield planned


def channels_of(one: Due, people: Staff) -> tuple[Channel, ...]:
    """By which channels a reminder is told; where nobody holds the post, the inbox notes it."""
    to = one.intent.person_id
    if to is None or to not in people.people:
        return (Channel.INBOX,)
    if people.wish(to, one.intent.mark.kind).webhook:
        return (Channel.INBOX, Channel.EMAIL, Channel.WEBHOOK)
    return (Channel.INBOX, Channel.EMAIL)


def keys_of(one: Due, people: Staff) -> list[str]:
    """The keys of the letters of one reminder."""
    key = one.intent.key
    return [f"{key}:{channel.value}" for channel in channels_of(one, people)]


def letters_of(one: Due, people: Staff, now: datetime) -> Iterator[Planned]:
    """One letter for each channel; what keeps it from being sent is its reason."""
    intent = one.intent
    to = people.people.get(intent.person_id) if intent.person_id is not None else None
    because = reason_of(one, people, now)
    for channel in channels_of(one, people):
        mailed = because or (_unmailed(one, to, people) if channel is Channel.EMAIL else "")
        yield Planned(_letter(one, to, channel, on_behalf(people, one, now)), mailed)


def _unmailed(one: Due, to: Addressee | None, people: Staff) -> str:
    """Why no mail goes about a reminder that is otherwise to be sent; empty when one does."""
    if to is None or not to.email:
        return NO_ADDRESS
    mark = one.intent.mark
    wanted = mark.legal or people.wish(to.person_id, mark.kind).email
    return "" if wanted else SWITCHED_OFF


def reason_of(one: Due, people: Staff, now: datetime) -> str:
    """Why a reminder is not to be sent at `now`; empty when it is."""
    found = one.intent.reason(now, holds=holds(people, one, now))
    to = people.people.get(one.intent.person_id or 0)
    return found or ("" if to is None or to.may_receive else LEFT)


def _letter(one: Due, to: Addressee | None, channel: Channel, behalf: str) -> Letter:
    intent = one.intent
    return Letter(
        dedupe_key=f"{intent.key}:{channel.value}",
        letter=intent.mark.letter,
        due_at=intent.due_at,
        address=to.email if to and channel is Channel.EMAIL else "",
        recipient_id=to.person_id if to else None,
        dossier_id=intent.dossier_id,
        channel=channel,
        values=values_of(one) | {"recipient": to.name if to else "", "on_behalf": behalf},
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


def _write_down(session: Session, some: Sequence[Planned], now: datetime) -> Summary:
    """Write a handful in one statement; what another planner was faster with is not counted."""
    rows = {one.letter.dedupe_key: _row(one, now) for one in some}
    made = insert_each_once(
        session, OutgoingMessage, list(rows.values()), OutgoingMessage.dedupe_key
    )
    counts = Counter(rows[key]["status"] for key in made)
    return Summary(
        queued=counts[MessageStatus.WAITING],
        laid_in_inbox=counts[MessageStatus.SENT],
        suppressed=counts[MessageStatus.SUPPRESSED],
    )


def _row(one: Planned, now: datetime) -> dict[str, Any]:
    if one.because:
        return row_of(one.letter, now, suppressed_because=one.because)
    if one.letter.channel is Channel.INBOX:
        return row_in_inbox(one.letter, now)
    return row_of(one.letter, now)
