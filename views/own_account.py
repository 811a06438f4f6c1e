"""Tài khoản của tôi: what one signs in with, where one is signed in, what happened lately."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models import factors, own_mail, own_sessions
from models.tables import HistoryLine, UserSession
from views import audit_words, desk, formats
from views.formats import _
from views.forms import clean
from views.proving import freshly
from workflow.words import phrase

pages = Blueprint("own_account", __name__)

_BROWSERS: Final = (
    ("Edg", "Edge"), ("CocCoc", "Cốc Cốc"), ("coc_coc", "Cốc Cốc"), ("OPR", "Opera"),
    ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
UNKNOWN: Final = phrase("Thiết bị không rõ")


@pages.get("/tai-khoan")
def show() -> ResponseReturnValue:
    """Sessions of the reader, the state of the second factor, and the last acts of the account."""
    me, limits = desk.me().person_id, desk.sign_in_policy().sessions
    with desk.reading() as db:
        found = own_sessions.sessions_of(db, me, desk.session_now(), limits)
        acts = own_sessions.recent_acts(db, me)
        has = factors.factors_of(db, me)
    return render_template(
        "account/show.html",
        limits=limits,
        login=desk.standing().login,
        email=_address(),
        sessions=[_session(one) for one in found],
        acts=[_act(one) for one in acts],
        factor_since=formats.moment(has.codes_since) if has.codes_since else "",
        any_factor=has.any,
        left=has.recovery_left,
    )


@pages.get("/tai-khoan/thu")
def mail() -> ResponseReturnValue:
    """Show where letters go."""
    return render_template("account/mail.html", errors=[], email=_address())


@pages.post("/tai-khoan/thu")
@freshly
def change_mail() -> ResponseReturnValue:
    """Send letters elsewhere from now on; both addresses hear of it."""
    typed = clean(request.form.get("email", ""))
    fault = ""
    try:
        wanted = own_mail.check_address(typed)
        with desk.writing() as db:
            if not own_mail.change_address(db, desk.me().person_id, wanted, desk.when()):
                fault = _("Địa chỉ này đã là của tài khoản khác.")
    except own_mail.AddressRefused as refused:
        fault = formats.told(refused.args[0])
    if fault:
        errors = [{"field": "email", "message": fault}]
        return render_template("account/mail.html", errors=errors, email=typed), 422
    flash(_("Đã đổi thư công vụ thành {email}.", email=wanted), "ok")
    return redirect(url_for("own_account.show"), 303)


def _address() -> str:
    with desk.reading() as db:
        return own_mail.address_of(db, desk.me().person_id)


@pages.post("/tai-khoan/phien/<int(max=2147483647):number>")
def end(number: int) -> ResponseReturnValue:
    """End one of the reader's own sessions; the one in use is ended by signing out."""
    if number == desk.standing().session_id:
        abort(404)
    with desk.writing() as db:
        done = own_sessions.end_one(db, desk.me().person_id, number, desk.when())
    if not done:
        abort(404)
    flash(_("Đã kết thúc phiên đó; máy ấy phải đăng nhập lại."), "ok")
    return redirect(url_for("own_account.show"), 303)


@pages.post("/tai-khoan/phien/khac")
def end_others() -> ResponseReturnValue:
    """End all of the reader's sessions but this one."""
    with desk.writing() as db:
        ended = own_sessions.end_all(
            db, desk.me().person_id, desk.when(), but=desk.standing().session_id
        )
    flash(_("Đã kết thúc {count} phiên khác.", count=ended), "ok")
    return redirect(url_for("own_account.show"), 303)


def device_words(agent: str) -> str:
    """Browser and system, as far as the browser says: Firefox trên Windows."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser and system:
        return _("{browser} trên {system}", browser=browser, system=system)
    return browser or system or UNKNOWN


def _session(one: UserSession) -> dict[str, Any]:
    return {
        "id": one.id,
        "device": device_words(one.user_agent),
        "address": one.address or _("không rõ"),
        "since": formats.stamp(one.created_at),
        "seen": formats.stamp(one.last_seen_at),
        "here": one.id == desk.standing().session_id,
        "waits": one.waits_since is not None,
    }


def _act(line: HistoryLine) -> dict[str, str]:
    by = "" if line.actor_id == desk.me().person_id else line.actor_name
    return {"what": audit_words.done(line.action), "at": formats.stamp(line.at), "by": by}
