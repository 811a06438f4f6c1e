"""Tampering by somebody with full rights over the database: every kind is found and placed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import ColumnElement, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from models.append_only import unprotect
from models.auditing import verify
from models.chain import canonical, line_hash, seal_hash
from models.change_sets import adopt_outside, set_hash
from models.database import Database
from models.doctor import examine
from models.history import body_of, hashed_body
from models.sealing import Checkpoint, checkpoint, seal_new_lines
from models.tables import (
    ChangeSet,
    ChangeSetLine,
    Dossier,
    Evaluation,
    HistoryLine,
    KeptValue,
    SealedLine,
)
from tests import builders as build
from tests.promises.replaying import differences

STREAM = "dossier:1"


def edit(session: Session) -> None:
    session.execute(update(HistoryLine).where(*line(3)).values(actor_name="Người khác"))


def edit_payload(session: Session) -> None:
    changed = canonical({"comment": "khác"})
    session.execute(update(HistoryLine).where(*line(2)).values(payload=changed))


def forget_changes(session: Session, *which: ColumnElement[bool]) -> None:
    """What was recorded with these lines no longer names them."""
    gone = select(HistoryLine.id).where(*which)
    session.execute(delete(ChangeSetLine).where(ChangeSetLine.line_id.in_(gone)))


def remove(session: Session) -> None:
    forget_changes(session, *line(3))
    session.execute(delete(HistoryLine).where(*line(3)))


def reorder(session: Session) -> None:
    session.execute(update(HistoryLine).where(*line(2)).values(seq=99))
    session.execute(update(HistoryLine).where(*line(3)).values(seq=2))
    session.execute(update(HistoryLine).where(*line(99)).values(seq=3))


def insert_one(session: Session) -> None:
    last = session.scalars(
        select(HistoryLine).where(HistoryLine.stream == STREAM).order_by(HistoryLine.seq.desc())
    ).first()
    assert last is not None
    body = {**body_of(last), "action": "grant_extension", "command_key": None}
    del body["seq"]
    forged = line_hash(last.hash, hashed_body(last.seq + 1, body))
    values = {"seq": last.seq + 1, "prev_hash": last.hash, "hash": forged, **body}
    session.execute(insert(HistoryLine).values(**values))


def truncate(session: Session) -> None:
    forget_changes(session, HistoryLine.stream == STREAM, HistoryLine.seq > 2)
    session.execute(delete(HistoryLine).where(HistoryLine.stream == STREAM, HistoryLine.seq > 2))


def edit_evaluation(session: Session) -> None:
    first = select(HistoryLine.evaluation_id).where(*line(2)).scalar_subquery()
    session.execute(update(Evaluation).where(Evaluation.id == first).values(comment="khác"))


def remove_evaluation(session: Session) -> None:
    session.execute(text("UPDATE history_line SET evaluation_id = NULL WHERE seq = 2"))


TAMPERINGS: tuple[tuple[Callable[[Session], None], int, str], ...] = (
    (edit, 3, "bị sửa"),
    (edit_payload, 2, "bị sửa"),
    (remove, 4, "thiếu dòng"),
    (reorder, 2, "đổi chỗ"),
    (insert_one, 5, "bị chèn"),
    (truncate, 3, "cắt đuôi"),
    (edit_evaluation, 2, "kết quả kiểm điều kiện"),
    (remove_evaluation, 2, "bị sửa"),
)


def line(seq: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return HistoryLine.stream == STREAM, HistoryLine.seq == seq


@pytest.mark.parametrize("sealed", [False, True], ids=["unsealed", "sealed"])
@pytest.mark.parametrize(
    ("tamper", "seq", "words"), TAMPERINGS, ids=[one.__name__ for one, _, _ in TAMPERINGS]
)
def test_tampering_is_found_where_it_is(
    database: Database,
    tamper: Callable[[Session], None],
    seq: int,
    words: str,
    sealed: bool,
) -> None:
    build.a_written(database)
    with database.writing() as session:
        if sealed:
            seal_new_lines(session, build.NOW)
        assert verify(session) == []
        unprotect(session.connection())
        tamper(session)
    with database.reading() as session:
        faults = [fault for fault in verify(session) if fault.stream == STREAM]
    assert any(fault.seq == seq and words in fault.text for fault in faults), faults
    assert any(complaint.check == "history" for complaint in examine(database))


def test_a_tail_rewritten_with_fitting_hashes_shows_against_the_seals(database: Database) -> None:
    build.a_written(database)
    with database.writing() as session:
        seal_new_lines(session, build.NOW)
        unprotect(session.connection())
        rewrite_tail(session)
    with database.reading() as session:
        faults = verify(session)
    assert {fault.text.split("(")[-1] for fault in faults if fault.stream == STREAM} >= {"bị sửa)."}


def test_a_wholly_rewritten_record_shows_against_a_checkpoint_outside(database: Database) -> None:
    build.a_written(database)
    with database.writing() as session:
        seal_new_lines(session, build.NOW)
        outside = checkpoint(session)
        unprotect(session.connection())
        rewrite_tail(session)
        rewrite_changes(session)
        reseal(session)
    with database.reading() as session:
        assert verify(session) == []
        found = verify(session, outside)
    assert [fault.stream for fault in found] == ["niêm phong"]


def test_a_shortened_seal_log_shows_against_a_checkpoint_outside(database: Database) -> None:
    build.a_registered(database)
    with database.writing() as session:
        seal_new_lines(session, build.NOW)
        outside = checkpoint(session)
        unprotect(session.connection())
        session.execute(delete(SealedLine).where(SealedLine.seq == outside.size))
    with database.reading() as session:
        assert verify(session) == []
        assert "cắt đuôi" in verify(session, outside)[0].text


def test_sealing_goes_on_where_it_stopped(database: Database) -> None:
    build.a_registered(database)
    with database.writing() as session:
        first = seal_new_lines(session, build.NOW, batch=2)
        rest = seal_new_lines(session, build.NOW, batch=500)
        again = seal_new_lines(session, build.NOW)
    assert (first, again) == (2, 0)
    with database.reading() as session:
        lines = len(session.scalars(select(HistoryLine)).all())
        sets = len(session.scalars(select(ChangeSet)).all())
        assert checkpoint(session).size == lines + sets == first + rest


def test_removed_triggers_are_reported(database: Database) -> None:
    with database.writing() as session:
        unprotect(session.connection())
    assert {complaint.check for complaint in examine(database)} == {"triggers"}


def rewrite_tail(session: Session) -> None:
    """Change line 3 and give it and all after it fitting hashes, and the dossier a fitting end."""
    session.execute(update(HistoryLine).where(*line(3)).values(actor_name="Người khác"))
    session.expire_all()
    previous = session.scalars(select(HistoryLine.hash).where(*line(2))).one()
    rows = session.scalars(
        select(HistoryLine)
        .where(HistoryLine.stream == STREAM, HistoryLine.seq > 2)
        .order_by(HistoryLine.seq)
    ).all()
    for row in rows:
        row.prev_hash = previous
        row.hash = previous = line_hash(previous, hashed_body(row.seq, body_of(row)))
    session.flush()
    session.execute(update(Dossier).where(Dossier.id == 1).values(head_hash=previous))


def rewrite_changes(session: Session) -> None:
    """Let every record of changes name the lines as they are now, with a fitting hash."""
    for one in session.scalars(select(ChangeSet)).all():
        lines = session.execute(
            select(HistoryLine.stream, HistoryLine.seq, HistoryLine.hash)
            .join(ChangeSetLine, ChangeSetLine.line_id == HistoryLine.id)
            .where(ChangeSetLine.change_set_id == one.id)
            .order_by(HistoryLine.id)
        ).all()
        content = {**json.loads(one.content), "lines": [list(each) for each in lines]}
        one.content = canonical(content)
        one.hash = set_hash(one.stream, one.content)
    session.flush()


def reseal(session: Session) -> None:
    previous = Checkpoint().hash
    for seal in session.scalars(select(SealedLine).order_by(SealedLine.seq)).all():
        own = session.scalars(
            select(HistoryLine.hash)
            .where(HistoryLine.stream == seal.stream, HistoryLine.seq == seal.line_seq)
            .union_all(select(ChangeSet.hash).where(ChangeSet.stream == seal.stream))
        ).one()
        seal.line_hash, seal.prev_hash = own, previous
        seal.hash = previous = seal_hash(previous, seal.seq, seal.stream, seal.line_seq, own)
    session.flush()


def test_the_canonical_form_is_written_down() -> None:
    assert canonical({"b": 1, "a": "Quản Bạ"}) == '{"a":"Quản Bạ","b":1}'
    assert json.loads(canonical([build.NOW])) == ["2023-12-05T01:10:00+00:00"]
    assert line_hash("", {"seq": 1}) == (
        "d74a855ff7f1cc564f2a065c8802769cbfb4c5a0a2dfbb20d1a827a80815ae8a"
    )


def edit_changes(session: Session) -> None:
    last = select(func.max(ChangeSet.id)).scalar_subquery()
    session.execute(update(ChangeSet).where(ChangeSet.id == last).values(content='{"lines":[]}'))


def remove_changes(session: Session) -> None:
    last = session.scalars(select(func.max(ChangeSet.id))).one()
    for table in (ChangeSetLine, KeptValue):
        session.execute(delete(table).where(table.change_set_id == last))
    session.execute(delete(ChangeSet).where(ChangeSet.id == last))


def edit_a_personal_value(session: Session) -> None:
    one = session.scalars(select(KeptValue).limit(1)).one()
    one.value = '"Người khác"'
    session.flush()


@pytest.mark.parametrize("sealed", [False, True], ids=["unsealed", "sealed"])
@pytest.mark.parametrize("tamper", [edit_changes, remove_changes, edit_a_personal_value])
def test_tampering_with_what_was_changed_is_found(
    sqlite_database: Database, tamper: Callable[[Session], None], sealed: bool
) -> None:
    build.a_written(sqlite_database)
    with sqlite_database.writing() as session:
        if sealed:
            seal_new_lines(session, build.NOW)
        assert verify(session) == []
        unprotect(session.connection())
        tamper(session)
        assert verify(session) != []


def test_a_change_past_the_service_is_seen_recorded_and_reported(database: Database) -> None:
    """Somebody with a terminal on the database: captured, never laid at another's door."""
    with database.engine.begin() as connection:
        connection.execute(
            text("UPDATE person SET position = 'Giám đốc' WHERE code = 'clerk@H029'")
        )
    assert "outside" in {one.check for one in examine(database)}
    build.a_registered(database)
    with database.writing() as session:
        assert adopt_outside(session, build.NOW) == 1
    with database.reading() as session:
        found = session.scalars(
            select(HistoryLine).where(HistoryLine.action == "changed_outside")
        ).one()
        assert (found.actor_id, found.actor_name) == (None, "Ngoài dịch vụ")
        told = session.scalars(
            select(ChangeSet.content)
            .join(ChangeSetLine, ChangeSetLine.change_set_id == ChangeSet.id)
            .where(ChangeSetLine.line_id == found.id)
        ).one()
        assert [one["table"] for one in json.loads(told)["changes"]] == ["person"]
        assert differences(session) == []
        assert verify(session) == []
    assert examine(database) == []
