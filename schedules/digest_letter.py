"""The morning digest as a letter; with one thing alone it is that thing's own letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from models.evaluations import from_json
from models.news import is_news
from models.tables import OutgoingMessage
from schedules.speech import told
from schedules.wording import Text, cleaned, fill_in, render
from workflow.deadlines import Deadline
from workflow.digests import Item, lines, subject
from workflow.news import news_line
from workflow.words import phrase


def render_digest(
    carried: Sequence[OutgoingMessage],
    overdue: Sequence[OutgoingMessage],
    ahead: Deadline | None,
    base_url: str,
    now: datetime,
) -> Text:
    """Write the letter for what a digest carries, and what is overdue besides.

    `ahead` is the next deadline of the dossier it is about, if it is about one.
    """
    if len(carried) == 1 and not overdue:
        return render(carried[0].letter, carried[0].values, ahead, base_url, now)
    read = [line_of(one) for one in (*carried, *overdue)]
    items = [one for one in read if isinstance(one, Item)]
    news = [one for one in read if isinstance(one, str)]
    body = fill_in(
        "_digest",
        {
            "recipient": cleaned(str(carried[0].values.get("recipient", ""))),
            "now": now,
            "lines": lines(items, now),
            "news": news,
            "link": f"{base_url}/viec",
        },
    )
    return Text(str(told(subject(items, now, len(news)))), body)


def line_of(message: OutgoingMessage) -> Item | str:
    """Read a stored letter as something due, or as a line of news."""
    values = message.values
    if not is_news(message):
        return item_of(values)
    return news_line(message.letter, {name: _read(value) for name, value in values.items()})


def _read(value: object) -> object:
    """Undo the tags; clean what people typed."""
    match from_json(value):
        case str(text):
            return cleaned(text)
        case tuple(some):
            return tuple(_read(each) for each in some)
        case dict(named):
            return {name: _read(each) for name, each in named.items()}
        case other:
            return other


def item_of(values: Mapping[str, Any]) -> Item:
    """Read a stored reminder as one line of the digest."""
    code, unit = str(values.get("code", "")), cleaned(str(values.get("unit", "")))
    what = f"{code} ({unit})" if code else cleaned(str(values.get("subject", "")))
    if values.get("on_behalf"):
        giver = cleaned(str(values["on_behalf"]))
        what = phrase("{what}, thay mặt {giver}", what=what, giver=giver)
    deadline = cast("datetime", from_json(values["deadline"]))
    return Item(str(values["title"]), what, deadline, str(values.get("clause", "")))
