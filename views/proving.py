"""Asking again who somebody is, before what cannot be taken back; what was typed stays.

The question stands on a page of its own, which carries the form along and sends it on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec
from urllib.parse import urlsplit

from flask import abort, has_request_context, render_template, request, session
from flask.typing import ResponseReturnValue

from models import passkeys
from models.passkeys import Site
from models.proving_again import prove_again, prove_by_key
from models.sessions import Visit
from models.signing_in import Door, SignInRefused
from views import desk
from workflow.words import phrase

P = ParamSpec("P")

FIELD: Final = "proof"
KEY_FIELD: Final = "credential"
LEFT_OUT: Final = {"csrf_token", FIELD, KEY_FIELD}
LONGEST_ANSWER: Final = 20_000
"""Characters of what a passkey signed."""
DEVICE_COOKIE: Final = "device"
TOO_MANY: Final = phrase("Bạn thử sai quá nhiều lần. Đợi 1 phút rồi thử lại.")
WRONG_KEY: Final = phrase("Khóa bảo mật chưa được nhận. Thử lại, hoặc dùng mật khẩu.")
WRONG: Final = phrase("Mật khẩu hoặc mã không đúng. Mỗi mã chỉ dùng được một lần.")


def visit() -> Visit:
    """Where this request comes from."""
    if not has_request_context():
        return Visit("", "terminal")
    device = request.cookies.get(device_cookie(), "")
    return Visit(request.remote_addr or "", request.user_agent.string, device[:100])


def site() -> Site:
    """The site passkeys are bound to: the address people use."""
    address = urlsplit(desk.settings().base_url)
    return Site(address.hostname or "", f"{address.scheme}://{address.netloc}")


def door() -> Door:
    """What a try in this request is judged by."""
    return Door(visit(), desk.sign_in_policy(), desk.when(), desk.sealer())


def device_cookie() -> str:
    """The name of the cookie that a browser is known by."""
    return f"__Host-{DEVICE_COOKIE}" if desk.settings().secure_cookies else DEVICE_COOKIE


def freshly(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let a writing view run only when its visitor proved themselves some minutes ago."""

    @wraps(view)
    def asked(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        refused = _asked()
        return view(*args, **kwargs) if refused is None else refused

    return asked


def _asked() -> ResponseReturnValue | None:
    someone = desk.visitor()
    if someone is None:
        abort(401)
    typed, signed = request.form.get(FIELD, ""), request.form.get(KEY_FIELD, "")
    is_fresh = desk.session_now() - someone.standing.proved_at <= desk.sign_in_policy().fresh
    if not typed and (is_fresh or not signed):
        # What a key signed counts once: a form that comes again finds its sender proved.
        return None if is_fresh else (_page(""), 401)
    database, who = desk.desk().database, someone.standing
    outcome = (
        prove_again(database, who, typed, door())
        if typed
        else prove_by_key(database, who, signed[:LONGEST_ANSWER], site(), door())
    )
    if not isinstance(outcome, SignInRefused):
        session["sid"] = outcome
        return None
    if outcome is SignInRefused.WRONG:
        return _page(WRONG if typed else WRONG_KEY), 422
    if outcome is SignInRefused.GONE:
        abort(401)
    return _page(TOO_MANY), 429


def _page(fault: str) -> str:
    someone = desk.visitor()
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in LEFT_OUT]
    asked = None
    if someone is not None and someone.standing.has_factor:
        who = someone.standing
        with desk.writing() as db:
            asked = passkeys.begin_proving(db, who.session_id, who.person_id, site())
    return render_template(
        "account/prove.html",
        errors=[{"field": FIELD, "message": fault}] if fault else [],
        kept=kept,
        asked=asked,
        minutes=desk.sign_in_policy().fresh_minutes,
        has_factor=someone is not None and someone.standing.has_factor,
        files=any(one.filename for one in request.files.values()),
    )
