"""Letters about people rather than steps: who may act for whom, who takes over from whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.evaluations import to_json
from models.outbox import Letter, remember
from models.tables import Appointment, Person
from models.validity import may_act, valid_on
from models.words import Channel
from workflow.vocabulary import Post

LETTER = "people"
SEALED = "{sealed}"
"""Where a line of a letter carries a secret."""


@dataclass(frozen=True, slots=True)
class News:
    """What a letter says: a headline, sentences, where it leads; `key` makes it this letter."""

    key: str
    headline: str
    lines: Sequence[str]
    page: str = ""
    code: str = ""
    dossier_id: int | None = None
    sealed: str = ""
    """What stands sealed in the record, and is written by the postman in place of `SEALED`."""


def tell(session: Session, people: Iterable[int], news: News, now: datetime) -> int:
    """Queue the news for everybody of `people` with an address; returns how many letters."""
    wanted = set(people)
    rows = session.execute(
        select(Person.id, Person.full_name, Person.email)
        .where(Person.id.in_(wanted), Person.email != "")
        .order_by(Person.id)
    )
    queued = 0
    for person_id, name, email in rows:
        queued += remember(
            session,
            Letter(
                dedupe_key=f"{LETTER}:{news.key}:{person_id}:{Channel.EMAIL.value}",
                letter=LETTER,
                due_at=now,
                address=email,
                recipient_id=person_id,
                dossier_id=news.dossier_id,
                values={
                    "code": news.code,
                    "page": news.page,
                    "headline": news.headline,
                    "lines": list(news.lines),
                    "recipient": name,
                    "subject": "",
                    "at": to_json(now),
                    **({"sealed": news.sealed} if news.sealed else {}),
                },
            ),
            now,
        )
    return queued


def watching(session: Session, day: date) -> list[int]:
    """Ids of the auditors of the day."""
    return list(
        session.scalars(
            select(Appointment.person_id)
            .where(Appointment.post == Post.AUDITOR, valid_on(day), may_act(Appointment.person_id))
            .order_by(Appointment.person_id)
            .distinct()
        )
    )
