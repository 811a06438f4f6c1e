"""Sao lưu: the last copies, whether the newest is good and young enough; letters that rest."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from config.clock import real_now
from models import access, restorations
from models.backup import book
from models.restorations import Answer, InDoubt
from models.tables import BackupRun, Restoration
from views import desk, formats
from views.formats import _

pages = Blueprint("backups", __name__)

MOST: Final = 20
MOST_LETTERS: Final = 500


@pages.get("/quan-tri/sao-luu")
def index() -> ResponseReturnValue:
    """The last attempts, what is wrong, and letters that wait for an answer."""
    wanted = desk.settings().copies
    with desk.reading() as db:
        runs = [_row(one) for one in book.latest(db, MOST)]
        found = book.state(db)
        rest = restorations.resting(db)
        letters = _resting(db, rest) if rest else None
    return render_template(
        "backups/index.html",
        runs=runs,
        good=_row(found.good) if found.good else None,
        old=found.is_old(real_now(), wanted.oldest),
        warnings=warnings(),
        nightly=f"{wanted.at:%H:%M}" if wanted.folder else "",
        folder=wanted.folder,
        keep=wanted.keep,
        hours=round(wanted.oldest.total_seconds() / 3600),
        rest=letters,
        may_answer=access.administrator(desk.me()),
    )


@pages.post("/quan-tri/sao-luu/gui-thu")
def resume() -> ResponseReturnValue:
    """Say which of the letters in doubt had left; the others leave, and sending goes on."""
    chosen = {int(one) for one in request.form.getlist("thu") if one.isdecimal() and len(one) < 19}  # noqa: PLR2004 - what a key of a row can be
    told = request.form.get("answer", "")
    if told not in set(Answer) or (told == Answer.CHOSEN and not chosen):
        flash(_("Chọn một câu trả lời; nếu chọn từng thư thì đánh dấu ít nhất một thư."), "warn")
        return redirect(url_for("backups.index") + "#thu", 303)
    try:
        with desk.writing() as db:
            done = restorations.resume(db, Answer(told), chosen, desk.me().person_id, desk.now())
    except restorations.NotPaused:
        flash(_("Thư không còn dừng: đã có người trả lời trước."), "warn")
    except restorations.NotPlanned:
        flash(_not_planned(), "warn")
    else:
        flash(
            _(
                "Thư gửi trở lại: gửi {sent} thư, coi như đã gửi {dropped} thư.",
                sent=done.sent_again,
                dropped=done.dropped,
            ),
            "ok",
        )
    return redirect(url_for("backups.index"), 303)


def warnings() -> list[str]:
    """What an administrator should know about copies, in sentences; empty when all is well."""
    wanted = desk.settings().copies
    with desk.reading() as db:
        found, rests = book.state(db), restorations.is_resting(db)
    told = []
    if rests:
        told.append(_("Thư đang dừng gửi sau khi khôi phục; trả lời thư nào đã gửi trước đó."))
    if wanted.folder is None:
        told.append(_("Chưa đặt nơi sao lưu hằng đêm (BACKUP_DIR)."))
    if found.good is None:
        told.append(_("Chưa có bản sao lưu tốt nào."))
    elif found.is_old(real_now(), wanted.oldest):
        told.append(
            _(
                "Bản sao lưu tốt gần nhất làm lúc {at}, cũ hơn {hours} giờ.",
                at=formats.stamp(found.good.started_at),
                hours=round(wanted.oldest.total_seconds() / 3600),
            )
        )
    if found.has_failed and found.last is not None:
        told.append(_("Lần sao lưu lúc {at} không tốt.", at=formats.stamp(found.last.started_at)))
    return told


def _resting(db: Session, rest: Restoration) -> dict[str, Any]:
    total = restorations.count_in_doubt(db, rest)
    return {
        "restored_at": formats.stamp(rest.restored_at),
        "made_at": formats.stamp(rest.copy_made_at),
        "planned": restorations.is_planned(db, rest),
        "not_planned": _not_planned(),
        "total": total,
        "more": max(0, total - MOST_LETTERS),
        "letters": [_letter(one) for one in restorations.in_doubt(db, rest, MOST_LETTERS)],
    }


def _letter(one: InDoubt) -> dict[str, Any]:
    return {
        "id": one.id,
        "what": _("{title}: {code}", title=one.title, code=one.code) if one.code else one.title,
        "to": one.recipient or one.address,
        "due": formats.stamp(one.due_at),
        "message_id": one.message_id,
    }


def _not_planned() -> str:
    return _(
        "Chưa xếp xong thư nhắc của quãng từ khi sao lưu. Chờ máy hẹn giờ chạy một lượt "
        "rồi mở lại trang này."
    )


def _row(run: BackupRun) -> dict[str, Any]:
    tone, icon, word = _status(run)
    return {
        "at": formats.stamp(run.started_at),
        "tone": tone,
        "icon": icon,
        "status": word,
        "faults": [run.error] if run.error else run.faults,
        "rows": formats.number(run.copied_rows) if run.copy_id else "",
        "files": formats.number(run.files) if run.copy_id else "",
        "size": formats.size(run.file_bytes) if run.copy_id else "",
        "place": run.place if run.copy_id else "",
        "checkpoint": run.checkpoint,
        "verified": formats.stamp(run.verified_at) if run.verified_at else "",
    }


def _status(run: BackupRun) -> tuple[str, str, str]:
    if run.ended_at is None:
        return "", "wait", _("Đang làm")
    if run.error:
        return "bad", "alert", _("Không làm được")
    if run.faults:
        return "bad", "alert", _("Có lỗi khi soát")
    if run.verified_at is None:
        return "warn", "wait", _("Chưa soát")
    return "ok", "ok", _("Tốt")
