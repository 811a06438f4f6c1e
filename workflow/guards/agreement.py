"""Papers that agree with each other and with the record (I.2.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator

from workflow.guards.registry import guard
from workflow.marks import ANSWERED, DISAGREE, overtaken
from workflow.papers.agreement import CHECKS, disagreements
from workflow.papers.claims import Claim, Disagreement, bundle, legible, pending, unreadable
from workflow.rule_tables import Part
from workflow.table import Table, Text
from workflow.verdicts import Evidence, Finding, not_applicable
from workflow.vocabulary import Action, Outcome, Role
from workflow.words import Sentence, Value, joined, phrase, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workflow.case import Case
    from workflow.facts import Mark
    from workflow.papers.claims import Bundle, Paper

TOPICS: Final = {
    "name": phrase("Tên đối tượng"),
    "unit": phrase("Đơn vị"),
    "award": phrase("Hình thức khen thưởng"),
    "year": phrase("Năm xét"),
    "form": phrase("Mẫu báo cáo"),
    "number": phrase("Số, ký hiệu"),
    "signer": phrase("Người ký"),
    "dated": phrase("Ngày ký"),
    "meeting": phrase("Ngày họp Hội đồng"),
    "order": phrase("Thứ tự ngày"),
    "recognition": phrase("Công nhận sáng kiến"),
    "votes": phrase("Số phiếu"),
    "attendance": phrase("Số người dự họp"),
}
"""What a disagreement is about, as a heading."""


def _known(name: str) -> str:
    if name not in CHECKS:
        raise ValueError(phrase("không có nội dung đối chiếu “{name}”", name=name))
    return name


class Agreement(Table):
    """The mark `code` by which an appraiser answers what does not agree; `but` is not compared.

    `about` are the parts of the dossier the answer speaks of.
    """

    code: Text
    question: Text
    about: tuple[Part, ...] = ()
    but: tuple[Annotated[str, AfterValidator(_known)], ...] = ()


@guard("papers_agree", Agreement)
def papers_agree(case: Case, params: Agreement) -> Finding:
    """What papers say agrees with each other and with the record; a person may answer for it."""
    papers = bundle(case.facts, case.programme, case.today)
    found = disagreements(papers, frozenset(params.but))
    seen = tuple(_evidence(one) for one in found)
    silent = tuple(_not_read(papers))
    if not found:
        return _agreed(papers, silent)
    mark = next((one for one in case.facts.marks if one.code == params.code), None)
    if mark is not None and overtaken(mark, params.about, case.facts.documents, case.facts.acts):
        mark = None
    if mark is not None and mark.outcome is not Outcome.NOT_MET and mark.note:
        return Finding(Outcome.MET, ANSWERED, (_answer(mark, len(found)), *seen, *silent))
    first = (_answer(mark, len(found)),) if mark is not None else ()
    return Finding(
        Outcome.NOT_MET,
        DISAGREE,
        (*seen, *first, *silent),
        say("Sửa giấy hoặc số liệu ghi sai; nếu cả hai đều đúng, người thẩm định ghi rõ lý do."),
        Role.APPRAISER if case.action is Action.CONFIRM_CHECK else Role.CLERK,
    )


def _agreed(papers: Bundle, silent: tuple[Evidence, ...]) -> Finding:
    waiting, read = pending(papers), legible(papers)
    if not papers.papers:
        return not_applicable(say("Chưa có giấy nào để so."))
    if waiting:
        text = say("Đang đọc {papers}.", papers=_names(waiting))
        return Finding(
            Outcome.NOT_YET_KNOWN,
            "PAPERS_PENDING",
            (Evidence(text), *silent),
            say("Chờ ít phút rồi mở lại trang; không đọc xong thì đối chiếu bằng mắt."),
            None,
        )
    if not read:
        text = say("Chưa có giấy nào đọc được chữ; các ngày và số đã nhập không trái nhau.")
        return Finding(Outcome.MET, "MET", (Evidence(text), *silent))
    text = say("Đã đọc {papers}: không thấy chỗ nào khác nhau.", papers=_names(read))
    return Finding(Outcome.MET, "MET", (Evidence(text), *silent))


def _names(papers: Iterable[Paper]) -> str:
    return joined(one.name for one in papers)


def _not_read(papers: Bundle) -> Iterable[Evidence]:
    for one in unreadable(papers):
        text = say(
            "{paper} (tệp {file}): không đọc được chữ trong tệp, đối chiếu bằng mắt.",
            paper=one.name,
            file=one.document.file_name,
        )
        yield Evidence(text, record=f"document:{one.document.id}")


def _answer(mark: Mark, count: int) -> Evidence:
    text = say(
        "{by} đã đối chiếu {count} chỗ khác nhau lúc {at}: {note}",
        by=mark.by,
        count=count,
        at=mark.at,
        note=mark.note or "–",
    )
    return Evidence(text, whose=mark.by)


def _evidence(one: Disagreement) -> Evidence:
    """Both sides with their words: the template is the short form, the values hold both quotes."""
    values: dict[str, Value] = {"topic": TOPICS[one.topic], "topic_code": one.topic}
    for side, claim in (("left", one.left), ("right", one.right)):
        values |= {
            side: _with_place(claim),
            f"{side}_said": claim.said,
            f"{side}_quote": claim.quote,
            f"{side}_document": claim.document,
        }
    values["left"] = _upper_first(str(values["left"]))
    template = _ORDER if one.topic == "order" else _DIFFERENT
    document = one.left.document or one.right.document
    return Evidence(
        Sentence(template, values),
        value=one.left.said,
        threshold=one.right.said,
        record=f"document:{document}" if document else "",
    )


_DIFFERENT: Final = "{topic}: {left} ghi “{left_said}”, {right} ghi “{right_said}”."
_ORDER: Final = phrase("{topic}: {left} ghi {left_said}, sau ngày {right_said} của {right}.")


def _with_place(claim: Claim) -> str:
    if claim.page:
        return f"{claim.source} (trang {claim.page})"
    return (
        phrase("{source} (đoạn {paragraph})", source=claim.source, paragraph=claim.paragraph)
        if claim.paragraph
        else claim.source
    )


def _upper_first(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
