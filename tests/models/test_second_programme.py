"""Another programme is another file and no code: driven through the whole record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from models.database import Database
from models.doctor import examine
from models.editing import AddDocument, ChooseAward, Particulars, PutInitiative
from models.ledger import look as look_at
from models.queries_dossiers import Wanted, conditions_for, fetch, rows_where
from models.queries_turns import programmes
from models.quotas import Pool, look
from models.registration_book import SqlRegistrationBook
from models.registrations import Wish, send_registration
from models.rulebooks import load_programme, rulebook_in_force
from models.scores import Statement, put_score
from models.stepping import take_step
from models.tables import Dossier
from models.who_could import who_could
from tests import builders as build
from workflow.decisions import choices
from workflow.facts import Command, CouncilInput, CouncilResult, Decision, DecisionInput
from workflow.ports import NotFound
from workflow.vocabulary import Action, DocumentKind, IndexKind, ScoreKind, State

FOLDER = Path(__file__).resolve().parents[1] / "programmes"
PROGRAMME = "sang-kien-so-2024"


def at(month: int, day: int) -> datetime:
    return datetime(2024, month, day, 3, 0, tzinfo=UTC)


def paper(kind: DocumentKind, dated: date) -> AddDocument:
    particulars = Particulars("", dated, "Giám đốc", confirmed=True)
    return AddDocument(kind, f"{kind.value}.pdf", "application/pdf", 10, "c" * 64, particulars)


def registered(database: Database) -> str:
    """A person of Sở Nội vụ registers for the second programme; the dossier's code."""
    with database.writing() as session:
        text, source = (
            (FOLDER / f"{PROGRAMME}.{end}").read_text("utf-8") for end in ("yaml", "source.txt")
        )
        load_programme(session, text, source, None, at(2, 1))
        nominee = build.person_id(session, "council_chair@SNV")
        wish = Wish("2024-once", build.unit_id(session, "SNV"), nominee, programme_id=PROGRAMME)
        sent = send_registration(session, wish, build.person_id(session, "clerk@SNV"), at(3, 1))
    assert isinstance(sent, str), sent
    command = Command(sent, build.who(database, "head@SNV"), Action.REGISTER, 0)
    build.taken(take_step(database, command, at(3, 2), ledger_in=SqlRegistrationBook))
    with database.reading() as session:
        return session.scalars(select(Dossier.code).where(Dossier.programme_id == PROGRAMME)).one()


def test_a_dossier_of_another_programme_goes_all_the_way(database: Database) -> None:
    first = build.a_registered(database, "H029")
    code = decided(database)
    assert build.the_dossier(database, code).state is State.DECIDED
    assert build.the_dossier(database, first).state is State.REGISTERED
    assert examine(database) == []


def decided(database: Database) -> str:
    """A dossier of the second programme, all the way to its decision."""
    code = registered(database)
    assert code.startswith("SK-2024-")
    for change in (
        ChooseAward("GIAY_KHEN_SO"),
        PutInitiative("Trợ lý số"),
        paper(DocumentKind.BAO_CAO_THANH_TICH, date(2024, 8, 1)),
    ):
        build.taken(build.change(database, code, change, by="clerk@SNV", now=at(8, 2)))
    build.taken(build.step(database, code, "clerk@SNV", Action.SUBMIT, now=at(9, 1)))
    minutes = paper(DocumentKind.BIEN_BAN, date(2024, 10, 2))
    build.taken(build.change(database, code, minutes, by="council_secretary@SNV", now=at(10, 3)))
    result = CouncilInput(CouncilResult(date(2024, 10, 2), 8, 6, 4))
    secretary = "council_secretary@SNV"
    council = Action.RECORD_COUNCIL_RESULT
    build.taken(build.step(database, code, secretary, council, result, now=at(10, 3)))
    refused = build.step(database, code, "appraiser@SNV", Action.CONFIRM_CHECK, now=at(10, 20))
    assert [one.rule for one in refused.blocking] == ["B1"]  # type: ignore[union-attr]
    with database.writing() as session:
        own = Statement(
            build.unit_id(session, "SNV"),
            IndexKind.PAR,
            2024,
            ScoreKind.PUBLISHED,
            Decimal("70.00"),
            None,
            date(2024, 10, 15),
            "QĐ",
        )
        put_score(session, own, None, at(10, 15))
    build.taken(build.step(database, code, "appraiser@SNV", Action.CONFIRM_CHECK, now=at(10, 20)))
    paid = DecisionInput(Decision("9/QĐ-SNV", date(2024, 11, 1), "Giám đốc"))
    build.taken(build.step(database, code, "head@SNV", Action.DECIDE, paid, now=at(11, 1)))
    return code


def the_law_says(database: Database, codes: list[str], now: datetime) -> list[object]:
    """Facts and every verdict about these dossiers, for everybody of the unit and the province."""
    found: list[object] = []
    people = [f"{post}@SNV" for post in ("clerk", "head", "council_secretary", "appraiser")]
    with database.reading() as session:
        for code in codes:
            for name in (*people, "appraiser@UBND-TINH", "head@UBND-TINH"):
                person = build.person_id(session, name)
                try:
                    opened = look_at(session, code, person, now)
                except NotFound:
                    continue
                found.append(opened.facts)
                found.append(choices(opened.rulebook, opened.facts, opened.actor, now))
    return found


def test_nothing_of_one_programme_reaches_the_rules_of_another(database: Database) -> None:
    whole = build.a_checked(database, "SNV")
    with database.writing() as session:
        nominee = build.person_id(session, "council_chair@SNV")
        wish = Wish("2023-midterm", build.unit_id(session, "SNV"), nominee)
        sent = send_registration(session, wish, build.person_id(session, "clerk@SNV"), build.SPRING)
    assert isinstance(sent, str), sent
    command = Command(sent, build.who(database, "head@SNV"), Action.REGISTER, 0)
    build.taken(take_step(database, command, build.SPRING, ledger_in=SqlRegistrationBook))
    with database.reading() as session:
        single = session.scalars(select(Dossier.code).where(Dossier.person_id == nominee)).one()
    before = the_law_says(database, [whole, single], build.NOW)
    with database.reading() as session:
        could = [(one.code, one.able) for one in who_could(session, build.NOW)]
    assert before
    # The same unit and the same person, all the way through the other programme.
    other = decided(database)
    assert the_law_says(database, [whole, single], build.NOW) == before
    with database.reading() as session:
        after = [(one.code, one.able) for one in who_could(session, build.NOW)]
        known = programmes(session)
        seen = {
            programme: {
                row.dossier.code
                for row in fetch(
                    session,
                    rows_where(
                        *conditions_for(
                            session,
                            build.person_id(session, "administrator@UBND-TINH"),
                            build.NOW.date(),
                            Wanted(programme=programme),
                            known,
                            build.NOW,
                        ).values()
                    ),
                    build.person_id(session, "administrator@UBND-TINH"),
                    build.NOW.date(),
                )
            }
            for programme in (PROGRAMME, "ha-giang-par-2021-2025")
        }
    assert after == could
    assert seen == {PROGRAMME: {other}, "ha-giang-par-2021-2025": {whole, single}}


def test_its_quota_and_its_version_are_its_own(database: Database) -> None:
    code = registered(database)
    dossier = build.the_dossier(database, code)
    with database.writing() as session:
        book = rulebook_in_force(session, PROGRAMME)
        assert dossier.programme_hash == book.content_hash
        assert rulebook_in_force(session, "ha-giang-par-2021-2025").programme.id != PROGRAMME
        quota = book.programme.award_by_id["GIAY_KHEN_SO"].quota
        assert quota is not None
        pool = Pool(PROGRAMME, "2024-once", quota.pool, build.unit_id(session, "SNV"))
        found = look(session, pool, quota, book.programme.cycle_by_id["2024-once"])
    assert (found.base, found.cap, found.used) == (30, 3, 0)
