"""In whose name a step is taken: own roles first, lent ones with the conflicts of both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.workflow import cases
from workflow.actors import Actor, Loan, Principal
from workflow.after import facts_after
from workflow.decisions import Accepted, decide, judge
from workflow.facts import Act, Command, Decision, DecisionInput, DossierFacts
from workflow.vocabulary import Action, Role, State

HEAD = Principal(1, "Nguyễn Văn Sơn", "Chủ tịch", frozenset({cases.PROVINCE.id}), 1)
OTHER_HEAD = Principal(2, "Hà Thị Bưởi", "Phó Chủ tịch", frozenset({cases.PROVINCE.id}), 1)
DEPUTY = 50


def lent(
    *roles: Role, by: Principal | None = HEAD, actions: tuple[Action, ...] = (), number: int = 7
) -> Loan:
    return Loan(number, frozenset(roles), frozenset(actions), by)


def borrower(*loans: Loan, roles: tuple[Role, ...] = (), units: tuple[int, ...] = ()) -> Actor:
    return Actor(DEPUTY, "Lê Anh Tuấn", frozenset(roles), frozenset(units), loans=loans)


def checked() -> DossierFacts:
    return replace(cases.collective(), state=State.BOARD_CHECKED)


def failing(facts: DossierFacts, by: Actor, action: Action = Action.DECIDE) -> set[str]:
    book = cases.rulebook()
    found = judge(book, action, facts, by, cases.NOW)
    codes = {one.code for one in found.refusals}
    return codes | {one.finding.code for one in found.blocking}


ABOUT_PEOPLE = {"WRONG_ROLE", "DUTIES_NOT_SEPARATE", "OWN_AWARD", "APPRAISER_INSIDE"}


def test_a_delegate_may_take_the_step_and_signs_for_both() -> None:
    found = judge(
        cases.rulebook(), Action.DECIDE, checked(), borrower(lent(Role.DECIDER)), cases.NOW
    )
    assert not found.refusals
    assert found.actor.signature == "Lê Anh Tuấn thay mặt Nguyễn Văn Sơn"
    assert found.actor.person_ids == {DEPUTY, HEAD.person_id}


@pytest.mark.parametrize(
    ("loan", "allowed"),
    [
        (lent(Role.DECIDER, actions=(Action.DECIDE,)), True),
        (lent(Role.DECIDER, actions=(Action.REJECT,)), False),
        (lent(Role.APPRAISER), False),
        (lent(), False),
    ],
)
def test_only_the_steps_and_roles_lent_count(loan: Loan, allowed: bool) -> None:
    assert ("WRONG_ROLE" not in failing(checked(), borrower(loan))) is allowed


def test_whoever_has_the_role_acts_in_the_own_name() -> None:
    actor = borrower(lent(Role.DECIDER), roles=(Role.DECIDER,))
    assert actor.taking((Role.DECIDER,), Action.DECIDE).principal is None


def test_the_case_of_the_giver_is_a_case_of_the_delegate() -> None:
    facts = replace(
        cases.individual(),
        state=State.BOARD_CHECKED,
        subject=replace(cases.individual().subject, person_id=HEAD.person_id),
    )
    assert "OWN_AWARD" in failing(facts, borrower(lent(Role.DECIDER)))
    assert "OWN_AWARD" not in failing(facts, borrower(lent(Role.DECIDER, by=OTHER_HEAD)))


def test_the_case_of_the_delegate_stays_the_delegates_whoever_lends() -> None:
    facts = replace(
        cases.individual(),
        state=State.BOARD_CHECKED,
        subject=replace(cases.individual().subject, person_id=DEPUTY),
    )
    assert "OWN_AWARD" in failing(facts, borrower(lent(Role.DECIDER)))


def test_the_units_of_both_count() -> None:
    insider = replace(HEAD, unit_ids=frozenset({cases.DISTRICT.id}))
    outside = borrower(lent(Role.APPRAISER, by=insider))
    facts = replace(cases.collective(), state=State.COUNCIL_REVIEWED)
    assert "APPRAISER_INSIDE" in failing(facts, outside, Action.CONFIRM_CHECK)
    employed = replace(HEAD, unit_ids=frozenset(), employer_id=cases.DISTRICT.id)
    inside = borrower(lent(Role.APPRAISER, by=employed))
    assert "APPRAISER_INSIDE" in failing(facts, inside, Action.CONFIRM_CHECK)


@pytest.mark.parametrize(
    ("before", "by"),
    [
        (Act(Action.CONFIRM_CHECK, DEPUTY, "B", cases.NOW), borrower(lent(Role.DECIDER))),
        (Act(Action.CONFIRM_CHECK, HEAD.person_id, "A", cases.NOW), borrower(lent(Role.DECIDER))),
        (
            Act(Action.CONFIRM_CHECK, 9, "C", cases.NOW, on_behalf_of=HEAD.person_id),
            borrower(lent(Role.DECIDER)),
        ),
        (
            Act(Action.CONFIRM_CHECK, 9, "C", cases.NOW, on_behalf_of=DEPUTY),
            borrower(roles=(Role.DECIDER,)),
        ),
    ],
)
def test_an_act_on_behalf_is_an_act_of_both(before: Act, by: Actor) -> None:
    facts = replace(checked(), acts=(before,))
    assert "DUTIES_NOT_SEPARATE" in failing(facts, by)


def test_of_two_givers_the_one_without_a_conflict_lends() -> None:
    act = Act(Action.CONFIRM_CHECK, HEAD.person_id, "A", cases.NOW)
    facts = replace(checked(), acts=(act,))
    actor = borrower(lent(Role.DECIDER), lent(Role.DECIDER, by=OTHER_HEAD, number=8))
    assert "DUTIES_NOT_SEPARATE" in failing(facts, borrower(lent(Role.DECIDER)))
    decision = DecisionInput(Decision("1/QĐ", cases.NOW.date(), "Hà Thị Bưởi"))
    command = Command("HS-2023-0027", DEPUTY, Action.DECIDE, 1, inputs=decision)
    found = judge(cases.rulebook(), Action.DECIDE, facts, actor, cases.NOW, command)
    if found.allowed:
        assert found.actor.principal == OTHER_HEAD
    assert (
        not ABOUT_PEOPLE & {one.finding.code for one in found.blocking}
        or found.actor.principal == HEAD
    )


def test_an_emergency_gives_the_role_and_no_more() -> None:
    access = lent(Role.DECIDER, by=None)
    assert not ABOUT_PEOPLE & failing(checked(), borrower(access))
    own = replace(
        cases.individual(),
        state=State.BOARD_CHECKED,
        subject=replace(cases.individual().subject, person_id=DEPUTY),
    )
    assert "OWN_AWARD" in failing(own, borrower(access))
    held = replace(checked(), documents=())
    assert failing(held, borrower(access)) >= failing(
        held, Actor(99, "Người ngoài", frozenset({Role.DECIDER}))
    )


def test_the_act_remembers_whom_it_was_for() -> None:
    facts = cases.collective()
    actor = borrower(lent(Role.CLERK))
    command = Command(facts.code, DEPUTY, Action.PRESENT, 1)
    done = decide(cases.rulebook(), command, facts, actor, cases.NOW)
    assert isinstance(done, Accepted)
    act = facts_after(done, cases.NOW).acts[-1]
    assert act.people == {DEPUTY, HEAD.person_id}
    assert act.name == "Lê Anh Tuấn thay mặt Nguyễn Văn Sơn"
