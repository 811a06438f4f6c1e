"""Let people act for one another, open emergency access, and confirm posts by two.

Revision: 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "post",
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
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)"
            " AND (answered_at IS NULL) = (granted IS NULL)",
            name=op.f("ck_appointment_request_is_answered_whole"),
        ),
        sa.CheckConstraint(
            "answered_by IS NULL OR answered_by <> asked_by",
            name=op.f("ck_appointment_request_needs_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["person.id"], name=op.f("fk_appointment_request_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_appointment_request_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_appointment_request_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_appointment_request_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_request")),
    )
    op.create_index(
        op.f("ix_appointment_request_person_id"), "appointment_request", ["person_id"], unique=False
    )
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=False),
        sa.Column(
            "post",
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
            nullable=True,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "post IS NULL OR post NOT IN ('administrator', 'auditor')",
            name=op.f("ck_delegation_lends_no_watching_post"),
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_delegation_has_a_reason")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_delegation_ended_by_somebody")
        ),
        sa.CheckConstraint(
            "(post IS NULL) = (unit_id IS NULL)",
            name=op.f("ck_delegation_names_a_post_with_its_unit"),
        ),
        sa.CheckConstraint(
            "giver_id <> delegate_id", name=op.f("ck_delegation_is_between_two_people")
        ),
        sa.CheckConstraint(
            "last_day >= first_day", name=op.f("ck_delegation_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(
            ["delegate_id"], ["person.id"], name=op.f("fk_delegation_delegate_id")
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_delegation_ended_by")),
        sa.ForeignKeyConstraint(["giver_id"], ["person.id"], name=op.f("fk_delegation_giver_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_delegation_made_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_delegation_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(
        "ix_delegation_delegate_id", "delegation", ["delegate_id", "last_day"], unique=False
    )
    op.create_index("ix_delegation_giver_id", "delegation", ["giver_id", "last_day"], unique=False)
    op.create_table(
        "emergency_access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "clerk",
                "unit_head",
                "council_secretary",
                "council_member",
                "ranking_secretary",
                "appraiser",
                "decider",
                "superior",
                "administrator",
                "auditor",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_emergency_access_has_a_reason")),
        sa.CheckConstraint(
            "role NOT IN ('administrator', 'auditor')",
            name=op.f("ck_emergency_access_gives_a_role_of_the_process"),
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)"
            " AND (answered_at IS NULL) = (granted IS NULL)",
            name=op.f("ck_emergency_access_is_answered_whole"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)",
            name=op.f("ck_emergency_access_ended_by_somebody"),
        ),
        sa.CheckConstraint(
            "(granted IS TRUE) = (expires_at IS NOT NULL)",
            name=op.f("ck_emergency_access_expires_once_opened"),
        ),
        sa.CheckConstraint(
            "answered_by IS NULL OR answered_by <> person_id",
            name=op.f("ck_emergency_access_needs_two_people"),
        ),
        sa.CheckConstraint(
            "hours BETWEEN 1 AND 24", name=op.f("ck_emergency_access_lasts_some_hours")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["person.id"], name=op.f("fk_emergency_access_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_emergency_access_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["person.id"], name=op.f("fk_emergency_access_ended_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_emergency_access_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_access")),
    )
    op.create_index(
        op.f("ix_emergency_access_dossier_id"), "emergency_access", ["dossier_id"], unique=False
    )
    op.create_index(
        "ix_emergency_access_person_id",
        "emergency_access",
        ["person_id", "expires_at"],
        unique=False,
    )


def downgrade() -> None:
    for table in ("emergency_access", "delegation", "appointment_request"):
        op.drop_table(table)
