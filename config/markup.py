"""Fetch the checker of HTML (html-validate) into `var/markup`, for the tests.

    python -m config.markup

The packages and what they must hash to stand in `config/markup.json`, a lock file of npm without
addresses. Node comes with Playwright; npm itself is not needed. Where the packages cannot be had,
`var/markup-missing` says why, and the tests that need them are skipped with those words.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "config" / "markup.json"
FOLDER: Final = ROOT / "var" / "markup"
MISSING: Final = ROOT / "var" / "markup-missing"
PROGRAM: Final = FOLDER / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
REGISTRY: Final = os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").rstrip("/")
WAIT: Final = 60.0
"""Seconds for one package."""


class WrongPackageError(Exception):
    """What came is not what the lock says."""


def say(message: str) -> None:
    """Tell the person at the terminal what happens."""
    print(f"[prepare] {message}", flush=True)  # noqa: T201 - a command


def main() -> int:
    """Fetch what is not there; always 0, for tests say themselves what they lack."""
    MISSING.unlink(missing_ok=True)
    stamp = FOLDER / "stamp"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return 0
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        for name, version, digest in packages():
            unpack(checked(fetch(name, version), digest), FOLDER / name)
    except (OSError, urllib.error.URLError, WrongPackageError, tarfile.TarError) as problem:
        MISSING.parent.mkdir(mode=0o700, exist_ok=True)
        MISSING.write_text(f"html-validate could not be fetched: {problem}", "utf-8")
        say(f"{MISSING.read_text('utf-8')}; its tests are skipped")
        return 0
    stamp.write_text(wanted, "utf-8")
    return 0


def packages() -> list[tuple[str, str, str]]:
    """Folder, version and digest (`sha512-…`) of each package of the lock."""
    listed = json.loads(LOCK.read_text("utf-8"))["packages"]
    return [(name, one["version"], one["integrity"]) for name, one in listed.items() if name]


def fetch(folder: str, version: str) -> bytes:
    """One package as the registry sends it. Raises `OSError` when it does not come."""
    name = folder.rpartition("node_modules/")[2]
    address = f"{REGISTRY}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
    if not address.startswith(("https://", "http://")):
        message = "the registry must be reached over HTTP"
        raise OSError(message)
    with urllib.request.urlopen(address, timeout=WAIT) as answer:  # noqa: S310 - looked at above
        content: bytes = answer.read()
    return content


def checked(content: bytes, digest: str) -> bytes:
    """The same bytes. Raises `WrongPackageError` when they are not what the lock names."""
    kind, _, wanted = digest.partition("-")
    if base64.b64encode(hashlib.new(kind, content).digest()).decode() != wanted:
        message = "a package is not the one that was locked"
        raise WrongPackageError(message)
    return content


def unpack(content: bytes, folder: Path) -> None:
    """Put a package where Node looks for it; its own first folder is left out.

    Raises `WrongPackageError` for a name that leads out of the folder.
    """
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive.getmembers():
            held = archive.extractfile(member) if member.isfile() else None
            if held is None:
                continue
            place = folder / member.name.partition("/")[2]
            if not place.resolve().is_relative_to(folder.resolve()):
                message = f"a package has a file outside of it: {member.name}"
                raise WrongPackageError(message)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(held.read())


if __name__ == "__main__":
    sys.exit(main())
