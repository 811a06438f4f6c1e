"""The whole log as lines of JSON, in the order of the seals, for whoever checks it elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models.chain import canonical
from models.history import body_of, hashed_body
from models.tables import HistoryLine, SealedLine

AT_ONCE: Final = 1000


def exported(session: Session) -> Iterator[str]:
    """Every line with its seal, then those not sealed yet, as `verify_log.py` reads them."""
    together = and_(SealedLine.stream == HistoryLine.stream, SealedLine.line_seq == HistoryLine.seq)
    sealed = session.execute(
        select(SealedLine, HistoryLine)
        .outerjoin(HistoryLine, together)
        .order_by(SealedLine.seq)
        .execution_options(yield_per=AT_ONCE)
    )
    for seal, line in sealed:
        yield _written(line, [seal.seq, seal.prev_hash, seal.hash], seal.stream, seal.line_seq)
    loose = session.scalars(
        select(HistoryLine)
        .outerjoin(SealedLine, together)
        .where(SealedLine.seq.is_(None))
        .order_by(HistoryLine.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for line in loose:
        yield _written(line, None, line.stream, line.seq)


def _written(line: HistoryLine | None, seal: list[Any] | None, stream: str, seq: int) -> str:
    told: dict[str, Any] = {"seal": seal, "stream": stream, "seq": seq}
    if line is not None:
        body = canonical(hashed_body(line.seq, body_of(line)))
        told |= {"prev": line.prev_hash, "hash": line.hash, "body": body}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
