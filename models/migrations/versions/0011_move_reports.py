"""Let the office set the due day of a report anew.

Revision: 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REFUSE_ON_SQLITE = """
CREATE TRIGGER report_date_refuses_{verb} BEFORE {verb} ON report_date
BEGIN SELECT RAISE(ABORT, 'report_date is only ever added to'); END
"""

REFUSE_ON_POSTGRESQL = """
CREATE TRIGGER report_date_refuses_{verb} BEFORE {verb} ON report_date
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "report_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 1", name=op.f("ck_report_date_version_follows_the_file")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_report_date_reason_is_given")),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"], name=op.f("fk_report_date_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_date")),
        sa.UniqueConstraint(
            "programme_id",
            "report_id",
            "version",
            name=op.f("uq_report_date_programme_id_report_id_version"),
        ),
        sqlite_autoincrement=True,
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    statement = REFUSE_ON_SQLITE if sqlite else REFUSE_ON_POSTGRESQL
    for verb in ("update", "delete") if sqlite else ("update", "delete", "truncate"):
        op.execute(statement.format(verb=verb))


def downgrade() -> None:
    op.drop_table("report_date")
