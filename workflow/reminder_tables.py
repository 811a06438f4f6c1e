"""When the service reminds whom of what, as data of the programme file."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from workflow.table import CitedTable, Table, Text
from workflow.vocabulary import ReminderKind, Role, State
from workflow.words import phrase

MonthDay = Annotated[str, Field(pattern=r"^\d{2}-\d{2}$")]
"""A day of the cycle's year, MM-DD."""


class EscalationTable(Table):
    """Who is told as well, and how many calendar days after the deadline."""

    days_after: tuple[Annotated[int, Field(gt=0)], ...]
    to: tuple[Role, ...]


class ReminderTable(CitedTable):
    """When to remind whom of what.

    Days count from the deadline: the milestone's, the supplement's, or `working_days` after the
    dossier entered its state. `on` are days of the cycle's year; `percents` are shares of
    `working_days`. One that is not `legal` has no date of the law, and people may switch its
    mail off.
    """

    about: ReminderKind = ReminderKind.MILESTONE
    title: Text
    state: State | None = None
    milestone: State | None = None
    to: tuple[Role, ...]
    letter: Text
    days_before: tuple[int, ...] = ()
    working_days_before: tuple[int, ...] = ()
    days_after: tuple[int, ...] = ()
    on: tuple[MonthDay, ...] = ()
    working_days: Annotated[int, Field(gt=0)] | None = None
    percents: tuple[Annotated[int, Field(gt=0, le=100)], ...] = ()
    every_days: Annotated[int, Field(gt=0)] | None = None
    escalate: EscalationTable | None = None
    legal: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needed = {
            ReminderKind.MILESTONE: ("state", "milestone"),
            ReminderKind.STUCK: ("state", "working_days", "percents"),
            ReminderKind.NOTICE: ("working_days",),
            ReminderKind.SCORES: ("milestone", "on"),
        }
        missing = [name for name in needed.get(self.about, ()) if not getattr(self, name)]
        if missing:
            raise ValueError(
                phrase(
                    "nhắc loại “{value}” cần: {missing}",
                    value=self.about.value,
                    missing=", ".join(missing),
                )
            )
        return self


class RegistrationReminderTable(CitedTable):
    """Reminders to units that have not registered while the window is open."""

    title: Text
    days_before: tuple[int, ...]
    to: tuple[Role, ...]
    letter: Text
