"""The papers of the demonstration agree with each other, but for the one that is shown."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from models.database import open_database
from models.gathering import facts_of
from models.rulebooks import rulebook_of
from models.tables import Dossier
from tests.journeys.service import prepared
from workflow.papers.agreement import disagreements
from workflow.papers.claims import bundle
from workflow.statements import Legibility

if TYPE_CHECKING:
    from pathlib import Path

OPENS = date(2023, 12, 5)


def test_of_all_dossiers_only_one_shows_papers_that_disagree(tmp_path: Path) -> None:
    made = prepared(tmp_path)
    database = open_database(f"sqlite:///{made / 'service.sqlite3'}")
    found = {}
    with database.reading() as session:
        dossiers = session.scalars(select(Dossier)).all()
        for dossier in dossiers:
            facts = facts_of(session, dossier)
            assert all(one.legibility is Legibility.READ for one in facts.documents)
            programme = rulebook_of(session, dossier.programme_hash).programme
            seen = disagreements(bundle(facts, programme, OPENS))
            if seen:
                found[dossier.subject_name] = [one.topic for one in seen]
    database.close()
    assert len(dossiers) >= 48
    assert found == {"Sở Ngoại vụ": ["meeting"]}
