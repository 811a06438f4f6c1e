"""Recognised initiatives, solutions and new ways of working (R08, R10)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from workflow.guards.registry import guard
from workflow.table import Table
from workflow.verdicts import Finding, met, not_met
from workflow.vocabulary import Role
from workflow.words import Sentence, phrase, say

if TYPE_CHECKING:
    from workflow.case import Case
    from workflow.facts import Initiative


class Recognition(StrEnum):
    """Whether the recognition is asked for already, or only that something is declared."""

    REQUIRED = "required"
    DECLARED = "declared"


class InitiativeNeed(Table):
    """Whether the initiative must also be applied at the unit (individuals, R10)."""

    applied: bool
    recognition: Recognition = Recognition.REQUIRED


@guard("initiative_recognised", InitiativeNeed)
def initiative_recognised(case: Case, params: InitiativeNeed) -> Finding:
    """At least one initiative is recognised within the programme period (IV.1.b, Q27)."""
    initiatives = case.facts.initiatives
    if not initiatives:
        return not_met(
            "INITIATIVE_MISSING",
            say("Chưa khai sáng kiến, giải pháp hoặc cách làm mới nào."),
            remedy=say("Khai ít nhất 1 sáng kiến kèm số, ngày quyết định công nhận."),
            who=Role.CLERK,
            value=0,
            threshold=1,
        )
    if params.recognition is Recognition.DECLARED:
        return met(
            say("Đã khai {count} sáng kiến, giải pháp.", count=len(initiatives)),
            value=len(initiatives),
            threshold=1,
        )
    faults = [(one, _fault(case, one, params)) for one in initiatives]
    for one, fault in faults:
        if fault is None:
            return _good(one)
    one, fault = faults[0]
    code, seen, remedy = fault or ("", say(""), say(""))
    return not_met(
        code,
        seen,
        remedy=remedy,
        who=Role.CLERK,
        value=0,
        threshold=1,
        record=f"initiative:{one.id}",
    )


def _good(one: Initiative) -> Finding:
    reused = (
        phrase(" Đã dùng trong hồ sơ {used_before_in}.", used_before_in=one.used_before_in)
        if one.used_before_in
        else ""
    )
    return met(
        say(
            "“{title}”, {by} công nhận tại {number} ngày {day}.{reused}",
            title=one.title,
            by=one.recognised_by,
            number=one.recognition_number,
            day=one.recognised_on or "",
            reused=reused,
        ),
        value=1,
        threshold=1,
        record=f"initiative:{one.id}",
        whose=one.recognised_by,
    )


def _fault(
    case: Case, one: Initiative, params: InitiativeNeed
) -> tuple[str, Sentence, Sentence] | None:
    if not (one.recognised_by and one.recognition_number and one.recognised_on):
        return (
            "RECOGNITION_MISSING",
            say("“{title}”: chưa có số, ngày, cơ quan công nhận.", title=one.title),
            say("Nhập số, ngày và cơ quan ban hành quyết định công nhận."),
        )
    latest = min(case.today, case.programme.ends)
    if not case.programme.starts <= one.recognised_on <= latest:
        return (
            "RECOGNITION_OUTSIDE",
            say(
                "“{title}” được công nhận ngày {day}, ngoài khoảng từ {starts} đến {latest}.",
                title=one.title,
                day=one.recognised_on,
                starts=case.programme.starts,
                latest=latest,
            ),
            say("Chọn sáng kiến được công nhận trong thời gian của chương trình."),
        )
    if params.applied and not one.applied:
        return (
            "INITIATIVE_NOT_APPLIED",
            say("“{title}”: chưa xác nhận đã áp dụng tại đơn vị.", title=one.title),
            say("Xác nhận sáng kiến đã áp dụng trong thực tế tại cơ quan, đơn vị."),
        )
    return None
