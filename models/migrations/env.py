"""Where Alembic meets the record: the caller (`models.migrating`) brings the connection."""

from __future__ import annotations

from alembic import context

import models.tables  # noqa: F401 - the metadata must be whole.
from models.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
