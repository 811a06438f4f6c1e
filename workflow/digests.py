"""The words of the morning digest, the same in the letter and in its preview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from workflow.working_days import OFFICE_ZONE, office_day

if TYPE_CHECKING:
    from collections.abc import Sequence

_ZONE = ZoneInfo(OFFICE_ZONE)


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
        words = f"đến hạn ngày {first}" if same else f"sắp đến hạn, sớm nhất ngày {first}"
        parts.append(f"{len(ahead)} việc {words}")
    if late:
        parts.append(f"{len(late)} việc quá hạn")
    if news:
        parts.append(f"{news} tin mới")
    return f"[TĐKT] {', '.join(parts)}"


def lines(items: Sequence[Item], now: datetime) -> tuple[str, ...]:
    """One line for each thing, those past their deadline first, then soonest first."""
    ordered = sorted(items, key=lambda one: (one.deadline >= now, one.deadline, one.what))
    return tuple(line(one, now) for one in ordered)


def line(item: Item, now: datetime) -> str:
    """Sắp hết hạn nộp hồ sơ: HS-2023-0027 (đơn vị), hạn 17:00 ngày 08/12/2023, còn 2 ngày."""
    until = item.deadline.astimezone(_ZONE).strftime("%H:%M ngày %d/%m/%Y")
    clause = f" (Mục {item.clause})" if item.clause else ""
    return f"{item.title}: {item.what}, hạn {until}, {countdown(item.deadline, now)}{clause}."


def countdown(deadline: datetime, now: datetime) -> str:
    """Còn 2 ngày, ngày mai, hôm nay, quá 5 ngày; calendar days of the office."""
    left = (office_day(deadline) - office_day(now)).days
    if left < 0:
        return f"quá {-left} ngày"
    if left == 0:
        return "quá hạn" if now > deadline else "hôm nay"
    return "ngày mai" if left == 1 else f"còn {left} ngày"
