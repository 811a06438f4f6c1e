"""Loading the demonstration into an empty database, once, with progress."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import TYPE_CHECKING

from sqlalchemy import select

from models.clock import move
from models.demonstration.calendar import store_calendar
from models.demonstration.cast import Cast
from models.demonstration.figures import store_scores
from models.demonstration.meeting import Meeting
from models.demonstration.papers import lines_in
from models.demonstration.playing import Player
from models.demonstration.reporting import report_events
from models.demonstration.season import read_season
from models.demonstration.staffing import staff
from models.importing_units import apply_units, read_units
from models.paper_readings import keep_reading
from models.rulebooks import load_programme
from models.sealing import seal_new_lines
from models.tables import OutgoingMessage, Person, Unit
from models.words import MessageStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from models.database import Database
    from models.demonstration.season import Season
    from models.files import FileStore, StoredFile

    Progress = Callable[[str, int, int], None]

_FIRST_DAY = date(2021, 10, 9)
_SETTLED = "đã gửi trước ngày mở bản minh hoạ"


@dataclass(frozen=True, slots=True)
class DemonstrationTexts:
    """The files a demonstration is made of, read by the door."""

    season: str
    programme: str
    source: str
    units: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class DemoAccountShown:
    """An account for the sign-in page."""

    login: str
    name: str
    position: str
    employer: str


def is_loaded(session: Session) -> bool:
    """Is there anything in this database already?"""
    return session.scalar(select(Person.id).limit(1)) is not None


def load_demonstration(
    database: Database,
    texts: DemonstrationTexts,
    files: FileStore,
    opens: datetime | None,
    real_now: datetime,
    progress: Progress,
) -> Season:
    """Load programme, units, people, scores and the season; the clock then shows `opens`.

    Answers the season, whose accounts and password the door shows. Raises `SeasonRefused` when
    the law refuses a step the season expects.
    """
    season = read_season(texts.season)
    begin = datetime.combine(_FIRST_DAY, time(3), UTC)
    with database.writing() as session:
        load_programme(session, texts.programme, texts.source, None, begin)
        for number, text in enumerate(texts.units, start=1):
            progress("đơn vị", number, len(texts.units))
            apply_units(session, read_units(session, text), None, begin)
        store_calendar(session, range(2021, 2027))
        staff(session, season, _FIRST_DAY)
        by = session.scalars(select(Person.id).where(Person.code == "BT-02")).one()
        store_scores(session, season.scores, by)
    _play(database, season, files, progress)
    with database.writing() as session:
        _settle_letters(session)
        move(session, opens or season.opens, real_now)
    _seal(database, season.opens)
    return season


def demonstration_accounts(session: Session, season: Season) -> tuple[DemoAccountShown, ...]:
    """The season's accounts with names, for the sign-in page, in the order of the season."""
    rows = session.execute(
        select(Person.code, Person.full_name, Person.position, Unit.name).join(
            Unit, Unit.id == Person.employer_id
        )
    )
    people = {code: (name, position, unit) for code, name, position, unit in rows}
    return tuple(
        DemoAccountShown(account.login, *people[account.person])
        for account in season.accounts
        if account.person in people
    )


def _play(database: Database, season: Season, files: FileStore, progress: Progress) -> None:
    with database.reading() as session:
        cast = Cast(session)

    written: dict[str, bytes] = {}

    def keep(content: bytes, name: str) -> StoredFile:
        stored = files.put(BytesIO(content), name)
        written[stored.sha256] = content
        return stored

    players = [Player(number, story, cast, keep) for number, story in enumerate(season.dossiers)]
    stories = [event for player in players for event in player.events()]
    meetings = [Meeting(number, one, cast, keep) for number, one in enumerate(season.sessions)]
    sessions = [event for meeting in meetings for event in meeting.events()]
    events = sorted([*stories, *report_events(cast, keep), *sessions])
    for number, event in enumerate(events, start=1):
        if number % 50 == 0 or number == len(events):
            progress("bước của mùa sơ kết", number, len(events))
        with database.writing() as session:
            event.act(session, event.at)
    with database.writing() as session:
        for sha256, content in written.items():
            keep_reading(session, sha256, lines_in(content), "", season.opens)


def _settle_letters(session: Session) -> None:
    """Letters of the played months count as sent: a visitor sees only what follows."""
    waiting = session.scalars(
        select(OutgoingMessage).where(OutgoingMessage.status == MessageStatus.WAITING)
    )
    for letter in waiting:
        letter.status = MessageStatus.SUPPRESSED
        letter.reason = _SETTLED


def _seal(database: Database, now: datetime) -> None:
    sealed = 1
    while sealed:
        with database.writing() as session:
            sealed = seal_new_lines(session, now)
