"""A programme as frozen, typed tables: what one file under `config/programmes/` says.

Everything here is data. Logic is named, never written: a rule names a guard and fills in its
parameters; a step names the rules it asks for. `workflow.parsing` builds these tables and
`workflow.soundness` says whether they hold together.
"""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field

from workflow.reminder_tables import RegistrationReminderTable, ReminderTable
from workflow.rule_tables import RuleTable, RuleUse
from workflow.table import CitedTable, NamedTable, Table, Text
from workflow.vocabulary import (
    Action,
    Better,
    CycleKind,
    DocumentKind,
    ReportKind,
    Role,
    SessionKind,
    State,
    SubjectKind,
    TieRule,
    UnitKind,
)
from workflow.words import Phrase


def _exactly(value: object) -> object:
    """YAML reads 79.5 as a float; the figure as written is what counts."""
    return str(value) if isinstance(value, float) else value


Exact = Annotated[Decimal, BeforeValidator(_exactly)]
"""A decimal figure as it is written in the file, never a binary float."""

OfHundred = Annotated[Exact, Field(ge=0, le=100)]
"""A percentage, or a score on the scale of 100."""


class Rounding(StrEnum):
    """How a share of places becomes a number (reading Q10)."""

    FLOOR = "floor"
    NEAREST = "nearest"
    CEILING = "ceiling"


class Reading(CitedTable):
    """Where the text leaves room: the choice taken, the other one, and the words in question."""

    question: Text
    choice: Text
    alternative: Text
    reason: Text
    decided_by: str = ""
    decided_on: date | None = None


class Milestones(Table):
    """The last day of each step of a cycle; inclusive, at `Programme.closing_time`."""

    submitted: date
    council_reviewed: date
    board_checked: date
    decided: date

    def of(self, state: State) -> date | None:
        """The day by which a dossier should have entered `state`."""
        days = {
            State.SUBMITTED: self.submitted,
            State.COUNCIL_REVIEWED: self.council_reviewed,
            State.BOARD_CHECKED: self.board_checked,
            State.DECIDED: self.decided,
        }
        return days.get(state)


class Cycle(CitedTable):
    """One review: a year's, the mid-term one, the final one (III.2)."""

    kind: CycleKind
    year: int
    label: Text
    registration_opens: date
    registration_closes: date
    snapshot: date
    milestones: Milestones

    def closes(self, state: State) -> date | None:
        """The file's day by which `state` should be reached; for registering, the window's end."""
        return self.registration_closes if state is State.REGISTERED else self.milestones.of(state)


class RecipientTable(Table):
    """Which subjects a form of award may go to."""

    kind: SubjectKind
    units: tuple[UnitKind, ...]


class QuotaTable(Table):
    """How many may receive an award: a share of a base, or what the deciding head sets (IV.2.b).

    With `percent`, the share of the units in the base is the cap (readings Q9 to Q12). Without
    it, the head of each deciding unit may set a number for each cycle, and need not (Q37).
    """

    pool: Text
    percent: OfHundred | None = None
    rounding: Rounding = Rounding.FLOOR
    subjects: tuple[SubjectKind, ...]
    cycles: tuple[CycleKind, ...]
    clause: Text
    quote: Text
    readings: tuple[str, ...] = ()


class CriterionTable(NamedTable):
    """One criterion of a ranking: the figure named in `workflow.ranking`, and which is better."""

    title: Text
    criterion: Text
    better: Better = Better.HIGHER
    unit: str = ""


class RankingTable(Table):
    """By what those who compete for the same places are put in order, first things first.

    The text names no order: without a clause of its own it is a policy setting, and `note` says so.
    """

    criteria: Annotated[tuple[CriterionTable, ...], Field(min_length=1)]
    tie: TieRule = TieRule.PERSON
    note: Text
    readings: tuple[str, ...] = ()


class AppraisalTable(Table):
    """Working days the deciding level appraises for, counted from the receipt of the dossiers.

    `council` and `board` are the working days after the receipt by which the council has met and
    the check is done. Without a clause it is a policy setting; `note` says where it comes from.
    """

    working_days: Annotated[int, Field(gt=0)]
    council: Annotated[int, Field(ge=0)]
    board: Annotated[int, Field(ge=0)]
    clause: str = ""
    note: Text


class AwardForm(CitedTable):
    """A form of award: who decides, who appraises, who proposes, who may receive, and when."""

    title: Text
    short: Text
    quote: Text
    decider_unit: UnitKind
    decider_title: Text
    decider_until: date | None = None
    appraiser_title: Text
    proposers: tuple[UnitKind, ...]
    recipients: tuple[RecipientTable, ...]
    cycles: tuple[CycleKind, ...]
    provincial_ranking: tuple[CycleKind, ...] = ()
    quota: QuotaTable | None = None
    appraisal: AppraisalTable | None = None


class DocumentTable(Table):
    """A paper the programme asks for (IV.3) or accepts as evidence."""

    kind: DocumentKind
    title: Text
    short: Text
    mandatory: bool
    form_code: str = ""
    form_decree: Annotated[str, AfterValidator(Phrase)] = ""
    clause: Text
    quote: str = ""
    demands: tuple[str, ...] = ()


class NotifyTable(Table):
    """A letter that follows a step."""

    to: tuple[Role, ...]
    letter: Text
    at_end: bool = False
    """Sent on the first working morning after the clock of the dossier stood still, not at once."""


class StepTable(Table):
    """One arrow of the workflow, with who may take it and which rules it must meet."""

    action: Action
    title: Text
    done: Text
    source: Annotated[State | None, Field(alias="from")] = None
    target: Annotated[State, Field(alias="to")]
    by: tuple[Role, ...]
    clause: Text
    quote: str = ""
    rules: tuple[RuleUse, ...] = ()
    when_fell: State | None = None
    covers: tuple[DocumentKind, ...] = ()
    comment: bool = False
    notify: tuple[NotifyTable, ...] = ()

    @property
    def stays(self) -> bool:
        """Does this step leave the state as it is (a flag, an edit)?"""
        return self.source is self.target


class RegistrationTable(Table):
    """Who may register, and what a registration must meet before it is sent."""

    by: tuple[Role, ...]
    rules: tuple[RuleUse, ...]
    clause: Text


class ReportTable(CitedTable):
    """A report every unit of some kinds owes: when it opens, when it is due, who accepts it.

    `cycles` are the reviews whose figures it tells. The text names the month; the day is set by
    the authority for each review.
    """

    kind: ReportKind
    year: int
    title: Text
    cycles: Annotated[tuple[Text, ...], Field(min_length=1)]
    owed_by: Annotated[tuple[UnitKind, ...], Field(min_length=1)]
    opens: date
    due: date
    accepted_by: Annotated[tuple[Role, ...], Field(min_length=1)]
    quote: Text


class ConsolidationTable(Table):
    """The head and foot of the report the province's side writes about all units (V.3)."""

    superior: Text
    body: Text
    symbol: Text
    addressee: Text
    signer_title: Text
    copies: Annotated[tuple[Text, ...], Field(min_length=1)]
    archive: Text
    clause: Text
    quote: Text


class CouncilTable(Table):
    """Quorum and approval share: policy settings, not in the programme text (5.8).

    They hold for meetings from the office day `applies_from` on, until the next table; without
    `kind` for every kind of session.
    """

    applies_from: date | None = None
    kind: SessionKind | None = None
    quorum: tuple[int, int]
    approval_percent: OfHundred
    note: Text


def _several(value: object) -> object:
    """One table may be written where several could stand."""
    return [value] if isinstance(value, dict) else value


class Programme(Table):
    """A whole programme. `content_hash` is SHA-256 over the file and the source text."""

    id: Text
    version: Text
    title: Text
    short_title: Text
    issued_by: Text
    issued_on: date
    source: Text
    place: Text
    starts: date
    ends: date
    zone: Text
    closing_time: time
    milestones_set_by: str = ""
    code_prefix: Text = "HS"
    supplement_limit: int = 1
    """Requests for supplement without a reason; the ones after that say why not before."""
    supplement_most: int | None = None
    """Requests for supplement a dossier can have at all; None sets no bound."""
    supplement_working_days: int = 5
    council: Annotated[tuple[CouncilTable, ...], BeforeValidator(_several), Field(min_length=1)]
    ranking: RankingTable | None = None
    cycles: tuple[Cycle, ...]
    awards: tuple[AwardForm, ...]
    documents: tuple[DocumentTable, ...]
    rules: tuple[RuleTable, ...]
    registration: RegistrationTable
    steps: tuple[StepTable, ...]
    reminders: tuple[ReminderTable, ...] = ()
    registration_reminders: tuple[RegistrationReminderTable, ...] = ()
    reports: tuple[ReportTable, ...] = ()
    consolidation: ConsolidationTable | None = None
    readings: tuple[Reading, ...]
    silent_clauses: dict[str, Text] = Field(default_factory=dict)
    content_hash: str = ""

    def council_on(self, day: date, kind: SessionKind = SessionKind.UNIT_COUNCIL) -> CouncilTable:
        """The council settings for a meeting of `kind` on the office day `day`.

        Of the tables in force that day the one for this kind goes before a general one, then the
        newest; before all of them the first table holds.
        """
        fit = [one for one in self.council if one.kind in {None, kind}]
        known = [one for one in fit if one.applies_from is None or one.applies_from <= day]
        return max(
            known or self.council[:1],
            key=lambda one: (one.kind is not None, one.applies_from or date.min),
        )

    @cached_property
    def cycle_by_id(self) -> dict[str, Cycle]:
        """Cycles by id."""
        return {cycle.id: cycle for cycle in self.cycles}

    @cached_property
    def award_by_id(self) -> dict[str, AwardForm]:
        """Award forms by id."""
        return {award.id: award for award in self.awards}

    @cached_property
    def rule_by_id(self) -> dict[str, RuleTable]:
        """Rules by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def reading_by_id(self) -> dict[str, Reading]:
        """Readings by id."""
        return {reading.id: reading for reading in self.readings}

    @cached_property
    def report_by_id(self) -> dict[str, ReportTable]:
        """Reports by id."""
        return {report.id: report for report in self.reports}

    @cached_property
    def document_by_kind(self) -> dict[DocumentKind, DocumentTable]:
        """Papers by kind."""
        return {paper.kind: paper for paper in self.documents}

    def steps_from(self, state: State | None, action: Action) -> tuple[StepTable, ...]:
        """All arrows for `action` out of `state`, in the order of the file."""
        return tuple(step for step in self.steps if step.source is state and step.action is action)

    def actions_from(self, state: State | None) -> tuple[Action, ...]:
        """What can be done to a dossier in `state`, in the order of the file."""
        found = (step.action for step in self.steps if step.source is state)
        return tuple(dict.fromkeys(found))

    def with_hash(self, content_hash: str) -> Self:
        """The same tables, carrying the hash of what they were read from."""
        return self.model_copy(update={"content_hash": content_hash})
