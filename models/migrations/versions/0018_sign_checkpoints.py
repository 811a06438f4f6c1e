"""Sign ends of the sealed chain, and remember which place outside has which.

Revision: 0018, after 0017.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

REFUSE_ON_SQLITE = """
CREATE TRIGGER log_checkpoint_refuses_{verb} BEFORE {verb} ON log_checkpoint
BEGIN SELECT RAISE(ABORT, 'log_checkpoint is only ever added to'); END
"""

REFUSE_ON_POSTGRESQL = """
CREATE TRIGGER log_checkpoint_refuses_{verb} BEFORE {verb} ON log_checkpoint
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("head_hash", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_log_checkpoint_says_something")),
        sa.CheckConstraint("length(head_hash) = 64", name=op.f("ck_log_checkpoint_hash_is_whole")),
        sa.CheckConstraint(
            "because IN ('clock', 'decision')", name=op.f("ck_log_checkpoint_reason_is_known")
        ),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_checkpoint")),
        sa.UniqueConstraint("head_hash", name=op.f("uq_log_checkpoint_head_hash")),
    )
    op.create_table(
        "checkpoint_delivery",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "attempts >= 0", name=op.f("ck_checkpoint_delivery_attempts_are_counted")
        ),
        sa.CheckConstraint(
            "place IN ('file', 'mail', 'webhook')",
            name=op.f("ck_checkpoint_delivery_place_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["size"], ["log_checkpoint.size"], name=op.f("fk_checkpoint_delivery_size")
        ),
        sa.PrimaryKeyConstraint("size", "place", name=op.f("pk_checkpoint_delivery")),
    )
    op.create_index(
        op.f("ix_checkpoint_delivery_next_attempt_at"), "checkpoint_delivery", ["next_attempt_at"]
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for verb in ("update", "delete", *(["truncate"] if postgresql else [])):
        words = REFUSE_ON_POSTGRESQL if postgresql else REFUSE_ON_SQLITE
        op.execute(words.format(verb=verb))


def downgrade() -> None:
    op.drop_index(op.f("ix_checkpoint_delivery_next_attempt_at"), table_name="checkpoint_delivery")
    op.drop_table("checkpoint_delivery")
    op.drop_table("log_checkpoint")
