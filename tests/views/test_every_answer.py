"""What every answer carries, whatever was asked and whoever asked: all addresses are walked."""

from __future__ import annotations

import dataclasses
import re
import socket
import time
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie

import pytest
from flask import Flask, Response, request
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from config.operation_settings import OperationSettings
from config.settings import Settings
from models.database import Database, open_database
from models.tables import Document
from tests.builders import PASSWORD, a_submitted
from tests.views.conftest import Browser, Hands
from tests.views.test_doorman import address, rules
from views import create_app, desk, limits
from views.doorman import CONTENT_SECURITY_POLICY, HEADERS, HSTS, public

EVIL = {"Origin": "https://xau.example"}
INSIDE = re.compile(
    r"Traceback|File \"|sqlalchemy|psycopg|sqlite3|SELECT |/(?:views|models)/", re.IGNORECASE
)
TEXTS = {"text/html", "text/plain", "text/css", "text/javascript", "text/calendar"}
NEW_KEY = "một khóa mới, dài hơn ba mươi hai ký tự"
POLICIES = {CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"}
"""Of pages, and of files somebody has sent."""


def faults(answer: TestResponse, *, signed_in: bool = False, https: bool = False) -> list[str]:
    """What an answer lacks of what all must carry, or has and must not."""
    has = answer.headers
    wanted = HEADERS | ({"Strict-Transport-Security": HSTS} if https else {})
    if signed_in:
        wanted |= {"Cache-Control": "no-store"}
    wanted |= {"Content-Security-Policy": own_policy(answer)}
    found = [f"{name}: {has.get(name)}" for name, to in wanted.items() if has.get(name) != to]
    told = {name for name, _ in has if name.startswith("Access-Control-")} | {"Server"}
    found += [f"told: {name}" for name in sorted(told) if name in has]
    return [*found, *(what for what, is_so in oddities(answer, signed_in, https) if is_so)]


def own_policy(answer: TestResponse) -> str:
    given = answer.headers.get("Content-Security-Policy", "")
    return given if given in POLICIES else CONTENT_SECURITY_POLICY


def oddities(answer: TestResponse, signed_in: bool, https: bool) -> Iterator[tuple[str, bool]]:
    has, status = answer.headers, answer.status_code
    yield "no request id", not re.fullmatch(r"[0-9A-F]{8}", has.get("X-Request-ID", ""))
    yield "pinned to https", "Strict-Transport-Security" in has and not https
    yield "not told apart by cookie", signed_in and "cookie" not in answer.vary
    charset = answer.mimetype_params.get("charset")
    yield "no charset", answer.mimetype in TEXTS and charset != "utf-8"
    yield "no word when to come again", status in {429, 503} and not has.get("Retry-After")
    inside = status >= 400 and INSIDE.search(answer.get_data(as_text=True))
    yield "the inside is told", bool(inside)
    for line in cookie_faults(answer, https=https):
        yield f"a cookie: {line}", True


def cookie_faults(answer: TestResponse, *, https: bool) -> Iterator[str]:
    for line in answer.headers.getlist("Set-Cookie"):
        for name, cookie in SimpleCookie(line).items():
            kept_in = cookie["httponly"] and cookie["samesite"] and cookie["path"] == "/"
            sealed = name.startswith("__Host-") and cookie["secure"] and not cookie["domain"]
            if not kept_in or (https and not sealed):
                yield line


def papers(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(Document.sha256)))


@pytest.mark.parametrize("login", ["", "clerk@h029", "administrator@ubnd-tinh"])
def test_every_address_answers_with_the_headers(
    app: Flask,
    settings: Settings,
    sqlite_database: Database,
    sign_in: Callable[[str], Browser],
    login: str,
) -> None:
    a_submitted(sqlite_database, "H029")
    for sha256 in papers(sqlite_database):
        place = settings.storage_dir / sha256[:2] / sha256
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"%PDF-1.7 %%EOF")
    browser = sign_in(login) if login else Browser(app.test_client())
    wrong, seen = {}, set()
    for rule in rules(app, "GET"):
        answer = browser.get(address(app, rule), headers=EVIL)
        seen.add(answer.status_code)
        own = bool(login) and rule.endpoint != "static" and not answer.cache_control.public
        found = faults(answer, signed_in=own)
        if found or answer.status_code >= 500:
            wrong[rule.endpoint] = (answer.status_code, found)
        answer.close()
    assert not wrong
    assert {404, 200} <= seen if login else {303, 200} <= seen


def test_every_way_of_refusing_carries_the_headers(
    app: Flask, sign_in: Callable[[str], Browser]
) -> None:
    @public
    def fall() -> str:
        raise RuntimeError("SELECT mật FROM kín")

    @public
    def dry() -> str:
        raise OperationalError("SELECT mật", {}, OSError("/models/kín"))

    app.view_functions |= {"health.show": fall, "look_up.show": dry}
    browser = sign_in("clerk@h029")
    client = browser.client
    form = {"login": "x" * limits.STRANGERS, "password": "x"}
    answers = {
        400: client.post("/dang-xuat"),
        403: browser.post("/dang-xuat", headers={"Sec-Fetch-Site": "cross-site"}),
        404: client.get("/khong-co"),
        405: client.delete("/viec"),
        413: client.post("/dang-nhap", data=form),
        500: client.get("/healthz"),
        503: client.get("/tra-cuu"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert not faults(answer, signed_in=True), status
    assert client.open("/viec", method="TRACE").status_code == 405
    assert client.get("/static/khong-co.css").status_code == 404
    assert not faults(client.get("/static/khong-co.css"))
    strange = client.get("/dang-nhap", headers={"Host": "xau.example"})
    assert strange.status_code == 400
    assert not faults(strange)


def test_what_was_typed_is_given_back_when_the_database_is_away(
    app: Flask, sign_in: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in("clerk@h029")
    browser.get("/viec")

    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, OSError("no route"))

    monkeypatch.setattr(desk, "reading", away)
    data = {"version": "1", "key": "k", "text": "Một lời nhắn dài"}
    answer = browser.post("/ho-so/HS-2023-0001/trao-doi", data)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Một lời nhắn dài" in browser.last
    assert answer.headers["X-Request-ID"] in browser.last


def test_a_silent_database_is_waited_for_two_seconds(settings: Settings, clock: Hands) -> None:
    """It takes the call and says nothing, as behind a broken line."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.listen(5)
        url = f"postgresql://app@127.0.0.1:{silent.getsockname()[1]}/award"
        away = open_database(url)
        client = create_app(settings, away, clock).test_client()
        # The log of a demonstration takes longer to lay out a trace than all the rest.
        with capture_logs() as told:
            began = time.monotonic()
            answer = client.get("/tra-cuu/ket-qua.json")
            assert time.monotonic() - began < 6
        assert "database does not answer" in [line["event"] for line in told]
        assert answer.status_code == 503
        assert not faults(answer)
        away.close()


def test_an_answer_without_a_header_would_be_seen(app: Flask, browser: Browser) -> None:
    """The walk can fail: one header less, a way in for others, a page that may be kept."""

    @app.after_request
    def spoil(answer: Response) -> Response:
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer

    app.after_request_funcs[None].insert(0, app.after_request_funcs[None].pop())
    assert faults(browser.get("/dang-nhap")) == ["told: Access-Control-Allow-Origin"]
    bare = Response("Traceback", 500)
    assert len(faults(TestResponse(bare.response, "500", bare.headers, request))) > 8  # type: ignore[arg-type]


def over_https(settings: Settings, database: Database, clock: Hands, hops: int = 0) -> Flask:
    operation = OperationSettings(proxy_hops=hops)
    changed = dataclasses.replace(settings, base_url="https://hoso.example", operation=operation)
    return create_app(changed, database, clock)


def test_over_https_everything_is_sealed(
    settings: Settings, sqlite_database: Database, clock: Hands
) -> None:
    client = over_https(settings, sqlite_database, clock).test_client()
    for path in ("/dang-nhap", "/viec", "/khong-co", "/healthz", "/static/app.css", "/tra-cuu"):
        answer = client.get(path, base_url="https://hoso.example", buffered=True)
        assert not faults(answer, https=True), path
    another = over_https(settings, sqlite_database, clock).test_client()
    kept = another.get("/dang-nhap", base_url="https://hoso.example").headers["Set-Cookie"]
    assert kept.startswith("__Host-sid=")
    assert "Secure" in kept


def test_signing_out_clears_what_the_browser_kept(sign_in: Callable[[str], Browser]) -> None:
    browser = sign_in("clerk@h029")
    assert "Clear-Site-Data" not in browser.get("/viec").headers
    assert browser.post("/dang-xuat").headers["Clear-Site-Data"] == '"storage"'
    assert "Clear-Site-Data" not in browser.post("/dang-xuat").headers


@pytest.mark.parametrize(
    ("hops", "forwarded", "seen"),
    [
        (0, "203.0.113.7", "127.0.0.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "10.0.0.1, 203.0.113.7", "203.0.113.7"),
        (2, "10.0.0.1, 203.0.113.7, 10.9.9.9", "203.0.113.7"),
        (2, "203.0.113.7", "127.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(
    settings: Settings,
    sqlite_database: Database,
    clock: Hands,
    hops: int,
    forwarded: str,
    seen: str,
) -> None:
    """A client may write what it likes in front: only the last hops are ours."""
    app = over_https(settings, sqlite_database, clock, hops)

    @public
    def who() -> dict[str, str]:
        return {"address": request.remote_addr or "", "host": request.host}

    app.view_functions["health.show"] = who
    headers = {
        "X-Forwarded-For": forwarded,
        "X-Forwarded-Host": "xau.example",
        "X-Real-IP": "192.0.2.1",
        "Forwarded": "for=192.0.2.2;host=xau.example",
    }
    told = app.test_client().get("/healthz", base_url="http://hoso.example", headers=headers)
    assert told.get_json() == {"address": seen, "host": "hoso.example"}


def test_every_page_has_a_limit_and_only_known_ones_take_files(app: Flask) -> None:
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert set(limits.WITH_FILES) <= known
    with app.app_context():
        for rule in rules(app, "POST"):
            largest = limits.largest(rule.endpoint)
            assert largest <= limits.LARGEST
            assert (largest > limits.WORDS) == (rule.endpoint in limits.WITH_FILES)


def test_a_form_larger_than_its_page_is_refused(
    app: Flask, sign_in: Callable[[str], Browser]
) -> None:
    client = sign_in("clerk@h029").client
    for rule in rules(app, "POST"):
        with app.app_context():
            largest = limits.largest(rule.endpoint)
        if rule.endpoint == "receiving.begin":
            continue  # Reads no body at all.
        answer = client.post(
            address(app, rule),
            environ_overrides={"wsgi.input": _Never(), "CONTENT_LENGTH": str(largest + 1)},
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code == 413, rule


def test_an_old_key_still_opens_and_never_signs(app: Flask) -> None:
    browser = Browser(app.test_client())
    browser.get("/dang-nhap")
    cookie = browser.client.get_cookie("sid")
    assert cookie is not None
    old = app.config["SECRET_KEY"]
    signing = app.session_interface
    for fallbacks, readable in (([old], True), ([], False)):
        app.config.update(SECRET_KEY=NEW_KEY, SECRET_KEY_FALLBACKS=fallbacks)
        with app.test_request_context(headers={"Cookie": f"sid={cookie.value}"}) as context:
            found = signing.open_session(app, context.request)
            assert ("csrf_token" in (found or {})) == readable
    app.config.update(SECRET_KEY=NEW_KEY, SECRET_KEY_FALLBACKS=[old])
    fresh = app.test_client()
    fresh.get("/dang-nhap")
    signed = fresh.get_cookie("sid")
    assert signed is not None
    app.config.update(SECRET_KEY_FALLBACKS=[])
    with app.test_request_context(headers={"Cookie": f"sid={signed.value}"}) as context:
        assert "csrf_token" in (signing.open_session(app, context.request) or {})


@pytest.mark.parametrize(("kept", "status"), [(True, 303), (False, 400)])
def test_a_form_opened_before_the_key_changed_is_taken_while_that_key_is_kept(
    settings: Settings, sqlite_database: Database, clock: Hands, *, kept: bool, status: int
) -> None:
    before = Browser(create_app(settings, sqlite_database, clock).test_client())
    token = before.token()
    cookie = before.client.get_cookie("sid")
    assert cookie is not None
    older = (settings.secret_key,) if kept else ()
    changed = dataclasses.replace(
        settings, secret_key=NEW_KEY, operation=OperationSettings(key_fallbacks=older)
    )
    after = create_app(changed, sqlite_database, clock).test_client()
    after.set_cookie("sid", cookie.value)
    form = {"csrf_token": token, "login": "clerk@h029", "password": PASSWORD}
    assert after.post("/dang-nhap", data=form).status_code == status


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static",
        "/.git/config",
        "/static/../.git/config",
        "/static/..%2f..%2fwsgi.py",
        "/static/%2e%2e/__init__.py",
        "/static//etc/passwd",
        "/wsgi.py",
        "/var/files/",
        "/config/policy.yaml",
    ],
)
def test_nothing_but_files_of_the_interface_is_served(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code in {404, 308}


class _Never:
    """A body nobody may read: it is too large by its own word."""

    def read(self, *_: int) -> bytes:
        raise AssertionError("a body that is too large was read")

    readline = readlines = read
