"""A door in front of a staffed record: the application, browsers, and how somebody signs in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from config.settings import Settings
from models.database import Database
from models.sessions import Visit, open_session
from models.tables import Account
from tests.builders import NOW, PASSWORD
from views import create_app

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
KEY = re.compile(r'name="key" value="([^"]+)"')
VERSION = re.compile(r'name="version" value="(\d+)"')


@dataclass
class Hands:
    """A clock of the tests: it shows what it was set to."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Browser:
    """One person's browser: keeps cookies, and fills in what a form of a page carries."""

    client: FlaskClient
    last: str = field(default="", repr=False)

    def get(self, address: str, **more: Any) -> TestResponse:
        answer = self.client.get(address, buffered=True, **more)
        self.last = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        return answer

    def token(self, address: str = "/dang-nhap") -> str:
        found = TOKEN.search(self.last) or TOKEN.search(self.get(address).get_data(as_text=True))
        if found is None:
            found = TOKEN.search(self.get("/ho-so").get_data(as_text=True))
        assert found is not None, "no form on this page"
        return found[1]

    def post(self, address: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Post as a form of ours would: with a token, and with the fields given."""
        body = {"csrf_token": self.token(), **(data or {})}
        answer = self.client.post(address, data=body, **more)
        if answer.mimetype == "text/html" and answer.status_code != 303:
            self.last = answer.get_data(as_text=True)
        return answer

    def carried(self) -> dict[str, str]:
        """Version and one-time key of the page last seen."""
        version, key = VERSION.search(self.last), KEY.search(self.last)
        assert version, "no version on this page"
        assert key, "no key on this page"
        return {"version": version[1], "key": key[1]}

    def carried_key(self) -> str:
        """One-time key of a page that carries no version."""
        key = KEY.search(self.last)
        assert key, "no key on this page"
        return key[1]

    def sign_in(self, login: str, password: str = PASSWORD) -> Browser:
        self.last = ""
        answer = self.post("/dang-nhap", {"login": login, "password": password})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        self.last = ""
        return self


@pytest.fixture
def clock() -> Hands:
    """The clock of the application under test."""
    return Hands()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a service that is no demonstration."""
    return Settings(
        database_url="",
        secret_key="k" * 40,
        storage_dir=tmp_path / "files",
        smtp_url="smtp://localhost:2525",
        mail_from="khong-tra-loi@example.vn",
        base_url="http://localhost",
        factor_required=False,
    )


@pytest.fixture
def app(settings: Settings, sqlite_database: Database, clock: Hands) -> Flask:
    """The application in front of the staffed record."""
    made = create_app(settings, sqlite_database, clock)
    made.testing = True
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser nobody has signed in with."""
    return Browser(app.test_client())


@pytest.fixture
def sign_in(app: Flask, sqlite_database: Database, clock: Hands) -> Callable[[str], Browser]:
    """A browser in which somebody is signed in (by login, `clerk@h029`), without the hashing."""

    def enter(login: str) -> Browser:
        with sqlite_database.writing() as session:
            person = session.scalars(select(Account.person_id).where(Account.login == login)).one()
            token = open_session(session, person, Visit(), clock())
        client = app.test_client()
        with client.session_transaction() as kept:
            kept["sid"] = token
        return Browser(client)

    return enter


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the statements sent to the database."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
