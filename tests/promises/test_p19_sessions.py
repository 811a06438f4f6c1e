"""P19: sessions end when they must. What was copied before opens nothing afterwards.

Each scenario copies something of a browser, lets something happen, and replays the copy, for
every post there is. Before, the copy must open the page, or the scenario would prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from config.settings import Settings
from models import accounts, factors, importing_people_apply, own_sessions, sessions, signing_in
from models.account_log import When
from models.database import Database
from models.importing_people import PersonRow
from models.passwords import password_fits
from models.sealed import Sealer
from models.sessions import Visit, open_session
from models.signing_in import Door, Entered, SignInRefused, sign_in
from models.tables import (
    Account,
    Appointment,
    Guess,
    Person,
    RecoveryCode,
    SecondFactor,
    Unit,
    UserSession,
)
from models.words_sign_in import FactorKind
from tests import builders as build
from tests.tiers import count
from tests.views.conftest import Browser
from views import create_app
from workflow.sign_in_policy import SessionLimits, read_policies
from workflow.vocabulary import Post

pytestmark = pytest.mark.promise("P19")

KEY = "k" * 40
POLICY = read_policies((build.ROOT / "config/accounts.yaml").read_text("utf-8"))[0]
PAGE = "/tai-khoan"
OTHER = "một mật khẩu khác hẳn"
POSTS = (
    *(f"{post.value}@H029" for post in build.UNIT_POSTS),
    *(
        f"{post.value}@{build.PROVINCE}"
        for post in build.PROVINCE_POSTS
        if post not in build.UNIT_POSTS or count(0, 1)
    ),
)
"""Every post there is; at night those of the province beside those of a unit."""


@dataclass
class House:
    """A service on a record, its clock, and the person whose sessions are copied."""

    app: Flask
    database: Database
    code: str = ""
    now: datetime = build.NOW

    @property
    def when(self) -> When:
        return When(self.now, self.now)

    @property
    def person(self) -> int:
        return build.who(self.database, self.code)

    def inside(self) -> Browser:
        """A browser in which the person is signed in, without the hashing."""
        with self.database.writing() as session:
            token = open_session(session, self.person, Visit(), self.now)
        browser = Browser(self.app.test_client())
        with browser.client.session_transaction() as kept:
            kept["sid"] = token
        return browser

    def through_the_door(self, browser: Browser | None = None) -> Browser:
        """A browser in which the person typed login and password."""
        browser = browser or Browser(self.app.test_client())
        browser.sign_in(self.code.casefold())
        return browser

    def again(self) -> None:
        """Let nothing of the scenario before count."""
        self.now += timedelta(days=1)
        with self.database.writing() as session:
            session.execute(delete(Guess))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    """The service on each engine in turn; by day on SQLite."""
    if request.param == "postgres" and count(0, 1) == 0:
        pytest.skip("PostgreSQL has its turn at night")
    database: Database = request.getfixturevalue(f"{request.param}_opened")
    made: list[House] = []
    settings = Settings(
        database_url="", secret_key=KEY, storage_dir=tmp_path, smtp_url="smtp://localhost:1",
        mail_from="khong-tra-loi@example.vn", base_url="http://localhost", factor_required=False,
    )  # fmt: skip
    app = create_app(settings, database, lambda: made[0].now)
    made.append(House(app, database))
    return made[0]


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("sid")
    assert found is not None
    return found.value


def holding(app: Flask, copied: str, name: str = "sid") -> FlaskClient:
    client = app.test_client()
    client.set_cookie(name, copied)
    return client


def opens(app: Flask, copied: str) -> bool:
    """Does the copy open a page?"""
    answer = holding(app, copied).get(PAGE)
    assert answer.status_code in {200, 303}
    return answer.status_code == 200


def copied_from(house: House, browser: Browser) -> str:
    """A cookie that opens the page now."""
    found = cookie(browser)
    assert opens(house.app, found), "the copy opened nothing before either"
    return found


# --- The scenarios: each returns what was copied and must open nothing ---------------------------


def after_signing_out(house: House) -> str:
    browser = house.inside()
    copied = copied_from(house, browser)
    browser.get(PAGE)
    assert browser.post("/dang-xuat").status_code == 303
    return copied


def before_signing_in(house: House) -> str:
    """Fixation: whoever planted a session before has nothing of it afterwards."""
    browser = Browser(house.app.test_client())
    browser.get("/dang-nhap")
    planted = cookie(browser)
    house.through_the_door(browser)
    assert opens(house.app, cookie(browser))
    return planted


def of_the_one_before_in_this_browser(house: House) -> str:
    """Signing in again in one browser ends the session it had."""
    browser = house.inside()
    copied = copied_from(house, browser)
    with house.database.writing() as session:
        session.execute(delete(Guess))
    door = Door(Visit(), POLICY, house.when, Sealer([KEY]))
    with browser.client.session_transaction() as kept:
        before = kept["sid"]
    entered = sign_in(house.database, (house.code.casefold(), build.PASSWORD), door, before=before)
    assert isinstance(entered, Entered)
    return copied


def after_proving_again(house: House) -> str:
    """Proving oneself again renews the identifier."""
    browser = house.inside()
    browser.post("/tai-khoan/xac-thuc/bat-dau")
    copied = copied_from(house, browser)
    house.now += timedelta(minutes=11)
    browser.last = ""
    browser.get(PAGE)
    done = browser.post("/tai-khoan/xac-thuc/bat-dau", {"proof": build.PASSWORD})
    assert done.status_code == 303
    assert opens(house.app, cookie(browser))
    return copied


def while_the_second_factor_is_waited_for(house: House) -> str:
    """The cookie after the password alone, as if it were a session."""
    _enrol(house)
    browser = Browser(house.app.test_client())
    browser.post("/dang-nhap", {"login": house.code.casefold(), "password": build.PASSWORD})
    with browser.client.session_transaction() as kept:
        kept["sid"] = kept["waiting"]
    return cookie(browser)


def after_a_factor_was_switched_on(house: House) -> str:
    copied = copied_from(house, house.inside())
    _enrol(house)
    return copied


def after_a_factor_was_reset(house: House) -> str:
    _enrol(house)
    with house.database.writing() as session:
        token = open_session(session, house.person, Visit(), house.now, factor=FactorKind.TOTP)
    browser = Browser(house.app.test_client())
    with browser.client.session_transaction() as kept:
        kept["sid"] = token
    copied = copied_from(house, browser)
    with house.database.writing() as session:
        assert factors.reset(session, house.person, "Mất điện thoại", _by(house), house.when)
    return copied


def after_a_password_change_elsewhere(house: House) -> str:
    copied = copied_from(house, house.inside())
    other = house.inside()
    other.get("/mat-khau")
    done = other.post("/mat-khau", {"old": build.PASSWORD, "new": OTHER})
    assert done.location == "/dang-nhap"
    with house.database.writing() as session:
        accounts.set_own_password(session, house.person, build.PASSWORD, house.now)
    return copied


def after_a_post_was_given(house: House) -> str:
    copied = copied_from(house, house.inside())
    with house.database.writing() as session:
        unit = build.unit_id(session, "H030")
        accounts.appoint(
            session, house.person, (Post.CLERK, unit), house.now.date(), _by(house), house.now
        )
    return copied


def after_a_post_was_taken(house: House) -> str:
    copied = copied_from(house, house.inside())
    with house.database.writing() as session:
        held = session.scalars(
            select(Appointment)
            .where(Appointment.person_id == house.person, Appointment.valid_to.is_(None))
            .order_by(Appointment.id.desc())
        ).first()
        assert held is not None
        accounts.relieve(session, held.id, held.valid_from, _by(house), house.now)
        session.execute(update(Appointment).where(Appointment.id == held.id).values(valid_to=None))
    return copied


def after_a_change_of_unit(house: House) -> str:
    copied = copied_from(house, house.inside())
    with house.database.writing() as session:
        person = session.get_one(Person, house.person)
        units = dict(session.execute(select(Unit.id, Unit.code)).all())
        elsewhere = next(number for number in units if number != person.employer_id)
        row = PersonRow(
            code=person.code, full_name=person.full_name, position=person.position,
            unit_code=units[elsewhere], email=None, leader=person.leader, posts=None, login="",
        )  # fmt: skip
        importing_people_apply._put(session, row, elsewhere, house.now)
    return copied


def after_disabling_and_enabling(house: House) -> str:
    copied = copied_from(house, house.inside())
    with house.database.writing() as session:
        accounts.disable(session, house.person, _by(house), house.now)
    assert not opens(house.app, copied)
    with house.database.writing() as session:
        accounts.enable(session, house.person, _by(house), house.now)
    return copied


def after_thirty_idle_minutes(house: House) -> str:
    copied = copied_from(house, house.inside())
    house.now += timedelta(minutes=30, seconds=1)
    return copied


def after_twelve_busy_hours(house: House) -> str:
    browser = house.inside()
    copied = copied_from(house, browser)
    for _ in range(26):
        house.now += timedelta(minutes=28)
        browser.get("/tai-khoan/xac-thuc/ma-qr.svg")
    return copied


def after_others_were_ended(house: House) -> str:
    copied = copied_from(house, house.inside())
    browser = house.inside()
    browser.get(PAGE)
    assert browser.post("/tai-khoan/phien/khac").status_code == 303
    return copied


def after_an_administrator_ended_them(house: House) -> str:
    copied = copied_from(house, house.inside())
    with house.database.writing() as session:
        assert own_sessions.end_all(session, house.person, house.when, by=_by(house))
    return copied


def with_a_changed_byte(house: House) -> str:
    copied = copied_from(house, house.inside())
    return copied[:-10] + ("A" if copied[-10] != "A" else "B") + copied[-9:]


SCENARIOS: tuple[Callable[[House], str], ...] = (
    after_signing_out,
    before_signing_in,
    of_the_one_before_in_this_browser,
    after_proving_again,
    while_the_second_factor_is_waited_for,
    after_a_factor_was_switched_on,
    after_a_factor_was_reset,
    after_a_password_change_elsewhere,
    after_a_post_was_given,
    after_a_post_was_taken,
    after_a_change_of_unit,
    after_disabling_and_enabling,
    after_thirty_idle_minutes,
    after_twelve_busy_hours,
    after_others_were_ended,
    after_an_administrator_ended_them,
    with_a_changed_byte,
)


def replay(house: House, scenario: Callable[[House], str]) -> None:
    """Play one scenario for one person; the copy must neither open nor write anything."""
    copied = scenario(house)
    assert not opens(house.app, copied), f"{scenario.__name__}: {house.code} is still inside"
    client = holding(house.app, copied)
    page = client.get("/dang-nhap").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = client.post("/tai-khoan/phien/khac", data={"csrf_token": token[1]})
    assert answer.status_code in {303, 400, 401}
    assert "/tai-khoan" not in (answer.location or ""), scenario.__name__


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.__name__)
def test_what_was_copied_opens_nothing(
    house: House, scenario: Callable[[House], str], tally: Callable[[str, int], None]
) -> None:
    for code in POSTS:
        house.code = code
        house.again()
        replay(house, scenario)
    tally("replays", len(POSTS))


def test_a_remember_token_opens_nothing(house: House) -> None:
    """Flask-Login would take one; the service makes none and takes none."""
    house.code = POSTS[0]
    browser = house.through_the_door()
    assert browser.client.get_cookie("remember_token") is None
    client = holding(house.app, f"{house.person}|{'0' * 128}", "remember_token")
    assert client.get(PAGE).status_code == 303


def test_the_token_of_an_old_form_writes_nothing(house: House) -> None:
    """A form of the session before does not write in the session after."""
    house.code = POSTS[0]
    browser = house.inside()
    page = browser.get(PAGE).get_data(as_text=True)
    old = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert old
    browser.post("/dang-xuat")
    browser.last = ""
    house.through_the_door(browser)
    answer = browser.client.post("/tai-khoan/phien/khac", data={"csrf_token": old[1]})
    assert answer.status_code == 400


# --- Planted faults -------------------------------------------------------------------------------


def _nothing(*_: object, **__: object) -> int:
    return 0


def _beside(session: Session, number: int, now: datetime) -> str:
    """Opens a session beside the one that should get a new identifier."""
    person = session.get_one(UserSession, number).person_id
    return open_session(session, person, Visit(), now)


def _blind(session: Session, person_id: int, values: dict[str, object], now: datetime) -> None:
    """Changes the account, and forgets the sessions."""
    if values:
        session.execute(update(Account).where(Account.person_id == person_id).values(**values))


FAULTS: tuple[tuple[str, Callable[[pytest.MonkeyPatch], None], Callable[[House], str]], ...] = (
    (
        "signing out only clears the cookie",
        lambda patch: patch.setattr(signing_in, "sign_out", lambda *_: None),
        after_signing_out,
    ),
    (
        "the identifier stays when somebody proves themselves",
        lambda patch: patch.setattr("models.proving_again.renew", _beside),
        after_proving_again,
    ),
    (
        "a change of the factor leaves other sessions",
        lambda patch: (
            patch.setattr(factors, "end_sessions", _nothing),
            patch.setattr(sessions, "_SIGNED_IN", _without_the_factor()),
        )[0],
        after_a_factor_was_switched_on,
    ),
    (
        "a password change leaves other sessions",
        lambda patch: patch.setattr(accounts, "_set_account", _blind),
        after_a_password_change_elsewhere,
    ),
    (
        "a new post leaves other sessions",
        lambda patch: patch.setattr(accounts, "_set_account", _blind),
        after_a_post_was_given,
    ),
    (
        "a session never ends by age",
        lambda patch: patch.setattr(SessionLimits, "absolute", timedelta(days=365)),
        after_twelve_busy_hours,
    ),
    (
        "a session never ends by silence",
        lambda patch: patch.setattr(SessionLimits, "idle", timedelta(days=365)),
        after_thirty_idle_minutes,
    ),
    (
        "a waiting session counts",
        lambda patch: patch.setattr(sessions, "_SIGNED_IN", _without_the_factor()),
        while_the_second_factor_is_waited_for,
    ),
)


def _without_the_factor() -> object:
    """The question of every request, without what it asks about the second factor."""
    return (
        select(
            UserSession,
            Account.login,
            Account.must_change,
            Account.language,
            Person.full_name,
            sessions.has_factor().label("has_factor"),
        )
        .join(Account, Account.person_id == UserSession.person_id)
        .join(Person, Person.id == UserSession.person_id)
        .where(sessions._stands())
    )


@pytest.mark.planted
@pytest.mark.parametrize(("what", "plant", "scenario"), FAULTS, ids=[one[0] for one in FAULTS])
def test_a_fault_is_found(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    plant: Callable[[pytest.MonkeyPatch], None],
    scenario: Callable[[House], str],
) -> None:
    plant(monkeypatch)
    house.code = POSTS[0]
    with pytest.raises(AssertionError, match="is still inside"):
        replay(house, scenario)


# --- A44: a flood of wrong logins -----------------------------------------------------------------


def test_a_flood_slows_the_guesser_and_lets_the_owner_in(
    house: House, monkeypatch: pytest.MonkeyPatch, tally: Callable[[str, int], None]
) -> None:
    login = "clerk@h029"
    hashed = 0
    real = password_fits

    def counting(stored: str | None, password: str) -> bool:
        nonlocal hashed
        hashed += 1
        # A guess is wrong whatever it costs; only the owner's password is worth the hashing.
        return password == build.PASSWORD and real(stored, password)

    monkeypatch.setattr(signing_in, "password_fits", counting)

    def knock(password: str, visit: Visit) -> Entered | SignInRefused:
        door = Door(visit, POLICY, house.when, Sealer([KEY]))
        return sign_in(house.database, (login, password), door)

    home = knock(build.PASSWORD, Visit("10.0.0.1"))
    assert isinstance(home, Entered)
    times, judged = 1000, []
    house.now += timedelta(minutes=2)
    for number in range(times):
        house.now += timedelta(seconds=0.3)
        before = hashed
        outcome = knock(f"sai {number}", Visit(f"203.0.113.{number % 250}"))
        assert not isinstance(outcome, Entered)
        judged += [house.now] * (hashed - before)
        if number % 100 == 50:
            mine = knock(build.PASSWORD, Visit("10.0.0.1", device=home.device))
            assert isinstance(mine, Entered), "the owner is locked out"
    minute = timedelta(minutes=1)
    worst = max(sum(at - minute < other <= at for other in judged) for at in judged)
    assert 0 < worst <= 5
    assert knock(build.PASSWORD, Visit("10.0.0.1")) is SignInRefused.TOO_MANY
    with_stolen = knock(build.PASSWORD, Visit("10.0.0.1", device="x" * 43))
    assert with_stolen is SignInRefused.TOO_MANY
    tally("wrong logins", times)


# --- What scenarios need ----------------------------------------------------------------------


def _by(house: House) -> int:
    """An administrator who is not the person concerned."""
    mine = f"administrator@{build.PROVINCE}"
    code = mine if house.code != mine else f"auditor@{build.PROVINCE}"
    return build.who(house.database, code)


def _enrol(house: House) -> None:
    """Switch a second factor on from another browser, as a person would."""
    sealer = Sealer([KEY])
    with house.database.writing() as session:
        for table in (SecondFactor, RecoveryCode):
            session.execute(delete(table).where(table.person_id == house.person))
        factors.begin(session, house.person, sealer, house.when)
        secret = factors.begun_secret(session, house.person, sealer)
        assert secret
        token = open_session(session, house.person, Visit(), house.now)
        number = session.scalars(
            select(UserSession.id).where(UserSession.token_hash == sessions.token_hash(token))
        ).one()
        code = pyotp.TOTP(secret).at(house.now)
        assert factors.confirm(session, number, house.person, code, sealer, house.when)
