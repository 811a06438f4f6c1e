"""What may be done with a session, and what its closing asks of every dossier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from workflow.councils.kinds import MACHINERY
from workflow.decisions import judge
from workflow.facts import Command, CouncilInput, CouncilResult, RankingInput
from workflow.guards.councils import SESSION
from workflow.results import RankingResult
from workflow.verdicts import Refusal
from workflow.vocabulary import (
    Attendance,
    SessionKind,
    SessionState,
    Vote,
)
from workflow.words import joined, percent, phrase, say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from workflow.councils.sitting import Seat, Sitting
    from workflow.councils.tally import ItemTally, Tally
    from workflow.decisions import Judgement
    from workflow.facts import Actor, DossierFacts
    from workflow.rulebook import Rulebook

MOST_DOSSIERS: Final = 200


@dataclass(frozen=True, slots=True)
class Admission:
    """May a dossier come on an agenda? Every reason why not, as the step itself would say it."""

    judgement: Judgement
    refusals: tuple[Refusal, ...]

    @property
    def allowed(self) -> bool:
        """May it be added?"""
        return not self.refusals and not self.judgement.blocking


def admission(
    rulebook: Rulebook, kind: SessionKind, facts: DossierFacts, actor: Actor, now: datetime
) -> Admission:
    """Ask every rule of the recording step except those the session itself will answer."""
    machinery = MACHINERY[kind]
    judgement = judge(rulebook, machinery.action, facts, actor, now)
    results = tuple(
        result for result in judgement.results if not _later(rulebook, kind, result.rule)
    )
    return Admission(replace(judgement, results=results), judgement.refusals)


def _later(rulebook: Rulebook, kind: SessionKind, rule_id: str) -> bool:
    rule, machinery = rulebook.programme.rule_by_id[rule_id], MACHINERY[kind]
    made = {paper.value for paper in machinery.makes}
    return rule.guard in machinery.asked_later or (
        rule.guard == "document" and rule.params.get("kind") in made
    )


def against_opening(sitting: Sitting, now: datetime) -> tuple[Refusal, ...]:
    """Why voting cannot begin; empty when it can."""
    found: list[Refusal] = []
    if sitting.state is not SessionState.PREPARING:
        found.append(_wrong_state(phrase("Phiên đã mở hoặc đã kết thúc.")))
    if not sitting.items:
        found.append(
            Refusal(
                "NO_DOSSIERS",
                say("Chương trình họp chưa có hồ sơ nào."),
                say("Thêm ít nhất một hồ sơ vào chương trình."),
            )
        )
    if not sitting.members:
        found.append(
            Refusal(
                "NO_MEMBERS",
                say("Hội đồng không có ủy viên nào vào ngày họp."),
                say("Quản trị bổ nhiệm Chủ tịch và ủy viên Hội đồng có hiệu lực ngày họp."),
            )
        )
    if sitting.closes_at <= now:
        found.append(
            Refusal(
                "CLOSING_PAST",
                say("Hạn bỏ phiếu {at} đã qua.", at=sitting.closes_at),
                say("Đặt lại hạn bỏ phiếu sau lúc này."),
            )
        )
    return tuple(found)


def against_voting(sitting: Sitting, seat: Seat | None, now: datetime) -> tuple[Refusal, ...]:
    """Why this member's ballot cannot be taken now; empty when it can. Inclusive at closing."""
    if seat is None or not seat.votes:
        text = say("Bạn không phải ủy viên bỏ phiếu của phiên này.")
        return (Refusal("NOT_A_MEMBER", text, say("Hỏi Thư ký Hội đồng.")),)
    if sitting.state is SessionState.PREPARING:
        return (Refusal("NOT_OPEN", say("Phiên chưa mở bỏ phiếu."), say("Chờ Thư ký mở phiên.")),)
    if sitting.state is not SessionState.OPEN or now > sitting.closes_at:
        return (
            Refusal(
                "BALLOT_CLOSED",
                say("Phiên đã đóng bỏ phiếu; hạn là {at}.", at=sitting.closes_at),
                say("Báo Thư ký Hội đồng nếu cần gia hạn trước khi đóng bỏ phiếu."),
            ),
        )
    return ()


def against_counting(sitting: Sitting, now: datetime) -> tuple[Refusal, ...]:
    """Why the ballot cannot be closed and counted yet; empty when it can."""
    if sitting.state is not SessionState.OPEN:
        return (_wrong_state(phrase("Phiên không ở giai đoạn bỏ phiếu.")),)
    waiting = [
        seat.name
        for seat in sitting.members
        if not seat.sent and seat.attendance is not Attendance.ABSENT
    ]
    if waiting and now <= sitting.closes_at:
        return (
            Refusal(
                "BALLOTS_AWAITED",
                say(
                    "Còn {count} ủy viên chưa gửi phiếu và chưa ghi vắng: {names}.",
                    count=len(waiting),
                    names=", ".join(waiting),
                ),
                say(
                    "Chờ đến hạn {at}, nhập phiếu giấy, hoặc ghi vắng kèm lý do.",
                    at=sitting.closes_at,
                ),
            ),
        )
    return ()


def against_closing(sitting: Sitting, tally: Tally, now: datetime) -> tuple[Refusal, ...]:
    """Why the results cannot be written at all; empty when they can."""
    found: list[Refusal] = []
    if sitting.state is not SessionState.COUNTING:
        found.append(_wrong_state(phrase("Phiên chưa đóng bỏ phiếu, hoặc đã chốt.")))
    if sitting.held_at > now:
        found.append(
            Refusal(
                "NOT_HELD_YET",
                say("Phiên họp lúc {at}, chưa diễn ra.", at=sitting.held_at),
                say("Chốt phiên sau giờ họp."),
            )
        )
    if not tally.quorate:
        share, whole = sitting.settings.quorum
        found.append(
            Refusal(
                "NO_QUORUM",
                say(
                    "{present}/{members} thành viên dự họp, cần {needed} ({share}).",
                    present=tally.present,
                    members=tally.members,
                    needed=tally.quorum,
                    share=f"{share}/{whole}",
                ),
                say("Kết luận không có giá trị: hủy phiên và họp lại khi đủ thành viên."),
            )
        )
    return tuple(found)


def commands(
    sitting: Sitting,
    tally: Tally,
    secretary: int,
    versions: dict[str, int],
    key: str,
) -> tuple[Command, ...]:
    """The step for each dossier, in the order of the agenda.

    Approved ones get the recording step. For one that is not approved a unit's council concludes
    “không khen thưởng” with the counted votes as its reason; the provincial council records the
    votes without a place.
    """
    made = []
    for one in tally.items:
        result = _input(sitting, tally, one)
        refused = MACHINERY[sitting.kind].turned_down if not one.approved else None
        made.append(
            Command(
                code=one.item.code,
                person_id=secretary,
                action=refused or MACHINERY[sitting.kind].action,
                expected_version=versions.get(one.item.code, one.item.version),
                comment=reason(sitting, tally, one) if not one.approved else "",
                inputs=None if refused else result,
                key=f"{key}:{one.item.code}"[:64],
                extra={SESSION: sitting.code},
            )
        )
    return tuple(made)


def reason(sitting: Sitting, tally: Tally, one: ItemTally) -> str:
    """Why the council does not propose, in one sentence for the history and the letter."""
    against = joined(
        words
        for words in (
            phrase("{votes_against} không đồng ý", votes_against=one.votes_against)
            if one.votes_against
            else "",
            phrase("{count} ý kiến khác", count=one.votes_other) if one.votes_other else "",
            phrase("{recused} không bỏ phiếu vì liên quan", recused=one.recused)
            if one.recused
            else "",
        )
        if words
    )
    share = percent(sitting.settings.approval_percent)
    return phrase(
        "Phiên {code} ngày {held_on}: {votes_for}/{members} đồng ý, cần {approvals} ({share}% "
        "tổng số){against}. Hội đồng không đề nghị.",
        code=sitting.code,
        held_on=sitting.held_on,
        votes_for=one.votes_for,
        members=tally.members,
        approvals=tally.approvals,
        share=share,
        against=phrase("; {against}", against=against) if against else "",
    )


def _input(sitting: Sitting, tally: Tally, one: ItemTally) -> CouncilInput | RankingInput:
    if sitting.kind is SessionKind.UNIT_COUNCIL:
        return CouncilInput(
            CouncilResult(
                held_on=sitting.held_on,
                members=tally.members,
                present=tally.present,
                votes_for=one.votes_for,
                votes_against=one.votes_against,
                votes_blank=one.votes_other,
                method=sitting.method,
                recused=one.recused,
            )
        )
    return RankingInput(
        RankingResult(
            session=sitting.code,
            held_on=sitting.held_on,
            members=tally.members,
            present=tally.present,
            votes_for=one.votes_for,
            votes_against=one.votes_against,
            votes_blank=one.votes_other,
            recused=one.recused,
            method=sitting.method,
            mean_rank=one.mean_rank if one.approved else None,
            place=one.place,
            tied=one.tied,
        )
    )


def _wrong_state(text: str) -> Refusal:
    return Refusal("WRONG_SESSION_STATE", say(text), say("Tải lại trang của phiên."))


def papers_of(kind: SessionKind, facts: DossierFacts) -> frozenset[int]:
    """The document ids a vote of this kind belongs to: all but what the session itself makes."""
    makes = MACHINERY[kind].makes
    return frozenset(paper.id for paper in facts.documents if paper.kind not in makes)


def opinions(votes: Iterable[tuple[Vote, str]]) -> tuple[str, ...]:
    """Reasons given without a yes, in a fixed order that tells nothing of who gave them."""
    return tuple(sorted(reason for vote, reason in votes if vote is not Vote.YES and reason))
