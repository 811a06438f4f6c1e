"""Places where the record does not hold together, in words."""

from __future__ import annotations

from dataclasses import dataclass

from workflow.words import phrase


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where the record does not hold together."""

    stream: str
    seq: int
    text: str


def fault_at(stream: str, seq: int, text: str) -> Fault:
    """A fault of a line, as a Vietnamese sentence."""
    return Fault(
        stream,
        seq,
        phrase("Nhật ký {stream}, dòng {seq}: {text}.", stream=stream, seq=seq, text=text),
    )
