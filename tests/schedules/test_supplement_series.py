"""A second request for supplement is reminded of anew, even when it is due on the same day."""

from __future__ import annotations

from datetime import datetime

from models.database import Database
from models.words import Channel
from schedules.planner import plan
from tests import builders as build
from tests.schedules.cases import at, book, empty_book
from workflow.facts import SupplementInput
from workflow.vocabulary import Action, DocumentKind

SECRETARY = "council_secretary@H029"
REPORT = DocumentKind.BAO_CAO_THANH_TICH
DUE = at(11, 28, 17)


def ask(database: Database, code: str, now: datetime) -> None:
    inputs = SupplementInput(("Ký trang 3.",), (REPORT,), DUE, again="Bản mới thiếu dấu")
    asked = build.step(
        database, code, SECRETARY, Action.REQUEST_SUPPLEMENT, inputs, now=now, comment="Thiếu"
    )
    build.taken(asked)


def series(database: Database) -> set[str]:
    return {one.dedupe_key for one in book(database, "due_supplement", Channel.INBOX)}


def test_each_request_has_a_series_of_its_own(database: Database) -> None:
    code = build.a_submitted(database)
    empty_book(database)
    ask(database, code, at(11, 21, 10))
    plan(database, at(11, 26, 8))
    first = series(database)
    assert first
    paper = build.a_paper(REPORT, filling="b")
    build.taken(build.change(database, code, paper, now=at(11, 26, 9)))
    sent = build.step(database, code, "clerk@H029", Action.SEND_SUPPLEMENT, now=at(11, 26, 10))
    build.taken(sent)
    plan(database, at(11, 28, 8))
    assert series(database) == first, "what was sent reminds nobody"
    ask(database, code, at(11, 26, 11))
    plan(database, at(11, 28, 8))
    second = series(database) - first
    assert second
