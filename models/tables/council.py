"""Council sessions: who sits, what is on the agenda, how each voted, and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonText, check
from models.words import BallotLayer
from workflow.vocabulary import (
    Attendance,
    Post,
    SessionKind,
    SessionState,
    Vote,
    VoteMethod,
)


class CouncilSession(Base):
    """One session of one council. `version` grows with every change but a ballot.

    `closes_at` is the last instant (inclusive) a ballot is taken; `opened_at`, `counted_at` and
    `ended_at` say when voting began, when it was closed for good, and when results were written
    or the session was given up.
    """

    __tablename__ = "council_session"
    __table_args__ = (
        check("version > 0", "version_is_positive"),
        check("place <> ''", "meets_somewhere"),
        check("state NOT IN ('open', 'counting') OR opened_at IS NOT NULL", "opened_at_a_time"),
        check("state <> 'counting' OR counted_at IS NOT NULL", "counted_at_a_time"),
        check(
            "state NOT IN ('closed', 'cancelled') OR"
            " (ended_at IS NOT NULL AND ended_by IS NOT NULL)",
            "ended_by_somebody",
        ),
        check("state <> 'cancelled' OR reason <> ''", "cancelled_for_a_reason"),
        Index("ix_council_session_state", "state", "closes_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[SessionKind]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    programme_id: Mapped[str]
    cycle_id: Mapped[str]
    place: Mapped[str]
    held_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    method: Mapped[VoteMethod]
    state: Mapped[SessionState] = mapped_column(default=SessionState.PREPARING)
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(default="")
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class CouncilSeat(Base):
    """A member as found on the session's day: name, position and units are kept as they were."""

    __tablename__ = "council_seat"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        check(
            "attendance IS NULL OR attendance <> 'absent' OR absence_reason <> ''",
            "absent_for_a_reason",
        ),
        check("checked_by IS NULL OR checked_by <> typed_by", "checked_by_somebody_else"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("council_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    role: Mapped[Post]
    votes: Mapped[bool]
    unit_ids: Mapped[list[Any]] = mapped_column(JsonText())
    attendance: Mapped[Attendance | None]
    absence_reason: Mapped[str] = mapped_column(default="")
    opinion: Mapped[str] = mapped_column(default="")
    drafted_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    typed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class AgendaItem(Base):
    """A dossier on an agenda; `live` while its session is, so that no two sessions hold it.

    The figures are set when the session closes, and never before.
    """

    __tablename__ = "agenda_item"
    __table_args__ = (
        UniqueConstraint("session_id", "dossier_id"),
        check("place > 0", "place_is_positive"),
        check(
            "approved IS NULL OR (votes_for IS NOT NULL AND votes_against IS NOT NULL"
            " AND votes_other IS NOT NULL AND recused IS NOT NULL)",
            "counted_if_resolved",
        ),
        check("rank_place IS NULL OR approved", "placed_if_approved"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("council_session.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    place: Mapped[int]
    live: Mapped[bool] = mapped_column(default=True)
    approved: Mapped[bool | None]
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    votes_other: Mapped[int | None]
    recused: Mapped[int | None]
    unconfirmed: Mapped[int] = mapped_column(default=0)
    silent: Mapped[int] = mapped_column(default=0)
    mean_rank: Mapped[Decimal | None]
    rank_place: Mapped[int | None]
    tied: Mapped[bool] = mapped_column(default=False)


Index(
    "uq_agenda_item_live",
    AgendaItem.dossier_id,
    unique=True,
    sqlite_where=text("live"),
    postgresql_where=text("live"),
)


class BallotVote(Base):
    """One member's word on one dossier, in one layer: a draft, the vote that counts, or paper.

    `papers` are the ids of the documents it was given on.
    """

    __tablename__ = "ballot_vote"
    __table_args__ = (
        UniqueConstraint("item_id", "seat_id", "layer"),
        check("rank IS NULL OR rank > 0", "rank_is_positive"),
        check("rank IS NULL OR vote = 'yes'", "only_a_yes_is_ranked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("council_seat.id"), index=True)
    layer: Mapped[BallotLayer]
    vote: Mapped[Vote]
    reason: Mapped[str] = mapped_column(default="")
    rank: Mapped[int | None]
    papers: Mapped[list[Any]] = mapped_column(JsonText())
    at: Mapped[datetime]


class BallotNote(Base):
    """What a member notes for the own eyes beside a dossier; no part of the ballot or the file."""

    __tablename__ = "ballot_note"
    __table_args__ = (
        UniqueConstraint("item_id", "seat_id"),
        check("text <> ''", "says_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("council_seat.id"), index=True)
    text: Mapped[str]
    written_at: Mapped[datetime]


class RankingResult(Base):
    """What the provincial council resolved of one dossier in one round; the last one stands."""

    __tablename__ = "ranking_result"
    __table_args__ = (
        UniqueConstraint("dossier_id", "round"),
        check("round > 0", "round_is_positive"),
        check("members > 0", "has_members"),
        check("present >= 0 AND present <= members", "present_are_members"),
        check(
            "votes_for >= 0 AND votes_against >= 0 AND votes_blank >= 0 AND recused >= 0",
            "votes_are_not_negative",
        ),
        check("votes_for + votes_against + votes_blank + recused <= members", "votes_add_up"),
        check("place IS NULL OR place > 0", "place_is_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    round: Mapped[int]
    session_code: Mapped[str]
    held_on: Mapped[date]
    members: Mapped[int]
    present: Mapped[int]
    votes_for: Mapped[int]
    votes_against: Mapped[int]
    votes_blank: Mapped[int]
    recused: Mapped[int]
    method: Mapped[VoteMethod]
    mean_rank: Mapped[Decimal | None]
    place: Mapped[int | None]
    tied: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    standing: Mapped[bool] = mapped_column(default=True)


Index(
    "uq_ranking_result_standing",
    RankingResult.dossier_id,
    unique=True,
    sqlite_where=text("standing"),
    postgresql_where=text("standing"),
)
