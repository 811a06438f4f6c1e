"""The proposing unit's council: votes that add up, quorum, approval share (5.8)."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from workflow.guards.registry import NoParameters, guard
from workflow.verdicts import Finding, met, not_looked_at, not_met, together
from workflow.vocabulary import Role
from workflow.words import Sentence, Value, percent, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workflow.case import Case
    from workflow.facts import CouncilResult


def _absent() -> Finding:
    return not_looked_at(
        "COUNCIL_RESULT_MISSING",
        say("Chưa ghi kết quả họp Hội đồng."),
        remedy=say("Thư ký Hội đồng ghi kết quả xét."),
        who=Role.COUNCIL_SECRETARY,
    )


def quorum_needed(members: int, quorum: tuple[int, int]) -> int:
    """Members that must be present, rounded up."""
    share, whole = quorum
    return -(-members * share // whole)


def approvals_needed(members: int, percent: Decimal) -> int:
    """Votes for that are needed, of all members, rounded up."""
    return int((members * percent / 100).to_integral_value(ROUND_CEILING))


@guard("council_votes_add_up", NoParameters)
def council_votes_add_up(case: Case, params: NoParameters) -> Finding:
    """The figures of the minutes agree; the meeting has been held, on a registered dossier."""
    del params
    result = case.facts.council
    if result is None:
        return _absent()
    faults = [
        not_met(
            "VOTES_DO_NOT_ADD_UP",
            fault,
            remedy=say("Đối chiếu số phiếu và ngày họp với biên bản."),
            who=Role.COUNCIL_SECRETARY,
            value=_cast(result),
            threshold=result.present,
        )
        for fault in (*_figure_faults(result), *_day_faults(case, result))
    ]
    if faults:
        return together(faults)
    return met(
        say(
            "{yes} đồng ý, {no} không đồng ý, {blank} ý kiến khác, {present}/{members} dự họp "
            "ngày {day}.",
            day=result.held_on,
            **_figures(result),
        ),
        value=_cast(result),
        threshold=result.present,
    )


def _cast(result: CouncilResult) -> int:
    return result.votes_for + result.votes_against + result.votes_blank


def _figures(result: CouncilResult) -> dict[str, Value]:
    return {
        "members": result.members,
        "present": result.present,
        "recused": result.recused,
        "yes": result.votes_for,
        "no": result.votes_against,
        "blank": result.votes_blank,
    }


def _figure_faults(result: CouncilResult) -> Iterable[Sentence]:
    """Each figure that cannot be, by name."""
    words = _figures(result)
    counts = (result.present, result.recused, result.votes_for, result.votes_against)
    if result.members <= 0 or min(*counts, result.votes_blank) < 0:
        yield say("Tổng số thành viên phải từ 1 trở lên, các số khác từ 0 trở lên.")
    if result.present > result.members:
        yield say("{present} người dự họp, nhiều hơn {members} thành viên.", **words)
    if _cast(result) + result.recused > result.present:
        yield say(
            "{yes} đồng ý, {no} không đồng ý, {blank} ý kiến khác và {recused} người không bỏ "
            "phiếu là {sum}, nhiều hơn {present} người dự họp.",
            sum=_cast(result) + result.recused,
            **words,
        )


def _day_faults(case: Case, result: CouncilResult) -> Iterable[Sentence]:
    """A meeting to come has decided nothing; one before the registration, nothing of this."""
    acknowledged = case.facts.registration.acknowledged_on
    if result.held_on > case.today:
        yield say("Ngày họp {day} sau hôm nay ({today}).", day=result.held_on, today=case.today)
    if acknowledged is not None and result.held_on < acknowledged:
        yield say(
            "Ngày họp {day} trước ngày tiếp nhận đăng ký ({acknowledged}).",
            day=result.held_on,
            acknowledged=acknowledged,
        )


@guard("council_quorum", NoParameters)
def council_quorum(case: Case, params: NoParameters) -> Finding:
    """Enough members were present (policy setting, not in the programme text)."""
    del params
    result = case.facts.council
    if result is None:
        return _absent()
    needed = quorum_needed(result.members, case.programme.council.quorum)
    share, whole = case.programme.council.quorum
    words: dict[str, Value] = {
        "present": result.present,
        "members": result.members,
        "needed": needed,
        "share": f"{share}/{whole}",
    }
    if result.present < needed:
        return not_met(
            "NO_QUORUM",
            say("{present}/{members} thành viên dự họp, cần {needed} ({share}).", **words),
            remedy=say("Họp lại khi đủ thành viên."),
            who=Role.COUNCIL_SECRETARY,
            value=result.present,
            threshold=needed,
        )
    return met(
        say("{present}/{members} thành viên dự họp, cần {needed} ({share}).", **words),
        value=result.present,
        threshold=needed,
    )


@guard("council_approval", NoParameters)
def council_approval(case: Case, params: NoParameters) -> Finding:
    """Enough of all members voted for it (policy setting, not in the programme text)."""
    del params
    result = case.facts.council
    if result is None:
        return _absent()
    needed = approvals_needed(result.members, case.programme.council.approval_percent)
    words: dict[str, Value] = {
        "yes": result.votes_for,
        "members": result.members,
        "needed": needed,
        "percent": percent(case.programme.council.approval_percent),
    }
    if result.votes_for < needed:
        return not_met(
            "NOT_APPROVED",
            say("{yes}/{members} đồng ý, cần {needed} ({percent}% tổng số).", **words),
            remedy=say("Hội đồng không đề nghị: ghi “Không khen thưởng” kèm lý do."),
            who=Role.COUNCIL_SECRETARY,
            value=result.votes_for,
            threshold=needed,
        )
    return met(
        say("{yes}/{members} đồng ý, cần {needed} ({percent}% tổng số).", **words),
        value=result.votes_for,
        threshold=needed,
    )
