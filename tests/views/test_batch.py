"""One step for many dossiers: each named, judged and done by itself, never past the law."""

from __future__ import annotations

import re
from collections.abc import Callable

from models.database import Database
from tests.builders import AUTUMN, a_registered, a_submitted, a_written, the_dossier
from tests.views.conftest import Browser, Hands
from workflow.vocabulary import State

SignIn = Callable[[str], Browser]
CONFIRM, CARRY_OUT = "/ho-so/hang-loat", "/ho-so/hang-loat/thuc-hien"
VERSIONS = re.compile(r'name="(v-[^"]+)" value="(\d+)"')


def test_what_may_be_done_is_done_and_the_rest_is_told(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    clock.now = AUTUMN
    ready, empty = a_written(sqlite_database, "H029"), a_registered(sqlite_database, "H026")
    clerk = sign_in("clerk@h029")
    assert f'value="{ready}"' in clerk.get("/ho-so").get_data(as_text=True)
    shown = clerk.post(CONFIRM, {"viec": "submit", "ma": [ready, empty]})
    assert shown.status_code == 200
    page = shown.get_data(as_text=True)
    version = str(the_dossier(sqlite_database, ready).version)
    assert VERSIONS.findall(page) == [(f"v-{ready}", version)]
    assert "không được xem" in page
    assert the_dossier(sqlite_database, ready).state is State.REGISTERED
    form = {"viec": "submit", "ma": [ready, empty], "key": clerk.carried_key()}
    form |= {**dict(VERSIONS.findall(page)), f"v-{empty}": "1"}
    told = clerk.post(CARRY_OUT, form).get_data(as_text=True)
    assert "Đã ghi: 1 hồ sơ" in told
    assert "Chưa ghi: 1 hồ sơ" in told
    after = the_dossier(sqlite_database, ready)
    assert after.state is State.SUBMITTED
    assert the_dossier(sqlite_database, empty).state is State.REGISTERED
    again = clerk.post(CARRY_OUT, form).get_data(as_text=True)
    assert "đã ghi từ lần gửi trước" in again
    assert the_dossier(sqlite_database, ready).version == after.version


def test_a_refusal_names_rule_and_clause(sqlite_database: Database, sign_in: SignIn) -> None:
    bare = a_registered(sqlite_database, "H029")
    page = (
        sign_in("clerk@h029").post(CONFIRM, {"viec": "submit", "ma": bare}).get_data(as_text=True)
    )
    assert "Không làm được: 1 hồ sơ" in page
    assert "/van-ban#muc-" in page
    assert 'name="key"' not in page


def test_nothing_is_possible_for_many_that_is_not_for_one(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_submitted(sqlite_database, "H029")
    version = the_dossier(sqlite_database, code).version
    clerk = sign_in("clerk@h029")
    for action in ("confirm_check", "submit", "send_supplement"):
        form = {"viec": action, "ma": code, f"v-{code}": str(version), "key": f"khoa-{action}"}
        assert "Chưa ghi: 1 hồ sơ" in clerk.post(CARRY_OUT, form).get_data(as_text=True)
    for action in ("decide", "withdraw", "reject", "x"):
        assert clerk.post(CONFIRM, {"viec": action, "ma": code}).status_code == 303
    stale = {"viec": "present", "ma": code, f"v-{code}": str(version - 1), "key": "khoa-cu"}
    assert "xem lại rồi làm tiếp" in clerk.post(CARRY_OUT, stale).get_data(as_text=True)
    after = the_dossier(sqlite_database, code)
    assert (after.state, after.version) == (State.SUBMITTED, version)


def test_who_only_looks_is_offered_nothing(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_written(sqlite_database, "H029")
    auditor = sign_in("auditor@ubnd-tinh")
    assert "hang-loat" not in auditor.get("/ho-so").get_data(as_text=True)
    assert auditor.post(CONFIRM, {"viec": "submit", "ma": code}).status_code == 403
