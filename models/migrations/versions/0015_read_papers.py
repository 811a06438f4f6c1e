"""Keep what the text of each paper says, read once for each file.

Revision: 0015, after 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TO_READ = """
INSERT INTO paper_reading (sha256, legibility, tries, reader, reason, statements)
SELECT DISTINCT sha256, 'pending', 0, 0, '', '[]' FROM document
"""


def upgrade() -> None:
    op.create_table(
        "paper_reading",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column(
            "legibility",
            sa.Enum(
                "pending",
                "read",
                "unreadable",
                name="legibility",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reader", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("statements", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_paper_reading_hash_is_whole")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_paper_reading_tries_are_counted")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_paper_reading")),
    )
    op.create_index(
        "ix_paper_reading_pending",
        "paper_reading",
        ["sha256"],
        sqlite_where=sa.text("legibility = 'pending'"),
        postgresql_where=sa.text("legibility = 'pending'"),
    )
    op.execute(TO_READ)


def downgrade() -> None:
    op.drop_index(
        "ix_paper_reading_pending",
        table_name="paper_reading",
        sqlite_where=sa.text("legibility = 'pending'"),
        postgresql_where=sa.text("legibility = 'pending'"),
    )
    op.drop_table("paper_reading")
