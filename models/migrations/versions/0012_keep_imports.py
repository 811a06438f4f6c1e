"""Keep the tables people bring in, from the dry run to the end.

Revision: 0012, after 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("brought_by", sa.Integer(), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_import_run_size_is_positive")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_import_run_hash_is_whole")),
        sa.CheckConstraint(
            "(done_at IS NULL) = (changed IS NULL)", name=op.f("ck_import_run_done_with_a_count")
        ),
        sa.ForeignKeyConstraint(
            ["brought_by"], ["person.id"], name=op.f("fk_import_run_brought_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index("ix_import_run_brought_by", "import_run", ["brought_by", "kind"])


def downgrade() -> None:
    op.drop_index("ix_import_run_brought_by", table_name="import_run")
    op.drop_table("import_run")
