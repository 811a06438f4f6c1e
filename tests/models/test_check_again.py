"""Marks that fall by part, only what was at fault unlocked by any door, holds, and last looks."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest

from models.database import Database
from models.editing import (
    AddDocument,
    Change,
    ChooseAward,
    DescribeDocument,
    Particulars,
    PutInitiative,
    RemoveInitiative,
    WriteReport,
)
from models.gathering import facts_of
from models.last_looks import last_look, looked, news_since
from models.ledger import look
from models.queries_history import lines_of
from tests import builders as build
from tests.models.test_races import at_once
from workflow.decisions import Accepted, Judgement, judge
from workflow.facts import (
    DossierFacts,
    HoldInput,
    Inputs,
    MarkInput,
    RankingInput,
    SupplementInput,
)
from workflow.results import RankingResult
from workflow.vocabulary import Action, DocumentKind, Outcome, State

APPRAISER = f"appraiser@{build.PROVINCE}"
HEAD = f"head@{build.PROVINCE}"
DUE = build.NOW + timedelta(days=2)
CODES = ("outstanding", "initiative_quality", "papers_in_order")
EVERY_DOOR: tuple[tuple[str, Change], ...] = (
    *((kind.value, build.a_paper(kind, filling="c")) for kind in DocumentKind),
    ("BAO_CAO_THANH_TICH", WriteReport("Mới", "Mới", "Mới")),
    ("TO_TRINH", DescribeDocument(DocumentKind.TO_TRINH, Particulars("99/TTr"))),
    ("BIEN_BAN", DescribeDocument(DocumentKind.BIEN_BAN, Particulars("99/BB"))),
    ("initiatives", PutInitiative("Thêm", "UBND tỉnh", "1/QĐ", date(2023, 6, 1))),
    ("initiatives", RemoveInitiative(1)),
    ("award", ChooseAward("GIAY_KHEN_HUYEN")),
)


def facts(database: Database, code: str) -> DossierFacts:
    with database.reading() as session:
        return facts_of(session, build.the_dossier(database, code))


def a_marked(database: Database) -> str:
    """All three human checks are made; everything else is in order."""
    code = build.a_reviewed(database)
    build.taken(build.change(database, code, build.a_paper(DocumentKind.TO_TRINH)))
    for mark in CODES:
        inputs = MarkInput(mark, Outcome.MET)
        build.taken(build.step(database, code, APPRAISER, Action.MARK_CHECK, inputs))
    return code


def asked(database: Database, code: str, *kinds: DocumentKind, initiatives: bool = False) -> None:
    inputs = SupplementInput(("Sửa.",), kinds, DUE, initiatives, "Lý do")
    build.taken(
        build.step(database, code, APPRAISER, Action.REQUEST_SUPPLEMENT, inputs, comment="Sửa")
    )


def fallen(database: Database, code: str) -> set[str]:
    with database.reading() as session:
        seen = look(session, code, build.person_id(session, APPRAISER), build.NOW)
    found = judge(seen.rulebook, Action.CONFIRM_CHECK, seen.facts, seen.actor, build.NOW)
    rules = seen.rulebook.programme.rule_by_id
    again = (one for one in found.results if one.finding.code == "LOOK_AGAIN")
    return {str(rules[one.rule].params["code"]) for one in again}


def test_a_mark_keeps_the_versions_it_looked_at(database: Database) -> None:
    now = facts(database, a_marked(database))
    covered = {one.code: set(one.covered) for one in now.marks}
    ids = {paper.kind: paper.id for paper in now.documents}
    assert covered == {
        "outstanding": {ids[DocumentKind.BAO_CAO_THANH_TICH]},
        "initiative_quality": {ids[DocumentKind.BAO_CAO_THANH_TICH]},
        "papers_in_order": set(ids.values()),
    }
    assert {one.version for one in now.marks} == {now.version - 2, now.version - 1, now.version}


@pytest.mark.parametrize(
    ("unlocked", "change", "falls"),
    [
        ((DocumentKind.TO_TRINH,), EVERY_DOOR[0][1], {"papers_in_order"}),
        ((DocumentKind.BAO_CAO_THANH_TICH,), WriteReport("a", "b", "c"), set(CODES)),
        ((), PutInitiative("Thêm", "UBND tỉnh", "1/QĐ", date(2023, 6, 1)), {"initiative_quality"}),
    ],
    ids=["letter", "report", "initiative"],
)
def test_a_mark_falls_when_what_it_looked_at_changes_and_only_then(
    database: Database,
    unlocked: tuple[DocumentKind, ...],
    change: Change,
    falls: set[str],
) -> None:
    if isinstance(change, AddDocument):
        change = build.a_paper(unlocked[0], filling="c")
    code = a_marked(database)
    asked(database, code, *unlocked, initiatives=not unlocked)
    assert fallen(database, code) == set()
    # In the same instant: it is the version that counts, not the clock.
    build.taken(build.change(database, code, change, now=build.NOW))
    assert fallen(database, code) == falls


@pytest.mark.parametrize("unlocked", ["TO_TRINH", "BIEN_BAN", "BAO_CAO_THANH_TICH", "initiatives"])
@pytest.mark.parametrize("by", ["clerk@H029", "head@H029"])
def test_a_supplement_unlocks_what_was_at_fault_and_nothing_else_by_any_door(
    sqlite_database: Database, unlocked: str, by: str
) -> None:
    database = sqlite_database
    code = a_marked(database)
    kinds = () if unlocked == "initiatives" else (DocumentKind(unlocked),)
    asked(database, code, *kinds, initiatives=not kinds)
    opened = 0
    for part, change in EVERY_DOOR:
        if isinstance(change, RemoveInitiative):
            change = RemoveInitiative(facts(database, code).initiatives[0].id)  # noqa: PLW2901
        verdict = build.change(database, code, change, by=by, now=build.NOW)
        if part == unlocked:
            build.taken(verdict)
            opened += 1
        else:
            assert isinstance(verdict, Judgement), part
            assert [one.finding.code for one in verdict.blocking] == ["LOCKED"], part
    assert opened
    build.taken(build.step(database, code, "clerk@H029", Action.SEND_SUPPLEMENT))
    if facts(database, code).state is State.COUNCIL_REVIEWED:
        for part, change in EVERY_DOOR:
            if part != "TO_TRINH":
                locked = build.change(database, code, change, by=by, now=build.NOW)
                assert isinstance(locked, Judgement), f"{part} locks again"


WAYS: tuple[tuple[str, Action, Inputs | None], ...] = (
    (APPRAISER, Action.MARK_CHECK, MarkInput("outstanding", Outcome.MET)),
    (APPRAISER, Action.CONFIRM_CHECK, None),
    (HEAD, Action.DECIDE, build.a_decision()),
    (f"deputy_head@{build.PROVINCE}", Action.DECIDE, build.a_decision("2/QĐ")),
)


def test_a_hold_stops_check_and_decision_by_every_way_until_it_is_lifted_with_a_reason(
    database: Database,
) -> None:
    code = a_marked(database)
    hold = HoldInput("Thanh tra tỉnh, công văn số 4")
    nameless = build.step(database, code, APPRAISER, Action.HOLD, HoldInput(" "), comment="Đơn")
    assert isinstance(nameless, Judgement)
    assert [one.finding.code for one in nameless.blocking] == ["HOLD_SOURCE_MISSING"]
    wordless = build.step(database, code, APPRAISER, Action.HOLD, hold)
    assert isinstance(wordless, Judgement)
    assert [one.code for one in wordless.refusals] == ["COMMENT_MISSING"]
    for stranger in ("clerk@H029", "head@H029", HEAD):
        tried = build.step(database, code, stranger, Action.HOLD, hold, comment="Đơn")
        assert isinstance(tried, Judgement), "the appraiser of the deciding level places it"
    build.taken(build.step(database, code, APPRAISER, Action.HOLD, hold, comment="Có đơn"))
    again = build.step(database, code, APPRAISER, Action.HOLD, HoldInput("Khác"), comment="Đơn")
    assert isinstance(again, Judgement)
    assert [one.finding.code for one in again.blocking] == ["HELD_ALREADY"]
    for by, action, inputs in WAYS[:2]:
        assert_held(database, code, by, action, inputs)
    unlifted = build.step(database, code, APPRAISER, Action.RELEASE_HOLD)
    assert isinstance(unlifted, Judgement)
    assert [one.code for one in unlifted.refusals] == ["COMMENT_MISSING"]
    lift(database, code)
    twice = build.step(database, code, APPRAISER, Action.RELEASE_HOLD, comment="Xong")
    assert isinstance(twice, Judgement)
    assert [one.finding.code for one in twice.blocking] == ["NOT_HELD"]
    build.taken(build.step(database, code, APPRAISER, Action.CONFIRM_CHECK))
    build.taken(build.step(database, code, HEAD, Action.HOLD, hold, comment="Có đơn"))
    for by, action, inputs in WAYS[2:]:
        assert_held(database, code, by, action, inputs)
    not_theirs = build.step(database, code, HEAD, Action.RELEASE_HOLD, comment="Rõ")
    assert isinstance(not_theirs, Judgement), "the decider cannot lift it: the appraiser can"
    lift(database, code)
    ranked = RankingInput(RankingResult("PH-2023-0001", build.NOW.date(), 9, 9, 9, place=1))
    ranker = f"council_secretary@{build.PROVINCE}"
    build.taken(build.step(database, code, ranker, Action.RECORD_RANKING, ranked))
    build.taken(build.step(database, code, HEAD, Action.DECIDE, build.a_decision()))


def assert_held(
    database: Database, code: str, by: str, action: Action, inputs: Inputs | None
) -> None:
    before = facts(database, code)
    refused = build.step(database, code, by, action, inputs)
    assert isinstance(refused, Judgement)
    assert "ON_HOLD" in {one.finding.code for one in refused.blocking}, action
    assert facts(database, code) == before


def lift(database: Database, code: str) -> None:
    lifted = build.step(database, code, APPRAISER, Action.RELEASE_HOLD, comment="Đã rõ")
    assert isinstance(lifted, Accepted)


def test_a_look_is_kept_for_each_person_and_never_goes_back(database: Database) -> None:
    code = a_marked(database)
    dossier = build.the_dossier(database, code).id
    me, other = build.who(database, APPRAISER), build.who(database, HEAD)

    def looking(version: int) -> None:
        with database.writing() as session:
            looked(session, dossier, me, version, build.NOW)

    at_once([partial(looking, number) for number in (3, 9, 5, 7)])
    looking(4)
    with database.reading() as session:
        mine = last_look(session, dossier, me)
        assert mine is not None
        assert mine.version == 9
        assert last_look(session, dossier, other) is None


def test_the_news_tell_old_and_new_and_what_others_did(database: Database) -> None:
    code = a_marked(database)
    dossier = build.the_dossier(database, code)
    me = build.who(database, APPRAISER)
    with database.writing() as session:
        looked(session, dossier.id, me, dossier.version, build.NOW)
    asked(database, code, DocumentKind.TO_TRINH, initiatives=True)
    with database.reading() as session:
        seen = last_look(session, dossier.id, me)
        assert seen is not None
        assert news_since(seen, lines_of(session, dossier.id)) is None, "only my own act"
    initiative = facts(database, code).initiatives[0]
    put = PutInitiative(
        initiative.title,
        initiative.recognised_by,
        "1230/QĐ-UBND",
        initiative.recognised_on,
        applied=True,
        initiative_id=initiative.id,
    )
    build.taken(build.change(database, code, put, now=build.NOW))
    paper = build.a_paper(DocumentKind.TO_TRINH, filling="c")
    build.taken(build.change(database, code, paper, now=build.NOW))
    build.taken(build.step(database, code, "clerk@H029", Action.SEND_SUPPLEMENT))
    with database.reading() as session:
        news = news_since(seen, lines_of(session, dossier.id))
    assert news is not None
    assert [(one.name, one.old, one.new) for one in news.values] == [
        ("recognition_number", "1203/QĐ-UBND", "1230/QĐ-UBND")
    ]
    (replaced,) = news.papers
    assert replaced.old is not None
    assert (replaced.kind, replaced.old["version"], replaced.new["version"]) == ("TO_TRINH", 1, 2)
    assert [line.action for line in news.lines] == ["send_supplement", "edit", "edit"]
