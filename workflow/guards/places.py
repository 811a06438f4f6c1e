"""Places: the share of units that may receive an award, and caps set by heads (R12, R13)."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP
from typing import TYPE_CHECKING

from workflow.guards.registry import NoParameters, guard
from workflow.programme import QuotaTable, Rounding
from workflow.verdicts import Finding, met, not_applicable, not_met
from workflow.vocabulary import Role
from workflow.words import Sentence, Value, percent, phrase, say

if TYPE_CHECKING:
    from decimal import Decimal

    from workflow.case import Case
    from workflow.facts import Quota

_ROUNDING = {
    Rounding.FLOOR: ROUND_FLOOR,
    Rounding.NEAREST: ROUND_HALF_UP,
    Rounding.CEILING: ROUND_CEILING,
}


def cap_of(table: QuotaTable, base: int | None) -> int | None:
    """Places a base gives, by the programme's share and rounding (20 % × 30 = 6).

    None where the programme takes no share: then the deciding head may set a number.
    """
    if table.percent is None or base is None:
        return None
    return int((base * table.percent / 100).to_integral_value(_ROUNDING[table.rounding]))


@guard("place_left", NoParameters)
def place_left(case: Case, params: NoParameters) -> Finding:
    """A place is left in the quota this award counts against (IV.2.b)."""
    del params
    quota, award = case.facts.quota, case.award
    if quota is None or award is None:
        return not_applicable(say("Hình thức và đối tượng này không tính vào chỉ tiêu."))
    left = quota.left
    if left is None:
        return met(say("Thủ trưởng không đặt số lượng tối đa."), value=quota.used)
    share = award.quota.percent if award.quota else None
    if left <= 0:
        return not_met(
            "QUOTA_FULL",
            _counted(quota, share, phrase("không còn")),
            remedy=_remedy(share, reserved=quota.reserved > 0),
            who=Role.DECIDER,
            value=quota.used,
            threshold=quota.cap,
            record=f"quota:{quota.pool}",
        )
    end = phrase("một chỗ giữ cho hồ sơ này") if quota.held else phrase("còn {left}", left=left)
    return met(
        _counted(quota, share, end),
        value=quota.used,
        threshold=quota.cap,
        record=f"quota:{quota.pool}",
    )


def _counted(quota: Quota, share: Decimal | None, end: str) -> Sentence:
    """The sum as people check it: where the number comes from, what is gone, what is left."""
    words: dict[str, Value] = {"cap": quota.cap or 0, "used": quota.used}
    if share is None or quota.base is None:
        origin = phrase("Thủ trưởng đặt tối đa {cap}", **words)
    else:
        words |= {"share": percent(share), "base": quota.base}
        origin = phrase("Chỉ tiêu {share}% × {base} = {cap}", **words)
    words |= {"origin": origin, "end": end}
    if quota.reserved:
        return say(
            "{origin}; đã dùng {used}, giữ chỗ {reserved}, {end}.", reserved=quota.reserved, **words
        )
    return say("{origin}; đã dùng {used}, {end}.", **words)


def _remedy(share: Decimal | None, *, reserved: bool) -> Sentence:
    if reserved:
        return say("Bỏ một hồ sơ khỏi danh sách trình ký đang giữ chỗ.")
    if share is None:
        return say("Thủ trưởng đặt lại số lượng tối đa, hoặc bỏ một hồ sơ khỏi danh sách.")
    return say("Bỏ một tập thể khỏi danh sách, hoặc thu hồi một quyết định đã ban hành.")
