"""What the papers of one dossier say: proposal, report, receipt, supplement, refusal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from models.queries_history import Line, entries, lines_of
from models.queries_papers import (
    proposed_together,
)
from models.queries_turns import forward_step
from views import dossier_page, formats, labels
from views.papers import legal_bases
from views.papers.kinds import PaperKind
from views.papers.offices import in_a_sentence, listed, signature
from views.papers.parts import Sheet, movement, paragraphs, people_and_units, where
from views.papers.writing import RECEIVED, Writing
from workflow import facts
from workflow.case import Case
from workflow.deadlines import deadline_of, next_state
from workflow.programme import DocumentTable
from workflow.vocabulary import Action, DocumentKind, Outcome, State, SubjectKind
from workflow.working_days import office_day

HASH_SHOWN: Final = 16


def words_for(kind: PaperKind, writing: Writing) -> dict[str, Any]:
    """The words of one paper. Raises `LookupError` for a paper this dossier has no use for."""
    return WORDS_OF[kind](writing)


def proposal(writing: Writing) -> dict[str, Any]:
    """Tờ trình: everybody the unit proposes together, by form of award."""
    dossier, office = writing.dossier, writing.proposing
    programme, award = writing.opened.rulebook.programme, writing.award
    if award is None:
        raise LookupError(dossier.code)
    reader = writing.opened.actor.person_id
    rows = proposed_together(writing.session, dossier, reader, office_day(writing.now))
    paper = writing.opened.facts.document(DocumentKind.TO_TRINH)
    dated = writing.dated or (paper.dated if paper and paper.dated else writing.day)
    signer = listed(writing.signers(dossier.proposing_unit_id), writing.signer_id)
    signs, name = signature(office, signer, on_behalf=True)
    result = writing.opened.facts.council
    minutes = (
        [f"Căn cứ Biên bản họp Hội đồng Thi đua - Khen thưởng {in_a_sentence(result.held_on)}"]
        if result
        else []
    )
    appraiser = writing.appraising().name
    return Sheet(
        office=office,
        kind="Tờ trình",
        about=f"Về việc đề nghị khen thưởng trong {movement(programme)}",
        symbol=f"TTr-{office.symbol}",
        number=paper.number if paper else "",
        dated=dated,
        signs=signs,
        signer=name,
        copies=("Như trên", appraiser),
        archive=f"VT, {office.symbol}" if not office.committee else "VT",
        more={
            "kinh_gui": [writing.deciding.head_of, appraiser],
            "can_cu": legal_bases.cited(programme, dated, {legal_bases.AWARD}, minutes),
            "nguoi_quyet_dinh": writing.deciding.head_of,
            "cac_nhom": [
                {
                    "hinh_thuc": programme.award_by_id[form].title,
                    "so_luong": people_and_units(
                        row for row in rows if row.dossier.award_form == form
                    ),
                }
                for form in dict.fromkeys(row.dossier.award_form for row in rows)
            ],
            "ten_danh_sach": f"Đề nghị khen thưởng trong {movement(programme)}",
            "danh_sach": [
                {
                    "ten": row.dossier.subject_name,
                    "don_vi": where(row),
                    "hinh_thuc": programme.award_by_id[row.dossier.award_form].short,
                    "dong_y": f"{row.votes_for}/{row.members}" if row.members else "",
                }
                for row in rows
            ],
        },
    ).words()


def report(writing: Writing) -> dict[str, Any]:
    """Báo cáo thành tích, mẫu số 07, in the words the unit or the person wrote."""
    dossier, programme = writing.dossier, writing.opened.rulebook.programme
    individual = dossier.subject_kind is SubjectKind.INDIVIDUAL
    office = writing.office(dossier.unit_id)
    signer = listed(writing.signers(dossier.unit_id), writing.signer_id)
    return Sheet(
        office=office,
        kind="Báo cáo thành tích",
        about=f"Đề nghị tặng {writing.award_title}",
        symbol=f"BC-{office.symbol}",
        dated=writing.day,
        signer=signer.name if signer else "",
        more={
            "loai_doi_tuong": "cá nhân" if individual else "tập thể",
            "ten": dossier.subject_name,
            "chuc_vu_don_vi": where(writing.row),
            "phong_trao": f"{programme.short_title}, {writing.cycle}",
            "so_luoc": paragraphs(dossier.profile_text, "(Chưa ghi.)"),
            "thanh_tich": paragraphs(dossier.achievements_text, "(Chưa ghi.)"),
            "sang_kien": [_initiative(one) for one in writing.opened.facts.initiatives],
            "da_khen": paragraphs(dossier.prior_awards_text, "Không có."),
        },
    ).words()


def receipt(writing: Writing) -> dict[str, Any]:
    """Phiếu tiếp nhận: every paper received with its hash, and until when."""
    dossier, seen = writing.dossier, writing.opened
    if dossier.state not in RECEIVED:
        raise LookupError(dossier.code)
    office = writing.appraising()
    received = entries(lines_of(writing.session, dossier.id)).get(State.SUBMITTED)
    titles = seen.rulebook.programme.document_by_kind
    return Sheet(
        office=office,
        kind="Phiếu tiếp nhận hồ sơ",
        about="Đề nghị khen thưởng",
        symbol=f"PTN-{office.symbol}",
        dated=office_day(received) if received and writing.dated is None else writing.day,
        signs=["NGƯỜI TIẾP NHẬN"],
        copies=(writing.proposing.name,),
        archive="hồ sơ",
        more={
            "ma_ho_so": dossier.code,
            "ten": dossier.subject_name,
            "chuc_vu_don_vi": where(writing.row),
            "don_vi": writing.proposing.name,
            "hinh_thuc": writing.award_title,
            "dot": writing.cycle,
            "nhan_luc": formats.moment(received) if received else "chưa ghi",
            "tai_lieu": [_received(titles[paper.kind], paper) for paper in seen.facts.documents],
            "ma_kiem_tra": dossier_page.check_code(seen.facts),
            "han": list(_deadlines(writing)),
        },
    ).words()


def supplement(writing: Writing) -> dict[str, Any]:
    """Phiếu yêu cầu bổ sung: every item, the parts unlocked, the last day."""
    dossier, asked = writing.dossier, writing.opened.facts.supplement
    if asked is None:
        raise LookupError(dossier.code)
    office, programme = writing.appraising(), writing.opened.rulebook.programme
    parts = [programme.document_by_kind[kind].title for kind in asked.kinds]
    if asked.initiatives:
        parts.append("sáng kiến đã khai")
    return Sheet(
        office=office,
        kind="Phiếu yêu cầu bổ sung",
        about="Hồ sơ đề nghị khen thưởng",
        symbol=f"PYC-{office.symbol}",
        dated=writing.dated or office_day(asked.at),
        signs=["NGƯỜI YÊU CẦU"],
        signer=asked.by,
        copies=("Như trên",),
        archive="hồ sơ",
        more={
            "kinh_gui": [writing.proposing.name],
            "don_vi": writing.proposing.name,
            "ma_ho_so": dossier.code,
            "ten": dossier.subject_name,
            "hinh_thuc": writing.award_title,
            "dot": writing.cycle,
            "noi_kiem_tra": office.name,
            "cac_muc": list(asked.items),
            "han_bo_sung": formats.moment(asked.due),
            "lan_thu": asked.round,
            "ly_do_lan_sau": asked.again,
            "phan_duoc_sua": "; ".join(parts),
        },
    ).words()


def refusal(writing: Writing) -> dict[str, Any]:
    """Thông báo không khen thưởng: the reason given, and every condition that was not met."""
    dossier, programme = writing.dossier, writing.opened.rulebook.programme
    line = _refused(writing)
    if line is None:
        raise LookupError(dossier.code)
    office = writing.appraising()
    if line.from_state == State.BOARD_CHECKED:
        office = writing.deciding
    return Sheet(
        office=office,
        kind="Thông báo",
        about="Về việc không khen thưởng",
        symbol=f"TB-{office.symbol}",
        dated=writing.day,
        signs=[office.head.upper()],
        copies=("Như trên",),
        more={
            "kinh_gui": [writing.proposing.name],
            "chuong_trinh": legal_bases.programme_words(programme),
            "ma_ho_so": dossier.code,
            "ten": dossier.subject_name,
            "hinh_thuc": writing.award_title,
            "dot": writing.cycle,
            "ngay_ket_luan": formats.day(line.at),
            "nguoi_ket_luan": line.actor,
            "ly_do": str(line.told.get("comment", "")).strip() or "Không đủ điều kiện khen thưởng.",
            "chua_dat": list(_not_met(writing, line)),
            "noi_kiem_tra": office.name,
        },
    ).words()


def _initiative(one: facts.Initiative) -> str:
    recognised = ", ".join(
        filter(
            None,
            (
                one.recognition_number and f"số {one.recognition_number}",
                formats.day(one.recognised_on) if one.recognised_on else "",
                one.recognised_by,
            ),
        )
    )
    told = f" (công nhận: {recognised})" if recognised else ""
    return f"{one.title}{told}{'; đã áp dụng tại đơn vị' if one.applied else ''}."


def _received(table: DocumentTable, paper: facts.Document) -> dict[str, Any]:
    signed = formats.day(paper.dated) if paper.dated else ""
    return {
        "ten": table.title,
        "so_ngay": ", ".join(filter(None, (paper.number, signed))),
        "ban": paper.version,
        "ma": paper.sha256[:HASH_SHOWN],
    }


def _deadlines(writing: Writing) -> Iterable[str]:
    """The next day that matters, and the day of the decision."""
    programme, facts_now = writing.opened.rulebook.programme, writing.opened.facts
    for target in dict.fromkeys((next_state(writing.dossier.state), State.DECIDED)):
        deadline = deadline_of(programme, facts_now, target) if target else None
        if target is not None and deadline is not None:
            yield f"{labels.MILESTONE[target]}: {formats.day(deadline.instant)}."


def _refused(writing: Writing) -> Line | None:
    lines = lines_of(writing.session, writing.dossier.id)
    return next((line for line in lines if line.action == Action.REJECT.value), None)


def _not_met(writing: Writing, line: Line) -> Iterable[dict[str, str]]:
    """The conditions of the step the dossier stood before, as they were when it was refused."""
    rulebook, seen = writing.opened.rulebook, writing.opened.facts
    state = State(line.from_state) if line.from_state else None
    forward = forward_step(rulebook.programme, state) if state else None
    if forward is None:
        return
    case = Case(seen, writing.opened.actor, rulebook.programme, line.at, None, forward.action)
    cycle = case.cycle.kind
    for use in forward.rules:
        table = rulebook.rules[use.rule].table
        fits = seen.subject.kind in table.subjects and cycle in table.cycles
        if not fits or (table.awards and seen.award_form not in table.awards):
            continue
        if not table.clause.startswith("IV.") or table.guard in PAPERWORK:
            continue
        found = rulebook.rules[use.rule].ask(case)
        if found.outcome is Outcome.NOT_MET:
            yield {
                "dieu_kien": table.title,
                "thuc_te": " ".join(formats.sentence(one.text) for one in found.evidence),
                "muc": labels.clause_text(table.clause),
            }


PAPERWORK: Final = frozenset({"document", "council_votes_add_up", "attested"})
"""Conditions about the papers themselves: no reason why somebody is not honoured."""

WORDS_OF: Final = {
    PaperKind.TO_TRINH: proposal,
    PaperKind.BAO_CAO_TAP_THE: report,
    PaperKind.BAO_CAO_CA_NHAN: report,
    PaperKind.PHIEU_TIEP_NHAN: receipt,
    PaperKind.YEU_CAU_BO_SUNG: supplement,
    PaperKind.KHONG_KHEN_THUONG: refusal,
}
