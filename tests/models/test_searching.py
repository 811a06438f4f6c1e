"""Words find the same on both engines, gathered or met on the way, by index and best first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql, sqlite

from models import searching
from models.concealing import hidden_from
from models.database import Database
from models.dossier_pages import Asked, Order, find_page
from models.folding import sort_key
from models.phrases import keep_missing, keep_unit, phrases_of, span_of
from models.queries_dossiers import Wanted, conditions_for
from models.queries_turns import programmes
from models.searching import Words, closeness, read_words, says
from models.tables import Dossier, UnitPhrase
from models.visibility import near
from tests import builders as build

DAY = build.NOW.date()
READER = f"auditor@{build.PROVINCE}"


@pytest.fixture
def three(database: Database) -> dict[str, str]:
    """Dossiers of Đồng Văn, Quản Bạ and Mèo Vạc; the last is decided by 2103/QĐ-UBND."""
    return {
        "H026": build.a_registered(database, "H026"),
        "H029": build.a_submitted(database, "H029"),
        "H027": build.a_decided(database, "H027"),
    }


def found(database: Database, typed: str, by: str = READER, **asked: object) -> list[str]:
    with database.reading() as session:
        person = build.person_id(session, by)
        words = read_words(session, typed)
        wanted = Wanted(words=typed, found=words)
        known = programmes(session)
        conditions = conditions_for(session, person, DAY, wanted, known, build.NOW)
        page = find_page(session, list(conditions.values()), words, Asked(), person, DAY)
        return [row.dossier.code for row in page.rows]


def test_it_is_found_gathered_or_met_on_the_way(
    database: Database, three: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = {
        "quan ba": ["H029"],
        "QUẢN BẠ": ["H029"],
        "huyện quản": ["H029"],
        "ba": ["H029"],
        "an ba": [],
        "ubnd": ["H027", "H029", "H026"],
        "dong van": ["H026"],
        "2103/QĐ": ["H027"],
        "2103": ["H027"],
        "210": [],
        three["H026"]: ["H026"],
        "%": [],
        "'": [],
        "ba_": ["H029"],
    }
    gathered = {words: found(database, words) for words in typed}
    assert gathered == {
        words: [three[unit] for unit in sorted(units, key=lambda one: three[one], reverse=True)]
        for words, units in typed.items()
    }
    monkeypatch.setattr(searching, "MANY", 0)
    assert {words: found(database, words) for words in typed} == gathered
    assert found(database, "ubnd", "clerk@H029") == [three["H029"]]


def test_what_fits_letter_for_letter_leads(database: Database, three: dict[str, str]) -> None:
    with database.writing() as session:
        unit = build.unit_id(session, "H026")
        keep_unit(session, unit, "UBND huyện Quân Ba")
        session.execute(
            text("UPDATE unit SET name = 'UBND huyện Quân Ba' WHERE id = :id"), {"id": unit}
        )
    assert found(database, "quân ba") == [three["H026"], three["H029"]]
    assert found(database, "quản bạ") == [three["H029"], three["H026"]]


def test_the_own_name_fits_better_than_that_of_the_unit() -> None:
    words = Words("quản bạ", (), is_code=False, span=span_of("quản bạ"))
    unit = "UBND huyện Quản Bạ"
    assert closeness(words, "", unit, unit) < closeness(words, "", "Lý Thị Mai", unit)
    assert closeness(words, "", "Quân Ba", "") > closeness(words, "", "Lý Thị Mai", "Quản Bạ")
    assert closeness(words, "", "Quản Bạ", "") == 0


def test_a_name_is_kept_from_each_word_on() -> None:
    assert phrases_of("UBND  huyện Quản-Bạ") == {
        "ubnd huyen quan ba",
        "huyen quan ba",
        "quan ba",
        "ba",
    }
    assert span_of("Đồng V") == ("dong v", "dong w")
    assert span_of(" %' ") == ("", "")


def test_signs_no_alphabet_knows_have_a_place() -> None:
    assert sort_key("A\u0301") == sort_key("Á")
    assert sort_key("\u0301") < sort_key("a")
    assert sort_key("Ân") > sort_key("Ấm"[:1] + "m")


def test_names_that_came_past_the_service_are_kept_afterwards(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("DELETE FROM unit_phrase"))
        assert keep_missing(session) > 0
        assert keep_missing(session) == 0
        assert session.scalar(select(UnitPhrase.phrase).where(UnitPhrase.phrase == "quan ba"))


def plan(database: Database, build_query: Callable[[Words], object]) -> str:
    """How the engine would go about it, were there many rows."""
    with database.reading() as session:
        words = read_words(session, "quan ba")
        on_sqlite = database.engine.dialect.name == "sqlite"
        dialect = sqlite.dialect() if on_sqlite else postgresql.dialect()
        query = build_query(words)
        said = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))  # type: ignore[attr-defined]
        if not on_sqlite:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN "
        rows = session.connection().exec_driver_sql(explain + said.replace("%", "%%"))
        return "\n".join(" ".join(map(str, row)) for row in rows)


def test_an_index_answers(database: Database, three: dict[str, str]) -> None:
    person = build.who(database, READER)
    hidden = hidden_from(person, DAY)
    told = plan(database, lambda words: select(Dossier.id).where(says(words, hidden)))
    for index in ("ix_unit_phrase_phrase", "ix_person_phrase_phrase", "ix_decision_number_key"):
        assert index in told, told
    assert "Seq Scan on dossier" not in told
    assert "SCAN dossier" not in told
    clerk = build.who(database, "clerk@H029")
    told = plan(database, lambda _: select(Dossier.code).where(Dossier.id.in_(near(clerk, DAY))))
    assert "ix_dossier_proposing_unit_id" in told, told
    assert "SCAN dossier" not in told
    assert "Seq Scan on dossier" not in told


@pytest.mark.parametrize("order", list(Order))
def test_pages_go_on_from_the_last_row_and_back(
    database: Database, three: dict[str, str], order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.dossier_pages.PAGE", 2)
    names = {"H026": "Đồng Văn", "H027": "Mèo Vạc", "H029": "Quản Bạ"}
    by_name = sorted(names, key=lambda unit: sort_key(names[unit]))
    codes = sorted(three.values())
    wanted = {
        Order.NEWEST: codes[::-1],
        Order.OLDEST: codes,
        Order.NAME: [three[unit] for unit in by_name],
    }[order]
    with database.reading() as session:
        person = build.person_id(session, READER)

        def page(**asked: object) -> tuple[list[str], bool, bool]:
            got = find_page(session, [], None, Asked(order, **asked), person, DAY)  # type: ignore[arg-type]
            return [row.dossier.code for row in got.rows], got.earlier, got.later

        assert page() == (wanted[:2], False, True)
        assert page(after=wanted[1], place=3) == (wanted[2:], True, False)
        assert page(before=wanted[2]) == (wanted[:2], False, True)
        assert page(before=wanted[1], place=1) == (wanted[:1], False, True)
        assert page(after=wanted[2]) == (wanted[:2], False, True)


def test_more_than_the_bound_are_not_counted(
    database: Database, three: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.queries_dossiers.BOUND", 2)
    monkeypatch.setattr("models.dossier_pages.BOUND", 2)
    with database.reading() as session:
        person = build.person_id(session, READER)
        page = find_page(session, [], None, Asked(), person, DAY)
    assert page.is_more
    assert len(page.rows) == 3
