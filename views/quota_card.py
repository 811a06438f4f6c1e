"""The arithmetic of places, drawn the same way wherever it matters."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from views import labels
from views.formats import _
from workflow.facts import Quota
from workflow.programme import QuotaTable
from workflow.words import percent

MOST_SEATS = 30


@dataclass(frozen=True, slots=True)
class QuotaCard:
    """What `macros/quota.html` draws. `seats` are `on`, `kept` or empty, one for each place."""

    title: str
    used: int
    reserved: int
    cap: int | None
    sum_text: str
    left_text: str
    seats: tuple[str, ...]
    clause_ref: str
    clause_href: str
    readings: tuple[str, ...]

    @property
    def full(self) -> bool:
        """Is no place left?"""
        return self.cap is not None and self.used + self.reserved >= self.cap


def card(quota: Quota, table: QuotaTable, title: str = "") -> QuotaCard:
    """Draw one pool."""
    kept = _(", giữ chỗ {reserved}", reserved=quota.reserved) if quota.reserved else ""
    if quota.cap is None:
        left = _("Đã dùng {used}{kept}, không giới hạn.", used=quota.used, kept=kept)
    else:
        free = quota.cap - quota.used - quota.reserved
        left = _("Đã dùng {used}{kept}, còn {free}.", used=quota.used, kept=kept, free=free)
    return QuotaCard(
        title=title,
        used=quota.used,
        reserved=quota.reserved,
        cap=quota.cap,
        sum_text=sum_text(quota, table),
        left_text=left,
        seats=_seats(quota),
        clause_ref=labels.clause_text(table.clause),
        clause_href=labels.clause_url(table.clause),
        readings=table.readings,
    )


def sum_text(quota: Quota, table: QuotaTable) -> str:
    """20% × 30 = 6; or who set the number, or that nobody did."""
    if table.percent is not None and quota.base is not None:
        share = quota.base * table.percent / 100
        rounded = "" if share == quota.cap else _(" → {cap}", cap=quota.cap)
        return _(
            "{percent}% × {base} = {short}{rounded}.",
            percent=percent(table.percent),
            base=quota.base,
            short=_short(share),
            rounded=rounded,
        )
    if quota.cap is None:
        return _("Thủ trưởng không đặt số lượng tối đa.")
    return _("Thủ trưởng đặt tối đa {cap}.", cap=quota.cap)


def before_and_after(quota: Quota, more: int = 1) -> tuple[str, str]:
    """The places taken before a decision for `more`, and after it: "5/6" and "6/6"."""
    if quota.cap is None:
        return str(quota.used), str(quota.used + more)
    left = quota.cap - quota.used - quota.reserved
    after = f"{quota.used + more}/{quota.cap}" if left >= more else _("không còn chỗ")
    return f"{quota.used}/{quota.cap}", after


def _seats(quota: Quota) -> tuple[str, ...]:
    if quota.cap is None or quota.cap > MOST_SEATS:
        return ()
    free = quota.cap - quota.used - quota.reserved
    return ("on",) * quota.used + ("kept",) * quota.reserved + ("",) * free


def _short(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")
