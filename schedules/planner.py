"""Which reminders there should be now, and writing down those that are not in the book yet.

Correctness rests on the key of a letter, not on who runs this, how often or when: a run that
finds everything written writes nothing (domain brief, section 4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import product
from typing import Any, Final

from sqlalchemy.orm import Session

from models.database import Database
from models.evaluations import to_json
from models.outbox import Letter, remember
from models.people import Places
from models.queries_inbox import office_calendar
from models.reminding import (
    Addressee,
    Directory,
    Standing,
    UnitLine,
    directory,
    known_keys,
    lay_in_inbox,
    programmes_in_force,
    standing_dossiers,
    unregistered_units,
)
from models.rulebooks import rulebook_of
from models.words import Channel
from schedules.summary import Summary
from workflow.programme import Cycle, Programme, RegistrationReminderTable
from workflow.reminders import Due, Mark, due, registration_due, registration_marks
from workflow.working_days import closing_instant, office_day

NEWER: Final = "đã có lần nhắc mới hơn"
TOO_OLD: Final = "đã quá 30 ngày kể từ ngày nhắc"
WINDOW_CLOSED: Final = "đã hết hạn đăng ký"
NOBODY: Final = "chưa có ai giữ vai trò được nhắc"

CATCHING_UP: Final = timedelta(days=30)
"""Reminders missed in an outage are made up for this long; older ones are only noted."""

AT_ONCE: Final = 100
"""Rows written in one transaction, so that nobody else waits long for the database."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One mark of one subject for one person; with a reason it is noted but not sent."""

    mark: Mark
    subject_key: str
    to: Addressee | None
    because: str
    values: dict[str, Any]
    dossier_id: int | None = None

    def letters(self, now: datetime) -> Iterator[Letter]:
        """One letter for each channel that reaches the person.

        An e-mail is due from now on, not from the mark: it is given up only after it has been
        tried for as long as any other.
        """
        yield self._letter(Channel.INBOX, self.mark.sends_at)
        if self.to is not None and self.to.email:
            yield self._letter(Channel.EMAIL, self.mark.sends_at if self.because else now)

    def _letter(self, channel: Channel, due_at: datetime) -> Letter:
        person_id = self.to.person_id if self.to else None
        return Letter(
            dedupe_key=f"{self.subject_key}:{person_id or 0}:{channel.value}",
            letter=self.mark.letter,
            due_at=due_at,
            address=self.to.email if self.to and channel is Channel.EMAIL else "",
            recipient_id=person_id,
            dossier_id=self.dossier_id,
            channel=channel,
            values=self.values | {"recipient": self.to.name if self.to else ""},
        )


def plan(database: Database, now: datetime) -> Summary:
    """Write down every reminder that has come and is not in the book; once each, whoever runs."""
    with database.reading() as session:
        wanted = [
            (reminder.because, letter)
            for reminder in reminders(session, now)
            for letter in reminder.letters(now)
        ]
        known = known_keys(session, [letter.dedupe_key for _, letter in wanted])
    fresh = [(because, letter) for because, letter in wanted if letter.dedupe_key not in known]
    done = Summary()
    for start in range(0, len(fresh), AT_ONCE):
        with database.writing() as session:
            for because, letter in fresh[start : start + AT_ONCE]:
                done += _write_down(session, letter, because, now)
    return done


def reminders(session: Session, now: datetime) -> Iterator[Reminder]:
    """Every reminder of every subject whose mark has come, to be sent or only noted."""
    people = directory(session, office_day(now))
    yield from dossier_reminders(session, people, now)
    for programme in programmes_in_force(session):
        yield from registration_reminders(session, people, programme, now)


def dossier_reminders(
    session: Session, people: Directory, now: datetime, only: Collection[int] | None = None
) -> Iterator[Reminder]:
    """Reminders about dossiers, each by the rules of the version it began under."""
    calendar = office_calendar(session)
    for standing in standing_dossiers(session, only):
        programme = rulebook_of(session, standing.programme_hash).programme
        for come in due(programme, standing.live, calendar, now):
            to = people.standing_in(come.mark.to, standing.places)
            yield from _about_dossier(programme, standing, come, to, now)


def registration_reminders(
    session: Session, people: Directory, programme: Programme, now: datetime
) -> Iterator[Reminder]:
    """Reminders to units that have not registered, one a unit and year (IV.1.a).

    Two cycles of one year that close on the same day are one matter and give one reminder.
    A unit where nobody holds a post asked for is left out: nobody is there to register.
    """
    seen: set[tuple[str, int | None]] = set()
    for cycle in programme.cycles:
        marks = tuple(_registration_marks(programme, cycle, now))
        if not marks:
            continue
        units = unregistered_units(session, programme.id, cycle.year, office_day(now))
        for unit, (mark, because) in product(units, marks):
            for to in people.standing_in(mark.to, Places(unit.id, unit.id)):
                reminder = _about_unit(programme, cycle, unit, mark, because, to)
                identity = (reminder.subject_key, to.person_id)
                if identity not in seen:
                    seen.add(identity)
                    yield reminder


def _about_dossier(
    programme: Programme,
    standing: Standing,
    come: Due,
    to: Collection[Addressee],
    now: datetime,
) -> Iterator[Reminder]:
    live, mark = standing.live, come.mark
    award = programme.award_by_id.get(standing.award_form)
    values = _values(mark) | {
        "code": live.code,
        "subject": standing.subject,
        "unit": standing.unit,
        "cycle": programme.cycle_by_id[live.cycle_id].label,
        "award": award.title if award else "",
        "state": live.state.value,
        "entered": to_json(live.entered_state_at),
    }
    because = _because(come, now)
    for one in to or (None,):
        yield Reminder(
            mark=mark,
            subject_key=mark.key(live.code, live.entered_state_at),
            to=one,
            because=because if one else because or NOBODY,
            values=values,
            dossier_id=live.dossier_id,
        )


def _about_unit(
    programme: Programme,
    cycle: Cycle,
    unit: UnitLine,
    mark: Mark,
    because: str,
    to: Addressee,
) -> Reminder:
    opens = closing_instant(cycle.registration_opens, time(0), programme.zone)
    values = _values(mark) | {
        "code": "",
        "subject": unit.name,
        "unit": unit.name,
        "cycle": cycle.label,
        "programme": programme.id,
        "programme_title": programme.short_title,
        "year": cycle.year,
        "award": "",
    }
    subject_key = mark.key(f"{programme.id}:{cycle.year}:{unit.code}", opens)
    return Reminder(mark, subject_key, to, because, values)


def _registration_marks(
    programme: Programme, cycle: Cycle, now: datetime
) -> Iterator[tuple[Mark, str]]:
    """Marks that have come with the reason not to send them, if there is one."""
    for rule in programme.registration_reminders:
        yield from _marks_of_rule(programme, cycle, rule, now)


def _marks_of_rule(
    programme: Programme, cycle: Cycle, rule: RegistrationReminderTable, now: datetime
) -> Iterable[tuple[Mark, str]]:
    open_still = registration_due(programme, cycle, rule, now)
    if open_still:
        return [(come.mark, _because(come, now)) for come in open_still]
    return [
        (mark, WINDOW_CLOSED)
        for mark in registration_marks(programme, cycle, rule)
        if mark.deadline < now <= mark.deadline + CATCHING_UP
    ]


def _because(come: Due, now: datetime) -> str:
    if come.superseded:
        return NEWER
    return TOO_OLD if now - come.mark.sends_at > CATCHING_UP else ""


def _values(mark: Mark) -> dict[str, Any]:
    """What a letter about this mark may fill in; days and instants are tagged."""
    return {
        "rule": mark.rule,
        "title": mark.title,
        "clause": mark.clause,
        "day": to_json(mark.day),
        "deadline": to_json(mark.deadline),
    }


def _write_down(session: Session, letter: Letter, because: str, now: datetime) -> Summary:
    if because:
        return Summary(suppressed=remember(session, letter, now, suppressed_because=because))
    if letter.channel is Channel.INBOX:
        return Summary(laid_in_inbox=lay_in_inbox(session, letter, now))
    return Summary(queued=remember(session, letter, now))
