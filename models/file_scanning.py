"""Asking a virus scanner about a file, where an office runs one: clamd, by its own protocol.

INSTREAM over a Unix socket or TCP, as clamd(8) documents it. The clients on the package index
are either unkept for twelve years or under the GPL, and this service is not; the protocol is a
page long.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from models.file_checks import FileRefused
from workflow.words import phrase

SECONDS: Final = 20.0
"""How long the scanner may take for one answer."""
QUICK: Final = 2.0
"""How long it may take to say who it is: health is asked often."""
_PIECE: Final = 64 * 1024
_LONGEST: Final = 4096
_PORT: Final = 3310


class Verdict(StrEnum):
    """What became of asking."""

    CLEAN = "clean"
    FOUND = "found"
    DOWN = "down"
    """The scanner did not answer, or not as it should."""
    NONE = "none"
    """There is no scanner."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A verdict, with the name of what was found or of what went wrong."""

    verdict: Verdict
    detail: str = ""


class Scanner:
    """clamd at `unix:/path` or `tcp://host:port`."""

    def __init__(self, address: str, *, refuse_unscanned: bool = True) -> None:
        """Nothing is asked yet."""
        self.address = urlsplit(address)
        self.refuse_unscanned = refuse_unscanned
        self.last: Scanned | None = None

    def __call__(self, path: Path, _content_type: str) -> None:
        """As a gate of the store: raise `FileRefused` for a virus, or for no answer if so set."""
        self.last = self.scan(path)
        if self.last.verdict is Verdict.FOUND:
            raise FileRefused(
                "FILE_VIRUS",
                phrase("Máy quét phát hiện mã độc ({detail}).", detail=self.last.detail),
                phrase(
                    "Không mở tệp này. Quét vi-rút máy tính đã tạo tệp, lấy lại bản sạch rồi "
                    "tải lên."
                ),
            )
        if self.last.verdict is Verdict.DOWN and self.refuse_unscanned:
            raise FileRefused(
                "FILE_NOT_SCANNED",
                phrase("Máy quét vi-rút đang không trả lời nên chưa nhận tệp."),
                phrase("Thử lại sau ít phút; nếu vẫn vậy, báo quản trị."),
            )

    def scan(self, path: Path) -> Scanned:
        """Send the file and read the verdict; never raises for what the scanner does."""
        try:
            with self._connected(SECONDS) as line, path.open("rb") as file:
                line.sendall(b"zINSTREAM\0")
                while piece := file.read(_PIECE):
                    line.sendall(len(piece).to_bytes(4, "big") + piece)
                line.sendall(bytes(4))
                return _read(_answer(line))
        except OSError as error:
            return Scanned(Verdict.DOWN, type(error).__name__)

    def version(self) -> str:
        """What the scanner says it is; empty when it does not answer."""
        try:
            with self._connected(QUICK) as line:
                line.sendall(b"zVERSION\0")
                return _answer(line)
        except OSError:
            return ""

    def _connected(self, seconds: float) -> socket.socket:
        if self.address.scheme == "unix":
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(seconds)
            try:
                line.connect(self.address.path)
            except OSError:
                line.close()
                raise
            return line
        where = (self.address.hostname or "localhost", self.address.port or _PORT)
        return socket.create_connection(where, seconds)


def _answer(line: socket.socket) -> str:
    told = bytearray()
    while len(told) < _LONGEST and not told.endswith(b"\0"):
        piece = line.recv(_LONGEST)
        if not piece:
            break
        told += piece
    return bytes(told).rstrip(b"\0\n").decode("utf-8", "replace")


def _read(told: str) -> Scanned:
    words = told.removeprefix("stream:").strip()
    if words == "OK":
        return Scanned(Verdict.CLEAN)
    if words.endswith(" FOUND"):
        return Scanned(Verdict.FOUND, words.removesuffix(" FOUND")[:80])
    return Scanned(Verdict.DOWN, words[:80])
