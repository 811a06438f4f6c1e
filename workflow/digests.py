"""The words of the morning digest, the same in the letter and in its preview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workflow.words import joined, phrase
from workflow.working_days import office_day

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Item:
    """One thing due: the rule's title, what it is about, its deadline (aware UTC), its clause."""

    title: str
    what: str
    deadline: datetime
    clause: str = ""


def subject(items: Sequence[Item], now: datetime, news: int = 0) -> str:
    """[TĐKT] 3 việc đến hạn ngày 08/12, 1 việc quá hạn (design guide, section 11), 2 tin mới."""
    late = [one for one in items if one.deadline < now]
    ahead = sorted(office_day(one.deadline) for one in items if one.deadline >= now)
    parts = []
    if ahead:
        first = ahead[0].strftime("%d/%m")
        same = ahead[0] == ahead[-1]
        count = len(ahead)
        parts.append(
            phrase("{count} việc đến hạn ngày {first}", count=count, first=first)
            if same
            else phrase("{count} việc sắp đến hạn, sớm nhất ngày {first}", count=count, first=first)
        )
    if late:
        parts.append(phrase("{count} việc quá hạn", count=len(late)))
    if news:
        parts.append(phrase("{count} tin mới", count=news))
    return phrase("[TĐKT] {parts}", parts=joined(parts))


def lines(items: Sequence[Item], now: datetime) -> tuple[str, ...]:
    """One line for each thing, those past their deadline first, then soonest first."""
    ordered = sorted(items, key=lambda one: (one.deadline >= now, one.deadline, one.what))
    return tuple(line(one, now) for one in ordered)


def line(item: Item, now: datetime) -> str:
    """Sắp hết hạn nộp hồ sơ: HS-2023-0027 (đơn vị), hạn 17:00 ngày 08/12/2023, còn 2 ngày."""
    said: dict[str, object] = {
        "title": item.title,
        "what": item.what,
        "until": item.deadline,
        "countdown": countdown(item.deadline, now),
    }
    if item.clause:
        return phrase(
            "{title}: {what}, hạn {until}, {countdown} (Mục {clause}).", clause=item.clause, **said
        )
    return phrase("{title}: {what}, hạn {until}, {countdown}.", **said)


def countdown(deadline: datetime, now: datetime) -> str:
    """Còn 2 ngày, ngày mai, hôm nay, quá 5 ngày; calendar days of the office."""
    left = (office_day(deadline) - office_day(now)).days
    if left < 0:
        return phrase("quá {count} ngày", count=-left)
    if left == 0:
        return phrase("quá hạn") if now > deadline else phrase("hôm nay")
    return phrase("ngày mai") if left == 1 else phrase("còn {count} ngày", count=left)
