"""The evidence bundle of a dossier: everything recorded of it, for whoever may see everything."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from models.concealing import is_inside
from models.evidence.bundling import LostFiles, bundle_of, write_down_taking
from models.form_queries import dossier_row
from models.tables import Dossier
from views import desk, uploads
from views.attachments import SANDBOX
from views.formats import _, joined

pages = Blueprint("evidence", __name__)


@pages.post("/ho-so/<code>/chung-cu")
def take(code: str) -> ResponseReturnValue:
    """Send the bundle while it is packed, to the deciding side and to readers of everything.

    It is whole or not at all: without one part, neither chain nor guards can be checked. Who took
    it, and its fingerprint, are written down first: hence a form and no link.
    """
    me, now = desk.me().person_id, desk.now()
    with desk.desk().database.reading(at_length=True, as_one=True) as db:
        row = dossier_row(db, code, me, desk.today())
        if not is_inside(db, row, me, desk.today()):
            abort(403)
        try:
            made = bundle_of(db, db.get_one(Dossier, row.id), uploads.store(), now)
        except LostFiles as lost:
            return _lost(code, lost)
    desk.in_transaction(lambda db: write_down_taking(db, made, me, now))
    answer = Response(
        made.packed(),
        mimetype="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{code}-chung-cu.zip"',
            "Content-Security-Policy": SANDBOX,
        },
    )
    answer.call_on_close(made.close)
    return answer


def _lost(code: str, lost: LostFiles) -> ResponseReturnValue:
    """Name the papers whose files are gone; nothing half is handed out."""
    flash(
        _(
            "Chưa lập được gói chứng cứ: trong kho, tệp bị mất hoặc bị sửa: {names}. "
            "Báo quản trị hệ thống khôi phục từ bản sao lưu.",
            names=joined(lost.names),
        ),
        "warn",
    )
    return redirect(url_for("dossiers.show", code=code), 303)
