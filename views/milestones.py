"""Milestones of the cycles: proposed, previewed with who becomes late, saved all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.deadlines import (
    NewMilestone,
    changed_by,
    last_change,
    milestones_of,
    office_days,
    with_wanted,
)
from models.move_letters import move_milestones
from models.moving import touched
from models.office_calendar import years_without_rows
from models.rulebooks import programme_with_cycle
from views import (
    desk,
    exporting,
    form_pages,
    formats,
    labels,
    labels_time,
    milestone_words,
    report_dates,
    sheets_of_office,
    side_by_side,
    speaking,
)
from views.formats import _
from views.forms import Answers, day_text, read_day
from workflow.deadlines import WholeCycle, deadline_of
from workflow.ports import NotFound
from workflow.programme import AwardForm, Cycle, Programme
from workflow.proposals import derived_milestones
from workflow.reminder_lint import lint, unannounced
from workflow.reminders import Calendar
from workflow.terms import Terms
from workflow.vocabulary import DayRule, State
from workflow.words import phrase
from workflow.working_days import next_working_day, office_day

pages = Blueprint("milestones", __name__)

TITLE = phrase("Đợt và mốc")
ORDER_FAULT = phrase("Mốc này sớm hơn mốc đứng trước nó.")
OVERTAKEN = phrase("Mốc vừa được người khác đổi; xem lại bản mới nhất dưới đây rồi lưu.")
FIELDS = {state.value: state for state in milestone_words.STATES}


@dataclass(frozen=True, slots=True)
class Ground:
    """What every request here starts from: the programme, the cycle, the tier, the calendar."""

    programme: Programme
    cycle: Cycle
    award: AwardForm | None
    terms: Terms
    calendar: Calendar
    latest: int
    empty_years: list[int] = field(default_factory=list)

    @property
    def here(self) -> WholeCycle:
        """The tier as `deadline_of` wants it."""
        return WholeCycle(self.cycle.id, self.award.id if self.award else "", terms=self.terms)

    @property
    def address(self) -> str:
        """The form of this cycle."""
        return milestone_words.address(self.programme, self.cycle)


@pages.get("/quan-tri/moc")
def show() -> ResponseReturnValue:
    """Every cycle with its milestones, each with the day it had before."""
    with desk.reading() as db:
        programme, programmes = side_by_side.one_programme(db)
        set_anew = milestones_of(db, [programme.id])
        empty = years_without_rows(db, desk.today())
        reports = report_dates.rows(db, programme)
    cycles = milestone_words.cycle_rows(programme, set_anew, desk.today())
    if exporting.asked():
        return exporting.hand_out(_("Đợt và mốc"), sheets_of_office.milestones(cycles))
    return form_pages.show(
        "milestones/show.html",
        form_pages.FormPage(title=TITLE, sub=programme.title),
        programmes=programmes,
        cycles=cycles,
        columns=_columns(),
        reports=reports,
        warnings=[labels_time.missing_year(year) for year in empty],
        closing=f"{programme.closing_time:%H:%M}",
    )


@pages.get("/quan-tri/moc/<cycle_id>")
def form(cycle_id: str) -> ResponseReturnValue:
    """The form of one cycle and tier; with `?quyet-dinh=` the days proposed for that decision."""
    ground = _ground(cycle_id, request.args.get("hinh-thuc", ""))
    typed = milestone_words.typed_days(ground.programme, ground.here)
    typed |= {"award": ground.award.id if ground.award else "", "rule": DayRule.AS_SET.value}
    answers = Answers(request.args, desk.today())
    if request.args.get("quyet-dinh"):
        typed["quyet-dinh"] = request.args["quyet-dinh"]
        typed |= _proposal(ground, answers, typed)
    page = _page(ground, typed, answers)
    return _show_form(ground, page)


@pages.post("/quan-tri/moc/<cycle_id>")
def save(cycle_id: str) -> ResponseReturnValue:
    """Show what the change would do; with `confirm`, save all of it or nothing."""
    ground = _ground(cycle_id, request.form.get("award", ""))
    answers = Answers(request.form, desk.today())
    wanted, reason = _read(ground, answers)
    if answers.faults:
        return _show_form(ground, _page(ground, request.form.to_dict(), answers))
    with desk.reading() as db:
        changed = changed_by(db, ground.programme, wanted)
    if not changed:
        flash(_("Các ngày giống mốc đang có; không có gì để lưu."))
        return redirect(_home(ground), 303)
    overtaken = request.form.get("seen", "") != str(ground.latest)
    if not request.form.get("confirm") or overtaken:
        return _confirm(ground, changed, reason, overtaken=bool(request.form.get("confirm")))
    return _keep(ground, changed, reason)


def _keep(ground: Ground, changed: list[NewMilestone], reason: str) -> ResponseReturnValue:
    clause = request.form.get("clause", "").strip()
    with desk.writing() as db:
        if last_change(db, ground.programme.id) != ground.latest:
            flash(OVERTAKEN, "warn")
            return redirect(ground.address, 303)
        told = move_milestones(
            db, ground.programme, changed, reason, desk.me().person_id, desk.now(), clause=clause
        )
    saved = _(
        "Đã lưu {count} mốc của {scope} lúc {now}.",
        count=len(changed),
        scope=_scope(ground),
        now=formats.moment(desk.now()),
    )
    flash(_("{saved} Thư báo gửi tới {count} người.", saved=saved, count=told), "ok")
    return redirect(_home(ground), 303)


def _confirm(
    ground: Ground, changed: list[NewMilestone], reason: str, *, overtaken: bool
) -> ResponseReturnValue:
    with desk.reading() as db:
        found = touched(db, ground.programme, changed, desk.now())
    page = form_pages.FormPage(
        title=_("Xem lại trước khi lưu"),
        sub=_("{label}, {tier}", label=ground.cycle.label, tier=_tier(ground)),
        crumbs=_crumbs(ground),
        typed=request.form.to_dict(),
    )
    return form_pages.show(
        "milestones/confirm.html",
        page,
        changes=milestone_words.change_rows(ground.programme, ground.here, changed),
        late=milestone_words.touched_rows(one for one in found if one.late),
        freed=milestone_words.touched_rows(one for one in found if not one.late),
        warnings=[
            *milestone_words.warnings(changed, ground.calendar, desk.today(), ground.empty_years),
            *_oddities(ground, changed),
        ],
        kept=_kept(changed, ground),
        reason=reason,
        overtaken=OVERTAKEN if overtaken else "",
        back=ground.address,
    )


def _oddities(ground: Ground, changed: list[NewMilestone]) -> list[str]:
    """What the new dates do to the reminders: never firing, after the end, all on one day."""
    terms = with_wanted(ground.programme, ground.cycle.id, ground.terms, changed)
    before = lint(ground.programme, ground.calendar, {ground.cycle.id: ground.terms})
    after = lint(ground.programme, ground.calendar, {ground.cycle.id: terms})
    here = WholeCycle(ground.cycle.id, ground.here.award_form, terms=terms)
    states = {one.state for one in changed}
    silent = unannounced(ground.programme, here, states, ground.calendar, desk.now())
    found = (*(one for one in after if one not in before), *silent)
    return [
        _("Nhắc việc {rule}: {text}.", rule=one.rule, text=one.text)
        if one.rule
        else _("Nhắc việc: {text}.", text=one.text)
        for one in found
    ]


def _kept(changed: list[NewMilestone], ground: Ground) -> list[tuple[str, str]]:
    """What the confirmation carries: every field as typed, the days as they would be saved."""
    days = milestone_words.typed_days(ground.programme, ground.here)
    days |= {one.state.value: day_text(one.day) for one in changed}
    texts = {name: request.form.get(name, "") for name in ("award", "rule", "reason", "clause")}
    return [*days.items(), *texts.items(), ("seen", str(ground.latest)), ("confirm", "1")]


def _ground(cycle_id: str, award_id: str) -> Ground:
    with desk.reading() as db:
        programme = programme_with_cycle(db, cycle_id, side_by_side.asked_for())
        if programme is None:
            raise NotFound(cycle_id)
        speaking.speak_of(programme)
        cycle = programme.cycle_by_id[cycle_id]
        off, swaps = office_days(db)
        set_anew = milestones_of(db, [programme.id])
        latest = last_change(db, programme.id)
        empty = years_without_rows(db, desk.today())
    terms = Terms(milestones=set_anew.get((programme.id, cycle_id), ()))
    award = programme.award_by_id.get(award_id)
    return Ground(programme, cycle, award, terms, Calendar(off, swaps), latest, empty)


def _read(ground: Ground, answers: Answers) -> tuple[list[NewMilestone], str]:
    """The days of the form; a rule of the next working day is applied before saving.

    The closing of registration has no tier: nobody has chosen a form of award by then.
    """
    rule = answers.one_of("rule", labels_time.DAY_RULE, _("Chọn cách tính ngày nghỉ."))
    days: dict[State, date] = {}
    for name, state in FIELDS.items():
        if state is State.REGISTERED and name not in request.form:
            continue
        day = answers.day(
            name, _("Ghi ngày của mốc “{milestone}”.", milestone=labels.MILESTONE[state])
        )
        if day is not None:
            days[state] = _rolled(ground, day, rule)
    _check_registration(ground, answers, days)
    wrong = milestone_words.out_of_order(days)
    if wrong is not None:
        answers.blame(wrong.value, ORDER_FAULT)
    reason = answers.text("reason", _("Ghi lý do đổi mốc bằng một câu."))
    answers.text("clause", most=100)
    award = ground.award.id if ground.award else ""
    chosen = DayRule(rule) if rule else DayRule.AS_SET
    wanted = [
        NewMilestone(
            ground.cycle.id, state, day, "" if state is State.REGISTERED else award, chosen
        )
        for state, day in days.items()
    ]
    return wanted, reason


def _check_registration(ground: Ground, answers: Answers, days: Mapping[State, date]) -> None:
    closes = days.get(State.REGISTERED)
    if closes is None:
        return
    opens = ground.cycle.registration_opens
    if closes < opens:
        answers.blame(
            State.REGISTERED.value,
            _("Hạn đăng ký không thể trước ngày mở, {opens}.", opens=formats.day(opens)),
        )
    present = deadline_of(ground.programme, ground.here, State.REGISTERED)
    if ground.award and present and office_day(present.instant) != closes:
        answers.blame(
            State.REGISTERED.value,
            _(
                "Hạn đăng ký chung cho mọi hình thức; chọn “{value}” để đổi.",
                value=milestone_words.ALL_TIERS,
            ),
        )


def _rolled(ground: Ground, day: date, rule: str) -> date:
    if rule != DayRule.NEXT_WORKING_DAY:
        return day
    return next_working_day(day, ground.calendar.days_off, ground.calendar.working_swaps)


def _proposal(ground: Ground, answers: Answers, typed: Mapping[str, str]) -> dict[str, str]:
    """The days that follow from the day of the decision and the tier's appraisal days."""
    decided = read_day(request.args.get("quyet-dinh", ""))
    award = ground.award
    if decided is None:
        answers.blame("quyet-dinh", _("Gõ theo ngày/tháng/năm, ví dụ 14/02/2023."))
        return {}
    if award is None or award.appraisal is None:
        answers.blame(
            "award", _("Chọn một hình thức để tính lùi: mỗi cấp có số ngày thẩm định riêng.")
        )
        return {}
    calendar = ground.calendar
    days = derived_milestones(award.appraisal, decided, calendar.days_off, calendar.working_swaps)
    found = {state.value: day_text(day) for state, day in days.items()}
    return dict(typed) | found | {"rule": DayRule.COUNTED_BACK.value}


def _page(ground: Ground, typed: Mapping[str, str], answers: Answers) -> form_pages.FormPage:
    return form_pages.FormPage(
        title=_("Đổi mốc: {label}", label=ground.cycle.label),
        sub=ground.programme.title,
        crumbs=_crumbs(ground),
        typed=typed,
        errors=answers.faults,
    )


def _show_form(ground: Ground, page: form_pages.FormPage) -> ResponseReturnValue:
    decided = deadline_of(ground.programme, ground.here, State.DECIDED)
    proposed = page.value("rule") == DayRule.COUNTED_BACK
    awards = [one for one in ground.programme.awards if ground.cycle.kind in one.cycles]
    return form_pages.show(
        "milestones/form.html",
        page,
        row=milestone_words.tier_row(ground.programme, ground.cycle, ground.terms, ground.award),
        columns=_columns(),
        fields=[{"name": name, "label": labels.MILESTONE[state]} for name, state in FIELDS.items()],
        awards=[{"value": one.id, "label": one.short} for one in awards],
        rules=[{"value": key.value, "label": text} for key, text in labels_time.DAY_RULE.items()],
        appraisal=[milestone_words.appraisal_words(one) for one in awards if one.appraisal],
        proposed=milestone_words.appraisal_words(ground.award) if proposed else "",
        decided=page.value("quyet-dinh")
        or (day_text(office_day(decided.instant)) if decided else ""),
        warnings=[labels_time.missing_year(year) for year in ground.empty_years],
        closing=f"{ground.programme.closing_time:%H:%M}",
        cycle_id=ground.cycle.id,
        of=side_by_side.address(ground.programme),
        latest=ground.latest,
    )


def _home(ground: Ground) -> str:
    return url_for("milestones.show", **side_by_side.address(ground.programme))


def _columns() -> list[dict[str, Any]]:
    states = [
        {"key": state.value, "label": labels.MILESTONE[state]} for state in milestone_words.STATES
    ]
    return [{"key": "tier", "label": _("Hình thức"), "head": True}, *states]


def _crumbs(ground: Ground) -> list[dict[str, str]]:
    return [
        {"label": TITLE, "url": _home(ground)},
        {"label": ground.cycle.label, "url": ground.address},
        {"label": _("Đổi mốc"), "url": ""},
    ]


def _tier(ground: Ground) -> str:
    return ground.award.short if ground.award else formats.lower_first(milestone_words.ALL_TIERS)


def _scope(ground: Ground) -> str:
    return _("{label}, {tier}", label=formats.lower_first(ground.cycle.label), tier=_tier(ground))
