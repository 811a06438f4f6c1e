"""The one place that asks the machine for the time. Everything else is told."""

from __future__ import annotations

from datetime import UTC, datetime


def real_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
