"""The shipped proxy configuration in front of the shipped web server: TLS, limits, addresses."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from config.bootstrap import NGINX_MISSING, find_nginx
from models.database import open_database
from models.tables.signing_in import Guess
from tests.builders import PASSWORD
from tests.deploy.behind import (
    NAME,
    SHIPPED,
    TOKEN,
    Answer,
    Behind,
    end,
    shipped,
    standing,
)
from tests.views.conftest import TOKEN as FORM_TOKEN
from views import limits
from views.doorman import HEADERS, HSTS

pytestmark = pytest.mark.slow

SEALED = HEADERS | {"Strict-Transport-Security": HSTS}


@pytest.fixture(scope="module")
def nginx() -> str:
    """An nginx that starts."""
    found = find_nginx()
    if found is None:
        why = NGINX_MISSING.read_text("utf-8") if NGINX_MISSING.exists() else "make proxy"
        pytest.skip(f"no nginx: {why}")
    return found


@pytest.fixture(scope="module")
def url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A staffed database of this file's own."""
    path = tmp_path_factory.mktemp("behind") / "record.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def service(nginx: str, url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """The service behind its proxy."""
    with standing(nginx, tmp_path_factory.mktemp("proxy"), url) as found:
        yield found


def form(service: Behind, **fields: str) -> tuple[bytes, dict[str, str]]:
    """A filled-in sign-in form, and the cookie that belongs to it."""
    page = service.ask("/dang-nhap")
    token = FORM_TOKEN.search(page.body.decode())
    assert token is not None
    body = urlencode({"csrf_token": token[1], **fields})
    return body.encode(), {
        "Cookie": cookies_of(page),
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"https://{NAME}/dang-nhap",
    }


def cookies_of(answer: Answer) -> str:
    lines = answer.headers.get_all("Set-Cookie") or []
    found = [item for line in lines for item in SimpleCookie(line).items()]
    return "; ".join(f"{name}={cookie.value}" for name, cookie in found)


# --- TLS and headers -------------------------------------------------------------------------


def test_plain_http_leads_to_https_and_nowhere_else(service: Behind) -> None:
    answer = service.ask_plainly("/viec?x=1", service.plain)
    assert answer.status == 308
    assert answer.headers["Location"] == f"https://{NAME}/viec?x=1"


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/lich/bi-mat.ics", "/tra-cuu/ket-qua.atom"]
)
def test_what_programs_ask_for_is_not_led_on(service: Behind, path: str) -> None:
    assert service.ask_plainly(path, service.plain).status == 404


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/dang-nhap", "GET", 200),
        ("/viec", "GET", 303),
        ("/khong-co", "GET", 404),
        ("/static/app.css", "GET", 200),
        ("/tra-cuu", "GET", 200),
        ("/tra-cuu/ket-qua.atom", "GET", 200),
        ("/healthz", "GET", 200),
        ("/viec", "TRACE", 405),
        ("/dang-nhap", "POST", 413),
        ("/metrics", "GET", 404),
    ],
)
def test_every_header_comes_through_once(
    service: Behind, path: str, method: str, status: int
) -> None:
    """Also on what the proxy answers itself: a method, a body too large, a page not for outside."""
    body = b"x" * (limits.LARGEST + 1) if status == 413 else None
    answer = service.ask(path, method, body)
    assert answer.status == status
    for name, value in SEALED.items():
        assert answer.headers.get_all(name) == [value], name
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert not re.search(r"\d", answer.headers.get("Server", ""))


def test_the_proxy_says_the_same_headers_as_the_service() -> None:
    told = (SHIPPED / "award-dossiers.headers").read_text("utf-8")
    said = dict(re.findall(r'^add_header (\S+) "([^"]+)" always;$', told, re.MULTILINE))
    assert said == SEALED | {"Cache-Control": "no-store"}


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
def test_old_tls_and_other_names_are_refused(service: Behind) -> None:
    for version, works in ((ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)):
        assert speaks(service, version) == works
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(OSError), raw(service) as line:  # noqa: PT011 - refused or cut off
        old.wrap_socket(line, server_hostname=NAME)
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(ssl.SSLError), raw(service) as line:
        anybody.wrap_socket(line, server_hostname="xau.example")


def speaks(service: Behind, version: ssl.TLSVersion) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    with raw(service) as line, context.wrap_socket(line, server_hostname=NAME) as secured:
        return secured.version() == {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]


def raw(service: Behind) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.secure), 10)


# --- People ----------------------------------------------------------------------------------


def test_somebody_signs_in_through_the_proxy(service: Behind) -> None:
    body, headers = form(service, login="clerk@h029", password=PASSWORD)
    entered = service.ask("/dang-nhap", "POST", body, headers | {"Origin": f"https://{NAME}"})
    assert entered.status == 303
    told = entered.headers.get_all("Set-Cookie") or []
    assert any(line.startswith("__Host-sid=") for line in told)
    for line in told:
        assert line.startswith("__Host-")
        for word in ("Secure", "HttpOnly", "SameSite=", "Path=/"):
            assert word in line
    page = service.ask("/viec", headers={"Cookie": cookies_of(entered)})
    assert page.status == 200
    assert page.headers["Cache-Control"] == "no-store"
    from_elsewhere = service.ask(
        "/dang-nhap", "POST", body, headers | {"Origin": "https://xau.example"}
    )
    assert from_elsewhere.status == 403


def test_the_address_is_the_clients_whatever_it_says(service: Behind, url: str) -> None:
    body, headers = form(service, login="ke-la-mat", password="sai")
    forged = {
        "X-Forwarded-For": "203.0.113.7",
        "X-Real-IP": "203.0.113.8",
        "Forwarded": "for=203.0.113.9",
        "X-Forwarded-Host": "xau.example",
    }
    answer = service.ask("/dang-nhap", "POST", body, headers | forged, source="127.0.0.5")
    assert answer.status == 422
    opened = open_database(url)
    with opened.reading() as session:
        attempts = select(Guess.address).where(Guess.login == "ke-la-mat")
        assert set(session.scalars(attempts)) == {"127.0.0.5"}
    opened.close()


# --- Limits ----------------------------------------------------------------------------------


def test_the_proxy_lets_through_what_the_largest_page_takes() -> None:
    found = re.search(r"client_max_body_size (\d+)m;", shipped())
    assert found is not None
    assert int(found[1]) * limits.MEGABYTE == limits.LARGEST


def test_what_the_proxy_lets_through_the_page_still_limits(service: Behind) -> None:
    body, headers = form(service, login="x" * limits.STRANGERS, password="y")
    assert service.ask("/dang-nhap", "POST", body, headers).status == 413


STALLED = 40


def stall(stack: ExitStack, line: socket.socket, path: str = "/dang-nhap") -> None:
    stack.enter_context(line)
    line.sendall(
        f"POST {path} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 60000\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin=".encode()
    )


def test_slow_clients_hold_nobody_up(service: Behind) -> None:
    """Forty begin a form and go silent: others are answered, and the silent ones are cut off."""
    with ExitStack() as stack:
        lines = [service.connect(f"127.0.0.{10 + number}") for number in range(STALLED)]
        for line in lines:
            stall(stack, line)
        times = [service.ask("/dang-nhap").seconds for _ in range(5)]
        assert max(times) < 3, times
        began = time.monotonic()
        for line in lines:
            line.settimeout(10)
            assert line.recv(4096)[:12] in {b"", b"HTTP/1.1 408"}
        assert time.monotonic() - began < 10


def test_without_the_proxy_slow_clients_would_hold_everybody_up(service: Behind) -> None:
    """Why there is a proxy: each silent client keeps a permit of the web server for itself."""
    with ExitStack() as stack:
        for _ in range(STALLED):
            line = socket.create_connection(("127.0.0.1", service.direct), 10)
            stall(stack, line, "/quen-mat-khau")
        time.sleep(1)
        with suppress(TimeoutError):
            assert service.ask_plainly("/tra-cuu", service.direct, timeout=2).status == 503
    until = time.monotonic() + 20
    while service.ask("/tra-cuu").status != 200:
        assert time.monotonic() < until


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 6\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Content-Length: 6\r\nContent-Length: 5",
        "Content-Length: +6",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Content-Length: 6\r\n Transfer-Encoding: chunked",
    ],
)
def test_no_second_request_is_smuggled_in(service: Behind, head: str) -> None:
    """Two readers that disagree where a request ends would take its rest for another one."""
    heard = service.say(
        f"POST /dang-nhap HTTP/1.1\r\nHost: {NAME}\r\n{head}\r\nConnection: close\r\n\r\n"
        f"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
    )
    assert b'"database"' not in heard
    assert heard.count(b"HTTP/1.1 ") <= 1
    assert heard[:12] in {b"", b"HTTP/1.1 400", b"HTTP/1.1 501", b"HTTP/1.1 413"}


# --- Watching --------------------------------------------------------------------------------


def test_metrics_are_not_told_outside_and_sum_all_workers_inside(service: Behind) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert service.ask("/metrics", headers=headers).status == 404
    told = service.ask("/healthz").body
    assert b"schema" not in told
    assert b"scheduler" not in told


def test_no_secret_address_stands_in_the_log_of_the_proxy(service: Behind) -> None:
    service.ask("/lich/bi-mat-cua-mot-nguoi.ics?q=bi-mat-hai")
    until = time.monotonic() + 5
    while "/lich/*.ics" not in service.log():
        assert time.monotonic() < until
    assert "bi-mat" not in service.log()
    assert re.search(r'"request":"[0-9A-F]{8}"', service.log())


def test_a_service_that_is_away_is_said_in_words(service: Behind) -> None:
    """The last test of this file: it ends the service."""
    end(service.processes["web"])
    answer = service.ask("/viec")
    assert answer.status == 503
    assert answer.seconds < 3
    assert int(answer.headers["Retry-After"]) > 0
    assert "Mở lại sau ít phút" in answer.body.decode()
    for name, value in SEALED.items():
        assert answer.headers.get_all(name) == [value], name
