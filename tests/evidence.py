"""Dossiers whose papers really lie in a store, their bundles, and what a liar does to one."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.chain import canonical, digest, line_hash, seal_hash
from models.database import Database
from models.editing import AddDocument, Particulars
from models.evidence import verify
from models.evidence.bundling import bundle_of
from models.evidence.packing import Bundle, save
from models.files import FileStore
from models.sealing import seal_new_lines
from models.tables import Dossier
from tests import builders as build
from workflow.facts import Decision, RevocationInput
from workflow.vocabulary import Action, DocumentKind, RevocationGround

PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
LATER = datetime.fromisoformat("2023-12-06T02:00:00+00:00")


def a_store(folder: Path) -> FileStore:
    """A store whose papers nobody inspects: they are made here."""
    return FileStore(folder, gates=())


def stored_papers(store: FileStore) -> Callable[..., AddDocument]:
    """`builders.a_paper`, but the file is really there."""

    def a_paper(kind: DocumentKind, *, filling: str = "a") -> AddDocument:
        content = PDF.replace(b"trailer", f"% {kind.value} {filling}\n".encode() * 40 + b"trailer")
        put = store.put(io.BytesIO(content), f"{kind.value.lower()} đã ký.pdf")
        particulars = Particulars("86/TTr-UBND", date(2023, 11, 20), "Phàn A Lình", confirmed=True)
        return AddDocument(kind, put.file_name, put.content_type, put.size, put.sha256, particulars)

    return a_paper


def a_revoked(database: Database, unit: str = "H029") -> str:
    """The code of a dossier whose decision was revoked."""
    code = build.a_decided(database, unit)
    revoking = Decision("2200/QĐ-UBND", date(2023, 12, 5), "Nguyễn Văn Sơn")
    inputs = RevocationInput(RevocationGround.FORGED_PAPERS, revoking)
    head = f"head@{build.PROVINCE}"
    build.taken(build.step(database, code, head, Action.REVOKE, inputs, comment="Giấy tờ giả."))
    return code


def a_rejected(database: Database, unit: str = "H029") -> str:
    """The code of a dossier the appraiser refused, after a step refused by the law."""
    code = build.a_reviewed(database, unit)
    appraiser = f"appraiser@{build.PROVINCE}"
    build.step(database, code, appraiser, Action.CONFIRM_CHECK)
    build.taken(build.step(database, code, appraiser, Action.REJECT, comment="Chưa tiêu biểu."))
    return code


def seal(database: Database) -> None:
    """Seal everything written so far."""
    with database.writing() as session:
        seal_new_lines(session, build.NOW)


def bundled(
    database: Database, store: FileStore, code: str, path: Path, now: datetime = LATER
) -> Path:
    """The bundle of a dossier, written to `path`."""
    with database.reading(at_length=True, as_one=True) as session:
        dossier = session.scalars(select(Dossier).where(Dossier.code == code)).one()
        save(bundle_of(session, dossier, store, now), path)
    return path


def verified(path: Path, outside: str = "", *, only_files: bool = False) -> tuple[list[str], str]:
    """The faults the verifier finds, and all it says."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            if only_files:
                report = verify.Report()
                verify.check_files(verify.Bundle(str(path)), report)
            else:
                report = verify.verify(str(path), outside)
            faults = report.faults
        except Exception as error:  # noqa: BLE001 - what its `main` answers with code 2.
            faults = [f"không mở được: {error}"]
    return faults, said.getvalue()


@dataclass
class Forgery:
    """A bundle taken apart by a liar who knows how everything is hashed."""

    files: dict[str, bytes]
    dossier: dict[str, Any] = field(init=False)
    evaluations: list[dict[str, Any]] = field(init=False)
    history: list[dict[str, Any]] = field(init=False)
    seals: list[dict[str, Any]] = field(init=False)
    cited: dict[str, dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.dossier = json.loads(self.files["dossier.json"])
        self.evaluations, self.history, self.seals = (
            [json.loads(line) for line in self.files[f"{name}.jsonl"].splitlines()]
            for name in ("evaluations", "history", "seals")
        )
        self.cited = {digest(one["content"]): one for one in self.evaluations}

    def evaluation(self, action: str) -> dict[str, Any]:
        """The last evaluation of this step."""
        found = [one["content"] for one in self.evaluations if one["content"]["action"] == action]
        last: dict[str, Any] = found[-1]
        return last

    def rehash(self) -> None:
        """Make every hash fit again, from the evaluations up to the checkpoint."""
        ends: dict[str, dict[str, Any]] = {}
        for line in self.history:
            body = line["body"]
            payload = json.loads(body["payload"])
            if "evaluation" in payload:
                payload["evaluation"] = digest(self.cited[payload["evaluation"]]["content"])
                body["payload"] = canonical(payload)
            if body["stream"] in self.dossier["streams"]:
                line["prev_hash"] = ends.get(body["stream"], {"hash": ""})["hash"]
            line["hash"] = line_hash(line["prev_hash"], body)
            ends[body["stream"]] = {"count": body["seq"], "hash": line["hash"]}
        self.dossier["streams"] = {name: ends[name] for name in self.dossier["streams"]}
        lines = {(one["body"]["stream"], one["body"]["seq"]): one["hash"] for one in self.history}
        previous = self.seals[0]["prev_hash"]
        for one in self.seals:
            own = lines.get((one["stream"], one["line_seq"]), one["line_hash"])
            one["prev_hash"], one["line_hash"] = previous, own
            one["hash"] = previous = seal_hash(
                previous, one["seq"], one["stream"], one["line_seq"], own
            )
        self.dossier["checkpoint"]["hash"] = previous

    def packed(self, path: Path) -> Path:
        """Write the forgery with a manifest that fits, in a ZIP as ours are."""
        lines = {"evaluations": self.evaluations, "history": self.history, "seals": self.seals}
        bundle = Bundle(self.dossier["code"], LATER)
        for name, content in self.files.items():
            stem = name.removesuffix(".jsonl")
            if name == "dossier.json":
                bundle.add_json(name, self.dossier)
            elif stem in lines:
                bundle.add_lines(name, lines[stem])
            elif name != verify.MANIFEST:
                bundle.add(name, content)
        save(bundle, path)
        return path


def taken_apart(path: Path) -> Forgery:
    """A bundle in the hands of a liar."""
    with zipfile.ZipFile(path) as archive:
        return Forgery({name: archive.read(name) for name in archive.namelist()})


def members(path: Path) -> Iterator[tuple[str, int, int]]:
    """Each file of a ZIP: its name, where its bytes begin, how many there are."""
    with zipfile.ZipFile(path) as archive:
        for one in archive.infolist():
            yield one.filename, one.header_offset + 30 + len(one.filename), one.file_size
