"""The boundary cases of the rules, on the real programme (domain brief, sections 1 and 2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.workflow.cases import (
    COMMUNE,
    DEPARTMENT,
    DISTRICT,
    DIVISION,
    NOW,
    actor,
    ask,
    collective,
    individual,
    result,
    score,
)
from workflow.facts import (
    Act,
    Actor,
    Approval,
    Command,
    CouncilInput,
    CouncilResult,
    Decision,
    DecisionInput,
    DossierFacts,
    Hold,
    Quota,
    RevocationInput,
    Succession,
    Twin,
    UnitFacts,
)
from workflow.scores import Score
from workflow.vocabulary import (
    Action,
    Classification,
    IndexKind,
    Outcome,
    RevocationGround,
    Role,
    ScoreKind,
    State,
    UnitKind,
)

if TYPE_CHECKING:
    from workflow.decisions import Judgement
    from workflow.verdicts import Result

CHECKED = State.COUNCIL_REVIEWED
MET, NOT_MET = Outcome.MET, Outcome.NOT_MET
UNKNOWN, NOT_APPLICABLE = Outcome.NOT_YET_KNOWN, Outcome.NOT_APPLICABLE


def check(facts: DossierFacts, rule: str) -> Result:
    """What `rule` finds at the Board check."""
    return result(ask(replace(facts, state=CHECKED), Action.CONFIRM_CHECK), rule)


TODAY = date(2023, 12, 5)


def decision(number: str = "2417/QĐ-UBND", dated: date = TODAY) -> DecisionInput:
    return DecisionInput(Decision(number, dated, "Nguyễn Văn Sơn"))


def decide(
    facts: DossierFacts,
    by: Actor | None = None,
    inputs: DecisionInput | None = None,
    now: datetime = NOW,
) -> Judgement:
    ready = replace(facts, state=State.BOARD_CHECKED)
    command = Command(
        facts.code, (by or actor()).person_id, Action.DECIDE, 1, inputs=inputs or decision()
    )
    return ask(ready, Action.DECIDE, by=by, command=command, now=now)


def test_a_complete_dossier_passes_every_step() -> None:
    for facts in (collective(), individual()):
        assert ask(facts, Action.SUBMIT, now=datetime(2023, 11, 28, tzinfo=UTC)).allowed
        submitted = replace(facts, state=State.SUBMITTED)
        assert ask(submitted, Action.RECORD_COUNCIL_RESULT).allowed
        assert ask(replace(facts, state=CHECKED), Action.CONFIRM_CHECK).allowed
        assert decide(facts).allowed


@pytest.mark.parametrize(
    ("value", "outcome", "code"),
    [
        ("80", MET, "MET"),
        ("80.00", MET, "MET"),
        ("79.99", NOT_MET, "INDEX_TOO_LOW"),
        ("100", MET, "MET"),
        ("0", NOT_MET, "INDEX_TOO_LOW"),
    ],
)
def test_par_index_of_a_collective(value, outcome, code) -> None:
    found = check(replace(collective(), scores=(score(value),)), "R07")
    assert (found.outcome, found.finding.code) == (outcome, code)
    evidence = found.finding.evidence[0]
    assert (evidence.value, evidence.threshold) == (score(value).value, 80)
    assert evidence.whose == DISTRICT.name


@pytest.mark.parametrize(
    ("par", "sipas", "outcome"),
    [
        ("90", "90", MET),
        ("89.99", "95", NOT_MET),
        ("95", "89.99", NOT_MET),
        ("89.99", "89.99", NOT_MET),
    ],
)
def test_both_indices_of_an_individuals_unit(par, sipas, outcome) -> None:
    scores = (score(par), score(sipas, index=IndexKind.SIPAS, rating=None))
    found = check(replace(individual(), scores=scores), "R09")
    assert found.outcome is outcome
    assert len(found.finding.evidence) == 2


def test_communes_are_outside_the_80_points() -> None:
    facts = replace(
        collective(COMMUNE, DISTRICT),
        award_form="GIAY_KHEN_HUYEN",
        scores=(),
        deciding_unit=DISTRICT,
    )
    found = check(facts, "R07")
    assert found.outcome is NOT_APPLICABLE
    assert COMMUNE.name in str(found.finding.evidence[0].text.values)


def test_missing_index_is_not_a_low_one() -> None:
    unscored = check(replace(individual(COMMUNE, DISTRICT), scores=()), "R09")
    assert (unscored.outcome, unscored.finding.code) == (NOT_MET, "INDEX_MISSING")
    unpublished = check(replace(individual(), scores=()), "R09")
    assert (unpublished.outcome, unpublished.finding.code) == (UNKNOWN, "INDEX_NOT_PUBLISHED")


def test_a_districts_index_is_never_lent_to_its_commune() -> None:
    facts = replace(
        individual(COMMUNE, DISTRICT),
        scores=(
            score("95", unit=DISTRICT),
            score("95", unit=DISTRICT, index=IndexKind.SIPAS),
        ),
    )
    assert check(facts, "R09").finding.code == "INDEX_MISSING"


def test_a_division_takes_the_index_of_its_department() -> None:
    base = individual(DIVISION, DEPARTMENT)
    facts = replace(
        base,
        proposing_unit=DEPARTMENT,
        scores=(score("90", unit=DEPARTMENT), score("90", unit=DEPARTMENT, index=IndexKind.SIPAS)),
    )
    assert check(facts, "R09").outcome is MET


@pytest.mark.parametrize("kind", [ScoreKind.SELF, ScoreKind.APPRAISED])
def test_an_unpublished_score_lets_the_council_act_and_stops_the_board(kind) -> None:
    facts = replace(collective(), scores=(score("86.42", kind=kind),))
    assert check(facts, "R07").outcome is UNKNOWN
    assert not ask(replace(facts, state=CHECKED), Action.CONFIRM_CHECK).allowed
    council = ask(replace(facts, state=State.SUBMITTED), Action.RECORD_COUNCIL_RESULT)
    assert council.allowed
    assert result(council, "R07").tolerated
    assert ask(facts, Action.SUBMIT, now=datetime(2023, 11, 28, tzinfo=UTC)).allowed


def test_a_score_counts_from_its_day_of_publication() -> None:
    facts = replace(collective(), scores=(score("86.42", published=date(2023, 12, 6)),))
    assert check(facts, "R07").outcome is UNKNOWN


def test_a_communes_score_published_later_is_on_its_way_not_missing():
    later = date(2023, 12, 6)
    facts = replace(
        individual(COMMUNE, DISTRICT),
        scores=(
            score("90.50", unit=COMMUNE, published=later),
            score("91", unit=COMMUNE, index=IndexKind.SIPAS, published=later),
        ),
    )
    assert check(facts, "R09").finding.code == "INDEX_NOT_PUBLISHED"


@pytest.mark.parametrize(
    ("dated", "allowed"),
    [(date(2023, 12, 4), False), (date(2023, 12, 5), True), (date(2023, 12, 6), False)],
)
def test_a_revocation_follows_the_award_and_is_not_in_the_future(dated, allowed):
    awarded = Decision("2417/QĐ-UBND", date(2023, 12, 5), "Nguyễn Văn Sơn")
    facts = replace(collective(), state=State.DECIDED, decision=awarded)
    inputs = RevocationInput(
        RevocationGround.FALSE_ACHIEVEMENT, Decision("9/QĐ-UBND", dated, "Nguyễn Văn Sơn")
    )
    command = Command(facts.code, 500, Action.REVOKE, 1, comment="Khai sai", inputs=inputs)
    assert ask(facts, Action.REVOKE, command=command).allowed is allowed


def test_provincial_certificate_has_no_annual_cycle() -> None:
    facts = replace(collective(), cycle_id="2023-annual")
    found = check(facts, "R12")
    assert (found.outcome, found.finding.code) == (NOT_MET, "AWARD_NOT_IN_CYCLE")
    assert found.readings == ("Q18", "Q19")


def test_a_commune_cannot_get_the_provincial_certificate_as_a_collective() -> None:
    facts = replace(collective(COMMUNE, DISTRICT), proposing_unit=DISTRICT)
    assert check(facts, "R11b").finding.code == "RECIPIENT_NOT_ALLOWED"


def streak(*years: tuple[int, Classification]) -> tuple[Score, ...]:
    """PAR classes of a district: (year, class), published each January after."""
    return tuple(
        score(
            "85",
            year=year,
            rating=rating,
            published=date(2023, 12, 1) if year == 2023 else date(year + 1, 1, 15),
        )
        for year, rating in years
    )


T, X, K = Classification.TOT, Classification.XUAT_SAC, Classification.KHA


@pytest.mark.parametrize(
    ("years", "outcome", "code"),
    [
        ([(2021, T), (2022, T), (2023, T)], MET, "MET"),
        ([(2021, X), (2022, T), (2023, X)], MET, "MET"),
        ([(2021, T), (2022, K), (2023, T)], NOT_MET, "RATING_TOO_LOW"),
        ([(2021, T), (2023, T)], NOT_MET, "RATING_GAP"),
        ([(2020, T), (2021, T), (2022, T)], UNKNOWN, "RATING_NOT_PUBLISHED"),
        ([], NOT_MET, "RATING_GAP"),
    ],
)
def test_three_years_in_a_row(years, outcome, code) -> None:
    found = check(replace(individual(), scores=streak(*years)), "R14")
    assert (found.outcome, found.finding.code) == (outcome, code)
    assert "2022" in str(found.finding.evidence[0].text.values["listed"])


OLD_A = UnitFacts(201, "A", "Sở Cũ A", UnitKind.DEPARTMENT, scored_by_province=True)
OLD_B = UnitFacts(202, "B", "Sở Cũ B", UnitKind.DEPARTMENT, scored_by_province=True)


@pytest.mark.parametrize(
    ("second", "outcome", "code"),
    [(T, MET, "MET"), (K, NOT_MET, "RATING_TOO_LOW"), (None, NOT_MET, "RATING_GAP")],
)
def test_a_streak_follows_a_merged_unit_and_takes_the_worst_predecessor(
    second, outcome, code
) -> None:
    old = [
        score("85", unit=OLD_A, year=year, rating=X, published=date(year + 1, 1, 15))
        for year in (2021, 2022)
    ]
    old += [score("85", unit=OLD_B, year=2021, rating=T, published=date(2022, 1, 15))]
    if second:
        old += [score("85", unit=OLD_B, year=2022, rating=second, published=date(2023, 1, 15))]
    facts = replace(
        individual(DEPARTMENT),
        scores=(*old, score("91", unit=DEPARTMENT)),
        successions=(
            Succession(OLD_A.id, OLD_A.name, DEPARTMENT.id, date(2023, 3, 1)),
            Succession(OLD_B.id, OLD_B.name, DEPARTMENT.id, date(2023, 3, 1)),
        ),
    )
    found = check(facts, "R14")
    assert (found.outcome, found.finding.code) == (outcome, code)
    assert "Sở Cũ A + Sở Cũ B" in str(found.finding.evidence[0].text.values["listed"])


def test_a_streak_follows_a_renamed_unit() -> None:
    old = [
        score("85", unit=OLD_A, year=year, rating=T, published=date(year + 1, 1, 15))
        for year in (2021, 2022)
    ]
    facts = replace(
        individual(DEPARTMENT),
        scores=(*old, score("91", unit=DEPARTMENT)),
        successions=(Succession(OLD_A.id, OLD_A.name, DEPARTMENT.id, date(2023, 3, 1)),),
    )
    assert check(facts, "R14").outcome is MET


def test_the_streak_does_not_bind_collectives() -> None:
    assert check(collective(), "R14").outcome is NOT_APPLICABLE


def test_registration_acknowledged_after_submission() -> None:
    facts = collective()
    late = replace(facts.registration, acknowledged_on=date(2023, 11, 29))
    acts = (Act(Action.SUBMIT, 9, "Lý Thị Mai", datetime(2023, 11, 28, 3, 0, tzinfo=UTC)),)
    found = check(replace(facts, registration=late, acts=acts), "R05")
    assert (found.outcome, found.finding.code) == (NOT_MET, "REGISTERED_TOO_LATE")


def test_registration_of_another_year_or_unacknowledged() -> None:
    facts = collective()
    other = replace(facts.registration, year=2022)
    assert check(replace(facts, registration=other), "R05").finding.code == "REGISTRATION_OTHER"
    unseen = replace(facts.registration, acknowledged_on=None)
    code = check(replace(facts, registration=unseen), "R05").finding.code
    assert code == "REGISTRATION_NOT_ACKNOWLEDGED"


def test_registration_in_january_2026_is_refused() -> None:
    facts = replace(
        collective(),
        state=None,
        cycle_id="2025-final",
        registration=replace(
            collective().registration,
            year=2025,
            acknowledged_on=None,
            registered_on=date(2026, 1, 5),
        ),
    )
    judgement = ask(facts, Action.REGISTER, now=datetime(2026, 1, 5, 3, 0, tzinfo=UTC))
    assert result(judgement, "R01").finding.code == "PERIOD_OVER"
    assert not judgement.allowed


def test_decision_in_january_2026_for_2025_is_allowed() -> None:
    facts = replace(
        collective(),
        cycle_id="2025-final",
        registration=replace(
            collective().registration, year=2025, acknowledged_on=date(2025, 2, 15)
        ),
        scores=(score("86", year=2025, published=date(2025, 12, 20)),),
    )
    judgement = decide(
        facts, inputs=decision(dated=date(2026, 1, 12)), now=datetime(2026, 1, 12, 3, 0, tzinfo=UTC)
    )
    assert judgement.allowed, [one.rule for one in judgement.blocking]


def test_award_by_the_wrong_authority() -> None:
    judgement = decide(replace(collective(), deciding_unit=DISTRICT))
    assert result(judgement, "R11").finding.code == "WRONG_AUTHORITY"
    stranger = decide(collective(), by=actor(Role.UNIT_HEAD))
    assert [one.code for one in stranger.refusals] == ["WRONG_ROLE"]
    assert stranger.refusals[0].roles == (Role.DECIDER,)


def test_district_heads_award_until_the_districts_end() -> None:
    district = replace(DISTRICT, valid_to=date(2025, 6, 30))
    facts = replace(
        collective(COMMUNE, district),
        award_form="GIAY_KHEN_HUYEN",
        cycle_id="2025-annual",
        deciding_unit=district,
        proposing_unit=COMMUNE,
        scores=(),
        registration=replace(
            collective(COMMUNE).registration, year=2025, acknowledged_on=date(2025, 2, 1)
        ),
    )
    late = decide(
        facts, inputs=decision(dated=date(2025, 7, 1)), now=datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
    )
    assert result(late, "R11").finding.code == "AUTHORITY_ENDED"
    timely = decide(
        facts, inputs=decision(dated=date(2025, 6, 30)), now=datetime(2025, 6, 30, 3, 0, tzinfo=UTC)
    )
    assert result(timely, "R11").outcome is MET


def test_a_head_does_not_decide_on_their_own_award() -> None:
    own = decide(individual(), by=actor(Role.DECIDER, person=77))
    assert result(own, "R20b").finding.code == "OWN_AWARD"
    own_unit = decide(collective(), by=actor(Role.DECIDER, units=(DISTRICT.id,)))
    assert result(own_unit, "R20b").finding.code == "OWN_AWARD"
    assert not own.allowed
    assert not own_unit.allowed


def test_the_units_own_secretary_records_the_council_but_not_on_themselves() -> None:
    own_unit = actor(Role.COUNCIL_SECRETARY, units=(DISTRICT.id,))
    facts = replace(collective(), state=State.SUBMITTED)
    assert ask(facts, Action.RECORD_COUNCIL_RESULT, by=own_unit).allowed
    themselves = actor(Role.COUNCIL_SECRETARY, person=77)
    person = replace(individual(), state=State.SUBMITTED)
    found = result(ask(person, Action.RECORD_COUNCIL_RESULT, by=themselves), "R20e")
    assert found.finding.code == "OWN_AWARD"


def test_the_appraiser_is_not_of_the_proposing_unit() -> None:
    facts = replace(collective(), state=CHECKED)
    inside = ask(facts, Action.CONFIRM_CHECK, by=actor(Role.APPRAISER, units=(DISTRICT.id,)))
    assert result(inside, "R20c").finding.code == "APPRAISER_INSIDE"
    employed = replace(actor(Role.APPRAISER), employer_id=DISTRICT.id)
    assert not ask(facts, Action.CONFIRM_CHECK, by=employed).allowed
    own_staff = replace(facts, award_form="GIAY_KHEN_HUYEN", deciding_unit=DISTRICT)
    found = ask(own_staff, Action.CONFIRM_CHECK, by=actor(Role.APPRAISER, units=(DISTRICT.id,)))
    assert result(found, "R20c").outcome is NOT_APPLICABLE


def test_nobody_takes_two_steps_of_one_dossier() -> None:
    acts = (Act(Action.CONFIRM_CHECK, 500, "Người 500", NOW),)
    found = result(decide(replace(collective(), acts=acts)), "R20")
    assert found.finding.code == "DUTIES_NOT_SEPARATE"


@pytest.mark.parametrize(
    ("members", "present", "yes", "blocked"),
    [
        (9, 9, 9, []),
        (9, 6, 6, ["R06b"]),
        (9, 5, 5, ["R06", "R06b"]),
        (10, 7, 7, ["R06b"]),
        (10, 8, 8, []),
        (9, 8, 8, []),
        (9, 9, 7, ["R06b"]),
        (9, 9, 10, ["R06c"]),
        (0, 0, 0, ["R06c"]),
    ],
)
def test_quorum_and_approval_share(members, present, yes, blocked) -> None:
    facts = replace(collective(), state=State.SUBMITTED, council=None)
    inputs = CouncilInput(CouncilResult(date(2023, 12, 4), members, present, yes))
    command = Command(facts.code, 500, Action.RECORD_COUNCIL_RESULT, 1, inputs=inputs)
    judgement = ask(facts, Action.RECORD_COUNCIL_RESULT, command=command)
    assert sorted(one.rule for one in judgement.blocking) == blocked


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        (CouncilResult(date(2023, 12, 6), 9, 9, 9), ["Ngày họp {day} sau hôm nay ({today})."]),
        (
            CouncilResult(date(2021, 11, 20), 9, 9, 9),
            ["Ngày họp {day} trước ngày tiếp nhận đăng ký ({acknowledged})."],
        ),
        (
            CouncilResult(date(2023, 12, 4), 9, 10, 9, 2),
            [
                "{present} người dự họp, nhiều hơn {members} thành viên.",
                (
                    "{yes} đồng ý, {no} không đồng ý, {blank} ý kiến khác và {recused} người "
                    "không bỏ phiếu là {sum}, nhiều hơn {present} người dự họp."
                ),
            ],
        ),
    ],
)
def test_minutes_that_cannot_be_are_told_fault_by_fault(given, faults) -> None:
    facts = replace(collective(), state=State.SUBMITTED, council=None)
    command = Command(facts.code, 500, Action.RECORD_COUNCIL_RESULT, 1, inputs=CouncilInput(given))
    found = result(ask(facts, Action.RECORD_COUNCIL_RESULT, command=command), "R06c")
    assert found.outcome is NOT_MET
    assert [one.text.template for one in found.finding.evidence] == faults


def test_a_decision_is_dated_between_the_check_and_today() -> None:
    checked = Approval(State.BOARD_CHECKED, NOW - timedelta(days=3), "Hằng", ())
    facts = replace(collective(), approvals=(checked,))
    for day, code in (
        (1, "DECIDED_BEFORE_CHECK"),
        (2, "MET"),
        (5, "MET"),
        (6, "DECISION_INCOMPLETE"),
    ):
        paper = Decision("2417/QĐ-UBND", date(2023, 12, day), "Lê Minh Tuấn")
        judgement = decide(facts, inputs=DecisionInput(paper))
        found = [one.finding.code for one in judgement.results if one.rule == "R20d"]
        assert found == [code], day


def test_the_quota_shows_its_arithmetic_and_stops_at_the_cap() -> None:
    full = decide(replace(collective(), quota=Quota("BANG_KHEN_TAP_THE", 30, 6, 6)))
    found = result(full, "R13")
    assert found.finding.code == "QUOTA_FULL"
    assert found.finding.evidence[0].text.values["base"] == 30
    last = decide(replace(collective(), quota=Quota("BANG_KHEN_TAP_THE", 30, 6, 5)))
    assert last.allowed
    person = decide(replace(individual(), quota=Quota("BANG_KHEN_TAP_THE", 30, 6, 6)))
    assert result(person, "R13").outcome is NOT_APPLICABLE


def test_a_heads_own_number_stops_the_next_giay_khen_and_none_stops_nothing() -> None:
    """IV.2.b, Q37: “số lượng cụ thể do Thủ trưởng … quy định”, possibly none."""
    facts = replace(collective(), award_form="GIAY_KHEN_HUYEN")
    for quota, code, words in (
        (Quota("GIAY_KHEN_HUYEN", None, 2, 2), "QUOTA_FULL", "Thủ trưởng đặt tối đa 2"),
        (Quota("GIAY_KHEN_HUYEN", None, 2, 1, 1), "QUOTA_FULL", "giữ chỗ 1"),
        (Quota("GIAY_KHEN_HUYEN", None, 2, 1, 1, held=True), "MET", "một chỗ giữ cho hồ sơ này"),
        (Quota("GIAY_KHEN_HUYEN", None, 2, 1), "MET", "còn 1"),
        (Quota("GIAY_KHEN_HUYEN", None, None, 99), "MET", "không đặt số lượng tối đa"),
    ):
        found = result(decide(replace(facts, quota=quota)), "R13b")
        assert found.finding.code == code
        assert found.clause == "IV.2.b"
        said = found.finding.evidence[0].text
        assert words in said.template.format(**said.values)


def test_a_hold_stops_the_check_and_the_decision() -> None:
    held = replace(collective(), hold=Hold("Thanh tra tỉnh", "đang xác minh đơn", NOW))
    assert not ask(replace(held, state=CHECKED), Action.CONFIRM_CHECK).allowed
    assert result(decide(held), "R21").finding.code == "ON_HOLD"


def test_a_twin_in_the_same_cycle_is_a_double_award() -> None:
    facts = replace(collective(), twins=(Twin("HS-2023-0019", "GIAY_KHEN_HUYEN", State.SUBMITTED),))
    assert check(facts, "R12b").finding.code == "DOUBLE_AWARD"


@pytest.mark.parametrize(
    ("minute", "allowed"), [((10, 0), True), ((9, 59), True), ((10, 1), False)]
)
def test_the_deadline_is_inclusive_to_the_minute(minute, allowed) -> None:
    hour, minutes = minute
    now = datetime(2023, 11, 30, hour, minutes, tzinfo=UTC)
    assert ask(collective(), Action.SUBMIT, now=now).allowed is allowed
    extended = replace(collective(), extended_until=datetime(2023, 12, 6, 10, 0, tzinfo=UTC))
    assert ask(extended, Action.SUBMIT, now=now).allowed


def test_a_refusal_lists_everything_that_fails_and_mending_all_of_it_suffices() -> None:
    bad = replace(
        collective(),
        documents=(),
        initiatives=(),
        award_form="",
        registration=replace(collective().registration, acknowledged_on=None),
    )
    judgement = ask(bad, Action.SUBMIT, now=datetime(2023, 11, 28, tzinfo=UTC))
    assert [one.rule for one in judgement.blocking] == ["R05", "R12", "R11b", "R16c", "R08b"]
    for one in judgement.blocking:
        assert one.finding.remedy is not None
        assert one.finding.who is not None
        assert one.clause
        assert one.quote
    assert ask(collective(), Action.SUBMIT, now=datetime(2023, 11, 28, tzinfo=UTC)).allowed


def test_nobody_looked_at_is_neither_met_nor_failed() -> None:
    facts = replace(collective(), state=CHECKED, marks=())
    judgement = ask(facts, Action.CONFIRM_CHECK)
    unseen = [one.rule for one in judgement.blocking if one.outcome is Outcome.NOT_LOOKED_AT]
    assert unseen == ["R16d", "R06d", "R08c"]
