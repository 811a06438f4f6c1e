"""Council sessions in pages, without scripts: from the agenda to the closing."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
import xlsxwriter

from models.database import Database
from models.tables import CouncilSession
from tests import builders as build
from tests.councils import (
    CLOSES,
    a_council,
    a_personal,
    a_session,
    count_it,
    everybody_agrees,
    the_session,
    the_sitting,
    vote,
)
from tests.views.conftest import Browser, Hands
from tests.views.test_council import PDF
from workflow.vocabulary import SessionState, State, Vote, VoteMethod

SignIn = Callable[[str], Browser]
SECRETARY = "council_secretary@h029"
PAGES = 14
"""Of each reader, nearest first: what speaks of the session or the dossier, then what is linked."""
PRIVATE = "Ghi cho riêng tôi: hỏi lại số liệu"
SECRET = "Lý do chỉ người bỏ phiếu biết"
LINK = re.compile(r'href="(/[^"#]*)"')


def words(browser: Browser) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", browser.last)).split())


def ballot(browser: Browser, code: str, said: dict[str, str], reasons: dict[str, str]) -> None:
    """Fill the ballot in, look it over, send it: three pages, no script."""
    address = f"/hoi-dong/{code}/phieu"
    assert browser.get(address).status_code == 200
    fields = {"row": list(said), **{f"p-{one}": number for one, number in said.items()}}
    fields |= {f"ly-do-{one}": reason for one, reason in reasons.items()}
    fields |= {
        f"seen-{one}": seen
        for one, seen in re.findall(r'name="seen-([^"]+)" value="([^"]*)"', browser.last)
    }
    saved = browser.post(address, {**browser.carried(), **fields, "do": "xem"})
    assert saved.status_code == 303, words(browser)
    assert browser.get(f"{address}/xem-lai").status_code == 200
    seen = {
        f"seen-{one}": papers
        for one, papers in re.findall(r'name="seen-([^"]+)" value="([^"]*)"', browser.last)
    }
    sent = browser.post(f"{address}/gui", {**browser.carried(), **seen})
    assert sent.status_code == 303, words(browser)


def test_a_council_of_nine_meets_without_scripts(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    members = a_council(sqlite_database)
    unit = build.a_submitted(sqlite_database)
    person = a_personal(sqlite_database, "m3@H029")
    secretary = sign_in(SECRETARY)
    assert secretary.get("/hoi-dong/moi").status_code == 200
    made = secretary.post(
        "/hoi-dong/moi",
        {
            **secretary.carried(),
            "unit": str(build_unit(sqlite_database)),
            "cycle": "2023-midterm",
            "place": "Phòng họp số 2",
            "held_day": "05/12/2023",
            "held_time": "8:00",
            "closes_day": "07/12/2023",
            "closes_time": "17h00",
            "method": "secret_ballot",
        },
    )
    assert made.status_code == 303, words(secretary)
    page = made.headers["Location"]
    code = page.rsplit("/", 1)[1]
    secretary.get(page)
    assert unit in secretary.last
    added = secretary.post(f"{page}/chuong-trinh", {**secretary.carried(), "them": [unit, person]})
    assert added.status_code == 303, words(secretary)
    secretary.get(page)
    assert secretary.post(f"{page}/mo", secretary.carried()).status_code == 303
    for member in members[:7]:
        browser = sign_in(member.casefold())
        own = member == "m3@H029"
        browser.get(f"/hoi-dong/{code}/phieu")
        assert ("Bạn không bỏ phiếu" in browser.last) is own
        ballot(browser, code, {unit: "1"} if own else {unit: "1", person: "1"}, {})
    ballot(sign_in(members[7].casefold()), code, {unit: "1", person: "2"}, {person: SECRET})
    _on_paper(sqlite_database, sign_in, code, members[8], {unit: "1", person: "1"})
    secretary.get(page)
    assert secretary.post(f"{page}/dong", secretary.carried()).status_code == 303
    assert secretary.get(f"{page}/tong-hop").status_code == 200
    assert "9/9" in words(secretary)
    assert "m3@H029 là người được đề nghị khen. Không bỏ phiếu." in words(secretary)
    versions = dict(re.findall(r'name="(v-[^"]+)" value="(\d+)"', secretary.last))
    closing = {
        **secretary.carried(),
        **versions,
        "file": (io.BytesIO(PDF), "bien-ban.pdf"),
        "dated": "05/12/2023",
        "signer": "Phàn A Lình, Vàng Thị Dợ",
    }
    closed = secretary.post(f"{page}/tong-hop", closing)
    assert closed.status_code == 303, words(secretary)
    assert build.the_dossier(sqlite_database, unit).state is State.COUNCIL_REVIEWED
    assert build.the_dossier(sqlite_database, person).state is State.REJECTED, "7 of 9, 8 needed"
    secretary.get(f"{page}/tong-hop")
    assert "Biểu quyết của từng thành viên" not in secretary.last, "the ballot was secret"
    minutes = secretary.get(f"{page}/bien-ban.docx")
    assert minutes.data.startswith(b"PK")


def _on_paper(
    database: Database, sign_in: SignIn, code: str, member: str, said: dict[str, str]
) -> None:
    seat = the_sitting(database, code).seat_of(build.who(database, member))
    assert seat is not None
    address = f"/hoi-dong/{code}/phieu-giay/{seat.id}"
    fields = {f"p-{one}": number for one, number in said.items()}
    fields |= {f"hang-{one}": str(rank) for rank, one in enumerate(said, start=1)}
    secretary, chair = sign_in(SECRETARY), sign_in("council_chair@h029")
    secretary.get(address)
    assert (
        secretary.post(address, {**secretary.carried(), **fields, "do": "nhap"}).status_code == 303
    )
    chair.get(address)
    assert "selected>Đồng ý" not in chair.last, "the second person does not see the first typing"
    other = {**fields, f"p-{next(iter(said))}": "2"}
    apart = chair.post(address, {**chair.carried(), **other, "do": "kiem"})
    assert apart.status_code == 422
    assert "Hai lần nhập khác nhau" in words(chair)
    chair.get(address)
    agreed = chair.post(address, {**chair.carried(), **fields, "do": "kiem"})
    assert agreed.status_code == 303, words(chair)


def build_unit(database: Database) -> int:
    with database.reading() as session:
        return build.unit_id(session, "H029")


def an_open_session(
    database: Database, method: VoteMethod = VoteMethod.SECRET_BALLOT
) -> tuple[str, str, list[str]]:
    members = a_council(database)
    unit = build.a_submitted(database)
    return a_session(database, [unit], method=method), unit, members


@pytest.mark.parametrize(
    "login",
    [
        "council_secretary@h029",
        "council_chair@h029",
        "m2@h029",
        "clerk@h029",
        "head@h029",
        "appraiser@ubnd-tinh",
        "head@ubnd-tinh",
        "administrator@ubnd-tinh",
        "auditor@ubnd-tinh",
        "council_secretary@h030",
    ],
)
def test_no_page_tells_a_vote_before_the_ballot_is_closed(
    sqlite_database: Database, sign_in: SignIn, login: str
) -> None:
    code, unit, _ = an_open_session(sqlite_database)
    browser = sign_in("m5@h029")
    ballot(browser, code, {unit: "2"}, {unit: SECRET})
    assert vote(sqlite_database, code, "m6@H029", {unit: Vote.OTHER}).taken
    reader = sign_in(login)
    for address in (f"/hoi-dong/{code}/tong-hop", f"/hoi-dong/{code}/bien-ban.docx"):
        assert reader.get(address).status_code == 404
    seen: set[str] = set()
    edge = ["/", "/viec", "/hoi-dong", f"/hoi-dong/{code}", f"/ho-so/{unit}", "/lich", "/tra-cuu"]
    while edge and len(seen) < PAGES:
        address = edge.pop(0)
        if address in seen or address.startswith("/static"):
            continue
        seen.add(address)
        answer = reader.get(address)
        assert SECRET not in html.unescape(reader.last), address
        assert "Chưa đủ minh chứng" not in html.unescape(reader.last), address
        if answer.status_code == 200:
            edge += [one for one in LINK.findall(html.unescape(reader.last)) if one not in seen]
            edge.sort(key=lambda one: code not in one and unit not in one)
    assert len(seen) > 6


def test_foreign_and_missing_sessions_answer_alike(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code, _, _ = an_open_session(sqlite_database)
    stranger = sign_in("council_chair@h030")
    for address in (f"/hoi-dong/{code}", f"/hoi-dong/{code}/phieu", "/hoi-dong/PH-1999-0001"):
        assert stranger.get(address).status_code == 404


def test_a_no_without_a_reason_is_named_and_what_was_typed_is_kept(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code, unit, members = an_open_session(sqlite_database)
    browser = sign_in(members[1].casefold())
    address = f"/hoi-dong/{code}/phieu"
    browser.get(address)
    seen = dict(re.findall(r'name="(seen-[^"]+)" value="([^"]*)"', browser.last))
    browser.post(
        address, {**browser.carried(), **seen, "row": [unit], f"p-{unit}": "2", "do": "xem"}
    )
    browser.get(f"{address}/xem-lai")
    answer = browser.post(f"{address}/gui", {**browser.carried(), **seen})
    assert answer.status_code == 422
    assert "chưa ghi lý do" in words(browser)
    assert 'value="2" checked' in browser.last


def test_a_note_is_for_its_writer_alone(sqlite_database: Database, sign_in: SignIn) -> None:
    members = a_council(sqlite_database)
    dossier = build.a_submitted(sqlite_database)
    code = a_session(sqlite_database, [dossier])
    address = f"/hoi-dong/{code}/phieu"
    writer, other, secretary = (sign_in(one) for one in ("m2@h029", "m3@h029", SECRETARY))
    writer.get(address)
    paper = re.search(r'href="(/ho-so/[^"]+/tai-lieu/\d+)"', writer.last)
    assert paper, "the papers are at hand"
    form = {"row": dossier, f"p-{dossier}": "1", f"ghi-chu-{dossier}": PRIVATE, "do": "luu"}
    assert writer.post(address, {**writer.carried(), **form}).status_code == 303
    writer.get(address)
    assert PRIVATE in writer.last
    long = {**form, f"ghi-chu-{dossier}": PRIVATE + "x" * 2000}
    assert writer.post(address, {**writer.carried(), **long}).status_code == 422
    assert "tối đa 2.000 ký tự" in words(writer)
    assert PRIVATE + "x" * 2000 in writer.last, "what was typed is kept"
    everybody_agrees(sqlite_database, code, members)
    count_it(sqlite_database, code)
    for someone in (other, secretary):
        pages = (f"/hoi-dong/{code}", address, f"/hoi-dong/{code}/tong-hop", f"/ho-so/{dossier}")
        for page in pages:
            someone.get(page)
            assert PRIVATE not in someone.last, page
    minutes = secretary.get(f"/hoi-dong/{code}/bien-ban.docx").get_data()
    with zipfile.ZipFile(io.BytesIO(minutes)) as packed:
        assert all(PRIVATE.encode() not in packed.read(name) for name in packed.namelist())
    writer.get(address)
    assert PRIVATE in writer.last, "it outlives the ballot"


def test_arrows_move_a_dossier_without_scripts(sqlite_database: Database, sign_in: SignIn) -> None:
    members = a_council(sqlite_database)
    first = build.a_submitted(sqlite_database)
    second = a_personal(sqlite_database, "m3@H029")
    code = a_session(sqlite_database, [first, second])
    browser = sign_in(members[1].casefold())
    address = f"/hoi-dong/{code}/phieu"
    browser.get(address)
    seen = dict(re.findall(r'name="(seen-[^"]+)" value="([^"]*)"', browser.last))
    fields = {**seen, "row": [first, second], f"p-{first}": "1", f"p-{second}": "1"}
    browser.post(address, {**browser.carried(), **fields, "xuong": first})
    browser.get(address)
    assert re.findall(r'name="row" value="([^"]+)"', browser.last) == [second, first]


def test_a_late_ballot_is_refused_with_the_instant(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    code, _, members = an_open_session(sqlite_database)
    clock.now = CLOSES + timedelta(seconds=1)
    browser = sign_in(members[1].casefold())
    browser.get(f"/hoi-dong/{code}/phieu")
    assert "Xem lại và gửi phiếu" not in browser.last
    late = browser.post(f"/hoi-dong/{code}/phieu", {**browser.carried(), "do": "luu"})
    assert late.status_code == 422
    assert "17:00 ngày 07/12/2023" in words(browser)


def a_sheet(rows: list[tuple[object, ...]], formula: bool = False) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    titles = ("Mã hồ sơ", "Đối tượng", "Đơn vị", "Phiếu", "Lý do", "Hạng")
    for column, title in enumerate(titles):
        sheet.write(0, column, title)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    if formula:
        sheet.write_formula(1, 5, "=1+0")
    book.close()
    return buffer.getvalue()


def test_a_workbook_shows_its_differences_before_anything_is_kept(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code, unit, members = an_open_session(sqlite_database)
    browser = sign_in(members[1].casefold())
    address = f"/hoi-dong/{code}/phieu"
    assert browser.get(f"{address}/danh-sach.xlsx").data.startswith(b"PK")
    browser.get(address)

    def load(content: bytes) -> int:
        browser.get(address)
        given = {**browser.carried(), "file": (io.BytesIO(content), "phieu.xlsx")}
        return browser.post(f"{address}/excel", given).status_code

    assert load(a_sheet([(unit, "", "", "Đồng ý", "", "")], formula=True)) == 422
    assert "chứa công thức" in words(browser)
    wrong = [(unit, "", "", "Có", "", ""), ("HS-2023-9999", "", "", "Đồng ý", "", 1)]
    assert load(a_sheet(list(wrong))) == 422
    assert "Dòng 2" in words(browser)
    assert "Dòng 3, HS-2023-9999: không có trong chương trình phiên" in words(browser)
    assert load(a_sheet([(unit, "", "", "Không đồng ý", "Thiếu minh chứng", "")])) == 200
    assert "Không đồng ý, lý do: Thiếu minh chứng" in words(browser)
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', browser.last)
    kept = {name: html.unescape(value) for name, value in fields}
    assert browser.post(address, {**kept, "do": "luu"}).status_code == 303
    browser.get(address)
    assert "Thiếu minh chứng" in browser.last


def test_hands_shown_may_be_read_after_the_closing(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code, unit, members = an_open_session(sqlite_database, VoteMethod.SHOW_OF_HANDS)
    everybody_agrees(sqlite_database, code, members)
    count_it(sqlite_database, code)
    secretary, member = sign_in(SECRETARY), sign_in(members[1].casefold())
    page = f"/hoi-dong/{code}/tong-hop"
    assert member.get(page).status_code == 404, "members see the figures once it is settled"
    secretary.get(page)
    versions = dict(re.findall(r'name="(v-[^"]+)" value="(\d+)"', secretary.last))
    fields = {
        **secretary.carried(),
        **versions,
        "file": (io.BytesIO(PDF), "bien-ban.pdf"),
        "dated": "05/12/2023",
        "signer": "Phàn A Lình",
    }
    assert secretary.post(page, fields).status_code == 303
    assert the_session(sqlite_database, code).state is SessionState.CLOSED
    again = secretary.post(page, {**fields, "file": (io.BytesIO(PDF), "bien-ban.pdf")})
    assert again.status_code == 303, "pressing twice is pressing once"
    member.get(page)
    assert "Biểu quyết của từng thành viên" in member.last
    del unit


def test_a_session_changed_meanwhile_says_by_whom(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    a_council(sqlite_database)
    code = a_session(sqlite_database, [], opened=False)
    browser = sign_in(SECRETARY)
    page = f"/hoi-dong/{code}"
    browser.get(page)
    old = browser.carried()
    with sqlite_database.writing() as session:
        row = session.get_one(CouncilSession, the_session(sqlite_database, code).id)
        row.version += 1
    answer = browser.post(f"{page}/huy", {**old, "reason": "Hoãn"})
    assert answer.status_code == 409
    assert "Phiên họp vừa thay đổi" in browser.last


def test_the_single_form_is_refused_while_a_session_holds_the_dossier(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    _, unit, _ = an_open_session(sqlite_database)
    browser = sign_in(SECRETARY)
    browser.get(f"/ho-so/{unit}/hoi-dong")
    assert "Hồ sơ đang trong chương trình của phiên" in words(browser)


def test_open_ballots_wait_in_the_inbox(sqlite_database: Database, sign_in: SignIn) -> None:
    code, unit, members = an_open_session(sqlite_database)
    browser = sign_in(members[1].casefold())
    browser.get("/viec")
    assert f"Bỏ phiếu phiên {code}" in words(browser)
    assert vote(sqlite_database, code, members[1], {unit: Vote.YES}).taken
    browser.get("/viec")
    assert f"Bỏ phiếu phiên {code}" not in words(browser)
    secretary = sign_in(SECRETARY)
    secretary.get("/viec")
    assert f"phiên {code}" in words(secretary)
