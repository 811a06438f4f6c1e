"""A case: one dossier, one person, one step, one instant, under one programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow.working_days import office_day

if TYPE_CHECKING:
    from datetime import date, datetime

    from workflow.facts import Actor, Command, DossierFacts
    from workflow.programme import AwardForm, Cycle, Programme
    from workflow.vocabulary import Action


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a guard is asked about. `command` is None when only looking, not acting.

    `action` is the step that is judged, asked for or only looked at.
    """

    facts: DossierFacts
    actor: Actor
    programme: Programme
    now: datetime
    command: Command | None = None
    action: Action | None = None

    @property
    def today(self) -> date:
        """The office day of `now`."""
        return office_day(self.now, self.programme.zone)

    @property
    def cycle(self) -> Cycle:
        """The cycle the dossier belongs to."""
        return self.programme.cycle_by_id[self.facts.cycle_id]

    @property
    def award(self) -> AwardForm | None:
        """The award form asked for; None while the dossier has not chosen one."""
        return self.programme.award_by_id.get(self.facts.award_form)
