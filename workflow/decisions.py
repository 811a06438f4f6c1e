"""Judging a step: every rule is asked, always; the answer is a value, never an exception."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, assert_never

from workflow.case import Case
from workflow.effects import (
    Approve,
    ClearDecision,
    CloseSupplement,
    ConsumeSeat,
    DropApprovals,
    Effect,
    Extend,
    LiftHold,
    Notify,
    OpenSupplement,
    PlaceHold,
    ReleaseSeat,
    StopClock,
    StoreCouncilResult,
    StoreDecision,
    StoreMark,
    StoreRanking,
    StoreRevocation,
)
from workflow.facts import (
    CouncilInput,
    DecisionInput,
    ExtensionInput,
    Hold,
    HoldInput,
    Mark,
    MarkInput,
    RankingInput,
    RevocationInput,
    Supplement,
    SupplementInput,
    SuspensionInput,
)
from workflow.guards.authority import ABOUT_THE_ACTOR
from workflow.marks import covered_by
from workflow.terms import Stop
from workflow.verdicts import Finding, Refusal, Result, not_applicable
from workflow.vocabulary import PROGRESS, Action, Role, State
from workflow.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from workflow.facts import Actor, Command, DossierFacts
    from workflow.programme import AwardForm, QuotaTable, StepTable
    from workflow.rule_tables import RuleUse
    from workflow.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the law says about one step: why not, and what each rule found."""

    action: Action
    step: StepTable | None
    facts: DossierFacts
    actor: Actor
    results: tuple[Result, ...]
    refusals: tuple[Refusal, ...]

    @property
    def allowed(self) -> bool:
        """May the step be taken now?"""
        return not self.refusals and not any(result.blocks for result in self.results)

    @property
    def blocking(self) -> tuple[Result, ...]:
        """Every rule that stops the step, in the order of the file."""
        return tuple(result for result in self.results if result.blocks)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A step that may be taken, and everything that follows from it."""

    command: Command
    judgement: Judgement
    before: DossierFacts
    source: State | None
    target: State
    effects: tuple[Effect, ...]
    comment: str = ""


def with_inputs(facts: DossierFacts, command: Command | None) -> DossierFacts:
    """The facts as they would stand if the command's inputs were accepted."""
    inputs = command.inputs if command else None
    if isinstance(inputs, CouncilInput):
        return replace(facts, council=inputs.result)
    if isinstance(inputs, RankingInput):
        return replace(facts, ranking=inputs.result)
    if isinstance(inputs, DecisionInput):
        return replace(facts, decision=inputs.decision)
    return facts


def fallen_approvals(facts: DossierFacts) -> frozenset[State]:
    """States whose approval no longer stands, because a paper it covered has changed."""
    current = {paper.id for paper in facts.documents}
    return frozenset(
        approval.gave for approval in facts.approvals if not current.issuperset(approval.covered)
    )


def judge(
    rulebook: Rulebook,
    action: Action,
    facts: DossierFacts,
    actor: Actor,
    now: datetime,
    command: Command | None = None,
) -> Judgement:
    """Ask every rule of the step; nothing is changed and nobody is told.

    The judgement's actor is in the capacity chosen: the own one, or the first loan that passes.
    """
    proposed = with_inputs(facts, command)
    step = _choose(rulebook, action, facts)
    if step is None:
        return Judgement(action, None, proposed, actor, (), (_no_such_step(),))
    return _in_capacity(rulebook, step, step.rules, proposed, actor, now, command)


def about_the_actor(
    rulebook: Rulebook, step: StepTable, facts: DossierFacts, actor: Actor, now: datetime
) -> Judgement:
    """Ask only what depends on who takes the step: role, own award, duties kept separate.

    The same rules `judge` asks; `facts` need hold no more than these look at.
    """
    known = rulebook.programme.rule_by_id
    uses = tuple(use for use in step.rules if known[use.rule].guard in ABOUT_THE_ACTOR)
    return _in_capacity(rulebook, step, uses, facts, actor, now, None)


def _in_capacity(  # noqa: PLR0913, PLR0917 - what a case is made of.
    rulebook: Rulebook,
    step: StepTable,
    uses: tuple[RuleUse, ...],
    facts: DossierFacts,
    actor: Actor,
    now: datetime,
    command: Command | None,
) -> Judgement:
    found: list[Judgement] = []
    for one in tuple(actor.capacities(step.by, step.action)) or (actor,):
        case = Case(facts, one, rulebook.programme, now, command, step.action)
        results = tuple(_ask(rulebook, use, case) for use in uses)
        refusals = tuple(_refusals(step, case))
        found.append(Judgement(step.action, step, facts, one, results, refusals))
        if found[-1].allowed:
            return found[-1]
    return found[0]


def decide(
    rulebook: Rulebook, command: Command, facts: DossierFacts, actor: Actor, now: datetime
) -> Accepted | Judgement:
    """Judge the command; either everything that follows from it, or the refusal with reasons."""
    judgement = judge(rulebook, command.action, facts, actor, now, command)
    target = rulebook.machine.target(
        facts.state,
        command.action,
        admitted=judgement.allowed,
        fallen=fallen_approvals(facts),
    )
    if target is None or judgement.step is None:
        return judgement
    effects = tuple(_effects(rulebook, judgement.step, facts, judgement.actor, command, now))
    return Accepted(command, judgement, facts, facts.state, target, effects, command.comment)


def choices(
    rulebook: Rulebook, facts: DossierFacts, actor: Actor, now: datetime
) -> tuple[Judgement, ...]:
    """Every action out of the present state, judged: buttons and refusals for one reader."""
    return tuple(
        judge(rulebook, action, facts, actor, now)
        for action in rulebook.programme.actions_from(facts.state)
    )


def _choose(rulebook: Rulebook, action: Action, facts: DossierFacts) -> StepTable | None:
    fallen = fallen_approvals(facts)
    for step in rulebook.programme.steps_from(facts.state, action):
        if step.when_fell is None or step.when_fell in fallen:
            return step
    return None


def _ask(rulebook: Rulebook, use: RuleUse, case: Case) -> Result:
    rule = rulebook.rules[use.rule]
    table = rule.table
    applies = (
        case.facts.subject.kind in table.subjects
        and case.cycle.kind in table.cycles
        and (not table.awards or case.facts.award_form in table.awards)
    )
    finding: Finding = rule.ask(case) if applies else not_applicable(say(table.otherwise))
    return Result(
        rule=table.id,
        title=table.title,
        finding=finding,
        clause=table.clause,
        quote=table.quote,
        readings=table.readings,
        tolerated=finding.outcome in use.tolerate,
    )


def _no_such_step() -> Refusal:
    return Refusal(
        "NO_SUCH_STEP",
        say("Ở trạng thái hiện tại, hồ sơ không có thao tác này."),
        remedy=say("Mở lại trang hồ sơ để xem thao tác đang có."),
    )


def _refusals(step: StepTable, case: Case) -> Iterable[Refusal]:
    if not case.actor.roles.intersection(step.by):
        yield Refusal(
            "WRONG_ROLE",
            say("Bạn xem được nhưng không xử lý được bước này."),
            remedy=say("Chuyển cho người có quyền của bước này."),
            roles=step.by,
        )
    if step.action is Action.WITHDRAW and case.facts.signing:
        yield Refusal(
            "BEING_SIGNED",
            say("Hồ sơ đang ở khâu trình ký, đơn vị không tự rút được nữa."),
            remedy=say("Gửi đề nghị rút đến cơ quan quyết định để đưa hồ sơ khỏi danh sách."),
            roles=_SIGNING,
        )
    needed = _NEEDED_INPUTS.get(step.action)
    if case.command is not None and needed and not isinstance(case.command.inputs, needed):
        yield Refusal(
            "INPUT_MISSING",
            say("Chưa nhập nội dung của bước “{step}”.", step=step.title),
            remedy=say("Mở trang của bước này và nhập đủ."),
        )
    comment = case.command.comment.strip() if case.command is not None else ""
    if len(comment) > LONGEST_COMMENT:
        yield Refusal(
            "COMMENT_TOO_LONG",
            say("Lý do viết tối đa {most} ký tự.", most=LONGEST_COMMENT),
            remedy=say("Rút bớt {over} ký tự.", over=len(comment) - LONGEST_COMMENT),
        )
    if step.comment and case.command is not None and not comment:
        yield Refusal(
            "COMMENT_MISSING",
            say("Chưa ghi lý do."),
            remedy=say("Ghi lý do bằng một câu; lý do được lưu và gửi cho đơn vị."),
        )


_SIGNING: Final = (Role.DECIDER,)
LONGEST_COMMENT: Final = 4000
"""Signs of a reason: it is stored for good and goes into a letter."""

_NEEDED_INPUTS: Final = {
    Action.RECORD_COUNCIL_RESULT: CouncilInput,
    Action.RECORD_RANKING: RankingInput,
    Action.MARK_CHECK: MarkInput,
    Action.DECIDE: DecisionInput,
    Action.REVOKE: RevocationInput,
    Action.REQUEST_SUPPLEMENT: SupplementInput,
    Action.GRANT_EXTENSION: ExtensionInput,
    Action.SUSPEND: SuspensionInput,
    Action.HOLD: HoldInput,
}
"""What a step cannot be taken without; a form that leaves it out is refused, not half done."""


def _effects(
    rulebook: Rulebook,
    step: StepTable,
    facts: DossierFacts,
    actor: Actor,
    command: Command,
    now: datetime,
) -> Iterable[Effect]:
    yield from _input_effects(rulebook, facts, actor, command, now)
    covered = tuple(paper.id for paper in facts.documents if paper.kind in step.covers)
    if step.covers and not step.stays:
        yield Approve(step.target, covered)
    if command.action is Action.SEND_SUPPLEMENT:
        yield CloseSupplement()
        if step.when_fell is not None:
            yield DropApprovals(_from_on(step.when_fell))
    if command.action is Action.RELEASE_HOLD:
        yield LiftHold()
    if command.action is Action.RETRACT:
        yield ClearDecision()
    yield from _seats(rulebook.programme.award_by_id.get(facts.award_form), facts, rulebook, step)
    for letter in step.notify:
        yield Notify(letter.to, letter.letter, letter.at_end)


def _from_on(first: State) -> tuple[State, ...]:
    """The approval that fell, and all that were given on top of it."""
    return PROGRESS[PROGRESS.index(first) :]


_HOLDING_PLACES: Final = (State.BOARD_CHECKED, State.DECIDED)
"""States in which a dossier may hold a place: kept for a prepared decision, or taken by one."""


def _seats(
    award: AwardForm | None, facts: DossierFacts, rulebook: Rulebook, step: StepTable
) -> Iterable[Effect]:
    quota = quota_of(award, facts, rulebook)
    if quota is None:
        return
    if step.action is Action.DECIDE:
        yield ConsumeSeat(quota.pool)
    elif not step.stays and step.source in _HOLDING_PLACES:
        yield ReleaseSeat(quota.pool)


def quota_of(award: AwardForm | None, facts: DossierFacts, rulebook: Rulebook) -> QuotaTable | None:
    """The quota this dossier counts against, if its award, subject and cycle have one."""
    if award is None or award.quota is None:
        return None
    cycle = rulebook.programme.cycle_by_id[facts.cycle_id]
    if facts.subject.kind not in award.quota.subjects or cycle.kind not in award.quota.cycles:
        return None
    return award.quota


def _input_effects(  # noqa: C901 - one line for each member of a closed union
    rulebook: Rulebook, facts: DossierFacts, actor: Actor, command: Command, now: datetime
) -> Iterable[Effect]:
    inputs = command.inputs
    match inputs:
        case None:
            return
        case CouncilInput(result):
            yield StoreCouncilResult(result)
        case RankingInput(ranking):
            yield StoreRanking(ranking)
        case MarkInput(code, outcome):
            looked_at = covered_by(rulebook.programme, code, facts)
            version = facts.version + 1
            yield StoreMark(
                Mark(code, outcome, actor.signature, now, command.comment, looked_at, version)
            )
        case DecisionInput(decision, publish):
            yield StoreDecision(decision, publish)
        case RevocationInput(ground, decision):
            yield StoreRevocation(ground, decision)
        case SupplementInput(items, kinds, due, initiatives, again):
            number = facts.supplement_rounds + 1
            yield OpenSupplement(
                Supplement(items, kinds, due, actor.signature, now, number, initiatives, again)
            )
        case ExtensionInput(until):
            yield Extend(until)
        case SuspensionInput(since, until, clause):
            yield StopClock(Stop(since, until, command.comment, actor.signature, now, clause))
        case HoldInput(source):
            yield PlaceHold(Hold(source, command.comment, now))
        case _:
            assert_never(inputs)
