"""P4 for forms that leave no command in the history: one effect, one answer, no other words.

A note, a template of a paper, a ranking, a list being put together, the correction of a decision
and a table brought in, each sent again and again as every other form is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.database import Database, open_database
from models.tables import (
    Decision,
    DecisionList,
    Dossier,
    HistoryLine,
    ImportRun,
    Note,
    PaperTemplate,
    RankingSnapshot,
    SentForm,
)
from tests import builders as build
from tests import summary_sheet
from tests.promises.prepared import Fresh
from tests.promises.served import Form, send
from tests.promises.test_p04_repeats import WAYS, Repeater, repeating
from tests.promises.ways import BOARD, CHAIR, REASON, SIGNED
from tests.tiers import SEED, count
from tests.views.test_importing import ABOUT, SCORES
from tests.views.test_ranking import ADDRESS
from views.papers.kinds import PaperKind
from views.papers.library import built_in
from workflow.vocabulary import State

pytestmark = pytest.mark.promise("P4")

ROUNDS = count(1, 20, 100)
"""Each form once in a round, on a record of its own; the ways of sending come in turn."""
ADMINISTRATOR = f"administrator@{build.PROVINCE}"


@dataclass(frozen=True)
class Effect:
    """A form, and how to count what it does."""

    what: str
    login: str
    form: Form
    table: Any
    where: tuple[ColumnElement[bool], ...] = ()
    most: int = 0
    """Rows there can be at all, where a new one takes the place of the last; else 0."""

    def done(self, session: Session) -> int:
        """How often it is done so far."""
        rows = select(func.count()).select_from(self.table).where(*self.where)
        return session.scalars(rows).one()


def forms(database: Database, these: Repeater) -> Iterator[Effect]:
    """Every form, ready to be sent by who may; the last needs a decision, which is made first."""
    with database.reading() as session:
        waiting = select(Dossier.code).where(Dossier.state == State.BOARD_CHECKED)
        codes = list(session.scalars(waiting.order_by(Dossier.code).limit(2)))
    template = (f"{PaperKind.TO_TRINH.value}.docx", built_in(PaperKind.TO_TRINH), "")
    table = ("bang.xlsx", summary_sheet.sheet(summary_sheet.good_rows()), "")
    yield Effect("note", BOARD, Form(f"/ho-so/{codes[0]}/trao-doi", "", {"text": "Mai ký."}), Note)
    yield Effect(
        "template",
        ADMINISTRATOR,
        Form("/quan-tri/mau-van-ban/to-trinh", "", {"note": "x"}, uploads={"file": template}),
        PaperTemplate,
    )
    yield Effect("ranking", CHAIR, Form(ADDRESS, "", {}), RankingSnapshot)
    yield Effect(
        "table", BOARD, Form(SCORES, "", ABOUT, uploads={"file": table}), ImportRun, most=1
    )
    listed = Form("/quyet-dinh/danh-sach", "", {"chon": codes[1]})
    yield Effect("list", CHAIR, listed, DecisionList)
    number = f"{next(these.keys)}/QĐ-UBND"
    signing = {**SIGNED, "number": number, "when": "sau", "key": f"d{number[:-8]}"}
    version = str(these.version(codes[0]))
    told = send(
        these.worker.port,
        Form(f"/ho-so/{codes[0]}/quyet-dinh", these.cookie(CHAIR), {**signing, "version": version}),
    )
    assert told is not None
    assert told.status == 303, told.body
    with database.reading() as session:
        decided = session.scalars(select(Decision.id).where(Decision.number == number)).one()
    correction = {**SIGNED, "number": f"{number[:-8]}A/QĐ-UBND", "comment": REASON}
    yield Effect(
        "correction",
        CHAIR,
        Form(f"/quyet-dinh/{decided}/sua", "", correction),
        HistoryLine,
        (HistoryLine.action == "correct_decision",),
    )


def faults_of(these: Repeater, effect: Effect, how: str) -> list[str]:
    """Send it as it is sent when nobody knows whether it arrived, and count."""
    with these.database.reading() as session:
        before = effect.done(session)
    key = f"p4f-{next(these.keys)}"
    form = replace(
        effect.form,
        cookie=these.cookie(effect.login),
        fields={**effect.form.fields, "key": key},
    )
    answers = these.storm(form, how)
    found = []
    heard = {(one.status, one.location, one.body) for one in answers}
    if len(heard) != 1 or answers[0].status != 303:
        found.append(f"answers {sorted((status, where) for status, where, _ in heard)}")
    other = replace(form, fields={**form.fields, "more": "khác"})
    told = send(these.worker.port, other)
    if told is None or told.status != 422 or "nội dung khác" not in told.body:
        found.append(f"other words answered {told and told.status}")
    with these.database.reading() as session:
        done = effect.done(session)
        rows = session.scalars(
            select(func.count()).select_from(SentForm).where(SentForm.command_key == key)
        ).one()
    if done != (effect.most or before + 1):
        found.append(f"done {done - before} times")
    if rows != 1:
        found.append(f"{rows} rows of the form")
    return [f"{effect.what}, {how}: {one}" for one in found]


@pytest.mark.slow
def test_a_form_without_a_command_is_done_once(
    fresh: Fresh, tmp_path: Path, tally: Callable[[str, int], None]
) -> None:
    sent, faults, chance = 0, [], random.Random(SEED)
    for turn in range(ROUNDS):
        url = fresh()
        database = open_database(url)
        with repeating(database, url, tmp_path, chance) as these:
            these.worker.now.value = build.NOW.timestamp()
            for number, effect in enumerate(forms(database, these)):
                faults += faults_of(these, effect, WAYS[(number + turn) % len(WAYS)])
                sent += 1
        database.close()
    assert faults == []
    tally("forms without a command, each sent up to six times", sent)


@pytest.mark.planted
def test_a_key_nobody_takes_is_found(
    sqlite_url: str, sqlite_opened: Database, tmp_path: Path
) -> None:
    code = build.a_written(sqlite_opened)
    note = Form(f"/ho-so/{code}/trao-doi", "", {"text": "Mai ký."})
    chance = random.Random(SEED)
    with repeating(sqlite_opened, sqlite_url, tmp_path, chance, "unclaimed") as these:
        these.worker.now.value = build.NOW.timestamp()
        found = faults_of(these, Effect("note", "clerk@H029", note, Note), "in turn")
    assert any("times" in one for one in found), found
