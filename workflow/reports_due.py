"""Reports units owe: who may save, file, accept or return one, and why not.

An obligation goes due → filed → accepted, or filed → returned → filed again. The answer is a
value: the step with what follows from it, or every reason against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workflow.decisions import LONGEST_COMMENT
from workflow.verdicts import Refusal
from workflow.vocabulary import ReportAction, ReportState, Role
from workflow.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from workflow.facts import Actor
    from workflow.programme import ReportTable

SENDERS: Final = (Role.CLERK, Role.UNIT_HEAD)
OPEN: Final = (ReportState.DUE, ReportState.RETURNED)
"""States in which the unit still owes the report."""

_ARROWS: Final = {
    (ReportState.DUE, ReportAction.SAVE): ReportState.DUE,
    (ReportState.RETURNED, ReportAction.SAVE): ReportState.RETURNED,
    (ReportState.DUE, ReportAction.FILE): ReportState.FILED,
    (ReportState.RETURNED, ReportAction.FILE): ReportState.FILED,
    (ReportState.FILED, ReportAction.ACCEPT): ReportState.ACCEPTED,
    (ReportState.FILED, ReportAction.RETURN): ReportState.RETURNED,
}


@dataclass(frozen=True, slots=True)
class ReportText:
    """What the unit writes into its report."""

    results: str = ""
    shortcomings: str = ""
    proposals: str = ""
    number: str = ""
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """One unit's report as the law sees it."""

    code: str
    table: ReportTable
    unit_id: int
    unit: str
    state: ReportState
    version: int
    due_at: datetime
    rounds: int = 0
    text: ReportText = ReportText()
    has_file: bool = False


@dataclass(frozen=True, slots=True)
class ReportCommand:
    """What somebody wants: `text` with saving and filing, `comment` with returning."""

    code: str
    person_id: int
    action: ReportAction
    expected_version: int
    key: str = ""
    text: ReportText | None = None
    new_file: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ReportNotice:
    """A letter that follows: which one, to whom."""

    to: tuple[Role, ...]
    letter: str


@dataclass(frozen=True, slots=True)
class ReportStep:
    """A step that may be taken, with everything that follows from it."""

    action: ReportAction
    source: ReportState
    target: ReportState
    text: ReportText
    rounds: int
    late: bool = False
    notices: tuple[ReportNotice, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportRefused:
    """Why the step cannot be taken: all reasons at once."""

    refusals: tuple[Refusal, ...]


def decide_report(
    command: ReportCommand, facts: ReportFacts, actor: Actor, now: datetime
) -> ReportStep | ReportRefused:
    """Judge a step on a report at `now`."""
    target = _ARROWS.get((facts.state, command.action))
    reasons = tuple(_reasons(command, facts, actor, target))
    if reasons or target is None:
        return ReportRefused(reasons)
    returning = command.action is ReportAction.RETURN
    return ReportStep(
        action=command.action,
        source=facts.state,
        target=target,
        text=_text(command, facts),
        rounds=facts.rounds + returning,
        late=command.action is ReportAction.FILE and now > facts.due_at,
        notices=_notices(command.action, facts.table),
    )


def may_take(action: ReportAction, facts: ReportFacts, actor: Actor) -> bool:
    """Is this step open to this person at all, whatever is still missing for it?"""
    return (facts.state, action) in _ARROWS and not tuple(_about_the_actor(action, facts, actor))


def owes(state: ReportState) -> bool:
    """Is the report still the unit's to file?"""
    return state in OPEN


def is_overdue(state: ReportState, due_at: datetime, now: datetime) -> bool:
    """Has the last instant passed without a report?"""
    return owes(state) and now > due_at


def takers(action: ReportAction, table: ReportTable) -> tuple[Role, ...]:
    """Whose step it is: the unit writes and files, the province's side accepts and returns."""
    return SENDERS if action in {ReportAction.SAVE, ReportAction.FILE} else table.accepted_by


def _text(command: ReportCommand, facts: ReportFacts) -> ReportText:
    return facts.text if command.text is None else command.text


def _reasons(
    command: ReportCommand, facts: ReportFacts, actor: Actor, target: ReportState | None
) -> Iterable[Refusal]:
    if target is None:
        yield Refusal(
            "NO_SUCH_STEP",
            say("Ở trạng thái hiện tại, báo cáo {code} không có thao tác này.", code=facts.code),
            remedy=say("Mở lại trang báo cáo để xem thao tác đang có."),
        )
        return
    yield from _about_the_actor(command.action, facts, actor)
    if command.action is ReportAction.FILE:
        yield from _missing_to_file(command, facts)
    comment = command.comment.strip()
    if len(comment) > LONGEST_COMMENT:
        yield Refusal(
            "COMMENT_TOO_LONG",
            say("Lý do viết tối đa {most} ký tự.", most=LONGEST_COMMENT),
            remedy=say("Rút bớt {over} ký tự.", over=len(comment) - LONGEST_COMMENT),
        )
    if command.action is ReportAction.RETURN and not comment:
        yield Refusal(
            "COMMENT_MISSING",
            say("Chưa ghi lý do trả lại."),
            remedy=say("Ghi lý do bằng một câu; đơn vị đọc được và nhận trong thư."),
        )


def _about_the_actor(action: ReportAction, facts: ReportFacts, actor: Actor) -> Iterable[Refusal]:
    roles = takers(action, facts.table)
    if not actor.may_take(roles):
        yield Refusal(
            "WRONG_ROLE",
            say("Bạn xem được nhưng không xử lý được báo cáo này."),
            remedy=say("Chuyển cho người có quyền của bước này."),
            roles=roles,
        )
    elif roles == facts.table.accepted_by and facts.unit_id in _employers(actor.taking(roles)):
        yield Refusal(
            "OWN_REPORT",
            say("Bạn thuộc đơn vị gửi báo cáo này nên không tự tiếp nhận được."),
            remedy=say("Chuyển cho cán bộ khác của Ban TĐKT."),
        )


def _employers(actor: Actor) -> set[int | None]:
    return {actor.employer_id, actor.principal.employer_id if actor.principal else None}


def _missing_to_file(command: ReportCommand, facts: ReportFacts) -> Iterable[Refusal]:
    if not _text(command, facts).results.strip():
        yield Refusal(
            "RESULTS_MISSING",
            say("Chưa viết kết quả thực hiện phong trào."),
            remedy=say("Viết ít nhất một câu; số liệu hệ thống đã có không phải gõ lại."),
        )
    if not facts.has_file and not command.new_file:
        yield Refusal(
            "FILE_MISSING",
            say("Chưa có tệp báo cáo đã ký."),
            remedy=say("Tải lên bản PDF hoặc DOCX đã ký."),
        )


def _notices(action: ReportAction, table: ReportTable) -> tuple[ReportNotice, ...]:
    if action is ReportAction.FILE:
        return (ReportNotice(table.accepted_by, "report_filed"),)
    if action is ReportAction.ACCEPT:
        return (ReportNotice(SENDERS, "report_accepted"),)
    if action is ReportAction.RETURN:
        return (ReportNotice(SENDERS, "report_returned"),)
    return ()
