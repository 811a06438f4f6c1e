"""Two dozen situations a page can find: every state of a dossier, touched or untouched by who asks.

One SQLite record holds them all; every dossier belongs to a unit of its own. Eleven kinds of people
look at each of them: as seen from the dossier's unit some are "own" and some "other". Of every kind
one person has acted on the first dossier of a state, and another person has never acted on the
second.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.policy import Principal
from models.database import Database, open_database
from models.history import Happening, Head, append_line, dossier_stream
from models.report_obligations import ensure_obligations
from models.rulebooks import rulebook_in_force
from models.sessions import Visit, open_session
from models.tables import (
    Account,
    Document,
    Dossier,
    HistoryLine,
    Person,
    Registration,
    Report,
    Unit,
)
from tests import builders as build
from tests.councils import a_person
from tests.promises.prepared import HEAD
from workflow.facts import SupplementInput
from workflow.vocabulary import Action, DocumentKind, Post

RETURNED: Final = "returned"
STATES: Final = (
    "registered",
    "submitted",
    "council_reviewed",
    "board_checked",
    "decided",
    RETURNED,
    "withdrawn",
    "rejected",
)
OTHER: Final = "H032"
"""The unit "others" come from: it has no dossier."""
BOARD: Final = f"appraiser@{build.PROVINCE}"
UNITS: Final[Mapping[tuple[str, bool], str]] = {
    ("board_checked", True): "VP",
    ("board_checked", False): "TTT",
    ("decided", True): "SNV",
    ("decided", False): "STP",
    ("rejected", True): "STC",
    ("rejected", False): "SKHĐT",
    ("withdrawn", True): "SCT",
    ("withdrawn", False): "SNN",
    ("registered", True): "H028",
    ("registered", False): "H029",
    ("submitted", True): "H030",
    ("submitted", False): "H031",
    ("council_reviewed", True): "SGTVT",
    ("council_reviewed", False): "SXD",
    (RETURNED, True): "H024",
    (RETURNED, False): "H026",
}
"""Units whose dossiers wait for a decision in the shared record are taken back where need be."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One dossier, where it stands, and who of each kind asks."""

    state: str
    involved: bool
    unit: str
    code: str
    registration: str
    document: int
    report: str
    people: Mapping[Principal, str]
    """Codes of people; nobody for the anonymous."""


def people_of(unit: str, *, involved: bool) -> dict[Principal, str]:
    """Who asks about a dossier of this unit."""
    fresh = "" if involved else "fresh_"
    province = build.PROVINCE
    return {
        Principal.OFFICER_OWN: f"{fresh}clerk@{unit}",
        Principal.OFFICER_OTHER: f"{fresh}clerk@{OTHER}",
        Principal.COUNCIL_OWN: f"{fresh}council_secretary@{unit}",
        Principal.COUNCIL_OTHER: f"{fresh}council_secretary@{OTHER}",
        Principal.BOARD_OFFICER: f"{fresh}appraiser@{province}",
        Principal.BOARD_HEAD: f"{fresh}board_head@{province}",
        Principal.DECIDER: f"{fresh}head@{province}",
        Principal.AUDITOR: f"{fresh}auditor@{province}",
        Principal.ADMINISTRATOR: f"{fresh}administrator@{province}",
        Principal.DISABLED: f"disabled@{unit}",
    }


POSTS: Final = {
    "clerk": Post.CLERK,
    "council_secretary": Post.COUNCIL_SECRETARY,
    "appraiser": Post.APPRAISER,
    "board_head": Post.APPRAISER,
    "head": Post.DEPUTY_HEAD,
    "auditor": Post.AUDITOR,
    "administrator": Post.ADMINISTRATOR,
    "disabled": Post.CLERK,
}


def situations_record(own: Path, checked: Path) -> Path:
    """The SQLite file, made by the first worker that needs it; the others wait for that one."""
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = shared / "situations.sqlite"
    with (shared / "situations.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            being_made = shared / "situations.part"
            shutil.copyfile(checked, being_made)
            _prepare(f"sqlite:///{being_made}")
            being_made.rename(made)
    return made


def _prepare(url: str) -> None:
    database = open_database(url)
    with database.writing() as session:
        _hire(session)
        ensure_obligations(session, rulebook_in_force(session), build.NOW)
    for (state, _), unit in UNITS.items():
        _lead(database, state, unit)
    with database.writing() as session:
        for (_, involved), unit in UNITS.items():
            if involved:
                _involve(session, unit)
    database.close()


def _hire(session: Session) -> None:
    """Everybody who is not there yet; those who are disabled have been locked out."""
    there = set(session.scalars(select(Person.code)))
    hashed = session.scalars(select(Account.password_hash)).first()
    for (_, involved), unit in UNITS.items():
        for code in people_of(unit, involved=involved).values():
            if code in there:
                continue
            there.add(code)
            post, _, at = code.removeprefix("fresh_").partition("@")
            a_person(session, code, at, POSTS[post])
    session.execute(update(Account).values(password_hash=hashed))


def _lead(database: Database, state: str, unit: str) -> None:
    """Bring the unit's dossier into the state."""
    with database.reading() as session:
        code = session.scalar(
            select(Dossier.code).join(Unit, Unit.id == Dossier.unit_id).where(Unit.code == unit)
        )
    if code is None:
        _begin(database, state, unit)
        return
    match state:
        case "decided":
            number = f"{len(unit)}{sum(map(ord, unit))}/QĐ-UBND"
            decision = build.a_decision(number)
            build.taken(build.step(database, code, HEAD, Action.DECIDE, decision))
        case "rejected":
            build.taken(build.step(database, code, HEAD, Action.REJECT, comment="Chưa đủ"))
        case "withdrawn":
            head = f"head@{unit}"
            build.taken(build.step(database, code, head, Action.WITHDRAW, comment="Xin rút"))
        case "council_reviewed" | "returned":
            _send_back(database, code, unit)
    if state == RETURNED:
        _ask_for_more(database, code)


def _begin(database: Database, state: str, unit: str) -> None:
    match state:
        case "registered":
            build.a_written(database, unit)
        case "submitted":
            build.a_submitted(database, unit)
        case _:
            build.a_reviewed(database, unit)


def _send_back(database: Database, code: str, unit: str) -> None:
    """A supplement that changes the minutes' companion brings the check down again."""
    due = build.NOW + timedelta(days=2)
    inputs = SupplementInput(("Ký lại tờ trình",), (DocumentKind.TO_TRINH,), due)
    build.taken(
        build.step(database, code, BOARD, Action.REQUEST_SUPPLEMENT, inputs, comment="Thiếu")
    )
    paper = build.a_paper(DocumentKind.TO_TRINH, filling="b")
    build.taken(build.change(database, code, paper, now=build.NOW))
    build.taken(build.step(database, code, f"head@{unit}", Action.SEND_SUPPLEMENT))
    assert build.the_dossier(database, code).state.value == "council_reviewed"


def _ask_for_more(database: Database, code: str) -> None:
    due = build.NOW + timedelta(days=3)
    inputs = SupplementInput(("Ký trang 3",), (DocumentKind.BIEN_BAN,), due, again="Còn thiếu")
    asked = build.step(database, code, BOARD, Action.REQUEST_SUPPLEMENT, inputs, comment="Thiếu")
    build.taken(asked)


def _involve(session: Session, unit: str) -> None:
    """Let everybody have edited the dossier once, in whatever post they held then."""
    dossier = session.scalars(
        select(Dossier).join(Unit, Unit.id == Dossier.unit_id).where(Unit.code == unit)
    ).one()
    acted = set(
        session.scalars(select(HistoryLine.actor_id).where(HistoryLine.dossier_id == dossier.id))
    )
    for kind, code in people_of(unit, involved=True).items():
        person = session.scalars(select(Person).where(Person.code == code)).one()
        if person.id in acted or kind is Principal.DISABLED:
            continue
        head = append_line(
            session,
            Happening(
                stream=dossier_stream(dossier.id),
                at=build.NOW - timedelta(days=300),
                actor_id=person.id,
                actor_name=person.full_name,
                action=Action.EDIT.value,
                from_state=dossier.state.value,
                to_state=dossier.state.value,
                dossier_id=dossier.id,
                dossier_version=dossier.version,
                payload={"inputs": None},
            ),
            Head(dossier.history_count, dossier.head_hash),
        )
        dossier.history_count, dossier.head_hash = head.count, head.hash
        session.flush()


def read_situations(database: Database) -> list[Situation]:
    """All of them, as the record has them."""
    found = []
    with database.reading() as session:
        for (state, involved), unit in UNITS.items():
            dossier = session.scalars(
                select(Dossier).join(Unit, Unit.id == Dossier.unit_id).where(Unit.code == unit)
            ).one()
            stands = RETURNED if dossier.supplement else dossier.state.value
            assert stands == state, (unit, stands, state)
            document = session.scalars(
                select(Document.id).where(Document.dossier_id == dossier.id).order_by(Document.id)
            ).first()
            assert document is not None
            registration = session.get_one(Registration, dossier.registration_id)
            report = session.scalars(
                select(Report).where(Report.unit_id == dossier.unit_id).order_by(Report.id)
            ).first()
            found.append(
                Situation(
                    state,
                    involved,
                    unit,
                    dossier.code,
                    registration.code,
                    document,
                    report.code if report else "",
                    people_of(unit, involved=involved),
                )
            )
    return found


@dataclass
class Tokens:
    """A session for everybody who asks; then the disabled are locked out with theirs open."""

    database: Database

    @cached_property
    def by_person(self) -> dict[str, str]:
        """Tokens by code of the person."""
        wanted = {
            code
            for (_, involved), unit in UNITS.items()
            for code in people_of(unit, involved=involved).values()
        }
        wanted |= {f"council_chair@{unit}" for unit in UNITS.values()}
        found = {}
        with self.database.writing() as session:
            rows = session.execute(select(Person.code, Person.id).where(Person.code.in_(wanted)))
            for code, person in rows.all():
                found[code] = open_session(session, person, Visit(), build.NOW)
            session.execute(
                update(Account)
                .where(Account.login.like("disabled@%"))
                .values(disabled_at=build.NOW)
            )
        return found
