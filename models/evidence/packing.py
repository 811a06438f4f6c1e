"""A bundle on its way out: parts with their hashes, a manifest, and a ZIP sent while it is packed.

Every byte of the ZIP follows from the parts and the instant it was made: names are plain ASCII,
nothing is compressed, no entry has a date of its own. `verify.py` holds each of them to that.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from models.chain import canonical, digest

FORM: Final = "evidence-bundle-1"
MANIFEST: Final = "manifest.json"
CHUNK: Final = 256 * 1024
IN_MEMORY: Final = 1024 * 1024
"""Bytes of a part that are kept in memory before they go to a file of the moment."""
_NO_DAY: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_READABLE: Final = 0o644 << 16


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the bundle: its path there, its hash and size, and where its bytes come from."""

    path: str
    sha256: str
    size: int
    open: Callable[[], IO[bytes]]


class Changed(Exception):
    """The bytes of a part are no longer those it was listed with; the ZIP breaks off."""


class Sink(io.RawIOBase):
    """Where an archive writes to, and from where it is sent on."""

    def __init__(self) -> None:
        """Nothing waits yet."""
        self.waiting = bytearray()

    def writable(self) -> bool:
        """It only takes in."""
        return True

    def write(self, piece: Any) -> int:  # noqa: ANN401 - whatever holds bytes
        """Take in a piece."""
        self.waiting += piece
        return len(piece)

    def taken(self) -> bytes:
        """What was written since the last time."""
        piece = bytes(self.waiting)
        self.waiting.clear()
        return piece


@dataclass
class Bundle:
    """A whole bundle, ready to be sent once; `close` gives back what waited in files."""

    code: str
    made_at: datetime
    parts: list[Part] = field(default_factory=list)
    _waiting: ExitStack = field(default_factory=ExitStack)

    def add(self, path: str, content: bytes) -> None:
        """Add a file whose bytes are at hand."""
        hashed = hashlib.sha256(content).hexdigest()
        self.parts.append(Part(path, hashed, len(content), lambda: io.BytesIO(content)))

    def add_json(self, path: str, value: object) -> None:
        """Add one value in canonical form."""
        self.add(path, canonical(value).encode() + b"\n")

    def add_lines(self, path: str, values: Iterable[object]) -> int:
        """Add a file of one canonical value a line, however many; returns how many."""
        kept = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the bundle
        self._waiting.callback(kept.close)
        hashed, size, count = hashlib.sha256(), 0, 0
        for value in values:
            line = canonical(value).encode() + b"\n"
            hashed.update(line)
            kept.write(line)
            size, count = size + len(line), count + 1

        def again() -> IO[bytes]:
            kept.seek(0)
            return kept

        self.parts.append(Part(path, hashed.hexdigest(), size, again))
        return count

    @property
    def manifest(self) -> dict[str, Any]:
        """What the bundle holds, with a hash over itself."""
        listed = [
            {"path": part.path, "sha256": part.sha256, "size": part.size} for part in self.parts
        ]
        told = {"form": FORM, "code": self.code, "made_at": self.made_at, "files": listed}
        return {**told, "digest": digest(told)}

    @property
    def fingerprint(self) -> str:
        """The hash over all hashes: whoever keeps it knows this bundle again."""
        return str(self.manifest["digest"])

    def packed(self) -> Iterator[bytes]:
        """The ZIP, piece by piece, never whole in memory; afterwards the bundle is closed.

        Raises `Changed` when a stored file turns out not to be what its name promises.
        """
        sink = Sink()
        with self._waiting, zipfile.ZipFile(sink, "w", allowZip64=False) as archive:
            archive.writestr(_entry(MANIFEST), canonical(self.manifest).encode() + b"\n")
            for part in self.parts:
                yield from _sent(archive, part, sink)
        yield sink.taken()

    def close(self) -> None:
        """Give back what waits, of a bundle that was not sent."""
        self._waiting.close()


def _sent(archive: zipfile.ZipFile, part: Part, sink: Sink) -> Iterator[bytes]:
    hashed = hashlib.sha256()
    with archive.open(_entry(part.path), "w") as inside:
        file = part.open()
        try:
            while chunk := file.read(CHUNK):
                hashed.update(chunk)
                inside.write(chunk)
                yield sink.taken()
        finally:
            if not isinstance(file, tempfile.SpooledTemporaryFile):
                file.close()
    if hashed.hexdigest() != part.sha256:
        raise Changed(part.path)


def _entry(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, _NO_DAY)
    info.create_system = _UNIX
    info.external_attr = _READABLE
    return info


def save(bundle: Bundle, path: Path) -> None:
    """Write the ZIP to `path`: whole and synced, or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".bundle-", delete=False) as file:
        unfinished = Path(file.name)
        try:
            for piece in bundle.packed():
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
