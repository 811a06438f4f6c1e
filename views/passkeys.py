"""Khóa bảo mật: adding a passkey, proving oneself by one, giving one up. Needs a script."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from models import passkeys, signing_in
from models.sessions import waiting
from models.throttling import succeeded
from models.words_sign_in import FactorKind
from views import desk
from views.account import inside
from views.doorman import public
from views.formats import _
from views.forms import clean
from views.proving import LONGEST_ANSWER, door, freshly, site
from workflow.words import phrase

pages = Blueprint("passkeys", __name__)

UNFIT: Final = phrase("Khóa chưa được nhận. Thử lại, hoặc dùng khóa khác.")


@pages.post("/tai-khoan/xac-thuc/khoa")
@freshly
def begin() -> ResponseReturnValue:
    """Ask for a name and for the key; the question counts for the next answer only."""
    who = desk.standing()
    with desk.writing() as db:
        asked = passkeys.begin_adding(db, who.session_id, who.person_id, who.login, site())
    if asked is None:
        flash(_("Đã có {count} khóa; bỏ bớt rồi thêm.", count=passkeys.MOST), "warn")
        return redirect(url_for("second_factor.show"), 303)
    return render_template("account/add_passkey.html", asked=asked, errors=[])


@pages.post("/tai-khoan/xac-thuc/khoa/luu")
def add() -> ResponseReturnValue:
    """Keep the key; the first factor brings recovery codes, shown once."""
    who = desk.standing()
    name = clean(request.form.get("name", ""))[: passkeys.LONGEST_NAME] or _("Khóa bảo mật")
    answer = request.form.get("credential", "")[:LONGEST_ANSWER]
    with desk.writing() as db:
        done = passkeys.add(db, who.session_id, who.person_id, (name, answer), site(), desk.when())
    if done is None:
        flash(UNFIT, "warn")
        return redirect(url_for("second_factor.show"), 303)
    session["sid"], codes = done
    if codes:
        title = _("Đã bật xác thực hai bước")
        return render_template("account/recovery_codes.html", codes=codes, title=title)
    flash(_("Đã thêm khóa “{name}”. Các phiên khác đã kết thúc.", name=name), "ok")
    return redirect(url_for("second_factor.show"), 303)


@pages.post("/tai-khoan/xac-thuc/khoa/<int(max=2147483647):number>/bo")
@freshly
def remove(number: int) -> ResponseReturnValue:
    """Give a key up; every other session ends."""
    who = desk.standing()
    with desk.writing() as db:
        token = passkeys.remove(db, who.session_id, who.person_id, number, desk.when())
    if token is None:
        abort(404)
    session["sid"] = token
    flash(_("Đã bỏ khóa. Các phiên khác đã kết thúc."), "ok")
    return redirect(url_for("second_factor.show"), 303)


@pages.post("/dang-nhap/buoc-hai/khoa")
@public
def ask() -> ResponseReturnValue:
    """Ask the keys of whoever's password just fitted."""
    with desk.writing() as db:
        policy = desk.sign_in_policy()
        found = waiting(db, session.get("waiting", ""), policy, desk.session_now())
        asked = (
            passkeys.begin_proving(db, found.session_id, found.person_id, site())
            if found is not None
            else None
        )
    if asked is None:
        return redirect(url_for("account.second_step", next=request.args.get("next")), 303)
    return render_template("account/use_passkey.html", asked=asked)


@pages.post("/dang-nhap/buoc-hai/khoa/kiem-tra")
@public
def prove() -> ResponseReturnValue:
    """Judge what the key signed; on success the session opens under a new id."""
    answer = request.form.get("credential", "")[:LONGEST_ANSWER]
    here, when = door(), desk.when()
    entered = None
    with desk.writing() as db:
        found = waiting(db, session.get("waiting", ""), here.policy, here.now)
        guess = (
            signing_in.begin_factor_try(db, found.person_id, found.login, here) if found else None
        )
        if found is not None and guess is not None:
            if passkeys.fits(db, found.session_id, found.person_id, answer, site(), when):
                succeeded(db, guess)
                entered = signing_in.finish(db, found, FactorKind.PASSKEY, here)
            else:
                signing_in.note_refused(db, found.person_id, "passkey", here)
    if found is not None and guess is None:
        return render_template("errors/429.html", retry_text=_("sau 1 phút")), 429
    if entered is None:
        flash(UNFIT, "warn")
        return redirect(url_for("account.second_step", next=request.args.get("next")), 303)
    return inside(entered)
