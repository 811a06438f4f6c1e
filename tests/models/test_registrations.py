"""Registering with the superior, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.database import Database
from models.deadlines import NewMilestone, set_milestones
from models.doctor import examine
from models.evaluations import facts_in, refusals_of, results_of
from models.history import OFFICE
from models.moving import touched
from models.registration_book import decline, look_at_registration, withdraw_registration
from models.registrations import Wish, send_registration
from models.rulebooks import rulebook_in_force
from models.tables import Dossier, Evaluation, HistoryLine, OutgoingMessage, Registration
from tests import builders as build
from workflow.decisions import Judgement
from workflow.ports import NotFound, Repeated, Stale
from workflow.vocabulary import Outcome, RegistrationStatus, Role, State, SubjectKind


def status_of(database: Database, code: str) -> RegistrationStatus:
    with database.reading() as session:
        return session.scalars(select(Registration.status).where(Registration.code == code)).one()


def test_an_acknowledged_registration_bears_a_dossier(database: Database) -> None:
    registration = build.a_registration(database)
    accepted = build.taken(build.acknowledge(database, registration))
    with database.reading() as session:
        dossier = session.scalars(select(Dossier)).one()
        streams = session.scalars(
            select(HistoryLine.stream).where(HistoryLine.stream != OFFICE).order_by(HistoryLine.id)
        ).all()
        letter = session.scalars(select(OutgoingMessage)).one()
        kept = session.scalars(select(Evaluation).order_by(Evaluation.id.desc())).first()
    assert (registration, dossier.code) == ("DK-2023-0001", "HS-2023-0001")
    assert (dossier.state, dossier.version, dossier.award_form) == (State.REGISTERED, 1, "")
    assert streams == ["registration:1", "dossier:1", "registration:1"]
    assert (letter.letter, letter.address) == ("registered", "clerk.h029@hagiang.example")
    assert kept is not None
    assert results_of(kept) == accepted.judgement.results
    assert facts_in(kept) == accepted.judgement.facts
    assert refusals_of(kept) == ()
    assert examine(database) == []


def test_a_person_registers_with_the_unit_employing_them(database: Database) -> None:
    with database.writing() as session:
        subject = build.person_id(session, "clerk@H029")
        sent = send_registration(
            session,
            Wish("2023-annual", build.unit_id(session, "H029"), subject),
            build.person_id(session, "clerk@H029"),
            build.SPRING,
        )
        assert isinstance(sent, str)
    build.taken(build.acknowledge(database, sent, by="head@H029"))
    with database.reading() as session:
        dossier = session.scalars(select(Dossier)).one()
    assert dossier.subject_kind is SubjectKind.INDIVIDUAL
    assert (dossier.subject_key, dossier.person_id) == (f"person:{subject}", subject)


def test_a_second_registration_of_the_subject_is_refused(sqlite_database: Database) -> None:
    code = build.a_registration(sqlite_database)
    with sqlite_database.writing() as session:
        wish = Wish("2023-midterm", build.unit_id(session, "H029"))
        person = build.person_id(session, "clerk@H029")
        again = send_registration(session, wish, person, build.SPRING)
    assert isinstance(again, Judgement)
    assert [(one.code, one.text.values) for one in again.refusals] == [
        ("REGISTERED_ALREADY", {"code": code})
    ]


def test_a_stranger_cannot_register_somebody_else(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        wish = Wish("2023-midterm", build.unit_id(session, "H029"))
        person = build.person_id(session, "clerk@H030")
        refused = send_registration(session, wish, person, build.SPRING)
    assert isinstance(refused, Judgement)
    assert [one.code for one in refused.refusals] == ["WRONG_ROLE"]
    with sqlite_database.reading() as session:
        assert session.scalars(select(Registration)).all() == []
        assert not session.scalars(select(Evaluation)).one().allowed


def test_a_late_registration_is_sent_with_a_warning(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        wish = Wish("2023-midterm", build.unit_id(session, "H029"), registered_on=date(2023, 9, 1))
        person = build.person_id(session, "clerk@H029")
        sent = send_registration(session, wish, person, build.SPRING + timedelta(days=220))
        assert isinstance(sent, str)
        kept = session.scalars(select(Evaluation)).one()
        late = [one for one in results_of(kept) if one.outcome is Outcome.NOT_MET]
        assert [one.rule for one in late] == ["R05b"]
        assert late[0].tolerated


def set_closing(database: Database, day: date) -> None:
    """The office moves the end of registration for the mid-term review."""
    with database.writing() as session:
        programme = rulebook_in_force(session).programme
        admin = build.person_id(session, "administrator@UBND-TINH")
        wanted = [NewMilestone("2023-midterm", State.REGISTERED, day)]
        set_milestones(session, programme, wanted, "Lùi hạn", admin, build.SPRING)


def in_time(database: Database, at: datetime) -> bool:
    """Is a registration sent at this instant in time, as R05b was asked and answered?"""
    with database.writing() as session:
        wish = Wish("2023-midterm", build.unit_id(session, "H029"))
        sent = send_registration(session, wish, build.person_id(session, "clerk@H029"), at)
        assert isinstance(sent, str)
        kept = session.scalars(select(Evaluation)).one()
        (asked,) = [one for one in results_of(kept) if one.rule == "R05b"]
    return asked.outcome is Outcome.MET


@pytest.mark.parametrize(("seconds", "expected"), [(-1, True), (0, True), (1, False)])
@pytest.mark.parametrize("moved", [None, date(2023, 4, 14), date(2023, 3, 15)])
def test_registration_closes_to_the_second_at_the_closing_in_force(
    database: Database, moved: date | None, seconds: int, expected: bool
) -> None:
    closes = datetime(2023, 3, 31, 10, tzinfo=UTC)
    if moved is not None:
        set_closing(database, moved)
        closes = datetime(moved.year, moved.month, moved.day, 10, tzinfo=UTC)
    assert in_time(database, closes + timedelta(seconds=seconds)) is expected


def test_a_moved_closing_names_the_registrations_it_passes_over(database: Database) -> None:
    code = build.a_registration(database)
    with database.reading() as session:
        programme = rulebook_in_force(session).programme
        earlier = [NewMilestone("2023-midterm", State.REGISTERED, date(2023, 2, 10))]
        late = touched(session, programme, earlier, build.SPRING)
        assert [(one.code, one.late) for one in late] == [(code, True)]
        same = [NewMilestone("2023-midterm", State.REGISTERED, date(2023, 4, 14))]
        assert touched(session, programme, same, build.SPRING) == []
    set_closing(database, date(2023, 2, 10))
    with database.reading() as session:
        back = touched(session, programme, same, build.SPRING)
        assert [(one.code, one.late) for one in back] == [(code, False)]


def test_only_the_superior_acknowledges(sqlite_database: Database) -> None:
    code = build.a_registration(sqlite_database)
    refused = build.acknowledge(sqlite_database, code, by="head@H029")
    assert isinstance(refused, Judgement)
    assert [one.code for one in refused.refusals] == ["WRONG_ROLE"]
    with pytest.raises(NotFound):
        build.acknowledge(sqlite_database, code, by="head@H030")
    assert status_of(sqlite_database, code) is RegistrationStatus.SENT


def test_a_registration_is_acknowledged_once(sqlite_database: Database) -> None:
    code = build.a_registration(sqlite_database)
    build.taken(build.acknowledge(sqlite_database, code, key="k"))
    with pytest.raises(Repeated) as repeated:
        build.acknowledge(sqlite_database, code, key="k")
    assert repeated.value.code == "HS-2023-0001"
    with pytest.raises(Stale):
        build.acknowledge(sqlite_database, code, by=f"head@{build.PROVINCE}")


def test_declining_needs_the_superior_and_a_reason(sqlite_database: Database) -> None:
    code = build.a_registration(sqlite_database)
    with sqlite_database.writing() as session:
        superior = build.person_id(session, f"appraiser@{build.PROVINCE}")
        clerk = build.person_id(session, "clerk@H029")
        codes = [
            decline(session, code, person, reason, build.SPRING)
            for person, reason in ((clerk, "Sai mẫu"), (superior, "  "), (superior, "Sai mẫu"))
        ]
        again = decline(session, code, superior, "Sai mẫu", build.SPRING)
    assert [one.code if one else None for one in codes] == ["WRONG_ROLE", "COMMENT_MISSING", None]
    assert again is not None
    assert again.code == "NO_SUCH_STEP"
    assert status_of(sqlite_database, code) is RegistrationStatus.REJECTED
    assert build.a_registration(sqlite_database) == "DK-2023-0002"


def test_the_side_that_sent_it_may_take_it_back(sqlite_database: Database) -> None:
    code = build.a_registration(sqlite_database)
    with sqlite_database.writing() as session:
        clerk = build.person_id(session, "clerk@H029")
        superior = build.person_id(session, f"appraiser@{build.PROVINCE}")
        refused = withdraw_registration(session, code, superior, "", build.SPRING)
        assert refused is not None
        assert refused.roles == (Role.CLERK, Role.UNIT_HEAD)
        assert withdraw_registration(session, code, clerk, "", build.SPRING) is None
    assert status_of(sqlite_database, code) is RegistrationStatus.WITHDRAWN


def test_looking_at_a_registration_changes_nothing(sqlite_database: Database) -> None:
    code = build.a_registration(sqlite_database)
    with sqlite_database.reading() as session:
        superior = build.person_id(session, f"appraiser@{build.PROVINCE}")
        opened = look_at_registration(session, code, superior, build.SPRING)
        assert (opened.facts.state, opened.facts.code) == (None, code)
        assert opened.actor.roles == {Role.SUPERIOR}
        with pytest.raises(NotFound):
            look_at_registration(
                session, code, build.person_id(session, "clerk@H030"), build.SPRING
            )
