"""What the minutes of a council session say: who was there, what was voted, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from views import council_desk, formats, labels, labels_council
from views.council_desk import Seen
from views.papers.offices import office_of
from views.papers.parts import Sheet, movement
from workflow.councils.sitting import Seat
from workflow.councils.tally import Tally
from workflow.vocabulary import Attendance, Post, SessionKind, UnitKind

COUNCIL = "HỘI ĐỒNG THI ĐUA - KHEN THƯỞNG"
SYMBOL = "BB-HĐTĐKT"


def minutes_words(
    seen: Seen, tally: Tally, rows: Sequence[dict[str, Any]], kind: UnitKind
) -> dict[str, Any]:
    """The words of the draft minutes; `rows` are those the page of the figures shows."""
    sitting = seen.sitting
    office = office_of(sitting.unit_name, kind, "", seen.programme.place)
    chair, secretary = _of(seen, Post.COUNCIL_CHAIR), _of(seen, Post.COUNCIL_SECRETARY)
    words = Sheet(
        office=office,
        kind="Biên bản",
        about=f"Họp {council_desk.council_name(sitting)}",
        symbol=SYMBOL,
        dated=sitting.held_on,
        more={
            "gio_hop": formats.moment(sitting.held_at),
            "dia_diem": seen.row.place,
            "chu_tri": _person(chair),
            "thu_ky": _person(secretary),
            "ten_chu_tri": chair.name if chair else "",
            "ten_thu_ky": secretary.name if secretary else "",
            "tong_so": tally.members,
            "co_mat": tally.present,
            "can_co_mat": tally.quorum,
            "hop_le": "đủ" if tally.quorate else "chưa đủ",
            "thanh_vien": [_seat(seat) for seat in sitting.seats],
            "so_ho_so": f"{len(rows):02d}",
            "cach_bieu_quyet": labels.VOTE[sitting.method].lower(),
            "can_dong_y": tally.approvals,
            "ghi_chu": sitting.settings.note,
            "khong_bo_phieu": [
                f"{row['name']} ({row['code']}): {text} Không bỏ phiếu."
                for row in rows
                for text in row["recused"]
            ],
            "y_kien": [
                *(
                    f"{row['name']} ({row['code']}): {text}"
                    for row in rows
                    for text in row["opinions"]
                ),
                *(f"{seat.name}: {seat.opinion}" for seat in sitting.seats if seat.opinion),
            ],
            "ket_qua": [_result(row, tally) for row in rows],
            "phong_trao": movement(seen.programme),
        },
    ).words()
    ranks = sitting.kind is SessionKind.PROVINCIAL_RANKING
    return words | {
        "co_quan_tren": "" if ranks else formats.shortened(office.name).upper(),
        "co_quan": f"{COUNCIL}\nTỈNH" if ranks else COUNCIL,
    }


def _of(seen: Seen, post: Post) -> Seat | None:
    return next((seat for seat in seen.sitting.seats if seat.role is post), None)


def _person(seat: Seat | None) -> str:
    return ", ".join(filter(None, (seat.name, seat.position))) if seat else ""


def _seat(seat: Seat) -> str:
    """One member: post on the council, and how they took part; why not, when absent."""
    if seat.attendance is not None:
        how = labels_council.ATTENDANCE[seat.attendance].lower()
    else:
        how = "tham gia bằng phiếu" if seat.sent else "chưa ghi"
    absent = seat.attendance is Attendance.ABSENT and seat.absence_reason
    why = f" ({seat.absence_reason})" if absent else ""
    return f"{_person(seat)}, {labels.POST[seat.role].lower()}: {how}{why}."


def _result(row: dict[str, Any], tally: Tally) -> dict[str, Any]:
    one = row["tally"]
    share = round(one.votes_for * 100 / tally.members) if tally.members else 0
    return {
        "ten": f"{row['name']} ({row['code']})",
        "dong_y": one.votes_for,
        "khong": one.votes_against,
        "khac": one.votes_other,
        "khong_bo": one.recused,
        "ty_le": f"{share}%",
        "hang": row["place"],
        "ket_luan": row["outcome"],
    }
