"""Councils: votes that add up, quorum, approval share (5.8), and the provincial ranking.

The unit's council and the provincial council are asked the same questions, each about its own
result.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from workflow.facts import CouncilResult
from workflow.guards.registry import NoParameters, guard
from workflow.results import RankingResult
from workflow.verdicts import Finding, met, not_applicable, not_looked_at, not_met, together
from workflow.vocabulary import Outcome, Role, SessionKind
from workflow.words import Sentence, Value, percent, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workflow.case import Case
    from workflow.programme import CouncilTable


Resolved: TypeAlias = CouncilResult | RankingResult


def _absent() -> Finding:
    return not_looked_at(
        "COUNCIL_RESULT_MISSING",
        say("Chưa ghi kết quả họp Hội đồng."),
        remedy=say("Thư ký Hội đồng ghi kết quả xét."),
        who=Role.COUNCIL_SECRETARY,
    )


def _unranked() -> Finding:
    return not_looked_at(
        "RANKING_MISSING",
        say("Hội đồng TĐKT tỉnh chưa xếp hạng hồ sơ này."),
        remedy=say("Thư ký Hội đồng TĐKT tỉnh đưa hồ sơ vào phiên xếp hạng và chốt phiên."),
        who=Role.RANKING_SECRETARY,
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
    return _absent() if result is None else _add_up(case, result, Role.COUNCIL_SECRETARY)


@guard("council_quorum", NoParameters)
def council_quorum(case: Case, params: NoParameters) -> Finding:
    """Enough members were present (policy setting, not in the programme text)."""
    del params
    result = case.facts.council
    if result is None:
        return _absent()
    table = case.programme.council_on(result.held_on, SessionKind.UNIT_COUNCIL)
    return _quorum(table, result, Role.COUNCIL_SECRETARY)


@guard("council_approval", NoParameters)
def council_approval(case: Case, params: NoParameters) -> Finding:
    """Enough of all members voted for it (policy setting, not in the programme text)."""
    del params
    result = case.facts.council
    if result is None:
        return _absent()
    table = case.programme.council_on(result.held_on, SessionKind.UNIT_COUNCIL)
    return _approval(table, result, Role.COUNCIL_SECRETARY)


@guard("ranking_wanted", NoParameters)
def ranking_wanted(case: Case, params: NoParameters) -> Finding:
    """The form of award asks for a provincial ranking in this kind of cycle."""
    del params
    award = case.award
    if award is not None and case.cycle.kind in award.provincial_ranking:
        return met(say("{award}: Hội đồng TĐKT tỉnh xếp hạng ở đợt này.", award=award.short))
    return not_met(
        "NO_RANKING_WANTED",
        say(
            "{award}: đợt này không qua Hội đồng TĐKT tỉnh xếp hạng.",
            award=award.short if award else "Chưa chọn hình thức",
        ),
        remedy=say("Bỏ hồ sơ khỏi chương trình họp; người quyết định xem xét trực tiếp."),
        who=Role.RANKING_SECRETARY,
    )


@guard("ranking_in_order", NoParameters)
def ranking_in_order(case: Case, params: NoParameters) -> Finding:
    """The provincial session's figures agree and it had its quorum (policy setting)."""
    del params
    result = case.facts.ranking
    if result is None:
        return _unranked()
    table = case.programme.council_on(result.held_on, SessionKind.PROVINCIAL_RANKING)
    who = Role.RANKING_SECRETARY
    return together((_add_up(case, result, who), _quorum(table, result, who)))


@guard("ranked_by_province", NoParameters)
def ranked_by_province(case: Case, params: NoParameters) -> Finding:
    """The provincial council has ranked the dossier, where its award and cycle ask for it."""
    del params
    award, result = case.award, case.facts.ranking
    if award is None or case.cycle.kind not in award.provincial_ranking:
        return not_applicable(say("Hình thức và đợt này không qua Hội đồng TĐKT tỉnh xếp hạng."))
    if result is None:
        return _unranked()
    table = case.programme.council_on(result.held_on, SessionKind.PROVINCIAL_RANKING)
    finding = _approval(table, result, Role.DECIDER)
    if finding.outcome is not Outcome.MET or result.place is None:
        return finding
    return met(
        say(
            "Phiên {session} ngày {day}: hạng {place}, hạng trung bình {mean}; "
            "{yes}/{members} đồng ý.",
            session=result.session,
            day=result.held_on,
            place=result.place,
            mean=result.mean_rank if result.mean_rank is not None else "–",
            yes=result.votes_for,
            members=result.members,
        ),
        value=result.place,
        record=f"session:{result.session}",
    )


@guard("not_on_open_agenda", NoParameters)
def not_on_open_agenda(case: Case, params: NoParameters) -> Finding:
    """No council session holds the dossier now, unless this step comes from that session."""
    del params
    agenda = case.facts.agenda
    given = case.command.extra.get(SESSION, "") if case.command else ""
    if not agenda:
        return met(say("Hồ sơ không nằm trong phiên họp Hội đồng nào đang mở."))
    if given == agenda:
        return met(say("Kết quả do phiên {session} chốt.", session=agenda))
    return not_met(
        "ON_OPEN_AGENDA",
        say("Hồ sơ đang trong chương trình của phiên {session}.", session=agenda),
        remedy=say(
            "Chốt phiên {session} để ghi kết quả, hoặc đưa hồ sơ khỏi chương trình họp.",
            session=agenda,
        ),
        who=Role.COUNCIL_SECRETARY,
        record=f"session:{agenda}",
    )


SESSION: Final = "session"
"""The key of `Command.extra` under which a closing session names itself; no form can set it."""


def _add_up(case: Case, result: Resolved, who: Role) -> Finding:
    faults = [
        not_met(
            "VOTES_DO_NOT_ADD_UP",
            fault,
            remedy=say("Đối chiếu số phiếu và ngày họp với biên bản."),
            who=who,
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


def _quorum(table: CouncilTable, result: Resolved, who: Role) -> Finding:
    needed = quorum_needed(result.members, table.quorum)
    share, whole = table.quorum
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
            who=who,
            value=result.present,
            threshold=needed,
        )
    return met(
        say("{present}/{members} thành viên dự họp, cần {needed} ({share}).", **words),
        value=result.present,
        threshold=needed,
    )


def _approval(table: CouncilTable, result: Resolved, who: Role) -> Finding:
    needed = approvals_needed(result.members, table.approval_percent)
    words: dict[str, Value] = {
        "yes": result.votes_for,
        "members": result.members,
        "needed": needed,
        "percent": percent(table.approval_percent),
    }
    if result.votes_for < needed:
        return not_met(
            "NOT_APPROVED",
            say("{yes}/{members} đồng ý, cần {needed} ({percent}% tổng số).", **words),
            remedy=say("Hội đồng không đề nghị: ghi “Không khen thưởng” kèm lý do."),
            who=who,
            value=result.votes_for,
            threshold=needed,
        )
    return met(
        say("{yes}/{members} đồng ý, cần {needed} ({percent}% tổng số).", **words),
        value=result.votes_for,
        threshold=needed,
    )


def _cast(result: Resolved) -> int:
    return result.votes_for + result.votes_against + result.votes_blank


def _figures(result: Resolved) -> dict[str, Value]:
    return {
        "members": result.members,
        "present": result.present,
        "recused": result.recused,
        "yes": result.votes_for,
        "no": result.votes_against,
        "blank": result.votes_blank,
    }


def _figure_faults(result: Resolved) -> Iterable[Sentence]:
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


def _day_faults(case: Case, result: Resolved) -> Iterable[Sentence]:
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
