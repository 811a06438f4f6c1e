"""Places: the share of units that may receive an award, and caps set by heads (R12, R13)."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP
from typing import TYPE_CHECKING

from workflow.guards.registry import NoParameters, guard
from workflow.programme import QuotaTable, Rounding
from workflow.verdicts import Finding, met, not_applicable, not_met
from workflow.vocabulary import Role
from workflow.words import percent, say

if TYPE_CHECKING:
    from workflow.case import Case

_ROUNDING = {
    Rounding.FLOOR: ROUND_FLOOR,
    Rounding.NEAREST: ROUND_HALF_UP,
    Rounding.CEILING: ROUND_CEILING,
}


def cap_of(table: QuotaTable, base: int) -> int:
    """Places a base gives, by the programme's share and rounding (20 % × 30 = 6)."""
    return int((base * table.percent / 100).to_integral_value(_ROUNDING[table.rounding]))


@guard("place_left", NoParameters)
def place_left(case: Case, params: NoParameters) -> Finding:
    """A place is left in the quota this award counts against (IV.2.b)."""
    del params
    quota, award = case.facts.quota, case.award
    if quota is None or award is None:
        return not_applicable(say("Hình thức và đối tượng này không tính vào chỉ tiêu."))
    if quota.cap is None:
        return met(say("Thủ trưởng không đặt số lượng tối đa."), value=quota.used)
    words = {"base": quota.base, "cap": quota.cap, "used": quota.used, "left": quota.left or 0}
    share = percent(award.quota.percent) if award.quota else ""
    if quota.used >= quota.cap:
        return not_met(
            "QUOTA_FULL",
            say(
                "Chỉ tiêu {share}% × {base} = {cap}; đã dùng {used}, không còn.",
                share=share,
                **words,
            ),
            remedy=say("Bỏ một tập thể khỏi danh sách, hoặc thu hồi một quyết định đã ban hành."),
            who=Role.DECIDER,
            value=quota.used,
            threshold=quota.cap,
            record=f"quota:{quota.pool}",
        )
    return met(
        say(
            "Chỉ tiêu {share}% × {base} = {cap}; đã dùng {used}, còn {left}.",
            share=share,
            **words,
        ),
        value=quota.used,
        threshold=quota.cap,
        record=f"quota:{quota.pool}",
    )
