"""Supplements: everything asked for at once, only what was at fault unlocked (IV.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from workflow.facts import SupplementInput
from workflow.guards.registry import NoParameters, guard
from workflow.table import Table
from workflow.verdicts import Finding, met, not_met
from workflow.vocabulary import Action, DocumentKind, Role, State
from workflow.words import Value, say

if TYPE_CHECKING:
    from workflow.case import Case
    from workflow.facts import DossierFacts, Supplement


@guard("no_open_supplement", NoParameters)
def no_open_supplement(case: Case, params: NoParameters) -> Finding:
    """No request for supplement waits for an answer."""
    del params
    supplement = case.facts.supplement
    if supplement is None:
        return met(say("Không có yêu cầu bổ sung đang chờ."))
    return not_met(
        "SUPPLEMENT_OPEN",
        say(
            "{by} yêu cầu bổ sung {count} mục, hạn {due}; đơn vị chưa gửi.",
            by=supplement.by,
            count=len(supplement.items),
            due=supplement.due,
        ),
        remedy=say("Đơn vị bổ sung rồi bấm “Gửi bổ sung”."),
        who=Role.CLERK,
        value=supplement.round,
    )


@guard("supplement_complete", NoParameters)
def supplement_complete(case: Case, params: NoParameters) -> Finding:
    """The request names a defect, unlocks what is at fault, leaves time, and is not one too many.

    From the programme's limit on it says why this was not asked before (reading Q42).
    """
    del params
    rounds, most = case.facts.supplement_rounds, case.programme.supplement_most
    if most is not None and rounds >= most:
        return not_met(
            "SUPPLEMENT_TOO_OFTEN",
            say(
                "Hồ sơ đã được yêu cầu bổ sung {rounds} lần, tối đa {most}.",
                rounds=rounds,
                most=most,
            ),
            remedy=say("Kết luận trên hồ sơ hiện có: xác nhận đã kiểm tra hoặc không khen thưởng."),
            who=Role.APPRAISER,
            value=rounds,
            threshold=most,
        )
    inputs = case.command.inputs if case.command else None
    if not isinstance(inputs, SupplementInput):
        return met(say("Ghi mọi mục cần bổ sung trong một yêu cầu."))
    return _judge_request(case, inputs)


def _judge_request(case: Case, inputs: SupplementInput) -> Finding:
    words: dict[str, Value] = {"count": len(inputs.items), "due": inputs.due}
    if not inputs.items or inputs.due <= case.now:
        return not_met(
            "SUPPLEMENT_INCOMPLETE",
            say("Yêu cầu có {count} mục, hạn {due}.", **words),
            remedy=say("Ghi ít nhất 1 mục và hạn sau bây giờ."),
            who=Role.APPRAISER,
            value=len(inputs.items),
            threshold=1,
        )
    if not inputs.kinds and not inputs.initiatives:
        return not_met(
            "SUPPLEMENT_UNLOCKS_NOTHING",
            say("Yêu cầu không mở phần nào của hồ sơ, đơn vị không sửa được gì."),
            remedy=say("Đánh dấu ít nhất một phần đơn vị được sửa."),
            who=Role.APPRAISER,
            value=0,
            threshold=1,
        )
    rounds = case.facts.supplement_rounds
    if rounds >= case.programme.supplement_limit and not inputs.again.strip():
        return not_met(
            "SUPPLEMENT_REASON_MISSING",
            say("Đây là lần yêu cầu bổ sung thứ {number} của hồ sơ.", number=rounds + 1),
            remedy=say("Ghi vì sao các mục này chưa được nêu ở lần trước."),
            who=Role.APPRAISER,
            value=rounds,
            threshold=case.programme.supplement_limit,
        )
    return met(say("Yêu cầu {count} mục, hạn {due}.", **words), value=len(inputs.items))


@guard("supplement_asked", NoParameters)
def supplement_asked(case: Case, params: NoParameters) -> Finding:
    """There is a request for supplement to answer."""
    del params
    if case.facts.supplement is None:
        return not_met(
            "NO_SUPPLEMENT",
            say("Không có yêu cầu bổ sung nào đang mở."),
            remedy=say("Chờ bước tiếp theo."),
            who=Role.APPRAISER,
        )
    return met(say("Có yêu cầu bổ sung của {by}.", by=case.facts.supplement.by))


class EditWindow(Table):
    """Papers that may still be added after handing in, by state, without a supplement."""

    open: dict[State, tuple[DocumentKind, ...]] = Field(default_factory=dict)


@guard("open_for_edit", EditWindow)
def open_for_edit(case: Case, params: EditWindow) -> Finding:
    """The dossier is still being written, or a supplement unlocked this part of it.

    While a supplement is open nothing else may be replaced; a paper not there yet may be added.
    """
    facts = case.facts
    if facts.state is None or facts.state is State.REGISTERED:
        return met(say("Hồ sơ đang được lập."))
    part = case.command.extra.get("part", "") if case.command else ""
    if facts.supplement is not None and _unlocked(part, facts.supplement):
        return met(say("Mở để bổ sung đến {due}.", due=facts.supplement.due))
    if part in _addable(facts, params):
        return met(say("Tài liệu này được thêm ở bước hiện tại."))
    return not_met(
        "LOCKED",
        say("Hồ sơ đã nộp, phần này đã khóa."),
        remedy=say("Chỉ sửa được khi có yêu cầu bổ sung mở phần này."),
        who=Role.APPRAISER,
    )


def _unlocked(part: str, supplement: Supplement) -> bool:
    if part == "initiatives":
        return supplement.initiatives
    return part in {"", *(kind.value for kind in supplement.kinds)}


def _addable(facts: DossierFacts, params: EditWindow) -> set[str]:
    """Papers that may come at this step; the empty part stands for any of them."""
    kinds = params.open.get(facts.state, ()) if facts.state else ()
    if facts.supplement is not None:
        kinds = tuple(kind for kind in kinds if facts.document(kind) is None)
    return {kind.value for kind in kinds} | ({""} if kinds else set())


@guard("supplement_changed_something", NoParameters)
def supplement_changed_something(case: Case, params: NoParameters) -> Finding:
    """Since the request, the unit edited at least one thing it was asked for."""
    del params
    supplement = case.facts.supplement
    edits = [
        act
        for act in case.facts.acts
        if act.action is Action.EDIT and supplement is not None and act.at >= supplement.at
    ]
    if edits:
        return met(say("Đã sửa {count} lần từ khi có yêu cầu.", count=len(edits)), value=len(edits))
    return not_met(
        "NOTHING_CHANGED",
        say("Chưa sửa gì từ khi có yêu cầu bổ sung."),
        remedy=say("Sửa các mục được yêu cầu trước khi gửi."),
        who=Role.CLERK,
        value=0,
        threshold=1,
    )
