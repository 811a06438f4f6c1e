"""The service behind nginx with the shipped configuration: started once, asked as from outside."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from config.run import free_port
from config.settings import ROOT

NAME = "hoso.example.vn"
SHIPPED = ROOT / "deploy" / "nginx"
KEY = "Yq2T8zLw0vKc5RfJ7uXn3PbHd9MsAgEe4oCi6WtZrGhNkQ1y"
TOKEN = "hN7vQ2xW9kLr4TzYbC8mDfJ5gPs3EaUe6oRi1BtX"
STARTS_WITHIN = 60.0


@dataclass
class Behind:
    """Where the proxy listens, whom to trust, and what it writes."""

    folder: Path
    secure: int
    plain: int
    direct: int
    trusted: ssl.SSLContext
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def log(self) -> str:
        """The access log of the proxy."""
        return (self.folder / "access.log").read_text("utf-8")

    def connect(self, source: str = "127.0.0.1") -> ssl.SSLSocket:
        """A line to the proxy over TLS, its certificate checked."""
        raw = socket.create_connection(("127.0.0.1", self.secure), 20, (source, 0))
        return self.trusted.wrap_socket(raw, server_hostname=NAME)

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        """One request as a browser elsewhere would send it."""
        line = http.client.HTTPSConnection(NAME, self.secure, timeout=20, context=self.trusted)
        line.sock = self.connect(source)
        return _answer(line, method, path, body, {"Host": NAME, **(headers or {})})

    def ask_plainly(self, path: str, port: int, timeout: float = 20) -> Answer:
        """One request without TLS, to the proxy or past it."""
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        return _answer(line, "GET", path, None, {"Host": NAME})

    def say(self, raw: bytes) -> bytes:
        """Send bytes as they are; everything that comes back until the line is closed."""
        with self.connect() as line:
            line.sendall(raw)
            line.settimeout(5)
            heard = b""
            with suppress(OSError):
                while more := line.recv(65536):
                    heard += more
            return heard


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float


def _answer(
    line: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> Answer:
    began = time.monotonic()
    with closing(line):
        line.request(method, path, body=body, headers=dict(headers))
        with line.getresponse() as answer:
            content = answer.read()
            return Answer(answer.status, answer.headers, content, time.monotonic() - began)


@contextmanager
def standing(nginx: str, folder: Path, database_url: str) -> Iterator[Behind]:
    """A real service, no demonstration, with two workers, and the proxy in front of it."""
    authority = trustme.CA()
    certificate = authority.issue_cert(NAME)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    found = Behind(folder, free_port(), free_port(), free_port(), trusted)
    (folder / "chain.pem").write_bytes(b"".join(one.bytes() for one in certificate.cert_chain_pems))
    (folder / "key.pem").write_bytes(certificate.private_key_pem.bytes())
    (folder / "nginx.conf").write_text(_whole(found), "utf-8")
    (folder / "award-dossiers.headers").write_bytes(
        (SHIPPED / "award-dossiers.headers").read_bytes()
    )
    try:
        start_service(found, database_url)
        wait(found.direct)
        start_proxy(found, nginx)
        wait(found.secure)
        yield found
    finally:
        for process in found.processes.values():
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and the workers it started, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def start_service(found: Behind, database_url: str) -> None:
    """The web server as the unit of systemd starts it, with the settings of a real service."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url,
        "SECRET_KEY": KEY,
        "STORAGE_DIR": str(found.folder / "files"),
        "SMTP_URL": "smtp://127.0.0.1:9",
        "MAIL_FROM": f"khong-tra-loi@{NAME}",
        "BASE_URL": f"https://{NAME}",
        "PROXY_HOPS": "1",
        "METRICS_TOKEN": TOKEN,
        "PYTHONIOENCODING": "utf-8",
    }
    subprocess.run([sys.executable, "-m", "wsgi"], cwd=ROOT, env=environment, check=True)
    words = _unit_command()
    words[words.index("--port") + 1] = str(found.direct)
    with (found.folder / "web.log").open("ab") as log:
        found.processes["web"] = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def start_proxy(found: Behind, nginx: str) -> None:
    """The proxy, in the foreground, with nothing outside its folder."""
    with (found.folder / "proxy.log").open("ab") as log:
        found.processes["proxy"] = subprocess.Popen(
            [nginx, "-p", str(found.folder), "-c", "nginx.conf", "-e", "stderr"],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def wait(port: int) -> None:
    """Until somebody listens there."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nobody listens on {port}")


def shipped() -> str:
    """The configuration as an administrator gets it."""
    return (SHIPPED / "award-dossiers.conf").read_text("utf-8")


def _unit_command() -> list[str]:
    """What the unit of systemd runs: `granian` and its words."""
    unit = (ROOT / "deploy/systemd/award-web.service").read_text("utf-8")
    found = re.search(r"^ExecStart=\S+/bin/(granian .*)$", unit, re.MULTILINE)
    assert found is not None
    return found[1].split()


def _whole(found: Behind) -> str:
    """The shipped file within a whole configuration: only ports, paths and patience differ."""
    site = shipped()
    changes = {
        r"listen 80;": f"listen 127.0.0.1:{found.plain};",
        r"listen 443 ssl": f"listen 127.0.0.1:{found.secure} ssl",
        r"server 127\.0\.0\.1:8000;": f"server 127.0.0.1:{found.direct};",
        r"/etc/award-dossiers/tls/fullchain\.pem": "chain.pem",
        r"/etc/award-dossiers/tls/private\.pem": "key.pem",
        r"/var/log/nginx/award-dossiers\.log": "access.log",
        r"client_header_timeout 10s;": "client_header_timeout 3s;",
        r"client_body_timeout 20s;": "client_body_timeout 3s;",
    }
    for pattern, to in changes.items():
        site, count = re.subn(pattern, to, site)
        assert count, pattern
    places = "".join(
        f"{kind}_temp_path {kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    who = "user root;\n" if os.geteuid() == 0 else ""
    return (
        f"{who}daemon off;\nworker_processes 1;\npid nginx.pid;\n"
        "events { worker_connections 512; }\n"
        f"http {{\naccess_log off;\n{places}{site}\n}}\n"
    )
