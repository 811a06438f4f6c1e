"""The two kinds of session, as data: what differs between them stands here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workflow.vocabulary import Action, DocumentKind, Role, SessionKind, State


@dataclass(frozen=True, slots=True)
class Machinery:
    """How sessions of one kind work.

    `eligible` is the state a dossier must be in, `action` the step its result is recorded by.
    `turned_down` is the step for a dossier that is not approved; None: its result is recorded all
    the same. `own_unit_bars` says whether members of the nominated unit abstain. `makes` are
    papers the session itself brings about: no vote depends on them. `asked_later` names the
    guards that cannot be answered before the votes are counted.
    """

    eligible: State
    action: Action
    turned_down: Action | None
    secretary: Role
    own_unit_bars: bool
    makes: frozenset[DocumentKind]
    asked_later: frozenset[str]


MACHINERY: Final[Mapping[SessionKind, Machinery]] = {
    SessionKind.UNIT_COUNCIL: Machinery(
        eligible=State.SUBMITTED,
        action=Action.RECORD_COUNCIL_RESULT,
        turned_down=Action.REJECT,
        secretary=Role.COUNCIL_SECRETARY,
        own_unit_bars=False,
        makes=frozenset({DocumentKind.BIEN_BAN}),
        asked_later=frozenset({"council_votes_add_up", "council_quorum", "council_approval"}),
    ),
    SessionKind.PROVINCIAL_RANKING: Machinery(
        eligible=State.BOARD_CHECKED,
        action=Action.RECORD_RANKING,
        turned_down=None,
        secretary=Role.RANKING_SECRETARY,
        own_unit_bars=True,
        makes=frozenset(),
        asked_later=frozenset({"ranking_in_order"}),
    ),
}
