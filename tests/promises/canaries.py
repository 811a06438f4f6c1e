"""Unmistakable words in every confidential field, and a change of what somebody may not see.

A canary names the unit whose field it stands in. It ends in what a page would have to escape, and
in what a template language would work out.
"""

from __future__ import annotations

import hashlib
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from html import unescape
from pathlib import Path
from random import Random
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PdfReadError
from werkzeug.test import TestResponse

from models.file_places import FolderPlace
from tests.small_files import a_pdf

MARK: Final = re.compile(r"kin-([^\W_]+)-(\w+)-", re.IGNORECASE)
TAIL: Final = "<b onx=1>\"'{{7*7}}"
WORKED_OUT: Final = "<b onx=1>\"'49"
OF_DOSSIER: Final = (
    "SELECT u.code FROM dossier d JOIN unit u ON u.id = d.unit_id WHERE d.id = x.dossier_id"
)
OF_UNIT: Final = "SELECT u.code FROM unit u WHERE u.id = x.unit_id"
FIELDS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "dossier": (
        ("profile_text", "achievements_text", "prior_awards_text", "search_key"),
        OF_UNIT,
    ),
    "document": (
        ("file_name", "number", "signer"),
        OF_DOSSIER,
    ),
    "initiative": (
        ("title", "recognised_by", "recognition_number"),
        OF_DOSSIER,
    ),
    "note": (("text",), OF_DOSSIER),
    "check_mark": (("note",), OF_DOSSIER),
    "registration": (
        ("number", "reason", "search_key"),
        OF_UNIT,
    ),
    "report": (
        ("results", "shortcomings", "proposals", "number", "reason"),
        OF_UNIT,
    ),
    "typed_score": (("source",), OF_UNIT),
    "council_session": (("place", "reason"), OF_UNIT),
    "council_seat": (
        ("absence_reason", "opinion"),
        (
            "SELECT u.code FROM council_session s JOIN unit u ON u.id = s.unit_id "
            "WHERE s.id = x.session_id"
        ),
    ),
    "ballot_vote": (
        ("reason",),
        "SELECT 'ballot' FROM council_seat s WHERE s.id = x.seat_id",
    ),
    "ballot_note": (("text",), "SELECT 'ballot' FROM council_seat s WHERE s.id = x.seat_id"),
    "delegation": (
        ("reason",),
        "SELECT u.code FROM person p JOIN unit u ON u.id = p.employer_id WHERE p.id = x.giver_id",
    ),
    "person": (("email",), "SELECT u.code FROM unit u WHERE u.id = x.employer_id"),
    "upload": (("file_name",), "SELECT 'upload' FROM person p WHERE p.id = x.person_id"),
    "import_run": (("file_name",), "SELECT 'upload' FROM person p WHERE p.id = x.brought_by"),
}
"""Tables, their confidential fields, and whose they are."""


def put_canaries(path: Path, store: Path) -> int:
    """Write a canary into every confidential field there is; how many rows have one."""
    marked = 0
    with closing(sqlite3.connect(path)) as record:
        for table, (columns, owner) in FIELDS.items():
            for column in columns:
                word = (
                    f"'kin-' || replace(({owner}), '-', '') || '-{table}{column.replace('_', '')}-'"
                )
                tail = "" if column in {"search_key", "email"} else f" || '{_quoted(TAIL)}'"
                words = f"lower({word})" if column == "search_key" else f"{word}{tail}"
                done = record.execute(
                    f"UPDATE {table} AS x SET {column} = {words} WHERE ({owner}) IS NOT NULL"  # noqa: S608
                )
                marked += done.rowcount
        marked += _into_files(record, store)
        record.commit()
    return marked


def _into_files(record: sqlite3.Connection, store: Path) -> int:
    rows = record.execute(
        "SELECT x.id, u.code FROM document x JOIN dossier d ON d.id = x.dossier_id "
        "JOIN unit u ON u.id = d.unit_id"
    ).fetchall()
    for number, unit in rows:
        content = a_pdf(f"/Kin(kin-{unit.replace('-', '')}-content{number}-)".encode())
        sha256 = hashlib.sha256(content).hexdigest()
        staged = store.parent / f"canary-{number}"
        staged.write_bytes(content)
        FolderPlace(store).keep(sha256, staged)
        record.execute(
            "UPDATE document SET sha256 = ?, size = ? WHERE id = ?",
            (sha256, len(content), number),
        )
    return len(rows)


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def found_in(answer: TestResponse) -> set[str]:
    """Whose canaries stand anywhere in an answer: headers, text, parts of files."""
    return {owner for text in texts_of(answer) for owner, _ in MARK.findall(text)}


def texts_of(answer: TestResponse) -> Iterator[str]:
    """Everything an answer says, in clear."""
    yield "\n".join(f"{name}: {value}" for name, value in answer.headers)
    content = answer.get_data()
    if content[:4] == b"PK\x03\x04":
        yield from _in_archive(content)
        return
    if content[:5] == b"%PDF-":
        with suppress(PdfReadError):  # the smallest PDFs of the tests have no index; read as text
            yield "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    text = content.decode("utf-8", "replace")
    yield text
    yield unescape(text).replace("\r\n ", "")


def _in_archive(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            yield name
            part = archive.read(name)
            if part[:4] == b"PK\x03\x04":
                yield from _in_archive(part)
            else:
                yield unescape(re.sub(r"<[^>]+>", "", part.decode("utf-8", "replace")))


def change_what_is_hidden(path: Path, seen: set[str], chance: Random) -> list[str]:
    """Change a few things of units that are not `seen` and not published; what was done."""
    done: list[str] = []
    with closing(sqlite3.connect(path)) as record:
        hidden = [
            number
            for number, unit in record.execute(
                "SELECT d.id, u.code FROM dossier d JOIN unit u ON u.id = d.unit_id "
                "WHERE d.state <> 'decided' ORDER BY d.id"
            )
            if unit not in seen
        ]
        for number in chance.sample(hidden, chance.randint(1, 4)):
            change = chance.choice(CHANGES)
            record.execute(change, {"id": number, "new": f"kin{chance.randrange(10**6)}"})
            done.append(f"{number}: {change[:60]}")
        if chance.random() < 0.5:
            _one_more(record, chance.choice(hidden))
            done.append("one dossier more")
        record.commit()
    return done


CHANGES: Final = (
    "UPDATE dossier SET achievements_text = :new, profile_text = :new WHERE id = :id",
    "UPDATE dossier SET subject_name = :new, search_key = :new WHERE id = :id",
    "UPDATE dossier SET version = version + 7, updated_at = created_at WHERE id = :id",
    (
        "UPDATE dossier SET hold_reason = :new, hold_source = :new, hold_since = created_at "
        "WHERE id = :id"
    ),
    "UPDATE document SET file_name = :new || '.pdf', number = :new WHERE dossier_id = :id",
    "UPDATE document SET current = 0 WHERE dossier_id = :id",
    "UPDATE initiative SET title = :new, recognition_number = :new WHERE dossier_id = :id",
    (
        "INSERT INTO note (dossier_id, by_id, at, text) "
        "SELECT :id, (SELECT min(id) FROM person), created_at, :new FROM dossier WHERE id = :id"
    ),
    "UPDATE check_mark SET note = :new WHERE dossier_id = :id",
    (
        "UPDATE typed_score SET source = :new "
        "WHERE unit_id = (SELECT unit_id FROM dossier WHERE id = :id)"
    ),
    (
        "UPDATE report SET results = :new, number = :new, figures = NULL "
        "WHERE unit_id = (SELECT unit_id FROM dossier WHERE id = :id)"
    ),
    (
        "UPDATE registration SET number = :new, search_key = :new "
        "WHERE id = (SELECT registration_id FROM dossier WHERE id = :id)"
    ),
    (
        "UPDATE person SET email = :new || '@hagiang.example' "
        "WHERE employer_id = (SELECT unit_id FROM dossier WHERE id = :id)"
    ),
)


def _one_more(record: sqlite3.Connection, like: int) -> None:
    """Another dossier of the same unit, registered as well, so that counts would show it."""
    (registration,) = record.execute(
        "SELECT registration_id FROM dossier WHERE id = ?", (like,)
    ).fetchone()
    own = {"subject_key": "'canary:900'", "subject_name": "'kin900'", "search_key": "'kin900'"}
    _copy(record, "registration", registration, {**own, "code": "'DK-2023-0900'"})
    made = record.execute("SELECT max(id) FROM registration").fetchone()[0]
    _copy(
        record,
        "dossier",
        like,
        {**own, "code": "'HS-2023-0900'", "registration_id": str(int(made))},
    )


def _copy(record: sqlite3.Connection, table: str, like: int, own: Mapping[str, str]) -> None:
    names = [row[1] for row in record.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
    values = ", ".join(own.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    record.execute(
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE id = ?",  # noqa: S608
        (like,),
    )
