"""A batch is looked at as a whole, and each letter is still judged by how things stand then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event

from models.accounts import disable
from models.database import Database
from models.deadlines import NewMilestone, set_milestones
from models.office_calendar import DayRow, set_day
from models.outbox import claim_batch
from models.rulebooks import rulebook_in_force
from models.tables import OutgoingMessage
from models.words import Channel, DayKind
from schedules import second_look
from schedules.planner import plan
from schedules.postman import LEASE, Postman
from schedules.second_look import LEFT, MOVED_ON, Watch, look_at
from tests import builders as build
from tests.schedules.cases import (
    StoppedClock,
    at,
    book,
    digests,
    empty_book,
    extend,
    relieve,
    remind_of_no_reports,
)
from tests.schedules.mailbox import Mailbox
from workflow.forecast import DEADLINE_MOVED
from workflow.vocabulary import Action, State

UNITS = ("H029", "H027", "H024")


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    told: list[str] = []

    def note(_connection, _cursor, statement, *_):
        told.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def wait_for_overdue(database: Database, clock: StoppedClock, units: tuple[str, ...]) -> list[str]:
    """Dossiers written but not handed in: a letter of its own to clerk and head of each."""
    remind_of_no_reports(database)
    codes = [build.a_written(database, unit) for unit in units]
    empty_book(database)
    clock.now = at(12, 1, 7)
    plan(database, clock())
    clock.now = at(12, 1, 8, 1)
    plan(database, clock())
    return codes


def overdue(database: Database) -> list[OutgoingMessage]:
    """The letters of the day that wait, or waited, to be sent."""
    mail = book(database, "due_submitted", Channel.EMAIL)
    return [one for one in mail if one.values["day"]["$date"] == "2023-12-01"]


def hold_on(postman: Postman, monkeypatch: pytest.MonkeyPatch, after: int, happening) -> None:
    """Let something happen once so many letters of the batch have been handed over."""
    handed = []
    send = Postman._send

    def sending(self, *what, **more):
        done = send(self, *what, **more)
        handed.append(done)
        if len(handed) == after:
            happening()
        return done

    monkeypatch.setattr(type(postman), "_send", sending)


def test_what_happens_between_two_letters_of_a_batch_is_seen_by_the_second(
    database: Database,
    clock: StoppedClock,
    postman: Postman,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = wait_for_overdue(database, clock, ("H029", "H027"))
    assert len({one.values["code"] for one in overdue(database)}) == 2

    def withdraw_the_other() -> None:
        gone = mailbox.letters[-1]
        code, unit = (second, "H027") if first in gone["Subject"] else (first, "H029")
        now, why = at(12, 1, 8, 1), "Đơn vị rút"
        build.taken(
            build.step(database, code, f"head@{unit}", Action.WITHDRAW, now=now, comment=why)
        )

    hold_on(postman, monkeypatch, 2, withdraw_the_other)
    postman.post_all()
    noted = [one for one in overdue(database) if one.reason]
    assert [one.reason for one in noted] == [MOVED_ON] * 2


def test_an_extension_and_a_lock_out_between_two_letters_are_seen(
    database: Database,
    clock: StoppedClock,
    postman: Postman,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (code,) = wait_for_overdue(database, clock, ("H029",))
    hold_on(
        postman, monkeypatch, 1, lambda: extend(database, code, at(12, 12, 17), now=at(12, 1, 8))
    )
    postman.post_all()
    assert [one.reason for one in overdue(database) if one.reason] == [DEADLINE_MOVED]

    clock.now = at(12, 13, 8)
    plan(database, clock())

    def lock_out() -> None:
        who = "head" if "clerk" in mailbox.recipients[-1] else "clerk"
        with database.writing() as session:
            board = build.person_id(session, f"administrator@{build.PROVINCE}")
            disable(session, build.person_id(session, f"{who}@H029"), board, clock())

    hold_on(postman, monkeypatch, 1, lock_out)
    postman.post_all()
    mail = book(database, "due_submitted", Channel.EMAIL)
    assert LEFT in {one.reason for one in mail}


def test_what_no_line_tells_of_is_seen_once_the_look_is_old(
    sqlite_database: Database,
    clock: StoppedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = sqlite_database
    wait_for_overdue(database, clock, ("H029",))
    with database.writing() as session:
        batch = claim_batch(session, "p", clock(), 20, LEASE)
    batch = [one for one in batch if one.letter != "digest"]
    watch = Watch(database, batch, clock)

    def because(message: OutgoingMessage) -> str:
        sight = watch.turn_of(message)
        assert sight is not None
        return sight.because(message, clock())

    assert because(batch[0]) == ""
    for who in ("clerk", "head"):
        relieve(database, f"{who}@H029", at(11, 1))
    assert because(batch[1]) == ""
    monkeypatch.setattr(second_look, "GOOD_FOR_SECONDS", -1.0)
    assert because(batch[1]) == second_look.NOT_THEIRS


def test_a_look_does_not_cost_more_statements_for_more_letters(
    sqlite_database: Database, clock: StoppedClock
) -> None:
    database = sqlite_database
    wait_for_overdue(database, clock, UNITS)
    letters = overdue(database)
    assert len(letters) == 2 * len(UNITS)
    costs = []
    for some in (letters[:1], letters[:2], letters):
        with counted(database) as told, database.reading() as session:
            look_at(session, some, clock())
        costs.append(len(told))
    assert costs[0] == costs[1] == costs[2] < 20


def test_a_look_at_digests_costs_no_more_for_more_of_them(
    sqlite_database: Database, clock: StoppedClock
) -> None:
    database = sqlite_database
    clock.now = at(3, 1, 8)
    plan(database, clock())
    many = digests(database)
    assert len(many) > 20
    costs = []
    for some in (many[:1], many):
        with counted(database) as told, database.reading() as session:
            look_at(session, some, clock())
        costs.append(len(told))
    assert costs[0] == costs[1] < 20


def test_letters_whose_dossiers_stand_still_are_looked_at_once(
    database: Database,
    clock: StoppedClock,
    postman: Postman,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait_for_overdue(database, clock, UNITS)
    looks = []

    def looking(*what):
        looks.append(what)
        return look_at(*what)

    monkeypatch.setattr(second_look, "look_at", looking)
    assert postman.post_all().sent == len(mailbox.letters) == 7
    assert len(looks) == 1


# --- A deadline of another step moves -------------------------------------------------------------


def move(database: Database, state: State, now: datetime, *, award: str = "") -> None:
    with database.writing() as session:
        programme = rulebook_in_force(session).programme
        day = programme.cycle_by_id["2023-midterm"].milestones.decided
        wanted = [NewMilestone("2023-midterm", state, day + timedelta(days=2), award)]
        head = build.person_id(session, f"head@{build.PROVINCE}")
        set_milestones(session, programme, wanted, "Mưa lũ", head, now)


@pytest.mark.parametrize(
    ("moved", "goes"),
    [
        ((State.DECIDED, ""), True),
        ((State.SUBMITTED, "GIAY_KHEN_SO"), True),
        ((State.SUBMITTED, ""), False),
    ],
)
def test_what_waits_for_the_next_working_day_goes_unless_its_own_deadline_moved(
    database: Database,
    clock: StoppedClock,
    postman: Postman,
    mailbox: Mailbox,
    moved: tuple[State, str],
    goes: bool,
) -> None:
    remind_of_no_reports(database)
    build.a_written(database)
    with database.writing() as session:
        board = build.person_id(session, f"administrator@{build.PROVINCE}")
        day_off = DayRow(date(2023, 11, 15), DayKind.HOLIDAY, "Nghỉ", "Thử")
        set_day(session, day_off, board, at(10, 2))
    empty_book(database)
    clock.now = at(11, 14, 9)
    plan(database, clock())
    postman.post_all()
    empty_book(database)
    clock.now = at(11, 15, 8)
    plan(database, clock())
    state, award = moved
    move(database, state, at(11, 15, 9), award=award)
    clock.now = at(11, 16, 8)
    plan(database, clock())
    before = len(mailbox.letters)
    postman.post_all()
    assert (len(mailbox.letters) > before) is goes


def test_scores_are_not_asked_for_again_because_the_last_day_moved(
    database: Database, clock: StoppedClock
) -> None:
    remind_of_no_reports(database)
    for day in (1, 8):
        clock.now = at(12, day, 8)
        plan(database, clock())
    before = {one.dedupe_key for one in book(database, "scores_missing")}
    assert before
    move(database, State.DECIDED, at(12, 8, 10))
    clock.now = at(12, 9, 8)
    plan(database, clock())
    assert {one.dedupe_key for one in book(database, "scores_missing")} == before
    clock.now = at(12, 15, 8)
    plan(database, clock())
    assert len(book(database, "scores_missing")) > len(before)
