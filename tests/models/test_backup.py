"""A copy holds everything, comes back on either engine without a difference, and damage shows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url, text

from config.clock import real_now
from models import migrating, restorations
from models.backup import book, collection, rounds
from models.backup.loading import is_empty
from models.backup.making import back_up
from models.backup.manifest import PARTIAL, file_place, read_manifest, table_file
from models.backup.restoring import NotEmpty, NotWhole, Restored, restore
from models.backup.verifying import faults_of
from models.database import Database, open_database
from models.files import FileStore
from models.invariants import broken_invariants
from models.roles import Roles, statements
from models.sealing import seal_new_lines
from tests import builders as build
from tests.copies import differences, silent
from tests.evidence import a_store, stored_papers

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}
TOLD = {"restoration", "history_line", "history_stream", "change_set", "change_set_line"}
"""Where a restore writes down that it was; nothing else is another."""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileStore:
    kept = a_store(tmp_path / "files")
    kept.folder.mkdir()
    monkeypatch.setattr(build, "a_paper", stored_papers(kept))
    return kept


@pytest.fixture
def busy(database: Database, store: FileStore) -> Database:
    """A record with a decided dossier, its letters, papers and seals."""
    build.a_decided(database)
    with database.writing() as session:
        seal_new_lines(session, build.NOW)
    return database


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """Empty databases on the engine asked for."""
    opened: list[Database] = []

    def on(engine: str) -> Database:
        if engine == "sqlite":
            url = f"sqlite:///{tmp_path / f'empty-{len(opened)}.sqlite'}"
        else:
            url = request.getfixturevalue("empty_postgres_url")
        opened.append(open_database(url))
        return opened[-1]

    yield on
    for one in opened:
        one.close()


def a_copy(database: Database, store: FileStore, into: Path) -> Path:
    return back_up(database, store, into, real_now(), "0.1.0", silent).folder


def brought_back(database: Database, store: FileStore, copy: Path, **how: bool) -> Restored:
    return restore(database, store, copy, lambda _: build.NOW, silent, **how)


@pytest.mark.promise("P26")
@pytest.mark.postgres
def test_everything_comes_back_on_the_other_engine(
    busy: Database, store: FileStore, tmp_path: Path, empty: Callable[[str], Database]
) -> None:
    """On its own engine it is tried by the drill under load."""
    copy = a_copy(busy, store, tmp_path / "copies")
    there = empty(OTHER[busy.engine.dialect.name])
    files = a_store(tmp_path / "other")
    assert is_empty(there)
    done = brought_back(there, files, copy)
    assert done.faults == ()
    assert done.manifest.rows > 500
    assert done.manifest.files.count == len(set(files.hashes())) > 0
    assert differences(busy, there, tmp_path) == TOLD
    with there.reading() as session:
        assert restorations.is_resting(session)
    # The restored record goes on where it stopped: no key is given out twice.
    build.a_registered(there, "H030")
    with there.reading() as session:
        assert broken_invariants(session) == []


def test_a_copy_is_made_whole_or_not_at_all(
    sqlite_database: Database, store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = tmp_path / "copies"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.backup.making.write_manifest", full)
    with pytest.raises(OSError, match="No space"):
        rounds.run(sqlite_database, store, rounds.Wanted(into, "1"), "a", real_now, silent)
    assert collection.copies_in(into) == []
    assert [one.name for one in into.iterdir()] == [".lock"]
    with sqlite_database.reading() as session:
        last = book.state(session).last
    assert last is not None
    assert last.error.startswith("OSError: [Errno 28]")


def test_unchanged_files_are_linked_and_a_spoilt_one_is_copied_again(
    sqlite_database: Database, store: FileStore, tmp_path: Path
) -> None:
    build.a_submitted(sqlite_database)
    into = tmp_path / "copies"
    first = a_copy(sqlite_database, store, into)
    (sha256,) = store.hashes()
    later = real_now() + timedelta(minutes=1)
    second = back_up(sqlite_database, store, into, later, "1", silent)
    assert second.fresh_files == 0
    place = file_place(second.folder, sha256)
    assert place.stat().st_ino == file_place(first, sha256).stat().st_ino
    place.chmod(0o600)
    place.write_bytes(b"spoilt")
    third = back_up(sqlite_database, store, into, later + timedelta(minutes=1), "1", silent)
    assert third.fresh_files == 1
    assert faults_of(third.folder, silent, trial=False) == []
    assert any(sha256 in one for one in faults_of(second.folder, silent, trial=False))


def test_a_file_that_was_lost_before_is_told_and_the_rest_is_saved(
    sqlite_database: Database, store: FileStore, tmp_path: Path
) -> None:
    build.a_submitted(sqlite_database)
    (sha256,) = store.hashes()
    store.path_of(sha256).unlink()
    copy = a_copy(sqlite_database, store, tmp_path / "copies")
    assert read_manifest(copy).files.missing == (sha256,)
    assert faults_of(copy, silent) == [
        f"Tệp {sha256} đã bị mất hoặc hỏng trong kho từ trước khi sao lưu."
    ]


def test_the_oldest_go_but_never_the_last_good_one(tmp_path: Path) -> None:
    names = [f"2026113{day}T000000Z" for day in range(5)]
    for name in names:
        (tmp_path / name).mkdir()
    (tmp_path / f"x{PARTIAL}").mkdir()
    collection.note_verified(tmp_path / names[0], collection.Verified(real_now(), ()))
    collection.note_verified(tmp_path / names[4], collection.Verified(real_now(), ("lỗi",)))
    assert collection.prune(tmp_path, 2) == names[1:3]
    assert [one.name for one in collection.copies_in(tmp_path)] == [names[0], *names[3:]]
    assert not list(tmp_path.glob(f"*{PARTIAL}"))


def test_restoring_wants_an_empty_place(
    sqlite_database: Database, store: FileStore, tmp_path: Path, empty: Callable[[str], Database]
) -> None:
    build.a_submitted(sqlite_database)
    copy = a_copy(sqlite_database, store, tmp_path / "copies")
    with pytest.raises(NotEmpty, match="Cơ sở dữ liệu đã có dữ liệu"):
        brought_back(sqlite_database, a_store(tmp_path / "new"), copy)
    there, files = empty("sqlite"), a_store(tmp_path / "new")
    strange = tmp_path / "new" / "ab" / ("ab" * 32)
    strange.parent.mkdir(parents=True)
    strange.write_bytes(b"strange")
    with pytest.raises(NotEmpty, match="1 tệp không thuộc bản sao lưu này"):
        brought_back(there, files, copy)
    assert is_empty(there)
    assert brought_back(there, files, copy, files_stay=True).faults == ()
    assert strange.exists()


def test_a_restore_broken_off_is_begun_again(
    sqlite_database: Database,
    store: FileStore,
    tmp_path: Path,
    empty: Callable[[str], Database],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build.a_submitted(sqlite_database)
    copy = a_copy(sqlite_database, store, tmp_path / "copies")
    there, files = empty("sqlite"), a_store(tmp_path / "new")
    with monkeypatch.context() as now:
        now.setattr(restorations, "write_down", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            brought_back(there, files, copy)
    assert is_empty(there)
    assert set(files.hashes())
    assert brought_back(there, files, copy).faults == ()


def test_an_older_schema_is_saved_and_comes_up_to_date(
    sqlite_database: Database, sqlite_url: str, tmp_path: Path, empty: Callable[[str], Database]
) -> None:
    store = a_store(tmp_path / "files")
    build.a_registered(sqlite_database)
    migrating.downgrade(sqlite_url, "0013")
    done = rounds.run(
        sqlite_database, store, rounds.Wanted(tmp_path / "copies", "1"), "a", real_now, silent
    )
    assert done is not None
    assert (done.faults, done.made.manifest.revision) == ((), "0013")
    there = empty("sqlite")
    # Somebody has prepared the new place already, as the newer release does.
    migrating.upgrade(there.engine.url.render_as_string(hide_password=False))
    assert brought_back(there, a_store(tmp_path / "new"), done.made.folder).faults == ()
    assert migrating.revision_of(there) == migrating.current_head()


def test_a_damaged_copy_is_not_restored(
    sqlite_database: Database, store: FileStore, tmp_path: Path, empty: Callable[[str], Database]
) -> None:
    copy = a_copy(sqlite_database, store, tmp_path / "copies")
    path = table_file(copy, "person")
    path.write_bytes(path.read_bytes()[:-9])
    there = empty("sqlite")
    with pytest.raises(NotWhole) as refused:
        brought_back(there, a_store(tmp_path / "new"), copy)
    assert refused.value.faults == ("Bảng person bị sửa, bị cắt hoặc của bản sao lưu khác.",)
    assert is_empty(there)


def test_a_record_changed_behind_its_back_is_seen_in_its_copy(
    sqlite_database: Database, store: FileStore, tmp_path: Path
) -> None:
    """Every byte is as it was written, and yet the copy is not good: it was tried."""
    code = build.a_submitted(sqlite_database)
    with sqlite_database.writing() as session:
        session.execute(text("UPDATE dossier SET version = version + 1"))
    copy = a_copy(sqlite_database, store, tmp_path / "copies")
    assert faults_of(copy, silent, trial=False) == []
    found = faults_of(copy, silent)
    assert any("version-counts-lines" in one and code in one for one in found)


def test_two_rounds_of_one_slot_are_one(
    sqlite_database: Database, store: FileStore, tmp_path: Path
) -> None:
    wanted = rounds.Wanted(tmp_path / "copies", "1")
    assert rounds.run(sqlite_database, store, wanted, "2026-11-30", real_now, silent)
    assert rounds.run(sqlite_database, store, wanted, "2026-11-30", real_now, silent) is None
    with collection.alone(wanted.into), pytest.raises(collection.Busy):
        rounds.run(sqlite_database, store, wanted, "2026-12-01", real_now, silent)
    assert len(collection.copies_in(wanted.into)) == 1
    with sqlite_database.reading() as session:
        good = book.state(session).good
    assert good is not None
    assert good.checkpoint == read_manifest(Path(good.place)).checkpoint


def test_a_copy_on_its_way_is_no_copy(tmp_path: Path) -> None:
    half = tmp_path / f"20261130T000000Z{PARTIAL}"
    half.mkdir()
    for folder in (half, tmp_path):
        with pytest.raises(collection.NoCopy):
            collection.the_copy(folder)
    shutil.rmtree(half)
    assert not any(tmp_path.iterdir())


@pytest.mark.postgres
def test_a_role_that_only_reads_copies_and_one_without_all_rights_restores(
    postgres_url: str, empty_postgres_url: str, tmp_path: Path
) -> None:
    """As the service is run: nobody here is the server's administrator."""
    owner, name = open_database(postgres_url), make_url(postgres_url).database
    empty = make_url(empty_postgres_url)
    roles = Roles(*(f"{one}_{name}" for one in ("mig", "app", "bak")))
    with owner.reading() as session:
        wanted = statements(session, roles)
    with owner.engine.begin() as connection:
        for one in (*wanted, f"ALTER DATABASE {empty.database} OWNER TO {roles.migrator}"):
            connection.exec_driver_sql(one)

    def opened(url: URL, role: str) -> Database:
        return open_database(url.set(username=role).render_as_string(hide_password=False))

    store, found = a_store(tmp_path / "files"), []
    for role in (roles.app, roles.backup):
        with closing(opened(make_url(postgres_url), role)) as database:
            wanted_round = rounds.Wanted(tmp_path / role, "1")
            found.append(rounds.run(database, store, wanted_round, role, real_now, silent))
    assert [one.faults for one in found if one] == [(), ()]
    with owner.reading() as session:
        assert [one.slot for one in book.latest(session, 5)] == [roles.app]
    copy = collection.the_copy(tmp_path / roles.backup)
    with closing(opened(empty, roles.migrator)) as there:
        assert brought_back(there, a_store(tmp_path / "new"), copy).faults == ()
    with closing(open_database(empty_postgres_url)) as there, there.engine.begin() as connection:
        connection.exec_driver_sql(f"REASSIGN OWNED BY {roles.migrator} TO CURRENT_USER")
        connection.exec_driver_sql(f"DROP OWNED BY {roles.migrator}")
    with owner.engine.begin() as connection:
        for role in (roles.app, roles.backup, roles.migrator):
            connection.exec_driver_sql(f"REASSIGN OWNED BY {role} TO CURRENT_USER")
            connection.exec_driver_sql(f"DROP OWNED BY {role}")
            connection.exec_driver_sql(f"DROP ROLE {role}")
    owner.close()
