"""What tests of council sessions start from: nine members, some dossiers, a session with votes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models import council_agenda as agenda
from models import council_ballots as ballots
from models import council_sessions as sessions
from models.council_changes import Ask
from models.council_reading import sitting_of
from models.database import Database
from models.editing import ChooseAward, PutInitiative, edit
from models.folding import person_sort_key, search_key
from models.passwords import hash_password
from models.registration_book import SqlRegistrationBook
from models.registrations import Wish, send_registration
from models.stepping import take_step
from models.tables import Account, Appointment, CouncilSession, Dossier, Person
from tests import builders as build
from tests.builders import AUTUMN, NOW, SPRING, taken
from workflow.councils.ballots import Entry
from workflow.councils.sitting import Sitting
from workflow.facts import Command
from workflow.verdicts import Refusal
from workflow.vocabulary import Action, DocumentKind, Post, Vote, VoteMethod

HELD = datetime(2023, 12, 5, 1, 0, tzinfo=NOW.tzinfo)
"""05/12/2023, 08:00 office time: ten minutes before `NOW`."""
CLOSES = datetime(2023, 12, 7, 10, 0, tzinfo=NOW.tzinfo)
"""07/12/2023, 17:00 office time."""
CYCLE = "2023-midterm"


def a_person(session: Session, code: str, unit: str, *posts: Post, at: str = "") -> int:
    """Somebody who works in `unit`, with posts at `at` (or there), and an account."""
    name = f"Giàng {code}"
    made = session.execute(
        insert(Person)
        .values(
            code=code,
            full_name=name,
            search_key=search_key(name),
            sort_key=person_sort_key(name),
            position="Ủy viên",
            employer_id=build.unit_id(session, unit),
            email=f"{search_key(code)}@hagiang.example",
        )
        .returning(Person.id)
    ).scalar_one()
    for post in posts:
        session.execute(
            insert(Appointment).values(
                person_id=made,
                unit_id=build.unit_id(session, at or unit),
                post=post,
                valid_from=date(2021, 10, 9),
            )
        )
    session.execute(
        insert(Account).values(
            person_id=made,
            login=code.casefold(),
            password_hash=hash_password(build.PASSWORD),
            must_change=False,
        )
    )
    return made


def a_council(database: Database, members: int = 9, unit: str = "H029") -> list[str]:
    """So many voting members (the chair is there already); returns their codes, chair first."""
    codes = [f"m{number}@{unit}" for number in range(2, members + 1)]
    with database.writing() as session:
        for code in codes:
            a_person(session, code, unit, Post.COUNCIL_MEMBER)
    return [f"council_chair@{unit}", *codes]


def a_provincial_council(database: Database, employers: Iterable[str]) -> list[str]:
    """A chair from the province, a secretary, and a member from each of these bodies."""
    codes = []
    with database.writing() as session:
        a_person(session, "secretary@HDTĐKT", build.PROVINCE, Post.COUNCIL_SECRETARY)
        a_person(session, "chair@HDTĐKT", build.PROVINCE, Post.COUNCIL_CHAIR)
        for unit in employers:
            code = f"from-{unit}"
            a_person(session, code, unit, Post.COUNCIL_MEMBER, at=build.PROVINCE)
            codes.append(code)
    return ["chair@HDTĐKT", *codes]


def a_personal(database: Database, person: str, unit: str = "H029") -> str:
    """The code of a submitted dossier of somebody employed by the unit."""
    with database.writing() as session:
        wish = Wish(CYCLE, build.unit_id(session, unit), build.person_id(session, person))
        clerk = build.person_id(session, f"clerk@{unit}")
        sent = send_registration(session, wish, clerk, SPRING)
    assert isinstance(sent, str), sent
    command = Command(sent, build.who(database, f"appraiser@{unit}"), Action.REGISTER, 0)
    day = SPRING + timedelta(days=1)
    taken(take_step(database, command, day, ledger_in=SqlRegistrationBook))
    with database.reading() as session:
        key = f"person:{build.person_id(session, person)}"
        code = session.scalars(select(Dossier.code).where(Dossier.subject_key == key)).one()
    for change in (
        ChooseAward("BANG_KHEN_TINH"),
        PutInitiative("Tổ lưu động", "UBND tỉnh", "9/QĐ", date(2023, 6, 1), applied=True),
        build.a_paper(DocumentKind.BAO_CAO_THANH_TICH),
    ):
        dossier = build.the_dossier(database, code)
        with database.writing() as session:
            clerk = build.person_id(session, f"clerk@{unit}")
            step = Command(code, clerk, Action.EDIT, dossier.version)
            taken(edit(session, step, change, AUTUMN))
    taken(build.step(database, code, f"head@{unit}", Action.SUBMIT, now=AUTUMN))
    return code


def ask(database: Database, code: str, by: str, key: str = "") -> Ask:
    """Ask as this person at the session's present version."""
    return Ask(code, build.who(database, by), the_session(database, code).version, key)


def the_session(database: Database, code: str) -> CouncilSession:
    """The session as it stands."""
    with database.reading() as session:
        return session.scalars(select(CouncilSession).where(CouncilSession.code == code)).one()


def the_sitting(database: Database, code: str) -> Sitting:
    """The session as facts of the law."""
    with database.reading() as session:
        return sitting_of(
            session,
            session.scalars(select(CouncilSession).where(CouncilSession.code == code)).one(),
        )


def done(refused: tuple[Refusal, ...]) -> None:
    """Nothing was refused."""
    assert not refused, refused


def a_session(
    database: Database,
    codes: Iterable[str],
    *,
    unit: str = "H029",
    secretary: str = "",
    method: VoteMethod = VoteMethod.SECRET_BALLOT,
    opened: bool = True,
    held_at: datetime = HELD,
    closes_at: datetime = CLOSES,
) -> str:
    """The code of a session over these dossiers, open for votes unless told otherwise."""
    by = secretary or f"council_secretary@{unit}"
    with database.writing() as session:
        code = sessions.convene(
            session,
            build.unit_id(session, unit),
            CYCLE,
            sessions.Arrangement("Phòng họp số 2", held_at, closes_at, method),
            Ask("", build.person_id(session, by), 0),
            NOW,
        )
    wanted = ask(database, code, by)
    with database.writing() as session:
        done(agenda.add_to_agenda(session, wanted, codes, NOW))
    if opened:
        wanted = ask(database, code, by)
        with database.writing() as session:
            done(sessions.open_ballot(session, wanted, NOW))
    return code


def entries(
    sitting: Sitting, said: Mapping[str, Vote], ranks: Mapping[str, int] | None = None
) -> list[Entry]:
    """A ballot that says this of these dossiers, on their papers as they are."""
    return [
        Entry(
            item.id,
            said[item.code],
            "" if said[item.code] is Vote.YES else "Chưa đủ minh chứng",
            (ranks or {}).get(item.code),
            item.papers,
        )
        for item in sitting.items
        if item.code in said
    ]


def vote(
    database: Database,
    code: str,
    who: str,
    said: Mapping[str, Vote],
    ranks: Mapping[str, int] | None = None,
    *,
    now: datetime = NOW,
    key: str = "",
) -> ballots.Answer:
    """Hand this member's ballot in."""
    sitting = the_sitting(database, code)
    wanted = ask(database, code, who, key)
    with database.writing() as session:
        return ballots.send(session, wanted, entries(sitting, said, ranks), now)


def everybody_agrees(database: Database, code: str, members: Iterable[str]) -> None:
    """Every member says yes to every dossier open to them."""
    sitting = the_sitting(database, code)
    for member in members:
        seat = sitting.seat_of(build.who(database, member))
        assert seat is not None
        open_to = {item.code for item in ballots.votable(sitting, seat)}
        answer = vote(database, code, member, dict.fromkeys(open_to, Vote.YES))
        assert answer.taken, answer


def count_it(database: Database, code: str, by: str = "council_secretary@H029") -> None:
    """Close the ballot."""
    wanted = ask(database, code, by)
    with database.writing() as session:
        done(sessions.close_ballot(session, wanted, NOW))


def versions(database: Database, code: str) -> dict[str, int]:
    """The dossiers' versions, as the page of figures shows them."""
    return {item.code: item.version for item in the_sitting(database, code).items}
