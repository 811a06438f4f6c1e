"""Which steps the list offers for many dossiers at once, and to whom."""

from __future__ import annotations

from typing import Final

from models.people import RELATIONS
from models.queries_people import Reader
from views import labels
from workflow.programme import Programme
from workflow.vocabulary import Action

ACTIONS: Final = (Action.PRESENT, Action.SUBMIT, Action.SEND_SUPPLEMENT, Action.CONFIRM_CHECK)
"""Steps that ask for nothing but the word: no reason, no number, no choice for each dossier."""


def offered(reader: Reader, known: dict[str, Programme]) -> list[dict[str, str]]:
    """The steps some post of the reader may take on some dossier, for the bar under the list."""
    posts = {action: {post for post, _unit in reader.pairs_for(action)} for action in ACTIONS}
    return [
        {"value": action.value, "label": labels.ACTION[action]}
        for action in ACTIONS
        if any(
            posts[action] & set(RELATIONS[role].posts)
            for programme in known.values()
            for step in programme.steps
            if step.action is action
            for role in step.by
        )
    ]
