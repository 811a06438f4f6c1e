"""Does every record have its file, and which files has nobody a record of?

A file is on the disk before the row that names it is committed, so a crash leaves files without a
row and never the reverse. What lies there for a day and no row names is swept away; it is first
put aside in one move, so that a file somebody uploads at that moment is another file.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import Database
from models.file_places import SHA256, FolderPlace, PlaceDown
from models.files import FileStore
from models.tables import Document, Dossier, PaperTemplate, Report, ReportFile, Unit, Upload

GRACE: Final = timedelta(hours=24)
"""How long an upload may take until its row is committed; nothing younger is touched."""
STAGED: Final = ".new-"
ASIDE: Final = ".swept-"
NAMING: Final = frozenset({"document", "report_file", "paper_template", "upload"})
"""Tables whose column `sha256` keeps a file from being swept, and takes it into every copy."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file no row names: where it lies, and since when (UTC, by the clock of the machine)."""

    path: Path
    since: datetime
    sha256: str = ""
    """Empty for an upload that was broken off before it had a name."""

    def is_old(self, now: datetime) -> bool:
        """Has it been there longer than any upload takes?"""
        return now - self.since > GRACE


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: files gone, files put back because somebody needs them after all."""

    gone: int = 0
    back: int = 0


def named_files(session: Session) -> dict[str, list[str]]:
    """Every hash a row names, with whose file it is, in words."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    papers = select(Document.sha256, Dossier.code, Document.file_name, Document.version)
    for sha256, code, name, version in session.execute(
        papers.join(Dossier, Dossier.id == Document.dossier_id).order_by(Document.id)
    ):
        found[sha256].append(f"hồ sơ {code}, {name} (bản {version})")
    reports = select(ReportFile.sha256, Unit.name, ReportFile.file_name)
    for sha256, unit, name in session.execute(
        reports.join(Report, Report.id == ReportFile.report_id)
        .join(Unit, Unit.id == Report.unit_id)
        .order_by(ReportFile.id)
    ):
        found[sha256].append(f"báo cáo của {unit}, {name}")
    templates = select(PaperTemplate.sha256, PaperTemplate.file_name, PaperTemplate.version)
    for sha256, name, version in session.execute(templates.order_by(PaperTemplate.id)):
        found[sha256].append(f"mẫu {name} (bản {version})")
    arrived = select(Upload.sha256, Upload.file_name).order_by(Upload.id)
    for waiting, name in session.execute(arrived):
        if waiting is not None:
            found[waiting].append(f"tệp đã nhận, chờ đưa vào hồ sơ, {name}")
    return dict(found)


def lost_files(session: Session, store: FileStore) -> list[str]:
    """A sentence for every record whose file is gone, or is not what its hash says."""
    return [
        f"Tệp {sha256[:12]} {_trouble(store, sha256)}: {one}."
        for sha256, whose in named_files(session).items()
        if not store.is_whole(sha256)
        for one in whose
    ]


def leftovers(session: Session, store: FileStore) -> list[Leftover]:
    """Files no row names, oldest first; only of a store in a folder of this machine."""
    named = named_files(session)
    kept = [
        _seen(store.path_of(sha256), sha256) for sha256 in store.hashes() if sha256 not in named
    ]
    staged = [_seen(path) for path in store.folder.glob(f"{STAGED}*")]
    found = (one for one in (*kept, *staged) if one is not None)
    return sorted(found, key=lambda one: (one.since, one.path))


def can_sweep(store: FileStore) -> bool:
    """Is this a store whose leftovers can be put aside in one move?"""
    return isinstance(store.place, FolderPlace)


def sweep(database: Database, store: FileStore, now: datetime) -> Swept:
    """Remove leftovers older than `GRACE`. `now` is the machine's clock, as files have it.

    May be killed at any point and run again; a file put aside that somebody needs comes back.
    """
    done = _finish(database, store, now)
    with database.reading() as session:
        found = leftovers(session, store)
    for one in found:
        if not one.is_old(now):
            continue
        if not one.sha256:
            one.path.unlink(missing_ok=True)
            done = Swept(done.gone + 1, done.back)
            continue
        with contextlib.suppress(FileNotFoundError):  # Somebody else sweeps too.
            one.path.rename(store.folder / f"{ASIDE}{one.sha256}")
        last = _finish(database, store, now)
        done = Swept(done.gone + last.gone, done.back + last.back)
    return done


def _finish(database: Database, store: FileStore, now: datetime) -> Swept:
    """Remove what lies aside, or put it back where a row names it or it turned out to be new."""
    gone, back, place = 0, 0, store.place
    if not isinstance(place, FolderPlace):
        raise TypeError("only a folder of this machine is swept")
    for aside in sorted(_aside(store)):
        sha256 = aside.name.removeprefix(ASIDE)
        seen = _seen(aside, sha256)
        with database.reading() as session:
            needed = sha256 in named_files(session)
        if needed or (seen is not None and not seen.is_old(now)):
            place.put_back(sha256, aside)
            back += 1
        else:
            aside.unlink(missing_ok=True)
            gone += 1
    return Swept(gone, back)


def _aside(store: FileStore) -> Iterator[Path]:
    for path in store.folder.glob(f"{ASIDE}*"):
        if SHA256.fullmatch(path.name.removeprefix(ASIDE)):
            yield path


def _trouble(store: FileStore, sha256: str) -> str:
    try:
        store.path_of(sha256)
    except PlaceDown:
        return "không đọc được, kho không trả lời"
    except LookupError:
        aside = (store.folder / f"{ASIDE}{sha256}").exists()
        return "đang bị dọn dở, chạy “storage sweep” để trả lại" if aside else "bị mất"
    return "bị sửa, không còn đúng mã băm"


def _seen(path: Path, sha256: str = "") -> Leftover | None:
    """A file as it lies there; None when it went meanwhile."""
    try:
        since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
    return Leftover(path, since, sha256)
