"""Where files lie: one contract, kept by a folder and by an S3-compatible store."""

from __future__ import annotations

import hashlib
import io
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from config.clock import real_now
from models.backup.making import back_up
from models.backup.restoring import restore
from models.database import Database, open_database
from models.file_checks import FileRefused
from models.file_places import FileLost, FolderPlace, Place
from models.file_places_s3 import Bucket, S3Place
from models.files import FileStore
from tests import builders as build
from tests.copies import silent
from tests.evidence import stored_papers
from tests.small_files import A_PDF

Make = Callable[[], Place]
WORDS = "Hồ sơ".encode()
HASH = hashlib.sha256(WORDS).hexdigest()


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """An S3-compatible store of our own, on a free port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str, request: pytest.FixtureRequest) -> Bucket:
    """A fresh bucket."""
    name = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20]
    made = urllib.request.Request(f"{s3_server}/{name}", method="PUT")  # noqa: S310 - our own
    urllib.request.urlopen(made, timeout=10).close()  # noqa: S310
    return Bucket(f"s3://{name}/ho-so", s3_server, "us-east-1", "khoa", "bi-mat")


@pytest.fixture(params=["folder", "s3"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Open the same place once more, as another process would."""
    if request.param == "folder":
        return lambda: FolderPlace(tmp_path / "files")
    found: Bucket = request.getfixturevalue("bucket")
    caches = (tmp_path / f"cache-{number}" for number in range(99))
    return lambda: S3Place(found, next(caches))


def staged(tmp_path: Path, content: bytes, name: str = "staged") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_what_is_kept_is_there_for_everybody(make: Make, tmp_path: Path) -> None:
    path = staged(tmp_path, WORDS)
    make().keep(HASH, path)
    assert not path.exists()
    assert make().fetch(HASH).read_bytes() == WORDS
    assert list(make().hashes()) == [HASH]


def test_what_is_not_there_is_said(make: Make) -> None:
    place = make()
    for name in ("0" * 64, "../../etc/passwd", "", "G" * 64):
        with pytest.raises(LookupError):
            place.fetch(name)
    assert list(place.hashes()) == []


def test_kept_twice_is_kept_once(make: Make, tmp_path: Path) -> None:
    for number in range(2):
        make().keep(HASH, staged(tmp_path, WORDS, f"staged-{number}"))
    assert list(make().hashes()) == [HASH]
    assert make().fetch(HASH).read_bytes() == WORDS


def test_many_may_keep_the_same_at_once(make: Make, tmp_path: Path) -> None:
    place, ready = make(), threading.Barrier(4)

    def keep(number: int) -> None:
        path = staged(tmp_path, WORDS, f"staged-{number}")
        ready.wait()
        place.keep(HASH, path)

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert make().fetch(HASH).read_bytes() == WORDS


def test_the_store_works_the_same_on_both(make: Make, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "staging", make())
    stored = store.put(io.BytesIO(A_PDF), "a.pdf")
    other = FileStore(tmp_path / "other", make())
    assert other.path_of(stored.sha256).read_bytes() == A_PDF
    assert other.is_whole(stored.sha256)
    assert not other.is_whole("0" * 64)
    assert list(other.hashes()) == [stored.sha256]
    assert not list((tmp_path / "staging").glob(".new-*"))


def test_content_kept_elsewhere_is_never_written_over(bucket: Bucket, tmp_path: Path) -> None:
    """Conditional put: whatever a second writer brings under this name, the first stands."""
    S3Place(bucket, tmp_path / "a").keep(HASH, staged(tmp_path, WORDS))
    S3Place(bucket, tmp_path / "b").keep(HASH, staged(tmp_path, b"other"))
    assert S3Place(bucket, tmp_path / "c").fetch(HASH).read_bytes() == WORDS


def test_content_changed_elsewhere_is_noticed(bucket: Bucket, tmp_path: Path) -> None:
    place = S3Place(bucket, tmp_path / "a")
    place.keep(HASH, staged(tmp_path, WORDS))
    place.store.put(f"ho-so/{HASH[:2]}/{HASH}", b"other", mode="overwrite")
    with pytest.raises(FileLost):
        place.fetch(HASH)
    assert not list((tmp_path / "a").rglob("*/*"))


def test_a_store_that_does_not_answer_refuses_and_leaves_nothing(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        place = S3Place(Bucket("s3://kho", address, "", "khoa", "bi-mat"), tmp_path / "cache")
        store = FileStore(tmp_path / "files", place, gates=())
        with pytest.raises(FileRefused) as refused:
            store.put(io.BytesIO(A_PDF), "a.pdf")
        assert refused.value.code == "FILE_NOT_STORED"
        assert not store.is_whole(HASH)
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


@pytest.mark.promise("P26")
def test_a_copy_takes_files_out_of_the_store_and_brings_them_into_another(
    bucket: Bucket, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = FileStore(tmp_path / "staged", S3Place(bucket, tmp_path / "cache"), gates=())
    monkeypatch.setattr(build, "a_paper", stored_papers(here))
    build.a_submitted(sqlite_database)
    made = back_up(sqlite_database, here, tmp_path / "copies", real_now(), "1", silent)
    assert made.manifest.files.count == 1
    assert made.manifest.files.missing == ()
    other = replace(bucket, url=bucket.url.replace("ho-so", "khac"))
    there = FileStore(tmp_path / "there", S3Place(other, tmp_path / "cache-there"), gates=())
    with closing(open_database(f"sqlite:///{tmp_path / 'there.sqlite'}")) as database:
        done = restore(database, there, made.folder, lambda _: build.NOW, silent)
    assert done.faults == ()
    assert set(there.hashes()) == set(here.hashes())
