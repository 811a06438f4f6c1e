"""Let letters be gathered into a morning digest, leave by a webhook, and be counted by day.

Revision: 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OLD = ("email", "inbox")
NEW = ("email", "inbox", "webhook")
STATUSES = ("waiting", "claimed", "sent", "failed", "suppressed")
KINDS = ("milestone", "registration", "stuck", "supplement", "notice", "scores", "report")
COMMON = """id, dedupe_key, letter, channel, dossier_id, recipient_id, address, "values", due_at,
created_at, status, attempts, next_attempt_at, claimed_by, lease_until, fence, sent_at, message_id,
error, reason"""


def upgrade() -> None:
    _wishes()
    if op.get_bind().dialect.name == "postgresql":
        for column in _more():
            op.add_column("outgoing_message", column)
        op.alter_column("outgoing_message", "alone", server_default=None)
        op.create_foreign_key(
            op.f("fk_outgoing_message_digest_id"),
            "outgoing_message",
            "outgoing_message",
            ["digest_id"],
            ["id"],
        )
        _channels(NEW)
    else:
        _drop_indexes()
        _create("outgoing_message_new", NEW, *_more(default=False), _follows())
        op.execute(
            f"INSERT INTO outgoing_message_new ({COMMON}, alone) SELECT {COMMON}, 1"  # noqa: S608
            " FROM outgoing_message"
        )
        op.drop_table("outgoing_message")
        op.rename_table("outgoing_message_new", "outgoing_message")
        _create_indexes()
    op.create_index("ix_outgoing_message_day", "outgoing_message", ["day"], unique=False)
    op.create_index(
        op.f("ix_outgoing_message_digest_id"), "outgoing_message", ["digest_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_outgoing_message_digest_id"), table_name="outgoing_message")
    op.drop_index("ix_outgoing_message_day", table_name="outgoing_message")
    # What an older service cannot carry: gathered letters go out one by one, webhooks do not.
    op.execute("DELETE FROM outgoing_message WHERE channel = 'webhook'")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("UPDATE outgoing_message SET digest_id = NULL")
        op.execute("DELETE FROM outgoing_message WHERE letter = 'digest' AND status <> 'sent'")
        for name in ("digest_id", "first_attempt_at", "alone", "day"):
            op.drop_column("outgoing_message", name)
        _channels(OLD)
    else:
        _drop_indexes()
        _create("outgoing_message_old", OLD)
        op.execute(
            f"INSERT INTO outgoing_message_old ({COMMON}) SELECT {COMMON}"  # noqa: S608
            " FROM outgoing_message WHERE letter <> 'digest' OR status = 'sent'"
        )
        op.execute("UPDATE outgoing_message SET digest_id = NULL")
        op.drop_table("outgoing_message")
        op.rename_table("outgoing_message_old", "outgoing_message")
        _create_indexes()
    op.drop_table("decision_notice")
    op.drop_table("reminder_wish")


def _more(*, default: bool = True) -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("first_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest_id", sa.Integer(), nullable=True),
        sa.Column(
            "alone",
            sa.Boolean(),
            nullable=False,
            server_default=sa.true() if default else None,
        ),
        sa.Column("day", sa.Date(), nullable=True),
    )


def _follows() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["digest_id"], ["outgoing_message.id"], name=op.f("fk_outgoing_message_digest_id")
    )


def _channels(channels: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_outgoing_message_channel"), "outgoing_message", type_="check")
    op.create_check_constraint(
        op.f("ck_outgoing_message_channel"), "outgoing_message", _among("channel", channels)
    )


def _among(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def _wishes() -> None:
    op.create_table(
        "reminder_wish",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *KINDS, name="reminderkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("email", sa.Boolean(), nullable=False),
        sa.Column("webhook", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reminder_wish_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_reminder_wish")),
    )
    op.create_table(
        "decision_notice",
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_decision_notice_by_id")),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_decision_notice_dossier_id")
        ),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_decision_notice")),
    )


def _create_indexes() -> None:
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


def _drop_indexes() -> None:
    for name in ("dossier_id", "recipient", "status"):
        op.drop_index(f"ix_outgoing_message_{name}", table_name="outgoing_message")


def _create(
    name: str, channels: tuple[str, ...], *more: sa.Column[object] | sa.ForeignKeyConstraint
) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                *channels,
                name="channel",
                native_enum=False,
                create_constraint=False,
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
                *STATUSES,
                name="messagestatus",
                native_enum=False,
                create_constraint=False,
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
        *more,
        sa.CheckConstraint(_among("channel", channels), name=op.f("ck_outgoing_message_channel")),
        sa.CheckConstraint(
            _among("status", STATUSES), name=op.f("ck_outgoing_message_messagestatus")
        ),
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
