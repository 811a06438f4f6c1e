"""What the door does with files: one store for all forms, as the settings want it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Final, cast

from flask import Flask, current_app, g, request

from config.settings import Settings
from models import receiving
from models.file_checks import FileRefused
from models.file_places import FileLost, Place
from models.file_places_s3 import Bucket, place_at
from models.file_scanning import Scanned, Scanner, Verdict
from models.file_seals import TrustList, read_trust_list
from models.file_views import FileViews
from models.files import FileStore, Gate, StoredFile
from models.guarded import run_guarded
from models.guarding.probing import network
from models.receiving import NoSuchUpload
from models.tables import FileScan
from views import desk
from views.formats import Words, _
from workflow.words import phrase

_WAYS: Final = Words(
    {
        "opens_files": "mở được tệp khác",
        "opens_sockets": "mở được kết nối mạng",
        "starts_processes": "tạo được tiến trình khác",
        "shares_network": "ở chung mạng với máy chủ (không mở được kết nối mới)",
        "is_root": "chạy với quyền root",
        "sees_environment": "đọc được biến môi trường",
    }
)
_SCANNED = phrase("Tệp được quét vi-rút khi nhận.")
_NOT_SCANNED = phrase("Máy chủ không quét vi-rút: quét tệp trên máy bạn trước khi gửi.")


@dataclass(frozen=True)
class FileDesk:
    """Place, scanner and trusted authorities of one running application."""

    settings: Settings

    @cached_property
    def place(self) -> Place:
        """Where files lie."""
        wanted = self.settings.files
        bucket = Bucket(
            wanted.s3_url,
            wanted.s3_endpoint,
            wanted.s3_region,
            wanted.s3_key,
            wanted.s3_secret,
        )
        return place_at(self.settings.storage_dir, bucket)

    def scanner(self) -> Scanner | None:
        """A scanner for one file; none where the office runs none."""
        wanted = self.settings.files
        if not wanted.clamd_url:
            return None
        return Scanner(wanted.clamd_url, refuse_unscanned=wanted.refuse_unscanned)

    def store(self) -> FileStore:
        """The store of all files."""
        return FileStore(self.settings.storage_dir, self.place)

    def trust(self) -> TrustList:
        """The authorities trusted now; a change of the folder counts at once."""
        return read_trust_list(self.settings.files.roots_dir)


def here() -> FileDesk:
    """The file desk of the running application."""
    return cast("FileDesk", current_app.extensions["files"])


def open_at(app: Flask, settings: Settings) -> None:
    """Give the application its file desk, and its pages the words about scanning."""
    app.extensions["files"] = FileDesk(settings)
    scanned = bool(settings.files.clamd_url)
    app.jinja_env.globals["held"] = held
    app.jinja_env.globals["scan_note"] = _SCANNED if scanned else _NOT_SCANNED


def store() -> FileStore:
    """The store of stored files."""
    return here().store()


def lying(sha256: str, name: str) -> Path:
    """Where a file lies that the record calls `name`. Raises `FileLost`, which has a page."""
    try:
        return store().path_of(sha256)
    except FileLost as lost:
        lost.name = name
        raise


def views() -> FileViews:
    """What is shown of stored files."""
    return FileViews(store())


def take(source: IO[bytes], name: str, gate: Gate | None = None) -> StoredFile:
    """Check and store an upload, and note what the scanner said. Raises `FileRefused`.

    `gate` is one more look, after all others.
    """
    scanner, store = here().scanner(), here().store()
    store.gates += tuple(one for one in (scanner, gate) if one is not None)
    stored = store.put(source, name)
    said = scanner.last if scanner is not None else None
    said = said or Scanned(Verdict.NONE)
    with desk.writing() as db:
        db.add(
            FileScan(
                sha256=stored.sha256,
                verdict=said.verdict.value,
                detail=said.detail,
                scanned_at=desk.now(),
            )
        )
    return stored


def received(name: str, gate: Gate | None = None) -> StoredFile | None:
    """The file of a field of this form: chosen now, or arrived before. Raises `FileRefused`.

    `gate` is one more look at it. Until `used` is called it waits for the form to be sent again.
    """
    _looked_at().add(name)
    file, waiting = request.files.get(name), request.form.get(f"{name}-held", "")
    if file is not None and file.filename:
        stored = take(file.stream, file.filename, gate)
    elif waiting:
        stored = _arrived(waiting)
        if gate is not None:
            gate(store().path_of(stored.sha256), stored.content_type)
    else:
        return None
    _taken()[name] = stored
    return stored


def chosen(name: str) -> bool:
    """Did the form bring a file in this field, or name one that has arrived before?"""
    file = request.files.get(name)
    return bool((file is not None and file.filename) or request.form.get(f"{name}-held"))


def used(name: str) -> None:
    """The file of this field is part of the record now; nothing waits any more."""
    _taken().pop(name, None)


def hold_all() -> dict[str, dict[str, str]]:
    """Let the files of this form wait, those still unread too: what a page shows of each field.

    A file that is refused is not held; the page says why where the form is judged.
    """
    waiting = (name.removesuffix("-held") for name in request.form if name.endswith("-held"))
    for name in {*request.files, *waiting} - _looked_at():
        with contextlib.suppress(FileRefused):
            received(name)
    if _taken() and "held" not in g:
        with desk.writing() as db:
            g.held = {
                name: {
                    "id": receiving.hold(db, desk.me().person_id, stored, desk.now()),
                    "name": stored.file_name,
                }
                for name, stored in _taken().items()
            }
    return cast("dict[str, dict[str, str]]", g.get("held", {}))


def held(name: str) -> dict[str, str] | None:
    """The file that waits for this field on the page being shown, if any."""
    return cast("dict[str, str] | None", g.get("held", {}).get(name))


def _taken() -> dict[str, StoredFile]:
    if "taken" not in g:
        g.taken = {}
    return cast("dict[str, StoredFile]", g.taken)


def _looked_at() -> set[str]:
    """Fields whose file has been looked at in this request, whatever became of it."""
    if "looked_at" not in g:
        g.looked_at = set()
    return cast("set[str]", g.looked_at)


def _arrived(upload_id: str) -> StoredFile:
    try:
        with desk.reading() as db:
            seen = receiving.progress(db, upload_id, desk.me().person_id, desk.now())
    except NoSuchUpload:
        seen = None
    if seen is None or seen.stored is None:
        raise FileRefused("FILE_GONE", _("Tệp gửi trước đó không còn."), _("Chọn lại tệp rồi gửi."))
    return seen.stored


def scanner_state() -> str:
    """`none` where there is no scanner, else `ok` or `down`."""
    scanner = here().scanner()
    if scanner is None:
        return "none"
    return "ok" if scanner.version() else "down"


def doctor_lines() -> tuple[list[str], list[str]]:
    """What is as it should be with files, and what the office should know."""
    told, warnings = walls()
    scanner = here().scanner()
    if scanner is None:
        warnings.append(
            _("files: không có máy quét vi-rút (CLAMD_URL); tệp nhận vào chưa được quét.")
        )
    elif version := scanner.version():
        told.append(_("Máy quét vi-rút: {version}.", version=version))
    else:
        after = (
            _("không nhận tệp") if scanner.refuse_unscanned else _("vẫn nhận tệp, ghi là chưa quét")
        )
        warnings.append(
            _("files: máy quét vi-rút không trả lời; trong lúc đó {after}.", after=after)
        )
    trust = here().trust()
    if not trust.authorities:
        warnings.append(_("files: chưa khai nơi cấp chứng thư tin cậy (SIGNATURE_ROOTS_DIR)."))
    warnings += [
        _("files: {name} không phải chứng thư hay danh sách thu hồi.", name=name)
        for name in trust.faults
    ]
    wanted = here().settings.files.s3_url
    told.append(_("Tệp lưu ở {wanted}.", wanted=wanted or here().settings.storage_dir))
    return told, warnings


def walls() -> tuple[list[str], list[str]]:
    """What a parser behind the walls can still do on this machine, as it was tried just now."""
    found = run_guarded("probe", Path(__file__), {"network": network()})
    if found.failure is not None:
        return [], [
            _(
                "files: không chạy được tiến trình kiểm tra tệp ({value}).",
                value=found.failure.value,
            )
        ]
    open_ways = [words for key, words in _WAYS.items() if found.content[key]]
    if open_ways:
        return [], [_("files: tiến trình kiểm tra tệp còn {one}.", one=one) for one in open_ways]
    return [_("Tiến trình kiểm tra tệp: không mạng, không mở tệp khác, không tạo tiến trình.")], []
