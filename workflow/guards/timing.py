"""Deadlines of a cycle: settings of that cycle, moved only by a recorded extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.deadlines import deadline_of, next_state
from workflow.facts import ExtensionInput, SuspensionInput
from workflow.guards.registry import guard
from workflow.table import Table
from workflow.verdicts import Finding, met, not_applicable, not_met
from workflow.vocabulary import Role, State
from workflow.words import Value, say
from workflow.working_days import office_day

if TYPE_CHECKING:
    from workflow.case import Case


class Milestone(Table):
    """The state whose milestone is asked about."""

    of: State


@guard("before_milestone", Milestone)
def before_milestone(case: Case, params: Milestone) -> Finding:
    """The step is taken not later than the cycle's day for it, or within an extension."""
    deadline = deadline_of(case.programme, case.facts, params.of)
    if deadline is None:
        return not_applicable(say("Đợt này không đặt hạn cho bước này."))
    words: dict[str, Value] = {"due": deadline.instant, "cycle": case.cycle.label}
    if case.now <= deadline.instant:
        return met(
            say("Còn trong hạn đến {due} của “{cycle}”.", **words),
            value=case.now,
            threshold=deadline.instant,
        )
    return not_met(
        "TOO_LATE",
        say("Đã quá hạn {due} của “{cycle}”.", **words),
        remedy=say("Xin nộp muộn; người thẩm định gia hạn kèm lý do."),
        who=Role.APPRAISER,
        value=case.now,
        threshold=deadline.instant,
    )


class ExtensionLimit(Table):
    """An extension ends not later than the cycle's day for this state."""

    before: State


@guard("extension_ahead", ExtensionLimit)
def extension_ahead(case: Case, params: ExtensionLimit) -> Finding:
    """The new day lies ahead, after the day it replaces, and leaves the cycle its last step."""
    inputs = case.command.inputs if case.command else None
    present = deadline_of(case.programme, case.facts, State.SUBMITTED)
    last = deadline_of(case.programme, case.facts, params.before)
    if not isinstance(inputs, ExtensionInput) or present is None or last is None:
        return met(say("Hạn mới phải sau hạn hiện tại và trước mốc cuối của đợt."))
    words: dict[str, Value] = {
        "until": inputs.until,
        "present": present.instant,
        "last": last.instant,
    }
    if not max(case.now, present.instant) < inputs.until <= last.instant:
        return not_met(
            "EXTENSION_OUTSIDE",
            say("Hạn mới {until}; hạn hiện tại {present}, mốc cuối {last}.", **words),
            remedy=say("Chọn ngày sau hôm nay, sau hạn hiện tại và không quá mốc cuối của đợt."),
            who=Role.APPRAISER,
            value=inputs.until,
            threshold=last.instant,
        )
    return met(say("Gia hạn từ {present} đến {until}.", **words), value=inputs.until)


class SuspensionLimit(Table):
    """A clock stands still for at most so many days, both ends counted."""

    most_days: int


@guard("suspension_in_order", SuspensionLimit)
def suspension_in_order(case: Case, params: SuspensionLimit) -> Finding:
    """The stop ends after it begins, is not too long, and begins before the next deadline."""
    inputs = case.command.inputs if case.command else None
    target = next_state(case.facts.state) if case.facts.state else None
    present = deadline_of(case.programme, case.facts, target) if target else None
    if not isinstance(inputs, SuspensionInput) or present is None:
        return met(say("Thời gian tạm dừng phải bắt đầu trước hạn hiện tại."))
    days = (inputs.until - inputs.since).days + 1
    words: dict[str, Value] = {
        "since": inputs.since,
        "until": inputs.until,
        "present": present.instant,
        "most": params.most_days,
    }
    last = office_day(present.instant, case.programme.zone)
    if not 0 < days <= params.most_days or inputs.since > last:
        return not_met(
            "SUSPENSION_OUTSIDE",
            say("Tạm dừng từ {since} đến {until}; hạn hiện tại {present}.", **words),
            remedy=say("Chọn từ ngày trước hạn hiện tại, tối đa {most} ngày.", **words),
            who=Role.APPRAISER,
            value=days,
            threshold=params.most_days,
        )
    return met(say("Tạm dừng tính thời hạn từ {since} đến {until}.", **words), value=days)
