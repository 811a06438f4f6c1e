"""What a letter says, in the language of whoever it goes to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from config.languages import SOURCE, catalogue, forms
from workflow.words import Phrase
from workflow.working_days import OFFICE_ZONE, office_day

_ZONE: Final = ZoneInfo(OFFICE_ZONE)
_TONGUE: Final = ContextVar("tongue", default=SOURCE)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write what comes in this language."""
    before = _TONGUE.set(language)
    try:
        yield
    finally:
        _TONGUE.reset(before)


def say(template: str, /, **values: object) -> str:
    """Fill in a sentence in the language spoken now; a place named `count` chooses the plural."""
    known, count = catalogue(_TONGUE.get()), values.get("count")
    if isinstance(count, int):
        found = known.ngettext(template, template, count)
    else:
        found = known.gettext(template)
    return found.format(**{name: _place(value) for name, value in values.items()})


def _place(value: object) -> object:
    """A value inside a sentence; a text the catalogue knows is said in the same language."""
    plain = isinstance(value, str) and not isinstance(value, Phrase)
    return catalogue(_TONGUE.get()).gettext(str(value)) if plain and value else told(value)


def told(value: object) -> object:
    """A value as the language spoken now has it; what somebody typed stays as it is."""
    if isinstance(value, Phrase):
        return say(value.template, **value.values)
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else value


def moment(instant: datetime) -> str:
    """17:00 ngày 07/12/2023, on the office's clock."""
    time = instant.astimezone(_ZONE).strftime("%H:%M")
    return say("{time} ngày {day}", time=time, day=day(instant))


def day(value: date) -> str:
    """07/12/2023; of an instant, its office day."""
    return forms.day(office_day(value) if isinstance(value, datetime) else value, _TONGUE.get())
