"""The programme file: the real one holds, a broken one tells every fault with its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.workflow.cases import COMMUNE, DEPARTMENT, PROVINCE, programme_text, rulebook, score
from workflow.clauses import cut
from workflow.decisions import Accepted, decide
from workflow.facts import (
    Actor,
    Command,
    CouncilInput,
    CouncilResult,
    Decision,
    DecisionInput,
    Document,
    DossierFacts,
    Initiative,
    Quota,
    RegistrationFacts,
    SubjectFacts,
)
from workflow.guards.places import cap_of
from workflow.parsing import UnsoundProgramme, load
from workflow.vocabulary import Action, CycleKind, DocumentKind, Role, State, SubjectKind

REAL = "ha-giang-2021-2025"
OTHER = "sang-kien-so-2024"


def lines_of(text: str, source: str) -> dict[int, list[str]]:
    with pytest.raises(UnsoundProgramme) as caught:
        load(text, source)
    found: dict[int, list[str]] = {}
    for flaw in caught.value.flaws:
        found.setdefault(flaw.line, []).append(flaw.text)
    return found


def test_the_real_programme_says_what_the_decision_says() -> None:
    programme = rulebook(REAL).programme
    assert (programme.starts, programme.ends) == (date(2021, 10, 9), date(2025, 12, 31))
    kinds = [(cycle.kind, cycle.year) for cycle in programme.cycles]
    annual = [(CycleKind.ANNUAL, year) for year in (2021, 2022, 2023, 2024, 2025)]
    assert sorted(kinds) == sorted([*annual, (CycleKind.MIDTERM, 2023), (CycleKind.FINAL, 2025)])
    assert [award.id for award in programme.awards] == [
        "BANG_KHEN_TINH",
        "GIAY_KHEN_CO_QUAN",
        "GIAY_KHEN_HUYEN",
        "GIAY_KHEN_XA",
    ]
    quota = programme.award_by_id["BANG_KHEN_TINH"].quota
    assert quota is not None
    assert cap_of(quota, 30) == 6
    assert {f"Q{number}" for number in range(1, 31)} <= set(programme.reading_by_id)
    assert all(one.alternative != one.choice for one in programme.readings)


def test_every_clause_of_the_text_has_a_rule_or_a_stated_reason() -> None:
    text, source = programme_text(REAL)
    programme = load(text, source).programme
    used = {row.clause for row in programme.rules} | {row.clause for row in programme.cycles}
    used |= {row.clause for row in programme.steps} | {row.clause for row in programme.awards}
    used |= {row.clause for row in programme.documents}
    used |= {row.clause for row in programme.reports}
    refs = list(cut(source))
    leaves = [ref for ref in refs if not any(one.startswith(f"{ref}.") for one in refs)]
    silent = set(programme.silent_clauses)
    missing = [
        ref
        for ref in leaves
        if ref not in used and ref not in silent and ref.rpartition(".")[0] not in silent
    ]
    assert missing == []


def test_the_version_is_a_hash_over_file_and_source() -> None:
    text, source = programme_text(REAL)
    first = load(text, source).content_hash
    assert len(first) == 64
    assert load(text + "\n", source).content_hash != first
    assert load(text, source + "\n").content_hash != first


def plant(text: str, old: str, new: str) -> tuple[str, int]:
    """Replace one line of the file; answer the new text and the line's number."""
    assert text.count(old) >= 1, old
    line = text[: text.index(old)].count("\n") + 1
    return text.replace(old, new, 1), line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    guard: par_index\n", "    guard: par_indexx\n", "không có bộ kiểm tra tên"),
        ("params: {minimum: 80, only", "params: {minimum: tám mươi, only", "phải là số"),
        ("params: {years: 3, at", "params: {yearz: 3, at", "mục không ai biết"),
        (
            "quote: Từ nay đến hết ngày 31/12/2025.",
            "quote: Từ nay đến hết năm 2025.",
            "không có nguyên văn",
        ),
        (
            "    clause: IV.1.a\n    quote: có đăng ký",
            "    clause: IV.9.a\n    quote: có đăng ký",
            "không có Mục IV.9.a",
        ),
        ("    by: [superior]\n", "    by: []\n", "không có vai trò"),
        (
            "    readings: [Q1, Q2, Q3, Q4, Q20, Q43]",
            "    readings: [Q1, Q99]",
            "không có diễn giải",
        ),
        ("      - R01b\n", "      - R99\n", "không có quy định “R99”"),
        ("    kind: annual\n", "    kind: yearly\n", "không có trong danh sách"),
        (
            "    milestones: {submitted: 2021-11-30",
            "    milestones: {submitted: 2021-12-30",
            "không theo thứ tự",
        ),
        ("  - id: R01b\n", "  - id: R01\n", "đã dùng"),
    ],
)
def test_one_planted_fault_is_found_at_its_line(old, new, words) -> None:
    text, source = programme_text(REAL)
    broken, line = plant(text, old, new)
    found = lines_of(broken, source)
    near = [said for at, texts in found.items() if abs(at - line) <= 3 for said in texts]
    assert any(words in said for said in near), found


def test_a_path_that_skips_council_or_board_is_found() -> None:
    text, source = programme_text(REAL)
    skip = text.replace(
        "  # 2 Đã nộp\n",
        "  - {action: decide, title: Tắt, done: tắt, from: submitted, to: decided,"
        " by: [decider], clause: IV.2.a}\n  # 2 Đã nộp\n",
    )
    said = {text for texts in lines_of(skip, source).values() for text in texts}
    assert said == {
        "có đường tới quyết định bỏ qua Hội đồng",
        "có đường tới quyết định bỏ qua bước kiểm tra",
    }


def test_a_state_is_entered_only_by_the_act_that_earns_it() -> None:
    text, source = programme_text(REAL)
    broken, line = plant(
        text,
        "    from: registered\n    to: submitted\n",
        "    from: registered\n    to: council_reviewed\n",
    )
    found = lines_of(broken, source)
    near = [said for at, texts in found.items() if abs(at - line) <= 4 for said in texts]
    assert any("chỉ “record_council_result” mới được" in said for said in near), found


def test_dead_ends_and_unreachable_states_are_found() -> None:
    text, source = programme_text(REAL)
    start = text.index("  - action: decide\n")
    end = text.index("  - {action: request_supplement", start)
    said = [one for texts in lines_of(text[:start] + text[end:], source).values() for one in texts]
    assert any("ngõ cụt" in one for one in said)
    assert any("“decided” không tới được" in one for one in said)


def test_all_errors_come_at_once() -> None:
    text, source = programme_text(REAL)
    broken, first = plant(text, "quote: Từ nay đến hết ngày 31/12/2025.", "quote: Từ nay mãi.")
    broken, second = plant(broken, "    by: [superior]\n", "    by: []\n")
    broken, third = plant(broken, "    guard: rating_streak\n", "    guard: streak\n")
    assert {third, second} <= set(lines_of(broken, source))
    assert any(abs(line - first) <= 5 for line in lines_of(broken, source))


def test_unreadable_yaml_names_its_line() -> None:
    found = lines_of("id: a\n  b: [", "")
    assert list(found) == [2]


# --- another programme, another file, no code -------------------------------------------------


def other_facts() -> DossierFacts:
    subject = SubjectFacts(
        SubjectKind.INDIVIDUAL, "Nông Thị Hiên", (DEPARTMENT, PROVINCE), person_id=8
    )
    return DossierFacts(
        id=2,
        code="SK-2024-0001",
        version=1,
        state=None,
        programme_hash=rulebook(OTHER).content_hash,
        cycle_id="2024-once",
        award_form="GIAY_KHEN_SO",
        subject=subject,
        proposing_unit=DEPARTMENT,
        deciding_unit=DEPARTMENT,
        registration=RegistrationFacts(
            3, subject.key, 2024, "Sở Nội vụ", date(2024, 3, 1), date(2024, 3, 2)
        ),
        scores=(score("71.50", unit=DEPARTMENT, year=2024, published=date(2024, 10, 1)),),
        initiatives=(Initiative(1, "Trợ lý số"),),
        documents=(
            Document(1, DocumentKind.BAO_CAO_THANH_TICH, 1, "a", "a.pdf", signer="Hiên"),
            Document(2, DocumentKind.BIEN_BAN, 1, "b", "b.pdf", dated=date(2024, 10, 2)),
        ),
        quota=Quota("SANG_KIEN", 19, 2, 1),
    )


def test_a_second_programme_is_driven_to_its_decision() -> None:
    book = rulebook(OTHER)
    facts = other_facts()
    path = [
        (Action.REGISTER, Role.SUPERIOR, None, datetime(2024, 3, 2, 3, tzinfo=UTC)),
        (Action.SUBMIT, Role.CLERK, None, datetime(2024, 9, 1, 3, tzinfo=UTC)),
        (
            Action.RECORD_COUNCIL_RESULT,
            Role.COUNCIL_SECRETARY,
            CouncilInput(CouncilResult(date(2024, 10, 2), 8, 6, 4)),
            datetime(2024, 10, 3, 3, tzinfo=UTC),
        ),
        (Action.CONFIRM_CHECK, Role.APPRAISER, None, datetime(2024, 10, 20, 3, tzinfo=UTC)),
        (
            Action.DECIDE,
            Role.DECIDER,
            DecisionInput(Decision("9/QĐ-SNV", date(2024, 11, 1), "Giám đốc")),
            datetime(2024, 11, 1, 3, tzinfo=UTC),
        ),
    ]
    for action, role, inputs, now in path:
        command = Command(facts.code, 1, action, 1, inputs=inputs)
        if action is not Action.RECORD_COUNCIL_RESULT and facts.state is State.COUNCIL_REVIEWED:
            facts = replace(facts, council=CouncilResult(date(2024, 10, 2), 8, 6, 4))
        who = Actor(1, "Người", frozenset({role}))
        accepted = decide(book, command, facts, who, now)
        assert isinstance(accepted, Accepted), accepted
        facts = replace(facts, state=accepted.target)
    assert facts.state is State.DECIDED


def test_the_second_programme_has_its_own_numbers() -> None:
    book = rulebook(OTHER)
    facts = replace(
        other_facts(),
        state=State.COUNCIL_REVIEWED,
        council=CouncilResult(date(2024, 10, 2), 8, 6, 4),
        scores=(score("69.99", unit=DEPARTMENT, year=2024, published=date(2024, 10, 1)),),
    )
    now = datetime(2024, 10, 20, 3, tzinfo=UTC)
    command = Command(facts.code, 1, Action.CONFIRM_CHECK, 1)
    refused = decide(book, command, facts, Actor(1, "A", frozenset({Role.APPRAISER})), now)
    assert not isinstance(refused, Accepted)
    assert [one.rule for one in refused.blocking] == ["B1"]
    quota = book.programme.awards[0].quota
    assert quota is not None
    assert cap_of(quota, 19) == 2
    assert COMMUNE.kind not in book.programme.awards[0].recipients[0].units


def test_a_share_above_a_hundred_is_told_with_its_line() -> None:
    text, source = programme_text(REAL)
    for right, wrong in (
        ("      percent: 20\n", "      percent: 200\n"),
        ("minimum: 80", "minimum: 800"),
    ):
        assert right in text
        text = text.replace(right, wrong, 1)
        line = text[: text.index(wrong)].count("\n") + 1
        assert any("từ 0 đến 100" in said for said in lines_of(text, source)[line])
        text = text.replace(wrong, right, 1)
