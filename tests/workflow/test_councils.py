"""Council sessions: quorum, shares, conflicts, ballots, counting, and what closing asks for."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.workflow.cases import NOW, actor, collective
from tests.workflow.cases import rulebook as the_rulebook
from workflow.councils.ballots import Entry, faults, in_order, moved
from workflow.councils.conflicts import conflict, conflicts
from workflow.councils.holding import (
    admission,
    against_closing,
    against_counting,
    against_opening,
    against_voting,
    commands,
    reason,
)
from workflow.councils.sitting import CastVote, Item, Seat, Sitting
from workflow.councils.tally import Tally, count
from workflow.decisions import judge
from workflow.facts import Command, CouncilInput, CouncilResult, RankingInput
from workflow.guards.councils import SESSION
from workflow.programme import CouncilTable
from workflow.vocabulary import (
    Action,
    Attendance,
    DocumentKind,
    Post,
    Role,
    SessionKind,
    SessionState,
    State,
    SubjectKind,
    Vote,
    VoteMethod,
)

HELD = datetime(2023, 12, 4, 2, 0, tzinfo=UTC)
CLOSES = datetime(2023, 12, 7, 10, 0, tzinfo=UTC)
UNIT, OTHER_UNIT = 20, 21


def settings() -> CouncilTable:
    return the_rulebook().programme.council_on(date(2023, 12, 4))


def a_seat(number: int, **more: object) -> Seat:
    plain = Seat(
        number,
        1000 + number,
        f"Ủy viên {number}",
        "",
        Post.COUNCIL_MEMBER,
        attendance=Attendance.PRESENT,
        sent=True,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def an_item(number: int, **more: object) -> Item:
    plain = Item(
        number,
        number,
        f"HS-2023-{number:04d}",
        number,
        3,
        State.SUBMITTED,
        SubjectKind.COLLECTIVE,
        f"Đơn vị {number}",
        UNIT,
        "UBND huyện Quản Bạ",
        papers=frozenset({number * 10}),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def a_sitting(members: int = 9, items: int = 1, **more: object) -> Sitting:
    plain = Sitting(
        1,
        "PH-2023-0001",
        SessionKind.UNIT_COUNCIL,
        SessionState.OPEN,
        2,
        UNIT,
        "UBND huyện Quản Bạ",
        HELD,
        HELD.date(),
        CLOSES,
        VoteMethod.SECRET_BALLOT,
        settings(),
        tuple(a_seat(number) for number in range(1, members + 1)),
        tuple(an_item(number) for number in range(1, items + 1)),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def some_votes(yes: int, no: int = 0, other: int = 0, item: int = 1) -> list[CastVote]:
    said = [Vote.YES] * yes + [Vote.NO] * no + [Vote.OTHER] * other
    return [
        CastVote(item, seat, vote, papers=frozenset({item * 10}))
        for seat, vote in enumerate(said, start=1)
    ]


def with_absent(sitting: Sitting, absent: int) -> Sitting:
    seats = tuple(
        replace(seat, attendance=Attendance.ABSENT, absence_reason="Đi công tác", sent=False)
        if number >= len(sitting.seats) - absent
        else seat
        for number, seat in enumerate(sitting.seats)
    )
    return replace(sitting, seats=seats)


@pytest.mark.parametrize(
    ("members", "present", "quorate"),
    [(9, 6, True), (9, 5, False), (10, 7, True), (10, 6, False), (3, 2, True), (1, 1, True)],
)
def test_two_thirds_rounded_up_make_a_quorum(members: int, present: int, *, quorate: bool) -> None:
    tally = count(with_absent(a_sitting(members), members - present), [])
    assert (tally.members, tally.present, tally.quorate) == (members, present, quorate)


@pytest.mark.parametrize(("yes", "approved"), [(8, True), (7, False), (9, True), (6, False)])
def test_of_nine_members_eight_must_agree(yes: int, *, approved: bool) -> None:
    [one] = count(a_sitting(), some_votes(yes, 9 - yes)).items
    assert (one.votes_for, one.votes_against, one.approved) == (yes, 9 - yes, approved)
    assert (one.place is not None) is approved


def test_absent_members_stay_in_the_denominator() -> None:
    tally = count(with_absent(a_sitting(), 2), some_votes(7))
    assert tally.approvals == 8
    assert not tally.items[0].approved, "seven of nine, although all seven present agreed"


def test_the_vote_of_an_absent_member_does_not_count_unless_given_in_writing() -> None:
    absent = with_absent(a_sitting(), 1)
    assert count(absent, some_votes(9)).items[0].votes_for == 8
    written = replace(absent.seats[-1], attendance=Attendance.WRITTEN)
    heard = replace(absent, seats=(*absent.seats[:-1], written))
    assert count(heard, some_votes(9)).items[0].votes_for == 9
    assert heard.present == 9


def test_a_nominee_never_votes_on_the_own_dossier() -> None:
    own = an_item(1, subject_kind=SubjectKind.INDIVIDUAL, person_id=1003)
    for kind in SessionKind:
        sitting = a_sitting(kind=kind, items=1)
        sitting = replace(sitting, items=(own,))
        assert [seat for seat, _ in conflicts(sitting)] == [3]
        [one] = count(sitting, some_votes(9)).items
        assert (one.votes_for, one.recused, one.silent) == (8, 1, 0)


@pytest.mark.parametrize("kind", list(SubjectKind))
def test_the_nominated_unit_bars_in_the_province_and_not_in_its_own_council(
    kind: SubjectKind,
) -> None:
    insider = a_seat(1, unit_ids=frozenset({UNIT}))
    item = an_item(1, subject_kind=kind, person_id=7 if kind is SubjectKind.INDIVIDUAL else None)
    assert conflict(SessionKind.UNIT_COUNCIL, insider, item) is None
    barred = conflict(SessionKind.PROVINCIAL_RANKING, insider, item)
    assert barred is not None
    assert barred.values["unit"] == "UBND huyện Quản Bạ"
    outsider = a_seat(2, unit_ids=frozenset({OTHER_UNIT}))
    assert conflict(SessionKind.PROVINCIAL_RANKING, outsider, item) is None


def test_a_vote_on_replaced_papers_waits_to_be_confirmed() -> None:
    sitting = a_sitting()
    votes = some_votes(9)
    changed = replace(sitting, items=(an_item(1, papers=frozenset({99})),))
    [one] = count(changed, votes).items
    assert (one.votes_for, one.unconfirmed, one.approved) == (0, 9, False)
    confirmed = [replace(vote, papers=frozenset({99})) for vote in votes]
    assert count(changed, confirmed).items[0].approved


def test_a_new_paper_beside_those_seen_disturbs_no_vote() -> None:
    more = replace(a_sitting(), items=(an_item(1, papers=frozenset({10, 11})),))
    assert count(more, some_votes(9)).items[0].unconfirmed == 0


def ranked(ranks: dict[int, list[int]]) -> list[CastVote]:
    return [
        CastVote(item, seat, Vote.YES, rank=rank, papers=frozenset({item * 10}))
        for item, given in ranks.items()
        for seat, rank in enumerate(given, start=1)
    ]


def test_equal_figures_share_a_place_and_the_next_one_is_left_out() -> None:
    sitting = a_sitting(members=2, items=4)
    tally = count(sitting, ranked({1: [1, 2], 2: [2, 1], 3: [3, 4], 4: [4, 3]}))
    assert [one.mean_rank for one in tally.items] == [
        Decimal(mean) for mean in ("1.50", "1.50", "3.50", "3.50")
    ]
    assert [one.place for one in tally.items] == [1, 1, 3, 3]
    assert all(one.tied for one in tally.items)


def test_more_votes_go_before_with_an_equal_mean() -> None:
    sitting = a_sitting(members=10, items=2)
    tally = count(sitting, ranked({1: [1] * 8, 2: [1] * 9}))
    assert [(one.place, one.tied) for one in tally.items] == [(2, False), (1, False)]


def test_who_is_not_approved_has_no_place() -> None:
    tally = count(a_sitting(items=2), [*some_votes(9, item=1), *some_votes(3, 6, item=2)])
    assert [one.place for one in tally.items] == [1, None]


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_entry_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    sitting = a_sitting(members=9, items=5)
    votes = []
    for seat in range(1, 10):
        places = chance.sample(range(1, 6), 5)
        for item in range(1, 6):
            vote = chance.choice([Vote.YES, Vote.YES, Vote.YES, Vote.NO, Vote.OTHER])
            rank = places[item - 1] if vote is Vote.YES else None
            votes.append(CastVote(item, seat, vote, "x", rank, frozenset({item * 10})))
    first = count(sitting, votes)
    for _ in range(10):
        chance.shuffle(votes)
        seats, items = list(sitting.seats), list(sitting.items)
        chance.shuffle(seats)
        again = count(replace(sitting, seats=tuple(seats), items=tuple(items)), votes)
        assert again.items == first.items


def test_places_on_a_ballot_have_no_gaps_and_only_a_yes_has_one() -> None:
    ballot = [
        Entry(1, Vote.YES, rank=5),
        Entry(2, Vote.NO, "lý do", rank=1),
        Entry(3, Vote.YES),
        Entry(4, Vote.YES, rank=2),
        Entry(5),
    ]
    assert [one.rank for one in in_order(ballot)] == [2, None, 3, 1, None]
    up = moved(ballot, 3, -1)
    assert [one.rank for one in up] == [3, None, 2, 1, None]
    assert moved(ballot, 4, -1) == in_order(ballot), "the first cannot go further up"
    assert moved(ballot, 2, -1) == in_order(ballot), "a no has no place to move"


def test_a_no_and_another_opinion_want_a_reason() -> None:
    sitting = a_sitting(items=3)
    found = faults(
        sitting,
        sitting.seats[0],
        [Entry(1, Vote.NO), Entry(2, Vote.OTHER, "  "), Entry(3, Vote.YES)],
    )
    assert [(one.item_id, one.code) for one in found] == [
        (1, "REASON_MISSING"),
        (2, "REASON_MISSING"),
    ]
    assert faults(sitting, sitting.seats[0], [Entry(1)]) == ()
    long = faults(sitting, sitting.seats[0], [Entry(1, Vote.NO, "x" * 1001)])
    assert [one.code for one in long] == ["REASON_TOO_LONG"]


def test_a_ballot_cannot_hold_a_vote_one_may_not_give() -> None:
    own = an_item(1, subject_kind=SubjectKind.INDIVIDUAL, person_id=1001)
    sitting = replace(a_sitting(), items=(own,))
    assert [one.code for one in faults(sitting, sitting.seats[0], [Entry(1, Vote.YES)])] == [
        "CONFLICT"
    ]


def test_ballots_are_taken_until_the_closing_instant_and_not_after() -> None:
    sitting = a_sitting()
    seat = sitting.seats[0]
    assert against_voting(sitting, seat, CLOSES) == ()
    [late] = against_voting(sitting, seat, CLOSES + timedelta(microseconds=1))
    assert late.code == "BALLOT_CLOSED"
    [early] = against_voting(replace(sitting, state=SessionState.PREPARING), seat, NOW)
    assert early.code == "NOT_OPEN"
    [counted] = against_voting(replace(sitting, state=SessionState.COUNTING), seat, NOW)
    assert counted.code == "BALLOT_CLOSED"
    [stranger] = against_voting(sitting, None, NOW)
    assert stranger.code == "NOT_A_MEMBER"
    [clerk] = against_voting(sitting, replace(seat, votes=False), NOW)
    assert clerk.code == "NOT_A_MEMBER"


def test_voting_begins_with_dossiers_members_and_time() -> None:
    prepared = a_sitting(state=SessionState.PREPARING)
    assert against_opening(prepared, NOW) == ()
    empty = replace(prepared, items=(), seats=(), closes_at=NOW)
    assert [one.code for one in against_opening(empty, NOW)] == [
        "NO_DOSSIERS",
        "NO_MEMBERS",
        "CLOSING_PAST",
    ]


def test_the_ballot_closes_early_only_when_nobody_is_waited_for() -> None:
    sitting = a_sitting()
    assert against_counting(sitting, NOW) == ()
    waited = replace(sitting, seats=(replace(sitting.seats[0], sent=False), *sitting.seats[1:]))
    [why] = against_counting(waited, NOW)
    assert (why.code, why.text.values["names"]) == ("BALLOTS_AWAITED", "Ủy viên 1")
    assert against_counting(waited, CLOSES + timedelta(seconds=1)) == ()
    absent = replace(sitting.seats[0], sent=False, attendance=Attendance.ABSENT)
    assert against_counting(replace(sitting, seats=(absent, *sitting.seats[1:])), NOW) == ()


def counted(sitting: Sitting, votes: list[CastVote]) -> tuple[Sitting, Tally]:
    shut = replace(sitting, state=SessionState.COUNTING)
    return shut, count(shut, votes)


def test_a_session_without_its_quorum_resolves_nothing() -> None:
    shut, tally = counted(with_absent(a_sitting(), 4), some_votes(5))
    assert [one.code for one in against_closing(shut, tally, NOW)] == ["NO_QUORUM"]
    edge, enough = counted(with_absent(a_sitting(), 3), some_votes(6))
    assert against_closing(edge, enough, NOW) == ()


def test_results_are_not_written_before_the_meeting() -> None:
    shut, tally = counted(a_sitting(held_at=NOW + timedelta(hours=1)), some_votes(9))
    assert [one.code for one in against_closing(shut, tally, NOW)] == ["NOT_HELD_YET"]


def test_closing_asks_one_step_of_every_dossier() -> None:
    shut, tally = counted(
        a_sitting(items=2), [*some_votes(9, item=1), *some_votes(4, 3, 2, item=2)]
    )
    yes, no = commands(shut, tally, 77, {"HS-2023-0001": 5, "HS-2023-0002": 6}, "k")
    assert (yes.action, yes.expected_version) == (Action.RECORD_COUNCIL_RESULT, 5)
    assert isinstance(yes.inputs, CouncilInput)
    assert (yes.inputs.result.votes_for, yes.inputs.result.members) == (9, 9)
    assert (no.action, no.expected_version, no.inputs) == (Action.REJECT, 6, None)
    assert "4/9 đồng ý, cần 8 (80% tổng số)" in no.comment
    assert "3 không đồng ý, 2 ý kiến khác" in no.comment
    assert {one.extra[SESSION] for one in (yes, no)} == {"PH-2023-0001"}
    assert yes.key != no.key


def test_the_provincial_council_records_votes_and_places_of_all() -> None:
    shut, tally = counted(
        a_sitting(items=2, kind=SessionKind.PROVINCIAL_RANKING),
        [*some_votes(9, item=1), *some_votes(4, 5, item=2)],
    )
    made = commands(shut, tally, 77, {}, "k")
    assert [one.action for one in made] == [Action.RECORD_RANKING] * 2
    results = [one.inputs.result for one in made if isinstance(one.inputs, RankingInput)]
    assert [(one.votes_for, one.place) for one in results] == [(9, 1), (4, None)]
    assert "không đề nghị" in reason(shut, tally, tally.items[1])


def test_only_what_the_session_itself_answers_is_left_out_of_admission() -> None:
    facts = replace(collective(), state=State.SUBMITTED, council=None)
    bare = replace(
        facts,
        documents=tuple(one for one in facts.documents if one.kind is not DocumentKind.BIEN_BAN),
    )
    here = admission(
        the_rulebook(), SessionKind.UNIT_COUNCIL, bare, actor(Role.COUNCIL_SECRETARY), NOW
    )
    assert here.allowed, here.judgement.blocking
    unwritten = replace(bare, documents=())
    refused = admission(
        the_rulebook(), SessionKind.UNIT_COUNCIL, unwritten, actor(Role.COUNCIL_SECRETARY), NOW
    )
    assert [one.rule for one in refused.judgement.blocking] == ["R16c"]
    elsewhere = replace(bare, agenda="PH-2023-0009")
    held = admission(
        the_rulebook(), SessionKind.UNIT_COUNCIL, elsewhere, actor(Role.COUNCIL_SECRETARY), NOW
    )
    assert [one.rule for one in held.judgement.blocking] == ["S06"]


def test_nobody_records_a_result_past_the_session_that_holds_the_dossier() -> None:
    facts = replace(collective(), state=State.SUBMITTED, agenda="PH-2023-0001")
    result = CouncilInput(CouncilResult(date(2023, 12, 4), 9, 9, 9))
    by_hand = Command(facts.code, 1, Action.RECORD_COUNCIL_RESULT, facts.version, inputs=result)
    for extra, allowed in (
        ({}, False),
        ({SESSION: "PH-2023-0002"}, False),
        ({SESSION: "PH-2023-0001"}, True),
    ):
        command = replace(by_hand, extra=extra)
        verdict = judge(
            the_rulebook(), command.action, facts, actor(Role.COUNCIL_SECRETARY), NOW, command
        )
        assert verdict.allowed is allowed, verdict.blocking


def test_a_change_of_the_settings_holds_from_its_day_on() -> None:
    programme = the_rulebook().programme
    stricter = CouncilTable(
        applies_from=date(2023, 12, 6), quorum=(3, 4), approval_percent=Decimal(90), note="mới"
    )
    ranking = CouncilTable(
        kind=SessionKind.PROVINCIAL_RANKING,
        quorum=(1, 2),
        approval_percent=Decimal(50),
        note="tỉnh",
    )
    changed = programme.model_copy(update={"council": (*programme.council, stricter, ranking)})
    assert changed.council_on(date(2023, 12, 5)).quorum == (2, 3)
    assert changed.council_on(date(2023, 12, 6)).quorum == (3, 4)
    there = changed.council_on(date(2023, 12, 6), SessionKind.PROVINCIAL_RANKING)
    assert there.note == "tỉnh"
