"""Dossiers whose next step nobody could take: counted for health, told to administrators.

Looked for by the clock rather than by whoever asks after the service's health: it takes a reading
of everybody and every open dossier.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.job_runs import LATEST
from models.queries_inbox import office_calendar
from models.tables import Appointment, JobRun
from models.telling import News, tell
from models.validity import can_sign_in, valid_on
from models.who_could import Answer, who_could
from workflow.reminders import sending_instant
from workflow.vocabulary import Post
from workflow.words import phrase
from workflow.working_days import OFFICE_ZONE, office_day

STUCK: Final = "stuck"
PAGE: Final = "/quan-tri/ai-xu-ly"
MOST_NAMED: Final = 20


def stuck_dossiers(session: Session, now: datetime) -> list[Answer]:
    """Open dossiers that wait for a step nobody could take at `now`, by code."""
    return [one for one in who_could(session, now) if one.alarm]


def note_stuck(session: Session, count: int, real: datetime) -> None:
    """Keep how many there were at the real instant `real`."""
    values = {"finished_at": real, "outcome": str(count)}
    if not insert_once(session, JobRun, job=STUCK, slot=LATEST, started_at=real, **values):
        run = update(JobRun).where(JobRun.job == STUCK, JobRun.slot == LATEST)
        session.execute(run.values(started_at=real, **values))


def stuck_count(session: Session) -> int | None:
    """How many there were at the last look; None before the first."""
    run = session.get(JobRun, (STUCK, LATEST))
    return int(run.outcome) if run else None


def tell_administrators(session: Session, found: list[Answer], now: datetime) -> int:
    """One letter a working morning to every administrator; returns how many were queued."""
    today = office_day(now)
    early = now < sending_instant(today, OFFICE_ZONE)
    if not found or early or not office_calendar(session).is_working_day(today):
        return 0
    lines = [
        f"{one.code}, {one.subject} ({one.unit}): {one.step.title.lower()}."
        for one in found[:MOST_NAMED]
    ]
    if len(found) > MOST_NAMED:
        lines.append(phrase("Và {count} hồ sơ khác.", count=len(found) - MOST_NAMED))
    news = News(
        key=f"{STUCK}:{today}",
        headline=phrase("{count} hồ sơ không ai xử lý được", count=len(found)),
        lines=[
            phrase("Bước tiếp theo của các hồ sơ sau không còn ai làm được:"),
            *lines,
            phrase("Trang Ai xử lý được nêu lý do từng hồ sơ và cách xử lý."),
        ],
        page=PAGE,
    )
    return tell(session, _administrators(session, now), news, now)


def _administrators(session: Session, now: datetime) -> list[int]:
    return list(
        session.scalars(
            select(Appointment.person_id)
            .where(
                Appointment.post == Post.ADMINISTRATOR,
                valid_on(office_day(now)),
                can_sign_in(Appointment.person_id),
            )
            .order_by(Appointment.person_id)
            .distinct()
        )
    )
