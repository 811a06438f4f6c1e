"""Every effect of a step ends up in rows that the next step reads back."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from models.clock import DemonstrationClock, move
from models.database import Database
from models.doctor import examine
from models.editing import (
    ChooseAward,
    DescribeDocument,
    Particulars,
    PutInitiative,
    RemoveInitiative,
    WriteReport,
)
from models.gathering import facts_of
from models.inserting import insert_once
from models.notes import leave_note
from models.rulebooks import UnknownProgramme, load_programme, rulebook_in_force, rulebook_of
from models.scores import NotForYou, put_score
from models.tables import (
    Decision,
    Document,
    HistoryLine,
    OutgoingMessage,
    ProgrammeVersion,
    Quota,
)
from tests import builders as build
from workflow.decisions import Accepted, Judgement
from workflow.facts import (
    Decision as Signed,
)
from workflow.facts import (
    DecisionInput,
    DossierFacts,
    ExtensionInput,
    HoldInput,
    MarkInput,
    RevocationInput,
    SupplementInput,
)
from workflow.parsing import UnsoundProgramme, content_hash, load
from workflow.ports import NotFound
from workflow.vocabulary import Action, DocumentKind, Outcome, RevocationGround, State

APPRAISER = f"appraiser@{build.PROVINCE}"
HEAD = f"head@{build.PROVINCE}"
DUE = build.NOW + timedelta(days=2)


def facts(database: Database, code: str) -> DossierFacts:
    with database.reading() as session:
        return facts_of(session, build.the_dossier(database, code))


def ask_for(database: Database, code: str, *kinds: DocumentKind) -> None:
    items = ("Ký bổ sung trang 3", "Nhập số quyết định")
    inputs = SupplementInput(items, kinds, DUE, initiatives=not kinds)
    asked = build.step(
        database, code, APPRAISER, Action.REQUEST_SUPPLEMENT, inputs, comment="Thiếu chữ ký"
    )
    build.taken(asked)


def test_a_changed_paper_brings_the_approvals_down(database: Database) -> None:
    code = build.a_checked(database)
    ask_for(database, code, DocumentKind.BIEN_BAN)
    opened = facts(database, code)
    assert opened.supplement is not None
    assert (opened.supplement.round, opened.supplement.due) == (1, DUE)
    paper = build.a_paper(DocumentKind.BIEN_BAN, filling="b")
    build.taken(build.change(database, code, paper, now=build.NOW))
    build.taken(build.step(database, code, "clerk@H029", Action.SEND_SUPPLEMENT))
    after = facts(database, code)
    assert after.state is State.SUBMITTED
    assert (after.approvals, after.council, after.supplement) == ((), None, None)
    assert after.supplement_rounds == 1
    assert examine(database) == []


def test_a_supplement_that_touches_no_paper_keeps_the_approvals(database: Database) -> None:
    code = build.a_checked(database)
    ask_for(database, code)
    initiative = facts(database, code).initiatives[0]
    change = PutInitiative("Tên rõ hơn", recognised_by="UBND tỉnh", initiative_id=initiative.id)
    build.taken(build.change(database, code, change, now=build.NOW))
    build.taken(build.step(database, code, "clerk@H029", Action.SEND_SUPPLEMENT))
    after = facts(database, code)
    assert after.state is State.BOARD_CHECKED
    assert {one.gave for one in after.approvals} == {State.COUNCIL_REVIEWED, State.BOARD_CHECKED}
    assert [(one.id, one.title) for one in after.initiatives] == [(initiative.id, "Tên rõ hơn")]


def test_a_hold_stops_the_decision_until_it_is_lifted(database: Database) -> None:
    code = build.a_checked(database)
    hold = HoldInput("Thanh tra tỉnh")
    build.taken(build.step(database, code, APPRAISER, Action.HOLD, hold, comment="Có đơn"))
    held = facts(database, code).hold
    assert held is not None
    assert (held.source, held.reason, held.since) == ("Thanh tra tỉnh", "Có đơn", build.NOW)
    refused = build.step(database, code, HEAD, Action.DECIDE, build.a_decision())
    assert isinstance(refused, Judgement)
    assert "ON_HOLD" in {one.finding.code for one in refused.blocking}
    build.taken(build.step(database, code, APPRAISER, Action.RELEASE_HOLD, comment="Đã rõ"))
    build.taken(build.step(database, code, HEAD, Action.DECIDE, build.a_decision()))
    assert facts(database, code).hold is None


def test_revoking_keeps_the_ground_and_gives_the_place_back(database: Database) -> None:
    code = build.a_decided(database)
    revoking = Signed("9/QĐ-UBND", date(2023, 12, 5), "Nguyễn Văn Sơn")
    inputs = RevocationInput(RevocationGround.FORGED_PAPERS, revoking)
    deputy = f"deputy_head@{build.PROVINCE}"
    build.taken(build.step(database, code, deputy, Action.REVOKE, inputs, comment="Giả mạo"))
    dossier = build.the_dossier(database, code)
    with database.reading() as session:
        revocation = session.get_one(Decision, dossier.revocation_id)
        assert session.scalars(select(Quota.used)).one() == 0
    assert (revocation.ground, revocation.revokes_id) == (
        RevocationGround.FORGED_PAPERS,
        dossier.decision_id,
    )
    assert dossier.state is State.REVOKED
    assert examine(database) == []


def test_one_decision_honours_several_but_a_number_is_used_once(database: Database) -> None:
    first = build.a_decided(database, "H029")
    second, third = build.a_checked(database, "H030"), build.a_checked(database, "H031")
    build.taken(build.step(database, second, HEAD, Action.DECIDE, build.a_decision()))
    other = DecisionInput(Signed("2103/QĐ-UBND", date(2023, 12, 6), "Nguyễn Văn Sơn"))
    later = build.NOW + timedelta(days=1)
    refused = build.step(database, third, HEAD, Action.DECIDE, other, now=later)
    assert isinstance(refused, Judgement)
    assert [one.code for one in refused.refusals] == ["NUMBER_TAKEN"]
    dossiers = [build.the_dossier(database, code) for code in (first, second, third)]
    assert dossiers[0].decision_id == dossiers[1].decision_id
    assert (dossiers[2].decision_id, dossiers[2].state) == (None, State.BOARD_CHECKED)
    assert examine(database) == []


def test_an_extension_is_read_back(sqlite_database: Database) -> None:
    code = build.a_written(sqlite_database)
    until = build.NOW + timedelta(days=3)
    inputs = ExtensionInput(until)
    granted = build.step(
        sqlite_database, code, APPRAISER, Action.GRANT_EXTENSION, inputs, comment="Bão lũ"
    )
    build.taken(granted)
    assert facts(sqlite_database, code).extended_until == until


def test_the_last_mark_of_a_code_stands(sqlite_database: Database) -> None:
    code = build.a_reviewed(sqlite_database)
    for outcome in (Outcome.NOT_MET, Outcome.MET):
        inputs = MarkInput("outstanding", outcome)
        build.taken(build.step(sqlite_database, code, APPRAISER, Action.MARK_CHECK, inputs))
    assert [(one.code, one.outcome) for one in facts(sqlite_database, code).marks] == [
        ("outstanding", Outcome.MET)
    ]


def test_letters_go_to_those_concerned_but_not_to_who_acted(sqlite_database: Database) -> None:
    build.a_decided(sqlite_database)
    with sqlite_database.reading() as session:
        letters = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.letter == "decided")
        ).all()
    assert sorted(one.address.split(".")[0] for one in letters) == ["appraiser", "clerk", "head"]
    assert all(one.values["number"] == "2103/QĐ-UBND" for one in letters)
    assert "head.ubnd-tinh@hagiang.example" not in {one.address for one in letters}


def test_every_edit_is_told_in_the_history(sqlite_database: Database) -> None:
    code = build.a_registered(sqlite_database)
    changes = (
        ChooseAward("GIAY_KHEN_HUYEN"),
        WriteReport("Sơ lược", "Thành tích", "Khen thưởng"),
        PutInitiative("Sáng kiến"),
        build.a_paper(DocumentKind.TO_TRINH),
        DescribeDocument(DocumentKind.TO_TRINH, Particulars("1/TTr", date(2023, 11, 1), "A")),
    )
    for change in changes:
        build.taken(build.change(sqlite_database, code, change))
    made = facts(sqlite_database, code).initiatives[0].id
    build.taken(build.change(sqlite_database, code, RemoveInitiative(made)))
    with sqlite_database.reading() as session:
        told = session.scalars(
            select(HistoryLine.payload)
            .where(HistoryLine.stream == "dossier:1", HistoryLine.seq > 1)
            .order_by(HistoryLine.seq)
        ).all()
        papers = session.execute(
            select(Document.version, Document.current, Document.number).order_by(Document.version)
        ).all()
    words = (
        "GIAY_KHEN_HUYEN",
        "Thành tích",
        "Sáng kiến",
        "TO_TRINH",
        "1/TTr",
        "_removed",
    )
    assert all(word in payload for word, payload in zip(words, told, strict=True))
    assert [tuple(row) for row in papers] == [(1, False, "86/TTr-UBND"), (2, True, "1/TTr")]
    dossier = build.the_dossier(sqlite_database, code)
    assert dossier.achievements_text == "Thành tích"
    assert dossier.deciding_unit_id == dossier.unit_id


@pytest.mark.parametrize(
    "change",
    [ChooseAward("NOBEL"), RemoveInitiative(999), PutInitiative("x", initiative_id=999)],
)
def test_what_is_not_there_cannot_be_changed(
    sqlite_database: Database, change: ChooseAward | RemoveInitiative | PutInitiative
) -> None:
    code = build.a_registered(sqlite_database)
    with pytest.raises(LookupError):
        build.change(sqlite_database, code, change)
    assert build.the_dossier(sqlite_database, code).version == 1


def test_a_submitted_report_is_locked(sqlite_database: Database) -> None:
    code = build.a_submitted(sqlite_database)
    refused = build.change(sqlite_database, code, WriteReport("", "Viết lại", ""))
    assert isinstance(refused, Judgement)
    assert [one.finding.code for one in refused.blocking] == ["LOCKED"]
    added = build.change(sqlite_database, code, build.a_paper(DocumentKind.BIEN_BAN))
    assert isinstance(added, Accepted)


def test_who_may_enter_which_score(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        stated = build.a_score(build.unit_id(session, "H029"))
        for name in ("clerk@H029", "appraiser@H029", "appraiser@H030", "auditor@UBND-TINH"):
            with pytest.raises(NotForYou):
                put_score(session, stated, build.person_id(session, name), build.NOW)
        appraiser = build.person_id(session, APPRAISER)
        assert put_score(session, stated, appraiser, build.NOW)
        assert not put_score(session, stated, appraiser, build.NOW)
        corrected = build.a_score(stated.unit_id, "86.43")
        assert put_score(session, corrected, appraiser, build.NOW)
        payload = session.scalars(
            select(HistoryLine.payload).order_by(HistoryLine.id.desc()).limit(1)
        ).one()
    assert '"value":"86.42"' in payload
    assert '"value":"86.43"' in payload
    assert corrected.value == Decimal("86.43")


def test_a_note_is_left_only_where_one_may_look(sqlite_database: Database) -> None:
    code = build.a_registered(sqlite_database)
    with sqlite_database.writing() as session:
        clerk = build.person_id(session, "clerk@H029")
        assert leave_note(session, code, clerk, " Đã gửi bản giấy ", build.NOW) == 1
        stranger = build.person_id(session, "clerk@H030")
        with pytest.raises(NotFound):
            leave_note(session, code, stranger, "x", build.NOW)
        with pytest.raises(ValueError, match="ký tự"):
            leave_note(session, code, clerk, "  ", build.NOW)


def test_the_demonstration_clock_runs_from_where_it_was_set(sqlite_database: Database) -> None:
    real = datetime(2026, 11, 25, 3, 0, tzinfo=build.NOW.tzinfo)
    clock = DemonstrationClock(sqlite_database, lambda: real + timedelta(minutes=7))
    assert clock() == real + timedelta(minutes=7)
    for target in (build.NOW, build.SPRING):
        with sqlite_database.writing() as session:
            move(session, target, real)
        assert clock() == target + timedelta(minutes=7)


def test_a_programme_stays_with_its_dossiers(sqlite_database: Database) -> None:
    code = build.a_registered(sqlite_database)
    document, source = build.programme_text()
    with sqlite_database.writing() as session:
        old = rulebook_in_force(session)
        new = load_programme(session, document + "\n# bản sửa\n", source, None, build.NOW)
        assert new.content_hash != old.content_hash
        assert rulebook_in_force(session, new.programme.id) is rulebook_in_force(session)
        assert rulebook_in_force(session).content_hash == new.content_hash
        assert rulebook_of(session, old.content_hash) is old
        with pytest.raises(UnknownProgramme):
            rulebook_of(session, "0" * 64)
    assert build.the_dossier(sqlite_database, code).programme_hash == old.content_hash
    with sqlite_database.writing() as session:
        again = load_programme(session, document, source, None, build.NOW)
        assert rulebook_in_force(session).content_hash == again.content_hash
    assert examine(sqlite_database) == []


def test_a_stored_version_stays_readable_when_more_is_asked_of_new_ones(
    sqlite_database: Database,
) -> None:
    document, source = build.programme_text()
    old = re.sub(r"\nconsolidation:\n(?:  .*\n)+", "\n", document)
    with pytest.raises(UnsoundProgramme):
        load(old, source)
    name = content_hash(old, source)
    with sqlite_database.writing() as session:
        insert_once(
            session,
            ProgrammeVersion,
            content_hash=name,
            programme_id="ha-giang-2021-2025",
            version="1",
            title="Bản cũ",
            document=old,
            source=source,
            loaded_at=build.NOW,
            loaded_by=None,
            in_force=False,
        )
        assert rulebook_of(session, name).content_hash == name


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        ("UPDATE dossier SET state = 'withdrawn'", "state-follows-history"),
        ("UPDATE dossier SET version = 9", "version-counts-lines"),
        ("UPDATE registration SET status = 'sent'", "dossier-from-acknowledged-registration"),
        ("UPDATE programme_version SET in_force = 0", "programme-in-force"),
        ("UPDATE history_stream SET count = 77", "stream-counts-lines"),
    ],
)
def test_the_doctor_names_the_invariant_that_broke(
    sqlite_database: Database, spoil: str, name: str
) -> None:
    code = build.a_registered(sqlite_database)
    assert code
    with sqlite_database.writing() as session:
        session.execute(text(spoil))
    found = [one.text for one in examine(sqlite_database) if one.check == "invariants"]
    assert any(f"[{name}]" in words for words in found), found
