"""Pages as people open them, and their statements by the bare driver."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from benchmarks.recording import Bare, Said, taken_down
from benchmarks.records import DATE, Engines, Record
from config.clock import real_now
from config.starting import read_settings
from models.database import Database, open_database
from models.sessions import Visit, open_session
from models.stuck import note_stuck, stuck_dossiers
from models.tables import Account, Dossier
from views import create_app
from workflow.vocabulary import State


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its name in the tables, its address, and whose browser it is."""

    name: str
    login: str
    address: str


BOARD: Final = "hang.nguyen"
CLERK: Final = "mai.ly"
PAGES: Final = (
    Page("inbox of a clerk", CLERK, "/viec"),
    Page("inbox of the Board", BOARD, "/viec"),
    Page("dossier list", BOARD, "/ho-so"),
    Page("search, a name", BOARD, "/ho-so?q=le%20thi"),
    Page("search, a code", BOARD, "/ho-so?q=HS-2023-0027"),
    Page("dossier", BOARD, "/ho-so/{decided}"),
    Page("check queue", BOARD, "/kiem-tra"),
    Page("registrations", BOARD, "/dang-ky"),
    Page("reports due", BOARD, "/bao-cao-dinh-ky"),
    Page("calendar", CLERK, "/lich"),
    Page("public look-up", "", "/tra-cuu/ket-qua"),
    Page("audit log", "thanh.tra", "/quan-tri/nhat-ky"),
    Page("administration", "quan.tri", "/quan-tri"),
)


class NotShown(Exception):
    """A page did not answer 200; the message has its address and its answer."""


class Visitors:
    """The application over one record, and a browser for each login."""

    def __init__(self, engines: Engines, record: Record) -> None:
        """Open the application on the record."""
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
        settings = read_settings(engines.settings(record.url), serving=False)
        self.database: Database = open_database(record.url)
        now = datetime.fromisoformat(DATE)
        self.app: Flask = create_app(settings, self.database, lambda: now)
        self._browsers: dict[str, FlaskClient] = {}
        # The clock has looked once, as it does every few minutes.
        with self.database.writing() as session:
            note_stuck(session, len(stuck_dossiers(session, now)), real_now())
        with self.database.reading() as session:
            made = select(Dossier.code).where(Dossier.state == State.DECIDED)
            self.decided = session.scalars(made.order_by(Dossier.id.desc()).limit(1)).one()

    def browser(self, login: str) -> FlaskClient:
        """The browser of a person, signed in; of nobody, with an empty login."""
        if login not in self._browsers:
            client = self.app.test_client()
            if login:
                with self.database.writing() as session:
                    whose = select(Account.person_id).where(Account.login == login)
                    person = session.scalars(whose).one()
                    token = open_session(session, person, Visit(), real_now())
                with client.session_transaction() as kept:
                    kept["sid"] = token
            self._browsers[login] = client
        return self._browsers[login]

    def look(self, page: Page) -> tuple[float, float, int]:
        """Open a page once: seconds, seconds of processor, and bytes. Raises `NotShown`."""
        address = page.address.format(decided=self.decided)
        client = self.browser(page.login)
        at, busy = time.perf_counter(), time.process_time()
        answer = client.get(address, buffered=True)
        took, busy = time.perf_counter() - at, time.process_time() - busy
        if answer.status_code != 200:  # noqa: PLR2004
            raise NotShown(f"{address}: {answer.status}")
        return took, busy, len(answer.data)

    def close(self) -> None:
        """Close the record."""
        self.database.close()


def measure(engines: Engines, record: Record, rounds: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every page in every round, then its statements; by name, when all rounds are over."""
    visitors, bare = Visitors(engines, record), Bare(record.url)
    found: dict[str, dict[str, Any]] = {}
    try:
        for page in PAGES:
            visitors.look(page)
            visitors.look(page)
            with taken_down(visitors.database.engine) as said:
                _, _, size = visitors.look(page)
            reads = Said(
                [one for one in said.lines if one[0].lstrip().startswith(("SELECT", "WITH"))]
            )
            found[page.name] = {
                "pairs": [],
                "statements": said.statements,
                "bytes": size,
                "said": reads,
            }
        for _ in range(rounds):
            for page in PAGES:
                one = found[page.name]
                mine, busy, _ = visitors.look(page)
                one["pairs"].append((mine, bare.say(one["said"]), busy))
    finally:
        bare.close()
        visitors.close()
    for name, one in found.items():
        del one["said"]
        yield name, one
