"""A passkey in a real browser, with the virtual authenticator of its developer tools."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from models.database import Database
from models.tables import HistoryLine, Passkey
from tests.builders import NOW, PASSWORD
from tests.journeys.served import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

pytestmark = pytest.mark.browser

LOGIN = "clerk@h029"


@contextmanager
def a_page(
    browser: Browser, url: str, *, scripts: bool = True
) -> Iterator[tuple[Page, CDPSession]]:
    """A page of a browser with a security key in it; what the console complains of is a failure."""
    context = browser.new_context(base_url=url, java_script_enabled=scripts)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    key = context.new_cdp_session(page)
    key.send("WebAuthn.enable")
    yield page, key
    assert [one for one in complaints if "422" not in one and "401" not in one] == []
    context.close()


def plug_in(key: CDPSession) -> str:
    made = key.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasResidentKey": False,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return str(made["authenticatorId"])


def type_password(page: Page) -> None:
    page.goto("/dang-nhap")
    page.fill("#login", LOGIN)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()


def proves_again(page: Page, database: Database) -> None:
    page.goto("/tai-khoan/xac-thuc")
    page.get_by_role("button", name="Thêm khóa bảo mật").click()
    page.wait_for_selector("text=Xác nhận lại người dùng")
    page.get_by_role("button", name="Dùng khóa bảo mật và gửi tiếp").click()
    page.get_by_role("button", name="Tạo khóa").wait_for()
    with database.reading() as session:
        last = session.scalars(select(HistoryLine).order_by(HistoryLine.id.desc())).first()
    assert last is not None
    assert last.action == "prove_again"
    assert '"passkey"' in last.payload


def test_a_passkey_is_a_second_factor(
    browser: Browser, sqlite_database: Database, tmp_path: Path
) -> None:
    ticks, later = itertools.count(), [timedelta()]
    with (
        serving(
            sqlite_database,
            tmp_path,
            lambda: NOW + timedelta(seconds=next(ticks)) + later[0],
            "localhost",
        ) as url,
        a_page(browser, url) as (page, key),
    ):
        number = plug_in(key)
        type_password(page)
        page.goto("/tai-khoan/xac-thuc")
        page.get_by_role("button", name="Thêm khóa bảo mật").click()
        page.fill("#name", "Khóa của cơ quan")
        page.get_by_role("button", name="Tạo khóa").click()
        page.wait_for_selector("ol.codes")
        recovery = page.locator("ol.codes code").first.inner_text()
        held = key.send("WebAuthn.getCredentials", {"authenticatorId": number})["credentials"]
        assert [one["rpId"] for one in held] == ["localhost"]

        page.goto("/tai-khoan")
        page.locator("details.me summary").click()
        page.get_by_role("button", name="Đăng xuất").click()
        type_password(page)
        assert page.url.endswith("/dang-nhap/buoc-hai")
        page.goto("/viec")
        assert "/dang-nhap" in page.url
        page.goto("/dang-nhap/buoc-hai")
        page.get_by_role("button", name="Dùng khóa bảo mật").click()
        page.get_by_role("button", name="Dùng khóa").click()
        page.wait_for_url("**/viec")
        with sqlite_database.reading() as session:
            stored = session.scalars(select(Passkey)).one()
            acts = session.scalars(select(HistoryLine.action).order_by(HistoryLine.id)).all()
        assert stored.sign_count >= 1
        assert stored.used_at is not None
        assert "add_passkey" in acts

        # What asks again who one is takes the key as well, and sends on what was sent.
        later[0] = timedelta(minutes=11)
        proves_again(page, sqlite_database)

        # A key that signs nothing of this account opens nothing.
        key.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": number})
        plug_in(key)
        page.context.clear_cookies()
        type_password(page)
        page.get_by_role("button", name="Dùng khóa bảo mật").click()
        page.get_by_role("button", name="Dùng khóa").click()
        page.wait_for_selector("#khoa-bao:has-text('Bấm lại')")
        page.evaluate(
            "() => { const form = document.querySelector('form[data-passkey]');"
            ' form.elements.credential.value = \'{"id": "AAAA"}\'; form.submit(); }'
        )
        page.wait_for_selector("text=Khóa chưa được nhận")
        page.goto("/viec")
        assert "/dang-nhap" in page.url

        # Without scripts a recovery code is the way in.
        with a_page(browser, url, scripts=False) as (plain, _):
            type_password(plain)
            plain.get_by_role("button", name="Dùng khóa bảo mật").click()
            assert plain.get_by_text("Khóa bảo mật cần JavaScript").is_visible()
            plain.get_by_role("link", name="Dùng mã thay cho khóa").click()
            plain.fill("#code", recovery)
            plain.get_by_role("button", name="Đăng nhập").click()
            assert plain.url.endswith("/viec")
