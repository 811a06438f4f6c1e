"""Know who an account is at an identity provider.

Revision: 0021, after 0020.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "linked_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["linked_by"], ["person.id"], name=op.f("fk_linked_identity_linked_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["account.person_id"], name=op.f("fk_linked_identity_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_identity")),
    )
    op.create_index(
        "uq_linked_identity_issuer_subject", "linked_identity", ["issuer", "subject"], unique=True
    )
    op.create_index(
        "uq_linked_identity_person_id_issuer",
        "linked_identity",
        ["person_id", "issuer"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_index("uq_linked_identity_person_id_issuer", table_name="linked_identity")
    op.drop_index("uq_linked_identity_issuer_subject", table_name="linked_identity")
    op.drop_table("linked_identity")
