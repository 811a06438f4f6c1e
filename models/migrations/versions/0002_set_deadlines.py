"""Milestones set anew, clocks stopped, and secret addresses of calendars.

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PROTECTED = ("milestone_version", "suspension")

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
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "revoked_at IS NULL OR revoked_at >= created_at",
            name=op.f("ck_calendar_feed_ends_after_it_begins"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_index(
        "uq_calendar_feed_live",
        "calendar_feed",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "milestone_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Text(), nullable=False),
        sa.Column("award_form", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "registered",
                "submitted",
                "council_reviewed",
                "board_checked",
                "decided",
                "rejected",
                "withdrawn",
                "revoked",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column(
            "day_rule",
            sa.Enum(
                "as_set",
                "next_working_day",
                "counted_back",
                name="dayrule",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_milestone_version_reason_is_given")),
        sa.CheckConstraint(
            "version > 1", name=op.f("ck_milestone_version_version_follows_the_file")
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["person.id"], name=op.f("fk_milestone_version_set_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_version")),
        sa.UniqueConstraint(
            "programme_id",
            "cycle_id",
            "state",
            "version",
            name=op.f("uq_milestone_version_programme_id_cycle_id_state_version"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "suspension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_suspension_reason_is_given")),
        sa.CheckConstraint("until >= since", name=op.f("ck_suspension_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["person.id"], name=op.f("fk_suspension_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_suspension_dossier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_suspension_dossier_id"), "suspension", ["dossier_id"], unique=False)
    protect()


def downgrade() -> None:
    op.drop_index(op.f("ix_suspension_dossier_id"), table_name="suspension")
    op.drop_table("suspension")
    op.drop_table("milestone_version")
    op.drop_index(
        "uq_calendar_feed_live",
        table_name="calendar_feed",
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_table("calendar_feed")


def protect() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    statement = REFUSE_ON_SQLITE if sqlite else REFUSE_ON_POSTGRESQL
    for table in PROTECTED:
        for verb in ("update", "delete") if sqlite else ("update", "delete", "truncate"):
            op.execute(statement.format(table=table, verb=verb))
