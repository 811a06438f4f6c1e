"""One-time codes: asking for one, and setting a password by one. Open to everybody."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models import one_time_codes
from models.password_rules import check_password
from models.signing_in import LONGEST_LOGIN, SignInRefused
from views import desk, formats
from views.doorman import public
from views.formats import _
from views.forms import clean
from views.proving import door
from workflow.words import phrase

pages = Blueprint("account_codes", __name__)

LONGEST: Final = 40
WRONG: Final = phrase(
    "Tên đăng nhập hoặc mã không đúng, mã đã dùng hoặc đã hết hạn. Xin mã mới nếu cần."
)


@pages.get("/quen-mat-khau")
@public
def forgotten() -> ResponseReturnValue:
    """Show the form that asks for a code."""
    return render_template("account/forgotten.html", errors=[], login="")


@pages.post("/quen-mat-khau")
@public
def ask() -> ResponseReturnValue:
    """Take the request; the answer is the same whether there is such an account or not."""
    login = clean(request.form.get("login", ""))[:LONGEST_LOGIN]
    if not login:
        errors = [{"field": "login", "message": _("Gõ tên đăng nhập hoặc thư công vụ.")}]
        return render_template("account/forgotten.html", errors=errors, login=login), 422
    with desk.writing() as db:
        taken = one_time_codes.ask(db, login, door())
    if not taken:
        return render_template("errors/429.html", retry_text=_("sau 1 giờ")), 429
    flash(
        _(
            "Đã nhận yêu cầu. Nếu có tài khoản này và tài khoản có thư công vụ, mã được gửi trong "
            "vài phút và dùng được trong {count} phút.",
            count=desk.sign_in_policy().code_minutes,
        ),
        "ok",
    )
    return redirect(url_for("account_codes.show"), 303)


@pages.get("/ma-mot-lan")
@public
def show() -> ResponseReturnValue:
    """Show the form that takes a code and a new password."""
    return _form([], "", "")


@pages.post("/ma-mot-lan")
@public
def use() -> ResponseReturnValue:
    """Set the password; the second factor, where there is one, is still asked for."""
    login = clean(request.form.get("login", ""))[:LONGEST_LOGIN]
    code = clean(request.form.get("code", ""))[:LONGEST]
    new = request.form.get("new", "")
    errors = []
    if not login:
        errors.append({"field": "login", "message": _("Gõ tên đăng nhập có trong thư.")})
    if not code:
        errors.append({"field": "code", "message": _("Gõ mã có trong thư.")})
    if errors:
        return _form(errors, login, code), 422
    try:
        check_password(new, desk.sign_in_policy())
        refused = one_time_codes.use(desk.desk().database, (login, code), new, door())
    except ValueError as error:
        return _form([{"field": "new", "message": str(error)}], login, code), 422
    if refused is SignInRefused.TOO_MANY:
        return render_template("errors/429.html", retry_text=_("sau 1 phút")), 429
    if refused is not None:
        return _form([{"field": "code", "message": WRONG}], login, ""), 422
    flash(_("Đã đặt mật khẩu lúc {now}. Đăng nhập bằng mật khẩu mới.",
            now=formats.clock(desk.now())), "ok")  # fmt: skip
    return redirect(url_for("account.sign_in"), 303)


def _form(errors: list[dict[str, str]], login: str, code: str) -> str:
    return render_template("account/use_code.html", errors=errors, login=login, code=code)
