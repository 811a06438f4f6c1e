"""Chỉ tiêu: the arithmetic, the ledger, and the number a head sets."""

from __future__ import annotations

from collections.abc import Callable

from models.database import Database
from models.doctor import examine
from tests.builders import a_decided
from tests.views.conftest import Browser

SignIn = Callable[[str], Browser]
SHARE = "/chi-tieu/2023-midterm/BANG_KHEN_TAP_THE/UBND-TINH"
OWN = "/chi-tieu/2023-annual/GIAY_KHEN_HUYEN/H029"


def test_everybody_sees_the_sum_of_the_share(sqlite_database: Database, sign_in: SignIn) -> None:
    a_decided(sqlite_database)
    clerk = sign_in("clerk@h030")
    assert clerk.get("/chi-tieu").status_code == 200
    for words in ("20% × 30 = 6.", "Đã dùng 1, còn 5.", "Mục IV.2.b", "diễn giải Q9"):
        assert words in clerk.last
    assert SHARE not in clerk.last
    assert clerk.get(SHARE).status_code == 404, "which dossiers took a place is not theirs to see"


def test_the_deciding_side_sees_who_took_a_place(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_decided(sqlite_database)
    head = sign_in("head@ubnd-tinh")
    head.get("/chi-tieu")
    assert SHARE in head.last
    assert head.get(SHARE).status_code == 200
    for words in (code, "2103/QĐ-UBND", "Dùng cho quyết định", "+1"):
        assert words in head.last
    assert 'name="cap"' not in head.last, "a share of the programme is nobody's to set"


def test_a_head_sets_the_number_and_what_is_wrong_is_told_beside_the_field(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    head = sign_in("head@h029")
    assert head.get(OWN).status_code == 200
    assert "Thủ trưởng không đặt số lượng tối đa." in head.last

    def post(**typed: str) -> int:
        return head.post(OWN, {"key": "k1", "do": "set", **typed}).status_code

    assert post(cap="mười", reason="") == 422
    assert "Gõ một số nguyên từ 0 trở lên" in head.last
    assert "Ghi lý do bằng một câu." in head.last
    assert 'value="mười"' in head.last
    assert post(cap="4", reason="Kế hoạch số 12") == 303
    head.get(OWN)
    assert "Thủ trưởng đặt tối đa 4." in head.last
    assert post(do="remove", reason="Không giới hạn nữa") == 303
    head.get(OWN)
    assert "Thủ trưởng không đặt số lượng tối đa." in head.last
    assert examine(sqlite_database) == []


def test_only_the_unit_itself_reaches_its_number(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    clerk = sign_in("clerk@h029")
    assert clerk.get(OWN).status_code == 200
    assert 'name="cap"' not in clerk.last
    typed = {"key": "k1", "do": "set", "cap": "4", "reason": "x"}
    assert clerk.post(OWN, typed).status_code == 422
    stranger = sign_in("head@h030")
    assert stranger.get(OWN).status_code == 404
    assert stranger.post(OWN, typed).status_code == 404
    for nowhere in ("/chi-tieu/2099/GIAY_KHEN_HUYEN/H029", "/chi-tieu/2023-annual/KHONG/H029"):
        assert clerk.get(nowhere).status_code == 404
