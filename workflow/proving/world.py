"""What an exploration tries: the people, and every step they might ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from workflow.facts import (
    Command,
    CouncilInput,
    CouncilResult,
    Decision,
    DecisionInput,
    Document,
    ExtensionInput,
    HoldInput,
    MarkInput,
    RankingInput,
    RevocationInput,
    SupplementInput,
    SuspensionInput,
)
from workflow.results import RankingResult
from workflow.vocabulary import Action, DocumentKind, Outcome, RevocationGround
from workflow.working_days import office_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow.facts import Actor, DossierFacts, Inputs
    from workflow.programme import Programme
    from workflow.rulebook import Rulebook

SIGNER: Final = "Người ký"


@dataclass(frozen=True, slots=True)
class World:
    """One dossier's beginning, the people around it, and the instant it all happens at.

    `start` has no state yet. `thorough` tries every supplement and every mark in any order;
    otherwise marks come in the order of the file and a supplement opens one paper at a time,
    which reaches the same states of progress by fewer paths.
    """

    book: Rulebook
    start: DossierFacts
    staff: tuple[Actor, ...]
    now: datetime
    name: str = ""
    thorough: bool = False
    codes: tuple[str, ...] = field(default=())
    """Codes of the checks only a person can make."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A step somebody might ask for: what, with which inputs, and how to name it."""

    action: Action
    label: str
    inputs: Inputs | None = None
    part: str = ""

    def command(self, facts: DossierFacts, by: Actor) -> Command:
        """The attempt as this person's command on this dossier."""
        extra = {"part": self.part} if self.part else {}
        return Command(
            facts.code, by.person_id, self.action, facts.version, SIGNER, self.inputs, extra=extra
        )


def checks_of(programme: Programme) -> tuple[str, ...]:
    """The codes of all human checks the programme asks for, in the order of the file."""
    params: list[dict[str, Any]] = [
        rule.params for rule in programme.rules if rule.guard == "attested"
    ]
    return tuple(dict.fromkeys(str(one["code"]) for one in params))


def attempts(world: World) -> tuple[Attempt, ...]:
    """Every attempt worth trying anywhere; the same list in every situation."""
    programme = world.book.programme
    today = office_day(world.now, programme.zone)
    paper = Decision("1/QĐ", today, SIGNER)
    plain = (
        Action.REGISTER,
        Action.PRESENT,
        Action.SUBMIT,
        Action.CONFIRM_CHECK,
        Action.SEND_SUPPLEMENT,
        Action.RELEASE_HOLD,
        Action.RETRACT,
        Action.REJECT,
        Action.WITHDRAW,
    )
    tomorrow = world.now + timedelta(days=1)
    later = programme.cycle_by_id[world.start.cycle_id].milestones.council_reviewed
    until = datetime.combine(later, programme.closing_time, ZoneInfo(programme.zone))
    return (
        *(Attempt(action, action.value) for action in plain),
        *(Attempt(Action.EDIT, f"edit {part}", part=part) for part in parts(programme)),
        Attempt(
            Action.RECORD_COUNCIL_RESULT,
            "record_council_result for",
            CouncilInput(CouncilResult(today, 9, 9, 9)),
        ),
        Attempt(
            Action.RECORD_COUNCIL_RESULT,
            "record_council_result against",
            CouncilInput(CouncilResult(today, 9, 9, 0, 9)),
        ),
        *(
            Attempt(Action.MARK_CHECK, f"mark {code} {outcome.value}", MarkInput(code, outcome))
            for code in world.codes
            for outcome in (Outcome.MET, Outcome.NOT_MET)
        ),
        Attempt(
            Action.RECORD_RANKING,
            "record_ranking",
            RankingInput(RankingResult("PH-0001", today, 9, 9, 9, place=1)),
        ),
        Attempt(Action.DECIDE, "decide and publish", DecisionInput(paper)),
        Attempt(Action.DECIDE, "decide", DecisionInput(paper, publish=False)),
        *(_supplement(kinds, tomorrow) for kinds in _supplements(world)),
        Attempt(Action.GRANT_EXTENSION, "grant_extension", ExtensionInput(until.astimezone(UTC))),
        Attempt(Action.SUSPEND, "suspend", SuspensionInput(today, today)),
        Attempt(Action.HOLD, "hold", HoldInput("Thanh tra")),
        Attempt(
            Action.REVOKE, "revoke", RevocationInput(RevocationGround.FALSE_ACHIEVEMENT, paper)
        ),
    )


def parts(programme: Programme) -> tuple[str, ...]:
    """The parts of a dossier that can be edited one by one."""
    papers = (paper.kind.value for paper in programme.documents if paper.mandatory)
    return ("award", "initiatives", *papers)


def _supplements(world: World) -> Iterator[tuple[DocumentKind, ...]]:
    """Papers to unlock together; unless the world is thorough, one of each that falls alike."""
    programme = world.book.programme
    kinds = tuple(paper.kind for paper in programme.documents if paper.mandatory)
    if world.thorough:
        for mask in range(1 << len(kinds)):
            yield tuple(kind for place, kind in enumerate(kinds) if mask >> place & 1)
        return
    alike: dict[tuple[object, ...], DocumentKind] = {}
    for kind in kinds:
        covering = tuple(step.target for step in programme.steps if kind in step.covers)
        alike.setdefault(covering, kind)
    yield ()
    yield from ((kind,) for kind in alike.values())


def _supplement(kinds: tuple[DocumentKind, ...], due: datetime) -> Attempt:
    named = "+".join(kinds) or "initiatives"
    return Attempt(
        Action.REQUEST_SUPPLEMENT,
        f"request_supplement {named}",
        SupplementInput(("x",), kinds, due, initiatives=not kinds, again="x"),
    )


def complete_paper(kind: DocumentKind, number: int, day: datetime) -> Document:
    """A paper with everything any programme asks of one."""
    return Document(
        number,
        kind,
        1,
        "0" * 64,
        f"{kind.value}.pdf",
        number="1/TTr",
        dated=day.date(),
        signer=SIGNER,
        confirmed=True,
    )
