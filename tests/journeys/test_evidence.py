"""Every dossier of the demonstration proves itself, whatever its award, and always the same way."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from models.database import open_database
from models.files import FileStore
from models.tables import Dossier
from tests.evidence import LATER, bundled, verified
from tests.journeys.service import ROOT, prepared
from tests.tiers import count
from workflow.vocabulary import State

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

AWARDS = {"BANG_KHEN_TINH", "GIAY_KHEN_CO_QUAN", "GIAY_KHEN_HUYEN", "GIAY_KHEN_XA"}


def test_a_stranger_bundles_and_verifies_beside_make_run(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """With `DEMONSTRATION=1` and nothing but where the data lie; verified in an empty folder."""
    made = prepared(tmp_path_factory.mktemp("evidence"))
    own = {
        "PATH": os.environ["PATH"],
        "DEMONSTRATION": "1",
        "DATABASE_URL": f"sqlite:///{made / 'service.sqlite3'}",
        "STORAGE_DIR": str(made / "files"),
    }
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", "dossiers"]
    told = subprocess.run(
        [*flask, "list", "--state", "rejected"], cwd=ROOT, env=own, check=True, capture_output=True
    )
    code = told.stdout.decode().split("\t")[0]
    out = tmp_path / "HS.zip"
    subprocess.run([*flask, "bundle", code, "--out", str(out)], cwd=ROOT, env=own, check=True)
    with zipfile.ZipFile(out) as archive:
        archive.extract("verify.py", tmp_path)
    alone = [sys.executable, "-I", "-S", "verify.py", "HS.zip"]
    assert subprocess.run(alone, cwd=tmp_path, env={}, check=False).returncode == 0


def test_every_dossier_of_the_demonstration_proves_itself(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """By day one of each award and state, by night all of them; each is bundled twice."""
    made = prepared(tmp_path_factory.mktemp("evidence"))
    database, store = (
        open_database(f"sqlite:///{made / 'service.sqlite3'}"),
        FileStore(made / "files"),
    )
    with database.reading() as session:
        dossiers = session.scalars(select(Dossier).order_by(Dossier.code)).all()
    kinds = {(one.award_form, one.state): one for one in dossiers}
    assert {award for award, state in kinds if state is State.DECIDED} == AWARDS
    assert {State.REGISTERED, State.SUBMITTED, State.REJECTED, State.WITHDRAWN} <= {
        state for _, state in kinds
    }
    assert len(dossiers) > 50
    for one in dossiers if count(0, 1) else kinds.values():
        hashes = set()
        for _ in range(2):
            path = bundled(database, store, one.code, tmp_path / "HS.zip", LATER)
            hashes.add(hashlib.sha256(path.read_bytes()).hexdigest())
        faults, said = verified(path)
        assert not faults, (one.code, said)
        assert "không chạy lại" not in said
        assert len(hashes) == 1, one.code
    database.close()
