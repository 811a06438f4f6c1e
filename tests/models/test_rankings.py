"""A ranking is taken whole, frozen, and only ever followed by another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from models import append_only, rankings
from models.database import Database
from models.doctor import examine
from models.quotas import ensure
from models.rankings import Contest, Snapshot
from models.scores import put_score
from models.tables import RankingSnapshot
from tests import builders as build
from tests.models.test_races import at_once
from workflow.ranking import Inside
from workflow.verdicts import Refusal
from workflow.vocabulary import Action

HEAD = f"head@{build.PROVINCE}"
UNITS = {"H026": "90.00", "H027": "86.42", "H028": "86.42", "H029": "85.10"}


def a_contest(database: Database) -> Contest:
    with database.reading() as session:
        found = rankings.contest_at(session, "2023-midterm", "BANG_KHEN_TINH", build.PROVINCE)
    assert found is not None
    return found


def four(database: Database) -> list[str]:
    """Four checked dossiers, the second and the third with equal figures."""
    codes = []
    for unit, value in UNITS.items():
        codes.append(build.a_checked(database, unit))
        with database.writing() as session:
            put_score(session, build.a_score(build.unit_id(session, unit), value), None, build.NOW)
    return codes


def taken(database: Database, contest: Contest, by: str = HEAD, minutes: int = 0) -> Snapshot:
    with database.writing() as session:
        now = build.NOW + timedelta(minutes=minutes)
        return rankings.take(session, contest, build.person_id(session, by), now)


def test_a_snapshot_says_who_why_and_where_the_line_falls(database: Database) -> None:
    first, second, third, last = four(database)
    unready = build.a_submitted(database, "H030")
    contest = a_contest(database)
    assert contest.award.quota is not None
    with database.writing() as session:
        ensure(session, contest.pool, contest.award.quota, contest.cycle)
        session.execute(text("UPDATE quota SET cap = 2"))
    seen = taken(database, contest)
    rows = [(row.code, row.place, row.inside) for row in seen.standing.rows]
    assert rows == [
        (first, 1, Inside.IN),
        (second, 2, Inside.TIED),
        (third, 2, Inside.TIED),
        (last, 4, Inside.OUT),
    ]
    assert (seen.content.quota.base, seen.content.quota.cap, seen.content.places) == (30, 2, 2)
    (out,) = seen.content.left_out
    assert (out.code, out.state.value) == (unready, "submitted")
    asked = {one.rule: one.clause for one in out.why}
    assert asked["R06b"] == "IV.1.b", "no council has met"
    assert asked["R07"] == "IV.1.b", "no score is published"
    assert "R20c" not in asked, "who appraises says nothing about the dossier"
    assert examine(database) == []


def test_a_tie_is_broken_by_a_named_person_with_a_reason(database: Database) -> None:
    _, second, third, _ = four(database)
    contest = a_contest(database)
    taken(database, contest)

    def attempt(by: str, codes: list[str], reason: str) -> Snapshot | Refusal:
        with database.writing() as session:
            key = build.person_id(session, by)
            return rankings.break_tie(session, contest, codes, reason, key, build.NOW)

    for by, codes, reason, code in (
        (f"appraiser@{build.PROVINCE}", [third, second], "x", "NOT_YOUR_TIE"),
        ("head@H029", [third, second], "x", "NOT_YOUR_TIE"),
        (HEAD, [third, second], "  ", "COMMENT_MISSING"),
        (HEAD, [third], "x", "TIE_CHANGED"),
        (HEAD, [third, third], "x", "TIE_CHANGED"),
    ):
        refused = attempt(by, codes, reason)
        assert isinstance(refused, Refusal), by
        assert refused.code == code
    broken = attempt(HEAD, [third, second], "Địa bàn khó khăn hơn")
    assert isinstance(broken, Snapshot)
    assert broken.number == 2
    assert [row.code for row in broken.standing.rows][1:3] == [third, second]
    assert [(one.by, one.reason) for one in broken.content.breaks] == [
        ("Vàng Head UBND-TINH", "Địa bàn khó khăn hơn")
    ]
    later = taken(database, contest, minutes=5)
    assert [row.code for row in later.standing.rows][1:3] == [third, second], "it stays broken"
    with database.reading() as session:
        lines = session.scalars(
            text("SELECT action FROM history_line WHERE stream = 'office' ORDER BY seq")
        ).all()
        first = rankings.read(session, contest, 1)
    assert lines[-4:] == ["rank", "break_tie", "rank", "rank"]
    assert first is not None
    assert first.standing.rows[1].tied, "the older snapshot still says they were equal"
    assert examine(database) == []


def test_later_snapshots_are_compared_and_changed_dossiers_named(database: Database) -> None:
    first, *_, last = four(database)
    contest = a_contest(database)
    old = taken(database, contest)
    build.taken(build.step(database, first, "head@H026", Action.WITHDRAW, comment="Xin rút"))
    with database.reading() as session:
        assert rankings.moved_since(session, old) == [first]
    new = taken(database, contest, minutes=1)
    assert (first, 1, None) in rankings.differences(old, new)
    assert (last, 4, 3) in rankings.differences(old, new)


def test_nobody_else_takes_one_and_nobody_changes_one(database: Database) -> None:
    contest = a_contest(database)
    with pytest.raises(LookupError):
        taken(database, contest, "head@H029")
    taken(database, contest)
    for statement in ("UPDATE ranking_snapshot SET number = 2", "DELETE FROM ranking_snapshot"):
        with (
            pytest.raises(DBAPIError, match="only ever added to"),
            database.writing() as session,
        ):
            session.execute(text(statement))


def test_a_snapshot_bent_past_its_lock_is_found(sqlite_database: Database) -> None:
    four(sqlite_database)
    taken(sqlite_database, a_contest(sqlite_database))
    with sqlite_database.engine.begin() as connection:
        append_only.unprotect(connection)
        connection.execute(update(RankingSnapshot).values(hash="0" * 64))
    assert "rankings" in {complaint.check for complaint in examine(sqlite_database)}


def test_of_two_who_rank_at_once_each_takes_a_number_and_one_breaks_the_tie(
    database: Database,
) -> None:
    """The second sees what the first has taken; who lost the tie is told that it is broken."""
    _, second, third, _ = four(database)
    contest = a_contest(database)
    people = (HEAD, f"deputy_head@{build.PROVINCE}")

    def taking(by: str) -> Callable[[], Snapshot]:
        return lambda: taken(database, contest, by)

    found = at_once([taking(by) for by in people])
    assert sorted(one.number for one in found) == [1, 2]

    def breaking(by: str, codes: list[str]) -> Callable[[], Snapshot | Refusal]:
        def work() -> Snapshot | Refusal:
            with database.writing() as session:
                person = build.person_id(session, by)
                return rankings.break_tie(session, contest, codes, "Lý do", person, build.NOW)

        return work

    orders = ([second, third], [third, second])
    told = at_once([breaking(*each) for each in zip(people, orders, strict=True)])
    (won,) = (one for one in told if isinstance(one, Snapshot))
    (lost,) = (one for one in told if isinstance(one, Refusal))
    assert lost.code == "TIE_CHANGED"
    (broken,) = won.content.breaks
    assert list(broken.codes) == orders[told.index(won)]
    assert examine(database) == []
