"""Integrity holds: while discipline, inspection or a complaint runs, nothing goes on (R21)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.facts import HoldInput
from workflow.guards.registry import NoParameters, guard
from workflow.verdicts import Finding, met, not_met
from workflow.vocabulary import Role
from workflow.words import say

if TYPE_CHECKING:
    from workflow.case import Case


@guard("no_integrity_hold", NoParameters)
def no_integrity_hold(case: Case, params: NoParameters) -> Finding:
    """No discipline, inspection or complaint is running that bars the award."""
    del params
    hold = case.facts.hold
    if hold is None:
        return met(say("Không có cờ tạm dừng do kỷ luật, thanh tra, khiếu nại."))
    return not_met(
        "ON_HOLD",
        say(
            "Tạm dừng từ {since}: {reason} (nguồn: {source}).",
            since=hold.since,
            reason=hold.reason,
            source=hold.source,
        ),
        remedy=say("Chờ kết luận, rồi người thẩm định gỡ tạm dừng kèm lý do."),
        who=Role.APPRAISER,
        whose=hold.source,
    )


@guard("hold_in_order", NoParameters)
def hold_in_order(case: Case, params: NoParameters) -> Finding:
    """A hold names its source, and does not cover up one that runs already."""
    del params
    hold = case.facts.hold
    if hold is not None:
        return not_met(
            "HELD_ALREADY",
            say(
                "Hồ sơ đã tạm dừng từ {since} (nguồn: {source}).",
                since=hold.since,
                source=hold.source,
            ),
            remedy=say("Gỡ tạm dừng đang có trước, hoặc ghi thêm ở phần trao đổi."),
            who=Role.APPRAISER,
            whose=hold.source,
        )
    inputs = case.command.inputs if case.command else None
    if isinstance(inputs, HoldInput) and not inputs.source.strip():
        return not_met(
            "HOLD_SOURCE_MISSING",
            say("Chưa ghi nguồn thông tin của việc tạm dừng."),
            remedy=say("Ghi nguồn: cơ quan, số và ngày của văn bản hoặc đơn."),
            who=Role.APPRAISER,
        )
    return met(say("Hồ sơ không đang tạm dừng."))


@guard("hold_running", NoParameters)
def hold_running(case: Case, params: NoParameters) -> Finding:
    """There is a hold to lift."""
    del params
    hold = case.facts.hold
    if hold is None:
        return not_met(
            "NOT_HELD",
            say("Hồ sơ không đang tạm dừng."),
            remedy=say("Mở lại trang hồ sơ để xem thao tác đang có."),
            who=Role.APPRAISER,
        )
    return met(say("Tạm dừng từ {since}, nguồn: {source}.", since=hold.since, source=hold.source))
