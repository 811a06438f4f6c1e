"""A report goes due, filed, accepted, or back to its unit: every arrow, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from tests.workflow.cases import DISTRICT, NOW, programme_text, rulebook
from workflow.facts import Actor
from workflow.parsing import UnsoundProgramme, load
from workflow.programme import ReportTable
from workflow.reports_due import (
    ReportCommand,
    ReportFacts,
    ReportRefused,
    ReportStep,
    ReportText,
    decide_report,
    is_overdue,
    may_take,
)
from workflow.vocabulary import ReportAction, ReportKind, ReportState, Role, UnitKind

TABLE = rulebook().programme.report_by_id["SK-2023"]
DUE_AT = datetime(2023, 12, 15, 10, tzinfo=UTC)
TEXT = ReportText("Đã tổ chức phát động trong toàn huyện.", "", "", "12/BC-UBND", date(2023, 12, 4))
FACTS = ReportFacts(
    code="BC-2023-0001",
    table=TABLE,
    unit_id=DISTRICT.id,
    unit=DISTRICT.name,
    state=ReportState.DUE,
    version=3,
    due_at=DUE_AT,
    text=TEXT,
    has_file=True,
)
CLERK = Actor(5, "Lý Thị Mai", frozenset({Role.CLERK}), employer_id=DISTRICT.id)
HEAD = Actor(6, "Phàn A Lình", frozenset({Role.UNIT_HEAD}), employer_id=DISTRICT.id)
BOARD = Actor(7, "Nguyễn Thu Hằng", frozenset({Role.APPRAISER}), employer_id=77)
ARROWS = {
    (ReportState.DUE, ReportAction.SAVE): ReportState.DUE,
    (ReportState.DUE, ReportAction.FILE): ReportState.FILED,
    (ReportState.FILED, ReportAction.ACCEPT): ReportState.ACCEPTED,
    (ReportState.FILED, ReportAction.RETURN): ReportState.RETURNED,
    (ReportState.RETURNED, ReportAction.SAVE): ReportState.RETURNED,
    (ReportState.RETURNED, ReportAction.FILE): ReportState.FILED,
}
OF_THE_UNIT = {ReportAction.SAVE, ReportAction.FILE}


def wanted(action: ReportAction, comment: str = "Thiếu số liệu cấp xã.") -> ReportCommand:
    return ReportCommand(FACTS.code, 5, action, FACTS.version, comment=comment)


def asked(action: ReportAction, facts: ReportFacts, actor: Actor) -> ReportStep | ReportRefused:
    return decide_report(wanted(action), facts, actor, NOW)


def codes(verdict: ReportStep | ReportRefused) -> list[str]:
    assert isinstance(verdict, ReportRefused)
    return [refusal.code for refusal in verdict.refusals]


@pytest.mark.parametrize(("state", "action"), [*product(ReportState, ReportAction)])
def test_these_arrows_and_no_others(state: ReportState, action: ReportAction) -> None:
    facts = replace(FACTS, state=state)
    by = CLERK if action in OF_THE_UNIT else BOARD
    verdict = asked(action, facts, by)
    target = ARROWS.get((state, action))
    assert may_take(action, facts, by) == (target is not None)
    if target is None:
        assert codes(verdict) == ["NO_SUCH_STEP"]
        assert isinstance(verdict, ReportRefused)
        assert verdict.refusals[0].remedy is not None
    else:
        assert isinstance(verdict, ReportStep)
        assert (verdict.source, verdict.target) == (state, target)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", ReportAction)
def test_the_unit_files_and_the_appraiser_of_the_province_answers(
    role: Role, action: ReportAction
) -> None:
    state = ReportState.DUE if action in OF_THE_UNIT else ReportState.FILED
    actor = Actor(9, "Ai đó", frozenset({role}), employer_id=77)
    verdict = asked(action, replace(FACTS, state=state), actor)
    allowed = {Role.CLERK, Role.UNIT_HEAD} if action in OF_THE_UNIT else {Role.APPRAISER}
    if role in allowed:
        assert isinstance(verdict, ReportStep)
    else:
        assert codes(verdict) == ["WRONG_ROLE"]
        assert isinstance(verdict, ReportRefused)
        assert set(verdict.refusals[0].roles) == allowed
    assert may_take(action, replace(FACTS, state=state), actor) == (role in allowed)


@pytest.mark.parametrize("action", [ReportAction.ACCEPT, ReportAction.RETURN])
def test_nobody_answers_the_report_of_the_own_unit(action: ReportAction) -> None:
    own = replace(BOARD, employer_id=FACTS.unit_id)
    assert codes(asked(action, replace(FACTS, state=ReportState.FILED), own)) == ["OWN_REPORT"]


def test_everything_missing_is_told_at_once() -> None:
    bare = replace(FACTS, text=ReportText(), has_file=False)
    assert codes(asked(ReportAction.FILE, bare, CLERK)) == ["RESULTS_MISSING", "FILE_MISSING"]
    assert codes(asked(ReportAction.FILE, bare, BOARD)) == [
        "WRONG_ROLE",
        "RESULTS_MISSING",
        "FILE_MISSING",
    ]
    assert isinstance(asked(ReportAction.SAVE, bare, CLERK), ReportStep)


def test_what_comes_with_the_command_counts() -> None:
    bare = replace(FACTS, text=ReportText(), has_file=False)
    command = replace(wanted(ReportAction.FILE), text=TEXT, new_file=True)
    verdict = decide_report(command, bare, HEAD, NOW)
    assert isinstance(verdict, ReportStep)
    assert verdict.text == TEXT


def test_a_return_needs_a_reason_and_counts_a_round() -> None:
    filed = replace(FACTS, state=ReportState.FILED, rounds=1)
    assert codes(decide_report(wanted(ReportAction.RETURN, "  "), filed, BOARD, NOW)) == [
        "COMMENT_MISSING"
    ]
    verdict = asked(ReportAction.RETURN, filed, BOARD)
    assert isinstance(verdict, ReportStep)
    assert verdict.rounds == 2


def test_a_reason_is_cut_by_nobody() -> None:
    filed = replace(FACTS, state=ReportState.FILED)
    assert isinstance(
        decide_report(wanted(ReportAction.RETURN, "a" * 4000), filed, BOARD, NOW), ReportStep
    )
    long = decide_report(wanted(ReportAction.RETURN, "a" * 4003), filed, BOARD, NOW)
    assert codes(long) == ["COMMENT_TOO_LONG"]
    assert isinstance(long, ReportRefused)
    assert long.refusals[0].remedy is not None
    assert long.refusals[0].remedy.values == {"over": 3}


@pytest.mark.parametrize(
    ("action", "state", "letters"),
    [
        (ReportAction.SAVE, ReportState.DUE, []),
        (ReportAction.FILE, ReportState.DUE, [("report_filed", (Role.APPRAISER,))]),
        (
            ReportAction.ACCEPT,
            ReportState.FILED,
            [("report_accepted", (Role.CLERK, Role.UNIT_HEAD))],
        ),
        (
            ReportAction.RETURN,
            ReportState.FILED,
            [("report_returned", (Role.CLERK, Role.UNIT_HEAD))],
        ),
    ],
)
def test_who_is_told(action: ReportAction, state: ReportState, letters: list[object]) -> None:
    actor = CLERK if action in OF_THE_UNIT else BOARD
    verdict = asked(action, replace(FACTS, state=state), actor)
    assert isinstance(verdict, ReportStep)
    assert [(notice.letter, notice.to) for notice in verdict.notices] == letters


def test_the_last_instant_is_in_time() -> None:
    second = timedelta(seconds=1)
    for now, late in ((DUE_AT, False), (DUE_AT + second, True)):
        verdict = decide_report(wanted(ReportAction.FILE), FACTS, CLERK, now)
        assert isinstance(verdict, ReportStep)
        assert verdict.late is late
        assert is_overdue(ReportState.DUE, DUE_AT, now) is late
        assert is_overdue(ReportState.RETURNED, DUE_AT, now) is late
        assert not is_overdue(ReportState.FILED, DUE_AT, now)


def test_the_programme_asks_for_seven_reports() -> None:
    reports: list[ReportTable] = list(rulebook().programme.reports)
    yearly = [one.year for one in reports if one.kind is ReportKind.YEARLY]
    assert yearly == [2021, 2022, 2023, 2024, 2025]
    assert [one.id for one in reports if one.kind is not ReportKind.YEARLY] == [
        "SK-2023",
        "TK-2025",
    ]
    assert all(one.owed_by == (UnitKind.DEPARTMENT, UnitKind.DISTRICT) for one in reports)
    assert all(one.due.weekday() < 5 and one.due.month == 12 for one in reports)


def test_a_programme_without_reports_still_holds() -> None:
    assert rulebook("sang-kien-so-2024").programme.reports == ()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("clause: V.1\n", "clause: V.9\n", "văn bản nguồn không có Mục V.9"),
        ("quote: định kỳ hàng năm", "quote: định kỳ hằng năm", "câu trích không có nguyên văn"),
        ("id: HN-2022", "id: HN-2021", "mã “HN-2021” đã dùng"),
        ("cycles: [2022-annual]", "cycles: [2022-never]", "không có đợt “2022-never”"),
        ("due: 2022-12-15", "due: 2022-11-01", "hạn gửi trước ngày mở báo cáo"),
        ("accepted_by: [appraiser]", "accepted_by: []", ""),
        ("opens: 2022-11-15", "opens: 2022-11-15\n    why: x", "mục không ai biết"),
    ],
)
def test_a_planted_fault_is_found(old: str, new: str, fault: str) -> None:
    text, source = programme_text("ha-giang-2021-2025")
    head, mark, tail = text.partition("\nreports:\n")
    assert old in tail
    with pytest.raises(UnsoundProgramme) as caught:
        load(head + mark + tail.replace(old, new, 1), source)
    assert all(flaw.where.startswith("reports.") for flaw in caught.value.flaws)
    assert any(fault in flaw.text for flaw in caught.value.flaws)


def test_reports_need_somebody_to_consolidate_them() -> None:
    text, source = programme_text("ha-giang-2021-2025")
    head, mark, tail = text.partition("\nconsolidation:\n")
    _, _, rest = tail.partition("\n\n")
    with pytest.raises(UnsoundProgramme, match="thiếu mục “consolidation”"):
        load(f"{head}\n\n{rest}", source)
    with pytest.raises(UnsoundProgramme, match=r"consolidation\.quote: câu trích không có"):
        load(head + mark + tail.replace("quote: tổng hợp kết quả", "quote: gom kết quả", 1), source)
