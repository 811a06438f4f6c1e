"""Xác thực hai bước: an authenticator's codes and recovery codes, set up and given up."""

from __future__ import annotations

import io
from typing import Any, Final

import segno
from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from models import factors
from models.sealed import Unopenable
from models.signing_in import begin_factor_try
from models.tables import Passkey
from models.throttling import succeeded
from views import desk, formats
from views.formats import _, joined
from views.forms import clean
from views.proving import door, freshly
from workflow.words import phrase

pages = Blueprint("second_factor", __name__)

LONGEST: Final = 60
WRONG: Final = phrase("Mã không đúng hoặc đã hết hạn. Gõ mã 6 số đang hiện trên ứng dụng.")
TOO_MANY: Final = phrase("Bạn thử sai quá nhiều lần. Đợi 1 phút rồi thử lại.")
_GROUP: Final = 4


@pages.get("/tai-khoan/xac-thuc")
def show() -> ResponseReturnValue:
    """What the visitor has; while codes are being set up, the picture and the first code."""
    return _show([])


@pages.post("/tai-khoan/xac-thuc/bat-dau")
@freshly
def begin() -> ResponseReturnValue:
    """Make a new secret, shown until its first code is typed."""
    with desk.writing() as db:
        factors.begin(db, desk.me().person_id, desk.sealer(), desk.when())
    return redirect(url_for("second_factor.show"), 303)


@pages.get("/tai-khoan/xac-thuc/ma-qr.svg")
def picture() -> ResponseReturnValue:
    """The secret as a picture, for its owner, until it is confirmed."""
    secret = _begun()
    if secret is None:
        abort(404)
    drawn = io.BytesIO()
    code = segno.make(factors.address_for(secret, desk.standing().login), error="m")
    code.save(drawn, kind="svg", scale=5, border=4, dark="#131c36", light="#ffffff")
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


@pages.post("/tai-khoan/xac-thuc/xac-nhan")
def confirm() -> ResponseReturnValue:
    """Type the first code: from then on the factor counts; the recovery codes are shown once."""
    standing, when = desk.standing(), desk.when()
    typed = clean(request.form.get("code", ""))[:LONGEST]
    with desk.writing() as db:
        guess = begin_factor_try(db, standing.person_id, standing.login, door())
        done = (
            factors.confirm(db, standing.session_id, standing.person_id, typed, desk.sealer(), when)
            if guess is not None
            else None
        )
        if done is not None and guess is not None:
            succeeded(db, guess)
    if guess is None:
        return _show([{"field": "code", "message": TOO_MANY}]), 429
    if done is None:
        return _show([{"field": "code", "message": WRONG}]), 422
    session["sid"], codes = done
    return _codes(codes, _("Đã bật xác thực hai bước"))


@pages.post("/tai-khoan/xac-thuc/ma-du-phong")
@freshly
def renew() -> ResponseReturnValue:
    """Make new recovery codes, shown once; the old ones are worthless."""
    with desk.writing() as db:
        if not factors.factors_of(db, desk.me().person_id).any:
            abort(404)
        codes = factors.renew_codes(db, desk.me().person_id, desk.when())
    return _codes(codes, _("Đã tạo mã dự phòng mới"))


@pages.post("/tai-khoan/xac-thuc/tat")
@freshly
def remove() -> ResponseReturnValue:
    """Give the codes up; every other session ends."""
    standing = desk.standing()
    with desk.writing() as db:
        if factors.factors_of(db, standing.person_id).codes_since is None:
            abort(404)
        token = factors.remove(db, standing.session_id, standing.person_id, desk.when())
    if token is None:
        abort(401)
    session["sid"] = token
    flash(
        _(
            "Đã tắt mã xác thực lúc {now}. Các phiên khác đã kết thúc.",
            now=formats.clock(desk.now()),
        ),
        "ok",
    )
    return redirect(url_for("second_factor.show"), 303)


def _begun() -> str | None:
    with desk.reading() as db:
        try:
            return factors.begun_secret(db, desk.me().person_id, desk.sealer())
        except Unopenable:
            return None


def _show(errors: list[dict[str, str]]) -> str:
    with desk.reading() as db:
        found = factors.factors_of(db, desk.me().person_id)
    someone = desk.visitor()
    secret = _begun() or ""
    groups = [secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP)]
    return render_template(
        "account/second_factor.html",
        errors=errors,
        since=formats.moment(found.codes_since) if found.codes_since else "",
        secret=joined(groups, " "),
        left=found.recovery_left,
        passkeys=[_key(one) for one in found.passkeys],
        any=found.any,
        required=someone is not None and _required(),
        must_enrol=someone is not None and someone.must_enrol,
        login=desk.standing().login,
    )


def _key(one: Passkey) -> dict[str, Any]:
    used = formats.stamp(one.used_at) if one.used_at else _("chưa dùng")
    added = formats.stamp(one.made_at)
    told = _("Thêm lúc {added}; dùng lần cuối: {used}", added=added, used=used)
    return {"id": one.id, "name": one.name, "told": told}


def _required() -> bool:
    posts = ((held.post, held.unit_kind) for held in desk.me().posts)
    return desk.settings().factor_required and desk.sign_in_policy().needs_factor(posts)


def _codes(codes: list[str], title: str) -> str:
    return render_template("account/recovery_codes.html", codes=codes, title=title)
