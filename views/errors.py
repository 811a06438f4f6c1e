"""Pages about trouble: what happened, what became of the work, what to do now."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, SecurityError

from config.clock import real_now
from models.conflicts import conflict_of
from models.room import is_no_room
from views import citing, conflicts, desk, file_desk, formats, labels
from views.formats import _
from workflow.ports import NoSeatLeft, NotFound, NumberTaken, Stale
from workflow.vocabulary import Role

log = structlog.get_logger()

PAGES = {400, 403, 404, 409, 413, 422, 429, 500, 503, 507}
NEAREST = {405: 404, 401: 403, 408: 400, 410: 404, 415: 400, 414: 400}
UNREADABLE = 400
WAIT = {429: 60, 503: 30, 507: 60}
"""Seconds after which a program may ask again."""
AWARD = "award"
UNTYPED = {"csrf_token", "version", "key", "password"}


def answer_in(app: Flask) -> None:
    """Give every kind of trouble its page."""
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(NotFound, missing)
    app.register_error_handler(Stale, overtaken)
    app.register_error_handler(NoSeatLeft, full)
    app.register_error_handler(NumberTaken, number_taken)
    app.register_error_handler(Exception, broken)
    for unanswered in (OperationalError, InterfaceError, NoConnectionFree):
        app.register_error_handler(unanswered, unreachable)
    app.register_error_handler(OSError, out_of_room)
    app.after_request(say_when)


def page(number: int, **words: object) -> tuple[str, int]:
    """The page of one kind of trouble."""
    return render_template(f"errors/{number}.html", **words), number


def refused(error: HTTPException) -> ResponseReturnValue:
    """Answer what the framework refuses: wrong address, wrong method, too heavy, forged."""
    if error.code is None or error.code < 400:  # noqa: PLR2004 - a redirect, not trouble
        return error.get_response()
    if isinstance(error, SecurityError):  # a strange host: no address can be built for it
        return Response(_("Không phục vụ địa chỉ này."), error.code, mimetype="text/plain")
    name = error.code if error.code in PAGES else NEAREST.get(error.code, 400)
    words, _status = page(name, kept=typed_words() if name == UNREADABLE else [])
    return words, error.code


def missing(_error: NotFound) -> ResponseReturnValue:
    """Not there, or not for this person: nobody can tell the two apart."""
    return page(404)


def overtaken(error: Stale) -> ResponseReturnValue:
    """Somebody else was faster: what has changed since, and what was typed is given back."""
    me = desk.me().person_id
    try:
        with desk.reading() as db:
            found = conflict_of(db, error.code, me, error.expected_version, desk.now())
    except NotFound as gone:
        return missing(gone)
    told = conflicts.words(found)
    if found.last is not None:
        told["role"] = role_words(found.last.role)
    return conflict(told, conflicts.facts(found))


def conflict(told: dict[str, Any], facts: dict[str, Any]) -> ResponseReturnValue:
    """The page of a conflict, with the typed words; as JSON for a program that asks for it."""
    known = request.accept_mimetypes
    if known.best_match(("text/html", "application/json")) == "application/json":
        return jsonify({"error": "stale", **facts}), 409
    return page(409, conflict={**told, "kept": typed_words(hold=True)})


def stale_facts(error: Stale, state: str) -> dict[str, Any]:
    """What a program is told of a conflict about something that is no dossier."""
    return {
        "code": error.code,
        "current_state": state,
        "current_version": error.current_version,
        "your_version": error.expected_version,
        "changed_at": formats.local(error.at).isoformat(timespec="seconds") if error.at else None,
        "by": error.by,
        "role": error.role,
    }


def full(error: NoSeatLeft) -> ResponseReturnValue:
    """The last place was taken between looking and writing."""
    quota = citing.quota_of(error.code)
    source = _(" ({ref})", ref=quota.ref) if quota else ""
    reason = _(
        "Chỗ cuối cùng của chỉ tiêu vừa được dùng cho hồ sơ khác{source}; hồ sơ "
        "{code} chưa được ghi. Xem lại danh sách hoặc xin ý kiến người có thẩm "
        "quyền.",
        source=source,
        code=error.code,
    )
    return page(422, reasons=[reason])


def number_taken(error: NumberTaken) -> ResponseReturnValue:
    """Two decisions of one body in one year cannot bear the same number."""
    reason = _(
        "Số {number} đã dùng cho quyết định khác của cùng cơ quan trong năm; hồ "
        "sơ {code} chưa được ghi. Kiểm tra lại số quyết định.",
        number=error.number,
        code=error.code,
    )
    return page(422, reasons=[reason])


def broken(error: Exception) -> ResponseReturnValue:
    """The handler of last resort: logged in full, shown as a code."""
    g.in_trouble = True
    log.error("broken", error=type(error).__name__, exc_info=error)
    return page(500, code=g.get("request_id"))


def unreachable(error: Exception) -> ResponseReturnValue:
    """The database does not answer, is full, or took too long: nothing was written, ask again."""
    if is_no_room(error):
        return out_of_room(error)
    g.in_trouble = True
    # A demonstration asks the database for the time, too.
    g.setdefault("now", real_now())
    cause = getattr(error, "orig", None) or error
    log.error("database does not answer", error=type(cause).__name__, exc_info=error)
    return page(503, kept=typed_words(), code=g.get("request_id"))


def out_of_room(error: Exception) -> ResponseReturnValue:
    """A disk is full, or takes nothing: nothing was written; reading goes on."""
    if not is_no_room(error):
        return broken(error)
    g.in_trouble = True
    g.setdefault("now", real_now())
    cause = getattr(error, "orig", None) or error
    log.error("no room to write", error=type(cause).__name__, exc_info=error)
    return page(507, kept=typed_words(), code=g.get("request_id"))


def say_when(response: Response) -> Response:
    """Tell whoever is to come again later how much later, in seconds."""
    wait = WAIT.get(response.status_code)
    if wait:
        response.headers.setdefault("Retry-After", str(wait))
    return response


def typed_words(*, hold: bool = False) -> list[dict[str, str]]:
    """What the reader had typed into fields with words in them, and what became of files.

    With `hold` they wait for the form to be sent again; otherwise they are to be chosen again.
    """
    words = [
        {"label": label_of(name), "value": citing.award_title(typed) if name == AWARD else typed}
        for name, typed in request.form.items()
        if label_of(name) and name not in UNTYPED and typed.strip()
    ]
    held = file_desk.hold_all() if hold else {}
    files = [
        {"label": _("Tệp đã nhận, không cần gửi lại"), "value": one["name"]}
        for one in held.values()
    ]
    files += [
        {"label": _("Tệp chưa nhận, cần chọn lại"), "value": one.filename}
        for name, one in request.files.items()
        if one.filename and name not in held
    ]
    return words + files


def label_of(name: str) -> str:
    """The words above a field; a slot's own fields carry its kind before a dash."""
    return labels.FIELD.get(name) or labels.FIELD.get(name.rpartition("-")[2], "")


def role_words(role: str) -> str:
    """Words for a stored role; as stored when it is none of ours."""
    return labels.ROLE[Role(role)] if role in set(Role) else role or _("Hệ thống")
