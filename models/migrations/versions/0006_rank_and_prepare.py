"""Freeze rankings, prepare lists for one decision, and publish later than deciding.

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
    op.add_column("decision", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    # So far, a decision that was issued was known to all.
    op.execute("UPDATE decision SET published_at = entered_at")
    _lists()
    op.create_table(
        "held_letter",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_held_letter_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outgoing_message.id"], name=op.f("fk_held_letter_message_id")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_held_letter")),
    )
    op.create_index(
        op.f("ix_held_letter_decision_id"), "held_letter", ["decision_id"], unique=False
    )


def downgrade() -> None:
    # An older service would send what waits, and show what is not published: it must not be asked.
    op.execute(
        "UPDATE outgoing_message SET status = 'suppressed', reason = 'Quyết định chưa công bố'"
        " WHERE status = 'waiting' AND id IN (SELECT message_id FROM held_letter)"
    )
    op.drop_index(op.f("ix_held_letter_decision_id"), table_name="held_letter")
    op.drop_table("held_letter")
    op.drop_index(
        "uq_listed_dossier_standing",
        table_name="listed_dossier",
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )
    op.drop_index(op.f("ix_listed_dossier_list_id"), table_name="listed_dossier")
    op.drop_table("listed_dossier")
    op.drop_index(op.f("ix_decision_list_unit_id"), table_name="decision_list")
    op.drop_table("decision_list")
    op.drop_column("decision", "published_at")
    op.drop_table("ranking_snapshot")


def _lists() -> None:
    op.create_table(
        "decision_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Text(), nullable=False),
        sa.Column("award_form", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "committed",
                "dropped",
                name="liststate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("command_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'committed') = (decision_id IS NOT NULL)",
            name=op.f("ck_decision_list_committed_with_a_decision"),
        ),
        sa.CheckConstraint(
            "(state = 'open') = (closed_at IS NULL)",
            name=op.f("ck_decision_list_closed_some_time"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_decision_list_unit_id")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_decision_list_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decision_list_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_list")),
    )
    op.create_index(op.f("ix_decision_list_unit_id"), "decision_list", ["unit_id"], unique=False)
    op.create_table(
        "listed_dossier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["decision_list.id"], name=op.f("fk_listed_dossier_list_id")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_listed_dossier_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["added_by"], ["person.id"], name=op.f("fk_listed_dossier_added_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_dossier")),
    )
    op.create_index(op.f("ix_listed_dossier_list_id"), "listed_dossier", ["list_id"], unique=False)
    op.create_index(
        "uq_listed_dossier_standing",
        "listed_dossier",
        ["dossier_id"],
        unique=True,
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )


def _protect() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    statement = REFUSE_ON_SQLITE if sqlite else REFUSE_ON_POSTGRESQL
    for table in PROTECTED:
        for verb in ("update", "delete") if sqlite else ("update", "delete", "truncate"):
            op.execute(statement.format(table=table, verb=verb))
