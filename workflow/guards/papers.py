"""Papers, and the human checks on them (R06, R16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.guards.registry import guard
from workflow.marks import last_change, overtaken
from workflow.rule_tables import Part
from workflow.table import Table, Text
from workflow.verdicts import Finding, met, not_applicable, not_looked_at, not_met
from workflow.vocabulary import DocumentKind, Outcome, Role
from workflow.words import Value, joined, phrase, say

if TYPE_CHECKING:
    from workflow.case import Case
    from workflow.facts import Act, Document, Mark
    from workflow.programme import DocumentTable

_DEMANDS = {
    "number": phrase("số, ký hiệu"),
    "dated": phrase("ngày ký"),
    "signer": phrase("người ký"),
    "confirmed": phrase("xác nhận của cấp trình"),
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
                missing=joined(missing),
            ),
            remedy=say("Ghi đủ {missing} của {title}.", missing=joined(missing), title=table.title),
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
    form = phrase(", mẫu số {form_code}", form_code=table.form_code) if table.form_code else ""
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
    """A check only a person can make; `code` names it, `question` is what is asked.

    `about` are the parts of the dossier it looks at; none means all of them.
    """

    code: Text
    question: Text
    about: tuple[Part, ...] = ()


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
    if overtaken(mark, params.about, case.facts.documents, case.facts.acts):
        return _look_again(mark, last_change(mark, params.about, case.facts.acts))
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


def _look_again(mark: Mark, change: Act | None) -> Finding:
    seen = say("{by} đã kiểm lúc {at} trên bản cũ.", by=mark.by, at=mark.at)
    if change is not None:
        seen = say(
            "{by} đã kiểm lúc {at}, nhưng {editor} sửa hồ sơ sau đó, lúc {edited}.",
            by=mark.by,
            at=mark.at,
            editor=change.name,
            edited=change.at,
        )
    return not_looked_at(
        "LOOK_AGAIN",
        seen,
        remedy=say("Người thẩm định xem lại mục này trên bản mới."),
        who=Role.APPRAISER,
    )
