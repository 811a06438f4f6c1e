"""Is a copy good? Every byte is compared, and then it is restored, into a file that goes again."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import auditing, storage
from models.append_only import missing
from models.backup.loading import load
from models.backup.manifest import BrokenManifest, Manifest, read_manifest
from models.backup.reading import BrokenCopy, faults_of_bytes, listed_files
from models.backup.snapshot import Progress
from models.database import open_database
from models.invariants import broken_invariants
from models.migrating import BrokenReference, changing
from models.sealing import Checkpoint, checkpoint


def faults_of(
    folder: Path,
    progress: Progress,
    *,
    outside: Checkpoint | None = None,
    trial: bool = True,
) -> list[str]:
    """A Vietnamese sentence for everything that is wrong with a copy; empty when it is good.

    `outside` is a checkpoint kept where neither record nor copy can reach; it must not be newer
    than the copy. Without `trial`, or when a byte is wrong already, only bytes are compared.
    Writes nothing into the copy.
    """
    try:
        manifest = read_manifest(folder)
    except BrokenManifest as broken:
        return [f"{broken}."]
    found = faults_of_bytes(folder, manifest, progress)
    if trial and not found:
        found = _trial(folder, manifest, outside, progress)
    return found + [
        f"Tệp {sha256} đã bị mất hoặc hỏng trong kho từ trước khi sao lưu."
        for sha256 in manifest.files.missing
    ]


def _trial(
    folder: Path, manifest: Manifest, outside: Checkpoint | None, progress: Progress
) -> list[str]:
    """Restore the rows into a scratch SQLite file, whichever engine they come from."""
    scratch = Path(tempfile.mkdtemp(prefix="trial-"))
    try:
        with closing(open_database(f"sqlite:///{scratch / 'record.sqlite3'}")) as database:
            with changing(database) as connection:
                # Nobody keeps this one: what a power cut would do to it is all the same.
                load(connection, folder, manifest, progress)
            with database.reading() as session:
                return faults_of_rows(session, folder, manifest, outside)
    except (BrokenCopy, BrokenReference) as broken:
        return [f"{broken}."]
    except SQLAlchemyError as error:
        return [f"Không nạp được vào cơ sở dữ liệu trống: {str(error).splitlines()[0]}"]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def faults_of_rows(
    session: Session, folder: Path, manifest: Manifest, outside: Checkpoint | None = None
) -> list[str]:
    """What is wrong with the rows of a copy, once they are in a database again."""
    found = [f"Thiếu khóa chống sửa: {name}." for name in missing(session.connection())]
    found += broken_invariants(session)
    found += [fault.text for fault in auditing.verify(session, outside)]
    end = checkpoint(session)
    if (end.size, end.hash) != (manifest.sealed_lines, manifest.seal):
        found.append("Chuỗi niêm phong không kết thúc ở mốc ghi trong manifest.")
    kept = {*listed_files(folder, manifest), *manifest.files.missing}
    for sha256, whose in storage.named_files(session).items():
        if sha256 not in kept:
            found += [f"Bản sao lưu không có tệp {sha256[:12]}: {one}." for one in whose]
    return found
