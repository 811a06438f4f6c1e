"""Posts that need a second administrator, work handed over, emergencies opened by two."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from models.database import Database
from models.emergencies import answer, ask, end_emergency
from models.ledger import look
from models.staff_changes import answer_post, give_post, hand_over, work_of
from models.tables import (
    Appointment,
    AppointmentRequest,
    Dossier,
    EmergencyAccess,
    OutgoingMessage,
)
from tests import builders as build
from tests.workflow.cases import rulebook
from workflow.ports import NotFound
from workflow.vocabulary import PROGRESS, Action, Post, Role
from workflow.working_days import office_day

TODAY = office_day(build.NOW)
ADMINISTRATOR, SECOND = "administrator@UBND-TINH", "clerk@UBND-TINH"


def posts(database: Database, person: str) -> set[Post]:
    with database.reading() as session:
        return set(
            session.scalars(
                select(Appointment.post).where(
                    Appointment.person_id == build.person_id(session, person)
                )
            )
        )


def test_a_post_that_watches_or_is_ones_own_waits_for_a_second(database: Database) -> None:
    with database.writing() as session:
        me, other = build.person_id(session, ADMINISTRATOR), build.person_id(session, SECOND)
        province = build.unit_id(session, "UBND-TINH")
        now = build.NOW
        assert give_post(session, other, (Post.HEAD, province), TODAY, me, now)
        assert not give_post(session, me, (Post.HEAD, province), TODAY, me, now)
        assert not give_post(session, other, (Post.ADMINISTRATOR, province), TODAY, me, now)
        numbers = session.scalars(
            select(AppointmentRequest.id).order_by(AppointmentRequest.id)
        ).all()
        # Neither who asked nor who would get it nor who is no administrator answers.
        assert not answer_post(session, numbers[0], me, now, granted=True)
        assert not answer_post(session, numbers[1], other, now, granted=True)
    assert posts(database, ADMINISTRATOR) == {Post.ADMINISTRATOR}
    assert posts(database, SECOND) == {Post.CLERK, Post.HEAD}


def test_the_database_wants_two_people(database: Database) -> None:
    with database.reading() as session:
        me = build.person_id(session, ADMINISTRATOR)
        unit = build.unit_id(session, "H029")
    values: dict[str, Any] = {"person_id": me, "unit_id": unit, "post": Post.HEAD}
    values |= {"valid_from": TODAY, "asked_by": me, "asked_at": build.NOW}
    alone = {"answered_by": me, "answered_at": build.NOW, "granted": True}
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(insert(AppointmentRequest).values(values | alone))


def test_an_emergency_is_opened_by_another_and_runs_out(database: Database) -> None:
    code = build.a_submitted(database)
    clerk, admin = build.who(database, "clerk@H029"), build.who(database, ADMINISTRATOR)
    with database.writing() as session:
        stranger = build.person_id(session, "clerk@H030")
        with pytest.raises(NotFound):
            ask(session, code, Role.APPRAISER, 2, "Gấp", stranger, build.NOW)
        with pytest.raises(ValueError, match="vai trò"):
            ask(session, code, Role.ADMINISTRATOR, 2, "Gấp", clerk, build.NOW)
        number = ask(session, code, Role.COUNCIL_SECRETARY, 2, "Gấp", clerk, build.NOW)
        assert not answer(session, number, clerk, build.NOW, granted=True)
        assert answer(session, number, admin, build.NOW, granted=True)
        assert not answer(session, number, admin, build.NOW, granted=False)
    for hours, opened in ((0, True), (1, True), (2, False)):
        with database.reading() as session:
            actor = look(session, code, clerk, build.NOW + timedelta(hours=hours)).actor
            found = actor.may_take((Role.COUNCIL_SECRETARY,), Action.RECORD_COUNCIL_RESULT)
        assert found is opened
    with database.writing() as session:
        auditor = build.person_id(session, "auditor@UBND-TINH")
        told = session.scalars(
            select(OutgoingMessage.recipient_id).where(
                OutgoingMessage.dedupe_key.like("people:emergency-granted%")
            )
        ).all()
        assert auditor in told
        assert end_emergency(session, number, clerk, build.NOW)
    with database.reading() as session:
        assert not look(session, code, clerk, build.NOW).actor.loans


def test_whoever_asked_cannot_be_the_one_who_opened_it(database: Database) -> None:
    code = build.a_submitted(database)
    with database.reading() as session:
        dossier = session.scalars(select(Dossier.id).where(Dossier.code == code)).one()
        clerk = build.person_id(session, "clerk@H029")
    values: dict[str, Any] = {"dossier_id": dossier, "person_id": clerk, "role": Role.DECIDER}
    values |= {"reason": "Gấp", "hours": 2, "asked_at": build.NOW, "answered_by": clerk}
    values |= {"answered_at": build.NOW, "granted": True, "expires_at": build.NOW}
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(insert(EmergencyAccess).values(values))


def test_work_is_handed_over_whole_with_letters_to_both(database: Database) -> None:
    code = build.a_submitted(database)
    with database.writing() as session:
        leaving = build.person_id(session, "council_secretary@H029")
        taking = build.person_id(session, "council_chair@H029")
        work = work_of(session, leaving, build.NOW)
        assert [post.alone for post in work.posts] == [(code,)]
        held = work.posts[0].appointment.id
        by = build.person_id(session, ADMINISTRATOR)
        assert hand_over(session, leaving, {held: taking}, TODAY, by, build.NOW)
        told = session.scalars(
            select(OutgoingMessage.recipient_id).where(
                OutgoingMessage.dedupe_key.like("people:handed-over%")
            )
        ).all()
        assert set(told) == {leaving, taking}
    tomorrow = build.NOW + timedelta(days=1)
    with database.reading() as session:
        assert Role.COUNCIL_SECRETARY in look(session, code, leaving, build.NOW).actor.roles
        assert Role.COUNCIL_SECRETARY not in look(session, code, taking, build.NOW).actor.roles
        assert Role.COUNCIL_SECRETARY in look(session, code, taking, tomorrow).actor.roles
        with pytest.raises(NotFound):
            look(session, code, leaving, tomorrow)


def test_administrators_hold_no_step_of_the_way() -> None:
    for name in ("ha-giang-2021-2025", "sang-kien-so-2024"):
        programme = rulebook(name).programme
        moves = [step for step in programme.steps if step.target in PROGRESS]
        assert moves
        assert not [step for step in moves if {Role.ADMINISTRATOR, Role.AUDITOR} & set(step.by)]
