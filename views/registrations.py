"""Registering with the direct superior, and the superior's answer (IV.1.a)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.deadlines import milestones_of
from models.form_queries import (
    Candidate,
    RegistrationLine,
    candidates,
    registration_counts,
    registration_line,
    registration_lines,
)
from models.queries_holders import holders_around
from models.registration_book import (
    SqlRegistrationBook,
    decline,
    look_at_registration,
    places_around,
    withdraw_registration,
)
from models.registrations import Wish, send_registration
from models.rulebooks import rulebooks_in_force
from views import (
    citing,
    desk,
    errors,
    exporting,
    form_pages,
    formats,
    labels,
    labels_time,
    presenting,
    sheets_of_work,
    side_by_side,
    speaking,
    steps,
)
from views.formats import _, joined
from views.forms import Answers, clean, day_text
from views.milestone_words import SetAnew, registration_deadline
from workflow.decisions import Judgement, judge
from workflow.facts import Command
from workflow.ports import Opened, Stale
from workflow.programme import Cycle, Programme
from workflow.verdicts import Refusal
from workflow.vocabulary import Action, RegistrationStatus, Role
from workflow.words import phrase

pages = Blueprint("registrations", __name__)

TITLE = phrase("Đăng ký thi đua")
NEW = phrase("Đăng ký thi đua với cấp trên")
MOST = 200
"""So many stand on the page; the workbook has them all."""
SENDERS = (Role.CLERK, Role.UNIT_HEAD)
NO_REASON = phrase("Ghi lý do bằng một câu; đơn vị xem được lý do này.")


@pages.get("/dang-ky")
def index() -> ResponseReturnValue:
    """All registrations the reader sees: those waiting first."""
    with desk.reading() as db:
        most = None if exporting.asked() else MOST
        lines = registration_lines(db, desk.me().person_id, desk.today(), most)
        counts = registration_counts(db, desk.me().person_id, desk.today())
        may_send = bool(candidates(db, desk.me().person_id, desk.today()))
    if exporting.asked():
        return exporting.hand_out(_("Đăng ký"), sheets_of_work.registrations(lines))
    page = form_pages.FormPage(title=TITLE)
    rows = [_row(line) for line in lines]
    programme = citing.in_force()
    return form_pages.show(
        "registrations/index.html",
        page,
        rows=rows,
        waiting=counts.get(True, 0),
        total=sum(counts.values()),
        may_send=may_send,
        cited=citing.Cited(programme.registration.clause) if programme else citing.Cited(),
    )


@pages.get("/dang-ky/moi")
def new() -> ResponseReturnValue:
    """Whom, and for which review."""
    return _show_new({"registered_on": day_text(desk.today())}, ())


@pages.post("/dang-ky/moi")
def send() -> ResponseReturnValue:
    """Send it to the direct superior."""
    me, now = desk.me().person_id, desk.now()
    answers = Answers(request.form, desk.today())
    with desk.reading() as db:
        chosen = side_by_side.read_cycle(db, request.form.get("cycle", ""))
        known = {one.value: one for one in candidates(db, me, desk.today())}
    subject = answers.one_of("subject", known, _("Chọn tập thể hoặc cá nhân đăng ký."))
    if chosen is None:
        answers.blame("cycle", _("Chọn đợt."))
    day = answers.day(
        "registered_on", _("Ghi ngày ký bản đăng ký."), future=_("Ngày ký bản đăng ký")
    )
    number = answers.text("number", most=60)
    if answers.faults or chosen is None:
        return _show_new(request.form.to_dict(), answers.faults)
    one, (programme, cycle) = known[subject], chosen
    wish = Wish(cycle.id, one.unit_id, one.person_id, day, number, programme.id)
    with desk.writing() as db:
        sent = send_registration(db, wish, me, now)
    if isinstance(sent, Judgement):
        return _show_new(request.form.to_dict(), form_pages.problems(sent))
    flash(_("Đã gửi đăng ký {sent} lúc {now}.", sent=sent, now=formats.moment(now)), "ok")
    return redirect(url_for("registrations.show", code=sent), 303)


@pages.get("/dang-ky/<code>")
def show(code: str) -> ResponseReturnValue:
    """One registration, with its answer or the forms to give one."""
    return _show(code, {}, ())


@pages.post("/dang-ky/<code>")
def answer(code: str) -> ResponseReturnValue:
    """Acknowledge, decline or withdraw."""
    doing = request.form.get("do", "")
    if doing == "acknowledge":
        return _acknowledge(code)
    closing = {"decline": decline, "withdraw": withdraw_registration}.get(doing)
    answers = Answers(request.form, desk.today())
    reason = answers.text("reason", NO_REASON if doing == "decline" else "", most=2000)
    if closing is None or answers.faults:
        return _show(code, request.form.to_dict(), answers.faults)
    with desk.writing() as db:
        refusal = closing(db, code, desk.me().person_id, reason, desk.now())
    if refusal is not None:
        return _show(code, request.form.to_dict(), [_problem(refusal)])
    done = _("Không tiếp nhận") if doing == "decline" else _("Đã rút")
    flash(
        _(
            "{done} đăng ký {code}, ghi lúc {now}.",
            done=done,
            code=code,
            now=formats.moment(desk.now()),
        ),
        "ok",
    )
    return redirect(url_for("registrations.show", code=code), 303)


@pages.errorhandler(Stale)
def overtaken(error: Stale) -> ResponseReturnValue:
    """Somebody else has answered it, or the unit took it back."""
    with desk.reading() as db:
        line = registration_line(db, error.code, desk.me().person_id, desk.today())
    status = line.registration.status
    told: dict[str, Any] = {
        "noun": _("Đăng ký"),
        "url": url_for("registrations.show", code=error.code),
    }
    if error.at is not None and error.by:
        told |= {
            "by": error.by,
            "role": errors.role_words(error.role),
            "what": formats.lower_first(labels.REGISTRATION[status].text.removeprefix("Đã ")),
            "at_text": formats.moment(error.at),
        }
    return errors.conflict(told, errors.stale_facts(error, status.value))


def _acknowledge(code: str) -> ResponseReturnValue:
    comment, key = clean(request.form.get("reason", "")), steps.key_from_form()
    command = Command(code, desk.me().person_id, Action.REGISTER, 0, comment, key=key)
    verdict = steps.carry_out(command, SqlRegistrationBook)
    if isinstance(verdict, Judgement):
        return _show(code, request.form.to_dict(), form_pages.problems(verdict))
    flash(
        _("Đã tiếp nhận đăng ký {code} lúc {now}.", code=code, now=formats.moment(desk.now())), "ok"
    )
    return redirect(url_for("registrations.show", code=code), 303)


def _problem(refusal: Refusal) -> dict[str, str]:
    told = form_pages.told(refusal)
    field = "reason" if refusal.code == "COMMENT_MISSING" else ""
    return {
        "field": field,
        "message": _("{text} {remedy}", text=told["text"], remedy=told["remedy"]).strip(),
    }


def _show_new(typed: dict[str, str], problems: Any) -> ResponseReturnValue:  # noqa: ANN401
    with desk.reading() as db:
        programmes = [one.programme for one in rulebooks_in_force(db)]
        set_anew = milestones_of(db, {one.id for one in programmes})
        known = candidates(db, desk.me().person_id, desk.today())
    page = form_pages.FormPage(
        title=NEW,
        crumbs=[
            {"label": TITLE, "url": url_for("registrations.index")},
            {"label": _("Đăng ký mới"), "url": ""},
        ],
        sub=joined((one.short_title for one in programmes), " · "),
        typed=typed,
        errors=list(problems),
    )
    return form_pages.show(
        "registrations/new.html",
        page,
        subjects=[_choice(one) for one in known],
        cycles=[
            _cycle_choice(programme, cycle, set_anew)
            for programme in programmes
            for cycle in _offered(programme)
        ],
        cited=citing.Cited(programmes[0].registration.clause) if programmes else citing.Cited(),
        period_cited=citing.period(programmes[0]) if programmes else None,
    )


def _choice(one: Candidate) -> dict[str, str]:
    if one.person_id is None:
        return {"value": one.value, "label": _("Tập thể: {unit}", unit=one.unit)}
    post = _(", {position}", position=one.position) if one.position else ""
    return {
        "value": one.value,
        "label": _("Cá nhân: {person}{post} ({unit})", person=one.person, post=post, unit=one.unit),
    }


def _offered(programme: Programme) -> list[Cycle]:
    """Reviews of this year and later; when none is left, the last ones, so the law can say no."""
    year = desk.today().year
    coming = [cycle for cycle in programme.cycles if cycle.year >= year]
    return coming or [c for c in programme.cycles if c.year == programme.cycles[-1].year]


def _cycle_choice(programme: Programme, cycle: Cycle, set_anew: SetAnew) -> dict[str, str]:
    deadline = registration_deadline(programme, cycle.id, set_anew)
    closes = formats.moment(deadline.instant) if deadline else ""
    moved = (
        _(". {move_words}", move_words=labels_time.move_words(deadline.moves[-1]))
        if deadline and deadline.moves
        else ""
    )
    return {
        **side_by_side.cycle_option(programme, cycle),
        "hint": _(
            "Nhận đăng ký từ {registration_opens} đến {closes}{moved}",
            registration_opens=formats.day(cycle.registration_opens),
            closes=closes,
            moved=moved,
        ),
    }


def _row(line: RegistrationLine) -> dict[str, Any]:
    one = line.registration
    flag = labels.REGISTRATION[one.status]
    return {
        "code": one.code,
        "url": url_for("registrations.show", code=one.code),
        "subject": one.subject_name,
        "unit": line.unit,
        "superior": line.superior,
        "day": formats.day(one.registered_on),
        "tone": flag.tone,
        "icon": flag.icon,
        "status": flag.text,
        "dossier": line.dossier_code,
    }


def _show(code: str, typed: dict[str, str], problems: Any) -> ResponseReturnValue:  # noqa: ANN401
    me = desk.me().person_id
    with desk.reading() as db:
        line = registration_line(db, code, me, desk.today())
        seen = look_at_registration(db, code, me, desk.now())
        places = places_around(db, line.registration)
        holders = holders_around(db, (places,), desk.today())
    speaking.speak_of(seen.rulebook.programme)
    judgement = judge(seen.rulebook, Action.REGISTER, seen.facts, seen.actor, desk.now())
    programme = seen.rulebook.programme
    around = presenting.Surroundings(programme, seen.actor, places, holders, code)
    waiting = line.registration.status is RegistrationStatus.SENT
    page = form_pages.FormPage(
        title=line.registration.subject_name,
        code=code,
        crumbs=[
            {"label": TITLE, "url": url_for("registrations.index")},
            {"label": code, "url": ""},
        ],
        eyebrow=_("Đăng ký {kind_words} · {code}", kind_words=_kind_words(line), code=code),
        sub=programme.cycle_by_id[line.registration.cycle_id].label,
        url=url_for("registrations.show", code=code),
        facts=_facts(line, seen),
        typed=typed,
        errors=list(problems),
    )
    return form_pages.show(
        "registrations/show.html",
        page,
        flag=labels.REGISTRATION[line.registration.status],
        reason=line.registration.reason,
        dossier_code=line.dossier_code,
        may_answer=waiting and seen.actor.may_take((Role.SUPERIOR,), Action.REGISTER),
        may_withdraw=waiting and seen.actor.may_take(SENDERS, Action.REGISTER),
        who_can=presenting.names_of(Role.SUPERIOR, around) if waiting else "",
        results=presenting.for_reader(judgement, around) if waiting else [],
        checked_at_text=formats.recently(desk.now(), desk.today()),
    )


def _kind_words(line: RegistrationLine) -> str:
    return formats.lower_first(labels.SUBJECT[line.registration.subject_kind])


def _facts(line: RegistrationLine, seen: Opened) -> list[tuple[str, ...]]:
    one, subject = line.registration, seen.facts.subject
    told: list[tuple[str, ...]] = [
        (_("Đơn vị"), line.unit),
        (_("Cấp trên trực tiếp"), line.superior),
        (_("Số bản đăng ký"), one.number or _("không ghi")),
        (_("Ngày ký"), formats.day(one.registered_on)),
        (_("Người gửi"), line.sent_by),
        (_("Gửi lúc"), formats.stamp(one.sent_at)),
    ]
    if subject.position:
        told.insert(0, (_("Chức vụ"), subject.position))
    if one.acknowledged_at is not None:
        told.append(
            (
                _("Tiếp nhận"),
                _(
                    "{answered_by}, {acknowledged_at}",
                    answered_by=line.answered_by,
                    acknowledged_at=formats.stamp(one.acknowledged_at),
                ),
            )
        )
    return told
