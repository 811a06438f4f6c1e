"""Structured logs: one JSON line an event, request and job ids bound by the doors, no secrets.

What a line has is written in `docs/operations.md`, *Logs*. Other libraries speak through the same
door: their warnings become lines like ours.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable

    Processor = structlog.typing.Processor
    EventDict = structlog.typing.EventDict

HIDDEN: Final = "***"
SHORTEST_HIDDEN: Final = 8
"""A shorter secret is not looked for in texts: it would hide words."""
LONGEST: Final = 8_000
"""Characters of one value; a trace is cut in its middle, where the least is told."""
_SECRET_NAME: Final = re.compile(
    r"(^|_)(password|passwd|secret|token|cookie|authorization|csrf|otp|seed|key)s?($|_)",
    re.IGNORECASE,
)
# C0, DEL, C1, line separators and what turns the direction of a text: a terminal may obey them.
_CONTROLS: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def set_up(*, human: bool, secrets: Iterable[str] = (), out: TextIO | None = None) -> None:
    """Send the program's log to standard error: readable for a person, JSON for a machine.

    `secrets` are values that must not stand in any line, whoever writes it.
    """
    hide = Hiding(secrets)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.CallsiteParameterAdder(
            {structlog.processors.CallsiteParameter.PROCESS}
        ),
        structlog.processors.format_exc_info,
        hide,
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if human
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str, sort_keys=True)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(out or sys.stderr),
        cache_logger_on_first_use=True,
    )
    _adopt(shared, renderer, out or sys.stderr)


class Hiding:
    """Takes secrets and control characters out of every value of a line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Remember what to look for, the longest first: one may be part of another."""
        known = {one for one in secrets if len(one) >= SHORTEST_HIDDEN}
        found = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        self._known = re.compile(found) if found else None

    def __call__(self, _logger: Any, _method: str, line: EventDict) -> EventDict:  # noqa: ANN401 - structlog's
        """The line without them."""
        return {name: self._value(name, value) for name, value in line.items()}

    def _value(self, name: str, value: object) -> object:
        if value and _SECRET_NAME.search(name):
            return HIDDEN
        if isinstance(value, dict):
            return {str(inner): self._value(str(inner), one) for inner, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value("", one) for one in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))

    def text(self, text: str) -> str:
        """A text as it may stand in a line."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        if len(text) > LONGEST:
            text = f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"
        return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _adopt(shared: list[Processor], renderer: Processor, out: TextIO) -> None:
    """Let what other libraries say at the level of a warning or above go the same way."""
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(allow=()),
                *shared,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    # Werkzeug and Flask put handlers of their own on their loggers.
    for name in ("werkzeug", "flask.app"):
        logging.getLogger(name).handlers = []
