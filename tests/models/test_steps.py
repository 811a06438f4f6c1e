"""A dossier's whole way through the ledger, and what the record holds afterwards."""

from __future__ import annotations

from models.database import Database
from models.doctor import examine
from tests import builders as build
from workflow.vocabulary import State


def test_a_dossier_goes_all_the_way_and_the_doctor_finds_nothing(database: Database) -> None:
    code = build.a_decided(database)
    assert build.the_dossier(database, code).state is State.DECIDED
    assert examine(database) == []
