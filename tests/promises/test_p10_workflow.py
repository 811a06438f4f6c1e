"""P10: from every situation a dossier can finish, no step is dead, duties stay apart.

The exploration asks the law itself; the planted faults show that it can see what it looks for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from models.proving import worlds
from tests.tiers import TIER
from tests.workflow.cases import rulebook
from workflow.programme import Programme
from workflow.proving import proof as proof_module
from workflow.proving.explore import explore
from workflow.proving.page import page
from workflow.proving.proof import first_of_each_award, prove
from workflow.proving.staffing import smallest, straight
from workflow.proving.together import Folded, fold, walk
from workflow.proving.world import World, attempts
from workflow.rulebook import Rulebook, bind
from workflow.vocabulary import Action, State


@pytest.mark.slow
@pytest.mark.promise("P10")
def test_from_every_situation_a_dossier_can_finish(tally) -> None:
    book = rulebook()
    everything, first = first_of_each_award(), next(iter(worlds(book))).name

    def chosen(world: World) -> bool:
        return world.name == first if TIER == "T1" else everything(world)

    proof = prove(book, worlds(book), whole=chosen)
    assert proof.holds, page(proof)
    combinations = sum(one.combinations for one in proof.together)
    assert combinations >= 10**5
    assert all(one.most_taken == one.places for one in proof.together)
    tally("situations of one dossier", sum(one.situations for one in proof.worlds))
    tally("questions to the law", sum(one.asked for one in proof.worlds))
    tally("combinations of dossiers", combinations)


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.promise("P10")
def test_six_dossiers_under_one_quota_can_all_finish(tally: Callable[[str, int], None]) -> None:
    """Every combination of six to which no supplement happens: more than the published page has."""
    world = next(iter(worlds(rulebook())))
    assert world.start.quota is not None
    assert world.start.quota.cap is not None
    calm = [one for one in attempts(world) if one.action is not Action.REQUEST_SUPPLEMENT]
    found = walk([fold(explore(world, calm))] * 6, world.start.quota.cap)
    tally("combinations of six dossiers", found.combinations)
    assert found.combinations >= 9 * 10**5
    assert (found.over, found.unfinishable, found.wasted) == (0, 0, 0)
    assert found.most_taken == found.places


def test_four_people_suffice_and_three_do_not() -> None:
    book = rulebook()
    proof = prove(book, list(worlds(book))[:1], whole=lambda _: False)
    ways = dict(proof.staff)["BANG_KHEN_TINH"]
    assert smallest(ways) is not None
    for way in ways:
        together = next((group for group in way.groups if "council_secretary" in group), ())
        if {"appraiser", "decider", "clerk"} & set(together):
            assert not way.safe


def changed(change) -> Rulebook:
    """The programme with its steps changed, bound to the same guards."""
    book = rulebook()
    programme: Programme = book.programme.model_copy(update=change(book.programme))
    return bind(programme, book.rules)


def without(action: Action):
    return lambda programme: {
        "steps": tuple(step for step in programme.steps if step.action is not action)
    }


def lenient(programme: Programme) -> dict[str, object]:
    """Nobody asks whether a place is left."""
    steps = tuple(
        step.model_copy(
            update={"rules": tuple(use for use in step.rules if use.rule not in {"R13", "R13b"})}
        )
        for step in programme.steps
    )
    return {"steps": steps}


@pytest.mark.promise("P10")
@pytest.mark.planted
@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (without(Action.MARK_CHECK), "undecidable"),
        (without(Action.CONFIRM_CHECK), "undecidable"),
        (without(Action.DECIDE), "undecidable"),
        (lenient, "over"),
    ],
)
def test_a_broken_programme_is_seen(broken, fault, monkeypatch) -> None:
    monkeypatch.setattr(
        proof_module, "sharings", lambda _: []
    )  # How posts are shared is not asked.
    book = changed(broken)
    proof = prove(book, list(worlds(book))[:1], whole=lambda _: False)
    assert not proof.holds
    assert getattr(proof.worlds[0], fault) > 0
    assert "DOES NOT HOLD" in page(proof)
    assert proof.worlds[0].examples


@pytest.mark.promise("P10")
@pytest.mark.planted
def test_a_supplement_nobody_can_answer_is_a_dead_end() -> None:
    tried_as_well = {Action.REQUEST_SUPPLEMENT, Action.SEND_SUPPLEMENT}
    lost = {}
    for name, book in (
        ("whole", rulebook()),
        ("broken", changed(without(Action.SEND_SUPPLEMENT))),
    ):
        world = next(iter(worlds(book)))
        more = [one for one in attempts(world) if one.action in tried_as_well]
        lost[name] = len(explore(world, (*straight(world), *more)).without_decision())
    assert lost["whole"] == 0
    assert lost["broken"] > 0


@pytest.mark.promise("P10")
@pytest.mark.planted
def test_an_arrow_nobody_can_take_is_dead() -> None:
    def unanswered(programme: Programme) -> dict[str, object]:
        step = next(one for one in programme.steps if one.action is Action.WITHDRAW)
        impossible = step.model_copy(update={"by": ()})
        return {
            "steps": tuple(impossible if one is step else one for one in programme.steps),
        }

    book = changed(unanswered)
    world = next(iter(worlds(book)))
    few = (*straight(world), *(a for a in attempts(world) if a.action is Action.WITHDRAW))
    arrows = explore(world, few).arrows()
    assert (State.REGISTERED, Action.WITHDRAW, State.WITHDRAWN) not in arrows
    assert (State.SUBMITTED, Action.WITHDRAW, State.WITHDRAWN) in arrows


@pytest.mark.promise("P10")
@pytest.mark.planted
def test_a_quota_that_counts_wrongly_is_seen_in_the_whole() -> None:
    ready, decided = State.BOARD_CHECKED, State.DECIDED
    right = Folded((ready, decided), (((1, 1),), ()))
    forgetful = replace(right, moves=(((1, 0),), ()))
    stubborn = Folded((ready, decided, ready), (((2, 0),), (), ((0, 0),)))
    assert walk([right] * 2, 2).over == 0
    assert walk([forgetful] * 3, 2).over == 1
    assert walk([right] * 3, 2).unfinishable > 0
    assert walk([stubborn] * 2, 2).unfinishable > 0
