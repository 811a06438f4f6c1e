"""Sealing: all streams linked into one chain, in the background, in the order of their rows.

A line is written without waiting for anybody; the seal comes within the minute. From then on a
changed, removed or added line shows in two places, and a checkpoint kept outside shows even a
rewritten chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, literal, select
from sqlalchemy.orm import Session

from models.chain import FIRST, seal_hash
from models.inserting import insert_once
from models.tables import ChangeSet, HistoryLine, SealedLine


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The end of the sealed chain: how many lines, and the hash of the last. Keep it outside."""

    size: int = 0
    hash: str = FIRST


def seal_new_lines(session: Session, now: datetime, batch: int = 500) -> int:
    """Seal up to `batch` lines not sealed yet; returns how many.

    Two sealers may run: the number of a seal is unique, the slower one stops.
    """
    begin = end = checkpoint(session)
    for stream, line_seq, line_hash in _unsealed(session, batch):
        seq = end.size + 1
        sealed = seal_hash(end.hash, seq, stream, line_seq, line_hash)
        made = insert_once(
            session,
            SealedLine,
            seq=seq,
            stream=stream,
            line_seq=line_seq,
            line_hash=line_hash,
            prev_hash=end.hash,
            hash=sealed,
            sealed_at=now,
        )
        if not made:
            break
        end = Checkpoint(seq, sealed)
    return end.size - begin.size


def checkpoint(session: Session) -> Checkpoint:
    """The present end of the sealed chain."""
    last = session.execute(
        select(SealedLine.seq, SealedLine.hash).order_by(SealedLine.seq.desc()).limit(1)
    ).first()
    return Checkpoint(last.seq, last.hash) if last else Checkpoint()


def _unsealed(session: Session, batch: int) -> list[tuple[str, int, str]]:
    """Stream, number and hash of what has no seal: lines first, then what they changed."""
    lines = session.execute(
        select(HistoryLine.stream, HistoryLine.seq, HistoryLine.hash)
        .outerjoin(
            SealedLine,
            and_(
                SealedLine.stream == HistoryLine.stream,
                SealedLine.line_seq == HistoryLine.seq,
            ),
        )
        .where(SealedLine.seq.is_(None))
        .order_by(HistoryLine.id)
        .limit(batch)
    ).all()
    sets = session.execute(
        select(ChangeSet.stream, literal(1), ChangeSet.hash)
        .outerjoin(
            SealedLine, and_(SealedLine.stream == ChangeSet.stream, SealedLine.line_seq == 1)
        )
        .where(SealedLine.seq.is_(None))
        .order_by(ChangeSet.id)
        .limit(batch - len(lines))
    ).all()
    return [(stream, seq, own) for stream, seq, own in (*lines, *sets)]
