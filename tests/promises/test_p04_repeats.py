"""P4: repeating a request is safe: one effect, one audit record, the same answer.

Dossiers go their whole way through a real server. Every form is sent up to six times with its
one-time key: in turn, at once, by clients that hang up before the answer, and across the death of
the server before the commit, after it, or after it and before the answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count as numbers
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from models.database import Database
from models.sessions import Visit, open_session
from models.stepping import take_step
from models.tables import ChangeSetLine, Dossier, HistoryLine
from tests import builders as build
from tests.promises.prepared import FREE
from tests.promises.rivals import forking
from tests.promises.served import Form, Told, Worker, an_app, cookie_of, send, send_and_hang_up
from tests.promises.ways import Move, Race, born_of, the_way
from tests.tiers import SEED, count
from workflow.facts import Command, RankingInput
from workflow.results import RankingResult
from workflow.vocabulary import Action

pytestmark = pytest.mark.promise("P4")

FORMS = count(14, 1000, 5000)
"""Forms on each engine, each sent up to six times."""
DEADLY = ("before_commit", "after_commit", "after_commit_before_reply")
WAYS = ("in turn", "at once", "hang up", "death")
"""How a form is sent again."""
OTHER = 0.25
"""Share of forms whose key is then sent with other words."""


@dataclass
class Repeater:
    """One record, one worker, and people who are not sure whether their form arrived."""

    database: Database
    worker: Worker
    chance: random.Random
    keys: Iterator[int] = field(default_factory=numbers)
    cookies: dict[tuple[str, float], str] = field(default_factory=dict)
    app: Flask = field(init=False)
    forms: int = 0
    sent: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = an_app(self.worker.url, self.worker.storage, self.worker.now)

    def cookie(self, login: str) -> str:
        """Somebody who signed in at the instant the clock shows."""
        at = self.worker.now.value
        if (login, at) not in self.cookies:
            person = build.who(self.database, login)
            now = self.app.extensions["desk"].clock()
            with self.database.writing() as session:
                token = open_session(session, person, Visit(), now)
            self.cookies[login, at] = cookie_of(self.app, token)
        return self.cookies[login, at]

    def take(self, race: Race, code: str) -> None:
        """One move, sent again and again; then everything is compared."""
        move = race.moves[0]
        version, key = self.version(code), f"p4-{next(self.keys)}"
        self.worker.now.value = race.now.timestamp()
        if move.action is Action.RECORD_RANKING:  # has no page
            ranked = RankingResult("PH-2023-0001", race.now.date(), 9, 9, 9, place=1)
            person = build.who(self.database, move.by[0])
            asked = Command(
                code, person, move.action, version, inputs=RankingInput(ranked), key=key
            )
            take_step(self.database, asked, race.now)
            return
        fields = {**move.form, "version": str(version), "key": key}
        form = Form(f"/ho-so/{code}{move.path}", self.cookie(move.by[0]), fields, move.files)
        answers = self.storm(form)
        self.forms += 1
        found = self._compared(move, code, version, key, answers)
        self.faults += [f"{move.action.value}: {one}" for one in found]
        if self.chance.random() < OTHER and not self.faults:
            self._with_other_words(move, code, form)

    def storm(self, form: Form, how: str = "") -> list[Told]:
        """Every complete answer to one form; at least one client hears one in the end."""
        how = how or self.chance.choice(WAYS)
        repeats = self.chance.randint(1, 5)
        self.sent += repeats + 1
        port = self.worker.port
        if how == "at once":
            with ThreadPoolExecutor(repeats) as pool:
                told = list(pool.map(lambda _: send(port, form), range(repeats)))
        elif how == "in turn":
            told = [send(port, form) for _ in range(repeats)]
        elif how == "hang up":
            told = []
            for _ in range(repeats):
                send_and_hang_up(port, form, self.chance.choice((0.0, 0.005, 0.05)))
        else:
            self.worker.end()
            self.worker.begin(self.chance.choice(DEADLY))
            with ThreadPoolExecutor(repeats) as pool:
                told = list(pool.map(lambda _: send(port, form), range(repeats)))
            self.worker.end()
            self.worker.begin()
        told.append(send(port, form))
        return [one for one in told if one is not None]

    def _compared(
        self, move: Move, code: str, version: int, key: str, answers: list[Told]
    ) -> list[str]:
        found = []
        heard = {(one.status, one.location, one.body) for one in answers}
        if len(heard) != 1 or answers[0].status != 303:
            found.append(f"answers {sorted((status, where) for status, where, _ in heard)}")
        if self.version(code) != version + move.steps:
            found.append(f"version {version} became {self.version(code)}")
        lines, records = self.written(code, version)
        if lines != move.steps or records != 1:
            found.append(f"{lines} lines in {records} audit records")
        return found

    def _with_other_words(self, move: Move, code: str, form: Form) -> None:
        """The key is refused for anything else: in turn, and it changes nothing."""
        before = self.version(code)
        other = {**form.fields, "comment": f"{form.fields.get('comment', '')} khác"}
        told = send(self.worker.port, replace(form, fields=other))
        if told is None or told.status != 422 or "nội dung khác" not in told.body:
            self.faults.append(f"{move.action.value}: other words answered {told and told.status}")
        if self.version(code) != before:
            self.faults.append(f"{move.action.value}: other words were carried out")

    def version(self, code: str) -> int:
        with self.database.reading() as session:
            return session.scalars(select(Dossier.version).where(Dossier.code == code)).one()

    def written(self, code: str, version: int) -> tuple[int, int]:
        """History lines of what came after a version, and the audit records that hold them."""
        with self.database.reading() as session:
            found = session.execute(
                select(
                    func.count(func.distinct(HistoryLine.id)),
                    func.count(func.distinct(ChangeSetLine.change_set_id)),
                )
                .join(Dossier, Dossier.id == HistoryLine.dossier_id)
                .outerjoin(ChangeSetLine, ChangeSetLine.line_id == HistoryLine.id)
                .where(Dossier.code == code, HistoryLine.dossier_version > version)
            ).one()
            return found[0], found[1]


@contextmanager
def repeating(
    database: Database, url: str, folder: Path, chance: random.Random, fault: str = ""
) -> Iterator[Repeater]:
    worker = Worker(forking(), url, str(folder / "files"), fault)
    worker.begin()
    try:
        these = Repeater(database, worker, chance)
        yield these
        these.app.extensions["desk"].database.close()
    finally:
        worker.end()


def ways(database: Database) -> Iterator[Iterator[tuple[str, Race]]]:
    """Dossiers born one after the other, each with the races of its whole way."""
    for number in numbers():
        unit = FREE[number % len(FREE)]
        registration = build.a_registration(database, unit)
        build.taken(build.acknowledge(database, registration))
        code = born_of(database, registration)
        yield ((code, race) for race in the_way(unit, number * 5 + 1 + number % 5))


@pytest.mark.slow
def test_one_effect_one_record_one_answer(
    checked: Database, checked_url: str, tmp_path: Path, tally: Callable[[str, int], None]
) -> None:
    chance = random.Random(SEED)
    with repeating(checked, checked_url, tmp_path, chance) as these:
        for way in ways(checked):
            for code, race in way:
                these.take(race, code)
                assert these.faults == []
                if these.forms >= FORMS:
                    break
            if these.forms >= FORMS:
                break
    tally("forms, each sent up to six times", these.forms)
    tally("requests", these.sent)


@pytest.mark.planted
@pytest.mark.parametrize("fault", ["key", "words"])
def test_a_service_that_does_not_look_is_found(
    sqlite_url: str, sqlite_opened: Database, tmp_path: Path, fault: str
) -> None:
    with repeating(sqlite_opened, sqlite_url, tmp_path, random.Random(SEED), fault) as these:
        for code, race in next(ways(sqlite_opened)):
            these.take(race, code)
            if these.faults:
                break
    assert these.faults
