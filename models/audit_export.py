"""The whole log as lines of JSON, in the order of the seals, for whoever checks it elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, cast

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models.chain import FIRST, canonical
from models.change_sets import body_of_set
from models.history import body_of, hashed_body
from models.tables import ChangeSet, HistoryLine, SealedLine

AT_ONCE: Final = 1000


def exported(session: Session) -> Iterator[str]:
    """Every line with its seal, then those not sealed yet, as `verify_log.py` reads them."""
    together = and_(SealedLine.stream == HistoryLine.stream, SealedLine.line_seq == HistoryLine.seq)
    sealed = session.execute(
        select(SealedLine, HistoryLine, ChangeSet)
        .outerjoin(HistoryLine, together)
        .outerjoin(ChangeSet, ChangeSet.stream == SealedLine.stream)
        .order_by(SealedLine.seq)
        .execution_options(yield_per=AT_ONCE)
    )
    for seal, line, changes in sealed:
        number = [seal.seq, seal.prev_hash, seal.hash]
        there = cast("HistoryLine | None", line) or cast("ChangeSet | None", changes)
        yield _written(there, number, seal.stream, seal.line_seq)
    loose = session.scalars(
        select(HistoryLine)
        .outerjoin(SealedLine, together)
        .where(SealedLine.seq.is_(None))
        .order_by(HistoryLine.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for line in loose:
        yield _written(line, None, line.stream, line.seq)
    late = session.scalars(
        select(ChangeSet)
        .outerjoin(SealedLine, SealedLine.stream == ChangeSet.stream)
        .where(SealedLine.seq.is_(None))
        .order_by(ChangeSet.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for changes in late:
        yield _written(changes, None, changes.stream, 1)


def _written(
    line: HistoryLine | ChangeSet | None, seal: list[Any] | None, stream: str, seq: int
) -> str:
    told: dict[str, Any] = {"seal": seal, "stream": stream, "seq": seq}
    if isinstance(line, ChangeSet):
        body = canonical(body_of_set(line.stream, line.content))
        told |= {"prev": FIRST, "hash": line.hash, "body": body}
    elif line is not None:
        body = canonical(hashed_body(line.seq, body_of(line)))
        told |= {"prev": line.prev_hash, "hash": line.hash, "body": body}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
