"""Putting a dossier together: four short pages and the way on."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import editing
from models.database import Database
from models.editing import Change, ChooseAward, WriteReport
from models.tables import Document, Evaluation, Initiative
from tests.builders import (
    AUTUMN,
    a_paper,
    a_registered,
    a_reviewed,
    a_submitted,
    change,
    step,
    taken,
    the_dossier,
    who,
)
from tests.small_files import A_PDF
from tests.views.conftest import Browser, Hands
from views import assembly
from workflow.decisions import Accepted, Judgement
from workflow.facts import Command, SupplementInput
from workflow.vocabulary import Action, DocumentKind, State

SignIn = Callable[[str], Browser]
CLERK = "clerk@h029"
PDF = A_PDF
TEXTS = {
    "award": "BANG_KHEN_TINH",
    "profile_text": "Thành lập năm 1962.",
    "achievements_text": "Rút ngắn 40% thời gian.",
    "prior_awards_text": "Chưa có.",
}


@pytest.fixture(autouse=True)
def _in_autumn(clock: Hands) -> None:
    clock.now = AUTUMN


def at(browser: Browser, code: str, page: str = "") -> str:
    address = f"/ho-so/{code}/lap{page}"
    assert browser.get(address).status_code == 200
    return address


def uploaded(kind: str, file: bytes = PDF, name: str = "tep.pdf", **more: str) -> dict[str, object]:
    given = {f"{kind}-{field}": value for field, value in more.items()}
    return {"kind": kind, f"{kind}-file": (io.BytesIO(file), name), **given}


def test_the_list_names_every_part_and_the_conditions(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(CLERK)
    at(browser, code)
    for words in ("1. Đối tượng", "2. Hình thức", "3. Tài liệu", "4. Kiểm tra", "Nộp hồ sơ"):
        assert words in browser.last
    assert 'id="dieu-kien-R16c"' in browser.last
    assert f'action="/ho-so/{code}/buoc/submit"' in browser.last
    assert f'action="/ho-so/{code}/buoc/present"' in browser.last


def test_a_dossier_is_put_together_and_handed_in(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(CLERK)
    award = at(browser, code, "/hinh-thuc")
    for words in ("Bằng khen của Chủ tịch", "Chủ tịch UBND tỉnh quyết định", "Mục IV.2.a"):
        assert words in browser.last
    assert browser.post(award, {**browser.carried(), **TEXTS}).status_code == 303
    new = at(browser, code, "/sang-kien")
    idea = {
        "title": "Tổ trả kết quả lưu động",
        "recognition_number": "1203/QĐ-UBND",
        "recognised_on": "1.6.23",
        "recognised_by": "UBND tỉnh",
        "applied": "1",
    }
    assert browser.post(new, {**browser.carried(), **idea}).status_code == 303
    slots = at(browser, code, "/tai-lieu")
    report = uploaded("BAO_CAO_THANH_TICH", dated="10/11/2023", signer="Phàn A Lình", confirmed="1")
    assert browser.post(slots, {**browser.carried(), **report}).status_code == 303
    at(browser, code)
    answer = browser.post(f"/ho-so/{code}/buoc/submit", browser.carried())
    assert answer.status_code == 303
    dossier = the_dossier(sqlite_database, code)
    assert dossier.state is State.SUBMITTED
    assert dossier.award_form == "BANG_KHEN_TINH"
    assert dossier.profile_text == TEXTS["profile_text"]


def test_a_form_of_award_that_does_not_exist_is_not_chosen(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(CLERK)
    address = at(browser, code, "/hinh-thuc")
    wrong = {**TEXTS, "award": "HUAN_CHUONG"}
    assert browser.post(address, {**browser.carried(), **wrong}).status_code == 422
    assert "Chọn hình thức khen thưởng." in browser.last
    assert "Rút ngắn 40% thời gian." in browser.last


def test_saving_without_a_change_writes_nothing(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(CLERK)
    address = at(browser, code, "/hinh-thuc")
    browser.post(address, {**browser.carried(), **TEXTS})
    before = the_dossier(sqlite_database, code).version
    at(browser, code, "/hinh-thuc")
    assert browser.post(address, {**browser.carried(), **TEXTS}).status_code == 303
    assert the_dossier(sqlite_database, code).version == before


def test_an_initiative_is_changed_and_taken_out(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(CLERK)
    address = at(browser, code, "/sang-kien")
    wrong = {"title": "", "recognised_on": "21/11/2023"}
    assert browser.post(address, {**browser.carried(), **wrong}).status_code == 422
    assert "Ngày công nhận không thể sau hôm nay" in browser.last
    assert browser.post(address, {**browser.carried(), "title": "Một cửa"}).status_code == 303
    with sqlite_database.reading() as session:
        made = session.scalars(select(Initiative.id)).one()
    at(browser, code, f"/sang-kien?sua={made}")
    assert 'value="Một cửa"' in browser.last
    changed = {"title": "Một cửa điện tử", "initiative_id": str(made)}
    assert browser.post(address, {**browser.carried(), **changed}).status_code == 303
    at(browser, code, "/sang-kien")
    assert "Một cửa điện tử" in browser.last
    assert browser.post(address, {**browser.carried(), "remove": str(made)}).status_code == 303
    with sqlite_database.reading() as session:
        assert session.scalars(select(Initiative.id)).all() == []
    assert browser.get(f"{address}?sua={made}").status_code == 404
    at(browser, code, "/sang-kien")
    assert browser.post(address, {**browser.carried(), "remove": str(made)}).status_code == 404
    for number in ("²", "9" * 30):
        at(browser, code, "/sang-kien")
        broken = {**browser.carried(), "initiative_id": number, "title": "Một cửa"}
        assert browser.post(address, broken).status_code == 404


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"PK\x03\x04 no archive", "Tệp mở không được."),
        (b"GIF89a", "Chỉ nhận PDF, DOCX."),
        (b"", "Tệp rỗng."),
    ],
)
def test_a_file_that_is_no_paper_is_refused_in_words(
    sqlite_database: Database, sign_in: SignIn, file: bytes, words: str
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(CLERK)
    address = at(browser, code, "/tai-lieu")
    data = uploaded("TO_TRINH", file, number="86/TTr-UBND")
    assert browser.post(address, {**browser.carried(), **data}).status_code == 422
    assert words in browser.last
    assert 'value="86/TTr-UBND"' in browser.last


def test_a_good_file_is_kept_although_its_day_is_mistyped(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(CLERK)
    address = at(browser, code, "/tai-lieu")
    data = uploaded("TO_TRINH", name="Tờ trình.pdf", dated="31/02/2023", number="86/TTr-UBND")
    assert browser.post(address, {**browser.carried(), **data}).status_code == 422
    assert "Tờ trình.pdf, bản 1" in browser.last
    assert 'value="31/02/2023"' in browser.last
    fixed = {"kind": "TO_TRINH", "TO_TRINH-dated": "28.10.23", "TO_TRINH-number": "86/TTr-UBND"}
    assert browser.post(address, {**browser.carried(), **fixed}).status_code == 303
    with sqlite_database.reading() as session:
        paper = session.scalars(select(Document).where(Document.current)).one()
    assert (paper.version, str(paper.dated)) == (2, "2023-10-28")


def test_a_slot_needs_a_file_and_a_known_kind(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(CLERK)
    address = at(browser, code, "/tai-lieu")
    assert browser.post(address, {**browser.carried(), "kind": "TO_TRINH"}).status_code == 422
    assert "Chọn tệp tờ trình đề nghị khen thưởng." in browser.last
    assert browser.post(address, {**browser.carried(), "kind": "KHAC"}).status_code == 404


def test_after_handing_in_only_open_slots_take_papers(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_submitted(sqlite_database)
    secretary = sign_in("council_secretary@h029")
    address = at(secretary, code, "/tai-lieu")
    assert 'name="BIEN_BAN-file"' in secretary.last
    assert 'name="BAO_CAO_THANH_TICH-file"' not in secretary.last
    assert "phần này đã khóa" in secretary.last
    good = uploaded("BIEN_BAN", dated="10/11/2023", signer="Vàng Thị Dợ")
    assert secretary.post(address, {**secretary.carried(), **good}).status_code == 303
    at(secretary, code, "/tai-lieu")
    locked = uploaded("BAO_CAO_THANH_TICH")
    assert secretary.post(address, {**secretary.carried(), **locked}).status_code == 422
    clerk = sign_in(CLERK)
    award = at(clerk, code, "/hinh-thuc")
    assert clerk.post(award, {**clerk.carried(), **TEXTS}).status_code == 422
    assert '<a href="#dieu-kien-S04">' in clerk.last
    assert "Rút ngắn 40% thời gian." in clerk.last


def test_a_supplement_shows_what_is_asked_and_the_way_to_send_it(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_reviewed(sqlite_database)
    due = datetime(2023, 12, 12, 10, tzinfo=UTC)
    asked = SupplementInput(("Ký bổ sung trang 3",), (DocumentKind.BIEN_BAN,), due)
    by = "appraiser@UBND-TINH"
    taken(step(sqlite_database, code, by, Action.REQUEST_SUPPLEMENT, asked, comment="Xin ký"))
    browser = sign_in(CLERK)
    at(browser, code)
    assert "1. Ký bổ sung trang 3" in browser.last
    assert "hạn 17:00 ngày 12/12/2023" in browser.last
    assert f'action="/ho-so/{code}/buoc/send_supplement"' in browser.last


def test_an_old_page_is_refused_with_the_words_given_back(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(CLERK)
    address = at(browser, code, "/hinh-thuc")
    carried = browser.carried()
    taken(change(sqlite_database, code, ChooseAward("BANG_KHEN_TINH"), by="head@H029"))
    answer = browser.post(address, {**carried, **TEXTS})
    assert answer.status_code == 409
    assert "Rút ngắn 40% thời gian." in browser.last


def test_strangers_see_no_page_of_it(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    stranger = sign_in("clerk@h026")
    for page in ("", "/hinh-thuc", "/sang-kien", "/tai-lieu"):
        assert stranger.get(f"/ho-so/{code}/lap{page}").status_code == 404
    data = {"version": "1", "key": "k", "kind": "TO_TRINH", **TEXTS, "title": "x"}
    for page in ("/hinh-thuc", "/sang-kien", "/tai-lieu"):
        assert stranger.post(f"/ho-so/{code}/lap{page}", data).status_code == 404


def test_onlookers_are_told_whose_turn_it_is(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    board = sign_in("appraiser@ubnd-tinh")
    at(board, code)
    assert "Cán bộ lập hồ sơ, Thủ trưởng đơn vị" in board.last
    data = {"version": "1", "key": "k", **TEXTS}
    assert board.post(f"/ho-so/{code}/lap/hinh-thuc", data).status_code == 422


def test_two_pages_of_one_person_meet_and_keep_what_was_sent(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(CLERK)
    address = at(browser, code, "/tai-lieu")
    old = browser.carried()
    taken(change(sqlite_database, code, a_paper(DocumentKind.BAO_CAO_THANH_TICH)))
    data = {"kind": "TO_TRINH", "TO_TRINH-number": "99/TTr-UBND"}
    file = (io.BytesIO(PDF), "to-trinh.pdf")
    answer = browser.post(address, {**old, **data, "TO_TRINH-file": file})
    assert answer.status_code == 409
    for words in ("99/TTr-UBND", "Tệp đã nhận, không cần gửi lại", "to-trinh.pdf"):
        assert words in browser.last
    assert "Bạn vừa thay đổi hồ sơ này ở trang khác" in browser.last


@pytest.mark.parametrize(("trouble", "status"), [("stale", 409), ("refused", 422)])
def test_the_form_of_award_does_not_stay_when_the_report_is_not_kept(
    sqlite_database: Database,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
    status: int,
) -> None:
    code = a_registered(sqlite_database)
    stranger = who(sqlite_database, "council_secretary@H029")

    def edit(db: Session, command: Command, change: Change, now: datetime) -> Accepted | Judgement:
        if isinstance(change, WriteReport) and trouble == "stale":
            command = replace(command, expected_version=command.expected_version + 1)
        elif isinstance(change, WriteReport):
            command = replace(command, person_id=stranger)
        return editing.edit(db, command, change, now)

    monkeypatch.setattr(assembly, "edit", edit)
    before = the_dossier(sqlite_database, code)
    browser = sign_in(CLERK)
    address = at(browser, code, "/hinh-thuc")
    assert browser.post(address, {**browser.carried(), **TEXTS}).status_code == status
    after = the_dossier(sqlite_database, code)
    assert (after.version, after.award_form) == (before.version, before.award_form)
    assert after.history_count == before.history_count
    with sqlite_database.reading() as session:
        refused = select(Evaluation).where(Evaluation.allowed.is_(False))
        kept = [one.facts["extra"] for one in session.scalars(refused)]
    assert kept == ([{"part": "BAO_CAO_THANH_TICH"}] if trouble == "refused" else [])
