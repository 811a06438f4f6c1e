"""Council sessions of the demonstration, prepared, voted on and closed as everybody would."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from models import council_agenda, council_ballots, council_closing, council_sessions
from models.council_changes import Ask
from models.council_reading import sitting_of
from models.council_sessions import Arrangement
from models.demonstration.papers import word_paper
from models.demonstration.playing import CYCLE, Event, SeasonRefused, instant
from models.tables import CouncilSession, Dossier
from workflow.councils.ballots import Entry
from workflow.vocabulary import Post, Vote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from models.demonstration.cast import Cast
    from models.demonstration.season import DemoSession
    from models.files import StoredFile
    from workflow.councils.sitting import Sitting

    Keep = Callable[[bytes, str], StoredFile]

FIRST_NUMBER = 90_000
"""Numbers of these events come after those of all dossiers at the same instant."""
PROVINCE = "UBND-TINH"
WHY = "Minh chứng về hiệu quả áp dụng còn ít, đề nghị theo dõi thêm một năm."


class Meeting:
    """Plays one session of the season as a list of events."""

    def __init__(self, number: int, story: DemoSession, cast: Cast, keep: Keep) -> None:
        """`number` is the place among the sessions, from 0."""
        self.number, self.story, self.cast, self.keep = number, story, cast, keep
        self.code = ""
        self.nominees: dict[str, str] = {}

    def events(self) -> Iterator[Event]:
        """Every event of this session, in its order."""
        story, first = self.story, FIRST_NUMBER + self.number * 100
        yield Event(instant(story.convened, story.start), first, self._convene)
        yield Event(instant(story.convened, story.start + 30), first + 1, self._open)
        for place, person in enumerate(story.voted):
            at = instant(story.convened, story.start + 140 + 11 * place)
            yield Event(at, first + 2 + place, self._vote(person, place))
        if story.closed is not None:
            yield Event(instant(story.closed, 30), first + 50, self._count)
            yield Event(instant(story.closed, 90), first + 51, self._close)

    def _convene(self, session: Session, now: datetime) -> None:
        story = self.story
        unit = self.cast.units[story.unit]
        wanted = Arrangement(
            story.place, instant(story.held, 60), instant(story.closes, 9 * 60), story.method
        )
        ask = Ask("", self._secretary(), 0)
        self.code = council_sessions.convene(session, unit, CYCLE, wanted, ask, now)
        self.nominees = {self._code_of(session, one): one for one in story.dossiers}
        codes = list(self.nominees)
        self._expect(council_agenda.add_to_agenda(session, self._ask(session), codes, now))

    def _open(self, session: Session, now: datetime) -> None:
        self._expect(council_sessions.open_ballot(session, self._ask(session), now))

    def _vote(self, person: str, turn: int) -> Callable[[Session, datetime], None]:
        def act(session: Session, now: datetime) -> None:
            member = self.cast.people[person]
            sitting = self._sitting(session)
            seat = sitting.seat_of(member)
            if seat is None:
                raise SeasonRefused(f"{self.code}: {person} has no seat")
            items = council_ballots.votable(sitting, seat)
            entries = []
            for place, item in enumerate(items):
                against = person in self.story.against.get(self.nominees[item.code], ())
                rank = 1 + (place + turn) % len(items)
                entries.append(
                    Entry(item.id, Vote.NO, WHY, papers=item.papers)
                    if against
                    else Entry(item.id, Vote.YES, rank=rank, papers=item.papers)
                )
            answer = council_ballots.send(session, Ask(self.code, member, 0), entries, now)
            self._expect((*answer.refusals, *answer.faults))

        return act

    def _count(self, session: Session, now: datetime) -> None:
        self._expect(council_sessions.close_ballot(session, self._ask(session), now))

    def _close(self, session: Session, now: datetime) -> None:
        unit = self.cast.units[self.story.unit]
        name = self.cast.unit_name(unit)
        chair = self.cast.name(self.cast.holder(unit, Post.COUNCIL_CHAIR))
        said = f"Hội đồng họp phiên {self.code}, kết quả như trong phụ lục."
        stored = self.keep(
            word_paper(name, "Biên bản họp Hội đồng", (said,), chair), "bien-ban.docx"
        )
        signed = (
            None
            if self.story.unit == PROVINCE
            else council_closing.Minutes(stored, (now + timedelta(hours=7)).date(), chair)
        )
        versions = {item.code: item.version for item in self._sitting(session).items}
        council_closing.close(session, self._ask(session), versions, signed, now)

    def _secretary(self) -> int:
        return self.cast.holder(self.cast.units[self.story.unit], Post.COUNCIL_SECRETARY)

    def _row(self, session: Session) -> CouncilSession:
        query = select(CouncilSession).where(CouncilSession.code == self.code)
        return session.scalars(query).one()

    def _sitting(self, session: Session) -> Sitting:
        return sitting_of(session, self._row(session))

    def _ask(self, session: Session) -> Ask:
        version = self._row(session).version
        key = f"season-{self.code}-{version}"
        return Ask(self.code, self._secretary(), version, key)

    def _code_of(self, session: Session, nominee: str) -> str:
        """The dossier of a person, or of a unit as a whole."""
        person = self.cast.people.get(nominee)
        key = f"person:{person}" if person else f"unit:{self.cast.units[nominee]}"
        return session.scalars(select(Dossier.code).where(Dossier.subject_key == key)).one()

    def _expect(self, refused: tuple[object, ...]) -> None:
        if refused:
            raise SeasonRefused(f"{self.code}: {refused}")
