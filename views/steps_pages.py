"""Steps that need more than a comment, and the page that asks for the rest."""

from __future__ import annotations

from typing import Final

from flask import current_app, url_for

from workflow.vocabulary import Action

OWN_PAGE: Final = {
    Action.RECORD_COUNCIL_RESULT: "council.result",
    Action.RECORD_RANKING: "council_sessions.index",
    Action.MARK_CHECK: "check.check",
    Action.CONFIRM_CHECK: "check.check",
    Action.DECIDE: "decision.decide",
    Action.REVOKE: "decision.revoke",
    Action.REQUEST_SUPPLEMENT: "check.supplement",
    Action.GRANT_EXTENSION: "check.extension",
    Action.SUSPEND: "suspensions.form",
    Action.EDIT: "assembly.overview",
}


def page_of(action: Action, code: str) -> str | None:
    """The address of a step's own page, if it has one and somebody has built it."""
    endpoint = OWN_PAGE.get(action)
    if endpoint is None or endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, code=code)
