"""Fields a form may not send: columns of the record that no page has a field for.

Views read the fields they know by name, so anything else is ignored. A field named after a column
is more than a slip: somebody hopes that it is written. It is refused before the view is asked.
"""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from config.policy import the_policy
from views import errors
from views.formats import _

UNKNOWN = 422


def refuse_columns() -> ResponseReturnValue | None:
    """The refusal of a form with such fields, naming each; None for every other form."""
    sent = {*request.form, *request.files} & the_policy().never_sent
    if not sent:
        return None
    names = sorted(sent)
    known = request.accept_mimetypes
    if known.best_match(("text/html", "application/json")) == "application/json":
        return jsonify({"error": "unknown_fields", "fields": names}), UNKNOWN
    reasons = [
        _(
            "Trường “{name}” không có trong biểu mẫu nào, nên chưa ghi gì. Tải lại trang rồi gửi "
            "lại.",
            name=name,
        )
        for name in names
    ]
    return errors.page(UNKNOWN, reasons=reasons)
