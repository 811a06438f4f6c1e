"""Sessions end when they must, and guessing gets slow."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import yaml
from sqlalchemy import select

from models.account_log import When
from models.accounts import appoint, change_password, disable, enable, relieve, reset_password
from models.database import Database
from models.own_sessions import sessions_of
from models.passwords import hash_password
from models.sealed import Sealer
from models.sessions import Visit, sign_out, signed_in, touch
from models.signing_in import Door, Entered, SignInRefused, sign_in
from models.tables import Appointment, UserSession
from tests import builders as build
from workflow.sign_in_policy import policy_on, read_policies
from workflow.vocabulary import Post

LOGIN = "clerk@h029"
VISIT = Visit("10.0.0.1", "Firefox")
NOW = build.NOW
TEXT = (build.ROOT / "config/accounts.yaml").read_text("utf-8")
POLICY = read_policies(TEXT)[0]


def door(now: datetime = NOW, visit: Visit = VISIT) -> Door:
    return Door(visit, POLICY, When(now, now), Sealer(["k" * 40]))


def knock(
    database: Database, login: str, password: str, now: datetime = NOW
) -> Entered | SignInRefused:
    return sign_in(database, (login, password), door(now))


def enter(database: Database, login: str = LOGIN, password: str = build.PASSWORD) -> str:
    entered = knock(database, login, password)
    assert isinstance(entered, Entered)
    return entered.token


def name_of(database: Database, token: str, after: timedelta = timedelta()) -> str | None:
    with database.reading() as session:
        found = signed_in(session, token, NOW + after, POLICY.sessions)
    return found.login if found else None


def test_a_token_opens_the_session_and_is_stored_nowhere(database: Database) -> None:
    token = enter(database, f"  {LOGIN.upper()} ")
    assert name_of(database, token) == LOGIN
    with database.reading() as session:
        assert token not in str(session.scalars(select(UserSession.token_hash)).one())
    assert len(token) >= 43


@pytest.mark.parametrize(("login", "password"), [(LOGIN, "sai"), ("ai đó", build.PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_look_the_same(
    sqlite_database: Database, login: str, password: str
) -> None:
    assert knock(sqlite_database, login, password) is SignInRefused.WRONG


def test_a_session_ends_at_sign_out(sqlite_database: Database) -> None:
    token = enter(sqlite_database)
    other = enter(sqlite_database)
    with sqlite_database.writing() as session:
        sign_out(session, token, NOW)
    assert name_of(sqlite_database, token) is None
    assert name_of(sqlite_database, other) == LOGIN


def test_a_session_ends_after_silence_and_in_any_case(sqlite_database: Database) -> None:
    token = enter(sqlite_database)
    assert name_of(sqlite_database, token, timedelta(minutes=30)) == LOGIN
    assert name_of(sqlite_database, token, timedelta(minutes=30, seconds=1)) is None
    for minutes in range(20, 13 * 60, 20):
        with sqlite_database.writing() as session:
            at = NOW + timedelta(minutes=minutes)
            found = signed_in(session, token, at, POLICY.sessions)
            if found is None:
                break
            assert found.wants_touch
            touch(session, found.session_id, at)
    assert minutes == 12 * 60 + 20


def test_limits_are_those_of_the_day(sqlite_database: Database) -> None:
    """An entry of `config/accounts.yaml` holds from its day on; one at odds with itself never."""
    entries = yaml.safe_load(TEXT)
    shorter = {"idle_minutes": 10, "absolute_hours": 1, "touch_seconds": 60}
    later = {**entries[-1], "since": date(2024, 1, 1), "sessions": shorter}
    text = yaml.safe_dump([*entries, later], allow_unicode=True)
    before = policy_on(text, date(2023, 12, 31)).sessions
    after = policy_on(text, date(2024, 1, 1)).sessions
    token = enter(sqlite_database)
    with sqlite_database.reading() as session:
        at = NOW + timedelta(minutes=20)
        assert signed_in(session, token, at, before) is not None
        assert signed_in(session, token, at, after) is None
        assert len(sessions_of(session, build.who(sqlite_database, "clerk@H029"), at, before)) == 1
        assert not sessions_of(session, build.who(sqlite_database, "clerk@H029"), at, after)
    later["sessions"] = {**shorter, "touch_seconds": 600}
    with pytest.raises(ValueError, match="touch_seconds"):
        read_policies(yaml.safe_dump([later], allow_unicode=True))


@pytest.mark.parametrize("what", ["password", "reset", "disable", "appoint", "relieve"])
def test_a_session_ends_when_what_it_stands_on_changes(
    sqlite_database: Database, what: str
) -> None:
    token = enter(sqlite_database)
    with sqlite_database.writing() as session:
        person = build.person_id(session, "clerk@H029")
        by = build.person_id(session, f"administrator@{build.PROVINCE}")
        if what == "password":
            assert change_password(session, person, build.PASSWORD, "một mật khẩu khác", NOW)
        elif what == "reset":
            reset_password(session, person, "một mật khẩu khác", by, NOW)
        elif what == "disable":
            disable(session, person, by, NOW)
        elif what == "appoint":
            unit = build.unit_id(session, "H030")
            appoint(session, person, (Post.CLERK, unit), date(2023, 12, 5), by, NOW)
        else:
            held = session.scalars(select(Appointment).where(Appointment.person_id == person))
            relieve(session, held.one().id, date(2023, 12, 4), by, NOW)
    assert name_of(sqlite_database, token) is None


def test_a_disabled_account_cannot_sign_in_until_enabled(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        person = build.person_id(session, "clerk@H029")
        by = build.person_id(session, f"administrator@{build.PROVINCE}")
        disable(session, person, by, NOW)
    assert knock(sqlite_database, LOGIN, build.PASSWORD) is SignInRefused.WRONG
    with sqlite_database.writing() as session:
        enable(session, person, by, NOW)
    assert enter(sqlite_database)


def test_guessing_gets_slow_but_nobody_is_locked_out(sqlite_database: Database) -> None:
    tries = [knock(sqlite_database, LOGIN, "sai") for _ in range(6)]
    assert tries == [SignInRefused.WRONG] * 5 + [SignInRefused.TOO_MANY]
    assert knock(sqlite_database, LOGIN, build.PASSWORD) is SignInRefused.TOO_MANY
    later = NOW + timedelta(minutes=1, seconds=1)
    assert isinstance(knock(sqlite_database, LOGIN, build.PASSWORD, later), Entered)


@pytest.mark.parametrize("password", ["ngắn", "x" * 257])
def test_a_password_has_a_length(password: str) -> None:
    with pytest.raises(ValueError, match="ký tự"):
        hash_password(password)
