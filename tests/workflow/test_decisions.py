"""Steps, effects and the machine: what follows from a decision, and what can never happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.workflow.cases import NOW, actor, ask, collective, papers, rulebook
from workflow.decisions import Accepted, choices, decide, fallen_approvals
from workflow.effects import (
    Approve,
    CloseSupplement,
    ConsumeSeat,
    DropApprovals,
    Notify,
    OpenSupplement,
    ReleaseSeat,
    StoreCouncilResult,
)
from workflow.facts import (
    Act,
    Approval,
    Command,
    CouncilInput,
    CouncilResult,
    Decision,
    DecisionInput,
    ExtensionInput,
    RevocationInput,
    Supplement,
    SupplementInput,
)
from workflow.machine import WorkflowMachine
from workflow.vocabulary import Action, DocumentKind, RevocationGround, Role, State

BOOK = rulebook()
LATER = NOW + timedelta(days=2)


def act(facts, action, *, inputs=None, comment="", by=None):
    who = by or actor(*Role)
    command = Command(facts.code, who.person_id, action, facts.version, comment, inputs)
    return decide(BOOK, command, facts, who, NOW)


def kinds(accepted):
    return [type(effect) for effect in accepted.effects]


def test_the_machine_has_no_back_door() -> None:
    machine = WorkflowMachine(BOOK.programme)
    allowed = {(step.source, step.action) for step in BOOK.programme.steps}
    for state in (None, *State):
        for action in Action:
            target = machine.target(state, action, admitted=True)
            assert (target is not None) == ((state, action) in allowed)
            assert machine.target(state, action, admitted=False) is None


def test_council_result_is_an_approval_of_the_papers_it_saw() -> None:
    facts = replace(collective(), state=State.SUBMITTED, council=None)
    result = CouncilResult(date(2023, 12, 4), 9, 9, 9)
    accepted = act(facts, Action.RECORD_COUNCIL_RESULT, inputs=CouncilInput(result))
    assert isinstance(accepted, Accepted)
    assert accepted.target is State.COUNCIL_REVIEWED
    assert StoreCouncilResult(result) in accepted.effects
    assert Approve(State.COUNCIL_REVIEWED, (11, 12)) in accepted.effects
    assert Notify((Role.APPRAISER,), "council_reviewed") in accepted.effects


def supplemented(*changed: DocumentKind, state: State = State.BOARD_CHECKED):
    """A dossier whose supplement replaced some papers after both approvals."""
    council = Approval(State.COUNCIL_REVIEWED, NOW, "Thư ký", (11, 12))
    board = Approval(State.BOARD_CHECKED, NOW, "Ban TĐKT", (11, 12, 13))
    fresh = tuple(
        replace(paper, id=paper.id + 100, version=2) if paper.kind in changed else paper
        for paper in papers()
    )
    asked = Supplement(("Ký trang 3",), tuple(changed), NOW, "Ban TĐKT", NOW)
    return replace(
        collective(),
        state=state,
        documents=fresh,
        supplement=asked,
        supplement_rounds=1,
        approvals=(council, board) if state is State.BOARD_CHECKED else (council,),
        acts=(Act(Action.EDIT, 9, "Lý Thị Mai", NOW),),
    )


@pytest.mark.parametrize(
    ("changed", "state", "target", "fallen"),
    [
        ((DocumentKind.TO_TRINH,), State.COUNCIL_REVIEWED, State.COUNCIL_REVIEWED, ()),
        ((DocumentKind.BIEN_BAN,), State.COUNCIL_REVIEWED, State.SUBMITTED, None),
        ((DocumentKind.TO_TRINH,), State.BOARD_CHECKED, State.COUNCIL_REVIEWED, None),
        ((DocumentKind.BAO_CAO_THANH_TICH,), State.BOARD_CHECKED, State.SUBMITTED, None),
        ((), State.BOARD_CHECKED, State.BOARD_CHECKED, ()),
    ],
)
def test_an_approval_falls_only_when_something_it_covered_changed(
    changed, state, target, fallen
) -> None:
    facts = supplemented(*changed, state=state)
    accepted = act(facts, Action.SEND_SUPPLEMENT)
    assert isinstance(accepted, Accepted)
    assert accepted.target is target
    assert CloseSupplement in kinds(accepted)
    assert (DropApprovals in kinds(accepted)) == (fallen is None)
    assert bool(fallen_approvals(facts)) == (fallen is None)


def test_a_supplement_asks_for_everything_and_needs_a_reason() -> None:
    facts = replace(collective(), state=State.COUNCIL_REVIEWED)
    asked = SupplementInput(("Ký trang 3", "Số quyết định"), (DocumentKind.BIEN_BAN,), LATER)
    silent = act(facts, Action.REQUEST_SUPPLEMENT, inputs=asked)
    assert not isinstance(silent, Accepted)
    assert [one.code for one in silent.refusals] == ["COMMENT_MISSING"]
    accepted = act(facts, Action.REQUEST_SUPPLEMENT, inputs=asked, comment="Đủ hai mục này")
    assert isinstance(accepted, Accepted)
    assert accepted.target is State.COUNCIL_REVIEWED
    opened = next(one for one in accepted.effects if isinstance(one, OpenSupplement))
    assert (opened.supplement.round, opened.supplement.items) == (1, asked.items)


def test_nothing_moves_on_while_a_supplement_is_open() -> None:
    facts = replace(supplemented(state=State.COUNCIL_REVIEWED), state=State.COUNCIL_REVIEWED)
    judgement = ask(facts, Action.CONFIRM_CHECK)
    assert "S01" in [one.rule for one in judgement.blocking]


def test_a_place_is_taken_by_the_decision_and_given_back_by_the_revocation() -> None:
    paper = Decision("2417/QĐ-UBND", date(2023, 12, 5), "Nguyễn Văn Sơn")
    facts = replace(collective(), state=State.BOARD_CHECKED)
    decided = act(facts, Action.DECIDE, inputs=DecisionInput(paper))
    assert isinstance(decided, Accepted)
    assert ConsumeSeat("BANG_KHEN_TAP_THE") in decided.effects
    revoked = act(
        replace(facts, state=State.DECIDED),
        Action.REVOKE,
        comment="Khai sai",
        inputs=RevocationInput(RevocationGround.FALSE_ACHIEVEMENT, paper),
    )
    assert isinstance(revoked, Accepted)
    assert ReleaseSeat("BANG_KHEN_TAP_THE") in revoked.effects
    assert ConsumeSeat not in kinds(revoked)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_take_only_its_own_steps(role) -> None:
    for state in (State.REGISTERED, State.SUBMITTED, State.COUNCIL_REVIEWED, State.BOARD_CHECKED):
        for judgement in choices(BOOK, replace(collective(), state=state), actor(role), NOW):
            assert judgement.step is not None
            wrong = [one for one in judgement.refusals if one.code == "WRONG_ROLE"]
            assert bool(wrong) == (role not in judgement.step.by)
            if wrong:
                assert wrong[0].roles == judgement.step.by


def test_every_rule_of_a_step_is_asked_even_for_the_wrong_role() -> None:
    facts = replace(collective(), state=State.COUNCIL_REVIEWED)
    judgement = ask(facts, Action.CONFIRM_CHECK, by=actor(Role.AUDITOR))
    step = BOOK.programme.steps_from(State.COUNCIL_REVIEWED, Action.CONFIRM_CHECK)[0]
    assert [one.rule for one in judgement.results] == [use.rule for use in step.rules]


def test_editing_after_submission_needs_a_supplement_for_that_paper() -> None:
    facts = supplemented(DocumentKind.BIEN_BAN, state=State.COUNCIL_REVIEWED)

    def edit(part):
        command = Command(facts.code, 1, Action.EDIT, 1, extra={"part": part})
        return isinstance(decide(BOOK, command, facts, actor(Role.CLERK), NOW), Accepted)

    assert edit("BIEN_BAN")
    assert not edit("TO_TRINH")
    assert not edit("initiatives")
    assert not edit("BAO_CAO_THANH_TICH")
    assert not edit("award")


def test_a_decision_needs_its_paper() -> None:
    facts = replace(collective(), state=State.BOARD_CHECKED)
    refused = act(facts, Action.DECIDE)
    assert not isinstance(refused, Accepted)
    assert [one.rule for one in refused.blocking] == ["R20d"]
    future = Decision("1", date(2023, 12, 6), "Nguyễn Văn Sơn")
    assert not isinstance(act(facts, Action.DECIDE, inputs=DecisionInput(future)), Accepted)


def test_an_unknown_step_is_a_refusal_with_words() -> None:
    refused = act(replace(collective(), state=State.DECIDED), Action.SUBMIT)
    assert not isinstance(refused, Accepted)
    assert [one.code for one in refused.refusals] == ["NO_SUCH_STEP"]


NEEDS_INPUTS = {
    Action.RECORD_COUNCIL_RESULT: State.SUBMITTED,
    Action.MARK_CHECK: State.COUNCIL_REVIEWED,
    Action.DECIDE: State.BOARD_CHECKED,
    Action.REVOKE: State.DECIDED,
    Action.REQUEST_SUPPLEMENT: State.COUNCIL_REVIEWED,
    Action.GRANT_EXTENSION: State.REGISTERED,
    Action.SUSPEND: State.SUBMITTED,
    Action.HOLD: State.SUBMITTED,
}


@pytest.mark.parametrize(("action", "state"), NEEDS_INPUTS.items())
def test_a_step_without_its_contents_is_refused(action, state) -> None:
    refused = act(replace(collective(), state=state), action, comment="Vì lý do này")
    assert not isinstance(refused, Accepted)
    assert "INPUT_MISSING" in [one.code for one in refused.refusals]


@pytest.mark.parametrize(
    ("until", "allowed"),
    [
        (datetime(2023, 12, 6, 10, tzinfo=UTC), True),
        (datetime(2023, 12, 15, 10, tzinfo=UTC), True),
        (datetime(2023, 12, 15, 10, 1, tzinfo=UTC), False),
        (datetime(2023, 12, 5, 1, 10, tzinfo=UTC), False),
        (datetime(2023, 11, 29, 10, tzinfo=UTC), False),
    ],
)
def test_an_extension_lies_ahead_and_within_the_cycle(until, allowed) -> None:
    answer = act(
        collective(), Action.GRANT_EXTENSION, comment="Mưa lũ", inputs=ExtensionInput(until)
    )
    assert isinstance(answer, Accepted) is allowed


def test_a_supplement_names_something_and_leaves_time() -> None:
    facts = replace(collective(), state=State.COUNCIL_REVIEWED)
    for items, due in (((), LATER), (("Ký trang 3",), NOW)):
        inputs = SupplementInput(items, (DocumentKind.BIEN_BAN,), due)
        refused = act(facts, Action.REQUEST_SUPPLEMENT, comment="Thiếu", inputs=inputs)
        assert not isinstance(refused, Accepted)
        assert [one.rule for one in refused.blocking] == ["S05"]


def test_a_human_check_counts_only_for_what_it_saw() -> None:
    edited = Act(Action.EDIT, 9, "Lý Thị Mai", NOW + timedelta(minutes=1), version=1)
    facts = replace(collective(), state=State.COUNCIL_REVIEWED, acts=(edited,))
    judgement = ask(facts, Action.CONFIRM_CHECK, now=LATER)
    assert [(one.rule, one.finding.code) for one in judgement.blocking] == [
        ("R16d", "LOOK_AGAIN"),
        ("R06d", "LOOK_AGAIN"),
        ("R08c", "LOOK_AGAIN"),
    ]
