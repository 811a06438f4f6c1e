"""Dates, figures, sizes and sentences in the reader's language: everything is formatted here."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Mapping, ValuesView
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from jinja2 import pass_eval_context
from jinja2.filters import do_join
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from config.languages import forms
from views.languages import language, lookup
from workflow.words import Phrase, Sentence, phrase
from workflow.working_days import OFFICE_ZONE, office_day

_ZONE = ZoneInfo(OFFICE_ZONE)
_WEEKDAYS = (
    phrase("Thứ Hai"),
    phrase("Thứ Ba"),
    phrase("Thứ Tư"),
    phrase("Thứ Năm"),
    phrase("Thứ Sáu"),
    phrase("Thứ Bảy"),
    phrase("Chủ Nhật"),
)
_KILOBYTE = 1024


def local(instant: datetime) -> datetime:
    """The instant on the office's clock."""
    return instant.astimezone(_ZONE)


def day(value: date) -> str:
    """05/12/2023; of an instant, its office day. English: 5 Dec 2023."""
    return forms.day(_day_of(value), language())


def short_day(value: date) -> str:
    """05/12. English: 5 Dec."""
    return forms.short_day(_day_of(value), language())


def clock(instant: datetime) -> str:
    """17:00."""
    return local(instant).strftime("%H:%M")


def moment(instant: datetime) -> str:
    """17:00 ngày 07/12/2023: inside a sentence."""
    return _("{time} ngày {day}", time=clock(instant), day=day(instant))


def stamp(instant: datetime) -> str:
    """04/12/2023, 15:20: in a table or a time line."""
    return f"{day(instant)}, {clock(instant)}"


def weekday(value: date) -> str:
    """Thứ Ba, 05/12/2023."""
    return f"{lookup(_WEEKDAYS[_day_of(value).weekday()])}, {day(value)}"


def relative(value: date, today: date) -> str:
    """Còn 2 ngày, ngày mai, hôm nay, quá 5 ngày; counted in calendar days."""
    left = (_day_of(value) - today).days
    if left == 0:
        return _("hôm nay")
    if left < 0:
        return _("quá {count} ngày", count=-left)
    return _("ngày mai") if left == 1 else _("còn {count} ngày", count=left)


def recently(instant: datetime, today: date) -> str:
    """08:10 hôm nay, or the day in full."""
    if office_day(instant) == today:
        return _("{time} hôm nay", time=clock(instant))
    return moment(instant)


def number(value: int) -> str:
    """1.234. English: 1,234."""
    written = f"{value:,}"
    return written if _english() else written.replace(",", ".")


def bounded(value: int, most: int) -> str:
    """A count made up to `most`: 37, 1.000+."""
    return f"{number(most)}+" if value > most else number(value)


def decimal(value: Decimal) -> str:
    """86,42: at least two places, none cut off. English: 86.42."""
    places = max(2, -int(value.as_tuple().exponent))
    whole, _point, rest = f"{value:.{places}f}".partition(".")
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{number(int(whole))}{'.' if _english() else ','}{rest}"


def size(count: int) -> str:
    """655 KB, 1,9 MB."""
    kilobytes = max(1, round(count / _KILOBYTE))
    if kilobytes < _KILOBYTE:
        return f"{kilobytes} KB"
    written = f"{count / _KILOBYTE / _KILOBYTE:.1f} MB"
    return written if _english() else written.replace(".", ",")


def value(raw: object) -> str:
    """One value of a sentence in the reader's form; a known text in the reader's language."""
    if isinstance(raw, Phrase):
        return told(raw)
    if isinstance(raw, datetime):
        return moment(raw)
    if isinstance(raw, date):
        return day(raw)
    if isinstance(raw, Decimal):
        return decimal(raw)
    return lookup(raw) if isinstance(raw, str) else str(raw)


def _(template: str, /, **values: object) -> str:
    """Say a sentence in the reader's language; a place named `count` chooses the plural."""
    said = lookup(template, number_in(values))
    return said.format(**{name: value(raw) for name, raw in values.items()}) if values else said


def number_in(values: Mapping[str, object]) -> int | None:
    """What chooses the plural: the place named `count`, also where it is written out already."""
    count = values.get("count")
    if isinstance(count, str):
        # “trên 1.000” as well
        digits = count.split()[-1].replace(".", "").replace(",", "") if count.strip() else ""
        return int(digits) if digits.isdecimal() else None
    return count if isinstance(count, int) else None


def month(value: date) -> str:
    """Tháng 12; in English Dec."""
    if _english():
        return forms.MONTHS[value.month - 1]
    return _("tháng {month}", month=value.month)


def sentence(said: Sentence) -> str:
    """Fill in a sentence of the law."""
    return _(said.template, **said.values) if said.values else _(said.template).format()


def told(text: str) -> str:
    """A phrase in the reader's language; what is no phrase was typed by somebody, and stays."""
    return _(text.template, **text.values) if isinstance(text, Phrase) else text


def written(shown: Any) -> Any:  # noqa: ANN401 - whatever a template writes
    """What a template writes: phrases in the reader's language, everything else as it is."""
    return told(shown) if type(shown) is Phrase else shown


def in_template(template: str, /, **values: object) -> Markup:
    """`_` for templates: markup among the values stays, everything else is escaped."""
    said = escape(lookup(template, number_in(values)))
    if not values:
        return said
    return said.format(
        **{name: raw if isinstance(raw, Markup) else value(raw) for name, raw in values.items()}
    )


@pass_eval_context
def in_a_row(
    context: EvalContext, parts: Iterable[Any], between: str = "", name: str | None = None
) -> str:
    """Jinja's `join`, with every phrase in the reader's language."""
    told_parts = parts if name is not None else [written(one) for one in parts]
    row: str = do_join(context, told_parts, between, name)
    return row


def joined(parts: Iterable[object], between: str = ", ") -> str:
    """Several texts in a row, each in the reader's language, with `between` as it is given."""
    return between.join(value(one) for one in parts)


class Words(dict[Any, str]):
    """Texts by code, read in the reader's language; the Vietnamese stays underneath."""

    def __getitem__(self, code: Any) -> str:  # noqa: ANN401 - keys are words of the law
        """Read one text. Raises `KeyError`."""
        found = super().__getitem__(code)
        return told(found) if isinstance(found, Phrase) else lookup(found)

    def get(self, code: Any, default: Any = None) -> Any:  # noqa: ANN401
        """Read one text, or something else."""
        return self[code] if code in self else default  # noqa: SIM401 - this is `get`

    def items(self) -> ItemsView[Any, str]:  # type: ignore[override]
        """All codes with their texts."""
        return {code: self[code] for code in self}.items()

    def values(self) -> ValuesView[str]:  # type: ignore[override]
        """All texts."""
        return {code: self[code] for code in self}.values()


def initials(name: str) -> str:
    """LM of Lý Thị Mai: first letters of the family name and the given name."""
    words = name.split()
    ends = words if len(words) < 2 else (words[0], words[-1])  # noqa: PLR2004 - two ends
    return "".join(word[0] for word in ends).upper()


def shortened(text: str) -> str:
    """The same words with the abbreviation the office uses every day."""
    return told(text).replace("Ủy ban nhân dân", "UBND")


def lower_first(text: str) -> str:
    """The same words inside a sentence; abbreviations keep their capitals."""
    text = told(text)
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
    known = (day, short_day, clock, moment, stamp, weekday, relative, number, decimal, size)
    for form in (*known, sentence, initials, lower_first):
        app.jinja_env.filters[form.__name__] = form
    app.jinja_env.globals["_"] = in_template
    app.jinja_env.filters["join"] = in_a_row
    app.jinja_env.finalize = written


def _english() -> bool:
    return language() == "en"


def _day_of(value: date) -> date:
    return office_day(value) if isinstance(value, datetime) else value
