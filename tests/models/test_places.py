"""Every place has its line in the ledger, and the database itself keeps the cap."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.caps import PoolLine, change_cap, pools_seen
from models.database import Database
from models.doctor import examine
from models.invariants import broken_invariants
from models.queries_people import reader_of
from models.quotas import Mover, Pool, consume, hold, look, release, reserve, set_cap
from models.tables import PlaceMovement, Quota
from models.words import PlaceMove
from tests import builders as build
from tests.workflow.cases import rulebook
from workflow.decisions import Judgement
from workflow.facts import RevocationInput
from workflow.vocabulary import Action, RevocationGround, State

CAP = 6
MOVE = (
    "INSERT INTO place_movement (programme_id, cycle_id, pool, deciding_unit_id, dossier_id, at,"
    " kind, used, reserved) SELECT programme_id, cycle_id, {}, deciding_unit_id,"
    " (SELECT id FROM dossier), (SELECT created_at FROM dossier), {} FROM quota"
)
HEAD, DEPUTY = f"head@{build.PROVINCE}", f"deputy_head@{build.PROVINCE}"


def a_pool(database: Database) -> Pool:
    """The province's places of the mid-term review: 20 % of 30 units."""
    table = rulebook().programme.award_by_id["BANG_KHEN_TINH"].quota
    cycle = rulebook().programme.cycle_by_id["2023-midterm"]
    assert table is not None
    with database.writing() as session:
        province = build.unit_id(session, build.PROVINCE)
        pool = Pool(rulebook().programme.id, cycle.id, table.pool, province)
        held = hold(session, pool, table, cycle)
    assert (held.base, held.cap, held.used) == (30, CAP, 0)
    return pool


def put_cap(database: Database, cap: int | None) -> None:
    """Set the cap as nobody in the service can: a share is not for a head to set."""
    with database.writing() as session:
        session.execute(update(Quota).values(cap=cap))


def sums(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        used, reserved = session.execute(select(Quota.used, Quota.reserved)).one()
        return used, reserved


def moves(database: Database) -> list[tuple[PlaceMove, int, int]]:
    with database.reading() as session:
        lines = session.scalars(select(PlaceMovement).order_by(PlaceMovement.id))
        return [(line.kind, line.used, line.reserved) for line in lines]


def mover(database: Database, code: str) -> Mover:
    return Mover(build.the_dossier(database, code).id, build.who(database, HEAD), build.NOW)


def test_a_place_is_kept_taken_and_given_back_and_each_is_a_line(database: Database) -> None:
    code, other = build.a_checked(database), build.a_checked(database, "H030")
    pool = a_pool(database)
    put_cap(database, 1)
    mine, theirs = mover(database, code), mover(database, other)
    with database.writing() as session:
        assert not release(session, pool, mine), "nothing was kept or taken"
        assert reserve(session, pool, mine)
        assert not reserve(session, pool, mine), "one dossier, one place"
        assert not reserve(session, pool, theirs), "the only place is kept"
        assert not consume(session, pool, theirs)
        assert release(session, pool, mine)
        assert reserve(session, pool, theirs)
        assert consume(session, pool, theirs), "the place kept for it becomes the place taken"
        assert not consume(session, pool, theirs)
        assert release(session, pool, theirs)
    assert moves(database) == [
        (PlaceMove.RESERVE, 0, 1),
        (PlaceMove.RELEASE, 0, -1),
        (PlaceMove.RESERVE, 0, 1),
        (PlaceMove.CONSUME, 1, -1),
        (PlaceMove.RELEASE, -1, 0),
    ]
    assert sums(database) == (0, 0)
    assert examine(database) == []


def test_a_place_kept_for_another_is_no_place_left(database: Database) -> None:
    code, other = build.a_checked(database), build.a_checked(database, "H030")
    pool = a_pool(database)
    put_cap(database, 1)
    with database.writing() as session:
        assert reserve(session, pool, mover(database, code))
    refused = build.step(database, other, HEAD, Action.DECIDE, build.a_decision())
    assert isinstance(refused, Judgement)
    (full,) = refused.blocking
    assert (full.finding.code, full.clause) == ("QUOTA_FULL", "IV.2.b")
    values = full.finding.evidence[0].text.values
    assert (values["base"], values["used"], values["reserved"]) == (30, 0, 1)
    build.taken(build.step(database, code, HEAD, Action.DECIDE, build.a_decision()))
    assert sums(database) == (1, 0)
    assert examine(database) == []


def test_a_dossier_that_falls_out_gives_its_kept_place_back(database: Database) -> None:
    code = build.a_checked(database)
    pool = a_pool(database)
    with database.writing() as session:
        assert reserve(session, pool, mover(database, code))
    build.taken(build.step(database, code, "head@H029", Action.WITHDRAW, comment="Xin rút"))
    assert sums(database) == (0, 0)
    assert examine(database) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quota SET used = cap + 1",
        "UPDATE quota SET reserved = cap, used = 1",
        "UPDATE quota SET reserved = -1",
        "UPDATE quota SET used = -1",
        "UPDATE quota SET cap = -1",
        MOVE.format("pool", "'consume', 2, 0"),
        MOVE.format("pool", "'consume', 1, 1"),
        MOVE.format("pool", "'release', 1, 0"),
        MOVE.format("'another'", "'consume', 1, 0"),
    ],
)
def test_the_database_itself_refuses_more_than_the_cap(database: Database, statement: str) -> None:
    build.a_registered(database)
    a_pool(database)
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("verb", ["UPDATE {} SET used = 0", "DELETE FROM {}"])
def test_the_ledger_of_places_is_only_added_to(database: Database, verb: str) -> None:
    build.a_decided(database)
    with (
        pytest.raises(DBAPIError, match="only ever added to"),
        database.writing() as session,
    ):
        session.execute(text(verb.format("place_movement")))


def test_places_moved_behind_the_ledgers_back_are_found(database: Database) -> None:
    build.a_decided(database)
    assert examine(database) == []
    with database.writing() as session:
        session.execute(update(Quota).values(used=2))
    with database.reading() as session:
        (complaint,) = broken_invariants(session)
    assert "places-are-their-movements" in complaint


def test_a_head_sets_changes_and_removes_the_number_of_giay_khen(database: Database) -> None:
    """IV.2.b, Q37: possibly none; not below what is used; a line for each; by nobody else."""
    programme = rulebook().programme
    cycle = programme.cycle_by_id["2023-annual"]

    def line(person: str) -> tuple[int, dict[str, PoolLine]]:
        with database.reading() as session:
            key = build.person_id(session, person)
            reader = reader_of(session, key, build.NOW.date())
            assert reader is not None
            return key, {
                one.pool.pool: one for one in pools_seen(session, programme, cycle, reader)
            }

    head, own = line("head@H029")
    assert set(own) == {"GIAY_KHEN_HUYEN"}
    district = own["GIAY_KHEN_HUYEN"]
    assert (district.quota.cap, district.quota.base) == (None, None)

    def change(by: int, cap: int | None, reason: str = "Theo kế hoạch khen thưởng") -> str:
        with database.writing() as session:
            refusal = change_cap(session, district, cap, reason, by, build.NOW)
            return refusal.code if refusal else ""

    assert change(build.who(database, "clerk@H029"), 5) == "NOT_YOUR_CAP"
    assert change(build.who(database, "head@H030"), 5) == "NOT_YOUR_CAP"
    assert change(build.who(database, HEAD), 5) == "NOT_YOUR_CAP"
    assert change(head, 5, " ") == "COMMENT_MISSING"
    assert change(head, 2) == ""
    with database.writing() as session:
        session.execute(update(Quota).values(used=2))
    assert change(head, 1) == "CAP_BELOW_USED"
    with database.writing() as session:
        session.execute(update(Quota).values(used=0))
    assert change(head, None) == ""
    with database.reading() as session:
        lines = session.scalars(
            text("SELECT payload FROM history_line WHERE action = 'set_cap' ORDER BY seq")
        ).all()
        quota = look(session, district.pool, district.table, cycle)
    assert quota.cap is None
    assert ['"cap":2' in one for one in lines] == [True, False]
    assert '"before":2' in lines[1]
    assert '"reason":"Theo kế hoạch khen thưởng"' in lines[1]
    assert examine(database) == []


def test_the_share_of_the_programme_is_nobodys_to_set(database: Database) -> None:
    programme = rulebook().programme
    with database.reading() as session:
        head = build.person_id(session, HEAD)
        reader = reader_of(session, head, build.NOW.date())
        assert reader is not None
        (line,) = pools_seen(session, programme, programme.cycle_by_id["2023-midterm"], reader)
    assert (line.quota.base, line.quota.cap) == (30, CAP)
    with database.writing() as session:
        refusal = change_cap(session, line, 7, "Thêm một chỗ", head, build.NOW)
    assert refusal is not None
    assert refusal.code == "NOT_YOUR_CAP"


def test_a_cap_that_nobody_set_before_gets_its_row(database: Database) -> None:
    with database.writing() as session:
        pool = Pool("p", "c", "GIAY_KHEN_HUYEN", build.unit_id(session, "H029"))
        assert set_cap(session, pool, 3, build.person_id(session, "head@H029"), build.NOW)
        assert session.scalars(select(Quota.cap).where(pool.row())).one() == 3


@pytest.mark.slow
def test_a_place_given_back_can_be_taken_again(database: Database) -> None:
    codes = [build.a_checked(database, unit) for unit in ("VP", "TTT")]
    a_pool(database)
    put_cap(database, 1)
    build.taken(build.step(database, codes[0], HEAD, Action.DECIDE, build.a_decision()))
    refused = build.step(database, codes[1], HEAD, Action.DECIDE, build.a_decision("2/QĐ-UBND"))
    assert isinstance(refused, Judgement)
    assert build.the_dossier(database, codes[1]).state is State.BOARD_CHECKED
    revoking = RevocationInput(
        RevocationGround.FORGED_PAPERS, build.a_decision("9/QĐ-UBND").decision
    )
    build.taken(build.step(database, codes[0], HEAD, Action.REVOKE, revoking, comment="Giả mạo"))
    build.taken(build.step(database, codes[1], HEAD, Action.DECIDE, build.a_decision("2/QĐ-UBND")))
    assert sums(database) == (1, 0)
    assert examine(database) == []
