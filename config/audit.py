"""What is known against the packages we lock: `python -m config.audit [COPY]`, `make audit`.

Works without a network, on a copy of advisories in the form of OSV: a folder of JSON or YAML files,
or the archive OSV exports for PyPI (`all.zip`). Default place: `config/advisories`.

Exit codes: 0 nothing known against any package, by a copy that is fresh; 1 something is;
2 there is no copy, or it cannot be read; 3 nothing is known, but the copy is too old to say.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from config.clock import real_now
from config.lock import Pinned, read_lock
from config.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PLACE: Final = ROOT / "config" / "advisories"
LOCKS: Final = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
FRESH: Final = timedelta(days=30)
"""A copy whose newest advisory is older says little; high ones are mended within seven days."""
CLEAN, KNOWN, NO_COPY, STALE = range(4)
_KINDS: Final = {".json", ".yaml", ".yml"}
_BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)


class NoCopyError(Exception):
    """There is no copy of advisories, or it holds none; the message tells what to do."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """One thing known against some versions of one package."""

    id: str
    also: tuple[str, ...]
    """Other names of the same thing: CVE, GHSA."""
    package: str
    ranges: tuple[tuple[dict[str, str], ...], ...]
    """Events of each range of versions: introduced, fixed, last_affected."""
    versions: frozenset[str]
    modified: datetime
    withdrawn: bool

    def concerns(self, version: str) -> bool:
        """Is this version one of those it is about?"""
        if self.withdrawn:
            return False
        return version in self.versions or any(_within(one, version) for one in self.ranges)

    @property
    def fixed_in(self) -> str:
        """The versions it is mended in, the newest last; empty when in none."""
        fixed = {event["fixed"] for one in self.ranges for event in one if "fixed" in event}
        return ", ".join(sorted(fixed, key=_version))


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of advisories, by package."""

    advisories: dict[str, list[Advisory]]
    newest: datetime

    def is_stale(self, now: datetime) -> bool:
        """Is the newest advisory older than a copy may be?"""
        return now - self.newest > FRESH


def main(arguments: Sequence[str], now: datetime | None = None) -> int:
    """Look at both locks; say what is known, how old the copy is, and what to do."""
    instant = now or real_now()
    try:
        copy = read_copy(Path(arguments[0]) if arguments else PLACE)
    except NoCopyError as error:
        print(f"!!! NOT AUDITED: {error}", file=sys.stderr)
        return NO_COPY
    pinned = {(one.name, one.version): one for lock in LOCKS for one in read_lock(lock)}
    found = list(known(pinned.values(), copy))
    for one, advisory in found:
        names = ", ".join((advisory.id, *advisory.also))
        mended = advisory.fixed_in or "no version yet"
        print(f"{one.name} {one.version}: {names}; mended in {mended}")
    count = sum(map(len, copy.advisories.values()))
    age = (instant - copy.newest).days
    print(f"{len(pinned)} packages against {count} advisories, the newest {age} days old.")
    if copy.is_stale(instant):
        print(
            f"!!! STALE: the newest advisory of the copy is of {copy.newest:%d/%m/%Y}; take a new "
            f"copy (docs/supply-chain.md). What came since is not known.",
            file=sys.stderr,
        )
    if found:
        return KNOWN
    return STALE if copy.is_stale(instant) else CLEAN


def known(pinned: Iterable[Pinned], copy: Copy) -> Iterator[tuple[Pinned, Advisory]]:
    """Every package with everything known against its version."""
    for one in pinned:
        for advisory in copy.advisories.get(canonicalize_name(one.name), []):
            if advisory.concerns(one.version):
                yield one, advisory


def read_copy(place: Path) -> Copy:
    """Read a folder or an archive. Raises `NoCopyError` when there is nothing in it to read."""
    found: dict[str, list[Advisory]] = {}
    newest = _BEFORE_ALL
    for name, content in _files(place):
        try:
            told = json.loads(content) if name.endswith(".json") else yaml.safe_load(content)
            read = list(_advisories(told))
        except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
            raise NoCopyError(f"{name} is no advisory in the form of OSV ({error!r})") from None
        for one in read:
            found.setdefault(one.package, []).append(one)
            newest = max(newest, one.modified)
    if not found:
        raise NoCopyError(
            f"no advisory in {place.name}; put OSV's export for PyPI there (docs/supply-chain.md)"
        )
    return Copy(found, newest)


def _files(place: Path) -> Iterator[tuple[str, bytes]]:
    if place.suffix == ".zip" and place.is_file():
        with zipfile.ZipFile(place) as archive:
            for name in archive.namelist():
                if Path(name).suffix in _KINDS:
                    yield name, archive.read(name)
        return
    for path in sorted(place.rglob("*")) if place.is_dir() else ():
        if path.suffix == ".zip":
            yield from _files(path)
        elif path.suffix in _KINDS:
            yield path.name, path.read_bytes()


def _advisories(told: dict[str, Any]) -> Iterator[Advisory]:
    for one in told.get("affected", []):
        package = one.get("package", {})
        if package.get("ecosystem") != "PyPI":
            continue
        ranges = [
            tuple(
                {str(key): str(value) for key, value in event.items()} for event in range_["events"]
            )
            for range_ in one.get("ranges", [])
            if range_["type"] in {"ECOSYSTEM", "SEMVER"}
        ]
        yield Advisory(
            id=str(told["id"]),
            also=tuple(map(str, told.get("aliases", []))),
            package=canonicalize_name(str(package["name"])),
            ranges=tuple(ranges),
            versions=frozenset(map(str, one.get("versions", []))),
            modified=_instant(told["modified"]),
            withdrawn="withdrawn" in told,
        )


def _instant(told: str | datetime) -> datetime:
    if isinstance(told, str):
        told = datetime.fromisoformat(re.sub(r"Z$", "+00:00", told))
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _within(events: tuple[dict[str, str], ...], text: str) -> bool:
    """Walk the events in the order of versions: the last one before this version counts."""
    version, concerned = _version(text), False
    for event in sorted(events, key=lambda one: _version(next(iter(one.values())))):
        ((kind, at),) = event.items()
        bound = _version(at)
        if kind == "introduced" and version >= bound:
            concerned = True
        elif (kind == "fixed" and version >= bound) or (
            kind == "last_affected" and version > bound
        ):
            concerned = False
    return concerned


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
