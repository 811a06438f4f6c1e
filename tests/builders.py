"""What tests of the record start from: Hà Giang with its staff, and dossiers at every state.

People have codes that say who they are: `clerk@H029`, `appraiser@UBND-TINH`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models.database import Database
from models.editing import AddDocument, Change, ChooseAward, Particulars, PutInitiative, edit
from models.folding import person_sort_key, search_key
from models.importing_units import apply_units, read_units
from models.passwords import hash_password
from models.phrases import keep_person
from models.registration_book import SqlRegistrationBook
from models.registrations import Wish, send_registration
from models.rulebooks import load_programme
from models.scores import Statement, put_score
from models.stepping import take_step
from models.tables import Account, Appointment, Dossier, Person, Unit
from workflow.decisions import Accepted, Judgement
from workflow.facts import (
    Command,
    CouncilInput,
    CouncilResult,
    Decision,
    DecisionInput,
    Inputs,
    MarkInput,
    RankingInput,
)
from workflow.results import RankingResult
from workflow.vocabulary import (
    Action,
    Classification,
    DocumentKind,
    IndexKind,
    Outcome,
    Post,
    ScoreKind,
    State,
)

ROOT = Path(__file__).resolve().parent.parent
PROVINCE = "UBND-TINH"
BEGINNING = datetime(2021, 10, 11, 1, 0, tzinfo=UTC)
SPRING = datetime(2023, 2, 14, 2, 0, tzinfo=UTC)
"""14/02/2023, 09:00 office time: the registration window is open."""
NOW = datetime(2023, 12, 5, 1, 10, tzinfo=UTC)
"""05/12/2023, 08:10 office time."""
AUTUMN = datetime(2023, 11, 20, 2, 0, tzinfo=UTC)
"""20/11/2023, 09:00 office time: before the day of handing in."""
PASSWORD = "mật khẩu để thử"

UNIT_POSTS = (Post.CLERK, Post.HEAD, Post.COUNCIL_SECRETARY, Post.COUNCIL_CHAIR, Post.APPRAISER)
PROVINCE_POSTS = (
    Post.APPRAISER,
    Post.HEAD,
    Post.DEPUTY_HEAD,
    Post.ADMINISTRATOR,
    Post.AUDITOR,
    Post.CLERK,
    Post.COUNCIL_SECRETARY,
)


def staff(session: Session) -> None:
    """Fill an empty database: units from the data file, people with posts, the programme."""
    units = (ROOT / "config/data/ha-giang-units.csv").read_bytes()
    apply_units(session, read_units(session, units), None, BEGINNING)
    hashed = hash_password(PASSWORD)
    for unit in session.scalars(select(Unit).where(Unit.parent_id == unit_id(session, PROVINCE))):
        for post in UNIT_POSTS:
            _person(session, unit, post, hashed)
    province = session.scalars(select(Unit).where(Unit.code == PROVINCE)).one()
    for post in PROVINCE_POSTS:
        _person(session, province, post, hashed)
    commune = session.scalars(select(Unit).where(Unit.code == "X00853")).one()
    for post in UNIT_POSTS:
        _person(session, commune, post, hashed)
    load_programme(session, *programme_text(), None, BEGINNING)


@cache
def programme_text() -> tuple[str, str]:
    """The service's own programme file and its source text."""
    folder = ROOT / "config/programmes"
    return (
        (folder / "ha-giang-2021-2025.yaml").read_text("utf-8"),
        (folder / "ha-giang-2021-2025.source.txt").read_text("utf-8"),
    )


def unit_id(session: Session, code: str) -> int:
    """The id of the unit with this code."""
    return session.scalars(select(Unit.id).where(Unit.code == code)).one()


def person_id(session: Session, code: str) -> int:
    """The id of the person with this code, such as `clerk@H029`."""
    return session.scalars(select(Person.id).where(Person.code == code)).one()


def who(database: Database, code: str) -> int:
    """The id of the person with this code."""
    with database.reading() as session:
        return person_id(session, code)


def the_dossier(database: Database, code: str) -> Dossier:
    """The dossier as it stands now."""
    with database.reading() as session:
        return session.scalars(select(Dossier).where(Dossier.code == code)).one()


def step(
    database: Database,
    code: str,
    by: str,
    action: Action,
    inputs: Inputs | None = None,
    *,
    now: datetime = NOW,
    comment: str = "",
    key: str = "",
    version: int | None = None,
) -> Accepted | Judgement:
    """Take one step as the person `by`, at the dossier's present version unless told."""
    command = Command(
        code=code,
        person_id=who(database, by),
        action=action,
        expected_version=the_dossier(database, code).version if version is None else version,
        comment=comment,
        inputs=inputs,
        key=key,
    )
    return take_step(database, command, now)


def taken(verdict: Accepted | Judgement) -> Accepted:
    """The accepted step; if it was refused, the test fails with the reasons."""
    if isinstance(verdict, Accepted):
        return verdict
    reasons = [(one.rule, one.finding.code) for one in verdict.blocking]
    raise AssertionError(f"refused: {reasons} {verdict.refusals}")


def change(
    database: Database, code: str, change: Change, *, by: str = "", now: datetime = AUTUMN
) -> Accepted | Judgement:
    """Edit the dossier as its unit's clerk."""
    dossier = the_dossier(database, code)
    with database.writing() as session:
        editor = by or f"clerk@{_unit_code(session, dossier.unit_id)}"
        command = Command(code, person_id(session, editor), Action.EDIT, dossier.version)
        return edit(session, command, change, now)


def a_registration(database: Database, unit: str = "H029", cycle: str = "2023-midterm") -> str:
    """The code of a registration the unit has sent."""
    with database.writing() as session:
        wish = Wish(cycle, unit_id(session, unit))
        sent = send_registration(session, wish, person_id(session, f"clerk@{unit}"), SPRING)
    assert isinstance(sent, str), sent
    return sent


def acknowledge(
    database: Database, registration: str, *, by: str = f"appraiser@{PROVINCE}", key: str = ""
) -> Accepted | Judgement:
    """Acknowledge a registration as the superior."""
    command = Command(registration, who(database, by), Action.REGISTER, 0, key=key)
    return take_step(database, command, SPRING + timedelta(days=1), ledger_in=SqlRegistrationBook)


def a_registered(database: Database, unit: str = "H029", cycle: str = "2023-midterm") -> str:
    """The code of a dossier in state `registered`."""
    registration = a_registration(database, unit, cycle)
    taken(acknowledge(database, registration))
    with database.reading() as session:
        return session.scalars(
            select(Dossier.code).where(Dossier.unit_id == unit_id(session, unit))
        ).one()


def a_written(database: Database, unit: str = "H029") -> str:
    """The code of a registered dossier with award form, initiative and report."""
    code = a_registered(database, unit)
    taken(change(database, code, ChooseAward("BANG_KHEN_TINH")))
    taken(
        change(
            database,
            code,
            PutInitiative(
                "Tổ trả kết quả lưu động tại chợ phiên",
                "UBND tỉnh",
                "1203/QĐ-UBND",
                date(2023, 6, 1),
                applied=True,
            ),
        )
    )
    taken(change(database, code, a_paper(DocumentKind.BAO_CAO_THANH_TICH)))
    return code


def a_paper(kind: DocumentKind, *, filling: str = "a") -> AddDocument:
    """A paper with all its particulars."""
    particulars = Particulars("86/TTr-UBND", date(2023, 11, 20), "Phàn A Lình", confirmed=True)
    name = f"{kind.value.lower()}.pdf"
    return AddDocument(kind, name, "application/pdf", 1000, filling * 64, particulars)


def a_submitted(database: Database, unit: str = "H029") -> str:
    """The code of a dossier in state `submitted`."""
    code = a_written(database, unit)
    taken(step(database, code, f"head@{unit}", Action.SUBMIT, now=AUTUMN))
    return code


def a_reviewed(database: Database, unit: str = "H029") -> str:
    """The code of a dossier in state `council_reviewed`, with a published score."""
    code = a_submitted(database, unit)
    taken(change(database, code, a_paper(DocumentKind.BIEN_BAN)))
    result = CouncilInput(CouncilResult(date(2023, 11, 20), 9, 9, 9))
    secretary = f"council_secretary@{unit}"
    taken(step(database, code, secretary, Action.RECORD_COUNCIL_RESULT, result))
    with database.writing() as session:
        put_score(session, a_score(unit_id(session, unit)), None, NOW)
    return code


def a_score(unit: int, value: str = "86.42") -> Statement:
    """A published PAR Index of 2023."""
    return Statement(
        unit,
        IndexKind.PAR,
        2023,
        ScoreKind.PUBLISHED,
        Decimal(value),
        Classification.TOT,
        date(2023, 12, 1),
        "QĐ công bố",
    )


def a_checked(database: Database, unit: str = "H029") -> str:
    """The code of a dossier in state `board_checked`, ranked by the provincial council."""
    code = a_reviewed(database, unit)
    taken(change(database, code, a_paper(DocumentKind.TO_TRINH)))
    appraiser = f"appraiser@{PROVINCE}"
    for mark in ("outstanding", "initiative_quality", "papers_in_order"):
        inputs = MarkInput(mark, Outcome.MET)
        taken(step(database, code, appraiser, Action.MARK_CHECK, inputs))
    taken(step(database, code, appraiser, Action.CONFIRM_CHECK))
    ranked = RankingInput(RankingResult("PH-2023-0001", date(2023, 12, 5), 9, 9, 9, place=1))
    secretary = f"council_secretary@{PROVINCE}"
    taken(step(database, code, secretary, Action.RECORD_RANKING, ranked))
    return code


def a_decision(number: str = "2103/QĐ-UBND") -> DecisionInput:
    """A decision of the province of 05/12/2023."""
    return DecisionInput(Decision(number, date(2023, 12, 5), "Nguyễn Văn Sơn"))


def a_decided(database: Database, unit: str = "H029", number: str = "2103/QĐ-UBND") -> str:
    """The code of a dossier in state `decided`."""
    code = a_checked(database, unit)
    decision = a_decision(number)
    taken(step(database, code, f"head@{PROVINCE}", Action.DECIDE, decision))
    assert the_dossier(database, code).state is State.DECIDED
    return code


def _person(session: Session, unit: Unit, post: Post, hashed: str) -> None:
    code = f"{post.value}@{unit.code}"
    name = f"Vàng {post.value.replace('_', ' ').title()} {unit.code}"
    made = session.execute(
        insert(Person)
        .values(
            code=code,
            full_name=name,
            search_key=search_key(name),
            sort_key=person_sort_key(name),
            position=post.value,
            employer_id=unit.id,
            email=f"{post.value}.{unit.code.lower()}@hagiang.example",
            leader=post is Post.HEAD,
        )
        .returning(Person.id)
    ).scalar_one()
    keep_person(session, made, name, code)
    session.execute(
        insert(Appointment).values(
            person_id=made, unit_id=unit.id, post=post, valid_from=date(2021, 10, 9)
        )
    )
    session.execute(
        insert(Account).values(
            person_id=made, login=code.casefold(), password_hash=hashed, must_change=False
        )
    )


def _unit_code(session: Session, key: int) -> str:
    return session.scalars(select(Unit.code).where(Unit.id == key)).one()
