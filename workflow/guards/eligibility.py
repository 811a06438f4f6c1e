"""May this subject ask for this award at all: period, registration, form, recipient, doubles."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from workflow.deadlines import deadline_of, registered_at
from workflow.guards.registry import NoParameters, guard
from workflow.table import Table
from workflow.verdicts import Finding, met, not_met, not_yet_known
from workflow.vocabulary import Action, Role, State
from workflow.words import Value, say
from workflow.working_days import office_day

if TYPE_CHECKING:
    from datetime import date

    from workflow.case import Case


class PeriodSubject(StrEnum):
    """What must lie within the programme: the registering, or the achievement."""

    REGISTRATION = "registration"
    ACHIEVEMENT = "achievement"


class Period(Table):
    """Which of the two is asked."""

    of: PeriodSubject


@guard("within_period", Period)
def within_period(case: Case, params: Period) -> Finding:
    """The registration, or the year of the achievement, lies within the programme (III.1)."""
    programme = case.programme
    span = {"starts": programme.starts, "ends": programme.ends}
    if params.of is PeriodSubject.ACHIEVEMENT:
        year = case.cycle.year
        if programme.starts.year <= year <= programme.ends.year:
            return met(
                say(
                    "Thành tích năm {year}, trong thời gian phát động từ {starts} đến {ends}.",
                    year=str(year),
                    **span,
                ),
                value=year,
            )
        return not_met(
            "YEAR_OUTSIDE",
            say(
                "Thành tích năm {year} nằm ngoài thời gian phát động từ {starts} đến {ends}.",
                year=str(year),
                **span,
            ),
            remedy=say("Chọn đợt thuộc thời gian phát động của chương trình."),
            who=Role.CLERK,
            value=year,
        )
    day = case.facts.registration.acknowledged_on or case.today
    if programme.starts <= day <= programme.ends:
        return met(
            say("Đăng ký ngày {day}, trong thời gian phát động đến {ends}.", day=day, **span),
            value=day,
            threshold=programme.ends,
        )
    return not_met(
        "PERIOD_OVER",
        say("Ngày {day} nằm ngoài thời gian phát động từ {starts} đến {ends}.", day=day, **span),
        remedy=say(
            "Chương trình đã hết thời gian phát động; chờ văn bản kế thừa hoặc gia hạn được nạp."
        ),
        who=Role.ADMINISTRATOR,
        value=day,
        threshold=programme.ends,
    )


class Registered(Table):
    """`every_year` asks for a registration of each year of a cycle; off by reading."""

    every_year: bool = False


@guard("registered_with_superior", Registered)
def registered_with_superior(case: Case, params: Registered) -> Finding:
    """The direct superior acknowledged a registration before the dossier was handed in (IV.1.a)."""
    del params
    registration, cycle = case.facts.registration, case.cycle
    if registration.subject_key != case.facts.subject.key or registration.year != cycle.year:
        return not_met(
            "REGISTRATION_OTHER",
            say(
                "Bản đăng ký là của năm {year} hoặc của đối tượng khác; đợt này xét năm {wanted}.",
                year=str(registration.year),
                wanted=str(cycle.year),
            ),
            remedy=say("Đăng ký thi đua năm {wanted} với cấp trên.", wanted=str(cycle.year)),
            who=Role.CLERK,
        )
    if registration.acknowledged_on is None:
        return _unacknowledged(case)
    handed_in = _handed_in(case)
    if registration.acknowledged_on > handed_in:
        return not_met(
            "REGISTERED_TOO_LATE",
            say(
                "Cấp trên tiếp nhận đăng ký ngày {day}, sau ngày nộp hồ sơ {handed}.",
                day=registration.acknowledged_on,
                handed=handed_in,
            ),
            remedy=say("Đăng ký phải được tiếp nhận trước khi nộp hồ sơ."),
            who=Role.SUPERIOR,
            value=registration.acknowledged_on,
            threshold=handed_in,
        )
    return met(
        say(
            "Đăng ký ngày {day}, {superior} tiếp nhận ngày {acknowledged}.",
            day=registration.registered_on,
            superior=registration.superior,
            acknowledged=registration.acknowledged_on,
        ),
        value=registration.acknowledged_on,
        threshold=handed_in,
        record=f"registration:{registration.id}",
        whose=registration.superior,
    )


def _unacknowledged(case: Case) -> Finding:
    superior = case.facts.registration.superior
    return not_met(
        "REGISTRATION_NOT_ACKNOWLEDGED",
        say("Bản đăng ký chưa được {superior} tiếp nhận.", superior=superior),
        remedy=say("{superior} tiếp nhận bản đăng ký.", superior=superior),
        who=Role.SUPERIOR,
    )


def _handed_in(case: Case) -> date:
    submitted = [act.at for act in case.facts.acts if act.action is Action.SUBMIT]
    if not submitted or case.facts.state is None:
        return case.today
    return office_day(submitted[0], case.programme.zone)


@guard("registration_window", NoParameters)
def registration_window(case: Case, params: NoParameters) -> Finding:
    """The registration was sent while the cycle's window was open."""
    del params
    day, cycle = case.facts.registration.registered_on, case.cycle
    deadline = deadline_of(case.programme, case.facts, State.REGISTERED)
    closing = deadline.instant if deadline else case.now
    window: dict[str, Value] = {"opens": cycle.registration_opens, "closes": closing}
    if day < cycle.registration_opens:
        return not_yet_known(
            "WINDOW_NOT_OPEN",
            say("Đợt đăng ký mở từ {opens} đến {closes}.", **window),
            remedy=say("Gửi đăng ký từ ngày {opens}.", opens=cycle.registration_opens),
            who=Role.CLERK,
            value=day,
            threshold=cycle.registration_opens,
        )
    one, zone = case.facts.registration, case.programme.zone
    if registered_at(one.registered_on, one.sent_at, zone) > closing:
        return not_met(
            "WINDOW_CLOSED",
            say("Đăng ký ngày {day}, sau hạn đăng ký {closes}.", day=day, **window),
            remedy=say("Cấp trên tiếp nhận muộn phải ghi lý do."),
            who=Role.SUPERIOR,
            value=day,
            threshold=closing,
        )
    return met(
        say("Đăng ký ngày {day}, trong hạn đến {closes}.", day=day, **window),
        value=day,
        threshold=closing,
    )


@guard("award_in_cycle", NoParameters)
def award_in_cycle(case: Case, params: NoParameters) -> Finding:
    """The form of award is one that this kind of cycle gives (IV.2.b, readings Q18, Q19)."""
    del params
    award, cycle = case.award, case.cycle
    if award is None:
        return not_met(
            "AWARD_MISSING",
            say("Chưa chọn hình thức khen thưởng."),
            remedy=say("Chọn hình thức khen thưởng đề nghị."),
            who=Role.CLERK,
        )
    if cycle.kind not in award.cycles:
        return not_met(
            "AWARD_NOT_IN_CYCLE",
            say("{award} không xét trong “{cycle}”.", award=award.title, cycle=cycle.label),
            remedy=say("Chọn hình thức có trong đợt này, hoặc chờ đợt sơ kết, tổng kết."),
            who=Role.CLERK,
            value=award.id,
            threshold=cycle.kind.value,
        )
    return met(
        say("{award}, “{cycle}”.", award=award.title, cycle=cycle.label),
        value=award.id,
        threshold=cycle.kind.value,
    )


@guard("award_fits_recipient", NoParameters)
def award_fits_recipient(case: Case, params: NoParameters) -> Finding:
    """The form may go to this kind of subject, proposed by a unit that may propose it (IV.2)."""
    del params
    award, subject, proposer = case.award, case.facts.subject, case.facts.proposing_unit
    if award is None:
        return not_met(
            "AWARD_MISSING",
            say("Chưa chọn hình thức khen thưởng."),
            remedy=say("Chọn hình thức khen thưởng đề nghị."),
            who=Role.CLERK,
        )
    fits = any(
        table.kind is subject.kind and subject.unit.kind in table.units
        for table in award.recipients
    )
    if not fits:
        return not_met(
            "RECIPIENT_NOT_ALLOWED",
            say(
                "{award} không tặng cho loại đối tượng này: {subject}.",
                award=award.title,
                subject=subject.name,
            ),
            remedy=say("Chọn hình thức khen thưởng phù hợp với đối tượng."),
            who=Role.CLERK,
            value=subject.unit.kind.value,
        )
    if proposer.kind not in award.proposers:
        return not_met(
            "PROPOSER_NOT_ALLOWED",
            say("{unit} không trình được {award}.", unit=proposer.name, award=award.title),
            remedy=say("Hồ sơ trình qua sở, ban, ngành hoặc UBND huyện, thành phố."),
            who=Role.CLERK,
            value=proposer.kind.value,
        )
    return met(
        say(
            "{subject}; {proposer} trình, {decider} quyết định.",
            subject=subject.name,
            proposer=proposer.name,
            decider=award.decider_title,
        ),
        value=subject.unit.kind.value,
        record=f"unit:{subject.unit.id}",
    )


@guard("no_double_award", NoParameters)
def no_double_award(case: Case, params: NoParameters) -> Finding:
    """No other live dossier of the subject stands in the same cycle (readings Q24, Q25)."""
    del params
    twins = case.facts.twins
    if twins:
        return not_met(
            "DOUBLE_AWARD",
            say(
                "Đã có hồ sơ {code} cho cùng đối tượng, cùng đợt.",
                code=", ".join(twin.code for twin in twins),
            ),
            remedy=say("Giữ một hồ sơ, rút hồ sơ còn lại."),
            who=Role.CLERK,
            value=len(twins),
        )
    return met(say("Không có hồ sơ khác của đối tượng trong đợt này."), value=0)
