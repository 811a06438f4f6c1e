"""What a council's sessions ask of the reader: a ballot to send, a session to close."""

from __future__ import annotations

from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from models.council_reading import ballots_waiting, sessions_led
from models.queries_people import Reader
from models.tables import CouncilSession
from views import flags, labels_council
from views.formats import _
from views.side_by_side import Choice
from views.tasks import Task
from workflow.vocabulary import SessionState
from workflow.working_days import office_day


def waiting(
    session: Session, reader: Reader, now: datetime, wanted: Choice | None = None
) -> list[Task]:
    """Ballots by their closing instant, and sessions the secretary has to lead on."""
    day = office_day(now)

    def kept(row: CouncilSession) -> bool:
        return wanted is None or wanted.keeps(row.programme_id, {row.cycle_id})

    votes = [
        _task(
            row,
            unit,
            now,
            _("Bỏ phiếu phiên {code}", code=row.code),
            "council_ballot.show",
            _("Bỏ phiếu"),
        )
        for row, unit in ballots_waiting(session, reader.person_id)
        if kept(row)
    ]
    led = []
    for row, unit in sessions_led(session, reader.person_id, day):
        if not kept(row):
            continue
        counted = row.state is SessionState.COUNTING
        page = "council_tally.show" if counted else "council_sessions.show"
        title = _(
            "{count} phiên {code}",
            count=_("Chốt") if counted else _("Điều hành bỏ phiếu"),
            code=row.code,
        )
        led.append(_task(row, unit, now, title, page, _("Mở phiên")))
    return [*votes, *led]


def _task(
    row: CouncilSession, unit: str, now: datetime, title: str, page: str, button: str
) -> Task:
    url = url_for(page, code=row.code)
    return Task(
        title=title,
        url=url,
        who=_("{unit} · {kind}", unit=unit, kind=labels_council.KIND[row.kind]),
        due=row.closes_at,
        **flags.due_words(row.closes_at, now),
        flags=[labels_council.STATE[row.state]],
        progress_text="",
        button_label=button,
        button_url=url,
        ready=True,
    )
