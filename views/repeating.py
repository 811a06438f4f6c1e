"""A form that comes again is done once and answered as before; its key with other words is refused.

A browser whose connection broke cannot know whether its form arrived, so it must be free to send it
again. The one-time key says that it is the same form; the mark of its words, kept in the history
line of what it did (`models.sent_forms`), says that it still asks for the same.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import IO, Any, Final

from flask import Flask, Response, flash, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.acting import act_as, acting
from models.sent_forms import AlreadySent, led_to, marks_of
from views import check_queue, desk, errors
from views.formats import _
from workflow.ports import Repeated

CHUNK: Final = 1 << 20
LENGTH: Final = 16
"""Hexadecimal digits of a mark."""
ASIDE: Final = frozenset({"csrf_token", "key"})
"""Fields that say nothing: the token of the session, and the key itself."""


def put_up(app: Flask) -> None:
    """Compare every form with what its key did before. Called when it is known who asks."""
    app.before_request(compare)
    app.after_request(compare_again)
    app.register_error_handler(Repeated, done_before)
    app.register_error_handler(AlreadySent, done_meanwhile)


def compare() -> ResponseReturnValue | None:
    """Refuse a key that was used with other words; remember what this form says."""
    if request.method != "POST" or desk.visitor() is None or not request.form.get("key"):
        return None
    g.said = list(marks())
    act_as(replace(acting(), form=g.said[0]))
    return differs() if is_other() else done_already()


def compare_again(answer: Response) -> Response:
    """Refuse what looked new when it came, and was overtaken by the same key with other words."""
    if "said" in g and answer.status_code == 303 and not g.get("in_trouble") and is_other():  # noqa: PLR2004
        return make_response(differs())
    return answer


def is_other() -> bool:
    """Was another form carried out with this key? No key in force made the mark it left."""
    with desk.reading() as db:
        known = marks_of(db, desk.me().person_id, request.form["key"])
    return bool(known) and known.isdisjoint(g.said)


def done_already() -> ResponseReturnValue | None:
    """The answer of a form that was carried out and left its address; None where none did."""
    with desk.reading() as db:
        where = led_to(db, desk.me().person_id, request.form["key"])
    if not where:
        return None
    _say_done_before()
    return redirect(where, 303)


def done_meanwhile(_error: AlreadySent) -> ResponseReturnValue:
    """The same form came twice at one instant: the other one's result is the answer."""
    if is_other():
        return differs()
    return done_already() or errors.page(503)


def differs() -> ResponseReturnValue:
    """The page about a key that was used for something else; what was typed is given back."""
    reason = _(
        "Biểu mẫu này đã được ghi một lần với nội dung khác, nên nội dung gửi lần này chưa được "
        "ghi. Mở lại trang để xem nội dung đã ghi, rồi sửa và gửi biểu mẫu mới."
    )
    return errors.page(422, reasons=[reason], kept=errors.typed_words(hold=True))


def done_before(error: Repeated) -> ResponseReturnValue:
    """The same form came twice: the first result is the answer."""
    _say_done_before()
    leads_to = AFTERWARDS.get(request.endpoint or "")
    where = leads_to() if leads_to else url_for("dossiers.show", code=error.code)
    return redirect(where, 303)


def _say_done_before() -> None:
    flash(_("Thao tác này đã được ghi từ lần gửi trước."))


def marks() -> Iterator[str]:
    """The mark of the form at hand under each secret key in force, the newest first.

    Keyed, for a bare hash would tell a guess at what was typed from the truth.
    """
    said = _digest()
    for key in desk.settings().secret_keys:
        yield hmac.new(key.encode(), said, hashlib.sha256).hexdigest()[:LENGTH]


def _digest() -> bytes:
    """Everything the form says: its page, its fields in any order, and what is in its files."""
    whole = hashlib.sha256(request.path.encode())
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in ASIDE]
    for name, value in sorted(fields):
        whole.update(hashlib.sha256(name.encode()).digest())
        whole.update(hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest())
    for name, file in sorted(request.files.items(multi=True), key=lambda one: one[0]):
        if file.filename:
            whole.update(hashlib.sha256(f"file {name}".encode()).digest())
            whole.update(_of_file(file.stream))
    return whole.digest()


def _of_file(stream: IO[bytes]) -> bytes:
    content = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        content.update(chunk)
    stream.seek(0)
    return content.digest()


# --- Where a form leads when it was carried out ---------------------------------------------------


def _page(endpoint: str) -> Callable[[], str]:
    return lambda: url_for(endpoint, **_place())


def _place() -> Mapping[str, Any]:
    return {"code": (request.view_args or {})["code"]}


def _paper() -> str:
    return url_for("assembly.documents", **_place(), _anchor=request.form.get("kind", ""))


def _marked() -> str:
    do = request.form.get("do")
    if do == "next":
        return check_queue.next_after(_place()["code"])
    return url_for("dossiers.show" if do == "confirm" else "check.check", **_place())


AFTERWARDS: Final[Mapping[str, Callable[[], str]]] = {
    "assembly.write": _page("assembly.overview"),
    "assembly.put_initiative": _page("assembly.initiatives"),
    "assembly.keep_document": _paper,
    "check.mark": _marked,
    "registrations.answer": _page("registrations.show"),
}
"""Forms that lead elsewhere than to the page of their dossier, as their views do."""
