"""Xếp hạng: the frozen list, its line, and a tie broken by name."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text

from models.database import Database
from models.doctor import examine
from tests.models.test_rankings import four
from tests.views.conftest import Browser

SignIn = Callable[[str], Browser]
ADDRESS = "/xep-hang/2023-midterm/BANG_KHEN_TINH/UBND-TINH"


def test_the_line_the_tie_and_the_person_who_broke_it(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    _, second, third, _ = four(sqlite_database)
    head = sign_in("head@ubnd-tinh")
    head.get("/xep-hang")
    assert ADDRESS in head.last
    head.get(ADDRESS)
    assert "Chưa có bảng xếp hạng nào" in head.last
    assert head.post(ADDRESS, {"key": "k1"}).status_code == 303
    with sqlite_database.writing() as session:
        session.execute(text("UPDATE quota SET cap = 2"))
    head.get(ADDRESS)
    assert head.post(ADDRESS, {"key": "k2"}).status_code == 303
    head.get(ADDRESS)
    for words in (
        "Bảng xếp hạng số 2",
        "86,42 điểm",
        "chưa có",
        "Vạch chỉ tiêu: 2 chỗ, còn 1 chỗ cho 2 hồ sơ ngang nhau",
        "Hệ thống không tự chọn",
        "Thiết lập chính sách, không có trong văn bản chương trình.",
    ):
        assert words in head.last, words
    fields = {f"thu-{second}": "2", f"thu-{third}": "2", "reason": ""}
    assert head.post(f"{ADDRESS}/phan-dinh", {"key": "k3", **fields}).status_code == 422
    assert "không lặp" in head.last
    assert "Ghi lý do phân định" in head.last
    fields |= {f"thu-{third}": "1", "reason": "Địa bàn khó khăn hơn"}
    assert head.post(f"{ADDRESS}/phan-dinh", {"key": "k4", **fields}).status_code == 303
    head.get(ADDRESS)
    assert "Vàng Head UBND-TINH đã phân định:" in head.last
    assert "Hồ sơ đầu tiên ngoài chỉ tiêu" in head.last
    assert "người phân định đã chọn" in head.last
    head.get(f"{ADDRESS}?ban=2")
    assert "Bảng cũ." in head.last
    assert f'name="thu-{second}"' not in head.last
    assert examine(sqlite_database) == []


def test_only_who_decides_sees_it_and_only_some_act(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    for stranger in ("head@h029", "clerk@h030"):
        browser = sign_in(stranger)
        assert browser.get(ADDRESS).status_code == 404
        assert browser.post(ADDRESS, {"key": "k"}).status_code == 404
        assert browser.post(f"{ADDRESS}/phan-dinh", {"key": "k"}).status_code == 404
    clerk = sign_in("clerk@ubnd-tinh")
    assert clerk.get(ADDRESS).status_code == 200
    assert "Chốt bảng" not in clerk.last
    assert clerk.post(ADDRESS, {"key": "k"}).status_code == 403
    for nowhere in (
        "/xep-hang/2099/BANG_KHEN_TINH/UBND-TINH",
        "/xep-hang/2023-annual/BANG_KHEN_TINH/UBND-TINH",
        f"{ADDRESS}?ban=99",
    ):
        assert clerk.get(nowhere).status_code == 404
