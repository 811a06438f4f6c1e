"""One list, one decision: whole or not at all; public once published, changed until then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from models import deciding, decision_lists
from models.database import Database
from models.deciding import Done, ListChanged, Signing, Stopped
from models.decision_lists import NothingToPrepare, NotTheirs
from models.doctor import examine
from models.outbox import claim_batch
from models.queries_published import Narrowing, progress_of, results
from models.tables import Decision, Dossier, HeldLetter, OutgoingMessage, Quota
from models.words import MessageStatus
from tests import builders as build
from workflow import facts
from workflow.decisions import Judgement
from workflow.facts import Command, DecisionInput, RevocationInput
from workflow.ports import Stale
from workflow.vocabulary import Action, RevocationGround, SigningCapacity, State

HEAD, DEPUTY = f"head@{build.PROVINCE}", f"deputy_head@{build.PROVINCE}"
PAPER = facts.Decision("2417/QĐ-UBND", date(2023, 12, 5), "Nguyễn Văn Sơn", SigningCapacity.KT)
UNITS = ("H026", "H027", "H028")


def checked(database: Database, *units: str) -> list[str]:
    return [build.a_checked(database, unit) for unit in units or UNITS]


def a_list(database: Database, codes: list[str], by: str = HEAD) -> tuple[int, list[str]]:
    """The list of these dossiers, and the codes that were left out."""
    with database.writing() as session:
        rows = {
            one.code: one for one in session.scalars(select(Dossier).where(Dossier.code.in_(codes)))
        }
        key = build.person_id(session, by)
        made, left = decision_lists.open_list(
            session, [rows[code] for code in codes], key, build.NOW
        )
        return made, [one.dossier.code for one in left]


def signing(database: Database, made: int, codes: list[str], **other: Any) -> Signing:
    versions = {code: build.the_dossier(database, code).version for code in codes}
    given: dict[str, Any] = {"decision": PAPER, "publish": False, "key": "k1", **other}
    return Signing(made, versions=versions, **given)


def committed(database: Database, codes: list[str], **other: Any) -> int:
    """The decision of these dossiers, made by way of a list."""
    made, _ = a_list(database, codes)
    by = build.who(database, HEAD)
    done = deciding.commit(database, signing(database, made, codes, **other), by, build.NOW)
    assert isinstance(done, Done)
    return done.decision_id


def places(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        used, reserved = session.execute(select(Quota.used, Quota.reserved)).one()
        return used, reserved


def states(database: Database, codes: list[str]) -> set[State]:
    return {build.the_dossier(database, code).state for code in codes}


def letters(database: Database, name: str) -> dict[MessageStatus, int]:
    with database.reading() as session:
        rows = session.execute(
            select(OutgoingMessage.status, func.count())
            .where(OutgoingMessage.letter == name)
            .group_by(OutgoingMessage.status)
        )
        return {row[0]: row[1] for row in rows}


def test_a_list_keeps_places_and_leaves_out_who_may_not_be_decided(database: Database) -> None:
    codes = checked(database)
    with database.writing() as session:
        session.execute(update(Quota).values(cap=2))
    unready = build.a_reviewed(database, "H029")
    with database.writing() as session:
        key = build.person_id(session, HEAD)
        rows = session.scalars(select(Dossier).order_by(Dossier.id)).all()
        decision_lists.consider(session, rows[0], key, build.NOW, holding=True)
        session.execute(update(Quota).values(cap=2))
    made, left = a_list(database, [*codes, unready])
    assert left == [codes[2], unready]
    assert places(database) == (0, 2)
    with database.writing() as session:
        found = decision_lists.consider(
            session,
            session.scalars(select(Dossier).where(Dossier.code == codes[2])).one(),
            build.person_id(session, HEAD),
            build.NOW,
        )
    (why,) = found.why
    assert (why.finding.code, why.clause) == ("QUOTA_FULL", "IV.2.b")  # type: ignore[union-attr]
    with pytest.raises(NothingToPrepare):
        a_list(database, [codes[2]], DEPUTY)  # two lists together never pass the cap
    with database.writing() as session:
        decision_lists.drop(session, made, build.person_id(session, DEPUTY), build.NOW)
    assert places(database) == (0, 0)
    assert a_list(database, [codes[2]], DEPUTY)[1] == []
    assert places(database) == (0, 1)
    assert examine(database) == []


def test_a_list_is_decided_whole_under_one_number(database: Database) -> None:
    codes = checked(database)
    made, _ = a_list(database, codes)
    by = build.who(database, HEAD)
    sent = signing(database, made, codes)
    done = deciding.commit(database, sent, by, build.NOW)
    assert isinstance(done, Done)
    assert states(database, codes) == {State.DECIDED}
    assert places(database) == (3, 0)
    with database.reading() as session:
        decision = session.scalars(select(Decision)).one()
        lines = session.scalars(
            text("SELECT COUNT(*) FROM history_line WHERE action = 'decide'")
        ).one()
    assert (decision.number, decision.capacity, decision.published_at) == (
        PAPER.number,
        SigningCapacity.KT,
        None,
    )
    assert lines == 3
    again = deciding.commit(database, sent, by, build.NOW + timedelta(minutes=1))
    assert again == Done(done.decision_id, done.codes, repeated=True)
    with pytest.raises(NotTheirs):
        deciding.commit(database, signing(database, made, codes, key="k2"), by, build.NOW)
    assert examine(database) == []


@pytest.mark.parametrize("trouble", ["stale", "number", "hold", "changed", "stranger"])
def test_trouble_with_one_leaves_all_as_they_were(database: Database, trouble: str) -> None:
    codes = checked(database)
    made, _ = a_list(database, codes)
    sent = signing(database, made, codes)
    by = build.who(database, HEAD)
    appraiser = f"appraiser@{build.PROVINCE}"
    if trouble == "stale":
        sent = Signing(made, PAPER, False, {**sent.versions, codes[1]: 1}, "k1")
    if trouble == "number":
        build.taken(
            build.step(
                database,
                build.a_checked(database, "H030"),
                HEAD,
                Action.DECIDE,
                DecisionInput(facts.Decision(PAPER.number, PAPER.dated, "Người khác")),
            )
        )
    if trouble == "hold":
        inputs = facts.HoldInput("Thanh tra tỉnh")
        build.taken(
            build.step(database, codes[1], appraiser, Action.HOLD, inputs, comment="Có đơn")
        )
        sent = signing(database, made, codes)
    if trouble == "changed":
        sent = signing(database, made, codes[:2])
    if trouble == "stranger":
        by = build.who(database, "head@H029")
    before = places(database)
    if trouble in {"changed", "stranger"}:
        with pytest.raises(ListChanged if trouble == "changed" else NotTheirs):
            deciding.commit(database, sent, by, build.NOW)
    else:
        stopped = deciding.commit(database, sent, by, build.NOW)
        assert isinstance(stopped, Stopped)
        assert stopped.code == (codes[0] if trouble == "number" else codes[1])
        if trouble == "stale":
            assert isinstance(stopped.verdict, Stale)
        else:
            assert isinstance(stopped.verdict, Judgement)
            said = {one.code for one in stopped.verdict.refusals} | {
                one.finding.code for one in stopped.verdict.blocking
            }
            assert said == {"NUMBER_TAKEN" if trouble == "number" else "ON_HOLD"}
    assert states(database, codes) == {State.BOARD_CHECKED}
    assert places(database) == before
    assert examine(database) == []


def test_nothing_is_public_before_publication_and_letters_wait(database: Database) -> None:
    codes = checked(database)
    decision = committed(database, codes)
    assert letters(database, "decided").keys() == {MessageStatus.WAITING}

    def told() -> tuple[int, State, bool, int]:
        with database.writing() as session:
            found = progress_of(session, codes[0], "huyện Đồng Văn")
            assert found is not None
            ready = claim_batch(session, "t", build.NOW, 100, timedelta(0))
            decided = sum(letter.letter == "decided" for letter in ready)
            session.rollback()
        with database.reading() as session:
            listed = results(session, Narrowing(), 1, ()).total
        return listed, found.state, found.decision is not None, decided

    assert told() == (0, State.BOARD_CHECKED, False, 0)
    assert deciding.publish(database, decision, (), build.who(database, HEAD), build.NOW) is None
    listed, state, known, sent = told()
    assert (listed, state, known) == (3, State.DECIDED, True)
    assert sent == letters(database, "decided")[MessageStatus.WAITING] > 0
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(HeldLetter)) == 0
    assert examine(database) == []


def test_before_publication_a_name_is_taken_out_and_its_letter_withdrawn(
    database: Database,
) -> None:
    codes = checked(database)
    decision = committed(database, codes)
    refused = build.step(database, codes[0], HEAD, Action.RETRACT)
    assert isinstance(refused, Judgement), "not without a reason"
    build.taken(build.step(database, codes[0], HEAD, Action.RETRACT, comment="Nhầm tên"))
    dossier = build.the_dossier(database, codes[0])
    assert (dossier.state, dossier.decision_id) == (State.BOARD_CHECKED, None)
    assert places(database) == (2, 0)
    found = letters(database, "decided")
    assert found[MessageStatus.SUPPRESSED] * 2 == found[MessageStatus.WAITING]
    with database.reading() as session:
        reasons = session.scalars(
            select(OutgoingMessage.reason).where(OutgoingMessage.status == MessageStatus.SUPPRESSED)
        ).all()
    assert all("2417/QĐ-UBND trước khi công bố" in reason for reason in reasons)
    revoking = RevocationInput(
        RevocationGround.FORGED_PAPERS,
        facts.Decision("9/QĐ-UBND", date(2023, 12, 5), "Nguyễn Văn Sơn"),
    )
    too_early = build.step(database, codes[1], HEAD, Action.REVOKE, revoking, comment="x")
    assert isinstance(too_early, Judgement)
    assert [one.finding.code for one in too_early.blocking] == ["NOT_PUBLISHED"]
    assert deciding.publish(database, decision, (), build.who(database, HEAD), build.NOW) is None
    too_late = build.step(database, codes[1], HEAD, Action.RETRACT, comment="x")
    assert isinstance(too_late, Judgement)
    assert [one.finding.code for one in too_late.blocking] == ["PUBLISHED"]
    build.taken(build.step(database, codes[1], HEAD, Action.REVOKE, revoking, comment="Giả mạo"))
    assert places(database) == (1, 0)
    assert examine(database) == []


def test_a_number_left_without_names_is_free_again(database: Database) -> None:
    (code,) = checked(database, "H026")
    committed(database, [code])
    build.taken(build.step(database, code, HEAD, Action.RETRACT, comment="Nhầm"))
    again = facts.Decision(PAPER.number, date(2023, 12, 5), "Lê Minh Tuấn")
    committed(database, [code], decision=again, publish=True, key="k9")
    with database.reading() as session:
        stored = session.scalars(select(Decision)).one()
    assert (stored.signer, stored.published_at) == ("Lê Minh Tuấn", build.NOW)
    assert examine(database) == []


def test_the_paper_is_corrected_until_it_is_published(database: Database) -> None:
    codes = checked(database, "H026")
    decision = committed(database, codes)
    taken_number = build.a_decided(database, "H030", "8/QĐ-UBND")
    assert taken_number

    def attempt(paper: facts.Decision, reason: str = "Gõ nhầm số", by: str = HEAD) -> str:
        with database.writing() as session:
            key = build.person_id(session, by)
            refusal = deciding.correct(session, decision, paper, reason, key, build.NOW)
            return refusal.code if refusal else ""

    good = facts.Decision("2418/QĐ-UBND", date(2023, 12, 5), "Lê Minh Tuấn")
    assert attempt(good, " ") == "COMMENT_MISSING"
    assert attempt(facts.Decision("8/QĐ-UBND", good.dated, "X")) == "NUMBER_TAKEN"
    for day in (date(2023, 12, 6), date(2023, 12, 4)):
        assert attempt(facts.Decision("2418/QĐ-UBND", day, "X")) == "DAY_CANNOT_BE"
    with pytest.raises(NotTheirs):
        attempt(good, by="head@H029")
    assert attempt(good) == ""
    with database.reading() as session:
        waiting = session.scalars(
            select(OutgoingMessage).join(HeldLetter, HeldLetter.message_id == OutgoingMessage.id)
        ).all()
        audit = session.scalars(
            text("SELECT payload FROM history_line WHERE action = 'correct_decision'")
        ).one()
    assert {letter.values["number"] for letter in waiting} == {"2418/QĐ-UBND"}
    assert "2417/QĐ-UBND" in audit
    by = build.who(database, HEAD)
    assert deciding.publish(database, decision, (), by, build.NOW) is None
    assert attempt(good) == "PUBLISHED"
    assert examine(database) == []


def test_publishing_tells_those_not_awarded_in_the_same_transaction(database: Database) -> None:
    winner, loser, other = checked(database)
    decision = committed(database, [winner])
    by = build.who(database, HEAD)
    reason = "Ngoài chỉ tiêu, xếp thứ 2/3."

    def rejecting(code: str, version: int | None = None) -> Command:
        now = build.the_dossier(database, code).version
        return Command(
            code,
            by,
            Action.REJECT,
            version or now,
            reason,
            key=f"r-{code}",
            extra={"cut_off": reason},
        )

    stopped = deciding.publish(
        database, decision, [rejecting(loser), rejecting(other, 1)], by, build.NOW
    )
    assert isinstance(stopped, Stopped)
    assert stopped.code == other
    assert states(database, [loser, other]) == {State.BOARD_CHECKED}
    with database.reading() as session:
        assert session.scalars(select(Decision.published_at)).one() is None
    assert deciding.publish(database, decision, [rejecting(loser)], by, build.NOW) is None
    assert build.the_dossier(database, loser).state is State.REJECTED
    assert build.the_dossier(database, other).state is State.BOARD_CHECKED
    with database.reading() as session:
        values = session.scalars(
            select(OutgoingMessage.values).where(OutgoingMessage.letter == "rejected")
        ).all()
        winners = session.scalars(
            select(OutgoingMessage.values).where(OutgoingMessage.letter == "decided")
        ).all()
    assert {(one["cut_off"], one["clause"]) for one in values} == {(reason, "IV.2.a")}
    assert all(one["grounds"] for one in winners), "each winner's letter names its clauses"
    assert examine(database) == []


def test_another_decider_taking_a_listed_dossier_is_seen_before_anything_is_written(
    database: Database,
) -> None:
    codes = checked(database)
    made, _ = a_list(database, codes)
    sent = signing(database, made, codes)
    build.taken(build.step(database, codes[2], DEPUTY, Action.DECIDE, build.a_decision()))
    with pytest.raises(ListChanged):
        deciding.commit(database, sent, build.who(database, HEAD), build.NOW)
    assert states(database, codes[:2]) == {State.BOARD_CHECKED}
    assert places(database) == (1, 2)
    assert examine(database) == []
