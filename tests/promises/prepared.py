"""A record in which two dozen dossiers wait for a decision: made once for a run, then copied.

Taking so many dossiers through all their steps takes seconds; every worker of a run shares them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Table, create_engine, func, insert, make_url, select, text

from models.base import Base
from models.database import open_database
from models.scores import put_score
from tests import builders as build
from tests.councils import a_person
from workflow.vocabulary import Post

OFFICES = "VP TTT SNV STP STC SKHĐT SCT SNN SGTVT SXD STNMT STTTT SLĐTBXH SKHCN SGDĐT SYT SNgV BDT"
UNITS = (*OFFICES.split(), "H024", "H026", "H027", "H033", "H034", "H035")
FREE = ("H028", "H029", "H030", "H031", "H032")
"""Units of the quota's base that have no dossier yet."""
HEAD, DEPUTY = f"head@{build.PROVINCE}", f"deputy_head@{build.PROVINCE}"
SECOND_DEPUTY = f"second_deputy@{build.PROVINCE}"
DECIDERS = (HEAD, DEPUTY, SECOND_DEPUTY)
Fresh = Callable[[], str]
"""Makes a new copy of the record and gives its address."""


def checked_record(own: Path, staffed: Path) -> Path:
    """The SQLite file, made by the first worker that needs it; the others wait for that one."""
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = shared / "checked.sqlite"
    with (shared / "checked.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            being_made = shared / "checked.part"
            shutil.copyfile(staffed, being_made)
            _prepare(f"sqlite:///{being_made}")
            being_made.rename(made)
    return made


def _prepare(url: str) -> None:
    database = open_database(url)
    for unit in UNITS:
        build.a_checked(database, unit)
    with database.writing() as session:
        a_person(session, SECOND_DEPUTY, build.PROVINCE, Post.DEPUTY_HEAD)
        for unit in FREE:
            put_score(session, build.a_score(build.unit_id(session, unit)), None, build.NOW)
    database.close()


def carry(source: Path, url: str) -> None:
    """Put everything of a SQLite record into an empty or staffed one on PostgreSQL."""
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    tables = Base.metadata.sorted_tables
    here, there = create_engine(f"sqlite:///{source}"), create_engine(parsed)
    with here.connect() as reading, there.begin() as writing:
        # Triggers and foreign keys have had their say about every row already.
        writing.execute(text("SET session_replication_role = replica"))
        names = ", ".join(f'"{table.name}"' for table in tables)
        writing.execute(text(f"TRUNCATE {names} CASCADE"))
        for table in tables:
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if rows:
                writing.execute(insert(table), rows)
            _go_on_counting(writing, table)
    here.dispose()
    there.dispose()


def _go_on_counting(writing: Connection, table: Table) -> None:
    """The next key of the table is one that is not taken."""
    key = [one.name for one in table.primary_key]
    if len(key) != 1:
        return
    sequence = writing.scalar(select(func.pg_get_serial_sequence(f'"{table.name}"', key[0])))
    if sequence is not None:
        highest = writing.scalar(select(func.max(table.c[key[0]])))
        writing.execute(select(func.setval(sequence, highest or 1)))
