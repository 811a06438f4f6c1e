"""Everything a guard may look at: plain frozen facts, gathered once, stored with the verdict.

Days are office days (`Asia/Ho_Chi_Minh`), instants are timezone-aware UTC, scores are `Decimal`
with two places on a scale of 100 (reading Q2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from workflow.actors import Actor as Actor  # noqa: PLC0414 - read from here
from workflow.results import RankingResult
from workflow.scores import Score, TypedScore
from workflow.statements import Legibility, Statement
from workflow.terms import Terms
from workflow.vocabulary import (
    Action,
    DocumentKind,
    Outcome,
    RevocationGround,
    SigningCapacity,
    State,
    SubjectKind,
    UnitKind,
    VoteMethod,
)


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """One unit as it stood on the day that matters; `valid_to` is its last day, if any."""

    id: int
    code: str
    name: str
    kind: UnitKind
    scored_by_province: bool = False
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Succession:
    """On `since`, the unit `old_id` became part of `new_id` (merger, split or new name)."""

    old_id: int
    old_name: str
    new_id: int
    since: date


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """Who is to be honoured. `lineage` is the unit, then its parents, nearest first."""

    kind: SubjectKind
    name: str
    lineage: tuple[UnitFacts, ...]
    person_id: int | None = None
    position: str = ""

    @property
    def unit(self) -> UnitFacts:
        """The unit itself, or the unit the person works in."""
        return self.lineage[0]

    @property
    def key(self) -> str:
        """What makes two dossiers be about the same subject (readings Q24, Q25)."""
        if self.person_id is not None:
            return f"person:{self.person_id}"
        return f"unit:{self.unit.id}"


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """The registration the dossier was born from (R05)."""

    id: int
    subject_key: str
    year: int
    superior: str
    registered_on: date
    acknowledged_on: date | None
    acknowledged_by: str = ""
    number: str = ""
    sent_at: datetime | None = None
    """When it reached the superior through the service (UTC); None before it is sent."""


@dataclass(frozen=True, slots=True)
class Initiative:
    """An initiative, solution or new way of working, with its recognition (R08, R10)."""

    id: int
    title: str
    recognised_by: str = ""
    recognition_number: str = ""
    recognised_on: date | None = None
    applied: bool = False
    used_before_in: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The current version of one paper of the dossier."""

    id: int
    kind: DocumentKind
    version: int
    sha256: str
    file_name: str
    number: str = ""
    dated: date | None = None
    signer: str = ""
    confirmed: bool = False
    legibility: Legibility = Legibility.PENDING
    statements: tuple[Statement, ...] = ()
    """What the file says, as far as its text could be read (`workflow.papers`)."""


@dataclass(frozen=True, slots=True)
class CouncilResult:
    """What the proposing unit's council resolved (domain brief, section 5.8)."""

    held_on: date
    members: int
    present: int
    votes_for: int
    votes_against: int = 0
    votes_blank: int = 0
    method: VoteMethod = VoteMethod.SHOW_OF_HANDS
    recused: int = 0


@dataclass(frozen=True, slots=True)
class Approval:
    """A step somebody approved, and the document versions that approval covered."""

    gave: State
    at: datetime
    by: str
    covered: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """One human check by the appraiser; `covered` are the document ids it looked at.

    `version` is the version of the dossier the mark made.
    """

    code: str
    outcome: Outcome
    by: str
    at: datetime
    note: str = ""
    covered: tuple[int, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """A step taken on this dossier before, and the version it made.

    `on_behalf_of` is the person it was taken for: such an act is an act of both (reading Q46).
    `part` is what an edit touched: a kind of paper, `initiatives` or `award`.
    """

    action: Action
    person_id: int
    name: str
    at: datetime
    state: State | None = None
    on_behalf_of: int | None = None
    version: int = 0
    part: str = ""

    @property
    def people(self) -> frozenset[int]:
        """Whose act it was."""
        both = (self.person_id, self.on_behalf_of)
        return frozenset(person for person in both if person is not None)


@dataclass(frozen=True, slots=True)
class Hold:
    """An integrity hold: discipline, inspection or a complaint is running (R21)."""

    source: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Supplement:
    """An open request for supplement: the papers it unlocks, and whether the initiatives too.

    `again` is the reason why this was not asked for the time before.
    """

    items: tuple[str, ...]
    kinds: tuple[DocumentKind, ...]
    due: datetime
    by: str
    at: datetime
    round: int = 1
    initiatives: bool = False
    again: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """Places of one award form in one cycle. `cap` None means the head set no number.

    `reserved` places wait for prepared decisions; `held` says that one of them is this dossier's.
    `base` is None where no share of anything is taken.
    """

    pool: str
    base: int | None
    cap: int | None
    used: int
    reserved: int = 0
    held: bool = False

    @property
    def left(self) -> int | None:
        """Places this dossier could still take."""
        return None if self.cap is None else self.cap - self.used - self.reserved + self.held


@dataclass(frozen=True, slots=True)
class Decision:
    """The commendation decision as written on paper; not `published`, nobody has been told."""

    number: str
    dated: date
    signer: str
    capacity: SigningCapacity = SigningCapacity.SELF
    unit_id: int | None = None
    published: bool = True


@dataclass(frozen=True, slots=True)
class Twin:
    """Another live dossier of the same subject in the same programme and cycle."""

    code: str
    award_form: str
    state: State


@dataclass(frozen=True, slots=True)
class DossierFacts:
    """One dossier with all that surrounds it, at one version.

    `agenda` is the code of the council session that holds it now, empty when none does. `signing`:
    it stands on a list prepared for signature, or is signed for and not published yet.
    """

    id: int
    code: str
    version: int
    state: State | None
    programme_hash: str
    cycle_id: str
    award_form: str
    subject: SubjectFacts
    proposing_unit: UnitFacts
    deciding_unit: UnitFacts | None
    registration: RegistrationFacts
    scores: tuple[Score, ...] = ()
    typed: tuple[TypedScore, ...] = ()
    successions: tuple[Succession, ...] = ()
    initiatives: tuple[Initiative, ...] = ()
    documents: tuple[Document, ...] = ()
    council: CouncilResult | None = None
    approvals: tuple[Approval, ...] = ()
    marks: tuple[Mark, ...] = ()
    acts: tuple[Act, ...] = ()
    hold: Hold | None = None
    supplement: Supplement | None = None
    supplement_rounds: int = 0
    extended_until: datetime | None = None
    terms: Terms = field(default_factory=Terms)
    decision: Decision | None = None
    quota: Quota | None = None
    ranking: RankingResult | None = None
    agenda: str = ""
    signing: bool = False
    twins: tuple[Twin, ...] = ()
    entered_state_at: datetime | None = None

    def document(self, kind: DocumentKind) -> Document | None:
        """The current paper of this kind."""
        return next((paper for paper in self.documents if paper.kind is kind), None)


@dataclass(frozen=True, slots=True)
class CouncilInput:
    """What the secretary records after the meeting."""

    result: CouncilResult


@dataclass(frozen=True, slots=True)
class RankingInput:
    """What the provincial council's session resolved."""

    result: RankingResult


@dataclass(frozen=True, slots=True)
class MarkInput:
    """What the appraiser notes about one human check."""

    code: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class DecisionInput:
    """Number, day, signer and capacity of the decision, and whether it is published at once."""

    decision: Decision
    publish: bool = True


@dataclass(frozen=True, slots=True)
class RevocationInput:
    """The legal ground, with the number and day of the revoking decision."""

    ground: RevocationGround
    decision: Decision


@dataclass(frozen=True, slots=True)
class SupplementInput:
    """Every defect at once, what to unlock, and until when; `again` says why not before."""

    items: tuple[str, ...]
    kinds: tuple[DocumentKind, ...]
    due: datetime
    initiatives: bool = False
    again: str = ""


@dataclass(frozen=True, slots=True)
class ExtensionInput:
    """Until when the dossier may still be handed in."""

    until: datetime


@dataclass(frozen=True, slots=True)
class SuspensionInput:
    """The clock stands still from `since` to `until`, both office days inclusive."""

    since: date
    until: date
    clause: str = ""


@dataclass(frozen=True, slots=True)
class HoldInput:
    """Where the hold comes from."""

    source: str


Inputs: TypeAlias = (
    CouncilInput
    | RankingInput
    | MarkInput
    | DecisionInput
    | RevocationInput
    | SupplementInput
    | ExtensionInput
    | SuspensionInput
    | HoldInput
)


@dataclass(frozen=True, slots=True)
class Command:
    """Somebody asks for one step. `expected_version` is the version the person was looking at."""

    code: str
    person_id: int
    action: Action
    expected_version: int
    comment: str = ""
    inputs: Inputs | None = None
    key: str = ""
    extra: dict[str, str] = field(default_factory=dict)
