"""Deadlines as an iCalendar feed (RFC 5545): stable UIDs, UTC instants, the library escapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vDuration

from workflow.working_days import OFFICE_ZONE

PRODUCT = "-//Ha Giang//Ho so thi dua khen thuong//VI"
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event. `uid` stays for ever; `sequence` grows whenever the event is told otherwise."""

    uid: str
    instant: datetime
    summary: str
    description: str
    sequence: int
    changed_at: datetime | None = None
    url: str = ""


def feed(name: str, happenings: Iterable[Happening], now: datetime) -> bytes:
    """The whole calendar as bytes; instants are UTC, so that every client shows the same one."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", OFFICE_ZONE)
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    for one in happenings:
        calendar.add_component(_event(one, now))
    return bytes(calendar.to_ical())


def _event(one: Happening, now: datetime) -> Event:
    event = Event()
    event.add("uid", one.uid)
    event.add("dtstamp", now)
    event.add("dtstart", one.instant)
    event.add("summary", one.summary)
    event.add("description", one.description)
    event.add("sequence", one.sequence)
    event.add("transp", "TRANSPARENT")
    if one.changed_at is not None:
        event.add("last-modified", one.changed_at)
    if one.url:
        event.add("url", one.url)
    return event
