"""Who could take the next step now: the same answer as the law's, and an alarm where nobody can."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, event, insert, select, update

from models.database import Database
from models.delegations import Wish, delegate
from models.ledger import look
from models.stuck import stuck_count
from models.tables import Account, Appointment, OutgoingMessage, Person
from models.who_could import Answer, who_could
from schedules.jobs import Means, watch_turns
from schedules.wording import render
from tests import builders as build
from workflow.decisions import judge
from workflow.guards.authority import ABOUT_THE_ACTOR
from workflow.ports import NotFound
from workflow.vocabulary import Action, Post
from workflow.working_days import OFFICE_ZONE, office_day

TODAY = office_day(build.NOW)


def answer(database: Database, code: str) -> Answer:
    with database.reading() as session:
        return next(one for one in who_could(session, build.NOW) if one.code == code)


def able(found: Answer) -> set[int]:
    return {one.actor.person_id for one in found.able}


def leave(database: Database, person: str) -> None:
    with database.writing() as session:
        session.execute(
            update(Appointment)
            .where(Appointment.person_id == build.person_id(session, person))
            .values(valid_to=TODAY - timedelta(days=1))
        )


def test_it_says_what_the_law_says_of_everybody(database: Database) -> None:
    codes = [
        build.a_written(database, "H029"),
        build.a_submitted(database, "H030"),
        build.a_reviewed(database, "H031"),
        build.a_checked(database, "H032"),
    ]
    with database.writing() as session:
        giver = build.person_id(session, "council_secretary@H030")
        taker = build.person_id(session, "clerk@H030")
        wish = Wish(giver, taker, TODAY, TODAY, "Nghỉ phép")
        assert isinstance(delegate(session, wish, giver, build.NOW), int)
    with database.reading() as session:
        everybody = session.scalars(select(Account.person_id)).all()
        for found in who_could(session, build.NOW):
            lawful = set()
            for person in everybody:
                try:
                    opened = look(session, found.code, person, build.NOW)
                except NotFound:
                    continue
                verdict = judge(
                    opened.rulebook, found.step.action, opened.facts, opened.actor, build.NOW
                )
                rules = opened.rulebook.programme.rule_by_id
                about = [
                    one for one in verdict.blocking if rules[one.rule].guard in ABOUT_THE_ACTOR
                ]
                if not about and "WRONG_ROLE" not in {one.code for one in verdict.refusals}:
                    lawful.add(person)
            assert able(found) == lawful, found.code
            codes.remove(found.code)
    assert codes == []


def test_a_vacant_post_raises_the_alarm(database: Database) -> None:
    code = build.a_submitted(database)
    assert not answer(database, code).alarm
    leave(database, "council_secretary@H029")
    found = answer(database, code)
    assert found.alarm
    assert found.step.action is Action.RECORD_COUNCIL_RESULT
    assert found.unable == ()


def test_a_holder_without_an_open_account_moves_nothing(database: Database) -> None:
    code = build.a_submitted(database)
    with database.writing() as session:
        secretary = build.person_id(session, "council_secretary@H029")
        account = session.get_one(Account, secretary)
        account.disabled_at = build.NOW
        name = session.get_one(Person, secretary).full_name
    found = answer(database, code)
    assert found.alarm
    assert found.locked_out == (name,)
    with database.writing() as session:
        session.execute(delete(Account).where(Account.person_id == secretary))
    assert answer(database, code).locked_out == (name,)
    # What they hold can still be lent, by an administrator.
    with database.writing() as session:
        taker = build.person_id(session, "clerk@H030")
        wish = Wish(secretary, taker, TODAY, TODAY, "Chưa có tài khoản")
        by = build.person_id(session, "administrator@UBND-TINH")
        assert isinstance(delegate(session, wish, by, build.NOW), int)
    assert able(answer(database, code)) == {taker}


def test_administrators_get_one_letter_a_working_morning_while_a_dossier_is_stuck(
    sqlite_database: Database,
) -> None:
    code = build.a_submitted(sqlite_database)
    early, morning = hour(5, 7), hour(5, 8)
    saturday, monday = hour(9, 9), hour(11, 9)
    assert watched(sqlite_database, morning) == (0, 0)
    leave(sqlite_database, "council_secretary@H029")
    assert watched(sqlite_database, early) == (1, 0)
    assert [watched(sqlite_database, at)[1] for at in (morning, morning, saturday)] == [1, 0, 0]
    assert watched(sqlite_database, monday) == (1, 1)
    with sqlite_database.reading() as session:
        letter = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.dedupe_key.contains("stuck:2023-12-05"))
        ).one()
        assert letter.recipient_id == build.person_id(session, "administrator@UBND-TINH")
    text = render(letter.letter, letter.values, None, "http://x", morning)
    assert text.subject == "[TĐKT] 1 hồ sơ không ai xử lý được"
    assert code in text.body
    assert "http://x/quan-tri/ai-xu-ly" in text.body


def hour(day: int, hour: int) -> datetime:
    """An hour of the office in December 2023."""
    return datetime(2023, 12, day, hour, tzinfo=ZoneInfo(OFFICE_ZONE))


def watched(database: Database, now: datetime) -> tuple[int | None, int]:
    """How many are stuck by what health says, and how many letters this look made."""
    postman = None
    made = watch_turns(Means(database, lambda: now, postman))  # type: ignore[arg-type]
    with database.reading() as session:
        return stuck_count(session), made.queued


def test_duties_used_up_raise_the_alarm_with_the_reason(database: Database) -> None:
    code = build.a_submitted(database)
    leave(database, "council_secretary@H029")
    with database.writing() as session:
        head = session.scalars(
            select(Appointment).where(
                Appointment.person_id == build.person_id(session, "head@H029")
            )
        ).one()
        secretary = build.person_id(session, "council_secretary@H029")
        session.execute(
            update(Appointment)
            .where(Appointment.person_id == secretary)
            .values(person_id=head.person_id, valid_to=None)
        )
    found = answer(database, code)
    assert found.alarm
    assert [one.blocking[0].finding.code for one in found.unable] == ["DUTIES_NOT_SEPARATE"]


def test_a_delegation_that_ran_out_is_named(database: Database) -> None:
    code = build.a_written(database)
    with database.writing() as session:
        giver = build.person_id(session, "council_secretary@H029")
        taker = build.person_id(session, "clerk@H030")
        session.execute(
            insert(Appointment).values(
                person_id=giver,
                unit_id=build.unit_id(session, "H029"),
                post=Post.HEAD,
                valid_from=date(2022, 1, 1),
            )
        )
        before = build.NOW - timedelta(days=5)
        wish = Wish(giver, taker, TODAY - timedelta(days=5), TODAY - timedelta(days=2), "Nghỉ")
        assert isinstance(delegate(session, wish, giver, before), int)
        name = session.get_one(Person, taker).full_name
    # The secretary hands the dossier in herself, so her own step falls away.
    build.taken(
        build.step(database, code, "council_secretary@H029", Action.SUBMIT, now=build.AUTUMN)
    )
    found = answer(database, code)
    assert found.alarm
    assert [name in words for words in found.expired] == [True]


def test_the_statements_do_not_grow_with_the_dossiers(sqlite_database: Database) -> None:
    counts = []
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    event.listen(sqlite_database.engine, "before_cursor_execute", note)
    for units in (("H029",), ("H030", "H031", "H032")):
        for unit in units:
            build.a_written(sqlite_database, unit)
        statements.clear()
        with sqlite_database.reading() as session:
            who_could(session, build.NOW)
        counts.append(len(statements))
    assert counts[0] == counts[1]
