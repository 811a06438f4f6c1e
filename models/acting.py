"""On whose behalf this thread works: what every audit record says besides what was done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Acting:
    """Who asks, from where. `session_mark` is a hash; `at` is the instant of the request."""

    person_id: int | None = None
    session_mark: str = ""
    address: str = ""
    request_id: str = ""
    doing: str = ""
    """The page or command, by its inner name."""
    at: datetime | None = None
    form: str = ""
    """The mark of the form at hand (`models.sent_forms`); empty when nothing was sent."""


_ACTING: ContextVar[Acting | None] = ContextVar("acting", default=None)


def acting() -> Acting:
    """Who acts now; nobody in particular for jobs and tests."""
    return _ACTING.get() or Acting()


def act_as(who: Acting | None) -> None:
    """From now on this thread works for `who`; None for nobody in particular."""
    _ACTING.set(who)


@contextmanager
def acting_as(**more: object) -> Iterator[None]:
    """Work for somebody within a block."""
    before = _ACTING.get()
    _ACTING.set(replace(acting(), **more))  # type: ignore[arg-type]
    try:
        yield
    finally:
        _ACTING.set(before)
