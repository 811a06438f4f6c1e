"""Let a person choose the language of pages and letters.

Revision: 0016, after 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("language", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "language")
