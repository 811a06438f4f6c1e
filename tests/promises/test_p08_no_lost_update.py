"""P8: who edits an old version is refused, sees what differs field by field, and loses no word.

Two people look at the same version and both send what they have typed, one after the other or at
the same instant. The first is written whole; the second gets 409, before, now and own words of
every field, and can write the own part on the present version in one step.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from itertools import count as numbers
from pathlib import Path
from threading import Barrier

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.settings import Settings
from models.database import Database
from models.doctor import examine
from models.editing import ChooseAward, PutInitiative
from models.ledger import SqlLedger
from models.report_obligations import ensure_obligations
from models.rulebooks import rulebook_in_force
from models.sessions import Visit, open_session
from models.tables import Document, Dossier, Initiative, Report
from tests import builders as build
from tests.promises.rivals import forget_versions
from tests.tiers import SEED, count
from tests.workflow.cases import rulebook
from views import create_app, form_pages
from workflow.vocabulary import DocumentKind

PAIRS = count(50, 2000, 10_000)
"""Pairs of edits on each engine."""
NAIVE = count(6, 200, 1000)
PEOPLE = ("clerk@H029", "head@H029")
INPUT = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
AGAIN = "Ghi phần bạn đã sửa lên bản hiện nay"
TEXTS = ("profile_text", "achievements_text", "prior_awards_text")
PAPER = DocumentKind.BAO_CAO_THANH_TICH.value
AWARDS = ("BANG_KHEN_TINH", "GIAY_KHEN_HUYEN")

Form = dict[str, str]
Contents = dict[str, str]


@dataclass
class Desks:
    """The office of two people, each with a browser, around one dossier and one report."""

    database: Database
    clients: list[FlaskClient]
    code: str
    report: int
    chance: random.Random
    marks: Iterator[int] = field(default_factory=lambda: numbers(1))

    def contents(self) -> Contents:
        """Every word that can be edited, by the name of its field."""
        with self.database.reading() as session:
            dossier = session.scalars(select(Dossier).where(Dossier.code == self.code)).one()
            idea = session.scalars(
                select(Initiative).where(Initiative.dossier_id == dossier.id)
            ).one()
            paper = session.scalars(
                select(Document).where(Document.dossier_id == dossier.id, Document.current)
            ).one()
            report = session.get_one(Report, self.report)
        return {
            "award": dossier.award_form,
            **{name: getattr(dossier, name) for name in TEXTS},
            "initiative_id": str(idea.id),
            **{name: getattr(idea, name) for name in ("title", "recognised_by")},
            f"{PAPER}-number": paper.number,
            f"{PAPER}-signer": paper.signer,
            **{name: getattr(report, name) for name in ("results", "shortcomings", "proposals")},
        }

    def versions(self) -> tuple[int, int]:
        with self.database.reading() as session:
            dossier = session.scalars(select(Dossier.version).where(Dossier.code == self.code))
            return dossier.one(), session.get_one(Report, self.report).version

    def word(self, name: str) -> str:
        """A word nobody has typed before."""
        return f"{name} lần {next(self.marks)}"

    def send(self, who: int, path: str, form: Mapping[str, str]) -> TestResponse:
        return self.clients[who].post(path, data=dict(form))


@dataclass(frozen=True)
class Edit:
    """A form with some fields that can be changed; the others are sent as they are."""

    path: str
    names: tuple[str, ...]
    fixed: tuple[tuple[str, str], ...] = ()
    of_report: bool = False


def forms_of(desks: Desks) -> list[Edit]:
    dossier = f"/ho-so/{desks.code}/lap"
    with desks.database.reading() as session:
        code = session.get_one(Report, desks.report).code
    return [
        Edit(f"{dossier}/hinh-thuc", ("award", *TEXTS)),
        Edit(
            f"{dossier}/sang-kien",
            ("title", "recognised_by"),
            (("initiative_id", desks.contents()["initiative_id"]),),
        ),
        Edit(f"{dossier}/tai-lieu", (f"{PAPER}-number", f"{PAPER}-signer"), (("kind", PAPER),)),
        Edit(
            f"/bao-cao-dinh-ky/{code}",
            ("results", "shortcomings", "proposals"),
            (("do", "save"),),
            of_report=True,
        ),
    ]


def typed(desks: Desks, edit: Edit, before: Contents) -> tuple[Form, set[str]]:
    """A form filled from the page, with one field or more changed."""
    changed = set(desks.chance.sample(edit.names, desks.chance.randint(1, len(edit.names))))
    form = {name: before[name] for name in edit.names}
    for name in changed:
        other = AWARDS[before["award"] == AWARDS[0]]
        form[name] = other if name == "award" else desks.word(name)
    version = desks.versions()[edit.of_report]
    return {
        **form,
        **dict(edit.fixed),
        "version": str(version),
        "key": f"k{next(desks.marks)}",
    }, changed


def faults_of_pair(desks: Desks, edits: tuple[Edit, Edit], *, at_once: bool) -> list[str]:
    """Both send; everything about it that is not as promised."""
    before = desks.contents()
    forms = [typed(desks, edit, before) for edit in edits]
    order = list(range(2))
    desks.chance.shuffle(order)
    if at_once:
        barrier = Barrier(2)

        def send(who: int) -> TestResponse:
            barrier.wait(30)
            return desks.send(who, edits[who].path, forms[who][0])

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(send, range(2)))
    else:
        sent = {who: desks.send(who, edits[who].path, forms[who][0]) for who in order}
        answers = [sent[who] for who in range(2)]
    statuses = [answer.status_code for answer in answers]
    if sorted(statuses) != [303, 409]:
        return [f"answered {statuses}"]
    first, second = statuses.index(303), statuses.index(409)
    now = desks.contents()
    wanted = {**before, **{name: forms[first][0][name] for name in forms[first][1]}}
    if now != wanted:
        return [f"{now} is not what the first one sent: {wanted}"]
    return _told(answers[second], before, now, *forms[second]) + _onward(
        desks, edits, forms[second], (second, answers[second]), now
    )


def _told(
    answer: TestResponse, before: Contents, now: Contents, form: Form, changed: set[str]
) -> list[str]:
    """Old and new of every field the first one changed, and every word the second one typed."""
    page = " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())
    different = {name for name in now if now[name] != before[name]}
    words = [before[name] or "chưa ghi" for name in different]
    words += [now[name] for name in different] + [form[name] for name in changed]
    titles = rulebook().programme.award_by_id
    words = [titles[word].title if word in titles else word for word in words]
    if f'value="{form["version"]}"' in answer.get_data(as_text=True):
        return ["the old version is in the page"]
    return [f"not told: {word}" for word in words if word not in page]


def _onward(
    desks: Desks,
    edits: tuple[Edit, Edit],
    sent: tuple[Form, set[str]],
    answer: tuple[int, TestResponse],
    now: Contents,
) -> list[str]:
    """The own part can be written on the present version, and nothing of the other's is undone."""
    who, page = answer
    edit, (form, changed) = edits[who], sent
    text = page.get_data(as_text=True)
    if edit.of_report:
        return ["a report is not sent again"] if AGAIN in text else []
    if AGAIN not in text:
        return ["no way on"]
    carried = {unescape(name): unescape(value) for name, value in INPUT.findall(text)}
    if desks.send(who, edit.path, carried).status_code != 303:
        return ["the way on was refused"]
    wanted = {**now, **{name: form[name] for name in changed}}
    found = desks.contents()
    return [] if found == wanted else [f"merged into {found} instead of {wanted}"]


@pytest.fixture
def desks(database: Database, tmp_path: Path) -> Desks:
    code = build.a_registered(database)
    award = build.change(database, code, ChooseAward(AWARDS[0]))
    idea = build.change(database, code, PutInitiative("Tổ lưu động", "UBND tỉnh"))
    paper = build.change(database, code, build.a_paper(DocumentKind.BAO_CAO_THANH_TICH))
    for verdict in (award, idea, paper):
        build.taken(verdict)
    with database.writing() as session:
        ensure_obligations(session, rulebook_in_force(session), build.NOW)
    with database.reading() as session:
        report = session.scalars(
            select(Report.id)
            .where(Report.unit_id == build.unit_id(session, "H029"))
            .order_by(Report.id)
        ).first()
    assert report is not None
    settings = Settings(
        database_url="given",
        secret_key="s" * 40,
        storage_dir=tmp_path / "files",
        smtp_url="smtp://127.0.0.1:9",
        mail_from="x@example.vn",
        base_url="http://localhost",
        factor_required=False,
    )
    app = create_app(settings, database, lambda: build.AUTUMN)
    app.config["WTF_CSRF_ENABLED"] = False
    clients = []
    for login in PEOPLE:
        with database.writing() as session:
            person = build.person_id(session, login)
            token = open_session(session, person, Visit(), build.AUTUMN)
        clients.append(app.test_client())
        with clients[-1].session_transaction() as kept:
            kept["sid"] = token
    return Desks(database, clients, code, report, random.Random(SEED))


def a_pair(desks: Desks, number: int) -> list[str]:
    """Each form against itself, and each two of the dossier's against one another."""
    forms = forms_of(desks)
    pairs = [(one, one) for one in forms]
    pairs += [(one, two) for one in forms[:3] for two in forms[:3] if one is not two]
    return faults_of_pair(desks, pairs[number % len(pairs)], at_once=number % 2 == 0)


@pytest.mark.slow
@pytest.mark.promise("P8")
def test_of_two_edits_of_one_version_the_second_is_told_and_nothing_is_lost(
    desks: Desks, tally: Callable[[str, int], None]
) -> None:
    for number in range(PAIRS):
        assert a_pair(desks, number) == [], number
    tally("pairs of edits", PAIRS)
    assert examine(desks.database) == []


@pytest.mark.planted
@pytest.mark.slow
@pytest.mark.promise("P8")
def test_writers_that_do_not_compare_the_version_lose_updates(
    desks: Desks, monkeypatch: pytest.MonkeyPatch, tally: Callable[[str, int], None]
) -> None:
    """The planted fault: whoever comes last writes over what was there."""
    for owner, name in (
        (SqlLedger, "open"),
        (SqlLedger, "_next_version"),
        (form_pages, "look_to_write"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    forget_versions(SqlLedger)
    found = 0
    for number in range(NAIVE):
        edit = forms_of(desks)[number % 3]
        found += bool(faults_of_pair(desks, (edit, edit), at_once=False))
    tally(f"naive pairs, of which {found} were found out", NAIVE)
    assert found == NAIVE


def test_a_form_sent_back_for_a_fault_stays_with_the_version_it_was_typed_on(
    desks: Desks,
) -> None:
    """Else the second try, with the newest version in it, would write over what came meanwhile."""
    edit = forms_of(desks)[1]
    form, _ = typed(desks, edit, desks.contents())
    faulty = desks.send(0, edit.path, {**form, "recognised_on": "31/02/2023"})
    assert faulty.status_code == 422
    theirs, _ = typed(desks, edit, desks.contents())
    assert desks.send(1, edit.path, theirs).status_code == 303
    shown = dict(INPUT.findall(faulty.get_data(as_text=True)))
    kept = desks.contents()
    assert desks.send(0, edit.path, {**form, **shown}).status_code == 409
    assert desks.contents() == kept
    still = desks.send(0, edit.path, {**form, "recognised_on": "31/02/2023"})
    assert still.status_code == 409, "an old form is a conflict before its faults are told"
