"""Erasure by law takes value and salt, takes two people, and leaves the chain whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from models import auditing, sealing
from models.checkpoints import make_due
from models.database import Database
from models.doctor import examine
from models.erasing import CannotErase, answer, ask, requests
from models.queries_changes import ERASED, records_of
from models.signed_notes import Signer
from models.tables import ChangeSet, ChangeSetLine, KeptValue, Person
from tests import builders as build

LAW = "Điều 16 Luật 91/2025/QH15"
FIRST, SECOND = "administrator@UBND-TINH", "auditor@UBND-TINH"


def test_value_and_salt_go_and_the_chain_stays(database: Database) -> None:
    gone = "clerk@H030"
    with database.writing() as session:
        name = session.scalars(select(Person.full_name).where(Person.code == gone)).one()
        while sealing.seal_new_lines(session, build.NOW):
            pass
        outside = make_due(session, Signer("vi-du", bytes(32)), (), build.NOW)
        assert outside is not None
        kept = sealing.Checkpoint(outside.size, outside.head_hash)
        place = KeptValue.row_key == str(build.person_id(session, gone))
        before = set(session.scalars(select(KeptValue.commitment).where(place)))
        salts = set(session.scalars(select(KeptValue.salt).where(place)))
        number = ask(session, gone, "Thôi việc", LAW, build.person_id(session, FIRST), build.NOW)
    assert before
    later = build.NOW + timedelta(hours=1)
    with database.writing() as session:
        with pytest.raises(CannotErase, match="hai người"):
            answer(session, number, build.person_id(session, FIRST), later, granted=True)
        erased = answer(session, number, build.person_id(session, SECOND), later, granted=True)
    assert erased >= len(before)
    with database.reading() as session:
        assert auditing.verify(session, kept) == []
        assert not before & set(session.scalars(select(KeptValue.commitment)))
        dump = "".join(
            str(row)
            for table in ("person", "account", "kept_value", "change_set", "captured_change")
            for row in session.execute(text("SELECT * FROM " + table))
        )
        assert name not in dump
        assert not any(salt in dump for salt in salts)
        line = session.scalars(select(func.max(ChangeSetLine.line_id)).join(ChangeSet)).one()
        shown = [one for one in records_of(session, [line])[line].changes if one.table == "person"]
        assert {one.before for one in shown if one.field == "full_name"} == {ERASED}
        (asked,) = requests(session)
        assert (asked.row.granted, asked.row.values_erased) == (True, erased)
    assert examine(database) == []


def test_what_must_be_kept_is_not_erased_and_a_refusal_takes_nothing(database: Database) -> None:
    with database.writing() as session:
        by, other = (build.person_id(session, one) for one in (FIRST, SECOND))
        with pytest.raises(CannotErase, match="Không có người"):
            ask(session, "nobody", "x", LAW, by, build.NOW)
        number = ask(session, "clerk@H030", "x", LAW, by, build.NOW)
        with pytest.raises(CannotErase, match="đang chờ"):
            ask(session, "clerk@H030", "x", LAW, by, build.NOW)
        had = session.scalar(select(func.count()).select_from(KeptValue))
        assert answer(session, number, other, build.NOW, granted=False) == 0
        assert session.scalar(select(func.count()).select_from(KeptValue)) == had
        with pytest.raises(CannotErase, match="đã được trả lời"):
            answer(session, number, other, build.NOW, granted=True)
