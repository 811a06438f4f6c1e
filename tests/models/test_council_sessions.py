"""Council sessions in the record, on both engines: prepared, voted on, counted, closed or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from models import council_agenda as agenda
from models import council_ballots as ballots
from models import council_closing as closing
from models import council_paper as paper
from models import council_sessions as sessions
from models.council_changes import Ask
from models.council_closing import NothingWritten
from models.database import Database
from models.doctor import examine
from models.files import StoredFile
from models.gathering import facts_of, standing_ranking
from models.tables import (
    AgendaItem,
    Appointment,
    BallotVote,
    CouncilResult,
    CouncilSeat,
    Document,
    Dossier,
    HistoryLine,
    OutgoingMessage,
)
from models.words import BallotLayer
from tests import builders as build
from tests.builders import NOW, taken
from tests.councils import (
    CLOSES,
    CYCLE,
    HELD,
    a_council,
    a_person,
    a_personal,
    a_provincial_council,
    a_session,
    ask,
    count_it,
    done,
    entries,
    everybody_agrees,
    the_session,
    the_sitting,
    versions,
    vote,
)
from tests.models.test_races import at_once
from workflow.councils.ballots import Entry
from workflow.councils.tally import Tally
from workflow.decisions import Accepted, Judgement
from workflow.facts import CouncilInput
from workflow.facts import CouncilResult as Result
from workflow.ports import NotFound, Repeated, Stale
from workflow.vocabulary import (
    Action,
    Attendance,
    DocumentKind,
    Post,
    SessionState,
    State,
    Vote,
    VoteMethod,
)

SECRETARY = "council_secretary@H029"
YES, NO, OTHER = Vote.YES, Vote.NO, Vote.OTHER
MINUTES = closing.Minutes(
    StoredFile("d" * 64, 1000, "application/pdf", "bien-ban.pdf"), NOW.date(), "Vàng Thị Dợ"
)


def close(
    database: Database,
    code: str,
    *,
    by: str = SECRETARY,
    key: str = "k1",
    minutes: closing.Minutes | None = MINUTES,
    seen: dict[str, int] | None = None,
) -> Tally:
    return closing.close_session(
        database, ask(database, code, by, key), seen or versions(database, code), minutes, NOW
    )


def two_dossiers(database: Database) -> tuple[str, str]:
    """The unit's own dossier and that of its member m3."""
    return build.a_submitted(database), a_personal(database, "m3@H029")


def test_a_session_closes_and_writes_every_result(database: Database) -> None:
    members = a_council(database)
    unit, person = two_dossiers(database)
    code = a_session(database, [unit, person])
    everybody_agrees(database, code, members[:8])
    assert vote(database, code, members[8], {unit: NO, person: OTHER}).taken
    count_it(database, code)
    tally = close(database, code)
    assert [(one.votes_for, one.recused, one.approved) for one in tally.items] == [
        (8, 0, True),
        (7, 1, False),
    ]
    assert build.the_dossier(database, unit).state is State.COUNCIL_REVIEWED
    turned_down = build.the_dossier(database, person)
    assert turned_down.state is State.REJECTED
    with database.reading() as session:
        stored = session.scalars(select(CouncilResult)).one()
        assert (stored.members, stored.present, stored.votes_for) == (9, 9, 8)
        assert stored.method is VoteMethod.SECRET_BALLOT
        lines = session.scalars(
            select(HistoryLine).where(HistoryLine.dossier_id == turned_down.id)
        ).all()
        assert "7/9 đồng ý, cần 8" in lines[-1].payload
        paper_kept = session.scalars(
            select(Document).where(Document.kind == DocumentKind.BIEN_BAN, Document.current)
        ).all()
        assert [one.sha256 for one in paper_kept] == ["d" * 64]
        letters = session.scalars(
            select(OutgoingMessage.letter).where(
                OutgoingMessage.letter.in_(["council_reviewed", "rejected"])
            )
        ).all()
        assert {"council_reviewed", "rejected"} <= set(letters)
        assert not session.scalars(select(AgendaItem.id).where(AgendaItem.live)).all()
    assert the_session(database, code).state is SessionState.CLOSED
    assert examine(database) == []


def test_a_dossier_that_changed_is_named_and_nothing_is_written(database: Database) -> None:
    members = a_council(database)
    unit, person = two_dossiers(database)
    code = a_session(database, [unit, person])
    everybody_agrees(database, code, members)
    count_it(database, code)
    seen = versions(database, code)
    taken(build.change(database, unit, build.a_paper(DocumentKind.BIEN_BAN)))
    before = build.the_dossier(database, person).version
    with pytest.raises(NothingWritten) as refused:
        close(database, code, seen=seen)
    [why] = refused.value.refusals
    assert (why.code, why.text.values["code"]) == ("DOSSIER_CHANGED", unit)
    assert build.the_dossier(database, person).version == before
    assert the_session(database, code).state is SessionState.COUNTING
    with database.reading() as session:
        assert not session.scalars(select(CouncilResult)).all()
        last = session.scalars(select(HistoryLine).order_by(HistoryLine.id.desc())).first()
        assert last is not None
        assert last.action == "refuse_closing"
    assert close(database, code).items[0].approved, "seen anew, it closes"


def test_one_dossier_the_law_refuses_holds_back_all(database: Database) -> None:
    members = a_council(database)
    unit, person = two_dossiers(database)
    code = a_session(database, [unit, person])
    everybody_agrees(database, code, members)
    count_it(database, code)
    with pytest.raises(NothingWritten) as refused:
        close(database, code, minutes=None)
    named = {
        one.facts.code: [result.rule for result in one.blocking] for one in refused.value.judgements
    }
    assert named == {unit: ["R16b"], person: ["R16b"]}
    for each in (unit, person):
        assert build.the_dossier(database, each).state is State.SUBMITTED


def test_closing_twice_is_closing_once(database: Database) -> None:
    members = a_council(database)
    unit = build.a_submitted(database)
    code = a_session(database, [unit])
    everybody_agrees(database, code, members)
    count_it(database, code)
    seen, first = versions(database, code), ask(database, code, SECRETARY, "same")
    closing.close_session(database, first, seen, MINUTES, NOW)
    after = build.the_dossier(database, unit).version
    with pytest.raises(Repeated):
        closing.close_session(database, first, seen, MINUTES, NOW)
    with pytest.raises(Stale):
        closing.close_session(database, replace(first, key="other"), seen, MINUTES, NOW)
    with pytest.raises(NothingWritten):
        close(database, code, key="third")
    assert build.the_dossier(database, unit).version == after


def test_two_secretaries_close_at_once_and_one_of_them_does(database: Database) -> None:
    members = a_council(database)
    with database.writing() as session:
        a_person(session, "s2@H029", "H029", Post.COUNCIL_SECRETARY)
    unit = build.a_submitted(database)
    code = a_session(database, [unit])
    everybody_agrees(database, code, members)
    count_it(database, code)
    seen = versions(database, code)

    def attempt(by: str) -> str:
        wanted = ask(database, code, by, f"key-{by}")
        try:
            closing.close_session(database, wanted, seen, MINUTES, NOW)
        except (Stale, NothingWritten):
            return "late"
        return "closed"

    found = at_once([lambda: attempt(SECRETARY), lambda: attempt("s2@H029")])
    assert sorted(found) == ["closed", "late"]
    with database.reading() as session:
        assert len(session.scalars(select(CouncilResult)).all()) == 1


def test_votes_changed_while_the_ballot_closes_are_all_in_or_refused(database: Database) -> None:
    members = a_council(database)
    unit = build.a_submitted(database)
    code = a_session(database, [unit])
    everybody_agrees(database, code, members)
    sitting = the_sitting(database, code)

    def change_mind(member: str) -> bool:
        wanted = ask(database, code, member)
        said = entries(sitting, {unit: NO})
        with database.writing() as session:
            return ballots.send(session, wanted, said, NOW).taken

    def shut() -> bool:
        count_it(database, code)
        return True

    works = [*(lambda member=member: change_mind(member) for member in members[:4]), shut]
    taken_in = sum(at_once(works)) - 1
    with database.reading() as session:
        _, tally, _ = closing.tally_of(session, the_session(database, code))
    assert tally.items[0].votes_against == taken_in
    assert tally.items[0].votes_for == 9 - taken_in


def test_a_quorum_of_seven_is_needed_of_ten(database: Database) -> None:
    members = a_council(database, 10)
    unit = build.a_submitted(database)
    for there, closes in ((6, False), (7, True)):
        code = a_session(database, [unit])
        everybody_agrees(database, code, members[:there])
        absent = [seat.id for seat in the_sitting(database, code).members if not seat.sent]
        wanted = ask(database, code, SECRETARY)
        noted = [sessions.Presence(each, Attendance.ABSENT, "Đi công tác") for each in absent]
        with database.writing() as session:
            done(sessions.note_presence(session, wanted, noted, NOW))
        count_it(database, code)
        if closes:
            [one] = close(database, code, key=code).items
            assert not one.approved, "seven of ten are no four fifths of all members"
            assert build.the_dossier(database, unit).state is State.REJECTED
        else:
            with pytest.raises(NothingWritten) as refused:
                close(database, code)
            assert [one.code for one in refused.value.refusals] == ["NO_QUORUM"]
            wanted = ask(database, code, SECRETARY)
            with database.writing() as session:
                done(sessions.cancel(session, wanted, "Không đủ thành viên", NOW))


def test_nobody_reads_a_figure_before_the_ballot_is_closed(database: Database) -> None:
    members = a_council(database)
    unit = build.a_submitted(database)
    code = a_session(database, [unit])
    everybody_agrees(database, code, members)
    with pytest.raises(NotFound), database.reading() as session:
        closing.tally_of(session, the_session(database, code))
    with database.reading() as session:
        told = session.scalars(
            select(HistoryLine.payload).where(HistoryLine.action == "send_ballot")
        ).all()
    assert len(told) == 9
    assert not any("yes" in each or "vote" in each for each in told)


def test_no_result_is_recorded_past_the_session(database: Database) -> None:
    a_council(database)
    unit = build.a_submitted(database)
    taken(build.change(database, unit, build.a_paper(DocumentKind.BIEN_BAN)))
    code = a_session(database, [unit], opened=False)
    result = CouncilInput(Result(NOW.date(), 9, 9, 9))
    refused = build.step(database, unit, SECRETARY, Action.RECORD_COUNCIL_RESULT, result)
    assert isinstance(refused, Judgement)
    assert [one.rule for one in refused.blocking] == ["S06"]
    rejected = build.step(database, unit, SECRETARY, Action.REJECT, comment="Không đủ")
    assert isinstance(rejected, Judgement)
    wanted = ask(database, code, SECRETARY)
    with database.writing() as session:
        done(agenda.take_off_agenda(session, wanted, unit, "", NOW))
    meeting = build.step(database, unit, SECRETARY, Action.RECORD_COUNCIL_RESULT, result)
    assert isinstance(meeting, Accepted), "meetings held on paper keep their form"


def test_a_dossier_stands_on_one_live_agenda(database: Database) -> None:
    a_council(database)
    unit = build.a_submitted(database)
    a_session(database, [unit], opened=False)
    second = a_session(database, [], opened=False)
    wanted = ask(database, second, SECRETARY)
    with database.writing() as session:
        [why] = agenda.add_to_agenda(session, wanted, [unit], NOW)
    assert why.code == "NOT_ADMITTED"
    assert "phiên họp đang mở" in str(why.text.values["reasons"])
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(
            AgendaItem(
                session_id=the_session(database, second).id,
                dossier_id=build.the_dossier(database, unit).id,
                place=1,
            )
        )


def test_replaced_papers_ask_for_the_vote_again(database: Database) -> None:
    members = a_council(database)
    unit = build.a_submitted(database)
    code = a_session(database, [unit])
    sitting = the_sitting(database, code)
    everybody_agrees(database, code, members)
    _replace_report(database, unit)
    wanted = ask(database, code, members[0])
    with database.writing() as session:
        stale_answer = ballots.send(session, wanted, entries(sitting, {unit: YES}), NOW)
    assert [one.code for one in stale_answer.faults] == ["PAPERS_CHANGED"]
    assert vote(database, code, members[0], {unit: YES}).taken
    count_it(database, code)
    with database.reading() as session:
        _, tally, _ = closing.tally_of(session, the_session(database, code))
    assert (tally.items[0].votes_for, tally.items[0].unconfirmed) == (1, 8)


def test_minutes_that_come_later_disturb_no_vote(database: Database) -> None:
    members = a_council(database)
    unit = build.a_submitted(database)
    code = a_session(database, [unit])
    everybody_agrees(database, code, members)
    taken(build.change(database, unit, build.a_paper(DocumentKind.BIEN_BAN)))
    count_it(database, code)
    assert close(database, code, minutes=None).items[0].votes_for == 9


def test_a_draft_counts_nowhere_and_a_sent_ballot_stands_beside_it(database: Database) -> None:
    members = a_council(database)
    unit = build.a_submitted(database)
    code = a_session(database, [unit])
    sitting = the_sitting(database, code)
    me = build.who(database, members[0])
    wanted = ask(database, code, members[0])
    with database.writing() as session:
        kept = ballots.save_draft(session, wanted, entries(sitting, {unit: YES}), NOW)
    assert kept.taken
    with database.reading() as session:
        mine = ballots.ballot_of(session, code, me, NOW)
        assert (mine.entries[0].vote, mine.cast, mine.sent_at) == (YES, (), None)
    assert vote(database, code, members[0], {unit: YES}).taken
    changed = [Entry(sitting.items[0].id, None, papers=sitting.items[0].papers)]
    with database.writing() as session:
        assert ballots.save_draft(session, wanted, changed, NOW).taken
    with database.reading() as session:
        mine = ballots.ballot_of(session, code, me, NOW)
        assert mine.entries[0].vote is None, "the draft shows an empty line"
        assert [one.vote for one in mine.cast] == [YES], "what was sent still counts"


def test_ballots_are_taken_until_the_closing_instant(database: Database) -> None:
    members = a_council(database)
    unit = build.a_submitted(database)
    code = a_session(database, [unit])
    assert vote(database, code, members[0], {unit: YES}, now=CLOSES).taken
    late = vote(database, code, members[1], {unit: YES}, now=CLOSES + timedelta(seconds=1))
    assert [one.code for one in late.refusals] == ["BALLOT_CLOSED"]


def test_a_stranger_finds_no_session(database: Database) -> None:
    a_council(database)
    unit = build.a_submitted(database)
    code = a_session(database, [unit])
    for stranger in ("clerk@H029", "council_chair@H030", "council_secretary@H030"):
        with pytest.raises(NotFound), database.reading() as session:
            ballots.ballot_of(session, code, build.who(database, stranger), NOW)
    with pytest.raises(NotFound), database.writing() as session:
        sessions.open_ballot(session, ask(database, code, "council_chair@H029"), NOW)
    wanted = sessions.Arrangement("P", HELD, CLOSES, VoteMethod.WRITTEN)
    by = Ask("", build.who(database, "clerk@H029"), 0)
    with pytest.raises(NotFound), database.writing() as session:
        sessions.convene(session, build.unit_id(session, "H029"), CYCLE, wanted, by, NOW)


def test_a_paper_ballot_counts_when_a_second_person_agrees(database: Database) -> None:
    members = a_council(database)
    unit, person = two_dossiers(database)
    code = a_session(database, [unit, person])
    sitting = the_sitting(database, code)
    seat = sitting.seat_of(build.who(database, members[4]))
    assert seat is not None
    typed = entries(sitting, {unit: YES, person: NO})
    with database.writing() as session:
        assert paper.type_in(session, ask(database, code, SECRETARY), seat.id, typed, NOW).taken
    with database.writing() as session:
        answer, _ = paper.check(session, ask(database, code, SECRETARY), seat.id, typed, NOW)
    assert [one.code for one in answer.refusals] == ["SAME_PERSON"]
    other = entries(sitting, {unit: YES, person: YES})
    with database.writing() as session:
        checker = ask(database, code, "council_chair@H029")
        answer, apart = paper.check(session, checker, seat.id, other, NOW)
        assert answer.taken
    assert [item.code for item in apart] == [person]
    assert _cast(database, seat.id) == []
    with database.writing() as session:
        _, apart = paper.check(session, checker, seat.id, typed, NOW)
    assert not apart
    assert _cast(database, seat.id) == [YES, NO]
    with database.reading() as session:
        kept = session.get_one(CouncilSeat, seat.id)
        assert kept.sent_at is not None
        assert kept.typed_by != kept.checked_by


def test_the_database_itself_refuses_a_ballot_checked_by_its_typist(database: Database) -> None:
    members = a_council(database)
    unit = build.a_submitted(database)
    code = a_session(database, [unit])
    seat = the_sitting(database, code).seat_of(build.who(database, members[1]))
    assert seat is not None
    me = build.who(database, SECRETARY)
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(
            update(CouncilSeat).where(CouncilSeat.id == seat.id).values(typed_by=me, checked_by=me)
        )


def test_an_absent_member_has_a_reason_and_a_ballot_makes_it_a_written_opinion(
    database: Database,
) -> None:
    members = a_council(database)
    unit = build.a_submitted(database)
    code = a_session(database, [unit])
    seat = the_sitting(database, code).seat_of(build.who(database, members[2]))
    assert seat is not None
    with database.writing() as session:
        [why] = sessions.note_presence(
            session,
            ask(database, code, SECRETARY),
            [sessions.Presence(seat.id, Attendance.ABSENT)],
            NOW,
        )
    assert why.code == "REASON_MISSING"
    with database.writing() as session:
        noted = [sessions.Presence(seat.id, Attendance.ABSENT, "Ốm")]
        done(sessions.note_presence(session, ask(database, code, SECRETARY), noted, NOW))
    assert vote(database, code, members[2], {unit: YES}).taken
    seat = the_sitting(database, code).seat_of(build.who(database, members[2]))
    assert seat is not None
    assert seat.attendance is Attendance.WRITTEN


def test_members_are_those_of_the_sessions_day(database: Database) -> None:
    a_council(database)
    with database.writing() as session:
        gone = build.person_id(session, "m4@H029")
        session.execute(
            update(Appointment)
            .where(Appointment.person_id == gone)
            .values(valid_to=HELD.date() - timedelta(days=1))
        )
    code = a_session(database, [], opened=False)
    sitting = the_sitting(database, code)
    assert len(sitting.members) == 8
    secretary = sitting.seat_of(build.who(database, SECRETARY))
    assert secretary is not None
    assert (secretary.votes, secretary.role) == (False, Post.COUNCIL_SECRETARY)


def test_the_agenda_keeps_its_order(database: Database) -> None:
    a_council(database)
    unit, person = two_dossiers(database)
    code = a_session(database, [unit, person], opened=False)
    with database.writing() as session:
        done(agenda.move_on_agenda(session, ask(database, code, SECRETARY), person, -1, NOW))
    assert [item.code for item in the_sitting(database, code).items] == [person, unit]


def test_a_refused_change_leaves_everything_as_it_was(database: Database) -> None:
    a_council(database)
    unit, person = two_dossiers(database)
    code = a_session(database, [], opened=False)
    taken(build.step(database, person, "clerk@H029", Action.WITHDRAW, comment="Rút"))
    before = the_session(database, code).version
    with database.writing() as session:
        refused = agenda.add_to_agenda(session, ask(database, code, SECRETARY), [unit, person], NOW)
    assert [one.code for one in refused] == ["NOT_ADMITTED"]
    assert the_session(database, code).version == before
    assert not the_sitting(database, code).items


def test_the_provincial_council_ranks_what_the_board_checked(database: Database) -> None:
    codes = [build.a_checked(database, unit) for unit in ("H029", "H030", "H031")]
    members = a_provincial_council(database, ["H029", "SNV", "STP", "STC"])
    secretary = "secretary@HDTĐKT"
    code = a_session(database, codes, unit=build.PROVINCE, secretary=secretary)
    sitting = the_sitting(database, code)
    insider = sitting.seat_of(build.who(database, "from-H029"))
    assert insider is not None
    assert [item.code for item in ballots.votable(sitting, insider)] == codes[1:]
    for number, member in enumerate(members):
        seat = sitting.seat_of(build.who(database, member))
        assert seat is not None
        mine = [item.code for item in ballots.votable(sitting, seat)]
        ranks = {each: place for place, each in enumerate(mine, start=1)}
        answer = vote(database, code, member, dict.fromkeys(mine, YES), ranks, key=f"v{number}")
        assert answer.taken, answer
    count_it(database, code, secretary)
    tally = close(database, code, by=secretary, minutes=None)
    assert [one.recused for one in tally.items] == [1, 0, 0]
    with database.reading() as session:
        results = []
        for each in codes:
            dossier = session.scalars(select(Dossier).where(Dossier.code == each)).one()
            assert dossier.state is State.BOARD_CHECKED
            ranked = standing_ranking(session, dossier.id)
            assert ranked is not None
            assert facts_of(session, dossier).ranking == ranked
            results.append((ranked.place, ranked.votes_for, str(ranked.mean_rank)))
    assert results == [(1, 4, "1.00"), (2, 5, "1.80"), (3, 5, "2.80")]


def _replace_report(database: Database, code: str) -> None:
    """Put a new report in, past the law: what matters is what becomes of the votes."""
    with database.writing() as session:
        dossier = session.scalars(select(Dossier).where(Dossier.code == code)).one()
        old = session.scalars(
            select(Document).where(
                Document.dossier_id == dossier.id,
                Document.kind == DocumentKind.BAO_CAO_THANH_TICH,
                Document.current,
            )
        ).one()
        old.current = False
        session.flush()
        session.add(
            Document(
                dossier_id=dossier.id,
                kind=old.kind,
                version=old.version + 1,
                file_name="moi.pdf",
                content_type=old.content_type,
                size=old.size,
                sha256="e" * 64,
                dated=old.dated,
                signer=old.signer,
                confirmed=True,
                uploaded_by=old.uploaded_by,
                uploaded_at=NOW,
            )
        )


def _cast(database: Database, seat_id: int) -> list[Vote]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(BallotVote.vote)
                .where(BallotVote.seat_id == seat_id, BallotVote.layer == BallotLayer.CAST)
                .order_by(BallotVote.item_id)
            )
        )
