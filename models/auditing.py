"""Verifying the record: every stream, every head, every seal, every evaluation cited."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models.auditing_changes import CHANGES, change_faults
from models.chain import line_hash, seal_hash
from models.checkpoints import head_lines
from models.evaluations import digest_of
from models.faults import Fault, fault_at
from models.history import Head, body_of, dossier_stream, hashed_body
from models.sealing import Checkpoint
from models.signed_notes import UnsoundNote, Verifier, opened
from models.tables import Dossier, Evaluation, HistoryLine, HistoryStream, LogCheckpoint, SealedLine

AT_ONCE = 1000


def verify(session: Session, kept_outside: Checkpoint | None = None) -> list[Fault]:
    """Check the whole record; an empty list means nothing was tampered with.

    `kept_outside` is an earlier checkpoint from somewhere the database cannot reach.
    """
    found: dict[str, Head] = {}
    faults = list(_lines(session, found))
    faults += _heads(session, found)
    faults += _seals(session, kept_outside)
    faults += change_faults(session)
    faults += _checkpoints(session)
    faults += _evaluations(session)
    return faults


def _lines(session: Session, found: dict[str, Head]) -> Iterator[Fault]:
    lines = session.scalars(
        select(HistoryLine)
        .order_by(HistoryLine.stream, HistoryLine.seq)
        .execution_options(yield_per=AT_ONCE)
    )
    for line in lines:
        head = found.get(line.stream, Head())
        yield from _line(line, head)
        found[line.stream] = Head(line.seq, line.hash)


def _line(line: HistoryLine, head: Head) -> Iterator[Fault]:
    if line.seq != head.count + 1:
        yield fault_at(line.stream, line.seq, f"thiếu dòng từ {head.count + 1} đến {line.seq - 1}")
    elif line.prev_hash != head.hash:
        yield fault_at(
            line.stream, line.seq, "không nối vào dòng ngay trước (bị chèn hoặc đổi chỗ)"
        )
    body = body_of(line)
    if line_hash(line.prev_hash, hashed_body(line.seq, body)) != line.hash:
        yield fault_at(line.stream, line.seq, "nội dung không khớp mã băm (bị sửa)")


def _heads(session: Session, found: dict[str, Head]) -> Iterator[Fault]:
    kept = {
        dossier_stream(key): Head(count, last)
        for key, count, last in session.execute(
            select(Dossier.id, Dossier.history_count, Dossier.head_hash)
        )
    }
    for stream, count, last in session.execute(
        select(HistoryStream.stream, HistoryStream.count, HistoryStream.head_hash)
    ):
        kept[stream] = Head(count, last)
    for stream in sorted(kept.keys() | found.keys()):
        expected, end = kept.get(stream), found.get(stream, Head())
        if expected is None:
            yield fault_at(stream, end.count, "luồng không có hồ sơ hay đầu mối nào (bị chèn)")
        elif end.count < expected.count:
            yield fault_at(stream, end.count + 1, f"bị cắt đuôi, phải có {expected.count} dòng")
        elif end.count > expected.count:
            yield fault_at(stream, end.count, f"thừa dòng, chỉ có {expected.count} dòng (bị chèn)")
        elif end.hash != expected.hash:
            yield fault_at(stream, end.count, "dòng cuối không khớp với hồ sơ (bị sửa)")


def _seals(session: Session, kept_outside: Checkpoint | None) -> Iterator[Fault]:
    rows = session.execute(
        select(SealedLine, HistoryLine.hash)
        .outerjoin(
            HistoryLine,
            and_(
                HistoryLine.stream == SealedLine.stream,
                HistoryLine.seq == SealedLine.line_seq,
            ),
        )
        .order_by(SealedLine.seq)
        .execution_options(yield_per=AT_ONCE)
    )
    end = Checkpoint()
    for seal, line in rows:
        yield from _seal(seal, line, end)
        end = Checkpoint(seal.seq, seal.hash)
        if kept_outside and kept_outside.size == seal.seq and kept_outside.hash != seal.hash:
            yield fault_at("niêm phong", seal.seq, "khác với mốc lưu bên ngoài (bị viết lại)")
    if kept_outside and end.size < kept_outside.size:
        text = f"bị cắt đuôi, mốc lưu bên ngoài có {kept_outside.size} dòng"
        yield fault_at("niêm phong", end.size + 1, text)


def _checkpoints(session: Session) -> Iterator[Fault]:
    """Every signed checkpoint is of the line that stands at its place, and signed as it says."""
    rows = session.execute(
        select(LogCheckpoint, SealedLine.hash)
        .outerjoin(SealedLine, SealedLine.seq == LogCheckpoint.size)
        .order_by(LogCheckpoint.size)
        .execution_options(yield_per=AT_ONCE)
    )
    for found, there in rows:
        if there != found.head_hash:
            yield fault_at("mốc", found.size, "niêm phong hiện nay khác với mốc đã ký")
        try:
            text, _ = opened(found.note, [Verifier.read(found.verifier)])
        except (UnsoundNote, ValueError):
            yield fault_at("mốc", found.size, "chữ ký không hợp lệ (bị sửa)")
            continue
        if text.splitlines()[1:3] != head_lines(found.size, found.head_hash):
            yield fault_at("mốc", found.size, "văn bản đã ký nói về dòng khác (bị sửa)")


def _seal(seal: SealedLine, line: str | None, end: Checkpoint) -> Iterator[Fault]:
    if line is None and not seal.stream.startswith(CHANGES):
        yield fault_at(seal.stream, seal.line_seq, f"đã niêm phong (số {seal.seq}) nhưng bị xóa")
    elif line is not None and line != seal.line_hash:
        yield fault_at(
            seal.stream, seal.line_seq, f"khác với bản niêm phong số {seal.seq} (bị sửa)"
        )
    if seal.seq != end.size + 1:
        yield fault_at("niêm phong", seal.seq, f"thiếu từ số {end.size + 1} đến {seal.seq - 1}")
    elif seal.prev_hash != end.hash:
        yield fault_at("niêm phong", seal.seq, "không nối vào số ngay trước")
    own = seal_hash(seal.prev_hash, seal.seq, seal.stream, seal.line_seq, seal.line_hash)
    if own != seal.hash:
        yield fault_at("niêm phong", seal.seq, "nội dung không khớp mã băm (bị sửa)")


def _evaluations(session: Session) -> Iterator[Fault]:
    rows = session.execute(
        select(HistoryLine.stream, HistoryLine.seq, HistoryLine.payload, Evaluation)
        .outerjoin(Evaluation, Evaluation.id == HistoryLine.evaluation_id)
        .where(HistoryLine.evaluation_id.is_not(None))
        .order_by(HistoryLine.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for stream, seq, payload, joined in rows:
        evaluation = cast("Evaluation | None", joined)
        if evaluation is None:
            yield fault_at(stream, seq, "kết quả kiểm điều kiện của bước này bị xóa")
        elif json.loads(payload).get("evaluation") != digest_of(evaluation):
            yield fault_at(stream, seq, "kết quả kiểm điều kiện của bước này bị sửa")
