"""Find names from any of their words on, and decisions by number; put dossiers in order of names.

Revision: 0023, after 0022.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
AT_ONCE = 1000
LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
RANKS = {letter: f"{rank:02d}" for rank, letter in enumerate(LETTERS, start=10)}
TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}


def upgrade() -> None:
    for name in ("unit", "person"):
        op.create_table(
            f"{name}_phrase",
            sa.Column(f"{name}_id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("phrase", BYTEWISE, nullable=False),
            sa.ForeignKeyConstraint(
                [f"{name}_id"], [f"{name}.id"], name=op.f(f"fk_{name}_phrase_{name}_id")
            ),
            sa.PrimaryKeyConstraint(f"{name}_id", "phrase", name=op.f(f"pk_{name}_phrase")),
        )
        op.create_index(
            f"ix_{name}_phrase_phrase", f"{name}_phrase", ["phrase", f"{name}_id"], unique=False
        )
    op.add_column("dossier", sa.Column("sort_key", BYTEWISE, server_default="", nullable=False))
    op.add_column("decision", sa.Column("number_key", BYTEWISE, server_default="", nullable=False))
    _fill("unit", "name, code", _put_phrases("unit"))
    _fill("person", "full_name, code", _put_phrases("person"))
    _fill("dossier", "subject_name, subject_kind", _put_sort_key)
    _fill("decision", "number, number", _put_number_key)
    op.create_index("ix_dossier_sort_key", "dossier", ["sort_key", "code"], unique=False)
    op.create_index(op.f("ix_decision_number_key"), "decision", ["number_key"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_decision_number_key"), table_name="decision")
    op.drop_index("ix_dossier_sort_key", table_name="dossier")
    op.drop_column("decision", "number_key")
    op.drop_column("dossier", "sort_key")
    for name in ("person", "unit"):
        op.drop_index(f"ix_{name}_phrase_phrase", table_name=f"{name}_phrase")
        op.drop_table(f"{name}_phrase")


def _fill(table: str, columns: str, put: Callable[[int, str, str], list[sa.TextClause]]) -> None:
    """Work out what is new from each row there is, some at a time."""
    bind = op.get_bind()
    query = sa.text(
        f"SELECT id, {columns} FROM {table} WHERE id > :after ORDER BY id LIMIT :most"  # noqa: S608
    )
    after = 0
    while rows := bind.execute(query, {"after": after, "most": AT_ONCE}).all():
        for row in rows:
            for statement in put(*row):
                bind.execute(statement)
        after = rows[-1][0]


def _put_phrases(name: str) -> Callable[[int, str, str], list[sa.TextClause]]:
    into = sa.text(f"INSERT INTO {name}_phrase ({name}_id, phrase) VALUES (:id, :phrase)")  # noqa: S608

    def put(number: int, *texts: str) -> list[sa.TextClause]:
        found = set()
        for text in texts:
            words = _words(text).split()
            found |= {" ".join(words[start:])[:80] for start in range(min(len(words), 16))}
        return [into.bindparams(id=number, phrase=one) for one in sorted(found)]

    return put


def _put_sort_key(number: int, name: str, kind: str) -> list[sa.TextClause]:
    if kind == "individual":
        words = name.split()
        name = " ".join([*words[-1:], *words[:-1]])
    into = sa.text("UPDATE dossier SET sort_key = :key WHERE id = :id")
    return [into.bindparams(id=number, key=_sort_key(name))]


def _put_number_key(number: int, told: str, _: str) -> list[sa.TextClause]:
    into = sa.text("UPDATE decision SET number_key = :key WHERE id = :id")
    return [into.bindparams(id=number, key=_words(told))]


def _words(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "d"))
    bare = "".join(part for part in parts if not unicodedata.combining(part)).casefold()
    return " ".join("".join(sign if sign.isalnum() else " " for sign in bare).split())


def _sort_key(text: str) -> str:
    letters, tones = [], []
    for letter in unicodedata.normalize("NFC", text).casefold():
        parts = unicodedata.normalize("NFD", letter)
        tones.append(next((TONES[part] for part in parts if part in TONES), "0"))
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
        other = "".join(f"05{ord(sign):06d}" for sign in base)
        letters.append(RANKS.get(base, "00" if base.isspace() else other))
    return "".join(letters) + "-" + "".join(tones)
