"""A virus scanner is asked where there is one; what becomes of a file while it is down is set."""

from __future__ import annotations

import io
import socketserver
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from models.file_checks import FileRefused
from models.file_scanning import Scanned, Scanner, Verdict
from models.files import FileStore
from tests.hostile_files import EICAR
from tests.small_files import A_PDF, docx, zipped


class Clamd(socketserver.BaseRequestHandler):
    """As much of clamd as is asked: VERSION, INSTREAM, and a limit."""

    limit: ClassVar[int] = 20 * 1024 * 1024
    seen: ClassVar[list[int]] = []

    def handle(self) -> None:
        command = self._until_nul()
        if command == b"zVERSION":
            self.request.sendall(b"ClamAV 1.4.3/27800/Mon Dec  4 2023\0")
        elif command == b"zINSTREAM":
            self.request.sendall(self._verdict(self._streamed()) + b"\0")

    def _verdict(self, content: bytes) -> bytes:
        self.seen.append(len(content))
        if len(content) > self.limit:
            return b"INSTREAM size limit exceeded. ERROR"
        found = EICAR in content
        return b"stream: Eicar-Test-Signature FOUND" if found else b"stream: OK"

    def _until_nul(self) -> bytes:
        told = b""
        while not told.endswith(b"\0"):
            told += self.request.recv(1)
        return told[:-1]

    def _streamed(self) -> bytes:
        content = b""
        while size := int.from_bytes(self._exactly(4), "big"):
            content += self._exactly(size)
        return content

    def _exactly(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            got += self.request.recv(size - len(got))
        return got


@pytest.fixture(params=["unix", "tcp"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a scanner of our own listens."""
    server: socketserver.BaseServer
    if request.param == "unix":
        path = tmp_path / "clamd"
        server, told = socketserver.ThreadingUnixStreamServer(str(path), Clamd), f"unix:{path}"
    else:
        tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd)
        server, told = tcp, f"tcp://127.0.0.1:{tcp.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def test_a_clean_file_is_taken_and_what_was_asked_is_known(address: str, tmp_path: Path) -> None:
    scanner = Scanner(address)
    store = FileStore(tmp_path / "files", gates=(scanner,))
    store.put(io.BytesIO(A_PDF), "a.pdf")
    assert scanner.last == Scanned(Verdict.CLEAN)
    assert Clamd.seen[-1] == len(A_PDF)
    assert scanner.version().startswith("ClamAV 1.4.3")


def test_the_test_virus_is_refused_by_name_and_leaves_nothing(address: str, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files", gates=(Scanner(address),))
    for content in (A_PDF.replace(b"\n", b"\n%" + EICAR + b"\n", 1), _stored(EICAR)):
        with pytest.raises(FileRefused, match="Eicar-Test-Signature") as refused:
            store.put(io.BytesIO(content), "thư.pdf")
        assert refused.value.code == "FILE_VIRUS"
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


def _stored(part: bytes) -> bytes:
    """A DOCX in which a part lies as it is."""
    with zipfile.ZipFile(io.BytesIO(docx(("word/media/a.bin", part)))) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    return zipped(*parts, compression=zipfile.ZIP_STORED)


def test_while_it_is_down_the_setting_decides(tmp_path: Path) -> None:
    nowhere = f"unix:{tmp_path / 'nobody'}"
    strict = FileStore(tmp_path / "strict", gates=(Scanner(nowhere),))
    with pytest.raises(FileRefused) as refused:
        strict.put(io.BytesIO(A_PDF), "a.pdf")
    assert refused.value.code == "FILE_NOT_SCANNED"
    mild = Scanner(nowhere, refuse_unscanned=False)
    assert FileStore(tmp_path / "mild", gates=(mild,)).put(io.BytesIO(A_PDF), "a.pdf").size
    assert mild.last == Scanned(Verdict.DOWN, "FileNotFoundError")
    assert mild.version() == ""


def test_an_error_of_the_scanner_is_no_clean_bill(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clamd, "limit", 10)
    scanner = Scanner(address)
    with pytest.raises(FileRefused):
        FileStore(tmp_path / "files", gates=(scanner,)).put(io.BytesIO(A_PDF), "a.pdf")
    assert scanner.last is not None
    assert scanner.last.verdict is Verdict.DOWN
    assert "limit exceeded" in scanner.last.detail
