"""What the service is made of, as a CycloneDX list: `python -m config.bom [FILE]`, `make sbom`.

Read from the lock, with every hash the installer would accept; licences are those the installed
packages state. The same lock gives the same list, but for its instant and number.
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from config.lock import Pinned, read_lock
from config.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

LOCK: Final = ROOT / "requirements.txt"
FONTS: Final = ROOT / "config" / "papers" / "fonts"


def main(arguments: Sequence[str]) -> int:
    """Write the list into the file named first, or to standard output."""
    text = JsonV1Dot6(bill()).output_as_string(indent=2)
    if arguments:
        Path(arguments[0]).write_text(f"{text}\n", "utf-8")
        print(f"{arguments[0]}: {len(read_lock(LOCK))} packages")
    else:
        print(text)
    return 0


def bill(lock: Path = LOCK) -> Bom:
    """The list of everything the lock names, and of the fonts that are shipped along."""
    pinned = read_lock(lock)
    ours = _ourselves()
    bom = Bom()
    bom.metadata.component = ours
    parts = {one.name: _part(one) for one in pinned}
    for part in parts.values():
        bom.components.add(part)
    for one in pinned:
        askers = [parts[name] for name in one.asked_by if name in parts]
        for asker in (*askers, ours) if one.is_ours else askers:
            bom.register_dependency(asker, [parts[one.name]])
    for font in sorted(FONTS.glob("*.?tf")):
        shipped = _file(font)
        bom.components.add(shipped)
        bom.register_dependency(ours, [shipped])
    return bom


def _ourselves() -> Component:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        licenses=[LicenseFactory().make_from_string(project["license"])],
        bom_ref=project["name"],
    )


def _part(one: Pinned) -> Component:
    found = PackageURL("pypi", None, one.name, one.version)
    licence = _licence(one)
    return Component(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        purl=found,
        bom_ref=found.to_string(),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=value) for value in one.hashes],
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
    )


def _licence(one: Pinned) -> str:
    """What the installed package says; nothing where it is for another system."""
    try:
        told = metadata(one.name)
    except PackageNotFoundError:
        return ""
    stated = str((told.get_all("License-Expression") or told.get_all("License") or [""])[0])
    if stated and "\n" not in stated.strip():
        return stated.strip()
    kinds = [str(one) for one in told.get_all("Classifier") or [] if "License ::" in one]
    return kinds[0].rpartition(" :: ")[2] if kinds else ""


def _file(path: Path) -> Component:
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return Component(
        name=path.name,
        type=ComponentType.FILE,
        bom_ref=f"file:{path.name}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content)],
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
