"""Let a member note something beside a dossier that is no part of the ballot.

Revision: 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ballot_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_ballot_note_says_something")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_ballot_note_item_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["council_seat.id"], name=op.f("fk_ballot_note_seat_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_note")),
        sa.UniqueConstraint("item_id", "seat_id", name=op.f("uq_ballot_note_item_id_seat_id")),
    )
    op.create_index(op.f("ix_ballot_note_seat_id"), "ballot_note", ["seat_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_ballot_note_seat_id"), table_name="ballot_note")
    op.drop_table("ballot_note")
