"""Verifying change sets: every record of changes, its lines, its personal values, its seal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, cast

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from models.change_sets import KEPT, commitment, set_hash
from models.faults import Fault, fault_at
from models.tables import ChangeSet, ChangeSetLine, HistoryLine, KeptValue, SealedLine

CHANGES: Final = "changes:"
AT_ONCE: Final = 500


def change_faults(session: Session) -> Iterator[Fault]:
    """What is wrong with the records of changes."""
    yield from _hashes(session)
    yield from _lines(session)
    yield from _gone(session)
    yield from _kept(session)


def _hashes(session: Session) -> Iterator[Fault]:
    rows = session.execute(
        select(ChangeSet, SealedLine.line_hash)
        .outerjoin(
            SealedLine, and_(SealedLine.stream == ChangeSet.stream, SealedLine.line_seq == 1)
        )
        .order_by(ChangeSet.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for one, line_hash in rows:
        sealed = cast("str | None", line_hash)
        if set_hash(one.stream, one.content) != one.hash:
            yield fault_at(one.stream, 1, "nội dung thay đổi không khớp mã băm (bị sửa)")
        elif sealed is not None and sealed != one.hash:
            yield fault_at(one.stream, 1, "thay đổi khác với bản niêm phong (bị sửa)")


def _lines(session: Session) -> Iterator[Fault]:
    """A change set names exactly the lines it was written with, and each line has one."""
    names: dict[int, set[tuple[str, int, str]]] = {}
    rows = session.execute(
        select(ChangeSetLine.change_set_id, HistoryLine.stream, HistoryLine.seq, HistoryLine.hash)
        .join(HistoryLine, HistoryLine.id == ChangeSetLine.line_id)
        .execution_options(yield_per=AT_ONCE)
    )
    for number, stream, seq, own in rows:
        names.setdefault(number, set()).add((stream, seq, own))
    first = session.scalar(select(func.min(ChangeSetLine.line_id)))
    sets = session.execute(
        select(ChangeSet.id, ChangeSet.stream, ChangeSet.content).execution_options(
            yield_per=AT_ONCE
        )
    )
    for number, stream, content in sets:
        try:
            told = {(name, seq, own) for name, seq, own in json.loads(content)["lines"]}
        except (ValueError, KeyError, TypeError):
            told = set()
        if told != names.get(number, set()):
            yield fault_at(stream, 1, "không còn đúng các dòng nhật ký đã ghi cùng (bị sửa)")
    if first is None:
        return
    alone = session.execute(
        select(HistoryLine.stream, HistoryLine.seq)
        .outerjoin(ChangeSetLine, ChangeSetLine.line_id == HistoryLine.id)
        .where(HistoryLine.id > first, ChangeSetLine.line_id.is_(None))
    )
    for stream, seq in alone:
        yield fault_at(stream, seq, "bản ghi thay đổi của dòng này bị xóa")


def _gone(session: Session) -> Iterator[Fault]:
    rows = session.execute(
        select(SealedLine.stream, SealedLine.seq)
        .outerjoin(ChangeSet, ChangeSet.stream == SealedLine.stream)
        .where(SealedLine.stream.startswith(CHANGES), ChangeSet.id.is_(None))
    )
    for stream, seq in rows:
        yield fault_at(stream, 1, f"thay đổi đã niêm phong (số {seq}) nhưng bị xóa")


def _kept(session: Session) -> Iterator[Fault]:
    """Personal values that are still there are those the record speaks of."""
    rows = session.execute(
        select(KeptValue, ChangeSet.stream, ChangeSet.content)
        .join(ChangeSet, ChangeSet.id == KeptValue.change_set_id)
        .order_by(KeptValue.change_set_id)
        .execution_options(yield_per=AT_ONCE)
    )
    for one, stream, content in rows:
        made = commitment(one.salt, one.table_name, one.row_key, one.field, one.value)
        if made != one.commitment or f'{{"{KEPT}":"{made}"}}' not in content:
            yield fault_at(stream, 1, f"giá trị cá nhân ở {one.table_name} bị sửa")


def kept_in(content: Any) -> set[str]:  # noqa: ANN401 - JSON
    """Every salted hash a record of changes speaks of."""
    if isinstance(content, dict):
        if KEPT in content:
            return {str(content[KEPT])}
        return set().union(*(kept_in(one) for one in content.values()))
    if isinstance(content, list):
        return set().union(*(kept_in(one) for one in content))
    return set()
