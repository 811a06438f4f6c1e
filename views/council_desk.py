"""What every page of a session has at hand: the session for this reader, how it is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.council_changes import Ask
from models.council_reading import is_secretary, session_row, sitting_of
from models.rulebooks import rulebook_in_force
from models.stepping import in_transaction
from models.tables import CouncilSession
from views import (
    desk,
    errors,
    form_pages,
    formats,
    labels,
    labels_council,
    speaking,
    steps,
)
from views.formats import _
from views.forms import Fault, clean, read_id
from workflow.councils.sitting import Seat, Sitting
from workflow.ports import Repeated, Stale
from workflow.programme import Programme
from workflow.verdicts import Refusal
from workflow.vocabulary import LIVE_SESSIONS, SessionKind, SessionState
from workflow.words import phrase

UNPROCESSABLE = 422
CLOSED_YET = dict.fromkeys(
    (SessionState.PREPARING, SessionState.OPEN),
    phrase(" Kết quả chung chỉ mở sau khi Thư ký đóng bỏ phiếu."),
)
"""What is said of the results while nobody sees any."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as this reader sees it."""

    row: CouncilSession
    sitting: Sitting
    programme: Programme
    seat: Seat | None
    leads: bool
    """Is the reader its secretary?"""

    @property
    def votes(self) -> bool:
        """Does the reader vote in it?"""
        return self.seat is not None and self.seat.votes

    @property
    def live(self) -> bool:
        """Is it not over yet?"""
        return self.sitting.state in LIVE_SESSIONS


def look(db: Session, code: str) -> Seen:
    """The session for this reader. Raises `NotFound`, for foreign ones too."""
    me = desk.me().person_id
    row = session_row(db, code, me, desk.today())
    sitting = sitting_of(db, row)
    programme = rulebook_in_force(db, row.programme_id).programme
    speaking.speak_of(programme)
    leads = is_secretary(db, row.unit_id, me, desk.today())
    return Seen(row, sitting, programme, sitting.seat_of(me), leads)


def opened(code: str) -> Seen:
    """The session in a transaction of its own."""
    with desk.reading() as db:
        return look(db, code)


def only_secretary(code: str) -> None:
    """Refuse everybody else (403); faults of a form, too, are told to whom the form is for."""
    if not opened(code).leads:
        abort(403)


def ask_from_form(code: str) -> Ask:
    """Who asks, at which version, with which key; a form without them is none of ours."""
    command = read_id(request.form.get("version", "")) or 0
    return Ask(code, desk.me().person_id, command, steps.key_from_form())


def change(
    code: str, work: Callable[[Session, Ask], tuple[Refusal, ...]], done: str
) -> tuple[tuple[Refusal, ...], ResponseReturnValue]:
    """Carry a change out in one transaction: what was refused, and else where to go on."""
    ask = ask_from_form(code)
    try:
        refused = in_transaction(desk.desk().database, lambda db: work(db, ask))
    except Repeated:
        flash(_("Thao tác này đã được ghi từ lần gửi trước."))
        return (), to_session(code)
    except Stale as stale:
        return (), overtaken(stale)
    if not refused:
        flash(_("{done} lúc {now}.", done=done, now=formats.moment(desk.now())), "ok")
    return refused, to_session(code)


def overtaken(stale: Stale) -> ResponseReturnValue:
    """The session changed since the page was shown: by whom, and what was typed is given back."""
    told = {
        "heading": _("Phiên họp vừa thay đổi"),
        "noun": _("Phiên họp"),
        "url": url_for("council_sessions.show", code=stale.code),
    }
    if stale.at is not None:
        told |= {
            "by": stale.by,
            "role": _("Hội đồng"),
            "what": _("thay đổi phiên họp"),
            "at_text": formats.moment(stale.at),
        }
    return errors.conflict(told, errors.stale_facts(stale, ""))


def to_session(code: str) -> ResponseReturnValue:
    """Back to the session's page."""
    return redirect(url_for("council_sessions.show", code=code), 303)


def problems(refused: Iterable[Refusal]) -> list[Fault]:
    """Refusals as a list for the head of a page: why, and what to do."""
    told = [form_pages.told(one) for one in refused]
    return [
        Fault("", _("{text} {remedy}", text=one["text"], remedy=one["remedy"]).strip())
        for one in told
    ]


def page_of(
    seen: Seen, title: str, faults: Sequence[form_pages.Problem] = (), *, below: bool = True
) -> form_pages.FormPage:
    """The head of one page of a session."""
    sitting = seen.sitting
    here = url_for("council_sessions.show", code=sitting.code)
    name = _("Phiên {held_on}", held_on=formats.day(sitting.held_on))
    crumbs = [
        {"label": _("Hội đồng"), "url": url_for("council_sessions.index")},
        {"label": name, "url": here},
    ]
    if below:
        crumbs.append({"label": title, "url": ""})
    cycle = seen.programme.cycle_by_id.get(seen.row.cycle_id)
    return form_pages.FormPage(
        title=title,
        code=sitting.code,
        version=sitting.version,
        crumbs=crumbs,
        eyebrow=_(
            "{council_name} · {label}",
            council_name=council_name(sitting),
            label=cycle.label if cycle else "",
        ),
        sub=_(
            "{count} hồ sơ.{get}", count=len(sitting.items), get=CLOSED_YET.get(sitting.state, "")
        ),
        url=here,
        typed=request.form.to_dict(),
        errors=list(faults),
    )


def council_name(sitting: Sitting) -> str:
    """Hội đồng TĐKT UBND huyện Quản Bạ."""
    if sitting.kind is SessionKind.PROVINCIAL_RANKING:
        return _("Hội đồng Thi đua - Khen thưởng tỉnh")
    return _("Hội đồng TĐKT {unit_name}", unit_name=sitting.unit_name)


def summary(seen: Seen) -> list[tuple[str, ...]]:
    """What, when, where, until when, and by which rules, as pairs."""
    sitting, table = seen.sitting, seen.sitting.settings
    share, whole = table.quorum
    percent = formats.decimal(table.approval_percent).removesuffix(",00")
    sent = sum(seat.sent for seat in sitting.members)
    return [
        (_("Việc"), labels_council.KIND[sitting.kind]),
        (_("Họp lúc"), formats.moment(sitting.held_at)),
        (_("Địa điểm"), seen.row.place),
        (_("Hạn bỏ phiếu"), formats.moment(sitting.closes_at)),
        (_("Cách biểu quyết"), labels.VOTE[sitting.method]),
        (_("Đã gửi phiếu"), _("{sent}/{count} ủy viên", sent=sent, count=len(sitting.members))),
        (
            _("Họp hợp lệ"),
            _("ít nhất {share}/{count} thành viên, làm tròn lên", share=share, count=whole),
        ),
        (_("Thông qua"), _("ít nhất {percent}% tổng số thành viên, làm tròn lên", percent=percent)),
    ]


def reason_from_form() -> str:
    """The reason typed beside a button, at most 500 signs."""
    return clean(request.form.get("reason", ""))[:500]


def stage_words(state: SessionState) -> dict[str, Any]:
    """The tag of a stage."""
    flag = labels_council.STATE[state]
    return {"tone": flag.tone, "icon": flag.icon, "text": flag.text}
