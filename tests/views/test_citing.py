"""What a page cites stands in the programme of the page: no clause of another one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, update

from models.database import Database
from models.editing import ChooseAward, PutInitiative
from models.tables import ProgrammeVersion, Registration
from tests.builders import change, step, taken
from tests.models.test_second_programme import FOLDER, PROGRAMME, at, paper, registered
from tests.views.conftest import Browser, Hands
from views import citing
from workflow.clauses import cut
from workflow.parsing import load
from workflow.ports import NoSeatLeft
from workflow.programme import Programme
from workflow.vocabulary import Action, DocumentKind, SubjectKind

SignIn = Callable[[str], Browser]
LINKED = re.compile(r"#muc-([\w.]+)")
WRITTEN = re.compile(r"\bMục ((?:[IVX]+(?:\.\w+)*)(?:, [IVX]+(?:\.\w+)*)*)")
SOURCE = (FOLDER / f"{PROGRAMME}.source.txt").read_text("utf-8")


@pytest.fixture
def other() -> Programme:
    return load((FOLDER / f"{PROGRAMME}.yaml").read_text("utf-8"), SOURCE).programme


def cited(text: str) -> set[str]:
    written = {one for found in WRITTEN.findall(text) for one in found.split(", ")}
    return written | set(LINKED.findall(text))


def only_its_own(browser: Browser, *addresses: str) -> None:
    for address in addresses:
        assert browser.get(address).status_code == 200, address
        assert cited(browser.last) <= set(cut(SOURCE)), address


def test_pages_cite_the_programme_they_speak_of(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    code = registered(sqlite_database)
    clock.now = at(4, 1)
    fresh = sign_in("clerk@snv")
    only_its_own(fresh, "/dang-ky/moi")
    assert {"I.1", "I.2"} <= cited(fresh.last)
    assert "“Sáng kiến số 2024”" in fresh.last
    assert "ngày 15/01/2024" in fresh.last
    with sqlite_database.reading() as session:
        sent = session.scalars(select(Registration.code)).one()
    only_its_own(sign_in("clerk@h029"), "/dang-ky")
    clock.now = at(8, 2)
    clerk = sign_in("clerk@snv")
    here = f"/ho-so/{code}"
    assembling = [f"{here}/lap{page}" for page in ("", "/hinh-thuc", "/sang-kien", "/tai-lieu")]
    only_its_own(
        clerk,
        f"/viec?chuong-trinh={PROGRAMME}",
        "/dang-ky",
        f"/dang-ky/{sent}",
        "/van-ban",
        here,
        *assembling,
    )
    clerk.get(assembling[0])
    assert "0/2 tài liệu bắt buộc theo Mục III.1, III.2." in clerk.last
    clerk.get(assembling[1])
    assert {"IV.1", "III.1", "II.2"} <= cited(clerk.last)
    clerk.get(assembling[2])
    assert "II.2" in cited(clerk.last)
    report = paper(DocumentKind.BAO_CAO_THANH_TICH, date(2024, 8, 1))
    for edit in (ChooseAward("GIAY_KHEN_SO"), PutInitiative("Trợ lý số"), report):
        taken(change(sqlite_database, code, edit, by="clerk@SNV", now=at(8, 2)))
    taken(step(sqlite_database, code, "clerk@SNV", Action.SUBMIT, now=at(9, 1)))
    clock.now = at(10, 3)
    secretary = sign_in("council_secretary@snv")
    only_its_own(secretary, here, f"{here}/hoi-dong", f"{here}/lap/tai-lieu")
    secretary.get(f"{here}/hoi-dong")
    assert "III.2" in cited(secretary.last)
    appraiser = sign_in("appraiser@snv")
    only_its_own(appraiser, *(f"{here}/{page}" for page in ("kiem-tra", "gia-han", "quyet-dinh")))


def test_the_clause_is_that_of_the_rule_for_this_kind_of_subject(other: Programme) -> None:
    rule = citing.rule(other, "initiative_recognised", kind=SubjectKind.INDIVIDUAL)
    assert (rule.ref, rule.href) == ("Mục II.2", "/van-ban#muc-II.2")
    nothing = citing.rule(other, "par_index")
    assert (bool(nothing), nothing.ref, nothing.href) == (False, "", "")
    assert citing.awards(other).clause == citing.awards(other, "GIAY_KHEN_SO").clause == "IV.1"


def test_a_full_quota_names_the_clause_of_its_own_award(
    app_with_full: Callable[[str], str], sqlite_database: Database
) -> None:
    code = registered(sqlite_database)
    assert "dùng cho hồ sơ khác; hồ sơ" in app_with_full(code)
    award = ChooseAward("GIAY_KHEN_SO")
    taken(change(sqlite_database, code, award, by="clerk@SNV", now=at(8, 2)))
    assert "dùng cho hồ sơ khác (Mục II.3); hồ sơ" in app_with_full(code)
    assert "dùng cho hồ sơ khác; hồ sơ" in app_with_full("SK-2024-9999")


@pytest.fixture
def app_with_full(
    sign_in: SignIn, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], str]:
    """The page shown when the last place went to somebody else while `code` was written."""

    def shown(code: str) -> str:
        def gone() -> None:
            raise NoSeatLeft(code, "SANG_KIEN")

        clock.now = at(8, 2)
        browser = sign_in("clerk@snv")
        with monkeypatch.context() as patched:
            views = browser.client.application.view_functions
            patched.setitem(views, "registrations.index", gone)
            assert browser.get("/dang-ky").status_code == 422
        return browser.last

    return shown


def test_without_a_programme_the_pages_are_nobodys(
    sqlite_database: Database, browser: Browser
) -> None:
    browser.get("/dang-nhap")
    assert "Ủy ban nhân dân tỉnh Hà Giang" in browser.last
    with sqlite_database.writing() as session:
        session.execute(update(ProgrammeVersion).values(in_force=False))
    assert browser.get("/dang-nhap").status_code == 200
    assert "Hà Giang" not in browser.last
