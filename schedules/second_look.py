"""The last look before a letter leaves: does it still make sense, and what is due now?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from models.evaluations import to_json
from models.reminding import (
    Standing,
    directory,
    may_receive,
    programmes_in_force,
    standing_dossiers,
)
from models.rulebooks import rulebook_of
from models.tables import OutgoingMessage
from schedules.planner import Reminder, dossier_reminders, registration_reminders
from workflow.deadlines import Deadline, deadline_of, next_state
from workflow.working_days import office_day

MOVED_ON: Final = "hồ sơ đã chuyển bước"
DEADLINE_MOVED: Final = "hạn đã thay đổi"
NOT_THEIRS: Final = "người nhận không còn giữ việc này"
LEFT: Final = "người nhận không còn hoạt động"
NO_LONGER_OPEN: Final = "đơn vị đã đăng ký hoặc đã hết hạn đăng ký"


@dataclass(frozen=True, slots=True)
class Look:
    """With a reason the letter is not sent; `ahead` is the dossier's next deadline, if any."""

    because: str = ""
    ahead: Deadline | None = None


def look_again(session: Session, message: OutgoingMessage, now: datetime) -> Look:
    """Judge a letter by how things stand at `now`.

    A reminder must still be one the planner would write; a letter about a step that happened
    always goes, unless the person has left.
    """
    recipient = message.recipient_id
    if recipient is not None and not may_receive(session, recipient):
        return Look(LEFT)
    is_reminder = "rule" in message.values
    if message.dossier_id is None:
        return Look(_registration_reason(session, message, now) if is_reminder else "")
    standing = next(iter(standing_dossiers(session, {message.dossier_id})), None)
    because = _dossier_reason(session, message, standing, now) if is_reminder else ""
    return Look(because, _ahead(session, standing))


def _dossier_reason(
    session: Session, message: OutgoingMessage, standing: Standing | None, now: datetime
) -> str:
    values = message.values
    if standing is None or values["state"] != standing.live.state:
        return MOVED_ON
    if values["entered"] != to_json(standing.live.entered_state_at):
        return MOVED_ON
    people = directory(session, office_day(now))
    wanted = list(dossier_reminders(session, people, now, {standing.live.dossier_id}))
    found = _same_letter(wanted, message, now)
    if found is not None:
        return found.because
    same_mark = any(message.dedupe_key.startswith(f"{one.subject_key}:") for one in wanted)
    return NOT_THEIRS if same_mark else DEADLINE_MOVED


def _registration_reason(session: Session, message: OutgoingMessage, now: datetime) -> str:
    people = directory(session, office_day(now))
    for programme in programmes_in_force(session):
        if programme.id != message.values["programme"]:
            continue
        wanted = list(registration_reminders(session, people, programme, now))
        found = _same_letter(wanted, message, now)
        if found is not None:
            return found.because
    return NO_LONGER_OPEN


def _same_letter(
    wanted: list[Reminder], message: OutgoingMessage, now: datetime
) -> Reminder | None:
    for reminder in wanted:
        if any(letter.dedupe_key == message.dedupe_key for letter in reminder.letters(now)):
            return reminder
    return None


def _ahead(session: Session, standing: Standing | None) -> Deadline | None:
    following = next_state(standing.live.state) if standing else None
    if standing is None or following is None:
        return None
    programme = rulebook_of(session, standing.programme_hash).programme
    return deadline_of(programme, standing.live, following)
