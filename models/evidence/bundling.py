"""Gathering one bundle: everything the record holds of a dossier, at one instant."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Final

from sqlalchemy.orm import Session

from models.evidence import contents, standing
from models.evidence.packing import Bundle, Part
from models.evidence.rules import rule_files
from models.files import FileStore
from models.office import write_down
from models.rulebooks import rulebook_of
from models.tables import Dossier, ProgrammeVersion

HERE: Final = Path(__file__).parent
VERIFIER: Final = HERE / "verify.py"
READ_ME: Final = HERE / "README.txt"


class LostFiles(Exception):
    """Papers whose stored files are gone or changed; `names` are what people called them."""

    def __init__(self, names: list[str]) -> None:
        """Keep the names."""
        self.names = names
        super().__init__(", ".join(names))


def bundle_of(session: Session, dossier: Dossier, store: FileStore, now: datetime) -> Bundle:
    """Gather the whole bundle of a dossier; `now` is its only stamp.

    `session` must read as one (`Database.reading`). Raises `LostFiles` before anything is packed.
    The same record gives the same bytes but for the stamp.
    """
    papers = standing.in_order(session, dossier)
    lost = [one.document.file_name for one in papers if not store.is_whole(one.document.sha256)]
    if lost:
        raise LostFiles(lost)
    bundle = Bundle(dossier.code, now)
    bundle.add("README.txt", READ_ME.read_bytes())
    bundle.add("verify.py", VERIFIER.read_bytes())
    hashes = contents.programme_hashes(session, dossier)
    seals = contents.seals_for(session, dossier)
    own, *_ = reversed(contents.streams(session, dossier))
    bundle.add_json(
        "dossier.json",
        {
            **standing.standing(session, dossier),
            "stream": own,
            "streams": contents.streams(session, dossier),
            "programmes": hashes,
            "checkpoint": {"size": seals.until.size, "hash": seals.until.hash},
            "seals": {"whole": seals.whole},
        },
    )
    bundle.add_json("votes.json", standing.votes(session, dossier))
    _add_lines(session, dossier, bundle, seals)
    for content_hash in hashes:
        _add_programme(session, bundle, content_hash)
    for paper in papers:
        document = paper.document
        place = store.path_of(document.sha256)
        path, opened = standing.path_of(paper), partial(_open, place)
        bundle.parts.append(Part(path, document.sha256, document.size, opened))
    return bundle


def write_down_taking(session: Session, bundle: Bundle, by: int | None, now: datetime) -> None:
    """Keep in the office's history who took which bundle; `by` is None at the terminal.

    The fingerprint tells later whether a bundle somebody shows is one that was handed out.
    """
    told = {"code": bundle.code, "fingerprint": bundle.fingerprint}
    write_down(session, "take_evidence", told, by, now)


def _add_lines(session: Session, dossier: Dossier, bundle: Bundle, wanted: contents.Seals) -> None:
    numbers = standing.decision_numbers(session, dossier)
    bundle.add_lines("evaluations.jsonl", contents.evaluations(session, dossier))
    bundle.add_lines("history.jsonl", contents.history(session, dossier, numbers))
    bundle.add_lines("seals.jsonl", contents.seals(session, dossier, wanted))
    bundle.add_lines("letters.jsonl", contents.letters(session, dossier))


def _add_programme(session: Session, bundle: Bundle, content_hash: str) -> None:
    programme = rulebook_of(session, content_hash).programme
    version = session.get_one(ProgrammeVersion, content_hash)
    for name, content in rule_files(version, programme).items():
        path = f"programmes/{content_hash}/{name}"
        if isinstance(content, bytes):
            bundle.add(path, content)
        else:
            bundle.add_json(path, content)


def _open(place: Path) -> IO[bytes]:
    return place.open("rb")
