"""Registering with the superior, and the superior's answer."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from models.database import Database
from models.tables import Dossier, Registration
from tests.builders import SPRING, a_registered, a_registration, acknowledge, taken, unit_id
from tests.views.conftest import Browser, Hands
from workflow.vocabulary import RegistrationStatus

SignIn = Callable[[str], Browser]
CLERK, BOARD = "clerk@h029", "appraiser@ubnd-tinh"


def filled(database: Database, **more: str) -> dict[str, str]:
    with database.reading() as session:
        subject = f"unit:{unit_id(session, 'H029')}"
    given = {"subject": subject, "cycle": "2023-midterm", "registered_on": "14.2.23"}
    return {**given, "number": "12/ĐK-UBND", **more}


def the_registration(database: Database, code: str) -> Registration:
    with database.reading() as session:
        return session.scalars(select(Registration).where(Registration.code == code)).one()


def test_a_registration_is_sent_to_the_direct_superior(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    clock.now = SPRING
    browser = sign_in(CLERK)
    browser.get("/dang-ky/moi")
    answer = browser.post("/dang-ky/moi", filled(sqlite_database))
    assert answer.status_code == 303
    browser.get(answer.location)
    assert "Chờ tiếp nhận" in browser.last
    code = answer.location.rpartition("/")[2]
    sent = the_registration(sqlite_database, code)
    assert (sent.number, sent.registered_on.isoformat()) == ("12/ĐK-UBND", "2023-02-14")


def test_what_has_no_shape_comes_back_as_it_was_typed(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in(CLERK)
    browser.get("/dang-ky/moi")
    wrong = filled(sqlite_database, registered_on="2/30/2023", cycle="", subject="unit:1")
    answer = browser.post("/dang-ky/moi", wrong)
    assert answer.status_code == 422
    assert "Chưa gửi được, còn 3 mục" in browser.last
    assert 'value="2/30/2023"' in browser.last
    assert 'value="12/ĐK-UBND"' in browser.last
    assert "Gõ theo ngày/tháng/năm, ví dụ 14/02/2023." in browser.last
    assert "Chọn đợt." in browser.last


def test_a_second_registration_of_the_same_subject_is_refused_with_its_code(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    clock.now = SPRING
    first = a_registration(sqlite_database)
    browser = sign_in(CLERK)
    browser.get("/dang-ky/moi")
    answer = browser.post("/dang-ky/moi", filled(sqlite_database))
    assert answer.status_code == 422
    assert first in browser.last


def test_nobody_registers_for_a_unit_they_do_not_serve(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in("council_secretary@h029")
    browser.get("/dang-ky/moi")
    assert "Bạn chưa đăng ký được cho ai" in browser.last
    assert browser.post("/dang-ky/moi", filled(sqlite_database)).status_code == 422


def test_the_superior_sees_the_rules_and_acknowledges(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registration(sqlite_database)
    browser = sign_in(BOARD)
    browser.get("/dang-ky")
    assert code in browser.last
    browser.get(f"/dang-ky/{code}")
    assert 'id="dieu-kien-R01"' in browser.last
    assert 'id="dieu-kien-R05b"' in browser.last
    data = {"do": "acknowledge", "key": "mot-lan"}
    answer = browser.post(f"/dang-ky/{code}", data)
    assert answer.status_code == 303
    with sqlite_database.reading() as session:
        born = session.scalars(select(Dossier.code)).one()
    browser.get(f"/dang-ky/{code}")
    assert f'href="/ho-so/{born}"' in browser.last
    again = browser.post(f"/dang-ky/{code}", data)
    assert again.status_code == 303
    with sqlite_database.reading() as session:
        assert session.scalars(select(Dossier.code)).all() == [born]


def test_declining_needs_a_reason_which_the_unit_can_read(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registration(sqlite_database)
    browser = sign_in(BOARD)
    browser.get(f"/dang-ky/{code}")
    assert browser.post(f"/dang-ky/{code}", {"do": "decline", "reason": " "}).status_code == 422
    assert "Ghi lý do bằng một câu" in browser.last
    reason = "Đối tượng đã đăng ký ở đợt khác."
    assert browser.post(f"/dang-ky/{code}", {"do": "decline", "reason": reason}).status_code == 303
    assert the_registration(sqlite_database, code).status is RegistrationStatus.REJECTED
    unit = sign_in(CLERK)
    unit.get(f"/dang-ky/{code}")
    assert reason in unit.last
    assert "Không tiếp nhận" in unit.last


def test_the_unit_may_withdraw_but_not_answer_its_own(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registration(sqlite_database)
    browser = sign_in(CLERK)
    browser.get(f"/dang-ky/{code}")
    assert 'value="acknowledge"' not in browser.last
    answer = browser.post(f"/dang-ky/{code}", {"do": "acknowledge", "key": "k"})
    assert answer.status_code == 422
    assert "Cấp trên nhận đăng ký" in browser.last
    assert browser.post(f"/dang-ky/{code}", {"do": "withdraw"}).status_code == 303
    assert the_registration(sqlite_database, code).status is RegistrationStatus.WITHDRAWN


def test_an_answered_registration_is_not_answered_again(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registration(sqlite_database)
    browser = sign_in(BOARD)
    browser.get(f"/dang-ky/{code}")
    taken(acknowledge(sqlite_database, code, by="head@UBND-TINH"))
    assert browser.post(f"/dang-ky/{code}", {"do": "acknowledge", "key": "k"}).status_code == 409
    assert browser.post(f"/dang-ky/{code}", {"do": "decline", "reason": "x"}).status_code == 422


def test_a_stranger_sees_no_registration(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registration(sqlite_database)
    stranger = sign_in("clerk@h026")
    assert stranger.get(f"/dang-ky/{code}").status_code == 404
    stranger.get("/dang-ky")
    assert code not in stranger.last
    assert stranger.post(f"/dang-ky/{code}", {"do": "decline", "reason": "x"}).status_code == 404
    assert stranger.get("/dang-ky/DK-2023-9999").status_code == 404


def test_what_no_form_of_ours_sends_changes_nothing(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registration(sqlite_database)
    a_registered(sqlite_database, "H026")
    browser = sign_in(BOARD)
    browser.get(f"/dang-ky/{code}")
    browser.post(f"/dang-ky/{code}", {"do": "something"})
    assert the_registration(sqlite_database, code).status is RegistrationStatus.SENT
