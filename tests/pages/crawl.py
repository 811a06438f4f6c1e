"""Every page of the demonstration, reached by its links, as each kind of person sees it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from config.clock import real_now
from config.settings import Settings
from models.database import Database, open_database
from models.sessions import Visit, open_session
from models.tables import Account, Dossier
from tests.journeys.service import SECRET, prepared
from tests.tiers import TIER
from views import create_app

LINK = re.compile(r'href="(/[^"#]*)"')
CODED = re.compile(r"[\w.-]*\d[\w.-]*")
DOSSIER = re.compile(r"^/ho-so/([^/?]+)")
STATES = select(Dossier.code, Dossier.state)
HERE = "http://localhost"
NOW = datetime.fromisoformat("2023-12-05T08:10:00+07:00")
ALIKE = {"T1": 1, "T2": 3, "T3": 9}[TIER]
"""Pages of one kind that are read, for each person."""
PEOPLE = (
    "",
    "mai.ly",
    "pao.vu",
    "anh.tran",
    "hien.nong",
    "loan.pham",
    "hung.vu",
    "quan.tri",
    "thanh.tra",
)
"""Nobody, a clerk, a secretary, a head, a member, an officer, a decider, an administrator, an
auditor."""
WIDEST = ("loan.pham", "thanh.tra")
"""Who by day sees a dossier in each state; the others see one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One page as one person got it."""

    login: str
    address: str
    html: str
    status: int


@dataclass(frozen=True, slots=True)
class House:
    """The service over a copy of the demonstration, in this process."""

    app: Flask
    database: Database
    states: Mapping[str, str]
    """Of each dossier its state: the page of one that waits is another than of one decided."""

    def client(self, login: str) -> FlaskClient:
        """A browser without scripts in which this person is signed in; nobody for `""`."""
        client = self.app.test_client()
        if login:
            with self.database.writing() as db:
                person = db.scalars(select(Account.person_id).where(Account.login == login)).one()
                token = open_session(db, person, Visit(), real_now())
            with client.session_transaction() as kept:
                kept["sid"] = token
        return client


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """Open it; nobody is asked for a second factor, or most pages would never be seen."""
    made = prepared(folder)
    database = open_database(f"sqlite:///{made / 'service.sqlite3'}")
    settings = Settings(
        database_url="",
        secret_key=SECRET,
        storage_dir=made / "files",
        smtp_url="smtp://localhost:2525",
        mail_from="khong-tra-loi@example.vn",
        base_url=HERE,
        demonstration=True,
        factor_required=False,
    )
    try:
        with database.reading() as db:
            states = {code: state.value for code, state in db.execute(STATES)}
        yield House(create_app(settings, database, lambda: NOW), database, states)
    finally:
        database.close()


def seen_by(house: House, login: str, language: str = "") -> list[Seen]:
    """Pages this person reaches, a few of each kind; of dossiers, a few in each state.

    Raises `AssertionError` when a page is an error of the service.
    """
    client = house.client(login)
    if language:
        client.get(f"/ngon-ngu/{language}")
    todo = ["/viec" if login else "/tra-cuu", "/khong-co", "/dang-nhap"]
    been, kinds, found = set(), Counter[str](), []
    while todo:
        address = todo.pop(0)
        kind = kind_of(house, address, login)
        if address in been or kinds[kind] >= ALIKE or "ngon-ngu" in address:
            continue
        been.add(address)
        kinds[kind] += 1
        answer = client.get(address, buffered=True)
        if answer.mimetype != "text/html" or answer.status_code in {301, 302, 303}:
            continue
        assert answer.status_code < 500, address
        found.append(Seen(login, address, answer.text, answer.status_code))
        todo += [link.replace("&amp;", "&") for link in LINK.findall(answer.text)]
    return found


def kind_of(house: House, address: str, login: str) -> str:
    """Which pages are alike: the same path but for codes, about dossiers in the same state."""
    path, query, _ = address.partition("?")
    about = DOSSIER.match(path)
    apart = about and (login in WIDEST or TIER != "T1")
    state = house.states.get(about[1], "") if about and apart else ""
    return f"{state}:{CODED.sub('#', path)}{query}"
