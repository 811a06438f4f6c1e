"""Record every change of every row field by field, in its own transaction; erase by law.

Revision: 0020, after 0019.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ADDED_TO = ("change_set", "change_set_line")
REFUSE_ON_SQLITE = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END
"""
REFUSE_ON_POSTGRESQL = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "captured_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tx", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "verb IN ('insert', 'update', 'delete')", name=op.f("ck_captured_change_verb_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captured_change")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_captured_change_tx"), "captured_change", ["tx"])
    op.create_table(
        "change_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_change_set_hash_is_whole")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_set")),
        sa.UniqueConstraint("hash", name=op.f("uq_change_set_hash")),
        sa.UniqueConstraint("stream", name=op.f("uq_change_set_stream")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_set_at", "change_set", ["at"])
    op.create_table(
        "change_set_line",
        sa.Column("line_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_set_id"], ["change_set.id"], name=op.f("fk_change_set_line_change_set_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["history_line.id"], name=op.f("fk_change_set_line_line_id")
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_change_set_line")),
    )
    op.create_index(op.f("ix_change_set_line_change_set_id"), "change_set_line", ["change_set_id"])
    op.create_table(
        "kept_value",
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "length(commitment) = 64", name=op.f("ck_kept_value_commitment_is_whole")
        ),
        sa.ForeignKeyConstraint(
            ["change_set_id"], ["change_set.id"], name=op.f("fk_kept_value_change_set_id")
        ),
        sa.PrimaryKeyConstraint("commitment", name=op.f("pk_kept_value")),
    )
    op.create_index(op.f("ix_kept_value_change_set_id"), "kept_value", ["change_set_id"])
    op.create_index("ix_kept_value_place", "kept_value", ["table_name", "row_key"])
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("values_erased", sa.Integer(), nullable=False),
        sa.CheckConstraint("reason <> '' AND legal_basis <> ''", name=op.f("ck_erasure_says_why")),
        sa.CheckConstraint(
            "answered_by_id IS NULL OR answered_by_id <> asked_by_id",
            name=op.f("ck_erasure_takes_two_people"),
        ),
        sa.CheckConstraint(
            "(granted IS NULL) = (answered_at IS NULL)",
            name=op.f("ck_erasure_answered_at_some_time"),
        ),
        sa.CheckConstraint("values_erased >= 0", name=op.f("ck_erasure_values_are_counted")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name=op.f("fk_erasure_answered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_erasure_asked_by_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_person_id"), "erasure", ["person_id"])
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in ADDED_TO:
        for verb in ("update", "delete", *(["truncate"] if postgresql else [])):
            words = REFUSE_ON_POSTGRESQL if postgresql else REFUSE_ON_SQLITE
            op.execute(words.format(table=table, verb=verb))


def downgrade() -> None:
    for table in ("erasure", "kept_value", "change_set_line", "change_set", "captured_change"):
        op.drop_table(table)
