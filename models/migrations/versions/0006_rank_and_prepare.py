"""Freeze rankings of those who compete for the same places.

Revision: 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PROTECTED = ("ranking_snapshot",)

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
        "ranking_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Text(), nullable=False),
        sa.Column("award_form", sa.Text(), nullable=False),
        sa.Column("deciding_unit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_ranking_snapshot_number_is_positive")),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_ranking_snapshot_hash_is_whole")),
        sa.ForeignKeyConstraint(
            ["deciding_unit_id"], ["unit.id"], name=op.f("fk_ranking_snapshot_deciding_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["person.id"], name=op.f("fk_ranking_snapshot_taken_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking_snapshot")),
        sa.UniqueConstraint(
            "programme_id",
            "cycle_id",
            "award_form",
            "deciding_unit_id",
            "number",
            name=op.f(
                "uq_ranking_snapshot_programme_id_cycle_id_award_form_deciding_unit_id_number"
            ),
        ),
    )
    _protect()


def downgrade() -> None:
    op.drop_table("ranking_snapshot")


def _protect() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    statement = REFUSE_ON_SQLITE if sqlite else REFUSE_ON_POSTGRESQL
    for table in PROTECTED:
        for verb in ("update", "delete") if sqlite else ("update", "delete", "truncate"):
            op.execute(statement.format(table=table, verb=verb))
