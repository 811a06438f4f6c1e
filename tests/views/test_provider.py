"""Signing in through an identity provider: a real one, in a process beside this one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import select, update

from config.provider_settings import ProviderSettings
from config.settings import Settings, SettingsError
from models.accounts import LOCKED
from models.database import Database
from models.tables import Account, HistoryLine, LinkedIdentity
from tests.builders import PROVINCE, ROOT, who
from tests.identity_provider import CLIENT, SECRET
from tests.views.conftest import Browser, Hands
from tests.views.test_account_codes import letters
from tests.views.test_second_factor import code_of, enrol
from views import create_app

ADDRESS = "clerk.h029@hagiang.example"
VERIFIED: dict[str, Any] = {"sub": "u-29", "email": ADDRESS, "email_verified": True}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.identity_provider"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
def app(settings: Settings, sqlite_database: Database, clock: Hands, provider: str) -> Flask:
    """The service with a provider."""
    known = ProviderSettings(provider, CLIENT, SECRET)
    made = create_app(replace(settings, provider=known), sqlite_database, clock)
    made.testing = True
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made


def go(browser: Browser, provider: str, way: str = "/ho-so", **claims: Any) -> str:
    """Sign in at the provider as somebody, and come back; where that leads."""
    requests.post(f"{provider}/become", json=claims, timeout=5).raise_for_status()
    left = browser.get(f"/dang-nhap/nha-cung-cap?next={way}")
    assert left.location.startswith(f"{provider}/authorize?")
    assert "code_challenge_method=S256" in left.location
    back = requests.get(left.location, allow_redirects=False, timeout=5)
    address = urlsplit(back.headers["Location"])
    return str(browser.get(f"{address.path}?{address.query}").location)


def links(database: Database) -> list[tuple[str, int]]:
    with database.reading() as session:
        return [(one.subject, one.person_id) for one in session.scalars(select(LinkedIdentity))]


def test_a_verified_address_is_linked_once_and_told(
    app: Flask, browser: Browser, provider: str, sqlite_database: Database
) -> None:
    assert go(browser, provider, **VERIFIED) == "/ho-so"
    assert browser.get("/viec").status_code == 200
    person = who(sqlite_database, "clerk@H029")
    assert links(sqlite_database) == [("u-29", person)]
    assert "Đã liên kết" in letters(sqlite_database)[-1].values["headline"]
    # From then on the subject speaks, whatever address the provider tells.
    again = Browser(app.test_client())
    assert go(again, provider, sub="u-29", email="khac@x.vn", email_verified=True) == "/ho-so"
    assert again.get("/viec").status_code == 200
    with sqlite_database.reading() as session:
        acts = session.scalars(select(HistoryLine.action).order_by(HistoryLine.id)).all()
    assert acts[-3:] == ["link_identity", "sign_in", "sign_in"]


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "u-1", "email": ADDRESS},
        {"sub": "u-1", "email": ADDRESS, "email_verified": False},
        {"sub": "u-1", "email": ADDRESS, "email_verified": "true"},
        {"sub": "u-1", "email": "la@x.vn", "email_verified": True},
        {"sub": "u-1"},
    ],
)
def test_nobody_unknown_comes_in(
    browser: Browser, provider: str, sqlite_database: Database, claims: dict[str, Any]
) -> None:
    assert go(browser, provider, **claims) == "/dang-nhap"
    assert "chưa thuộc về tài khoản nào" in browser.get("/dang-nhap").get_data(as_text=True)
    assert browser.get("/viec").status_code == 303
    assert links(sqlite_database) == []


@pytest.mark.parametrize("lie", ["nonce", "audience", "issuer", "key"])
def test_a_token_that_lies_opens_nothing(
    browser: Browser, provider: str, sqlite_database: Database, lie: str
) -> None:
    assert go(browser, provider, **VERIFIED, lie=lie) == "/dang-nhap"
    assert browser.get("/viec").status_code == 303
    assert links(sqlite_database) == []


def test_an_answer_is_for_the_browser_that_asked_and_once(
    app: Flask, browser: Browser, provider: str
) -> None:
    requests.post(f"{provider}/become", json=VERIFIED, timeout=5)
    left = browser.get("/dang-nhap/nha-cung-cap")
    back = requests.get(left.location, allow_redirects=False, timeout=5)
    address = urlsplit(back.headers["Location"])
    answer = f"{address.path}?{address.query}"
    stranger = Browser(app.test_client())
    assert stranger.get(answer).location == "/dang-nhap"
    assert browser.get(answer).location == "/viec"
    assert browser.get(answer).location in {"/dang-nhap", "/viec"}
    assert Browser(app.test_client()).get(answer).location == "/dang-nhap"


def test_a_provider_is_no_way_around_the_second_factor(
    app: Flask, browser: Browser, provider: str, clock: Hands
) -> None:
    go(browser, provider, **VERIFIED)
    browser.last = ""
    secret, _ = enrol(browser, clock)
    fresh = Browser(app.test_client())
    assert go(fresh, provider, **VERIFIED) == "/dang-nhap/buoc-hai?next=/ho-so"
    assert fresh.get("/viec").status_code == 303
    fresh.get("/dang-nhap/buoc-hai")
    fresh.post("/dang-nhap/buoc-hai", {"code": code_of(secret, clock)})
    assert fresh.get("/viec").status_code == 200


def test_an_administrator_links_by_subject(
    app: Flask, provider: str, sqlite_database: Database, sign_in: Any
) -> None:
    person = who(sqlite_database, "clerk@H029")
    with sqlite_database.writing() as session:
        session.execute(
            update(Account).where(Account.person_id == person).values(password_hash=LOCKED)
        )
    admin = sign_in(f"administrator@{PROVINCE.casefold()}")
    page = "/quan-tri/nguoi-dung/clerk@H029/danh-tinh"
    admin.post(page, {"subject": "u-77"})
    assert links(sqlite_database) == [("u-77", person)]
    admin.post("/quan-tri/nguoi-dung/clerk@H026/danh-tinh", {"subject": "u-77"})
    assert links(sqlite_database) == [("u-77", person)]
    browser = Browser(app.test_client())
    assert go(browser, provider, sub="u-77") == "/ho-so"
    assert browser.get("/viec").status_code == 200
    admin.post(page, {"subject": ""})
    assert links(sqlite_database) == []
    assert go(Browser(app.test_client()), provider, sub="u-77") == "/dang-nhap"


def test_a_foreign_way_back_is_not_taken(browser: Browser, provider: str) -> None:
    assert go(browser, provider, "https://xau.example/", **VERIFIED) == "/viec"


def test_a_provider_that_does_not_answer_is_said(
    settings: Settings, sqlite_database: Database, clock: Hands
) -> None:
    gone = replace(settings, provider=ProviderSettings("http://127.0.0.1:9", CLIENT, SECRET))
    browser = Browser(create_app(gone, sqlite_database, clock).test_client())
    assert browser.get("/dang-nhap/nha-cung-cap").location == "/dang-nhap"
    assert "Chưa đăng nhập được" in browser.get("/dang-nhap").get_data(as_text=True)


def test_without_settings_there_is_no_provider(
    settings: Settings, sqlite_database: Database, clock: Hands
) -> None:
    browser = Browser(create_app(settings, sqlite_database, clock).test_client())
    assert browser.get("/dang-nhap/nha-cung-cap").status_code == 404
    assert "nha-cung-cap" not in browser.get("/dang-nhap").get_data(as_text=True)
    given = {"OIDC_ISSUER": "https://id.example.vn"}
    with pytest.raises(SettingsError, match="OIDC_ISSUER"):
        Settings.from_environment(given)
