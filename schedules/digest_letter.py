"""The morning digest as a letter; with one thing alone it is that thing's own letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from models.evaluations import from_json
from models.tables import OutgoingMessage
from schedules.wording import Text, cleaned, fill_in, render
from workflow.digests import Item, lines, subject


def render_digest(
    carried: Sequence[OutgoingMessage],
    overdue: Sequence[OutgoingMessage],
    base_url: str,
    now: datetime,
) -> Text:
    """Write the letter for what a digest carries, and what is overdue besides."""
    if len(carried) == 1 and not overdue:
        return render(carried[0].letter, carried[0].values, None, base_url, now)
    items = [item_of(one.values) for one in (*carried, *overdue)]
    body = fill_in(
        "_digest",
        {
            "recipient": cleaned(str(carried[0].values.get("recipient", ""))),
            "now": now,
            "lines": lines(items, now),
            "link": f"{base_url}/viec",
        },
    )
    return Text(subject(items, now), body)


def item_of(values: Mapping[str, Any]) -> Item:
    """Read a stored reminder as one line of the digest."""
    code, unit = str(values.get("code", "")), cleaned(str(values.get("unit", "")))
    what = f"{code} ({unit})" if code else cleaned(str(values.get("subject", "")))
    if values.get("on_behalf"):
        what += f", thay mặt {cleaned(str(values['on_behalf']))}"
    deadline = cast("datetime", from_json(values["deadline"]))
    return Item(str(values["title"]), what, deadline, str(values.get("clause", "")))
