"""A file the record names and the store has not: a page that says which, and who can help."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select

from config.settings import Settings
from models.database import Database
from models.doctor import examine
from models.file_places import FolderPlace, PlaceDown
from models.files import FileStore
from models.tables import Document, Person
from tests.builders import PROVINCE, a_submitted, who
from tests.small_files import A_PDF
from tests.views.conftest import Browser
from views.lost_files import ASKED

SignIn = Callable[[str], Browser]


@pytest.fixture
def lost(sqlite_database: Database, settings: Settings) -> tuple[str, Document]:
    """A dossier and one of its papers, whose file is gone."""
    code = a_submitted(sqlite_database)
    store = FileStore(settings.storage_dir, gates=())
    stored = store.put(io.BytesIO(A_PDF), "báo cáo.pdf")
    store.path_of(stored.sha256).unlink()
    with sqlite_database.reading() as session:
        return code, session.scalars(select(Document).order_by(Document.id).limit(1)).one()


def test_its_page_names_the_file_and_who_can_bring_it_back(
    lost: tuple[str, Document],
    sqlite_database: Database,
    settings: Settings,
    sign_in: SignIn,
) -> None:
    code, paper = lost
    clerk = sign_in("clerk@h029")
    with sqlite_database.reading() as session:
        keeper = session.get_one(Person, who(sqlite_database, f"administrator@{PROVINCE}"))
    before = ASKED._value.get()
    papers = f"/ho-so/{code}/tai-lieu"
    for address in (f"{papers}/{paper.id}", f"{papers}/{paper.id}/xem"):
        answer = clerk.get(address)
        assert answer.status_code == 410
        assert paper.sha256[:12] in clerk.last
        assert keeper.full_name in clerk.last
        assert f"“{paper.file_name}”" in clerk.last
        assert "Retry-After" not in answer.headers
    assert ASKED._value.get() == before + 2
    found = examine(sqlite_database, files=FileStore(settings.storage_dir))
    assert any(one.check == "files" and paper.file_name in one.text for one in found)


def test_the_whole_dossier_is_not_begun_without_one_of_its_files(
    lost: tuple[str, Document], sign_in: SignIn
) -> None:
    clerk = sign_in("clerk@h029")
    assert clerk.get(f"/ho-so/{lost[0]}/toan-bo.zip").status_code == 410


def test_others_hear_no_more_than_before(lost: tuple[str, Document], sign_in: SignIn) -> None:
    code, paper = lost
    other = sign_in("clerk@h028")
    assert other.get(f"/ho-so/{code}/tai-lieu/{paper.id}").status_code == 404


def test_a_store_that_does_not_answer_is_asked_again_later(
    lost: tuple[str, Document], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_self: FolderPlace, _sha256: str) -> None:
        raise PlaceDown("silent")

    monkeypatch.setattr(FolderPlace, "fetch", down)
    code, paper = lost
    answer = sign_in("clerk@h029").get(f"/ho-so/{code}/tai-lieu/{paper.id}")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
