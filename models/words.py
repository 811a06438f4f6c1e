"""Words only the record needs; those every programme shares are in `workflow.vocabulary`."""

from __future__ import annotations

from enum import StrEnum


class DayKind(StrEnum):
    """Why a day is not what its weekday says."""

    HOLIDAY = "holiday"
    COMPENSATION = "compensation"
    WORKING_SWAP = "working_swap"


class Channel(StrEnum):
    """How a message leaves."""

    EMAIL = "email"
    INBOX = "inbox"
    WEBHOOK = "webhook"


class PlaceMove(StrEnum):
    """What happened to one place of a quota."""

    RESERVE = "reserve"
    CONSUME = "consume"
    RELEASE = "release"


class ListState(StrEnum):
    """What became of a list prepared for a decision."""

    OPEN = "open"
    COMMITTED = "committed"
    DROPPED = "dropped"


class MessageStatus(StrEnum):
    """How far a message is."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class BallotLayer(StrEnum):
    """What a stored vote is: still being written, the one that counts, or typed from paper."""

    DRAFT = "draft"
    CAST = "cast"
    TYPED = "typed"
    CHECKED = "checked"
