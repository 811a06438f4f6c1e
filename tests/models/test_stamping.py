"""A season made from the demonstration: every copy is as sound as what it was copied from."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlalchemy import create_engine, func, make_url, select, text

from config.settings import DATA, PROGRAMMES, ROOT
from models import capture, migrating
from models.database import Database, open_database
from models.demonstration import load_demonstration, loading, read_season
from models.demonstration.loading import DemonstrationTexts
from models.doctor import examine
from models.files import FileStore
from models.stamping import Made, Names, NotADemonstration, Wanted, make_season, read_scale
from models.tables import Dossier, Evaluation, HistoryLine, Person, Quota, Unit
from tests import builders as build
from workflow.vocabulary import State

FOLDER = ROOT / "config" / "demonstration"
PLAYED = {"TT-05", "QT-05", "QT-06", "TT-06", "QB-07", "DV-07", "X00880", "STC"}
"""Nominees whose dossiers are enough for a test: many states, both kinds of subject."""
SCALE = read_scale((FOLDER / "scale.yaml").read_text("utf-8")).model_copy(
    update={"dossiers_per_office": 4, "dossiers_at_once": 10, "collective_per_thousand": 200}
)


def small_season() -> str:
    """The season with few dossiers and no council session."""
    season = yaml.safe_load((FOLDER / "season.yaml").read_text("utf-8"))
    whom = [one for one in season["dossiers"] if {one.get("person"), one.get("unit")} & PLAYED]
    return yaml.safe_dump(season | {"dossiers": whom, "sessions": []}, allow_unicode=True)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FileStore:
    return FileStore(tmp_path_factory.mktemp("files"), gates=())


def play(url: str, store: FileStore) -> Database:
    """Load the small season into an empty database."""
    migrating.upgrade(url)
    database = open_database(url)
    programme = (PROGRAMMES / "ha-giang-2021-2025.yaml").read_text("utf-8")
    source = (PROGRAMMES / "ha-giang-2021-2025.source.txt").read_text("utf-8")
    units = (DATA / "ha-giang-units.csv", FOLDER / "units.csv")
    read = tuple(one.read_bytes() for one in units)
    texts = DemonstrationTexts(small_season(), programme, source, read)
    with pytest.MonkeyPatch.context() as patch:
        # The reports of all units take longer than all dossiers, and nothing is copied from them.
        patch.setattr(loading, "report_events", lambda *_: ())
        load_demonstration(database, texts, store, build.NOW, build.NOW, lambda *_: None)
    return database


@pytest.fixture(scope="module")
def played_on_sqlite(
    store: FileStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("played")
    database = play(f"sqlite:///{folder / 'record.sqlite'}", store)
    yield database
    database.close()


@pytest.fixture(scope="module")
def played_on_postgres(postgres_server: str, store: FileStore) -> Iterator[Database]:
    server = make_url(postgres_server).set(drivername="postgresql+psycopg")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE played"))
    engine.dispose()
    url = server.set(database="played").render_as_string(hide_password=False)
    database = play(url, store)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def played(request: pytest.FixtureRequest) -> Database:
    """A small demonstration on each engine; what tests make stays in it."""
    database: Database = request.getfixturevalue(f"played_on_{request.param}")
    return database


def made(database: Database, store: FileStore, dossiers: int, seed: int = 1) -> Made:
    fill = read_season(small_season()).fill
    names = Names(fill.family, fill.middle, fill.given)
    return make_season(
        database, store, SCALE, Wanted(dossiers, seed, names), build.NOW, lambda *_: None
    )


def fingerprint(database: Database, first: int) -> str:
    """One hash over all that is hashed of the dossiers from `first` on."""
    with database.reading() as session:
        rows = session.execute(
            select(Dossier.code, Dossier.subject_name, Dossier.state, Dossier.head_hash)
            .where(Dossier.id >= first)
            .order_by(Dossier.id)
        ).all()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_every_copy_is_sound(played: Database, store: FileStore) -> None:
    database = played
    with database.reading() as session:
        before = session.scalar(select(func.max(Dossier.id))) or 0
        units = session.scalar(select(func.count()).select_from(Unit)) or 0

    told = made(database, store, 40)

    assert told.dossiers == 40
    # Invariants, chains, seals, records of changes, evaluations, places, triggers.
    assert examine(database, files=store) == []
    with database.reading() as session:
        copies = session.scalars(select(Dossier).where(Dossier.id > before)).all()
        assert len(copies) == 40
        assert {one.state for one in copies} >= {State.DECIDED, State.BOARD_CHECKED}
        assert len({one.subject_key for one in copies}) == 40
        assert session.scalar(select(func.count()).select_from(Unit)) == units + told.offices
        lines = select(func.count()).select_from(HistoryLine).where(HistoryLine.dossier_id > before)
        assert session.scalar(lines) == sum(one.version for one in copies)
        taken = session.scalar(select(func.max(Quota.used)).where(Quota.cap.is_(None)))
        assert taken in {2, 3, 4}


def test_a_copy_speaks_of_nobody_but_its_own(played: Database, store: FileStore) -> None:
    database = played
    with database.reading() as session:
        before = session.scalar(select(func.max(Dossier.id))) or 0
    made(database, store, 12, seed=5)
    with database.reading() as session:
        old = select(Dossier.subject_name).where(Dossier.id <= 8)
        strangers = {*session.scalars(old), *(f"HS-2023-{n:04d}" for n in range(1, 9))}
        copies = session.scalars(select(Dossier).where(Dossier.id > before)).all()
        for copy in copies:
            judged = session.scalars(
                select(Evaluation).where(Evaluation.dossier_id == copy.id)
            ).all()
            assert judged
            for one in judged:
                told = f"{one.facts}{one.results}"
                # A registration is judged before there is a dossier.
                born = one.facts["dossier"]["id"] != 0
                assert (copy.code in told) is born
                if copy.person_id is not None:
                    assert not [name for name in strangers if name in told]
                    person = session.get_one(Person, copy.person_id)
                    assert one.facts["dossier"]["subject"]["name"] == person.full_name
                assert one.facts["dossier"]["id"] == copy.id * born


def test_the_same_seed_makes_the_same_season(
    played_on_sqlite: Database, store: FileStore, tmp_path: Path
) -> None:
    prints: list[str] = []
    for seed in (7, 7, 8):
        copy = tmp_path / f"copy-{len(prints)}.sqlite"
        with played_on_sqlite.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.execute("VACUUM INTO ?", (str(copy),))
        other = open_database(f"sqlite:///{copy}")
        with other.reading() as session:
            first = (session.scalar(select(func.max(Dossier.id))) or 0) + 1
        made(other, store, 12, seed)
        prints.append(fingerprint(other, first))
        other.close()

    assert prints[0] == prints[1]
    assert prints[0] != prints[2]


def test_a_record_that_is_no_demonstration_is_left_alone(
    sqlite_database: Database, store: FileStore
) -> None:
    with pytest.raises(NotADemonstration):
        made(sqlite_database, store, 1)
    with sqlite_database.reading() as session:
        assert session.scalar(select(Dossier.id)) is None
        assert capture.missing(session.connection()) == []
