"""What a commendation decision says, with the list that goes with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from models.queries_papers import Named, Proposal, body, named, proposals_for
from models.tables import Decision
from views import formats
from views.papers import legal_bases
from views.papers.offices import count, full_name, in_a_sentence, office_of, padded, signed_as
from views.papers.parts import Sheet, movement, people_and_units, where
from workflow.programme import Programme
from workflow.vocabulary import SubjectKind, UnitKind

CITED_MOST: Final = 5
"""More Tờ trình than these are cited together."""
TOPICS: Final = {legal_bases.ORGANISATION, legal_bases.AWARD}


def decision_words(
    session: Session, decision: Decision, programme: Programme, ids: Sequence[int]
) -> dict[str, Any]:
    """The words of a decision that honours these dossiers."""
    unit, above = body(session, decision.unit_id)
    office = office_of(unit.name, unit.kind, above, programme.place)
    rows = named(session, ids)
    award = programme.award_by_id[rows[0].dossier.award_form]
    cycle = programme.cycle_by_id[rows[0].dossier.cycle_id]
    collectives, people = (_of(rows, kind) for kind in SubjectKind)
    cited = _proposals(proposals_for(session, ids))
    appraiser = _appraiser(programme, award.appraiser_title, unit.kind)
    return Sheet(
        office=office,
        kind="Quyết định",
        about=f"Về việc tặng {award.title}",
        symbol=f"QĐ-{office.symbol}",
        number=decision.number,
        dated=decision.dated,
        signs=signed_as(office, decision.capacity),
        signer=decision.signer,
        copies=("Như Điều 3", appraiser),
        archive="VT",
        more={
            "tham_quyen_ban_hanh": office.head_of.upper(),
            "can_cu": legal_bases.cited(
                programme, decision.dated, TOPICS, [f"Xét đề nghị của {appraiser}{cited}"]
            ),
            "hinh_thuc": award.title,
            "so_luong": people_and_units(rows),
            "phong_trao": movement(programme),
            "dot": formats.lower_first(cycle.label),
            "thi_hanh": _executors(unit.kind, office.name),
            "nguoi_ban_hanh": office.head_of,
            "ten_danh_sach": f"Tập thể, cá nhân được tặng {award.title}",
            "muc_tap_the": f"{'I. ' if people else ''}TẬP THỂ ({count(len(collectives))})",
            "muc_ca_nhan": f"{'II. ' if collectives else ''}CÁ NHÂN ({count(len(people))})",
            "tap_the": collectives,
            "ca_nhan": people,
        },
    ).words()


def _of(rows: Iterable[Named], kind: SubjectKind) -> list[dict[str, str]]:
    return [
        {"ten": row.dossier.subject_name, "don_vi": where(row)}
        for row in rows
        if row.dossier.subject_kind is kind
    ]


def _proposals(found: Sequence[Proposal]) -> str:
    """Each Tờ trình with number, day and unit; many of them together."""
    if not found:
        return ""
    if len(found) > CITED_MOST:
        return " và Tờ trình của các cơ quan, đơn vị, địa phương"
    told = [
        f"Tờ trình số {padded(one.number)}"
        f"{' ' + in_a_sentence(one.dated) if one.dated else ''} của {full_name(one.unit)}"
        for one in found
    ]
    return f" và {', '.join(told)}"


def _appraiser(programme: Programme, title: str, kind: UnitKind) -> str:
    board = programme.consolidation
    if kind is UnitKind.PROVINCE and board is not None:
        return f"{board.superior} ({board.body})"
    return title


def _executors(kind: UnitKind, name: str) -> str:
    if kind is UnitKind.PROVINCE:
        return f"Chánh Văn phòng {name}, Giám đốc Sở Nội vụ, thủ trưởng các đơn vị liên quan"
    if kind is UnitKind.DISTRICT:
        return f"Chánh Văn phòng Hội đồng nhân dân và {name}, thủ trưởng các đơn vị liên quan"
    return "Thủ trưởng các bộ phận liên quan"
