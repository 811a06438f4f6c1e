"""Who may act: right authority, separate duties, no own award (R11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workflow.facts import RevocationInput
from workflow.guards.registry import NoParameters, guard
from workflow.table import Table
from workflow.verdicts import Finding, met, not_applicable, not_looked_at, not_met
from workflow.vocabulary import Action, Role, State, SubjectKind
from workflow.words import Value, phrase, say
from workflow.working_days import office_day

if TYPE_CHECKING:
    from datetime import date

    from workflow.case import Case

ABOUT_THE_ACTOR: Final = frozenset({"separate_duties", "not_own_award", "appraiser_outside"})
"""Guards about who takes the step; everybody who could take it is asked about by these."""

_ACTS = {
    Action.SUBMIT: phrase("nộp hồ sơ"),
    Action.RECORD_COUNCIL_RESULT: phrase("ghi kết quả Hội đồng"),
    Action.CONFIRM_CHECK: phrase("xác nhận kiểm tra"),
    Action.DECIDE: phrase("quyết định"),
}


@guard("right_authority", NoParameters)
def right_authority(case: Case, params: NoParameters) -> Finding:
    """The unit that decides is the one the form of award names, and it still exists (IV.2.a)."""
    del params
    award, unit = case.award, case.facts.deciding_unit
    if award is None or unit is None or unit.kind is not award.decider_unit:
        return not_met(
            "WRONG_AUTHORITY",
            say(
                "{unit} không có thẩm quyền tặng {award}.",
                unit=unit.name if unit else "Đơn vị",
                award=award.title if award else "hình thức này",
            ),
            remedy=say("Chọn lại hình thức khen thưởng hoặc trình đúng cấp."),
            who=Role.CLERK,
        )
    day = case.facts.decision.dated if case.facts.decision else case.today
    ends = _last_day(award.decider_until, unit.valid_to)
    if ends is not None and day > ends:
        return not_met(
            "AUTHORITY_ENDED",
            say("{unit} thôi thẩm quyền sau ngày {ends}.", unit=unit.name, ends=ends),
            remedy=say("Cơ quan kế thừa quyết định; quản trị ghi quan hệ kế thừa đơn vị."),
            who=Role.ADMINISTRATOR,
            value=day,
            threshold=ends,
        )
    return met(
        say("{decider}: {unit}.", decider=award.decider_title, unit=unit.name),
        record=f"unit:{unit.id}",
        whose=unit.name,
    )


def _last_day(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


class Duties(Table):
    """The steps that one person may not combine on one dossier."""

    between: tuple[Action, ...]


@guard("separate_duties", Duties)
def separate_duties(case: Case, params: Duties) -> Finding:
    """Whoever takes this step took none of the other steps on this dossier.

    An act on somebody's behalf is an act of both, before and now (reading Q46).
    """
    clash = [
        act
        for act in case.facts.acts
        if act.people & case.actor.person_ids
        and act.action in params.between
        and act.action is not case.action
    ]
    if clash:
        return not_met(
            "DUTIES_NOT_SEPARATE",
            say(
                "{name} đã {act} của hồ sơ này.",
                name=clash[0].name,
                act=_ACTS.get(clash[0].action, clash[0].action.value),
            ),
            remedy=say("Người khác cùng thẩm quyền thực hiện bước này."),
            who=Role.ADMINISTRATOR,
            whose=case.actor.signature,
        )
    return met(say("{name} chưa làm bước nào khác của hồ sơ.", name=case.actor.signature))


class OwnAward(Table):
    """Whether serving the unit to be honoured counts as well as being the person."""

    own_unit: bool


@guard("not_own_award", OwnAward)
def not_own_award(case: Case, params: OwnAward) -> Finding:
    """Nobody acts on an award to themselves or, above the council, to the unit they serve.

    Who acts on somebody's behalf is bound by the cases of both.
    """
    subject = case.facts.subject
    own = subject.person_id in case.actor.person_ids
    if subject.kind is SubjectKind.COLLECTIVE and params.own_unit:
        own = subject.unit.id in case.actor.unit_ids
    if own:
        return not_met(
            "OWN_AWARD",
            say("{name} thuộc diện được khen trong chính hồ sơ này.", name=case.actor.signature),
            remedy=say("Cấp phó hoặc người được ủy quyền, không liên quan, thực hiện."),
            who=Role.ADMINISTRATOR,
            whose=case.actor.signature,
        )
    return met(say("{name} không phải đối tượng được khen.", name=case.actor.signature))


@guard("appraiser_outside", NoParameters)
def appraiser_outside(case: Case, params: NoParameters) -> Finding:
    """The appraiser does not serve the side that proposes (reading Q21)."""
    del params
    facts, actor = case.facts, case.actor
    if facts.deciding_unit is not None and facts.deciding_unit.id == facts.proposing_unit.id:
        return not_applicable(
            say(
                "{unit} tự tặng theo thẩm quyền, người của đơn vị thẩm định.",
                unit=facts.proposing_unit.name,
            )
        )
    sides = {facts.proposing_unit.id, facts.subject.unit.id}
    lender = actor.principal.employer_id if actor.principal else None
    if sides & actor.unit_ids or sides & {actor.employer_id, lender}:
        return not_met(
            "APPRAISER_INSIDE",
            say("{name} là người của đơn vị đề nghị.", name=actor.signature),
            remedy=say("Cán bộ thẩm định khác thực hiện."),
            who=Role.APPRAISER,
            whose=actor.signature,
        )
    return met(say("{name} không thuộc đơn vị đề nghị.", name=actor.signature))


@guard("decision_complete", NoParameters)
def decision_complete(case: Case, params: NoParameters) -> Finding:
    """The decision has a number, a signer, and a day between the check and today."""
    del params
    decision = case.facts.decision
    if decision is None:
        return not_looked_at(
            "DECISION_MISSING",
            say("Chưa nhập số, ngày, người ký quyết định."),
            remedy=say("Nhập số, ngày và người ký của quyết định."),
            who=Role.DECIDER,
        )
    if not decision.number or not decision.signer or decision.dated > case.today:
        return not_met(
            "DECISION_INCOMPLETE",
            say(
                "Quyết định số “{number}”, ngày {day}, người ký “{signer}”.",
                number=decision.number,
                day=decision.dated,
                signer=decision.signer,
            ),
            remedy=say("Nhập đủ số, người ký; ngày không sau hôm nay."),
            who=Role.DECIDER,
        )
    checked = _checked_on(case)
    if checked is not None and decision.dated < checked:
        return not_met(
            "DECIDED_BEFORE_CHECK",
            say(
                "Quyết định ghi ngày {day}, trước ngày kiểm tra xong ({checked}).",
                day=decision.dated,
                checked=checked,
            ),
            remedy=say("Ghi đúng ngày ký; quyết định chỉ ký sau khi kiểm tra xong."),
            who=Role.DECIDER,
        )
    return met(
        say(
            "Số {number}, ngày {day}, {signer} ký.",
            number=decision.number,
            day=decision.dated,
            signer=decision.signer,
        ),
        value=decision.number,
        whose=decision.signer,
    )


@guard("revocation_complete", NoParameters)
def revocation_complete(case: Case, params: NoParameters) -> Finding:
    """The revoking decision has number and signer, and follows the decision it revokes."""
    del params
    inputs = case.command.inputs if case.command else None
    awarded = case.facts.decision
    if not isinstance(inputs, RevocationInput) or awarded is None:
        return met(say("Quyết định hủy bỏ có số, ngày, người ký và một trong bốn căn cứ."))
    revoking = inputs.decision
    words: dict[str, Value] = {
        "number": revoking.number,
        "day": revoking.dated,
        "awarded": awarded.dated,
    }
    complete = bool(revoking.number and revoking.signer)
    if not complete or not awarded.dated <= revoking.dated <= case.today:
        return not_met(
            "REVOCATION_INCOMPLETE",
            say(
                "Quyết định hủy bỏ số “{number}”, ngày {day}; quyết định khen thưởng ký "
                "ngày {awarded}.",
                **words,
            ),
            remedy=say(
                "Nhập đủ số, người ký; ngày không trước quyết định khen thưởng và không "
                "sau hôm nay."
            ),
            who=Role.DECIDER,
            value=revoking.dated,
            threshold=awarded.dated,
        )
    return met(say("Số {number}, ngày {day}, sau quyết định ngày {awarded}.", **words))


def _checked_on(case: Case) -> date | None:
    """The office day of the check that stands."""
    checks = [one.at for one in case.facts.approvals if one.gave is State.BOARD_CHECKED]
    return office_day(max(checks), case.programme.zone) if checks else None
