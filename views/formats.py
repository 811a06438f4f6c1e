"""Vietnamese forms of dates, figures and sizes: everything is formatted here, at the edge."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Flask

from workflow.words import Sentence, Value
from workflow.working_days import OFFICE_ZONE, office_day

_ZONE = ZoneInfo(OFFICE_ZONE)
_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
_KILOBYTE = 1024


def local(instant: datetime) -> datetime:
    """The instant on the office's clock."""
    return instant.astimezone(_ZONE)


def day(value: date) -> str:
    """05/12/2023; of an instant, its office day."""
    return _day_of(value).strftime("%d/%m/%Y")


def short_day(value: date) -> str:
    """05/12."""
    return _day_of(value).strftime("%d/%m")


def clock(instant: datetime) -> str:
    """17:00."""
    return local(instant).strftime("%H:%M")


def moment(instant: datetime) -> str:
    """17:00 ngày 07/12/2023: inside a sentence."""
    return f"{clock(instant)} ngày {day(instant)}"


def stamp(instant: datetime) -> str:
    """04/12/2023, 15:20: in a table or a time line."""
    return f"{day(instant)}, {clock(instant)}"


def weekday(value: date) -> str:
    """Thứ Ba, 05/12/2023."""
    return f"{_WEEKDAYS[_day_of(value).weekday()]}, {day(value)}"


def relative(value: date, today: date) -> str:
    """Còn 2 ngày, ngày mai, hôm nay, quá 5 ngày; counted in calendar days."""
    left = (_day_of(value) - today).days
    if left == 0:
        return "hôm nay"
    if left < 0:
        return f"quá {-left} ngày"
    return "ngày mai" if left == 1 else f"còn {left} ngày"


def recently(instant: datetime, today: date) -> str:
    """08:10 hôm nay, or the day in full."""
    return f"{clock(instant)} hôm nay" if office_day(instant) == today else moment(instant)


def number(value: int) -> str:
    """1.234."""
    return f"{value:,}".replace(",", ".")


def decimal(value: Decimal) -> str:
    """86,42: at least two places, none cut off."""
    places = max(2, -int(value.as_tuple().exponent))
    whole, _, rest = f"{value:.{places}f}".partition(".")
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{number(int(whole))},{rest}"


def size(count: int) -> str:
    """655 KB, 1,9 MB."""
    kilobytes = max(1, round(count / _KILOBYTE))
    if kilobytes < _KILOBYTE:
        return f"{kilobytes} KB"
    return f"{count / _KILOBYTE / _KILOBYTE:.1f} MB".replace(".", ",")


def value(raw: Value) -> str:
    """One value of a sentence in the reader's form."""
    if isinstance(raw, datetime):
        return moment(raw)
    if isinstance(raw, date):
        return day(raw)
    if isinstance(raw, Decimal):
        return decimal(raw)
    if isinstance(raw, int):
        return str(raw)
    return raw


def sentence(said: Sentence) -> str:
    """Fill in a sentence of the law."""
    return said.template.format(**{name: value(raw) for name, raw in said.values.items()})


def initials(name: str) -> str:
    """LM of Lý Thị Mai: first letters of the family name and the given name."""
    words = name.split()
    ends = words if len(words) < 2 else (words[0], words[-1])  # noqa: PLR2004 - two ends
    return "".join(word[0] for word in ends).upper()


def shortened(text: str) -> str:
    """The same words with the abbreviation the office uses every day."""
    return text.replace("Ủy ban nhân dân", "UBND")


def lower_first(text: str) -> str:
    """The same words inside a sentence; abbreviations keep their capitals."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def inside(said: Sentence) -> str:
    """A sentence of the law after a colon; one that begins with a name keeps its capital."""
    text = sentence(said)
    named = said.template.startswith("{") and "".join(text.split(" ", 2)[1:2]).istitle()
    return text if named else lower_first(text)


def days_after(value: date, count: int) -> date:
    """A later day, for what a page says about tomorrow."""
    return _day_of(value) + timedelta(days=count)


def teach(app: Flask) -> None:
    """Let templates use these forms as filters."""
    forms = (day, short_day, clock, moment, stamp, weekday, relative, number, decimal, size)
    for form in (*forms, sentence, initials, lower_first):
        app.jinja_env.filters[form.__name__] = form


def _day_of(value: date) -> date:
    return office_day(value) if isinstance(value, datetime) else value
