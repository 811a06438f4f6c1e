"""Nobody passes who is not let in: sign-in, forged forms, headers. Closed unless said otherwise."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

import structlog
from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from config.policy import Refusal, Row, the_policy
from models import access, sessions
from models.queries_people import Reader, reader_of
from models.room import is_no_room
from models.sessions import SignedIn
from views import desk, errors, fields, timekeepers
from views.desk import Visitor

P = ParamSpec("P")
R = TypeVar("R")

SAFE = {"GET", "HEAD", "OPTIONS"}
ENROLMENT = {
    "account.sign_out",
    "account.password",
    "account.change_password",
    "second_factor.show",
    "second_factor.begin",
    "second_factor.picture",
    "second_factor.confirm",
    "passkeys.begin",
    "passkeys.add",
}
"""What somebody reaches who still has to set up a second factor."""
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HSTS = "max-age=31536000; includeSubDomains"
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


log = structlog.get_logger()


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that anybody may see. Every other view needs a signed-in person.

    The policy table must say the same: a view is open when both do.
    """
    view.is_public = True  # type: ignore[attr-defined]
    return view


def is_public(endpoint: str) -> bool:
    """Is this endpoint open to everybody?"""
    view = current_app.view_functions.get(endpoint)
    return endpoint == "static" or bool(getattr(view, "is_public", False))


def stand_at(app: Flask) -> None:
    """Set up sessions, the check of every request, and the headers of every answer."""
    settings = app.extensions["desk"].settings
    app.config.update(
        SESSION_COOKIE_NAME="__Host-sid" if settings.secure_cookies else "sid",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        # Forms are signed with the newest key; those opened under one before it are taken too.
        WTF_CSRF_SECRET_KEY=list(reversed(settings.secret_keys)),
        TRUSTED_HOSTS=[urlsplit(settings.base_url).hostname or "", *LOOPBACK],
    )
    app.before_request(name_request)
    app.before_request(refuse_unwritable)
    CSRFProtect(app)
    # Runs after what Flask-Login does at the end, for hooks at the end run backwards.
    app.after_request(leave_cookie_aside)
    manager = LoginManager(app)
    manager.session_protection = None  # type: ignore[assignment]
    manager.request_loader(lambda _request: who_is_there())
    app.before_request(refuse_foreign_forms)
    app.before_request(let_in)
    app.after_request(put_headers)


def name_request() -> None:
    """Give the request an id, for the log and for the page about trouble."""
    g.request_id = secrets.token_hex(4).upper()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id, path=request.path)


def refuse_unwritable() -> None:
    """An address with a NUL names nothing: no database can even be asked for it."""
    if "\0" in request.path or any("\0" in given for given in request.args.values()):
        abort(404)


def who_is_there() -> Visitor | None:
    """Find the signed-in person by the random id in the cookie; nobody else's word counts."""
    token = session.get("sid")
    if not token or g.get("in_trouble"):  # a page about trouble asks the database for nothing
        return None
    instant, limits = desk.session_now(), desk.sign_in_policy().sessions
    with desk.reading() as db:
        found = sessions.signed_in(db, token, instant, limits)
        reader = reader_of(db, found.person_id, desk.today()) if found else None
    if found is None or reader is None:
        return None
    if found.wants_touch:
        _touch(found.session_id, instant)
    return Visitor(reader, found, must_enrol=_must_enrol(reader, found))


def _touch(session_id: int, instant: datetime) -> None:
    """Note that the session is in use; where nothing can be written, people still read."""
    try:
        with desk.writing() as db:
            sessions.touch(db, session_id, instant)
    except OperationalError as error:
        if not is_no_room(error):
            raise


def _must_enrol(reader: Reader, found: SignedIn) -> bool:
    """Does this person need a second factor, and has none?"""
    if found.has_factor or not desk.settings().factor_required:
        return False
    posts = ((held.post, held.unit_kind) for held in reader.posts)
    return desk.sign_in_policy().needs_factor(posts)


def refuse_foreign_forms() -> None:
    """Refuse a writing request another site has sent, whatever token it brings."""
    if request.method in SAFE:
        return
    origin = request.headers.get("Origin")
    own = {request.host_url.rstrip("/"), desk.settings().base_url}
    if request.headers.get("Sec-Fetch-Site") == "cross-site" or (origin and origin not in own):
        abort(403)


def let_in() -> ResponseReturnValue | None:
    """Let pass whom the policy table lets; send strangers to the sign-in page."""
    if request.endpoint is None:
        return None
    row = the_policy().row(request.endpoint, request.method)
    if row is None:
        log.error("route_without_policy", endpoint=request.endpoint, method=request.method)
        abort(403)
    if is_public(request.endpoint) and the_policy().is_open(row):
        return None
    visitor = desk.visitor()
    if visitor is None:
        return to_sign_in()
    if visitor.must_change and not desk.settings().demonstration:
        return to_new_password()
    if visitor.must_enrol and (onward := to_enrolment()) is not None:
        return onward
    return turn_away(row) or fields.refuse_columns()


def turn_away(row: Row) -> ResponseReturnValue | None:
    """The answer to somebody for whom one of the row's conditions about people does not hold.

    Conditions about an object are asked by the query that reads it, which answers 404.
    """
    for name in row.who:
        holds = access.CONDITIONS.get(name)
        if holds is None or holds(desk.me()):
            continue
        if name == access.timekeeper.__name__:
            return timekeepers.page()
        abort(404 if the_policy().conditions[name].refusal is Refusal.HIDDEN else 403)
    return None


def to_sign_in() -> ResponseReturnValue:
    """Send a stranger to the sign-in page; what was typed meanwhile is given back first."""
    if request.method in SAFE:
        wanted = request.full_path.rstrip("?")
        return redirect(url_for("account.sign_in", next=wanted), 303)
    came_from = local_path(urlsplit(request.referrer or "").path)
    sign_in_url, kept = url_for("account.sign_in", next=came_from), errors.typed_words()
    if not kept:
        return redirect(sign_in_url, 303)
    return render_template("errors/401.html", kept=kept, sign_in_url=sign_in_url), 401


def to_new_password() -> ResponseReturnValue | None:
    """A password somebody else has set is changed before anything else."""
    if request.endpoint in {"account.password", "account.change_password", "account.sign_out"}:
        return None
    return redirect(url_for("account.password"), 303)


def to_enrolment() -> ResponseReturnValue | None:
    """Who needs a second factor and has none reaches the pages where it is set up, and no other."""
    if request.endpoint in ENROLMENT:
        return None
    if request.method not in SAFE:
        abort(403)
    return redirect(url_for("second_factor.show"), 303)


def put_headers(response: Response) -> Response:
    """Put on every answer what keeps a browser from being used against its owner.

    A view may be stricter: what it set itself stays. Only an answer that is the same for everybody
    may be kept by whoever fetched it: its view is public, says so itself, and sets no cookie.
    """
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if desk.settings().secure_cookies:
        response.headers["Strict-Transport-Security"] = HSTS
    if request.endpoint == "account.sign_out" and response.status_code < 400:  # noqa: PLR2004
        # Pages are not kept; unfinished uploads of this tab are.
        response.headers["Clear-Site-Data"] = '"storage"'
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if request.endpoint != "static" and not _may_be_kept(response):
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response


def leave_cookie_aside(response: Response) -> Response:
    """Say of an answer that may be kept that no cookie had a part in it.

    Flask-Login looks into the session of every request, and Flask would vary the answer by it.
    """
    if _may_be_kept(response):
        session.accessed = False
    return response


def _may_be_kept(response: Response) -> bool:
    said = response.cache_control.public and "Set-Cookie" not in response.headers
    return bool(said) and request.endpoint is not None and is_public(request.endpoint)


def local_path(target: str | None) -> str | None:
    """Return `target` when it is a page of ours, for the way back after signing in."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:  # A host in brackets that is no address, behind a tab.
        return None
    if parts.scheme or parts.netloc or "\\" in target:
        return None
    try:
        endpoint, _ = current_app.url_map.bind("").match(parts.path, method="GET")
    except HTTPException:
        return None
    return None if endpoint in {"static", "account.sign_in"} else target
