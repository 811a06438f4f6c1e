"""Acting for somebody else: on which days, towards what, how it ends, who is told."""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from models.database import Database
from models.delegations import Wish, delegate, end_delegation
from models.forecasting import expected
from models.gathering import facts_of, places_of
from models.ledger import SqlLedger, look
from models.people import Places, actor_towards, people_with
from models.queries_holders import holders_around
from models.queries_inbox import Inbox
from models.queries_people import reader_of
from models.queries_turns import programmes
from models.staffing import staff
from models.tables import (
    Appointment,
    Delegation,
    Dossier,
    HistoryLine,
    OutgoingMessage,
    Person,
)
from models.words import Channel
from schedules.digest_letter import item_of
from schedules.planner import plan
from schedules.wording import render
from tests import builders as build
from workflow.decisions import Accepted, Judgement
from workflow.facts import Command, SupplementInput
from workflow.ports import NotFound
from workflow.vocabulary import Action, DocumentKind, Post, Role, State

TODAY = date(2023, 12, 5)
GIVER, TAKER = "head@H029", "head@H030"


def lend(
    database: Database,
    giver: str = GIVER,
    taker: str = TAKER,
    *,
    first: date = TODAY,
    last: date = TODAY,
    by: str = "",
    now: datetime = build.NOW,
    **more: Any,
) -> int:
    with database.writing() as session:
        wish = Wish(
            build.person_id(session, giver),
            build.person_id(session, taker),
            first,
            last,
            "Nghỉ phép năm",
            **more,
        )
        made = delegate(session, wish, build.person_id(session, by or giver), now)
    assert isinstance(made, int), made
    return made


def submit(database: Database, code: str, by: str, now: datetime = build.AUTUMN) -> Any:
    return build.step(database, code, by, Action.SUBMIT, now=now)


def test_a_delegate_submits_and_everything_says_for_whom(database: Database) -> None:
    code = build.a_written(database)
    day = date(2023, 11, 20)
    number = lend(database, first=day, last=day, now=build.AUTUMN)
    build.taken(submit(database, code, TAKER))
    dossier = build.the_dossier(database, code)
    assert dossier.state is State.SUBMITTED
    with database.reading() as session:
        line = session.scalars(
            select(HistoryLine).where(HistoryLine.action == Action.SUBMIT.value)
        ).one()
        giver = session.get_one(Person, build.person_id(session, GIVER))
        told = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.dedupe_key.like("people:acted-for%"))
        ).one()
        act = facts_of(session, dossier).acts[-1]
        giver_id, taker_id = giver.id, build.person_id(session, TAKER)
        assert line.role == Role.UNIT_HEAD.value
        assert line.on_behalf == giver.full_name
        assert json.loads(line.payload)["on_behalf"] == {"person": giver_id, "delegation": number}
        assert told.recipient_id == giver_id
        assert act.people == {giver_id, taker_id}
        letters = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.letter == "submitted")
        ).all()
        assert all("thay mặt" in letter.values["actor"] for letter in letters)
        assert letters


@pytest.mark.parametrize(
    ("offset", "works"),
    [
        (timedelta(seconds=-1), False),
        (timedelta(0), True),
        (timedelta(days=2, seconds=-1), True),
        (timedelta(days=2), False),
    ],
)
def test_first_and_last_day_are_whole_office_days(
    database: Database, offset: timedelta, works: bool
) -> None:
    code = build.a_written(database)
    first = date(2023, 11, 21)
    lend(database, first=first, last=first + timedelta(days=1), now=build.AUTUMN)
    midnight = datetime(2023, 11, 20, 17, 0, tzinfo=UTC)
    now = midnight + offset
    with database.reading() as session:
        taker = build.person_id(session, TAKER)
        if not works:
            with pytest.raises(NotFound):
                look(session, code, taker, now)
            return
        actor = look(session, code, taker, now).actor
    assert actor.roles == frozenset()
    assert actor.may_take((Role.UNIT_HEAD,), Action.SUBMIT)


def test_a_delegation_gives_no_more_than_the_giver_holds_that_day(database: Database) -> None:
    code = build.a_written(database)
    lend(database, last=TODAY + timedelta(days=30))
    with database.writing() as session:
        giver = build.person_id(session, GIVER)
        session.execute(
            update(Appointment).where(Appointment.person_id == giver).values(valid_to=TODAY)
        )
    with database.reading() as session:
        taker = build.person_id(session, TAKER)
        look(session, code, taker, build.NOW)
        with pytest.raises(NotFound):
            look(session, code, taker, build.NOW + timedelta(days=1))


def test_a_delegate_cannot_pass_it_on(database: Database) -> None:
    code = build.a_written(database)
    lend(database)
    lend(database, TAKER, "head@H031")
    with database.reading() as session:
        third = build.person_id(session, "head@H031")
        with pytest.raises(NotFound):
            look(session, code, third, build.NOW)


def test_a_disabled_giver_lends_nothing(database: Database) -> None:
    code = build.a_written(database)
    lend(database)
    with database.writing() as session:
        session.execute(update(Person).where(Person.code == GIVER).values(active=False))
    with database.reading() as session, pytest.raises(NotFound):
        look(session, code, build.person_id(session, TAKER), build.NOW)


def test_only_the_chosen_steps_are_lent(database: Database) -> None:
    code = build.a_written(database)
    day = date(2023, 11, 20)
    lend(database, first=day, last=day, now=build.AUTUMN, actions=(Action.PRESENT,))
    refused = submit(database, code, TAKER)
    assert isinstance(refused, Judgement)
    assert [one.code for one in refused.refusals] == ["WRONG_ROLE"]


def test_only_the_chosen_post_is_lent(database: Database) -> None:
    code = build.a_written(database)
    with database.writing() as session:
        giver = build.person_id(session, GIVER)
        other = build.unit_id(session, "H031")
        session.execute(
            insert(Appointment).values(
                person_id=giver, unit_id=other, post=Post.HEAD, valid_from=date(2022, 1, 1)
            )
        )
    lend(database, post=(Post.HEAD, other))
    with database.reading() as session, pytest.raises(NotFound):
        look(session, code, build.person_id(session, TAKER), build.NOW)


def test_the_task_and_the_name_stand_with_the_delegate(database: Database) -> None:
    code = build.a_written(database)
    lend(database)
    with database.reading() as session:
        taker = build.person_id(session, TAKER)
        reader = reader_of(session, taker, TODAY)
        assert reader is not None
        known = programmes(session)
        inbox = Inbox(session, reader, known, TODAY)
        assert [row.dossier.code for row in inbox.rows(inbox.mine)] == [code]
        places = places_of(session, build.the_dossier(database, code))
        holders = holders_around(session, [places], TODAY)
        shown = [one.shown for one in holders.of((Role.UNIT_HEAD,), places)]
        people = people_with(session, (Role.UNIT_HEAD,), places, TODAY)
        names = {one.code for one in people}
    assert [name for name in shown if "thay mặt" in name]
    assert names == {GIVER, TAKER}


def test_both_are_reminded_while_it_runs(database: Database) -> None:
    build.a_written(database)
    lend(database, last=TODAY + timedelta(days=2))
    with database.reading() as session:
        unit = build.unit_id(session, "H029")
        places = Places(unit, unit)
        found = staff(session).holdings((Role.UNIT_HEAD,), places)
        giver, taker = build.person_id(session, GIVER), build.person_id(session, TAKER)
    by_person = {one.person_id: one for one in found}
    assert by_person[giver].last is None
    assert (by_person[taker].first, by_person[taker].last) == (TODAY, TODAY + timedelta(days=2))
    assert by_person[giver].on_behalf == ""
    assert by_person[taker].on_behalf
    assert not by_person[taker].on(TODAY + timedelta(days=3))


def test_a_delegates_letter_says_for_whom_and_comes_for_the_steps_lent(
    sqlite_database: Database,
) -> None:
    build.a_written(sqlite_database)
    first, last = date(2023, 11, 1), date(2023, 12, 31)
    before = datetime(2023, 10, 31, 5, tzinfo=UTC)
    lend(sqlite_database, now=before, actions=(Action.SUBMIT,), first=first, last=last)
    other = "appraiser@H030"
    lend(
        sqlite_database, taker=other, now=before, actions=(Action.WITHDRAW,), first=first, last=last
    )
    with sqlite_database.reading() as session:
        now = datetime(2023, 11, 15, 2, tzinfo=UTC)
        coming = expected(session, now - timedelta(days=1), now)
        about = {one.to.person_id: one for one in coming if one.to and one.values["code"]}
        giver, taker = build.person_id(session, GIVER), build.person_id(session, TAKER)
        name = session.get_one(Person, giver).full_name
        assert build.person_id(session, other) not in about
        assert about[giver].values["on_behalf"] == ""
        assert about[taker].values["on_behalf"] == name
    plan(sqlite_database, before)
    plan(sqlite_database, now)
    with sqlite_database.reading() as session:
        letter = session.scalars(
            select(OutgoingMessage)
            .where(
                OutgoingMessage.recipient_id == taker,
                OutgoingMessage.letter == "due_submitted",
                OutgoingMessage.channel == Channel.EMAIL,
            )
            .order_by(OutgoingMessage.due_at.desc())
        ).first()
    assert letter is not None
    text = render(letter.letter, letter.values, None, "http://x", now)
    assert f"thay mặt {name} theo ủy quyền," in text.body
    assert f"thay mặt {name}" in item_of(letter.values).what


def test_ending_it_takes_effect_at_once_and_tells_the_other(database: Database) -> None:
    code = build.a_written(database)
    number = lend(database, last=TODAY + timedelta(days=9))
    with database.writing() as session:
        giver, taker = build.person_id(session, GIVER), build.person_id(session, TAKER)
        assert end_delegation(session, number, giver, build.NOW)
        assert not end_delegation(session, number, giver, build.NOW)
    with database.reading() as session:
        with pytest.raises(NotFound):
            look(session, code, taker, build.NOW)
        told = session.scalars(
            select(OutgoingMessage.recipient_id).where(
                OutgoingMessage.dedupe_key.like("people:delegation-ended%")
            )
        ).all()
        office = session.scalars(
            select(HistoryLine.action).where(HistoryLine.stream == "office")
        ).all()
    assert told == [taker]
    assert {"delegate", "end_delegation"} <= set(office)


def test_a_giver_is_told_when_an_administrator_lends(database: Database) -> None:
    lend(database, by="administrator@UBND-TINH")
    with database.reading() as session:
        giver, taker = build.person_id(session, GIVER), build.person_id(session, TAKER)
        told = session.scalars(
            select(OutgoingMessage.recipient_id).where(OutgoingMessage.letter == "people")
        ).all()
    assert set(told) == {giver, taker}


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("delegate", {"delegate_id": "same"}),
        ("delegate", {"delegate_id": "administrator@UBND-TINH"}),
        ("first_day", {"first_day": TODAY - timedelta(days=1)}),
        ("last_day", {"last_day": TODAY - timedelta(days=1)}),
        ("last_day", {"last_day": TODAY + timedelta(days=400)}),
        ("reason", {"reason": "  "}),
        ("post", {"post": (Post.APPRAISER, 1)}),
        ("giver", {"giver_id": "auditor@UBND-TINH"}),
    ],
)
def test_what_speaks_against_it_is_said_by_field(
    sqlite_database: Database, field: str, change: dict[str, Any]
) -> None:
    with sqlite_database.writing() as session:
        values: dict[str, Any] = {
            "giver_id": build.person_id(session, GIVER),
            "delegate_id": build.person_id(session, TAKER),
            "first_day": TODAY,
            "last_day": TODAY,
            "reason": "Nghỉ phép",
        }
        for name, value in change.items():
            found = values["giver_id"] if value == "same" else value
            values[name] = (
                build.person_id(session, found)
                if isinstance(found, str) and (name.endswith("_id"))
                else found
            )
        by = build.person_id(session, "administrator@UBND-TINH")
        problems = delegate(session, Wish(**values), by, build.NOW)
        assert isinstance(problems, list)
        assert field in {one.field for one in problems}
        assert session.scalars(select(Delegation)).all() == []


def test_the_same_two_people_get_no_second_one_for_the_same_days(
    sqlite_database: Database,
) -> None:
    lend(sqlite_database)
    with sqlite_database.writing() as session:
        giver, taker = build.person_id(session, GIVER), build.person_id(session, TAKER)
        again = delegate(session, Wish(giver, taker, TODAY, TODAY, "Nghỉ"), giver, build.NOW)
    assert isinstance(again, list)


@pytest.mark.parametrize(
    "wrong",
    [
        {"delegate_id": "giver"},
        {"last_day": date(2023, 12, 4)},
        {"reason": ""},
        {"post": Post.HEAD},
        {"post": Post.ADMINISTRATOR, "unit_id": 1},
        {"ended_at": build.NOW},
    ],
)
def test_the_database_refuses_nonsense(database: Database, wrong: dict[str, Any]) -> None:
    giver, taker = build.who(database, GIVER), build.who(database, TAKER)
    values: dict[str, Any] = {
        "giver_id": giver,
        "delegate_id": taker,
        "actions": [],
        "first_day": TODAY,
        "last_day": TODAY,
        "reason": "Nghỉ",
        "made_by": giver,
        "made_at": build.NOW,
    }
    given = {key: giver if value == "giver" else value for key, value in wrong.items()}
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(insert(Delegation).values(values | given))


@pytest.mark.postgres
def test_an_end_waits_for_the_act_under_way(postgres_opened: Database) -> None:
    database = postgres_opened
    code = build.a_written(database)
    day = date(2023, 11, 20)
    number = lend(database, first=day, last=day, now=build.AUTUMN)
    giver, taker = build.who(database, GIVER), build.who(database, TAKER)
    ended_at: list[bool] = []

    def end() -> None:
        with database.writing() as session:
            ended_at.append(end_delegation(session, number, giver, build.AUTUMN))

    command = Command(code, taker, Action.SUBMIT, build.the_dossier(database, code).version)
    with database.writing() as session:
        opened = SqlLedger(session).open(command, now=build.AUTUMN)
        assert opened.actor.loans
        thread = threading.Thread(target=end)
        thread.start()
        thread.join(1.0)
        assert thread.is_alive(), "the end did not wait for the act"
    thread.join(10)
    assert ended_at == [True]
    with database.reading() as session:
        actor = actor_towards(session, taker, Places(1, 1), day)
    assert actor.loans == ()


def test_of_an_act_and_an_end_one_order_is_kept(database: Database) -> None:
    code = build.a_written(database)
    day = date(2023, 11, 20)
    number = lend(database, first=day, last=day, now=build.AUTUMN)
    giver = build.who(database, GIVER)
    start = threading.Barrier(2)
    found: list[object] = []

    def end() -> None:
        start.wait()
        with database.writing() as session:
            end_delegation(session, number, giver, build.AUTUMN)

    def act() -> None:
        start.wait()
        try:
            found.append(submit(database, code, TAKER))
        except NotFound:
            found.append("gone")

    threads = [threading.Thread(target=each) for each in (end, act)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    moved = build.the_dossier(database, code).state is State.SUBMITTED
    assert moved is isinstance(found[0], Accepted)
    with database.reading() as session:
        lines = session.scalars(
            select(HistoryLine)
            .join(Dossier, Dossier.id == HistoryLine.dossier_id)
            .where(HistoryLine.action == "submit")
        ).all()
    assert len(lines) == int(moved)


@pytest.mark.parametrize(
    ("lent", "hears"),
    [((), True), ((Action.SEND_SUPPLEMENT,), True), ((Action.SUBMIT, Action.REVOKE), False)],
)
def test_a_letter_of_a_step_comes_to_delegates_for_what_can_be_done_next(
    sqlite_database: Database, lent: tuple[Action, ...], hears: bool
) -> None:
    """A supplement is asked for: the head hears, and whoever may send it on the head's behalf."""
    code = build.a_submitted(sqlite_database)
    lend(sqlite_database, actions=lent)
    kinds, due = (DocumentKind.BAO_CAO_THANH_TICH,), build.NOW + timedelta(days=5)
    asked = SupplementInput(("Báo cáo: ghi rõ số liệu.",), kinds, due)
    by = "council_secretary@H029"
    step = build.step(
        sqlite_database, code, by, Action.REQUEST_SUPPLEMENT, asked, comment="Bổ sung"
    )
    build.taken(step)
    with sqlite_database.reading() as session:
        told = set(
            session.scalars(
                select(Person.code)
                .join(OutgoingMessage, OutgoingMessage.recipient_id == Person.id)
                .where(OutgoingMessage.letter == "supplement_requested")
            )
        )
    assert GIVER in told
    assert (TAKER in told) is hears
