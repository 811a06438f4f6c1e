"""Hold council sessions: seats, agenda, ballots, and the provincial ranking's results.

Revision: 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "council_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "unit_council",
                "provincial_ranking",
                name="sessionkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "show_of_hands",
                "secret_ballot",
                "written",
                name="votemethod",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "preparing",
                "open",
                "counting",
                "closed",
                "cancelled",
                name="sessionstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("place <> ''", name=op.f("ck_council_session_meets_somewhere")),
        sa.CheckConstraint(
            "state <> 'cancelled' OR reason <> ''",
            name=op.f("ck_council_session_cancelled_for_a_reason"),
        ),
        sa.CheckConstraint(
            "state <> 'counting' OR counted_at IS NOT NULL",
            name=op.f("ck_council_session_counted_at_a_time"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('closed', 'cancelled') OR"
            " (ended_at IS NOT NULL AND ended_by IS NOT NULL)",
            name=op.f("ck_council_session_ended_by_somebody"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('open', 'counting') OR opened_at IS NOT NULL",
            name=op.f("ck_council_session_opened_at_a_time"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_council_session_version_is_positive")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_council_session_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["person.id"], name=op.f("fk_council_session_ended_by")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_council_session_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_session")),
        sa.UniqueConstraint("code", name=op.f("uq_council_session_code")),
    )
    op.create_index(
        "ix_council_session_state", "council_session", ["state", "closes_at"], unique=False
    )
    op.create_index(
        op.f("ix_council_session_unit_id"), "council_session", ["unit_id"], unique=False
    )
    op.create_table(
        "council_seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "clerk",
                "head",
                "deputy_head",
                "council_chair",
                "council_secretary",
                "council_member",
                "appraiser",
                "administrator",
                "auditor",
                name="post",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("votes", sa.Boolean(), nullable=False),
        sa.Column("unit_ids", sa.Text(), nullable=False),
        sa.Column(
            "attendance",
            sa.Enum(
                "present",
                "written",
                "absent",
                name="attendance",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("absence_reason", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("typed_by", sa.Integer(), nullable=True),
        sa.Column("checked_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "attendance IS NULL OR attendance <> 'absent' OR absence_reason <> ''",
            name=op.f("ck_council_seat_absent_for_a_reason"),
        ),
        sa.CheckConstraint(
            "checked_by IS NULL OR checked_by <> typed_by",
            name=op.f("ck_council_seat_checked_by_somebody_else"),
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["person.id"], name=op.f("fk_council_seat_checked_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_council_seat_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["council_session.id"], name=op.f("fk_council_seat_session_id")
        ),
        sa.ForeignKeyConstraint(["typed_by"], ["person.id"], name=op.f("fk_council_seat_typed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_seat")),
        sa.UniqueConstraint(
            "session_id", "person_id", name=op.f("uq_council_seat_session_id_person_id")
        ),
    )
    op.create_index(op.f("ix_council_seat_person_id"), "council_seat", ["person_id"], unique=False)
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("votes_other", sa.Integer(), nullable=True),
        sa.Column("recused", sa.Integer(), nullable=True),
        sa.Column("unconfirmed", sa.Integer(), nullable=False),
        sa.Column("silent", sa.Integer(), nullable=False),
        sa.Column("mean_rank", sa.Integer(), nullable=True),
        sa.Column("rank_place", sa.Integer(), nullable=True),
        sa.Column("tied", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "approved IS NULL OR (votes_for IS NOT NULL AND votes_against IS NOT NULL"
            " AND votes_other IS NOT NULL AND recused IS NOT NULL)",
            name=op.f("ck_agenda_item_counted_if_resolved"),
        ),
        sa.CheckConstraint("place > 0", name=op.f("ck_agenda_item_place_is_positive")),
        sa.CheckConstraint(
            "rank_place IS NULL OR approved", name=op.f("ck_agenda_item_placed_if_approved")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_agenda_item_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["council_session.id"], name=op.f("fk_agenda_item_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
        sa.UniqueConstraint(
            "session_id", "dossier_id", name=op.f("uq_agenda_item_session_id_dossier_id")
        ),
    )
    op.create_index(op.f("ix_agenda_item_dossier_id"), "agenda_item", ["dossier_id"], unique=False)
    op.create_index(
        "uq_agenda_item_live",
        "agenda_item",
        ["dossier_id"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "ranking_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("session_code", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.Column("votes_blank", sa.Integer(), nullable=False),
        sa.Column("recused", sa.Integer(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "show_of_hands",
                "secret_ballot",
                "written",
                name="votemethod",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mean_rank", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("tied", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.CheckConstraint("members > 0", name=op.f("ck_ranking_result_has_members")),
        sa.CheckConstraint(
            "place IS NULL OR place > 0", name=op.f("ck_ranking_result_place_is_positive")
        ),
        sa.CheckConstraint(
            "present >= 0 AND present <= members",
            name=op.f("ck_ranking_result_present_are_members"),
        ),
        sa.CheckConstraint("round > 0", name=op.f("ck_ranking_result_round_is_positive")),
        sa.CheckConstraint(
            "votes_for + votes_against + votes_blank + recused <= members",
            name=op.f("ck_ranking_result_votes_add_up"),
        ),
        sa.CheckConstraint(
            "votes_for >= 0 AND votes_against >= 0 AND votes_blank >= 0 AND recused >= 0",
            name=op.f("ck_ranking_result_votes_are_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_ranking_result_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["person.id"], name=op.f("fk_ranking_result_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking_result")),
        sa.UniqueConstraint("dossier_id", "round", name=op.f("uq_ranking_result_dossier_id_round")),
    )
    op.create_index(
        "uq_ranking_result_standing",
        "ranking_result",
        ["dossier_id"],
        unique=True,
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )
    op.create_table(
        "ballot_vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column(
            "layer",
            sa.Enum(
                "draft",
                "cast",
                "typed",
                "checked",
                name="ballotlayer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "vote",
            sa.Enum(
                "yes",
                "no",
                "other",
                name="vote",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("papers", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "rank IS NULL OR vote = 'yes'", name=op.f("ck_ballot_vote_only_a_yes_is_ranked")
        ),
        sa.CheckConstraint(
            "rank IS NULL OR rank > 0", name=op.f("ck_ballot_vote_rank_is_positive")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_ballot_vote_item_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["council_seat.id"], name=op.f("fk_ballot_vote_seat_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_vote")),
        sa.UniqueConstraint(
            "item_id", "seat_id", "layer", name=op.f("uq_ballot_vote_item_id_seat_id_layer")
        ),
    )
    op.create_index(op.f("ix_ballot_vote_seat_id"), "ballot_vote", ["seat_id"], unique=False)


def downgrade() -> None:

    op.drop_index(op.f("ix_ballot_vote_seat_id"), table_name="ballot_vote")
    op.drop_table("ballot_vote")
    op.drop_index(
        "uq_ranking_result_standing",
        table_name="ranking_result",
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )
    op.drop_table("ranking_result")
    op.drop_index(
        "uq_agenda_item_live",
        table_name="agenda_item",
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.drop_index(op.f("ix_agenda_item_dossier_id"), table_name="agenda_item")
    op.drop_table("agenda_item")
    op.drop_index(op.f("ix_council_seat_person_id"), table_name="council_seat")
    op.drop_table("council_seat")
    op.drop_index(op.f("ix_council_session_unit_id"), table_name="council_session")
    op.drop_index("ix_council_session_state", table_name="council_session")
    op.drop_table("council_session")
