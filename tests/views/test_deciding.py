"""The decision session: dry run, comparing names, all or nothing, publishing later."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import select, update

from models.database import Database
from models.doctor import examine
from models.tables import Decision, DecisionList, OutgoingMessage, Quota
from models.words import MessageStatus
from tests.builders import a_checked, a_reviewed, step, taken, the_dossier
from tests.models.test_places import a_pool, put_cap
from tests.views.conftest import Browser, counted
from workflow.facts import HoldInput
from workflow.vocabulary import Action, State

SignIn = Callable[[str], Browser]
HEAD = "head@ubnd-tinh"
PAPER = {
    "number": "2417/QĐ-UBND",
    "dated": "05/12/2023",
    "signer": "Nguyễn Văn Sơn",
    "capacity": "KT.",
    "when": "sau",
    "compared": "1",
}
SEEN = re.compile(r'name="(v-HS-[0-9-]+)" value="(\d+)"')


def begun(browser: Browser, codes: list[str]) -> str:
    """The address of a list begun with these dossiers."""
    browser.get("/quyet-dinh")
    answer = browser.post("/quyet-dinh/danh-sach", {"key": "k0", "chon": codes})
    assert answer.status_code == 303, browser.last
    browser.get(answer.location)
    return answer.location


def paper(browser: Browser, **other: str) -> dict[str, str]:
    """What the form of the page last seen sends."""
    return {"key": "k1", **dict(SEEN.findall(browser.last)), **PAPER, **other}


def test_a_list_is_seen_compared_committed_and_published(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    codes = [a_checked(sqlite_database, unit) for unit in ("H026", "H027", "H028")]
    with sqlite_database.writing() as session:
        session.execute(update(Quota).values(cap=2))
    head = sign_in(HEAD)
    head.get("/quyet-dinh")
    for words in ("Chờ ký: Bằng khen", codes[0], "Đưa vào danh sách trình ký"):
        assert words in head.last
    address = begun(head, codes[:1])
    with sqlite_database.writing() as session:
        session.execute(update(Quota).values(cap=2))
    assert (
        head.post(f"{address}/sua", {"key": "k", "do": "them", "chon": codes[1:]}).status_code
        == 303
    )
    head.get(address)
    for words in (
        "1 quyết định</b> cho <b>2 tập thể",
        "đã dùng 0/2. Sau: 2/2",
        "Không kèm: 1 hồ sơ",
        "đã dùng 0, giữ chỗ 2, không còn",
        "Mục IV.2.b",
        "Tôi đã đối chiếu 2 tên trên với danh sách trình ký",
        "Ban hành quyết định cho 2 tập thể",
    ):
        assert words in head.last, words
    wrong = paper(head, number="", compared="", dated="06/12/2023")
    assert head.post(address, wrong).status_code == 422
    assert "Chưa gửi được, còn 3 mục" in head.last
    assert 'value="Nguyễn Văn Sơn"' in head.last
    sent = paper(head)
    answer = head.post(address, sent)
    assert answer.status_code == 303
    decided = answer.location
    assert head.post(address, sent).location == decided, "pressing twice is pressing once"
    head.get(decided)
    for words in ("Chưa công bố", "2 tập thể", "KT. Nguyễn Văn Sơn", codes[2]):
        assert words in head.last
    publishing = {"key": "k2", **dict(SEEN.findall(head.last)), "khong": codes[2]}
    assert head.post(f"{decided}/cong-bo", publishing).status_code == 422
    assert "Đánh dấu ô xác nhận" in head.last
    assert "Ghi lý do không khen thưởng" in head.last
    publishing |= {"sure": "1", f"ly-do-{codes[2]}": "Ngoài chỉ tiêu của đợt."}
    assert head.post(f"{decided}/cong-bo", publishing).status_code == 303
    assert the_dossier(sqlite_database, codes[2]).state is State.REJECTED
    head.get(decided)
    assert "Đã công bố" in head.last
    assert f"{decided}/cong-bo" not in head.last
    public = head.get("/tra-cuu/ket-qua")
    assert public.status_code == 200
    assert head.last.count("2417/QĐ-UBND") >= 2
    assert examine(sqlite_database) == []


def test_who_stands_in_the_way_is_named_and_what_was_typed_is_kept(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    codes = [a_checked(sqlite_database, unit) for unit in ("H026", "H027")]
    head = sign_in(HEAD)
    address = begun(head, codes)
    sent = paper(head)
    by = "appraiser@UBND-TINH"
    hold = HoldInput("Thanh tra tỉnh")
    taken(step(sqlite_database, codes[1], by, Action.HOLD, hold, comment="Có đơn"))
    assert head.post(address, sent).status_code == 422
    assert f"hồ sơ {codes[1]} vừa được người khác chuyển bước" in head.last
    assert 'value="2417/QĐ-UBND"' in head.last
    assert 'name="compared" value="1" checked' not in head.last, "changed names are compared again"
    assert head.post(address, paper(head)).status_code == 422
    assert f"vướng ở hồ sơ {codes[1]}." in head.last
    assert "Tạm dừng từ" in head.last
    assert {the_dossier(sqlite_database, code).state for code in codes} == {State.BOARD_CHECKED}
    assert (
        head.post(f"{address}/sua", {"key": "k", "do": "bot", "chon": codes[1]}).status_code == 303
    )
    head.get(address)
    assert head.post(address, paper(head)).status_code == 303
    assert examine(sqlite_database) == []


def test_before_publication_names_are_taken_out_and_the_paper_corrected(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    codes = [a_checked(sqlite_database, unit) for unit in ("H026", "H027")]
    head = sign_in(HEAD)
    address = begun(head, codes)
    decided = head.post(address, paper(head)).location
    head.get(decided)
    version = str(the_dossier(sqlite_database, codes[0]).version)
    taking = {"key": "k5", "version": version, "comment": "Nhầm tên"}
    assert head.post(f"/ho-so/{codes[0]}/buoc/retract", taking).status_code == 303
    assert the_dossier(sqlite_database, codes[0]).state is State.BOARD_CHECKED
    head.get(decided)
    correcting = {**PAPER, "key": "k6", "number": "2418/QĐ-UBND", "comment": ""}
    assert head.post(f"{decided}/sua", correcting).status_code == 422
    assert "Ghi lý do sửa" in head.last
    correcting["comment"] = "Gõ nhầm số"
    assert head.post(f"{decided}/sua", correcting).status_code == 303
    with sqlite_database.reading() as session:
        assert session.scalars(select(Decision.number)).all() == ["2418/QĐ-UBND"]
        held = session.scalars(
            select(OutgoingMessage.status).where(OutgoingMessage.letter == "decided")
        ).all()
    assert set(held) == {MessageStatus.SUPPRESSED, MessageStatus.WAITING}
    assert examine(sqlite_database) == []


def test_one_dossier_is_decided_and_published_later(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_checked(sqlite_database)
    head = sign_in(HEAD)
    head.get(f"/ho-so/{code}/quyet-dinh")
    data = {**head.carried(), **PAPER}
    assert head.post(f"/ho-so/{code}/quyet-dinh", data).status_code == 303
    head.get("/quyet-dinh")
    assert "Chưa công bố" in head.last
    head.get("/tra-cuu/ket-qua")
    assert "2417/QĐ-UBND" not in head.last


def test_nobody_else_prepares_commits_or_publishes(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    codes = [a_checked(sqlite_database, "H026"), a_reviewed(sqlite_database, "H027")]
    head = sign_in(HEAD)
    address = begun(head, codes[:1])
    for login in ("appraiser@ubnd-tinh", "head@h026", "clerk@ubnd-tinh"):
        other = sign_in(login)
        assert other.get(address).status_code == 404
        assert other.post(address, paper(head)).status_code == 404
        assert other.post(f"{address}/sua", {"key": "k", "do": "bo"}).status_code == 404
        begin = {"key": "k", "chon": codes[1:]}
        assert other.post("/quyet-dinh/danh-sach", begin).status_code == 422
    decided = head.post(address, paper(head)).location
    stranger = sign_in("head@h026")
    assert stranger.get(decided).status_code == 404
    for page in ("cong-bo", "sua"):
        assert stranger.post(f"{decided}/{page}", {"key": "k", "sure": "1"}).status_code == 404
    board = sign_in("appraiser@ubnd-tinh")
    assert board.get(decided).status_code == 200
    assert board.post(f"{decided}/cong-bo", {"key": "k", "sure": "1"}).status_code == 404
    with sqlite_database.reading() as session:
        assert session.scalars(select(Decision.published_at)).one() is None
    assert head.post("/quyet-dinh/danh-sach", {"key": "k", "chon": []}).status_code == 422
    assert "Chọn ít nhất một hồ sơ" in head.last
    assert head.get("/quyet-dinh/danh-sach/999").status_code == 404
    assert head.get("/quyet-dinh/999").status_code == 404


def test_a_list_nobody_may_stand_on_is_not_begun_and_the_reasons_are_told(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_checked(sqlite_database)
    a_pool(sqlite_database)
    put_cap(sqlite_database, 0)
    head = sign_in(HEAD)
    head.get("/quyet-dinh")
    begin = {"key": "k", "chon": code}
    assert head.post("/quyet-dinh/danh-sach", begin).status_code == 422
    assert f"{code}: Trong chỉ tiêu 20% của đợt sơ kết: Chỉ tiêu 20% × 30 = 0" in head.last
    assert "(Mục IV.2.b)" in head.last
    with sqlite_database.reading() as session:
        assert session.scalars(select(DecisionList.id)).all() == []


def test_more_dossiers_need_no_more_statements_on_the_page_of_decisions(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    units = iter(("H026", "H027", "H028", "H029", "H030", "H031", "H032", "H033", "H034", "H035"))
    head, needed = sign_in(HEAD), dict[int, int]()
    codes = list[str]()
    for rows in (1, 3, 10):
        while len(codes) < rows:
            codes.append(a_checked(sqlite_database, next(units)))
        head.get("/quyet-dinh")
        with counted(sqlite_database) as statements:
            head.get("/quyet-dinh")
        assert all(code in head.last for code in codes)
        needed[rows] = len(statements)
    assert needed[1] == needed[3] == needed[10]
