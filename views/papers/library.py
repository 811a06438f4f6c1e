"""The template library: which template a paper is filled into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from views.papers.filling import fill
from views.papers.kinds import TEMPLATES, PaperKind


def written(session: Session, kind: PaperKind, words: Mapping[str, Any]) -> bytes:
    """The paper as a Word file."""
    return fill(template_of(session, kind), words)


def template_of(session: Session, kind: PaperKind) -> bytes:
    """The template in use."""
    del session
    return built_in(kind)


def built_in(kind: PaperKind) -> bytes:
    """The template that comes with the service."""
    return (TEMPLATES / f"{kind.value}.docx").read_bytes()
