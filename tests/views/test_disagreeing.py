"""Papers that do not agree: shown to whoever can mend them, answered by the Board, never a trap."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import Settings
from models.council_closing import Minutes, close
from models.database import Database
from models.demonstration.papers import word_paper
from models.editing import AddDocument, Particulars
from models.file_text import text_of
from models.files import FileStore, StoredFile
from models.gathering import facts_of
from models.paper_readings import lines_of, read_waiting
from models.rulebooks import rulebook_of
from models.tables import Dossier
from tests import builders as build
from tests import councils
from tests.views.conftest import Browser, Hands
from workflow.facts import Document, DossierFacts
from workflow.papers.agreement import disagreements
from workflow.papers.claims import bundle
from workflow.papers.reading import read
from workflow.statements import Legibility, Topic
from workflow.vocabulary import DocumentKind, State

SignIn = Callable[[str], Browser]
BOARD = "appraiser@ubnd-tinh"
LETTER, MINUTES = DocumentKind.TO_TRINH, DocumentKind.BIEN_BAN
REPORT = DocumentKind.BAO_CAO_THANH_TICH
HELD = date(2023, 11, 20)
MARKS = {"check-1": "met", "check-2": "met", "check-3": "met"}


def words(browser: Browser) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(browser.last)).split())


def a_word_file(files: FileStore, *paragraphs: str) -> StoredFile:
    paper = word_paper("UBND huyện Quản Bạ", "Giấy tờ", paragraphs, "Phàn A Lình")
    return files.put(BytesIO(paper), "giay.docx")


def add(
    database: Database, files: FileStore, code: str, kind: DocumentKind, *said: str, **more: object
) -> None:
    """Upload a paper with these words, and let the job read it."""
    stored = a_word_file(files, *said)
    number = "86/TTr-UBND" if kind is LETTER else ""
    paper = AddDocument(
        kind,
        stored.file_name,
        stored.content_type,
        stored.size,
        stored.sha256,
        Particulars(number, HELD, "Phàn A Lình", confirmed=True),
    )
    build.taken(build.change(database, code, paper, **more))  # type: ignore[arg-type]
    read_waiting(database, files, lambda: build.NOW)


@pytest.fixture
def files(settings: Settings) -> FileStore:
    """Where the application under test keeps its papers."""
    return FileStore(settings.storage_dir)


def a_disagreement(database: Database, files: FileStore) -> str:
    """A dossier before the Board whose letter and minutes name two days."""
    code = build.a_reviewed(database)
    add(database, files, code, LETTER, "Căn cứ Biên bản họp Hội đồng ngày 18/11/2023, xét khen.")
    return code


def test_the_unit_sees_both_quotations_before_it_hands_in_and_may_hand_in(
    sqlite_database: Database, files: FileStore, sign_in: SignIn, clock: Hands
) -> None:
    clock.now = build.AUTUMN
    code = build.a_written(sqlite_database)
    add(sqlite_database, files, code, REPORT, "Mẫu số 01.", "Tên tập thể: UBND huyện Yên Minh.")
    browser = sign_in("head@h029")
    browser.get(f"/ho-so/{code}/lap")
    said = words(browser)
    assert "Mẫu báo cáo: hai nơi ghi khác nhau" in said
    assert "Báo cáo thành tích (đoạn 5) ghi Mẫu số 01" in said
    assert "Tên đối tượng: hai nơi ghi khác nhau" in said
    assert "“Tên tập thể: UBND huyện Yên Minh.”" in said
    assert "Hồ sơ ghi UBND huyện Quản Bạ" in said
    assert "Lưu ý, không chặn bước này" in said
    answer = browser.post(f"/ho-so/{code}/buoc/submit", browser.carried())
    assert answer.status_code == 303, words(browser)
    assert build.the_dossier(sqlite_database, code).state is State.SUBMITTED


def test_the_board_answers_for_papers_that_disagree(
    sqlite_database: Database, files: FileStore, sign_in: SignIn, clock: Hands
) -> None:
    code = a_disagreement(sqlite_database, files)
    browser = sign_in(BOARD)
    address = f"/ho-so/{code}/kiem-tra"
    browser.get(address)
    assert "Tờ trình (đoạn 5) ghi 18/11/2023" in words(browser)
    assert "Kết quả của Hội đồng ghi 20/11/2023" in words(browser)
    refused = browser.post(address, {**browser.carried(), **MARKS, "do": "confirm"})
    assert refused.status_code == 422
    assert "Giấy tờ và số liệu khớp nhau" in words(browser)
    browser.get(address)
    mute = browser.post(address, {**browser.carried(), **MARKS, "check-4": "met", "do": "confirm"})
    assert mute.status_code == 422
    assert "ghi đã đối chiếu thế nào" in words(browser)
    browser.get(address)
    note = {"check-4": "met", "note-4": "Phiên 18/11 hoãn sang 20/11, có văn bản kèm."}
    saved = browser.post(address, {**browser.carried(), **MARKS, **note, "do": "save"})
    assert saved.status_code == 303, words(browser)
    browser.get(f"/ho-so/{code}")
    assert "đã đối chiếu 1 chỗ khác nhau" in words(browser)
    assert "Phiên 18/11 hoãn sang 20/11" in words(browser)
    browser.get(address)
    clock.now = build.NOW + timedelta(minutes=3)
    done = browser.post(address, {**browser.carried(), **MARKS, **note, "do": "confirm"})
    assert done.status_code == 303, words(browser)
    assert build.the_dossier(sqlite_database, code).state is State.BOARD_CHECKED


def test_a_request_for_supplement_names_what_disagrees_and_unlocks_the_paper(
    sqlite_database: Database, files: FileStore, sign_in: SignIn
) -> None:
    code = a_disagreement(sqlite_database, files)
    browser = sign_in(BOARD)
    browser.get(f"/ho-so/{code}/yeu-cau-bo-sung")
    assert "ghi “18/11/2023”" in words(browser)
    assert "sửa cho khớp (Mục I.2.c)" in words(browser)
    assert re.search(r'name="kind-TO_TRINH"[^>]* checked', browser.last)


def test_an_unreadable_paper_is_named_and_stops_nothing(
    sqlite_database: Database, files: FileStore, sign_in: SignIn
) -> None:
    code = build.a_reviewed(sqlite_database)
    build.taken(build.change(sqlite_database, code, build.a_paper(LETTER)))
    read_waiting(sqlite_database, files, lambda: build.NOW)
    browser = sign_in(BOARD)
    address = f"/ho-so/{code}/kiem-tra"
    browser.get(address)
    assert "không đọc được chữ trong tệp, đối chiếu bằng mắt" in words(browser)
    done = browser.post(address, {**browser.carried(), **MARKS, "do": "confirm"})
    assert done.status_code == 303, words(browser)


def test_papers_the_service_wrote_itself_agree(
    sqlite_database: Database, sign_in: SignIn, tmp_path: Path
) -> None:
    members = councils.a_council(sqlite_database)
    unit = build.a_submitted(sqlite_database)
    person = councils.a_personal(sqlite_database, "m3@H029")
    session_code = councils.a_session(sqlite_database, [unit, person])
    councils.everybody_agrees(sqlite_database, session_code, members)
    councils.count_it(sqlite_database, session_code)
    secretary = sign_in("council_secretary@h029")
    minutes = {
        ending: secretary.get(f"/hoi-dong/{session_code}/bien-ban.{ending}").data
        for ending in ("docx", "pdf")
    }
    _close(sqlite_database, session_code)
    clerk = sign_in("clerk@h029")
    for code, form in ((unit, "bao-cao-tap-the"), (person, "bao-cao-ca-nhan")):
        for ending in ("docx", "pdf"):
            report = clerk.get(f"/ho-so/{code}/van-ban/{form}.{ending}").data
            letter = clerk.get(f"/ho-so/{code}/van-ban/to-trinh.{ending}").data
            contents = {REPORT: report, MINUTES: minutes[ending], LETTER: letter}
            facts = _with_papers(sqlite_database, code, contents, tmp_path)
            with sqlite_database.reading() as session:
                programme = rulebook_of(session, facts.programme_hash).programme
            found = disagreements(bundle(facts, programme, build.NOW.date()))
            assert not found, (code, ending, found)
            topics = {one.topic for paper in facts.documents for one in paper.statements}
            assert {Topic.NOMINEE, Topic.MEETING, Topic.MINUTES, Topic.MEMBERS} <= topics
            assert facts.council is not None
            wrong = replace(facts, council=replace(facts.council, members=12))
            assert disagreements(bundle(wrong, programme, build.NOW.date()))


def _close(database: Database, code: str) -> None:
    seen = councils.versions(database, code)
    wanted = councils.ask(database, code, "council_secretary@H029")
    signed = Minutes(
        StoredFile("e" * 64, 1000, "application/pdf", "bien-ban.pdf"),
        build.NOW.date(),
        "Vàng Council_Chair H029",
    )
    with database.writing() as session:
        close(session, wanted, seen, signed, build.NOW)


def _with_papers(
    database: Database, code: str, contents: dict[DocumentKind, bytes], tmp_path: Path
) -> DossierFacts:
    with database.reading() as session:
        dossier = session.scalars(select(Dossier).where(Dossier.code == code)).one()
        facts = facts_of(session, dossier)
    papers = []
    for number, (kind, content) in enumerate(contents.items(), 1):
        path = tmp_path / f"{code}-{kind.value}"
        path.write_bytes(content)
        said = read(lines_of(text_of(path)))
        papers.append(
            Document(
                number,
                kind,
                1,
                "a" * 64,
                path.name,
                dated=build.NOW.date(),
                legibility=Legibility.READ,
                statements=said,
            )
        )
    return replace(facts, documents=tuple(papers))
