"""Who is to be reminded of what, when and why: one pure function for clock, forecast and proof.

A matter (a dossier, a unit that has not registered, a year without scores, a report due) goes
through stretches in which nothing that counts for reminders changes. A mark is due when its
instant falls into its stretch, to everybody who stands in one of its roles then, and to whoever
takes such a post while the mark is still the newest of its rule. What is due never depends on
whether anybody was there to send it: the clock, the forecast and the reconciliation all ask here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from workflow.reminders import sending_instant
from workflow.words import phrase
from workflow.working_days import OFFICE_ZONE, office_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from workflow.reminders import Calendar, Mark
    from workflow.vocabulary import Action, Role

NEWER: Final = phrase("đã có lần nhắc mới hơn")
TOO_OLD: Final = phrase("đã quá 30 ngày kể từ ngày nhắc")
NOBODY: Final = phrase("chưa có ai giữ vai trò được nhắc")
NOT_THEIRS: Final = phrase("người nhận không còn giữ việc này")

MOVED_ON: Final = phrase("hồ sơ đã chuyển bước")
DEADLINE_MOVED: Final = phrase("hạn đã thay đổi")
SUPPLEMENT_OPENED: Final = phrase("hồ sơ đang chờ bổ sung")
SUPPLEMENT_SENT: Final = phrase("đã gửi bổ sung")
HELD: Final = phrase("hồ sơ đang tạm dừng")
RELEASED: Final = phrase("hồ sơ đã được gỡ tạm dừng")
PUBLISHED: Final = phrase("quyết định đã công bố")
NOTIFIED: Final = phrase("đã thông báo kết quả")
REGISTERED: Final = phrase("đơn vị đã đăng ký")
WINDOW_CLOSED: Final = phrase("đã hết hạn đăng ký")
SCORES_IN: Final = phrase("đã có đủ kết quả công bố")
CYCLE_OVER: Final = phrase("đợt đã kết thúc")

CATCHING_UP: Final = timedelta(days=30)
"""Reminders missed in an outage are made up for this long; older ones are only noted."""

PlacesT = TypeVar("PlacesT")
AnyPlaces_contra = TypeVar("AnyPlaces_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which nothing that counts changes; `because` says why it ended."""

    marks: tuple[Mark, ...]
    series: datetime
    start: datetime
    end: datetime | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Matter(Generic[PlacesT]):
    """What reminders are about; `subject` is its part of every key."""

    subject: str
    places: PlacesT
    stretches: tuple[Stretch, ...]
    dossier_id: int | None = None
    nobody_counts: bool = True
    """Is it to be noted when nobody holds a post asked for?"""


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody stands in a role from a day to a day (office days, both inclusive).

    A role that is lent says whose it is, and which steps were lent: none means all of them.
    """

    person_id: int
    first: date
    last: date | None = None
    on_behalf: str = ""
    actions: frozenset[Action] = frozenset()

    def on(self, day: date) -> bool:
        """Does it hold on `day`?"""
        return self.first <= day and (self.last is None or self.last >= day)

    def concerned_by(self, asks: frozenset[Action]) -> bool:
        """Is one of these steps the holder's to take?"""
        return not self.actions or bool(self.actions & asks)


class Staff(Protocol[AnyPlaces_contra]):
    """Who stood in which role towards which places, ever."""

    def holdings(self, roles: Sequence[Role], places: AnyPlaces_contra) -> Sequence[Holding]:
        """Every holding of one of `roles`, past and present."""
        ...


@dataclass(frozen=True, slots=True)
class Intent:
    """One mark for one person (None when nobody holds the post), due at an instant."""

    mark: Mark
    mark_key: str
    person_id: int | None
    due_at: datetime
    stretch: Stretch
    newer_at: datetime | None
    dossier_id: int | None = None

    @property
    def key(self) -> str:
        """Identity, but for the channel."""
        return f"{self.mark_key}:{self.person_id or 0}"

    @property
    def day(self) -> date:
        """The office day it is due on."""
        return office_day(self.due_at)

    def reason(self, now: datetime, *, holds: bool) -> str:
        """Why it is not to be sent at `now`; empty when it is. `holds`: still in the role?"""
        if self.stretch.end is not None and self.stretch.end <= now:
            return self.stretch.because
        if self.newer_at is not None and self.newer_at <= now:
            return NEWER
        if now - self.due_at > CATCHING_UP:
            return TOO_OLD
        if self.person_id is None:
            return NOBODY
        return "" if holds else NOT_THEIRS


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The same stretches without the cuts at which nothing changed for their marks.

    A deadline of another step or of another form of award may have moved: what was due stays due,
    and what waits to be sent still goes.
    """
    found: list[Stretch] = []
    for one in stretches:
        last = found[-1] if found else None
        touching = last is not None and last.end == one.start
        if last and touching and (last.marks, last.series) == (one.marks, one.series):
            found[-1] = replace(last, end=one.end, because=one.because)
        else:
            found.append(one)
    return tuple(found)


def intents(matter: Matter[PlacesT], staff: Staff[PlacesT], until: datetime) -> Iterator[Intent]:
    """Everything due about one matter up to and including `until`, each key once."""
    for stretch in matter.stretches:
        for mark, newer_at in _with_next(stretch, until):
            yield from _of_mark(matter, stretch, mark, newer_at, staff, until)


def _with_next(stretch: Stretch, until: datetime) -> Iterator[tuple[Mark, datetime | None]]:
    """Marks inside the stretch, each with the instant the next one of its rule comes."""
    by_rule: defaultdict[str, list[Mark]] = defaultdict(list)
    for mark in sorted(stretch.marks, key=lambda one: one.sends_at):
        if mark.sends_at > stretch.start and (stretch.end is None or mark.sends_at < stretch.end):
            by_rule[mark.rule].append(mark)
    for ordered in by_rule.values():
        later = [one.sends_at for one in ordered[1:]]
        for mark, newer_at in zip(ordered, [*later, None], strict=True):
            if mark.sends_at <= until:
                yield mark, newer_at


def _of_mark(
    matter: Matter[PlacesT],
    stretch: Stretch,
    mark: Mark,
    newer_at: datetime | None,
    staff: Staff[PlacesT],
    until: datetime,
) -> Iterator[Intent]:
    due = _due_instants(mark, staff.holdings(mark.to, matter.places))
    whom: dict[int | None, datetime] = {
        person_id: due_at
        for person_id, due_at in due.items()
        if due_at == mark.sends_at or _still_newest(due_at, newer_at, stretch.end)
    }
    if matter.nobody_counts and mark.sends_at not in due.values():
        whom[None] = mark.sends_at
    mark_key = mark.key(matter.subject, stretch.series)
    for person_id, due_at in whom.items():
        if due_at <= until:
            yield Intent(mark, mark_key, person_id, due_at, stretch, newer_at, matter.dossier_id)


def _still_newest(instant: datetime, *ends: datetime | None) -> bool:
    return all(end is None or instant < end for end in ends)


def _due_instants(mark: Mark, holdings: Iterable[Holding]) -> dict[int, datetime]:
    """For each person the instant the mark reaches them: its own, or their first morning."""
    found: dict[int, datetime] = {}
    for one in holdings:
        if one.last is not None and one.last < mark.day:
            continue
        if not one.concerned_by(mark.asks):
            continue
        at = mark.sends_at
        if one.first > mark.day:
            at = sending_instant(one.first, OFFICE_ZONE)
        found[one.person_id] = min(at, found.get(one.person_id, at))
    return dict(sorted(found.items()))


def leaves_at(intent: Intent, calendar: Calendar) -> datetime:
    """When its mail leaves: at once when overdue, else with the next working morning's digest."""
    if intent.mark.overdue:
        return intent.due_at
    return digest_instant(intent.due_at, calendar)


def digest_instant(due_at: datetime, calendar: Calendar) -> datetime:
    """08:00 of the first working day (office zone) at or after `due_at`."""
    day = office_day(due_at)
    if sending_instant(day, OFFICE_ZONE) < due_at:
        day += timedelta(days=1)
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return sending_instant(day, OFFICE_ZONE)
