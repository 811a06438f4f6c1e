"""Before publication nobody outside the deciding side can tell that anything was decided."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import deciding
from models.concealing import conceal, lines_told
from models.database import Database
from models.dossier_pages import Asked, find_page
from models.ledger import look
from models.queries_dossiers import Wanted, conditions_for, states_count
from models.queries_history import lines_of
from models.queries_inbox import Inbox
from models.queries_people import reader_of
from models.queries_turns import programmes
from models.tables import Decision, Dossier
from tests import builders as build
from tests.models.test_deciding import HEAD, a_list, committed, signing
from workflow.decisions import Judgement, choices
from workflow.ports import Stale
from workflow.vocabulary import Action, State

DAY = build.NOW.date()
OUTSIDE = ("clerk@H026", "head@H026")
INSIDE = (HEAD, f"appraiser@{build.PROVINCE}", f"auditor@{build.PROVINCE}")


def seen(database: Database, code: str, by: str) -> dict[str, object]:
    """Everything one person is shown of one dossier."""
    with database.reading() as session:
        person = build.person_id(session, by)
        reader = reader_of(session, person, DAY)
        assert reader is not None
        known = programmes(session)
        opened = look(session, code, person, build.NOW)
        dossier = session.scalars(select(Dossier).where(Dossier.code == code)).one()

        def listed(wanted: Wanted) -> list[State]:
            conditions = conditions_for(session, person, DAY, wanted, known, build.NOW)
            page = find_page(session, list(conditions.values()), None, Asked(), person, DAY)
            return [row.dossier.state for row in page.rows if row.dossier.code == code]

        conceal(session, [dossier], person, DAY)
        lines = lines_told(session, dossier, lines_of(session, dossier.id), person, DAY)
        inbox = Inbox(session, reader, known, DAY)
        return {
            "facts": (opened.facts.state, opened.facts.decision is not None),
            "acts": Action.DECIDE in {act.action for act in opened.facts.acts},
            "list": listed(Wanted()),
            "decided list": listed(Wanted(state=State.DECIDED)),
            "checked list": listed(Wanted(state=State.BOARD_CHECKED)),
            "number": listed(Wanted(words="2417/QĐ-UBND")),
            "counts": states_count(session, person, DAY).get(State.DECIDED, 0),
            "over": [row.dossier.code for row in inbox.latest(inbox.over, 9)],
            "history": "decide" in {line.action for line in lines},
            "retracted": "retract" in {line.action for line in lines},
        }


NOTHING = {
    "facts": (State.BOARD_CHECKED, False),
    "acts": False,
    "list": [State.BOARD_CHECKED],
    "decided list": [],
    "checked list": [State.BOARD_CHECKED],
    "number": [],
    "counts": 0,
    "over": [],
    "history": False,
    "retracted": False,
}


@pytest.fixture
def decided(database: Database) -> tuple[str, int]:
    """A dossier decided but not published, and its decision."""
    code = build.a_checked(database, "H026")
    return code, committed(database, [code])


def test_those_outside_see_what_they_saw_before(
    database: Database, decided: tuple[str, int]
) -> None:
    code, decision = decided
    for by in OUTSIDE:
        assert seen(database, code, by) == NOTHING, by
    for by in INSIDE:
        told = seen(database, code, by)
        assert told["facts"] == (State.DECIDED, True), by
        assert told["history"]
    assert deciding.publish(database, decision, (), build.who(database, HEAD), build.NOW) is None
    for by in OUTSIDE:
        told = seen(database, code, by)
        assert told["facts"] == (State.DECIDED, True)
        assert (told["decided list"], told["number"]) == ([State.DECIDED], [State.DECIDED])
        assert (told["counts"], told["history"], told["over"]) == (1, True, [code])


def test_a_decision_taken_back_was_never_there_for_those_outside(
    database: Database, decided: tuple[str, int]
) -> None:
    code, _ = decided
    build.taken(build.step(database, code, HEAD, Action.RETRACT, comment="Nhầm tên"))
    for by in OUTSIDE:
        told = seen(database, code, by)
        assert {**told, "acts": False} == NOTHING, by
    assert seen(database, code, HEAD)["retracted"]


def test_nothing_read_in_disguise_is_written_back(
    database: Database, decided: tuple[str, int]
) -> None:
    code, _ = decided
    seen(database, code, OUTSIDE[0])
    assert build.the_dossier(database, code).state is State.DECIDED
    with database.reading() as session:
        assert session.scalars(select(Decision.published_at)).one() is None


def test_what_is_being_signed_is_not_withdrawn_and_the_answer_tells_of_no_decision(
    database: Database,
) -> None:
    """On a list or signed for already: the unit is offered and answered the same."""

    def told(code: str) -> tuple[object, ...]:
        verdict = build.step(database, code, "head@H026", Action.WITHDRAW, comment="Xin rút")
        assert isinstance(verdict, Judgement)
        with database.reading() as session:
            person = build.person_id(session, "head@H026")
            opened = look(session, code, person, build.NOW)
        offered = choices(opened.rulebook, opened.facts, opened.actor, build.NOW)
        (button,) = (one for one in offered if one.action is Action.WITHDRAW)
        return verdict.refusals, verdict.facts.state, button.refusals, len(offered)

    code = build.a_checked(database, "H026")
    listed, _ = a_list(database, [code])
    on_list = told(code)
    assert "BEING_SIGNED" in str(on_list[0])
    by = build.who(database, HEAD)
    done = deciding.commit(database, signing(database, listed, [code]), by, build.NOW)
    assert isinstance(done, deciding.Done)
    assert told(code) == on_list
    build.taken(build.step(database, code, HEAD, Action.RETRACT, comment="Đơn vị xin rút"))
    build.taken(build.step(database, code, "head@H026", Action.WITHDRAW, comment="Xin rút"))


def test_who_was_a_second_too_late_is_not_told_of_it_either(
    database: Database, decided: tuple[str, int]
) -> None:
    code, _ = decided
    old = build.the_dossier(database, code).version - 1
    with pytest.raises(Stale) as outside:
        build.step(database, code, "head@H026", Action.WITHDRAW, comment="x", version=old)
    assert (outside.value.action, outside.value.by) == (None, "")
    with pytest.raises(Stale) as inside:
        build.step(database, code, HEAD, Action.REJECT, comment="x", version=old)
    assert inside.value.action is Action.DECIDE
