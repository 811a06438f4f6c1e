"""Closed by default, for every address there is; the same headers on every answer."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from models.database import Database
from tests.builders import a_registered, a_submitted
from tests.views.conftest import Browser, Hands
from views.doorman import HEADERS, is_public, local_path

PUBLIC = {
    "static",
    "account.sign_in",
    "account.enter",
    "account.second_step",
    "account.prove",
    "account_codes.forgotten",
    "account_codes.ask",
    "account_codes.show",
    "account_codes.use",
    "passkeys.ask",
    "passkeys.prove",
    "provider.leave",
    "provider.come_back",
    "calendar.personal",
    "checkpoints.note",
    "checkpoints.show",
    "calendar.programme_feed",
    "health.show",
    "health.ready",
    "metrics.show",
    "languages.visit",
    "look_up.show",
    "look_up.published",
    "look_up.atom",
    "look_up.feed",
}


def rules(app: Flask, method: str) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            yield rule


def something_for(converter: BaseConverter) -> str:
    match converter:
        case AnyConverter():
            return min(converter.items)
        case IntegerConverter():
            return "1"
    return "HS-2023-0001"


def address(app: Flask, rule: Rule) -> str:
    values = {name: something_for(converter) for name, converter in rule._converters.items()}
    if "action" in values:
        values["action"] = "submit"
    with app.test_request_context():
        built = rule.build(values)
    assert built is not None
    return built[1]


def test_only_named_pages_are_public(app: Flask) -> None:
    with app.app_context():
        found = {name for name in app.view_functions if is_public(name)}
    assert found == PUBLIC


def test_every_page_sends_a_stranger_to_the_sign_in(app: Flask, browser: Browser) -> None:
    for rule in rules(app, "GET"):
        if rule.endpoint in PUBLIC:
            continue
        answer = browser.get(address(app, rule))
        assert answer.status_code == 303, rule
        assert answer.location.startswith("/dang-nhap?next="), rule


def test_every_form_of_a_stranger_is_turned_away(app: Flask, browser: Browser) -> None:
    for rule in rules(app, "POST"):
        if rule.endpoint in PUBLIC:
            continue
        answer = browser.post(address(app, rule))
        assert answer.status_code == 303, rule
        assert answer.location == "/dang-nhap", rule


def test_every_form_needs_its_token(app: Flask, sign_in: Callable[[str], Browser]) -> None:
    client = sign_in("clerk@h029").client
    for rule in rules(app, "POST"):
        answer = client.post(address(app, rule), data={"version": "1", "key": "k"})
        assert answer.status_code == 400, rule
        assert "Biểu mẫu đã hết hiệu lực" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://xau.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_from_another_site_is_refused_even_with_a_token(
    sign_in: Callable[[str], Browser], headers: dict[str, str]
) -> None:
    browser = sign_in("clerk@h029")
    assert browser.post("/dang-xuat", headers=headers).status_code == 403
    assert browser.get("/viec").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/dang-nhap", 200),
        ("/viec", 303),
        ("/khong-co", 404),
        ("/healthz", 200),
        ("/static/app.css", 200),
    ],
)
def test_every_answer_carries_the_headers(browser: Browser, path: str, status: int) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["X-Request-ID"]


def test_pages_are_never_kept_but_files_of_one_version_are(
    sign_in: Callable[[str], Browser],
) -> None:
    browser = sign_in("clerk@h029")
    answer = browser.get("/viec")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
    styles = re.search(r'href="(/static/app\.css\?v=[0-9a-f]+)"', browser.last)
    assert styles is not None
    kept = browser.get(styles[1])
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in kept.headers


def test_trouble_of_the_last_resort_shows_a_code_and_no_cause(app: Flask, browser: Browser) -> None:
    def fall() -> str:
        raise RuntimeError("SELECT mật FROM kín")

    app.view_functions["health.show"] = fall
    fall.is_public = True  # type: ignore[attr-defined]
    answer = browser.get("/healthz")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in text
    assert "SELECT" not in text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_missing_dossier_looks_like_a_foreign_one(
    sqlite_database: Database, sign_in: Callable[[str], Browser]
) -> None:
    foreign = a_submitted(sqlite_database, "H026")
    browser = sign_in("clerk@h029")
    pages = [browser.get(f"/ho-so/{code}") for code in (foreign, "HS-2023-9999")]
    assert [page.status_code for page in pages] == [404, 404]
    hers, nobodys = (
        re.sub(r'value="[^"]{20,}"', "", page.get_data(as_text=True)) for page in pages
    )
    assert hers == nobodys


def test_a_foreign_dossier_takes_no_step(
    sqlite_database: Database, sign_in: Callable[[str], Browser]
) -> None:
    foreign = a_submitted(sqlite_database, "H026")
    browser = sign_in("clerk@h029")
    data = {"version": "1", "key": "k", "comment": "x"}
    for code in (foreign, "HS-2023-9999"):
        assert browser.post(f"/ho-so/{code}/buoc/withdraw", data).status_code == 404


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/ho-so/HS-2023-0001", "/ho-so/HS-2023-0001"),
        ("/ho-so?q=27", "/ho-so?q=27"),
        ("//xau.example/viec", None),
        ("/\\xau.example", None),
        ("https://xau.example/viec", None),
        ("/khong-co-trang-nay", None),
        ("/dang-nhap", None),
        ("viec", None),
        (None, None),
    ],
)
def test_the_way_back_is_always_a_page_of_ours(
    app: Flask, target: str | None, kept: str | None
) -> None:
    with app.test_request_context():
        assert local_path(target) == kept


def test_a_strange_host_is_refused(browser: Browser) -> None:
    assert browser.get("/dang-nhap", headers={"Host": "xau.example"}).status_code == 400


def test_text_is_sent_small_to_whoever_takes_it_so(browser: Browser) -> None:
    whole = browser.get("/dang-nhap").get_data()
    answer = browser.client.get("/dang-nhap", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.get_data()) < len(whole) / 2
    assert b"</html>" in gzip.decompress(answer.get_data())
    styles = browser.get("/static/app.css", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(styles.get_data()).startswith(b"/*")


def test_after_the_programme_every_page_says_so(
    sign_in: Callable[[str], Browser], clock: Hands
) -> None:
    clock.now = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
    browser = sign_in("auditor@ubnd-tinh")
    browser.get("/ho-so")
    assert "Chương trình đã hết thời gian phát động (31/12/2025)." in browser.last


@pytest.mark.parametrize(
    "path",
    [
        "/ho-so/%00",
        "/ho-so?q=%00",
        "/van-ban?ban=%00",
        "/ho-so/HS-2023-0001/tai-lieu/99999999999999999999999",
        "/hop-thu/99999999999999999999999",
    ],
)
def test_an_address_no_database_can_be_asked_for_is_not_there(
    sign_in: Callable[[str], Browser], path: str
) -> None:
    browser = sign_in("clerk@h029")
    assert browser.get(path).status_code == 404
    assert "Không có trang này" in browser.last


def test_what_was_typed_after_the_session_ended_is_given_back(
    sqlite_database: Database, sign_in: Callable[[str], Browser], clock: Hands
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}/lap/hinh-thuc")
    clock.now += timedelta(days=30)
    data = {**browser.carried(), "profile_text": "Bốn trang <b>đã gõ</b>"}
    address = f"/ho-so/{code}/lap/hinh-thuc"
    answer = browser.post(address, data, headers={"Referer": f"http://localhost{address}"})
    assert answer.status_code == 401
    assert "Bốn trang &lt;b&gt;đã gõ&lt;/b&gt;" in browser.last
    assert f'href="/dang-nhap?next={address}"' in browser.last


def test_what_was_typed_into_a_form_without_its_token_is_given_back(
    sqlite_database: Database, sign_in: Callable[[str], Browser]
) -> None:
    code = a_registered(sqlite_database)
    data = {"version": "1", "key": "k", "text": "Một lời nhắn dài"}
    answer = sign_in("clerk@h029").client.post(f"/ho-so/{code}/trao-doi", data=data)
    assert answer.status_code == 400
    assert "Một lời nhắn dài" in answer.get_data(as_text=True)
