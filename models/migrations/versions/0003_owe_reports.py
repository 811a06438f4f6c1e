"""Reports units owe, and their signed files.

Revision: 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("programme_hash", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "due",
                "filed",
                "accepted",
                "returned",
                name="reportstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("shortcomings", sa.Text(), nullable=False),
        sa.Column("proposals", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("figures", sa.Text(), nullable=True),
        sa.Column("filed_by", sa.Integer(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'accepted' OR (answered_by IS NOT NULL AND answered_at IS NOT NULL)",
            name=op.f("ck_report_accepted_by_somebody"),
        ),
        sa.CheckConstraint(
            "state <> 'returned' OR (reason <> '' AND rounds > 0)",
            name=op.f("ck_report_returned_for_a_reason"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('filed', 'accepted') OR"
            " (filed_by IS NOT NULL AND filed_at IS NOT NULL AND figures IS NOT NULL)",
            name=op.f("ck_report_filed_by_somebody"),
        ),
        sa.CheckConstraint("rounds >= 0", name=op.f("ck_report_rounds_are_not_negative")),
        sa.CheckConstraint("version > 0", name=op.f("ck_report_version_is_positive")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_report_answered_by")),
        sa.ForeignKeyConstraint(["filed_by"], ["person.id"], name=op.f("fk_report_filed_by")),
        sa.ForeignKeyConstraint(
            ["programme_hash"],
            ["programme_version.content_hash"],
            name=op.f("fk_report_programme_hash"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_report_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint(
            "programme_id",
            "report_id",
            "unit_id",
            name=op.f("uq_report_programme_id_report_id_unit_id"),
        ),
    )
    op.create_index("ix_report_state", "report", ["state", "due_at"], unique=False)
    op.create_index(op.f("ix_report_unit_id"), "report", ["unit_id"], unique=False)
    op.create_table(
        "report_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_report_file_size_is_positive")),
        sa.CheckConstraint("version > 0", name=op.f("ck_report_file_version_is_positive")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_file_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["person.id"], name=op.f("fk_report_file_uploaded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_file")),
        sa.UniqueConstraint("report_id", "version", name=op.f("uq_report_file_report_id_version")),
    )
    op.create_index(op.f("ix_report_file_sha256"), "report_file", ["sha256"], unique=False)
    op.create_index(
        "uq_report_file_current",
        "report_file",
        ["report_id"],
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_report_file_current",
        table_name="report_file",
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.drop_index(op.f("ix_report_file_sha256"), table_name="report_file")
    op.drop_table("report_file")
    op.drop_index(op.f("ix_report_unit_id"), table_name="report")
    op.drop_index("ix_report_state", table_name="report")
    op.drop_table("report")
