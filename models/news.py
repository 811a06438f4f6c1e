"""News that waits for a morning digest: letters about steps, as long as what they tell is so.

A step is told as it was taken; what came after it may make it no news any more. The postman and
the forecast both ask here. Days are office days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from models.outbox import DIGEST
from models.people import Places
from models.report_queries import number_of
from models.staffing import Staff
from models.tables import Decision, Dossier, HeldLetter, OutgoingMessage, Report, Suspension
from models.words import MessageStatus
from workflow.forecast import HELD, MOVED_ON, NOT_THEIRS, RELEASED, SUPPLEMENT_OPENED
from workflow.news import MOVED
from workflow.vocabulary import ENDS, Role, State
from workflow.words import phrase

NEWER_NEWS: Final = phrase("đã có tin mới hơn về cùng việc")
STILL_STOPPED: Final = phrase("một đợt tạm dừng khác còn chạy")
ANSWERED: Final = phrase("báo cáo đã chuyển bước")


def is_news(message: OutgoingMessage) -> bool:
    """Does it wait for a digest without being a reminder?"""
    return not message.alone and message.letter != DIGEST and "rule" not in message.values


def waiting_news(session: Session) -> list[OutgoingMessage]:
    """Everything that waits for a digest to be made, oldest first."""
    rows = session.scalars(
        select(OutgoingMessage)
        .where(
            OutgoingMessage.status == MessageStatus.WAITING,
            OutgoingMessage.alone.is_(False),
            OutgoingMessage.day.is_(None),
            OutgoingMessage.digest_id.is_(None),
            ~exists().where(HeldLetter.message_id == OutgoingMessage.id),
        )
        .order_by(OutgoingMessage.id)
    )
    return [row for row in rows if is_news(row)]


def outdated(
    session: Session, messages: Sequence[OutgoingMessage], people: Staff, day: date
) -> dict[int, str]:
    """Why some of these letters are no news any more on `day`, by their ids.

    Reminders and letters of their own are none of its business, but for those about the end of a
    stop.
    """
    told = [one for one in messages if is_news(one) or one.values.get("at_end")]
    if not told:
        return {}
    found = {one.id: why for one in told if (why := _not_theirs(one, people, day))}
    standing = _standing(session, told, day)
    states = _report_states(session, told)
    newest = _newest(told)
    for one in told:
        if one.id in found:
            continue
        why = _overtaken(one, standing, states)
        if not why and all(newest[each] != one.id for each in _matters(one)):
            why = NEWER_NEWS
        if why:
            found[one.id] = why
    return found


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a dossier stands; `shown` is its state for those who do not know of a decision yet."""

    state: State
    shown: State
    held: bool
    supplement: bool
    stopped: bool


def _standing(session: Session, told: Iterable[OutgoingMessage], day: date) -> dict[int, _Standing]:
    about = {one.dossier_id for one in told if one.dossier_id is not None}
    if not about:
        return {}
    stopped = set(
        session.scalars(
            select(Suspension.dossier_id).where(
                Suspension.dossier_id.in_(about), Suspension.since <= day, Suspension.until >= day
            )
        )
    )
    rows = session.execute(
        select(
            Dossier.id,
            Dossier.state,
            Dossier.hold_since.is_not(None),
            Dossier.supplement,
            and_(Decision.id.is_not(None), Decision.published_at.is_(None)),
        )
        .outerjoin(Decision, Decision.id == Dossier.decision_id)
        .where(Dossier.id.in_(about))
    )
    return {
        number: _Standing(
            state,
            State.BOARD_CHECKED if secret and state is State.DECIDED else state,
            held,
            supplement is not None,
            number in stopped,
        )
        for number, state, held, supplement, secret in rows
    }


def _report_states(session: Session, told: Iterable[OutgoingMessage]) -> dict[str, str]:
    codes = {str(one.values["code"]) for one in told if one.letter.startswith("report_")}
    if not codes:
        return {}
    rows = session.scalars(select(Report).where(Report.id.in_([number_of(one) for one in codes])))
    return {row.code: row.state.value for row in rows}


def _not_theirs(one: OutgoingMessage, people: Staff, day: date) -> str:
    roles = tuple(Role(name) for name in one.values.get("to", ()))
    if not roles or one.recipient_id is None:
        return ""
    places = Places(*one.values["places"])
    return "" if people.stands(one.recipient_id, roles, places, day) else NOT_THEIRS


def _overtaken(
    one: OutgoingMessage, standing: Mapping[int, _Standing], reports: Mapping[str, str]
) -> str:
    if one.letter.startswith("report_"):
        same = reports.get(str(one.values["code"])) == one.values["state"]
        return "" if same else ANSWERED
    now = standing.get(one.dossier_id or 0)
    if now is None:
        return ""
    if one.values.get("at_end"):
        stopped = STILL_STOPPED if now.stopped else ""
        return MOVED_ON if now.state in ENDS else stopped
    if one.letter == "suspended":
        return MOVED_ON if now.state in ENDS else ""
    inside = Role.DECIDER.value in one.values.get("to", ())
    state = now.state if inside else now.shown
    return _undone(one.letter, now) if state == one.values.get("state") else MOVED_ON


def _undone(letter: str, now: _Standing) -> str:
    """What took a step back that left the dossier in its state."""
    undone = {
        "held": "" if now.held else RELEASED,
        "released": HELD if now.held else "",
        "supplement_sent": SUPPLEMENT_OPENED if now.supplement else "",
    }
    return undone.get(letter, "")


def _matters(one: OutgoingMessage) -> list[tuple[object, ...]]:
    """What it tells this person of: a milestone or several, a stop, or a step of a dossier."""
    if one.letter == MOVED:
        return [
            (one.recipient_id, each["state"], each["cycle"], each["award"])
            for each in one.values["items"]
        ]
    stop = [str(one.values.get(name)) for name in ("since", "until")]
    about = (one.recipient_id, one.letter, one.dossier_id, str(one.values.get("code")))
    match one.letter:
        case "day_moved":
            return [(*about, str(one.values.get("report_id")))]
        case "suspended":
            return [(*about, *stop)]
        case "suspension_over":
            return [(*about, stop[1])]
        case _:
            return [about]


def _newest(told: Iterable[OutgoingMessage]) -> dict[tuple[object, ...], int]:
    """The last letter about each matter to each person."""
    newest: dict[tuple[object, ...], int] = {}
    for one in told:
        for each in _matters(one):
            newest[each] = max(one.id, newest.get(each, 0))
    return newest
