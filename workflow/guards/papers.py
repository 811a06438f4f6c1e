"""Papers, human checks on them, and supplements (R06, R16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from workflow.facts import SupplementInput
from workflow.guards.registry import NoParameters, guard
from workflow.table import Table, Text
from workflow.verdicts import Finding, met, not_applicable, not_looked_at, not_met
from workflow.vocabulary import Action, DocumentKind, Outcome, Role, State
from workflow.words import Value, say

if TYPE_CHECKING:
    from workflow.case import Case
    from workflow.facts import Document, Supplement
    from workflow.programme import DocumentTable

_DEMANDS = {
    "number": "số, ký hiệu",
    "dated": "ngày ký",
    "signer": "người ký",
    "confirmed": "xác nhận của cấp trình",
}


class Paper(Table):
    """Which paper must be there, complete as the programme's table of papers asks."""

    kind: DocumentKind


@guard("document", Paper)
def document(case: Case, params: Paper) -> Finding:
    """The paper is in the dossier, with all particulars the programme asks for (IV.3)."""
    table = case.programme.document_by_kind[params.kind]
    paper = case.facts.document(params.kind)
    if paper is None:
        return not_met(
            "DOCUMENT_MISSING",
            say("Chưa có {title}.", title=table.title),
            remedy=say("Tải {title} lên (PDF hoặc DOCX, tối đa 10 MB).", title=table.title),
            who=Role.CLERK,
            value=0,
            threshold=1,
        )
    missing = _missing(paper, table)
    if missing:
        return not_met(
            "DOCUMENT_INCOMPLETE",
            say(
                "Tệp {file} (bản {version}) còn thiếu: {missing}.",
                file=paper.file_name,
                version=paper.version,
                missing=", ".join(missing),
            ),
            remedy=say(
                "Ghi đủ {missing} của {title}.", missing=", ".join(missing), title=table.title
            ),
            who=Role.CLERK,
            record=f"document:{paper.id}",
        )
    if paper.dated is not None and paper.dated > case.today:
        return not_met(
            "DOCUMENT_DATED_LATER",
            say("Ngày ký {day} sau hôm nay ({today}).", day=paper.dated, today=case.today),
            remedy=say("Sửa ngày ký của {title}.", title=table.title),
            who=Role.CLERK,
            value=paper.dated,
            threshold=case.today,
            record=f"document:{paper.id}",
        )
    return _present(paper, table)


def _missing(paper: Document, table: DocumentTable) -> list[str]:
    return [_DEMANDS[name] for name in table.demands if not getattr(paper, name)]


def _present(paper: Document, table: DocumentTable) -> Finding:
    record = f"document:{paper.id}"
    form = f", mẫu số {table.form_code}" if table.form_code else ""
    if paper.number and paper.dated:
        return met(
            say(
                "Số {number}, ký {day}, tệp {file} (bản {version}){form}.",
                number=paper.number,
                day=paper.dated,
                file=paper.file_name,
                version=paper.version,
                form=form,
            ),
            value=paper.version,
            record=record,
            whose=paper.signer,
        )
    return met(
        say(
            "Tệp {file} (bản {version}){form}.",
            file=paper.file_name,
            version=paper.version,
            form=form,
        ),
        value=paper.version,
        record=record,
        whose=paper.signer,
    )


class Attestation(Table):
    """A check only a person can make; `code` names it, `question` is what is asked."""

    code: Text
    question: Text


@guard("attested", Attestation)
def attested(case: Case, params: Attestation) -> Finding:
    """The appraiser looked at this and noted what was found."""
    mark = next((one for one in case.facts.marks if one.code == params.code), None)
    if mark is None:
        return not_looked_at(
            "NOT_LOOKED_AT",
            say("Chưa ai kiểm: {question}", question=params.question),
            remedy=say("Người thẩm định xem và ghi kết quả mục này."),
            who=Role.APPRAISER,
        )
    later = [act for act in case.facts.acts if act.action is Action.EDIT and act.at > mark.at]
    if later:
        return not_looked_at(
            "LOOK_AGAIN",
            say(
                "{by} đã kiểm lúc {at}, nhưng {editor} sửa hồ sơ sau đó, lúc {edited}.",
                by=mark.by,
                at=mark.at,
                editor=later[-1].name,
                edited=later[-1].at,
            ),
            remedy=say("Người thẩm định xem lại mục này trên bản mới."),
            who=Role.APPRAISER,
        )
    words: dict[str, Value] = {
        "by": mark.by,
        "at": mark.at,
        "note": f" {mark.note}" if mark.note else "",
    }
    if mark.outcome is Outcome.NOT_APPLICABLE:
        return not_applicable(say("{by} ghi không áp dụng lúc {at}.{note}", **words))
    if mark.outcome is Outcome.MET:
        return met(say("{by} ghi đạt lúc {at}.{note}", **words), whose=mark.by)
    return not_met(
        "MARKED_NOT_MET",
        say("{by} ghi chưa đạt lúc {at}.{note}", **words),
        remedy=say("Bổ sung theo ghi chú, rồi đề nghị kiểm lại."),
        who=Role.CLERK,
        whose=mark.by,
    )


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
    """The request names at least one defect and leaves time to mend it."""
    del params
    inputs = case.command.inputs if case.command else None
    if not isinstance(inputs, SupplementInput):
        return met(say("Ghi mọi mục cần bổ sung trong một yêu cầu."))
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
    """The dossier is still being written, or a supplement unlocked this part of it."""
    facts = case.facts
    if facts.state is None or facts.state is State.REGISTERED:
        return met(say("Hồ sơ đang được lập."))
    part = case.command.extra.get("part", "") if case.command else ""
    if facts.supplement is not None and _unlocked(part, facts.supplement):
        return met(say("Mở để bổ sung đến {due}.", due=facts.supplement.due))
    addable = params.open.get(facts.state, ())
    if (part == "" and addable) or part in {kind.value for kind in addable}:
        return met(say("Tài liệu này được thêm ở bước hiện tại."))
    return not_met(
        "LOCKED",
        say("Hồ sơ đã nộp, phần này đã khóa."),
        remedy=say("Chỉ sửa được khi có yêu cầu bổ sung mở phần này."),
        who=Role.APPRAISER,
    )


def _unlocked(part: str, supplement: Supplement) -> bool:
    return part in {"", "initiatives", *(kind.value for kind in supplement.kinds)}


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
