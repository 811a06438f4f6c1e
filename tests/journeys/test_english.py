"""Whoever chooses English reads English on every page, except what people typed and quotations."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from config.clock import real_now
from config.settings import Settings
from models.database import open_database
from models.sessions import Visit, open_session
from models.tables import Account
from tests.journeys.service import SECRET, prepared
from tests.tiers import TIER
from tests.views.english import left_vietnamese, typed
from views import create_app

LINK = re.compile(r'href="(/[^"#]*)"')
CODED = re.compile(r"[\w.-]*\d[\w.-]*")
HERE = "http://localhost"
NOW = datetime.fromisoformat("2023-12-05T08:10:00+07:00")
ALIKE = {"T1": 1, "T2": 3, "T3": 9}[TIER]
"""Pages of one kind that are read, for each person."""
KEPT = "Chỉ số CCHC năm 2023"
"""What a reminder about scores is about: the record keeps it as a Vietnamese text."""
PEOPLE = ("", "mai.ly", "hung.vu", "quan.tri", "thanh.tra", "loan.pham")


@pytest.mark.slow
def test_no_page_is_left_in_vietnamese(tmp_path: Path) -> None:
    made = prepared(tmp_path / "english")
    database = open_database(f"sqlite:///{made / 'service.sqlite3'}")
    settings = Settings(
        database_url="",
        secret_key=SECRET,
        storage_dir=made / "files",
        smtp_url="smtp://localhost:2525",
        mail_from="khong-tra-loi@example.vn",
        base_url=HERE,
        demonstration=True,
    )
    app = create_app(settings, database, lambda: NOW)
    with database.reading() as db:
        data = typed(db)
    left: Counter[str] = Counter()
    read = 0
    for login in PEOPLE:
        client = app.test_client()
        client.get("/ngon-ngu/en")
        if login:
            with database.writing() as db:
                person = db.scalars(select(Account.person_id).where(Account.login == login)).one()
                token = open_session(db, person, Visit(), real_now())
            with client.session_transaction() as kept:
                kept["sid"] = token
        for address, page in pages(client, "/viec" if login else "/tra-cuu"):
            read += 1
            assert '<html lang="en">' in page, address
            found = left_vietnamese(page, data)
            left.update(f"{address}: {text}" for text in found if text != KEPT)
    database.close()
    assert read > 60 * ALIKE, "the crawl found too few pages to say anything"
    assert not left, f"{len(left)} texts: {list(left)[:20]}"


def pages(client: FlaskClient, start: str) -> list[tuple[str, str]]:
    """Pages reached from `start`, a few of each kind."""
    todo, seen, kinds, found = [start, "/khong-co", "/dang-nhap"], set(), Counter[str](), []
    while todo:
        address = todo.pop(0)
        kind = CODED.sub("#", address.split("?")[0]) + "?" * ("?" in address)
        if address in seen or kinds[kind] >= ALIKE or "ngon-ngu" in address:
            continue
        seen.add(address)
        kinds[kind] += 1
        answer = client.get(address, buffered=True)
        if answer.mimetype != "text/html" or answer.status_code in {301, 302, 303}:
            continue
        assert answer.status_code < 500, address
        found.append((address, answer.text))
        todo += [link.replace("&amp;", "&") for link in LINK.findall(answer.text)]
    return found
