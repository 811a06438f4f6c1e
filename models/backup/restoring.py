"""Bringing everything back from a copy into an empty place, and looking at what is there then."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from models import restorations
from models.backup.loading import is_empty, load
from models.backup.making import STEPS
from models.backup.manifest import Manifest, file_place, read_manifest
from models.backup.reading import BrokenCopy, faults_of_bytes, listed_files
from models.backup.snapshot import Progress
from models.backup.verifying import faults_of_rows
from models.change_sets import finish
from models.database import Database
from models.files import FileStore
from models.migrating import BrokenReference, changing


class NotEmpty(Exception):
    """Something is there already; the message says what, in Vietnamese."""


class NotWhole(Exception):
    """The copy is not good enough to be restored; `faults` has a sentence for each fault."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and what is wrong with it as far as it can be seen."""

    manifest: Manifest
    faults: tuple[str, ...]


def restore(
    database: Database,
    store: FileStore,
    folder: Path,
    clock: Callable[[Session], datetime],
    progress: Progress,
    *,
    files_stay: bool = False,
) -> Restored:
    """Bring back what the copy in `folder` holds; sending rests and nobody is signed in then.

    The files come first and the rows in one transaction, so that a restore that is broken off can
    be begun again. `clock` tells the instant of the restored record. With `files_stay` files of
    the store that are not of this copy may be there. Raises `NotEmpty`, `NotWhole`, and
    `BrokenManifest` for a folder that is no copy.
    """
    manifest = read_manifest(folder)
    if not is_empty(database):
        raise NotEmpty("Cơ sở dữ liệu đã có dữ liệu; chỉ khôi phục vào cơ sở dữ liệu trống")
    faults = faults_of_bytes(folder, manifest, progress)
    if faults:
        raise NotWhole(faults)
    named = listed_files(folder, manifest)
    strange = set(store.hashes()) - set(named)
    if strange and not files_stay:
        raise NotEmpty(
            f"Kho tệp đã có {len(strange)} tệp không thuộc bản sao lưu này; chọn kho trống, hoặc "
            "thêm --files-stay để giữ chúng"
        )
    _bring_files(named, store, folder, progress)
    try:
        with changing(database) as connection:
            load(connection, folder, manifest, progress)
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                found = faults_of_rows(session, folder, manifest)
                restorations.begin(session, manifest.id, manifest.made_at, clock(session))
                finish(session)
                session.commit()
    except (BrokenCopy, BrokenReference) as broken:
        raise NotWhole([f"{broken}."]) from broken
    missing = [
        f"Tệp {one} đã bị mất từ trước khi sao lưu, không khôi phục được."
        for one in manifest.files.missing
    ]
    lost = [
        f"Tệp {one} chép vào kho không đúng mã băm." for one in named if not store.is_whole(one)
    ]
    return Restored(manifest, (*missing, *found, *lost))


def _bring_files(named: list[str], store: FileStore, folder: Path, progress: Progress) -> None:
    store.folder.mkdir(parents=True, exist_ok=True)
    for number, sha256 in enumerate(named, start=1):
        if not store.is_whole(sha256):
            handle, staged = tempfile.mkstemp(dir=store.folder, prefix=".new-")
            with os.fdopen(handle, "wb") as file, file_place(folder, sha256).open("rb") as source:
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())
            store.place.keep(sha256, Path(staged))
        if number % STEPS == 0 or number == len(named):
            progress("chép tệp", number, len(named))
