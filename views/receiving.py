"""Uploads in parts: the words of tus 1.0, so that a broken line costs one part, not the file.

Only where scripts run; a plain form sends the file as it always did. What arrives goes through
the same checks, and waits under its id until the form it belongs to is sent.
"""

from __future__ import annotations

import base64
import binascii
from email.utils import format_datetime
from typing import Final

from flask import Blueprint, Response, abort, request, url_for

from models import receiving
from models.file_checks import LARGEST, FileRefused, check_size
from models.receiving import LARGEST_PART, NoSuchUpload, OtherOffset, Progress, TooManyUploads
from views import desk, file_desk
from views.formats import _

pages = Blueprint("receiving", __name__)

VERSION: Final = "1.0.0"
PART_TYPE: Final = "application/offset+octet-stream"
_PATH: Final = "/tep-dang-gui/<upload_id>"


@pages.post("/tep-dang-gui", provide_automatic_options=False)
def begin() -> Response:
    """Open an upload: `Upload-Length`, and the name in `Upload-Metadata`."""
    size = _number("Upload-Length")
    try:
        check_size(size)
    except FileRefused as refused:
        return _refused(refused, 413)
    try:
        with desk.writing() as db:
            opened = receiving.begin(db, desk.me().person_id, _name(), size, desk.now())
    except TooManyUploads:
        words = (
            _("Bạn đang có quá nhiều tệp gửi dở."),
            _("Gửi xong biểu mẫu đang mở, hoặc thử lại sau."),
        )
        return _refused(FileRefused("TOO_MANY_UPLOADS", *words), 429)
    answer = _told(opened, 201)
    answer.headers["Location"] = url_for(".part", upload_id=opened.id)
    return answer


@pages.get(_PATH)
def ask(upload_id: str) -> Response:
    """How far an upload is (asked by HEAD): `Upload-Offset`."""
    with desk.reading() as db:
        return _told(receiving.progress(db, upload_id, _me(), desk.now()), 200)


@pages.patch(_PATH)
def part(upload_id: str) -> Response:
    """Take the part that begins at `Upload-Offset`; the last one has the file checked and kept."""
    if request.mimetype != PART_TYPE:
        abort(415)
    if (request.content_length or 0) > LARGEST_PART:
        abort(413)
    offset, content = _number("Upload-Offset"), request.get_data(cache=False)
    if len(content) > LARGEST_PART:
        abort(413)
    try:
        with desk.writing() as db:
            done = receiving.append(db, upload_id, _me(), (offset, content), desk.now())
    except OtherOffset as other:
        answer = Response(status=409)
        answer.headers["Upload-Offset"] = str(other.received)
        return _spoken(answer)
    if done.is_whole:
        try:
            _keep(done)
        except FileRefused as refused:
            return _refused(refused, 422)
    return _told(done, 204)


@pages.delete(_PATH)
def give_up(upload_id: str) -> Response:
    """Forget an upload."""
    with desk.writing() as db:
        receiving.forget(db, upload_id, _me())
    return _spoken(Response(status=204))


@pages.route("/tep-dang-gui", methods=["OPTIONS"], provide_automatic_options=False)
def options() -> Response:
    """What of the protocol is spoken here."""
    answer = _spoken(Response(status=204))
    answer.headers["Tus-Version"] = VERSION
    answer.headers["Tus-Max-Size"] = str(LARGEST)
    answer.headers["Tus-Extension"] = "creation,expiration,termination"
    return answer


@pages.errorhandler(NoSuchUpload)
def gone(_error: NoSuchUpload) -> Response:
    """Not there, or somebody else's: nobody can tell the two apart."""
    return _spoken(Response(status=404))


def _keep(done: Progress) -> None:
    """The same door as for a file of a form. A file that is refused is forgotten whole."""
    with desk.reading() as db:
        content = receiving.content_of(db, done.id)
    try:
        stored = file_desk.take(content, done.file_name)
    except FileRefused:
        with desk.writing() as db:
            receiving.forget(db, done.id, _me())
        raise
    with desk.writing() as db:
        receiving.settle(db, done.id, stored)


def _me() -> int:
    return desk.me().person_id


def _told(seen: Progress, status: int) -> Response:
    answer = Response(status=status)
    answer.headers["Upload-Offset"] = str(seen.received)
    answer.headers["Upload-Length"] = str(seen.size)
    answer.headers["Upload-Expires"] = format_datetime(seen.expires_at, usegmt=True)
    return _spoken(answer)


def _spoken(answer: Response) -> Response:
    answer.headers["Tus-Resumable"] = VERSION
    return answer


def _refused(refused: FileRefused, status: int) -> Response:
    answer = Response(str(refused), status, mimetype="text/plain")
    answer.headers["X-Refusal"] = refused.code
    return _spoken(answer)


def _number(name: str) -> int:
    told = request.headers.get(name, "")
    if not told.isdecimal() or len(told) > len(str(LARGEST)) + 3:
        abort(400)
    return int(told)


def _name() -> str:
    """The file name of `Upload-Metadata`: pairs of a key and base64, with commas between."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                return base64.b64decode(value, validate=True).decode("utf-8")
            except (binascii.Error, UnicodeDecodeError):
                abort(400)
    return ""
