"""What the tests of the clock ask again and again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from models.database import Database
from models.rulebooks import load_programme
from models.tables import Appointment, OutgoingMessage, Person
from models.words import Channel, MessageStatus
from tests import builders as build
from tests.builders import NOW
from workflow.facts import ExtensionInput
from workflow.vocabulary import Action

OFFICE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass
class StoppedClock:
    """Shows `now` until it is set to something else."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def at(month: int, day: int, hour: int = 9, minute: int = 0, *, year: int = 2023) -> datetime:
    """An instant of 2023 on the office's clock, in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=OFFICE).astimezone(UTC)


def book(
    database: Database, letter: str = "", channel: Channel | None = None
) -> list[OutgoingMessage]:
    """The letters in the book, oldest first; not the digests that carry them."""
    query = select(OutgoingMessage).order_by(OutgoingMessage.due_at, OutgoingMessage.id)
    query = query.where(OutgoingMessage.letter != "digest")
    if letter:
        query = query.where(OutgoingMessage.letter == letter)
    if channel:
        query = query.where(OutgoingMessage.channel == channel)
    with database.reading() as session:
        return list(session.scalars(query))


def digests(database: Database) -> list[OutgoingMessage]:
    """The morning digests, oldest first."""
    query = select(OutgoingMessage).where(OutgoingMessage.letter == "digest")
    with database.reading() as session:
        return list(session.scalars(query.order_by(OutgoingMessage.id)))


def statuses(messages: list[OutgoingMessage]) -> dict[MessageStatus, int]:
    """How many letters stand where."""
    found: dict[MessageStatus, int] = {}
    for message in messages:
        found[message.status] = found.get(message.status, 0) + 1
    return found


def empty_book(database: Database) -> None:
    """Forget the letters of the steps a builder took."""
    with database.writing() as session:
        session.execute(delete(OutgoingMessage))


def outlast_leases(database: Database) -> None:
    """Let every lease run out, as if those who hold letters had been away for long enough."""
    with database.writing() as session:
        session.execute(
            update(OutgoingMessage)
            .where(OutgoingMessage.status == MessageStatus.CLAIMED)
            .values(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
        )


def a_registered_alone(database: Database, unit: str = "H029") -> str:
    """The code of a registered dossier, with nothing in the book."""
    code = build.a_registered(database, unit)
    empty_book(database)
    return code


def remind_of_no_reports(database: Database) -> None:
    """Put a version in force whose clock is about dossiers, registrations and scores only."""
    text, source = build.programme_text()
    head, _, rest = text.partition("  - id: N12\n")
    _, mark, tail = rest.partition("\nregistration_reminders:\n")
    with database.writing() as session:
        load_programme(session, head + mark + tail, source, None, build.SPRING)


def extend(database: Database, code: str, until: datetime, *, now: datetime) -> None:
    """Grant an extension of the handing-in."""
    board = f"appraiser@{build.PROVINCE}"
    inputs = ExtensionInput(until)
    build.taken(
        build.step(database, code, board, Action.GRANT_EXTENSION, inputs, now=now, comment="Mưa lũ")
    )


def relieve(database: Database, code: str, last: datetime) -> None:
    """End the posts of the person with this code on a day."""
    with database.writing() as session:
        session.execute(
            update(Appointment)
            .where(Appointment.person_id == build.person_id(session, code))
            .values(valid_to=last.date())
        )


def set_person(database: Database, code: str, **values: object) -> None:
    """Change columns of a person."""
    with database.writing() as session:
        session.execute(update(Person).where(Person.code == code).values(**values))
