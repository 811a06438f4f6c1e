"""Uploads in parts over the wire, and files that wait when their form comes back."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from config.settings import Settings
from models.database import Database
from models.files import FileStore
from models.receiving import LARGEST_PART
from models.tables import Document, Upload
from tests.builders import a_paper as a_version
from tests.builders import a_registered, change, taken
from tests.hostile_files import EICAR
from tests.small_files import A_PDF
from tests.views.conftest import Browser
from workflow.vocabulary import DocumentKind

SignIn = Callable[[str], Browser]
BEGIN = "/tep-dang-gui"
KIND = DocumentKind.BAO_CAO_THANH_TICH.value


def say(
    browser: Browser,
    method: str,
    address: str,
    more: dict[str, str] | None = None,
    content: bytes = b"",
) -> TestResponse:
    headers = {"Tus-Resumable": "1.0.0", "X-CSRFToken": browser.token(), **(more or {})}
    return browser.client.open(address, method=method, data=content, headers=headers)


def begin(browser: Browser, size: int = len(A_PDF), name: str = "Báo cáo.pdf") -> TestResponse:
    named = f"filename {base64.b64encode(name.encode()).decode()}"
    more = {"Upload-Length": str(size), "Upload-Metadata": named}
    return say(browser, "POST", BEGIN, more)


def send(browser: Browser, address: str, offset: int, content: bytes) -> TestResponse:
    more = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
    return say(browser, "PATCH", address, more, content)


@pytest.fixture
def clerk(sign_in: SignIn) -> Browser:
    return sign_in("clerk@h029")


def arrived(browser: Browser, content: bytes = A_PDF) -> str:
    address = begin(browser, len(content)).headers["Location"]
    assert send(browser, address, 0, content).status_code == 204
    return address.rsplit("/", 1)[1]


def test_a_broken_line_costs_one_part(clerk: Browser, settings: Settings) -> None:
    begun = begin(clerk)
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, "0")
    address = begun.headers["Location"]
    assert send(clerk, address, 0, A_PDF[:50]).headers["Upload-Offset"] == "50"
    again = send(clerk, address, 0, A_PDF[:50])
    assert (again.status_code, again.headers["Upload-Offset"]) == (409, "50")
    seen = say(clerk, "HEAD", address)
    assert (seen.headers["Upload-Offset"], seen.headers["Upload-Length"]) == ("50", str(len(A_PDF)))
    assert seen.headers["Cache-Control"] == "no-store"
    assert send(clerk, address, 50, A_PDF[50:]).status_code == 204
    assert len(list(FileStore(settings.storage_dir).hashes())) == 1


def test_parts_of_another_person_are_not_taken(clerk: Browser, sign_in: SignIn) -> None:
    address = begin(clerk).headers["Location"]
    other = sign_in("clerk@h026")
    for answer in (
        send(other, address, 0, A_PDF),
        say(other, "HEAD", address),
        say(other, "DELETE", address),
    ):
        assert answer.status_code == 404
    assert say(clerk, "HEAD", address).headers["Upload-Offset"] == "0"


def test_what_arrives_goes_through_the_same_checks(
    clerk: Browser, settings: Settings, sqlite_database: Database
) -> None:
    content = b"MZ" + EICAR
    address = begin(clerk, len(content), "thư.pdf").headers["Location"]
    refused = send(clerk, address, 0, content)
    assert (refused.status_code, refused.headers["X-Refusal"]) == (422, "FILE_TYPE")
    assert "thư.pdf: Chỉ nhận PDF, DOCX." in refused.get_data(as_text=True)
    assert say(clerk, "HEAD", address).status_code == 404
    assert list(FileStore(settings.storage_dir).hashes()) == []
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Upload)) == 0


@pytest.mark.parametrize(("size", "status"), [(0, 413), (10 * 1024 * 1024 + 1, 413), (-1, 400)])
def test_too_large_is_said_before_a_byte_travels(clerk: Browser, size: int, status: int) -> None:
    assert begin(clerk, size).status_code == status


def test_the_protocol_is_kept(clerk: Browser) -> None:
    spoken = say(clerk, "OPTIONS", BEGIN).headers["Tus-Extension"]
    assert spoken == "creation,expiration,termination"
    address = begin(clerk).headers["Location"]
    wrong = {"Upload-Offset": "0", "Content-Type": "text/plain"}
    assert say(clerk, "PATCH", address, wrong, b"x").status_code == 415
    assert send(clerk, address, 0, b"x" * (LARGEST_PART + 1)).status_code == 413
    assert say(clerk, "DELETE", address).status_code == 204
    assert say(clerk, "HEAD", address).status_code == 404
    forged = {"X-CSRFToken": "x", "Upload-Length": "9"}
    assert say(clerk, "POST", BEGIN, forged).status_code == 400


def test_nobody_sends_parts_without_signing_in(browser: Browser) -> None:
    assert begin(browser).status_code in {303, 401}


def slot(browser: Browser, code: str, more: dict[str, str]) -> TestResponse:
    browser.get(f"/ho-so/{code}/lap/tai-lieu")
    return browser.post(f"/ho-so/{code}/lap/tai-lieu", {**browser.carried(), "kind": KIND, **more})


def papers(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Document.file_name).order_by(Document.id)))


def test_a_file_that_came_in_parts_belongs_to_the_form_that_names_it(
    clerk: Browser, sign_in: SignIn, sqlite_database: Database
) -> None:
    code = a_registered(sqlite_database)
    waiting = {f"{KIND}-file-held": arrived(clerk)}
    assert slot(clerk, code, waiting).status_code == 303
    assert papers(sqlite_database) == ["Báo cáo.pdf"]
    other = a_registered(sqlite_database, "H026")
    answer = slot(sign_in("clerk@h026"), other, waiting)
    assert answer.status_code == 422
    assert "Tệp gửi trước đó không còn. Chọn lại tệp rồi gửi." in answer.get_data(as_text=True)
    assert papers(sqlite_database) == ["Báo cáo.pdf"]


def test_a_form_that_was_too_late_keeps_its_file(clerk: Browser, sqlite_database: Database) -> None:
    """The file is on the page of the conflict, and goes in with one button."""
    code = a_registered(sqlite_database)
    clerk.get(f"/ho-so/{code}/lap/tai-lieu")
    old = clerk.carried()
    taken(change(sqlite_database, code, a_version(DocumentKind.BIEN_BAN)))
    file = (io.BytesIO(A_PDF), "Báo cáo.pdf")
    form = {**old, "kind": KIND, f"{KIND}-signer": "Phàn A Lình", f"{KIND}-file": file}
    late = clerk.post(f"/ho-so/{code}/lap/tai-lieu", form)
    assert late.status_code == 409
    assert "Tệp đã nhận, không cần gửi lại" in clerk.last
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', clerk.last))
    assert again[f"{KIND}-signer"] == "Phàn A Lình"
    assert clerk.post(f"/ho-so/{code}/lap/tai-lieu", again).status_code == 303
    assert papers(sqlite_database)[-1] == "Báo cáo.pdf"


def test_a_file_that_is_in_the_record_waits_no_more(
    clerk: Browser, sqlite_database: Database
) -> None:
    """A mistyped day beside it is asked for again; the file is not sent, or kept, a second time."""
    code = a_registered(sqlite_database)
    wrong = {f"{KIND}-dated": "31/31/2023"}
    answer = slot(clerk, code, {f"{KIND}-file-held": arrived(clerk), **wrong})
    assert answer.status_code == 422
    assert papers(sqlite_database) == ["Báo cáo.pdf"]
    assert f'name="{KIND}-file-held"' not in clerk.last
