"""Signing in through an identity provider (OpenID Connect), where the office has one."""

from __future__ import annotations

from typing import Any, Final, cast

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from requests import RequestException

from config.provider_settings import ProviderSettings
from models.identities import LONGEST, Claimed, enter
from views import desk
from views.account import inside
from views.doorman import public
from views.proving import door
from workflow.words import phrase

pages = Blueprint("provider", __name__)
log = structlog.get_logger()

CLIENT: Final = "provider"
SECONDS: Final = 10
UNKNOWN: Final = phrase(
    "Danh tính này chưa thuộc về tài khoản nào ở đây. Nhờ quản trị liên kết, hoặc đăng nhập bằng "
    "mật khẩu."
)
FAILED: Final = phrase("Chưa đăng nhập được qua nhà cung cấp. Thử lại, hoặc dùng mật khẩu.")
_TROUBLE: Final = (
    AuthlibBaseError,
    JoseError,
    RequestException,
    ValueError,
    KeyError,
    RuntimeError,
)


def introduce(app: Flask, settings: ProviderSettings) -> None:
    """Know the provider, if there is one; it is first asked when somebody signs in."""
    if not settings.on:
        return
    OAuth(app).register(
        CLIENT,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )
    app.jinja_env.globals["provider_name"] = settings.name


@pages.get("/dang-nhap/nha-cung-cap")
@public
def leave() -> ResponseReturnValue:
    """Send a stranger to the provider; state, nonce and PKCE bind the answer to this browser."""
    session["onward"] = request.args.get("next", "")
    try:
        return cast("ResponseReturnValue", _client().authorize_redirect(_callback()))
    except _TROUBLE:
        return _back(FAILED)


@pages.get("/dang-nhap/nha-cung-cap/tro-ve")
@public
def come_back() -> ResponseReturnValue:
    """Check what the provider says, and sign in whoever it names."""
    client, issuer = _client(), desk.settings().provider.issuer
    try:
        if client.load_server_metadata()["issuer"] != issuer:
            return _back(FAILED)
        said = client.authorize_access_token(
            claims_options={"iss": {"essential": True, "values": [issuer]}}
        )
        claims = said["userinfo"]
        subject = str(claims["sub"])
    except _TROUBLE as error:
        log.warning("provider refused", kind=type(error).__name__)
        return _back(FAILED)
    if not subject or len(subject) > LONGEST:
        return _back(FAILED)
    email = str(claims.get("email", "")) if claims.get("email_verified") is True else ""
    onward = session.pop("onward", "")
    with desk.writing() as db:
        entered = enter(db, Claimed(issuer, subject, email), door(), before=session.get("sid", ""))
    if entered is None:
        return _back(UNKNOWN)
    if entered.waits:
        session.clear()
        session["waiting"] = entered.token
        return redirect(url_for("account.second_step", next=onward or None), 303)
    return inside(entered, onward)


def _client() -> Any:  # noqa: ANN401
    known = current_app.extensions.get("authlib.integrations.flask_client")
    client = known.create_client(CLIENT) if known is not None else None
    if client is None:
        abort(404)
    return client


def _callback() -> str:
    return desk.settings().base_url + url_for("provider.come_back")


def _back(words: str) -> ResponseReturnValue:
    flash(words, "warn")
    return redirect(url_for("account.sign_in"), 303)
