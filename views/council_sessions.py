"""Hội đồng: the sessions a reader has to do with, and how the secretary prepares and leads one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models import access, council_agenda, council_sessions
from models.council_agenda import Candidate, candidates
from models.council_changes import Ask
from models.council_paper import waiting_papers
from models.council_reading import LISTED, SessionLine, sessions_for
from models.rulebooks import rulebooks_in_force
from models.stepping import in_transaction
from views import (
    council_desk,
    desk,
    exporting,
    form_pages,
    formats,
    labels,
    labels_council,
    sheets_of_season,
    side_by_side,
    steps,
)
from views.council_desk import Seen
from views.formats import _, joined
from views.forms import Answers, Fault, clean, day_text
from workflow.ports import Repeated
from workflow.programme import Programme
from workflow.verdicts import Refusal
from workflow.vocabulary import Attendance, Post, SessionState, UnitKind, VoteMethod
from workflow.words import phrase
from workflow.working_days import closing_instant

pages = Blueprint("council_sessions", __name__)

TITLE = phrase("Hội đồng")


@pages.get("/hoi-dong")
def index() -> ResponseReturnValue:
    """Sessions, those that wait first."""
    with desk.reading() as db:
        wanted = side_by_side.choice(db)
        lines = [
            one
            for one in sessions_for(db, desk.me().person_id, desk.today(), _most())
            if wanted.keeps(one.session.programme_id, {one.session.cycle_id})
        ]
    if exporting.asked():
        return exporting.hand_out(_("Phiên họp"), sheets_of_season.sessions(lines))
    return form_pages.show(
        "council/index.html",
        form_pages.FormPage(title=TITLE),
        rows=[_line(one) for one in lines],
        filters=wanted.fields(),
        narrows=wanted.narrows,
        may_convene=access.council_secretary(desk.me()),
    )


@pages.get("/hoi-dong/moi")
def new() -> ResponseReturnValue:
    """The form for a new session."""
    return _form(form_pages.FormPage(title=_("Lập phiên họp"), typed=request.args.to_dict()))


@pages.post("/hoi-dong/moi")
def convene() -> ResponseReturnValue:
    """Prepare a session."""
    answers = Answers(request.form, desk.today())
    wanted = _arrangement(answers)
    units = {str(held.unit_id): held for held in _units_led()}
    unit = units.get(request.form.get("unit", ""))
    with desk.reading() as db:
        chosen = side_by_side.read_cycle(db, request.form.get("cycle", ""))
    if unit is None:
        answers.blame("unit", _("Chọn Hội đồng của đơn vị bạn làm Thư ký."))
    if chosen is None:
        answers.blame("cycle", _("Chọn đợt xét."))
    if answers.faults or wanted is None or unit is None or chosen is None:
        page = form_pages.FormPage(
            title=_("Lập phiên họp"), typed=request.form.to_dict(), errors=answers.faults
        )
        return _form(page)
    ask = Ask("", desk.me().person_id, 0, steps.key_from_form())
    unit_id, programme, cycle = unit.unit_id, *chosen
    try:
        code = in_transaction(
            desk.desk().database,
            lambda db: council_sessions.convene(
                db, unit_id, cycle.id, wanted, ask, desk.now(), programme_id=programme.id
            ),
        )
    except Repeated:
        return redirect(url_for("council_sessions.index"), 303)
    flash(
        _(
            "Đã lập phiên {code} lúc {now}. Thêm hồ sơ vào chương trình.",
            code=code,
            now=formats.moment(desk.now()),
        ),
        "ok",
    )
    return council_desk.to_session(code)


@pages.get("/hoi-dong/<code>")
def show(code: str) -> ResponseReturnValue:
    """One session: members, agenda, and what this reader can do now."""
    return _show(code)


@pages.post("/hoi-dong/<code>/sap-xep")
def arrange(code: str) -> ResponseReturnValue:
    """Set place, time and closing anew."""
    answers = Answers(request.form, desk.today())
    wanted = _arrangement(answers)
    if wanted is None:
        council_desk.only_secretary(code)
        return _show(code, answers.faults)
    return _change(
        code,
        lambda db, ask: council_sessions.rearrange(db, ask, wanted, desk.now()),
        _("Đã sửa phiên họp"),
    )


@pages.post("/hoi-dong/<code>/chuong-trinh")
def agenda(code: str) -> ResponseReturnValue:
    """Add the ticked dossiers, move one, or take one off."""
    now = desk.now()
    up, down = request.form.get("len"), request.form.get("xuong")
    moved = up or down
    if moved:
        by = -1 if up else 1
        return _change(
            code,
            lambda db, ask: council_agenda.move_on_agenda(db, ask, moved, by, now),
            _("Đã sắp lại chương trình"),
        )
    off = request.form.get("bo")
    if off:
        reason = council_desk.reason_from_form()
        return _change(
            code,
            lambda db, ask: council_agenda.take_off_agenda(db, ask, off, reason, now),
            _("Đã đưa {off} khỏi chương trình", off=off),
        )
    chosen = request.form.getlist("them")
    if not chosen:
        council_desk.only_secretary(code)
        text = Fault("them", _("Chọn ít nhất một hồ sơ để thêm."))
        return _show(code, [text])
    return _change(
        code,
        lambda db, ask: council_agenda.add_to_agenda(db, ask, chosen, now),
        _("Đã thêm {count} hồ sơ", count=len(chosen)),
    )


@pages.post("/hoi-dong/<code>/du-hop")
def presence(code: str) -> ResponseReturnValue:
    """Note who is there."""
    seen = council_desk.opened(code)
    noted = []
    for seat in seen.sitting.members:
        given = request.form.get(f"seat-{seat.id}", "")
        noted.append(
            council_sessions.Presence(
                seat.id,
                labels_council.GIVEN.get(given),
                clean(request.form.get(f"why-{seat.id}", ""))[:500],
                clean(request.form.get(f"opinion-{seat.id}", ""))[:2000],
            )
        )
    return _change(
        code,
        lambda db, ask: council_sessions.note_presence(db, ask, noted, desk.now()),
        _("Đã ghi dự họp"),
    )


@pages.post("/hoi-dong/<code>/mo")
def open_ballot(code: str) -> ResponseReturnValue:
    """Let members vote."""
    return _change(
        code,
        lambda db, ask: council_sessions.open_ballot(db, ask, desk.now()),
        _("Đã mở bỏ phiếu"),
    )


@pages.post("/hoi-dong/<code>/dong")
def close_ballot(code: str) -> ResponseReturnValue:
    """Take no more votes."""
    return _change(
        code,
        lambda db, ask: council_sessions.close_ballot(db, ask, desk.now()),
        _("Đã đóng bỏ phiếu"),
    )


@pages.post("/hoi-dong/<code>/huy")
def cancel(code: str) -> ResponseReturnValue:
    """Give the session up."""
    reason = council_desk.reason_from_form()
    return _change(
        code,
        lambda db, ask: council_sessions.cancel(db, ask, reason, desk.now()),
        _("Đã hủy phiên"),
    )


def _change(
    code: str, work: Callable[[Session, Ask], tuple[Refusal, ...]], done: str
) -> ResponseReturnValue:
    council_desk.only_secretary(code)
    refused, onward = council_desk.change(code, work, done)
    return _show(code, council_desk.problems(refused)) if refused else onward


def _show(code: str, faults: Sequence[form_pages.Problem] = ()) -> ResponseReturnValue:
    with desk.reading() as db:
        seen = council_desk.look(db, code)
        preparing = seen.leads and seen.sitting.state is SessionState.PREPARING
        found = candidates(db, seen.row, desk.me().person_id, desk.now()) if preparing else []
        papers = waiting_papers(db, seen.row.id) if seen.leads else 0
    sitting = seen.sitting
    page = council_desk.page_of(seen, _("Phiên {code}", code=sitting.code), faults, below=False)
    return form_pages.show(
        "council/session.html",
        page,
        seen=seen,
        stage=council_desk.stage_words(sitting.state),
        summary=council_desk.summary(seen),
        policy_note=sitting.settings.note,
        items=[_item(seen, item.code) for item in sitting.items],
        seats=[_seat(seat) for seat in sitting.seats],
        ready=[_candidate(one) for one in found if one.admission.allowed],
        refused=[_candidate(one) for one in found if not one.admission.allowed],
        attendance=[
            ("", _("Chưa ghi")),
            *((one.value, labels_council.ATTENDANCE[one]) for one in Attendance),
        ],
        methods=labels.options(labels.VOTE, VoteMethod),
        held_day=day_text(sitting.held_on),
        held_time=formats.clock(sitting.held_at),
        closes_day=formats.day(sitting.closes_at),
        closes_time=formats.clock(sitting.closes_at),
        papers_waiting=papers,
        can_close_early=all(
            seat.sent or seat.attendance is Attendance.ABSENT for seat in sitting.members
        ),
        past=desk.now() > sitting.closes_at,
    )


def _item(seen: Seen, code: str) -> dict[str, Any]:
    item = next(one for one in seen.sitting.items if one.code == code)
    return {
        "code": code,
        "name": item.subject_name,
        "kind": labels.SUBJECT[item.subject_kind],
        "unit": item.unit_name,
        "url": url_for("dossiers.show", code=code),
    }


def _seat(seat: Any) -> dict[str, Any]:  # noqa: ANN401 - a seat of the law
    return {
        "id": seat.id,
        "name": seat.name,
        "position": seat.position,
        "role": labels.POST[seat.role],
        "votes": seat.votes,
        "sent": seat.sent,
        "attendance": seat.attendance.value if seat.attendance else "",
        "attendance_text": labels_council.ATTENDANCE[seat.attendance]
        if seat.attendance
        else _("Chưa ghi"),
        "why": seat.absence_reason,
        "opinion": seat.opinion,
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "code": one.dossier.code,
        "name": one.dossier.subject_name,
        "kind": labels.SUBJECT[one.dossier.subject_kind],
        "url": url_for("dossiers.show", code=one.dossier.code),
        "reasons": [
            {
                "title": result.title,
                "text": joined(
                    (formats.sentence(piece.text) for piece in result.finding.evidence), " "
                ),
                "clause": labels.clause_text(result.clause),
                "href": labels.clause_url(result.clause),
            }
            for result in one.admission.judgement.blocking
        ]
        + [
            {"title": form_pages.told(refusal)["text"], "text": "", "clause": "", "href": ""}
            for refusal in one.admission.refusals
        ],
    }


def _most() -> int | None:
    """How many sessions are listed: on a page the nearest, in a workbook all."""
    return None if exporting.asked() else LISTED


def _line(one: SessionLine) -> dict[str, Any]:
    row = one.session
    own = row.state is SessionState.OPEN and one.mine and not one.sent_by_me
    return {
        "code": row.code,
        "url": url_for("council_sessions.show", code=row.code),
        "ballot_url": url_for("council_ballot.show", code=row.code) if own else "",
        "unit": one.unit,
        "kind": labels_council.KIND[row.kind],
        "held": formats.moment(row.held_at),
        "closes": formats.moment(row.closes_at),
        "dossiers": one.dossiers,
        "sent": _("{sent}/{members} đã gửi phiếu", sent=one.sent, members=one.members),
        "stage": council_desk.stage_words(row.state),
    }


def _units_led() -> list[Any]:
    return [held for held in desk.me().posts if held.post is Post.COUNCIL_SECRETARY]


def _form(page: form_pages.FormPage) -> ResponseReturnValue:
    units = _units_led()
    with desk.reading() as db:
        programmes = [one.programme for one in rulebooks_in_force(db)]
    page.crumbs = [
        {"label": TITLE, "url": url_for("council_sessions.index")},
        {"label": page.title, "url": ""},
    ]
    province = any(held.unit_kind is UnitKind.PROVINCE for held in units)
    return form_pages.show(
        "council/new.html",
        page,
        units=[{"value": held.unit_id, "label": held.unit_name} for held in units],
        cycles=[
            side_by_side.cycle_option(programme, one)
            for programme in programmes
            for one in _cycles(programme, ranking=province)
        ],
        methods=labels.options(labels.VOTE, VoteMethod),
    )


def _cycles(programme: Programme, *, ranking: bool) -> list[Any]:
    """Cycles of this year and the last; for the province only those that are ranked."""
    year = desk.today().year
    ranked = {kind for award in programme.awards for kind in award.provincial_ranking}
    return [
        one
        for one in programme.cycles
        if one.year in {year, year - 1} and (not ranking or one.kind in ranked)
    ]


def _arrangement(answers: Answers) -> council_sessions.Arrangement | None:
    place = answers.text("place", _("Ghi địa điểm họp."))
    held = _instant(answers, "held", _("họp"))
    closes = _instant(answers, "closes", _("hết hạn bỏ phiếu"))
    method = answers.choice("method", VoteMethod, _("Chọn cách biểu quyết."))
    if answers.faults or held is None or closes is None or method is None:
        return None
    return council_sessions.Arrangement(place, held, closes, method)


def _instant(answers: Answers, name: str, what: str) -> datetime | None:
    day = answers.day(f"{name}_day", _("Ghi ngày {what}.", what=what))
    typed = clean(answers.raw(f"{name}_time")).replace("h", ":").replace(".", ":")
    try:
        hour, _colon, minute = typed.partition(":")
        at = time(int(hour), int(minute or 0))
    except ValueError:
        answers.blame(f"{name}_time", _("Ghi giờ, ví dụ 14:30."))
        return None
    return closing_instant(day, at) if day else None
