"""The service over the record of all situations, and everybody who asks it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count as numbers
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config.policy import SAFE, Principal
from config.settings import Settings
from models import decision_lists
from models.calendar_feeds import open_feed
from models.database import Database, open_database
from models.delegations import Wish, delegate
from models.file_places import FolderPlace
from models.receiving import begin
from models.rulebooks import rulebook_in_force
from models.tables import CalendarDay, Decision, Dossier, ImportRun, Unit
from models.words import DayKind
from tests import builders as build
from tests.councils import a_session
from tests.promises.cells import Cell, Objects, constants
from tests.promises.situations import Situation, Tokens, read_situations
from tests.promises.watching import PostgresWatch, Watch
from tests.small_files import A_PDF
from views import create_app
from workflow.programme import Programme

WRITES: Final = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
BODIES: Final[Mapping[str, Mapping[str, str]]] = {
    "assembly.keep_document": {"kind": "BAO_CAO_THANH_TICH"},
    "languages.choose": {"language": "vi"},
    "reports_due.act": {"do": "save"},
}
"""What a form cannot do without: it would not even be looked at."""
REQUEST_ID: Final = re.compile(r"\b[0-9A-F]{8}\b")
TOLD: Final = re.compile(r'(name="(?:csrf_token|key)" value=")[^"]+')
ROOMS: Final = ("council_sessions", "council_ballot", "council_paper", "council_tally")


@dataclass
class Bench:
    """The service over the prepared record, and a client for whoever asks."""

    app: Flask
    database: Database
    watch: Watch | PostgresWatch
    situations: list[Situation]
    objects: Objects
    programme: Programme
    tokens: dict[str, str]
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    keys: Iterator[int] = field(default_factory=numbers)
    gone: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    """Tables the last request wrote to."""

    def client(self, person: str) -> FlaskClient:
        """The browser of this person; of a stranger for nobody."""
        if person not in self.clients:
            made = self.clients[person] = self.app.test_client()
            if person:
                with made.session_transaction() as kept:
                    kept["sid"] = self.tokens[person]
        return self.clients[person]

    def version(self, code: str) -> int:
        """The version of a dossier; the record is put back, so it stays what it was."""
        if code not in self.versions:
            self.versions[code] = build.the_dossier(self.database, code).version
        return self.versions[code]

    def ask(self, cell: Cell, address: str, method: str = "") -> TestResponse:
        """Send what a form of ours would."""
        method = method or cell.method
        more: dict[str, Any] = {}
        if method not in SAFE:
            more["data"] = {
                "version": self.version(cell.situation.code),
                "key": f"m{next(self.keys)}",
                "comment": "Lý do",
                **BODIES.get(cell.endpoint, {}),
            }
        if method == "PATCH":
            more = {"data": b"", "content_type": "application/offset+octet-stream"}
            more["headers"] = {"Upload-Offset": "0", "Tus-Resumable": "1.0.0"}
        self.written.clear()
        answer = self.client(cell.person).open(address, method=method, buffered=True, **more)
        if "Set-Cookie" in answer.headers:  # whoever signed out comes back as they were
            del self.clients[cell.person]
        return answer


def an_off_day(session: Session) -> str:
    """A day somebody has entered."""
    day = CalendarDay(date=date(2023, 12, 25), kind=DayKind.HOLIDAY, name="Nghỉ thử", source="thử")
    session.add(day)
    return day.date.isoformat()


def objects_for(session: Session, own: Situation) -> dict[str, Any]:
    """What pages about no dossier are asked for; it belongs to the unit of one situation."""
    clerk = build.person_id(session, own.people[Principal.OFFICER_OWN])
    head = build.person_id(session, own.people[Principal.DECIDER])
    fresh = build.person_id(session, f"head@{own.unit}")
    day = date(2023, 12, 6)
    lent = delegate(session, Wish(clerk, fresh, day, day, "Nghỉ phép"), clerk, build.NOW)
    run = ImportRun(
        kind="dang-ky",
        options={},
        file_name="a.csv",
        size=1,
        sha256="c" * 64,
        content=b"a",
        brought_by=clerk,
        brought_at=build.NOW,
    )
    session.add(run)
    session.flush()
    waiting = session.scalars(
        select(Dossier).join(Unit, Unit.id == Dossier.unit_id).where(Unit.code == "SNgV")
    ).all()
    listed, _ = decision_lists.open_list(session, waiting, head, build.NOW)
    return {
        "calendar.personal:token": open_feed(session, clerk, build.NOW),
        "delegations:number": lent,
        "day": an_off_day(session),
        "importing:number": run.id,
        "list_id": listed,
        "decision_id": session.scalars(select(Decision.id).order_by(Decision.id)).first(),
        "upload_id": begin(session, clerk, "a.pdf", 10, build.NOW).id,
        "people_accounts:code": own.people[Principal.OFFICER_OWN],
        "people:code": own.people[Principal.OFFICER_OWN],
        "importing.new:name": "dang-ky",
        "importing.bring:name": "dang-ky",
        "importing.template:name": "dang-ky",
    }


@contextmanager
def opened(url: str, watch: Watch | PostgresWatch, folder: Path) -> Iterator[Bench]:
    """The service over the record at this address; `watch` begins once all is prepared."""
    database = open_database(url)
    tokens = Tokens(database).by_person
    situations = read_situations(database)
    own = next(one for one in situations if one.state == "submitted" and one.involved)
    session_code = a_session(database, [own.code], unit=own.unit)
    with database.writing() as session:
        values = constants() | objects_for(session, own)
        programme = rulebook_in_force(session).programme
    values |= {f"{room}:code": session_code for room in ROOMS}
    values |= {"seat_id": 1, "programme_id": programme.id, "pool": "BANG_KHEN_TAP_THE"}
    settings = Settings(
        database_url="",
        secret_key="k" * 40,
        storage_dir=folder / "files",
        smtp_url="smtp://localhost:2525",
        mail_from="khong-tra-loi@example.vn",
        base_url="http://localhost",
        factor_required=False,
    )
    app = create_app(settings, database, lambda: build.NOW)
    app.testing = True
    app.config.update(PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    for filling in ("a", "b"):
        staged = folder / filling
        staged.write_bytes(A_PDF)
        FolderPlace(settings.storage_dir).keep(filling * 64, staged)
    made = Bench(app, database, watch, situations, Objects(values, own), programme, tokens)

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if found := WRITES.match(statement):
            made.written.append(found[1])

    event.listen(database.engine, "after_cursor_execute", note)
    watch.begin(made.written)
    yield made
    watch.close()
    database.close()


def plain(answer: TestResponse, *names: str) -> bytes:
    """Status, headers and body without what differs between any two requests, and the address."""
    text = "\n".join(_parts(answer.get_data()))
    for name in names:
        text = text.replace(quote(name), "").replace(quote(name, safe=""), "")
    text = TOLD.sub(r"\1", REQUEST_ID.sub("", text))
    heads = sorted(
        f"{name}: {value}"
        for name, value in answer.headers
        if name not in {"X-Request-ID", "Content-Length", "Date", "Set-Cookie"}
    )
    return "\n".join((str(answer.status_code), *heads, text)).encode()


def _parts(content: bytes) -> Iterator[str]:
    """The text of an answer; of an archive every part but when it was written."""
    if content[:4] != b"PK\x03\x04":
        yield content.decode("utf-8", "backslashreplace")
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            yield name
            if name != "docProps/core.xml":
                yield from _parts(archive.read(name))
