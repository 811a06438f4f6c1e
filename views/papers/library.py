"""The template library: which template a paper is filled into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from models.paper_templates import current_template
from models.tables import PaperTemplate
from views import file_desk
from views.papers.filling import fill, names_in
from views.papers.kinds import TEMPLATES, PaperKind
from views.papers.marking import mark
from views.papers.samples import sample


def written(session: Session, kind: PaperKind, words: Mapping[str, Any]) -> bytes:
    """The paper as a Word file."""
    return mark(fill(template_of(session, kind), words), kind, session)


def template_of(session: Session, kind: PaperKind) -> bytes:
    """The template in use: the office's own, or the one that comes with the service."""
    own = current_template(session, kind.value)
    return built_in(kind) if own is None else content_of(own)


def built_in(kind: PaperKind) -> bytes:
    """The template that comes with the service."""
    return (TEMPLATES / f"{kind.value}.docx").read_bytes()


def content_of(template: PaperTemplate) -> bytes:
    """A changed template's file. Raises `FileLost` when it is not in the store."""
    return file_desk.lying(template.sha256, template.file_name).read_bytes()


def previewed(kind: PaperKind, template: bytes) -> bytes:
    """A template filled with the sample; raises `BrokenTemplate` with everything wrong."""
    return fill(template, sample(kind))


def left_out(kind: PaperKind, template: bytes) -> list[str]:
    """Names the built-in template uses and this one does not: perhaps forgotten."""
    return sorted(names_in(built_in(kind)) - names_in(template))
