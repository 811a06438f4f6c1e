"""Lay all tables of the record, and the triggers that keep its history.

Revision: 0001, after nothing.
"""

# ruff: noqa: E501 - long conditions are copied whole.

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PROTECTED = ("history_line", "sealed_line", "evaluation")

REFUSE_ON_SQLITE = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END
"""

REFUSAL_ON_POSTGRESQL = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME; END $$
"""

REFUSE_ON_POSTGRESQL = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "holiday",
                "compensation",
                "working_swap",
                name="daykind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("date", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "caught_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_from", sa.Text(), nullable=False),
        sa.Column("rcpt", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caught_mail")),
    )
    op.create_index(op.f("ix_caught_mail_message_id"), "caught_mail", ["message_id"], unique=False)
    op.create_index(op.f("ix_caught_mail_rcpt"), "caught_mail", ["rcpt"], unique=False)
    op.create_table(
        "code_counter",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("ck_code_counter_last_is_positive")),
        sa.PrimaryKeyConstraint("prefix", "year", name=op.f("pk_code_counter")),
    )
    op.create_table(
        "demonstration_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("base", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_demonstration_clock_there_is_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demonstration_clock")),
    )
    op.create_table(
        "history_stream",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.Text(), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_history_stream_count_is_not_negative")),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_history_stream")),
    )
    op.create_table(
        "job_run",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_job_run")),
    )
    op.create_table(
        "sealed_line",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("line_seq", sa.Integer(), nullable=False),
        sa.Column("line_hash", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_sealed_line_hash_is_whole")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_sealed_line")),
        sa.UniqueConstraint("prev_hash", name=op.f("uq_sealed_line_prev_hash")),
        sa.UniqueConstraint("stream", "line_seq", name=op.f("uq_sealed_line_stream_line_seq")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(
        "ix_sign_in_attempt_address_at", "sign_in_attempt", ["address", "at"], unique=False
    )
    op.create_index("ix_sign_in_attempt_login_at", "sign_in_attempt", ["login", "at"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "province",
                "department",
                "district",
                "commune",
                "division",
                name="unitkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("gso_code", sa.Text(), nullable=False),
        sa.Column("edoc_code", sa.Text(), nullable=False),
        sa.Column("scored_by_province", sa.Boolean(), nullable=False),
        sa.Column("in_quota_base", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "parent_id IS NULL OR parent_id <> id", name=op.f("ck_unit_is_not_its_own_parent")
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_unit_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.create_index(op.f("ix_unit_parent_id"), "unit", ["parent_id"], unique=False)
    op.create_index(op.f("ix_unit_search_key"), "unit", ["search_key"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("leader", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["unit.id"], name=op.f("fk_person_employer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("code", name=op.f("uq_person_code")),
    )
    op.create_index(op.f("ix_person_employer_id"), "person", ["employer_id"], unique=False)
    op.create_index(op.f("ix_person_search_key"), "person", ["search_key"], unique=False)
    op.create_table(
        "quota",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Text(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("deciding_unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("base >= 0", name=op.f("ck_quota_base_is_not_negative")),
        sa.CheckConstraint("cap IS NULL OR used <= cap", name=op.f("ck_quota_used_is_within_cap")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_quota_used_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["deciding_unit_id"], ["unit.id"], name=op.f("fk_quota_deciding_unit_id")
        ),
        sa.PrimaryKeyConstraint(
            "programme_id", "cycle_id", "pool", "deciding_unit_id", name=op.f("pk_quota")
        ),
    )
    op.create_table(
        "unit_succession",
        sa.Column("old_id", sa.Integer(), nullable=False),
        sa.Column("new_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.CheckConstraint("old_id <> new_id", name=op.f("ck_unit_succession_joins_two_units")),
        sa.ForeignKeyConstraint(["new_id"], ["unit.id"], name=op.f("fk_unit_succession_new_id")),
        sa.ForeignKeyConstraint(["old_id"], ["unit.id"], name=op.f("fk_unit_succession_old_id")),
        sa.PrimaryKeyConstraint("old_id", "new_id", name=op.f("pk_unit_succession")),
    )
    op.create_index("ix_unit_succession_new_id", "unit_succession", ["new_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("role_version", sa.Integer(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role_version > 0", name=op.f("ck_account_role_version_is_positive")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "appointment",
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
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_appointment_ends_after_it_begins"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_appointment_person_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_appointment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    op.create_index("ix_appointment_unit_id_post", "appointment", ["unit_id", "post"], unique=False)
    op.create_index(
        "uq_appointment_start",
        "appointment",
        ["person_id", "unit_id", "post", "valid_from"],
        unique=True,
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column(
            "capacity",
            sa.Enum(
                "",
                "KT.",
                "TL.",
                "TUQ.",
                "TM.",
                name="signingcapacity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("revokes_id", sa.Integer(), nullable=True),
        sa.Column(
            "ground",
            sa.Enum(
                "false_achievement",
                "forged_papers",
                "unlawful_appraisal",
                "later_violation",
                name="revocationground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number <> '' AND signer <> ''", name=op.f("ck_decision_is_signed")),
        sa.CheckConstraint(
            "(revokes_id IS NULL) = (ground IS NULL)", name=op.f("ck_decision_revokes_on_a_ground")
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_decision_entered_by")),
        sa.ForeignKeyConstraint(
            ["revokes_id"], ["decision.id"], name=op.f("fk_decision_revokes_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_decision_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint(
            "unit_id", "year", "number", name=op.f("uq_decision_unit_id_year_number")
        ),
    )
    op.create_table(
        "index_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "index_kind",
            sa.Enum(
                "par_index",
                "sipas",
                name="indexkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "self",
                "appraised",
                "published",
                name="scorekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column(
            "classification",
            sa.Enum(
                "XUAT_SAC",
                "TOT",
                "KHA",
                "TRUNG_BINH",
                "YEU",
                name="classification",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind <> 'published' OR published_on IS NOT NULL",
            name=op.f("ck_index_score_published_on_a_day"),
        ),
        sa.CheckConstraint(
            "value >= 0 AND value <= 10000", name=op.f("ck_index_score_value_is_on_the_scale")
        ),
        sa.CheckConstraint(
            "year >= 2000 AND year <= 2100", name=op.f("ck_index_score_year_is_plausible")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["person.id"], name=op.f("fk_index_score_entered_by")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_index_score_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_score")),
        sa.UniqueConstraint(
            "unit_id",
            "index_kind",
            "year",
            "kind",
            name=op.f("uq_index_score_unit_id_index_kind_year_kind"),
        ),
    )
    op.create_table(
        "programme_version",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by", sa.Integer(), nullable=True),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["loaded_by"], ["person.id"], name=op.f("fk_programme_version_loaded_by")
        ),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_programme_version")),
    )
    op.create_index(
        "uq_programme_version_in_force",
        "programme_version",
        ["programme_id"],
        unique=True,
        sqlite_where=sa.text("in_force"),
        postgresql_where=sa.text("in_force"),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("programme_hash", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "subject_kind",
            sa.Enum(
                "collective",
                "individual",
                name="subjectkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("superior_unit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("sent_by", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "sent",
                "acknowledged",
                "rejected",
                "withdrawn",
                name="registrationstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(status <> 'acknowledged') OR (acknowledged_by IS NOT NULL AND acknowledged_at IS NOT NULL)",
            name=op.f("ck_registration_acknowledged_by_somebody"),
        ),
        sa.CheckConstraint(
            "(subject_kind = 'individual') = (person_id IS NOT NULL)",
            name=op.f("ck_registration_person_if_individual"),
        ),
        sa.CheckConstraint(
            "status <> 'rejected' OR reason <> ''",
            name=op.f("ck_registration_rejected_with_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["person.id"], name=op.f("fk_registration_acknowledged_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_registration_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_hash"],
            ["programme_version.content_hash"],
            name=op.f("fk_registration_programme_hash"),
        ),
        sa.ForeignKeyConstraint(["sent_by"], ["person.id"], name=op.f("fk_registration_sent_by")),
        sa.ForeignKeyConstraint(
            ["superior_unit_id"], ["unit.id"], name=op.f("fk_registration_superior_unit_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_registration_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("code", name=op.f("uq_registration_code")),
    )
    op.create_index(
        "ix_registration_status", "registration", ["superior_unit_id", "status"], unique=False
    )
    op.create_index(
        "ix_registration_subject",
        "registration",
        ["programme_id", "cycle_id", "subject_key"],
        unique=False,
    )
    op.create_index(op.f("ix_registration_unit_id"), "registration", ["unit_id"], unique=False)
    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["account.person_id"], name=op.f("fk_user_session_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    op.create_index(op.f("ix_user_session_person_id"), "user_session", ["person_id"], unique=False)
    op.create_table(
        "dossier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("programme_hash", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Text(), nullable=False),
        sa.Column("award_form", sa.Text(), nullable=False),
        sa.Column(
            "subject_kind",
            sa.Enum(
                "collective",
                "individual",
                name="subjectkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("proposing_unit_id", sa.Integer(), nullable=False),
        sa.Column("deciding_unit_id", sa.Integer(), nullable=True),
        sa.Column("registration_id", sa.Integer(), nullable=False),
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
        sa.Column("entered_state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("presented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extended_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_source", sa.Text(), nullable=False),
        sa.Column("hold_reason", sa.Text(), nullable=False),
        sa.Column("hold_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supplement", sa.Text(), nullable=True),
        sa.Column("supplement_rounds", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("revocation_id", sa.Integer(), nullable=True),
        sa.Column("profile_text", sa.Text(), nullable=False),
        sa.Column("achievements_text", sa.Text(), nullable=False),
        sa.Column("prior_awards_text", sa.Text(), nullable=False),
        sa.Column("head_hash", sa.Text(), nullable=False),
        sa.Column("history_count", sa.Integer(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(hold_since IS NULL) = (hold_source = '')", name=op.f("ck_dossier_hold_with_a_source")
        ),
        sa.CheckConstraint(
            "(subject_kind = 'individual') = (person_id IS NOT NULL)",
            name=op.f("ck_dossier_person_if_individual"),
        ),
        sa.CheckConstraint(
            "state <> 'revoked' OR revocation_id IS NOT NULL",
            name=op.f("ck_dossier_revoked_with_a_decision"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('decided', 'revoked') OR decision_id IS NOT NULL",
            name=op.f("ck_dossier_decided_with_a_decision"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('registered', 'submitted', 'council_reviewed', 'board_checked') OR decision_id IS NULL",
            name=op.f("ck_dossier_no_decision_before_its_time"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('submitted', 'council_reviewed', 'board_checked', 'decided', 'revoked') OR (award_form <> '' AND deciding_unit_id IS NOT NULL)",
            name=op.f("ck_dossier_handed_in_with_an_award"),
        ),
        sa.CheckConstraint(
            "history_count >= 0", name=op.f("ck_dossier_history_count_is_not_negative")
        ),
        sa.CheckConstraint(
            "supplement IS NULL OR supplement_rounds > 0",
            name=op.f("ck_dossier_supplement_has_a_round"),
        ),
        sa.CheckConstraint(
            "supplement_rounds >= 0", name=op.f("ck_dossier_rounds_are_not_negative")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_dossier_version_is_positive")),
        sa.ForeignKeyConstraint(
            ["deciding_unit_id"], ["unit.id"], name=op.f("fk_dossier_deciding_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_dossier_decision_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dossier_person_id")),
        sa.ForeignKeyConstraint(
            ["programme_hash"],
            ["programme_version.content_hash"],
            name=op.f("fk_dossier_programme_hash"),
        ),
        sa.ForeignKeyConstraint(
            ["proposing_unit_id"], ["unit.id"], name=op.f("fk_dossier_proposing_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_dossier_registration_id")
        ),
        sa.ForeignKeyConstraint(
            ["revocation_id"], ["decision.id"], name=op.f("fk_dossier_revocation_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_dossier_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier")),
        sa.UniqueConstraint("code", name=op.f("uq_dossier_code")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_dossier_registration_id")),
    )
    op.create_index(
        op.f("ix_dossier_deciding_unit_id"), "dossier", ["deciding_unit_id"], unique=False
    )
    op.create_index(op.f("ix_dossier_decision_id"), "dossier", ["decision_id"], unique=False)
    op.create_index(op.f("ix_dossier_person_id"), "dossier", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_dossier_proposing_unit_id"), "dossier", ["proposing_unit_id"], unique=False
    )
    op.create_index("ix_dossier_state", "dossier", ["state", "cycle_id"], unique=False)
    op.create_index(op.f("ix_dossier_unit_id"), "dossier", ["unit_id"], unique=False)
    op.create_index(
        "uq_dossier_live_subject",
        "dossier",
        ["programme_id", "cycle_id", "subject_key"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('rejected', 'withdrawn', 'revoked')"),
        postgresql_where=sa.text("state NOT IN ('rejected', 'withdrawn', 'revoked')"),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column(
            "gave",
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
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_approval_by_id")),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_approval_dossier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_dossier_id"), "approval", ["dossier_id"], unique=False)
    op.create_index(
        "uq_approval_standing",
        "approval",
        ["dossier_id", "gave"],
        unique=True,
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )
    op.create_table(
        "check_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "met",
                "not_met",
                "not_applicable",
                "not_yet_known",
                "not_looked_at",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.CheckConstraint("round > 0", name=op.f("ck_check_mark_round_is_positive")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_check_mark_by_id")),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_check_mark_dossier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_mark")),
        sa.UniqueConstraint(
            "dossier_id", "code", "round", name=op.f("uq_check_mark_dossier_id_code_round")
        ),
    )
    op.create_index(
        "uq_check_mark_standing",
        "check_mark",
        ["dossier_id", "code"],
        unique=True,
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )
    op.create_table(
        "council_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.Column("votes_blank", sa.Integer(), nullable=False),
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
        sa.Column("recused", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.CheckConstraint("members > 0", name=op.f("ck_council_result_has_members")),
        sa.CheckConstraint(
            "present >= 0 AND present <= members",
            name=op.f("ck_council_result_present_are_members"),
        ),
        sa.CheckConstraint("round > 0", name=op.f("ck_council_result_round_is_positive")),
        sa.CheckConstraint(
            "votes_for + votes_against + votes_blank + recused <= members",
            name=op.f("ck_council_result_votes_add_up"),
        ),
        sa.CheckConstraint(
            "votes_for >= 0 AND votes_against >= 0 AND votes_blank >= 0 AND recused >= 0",
            name=op.f("ck_council_result_votes_are_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_council_result_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["person.id"], name=op.f("fk_council_result_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_result")),
        sa.UniqueConstraint("dossier_id", "round", name=op.f("uq_council_result_dossier_id_round")),
    )
    op.create_index(
        "uq_council_result_standing",
        "council_result",
        ["dossier_id"],
        unique=True,
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "TO_TRINH",
                "BIEN_BAN",
                "BAO_CAO_THANH_TICH",
                "CONG_NHAN_SANG_KIEN",
                "QUYET_DINH",
                name="documentkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_document_hash_is_whole")),
        sa.CheckConstraint("size > 0", name=op.f("ck_document_size_is_positive")),
        sa.CheckConstraint("version > 0", name=op.f("ck_document_version_is_positive")),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_document_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["person.id"], name=op.f("fk_document_uploaded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint(
            "dossier_id", "kind", "version", name=op.f("uq_document_dossier_id_kind_version")
        ),
    )
    op.create_index(op.f("ix_document_sha256"), "document", ["sha256"], unique=False)
    op.create_index(
        "uq_document_current",
        "document",
        ["dossier_id", "kind"],
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "evaluation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("programme_hash", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("refusals", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_evaluation_by_id")),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_evaluation_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_hash"],
            ["programme_version.content_hash"],
            name=op.f("fk_evaluation_programme_hash"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_evaluation_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_evaluation_dossier_id"), "evaluation", ["dossier_id"], unique=False)
    op.create_index(
        op.f("ix_evaluation_registration_id"), "evaluation", ["registration_id"], unique=False
    )
    op.create_table(
        "initiative",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("recognised_by", sa.Text(), nullable=False),
        sa.Column("recognition_number", sa.Text(), nullable=False),
        sa.Column("recognised_on", sa.Date(), nullable=True),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.Column("used_before_in", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_initiative_has_a_title")),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_initiative_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["person.id"], name=op.f("fk_initiative_entered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initiative")),
    )
    op.create_index(op.f("ix_initiative_dossier_id"), "initiative", ["dossier_id"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_note_says_something")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_note_by_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_note_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_dossier_id"), "note", ["dossier_id"], unique=False)
    op.create_table(
        "outgoing_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "inbox",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        sa.Column("recipient_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "claimed",
                "sent",
                "failed",
                "suppressed",
                name="messagestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status <> 'claimed' OR (claimed_by <> '' AND lease_until IS NOT NULL)",
            name=op.f("ck_outgoing_message_claimed_by_somebody"),
        ),
        sa.CheckConstraint(
            "status <> 'sent' OR sent_at IS NOT NULL",
            name=op.f("ck_outgoing_message_sent_at_some_time"),
        ),
        sa.CheckConstraint(
            "status <> 'suppressed' OR reason <> ''",
            name=op.f("ck_outgoing_message_suppressed_for_a_reason"),
        ),
        sa.CheckConstraint(
            "attempts >= 0 AND fence >= 0", name=op.f("ck_outgoing_message_counts_are_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_outgoing_message_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["person.id"], name=op.f("fk_outgoing_message_recipient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outgoing_message_dedupe_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outgoing_message_message_id")),
    )
    op.create_index(
        op.f("ix_outgoing_message_dossier_id"), "outgoing_message", ["dossier_id"], unique=False
    )
    op.create_index(
        "ix_outgoing_message_recipient",
        "outgoing_message",
        ["recipient_id", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_outgoing_message_status",
        "outgoing_message",
        ["status", "next_attempt_at"],
        unique=False,
    )
    op.create_table(
        "approval_document",
        sa.Column("approval_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_approval_document_approval_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_approval_document_document_id")
        ),
        sa.PrimaryKeyConstraint("approval_id", "document_id", name=op.f("pk_approval_document")),
    )
    op.create_table(
        "history_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("on_behalf", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=True),
        sa.Column("dossier_version", sa.Integer(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=True),
        sa.Column("command_key", sa.Text(), nullable=True),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "command_key <> ''", name=op.f("ck_history_line_command_key_says_something")
        ),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_history_line_hash_is_whole")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_history_line_seq_is_positive")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_history_line_actor_id")),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_history_line_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_history_line_evaluation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_line")),
        sa.UniqueConstraint(
            "actor_id", "command_key", name=op.f("uq_history_line_actor_id_command_key")
        ),
        sa.UniqueConstraint("stream", "prev_hash", name=op.f("uq_history_line_stream_prev_hash")),
        sa.UniqueConstraint("stream", "seq", name=op.f("uq_history_line_stream_seq")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_history_line_at", "history_line", ["at"], unique=False)
    op.create_index(
        op.f("ix_history_line_dossier_id"), "history_line", ["dossier_id"], unique=False
    )
    protect_history()


def downgrade() -> None:
    op.drop_index(op.f("ix_history_line_dossier_id"), table_name="history_line")
    op.drop_index("ix_history_line_at", table_name="history_line")
    op.drop_table("history_line")
    op.drop_table("approval_document")
    op.drop_index("ix_outgoing_message_status", table_name="outgoing_message")
    op.drop_index("ix_outgoing_message_recipient", table_name="outgoing_message")
    op.drop_index(op.f("ix_outgoing_message_dossier_id"), table_name="outgoing_message")
    op.drop_table("outgoing_message")
    op.drop_index(op.f("ix_note_dossier_id"), table_name="note")
    op.drop_table("note")
    op.drop_index(op.f("ix_initiative_dossier_id"), table_name="initiative")
    op.drop_table("initiative")
    op.drop_index(op.f("ix_evaluation_registration_id"), table_name="evaluation")
    op.drop_index(op.f("ix_evaluation_dossier_id"), table_name="evaluation")
    op.drop_table("evaluation")
    op.drop_index(
        "uq_document_current",
        table_name="document",
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.drop_index(op.f("ix_document_sha256"), table_name="document")
    op.drop_table("document")
    op.drop_index(
        "uq_council_result_standing",
        table_name="council_result",
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )
    op.drop_table("council_result")
    op.drop_index(
        "uq_check_mark_standing",
        table_name="check_mark",
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )
    op.drop_table("check_mark")
    op.drop_index(
        "uq_approval_standing",
        table_name="approval",
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )
    op.drop_index(op.f("ix_approval_dossier_id"), table_name="approval")
    op.drop_table("approval")
    op.drop_index(
        "uq_dossier_live_subject",
        table_name="dossier",
        sqlite_where=sa.text("state NOT IN ('rejected', 'withdrawn', 'revoked')"),
        postgresql_where=sa.text("state NOT IN ('rejected', 'withdrawn', 'revoked')"),
    )
    op.drop_index(op.f("ix_dossier_unit_id"), table_name="dossier")
    op.drop_index("ix_dossier_state", table_name="dossier")
    op.drop_index(op.f("ix_dossier_proposing_unit_id"), table_name="dossier")
    op.drop_index(op.f("ix_dossier_person_id"), table_name="dossier")
    op.drop_index(op.f("ix_dossier_decision_id"), table_name="dossier")
    op.drop_index(op.f("ix_dossier_deciding_unit_id"), table_name="dossier")
    op.drop_table("dossier")
    op.drop_index(op.f("ix_user_session_person_id"), table_name="user_session")
    op.drop_table("user_session")
    op.drop_index(op.f("ix_registration_unit_id"), table_name="registration")
    op.drop_index("ix_registration_subject", table_name="registration")
    op.drop_index("ix_registration_status", table_name="registration")
    op.drop_table("registration")
    op.drop_index(
        "uq_programme_version_in_force",
        table_name="programme_version",
        sqlite_where=sa.text("in_force"),
        postgresql_where=sa.text("in_force"),
    )
    op.drop_table("programme_version")
    op.drop_table("index_score")
    op.drop_table("decision")
    op.drop_index("uq_appointment_start", table_name="appointment")
    op.drop_index("ix_appointment_unit_id_post", table_name="appointment")
    op.drop_table("appointment")
    op.drop_table("account")
    op.drop_index("ix_unit_succession_new_id", table_name="unit_succession")
    op.drop_table("unit_succession")
    op.drop_table("quota")
    op.drop_index(op.f("ix_person_search_key"), table_name="person")
    op.drop_index(op.f("ix_person_employer_id"), table_name="person")
    op.drop_table("person")
    op.drop_index(op.f("ix_unit_search_key"), table_name="unit")
    op.drop_index(op.f("ix_unit_parent_id"), table_name="unit")
    op.drop_table("unit")
    op.drop_index("ix_sign_in_attempt_login_at", table_name="sign_in_attempt")
    op.drop_index("ix_sign_in_attempt_address_at", table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_table("sealed_line")
    op.drop_table("job_run")
    op.drop_table("history_stream")
    op.drop_table("demonstration_clock")
    op.drop_table("code_counter")
    op.drop_index(op.f("ix_caught_mail_rcpt"), table_name="caught_mail")
    op.drop_index(op.f("ix_caught_mail_message_id"), table_name="caught_mail")
    op.drop_table("caught_mail")
    op.drop_table("calendar_day")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change")


def protect_history() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(REFUSAL_ON_POSTGRESQL)
    statement = REFUSE_ON_SQLITE if sqlite else REFUSE_ON_POSTGRESQL
    for table in PROTECTED:
        for verb in ("update", "delete") if sqlite else ("update", "delete", "truncate"):
            op.execute(statement.format(table=table, verb=verb))
